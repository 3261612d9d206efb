//! The libraries for scorers hold their own unit tests, which need neither a server nor WebAssembly. Those in Rust are the
//! workspace's own.

use std::process::Command;

use mlwasm_harness::{languages, workspace};

/// Runs a command in a folder of the workspace, and fails with what it printed.
fn passes(folder: &str, command: &[&str]) {
    let [program, arguments @ ..] = command else {
        panic!("no command");
    };
    let ended = Command::new(program)
        .args(arguments)
        .current_dir(workspace().join(folder))
        .envs(languages())
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
