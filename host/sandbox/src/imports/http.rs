//! wasi:http, to call others: each call is compared with what the deployment grants before any name is looked up.
//!
//! The engine links it to whatever imports it; who has no grant is refused before, when it is deployed and when its sandboxes
//! are made, and would have each call refused here. A copy of a live request calls nobody: what a call changes elsewhere must
//! not be changed twice. Redirects are not followed: to follow one is a call of the guest's own.

use std::{
    future::{Future, ready},
    sync::Arc,
};

use http::{Method, Request, Response};
use mlwasm_types::Origin;
use wasmtime::{
    Result,
    component::{Linker, Resource},
};
use wasmtime_wasi::p2::bindings::io::error::Error as IoError;
use wasmtime_wasi_http::{
    Error, RequestOptions, WasiBody, WasiHttp, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks,
    WasiHttpView,
    p2::{
        HttpError, HttpResult,
        bindings::{
            LinkOptions,
            http::{outgoing_handler::Host as _, types},
        },
        types::{HostFutureIncomingResponse, HostOutgoingRequest},
    },
};

use crate::{
    egress::{Asked, Calls, GrantedEgress, Limits, call, of_stream},
    host_state::HostState,
    log::Output,
};

/// Bytes of one set of headers that a guest makes, as they lie in memory.
const MAX_HEADERS: usize = 64 << 10;
/// Bytes of a body that a guest can hand over at once. Two such pieces wait at most.
const PIECE: usize = 64 << 10;
/// Characters of an authority that a log line shows.
const SHOWN: usize = 100;

/// Adds the interfaces that a scorer may import, if its deployment grants it.
pub(crate) fn add_to_linker(linker: &mut Linker<HostState>) -> Result<()> {
    let options = LinkOptions::default();
    types::add_to_linker::<_, WasiHttp>(linker, &(&options).into(), HostState::http)?;
    // By hand: the one that it takes the place of knows no error of a stream.
    linker.allow_shadowing(true);
    linker.instance(TYPES)?.func_wrap(
        "http-error-code",
        |store, (error,): (Resource<IoError>,)| {
            let error = store.data().table.get(&error)?;
            Ok((error.downcast_ref::<Error>().map(of_stream),))
        },
    )?;
    linker.allow_shadowing(false);
    // By hand, since each call is counted first.
    let mut handler = linker.instance(HANDLER)?;
    handler.func_wrap("handle", |mut store, (request, options): Parameters| {
        let handled = handle(store.data_mut(), request, options);
        Ok((match handled {
            Ok(response) => Ok(response),
            Err(error) => Err(error.downcast()?),
        },))
    })
}

/// As `wasmtime_wasi_http` has them; serve every 0.2.
const TYPES: &str = "wasi:http/types@0.2.12";
/// See [`TYPES`].
const HANDLER: &str = "wasi:http/outgoing-handler@0.2.12";

type Parameters = (
    Resource<HostOutgoingRequest>,
    Option<Resource<RequestOptions>>,
);

fn handle(
    state: &mut HostState,
    request: Resource<HostOutgoingRequest>,
    options: Option<Resource<RequestOptions>>,
) -> HttpResult<Resource<HostFutureIncomingResponse>> {
    if !state.count_egress() {
        // Whatever the guest would make of it: the request ends here.
        return Err(HttpError::trap(wasmtime::Error::msg(
            "too many calls to others",
        )));
    }
    let asker = Asker {
        is_mirror: state.call.is_mirror,
        output: Some(Arc::clone(&state.output)),
        max_bytes: state.settings.max_egress_bytes,
    };
    state.http_and_table().0.hooks.asker = asker;
    state.http().handle(request, options)
}

/// What a sandbox has for its calls.
pub(crate) struct Http {
    context: WasiHttpCtx,
    hooks: Hooks,
}

struct Hooks {
    egress: Option<Arc<GrantedEgress>>,
    /// Those of the request at hand; none before its first one.
    calls: Option<Calls>,
    /// What the request may do, as of its last call.
    asker: Asker,
}

