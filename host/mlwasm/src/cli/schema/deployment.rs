//! The schema of `deployment.yml`.

use mlwasm_types::{Batching, RequestSettings, SandboxSettings, ScaleSettings};
use serde_json::{Value, json};

use super::parts::{
    file, integer, list, name, number, object, or_null, such_as, text, texts, with_defaults, word,
};
use crate::cli::deployment_file::FOREIGN;

/// The schema.
///
/// # Errors
///
/// Only if a default has no JSON form.
pub(super) fn schema() -> anyhow::Result<Value> {
    let mut instance_count = integer("Sandboxes, that is, requests that run at once", 1, 1_000);
    instance_count["default"] = json!(2);
    let settings = object(
        "A deployment: a scorer, its models and its limits",
        &[
            ("name", name("The deployment, unique within its endpoint")),
            ("endpoint_name", name("The endpoint that it belongs to")),
            ("description", or_null(text("For people"))),
            (
                "role",
                or_null(word(
                    "What it is for where versions are compared; at most one is the control",
                    &["control", "treatment"],
                )),
            ),
            ("tags", texts("For people and their tools")),
            ("model", model()?),
            (
                "models",
                json!({
                    "description": "The models, each by the name by which the scorer opens it",
                    "type": "object",
                    "additionalProperties": model()?,
                    "maxProperties": 1_000,
                }),
            ),
            ("files", files()),
            (
                "model_mount_path",
                or_null(such_as(
                    text("Where the scorer sees the folder of files; /model if there is none"),
                    json!("/models/iris"),
                )),
            ),
            ("code_configuration", code_configuration()),
            ("environment_variables", texts("The scorer's environment")),
            (
                "secrets",
                such_as(
                    json!({
                        "description": "More variables, whose values the server looks up: env:NAME, file:/path or mount:NAME",
                        "type": "object",
                        "additionalProperties": {"type": "string", "pattern": "^(env:[^/]|file:/|mount:[^/])"},
                    }),
                    json!({"API_KEY": "env:RISK_API_KEY"}),
                ),
            ),
            ("egress", or_null(egress())),
            ("instance_count", instance_count),
            (
                "instance_type",
                or_null(such_as(
                    name("The server's profile of limits, over which the settings below are laid"),
                    json!("small"),
                )),
            ),
            ("request_settings", or_null(request_settings()?)),
            ("scale_settings", or_null(scale_settings()?)),
            ("sandbox", or_null(sandbox()?)),
            (
                "infer_batching",
                or_null(batching(
                    "Requests in tensors that wait for a sandbox at the same time are joined along the first dimension",
                )?),
            ),
            ("data_collector", or_null(data_collector())),
        ],
    );
    Ok(file("mlwasm deployment", settings, FOREIGN))
}

fn egress() -> Value {
    json!({
        "description": "Whom the scorer may call by HTTP, and nobody else: scheme, host and port",
        "type": "array",
        "items": {"type": "string", "pattern": "^[hH][tT][tT][pP][sS]?://[^/?#@]+$"},
        "maxItems": 64,
        "examples": [["https://features.internal:8443"]],
    })
}

fn files() -> Value {
    json!({
        "description": "Files beside the models, which the scorer may read: a folder, or each file by its name",
        "anyOf": [
            such_as(text("A folder, relative to this file; hidden files stay behind"), json!("./assets")),
            {
                "description": "Each file by the path at which the scorer finds it below model_mount_path",
                "type": "object",
                "additionalProperties": text("The file, relative to this file"),
                "maxProperties": 1_000,
            },
        ],
        "examples": [{"labels.txt": "./labels.txt", "vocab/words.json": "./words.json"}],
    })
}

fn code_configuration() -> Value {
    let mut schema = object(
        "The scorer; without it a built-in one serves the model as it is",
        &[
            ("code", text("The scorer's folder, relative to this file")),
            (
                "scoring_script",
                such_as(
                    text("The scorer's WebAssembly component, relative to `code`"),
                    json!("scorer.wasm"),
                ),
            ),
        ],
    );
    schema["required"] = json!(["scoring_script"]);
    schema
}

