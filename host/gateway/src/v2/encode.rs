//! The answer of a typed scorer in the protocol's words.

use mlwasm_types::{ElementType, Tensor};
use serde_json::json;

use super::{
    elements::{self, NoJson},
    malformed::Malformed,
    wanted::{Encoding, Wanted},
};

/// Who answers, and which request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answerer<'a> {
    /// The endpoint.
    pub(crate) model: &'a str,
    /// The deployment.
    pub(crate) version: &'a str,
    /// The request's own `id`, if it has one.
    pub(crate) id: Option<&'a str>,
}

/// A body, and how much of it is JSON if not all is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Encoded {
    pub(crate) body: Vec<u8>,
    pub(crate) json_length: Option<usize>,
}

/// The outputs that are wanted, of `outputs` in the signature's order. Fails only where a client asked for JSON, and an output
/// has none.
pub(crate) fn encode(
    who: Answerer<'_>,
    outputs: &[Tensor],
    wanted: &[Wanted],
) -> Result<Encoded, Malformed> {
    let mut json = Vec::with_capacity(256);
    let mut binary: Vec<u8> = Vec::new();
    json.extend_from_slice(b"{\"model_name\":");
    put(&mut json, who.model);
    json.extend_from_slice(b",\"model_version\":");
    put(&mut json, who.version);
    if let Some(id) = who.id {
        json.extend_from_slice(b",\"id\":");
        put(&mut json, id);
    }
    json.extend_from_slice(b",\"outputs\":[");
    for (index, wish) in wanted.iter().enumerate() {
        if index > 0 {
            json.push(b',');
        }
        // Places were looked up in the signature, and the sandbox lets no other number of outputs pass.
        let Some(output) = outputs.get(wish.output) else {
            continue;
        };
        let classified = (wish.classes > 0).then(|| classify(output, wish.classes));
        let output = classified.as_ref().unwrap_or(output);
        put_output(&mut json, &mut binary, output, wish.encoding)?;
    }
    json.extend_from_slice(b"]}");
    let is_binary = wanted.iter().any(|wish| wish.encoding == Encoding::Binary);
    let json_length = is_binary.then_some(json.len());
    json.append(&mut binary);
    Ok(Encoded {
        body: json,
        json_length,
    })
}

fn put(json: &mut Vec<u8>, value: impl serde::Serialize) {
    // A `Vec` takes all, and names, numbers and lists of them always have a JSON form.
    serde_json::to_writer(json, &value).ok();
}

fn put_output(
    json: &mut Vec<u8>,
    binary: &mut Vec<u8>,
    output: &Tensor,
    encoding: Encoding,
) -> Result<(), Malformed> {
    json.extend_from_slice(b"{\"name\":");
    put(json, &output.name);
    json.extend_from_slice(b",\"datatype\":");
    put(json, output.element.datatype());
    json.extend_from_slice(b",\"shape\":");
    put(json, &output.shape);
    match encoding {
        Encoding::Binary => {
            json.extend_from_slice(b",\"parameters\":");
            put(json, json!({"binary_data_size": output.data.len()}));
            binary.extend_from_slice(&output.data);
        }
        Encoding::Json => {
            json.extend_from_slice(b",\"data\":");
            elements::write_list(output.element, &output.data, json)
                .map_err(|why| no_json(&output.name, output.element, why))?;
        }
    }
    json.push(b'}');
    Ok(())
}

fn no_json(name: &str, element: ElementType, why: NoJson) -> Malformed {
    let what = match why {
        NoJson::Datatype => format!("{} has no form in JSON", element.datatype()),
        NoJson::NotText => "its bytes are no UTF-8".to_owned(),
    };
    Malformed(format!(
        "outputs: {what}, so {name:?} can not be answered in JSON: ask for it with parameters.binary_data"
    ))
}

