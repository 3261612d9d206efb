//! The libraries for scorers hold their own unit tests, which need neither a server nor WebAssembly. Those in Rust are the
//! workspace's own.

use std::{env, process::Command};

use mlwasm_harness::workspace;

/// Runs a command in a folder of the workspace, and fails with what it printed.
fn passes(folder: &str, command: &[&str]) {
    let tools = env::var("SUITE_LANGUAGES").expect(
        "SUITE_LANGUAGES is not set: run the tests by `cargo xtask test`, or set it to what `cargo xtask languages` prints",
    );
    let path = env::var("PATH").unwrap();
    let [program, arguments @ ..] = command else {
        panic!("no command");
    };
    let ended = Command::new(program)
        .args(arguments)
        .current_dir(workspace().join(folder))
        .env("PATH", format!("{tools}/bin:{path}"))
        .env("PYTHONPATH", &tools)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("GOCACHE", workspace().join("target/languages/go"))
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(ended.status.success(), "{command:?}: {ended:#?}");
}

#[test]
fn the_library_for_python_holds_its_tests() {
    passes(
        "sdk/python",
        &["python3", "-m", "unittest", "discover", "tests"],
    );
}

#[test]
fn the_library_for_javascript_holds_its_tests() {
    passes("sdk/js", &["node", "--test", "tests/"]);
}

#[test]
fn the_libraries_for_c_and_cpp_hold_their_tests() {
    passes("sdk/c", &["tests/run.sh"]);
}

#[test]
fn the_library_for_go_holds_its_tests() {
    passes("sdk/go", &["go", "test", "./tests"]);
}
