//! Bytes as they are, for requests that no HTTP client would send.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::{Shutdown, TcpStream},
    time::Duration,
};

use crate::failure::{OrFail as _, fail};

/// Sends `bytes` to `address` (`host:port`) and returns what comes until the server closes the connection.
///
/// A server may answer and close before it has read everything: then what was answered counts.
pub(crate) async fn exchange(address: String, bytes: Vec<u8>) -> String {
    let exchanged = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).or_fail("connecting");
        let patience = Some(Duration::from_secs(20));
        stream
            .set_read_timeout(patience)
            .or_fail("setting a timeout");
        if stream.write_all(&bytes).is_ok() {
            stream.flush().ok();
        }
        let mut answer = Vec::new();
        match stream.read_to_end(&mut answer) {
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                fail(format!(
                    "the server answered {:?} and did not close the connection",
                    String::from_utf8_lossy(&answer)
                ))
            }
            // A reset after the answer is the server's right, since it may leave input unread.
            Ok(_) | Err(_) => {}
        }
        stream.shutdown(Shutdown::Both).ok();
        String::from_utf8_lossy(&answer).into_owned()
    });
    exchanged.await.or_fail("talking to the server")
}
