//! The outer wall around a call into a guest: it ends by its deadline, and a panic of the host ends here.
//!
//! A guest that computes is stopped by the epoch clock (`sandbox`). This is for a guest that waits in a host function, for
//! a timer, a pollable or a native run, where no epoch reaches it.

use std::{
    any::Any,
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
    time::Instant,
};

use tokio::time::timeout_at;

/// Why a call has no result.
#[derive(Debug)]
pub(crate) enum Halt {
    /// It waited past its deadline.
    Deadline,
    /// The host panicked, with these words.
    Panic(String),
    /// The guest or a host function ended it.
    Error(wasmtime::Error),
}

/// The result of `call`, unless `deadline` passes while it waits.
///
/// The call is pinned by the caller, since it is large: handed over by value it would be copied on the way.
///
/// # Cancel safety
///
/// Dropping the call, which the caller does too, unwinds the guest.
pub(crate) async fn guarded<T>(
    deadline: Instant,
    mut call: Pin<&mut impl Future<Output = wasmtime::Result<T>>>,
) -> Result<T, Halt> {
    // Most calls end within their first slice: those pay for no timer.
    let first = poll_fn(|context| Poll::Ready(poll_caught(call.as_mut(), context))).await;
    if let Poll::Ready(result) = first {
        return result;
    }
    let rest = poll_fn(|context| poll_caught(call.as_mut(), context));
    if let Ok(result) = timeout_at(deadline.into(), rest).await {
        return result;
    }
    // A guest that computes is stopped within its next slice, and can be asked where it was; one that waits is not.
    let last = poll_fn(|context| Poll::Ready(poll_caught(call.as_mut(), context))).await;
    match last {
        Poll::Ready(result) => result,
        Poll::Pending => Err(Halt::Deadline),
    }
}

fn poll_caught<T>(
    call: Pin<&mut impl Future<Output = wasmtime::Result<T>>>,
    context: &mut Context<'_>,
) -> Poll<Result<T, Halt>> {
    // Whatever the panic left half done is in the sandbox, and that is discarded.
    match catch_unwind(AssertUnwindSafe(|| call.poll(context))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(result)) => Poll::Ready(result.map_err(Halt::Error)),
        Err(payload) => Poll::Ready(Err(Halt::Panic(panic_words(payload.as_ref())))),
    }
}

/// What a panic said.
pub(crate) fn panic_words(payload: &(dyn Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without words").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{future::pending, pin::pin, time::Duration};

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(3_600)
    }

    #[tokio::test]
    async fn a_result_passes() {
        let call = async { Ok(7) };
        assert!(matches!(guarded(soon(), pin!(call)).await, Ok(7)));
    }

    #[tokio::test]
    async fn a_call_that_only_waits_ends_at_its_deadline() {
        let call = pending::<wasmtime::Result<()>>();
        let deadline = Instant::now() + Duration::from_millis(20);
        let end = guarded(deadline, pin!(call)).await;
        assert!(matches!(end, Err(Halt::Deadline)));
        assert!(Instant::now() >= deadline);
    }

    #[tokio::test]
    async fn a_panic_ends_here_in_any_slice() {
        let at_once = async { panic!("at once") };
        let end: Result<(), Halt> = guarded(soon(), pin!(at_once)).await;
        assert!(matches!(end, Err(Halt::Panic(text)) if text == "at once"));

        let later = async {
            tokio::task::yield_now().await;
            panic!("{}", "later".to_owned())
        };
        let end: Result<(), Halt> = guarded(soon(), pin!(later)).await;
        assert!(matches!(end, Err(Halt::Panic(text)) if text == "later"));
    }
}
