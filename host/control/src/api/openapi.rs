//! `GET /v1/openapi.json`: the administration API as OpenAPI 3.1, put together from the table of routes.
//!
//! Nothing here knows a route: each tells of itself by an [`Operation`], and the types that it reads and writes tell their
//! schemas. So the document can lack neither a route nor a status that a route was said to have.

mod operation;
mod page;
mod schemas;

use std::{collections::BTreeMap, sync::LazyLock};

use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use mlwasm_types::{
    AdminTokenName, DeploymentName, Digest, EndpointName, ModelName, ModelVersion,
    api::{KeySlot, Problem},
    collection::Collection,
};
use serde_json::{Map, Value, json};

use super::{problem::ProblemKind, routes};
use crate::store::Command;
pub(crate) use operation::{Operation, Tag};
pub(super) use page::router;

/// What every route can answer, whatever it does.
const OF_ALL: [ProblemKind; 5] = [
    ProblemKind::Unauthorized,
    ProblemKind::ScopeTooSmall,
    ProblemKind::HostNotAllowed,
    ProblemKind::OriginNotAllowed,
    ProblemKind::InternalError,
];

const ABOUT: &str = "\
Everything that the command line does, it does by these requests.

* **Who**: `Authorization: Bearer TOKEN`, an administration token. Each operation names the scope that the token needs; a \
scope may do all that weaker ones may: `read`, `score`, `deploy`, `admin`.
* **Errors** are `application/problem+json` (RFC 9457); their `type` is for programs and stays as it is.
* **Changes at the same time**: `GET` answers an `ETag`, which `If-Match` takes; `If-None-Match: *` only makes what is not \
there. Without either, the last one wins.
* **When it is done**: a change is answered when the next scoring request is routed by it. A revision that has to be made \
ready first is waited for by `GET` of the deployment with `wait_ms`.
* **Ids**: each answer has `x-request-id`, which the server's log and the audit log know; a caller may choose it.";

/// Answers the document.
pub(super) async fn show() -> Response {
    let json = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, json)], DOCUMENT.clone()).into_response()
}

// It is the same for every server of this version.
static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| document().to_string().into());

/// The whole document.
fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    let mut schemas = shared_schemas();
    for route in routes::all() {
        let operation = (route.describe)();
        let method = route.method.as_str().to_ascii_lowercase();
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[method] = described(&operation, &route);
        schemas.extend(operation.schemas);
    }
    let tags = Tag::ALL.map(|tag| {
        let (name, description) = tag.words();
        json!({"name": name, "description": description})
    });
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "mlwasm administration API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas::flattened(&schemas),
            "securitySchemes": {
                "admin_token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An administration token: that of the data folder, admin.token, or one that `mlwasm admin-token create` made.",
                },
            },
        },
    })
}

/// The schemas of addresses, queries and errors, which no body refers to.
fn shared_schemas() -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    schemas::collect::<EndpointName>(&mut all);
    schemas::collect::<DeploymentName>(&mut all);
    schemas::collect::<ModelName>(&mut all);
    schemas::collect::<ModelVersion>(&mut all);
    schemas::collect::<Digest>(&mut all);
    schemas::collect::<AdminTokenName>(&mut all);
    schemas::collect::<KeySlot>(&mut all);
    schemas::collect::<Command>(&mut all);
    schemas::collect::<Collection>(&mut all);
    schemas::collect::<Problem>(&mut all);
    let number = json!({"type": "integer", "minimum": 0, "maximum": i64::MAX});
    all.insert("FailureNumber".to_owned(), number);
    if let Some(problem) = all.get_mut("Problem") {
        let kinds = ProblemKind::ALL.map(ProblemKind::uri);
        problem["properties"]["type"]["enum"] = json!(kinds.as_slice());
        problem["additionalProperties"] = json!(false);
    }
    all
}

/// The schema and the meaning of a name in an address; none if nothing was said of it.
fn of_address(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "endpoint" => ("EndpointName", "The endpoint."),
        "deployment" => ("DeploymentName", "The deployment."),
        "model" => ("ModelName", "The registered model."),
        "version" => ("ModelVersion", "Its version."),
        "digest" => ("Digest", "The file's digest."),
        "name" => ("AdminTokenName", "The token's name."),
        "slot" => ("KeySlot", "Which key."),
        "sequence" => (
            "FailureNumber",
            "The failure's number in the list of failures.",
        ),
        "command" => ("Command", "What the rollout shall do."),
        _ => return None,
    })
}

