//! Which ends of a request are answers that can be compared, and what is kept of them.

use bytes::Bytes;
use http::HeaderValue;
use mlwasm_routing::shadow::{MAX_KEPT_BYTES, ShadowAnswer, ShadowBody};
use mlwasm_sandbox::ScoringResponse;
use tokio::task::yield_now;
use xxhash_rust::xxh3::Xxh3;

use crate::{context::Timings, rejection::Rejection};

/// Bytes that are digested before other tasks have their turn: some ten microseconds.
const DIGESTED_AT_ONCE: usize = 256 << 10;

/// Whose answer it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// The client's.
    Live,
    /// A copy's.
    Copy,
}

/// An answer as it was given.
#[derive(Debug)]
pub(super) struct Heard {
    status: u16,
    content_type: Option<HeaderValue>,
    body: Bytes,
    timings: Timings,
}

impl Heard {
    /// The answer that the end of a run was; none where it says nothing of the scorer.
    pub(super) fn of(
        side: Side,
        result: &Result<ScoringResponse, Rejection>,
        timings: &Timings,
    ) -> Option<Self> {
        let response = match result {
            Ok(response) => response,
            Err(rejection) => {
                let status = scorers_status(side, rejection, timings)?;
                return Some(Self {
                    status,
                    content_type: None,
                    body: Bytes::new(),
                    timings: *timings,
                });
            }
        };
        Some(Self {
            status: response.status.as_u16(),
            content_type: response.content_type.clone(),
            body: response.body.clone(),
            timings: *timings,
        })
    }

    /// The answer as it is compared: a long body is digested, and no longer kept.
    pub(super) async fn reduced(self) -> ShadowAnswer {
        let body = if self.body.len() <= MAX_KEPT_BYTES {
            ShadowBody::Kept(self.body)
        } else {
            digested(&self.body).await
        };
        ShadowAnswer {
            status: self.status,
            content_type: self.content_type,
            body,
            guest: self.timings.guest,
            infer: self.timings.infer,
        }
    }
}

/// The status of a failure that is the scorer's own.
fn scorers_status(side: Side, rejection: &Rejection, timings: &Timings) -> Option<u16> {
    match rejection {
        Rejection::BadRequest(_) | Rejection::Fault { .. } => {
            Some(rejection.kind().status().as_u16())
        }
        // A copy that ran out of time was too slow; it may be that only live requests had to wait for so long.
        Rejection::DeadlineExceeded { .. } if side == Side::Copy && timings.ended.is_some() => {
            Some(rejection.kind().status().as_u16())
        }
        // The host's own, or nobody's.
        _ => None,
    }
}

async fn digested(body: &Bytes) -> ShadowBody {
    let mut hasher = Xxh3::new();
    for piece in body.chunks(DIGESTED_AT_ONCE) {
        hasher.update(piece);
        yield_now().await;
    }
    ShadowBody::Digested {
        length: body.len(),
        digest: hasher.digest128(),
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::rejection::Fault;

    fn answered(length: usize) -> Result<ScoringResponse, Rejection> {
        Ok(ScoringResponse {
            status: StatusCode::OK,
            content_type: None,
            headers: Vec::new(),
            body: Bytes::from(vec![7; length]),
        })
    }

    async fn body(length: usize) -> ShadowBody {
        let heard = Heard::of(Side::Live, &answered(length), &Timings::default());
        heard.unwrap().reduced().await.body
    }

    #[tokio::test]
    async fn a_body_is_kept_up_to_the_bound_and_digested_above() {
        for (length, is_kept) in [
            (0, true),
            (MAX_KEPT_BYTES - 1, true),
            (MAX_KEPT_BYTES, true),
            (MAX_KEPT_BYTES + 1, false),
            (3 * MAX_KEPT_BYTES, false),
        ] {
            let body = body(length).await;
            assert_eq!(matches!(body, ShadowBody::Kept(_)), is_kept, "{length}");
            assert_eq!(body.length(), length);
        }
        let (one, same, other) = (
            body(MAX_KEPT_BYTES + 1).await,
            body(MAX_KEPT_BYTES + 1).await,
            body(MAX_KEPT_BYTES + 2).await,
        );
        assert_eq!(one, same);
        assert_ne!(one, other);
    }

    #[test]
    fn only_what_the_scorer_did_is_compared() {
        let ran = Timings {
            ended: Some(Instant::now()),
            ..Timings::default()
        };
        let waited = Timings::default();
        let late = || Rejection::DeadlineExceeded {
            limit: Duration::from_secs(1),
        };
        let fault = || Rejection::Fault {
            fault: Fault::Trapped,
            message: String::new(),
        };
        let cases = [
            (Side::Live, fault(), ran, Some(424)),
            (Side::Copy, fault(), ran, Some(424)),
            (
                Side::Live,
                Rejection::BadRequest(String::new()),
                ran,
                Some(400),
            ),
            (Side::Copy, late(), ran, Some(408)),
            (Side::Copy, late(), waited, None),
            (Side::Live, late(), ran, None),
            (Side::Live, Rejection::Draining, ran, None),
            (
                Side::Copy,
                Rejection::HostError {
                    cause: String::new(),
                },
                ran,
                None,
            ),
        ];
        for (side, rejection, timings, status) in cases {
            let text = format!("{side:?} {rejection:?}");
            let heard = Heard::of(side, &Err(rejection), &timings);
            assert_eq!(heard.map(|heard| heard.status), status, "{text}");
        }
    }
}
