//! A closed-loop load on one thread: keep-alive HTTP/1.1 connections that send one fixed request over and over.
//!
//! Hand-written rather than a client library, since the machine's cores are shared with the server under test:
//! the less the load costs, the more of the server it shows.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::LocalSet,
};

/// What is sent, and to whom.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) address: SocketAddr,
    pub(crate) bytes: Vec<u8>,
}

impl Request {
    /// A `POST` of a JSON body.
    pub(crate) fn post(address: SocketAddr, path: &str, key: &str, body: &[u8]) -> Self {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        Self {
            address,
            bytes: [head.as_bytes(), body].concat(),
        }
    }
}

/// Answers within a time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answers {
    pub(crate) count: u64,
    pub(crate) took: Duration,
}

/// Sends `request` from `connections` connections for about `duration`.
///
/// # Errors
///
/// At the first answer that is not 200: a benchmark of refusals would be a lie.
pub(crate) fn run(
    request: &Request,
    connections: usize,
    duration: Duration,
) -> anyhow::Result<Answers> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(LocalSet::new().run_until(async move {
        let start = Instant::now();
        let until = start + duration;
        let client = |_| tokio::task::spawn_local(one_connection(request.clone(), until));
        let clients: Vec<_> = (0..connections).map(client).collect();
        tokio::task::spawn_local(stay_awake(until));
        let mut count = 0;
        for client in clients {
            count += client.await??;
        }
        Ok(Answers {
            count,
            took: start.elapsed(),
        })
    }))
}

/// Keeps the thread from sleeping. Else the server pays, with each answer, for waking the core that the load is on: the
/// faster the load, the rarer, so that the two sides of a pair would pay differently.
async fn stay_awake(until: Instant) {
    while Instant::now() < until {
        tokio::task::yield_now().await;
    }
}

async fn one_connection(request: Request, until: Instant) -> anyhow::Result<u64> {
    let mut stream = TcpStream::connect(request.address).await?;
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(16 << 10);
    let mut count = 0;
    while Instant::now() < until {
        stream.write_all(&request.bytes).await?;
        buffer.clear();
        read_answer(&mut stream, &mut buffer).await?;
        count += 1;
    }
    Ok(count)
}

/// Reads one whole answer, which must be a 200 with a `content-length`.
async fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> anyhow::Result<()> {
    let mut wanted = None;
    loop {
        ensure!(
            stream.read_buf(buffer).await? > 0,
            "the server closed the connection"
        );
        if wanted.is_none() {
            wanted = whole_length(buffer)?;
        }
        match wanted {
            Some(length) if buffer.len() == length => return Ok(()),
            Some(length) if buffer.len() > length => bail!("more came than one answer"),
            _ => {}
        }
    }
}

/// The length of head and body, once the head is there.
fn whole_length(buffer: &[u8]) -> anyhow::Result<Option<usize>> {
    let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = std::str::from_utf8(&buffer[..end])?;
    ensure!(
        head.starts_with("HTTP/1.1 200"),
        "the server answered {}",
        String::from_utf8_lossy(buffer)
    );
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .context("an answer without content-length")?;
    Ok(Some(end + 4 + length.1.trim().parse::<usize>()?))
}