fn batching(title: &str) -> anyhow::Result<Value> {
    let batching = object(
        title,
        &[
            ("max_batch_size", integer("Most rows of one run", 2, 65_536)),
            (
                "max_queue_delay_us",
                integer("Longest wait for more rows, in microseconds", 0, 1_000_000),
            ),
        ],
    );
    with_defaults(batching, &Batching::default())
}

fn model() -> anyhow::Result<Value> {
    let joined = "Runs that wait at the same time are joined along the first dimension";
    let path = such_as(
        text(
            "An ONNX file, relative to this file, or a folder with one and the files beside it; or mlwasm:NAME:VERSION or mlwasm:NAME@latest, a registered model",
        ),
        json!("./iris.onnx"),
    );
    let mut map = object(
        "A model and how it is run",
        &[
            ("path", path.clone()),
            (
                "name",
                json!({"description": "Has no effect here", "deprecated": true}),
            ),
            (
                "version",
                json!({"description": "Has no effect here", "deprecated": true}),
            ),
            (
                "type",
                json!({"description": "Has no effect here", "deprecated": true}),
            ),
            ("batching", or_null(batching(joined)?)),
            (
                "sessions",
                or_null(integer(
                    "Times that the model is loaded; used in turn",
                    1,
                    64,
                )),
            ),
            (
                "intra_threads",
                or_null(integer(
                    "Threads for one operator; the server's setting if there is none",
                    1,
                    256,
                )),
            ),
            (
                "execution_provider",
                or_null(word(
                    "What computes",
                    &["cpu", "cuda", "tensorrt", "openvino", "migraphx", "coreml"],
                )),
            ),
            (
                "sample",
                text("A JSON file with inputs to warm the model up with, relative to this file"),
            ),
        ],
    );
    map["required"] = json!(["path"]);
    Ok(json!({"anyOf": [path, map]}))
}

fn request_settings() -> anyhow::Result<Value> {
    let schema = object(
        "Time and queue limits of a request",
        &[
            (
                "request_timeout_ms",
                integer(
                    "Longest a request may take over queue, guest and native run, in milliseconds",
                    1,
                    600_000,
                ),
            ),
            (
                "max_concurrent_requests_per_instance",
                integer(
                    "Requests admitted for each instance; twice that many may be in the deployment, the rest gets 429",
                    1,
                    1_000,
                ),
            ),
            (
                "max_queue_wait_ms",
                integer(
                    "Longest a request may wait for a sandbox, in milliseconds",
                    0,
                    600_000,
                ),
            ),
        ],
    );
    with_defaults(schema, &RequestSettings::default())
}

fn data_collector() -> Value {
    let switch = |what: &str| {
        let enabled = json!({
            "description": "On or off; Azure's files write it as text",
            "type": ["boolean", "string"],
            "enum": [true, false, "True", "False", "true", "false"],
        });
        let mut switch = object(what, &[("enabled", enabled)]);
        switch["required"] = json!(["enabled"]);
        switch
    };
    let mut collections = object(
        "What is collected: nothing that is not named",
        &[
            ("request", or_null(switch("The bodies of requests"))),
            ("response", or_null(switch("The bodies of answers"))),
        ],
    );
    let named = or_null(switch("Records that the scorer makes under this name"));
    collections["additionalProperties"] = named;
    collections["propertyNames"] = json!({
        "pattern": "^[a-zA-Z]([-_a-zA-Z0-9]*[a-zA-Z0-9])?$",
        "maxLength": 32,
    });
    // Those two, and sixteen of the scorer's.
    collections["maxProperties"] = json!(18);
    let default = |mut schema: Value, default: Value| {
        schema["default"] = default;
        schema
    };
    let mut collector = object(
        "Which bodies and records are kept, in files of the server",
        &[
            ("collections", collections),
            (
                "sampling_rate",
                default(
                    number("The share of the requests that is collected", 0.0001, 1.0),
                    json!(1.0),
                ),
            ),
            (
                "rolling_rate",
                default(word("When a new folder begins", &["hour"]), json!("hour")),
            ),
            (
                "max_bytes",
                default(
                    integer(
                        "Bytes of a body or record that are kept; a longer one is cut",
                        1,
                        1 << 20,
                    ),
                    json!(64 << 10),
                ),
            ),
        ],
    );
    collector["required"] = json!(["collections"]);
    collector
}

