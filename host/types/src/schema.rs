//! What the description of the REST API says of the types that are read and written by hand.
//!
//! All others derive it. A schema is never narrower than its reader: where a rule can not be said in JSON Schema, or only
//! in a way that nobody can read, the description says it, and the server refuses what breaks it.

use std::borrow::Cow;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Object, ObjectBuilder, Ref, RefOr,
        schema::{AdditionalProperties, AnyOfBuilder, Schema, SchemaType, Type},
    },
};

use crate::{
    Collection, Cron, Digest, ModelSpec, Name, Origin, Percent, Route, SecretReference,
    TrafficSplit,
    names::{
        AdminTokenKind, CollectionKind, DeploymentKind, EndpointKind, InstanceTypeKind, Kind,
        MAX_LENGTH, ModelKind,
    },
    rollout::{Interval, Rate},
    spec::{Collections, FieldPath, FileName, MAX_FILE_NAME, ModelOptions, MountPath, Switch},
    traffic::routes::RouteFields,
};

/// A digest, or a registered model: its own digest, as the server looks it up when the deployment is stored.
const DIGEST_OR_REFERENCE: &str = "^(sha256:[0-9a-fA-F]{64}|(mlwasm|azureml):.+)$";

fn text(description: &str, pattern: &str, example: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description))
        .pattern(Some(pattern))
        .examples([example])
}

impl<K: Kind> PartialSchema for Name<K> {
    fn schema() -> RefOr<Schema> {
        let extra = K::EXTRA;
        let pattern = format!("^[a-zA-Z]([-{extra}a-zA-Z0-9]*[a-zA-Z0-9])?$");
        let reserved = match K::RESERVED {
            [] => String::new(),
            names => format!(" Reserved: {}.", names.join(", ")),
        };
        let description = format!(
            "The name of {} {}, 1 to {MAX_LENGTH} characters.{reserved}",
            K::ARTICLE,
            K::NOUN
        );
        let example = K::EXAMPLE;
        text(&description, &pattern, example)
            .min_length(Some(1))
            .max_length(Some(MAX_LENGTH))
            .into()
    }
}

// One for each kind, since a schema's name is that of the type as code writes it.
impl ToSchema for Name<EndpointKind> {
    fn name() -> Cow<'static, str> {
        "EndpointName".into()
    }
}
impl ToSchema for Name<DeploymentKind> {
    fn name() -> Cow<'static, str> {
        "DeploymentName".into()
    }
}
impl ToSchema for Name<ModelKind> {
    fn name() -> Cow<'static, str> {
        "ModelName".into()
    }
}
impl ToSchema for Name<InstanceTypeKind> {
    fn name() -> Cow<'static, str> {
        "InstanceTypeName".into()
    }
}
impl ToSchema for Name<AdminTokenKind> {
    fn name() -> Cow<'static, str> {
        "AdminTokenName".into()
    }
}

impl PartialSchema for Digest {
    fn schema() -> RefOr<Schema> {
        let example = Self::of(b"").to_string();
        text(
            "The SHA-256 of a file.",
            "^sha256:[0-9a-fA-F]{64}$",
            &example,
        )
        .into()
    }
}
impl ToSchema for Digest {}

impl PartialSchema for FileName {
    fn schema() -> RefOr<Schema> {
        text(
            "A path below the folder that the scorer sees, at most 512 bytes: no part of it is `.` or `..`.",
            "^[^/]",
            "vocab/words.json",
        )
        .min_length(Some(1))
        .max_length(Some(MAX_FILE_NAME))
        .into()
    }
}
impl ToSchema for FileName {}

impl PartialSchema for MountPath {
    fn schema() -> RefOr<Schema> {
        text(
            "An absolute path, at most 512 bytes after the first `/`: no part of it is `.` or `..`.",
            "^/[^/]",
            "/models/iris",
        )
        .max_length(Some(MAX_FILE_NAME + 1))
        .into()
    }
}
impl ToSchema for MountPath {}

impl PartialSchema for Origin {
    fn schema() -> RefOr<Schema> {
        text(
            "Who can be called: scheme, host and port, without user, path and query. The port may be left out.",
            "^[hH][tT][tT][pP][sS]?://[^/?#@]+$",
            "https://features.internal:8443",
        )
        .max_length(Some(270))
        .into()
    }
}
impl ToSchema for Origin {}

impl PartialSchema for Percent {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .description(Some("A share in whole percent."))
            .minimum(Some(0))
            .maximum(Some(100))
            .into()
    }
}
impl ToSchema for Percent {}

impl PartialSchema for TrafficSplit {
    fn schema() -> RefOr<Schema> {
        shares("Each deployment's share of the live traffic. They sum to 100, or to 0: traffic is off.").into()
    }
}
impl ToSchema for TrafficSplit {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Percent::name().into(), Percent::schema()));
    }
}

