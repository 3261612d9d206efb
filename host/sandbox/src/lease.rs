//! A sandbox on loan for one run.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use mlwasm_types::Tensor;

use crate::{
    error::RunError,
    failures::Trace,
    pool::SandboxPool,
    request::{Asked, RunReport, ScoringRequest},
    sandbox::{Ran, Sandbox, Spoiled},
    tensors::{InferReport, TensorRequest},
    wear::Verdict,
};

/// A sandbox that nobody else has. Dropped unused, it goes back to its pool; dropped during a run, it is discarded.
pub struct SandboxLease {
    // None once the sandbox has gone back or away.
    sandbox: Option<Sandbox>,
    pool: Arc<SandboxPool>,
    usage: Usage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Usage {
    /// No request has touched it under this lease.
    Unused,
    /// A request is in it.
    Running,
}

/// What becomes of a sandbox after its run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Judged(Verdict),
    Spoiled(Spoiled),
}

impl SandboxLease {
    /// Lends `sandbox`, which counts as busy.
    pub(crate) fn new(sandbox: Sandbox, pool: Arc<SandboxPool>) -> Self {
        Self {
            sandbox: Some(sandbox),
            pool,
            usage: Usage::Unused,
        }
    }

    /// The sandbox, which is the caller's to give back.
    pub(crate) fn into_sandbox(mut self) -> Option<Sandbox> {
        self.sandbox.take()
    }

    /// The bytes of the sandbox's memories, as they are after `init` and the runs before this one.
    pub fn memory(&self) -> usize {
        self.sandbox.as_ref().map_or(0, Sandbox::memory)
    }

    /// Runs `request` until `deadline`, and gives the sandbox back if it may be used again.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops the guest where it is and discards the sandbox.
    pub async fn run(mut self, request: ScoringRequest<'_>, deadline: Instant) -> RunReport {
        let begun = Instant::now();
        let ran = match self.begin(begun, deadline) {
            Ok(sandbox) => sandbox.run(&request, deadline).await,
            Err(error) => return unstarted(error, begun),
        };
        let answered = ran.outcome.as_ref().map_or(0, |answer| answer.body.len());
        self.finish(begun, &Asked::from(&request), ran, answered)
    }

    /// As [`SandboxLease::run`], in tensors: for scorers that have a [signature](SandboxPool::signature), which the
    /// request's inputs fit.
    ///
    /// # Cancel safety
    ///
    /// As [`SandboxLease::run`].
    pub async fn infer(mut self, request: TensorRequest<'_>, deadline: Instant) -> InferReport {
        let begun = Instant::now();
        let pool = Arc::clone(&self.pool);
        let signature = pool.signature().map(Arc::as_ref);
        let ran = match self.begin(begun, deadline) {
            Ok(sandbox) => sandbox.infer(&request, signature, deadline).await,
            Err(error) => return unstarted(error, begun),
        };
        let bytes = |answer: &Vec<Tensor>| answer.iter().map(|tensor| tensor.data.len()).sum();
        let answered = ran.outcome.as_ref().map_or(0, bytes);
        self.finish(begun, &Asked::from(&request), ran, answered)
    }

    /// The sandbox, in which a request is from now on; or why it is in none.
    fn begin(&mut self, begun: Instant, deadline: Instant) -> Result<&mut Sandbox, RunError> {
        if begun >= deadline {
            // The guest has not seen it: the sandbox goes back.
            return Err(RunError::DeadlineExceeded);
        }
        let Some(sandbox) = self.sandbox.as_mut() else {
            // A lease has its sandbox until it is consumed, which is by one request.
            let message = "the lease has no sandbox".to_owned();
            return Err(RunError::Host { message });
        };
        self.usage = Usage::Running;
        sandbox.tally.begin(begun);
        Ok(sandbox)
    }

    /// Charges the run, which was answered with so many bytes, sends the sandbox where it belongs, and tells of a fault.
    fn finish<T>(
        mut self,
        begun: Instant,
        asked: &Asked<'_>,
        ran: Ran<T>,
        answered: usize,
    ) -> RunReport<T> {
        self.usage = Usage::Unused;
        let ended = Instant::now();
        if let Some(mut sandbox) = self.sandbox.take() {
            sandbox.charge(asked, answered, ended);
            let fate = match ran.spoiled {
                Some(reason) => Fate::Spoiled(reason),
                None => {
                    let (memory, settings) = (sandbox.memory(), self.pool.sandbox_settings());
                    Fate::Judged(sandbox.wear.after_request(settings, ended, memory))
                }
            };
            self.end(sandbox, fate);
        }
        let report = RunReport {
            outcome: ran.outcome,
            begun,
            ended,
            infer: ran.infer,
        };
        if let Err(error) = &report.outcome {
            self.tell(asked, error, &ran.trace);
            self.pool.failures().run(asked, error, &ran.trace, &report);
        }
        report
    }

    fn end(&self, sandbox: Sandbox, fate: Fate) {
        match fate {
            Fate::Judged(Verdict::Fit) => self.pool.give_back(sandbox),
            Fate::Judged(Verdict::Worn(reason)) => self.pool.wear_out(sandbox, reason),
            Fate::Judged(Verdict::Spent) => self.pool.spend(sandbox),
            Fate::Spoiled(reason) => self.pool.discard(sandbox, reason),
        }
    }

    /// Tells the deployment's author of a fault. The client's own mistakes are the client's to hear of.
    fn tell(&self, request: &Asked<'_>, error: &RunError, trace: &Trace) {
        let mut text = match error {
            RunError::BadRequest(_) => return,
            RunError::Internal(text) => format!("the scorer failed: {text}"),
            RunError::DeadlineExceeded => "stopped at the request's deadline".to_owned(),
            RunError::Trapped { message } => format!("trapped: {message}"),
            RunError::LimitExceeded { .. } => format!("stopped at {error}"),
            RunError::InvalidResponse { message } => format!("invalid response: {message}"),
            RunError::Host { message } => {
                let deployment = self.pool.deployment();
                tracing::error!(request.id, %deployment, error = message, "the host failed");
                format!("the host failed: {message}")
            }
        };
        if let Some(calls) = trace.author_calls() {
            text = format!("{text}; in {calls}");
        }
        self.pool.log().host_about(request.into(), &text);
    }
}

impl Drop for SandboxLease {
    fn drop(&mut self) {
        if let Some(sandbox) = self.sandbox.take() {
            match self.usage {
                Usage::Unused => self.pool.give_back(sandbox),
                Usage::Running => self.pool.discard(sandbox, Spoiled::Cancelled),
            }
        }
    }
}

/// The report of a run that the guest has not seen.
fn unstarted<T>(error: RunError, now: Instant) -> RunReport<T> {
    RunReport {
        outcome: Err(error),
        begun: now,
        ended: now,
        infer: Duration::ZERO,
    }
}

impl fmt::Debug for SandboxLease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxLease")
            .field("pool", &self.pool)
            .field("usage", &self.usage)
            .finish_non_exhaustive()
    }
}
