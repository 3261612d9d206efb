//! The command line: data on standard output, words on standard error, and an exit code that says which it is.

use mlwasm_harness::{Platform, guests};
use serde_json::{Value, json};

use crate::support::{blue_and_green, platform_with};

#[tokio::test]
async fn help_names_every_command() {
    let platform = Platform::start().await;
    let output = platform.cli(&["--help"]).await.ok();
    for command in [
        "serve",
        "deploy",
        "endpoint",
        "deployment",
        "traffic",
        "mirror",
        "invoke",
        "keys",
    ] {
        assert!(output.stdout.contains(command), "{command}: {output:#?}");
        let output = platform.cli(&[command, "--help"]).await.ok();
        assert!(output.stdout.contains("Usage: mlwasm"), "{output:#?}");
    }
    let output = platform.cli(&["--version"]).await.ok();
    assert!(output.stdout.starts_with("mlwasm "), "{output:#?}");
}

#[tokio::test]
async fn wrong_usage_is_2() {
    let platform = Platform::start().await;
    let scorer = guests::path("echo");
    let scorer = scorer.to_str().unwrap();
    for arguments in [
        &[][..],
        &["nonsense"],
        &["deploy"],
        &["deploy", scorer, "--name", "blue"],
        &["deploy", "--endpoint", "e", "--name", "blue"],
        &["traffic", "e", "blue"],
        &["endpoint", "show", "e", "--output", "xml"],
        &["keys", "e", "regenerate", "third"],
    ] {
        let output = platform.cli(arguments).await;
        assert_eq!(output.code, 2, "{output:#?}");
        assert!(output.stdout.is_empty(), "{output:#?}");
        assert!(!output.stderr.is_empty(), "{output:#?}");
    }
}

#[tokio::test]
async fn what_does_not_exist_is_3_and_named() {
    let platform = blue_and_green().await;
    for arguments in [
        &["endpoint", "show", "-n", "nowhere"][..],
        &["endpoint", "delete", "-n", "nowhere", "--yes"],
        &["deployment", "show", "-e", "nowhere", "-n", "blue"],
        &["deployment", "list", "-e", "nowhere"],
        &["deployment", "logs", "-e", "nowhere", "-n", "blue"],
        &["traffic", "nowhere"],
        &["traffic", "nowhere", "blue=100"],
        &["mirror", "nowhere"],
        &["keys", "nowhere", "show"],
        &["invoke", "nowhere", "--data", "{}"],
    ] {
        platform.cli(arguments).await.refused(3, &["nowhere"]);
    }
    for arguments in [
        &["deployment", "show", "-e", "e", "-n", "red"][..],
        &["deployment", "delete", "-e", "e", "-n", "red", "--yes"],
        &[
            "deployment",
            "update",
            "-e",
            "e",
            "-n",
            "red",
            "--set",
            "instance_count=1",
        ],
    ] {
        platform.cli(arguments).await.refused(3, &["red"]);
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_one_clear_sentence() {
    let platform = Platform::start().await;
    // A port that was free a moment ago, on an address of this machine.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    for arguments in [&["endpoint", "list"][..], &["traffic", "e"]] {
        let output = platform
            .cli_with_env(&[("MLWASM_SERVER", &address)], arguments)
            .await;
        output.refused(1, &[&address]);
    }
}

#[tokio::test]
async fn a_wrong_token_is_one_clear_sentence() {
    let platform = Platform::start().await;
    let output = platform
        .cli_with_env(&[("MLWASM_TOKEN", "wrong")], &["endpoint", "list"])
        .await;
    output.refused(1, &["token"]);
    assert!(!output.stderr.contains("wrong"), "{output:#?}");
}

#[tokio::test]
async fn every_form_of_output_says_the_same() {
    let platform = blue_and_green().await;
    let show = async |form: &str| {
        let arguments = ["endpoint", "show", "-n", "e", "-o", form];
        platform.cli(&arguments).await.ok().stdout
    };
    let json: Value = serde_json::from_str(&show("json").await).unwrap();
    assert_eq!(json["name"], "e");
    assert_eq!(json["auth_mode"], "key");
    assert_eq!(json["traffic"]["blue"], 100);
    assert_eq!(json["provisioning_state"], "Succeeded");
    let uri = json["scoring_uri"].as_str().unwrap();
    assert!(show("yaml").await.contains("name: e\n"));
    for form in ["table", "tsv", "yaml"] {
        let text = show(form).await;
        assert!(text.contains(uri), "{form}: {text}");
    }
    let list = platform
        .cli(&["deployment", "list", "-e", "e", "-o", "json"])
        .await
        .ok();
    let names: Vec<_> = list
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|deployment| deployment["name"].clone())
        .collect();
    assert_eq!(names, ["blue", "green"]);
}

