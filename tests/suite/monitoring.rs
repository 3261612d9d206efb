//! What operators look at: `mlwasm top`, and the dashboard and the alerts that are shipped.

use std::{
    collections::BTreeSet,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use mlwasm_harness::{Platform, Setup, guests, workspace};

use crate::support::{blue_and_green, iris, mirror, setosa};

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

/// Runs Prometheus' checker, and returns its exit code and all that it says. What it can not run is a failed test.
fn promtool(arguments: &[&str], input: &str) -> (Option<i32>, String) {
    let mut child = Command::new(mlwasm_harness::promtool())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

/// A server of which every family of metrics has something to tell.
async fn busy_platform(folder: &Path) -> Platform {
    let access_log = folder.join("access.log").display().to_string();
    let platform = Platform::start_with(Setup {
        config: Some(format!(
            "[access_log]\npath = {access_log:?}\n[traces]\nendpoint = \"http://127.0.0.1:9\"\n"
        )),
        ..Setup::default()
    })
    .await;
    iris(&platform, "blue", 1).await;
    iris(&platform, "green", 2).await;
    let collected = "data_collector.collections.request.enabled=true";
    let update = ["deployment", "update", "-e", "iris", "-n", "blue", "--set"];
    platform
        .cli(&[&update[..], &[collected]].concat())
        .await
        .succeeded();
    platform
        .cli(&["mirror", "iris", "green=50"])
        .await
        .succeeded();
    platform
        .deploy(guests::path("hold_and_trap"))
        .to("e", "blue")
        .run()
        .await;
    for _ in 0..10 {
        platform.score("iris", setosa().to_string()).await;
        for mode in ["ok", "nonsense", "trap"] {
            let call = platform.scoring("e").await.query(&format!("mode={mode}"));
            call.send().await;
        }
    }
    platform.score("iris", "malformed").await;
    platform
        .cli(&["mirror", "iris", "green=0"])
        .await
        .succeeded();
    let start = [
        "rollout", "start", "iris", "--to", "green", "--steps", "10,50",
    ];
    platform.cli(&start).await.succeeded();
    platform
}

#[tokio::test]
async fn prometheus_own_checker_finds_nothing_to_say_about_the_metrics() {
    let folder = tempfile::tempdir().unwrap();
    let platform = busy_platform(folder.path()).await;
    let page = platform
        .admin(reqwest::Method::GET, "/metrics")
        .send()
        .await
        .text();
    // All that is counted only where there is something to count.
    for family in [
        "mlwasm_access_log_lines_total",
        "mlwasm_traces_dropped_total",
        "mlwasm_rollout_step",
        "mlwasm_shadow_comparisons_total",
        "mlwasm_collected_total",
        "mlwasm_log_lines_unwritten_total",
    ] {
        assert!(page.contains(&format!("\n{family}")), "{family}: {page}");
    }
    assert_eq!(
        promtool(&["check", "metrics"], &page),
        (Some(0), String::new())
    );
}

#[tokio::test]
async fn prometheus_own_checker_takes_the_shipped_rules() {
    let rules = workspace().join("examples/monitoring/alerts.yml");
    let (code, said) = promtool(&["check", "rules", rules.to_str().unwrap()], "");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("SUCCESS"), "{said}");
}

#[tokio::test]
async fn a_flood_of_unknown_names_makes_no_series() {
    let platform = blue_and_green().await;
    let series = async || {
        let metrics = platform.metrics().await;
        let samples = metrics.samples().iter();
        // Which outcomes there are shows only once they happened: that is bounded.
        samples
            .filter(|sample| !sample.name.starts_with("mlwasm_request_duration"))
            .count()
    };
    platform.score("e", "").await;
    let before = series().await;
    for n in 0..100 {
        let path = format!("/endpoints/unknown-{n}/score");
        let call = platform.scoring_call(reqwest::Method::POST, &path);
        let call = call
            .id(&format!("id-{n}"))
            .header("x-anything", n.to_string());
        assert_eq!(call.send().await.status(), 404);
        let named = platform
            .scoring("e")
            .await
            .deployment(&format!("unknown-{n}"));
        assert_eq!(named.send().await.status(), 404);
    }
    assert_eq!(series().await, before);
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
