//! Echo through the platform against echo by bare hyper: what the platform costs a request.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::Context as _;
use mlwasm_harness::{Binary, Platform, Setup, plugins};

use crate::{
    core, cpu,
    load::{self, Request},
    pair::{self, TURN, Turn},
    table::Table,
};

const CONNECTIONS: usize = 16;
const BODY: usize = 100;

/// One turn at one server.
struct Measured {
    requests_a_second: f64,
    cpu_us_a_request: f64,
}

/// Bare hyper in a process of its own, as the platform is.
struct RawHyper {
    process: Child,
    request: Request,
}

/// Measures requests a second and CPU a request of two deployments of `echo` in one process, against bare hyper.
///
/// # Errors
///
/// If a server does not start, or answers with anything but 200.
pub(crate) fn measure(table: &mut Table, duration: Duration) -> anyhow::Result<()> {
    let body = vec![b'x'; BODY];
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (raw, (platform, key)) = core::starting_servers(|| {
        Ok((RawHyper::start(&body)?, runtime.block_on(start_platform())))
    })?;
    let address = platform
        .server()
        .scoring()
        .trim_start_matches("http://")
        .parse()?;
    let ours = Request::post(address, "/endpoints/echo/score", &key, &body);
    let (our_id, raw_id) = (platform.server().id(), raw.process.id());

    let turns = pair::interleaved(
        duration,
        || one_turn(&ours, our_id),
        || one_turn(&raw.request, raw_id),
    )?;
    core::unpin()?;
    let column = |figure: fn(&Measured) -> f64| -> Vec<_> {
        turns
            .iter()
            .map(|(ours, floor)| Turn {
                ours: figure(ours),
                floor: figure(floor),
            })
            .collect()
    };
    let connections = format!("{CONNECTIONS} connections, {BODY} B");
    table.pair(
        &format!("echo ÷ raw hyper, {connections}: requests/s"),
        "/s",
        &column(|turn| turn.requests_a_second),
    );
    table.pair(
        &format!("echo ÷ raw hyper, {connections}: CPU a request"),
        "µs",
        &column(|turn| turn.cpu_us_a_request),
    );
    Ok(())
}

/// A release server with two deployments of `echo` that share the traffic.
async fn start_platform() -> (Platform, String) {
    let setup = Setup {
        binary: Binary::Release,
        ..Setup::default()
    };
    let platform = Platform::start_with(setup).await;
    let instances = u32::try_from(CONNECTIONS).unwrap_or(u32::MAX);
    for name in ["blue", "green"] {
        platform
            .deploy(plugins::path("echo"))
            .to("echo", name)
            .instances(instances)
            .run()
            .await;
    }
    platform
        .cli(&["traffic", "echo", "blue=50", "green=50"])
        .await
        .succeeded();
    let key = platform.key("echo").await;
    (platform, key)
}

fn one_turn(request: &Request, server: u32) -> anyhow::Result<Measured> {
    let before = cpu::used_by(server)?;
    let answers = load::run(request, CONNECTIONS, TURN)?;
    let used = cpu::used_by(server)?.saturating_sub(before);
    #[expect(
        clippy::cast_precision_loss,
        reason = "a count of requests is far below 2^52"
    )]
    let count = answers.count as f64;
    Ok(Measured {
        requests_a_second: count / answers.took.as_secs_f64(),
        cpu_us_a_request: used.as_secs_f64() * 1e6 / count,
    })
}

impl RawHyper {
    fn start(body: &[u8]) -> anyhow::Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg("--raw-hyper")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut address = String::new();
        let output = process.stdout.take().context("no output of bare hyper")?;
        BufReader::new(output).read_line(&mut address)?;
        let request = Request::post(address.trim().parse()?, "/", "none", body);
        Ok(Self { process, request })
    }
}

impl Drop for RawHyper {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
