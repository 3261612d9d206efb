//! How callers of an endpoint prove who they are.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::ToSchema;

/// How callers of an endpoint prove who they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthMode {
    /// Two keys that never expire and can be regenerated.
    #[default]
    Key,
    /// Tokens that this server issues and that expire.
    AmlToken,
    /// They need not: whoever reaches the server may call. Only where the server's settings allow it.
    None,
}

/// What `auth_mode` may be.
const MODES: &[&str] = &["key", "aml_token", "none"];

impl AuthMode {
    /// The mode as settings write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::AmlToken => "aml_token",
            Self::None => "none",
        }
    }
}

impl fmt::Display for AuthMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

// Written out for the one mode of Azure's that is known and refused: it deserves a sentence.
impl<'de> Deserialize<'de> for AuthMode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.as_str() {
            "key" => Ok(Self::Key),
            "aml_token" => Ok(Self::AmlToken),
            "none" => Ok(Self::None),
            "aad_token" => Err(de::Error::custom(
                "aad_token means tokens of Microsoft Entra, which this server does not ask: use aml_token, tokens that \
                 this server issues, or key",
            )),
            other => Err(de::Error::unknown_variant(other, MODES)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_reads_as_it_is_written() {
        for mode in [AuthMode::Key, AuthMode::AmlToken, AuthMode::None] {
            let text = serde_json::to_string(&mode).unwrap();
            assert_eq!(text, format!("{:?}", mode.as_str()));
            assert_eq!(serde_json::from_str::<AuthMode>(&text).unwrap(), mode);
        }
    }

    #[test]
    fn azures_other_mode_is_refused_with_what_to_use() {
        let refusal = |text: &str| {
            serde_json::from_str::<AuthMode>(text)
                .unwrap_err()
                .to_string()
        };
        assert!(refusal("\"aad_token\"").contains("use aml_token"));
        let unknown = refusal("\"basic\"");
        assert!(unknown.contains("`key`, `aml_token`, `none`"), "{unknown}");
    }
}
