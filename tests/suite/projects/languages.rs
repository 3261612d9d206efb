//! Every language's project builds and answers its golden requests.
//!
//! A language's test runs where its tools are, which `cargo xtask test` provides; elsewhere it proves nothing and passes.

use std::path::Path;

use mlwasm_harness::Commands;

/// A language, and what of its tools must be there: programs on the path.
struct Row {
    language: &'static str,
    programs: &'static [&'static str],
}

/// Each language that has a template. Who adds one adds a row and a test below.
const LANGUAGES: &[Row] = &[
    Row {
        language: "rust",
        programs: &["cargo"],
    },
    Row {
        language: "python",
        programs: &["python3", "componentize-py"],
    },
    // Their packages come by `npm install`, which only a machine with a registry can do.
    Row {
        language: "js",
        programs: &["node", "npm", "esbuild"],
    },
    Row {
        language: "ts",
        programs: &["node", "npm", "esbuild"],
    },
];

#[tokio::test]
async fn every_language_that_is_offered_has_a_row() {
    let commands = Commands::new();
    for language in ["rust", "python", "js", "ts", "c", "cpp", "go"] {
        let name = format!("a-{language}");
        let made = commands.run(&["new", &name, "--lang", language]).await;
        let has_row = LANGUAGES.iter().any(|row| row.language == language);
        assert_eq!(made.code == 0, has_row, "{made:#?}");
    }
}

#[tokio::test]
async fn a_project_in_rust_passes_its_own_tests() {
    the_project_passes_its_own_tests("rust").await;
}

async fn the_project_passes_its_own_tests(language: &str) {
    let mut rows = LANGUAGES.iter();
    let row = rows.find(|row| row.language == language).unwrap();
    if !row.programs.iter().all(|program| is_on_path(program)) {
        return;
    }
    let commands = Commands::new();
    let name = ["new", "flowers", "--lang", language];
    commands.run(&name).await.succeeded();
    let tested = commands.run(&["test", "flowers"]).await.ok();
    assert!(tested.stderr.contains(" 0 failed"), "{tested:#?}");
    let shown = commands
        .run(&["inspect", "flowers/build/flowers.wasm", "--no-run"])
        .await
        .ok();
    assert!(!shown.stdout.contains("REFUSED"), "{shown:#?}");
}

fn is_on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .any(|folder: std::path::PathBuf| Path::new(&folder).join(program).is_file())
}
