//! Holds on to a call beyond its request: with a body, an authority and a path, it calls that and answers without waiting; without
//! one, it waits for the answer to what it called before, and says what came of it.
//!
//! By the interface itself: the SDK waits for its calls.

#[cfg(target_family = "wasm")]
mod keeps_call {
    use mlwasm_sdk::{InitError, Request, Response, ScoreError, Scorer};
    use wasip2::http::{
        outgoing_handler::handle,
        types::{Fields, FutureIncomingResponse, OutgoingRequest, Scheme},
    };

    struct KeepsCall {
        kept: Option<FutureIncomingResponse>,
    }

    impl Scorer for KeepsCall {
        fn init() -> Result<Self, InitError> {
            Ok(Self { kept: None })
        }

        fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
            if let Some((authority, path)) = request.text()?.split_once('/') {
                self.kept = Some(begin(authority, path)?);
                return Ok(Response::text("begun"));
            }
            match self.kept.take() {
                Some(call) => Ok(Response::text(end(&call))),
                None => Err(ScoreError::bad_request("nothing was begun")),
            }
        }
    }

    fn begin(authority: &str, path: &str) -> Result<FutureIncomingResponse, ScoreError> {
        let refused = |()| ScoreError::internal("the request can not be made");
        let request = OutgoingRequest::new(Fields::new());
        request.set_scheme(Some(&Scheme::Http)).map_err(refused)?;
        request.set_authority(Some(authority)).map_err(refused)?;
        let path = format!("/{path}");
        request.set_path_with_query(Some(&path)).map_err(refused)?;
        handle(request, None).map_err(ScoreError::internal)
    }

    fn end(call: &FutureIncomingResponse) -> String {
        call.subscribe().block();
        match call.get() {
            Some(Ok(Ok(response))) => format!("status {}", response.status()),
            Some(Ok(Err(error))) => format!("failed: {error:?}"),
            Some(Err(())) | None => "nothing".to_owned(),
        }
    }

    mlwasm_sdk::scorer!(KeepsCall);
}
