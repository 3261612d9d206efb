//! How a file is named to people: the author's own as in the project, others' by whose they are.

/// What is written before the files of Rust's own libraries.
const RUST: &str = "rust:";
/// Before those of other crates.
const CARGO: &str = "cargo:";
/// Before those of C++'s library.
const CPP: &str = "libc++:";
/// Before those of this platform's libraries for scorers.
const MLWASM: &str = "mlwasm:";

/// The name of the file `path`, which was compiled in the folder `compiled_in`, without what only that machine knows.
pub(crate) fn shortened_path(path: &str, compiled_in: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    if let Some(rest) = after(path, "/.mlwasm/sdk/").or_else(|| path.strip_prefix(".mlwasm/sdk/")) {
        return format!("{MLWASM}{rest}");
    }
    let is_rusts = path.starts_with("/rustc/") || path.contains("/rustlib/src/rust/");
    if is_rusts && let Some(rest) = after(path, "/library/") {
        return format!("{RUST}{rest}");
    }
    for folder in ["/registry/src/", "/git/checkouts/"] {
        if let Some((_, rest)) = after(path, folder).and_then(|rest| rest.split_once('/')) {
            return format!("{CARGO}{rest}");
        }
    }
    for folder in ["/libcxx/", "/include/c++/v1/", "/wasm32-wasi/c++/v1/"] {
        if let Some(rest) = after(path, folder) {
            return format!("{CPP}{rest}");
        }
    }
    let within = path.strip_prefix(compiled_in.trim_end_matches('/'));
    match within.and_then(|rest| rest.strip_prefix('/')) {
        Some(rest) if !compiled_in.is_empty() => rest.strip_prefix("./").unwrap_or(rest).to_owned(),
        _ => path.to_owned(),
    }
}

/// Whether a file of that name is one of the project's.
pub(crate) fn is_authors(file: &str) -> bool {
    let is_others = |mark: &&str| file.starts_with(*mark);
    !file.starts_with(['/', '<']) && ![RUST, CARGO, CPP, MLWASM].iter().any(is_others)
}

fn after<'a>(path: &'a str, part: &str) -> Option<&'a str> {
    path.split_once(part).map(|(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_as_its_author_knows_it() {
        for (path, name, authors) in [
            ("/home/a/flowers/src/lib.rs", "src/lib.rs", true),
            ("/home/a/flowers/./score.c", "score.c", true),
            (
                "/home/a/flowers2/src/lib.rs",
                "/home/a/flowers2/src/lib.rs",
                false,
            ),
            ("score.c", "score.c", true),
            ("./score.c", "score.c", true),
            (
                "/rustc/59807616/library/core/src/option.rs",
                "rust:core/src/option.rs",
                false,
            ),
            (
                "/home/a/.rustup/toolchains/stable/lib/rustlib/src/rust/library/std/src/panicking.rs",
                "rust:std/src/panicking.rs",
                false,
            ),
            (
                "/home/a/.cargo/registry/src/index.crates.io-1949/serde-1.0.1/src/de.rs",
                "cargo:serde-1.0.1/src/de.rs",
                false,
            ),
            (
                "/home/a/.cargo/git/checkouts/own-12/34ab/src/a.rs",
                "cargo:34ab/src/a.rs",
                false,
            ),
            (
                "/home/a/flowers/.mlwasm/sdk/src/json.c",
                "mlwasm:src/json.c",
                false,
            ),
            (".mlwasm/sdk/src/json.c", "mlwasm:src/json.c", false),
            (
                "/usr/include/wasm32-wasi/c++/v1/vector",
                "libc++:vector",
                false,
            ),
            (
                "/opt/zig/lib/libcxx/src/verbose_abort.cpp",
                "libc++:src/verbose_abort.cpp",
                false,
            ),
            ("/usr/include/stdio.h", "/usr/include/stdio.h", false),
            ("<unknown>", "<unknown>", false),
        ] {
            assert_eq!(shortened_path(path, "/home/a/flowers"), name);
            assert_eq!(is_authors(name), authors, "{name}");
        }
        assert_eq!(shortened_path("/a/b.c", ""), "/a/b.c");
        assert_eq!(shortened_path("/a/b.c", "/"), "a/b.c");
    }
}
