//! An image of 602 KB over the open inference protocol, as binary data to a scorer in tensors, against the same bytes to a scorer
//! that takes them as they are: what the protocol costs a request.

use mlwasm_harness::{guests, workspace};

use crate::{
    Options,
    client::Body,
    core,
    load::{self, Extent, Load, Pace, Thread},
    pair::{self, TURN},
    report::{Measure, Report},
    served::Served,
};

/// One image of three channels, in bytes.
const IMAGE: usize = 3 * 224 * 224 * 4;

/// Measures milliseconds a request on one connection.
///
/// # Errors
///
/// If the server does not start, or answers with anything but 200.
pub(crate) fn measure(report: &mut Report, options: &Options) -> anyhow::Result<()> {
    let (served, _apart) = core::starting_servers(|| Served::start(options.binary(), ""))?;
    let model = workspace().join("host/inference/tests/models/image.onnx");
    let input = served.with(async |platform| {
        platform.deploy(&model).to("typed", "blue").run().await;
        let raw = platform.deploy(guests::path("peer_forward"));
        raw.to("raw", "blue").model("model", &model).run().await;
        let key = platform.key("typed").await;
        let metadata = platform.scoring_call(http::Method::GET, "/v2/models/typed");
        metadata.key(&key).send().await.json()["inputs"][0]["name"].clone()
    });
    let image = vec![0; IMAGE];
    let json = serde_json::json!({
        "parameters": {"binary_data_output": true},
        "inputs": [{
            "name": input,
            "datatype": "FP32",
            "shape": [1, 3, 224, 224],
            "parameters": {"binary_data_size": IMAGE},
        }],
    })
    .to_string();
    let body = [json.as_bytes(), &image].concat();
    let typed = served
        .request_to("/v2/models/typed/infer", "typed", Body::floats(&body))?
        .with_header("inference-header-content-length", &json.len().to_string());
    let raw = served.request("raw", Body::floats(&image))?;
    let one_turn = |request| {
        let load = Load {
            connections: 1,
            pace: Pace::Closed,
            extent: Extent::For(TURN),
            thread: Thread::Sleeps,
        };
        load::run(request, load)?.all_good()
    };
    let rounds = pair::interleaved(
        options.duration(),
        [&mut || one_turn(&typed), &mut || one_turn(&raw)],
    )?;
    let times = pair::turns(&rounds, [0, 1], |answers| answers.latency_ms(0.5));
    let name = "v2, binary, 602 KB ÷ the same bytes to a scorer of bytes: median of a request";
    // Seven tenths of the throughput.
    report.ratio(Measure::new(name, "ms").at_most(1.0 / 0.7), &times);
    Ok(())
}
