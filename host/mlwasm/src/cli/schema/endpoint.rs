//! The schema of `endpoint.yml`.

use mlwasm_types::ShadowSettings;
use serde_json::{Value, json};

use super::parts::{
    file, integer, list, name, number, object, or_null, shares, such_as, text, texts,
    with_defaults, word,
};
use crate::cli::endpoint_file::FOREIGN;

/// The schema.
///
/// # Errors
///
/// Only if a default has no JSON form.
pub(super) fn schema() -> anyhow::Result<Value> {
    let mut auth_mode = word(
        "How callers prove who they are: two keys, tokens that expire, or not at all",
        &["key", "aml_token", "none"],
    );
    auth_mode["default"] = json!("key");
    let settings = object(
        "An endpoint: a stable address before some deployments",
        &[
            ("name", name("The endpoint, unique on the server")),
            ("auth_mode", auth_mode),
            ("description", or_null(text("For people"))),
            ("tags", texts("For people and their tools")),
            (
                "traffic",
                such_as(
                    shares(
                        "Shares of the live traffic in whole percents; they sum to 100, or to 0 for off",
                        100,
                    ),
                    json!({"blue": 90, "green": 10}),
                ),
            ),
            (
                "mirror_traffic",
                such_as(
                    shares(
                        "The one deployment that gets copies, and the share of the requests that is copied",
                        mlwasm_types::traffic::MAX_MIRROR_PERCENT.into(),
                    ),
                    json!({"green": 10}),
                ),
            ),
            (
                "sticky_header",
                or_null(text(
                    "The request header whose value keeps a caller on one deployment",
                )),
            ),
            (
                "sticky_cookie",
                or_null(text(
                    "The cookie whose value does, where the header is not sent",
                )),
            ),
            (
                "routes",
                list(
                    "What sends requests to a deployment before the shares are looked at; the first that fits decides",
                    route(),
                    100,
                ),
            ),
            ("shadow", or_null(shadow()?)),
        ],
    );
    Ok(file("mlwasm endpoint", settings, FOREIGN))
}

fn route() -> Value {
    let mut schema = object(
        "Requests with this value in this header or cookie go to the deployment",
        &[
            ("header", text("The header; not together with cookie")),
            ("cookie", text("The cookie; not together with header")),
            ("value", text("Its value, to the byte")),
            ("deployment", name("Who answers then")),
        ],
    );
    schema["required"] = json!(["value", "deployment"]);
    schema["oneOf"] = json!([{"required": ["header"]}, {"required": ["cookie"]}]);
    schema
}

fn shadow() -> anyhow::Result<Value> {
    let path = such_as(text("A path in the answer"), json!("$.rows[*].time"));
    let schema = object(
        "How the mirror's answers are compared with the live ones",
        &[
            (
                "max_mismatch",
                number("Share of the answers that may differ", 0.000_1, 1.0),
            ),
            (
                "tolerance",
                number(
                    "How far apart equal numbers may be, relative to the larger",
                    0.0,
                    1.0,
                ),
            ),
            (
                "min_comparisons",
                integer("Comparisons before which nothing is promoted", 1, 1_000_000),
            ),
            (
                "max_p99_ratio",
                number(
                    "How many times longer the slowest hundredth may take",
                    1.0,
                    1_000.0,
                ),
            ),
            (
                "ignore",
                list(
                    "Fields that are not compared, with all that is in them",
                    path,
                    32,
                ),
            ),
        ],
    );
    with_defaults(schema, &ShadowSettings::default())
}
