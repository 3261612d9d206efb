//! `cargo xtask demo`: the main job from end to end, on real flowers, each command as a user would type it.
//!
//! The demo checks what it shows: anything that is not as it should be ends it with exit code 1.

mod load;
mod server;

use std::{collections::BTreeMap, env, path::Path, time::Duration};

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::{onnxruntime, scorers, tools};
use load::{Client, Load};
use server::Server;

/// What the demo can be told.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Leave the server running at the end, and say where it is
    #[arg(long)]
    keep: bool,
}

/// One real flower: its measurements as a request body, and its species.
struct Flower {
    body: String,
    class: String,
}

const REQUESTS: u32 = 1_000;

/// Installs what is missing, builds, and tells the story.
///
/// # Errors
///
/// At the first thing that is not as it should be.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let library = onnxruntime::fetch()?;
    scorers::build()?;
    tools::run(&mut tools::cargo(&["build", "--quiet", "-p", "mlwasm"]))?;
    let flowers = flowers()?;

    let mut server = Server::start(&library)?;
    deploy_blue(&server, &flowers)?;
    let client = server.client("iris")?;
    deploy_green(&server)?;
    mirror_to_green(&server, &client, &flowers)?;
    split_traffic(&server, &client, &flowers)?;
    swap_green_under_load(&server, &client, &flowers)?;
    roll_over(&server, &client, &flowers)?;

    if options.keep {
        server.keep();
    } else {
        server.stop()?;
    }
    tools::say("\nAll as it should be.");
    Ok(())
}

fn deploy_blue(server: &Server, flowers: &[Flower]) -> anyhow::Result<()> {
    chapter("A scorer and its model become a deployment: blue, with all of the traffic");
    deploy(server, "iris-1", "blue", &["--instances", "4"])?;
    for flower in flowers {
        let answer = server.type_command(&["invoke", "iris", "--data", &flower.body])?;
        let answer: Value = serde_json::from_str(&answer).context("reading the scorer's answer")?;
        let class = &answer["predictions"][0]["class"];
        ensure!(
            class == flower.class.as_str(),
            "expected {}, the scorer says {class}",
            flower.class
        );
    }
    Ok(())
}

fn deploy_green(server: &Server) -> anyhow::Result<()> {
    chapter("The next model goes beside it: green, dark at first, reached only by its name");
    deploy(server, "iris-2", "green", &["--instances", "4"])?;
    let traffic = server.type_command(&["traffic", "iris", "-o", "json"])?;
    let traffic: Value = serde_json::from_str(&traffic)?;
    ensure!(
        traffic["blue"] == 100,
        "blue has {} percent",
        traffic["blue"]
    );
    ensure!(
        traffic.get("green").is_none_or(|share| *share == 0),
        "green has {}",
        traffic["green"]
    );
    server.type_command(&[
        "invoke",
        "iris",
        "--deployment",
        "green",
        "--data",
        r#"{"data": [[6.3, 2.5, 5.0, 1.9]]}"#,
    ])?;
    Ok(())
}

/// Types `mlwasm deploy` of the iris scorer with one of its models.
fn deploy(server: &Server, model: &str, name: &str, further: &[&str]) -> anyhow::Result<()> {
    let scorer = typed(&scorers::path("iris"));
    let model = format!("plugins/iris/models/{model}.onnx");
    let target = ["--endpoint", "iris", "--name", name];
    let command = ["deploy", &scorer, "--model", &model];
    server.type_command(&[&command, &target, further].concat())?;
    Ok(())
}

fn mirror_to_green(server: &Server, client: &Client, flowers: &[Flower]) -> anyhow::Result<()> {
    chapter("Half of the live requests are copied to green; clients notice nothing");
    server.type_command(&["mirror", "iris", "green=50"])?;
    let counts = client.score_many(flowers, 200)?;
    ensure!(
        counts == BTreeMap::from([("blue".to_owned(), 200)]),
        "answers came from {counts:?}"
    );
    let copied = server.wait_for_mirrored(50..=150)?;
    tools::say(&format!(
        "200 requests, all answered by blue; {copied} copies reached green"
    ));
    server.type_command(&["mirror", "iris", "green=0"])?;
    Ok(())
}

fn split_traffic(server: &Server, client: &Client, flowers: &[Flower]) -> anyhow::Result<()> {
    chapter("Green takes ten percent of the traffic");
    server.type_command(&["traffic", "iris", "blue=90", "green=10"])?;
    let counts = client.score_many(flowers, REQUESTS)?;
    let green = counts.get("green").copied().unwrap_or(0);
    tools::say(&format!(
        "{REQUESTS} requests: blue {}, green {green}",
        REQUESTS - green
    ));
    // Five standard deviations around 100: sqrt(1000 · 0.1 · 0.9) = 9.5.
    ensure!(
        (53..=147).contains(&green),
        "10 percent of {REQUESTS} requests should be about 100"
    );
    Ok(())
}

fn swap_green_under_load(
    server: &Server,
    client: &Client,
    flowers: &[Flower],
) -> anyhow::Result<()> {
    chapter("Green is swapped for a new revision while requests keep coming");
    let load = Load::start(client, flowers);
    for label in ["iris-2b", "iris-2c", "iris-2d"] {
        let label = format!("MODEL_LABEL={label}");
        deploy(server, "iris-2", "green", &["--env", &label])?;
        load.wait_for_more(500, Duration::from_secs(60))?;
    }
    let done = load.stop()?;
    tools::say(&format!(
        "{} requests during three swaps, {} failed",
        done.answered + done.failed,
        done.failed
    ));
    ensure!(
        done.failed == 0,
        "a hot swap failed requests: {}",
        done.first_failure.unwrap_or_default()
    );
    Ok(())
}

fn roll_over(server: &Server, client: &Client, flowers: &[Flower]) -> anyhow::Result<()> {
    chapter("Green takes over, and blue goes");
    server.type_command(&["traffic", "iris", "blue=0", "green=100"])?;
    let counts = client.score_many(flowers, 200)?;
    ensure!(
        counts == BTreeMap::from([("green".to_owned(), 200)]),
        "answers came from {counts:?}"
    );
    tools::say("200 requests, all answered by green");
    server.type_command(&["deployment", "delete", "-e", "iris", "-n", "blue", "--yes"])?;
    server.type_command(&["deployment", "list", "-e", "iris"])?;
    let counts = client.score_many(flowers, 50)?;
    ensure!(
        counts == BTreeMap::from([("green".to_owned(), 50)]),
        "answers came from {counts:?}"
    );
    Ok(())
}

fn flowers() -> anyhow::Result<Vec<Flower>> {
    let path = tools::root().join("plugins/iris/models/flowers.json");
    let text =
        std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let flowers: Vec<Value> = serde_json::from_str(&text)?;
    let flower = |value: &Value| {
        let class = value["class"]
            .as_str()
            .context("a flower without a class")?
            .to_owned();
        Ok(Flower {
            body: value["body"].to_string(),
            class,
        })
    };
    flowers.iter().map(flower).collect()
}

fn chapter(title: &str) {
    tools::say(&format!("\n== {title}"));
}

/// The path as a user in the workspace's root would type it.
fn typed(path: &Path) -> String {
    let here = env::current_dir().unwrap_or_default();
    path.strip_prefix(here)
        .unwrap_or(path)
        .display()
        .to_string()
}
