//! From tensors to a body, as the client wants it.

use serde::Serialize;

use super::{JSON_LENGTH, request::Wish};
use crate::{Request, Response, ScoreError, Tensor, json};

#[derive(Serialize)]
struct Answer<'a> {
    model_name: &'a str,
    model_version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    outputs: Vec<Output<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Output<'a> {
    Json(json::Named<'a>),
    Binary {
        name: &'a str,
        datatype: &'static str,
        shape: &'a [u32],
        parameters: Size,
    },
}

#[derive(Serialize)]
struct Size {
    binary_data_size: usize,
}

pub(super) fn write(
    request: &Request,
    outputs: &[Tensor],
    wish: &Wish,
) -> Result<Response, ScoreError> {
    let mut told = Vec::new();
    let mut binary = Vec::new();
    let is_any_binary = for_each(outputs, wish, |output, is_binary| {
        told.push(if is_binary {
            binary.extend_from_slice(output.as_bytes());
            Output::Binary {
                name: output.name(),
                datatype: output.element().datatype(),
                shape: output.shape(),
                parameters: Size {
                    binary_data_size: output.as_bytes().len(),
                },
            }
        } else {
            Output::Json(json::Named::new(output)?)
        });
        Ok(())
    })?;
    let answer = Answer {
        model_name: request.header("mlwasm-endpoint").unwrap_or_default(),
        model_version: &request.deployment,
        id: wish.id.as_deref(),
        outputs: told,
    };
    let mut response = Response::json(&answer)?;
    if is_any_binary {
        let length = response.body.len().to_string();
        response.body.append(&mut binary);
        "application/octet-stream".clone_into(&mut response.content_type);
        response = response.with_header(JSON_LENGTH, length);
    }
    Ok(response)
}

/// Goes through the outputs that are wanted. Returns whether any of them is binary.
fn for_each<'a>(
    outputs: &'a [Tensor],
    wish: &Wish,
    mut tell: impl FnMut(&'a Tensor, bool) -> Result<(), ScoreError>,
) -> Result<bool, ScoreError> {
    if wish.outputs.is_empty() {
        for output in outputs {
            tell(output, wish.is_binary)?;
        }
        return Ok(wish.is_binary);
    }
    let mut is_any_binary = false;
    for (index, wanted) in wish.outputs.iter().enumerate() {
        let output = outputs.iter().find(|output| output.name() == wanted.name);
        let output = output.ok_or_else(|| {
            let name = &wanted.name;
            ScoreError::BadRequest(format!(
                "outputs[{index}].name: there is no output {name:?}"
            ))
        })?;
        let is_binary = wanted.is_binary.unwrap_or(wish.is_binary);
        is_any_binary |= is_binary;
        tell(output, is_binary)?;
    }
    Ok(is_any_binary)
}
