//! Whether a request asks for what the scorer takes and gives.

use mlwasm_sandbox::NamedTensor;
use mlwasm_types::{Signature, TensorSpec};

use super::malformed::{Malformed, shown};

/// Checks that there is one tensor for each input of the signature, of its type and shape, and no other.
pub(crate) fn check_inputs(inputs: &[NamedTensor], signature: &Signature) -> Result<(), Malformed> {
    let specs = &signature.inputs;
    let mut is_given = vec![false; specs.len()];
    for (index, input) in inputs.iter().enumerate() {
        let place = format!("inputs[{index}]");
        let position = position(specs, &input.name, &place, "input")?;
        if std::mem::replace(&mut is_given[position], true) {
            let name = shown(&input.name);
            return Err(Malformed(format!("{place}.name: {name} is given twice")));
        }
        check_one(input, &specs[position], &place)?;
    }
    match is_given.iter().position(|is_given| !is_given) {
        None => Ok(()),
        Some(missing) => Err(Malformed(format!(
            "inputs: {:?} is missing, {}",
            specs[missing].name, specs[missing]
        ))),
    }
}

/// Which of `specs` has this name.
pub(crate) fn position(
    specs: &[TensorSpec],
    name: &str,
    place: &str,
    side: &str,
) -> Result<usize, Malformed> {
    let found = specs.iter().position(|spec| spec.name == name);
    found.ok_or_else(|| {
        let known: Vec<_> = specs.iter().take(8).map(|spec| &*spec.name).collect();
        let more = if specs.len() > known.len() {
            ", …"
        } else {
            ""
        };
        Malformed(format!(
            "{place}.name: there is no {side} {}; there is {}{more}",
            shown(name),
            known.join(", ")
        ))
    })
}

fn check_one(input: &NamedTensor, spec: &TensorSpec, place: &str) -> Result<(), Malformed> {
    if input.element != spec.element {
        let (expected, found) = (spec.element.datatype(), input.element.datatype());
        return Err(Malformed(format!(
            "{place}.datatype: expected {expected}, found {found}"
        )));
    }
    if spec.is_of_any_shape() {
        return Ok(());
    }
    let (expected, found) = (spec.shape.len(), input.shape.len());
    if expected != found {
        return Err(Malformed(format!(
            "{place}.shape: expected {expected} dimensions, found {found}"
        )));
    }
    for (dimension, (expected, found)) in spec.shape.iter().zip(&input.shape).enumerate() {
        if let Some(expected) = expected
            && expected != found
        {
            return Err(Malformed(format!(
                "{place}.shape[{dimension}]: expected {expected}, found {found}"
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use mlwasm_types::ElementType::{self, Float32, Int64};

    use super::*;

    fn spec(name: &str, element: ElementType, shape: &[Option<u32>]) -> TensorSpec {
        TensorSpec {
            name: name.to_owned(),
            element,
            shape: shape.to_vec(),
        }
    }

    fn tensor(name: &str, element: ElementType, shape: &[u32]) -> NamedTensor {
        NamedTensor {
            name: name.to_owned(),
            element,
            shape: shape.to_vec(),
            data: Bytes::new(),
        }
    }

    #[test]
    fn inputs_are_those_of_the_signature() {
        let signature = Signature {
            inputs: vec![
                spec("x", Float32, &[None, Some(4)]),
                spec("y", Int64, &[Some(2)]),
            ],
            outputs: vec![],
        };
        let any = Signature {
            inputs: vec![spec("x", Float32, &TensorSpec::ANY_SHAPE)],
            outputs: vec![],
        };
        for shape in [&[][..], &[3], &[2, 0, 4]] {
            assert_eq!(check_inputs(&[tensor("x", Float32, shape)], &any), Ok(()));
        }
        let y = || tensor("y", Int64, &[2]);
        for (inputs, expected) in [
            (vec![tensor("x", Float32, &[9, 4]), y()], "fine"),
            (vec![y(), tensor("x", Float32, &[0, 4])], "fine"),
            (vec![y()], "inputs: \"x\" is missing, float32 [?,4]"),
            (vec![], "inputs: \"x\" is missing, float32 [?,4]"),
            (vec![y(), y()], "inputs[1].name: \"y\" is given twice"),
            (
                vec![tensor("z", Int64, &[2])],
                "inputs[0].name: there is no input \"z\"; there is x, y",
            ),
            (
                vec![tensor("y", Float32, &[2])],
                "inputs[0].datatype: expected INT64, found FP32",
            ),
            (
                vec![y(), tensor("x", Float32, &[4])],
                "inputs[1].shape: expected 2 dimensions, found 1",
            ),
            (
                vec![y(), tensor("x", Float32, &[1, 5])],
                "inputs[1].shape[1]: expected 4, found 5",
            ),
        ] {
            let found = check_inputs(&inputs, &signature);
            let found = found.map_or_else(|error| error.to_string(), |()| "fine".to_owned());
            assert_eq!(found, expected);
        }
    }
}
