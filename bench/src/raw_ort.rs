//! The floor of inference: a loop over the bindings' own safe calls.
//!
//! It has a process of its own, since a process has one ONNX Runtime environment and the platform's side owns it. The
//! parent asks for a turn by a line, and reads the time of a call.

use std::{
    fs,
    io::{self, BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use anyhow::{Context as _, bail};
use mlwasm_harness::onnxruntime;
use ort::{
    session::Session,
    value::{DynValue, TensorElementType, TensorRef, ValueType},
};

use crate::infer::{CALLS, turn};

/// Runs one turn on `model` for each line that comes in, and answers it with microseconds a call.
///
/// # Errors
///
/// If the library or the model does not load, or a run fails.
pub(crate) fn serve(model: &Path) -> anyhow::Result<()> {
    let environment = ort::init_from(onnxruntime())?
        .with_telemetry(false)
        .build()?;
    let builder = Session::builder(&environment)?;
    let mut builder = builder.with_intra_threads(1).map_err(readable)?;
    let mut session = builder.commit_from_memory(&fs::read(model)?)?;
    let input = Zeros::of(&session)?;
    for line in io::stdin().lines() {
        line?;
        let microseconds = turn(|| calls(&mut session, &input))?;
        let mut output = io::stdout().lock();
        writeln!(output, "{microseconds}")?;
        output.flush()?;
    }
    Ok(())
}

/// The one input of a model: all zeros, with 1 for every open dimension, as the scorer `many_infer` sends it.
struct Zeros {
    name: String,
    shape: Vec<usize>,
    values: Vec<f32>,
}

impl Zeros {
    fn of(session: &Session) -> anyhow::Result<Self> {
        let [input] = session.inputs() else {
            bail!("the model must have one input");
        };
        let ValueType::Tensor {
            ty: TensorElementType::Float32,
            shape,
            ..
        } = input.dtype()
        else {
            bail!("the model's input must be float32");
        };
        let shape: Vec<usize> = shape
            .iter()
            .map(|size| usize::try_from(*size).unwrap_or(1))
            .collect();
        Ok(Self {
            name: input.name().to_owned(),
            values: vec![0.0; shape.iter().product()],
            shape,
        })
    }
}

/// What the platform does for a scorer too: every output is copied.
fn calls(session: &mut Session, input: &Zeros) -> anyhow::Result<()> {
    for _ in 0..CALLS {
        let tensor = TensorRef::from_array_view((&*input.shape, &*input.values))?;
        let outputs = session.run(ort::inputs![input.name.as_str() => tensor])?;
        for (_, output) in outputs {
            std::hint::black_box(copied(&output)?);
        }
    }
    Ok(())
}

fn copied(output: &DynValue) -> anyhow::Result<Copied> {
    Ok(match output.dtype().tensor_type() {
        Some(TensorElementType::Int64) => {
            Copied::Integers(output.try_extract_tensor::<i64>()?.1.to_vec())
        }
        _ => Copied::Floats(output.try_extract_tensor::<f32>()?.1.to_vec()),
    })
}

#[expect(dead_code, reason = "copied to be dropped")]
enum Copied {
    Integers(Vec<i64>),
    Floats(Vec<f32>),
}

/// The builder's errors carry the builder, which may not cross threads as our errors must.
fn readable<T>(error: ort::Error<T>) -> anyhow::Error {
    anyhow::anyhow!("{error}")
}

/// The process that runs the loop.
pub(crate) struct RawOrt {
    process: Child,
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl RawOrt {
    pub(crate) fn start(model: &Path) -> anyhow::Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg("--raw-ort")
            .arg(model)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let ask = process.stdin.take().context("no input of the raw loop")?;
        let answers = BufReader::new(process.stdout.take().context("no output of the raw loop")?);
        Ok(Self {
            process,
            ask,
            answers,
        })
    }

    /// One turn. Returns microseconds a call.
    pub(crate) fn turn(&mut self) -> anyhow::Result<f64> {
        writeln!(self.ask, "turn")?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        answer
            .trim()
            .parse()
            .context("reading the raw loop's answer")
    }
}

impl Drop for RawOrt {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
