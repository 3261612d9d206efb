//! A backup, as it is made.

use std::{io, sync::Arc};

use axum::{body::Body, extract::State, response::IntoResponse as _};
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderValue, header};
use tokio::{sync::mpsc, task};

use super::{Answer, Api};
use crate::{backup::BackupSource, causes::with_causes};

/// Blocks that wait for a slow client: after that the writer does.
const BLOCKS: usize = 4;
/// Bytes of a block.
const BLOCK: usize = 256 << 10;

pub(crate) async fn read(State(api): State<Arc<Api>>) -> Answer {
    let source = api.backup_source();
    let (blocks, mut written) = mpsc::channel(BLOCKS);
    // It ends with the client, whose going away is an error of the next write.
    task::spawn_blocking(move || {
        let mut out = io::BufWriter::with_capacity(BLOCK, Blocks(blocks.clone()));
        let done = source.write(&mut out);
        let flushed = done.and_then(|_| Ok(io::Write::flush(&mut out)?));
        if let Err(error) = flushed {
            let error = with_causes(&error);
            tracing::warn!(error, "a backup ended before its end");
            // An answer that is cut off is what tells the client.
            let cut_off = Err(io::Error::other(error));
            blocks.blocking_send(cut_off).ok();
        }
    });
    let body = stream::poll_fn(move |context| written.poll_recv(context));
    let mut response = Body::from_stream(body).into_response();
    let tar = HeaderValue::from_static("application/x-tar");
    response.headers_mut().insert(header::CONTENT_TYPE, tar);
    Ok(response)
}

impl Api {
    /// What a backup of this server is made of.
    pub(super) fn backup_source(&self) -> BackupSource {
        BackupSource {
            store: self.store.clone(),
            artifacts: self.artifacts.clone(),
            folder: self.data.path().to_owned(),
            version: self.about.version.clone(),
        }
    }
}

/// The way of the bytes from the thread that writes to the connection.
struct Blocks(mpsc::Sender<io::Result<Bytes>>);

impl io::Write for Blocks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let block = Ok(Bytes::copy_from_slice(bytes));
        let sent = self.0.blocking_send(block);
        sent.map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
