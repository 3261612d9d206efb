//! A scorer's author has a loop: a project, a build, golden requests, and a server that follows every save.

mod dev;
mod endurance;
mod languages;

use mlwasm_harness::Commands;
use serde_json::json;

#[tokio::test]
async fn a_new_project_builds_passes_its_tests_and_is_blessed_after_a_change() {
    let commands = Commands::new();
    commands
        .run(&["new", "flowers", "--lang", "rust"])
        .await
        .succeeded();
    let project = commands.home().join("flowers");
    let tested = commands.run(&["test", "flowers"]).await.ok();
    assert!(
        tested.stderr.contains("built flowers/build/flowers.wasm"),
        "{tested:#?}"
    );
    assert!(tested.stderr.contains("init: ok"), "{tested:#?}");
    assert!(tested.stderr.contains("3 passed, 0 failed"), "{tested:#?}");

    // A change of the settings that the answers show.
    commands.replace(
        "flowers/deployment.yml",
        "GREETING: flower",
        "GREETING: bloom",
    );
    let changed = commands.run(&["test", "flowers", "--no-build"]).await;
    assert_eq!(changed.code, 1, "{changed:#?}");
    assert!(
        changed.stderr.contains("1 passed, 2 failed"),
        "{changed:#?}"
    );
    for line in [
        "FAILED one flower",
        "    $.what",
        "      - \"flower\"",
        "      + \"bloom\"",
        "ok     no flower",
    ] {
        assert!(
            changed.stdout.lines().any(|found| found.starts_with(line)),
            "{line}: {changed:#?}"
        );
    }
    let only = commands
        .run(&["test", "flowers", "--no-build", "--filter", "no flower"])
        .await
        .ok();
    assert!(only.stderr.contains("1 passed, 0 failed"), "{only:#?}");

    commands
        .run(&["test", "flowers", "--no-build", "--bless"])
        .await
        .succeeded();
    let golden = std::fs::read_to_string(project.join("golden/requests.json")).unwrap();
    assert!(
        golden.contains(r#""request": {"json": {"data": [[5.1, 3.5, 1.4, 0.2]]}}"#),
        "{golden}"
    );
    assert!(golden.contains(r#""what": "bloom""#), "{golden}");
    let blessed = commands
        .run(&["test", "flowers", "--no-build", "-o", "json"])
        .await
        .ok()
        .json();
    assert_eq!(blessed[0]["name"], "one flower");
    assert_eq!(
        blessed
            .as_array()
            .unwrap()
            .iter()
            .filter(|case| case["passed"] == json!(true))
            .count(),
        3
    );
}

#[tokio::test]
async fn a_scorer_that_fails_is_shown_with_where_it_was() {
    let commands = Commands::new();
    commands
        .run(&["new", "faulty", "--lang", "rust"])
        .await
        .succeeded();
    commands.replace("faulty/src/lib.rs", "        if rows.data.is_empty() {\n", "        println!(\"{} rows\", rows.data.len());\n        if rows.data.is_empty() {\n            panic!(\"no rows\");\n        }\n        if rows.data.is_empty() {\n");

    let tested = commands.run(&["test", "faulty"]).await;

    assert_eq!(tested.code, 1, "{tested:#?}");
    for text in [
        "FAILED no flower",
        "+ it trapped",
        "stdout | 0 rows",
        // Rust says itself where it panicked.
        "panicked at src/lib.rs:4",
        "no rows",
        "backtrace:",
        "MyScorer",
    ] {
        assert!(tested.stdout.contains(text), "{text}: {tested:#?}");
    }
    assert!(tested.stdout.contains("ok     two flowers"), "{tested:#?}");

    // What does not compile is told by the compiler, and the former component stays.
    commands.replace("faulty/src/lib.rs", "fn run(", "fn walk(");
    let built = commands.run(&["build", "faulty"]).await;
    assert_eq!((built.code, built.stdout.as_str()), (1, ""), "{built:#?}");
    let last = built.stderr.lines().last().unwrap();
    assert!(last.starts_with("error: cargo build --release"), "{last}");
    assert!(last.ends_with("its messages are above"), "{last}");
    assert!(built.stderr.contains("src/lib.rs:"), "{built:#?}");
    assert!(commands.home().join("faulty/build/faulty.wasm").is_file());

    // And one whose init fails is shown so.
    commands.replace("faulty/src/lib.rs", "fn walk(", "fn run(");
    commands.replace(
        "faulty/src/lib.rs",
        "Model::open(\"model\")?",
        "Model::open(\"other\")?",
    );
    commands
        .run(&["test", "faulty"])
        .await
        .refused(1, &["init failed", "other"]);
}

#[tokio::test]
async fn what_is_wrong_with_a_project_is_said_with_its_place() {
    let commands = Commands::new();
    commands
        .run(&["new", "wrong", "--lang", "rust"])
        .await
        .succeeded();
    let manifest = "wrong/scorer.toml";
    commands
        .run(&["build", "."])
        .await
        .refused(1, &["is no project", "mlwasm new"]);
    commands
        .run(&["new", "wrong", "--lang", "rust"])
        .await
        .refused(1, &["is there already and is not empty"]);
    commands
        .run(&["new", "a_b", "--lang", "rust"])
        .await
        .refused(1, &["a_b"]);
    assert_eq!(commands.run(&["new", "x", "--lang", "cobol"]).await.code, 2);

    commands.replace(manifest, "source = \".\"", "sauce = \".\"");
    commands
        .run(&["build", "wrong"])
        .await
        .refused(1, &["scorer.toml", "3:1: unknown field sauce"]);
    commands.replace(manifest, "sauce = \".\"", "source = \"nowhere\"");
    commands
        .run(&["build", "wrong"])
        .await
        .refused(1, &["there is no", "wrong/nowhere"]);
    commands.replace(manifest, "source = \"nowhere\"", "source = \".\"");

    // No tool of that name is anywhere.
    let missing = commands
        .run_with_env(&[("PATH", "/nowhere")], &["build", "wrong"])
        .await;
    missing.refused(1, &["cargo is missing", "install it by", "rustup"]);

    commands.file("wrong/golden/requests.json", b"[\n  {\"name\": 1}\n]");
    commands
        .run(&["test", "wrong", "--no-build"])
        .await
        .refused(1, &["golden/requests.json:2:12: invalid type"]);
}
