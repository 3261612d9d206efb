//! A server that scorers call: HTTP/1.1, with TLS or without, one thread a connection.
//!
//! It does what its paths say, and tells what it saw: whoever was refused before a connection was made is not among them.

use std::{
    collections::BTreeMap,
    io::{self, BufRead as _, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::{Certificates, failure::OrFail as _};

/// A running server. It ends with the test's process.
///
/// `/echo` answers the body that came; `/large/N` has a body of N bytes; `/endless` has one without end; `/hang` never answers;
/// `/half` answers half of a body and then nothing; `/broken` closes the connection there; `/status/N` answers that; `/to/URL` redirects there; `/close` answers and closes
/// the connection. Anything else is answered by its own path.
#[derive(Debug)]
pub struct Origin {
    address: String,
    seen: Seen,
}

#[derive(Clone, Debug, Default)]
struct Seen(Arc<Mutex<Sights>>);

#[derive(Debug, Default)]
struct Sights {
    connections: usize,
    open: usize,
    requests: Vec<Heard>,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Its method and its path.
    pub line: String,
    /// Its headers, by their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// Its body.
    pub body: Vec<u8>,
}

impl Origin {
    /// One without TLS, on a free port of the loopback.
    pub fn http() -> Self {
        Self::start("http", None)
    }

    /// One with TLS.
    pub fn https(certificates: &Certificates) -> Self {
        Self::start("https", Some(certificates.server_config()))
    }

    fn start(scheme: &str, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").or_fail("binding an origin");
        let address = listener.local_addr().or_fail("asking for an address");
        let seen = Seen::default();
        let sights = seen.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, tls) = (sights.clone(), tls.clone());
                thread::spawn(move || {
                    seen.lock().connections += 1;
                    seen.lock().open += 1;
                    // Whoever breaks off wants nothing more.
                    accept(stream, tls, &seen).ok();
                    seen.lock().open -= 1;
                });
            }
        });
        Self {
            address: format!("{scheme}://{address}"),
            seen,
        }
    }

    /// Where it is: `http://127.0.0.1:PORT`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The address of `path`, which begins with a `/`.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// How many connections were made so far.
    pub fn connections(&self) -> usize {
        self.seen.lock().connections
    }

    /// How many of them are open.
    pub fn open(&self) -> usize {
        self.seen.lock().open
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Heard> {
        self.seen.lock().requests.clone()
    }
}

impl Seen {
    fn lock(&self) -> MutexGuard<'_, Sights> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn accept(stream: TcpStream, tls: Option<Arc<ServerConfig>>, seen: &Seen) -> io::Result<()> {
    stream.set_nodelay(true)?;
    match tls {
        None => serve(stream, seen),
        Some(config) => {
            let connection = ServerConnection::new(config).map_err(io::Error::other)?;
            serve(StreamOwned::new(connection, stream), seen)
        }
    }
}

/// Answers one request after the other.
fn serve(stream: impl Read + Write, seen: &Seen) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(heard) = read(&mut stream)? {
        seen.lock().requests.push(heard.clone());
        if !answer(&mut stream, &heard)? {
            return Ok(());
        }
    }
    Ok(())
}

fn read(stream: &mut BufReader<impl Read>) -> io::Result<Option<Heard>> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        stream.read_line(&mut header)?;
        let Some((name, value)) = header.trim_end().split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|it| it.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body)?;
    let line = line.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
    Ok(Some(Heard {
        line,
        headers,
        body,
    }))
}

/// Whether another request may follow.
fn answer<S: Read + Write>(stream: &mut BufReader<S>, heard: &Heard) -> io::Result<bool> {
    let path = heard.line.split(' ').nth(1).unwrap_or_default();
    let (first, rest) = path[1..].split_once('/').unwrap_or((&path[1..], ""));
    let (status, header, body) = match first {
        "hang" => return wait_for_end(stream),
        "half" | "broken" => {
            write(
                stream.get_mut(),
                b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345",
            )?;
            if first == "broken" {
                return Ok(false);
            }
            return wait_for_end(stream);
        }
        "endless" => {
            write(
                stream.get_mut(),
                b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            )?;
            let chunk = [b"4000\r\n".as_slice(), &[b'x'; 0x4000], b"\r\n"].concat();
            loop {
                write(stream.get_mut(), &chunk)?;
            }
        }
        "echo" => (200, String::new(), heard.body.clone()),
        "large" => (200, String::new(), vec![b'x'; rest.parse().unwrap_or(0)]),
        "status" => (rest.parse().unwrap_or(500), String::new(), Vec::new()),
        "to" => (302, format!("location: {rest}\r\n"), Vec::new()),
        "close" => (200, "connection: close\r\n".to_owned(), b"bye".to_vec()),
        _ => (200, String::new(), path.as_bytes().to_vec()),
    };
    let length = body.len();
    let head = format!("HTTP/1.1 {status} X\r\n{header}content-length: {length}\r\n\r\n");
    write(stream.get_mut(), head.as_bytes())?;
    write(stream.get_mut(), &body)?;
    Ok(first != "close")
}

fn write(stream: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes)?;
    stream.flush()
}

/// Until the other side closes the connection.
fn wait_for_end(stream: &mut impl Read) -> io::Result<bool> {
    while stream.read(&mut [0])? > 0 {}
    Ok(false)
}
