//! Tries what a scorer has no right to, and reports each attempt as `{"granted": true | false, "result": "..."}`.

use std::fmt::Debug;
use std::net::{TcpListener, TcpStream, ToSocketAddrs, UdpSocket};
use std::{fs, io};

use mlwasm_sdk::{InitError, Request, Response, ScoreError, Scorer};
use serde::Serialize;

struct ReadsFiles;

#[derive(Serialize)]
struct Attempts {
    read_etc_passwd: Attempt,
    list_root: Attempt,
    list_current_folder: Attempt,
    write_tmp: Attempt,
    connect_tcp: Attempt,
    listen_tcp: Attempt,
    bind_udp: Attempt,
    resolve_name: Attempt,
    /// Empty, or the arguments of whatever program the scorer believes to be.
    args: Vec<String>,
}

#[derive(Serialize)]
struct Attempt {
    granted: bool,
    result: String,
}

impl<T: Debug> From<io::Result<T>> for Attempt {
    fn from(result: io::Result<T>) -> Self {
        Self {
            granted: result.is_ok(),
            result: format!("{result:?}"),
        }
    }
}

impl Scorer for ReadsFiles {
    fn init() -> Result<Self, InitError> {
        Ok(Self)
    }

    fn run(&mut self, _request: Request) -> Result<Response, ScoreError> {
        Response::json(&Attempts {
            read_etc_passwd: fs::read_to_string("/etc/passwd").into(),
            list_root: list("/").into(),
            list_current_folder: list(".").into(),
            write_tmp: fs::write("/tmp/written-by-a-scorer", "x").into(),
            connect_tcp: TcpStream::connect(("127.0.0.1", 80)).into(),
            listen_tcp: TcpListener::bind(("127.0.0.1", 0)).into(),
            bind_udp: UdpSocket::bind(("127.0.0.1", 0)).into(),
            resolve_name: resolve("localhost:80").into(),
            args: std::env::args().collect(),
        })
    }
}

fn list(folder: &str) -> io::Result<Vec<String>> {
    let name =
        |entry: io::Result<fs::DirEntry>| Ok(entry?.file_name().to_string_lossy().into_owned());
    fs::read_dir(folder)?.map(name).collect()
}

fn resolve(name: &str) -> io::Result<Vec<String>> {
    Ok(name
        .to_socket_addrs()?
        .map(|address| address.to_string())
        .collect())
}

mlwasm_sdk::scorer!(ReadsFiles);
