//! A request in tensors, for a scorer that says what it takes: read and checked before it waits for a sandbox.

use std::{sync::Arc, time::Instant};

use bytes::Bytes;
use http::{HeaderValue, StatusCode};
use mlwasm_sandbox::{
    Company, LeaseError, NamedTensor, RunError, RunReport, SandboxLease, SandboxPool,
    ScoringRequest, ScoringResponse, Seat, TensorRequest,
};
use mlwasm_types::{Signature, Tensor};

use super::{ENDPOINT, Form, JSON_LENGTH, json_length, with_patience};
use crate::{
    kserve,
    rejection::Rejection,
    run::Input,
    v2::{self, Answerer, Malformed, Wanted},
};

/// Tensors that a scorer takes, and how its answer is to be told.
#[derive(Debug)]
pub(crate) struct Call {
    inputs: Arc<[NamedTensor]>,
    reply: Reply,
}

/// A call that is about to be answered.
#[derive(Debug)]
pub(crate) struct SeatedCall {
    call: Call,
    seat: Seat,
}

/// How an answer is told.
#[derive(Debug)]
enum Reply {
    V2 {
        /// The endpoint, as the request names it.
        model: String,
        id: Option<String>,
        wanted: Vec<Wanted>,
    },
    V1,
}

/// The call that `input` makes to a scorer of this signature. None for a raw scorer, or where a request is in no protocol: then
/// the scorer gets the body.
pub(crate) async fn prepare(
    input: &Input,
    signature: Option<&Arc<Signature>>,
) -> Result<Option<Box<Call>>, Rejection> {
    let (form, Some(signature)) = (input.form(), signature) else {
        return Ok(None);
    };
    if form == Form::Own {
        return Ok(None);
    }
    let length = json_length(input.headers())?;
    let (json, binary) =
        v2::split(input.body(), length).map_err(|Malformed(text)| Rejection::Malformed(text))?;
    let model = input.headers().get(ENDPOINT);
    let model = model
        .and_then(|model| model.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let signature = Arc::clone(signature);
    let read = move || match form {
        Form::V1 => read_v1(&json, &signature),
        Form::Own | Form::V2 | Form::Grpc => read_v2(model, &json, binary.as_ref(), &signature),
    };
    let bytes = length.unwrap_or_else(|| input.size());
    with_patience(bytes, read)
        .await?
        .map(|call| Some(Box::new(call)))
        .map_err(|Malformed(text)| Rejection::Malformed(text))
}

fn read_v1(json: &Bytes, signature: &Signature) -> Result<Call, Malformed> {
    let inputs = kserve::read(json, signature)?;
    v2::check_inputs(&inputs, signature)?;
    Ok(Call {
        inputs: inputs.into(),
        reply: Reply::V1,
    })
}

pub(super) fn read_v2(
    model: String,
    json: &Bytes,
    binary: Option<&Bytes>,
    signature: &Signature,
) -> Result<Call, Malformed> {
    let message = v2::read(json)?;
    let inputs = message
        .inputs
        .ok_or_else(|| Malformed("the body: `inputs` is missing".to_owned()))?;
    let inputs = v2::complete(inputs, "inputs", binary)?;
    v2::check_inputs(&inputs, signature)?;
    let wanted = v2::wanted(message.outputs, &message.parameters, signature)?;
    Ok(Call {
        inputs: inputs.into(),
        reply: Reply::V2 {
            model,
            id: message.id,
            wanted,
        },
    })
}

impl Call {
    /// Waits until `until` for where it is answered: a sandbox, or a place in a call with others that wait.
    ///
    /// # Cancel safety
    ///
    /// As [`SandboxPool::seat`].
    pub(crate) async fn seat(
        self: Box<Self>,
        pool: &Arc<SandboxPool>,
        company: Company,
        (until, deadline): (Instant, Instant),
    ) -> Result<Box<SeatedCall>, LeaseError> {
        let joinable = pool.joinable(&self.inputs, company);
        let seat = pool.seat(joinable, until, deadline).await?;
        Ok(Box::new(SeatedCall { call: *self, seat }))
    }

    /// To be answered in this sandbox.
    pub(super) fn alone(self, lease: SandboxLease) -> SeatedCall {
        SeatedCall {
            call: self,
            seat: Seat::Own(lease),
        }
    }
}

impl SeatedCall {
    /// Asks the scorer for `request`, whose body this is, and tells its answer as the request wants it.
    ///
    /// # Cancel safety
    ///
    /// As [`Seat::infer`].
    pub(crate) async fn run(
        self: Box<Self>,
        request: ScoringRequest<'_>,
        deadline: Instant,
    ) -> RunReport {
        let Self { call, seat } = *self;
        let Call { inputs, reply } = call;
        let lent: Vec<_> = inputs.iter().map(NamedTensor::lend).collect();
        let asked = TensorRequest {
            id: request.id,
            deployment: request.deployment,
            is_mirror: request.is_mirror,
            queued_at: request.queued_at,
            inputs: &lent,
            keep: request.keep,
        };
        let report = seat.infer(asked, deadline).await;
        let outcome = match report.outcome {
            Ok(outputs) => reply.told(outputs, request.deployment).await,
            Err(error) => Err(error),
        };
        RunReport {
            outcome,
            begun: report.begun,
            ended: report.ended,
            infer: report.infer,
        }
    }
}

impl Reply {
    async fn told(
        self,
        outputs: Vec<Tensor>,
        deployment: &str,
    ) -> Result<ScoringResponse, RunError> {
        let bytes = outputs.iter().map(|output| output.data.len()).sum();
        let deployment = deployment.to_owned();
        let told = with_patience(bytes, move || self.response(&outputs, &deployment)).await;
        told.map_err(|error| RunError::Host {
            message: error.to_string(),
        })?
        // The client asked for a form that this answer does not have.
        .map_err(|Malformed(text)| RunError::BadRequest(text))
    }

    fn response(self, outputs: &[Tensor], deployment: &str) -> Result<ScoringResponse, Malformed> {
        let (body, json_length) = match self {
            Self::V1 => (kserve::write(outputs)?, None),
            Self::V2 { model, id, wanted } => {
                let who = Answerer {
                    model: &model,
                    version: deployment,
                    id: id.as_deref(),
                };
                let encoded = v2::encode(who, outputs, &wanted)?;
                (encoded.body, encoded.json_length)
            }
        };
        let content_type = match json_length {
            None => "application/json",
            Some(_) => "application/octet-stream",
        };
        let headers = json_length.map(|length| (JSON_LENGTH, HeaderValue::from(length)));
        Ok(ScoringResponse {
            status: StatusCode::OK,
            content_type: Some(HeaderValue::from_static(content_type)),
            headers: headers.into_iter().collect(),
            body: body.into(),
        })
    }
}
