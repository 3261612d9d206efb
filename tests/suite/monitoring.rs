//! What operators look at: `mlwasm top`, and the dashboard and the alerts that are shipped.

use std::collections::BTreeSet;

use mlwasm_harness::{Platform, guests, workspace};

use crate::support::{blue_and_green, mirror};

#[tokio::test]
async fn top_shows_what_happens_between_two_looks() {
    let platform = blue_and_green().await;
    let look = async {
        platform
            .cli(&["top", "--once", "--interval", "1", "-o", "json"])
            .await
    };
    let load = async {
        // Until the second look: some of them are between both.
        for _ in 0..400 {
            platform.score("e", "").await;
        }
    };
    let (seen, ()) = tokio::join!(look, load);
    let seen = seen.ok().json();
    let rows = seen["deployments"].as_array().unwrap();
    assert_eq!(rows.len(), 2, "{seen}");
    let blue = rows.iter().find(|row| row["deployment"] == "blue").unwrap();
    assert!(
        blue["requests_per_second"].as_f64().unwrap() > 0.0,
        "{blue}"
    );
    assert_eq!(blue["errors_per_second"], 0.0, "{blue}");
    assert!(
        blue["p99_ms"].as_f64().unwrap() >= blue["p50_ms"].as_f64().unwrap(),
        "{blue}"
    );
    assert!(blue["sandboxes_idle"].as_f64().unwrap() >= 1.0, "{blue}");

    let table = platform
        .cli(&["top", "--once", "--interval", "0.1"])
        .await
        .ok()
        .stdout;
    assert!(
        table.contains("DEPLOYMENT") && table.contains("green"),
        "{table}"
    );
}

#[tokio::test]
async fn top_says_what_it_needs() {
    let platform = Platform::start().await;
    for (arguments, hint) in [
        (&["top"][..], "--once"),
        (&["top", "-o", "json"][..], "--once"),
        (&["top", "--once", "--interval", "0"][..], "0.1 to 3600"),
    ] {
        let refused = platform.cli(arguments).await;
        assert_eq!(refused.code, 2, "{refused:?}");
        assert!(refused.stderr.contains(hint), "{refused:?}");
    }
}

/// Every `mlwasm_…` in a text.
fn names(text: &str) -> BTreeSet<&str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.split(|c| !is_name(c))
        .filter(|word| word.starts_with("mlwasm_"))
        .collect()
}

#[tokio::test]
async fn the_shipped_dashboard_and_alerts_ask_for_metrics_that_exist() {
    let platform = blue_and_green().await;
    platform
        .deploy(guests::path("trap"))
        .to("e", "red")
        .run()
        .await;
    mirror(&platform, "red=50").await;
    for _ in 0..20 {
        platform.score("e", "").await;
    }
    let page = platform
        .admin(reqwest::Method::GET, "/metrics")
        .send()
        .await
        .text();
    let families: BTreeSet<&str> = names(&page);
    for file in ["dashboard.json", "alerts.yml"] {
        let path = workspace().join("examples/monitoring").join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        let asked = names(&text);
        assert!(asked.len() >= 5, "{file}: {asked:?}");
        let missing: Vec<_> = asked.difference(&families).collect();
        assert!(missing.is_empty(), "{file} asks for {missing:?}");
    }
}
