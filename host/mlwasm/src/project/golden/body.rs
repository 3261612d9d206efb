//! A body in a golden file: as JSON, as text, or as bytes in base64.

use anyhow::{anyhow, bail};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::base64;

/// A body, by at most one of its forms; none of them is no body.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Body {
    // JSON's null is a body.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    json: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl Body {
    /// The body of an answer, in the form that shows most of it.
    pub(super) fn of(bytes: &[u8], content_type: Option<&str>) -> Self {
        let says_json = content_type.is_some_and(is_json);
        let json = says_json
            .then(|| serde_json::from_slice(bytes).ok())
            .flatten();
        if let Some(json) = json {
            return Self {
                json: Some(json),
                ..Self::default()
            };
        }
        match std::str::from_utf8(bytes) {
            Ok("") => Self::default(),
            Ok(text) => Self {
                text: Some(text.to_owned()),
                ..Self::default()
            },
            Err(_) => Self {
                base64: Some(base64::encode(bytes)),
                ..Self::default()
            },
        }
    }

    /// The JSON, if that is its form.
    pub(super) fn json(&self) -> Option<&Value> {
        self.json.as_ref()
    }

    /// The bytes.
    ///
    /// # Errors
    ///
    /// If its base64 is none.
    pub(crate) fn bytes(&self) -> anyhow::Result<Vec<u8>> {
        match (&self.json, &self.text, &self.base64) {
            (Some(json), ..) => Ok(serde_json::to_vec(json)?),
            (_, Some(text), _) => Ok(text.clone().into_bytes()),
            (_, _, Some(text)) => {
                base64::decode(text).ok_or_else(|| anyhow!("base64 is not valid"))
            }
            (None, None, None) => Ok(Vec::new()),
        }
    }

    /// The media type of its form.
    pub(super) fn content_type(&self) -> Option<&'static str> {
        match (&self.json, &self.text, &self.base64) {
            (Some(_), ..) => Some("application/json"),
            (_, Some(_), _) => Some("text/plain; charset=utf-8"),
            (_, _, Some(_)) => Some("application/octet-stream"),
            (None, None, None) => None,
        }
    }

    pub(super) fn check(&self) -> anyhow::Result<()> {
        let forms = [
            self.json.is_some(),
            self.text.is_some(),
            self.base64.is_some(),
        ];
        if forms.into_iter().filter(|is_given| *is_given).count() > 1 {
            bail!("it has more than one of json, text and base64");
        }
        self.bytes().map(drop)
    }
}

fn is_json(content_type: &str) -> bool {
    let media = content_type.split(';').next().unwrap_or_default().trim();
    media == "application/json" || media.ends_with("+json")
}
