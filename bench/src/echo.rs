//! Echo through the platform against echo by bare hyper: what the platform costs a request, with a sandbox that is
//! used again, and with one that no request has touched.

use crate::{
    Options,
    client::{Body, Request},
    core,
    load::{self, Extent, Load, Pace, Thread},
    pair::{self, TURN},
    process,
    raw_hyper::RawHyper,
    report::{Measure, Report},
    served::Served,
};
use mlwasm_harness::plugins;

const CONNECTIONS: [u32; 2] = [16, 64];
const BODY: [u8; 100] = [b'x'; 100];

/// One turn at one server.
struct Measured {
    requests_a_second: f64,
    cpu_us_a_request: f64,
}

/// Measures requests a second and CPU a request against bare hyper.
///
/// # Errors
///
/// If a server does not start, or answers with anything but 200.
pub(crate) fn measure(report: &mut Report, options: &Options) -> anyhow::Result<()> {
    let ((raw, served), _apart) =
        core::starting_servers(|| Ok((RawHyper::start()?, Served::start(options.binary(), "")?)))?;
    deploy(&served);
    let body = Body::json(&BODY);
    let reused = served.request("reused", body)?;
    let fresh = served.request("fresh", body)?;
    let bare = Request::post(raw.address(), "/", "none", body);
    let (our_id, raw_id) = (served.id(), raw.id());
    for connections in CONNECTIONS {
        let rounds = pair::interleaved(
            options.duration(),
            [
                &mut || one_turn(&reused, our_id, connections),
                &mut || one_turn(&fresh, our_id, connections),
                &mut || one_turn(&bare, raw_id, connections),
            ],
        )?;
        let load = format!("{connections} connections, {} B", BODY.len());
        for (side, name, least) in [(0, "echo", 0.90), (1, "echo, isolation: request", 0.42)] {
            let rates = pair::turns(&rounds, [side, 2], |turn| turn.requests_a_second);
            let measure = Measure::new(format!("{name} ÷ raw hyper, {load}"), "/s");
            report.ratio(measure.at_least(least), &rates);
            let cpus = pair::turns(&rounds, [side, 2], |turn| turn.cpu_us_a_request);
            let name = format!("{name} - raw hyper, {load}: CPU a request");
            let measure = Measure::new(name, "µs");
            report.difference(
                if side == 0 {
                    measure.at_most(1.5)
                } else {
                    measure
                },
                &cpus,
            );
        }
    }
    Ok(())
}

/// Two deployments that share an endpoint's traffic, and one whose sandboxes serve one request each.
fn deploy(served: &Served) {
    let most = CONNECTIONS.into_iter().max().unwrap_or(1);
    served.with(async |platform| {
        for name in ["blue", "green"] {
            let deploy = platform.deploy(plugins::path("echo"));
            deploy.to("reused", name).instances(most).run().await;
        }
        platform
            .cli(&["traffic", "reused", "blue=50", "green=50"])
            .await
            .succeeded();
        platform
            .deploy(plugins::path("echo"))
            .to("fresh", "blue")
            .instances(most)
            .set("sandbox.isolation", "request")
            .run()
            .await;
    });
}

fn one_turn(request: &Request, server: u32, connections: u32) -> anyhow::Result<Measured> {
    let before = process::cpu_time(server)?;
    let load = Load {
        connections,
        pace: Pace::Closed,
        extent: Extent::For(TURN),
        thread: Thread::Awake,
    };
    let answers = load::run(request, load)?.all_good()?;
    let used = process::cpu_time(server)?.saturating_sub(before);
    Ok(Measured {
        requests_a_second: answers.a_second(),
        cpu_us_a_request: used.as_secs_f64() * 1e6 / answers.count(),
    })
}
