//! `mlwasm dev`: every save is served, or told why not.

use mlwasm_harness::{Commands, Following};

const SETOSA: &str = r#"{"data": [[5.1, 3.5, 1.4, 0.2]]}"#;
const SCORER: &str = "garden/src/lib.rs";
/// The last line of a turn.
const DONE: &str = "waiting for a save";

/// A project that is served, and where.
async fn served(commands: &Commands) -> (Following, String) {
    let new = ["new", "garden", "--lang", "rust"];
    commands.run(&new).await.succeeded();
    let free = "127.0.0.1:0";
    let dev = commands.follow(&["dev", "garden", "--listen", free, "--admin-listen", free]);
    let line = dev.line_with("serving garden at http://127.0.0.1:");
    let scoring = line.split(' ').nth(3).unwrap().trim_end_matches(',');
    let uri = format!("{scoring}/endpoints/garden/score");
    dev.lines_with(&[
        "built garden/build/garden.wasm",
        "revision 1 serves",
        "one flower: 200",
        DONE,
    ]);
    (dev, uri)
}

#[tokio::test]
async fn every_save_is_served_and_one_that_breaks_leaves_the_former_revision() {
    let commands = Commands::new();
    let (dev, uri) = served(&commands).await;
    // Nobody needs a key.
    let ask = async || commands.post(&uri, SETOSA).await;
    let flower = (200, r#"{"labels":[0],"what":"flower"}"#.to_owned());
    assert_eq!(ask().await, flower);

    // A better scorer.
    commands.replace(
        SCORER,
        "what: self.what.clone()",
        "what: self.what.to_uppercase()",
    );
    dev.lines_with(&[
        "saved: garden/src/lib.rs",
        "revision 2 serves",
        r#""what":"FLOWER""#,
        "differs from golden/: $.what",
        DONE,
    ]);
    assert_eq!(ask().await.1, r#"{"labels":[0],"what":"FLOWER"}"#);

    // One that does not compile.
    commands.replace(SCORER, "to_uppercase()", "to_upper_case()");
    dev.lines_with(&["src/lib.rs:", "to_upper_case", "error: cargo build", DONE]);
    assert_eq!(ask().await.1, r#"{"labels":[0],"what":"FLOWER"}"#);

    // One whose init fails.
    commands.replace(SCORER, "to_upper_case()", "clone()");
    dev.lines_with(&["revision 3 serves", r#""what":"flower""#, DONE]);
    commands.replace(SCORER, "Model::open(\"model\")?", "Model::open(\"other\")?");
    dev.lines_with(&["init failed", "revision 3 still serves", DONE]);
    assert_eq!(ask().await, flower);

    assert_eq!(dev.interrupt().await, 0);
}

#[tokio::test]
async fn what_a_scorer_prints_and_where_it_fails_is_shown() {
    let commands = Commands::new();
    let (dev, uri) = served(&commands).await;

    commands.replace(
        SCORER,
        "let rows: Rows",
        "println!(\"{}\", request.id.len() > 0);\n        let rows: Rows",
    );
    dev.lines_with(&["revision 2 serves", "stdout | true", DONE]);
    commands.replace(SCORER, "println!", "panic!");
    dev.lines_with(&[
        "panicked at src/lib.rs:",
        "one flower: 424",
        "backtrace:",
        "MyScorer",
        DONE,
    ]);
    assert_eq!(commands.post(&uri, SETOSA).await.0, 424);

    // The settings are followed as the code is.
    commands.replace(SCORER, "panic!", "println!");
    dev.lines_with(&["one flower: 200", DONE]);
    commands.replace(
        "garden/deployment.yml",
        "GREETING: flower",
        "GREETING: bloom",
    );
    dev.lines_with(&[
        "saved: garden/deployment.yml",
        r#"{"labels":[0],"what":"bloom"}"#,
        DONE,
    ]);
}

#[tokio::test]
async fn what_is_in_development_is_served_to_this_machine_only() {
    let commands = Commands::new();
    commands
        .run(&["new", "open", "--lang", "rust"])
        .await
        .succeeded();
    for option in ["--listen", "--admin-listen"] {
        let refused = commands.run(&["dev", "open", option, "0.0.0.0:0"]).await;
        refused.refused(1, &["0.0.0.0:0", "loopback"]);
    }
}
