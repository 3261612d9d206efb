//! What a lane runs at once: the inputs of one request, or of several that stand behind each other.

use std::time::{Duration, Instant};

use mlwasm_types::{ElementType, Tensor, TensorSpec};
use tokio::sync::oneshot;

use crate::{
    backend::{InputView, Ran},
    convert::split_string,
    error::InferenceError,
    model::{Runner, failed, not_a_tensor},
    native::{Contents, Value},
};

/// One run to be: inputs in the model's order, and who waits for the outputs.
pub(super) struct Job {
    pub(super) id: u64,
    /// When its first member came.
    pub(super) since: Instant,
    pub(super) members: Vec<Member>,
    inputs: Vec<Input>,
    /// Rows so far; none if nothing can be joined to it.
    rows: Option<u32>,
}

/// A request that waits for its part of a job.
pub(super) struct Member {
    pub(super) deadline: Instant,
    since: Instant,
    // None once it is answered.
    answer: Option<oneshot::Sender<Ran>>,
    rows: u32,
    /// The bytes that it has in each input.
    lengths: Vec<usize>,
}

struct Input {
    name: String,
    element: ElementType,
    /// The shape of the first member, but for the rows.
    shape: Vec<u32>,
    data: Vec<u8>,
}

/// Buffers of a job that has ended, to be used again.
pub(super) struct Spare(Vec<Input>);

/// The output of this name does not have the rows that the members gave.
pub(super) struct Indivisible(pub(super) String);