#[tokio::test]
async fn a_query_picks_what_a_script_needs() {
    let platform = blue_and_green().await;
    let query = async |query: &str, form: &str| {
        let show = ["endpoint", "show", "-n", "e", "--query", query, "-o", form];
        platform.cli(&show).await.ok().stdout
    };
    let uri = format!("{}/endpoints/e/score", platform.server().scoring());
    assert_eq!(query("scoring_uri", "tsv").await.trim_end(), uri);
    assert_eq!(query("traffic.blue", "json").await.trim_end(), "100");
    let names = [
        "deployment",
        "list",
        "-e",
        "e",
        "--query",
        "[].name",
        "-o",
        "tsv",
    ];
    let output = platform.cli(&names).await.ok();
    let names: Vec<_> = output.stdout.split_whitespace().collect();
    assert_eq!(names, ["blue", "green"]);

    let bad = ["endpoint", "list", "--query", "[?"];
    let output = platform.cli(&bad).await;
    assert_eq!(output.code, 2, "{output:#?}");
}

#[tokio::test]
async fn data_and_words_go_apart() {
    let platform = Platform::start().await;
    let output = platform
        .deploy(guests::path("echo"))
        .to("e", "blue")
        .arguments(&["-o", "json"])
        .attempt()
        .await
        .ok();
    assert_eq!(output.json()["name"], "blue");
    assert!(!output.stderr.contains('{'), "{output:#?}");
    // Nobody looks at it through a terminal: no colours, no bars.
    assert!(!output.stderr.contains('\u{1b}') && !output.stdout.contains('\u{1b}'));
}

#[tokio::test]
async fn progress_is_for_those_who_watch() {
    let platform = Platform::start().await;
    let deploy = platform.deploy(guests::path("echo")).to("e", "blue");
    let output = deploy.attempt().await.ok();
    // No terminal here: no line that moves. On a machine that is busy, a step that takes long is told by a line of its own.
    assert!(!output.stderr.contains("uploading"), "{output:#?}");
    assert!(!output.stderr.contains(['\r', '\u{1b}']), "{output:#?}");
}

#[tokio::test]
async fn azures_spellings_do_the_same() {
    let platform = blue_and_green().await;
    let json = async |arguments: &[&str]| {
        let arguments = [arguments, &["-o", "json"]].concat();
        platform.cli(&arguments).await.ok().json()
    };
    let pairs: [(&[&str], &[&str]); 4] = [
        (
            &["endpoint", "show", "-n", "e"],
            &["online-endpoint", "show", "--name", "e"],
        ),
        (
            &["deployment", "show", "-e", "e", "-n", "blue"],
            &[
                "online-deployment",
                "show",
                "--endpoint-name",
                "e",
                "--name",
                "blue",
            ],
        ),
        (
            &["keys", "e", "show"],
            &["online-endpoint", "get-credentials", "--name", "e"],
        ),
        (
            &["deployment", "logs", "-e", "e", "-n", "blue"],
            &[
                "online-deployment",
                "get-logs",
                "--endpoint-name",
                "e",
                "--name",
                "blue",
            ],
        ),
    ];
    for (ours, azures) in pairs {
        assert_eq!(json(ours).await, json(azures).await, "{azures:?}");
    }
    let before = platform.keys("e").await;
    let regenerate = [
        "online-endpoint",
        "regenerate-keys",
        "--name",
        "e",
        "--key-type",
        "primary",
    ];
    platform.cli(&regenerate).await.succeeded();
    assert_ne!(platform.keys("e").await.primary_key, before.primary_key);
}

#[tokio::test]
async fn credentials_have_azures_names() {
    let platform = platform_with("echo").await;
    let show = ["keys", "e", "show", "-o", "json"];
    let shown = platform.cli(&show).await.ok().json();
    let keys = platform.keys("e").await;
    let expected = json!({"primaryKey": keys.primary_key, "secondaryKey": keys.secondary_key});
    assert_eq!(shown, expected);
    assert!(keys.primary_key.starts_with("mlw_"));
}

