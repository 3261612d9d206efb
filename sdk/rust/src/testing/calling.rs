//! Calls to others, natively: answered by a closure of the test.

use std::fmt;
use std::rc::Rc;

use super::fake_host;
use crate::http::{CallError, Request, Response, Target};

type Answer = dyn Fn(&Request) -> Result<Response, CallError>;

/// Who answers.
#[derive(Clone)]
pub(super) struct Answerer(Rc<Answer>);

impl Answerer {
    pub(super) fn new(answer: impl Fn(&Request) -> Result<Response, CallError> + 'static) -> Self {
        Self(Rc::new(answer))
    }
}

impl fmt::Debug for Answerer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answerer").finish_non_exhaustive()
    }
}

pub(crate) fn send(request: &Request, _target: &Target<'_>) -> Result<Response, CallError> {
    let answerer = fake_host::with_current(|host| host.and_then(fake_host::FakeHost::answerer));
    match answerer {
        Some(Answerer(answer)) => answer(request),
        None => Err(CallError::Denied(request.url().to_owned())),
    }
}
