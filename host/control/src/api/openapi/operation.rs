//! What one route says of itself: what it is for, what it takes, and everything that it can answer.
//!
//! A handler's file describes its handlers in these words. What all routes share (the token, the request's id, the faults
//! of the server) is added when the document is put together, and never said here.

use std::collections::{BTreeMap, BTreeSet};

use http::StatusCode;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema, openapi::path::ParameterIn};

use super::schemas;
use crate::api::problem::ProblemKind;

/// Under which heading an operation is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tag {
    Endpoints,
    Deployments,
    Traffic,
    Rollouts,
    Credentials,
    Models,
    Artifacts,
    Access,
    Server,
}

impl Tag {
    /// Every heading, in the order of the page.
    pub(super) const ALL: [Self; 9] = [
        Self::Endpoints,
        Self::Deployments,
        Self::Traffic,
        Self::Rollouts,
        Self::Credentials,
        Self::Models,
        Self::Artifacts,
        Self::Access,
        Self::Server,
    ];

    /// The heading, and what stands below it.
    pub(super) fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Endpoints => ("Endpoints", "Addresses that clients score at."),
            Self::Deployments => (
                "Deployments",
                "Scorers with their models and limits, their revisions, logs and failures.",
            ),
            Self::Traffic => (
                "Traffic",
                "Which deployment answers: shares, the mirror, and how its answers compare.",
            ),
            Self::Rollouts => (
                "Rollouts",
                "More and more traffic for a deployment, as long as it does well.",
            ),
            Self::Credentials => ("Credentials", "Keys and tokens with which clients score."),
            Self::Models => ("Models", "Registered models and their versions."),
            Self::Artifacts => (
                "Artifacts",
                "Files by their SHA-256: components and models.",
            ),
            Self::Access => (
                "Access",
                "Administration tokens, what they may do, and who did what.",
            ),
            Self::Server => ("Server", "The server itself."),
        }
    }
}

/// The description of one method of one address.
pub(crate) struct Operation {
    pub(super) tag: Tag,
    /// The name of the call in generated clients: it stays as it is.
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    pub(super) detail: &'static str,
    pub(super) parameters: Vec<Value>,
    pub(super) body: Option<Value>,
    pub(super) answers: BTreeMap<u16, Value>,
    pub(super) problems: BTreeSet<ProblemKind>,
    /// The schemas that it refers to, by name.
    pub(super) schemas: BTreeMap<String, Value>,
}

impl Operation {
    pub(crate) fn new(tag: Tag, id: &'static str, summary: &'static str) -> Self {
        Self {
            tag,
            id,
            summary,
            detail: "",
            parameters: Vec::new(),
            body: None,
            answers: BTreeMap::new(),
            problems: BTreeSet::new(),
            schemas: BTreeMap::new(),
        }
    }

    /// Says more than the summary does.
    pub(crate) fn detail(mut self, text: &'static str) -> Self {
        self.detail = text;
        self
    }

    /// Takes the settings `T` in its query.
    pub(crate) fn query<T: IntoParams>(mut self) -> Self {
        let parameters = T::into_params(|| Some(ParameterIn::Query));
        let parameters = parameters.iter().map(schemas::parameter);
        self.parameters.extend(parameters);
        self.fails(&[ProblemKind::InvalidRequest])
    }

    /// Takes `T` as JSON.
    pub(crate) fn takes<T: ToSchema>(mut self) -> Self {
        let schema = schemas::collect::<T>(&mut self.schemas);
        self.body = Some(json!({
            "required": true,
            "content": {"application/json": {"schema": schema}},
        }));
        self.reads_json()
    }

    /// As [`Operation::takes`], where no body means that nothing is set.
    pub(crate) fn may_take<T: ToSchema>(self) -> Self {
        let mut operation = self.takes::<T>();
        if let Some(body) = &mut operation.body {
            body["required"] = json!(false);
        }
        operation
    }