#[tokio::test]
async fn an_endpoint_is_made_shown_changed_and_deleted() {
    let platform = Platform::start().await;
    let json = async |arguments: &[&str]| {
        let arguments = [arguments, &["-o", "json"]].concat();
        platform.cli(&arguments).await.ok().json()
    };
    let made = json(&["endpoint", "create", "-n", "e", "--tag", "team=risk"]).await;
    assert_eq!(made["tags"], json!({"team": "risk"}));
    assert_eq!(json(&["endpoint", "show", "-n", "e"]).await, made);

    let changed = json(&["endpoint", "update", "-n", "e", "--tag", "stage=test"]).await;
    assert_eq!(changed["tags"], json!({"team": "risk", "stage": "test"}));
    assert_eq!(json(&["endpoint", "list"]).await[0]["name"], "e");

    let again = platform.cli(&["endpoint", "create", "-n", "e"]).await;
    again.refused(1, &["e", "exists"]);

    let delete = ["endpoint", "delete", "-n", "e", "--yes"];
    platform.cli(&delete).await.succeeded();
    assert_eq!(json(&["endpoint", "list"]).await, json!([]));
}

#[tokio::test]
async fn nothing_is_deleted_without_a_yes() {
    let platform = blue_and_green().await;
    for arguments in [
        &["endpoint", "delete", "-n", "e"][..],
        &["deployment", "delete", "-e", "e", "-n", "green"],
    ] {
        // Nobody is there to ask.
        let output = platform.cli(arguments).await;
        assert!(matches!(output.code, 1 | 2), "{output:#?}");
        assert!(output.stderr.contains("--yes"), "{output:#?}");
    }
    platform.deployment("e", "green").await;
}

#[tokio::test]
async fn traffic_and_mirror_are_printed_and_set() {
    let platform = blue_and_green().await;
    let json = async |arguments: &[&str]| {
        let arguments = [arguments, &["-o", "json"]].concat();
        platform.cli(&arguments).await.ok().json()
    };
    assert_eq!(json(&["traffic", "e"]).await["blue"], 100);
    let set = json(&["traffic", "e", "blue=100", "green=0"]).await;
    assert_eq!(json(&["traffic", "e"]).await, set);
    assert_eq!(json(&["mirror", "e"]).await, json!({}));
    assert_eq!(
        json(&["mirror", "e", "green=10"]).await,
        json!({"green": 10})
    );
    assert_eq!(json(&["mirror", "e"]).await, json!({"green": 10}));

    platform.cli(&["mirror", "e", "green=0"]).await.succeeded();
    let update = [
        "endpoint",
        "update",
        "-n",
        "e",
        "--traffic",
        "blue=90 green=10",
    ];
    platform.cli(&update).await.succeeded();
    assert_eq!(
        json(&["traffic", "e"]).await,
        json!({"blue": 90, "green": 10})
    );
}

#[tokio::test]
async fn invoke_prints_the_answer_and_its_headers_when_asked() {
    let platform = platform_with("echo").await;
    let file = platform.file("request.json", r#"{"from": "a file"}"#);
    let path = file.to_str().unwrap();

    let data = platform
        .cli(&["invoke", "e", "--data", r#"{"a": 1}"#])
        .await
        .ok();
    assert_eq!(data.json(), json!({"a": 1}));
    let from_file = platform
        .cli(&["invoke", "e", "--request-file", path])
        .await
        .ok();
    assert_eq!(from_file.json(), json!({"from": "a file"}));
    let verbose = platform
        .cli(&["invoke", "e", "--data", "{}", "-v"])
        .await
        .ok();
    let all = format!("{}{}", verbose.stdout, verbose.stderr);
    assert!(all.contains("mlwasm-deployment: blue"), "{verbose:#?}");
    assert!(all.contains("x-request-id: "), "{verbose:#?}");
}

#[tokio::test]
async fn invoke_reaches_a_deployment_by_its_name() {
    let platform = blue_and_green().await;
    for name in ["blue", "green"] {
        let output = platform
            .cli(&["invoke", "e", "--deployment", name, "--data", "{}"])
            .await
            .ok();
        assert_eq!(output.stdout.trim_end(), name);
    }
}

#[tokio::test]
async fn invoke_of_a_deployment_that_does_not_exist_is_3_and_a_refusal_is_1() {
    let platform = blue_and_green().await;
    let invoke = ["invoke", "e", "--deployment", "red", "--data", "{}"];
    let output = platform.cli(&invoke).await;
    assert_eq!(output.code, 3, "{output:#?}");

    let platform = platform_with("bad_request").await;
    let output = platform.cli(&["invoke", "e", "--data", "{}"]).await;
    assert_eq!(output.code, 1, "{output:#?}");
}

#[tokio::test]
async fn invoke_fails_when_the_scorer_does_and_says_why() {
    let platform = platform_with("internal").await;
    let output = platform.cli(&["invoke", "e", "--data", "{}"]).await;
    assert_eq!(output.code, 1, "{output:#?}");
    // The answer is data, whatever it says.
    assert!(output.stdout.contains("boom"), "{output:#?}");
    assert!(output.stderr.starts_with("error: "), "{output:#?}");
}