/// The names in braces of `path`.
fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn described(operation: &Operation, route: &routes::Route) -> Value {
    let scope = route.needs.as_str();
    // A test looks that none is left out.
    let of_address = names(route.path).filter_map(|name| {
        let (schema, what) = of_address(name)?;
        Some(json!({
            "name": name, "in": "path", "required": true, "description": what,
            "schema": schemas::reference(schema),
        }))
    });
    let parameters: Vec<_> = of_address
        .chain(operation.parameters.iter().cloned())
        .collect();
    let detail = match operation.detail {
        "" => format!("Needs the scope `{scope}`."),
        text => format!("{text}\n\nNeeds the scope `{scope}`."),
    };
    let mut described = json!({
        "operationId": operation.id,
        "tags": [operation.tag.words().0],
        "summary": operation.summary,
        "description": detail,
        // In OpenAPI 3.1 a scheme that is not OAuth lists the roles that it takes.
        "security": [{"admin_token": [scope]}],
        "parameters": parameters,
        "responses": responses(operation, route),
    });
    if let Some(body) = &operation.body {
        described["requestBody"] = body.clone();
    }
    described
}

fn responses(operation: &Operation, route: &routes::Route) -> Map<String, Value> {
    let mut kinds = operation.problems.clone();
    kinds.extend(OF_ALL);
    if names(route.path).next().is_some() {
        kinds.insert(ProblemKind::InvalidRequest);
    }
    let mut by_status: BTreeMap<u16, Vec<ProblemKind>> = BTreeMap::new();
    for kind in kinds {
        by_status
            .entry(kind.status().as_u16())
            .or_default()
            .push(kind);
    }
    let good = operation
        .answers
        .iter()
        .map(|(status, answer)| (*status, answer.clone()));
    let bad = by_status
        .iter()
        .map(|(status, kinds)| (*status, refusal(*status, kinds)));
    let all: BTreeMap<_, _> = good.chain(bad).collect();
    all.into_iter()
        .map(|(status, mut answer)| {
            answer["headers"]["x-request-id"] = json!({
                "description": "The request, as the server's log knows it.",
                "required": true,
                "schema": {"type": "string", "minLength": 1, "maxLength": 128},
            });
            (status.to_string(), answer)
        })
        .collect()
}

/// The answer of one status that is an error: only of the kinds that the operation can be refused by.
fn refusal(status: u16, kinds: &[ProblemKind]) -> Value {
    let meanings: Vec<_> = kinds
        .iter()
        .map(|kind| format!("* `{}`: {}", kind.slug(), kind.meaning()))
        .collect();
    let uris: Vec<_> = kinds.iter().map(|kind| kind.uri()).collect();
    let schema = json!({
        "allOf": [
            schemas::reference("Problem"),
            {"properties": {"type": {"enum": uris}, "status": {"const": status}}},
        ],
    });
    let mut answer = json!({
        "description": meanings.join("\n"),
        "content": {Problem::CONTENT_TYPE: {"schema": schema}},
    });
    if status == StatusCode::UNAUTHORIZED.as_u16() {
        answer["headers"]["WWW-Authenticate"] =
            json!({"required": true, "schema": {"type": "string", "const": "Bearer"}});
    }
    answer
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_name_in_an_address_is_explained() {
        for route in routes::all() {
            for name in names(route.path) {
                assert!(of_address(name).is_some(), "{name} in {}", route.path);
            }
        }
    }

    #[test]
    fn every_reference_leads_somewhere_and_every_schema_is_referred_to() {
        let document = document();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let mut referred = BTreeSet::new();
        references(&document, &mut referred);
        let there: BTreeSet<_> = schemas.keys().cloned().collect();
        assert_eq!(referred.difference(&there).next(), None);
        // What is only ever flattened into others is part of them.
        let alone: Vec<_> = there.difference(&referred).collect();
        assert_eq!(alone, ["DeploymentStatus", "Rollout"]);
    }

    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                if let Some(target) = members.get("$ref").and_then(Value::as_str) {
                    let name = target.strip_prefix("#/components/schemas/").unwrap();
                    found.insert(name.to_owned());
                }
                members
                    .values()
                    .for_each(|member| references(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }

    #[test]
    fn every_operation_has_a_name_of_its_own_and_says_what_it_answers() {
        let mut ids = BTreeSet::new();
        for route in routes::all() {
            let operation = (route.describe)();
            assert!(ids.insert(operation.id), "{}", operation.id);
            assert!(!operation.answers.is_empty(), "{}", operation.id);
            assert!(!operation.summary.ends_with('.'), "{}", operation.id);
            let takes_body = matches!(route.method.as_str(), "PUT" | "PATCH");
            assert!(!takes_body || operation.body.is_some(), "{}", operation.id);
        }
    }

    #[test]
    fn no_kind_of_problem_is_only_listed() {
        let mut told: BTreeSet<_> = OF_ALL.into();
        for route in routes::all() {
            told.extend((route.describe)().problems);
        }
        // Those are of addresses and methods that no operation has.
        told.extend([ProblemKind::RouteNotFound, ProblemKind::MethodNotAllowed]);
        assert_eq!(told, ProblemKind::ALL.into());
    }
}