    /// Takes a merge patch of `T`; the members `whole` are replaced as they are.
    pub(crate) fn patches<T: ToSchema>(mut self, whole: &[&str]) -> Self {
        let mut all = BTreeMap::new();
        schemas::collect::<T>(&mut all);
        let name = format!("{}Patch", T::name());
        let patch = schemas::patch(&T::name(), whole, &all);
        self.schemas.insert(name.clone(), patch);
        let schema = json!({"schema": schemas::reference(&name)});
        self.body = Some(json!({
            "description": "RFC 7396: what is not named stays, and null removes.",
            "required": true,
            "content": {"application/merge-patch+json": schema, "application/json": schema},
        }));
        self.reads_json().fails(&[ProblemKind::Conflict])
    }

    /// Takes a file.
    pub(crate) fn takes_bytes(mut self) -> Self {
        self.body = Some(json!({
            "required": true,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }));
        self
    }

    /// Answers `T` as JSON.
    pub(crate) fn answers<T: ToSchema>(mut self, status: StatusCode, what: &str) -> Self {
        let schema = schemas::collect::<T>(&mut self.schemas);
        let content = json!({"application/json": {"schema": schema}});
        self.put_answer(status, json!({"description": what, "content": content}));
        self
    }

    /// Answers some `T` as a JSON array.
    pub(crate) fn answers_list<T: ToSchema>(mut self, status: StatusCode, what: &str) -> Self {
        let items = schemas::collect::<T>(&mut self.schemas);
        let schema = json!({"type": "array", "items": items});
        let content = json!({"application/json": {"schema": schema}});
        self.put_answer(status, json!({"description": what, "content": content}));
        self
    }

    /// Whatever it has answered in JSON up to here has an entity tag.
    pub(crate) fn tagged(mut self) -> Self {
        let header = json!({
            "description": "When the object last changed: what If-Match takes.",
            "required": true,
            "schema": {"type": "string", "pattern": "^\"[0-9]+\"$"},
        });
        for answer in self.answers.values_mut() {
            if answer["content"].is_object() {
                answer["headers"]["ETag"] = header.clone();
            }
        }
        self
    }

    /// Answers that it is done, and nothing else.
    pub(crate) fn answers_nothing(mut self, what: &str) -> Self {
        self.put_answer(StatusCode::NO_CONTENT, json!({"description": what}));
        self
    }

    /// Answers bytes of this media type.
    pub(crate) fn answers_bytes(mut self, media_type: &str, what: &str) -> Self {
        let content = json!({media_type: {"schema": {"type": "string", "format": "binary"}}});
        self.put_answer(
            StatusCode::OK,
            json!({"description": what, "content": content}),
        );
        self
    }

    /// Answers headers alone.
    pub(crate) fn answers_head(mut self, what: &str) -> Self {
        self.put_answer(StatusCode::OK, json!({"description": what}));
        self
    }

    /// Can be refused in these ways.
    pub(crate) fn fails(mut self, kinds: &[ProblemKind]) -> Self {
        self.problems.extend(kinds);
        self
    }

    /// Changes what is stored.
    pub(crate) fn changes(self) -> Self {
        self.fails(&[ProblemKind::StateUnavailable, ProblemKind::DiskFull])
    }

    /// Changes what is stored, if it is as the caller thinks.
    pub(crate) fn changes_if_as_expected(mut self) -> Self {
        let header = |name: &str, what: &str, pattern: &str| {
            json!({
                "name": name, "in": "header", "required": false, "description": what,
                "schema": {"type": "string", "pattern": pattern},
            })
        };
        self.parameters.extend([
            header(
                "If-Match",
                "The object's entity tag, or * for any: changed only if it is there, and still so.",
                "^(\\*|\"[0-9]{1,19}\")$",
            ),
            header(
                "If-None-Match",
                "*: changed only if it is not there. Excludes If-Match.",
                "^\\*$",
            ),
        ]);
        self.changes()
            .fails(&[ProblemKind::InvalidRequest, ProblemKind::PreconditionFailed])
    }

    fn reads_json(self) -> Self {
        self.fails(&[
            ProblemKind::InvalidRequest,
            ProblemKind::BodyTimeout,
            ProblemKind::BodyTooLarge,
            ProblemKind::UnsupportedMediaType,
            ProblemKind::InvalidSpec,
        ])
    }

    fn put_answer(&mut self, status: StatusCode, answer: Value) {
        self.answers.insert(status.as_u16(), answer);
    }
}
