//! What a guest prints, line by line into the log.
//!
//! Standard output and error of one sandbox. A line is written when it ends, or with the call during which it began: a
//! scorer that never ends its lines is heard too, and none of it is taken for the next request's.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use mlwasm_types::api::LogStream;
use tokio::io::AsyncWrite;
use wasmtime_wasi::{
    cli::{IsTerminal, StdoutStream},
    p2::{OutputStream, Pollable, StreamResult},
};

use super::{DeploymentLog, Entry, LineLimits, clean, words::Words};
use crate::{lock::lock, request::Asked};

/// Bytes that a guest may hand over at once. More comes in pieces.
const PIECE: usize = 64 << 10;

/// The two output streams of one sandbox.
#[derive(Debug)]
pub(crate) struct Output {
    log: Arc<DeploymentLog>,
    limits: LineLimits,
    state: Mutex<State>,
    /// Whether anything was printed since the last end: most requests print nothing.
    has_printed: AtomicBool,
}

/// The request that a line belongs to, if it belongs to one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Speaker<'a> {
    pub(super) id: Option<&'a str>,
    /// Whether the request is a copy of a live one.
    pub(super) is_mirror: bool,
}

impl<'a> From<&Asked<'a>> for Speaker<'a> {
    fn from(request: &Asked<'a>) -> Self {
        Self {
            id: Some(request.id),
            is_mirror: request.is_mirror,
        }
    }
}

/// The request that a sandbox is at, or was last at; before the first one the id is empty.
#[derive(Debug, Default)]
struct Current {
    id: String,
    is_mirror: bool,
}

impl Current {
    fn speaker(&self) -> Speaker<'_> {
        Speaker {
            id: Some(self.id.as_str()).filter(|id| !id.is_empty()),
            is_mirror: self.is_mirror,
        }
    }
}

#[derive(Debug, Default)]
struct State {
    request: Current,
    stdout: Line,
    stderr: Line,
    words: Words,
}

/// A line that has not ended yet. Holds no more than is ever shown of it.
#[derive(Debug, Default)]
struct Line {
    bytes: Vec<u8>,
}

impl Output {
    /// Streams that write to `log` what `limits` allow.
    pub(crate) fn new(log: Arc<DeploymentLog>, limits: LineLimits) -> Arc<Self> {
        Arc::new(Self {
            log,
            limits,
            state: Mutex::default(),
            has_printed: AtomicBool::new(false),
        })
    }

    /// What is printed from now on belongs to this request.
    pub(crate) fn begin(&self, request: Speaker<'_>) {
        let mut state = lock(&self.state);
        state.request.is_mirror = request.is_mirror;
        // Kept rather than made anew: one allocation for all requests of a sandbox.
        state.request.id.clear();
        state.request.id.push_str(request.id.unwrap_or_default());
    }

    /// Writes the lines that have not ended. Returns the last words of the scorer in this call, which count if it has not returned.
    pub(crate) fn end(&self) -> Option<String> {
        // The guest that prints and the host that ends its call take turns: no order beyond that is needed.
        if !self.has_printed.load(Ordering::Relaxed) {
            return None;
        }
        self.has_printed.store(false, Ordering::Relaxed);
        let state = &mut *lock(&self.state);
        let speaker = state.request.speaker();
        for (stream, line) in [
            (LogStream::Stdout, &mut state.stdout),
            (LogStream::Stderr, &mut state.stderr),
        ] {
            if !line.bytes.is_empty() {
                self.write((stream, speaker), line, &mut state.words);
            }
        }
        state.words.take()
    }

    /// Writes a line of the host about the request that the sandbox is at.
    pub(crate) fn host(&self, text: &str) {
        let state = lock(&self.state);
        self.log.host_about(state.request.speaker(), text);
    }

    fn print(&self, stream: LogStream, bytes: &[u8]) {
        self.has_printed.store(true, Ordering::Relaxed);
        let state = &mut *lock(&self.state);
        let speaker = state.request.speaker();
        let line = match stream {
            LogStream::Stdout => &mut state.stdout,
            LogStream::Stderr | LogStream::Host => &mut state.stderr,
        };
        let mut pieces = bytes.split(|byte| *byte == b'\n');
        // Never empty: a slice without a separator is one piece.
        line.push(pieces.next().unwrap_or_default(), self.limits.bytes);
        for piece in pieces {
            self.write((stream, speaker), line, &mut state.words);
            line.push(piece, self.limits.bytes);
        }
    }

    fn write(
        &self,
        (stream, speaker): (LogStream, Speaker<'_>),
        line: &mut Line,
        words: &mut Words,
    ) {
        let text = clean::text(&line.bytes);
        let text = text.strip_suffix('\r').unwrap_or(&text);
        if stream == LogStream::Stderr {
            words.hear(text);
        }
        self.log.add(&Entry {
            stream,
            request_id: speaker.id,
            is_mirror: speaker.is_mirror,
            text,
            limits: self.limits,
        });
        line.bytes.clear();
    }
}

impl Line {
    fn push(&mut self, piece: &[u8], most: usize) {
        // One byte above the limit is kept: by that the line is seen to be cut.
        let room = (most + 1).saturating_sub(self.bytes.len());
        self.bytes
            .extend_from_slice(&piece[..piece.len().min(room)]);
    }
}

/// One of the two streams, as WASI takes it.
#[derive(Clone, Debug)]
pub(crate) struct OutputHandle {
    output: Arc<Output>,
    stream: LogStream,
}

impl OutputHandle {
    /// The stream `stream` of `output`.
    pub(crate) fn new(output: &Arc<Output>, stream: LogStream) -> Self {
        Self {
            output: Arc::clone(output),
            stream,
        }
    }
}

impl IsTerminal for OutputHandle {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for OutputHandle {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl OutputStream for OutputHandle {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.output.print(self.stream, &bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(PIECE)
    }
}

// The trait is an async one by macro; written out, it needs no macro here.
impl Pollable for OutputHandle {
    fn ready<'a, 'f>(&'a mut self) -> Pin<Box<dyn Future<Output = ()> + Send + 'f>>
    where
        'a: 'f,
        Self: 'f,
    {
        Box::pin(std::future::ready(()))
    }
}

impl AsyncWrite for OutputHandle {
    fn poll_write(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.output.print(self.stream, bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
