//! What a scorer can do: score. Its deployment's variables are all that it sees of the machine.

use std::collections::BTreeMap;

use mlwasm_harness::{Platform, Setup, guests};
use serde_json::Value;

use crate::support::platform_with;

#[tokio::test]
async fn a_scorers_environment_is_its_deployments_and_nothing_else() {
    let platform = Platform::start_with(Setup {
        environment: vec![("SECRET_OF_THE_HOST".to_owned(), "x".to_owned())],
        ..Setup::default()
    })
    .await;
    for name in ["blue", "green"] {
        platform
            .deploy(guests::path("whoami"))
            .to("e", name)
            .env("LABEL", name)
            .env("EMPTY", "")
            .env("ODD", "a=b, c d")
            .run()
            .await;
    }
    for name in ["blue", "green"] {
        let answer = platform.scoring("e").await.deployment(name).send().await;
        let expected = BTreeMap::from([("LABEL", name), ("EMPTY", ""), ("ODD", "a=b, c d")]);
        assert_eq!(answer.json()["env"], serde_json::json!(expected));
    }
}

#[tokio::test]
async fn files_sockets_and_names_are_out_of_reach() {
    let platform = platform_with("reads_files").await;

    let attempts = platform.score("e", "").await.json();

    let attempts = attempts.as_object().unwrap();
    assert!(attempts.len() > 5, "{attempts:?}");
    for (attempt, result) in attempts {
        if attempt == "args" {
            assert_eq!(*result, Value::Array(Vec::new()), "{attempts:?}");
        } else {
            assert_eq!(result["granted"], false, "{attempt}: {result}");
        }
    }
    let written = std::path::Path::new("/tmp/written-by-a-scorer");
    assert!(!written.exists());
}
