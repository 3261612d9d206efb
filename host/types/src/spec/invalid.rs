//! The rules that types alone do not hold, and what is said when one is broken.

use std::collections::BTreeMap;

use super::{FileName, MAX_FILES, MAX_MODELS, MAX_ORIGINS, Origin};
use crate::{InvalidRoute, InvalidTraffic};

/// A spec that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSpec {
    /// A number outside its bounds.
    #[error("{setting} is {value}: expected {least} to {most}")]
    OutOfBounds {
        /// The setting's path.
        setting: &'static str,
        /// What came.
        value: u64,
        /// The smallest allowed value.
        least: u64,
        /// The largest allowed value.
        most: u64,
    },
    /// A number that need not be whole, outside its bounds.
    #[error("{setting} is {value}: expected {least} to {most}")]
    RealOutOfBounds {
        /// The setting's path.
        setting: &'static str,
        /// What came, as text: a broken number equals nothing.
        value: String,
        /// The smallest allowed value.
        least: String,
        /// The largest allowed value.
        most: String,
    },
    /// More paths left out of comparisons than an endpoint may have.
    #[error("shadow.ignore holds {count} paths: at most {most} are allowed")]
    TooManyIgnored {
        /// How many came.
        count: usize,
        /// How many may.
        most: usize,
    },
    /// More collections of a scorer's own than a deployment may name.
    #[error(
        "data_collector.collections names {count} besides request and response: at most {most} are allowed"
    )]
    TooManyCollections {
        /// How many came.
        count: usize,
        /// How many may.
        most: usize,
    },
    /// More models than a deployment may name.
    #[error("models holds {count} entries: at most {MAX_MODELS} are allowed")]
    TooManyModels {
        /// How many came.
        count: usize,
    },
    /// More files than a deployment may name.
    #[error("files holds {count} entries: at most {MAX_FILES} are allowed")]
    TooManyFiles {
        /// How many came.
        count: usize,
    },
    /// A file that has the name of a folder of another.
    #[error("files: {:?} is a file, and the folder of another: rename one of them", name.as_str())]
    FileIsFolder {
        /// The file.
        name: FileName,
    },
    /// A name that no environment variable can have.
    #[error(
        "environment_variables: {name:?} is not a variable name: it must be 1 to 256 characters without `=` or NUL"
    )]
    VariableName {
        /// The name.
        name: String,
    },
    /// A value that no environment variable can have.
    #[error("environment_variables: the value of {name:?} holds a NUL or more than 65,536 bytes")]
    VariableValue {
        /// The variable.
        name: String,
    },
    /// A name of a secret that no environment variable can have.
    #[error(
        "secrets: {name:?} is not a variable name: it must be 1 to 256 characters without `=` or NUL"
    )]
    SecretName {
        /// The name.
        name: String,
    },
    /// A variable with two values.
    #[error("secrets: {name:?} is in environment_variables too: leave one of them out")]
    SecretIsVariable {
        /// The variable.
        name: String,
    },
    /// A text that is no header name.
    #[error("sticky_header: {header:?} is not a header name")]
    HeaderName {
        /// The text.
        header: String,
    },
    /// A text that is no cookie's name.
    #[error("sticky_cookie: {cookie:?} is not the name of a cookie")]
    CookieName {
        /// The text.
        cookie: String,
    },
    /// More origins than a deployment may call.
    #[error("egress names {count} origins: at most {MAX_ORIGINS} are allowed")]
    TooManyOrigins {
        /// How many came.
        count: usize,
    },
    /// An origin that is named again.
    #[error("egress names {origin} twice")]
    OriginTwice {
        /// Which one.
        origin: Origin,
    },
    /// A description or tag that is too long.
    #[error("{field} is longer than {limit} bytes")]
    TooLong {
        /// Which field.
        field: &'static str,
        /// The most bytes it may have.
        limit: usize,
    },
    /// Requests that are to meet in one call, and must not meet in one sandbox.
    #[error(
        "infer_batching joins requests, and sandbox.isolation request keeps them apart: set one of them to null"
    )]
    JoinedAndApart,
    /// How to scale was said, but not that the number of sandboxes follows the load.
    #[error(
        "scale_settings have no effect with type default: set scale_settings.type to target_utilization; for a fixed number set instance_count, and scale_settings to null"
    )]
    NothingScales,
    /// A schedule that wants more sandboxes than there may be.
    #[error(
        "scale_settings.schedules[{index}].min_instances is {value}: expected 0 to {most}, which is max_instances"
    )]
    ScheduleAboveMaximum {
        /// Which one, from 0.
        index: usize,
        /// What came.
        value: u32,
        /// The maximum.
        most: u32,
    },
    /// More schedules than a deployment may have.
    #[error("scale_settings.schedules holds {count} entries: at most {most} are allowed")]
    TooManySchedules {
        /// How many came.
        count: usize,
        /// How many may.
        most: usize,
    },
    /// A traffic split or mirror that breaks a rule.
    #[error(transparent)]
    Traffic(#[from] InvalidTraffic),
    /// Routes that break a rule.
    #[error("routes: {0}")]
    Routes(#[from] InvalidRoute),
}

pub(crate) fn check_people_fields(
    description: Option<&str>,
    tags: &BTreeMap<String, String>,
) -> Result<(), InvalidSpec> {
    const DESCRIPTION: usize = 4_096;
    const TAGS: usize = 16_384;
    if description.is_some_and(|text| text.len() > DESCRIPTION) {
        return Err(InvalidSpec::TooLong {
            field: "description",
            limit: DESCRIPTION,
        });
    }
    if tags
        .iter()
        .map(|(key, value)| key.len() + value.len())
        .sum::<usize>()
        > TAGS
    {
        return Err(InvalidSpec::TooLong {
            field: "tags",
            limit: TAGS,
        });
    }
    Ok(())
}

pub(super) fn check_variable(name: &str, value: &str) -> Result<(), InvalidSpec> {
    if !is_variable_name(name) {
        return Err(InvalidSpec::VariableName {
            name: name.to_owned(),
        });
    }
    if value.len() > 65_536 || value.contains('\0') {
        return Err(InvalidSpec::VariableValue {
            name: name.to_owned(),
        });
    }
    Ok(())
}

pub(super) fn check_secret(
    name: &str,
    variables: &BTreeMap<String, String>,
) -> Result<(), InvalidSpec> {
    if !is_variable_name(name) {
        return Err(InvalidSpec::SecretName {
            name: name.to_owned(),
        });
    }
    if variables.contains_key(name) {
        return Err(InvalidSpec::SecretIsVariable {
            name: name.to_owned(),
        });
    }
    Ok(())
}

fn is_variable_name(name: &str) -> bool {
    (1..=256).contains(&name.len()) && !name.contains(['=', '\0'])
}
