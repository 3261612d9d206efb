//! Which outputs a request wants, and in which form.

use mlwasm_types::Signature;

use super::{
    check::position,
    malformed::Malformed,
    message::{Parameters, Part},
};

/// One output that the client gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Its place in the signature.
    pub(crate) output: usize,
    pub(crate) encoding: Encoding,
    /// Only so many of the highest elements, as classes; 0 is the tensor itself.
    pub(crate) classes: usize,
}

/// Where the elements of an output stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// In the JSON.
    Json,
    /// Behind it.
    Binary,
}

/// What `outputs` of a request asks for: all of them if it is not there, or empty.
pub(crate) fn wanted(
    outputs: Option<Vec<Part>>,
    parameters: &Parameters,
    signature: &Signature,
) -> Result<Vec<Wanted>, Malformed> {
    let encoding = |is_binary| match is_binary {
        true => Encoding::Binary,
        false => Encoding::Json,
    };
    let default = parameters
        .truth("the body", "binary_data_output")?
        .unwrap_or_default();
    let outputs = outputs.unwrap_or_default();
    if outputs.is_empty() {
        let all = (0..signature.outputs.len()).map(|output| Wanted {
            output,
            encoding: encoding(default),
            classes: 0,
        });
        return Ok(all.collect());
    }
    let mut wanted: Vec<Wanted> = Vec::with_capacity(outputs.len());
    for (index, part) in outputs.iter().enumerate() {
        let place = format!("outputs[{index}]");
        let name = part.name.as_deref();
        let name = name.ok_or_else(|| Malformed::at(&place, "`name` is missing"))?;
        let output = position(&signature.outputs, name, &place, "output")?;
        if wanted.iter().any(|other| other.output == output) {
            return Err(Malformed(format!("{place}.name: {name:?} is given twice")));
        }
        if part.parameters.are_of_shared_memory() {
            let what = "this server shares no memory with clients: take the data from the body";
            return Err(Malformed::at(&place, what));
        }
        let is_binary = part.parameters.truth(&place, "binary_data")?;
        let classes = part.parameters.count(&place, "classification")?;
        wanted.push(Wanted {
            output,
            encoding: encoding(is_binary.unwrap_or(default)),
            classes: classes.unwrap_or_default(),
        });
    }
    Ok(wanted)
}

#[cfg(test)]
mod tests {
    use mlwasm_types::{ElementType, TensorSpec};

    use super::{Encoding::*, *};
    use crate::v2::message;

    fn signature() -> Signature {
        let output = |name: &str| TensorSpec {
            name: name.to_owned(),
            element: ElementType::Float32,
            shape: vec![],
        };
        Signature {
            inputs: vec![],
            outputs: vec![output("a"), output("b")],
        }
    }

    fn read(json: &str) -> Result<Vec<(usize, Encoding, usize)>, String> {
        let message = message::read(json.as_bytes()).unwrap();
        wanted(message.outputs, &message.parameters, &signature())
            .map(|all| {
                let flat = |one: Wanted| (one.output, one.encoding, one.classes);
                all.into_iter().map(flat).collect()
            })
            .map_err(|error| error.to_string())
    }

    #[test]
    fn outputs_come_as_asked_for_and_all_where_none_is_named() {
        for (json, expected) in [
            ("{}", vec![(0, Json, 0), (1, Json, 0)]),
            (r#"{"outputs":[]}"#, vec![(0, Json, 0), (1, Json, 0)]),
            (
                r#"{"parameters":{"binary_data_output":true}}"#,
                vec![(0, Binary, 0), (1, Binary, 0)],
            ),
            (r#"{"outputs":[{"name":"b"}]}"#, vec![(1, Json, 0)]),
            (
                r#"{"outputs":[{"name":"b","parameters":{"binary_data":true}},{"name":"a","parameters":{"classification":2}}]}"#,
                vec![(1, Binary, 0), (0, Json, 2)],
            ),
            (
                r#"{"parameters":{"binary_data_output":true},"outputs":[{"name":"b","parameters":{"binary_data":false}},{"name":"a"}]}"#,
                vec![(1, Json, 0), (0, Binary, 0)],
            ),
        ] {
            assert_eq!(read(json), Ok(expected), "{json}");
        }
    }

    #[test]
    fn a_wish_that_can_not_be_met_is_told_where_it_stands() {
        for (json, expected) in [
            (
                r#"{"outputs":[{"name":"a"},{"name":"c"}]}"#,
                "outputs[1].name: there is no output \"c\"; there is a, b",
            ),
            (r#"{"outputs":[{}]}"#, "outputs[0]: `name` is missing"),
            (
                r#"{"outputs":[{"name":"a"},{"name":"a"}]}"#,
                "outputs[1].name: \"a\" is given twice",
            ),
            (
                r#"{"outputs":[{"name":"a","parameters":{"classification":-1}}]}"#,
                "outputs[0].parameters.classification: expected a whole number from 0 on",
            ),
            (
                r#"{"outputs":[{"name":"a","parameters":{"binary_data":1}}]}"#,
                "outputs[0].parameters.binary_data: expected true or false",
            ),
            (
                r#"{"parameters":{"binary_data_output":"yes"}}"#,
                "the body.parameters.binary_data_output: expected true or false",
            ),
        ] {
            assert_eq!(read(json), Err(expected.to_owned()), "{json}");
        }
    }
}
