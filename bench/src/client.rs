//! One keep-alive HTTP/1.1 connection that sends ready-made requests.
//!
//! Hand-written rather than a client library, since the machine's cores are shared with the server under test:
//! the less the load costs, the more of the server it shows.

use std::net::SocketAddr;

use anyhow::{Context as _, bail, ensure};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// What is sent, and to whom.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) address: SocketAddr,
    pub(crate) bytes: Vec<u8>,
}

impl Request {
    /// A `POST` with a key, of a body of this media type.
    pub(crate) fn post(address: SocketAddr, path: &str, key: &str, body: Body<'_>) -> Self {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\n\
             content-type: {}\r\ncontent-length: {}\r\n\r\n",
            body.media_type,
            body.bytes.len()
        );
        Self {
            address,
            bytes: [head.as_bytes(), body.bytes].concat(),
        }
    }
}

impl Request {
    /// The same with one more header.
    pub(crate) fn with_header(mut self, name: &str, value: &str) -> Self {
        let line_end = self.bytes.windows(2).position(|pair| pair == b"\r\n");
        let at = line_end.map_or(0, |end| end + 2);
        let header = format!("{name}: {value}\r\n");
        self.bytes.splice(at..at, header.into_bytes());
        self
    }
}

/// A body and what it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Body<'a> {
    pub(crate) media_type: &'static str,
    pub(crate) bytes: &'a [u8],
}

impl<'a> Body<'a> {
    pub(crate) fn json(bytes: &'a [u8]) -> Self {
        Self {
            media_type: "application/json",
            bytes,
        }
    }

    pub(crate) fn floats(bytes: &'a [u8]) -> Self {
        Self {
            media_type: "application/octet-stream",
            bytes,
        }
    }
}

/// A connection and the last answer that came over it.
#[derive(Debug)]
pub(crate) struct Client {
    stream: TcpStream,
    answer: Vec<u8>,
    body_at: usize,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            answer: Vec::with_capacity(16 << 10),
            body_at: 0,
        })
    }

    /// Sends one request, reads the whole answer and returns its status.
    ///
    /// # Errors
    ///
    /// If the connection breaks, or what comes is no answer with a `content-length`. The connection is of no use then.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> anyhow::Result<u16> {
        self.stream.write_all(request).await?;
        self.answer.clear();
        let mut head = None;
        loop {
            ensure!(
                self.stream.read_buf(&mut self.answer).await? > 0,
                "the server closed the connection"
            );
            if head.is_none() {
                head = Head::read(&self.answer)?;
            }
            match &head {
                Some(head) if self.answer.len() == head.ends_at + head.body => {
                    self.body_at = head.ends_at;
                    return Ok(head.status);
                }
                Some(head) if self.answer.len() > head.ends_at + head.body => {
                    bail!("more came than one answer")
                }
                _ => {}
            }
        }
    }

    /// The body of the last answer.
    pub(crate) fn body(&self) -> &[u8] {
        &self.answer[self.body_at..]
    }
}

/// What the head of an answer says.
#[derive(Debug, PartialEq, Eq)]
struct Head {
    status: u16,
    /// Where the body begins.
    ends_at: usize,
    /// Bytes of the body.
    body: usize,
}

impl Head {
    /// The head at the beginning of `bytes`, once it is whole.
    fn read(bytes: &[u8]) -> anyhow::Result<Option<Self>> {
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
            return Ok(None);
        };
        let head = str::from_utf8(&bytes[..end])?;
        let status = head
            .strip_prefix("HTTP/1.1 ")
            .and_then(|rest| rest.get(..3))
            .context("what came is no HTTP/1.1")?;
        let length = head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .context("an answer without content-length")?;
        Ok(Some(Self {
            status: status.parse()?,
            ends_at: end + 4,
            body: length.1.trim().parse()?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_once_it_is_whole() {
        let whole = b"HTTP/1.1 429 Too Many\r\nContent-Length: 12\r\n\r\nrest";
        assert_eq!(Head::read(&whole[..20]).unwrap(), None);
        let head = Head::read(whole).unwrap();
        assert_eq!(
            head,
            Some(Head {
                status: 429,
                ends_at: 45,
                body: 12
            })
        );
        for wrong in [
            "HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\n",
        ] {
            assert!(Head::read(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