/// The highest `count` elements of each row, as `VALUE:INDEX`: Triton's classification extension.
fn classify(output: &Tensor, count: usize) -> Tensor {
    let rows = output.shape.split_last();
    let (width, rows): (u32, &[u32]) = rows.map_or((1, &[]), |(last, rows)| (*last, rows));
    let all: Vec<_> = elements::elements(output.element, &output.data).collect();
    let count = u32::try_from(count).unwrap_or(u32::MAX).min(width);
    let mut data = Vec::new();
    for row in all.chunks(width.max(1) as usize) {
        let mut order: Vec<usize> = (0..row.len()).collect();
        // Stable, so that of equals the first comes first.
        order.sort_by(|a, b| row[*b].magnitude().total_cmp(&row[*a].magnitude()));
        for index in order.into_iter().take(count as usize) {
            let mut text = Vec::new();
            // What has no JSON is left out: the index still tells the class.
            row[index].write_json(&mut text).ok();
            text.extend_from_slice(format!(":{index}").as_bytes());
            let length = u32::try_from(text.len()).unwrap_or_default();
            data.extend_from_slice(&length.to_le_bytes());
            data.extend_from_slice(&text);
        }
    }
    let mut shape = rows.to_vec();
    shape.push(count);
    Tensor {
        name: output.name.clone(),
        element: ElementType::Bytes,
        shape,
        data,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floats(name: &str, shape: &[u32], values: &[f32]) -> Tensor {
        Tensor {
            name: name.to_owned(),
            element: ElementType::Float32,
            shape: shape.to_vec(),
            data: values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect(),
        }
    }

    fn wish(output: usize, encoding: Encoding, classes: usize) -> Wanted {
        Wanted {
            output,
            encoding,
            classes,
        }
    }

    fn encoded(outputs: &[Tensor], wanted: &[Wanted]) -> (String, Vec<u8>) {
        let who = Answerer {
            model: "iris",
            version: "blue",
            id: Some("7"),
        };
        let encoded = encode(who, outputs, wanted).unwrap();
        let length = encoded.json_length.unwrap_or(encoded.body.len());
        let (json, binary) = encoded.body.split_at(length);
        (String::from_utf8(json.to_vec()).unwrap(), binary.to_vec())
    }

    #[test]
    fn outputs_stand_in_the_json_or_behind_it() {
        let outputs = [floats("a", &[2], &[1.0, 0.5]), floats("b", &[1], &[2.0])];
        let head = r#"{"model_name":"iris","model_version":"blue","id":"7","outputs":["#;
        let (json, binary) = encoded(
            &outputs,
            &[wish(0, Encoding::Json, 0), wish(1, Encoding::Binary, 0)],
        );
        assert_eq!(
            json,
            format!(
                r#"{head}{{"name":"a","datatype":"FP32","shape":[2],"data":[1.0,0.5]}},{{"name":"b","datatype":"FP32","shape":[1],"parameters":{{"binary_data_size":4}}}}]}}"#
            )
        );
        assert_eq!(binary, 2.0_f32.to_le_bytes());
        let (json, _) = encoded(&outputs, &[wish(1, Encoding::Json, 0)]);
        assert!(json.ends_with(r#"[{"name":"b","datatype":"FP32","shape":[1],"data":[2.0]}]}"#));
    }

    #[test]
    fn classes_are_the_highest_of_each_row() {
        let output = floats("a", &[2, 3], &[0.25, 0.5, 0.25, 3.0, 1.0, 2.0]);
        for (classes, shape, expected) in [
            (1, "[2,1]", r#"["0.5:1","3.0:0"]"#),
            (2, "[2,2]", r#"["0.5:1","0.25:0","3.0:0","2.0:2"]"#),
            (
                9,
                "[2,3]",
                r#"["0.5:1","0.25:0","0.25:2","3.0:0","2.0:2","1.0:1"]"#,
            ),
        ] {
            let (json, _) = encoded(
                std::slice::from_ref(&output),
                &[wish(0, Encoding::Json, classes)],
            );
            let expected = format!(
                r#"{{"name":"a","datatype":"BYTES","shape":{shape},"data":{expected}}}]}}"#
            );
            assert!(json.ends_with(&expected), "{json}");
        }
    }

    #[test]
    fn what_json_can_not_say_is_asked_for_otherwise() {
        let half = Tensor {
            element: ElementType::Float16,
            ..floats("h", &[2], &[1.0])
        };
        let who = Answerer {
            model: "m",
            version: "v",
            id: None,
        };
        let error = encode(who, &[half], &[wish(0, Encoding::Json, 0)]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "outputs: FP16 has no form in JSON, so \"h\" can not be answered in JSON: ask for it with parameters.binary_data"
        );
    }
}
