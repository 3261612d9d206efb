//! The floor of echo: hyper alone, with the runtime and the settings that the platform uses, in a process of its own.

use std::{
    convert::Infallible,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use anyhow::Context as _;
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, body::Incoming, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

/// Serves echo on a free port of loopback, whose address it prints, until it is killed.
///
/// # Errors
///
/// If no port can be had.
pub(crate) fn serve() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        announce(listener.local_addr()?);
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            connection(stream);
        }
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "a floor to measure against has no shutdown to wait for"
)]
fn connection(stream: tokio::net::TcpStream) {
    tokio::spawn(async move {
        hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service_fn(echo))
            .await
            .ok();
    });
}

async fn echo(request: Request<Incoming>) -> Result<Response<Full<bytes::Bytes>>, Infallible> {
    let body = match request.into_body().collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => bytes::Bytes::new(),
    };
    Ok(Response::new(Full::new(body)))
}

#[expect(clippy::print_stdout, reason = "the parent reads the address here")]
fn announce(address: SocketAddr) {
    println!("{address}");
}

/// The process that serves. Dropping it ends the process.
#[derive(Debug)]
pub(crate) struct RawHyper {
    process: Child,
    address: SocketAddr,
}

impl RawHyper {
    pub(crate) fn start() -> anyhow::Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg("--raw-hyper")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut address = String::new();
        let output = process.stdout.take().context("no output of bare hyper")?;
        BufReader::new(output).read_line(&mut address)?;
        let address = address.trim().parse()?;
        Ok(Self { process, address })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for RawHyper {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
