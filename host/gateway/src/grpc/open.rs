//! The beginning of a call: whom its message is for, or at once the answer.

use std::sync::Arc;

use super::{
    Method, health, names,
    service::{self, address},
    stream,
};
use crate::{
    body::BodyLimits, choose::Chosen, connection::Connection, context::Context, pipeline::Inbound,
    record::Logged, rejection::Rejection, respond::Answer,
};

/// What the beginning of a call comes to.
pub(crate) enum Opened {
    /// A deployment is to answer; the rest of the message is yet to be read.
    Chosen(Chosen),
    /// The call has its answer.
    Answered(Answer),
}

/// Reads as much of a call's message as tells whom it is for. Other calls than inference are answered.
pub(crate) async fn open(
    connection: &Arc<Connection>,
    method: Method,
    context: &mut Context,
    inbound: &mut Inbound,
    logged: &mut Logged,
) -> Result<Opened, Rejection> {
    let gateway = connection.gateway();
    match method {
        Method::ModelStreamInfer => {
            logged.forget();
            let answer = stream::begin(connection, context, inbound);
            Ok(Opened::Answered(answer))
        }
        Method::ModelInfer => {
            let coding = super::coding(&inbound.head.headers);
            let most = gateway.settings().max_body_bytes;
            let limits = limits(connection, context, most);
            let known = |bytes: &[u8]| names::names(bytes, coding).transpose();
            let names = inbound.body.read_until(limits, known).await?;
            logged.addressed(&names.model);
            context.addressed(&names.model);
            let address = address(&names.model, &names.version);
            let chosen = gateway.choose(address, &inbound.head.headers, context)?;
            Ok(Opened::Chosen(chosen))
        }
        _ => {
            let limits = limits(connection, context, service::LONGEST);
            let body = inbound.body.read(limits).await?;
            let answer = if method == Method::HealthWatch {
                let asked = super::frame::only_message(&body, None, service::LONGEST)?;
                let asked: super::generated::health::HealthCheckRequest = service::read(asked)?;
                health::watch(connection, &asked.service)
            } else {
                service::answer(gateway, method, &inbound.head.headers, &body)?
            };
            Ok(Opened::Answered(answer))
        }
    }
}

/// Until when a message may arrive whose deployment is not known yet.
fn limits(connection: &Connection, context: &Context, bytes: u64) -> BodyLimits {
    let longest = connection.gateway().settings().body_timeout;
    let within = context
        .patience
        .map_or(longest, |patience| patience.min(longest));
    BodyLimits {
        bytes,
        until: context.arrived + within,
        within,
    }
}
