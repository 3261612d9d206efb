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

use anyhow::Context as _;
use ort::{session::Session, value::TensorRef};

use crate::infer::{CALLS, turn};

const ROW: [f32; 4] = [0.0; 4];

/// Runs one turn on `model` for each line that comes in, and answers it with microseconds a call.
///
/// # Errors
///
/// If the library or the model does not load, or a run fails.
pub(crate) fn serve(model: &Path) -> anyhow::Result<()> {
    let library = std::env::var("ORT_DYLIB_PATH").context("ORT_DYLIB_PATH is not set")?;
    let environment = ort::init_from(library)?.with_telemetry(false).build()?;
    let builder = Session::builder(&environment)?;
    let mut builder = builder.with_intra_threads(1).map_err(readable)?;
    let mut session = builder.commit_from_memory(&fs::read(model)?)?;
    for line in io::stdin().lines() {
        line?;
        let microseconds = turn(|| calls(&mut session))?;
        let mut output = io::stdout().lock();
        writeln!(output, "{microseconds}")?;
        output.flush()?;
    }
    Ok(())
}

fn calls(session: &mut Session) -> anyhow::Result<()> {
    for _ in 0..CALLS {
        let input = TensorRef::from_array_view(([1_usize, 4], &ROW[..]))?;
        let outputs = session.run(ort::inputs!["input" => input])?;
        let label = outputs["label"].try_extract_tensor::<i64>()?.1.to_vec();
        let probabilities = outputs["probabilities"]
            .try_extract_tensor::<f32>()?
            .1
            .to_vec();
        std::hint::black_box((label, probabilities));
    }
    Ok(())
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