fn scale_settings() -> anyhow::Result<Value> {
    let cron = such_as(
        text("The moment: minute, hour, day of the month, month and day of the week, in UTC"),
        json!("0 8 * * 1-5"),
    );
    let mut schedule = object(
        "From a moment on, until the next schedule's, min_instances is another",
        &[
            ("cron", cron),
            (
                "min_instances",
                integer("The least number of sandboxes from then on", 0, 1_000),
            ),
        ],
    );
    schedule["required"] = json!(["cron", "min_instances"]);
    let polling = json!({
        "description": "Time between two looks at the load, in seconds, or as in PT1S",
        "type": ["integer", "string"],
        "minimum": 1,
        "maximum": 3_600,
    });
    let schema = object(
        "Whether the number of sandboxes follows the load",
        &[
            (
                "type",
                word(
                    "What the number follows: nothing, or the busy share of the sandboxes",
                    &["default", "target_utilization"],
                ),
            ),
            (
                "min_instances",
                integer(
                    "The least; at 0 an idle deployment keeps only its compiled code",
                    0,
                    1_000,
                ),
            ),
            ("max_instances", integer("The most", 1, 1_000)),
            (
                "target_utilization_percentage",
                integer("The busy share that is aimed at, in percent", 1, 100),
            ),
            ("polling_interval", polling),
            (
                "schedules",
                list(
                    "Moments at which min_instances becomes another",
                    schedule,
                    512,
                ),
            ),
        ],
    );
    with_defaults(schema, &ScaleSettings::default())
}

#[expect(
    clippy::too_many_lines,
    reason = "a table: one setting after the other"
)]
fn sandbox() -> anyhow::Result<Value> {
    const GIB: u64 = 1 << 30;
    let schema = object(
        "Limits of one sandbox",
        &[
            (
                "isolation",
                word(
                    "Which requests may meet in one sandbox: those of its deployment, or none",
                    &["deployment", "request"],
                ),
            ),
            (
                "memory_limit_mb",
                integer("Linear memory, in MiB", 1, 1_024),
            ),
            (
                "max_table_elements",
                integer(
                    "Elements of one table",
                    0,
                    SandboxSettings::MOST_TABLE_ELEMENTS.into(),
                ),
            ),
            (
                "max_handles",
                integer(
                    "Handles that the guest may hold: models, streams, pollables",
                    1,
                    100_000,
                ),
            ),
            (
                "init_timeout_ms",
                integer("Longest that `init` may take, in milliseconds", 1, 600_000),
            ),
            (
                "max_response_bytes",
                integer("Largest answer of `run`, in bytes", 1, GIB),
            ),
            (
                "max_hostcall_bytes",
                integer(
                    "Bytes that the guest may hand to the host in one call",
                    1,
                    GIB,
                ),
            ),
            (
                "max_infer_calls",
                integer("Native runs that one request may ask for", 0, 1_000_000),
            ),
            (
                "max_egress_calls",
                integer("Calls to others that one request may make", 0, 1_000),
            ),
            (
                "max_egress_bytes",
                integer(
                    "Bytes that the bodies of these calls may have together, both ways",
                    1,
                    GIB,
                ),
            ),
            (
                "max_log_lines_per_second",
                integer(
                    "Lines that the deployment may print in a second; the rest is dropped",
                    0,
                    10_000,
                ),
            ),
            (
                "max_log_line_bytes",
                integer("Longest line that is kept, in bytes", 64, 64 << 10),
            ),
            (
                "max_requests_per_sandbox",
                integer(
                    "Requests after which a sandbox is replaced",
                    1,
                    1_000_000_000,
                ),
            ),
            (
                "max_age_s",
                integer(
                    "Age at which a sandbox is replaced, in seconds",
                    1,
                    30 * 24 * 60 * 60,
                ),
            ),
            (
                "memory_high_water_mb",
                integer(
                    "Memory above what `init` left at which a sandbox is replaced, in MiB",
                    1,
                    1_024,
                ),
            ),
        ],
    );
    with_defaults(schema, &SandboxSettings::default())
}
