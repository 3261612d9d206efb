//! The values of secrets reach the scorer, and nothing else does of them: no log, no answer, no file.

use std::path::Path;

use mlwasm_harness::{Platform, Setup, guests};
use mlwasm_types::ProvisioningState;
use reqwest::Method;

const CANARY: &str = "canary-9b1f6c";

/// A server with a folder of secrets, which is its own to be removed, and a variable.
async fn platform(folder: &Path) -> Platform {
    std::fs::create_dir_all(folder.join("risk")).unwrap();
    std::fs::write(folder.join("risk/api-key"), format!("{CANARY}-file\n")).unwrap();
    let config = format!("[secrets]\nallowed_env = [\"RISK_*\"]\nfolder = {folder:?}\n");
    Platform::start_with(Setup {
        config: Some(config),
        environment: vec![
            ("RISK_API_KEY".to_owned(), format!("{CANARY}-env")),
            ("OTHER".to_owned(), format!("{CANARY}-other")),
        ],
        ..Setup::default()
    })
    .await
}

/// Whether a file below `folder` holds the canary.
fn holds_canary(folder: &Path) -> Option<std::path::PathBuf> {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if let Some(found) = holds_canary(&path) {
                return Some(found);
            }
        } else {
            let bytes = std::fs::read(&path).unwrap_or_default();
            let needle = CANARY.as_bytes();
            if bytes.windows(needle.len()).any(|window| window == needle) {
                return Some(path);
            }
        }
    }
    None
}

#[tokio::test]
async fn the_scorer_sees_the_values_and_nothing_else_holds_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut platform = platform(folder.path()).await;
    let file = format!("D={}/risk/api-key", folder.path().display());
    let file = file.replacen('=', "=file:", 1);
    platform
        .deploy(guests::path("whoami"))
        .to("e", "blue")
        .arguments(&["--secret", "A=env:RISK_API_KEY"])
        .arguments(&["--secret", "B=mount:risk/api-key", "--secret", &file])
        .env("C", "plain")
        .run()
        .await;

    let env = platform.score("e", "").await.json()["env"].clone();
    assert_eq!(env["A"], format!("{CANARY}-env"));
    assert_eq!(env["B"], format!("{CANARY}-file"));
    assert_eq!(env["D"], format!("{CANARY}-file"));
    assert_eq!(env["C"], "plain");

    // A failure's report, the metrics, all that the API says.
    let wrong = platform.scoring("e").await.body("x").send().await;
    assert_eq!(wrong.status(), 200);
    platform
        .deploy(guests::path("trap"))
        .to("e", "red")
        .arguments(&["--secret", "A=env:RISK_API_KEY"])
        .run()
        .await;
    let trapped = platform.scoring("e").await.deployment("red").send().await;
    assert_eq!(trapped.status(), 424);
    for path in [
        "/v1/endpoints/e",
        "/v1/endpoints/e/deployments",
        "/v1/endpoints/e/deployments/blue",
        "/v1/endpoints/e/deployments/blue/logs",
        "/v1/endpoints/e/deployments/red/logs",
        "/v1/endpoints/e/deployments/red/failures",
        "/v1/audit",
        "/v1/cost",
        "/v1/status",
        "/metrics",
    ] {
        let answer = platform.admin(Method::GET, path).send().await;
        assert_eq!(answer.status(), 200, "{path}");
        assert!(!answer.text().contains(CANARY), "{path}");
    }
    let shown = platform.deployment("e", "blue").await;
    let reference = shown.spec.secrets["A"].to_string();
    assert_eq!(reference, "env:RISK_API_KEY");
    assert!(!trapped.text().contains(CANARY));

    // The control of what follows: the search finds what is there.
    assert!(holds_canary(folder.path()).is_some());
    assert_eq!(holds_canary(&platform.data_dir()), None);
    let log = platform.terminate().await.log;
    assert!(!log.contains(CANARY), "{log}");
    assert_eq!(holds_canary(&platform.data_dir()), None);
}

#[tokio::test]
async fn a_secret_that_can_not_be_had_fails_the_revision_and_the_former_serves_on() {
    let folder = tempfile::tempdir().unwrap();
    let platform = platform(folder.path()).await;
    let deploy = |secret: &str| {
        platform
            .deploy(guests::path("version"))
            .to("e", "blue")
            .arguments(&["--secret", secret])
    };
    deploy("VERSION=env:RISK_API_KEY").run().await;
    for (secret, words) in [
        ("VERSION=env:RISK_NOTHING", "no such variable"),
        // There, and not for deployments.
        ("VERSION=env:OTHER", "secrets.allowed_env"),
        ("VERSION=mount:absent", "can not be read"),
        ("VERSION=file:/etc/hostname", "not below"),
    ] {
        let output = deploy(secret).attempt().await;
        output.refused(1, &["secrets.VERSION", words]);
        assert!(!output.stderr.contains(CANARY));
        let status = platform.deployment("e", "blue").await.status;
        assert_eq!(status.provisioning_state, ProvisioningState::Failed);
        let answer = platform.score("e", "").await.text();
        assert_eq!(answer, format!("{CANARY}-env"), "{secret}");
    }
}

#[tokio::test]
async fn a_secret_is_never_taken_for_a_reference() {
    let folder = tempfile::tempdir().unwrap();
    let platform = platform(folder.path()).await;
    let output = platform
        .deploy(guests::path("version"))
        .to("e", "blue")
        .arguments(&["--secret", &format!("VERSION={CANARY}")])
        .attempt()
        .await;
    output.refused(1, &["secrets.VERSION", "env:NAME"]);
    assert!(!output.stderr.contains(CANARY), "{output:?}");
    assert_eq!(holds_canary(&platform.data_dir()), None);
    let both = platform
        .deploy(guests::path("version"))
        .to("e", "blue")
        .env("VERSION", "x")
        .arguments(&["--secret", "VERSION=env:RISK_API_KEY"])
        .attempt()
        .await;
    both.refused(1, &["VERSION", "environment_variables too"]);
}
