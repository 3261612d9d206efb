//! C and C++: clang makes a core module of the author's file and the SDK, and a component is made of it here.
//!
//! The SDK is C in either case, and compiled once: its objects stay until another SDK or compiler comes.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::{
    super::{
        Language,
        sdk::write_file,
        tool::{self, Found, Tool},
    },
    Recipe, assemble,
};

const CLANG: Tool = Tool {
    name: "clang with WASI's C library",
    candidates: &["clang-19", "clang", "python3 -m ziglang cc"],
    probe: &["--version"],
    install: &[
        "apt install clang-19 lld-19 wasi-libc libclang-rt-19-dev-wasm32",
        "brew install llvm lld wasi-libc",
        "pip install ziglang==0.15.2",
    ],
};
const CLANG_CPP: Tool = Tool {
    name: "clang++ with WASI's C++ library",
    candidates: &["clang++-19", "clang++", "python3 -m ziglang c++"],
    install: &[
        "apt install clang-19 lld-19 wasi-libc libclang-rt-19-dev-wasm32 libc++-19-dev-wasm32",
        "pip install ziglang==0.15.2",
    ],
    ..CLANG
};
/// For every file. Zig's compiler would check for what is undefined, at the price of half the speed, and leave assertions out.
const COMMON: [&str; 5] = [
    "--target=wasm32-wasi",
    "-O2",
    "-Wall",
    "-fno-sanitize=undefined",
    "-UNDEBUG",
];
/// For the module. The stack is part of every sandbox, and Zig's own default is 16 MiB.
const LINK: [&str; 2] = ["-mexec-model=reactor", "-Wl,-z,stack-size=262144"];
/// For the module, if it shall not know the lines of its source; names stay, for backtraces.
const STRIPPED: &str = "-Wl,--strip-debug";
/// The folders of the SDK's sources.
pub(super) const SOURCES: [&str; 2] = ["src", "bindings"];

/// Builds the component.
pub(super) fn build(recipe: &Recipe<'_>) -> anyhow::Result<()> {
    let c = CLANG.find(recipe.folder())?;
    let module = recipe.beside("module.wasm");
    let objects = objects(recipe, &c)?;
    let is_cpp = recipe.project.manifest.language == Language::Cpp;
    let (compiler, standard) = if is_cpp {
        let cpp = CLANG_CPP.find(recipe.folder())?;
        (cpp, &["-std=c++23", "-fno-exceptions", "-fno-rtti"][..])
    } else {
        (c, &["-std=c17"][..])
    };
    let mut command = compiler.command(recipe.folder());
    command
        .args(COMMON)
        .args(standard)
        .args(LINK)
        .args(lines(recipe))
        .args((!recipe.has_lines()).then_some(STRIPPED))
        .arg("-I")
        .arg(recipe.sdk.join("include"))
        // As it is written in scorer.toml, so that messages and panics name it so.
        .arg(&recipe.project.manifest.source)
        .args(recipe.flags())
        .args(objects)
        .arg("-o")
        .arg(&module);
    tool::run(&mut command)?;
    let bytes = fs::read(&module).with_context(|| format!("reading {}", module.display()))?;
    fs::write(&recipe.target, assemble::component(&bytes)?).context("writing the component")
}

/// What debug information there is to be: lines, and files as the project has them.
fn lines(recipe: &Recipe<'_>) -> Vec<String> {
    if !recipe.has_lines() {
        return vec!["-g0".to_owned()];
    }
    let folder = recipe.folder().display();
    vec![
        "-gline-tables-only".to_owned(),
        format!("-ffile-prefix-map={folder}=."),
    ]
}

/// The SDK's objects, compiled if they are not there.
fn objects(recipe: &Recipe<'_>, compiler: &Found) -> anyhow::Result<Vec<PathBuf>> {
    let folder = recipe.project.ours("objects");
    let stamp = folder.join("version");
    let sdk = fs::read_to_string(recipe.sdk.join("version")).unwrap_or_default();
    let lines = lines(recipe);
    let wanted = format!("{sdk}{compiler:?}{lines:?}\n");
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return with_end(&folder, "o");
    }
    if folder.exists() {
        fs::remove_dir_all(&folder).context("removing the SDK's former objects")?;
    }
    fs::create_dir_all(&folder).context("making a folder for the SDK's objects")?;
    for sources in SOURCES {
        // One by one: of several files at once Zig's compiler leaves the last one's object alone.
        for source in with_end(&recipe.sdk.join(sources), "c")? {
            let mut command = compiler.command(&folder);
            command
                .args(COMMON)
                .args(&lines)
                .args(["-std=c17", "-c", "-I"])
                .arg(recipe.sdk.join("include"))
                .arg(source);
            tool::run(&mut command)?;
        }
    }
    write_file(&stamp, wanted.as_bytes())?;
    with_end(&folder, "o")
}

/// The files of `folder` whose names end so, in their order.
pub(super) fn with_end(folder: &Path, end: &str) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    let mut files: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|found| found == end))
        .collect();
    files.sort();
    Ok(files)
}
