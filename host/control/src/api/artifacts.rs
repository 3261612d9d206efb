//! Artifacts: bytes in, bytes out, never whole in memory.

use std::{io, io::Read as _, mem, sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use mlwasm_types::{Digest, api::ArtifactView};
use serde::Deserialize;
use tokio::{task, time::timeout};

use super::{
    Answer, Api,
    body::{self, At},
    openapi::{Operation, Tag},
    problem::{Failure, ProblemKind},
};
use crate::artifacts::{ArtifactError, Upload};

/// Bytes that are written or read in one go: enough that handing over to another thread does not count.
const BLOCK: usize = 512 << 10;

/// The longest silence of a client that uploads.
const STALL: Duration = Duration::from_secs(30);

/// The address of an artifact.
#[derive(Deserialize)]
pub(crate) struct ArtifactPath {
    digest: Digest,
}

pub(crate) async fn probe(
    State(api): State<Arc<Api>>,
    At(ArtifactPath { digest }): At<ArtifactPath>,
) -> Answer {
    let size = size(&api, digest).await?;
    Ok(with_length(StatusCode::OK.into_response(), size))
}

/// [`probe`], for those who call it.
pub(crate) fn probing() -> Operation {
    Operation::new(
        Tag::Artifacts,
        "probe_artifact",
        "Ask whether a file is here",
    )
    .answers_head("It is; its length is Content-Length")
    .fails(&[
        ProblemKind::ArtifactNotFound,
        ProblemKind::ArtifactsUnavailable,
    ])
}

pub(crate) async fn read(
    State(api): State<Arc<Api>>,
    At(ArtifactPath { digest }): At<ArtifactPath>,
) -> Answer {
    let size = size(&api, digest).await?;
    let artifacts = api.artifacts.clone();
    let file = blocking(move || Ok(artifacts.file(digest)?)).await?;
    let blocks = stream::try_unfold(file, |mut file| async move {
        blocking(move || {
            let mut block = Vec::new();
            (&mut file).take(BLOCK as u64).read_to_end(&mut block)?;
            Ok((!block.is_empty()).then(|| (Bytes::from(block), file)))
        })
        .await
        .map_err(|_| io::Error::other("the artifact can not be read"))
    });
    Ok(with_length(Body::from_stream(blocks).into_response(), size))
}

/// [`read`], for those who call it.
pub(crate) fn reading() -> Operation {
    Operation::new(Tag::Artifacts, "read_artifact", "Read a file")
        .answers_bytes("application/octet-stream", "The file")
        .fails(&[
            ProblemKind::ArtifactNotFound,
            ProblemKind::ArtifactsUnavailable,
        ])
}

pub(crate) async fn receive(
    State(api): State<Arc<Api>>,
    At(ArtifactPath { digest }): At<ArtifactPath>,
    request: Request,
) -> Answer {
    let (parts, bytes) = request.into_parts();
    let limit = api.artifacts.most_bytes();
    if content_length(&parts.headers).is_some_and(|length| length > limit) {
        return Err(ArtifactError::TooLarge { limit }.into());
    }
    let permit = api.uploads.acquire().await;
    let existed = api.artifacts.clone();
    let existed = blocking(move || Ok(existed.size(digest)?)).await?.is_some();
    let artifacts = api.artifacts.clone();
    let upload = blocking(move || Ok(artifacts.receive(digest)?)).await?;
    let upload = stored(upload, bytes).await?;
    let size = blocking(move || Ok(upload.finish()?)).await?;
    drop(permit);
    let response = body::shown(&ArtifactView { digest, size });
    Ok(if existed {
        response
    } else {
        body::created(response)
    })
}

/// [`receive`], for those who call it.
pub(crate) fn receiving() -> Operation {
    Operation::new(Tag::Artifacts, "put_artifact", "Upload a file")
        .detail("What nothing names is removed after a day.")
        .takes_bytes()
        .answers::<ArtifactView>(StatusCode::OK, "It was here")
        .answers::<ArtifactView>(StatusCode::CREATED, "It is here now")
        .fails(&[
            ProblemKind::InvalidRequest,
            ProblemKind::UploadStalled,
            ProblemKind::ArtifactTooLarge,
            ProblemKind::DigestMismatch,
            ProblemKind::ArtifactsUnavailable,
            ProblemKind::DiskFull,
        ])
}

/// Writes `body` to the disk as it comes.
async fn stored(mut upload: Upload, body: Body) -> Result<Upload, Failure> {
    let mut pieces = body.into_data_stream();
    let mut block = Vec::new();
    let mut size = 0;
    loop {
        let piece = match timeout(STALL, pieces.next()).await {
            Ok(Some(Ok(piece))) => Some(piece),
            Ok(None) => None,
            Ok(Some(Err(_))) => {
                return Err(Failure::unreadable("the artifact ended before its end"));
            }
            Err(_) => return Err(stalled()),
        };
        let is_last = piece.is_none();
        size += piece.as_ref().map_or(0, Bytes::len);
        block.extend(piece);
        if is_last || size >= BLOCK {
            upload = written(upload, mem::take(&mut block)).await?;
            size = 0;
        }
        if is_last {
            return Ok(upload);
        }
    }
}

async fn written(mut upload: Upload, block: Vec<Bytes>) -> Result<Upload, Failure> {
    blocking(move || {
        for piece in &block {
            upload.write(piece)?;
        }
        Ok(upload)
    })
    .await
}

async fn size(api: &Api, digest: Digest) -> Result<u64, Failure> {
    size_of(api, digest).await?.ok_or_else(|| {
        Failure::new(
            ProblemKind::ArtifactNotFound,
            format!("artifact {digest} is not here"),
        )
    })
}

/// The size of an artifact in bytes; none if it is not here.
pub(crate) async fn size_of(api: &Api, digest: Digest) -> Result<Option<u64>, Failure> {
    let artifacts = api.artifacts.clone();
    blocking(move || Ok(artifacts.size(digest)?)).await
}

/// Refuses a `setting` that names an artifact which is not here.
pub(crate) fn missing(setting: &str, digest: Digest) -> Failure {
    Failure::new(
        ProblemKind::ArtifactMissing,
        format!(
            "{setting}: artifact {digest} is not here: upload it first, by PUT /v1/artifacts/{digest}"
        ),
    )
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let done = task::spawn_blocking(work).await;
    done.unwrap_or_else(|died| Err(Failure::bug(&died)))
}

fn with_length(mut response: Response, size: u64) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, size.into());
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/octet-stream"),
    );
    response
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

fn stalled() -> Failure {
    Failure::new(
        ProblemKind::UploadStalled,
        format!("nothing came for {STALL:?}: the upload was given up"),
    )
}
