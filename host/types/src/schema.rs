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
    Cron, Digest, ModelSpec, Name, Percent, Route, SecretReference, TrafficSplit,
    names::{AdminTokenKind, DeploymentKind, EndpointKind, Kind, MAX_LENGTH, ModelKind},
    rollout::{Interval, Rate},
    spec::{FieldPath, ModelOptions},
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

/// True or false, also as Azure's files write it. Answers have the former.
pub(crate) fn switch() -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Boolean, Type::String]))
        .description(Some("On or off; as text in any letters."))
        .examples([true])
        .build()
}
