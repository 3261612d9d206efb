//! Writes the table of the files that the program carries for projects: `sdk/` and `wit/`, but for what only we need.

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

/// Folders of an SDK that no project gets: what tools leave behind, and what tests the SDK itself.
const LEFT_OUT: [&str; 8] = [
    "target",
    "node_modules",
    "__pycache__",
    ".venv",
    ".mlwasm",
    "tests",
    "iris",
    "iris-cpp",
];

/// Writes `embedded.rs` into the folder of this build.
pub(crate) fn write(root: &Path) -> Result<(), Box<dyn Error>> {
    let mut files = Vec::new();
    collect(&root.join("wit"), Depth::Inside, &mut files)?;
    for language in sorted(&root.join("sdk"))? {
        // The cases that all languages' iris must pass are no language.
        if language.is_dir() && !language.ends_with("golden") {
            collect(&language, Depth::Top, &mut files)?;
        }
    }
    let mut table = String::from("&[\n");
    for file in files {
        println!("cargo:rerun-if-changed={}", file.display());
        let name = file.strip_prefix(root)?.display().to_string();
        writeln!(table, "    ({name:?}, include_bytes!({file:?})),")?;
    }
    table.push_str("]\n");
    fs::write(
        PathBuf::from(env::var("OUT_DIR")?).join("embedded.rs"),
        table,
    )?;
    Ok(())
}

/// Whether a folder is the SDK itself, where some folders are left out, or lies within what is taken.
#[derive(Clone, Copy)]
enum Depth {
    Top,
    Inside,
}

fn collect(folder: &Path, depth: Depth, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for path in sorted(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // What tools leave behind lies anywhere; a template may well have a folder `golden`.
        let left_out = match depth {
            Depth::Top => &LEFT_OUT[..],
            Depth::Inside => &LEFT_OUT[..5],
        };
        if path.is_file() {
            files.push(path);
        } else if !path.is_symlink() && !left_out.contains(&&*name) {
            if matches!(depth, Depth::Top) {
                // A file that is added is noticed too.
                println!("cargo:rerun-if-changed={}", path.display());
            }
            collect(&path, Depth::Inside, files)?;
        }
    }
    Ok(())
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths: Vec<_> = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_, std::io::Error>>()?;
    paths.sort();
    Ok(paths)
}