impl Job {
    /// A job of one member, whose rows can be joined if `rows` is known.
    pub(super) fn new(
        id: u64,
        spare: Option<Spare>,
        views: &[InputView<'_>],
        rows: Option<u32>,
        mut member: Member,
    ) -> Self {
        let mut inputs = spare.map_or_else(Vec::new, |Spare(inputs)| inputs);
        // Made for the same model, so that names and types are right already.
        inputs.resize_with(views.len(), || Input {
            name: String::new(),
            element: ElementType::Uint8,
            shape: Vec::new(),
            data: Vec::new(),
        });
        for (input, view) in inputs.iter_mut().zip(views) {
            if input.name != view.name {
                view.name.clone_into(&mut input.name);
            }
            input.element = view.element;
            input.shape.clear();
            input.shape.extend_from_slice(view.shape);
            input.data.clear();
            input.data.extend_from_slice(view.data);
        }
        member.join(views, rows.unwrap_or_default());
        Self {
            id,
            since: member.since,
            members: vec![member],
            inputs,
            rows,
        }
    }

    /// Whether `rows` more rows of these shapes fit behind those that are here.
    pub(super) fn takes(&self, views: &[InputView<'_>], rows: u32, most: u32) -> bool {
        let has_room = self
            .rows
            .and_then(|here| here.checked_add(rows))
            .is_some_and(|together| together <= most);
        has_room
            && self
                .inputs
                .iter()
                .zip(views)
                .all(|(input, view)| input.shape[1..] == view.shape[1..])
    }

    /// Puts a member's rows behind the others.
    pub(super) fn join(&mut self, views: &[InputView<'_>], rows: u32, mut member: Member) {
        for (input, view) in self.inputs.iter_mut().zip(views) {
            input.data.extend_from_slice(view.data);
        }
        member.join(views, rows);
        self.members.push(member);
        self.rows = self.rows.map(|here| here + rows);
    }

    /// The rows that may be joined; none if nothing may be joined to this job.
    pub(super) fn rows(&self) -> Option<u32> {
        self.rows
    }

    /// Takes out the members that `is_gone` says are, with their rows.
    pub(super) fn remove(&mut self, mut is_gone: impl FnMut(&Member) -> bool) -> Vec<Member> {
        let mut gone = Vec::new();
        let mut position = 0;
        while position < self.members.len() {
            if !is_gone(&self.members[position]) {
                position += 1;
                continue;
            }
            for (index, input) in self.inputs.iter_mut().enumerate() {
                let start = start(&self.members[..position], index);
                let length = self.members[position].lengths[index];
                input.data.drain(start..start + length);
            }
            let member = self.members.remove(position);
            self.rows = self.rows.map(|rows| rows - member.rows);
            gone.push(member);
        }
        gone
    }

    /// The moment from which on nobody waits for an answer.
    pub(super) fn deadline(&self) -> Instant {
        let latest = self.members.iter().map(|member| member.deadline).max();
        latest.unwrap_or(self.since)
    }

    /// Answers each member, and charges each with its part of `cpu`.
    pub(super) fn answer(
        &mut self,
        parts: Vec<Result<Vec<Tensor>, InferenceError>>,
        cpu: Duration,
    ) {
        let rows = self.rows.unwrap_or(1);
        for (member, part) in self.members.iter_mut().zip(parts) {
            let share = cpu * member.rows / rows;
            member.answer(part, share);
        }
    }

    /// Calls `run` with all inputs.
    pub(super) fn with_all<T>(&self, run: impl FnOnce(&[InputView<'_>]) -> T) -> T {
        let data = |_: usize, input: &Input| 0..input.data.len();
        self.with(self.rows, data, run)
    }

    /// Calls `run` with the inputs of one member.
    pub(super) fn with_one<T>(
        &self,
        position: usize,
        run: impl FnOnce(&[InputView<'_>]) -> T,
    ) -> T {
        let member = &self.members[position];
        let data = |index: usize, _: &Input| {
            let start = start(&self.members[..position], index);
            start..start + member.lengths[index]
        };
        self.with(self.rows.map(|_| member.rows), data, run)
    }

    fn with<T>(
        &self,
        rows: Option<u32>,
        data: impl Fn(usize, &Input) -> std::ops::Range<usize>,
        run: impl FnOnce(&[InputView<'_>]) -> T,
    ) -> T {
        let shapes: Vec<Vec<u32>> = self
            .inputs
            .iter()
            .map(|input| match rows {
                Some(rows) => [&[rows], &input.shape[1..]].concat(),
                None => input.shape.clone(),
            })
            .collect();
        let views: Vec<InputView<'_>> = self
            .inputs
            .iter()
            .zip(&shapes)
            .enumerate()
            .map(|(index, (input, shape))| InputView {
                name: &input.name,
                element: input.element,
                shape,
                // Allocators align what is larger than a word to 16 bytes; where one does not, the check copies.
                data: &input.data[data(index, input)],
            })
            .collect();
        run(&views)
    }

    /// Each member's rows of the outputs, copied out.
    pub(super) fn divide(
        &self,
        runner: &Runner,
        values: &[Value<'_>],
    ) -> Result<Vec<Result<Vec<Tensor>, InferenceError>>, Indivisible> {
        let rows = self.rows.unwrap_or(1);
        let most = runner.max_output_bytes.saturating_mul(self.members.len());
        let mut parts: Vec<_> = self.members.iter().map(|_| Part::new(runner)).collect();
        for (spec, value) in runner.outputs.iter().zip(values) {
            let error = match value.contents(most) {
                Ok(Contents::Tensor { shape, .. }) if shape.first() != Some(&rows) => {
                    return Err(Indivisible(spec.name.clone()));
                }
                Ok(Contents::Tensor {
                    element,
                    shape,
                    data,
                }) => {
                    let output = Output {
                        spec,
                        element,
                        row: &shape[1..],
                        data: &data,
                    };
                    self.share_out(&mut parts, &output);
                    continue;
                }
                Ok(Contents::TooLarge) => runner.too_large(spec),
                Ok(Contents::Other) => not_a_tensor(spec),
                Err(error) => failed(&error),
            };
            for part in &mut parts {
                part.tensors = Err(error.clone());
            }
        }
        Ok(parts.into_iter().map(|part| part.tensors).collect())
    }

    /// Gives each member its rows of one output.
    fn share_out(&self, parts: &mut [Part<'_>], output: &Output<'_>) {
        let Output {
            spec,
            element,
            row,
            data,
        } = *output;
        let rows = self.rows.unwrap_or(1) as usize;
        let mut rest = data;
        for (member, part) in self.members.iter().zip(parts) {
            let (own, after) = match element.size_in_bytes() {
                Some(_) => rest.split_at(data.len() / rows * member.rows as usize),
                None => split_rows(rest, row, member.rows),
            };
            rest = after;
            part.push(Tensor {
                name: spec.name.clone(),
                element,
                shape: [&[member.rows], row].concat(),
                data: own.to_vec(),
            });
        }
    }

    /// The memory that the inputs take.
    pub(super) fn buffer_bytes(&self) -> usize {
        self.inputs.iter().map(|input| input.data.capacity()).sum()
    }

    /// The buffers, when the job has ended.
    pub(super) fn into_spare(self) -> Spare {
        Spare(self.inputs)
    }
}

/// One output of a joined run.
#[derive(Clone, Copy)]
struct Output<'a> {
    spec: &'a TensorSpec,
    element: ElementType,
    /// The shape of each row.
    row: &'a [u32],
    /// All rows, one after the other.
    data: &'a [u8],
}

impl Member {
    /// Whoever waits for `answer` until `deadline`.
    pub(super) fn new(answer: oneshot::Sender<Ran>, deadline: Instant) -> Self {
        Self {
            deadline,
            since: Instant::now(),
            answer: Some(answer),
            rows: 0,
            lengths: Vec::new(),
        }
    }

    /// Whether nobody waits for the answer any more.
    pub(super) fn is_gone(&self) -> bool {
        self.answer.as_ref().is_none_or(oneshot::Sender::is_closed)
    }

    /// Answers, if that has not been done.
    pub(super) fn answer(&mut self, result: Result<Vec<Tensor>, InferenceError>, cpu: Duration) {
        if let Some(answer) = self.answer.take() {
            // Whoever left meanwhile does not want it.
            drop(answer.send(Ran {
                result,
                took: self.since.elapsed(),
                cpu,
            }));
        }
    }

    fn join(&mut self, views: &[InputView<'_>], rows: u32) {
        self.rows = rows;
        self.lengths = views.iter().map(|view| view.data.len()).collect();
    }
}

/// Where the data of whoever comes after `members` begins in an input.
fn start(members: &[Member], input: usize) -> usize {
    members.iter().map(|member| member.lengths[input]).sum()
}

/// One member's outputs, as far as they are.
struct Part<'a> {
    runner: &'a Runner,
    room: usize,
    tensors: Result<Vec<Tensor>, InferenceError>,
}

impl<'a> Part<'a> {
    fn new(runner: &'a Runner) -> Self {
        Self {
            runner,
            room: runner.max_output_bytes,
            tensors: Ok(Vec::with_capacity(runner.outputs.len())),
        }
    }

    fn push(&mut self, tensor: Tensor) {
        let Ok(tensors) = &mut self.tensors else {
            return;
        };
        match self.room.checked_sub(tensor.data.len()) {
            Some(room) => {
                self.room = room;
                tensors.push(tensor);
            }
            None => {
                self.tensors = Err(InferenceError::OutputTooLarge {
                    name: tensor.name,
                    limit: self.runner.max_output_bytes,
                });
            }
        }
    }
}

/// The first `rows` rows of a tensor of strings, and what follows.
fn split_rows<'a>(data: &'a [u8], row: &[u32], rows: u32) -> (&'a [u8], &'a [u8]) {
    let strings: usize = row.iter().map(|size| *size as usize).product();
    let mut rest = data;
    for _ in 0..strings * rows as usize {
        rest = split_string(rest).map_or(&[][..], |(_, rest)| rest);
    }
    data.split_at(data.len() - rest.len())
}