/// Shares in percent by the deployment's name.
fn shares(description: &str) -> Object {
    let name = match Name::<DeploymentKind>::schema() {
        RefOr::T(schema) => Some(schema),
        RefOr::Ref(_) => None,
    };
    ObjectBuilder::new()
        .description(Some(description))
        .property_names(name)
        .additional_properties(Some(AdditionalProperties::RefOr(
            Ref::from_schema_name(Percent::name()).into(),
        )))
        .build()
}

impl PartialSchema for Interval {
    fn schema() -> RefOr<Schema> {
        text("A duration from 1s to 24h.", "[0-9]", "60s").into()
    }
}
impl ToSchema for Interval {}

impl PartialSchema for Rate {
    fn schema() -> RefOr<Schema> {
        text(
            "A share of requests with its sign, from 0.01% to 50%.",
            "%\\s*$",
            "0.5%",
        )
        .into()
    }
}
impl ToSchema for Rate {}

impl PartialSchema for Cron {
    fn schema() -> RefOr<Schema> {
        text(
            "Minute, hour, day of the month, month and day of the week, in UTC.",
            "^\\s*\\S+(\\s+\\S+){4}\\s*$",
            "0 8 * * 1-5",
        )
        .max_length(Some(1_024))
        .into()
    }
}
impl ToSchema for Cron {}

impl PartialSchema for FieldPath {
    fn schema() -> RefOr<Schema> {
        text(
            "Where in a JSON value: $ and then .key, [\"any key\"], .* for every key or [*] for every item.",
            "^\\$",
            "$.rows[*].id",
        )
        .max_length(Some(200))
        .into()
    }
}
impl ToSchema for FieldPath {}

impl PartialSchema for SecretReference {
    fn schema() -> RefOr<Schema> {
        text(
            "Where the server finds a secret's value: env:NAME, file:/path or mount:NAME. Never the value itself.",
            "^(env:[^/]|file:/|mount:[^/])",
            "env:RISK_API_KEY",
        )
        .max_length(Some(1_030))
        .into()
    }
}
impl ToSchema for SecretReference {}

impl PartialSchema for Route {
    fn schema() -> RefOr<Schema> {
        RouteFields::schema()
    }
}
impl ToSchema for Route {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        RouteFields::schemas(schemas);
    }
}

impl PartialSchema for ModelSpec {
    fn schema() -> RefOr<Schema> {
        AnyOfBuilder::new()
            .description(Some(
                "A model that the scorer may open: its digest or reference alone, or with options. Answers have the latter form.",
            ))
            .item(digest_or_reference())
            .item(Ref::from_schema_name(ModelOptions::name()))
            .into()
    }
}
impl ToSchema for ModelSpec {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((ModelOptions::name().into(), ModelOptions::schema()));
        ModelOptions::schemas(schemas);
    }
}

/// What names a model's file in a request.
pub(crate) fn digest_or_reference() -> Object {
    text(
        "The digest of an uploaded file, or a registered model: mlwasm:NAME:VERSION or mlwasm:NAME@latest. Answers have the \
         digest.",
        DIGEST_OR_REFERENCE,
        "mlwasm:iris:2",
    )
    .build()
}

/// Seconds, as a number or as a duration of ISO 8601. Answers have the number.
pub(crate) fn polling_interval() -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Integer, Type::String]))
        .description(Some(
            "Time between two looks at the load, in seconds, 1 to 3,600; or as in PT1S.",
        ))
        .minimum(Some(1))
        .maximum(Some(3_600))
        .default(Some(1.into()))
        .build()
}

impl PartialSchema for Collection {
    fn schema() -> RefOr<Schema> {
        let pattern = format!(
            "^[a-zA-Z]([-{}a-zA-Z0-9]*[a-zA-Z0-9])?$",
            CollectionKind::EXTRA
        );
        let description = "`request`, `response`, or what a scorer calls a collection of its own.";
        text(description, &pattern, "request")
            .min_length(Some(1))
            .max_length(Some(MAX_LENGTH))
            .into()
    }
}
impl ToSchema for Collection {}

impl PartialSchema for Collections {
    fn schema() -> RefOr<Schema> {
        let name = match Collection::schema() {
            RefOr::T(schema) => Some(schema),
            RefOr::Ref(_) => None,
        };
        ObjectBuilder::new()
            .description(Some("The collections by name, and whether they are on; at most 16 beside `request` and `response`."))
            .property_names(name)
            .additional_properties(Some(AdditionalProperties::RefOr(Ref::from_schema_name(Switch::name()).into())))
            .into()
    }
}
impl ToSchema for Collections {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Switch::name().into(), Switch::schema()));
    }
}

