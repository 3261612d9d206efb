//! OTLP over HTTP/1.1, with TLS or without: one thread a connection, which is all that one exporter needs.

use std::{
    collections::BTreeMap,
    io::{self, BufRead as _, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    thread,
};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message as _;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::Received;
use crate::{Certificates, failure::OrFail as _};

/// Serves from now on; returns where.
pub(super) fn serve(received: Received, certificates: Option<&Certificates>) -> SocketAddr {
    let tls = certificates.map(Certificates::server_config);
    let listener = TcpListener::bind("127.0.0.1:0").or_fail("binding a collector");
    let address = listener.local_addr().or_fail("asking for an address");
    // They end with the test's process.
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (received, tls) = (received.clone(), tls.clone());
            thread::spawn(move || {
                // Whoever breaks off has exported nothing.
                accept(stream, tls, &received).ok();
            });
        }
    });
    address
}

fn accept(
    stream: TcpStream,
    tls: Option<Arc<ServerConfig>>,
    received: &Received,
) -> io::Result<()> {
    match tls {
        None => answer(stream, received),
        Some(config) => {
            let connection = ServerConnection::new(config).map_err(io::Error::other)?;
            answer(StreamOwned::new(connection, stream), received)
        }
    }
}

/// Answers one export after the other.
fn answer(stream: impl Read + Write, received: &Received) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let is_export = line.starts_with("POST /v1/traces ");
        let headers = headers(&mut stream)?;
        let length = headers.get("content-length").and_then(|it| it.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        stream.read_exact(&mut body)?;
        let status = match ExportTraceServiceRequest::decode(&*body) {
            Ok(request) if is_export => {
                received.push(headers, request);
                "200 OK"
            }
            Ok(_) => "404 Not Found",
            Err(_) => "400 Bad Request",
        };
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
        stream.get_mut().write_all(answer.as_bytes())?;
        stream.get_mut().flush()?;
    }
}

fn headers(stream: &mut BufReader<impl Read>) -> io::Result<BTreeMap<String, String>> {
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            return Ok(headers);
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
}