/// Who calls.
struct Asker {
    is_mirror: bool,
    output: Option<Arc<Output>>,
    max_bytes: u64,
}

impl Http {
    /// Of a deployment that grants calls.
    pub(crate) fn granted(egress: Arc<GrantedEgress>) -> Box<Self> {
        Self::new(Some(egress))
    }

    /// Of one that does not.
    pub(crate) fn refused() -> Box<Self> {
        Self::new(None)
    }

    fn new(egress: Option<Arc<GrantedEgress>>) -> Box<Self> {
        let mut context = WasiHttpCtx::new();
        context.set_field_size_limit(MAX_HEADERS);
        Box::new(Self {
            context,
            hooks: Hooks {
                egress,
                calls: None,
                asker: Asker {
                    is_mirror: false,
                    output: None,
                    max_bytes: 0,
                },
            },
        })
    }

    /// The request has ended, and its calls end.
    pub(crate) fn end(&mut self) {
        self.hooks.calls = None;
    }

    /// Whether the request's calls carried more than they may.
    pub(crate) fn has_exceeded(&self) -> bool {
        self.hooks.calls.as_ref().is_some_and(Calls::have_exceeded)
    }
}

impl WasiHttpView for HostState {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        let (http, table) = self.http_and_table();
        WasiHttpCtxView {
            hooks: &mut http.hooks,
            ctx: &mut http.context,
            table,
        }
    }
}

type Worker = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Sent = Result<(Response<WasiBody>, Worker), Error>;

impl WasiHttpHooks for Hooks {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _processed: Worker,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let egress = match self.allowed(&request) {
            Ok(egress) => Arc::clone(egress),
            Err(denied) => return Box::new(ready(Err(self.deny(&request, denied)))),
        };
        let max_bytes = self.asker.max_bytes;
        let calls = self.calls.get_or_insert_with(|| Calls::of(max_bytes));
        let Some(share) = calls.share() else {
            return Box::new(ready(Err(Error::ConnectionLimitReached)));
        };
        let asked = Asked {
            request,
            limits: Limits::from(options),
        };
        Box::new(call(egress, asked, share))
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        PIECE
    }
}

/// Why a call is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Denied {
    Mirror,
    Connect,
    NotGranted,
}

impl Hooks {
    fn allowed(&self, request: &Request<WasiBody>) -> Result<&Arc<GrantedEgress>, Denied> {
        let egress = self.egress.as_ref().ok_or(Denied::NotGranted)?;
        if self.asker.is_mirror {
            return Err(Denied::Mirror);
        }
        // A tunnel could lead anywhere.
        if request.method() == Method::CONNECT {
            return Err(Denied::Connect);
        }
        match origin(request) {
            Some(origin) if egress.allows(&origin) => Ok(egress),
            Some(_) | None => Err(Denied::NotGranted),
        }
    }

    fn deny(&self, request: &Request<WasiBody>, denied: Denied) -> Error {
        if let Some(egress) = &self.egress {
            egress.denied();
        }
        if let Some(output) = &self.asker.output {
            let why = match denied {
                Denied::Mirror => "a copy of a live request calls nobody",
                Denied::Connect => "CONNECT is not offered",
                Denied::NotGranted => "egress of the deployment does not name it",
            };
            output.host(&format!("refused a call to {}: {why}", target(request)));
        }
        Error::HttpRequestDenied
    }
}

/// Whom a request is for; none if that could be granted to nobody.
fn origin(request: &Request<WasiBody>) -> Option<Origin> {
    let uri = request.uri();
    let authority = uri.authority()?;
    Origin::of(uri.scheme_str()?, authority.as_str()).ok()
}

/// The same for people. Neither path nor query, nor what stands before an `@`: they may hold what is secret.
fn target(request: &Request<WasiBody>) -> String {
    let uri = request.uri();
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host: String = host.chars().take(SHOWN).collect();
    format!("{}://{host}", uri.scheme_str().unwrap_or_default())
}