/// True or false, also as Azure's files write it. Answers have the former.
pub(crate) fn switch() -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Boolean, Type::String]))
        .description(Some("On or off; as text in any letters."))
        .examples([true])
        .build()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        Batching, DataCollector, DeploymentSpec, EndpointSpec, RequestSettings, RolloutPlan,
        SandboxSettings, ScaleSettings, ShadowSettings,
    };

    /// Every bounded number of `T` is taken at its bounds, and not beyond them, by `takes`.
    fn check<T: ToSchema>(takes: impl Fn(&str, Value) -> bool) -> usize {
        let schema = json!(T::schema());
        let properties = schema["properties"].as_object().unwrap();
        let is_bounded = |property: &&Value| property["minimum"].is_number();
        let bounded = properties.iter().filter(|(_, it)| is_bounded(it));
        bounded
            .map(|(name, property)| {
                // A setting that may be left out is "number or null".
                let whole = !property["type"].to_string().contains("number");
                let value = |bound: &str, beyond: f64| {
                    let number = property[bound].as_f64().unwrap() + beyond;
                    #[expect(clippy::cast_possible_truncation, reason = "small whole numbers")]
                    if whole {
                        json!(number as i64)
                    } else {
                        json!(number)
                    }
                };
                let step = if whole { 1.0 } else { 0.000_01 };
                assert!(takes(name, value("minimum", 0.0)), "{name} at its least");
                assert!(takes(name, value("maximum", 0.0)), "{name} at its most");
                assert!(!takes(name, value("minimum", -step)), "{name} below");
                assert!(!takes(name, value("maximum", step)), "{name} above");
            })
            .count()
    }

    fn deployment(members: &Value) -> bool {
        let mut spec = json!({
            "name": "blue", "endpoint_name": "e", "component": Digest::of(b""),
            "scale_settings": {"type": "target_utilization", "min_instances": 0, "max_instances": 1000},
        });
        for (name, value) in members.as_object().unwrap() {
            match (&mut spec[name], value) {
                (Value::Object(there), Value::Object(more)) => there.extend(more.clone()),
                (there, value) => *there = value.clone(),
            }
        }
        serde_json::from_value::<DeploymentSpec>(spec).is_ok_and(|spec| spec.validate().is_ok())
    }

    #[test]
    fn every_bound_is_the_one_that_is_checked() {
        let count = check::<DeploymentSpec>(|name, value| deployment(&json!({name: value})));
        assert_eq!(count, 1);
        let within = |settings: &'static str| {
            move |name: &str, value: Value| deployment(&json!({settings: {name: value}}))
        };
        assert_eq!(check::<RequestSettings>(within("request_settings")), 3);
        assert_eq!(check::<SandboxSettings>(within("sandbox")), 14);
        assert_eq!(check::<ScaleSettings>(within("scale_settings")), 4);
        let model = |name: &str, value: Value| {
            let model = json!({"digest": Digest::of(b"m"), name: value});
            deployment(&json!({"models": {"m": model}}))
        };
        assert_eq!(check::<ModelOptions>(model), 2);
        let batching = |name: &str, value: Value| {
            let model = json!({"digest": Digest::of(b"m"), "batching": {name: value}});
            deployment(&json!({"models": {"m": model}}))
        };
        assert_eq!(check::<Batching>(batching), 2);
        assert_eq!(check::<Batching>(within("infer_batching")), 2);
        let collector = |name: &str, value: Value| {
            deployment(&json!({"data_collector": {"collections": {}, name: value}}))
        };
        assert_eq!(check::<DataCollector>(collector), 2);
        let shadow = |name: &str, value: Value| {
            let spec = json!({"name": "e", "shadow": {name: value}});
            serde_json::from_value::<EndpointSpec>(spec).is_ok_and(|spec| spec.validate().is_ok())
        };
        assert_eq!(check::<ShadowSettings>(shadow), 4);
        let plan = |name: &str, value: Value| {
            let plan = json!({"to": "green", name: value});
            serde_json::from_value::<RolloutPlan>(plan).is_ok_and(|plan| plan.validate().is_ok())
        };
        assert_eq!(check::<RolloutPlan>(plan), 2);
    }

    #[test]
    fn defaults_are_those_of_the_settings() {
        let schema = json!(SandboxSettings::schema());
        let settings = json!(SandboxSettings::default());
        for (name, property) in schema["properties"].as_object().unwrap() {
            assert_eq!(property.get("default"), settings.get(name), "{name}");
        }
        let spec = json!({"name": "b", "endpoint_name": "e", "component": Digest::of(b"")});
        let spec: DeploymentSpec = serde_json::from_value(spec).unwrap();
        let schema = json!(DeploymentSpec::schema());
        let shown = &schema["properties"]["instance_count"]["default"];
        assert_eq!(*shown, json!(spec.instance_count));
        let plan: RolloutPlan = serde_json::from_value(json!({"to": "green"})).unwrap();
        let schema = json!(RolloutPlan::schema());
        for (name, value) in [
            ("steps", json!(plan.steps)),
            ("min_requests", json!(plan.min_requests)),
        ] {
            assert_eq!(schema["properties"][name]["default"], value, "{name}");
        }
    }
}
