//! What is known of a request from its first moment: its id, its arrival, where its time goes.

use std::{
    cell::Cell,
    hash::{BuildHasher as _, RandomState},
    time::{Duration, Instant},
};

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::{form::Form, grpc, record::shortened, traces::Span};

/// The header that carries a request's id, both ways.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longest id that a client may give, in bytes.
const MAX_ID: usize = 128;

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    /// Names it in answers and logs.
    pub(crate) id: RequestId,
    /// When its head was complete.
    pub(crate) arrived: Instant,
    /// In which words it asks.
    pub(crate) form: Form,
    /// The longest that the client wants to wait, if it says so.
    pub(crate) patience: Option<Duration>,
    /// Its span, if it leaves a trace.
    pub(crate) span: Option<Box<Span>>,
}

impl Context {
    /// The context of a request that arrives now.
    pub(crate) fn begin(headers: &HeaderMap) -> Self {
        Self {
            id: RequestId::kept(headers).unwrap_or_else(RequestId::make),
            arrived: Instant::now(),
            form: Form::Own,
            patience: None,
            span: None,
        }
    }

    /// The same request, known to ask in this form.
    pub(crate) fn in_form(mut self, form: Form, headers: &HeaderMap) -> Self {
        self.form = form;
        if form == Form::Grpc {
            self.patience = grpc::timeout(headers);
        }
        self
    }

    /// The context of one message of a stream: a request of its own, with what is left of the stream's time.
    pub(crate) fn of_message(stream: &Self) -> Self {
        let arrived = Instant::now();
        let gone = arrived.saturating_duration_since(stream.arrived);
        Self {
            id: RequestId::make(),
            arrived,
            form: stream.form,
            patience: stream
                .patience
                .map(|patience| patience.saturating_sub(gone)),
            span: stream.span.as_ref().map(|span| Box::new(span.beside())),
        }
    }

    /// Notes the endpoint of a request whose address does not tell it.
    pub(crate) fn addressed(&mut self, endpoint: &str) {
        if let Some(span) = &mut self.span {
            span.endpoint = shortened(endpoint);
        }
    }
}

/// The id of a request. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) enum RequestId {
    /// The client's own, checked.
    Kept(HeaderValue),
    /// Made here: hex digits.
    Made([u8; 32]),
}

impl RequestId {
    fn kept(headers: &HeaderMap) -> Option<Self> {
        let value = find(headers, &REQUEST_ID)?;
        is_valid_id(value.as_bytes()).then(|| Self::Kept(value.clone()))
    }

    /// 128 bits in hex: half is the thread's own, half a keyed hash of a counter. The operating system is asked
    /// for both keys once a thread.
    pub(crate) fn make() -> Self {
        struct Source {
            key: RandomState,
            thread: u64,
            count: Cell<u64>,
        }
        thread_local! {
            static SOURCE: Source = Source {
                key: RandomState::new(),
                thread: RandomState::new().hash_one(0_u64),
                count: const { Cell::new(0) },
            };
        }
        SOURCE.with(|source| {
            let count = source.count.get();
            source.count.set(count.wrapping_add(1));
            Self::Made(hex([source.thread, source.key.hash_one(count)]))
        })
    }

    /// The id as bytes.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Kept(value) => value.as_bytes(),
            Self::Made(digits) => digits,
        }
    }

    /// The id as text.
    pub(crate) fn as_str(&self) -> &str {
        str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// The id as a response header carries it.
    pub(crate) fn header_value(&self) -> HeaderValue {
        match self {
            Self::Kept(value) => value.clone(),
            Self::Made(digits) => {
                HeaderValue::from_bytes(digits).expect("hex digits are allowed in a header")
            }
        }
    }
}

/// 1 to 128 visible ASCII characters: safe in a log line and in a header.
fn is_valid_id(id: &[u8]) -> bool {
    (1..=MAX_ID).contains(&id.len()) && id.iter().all(u8::is_ascii_graphic)
}

fn hex(halves: [u64; 2]) -> [u8; 32] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = [[0; 2]; 16];
    let bytes = halves.map(u64::to_be_bytes);
    for (pair, byte) in text.iter_mut().zip(bytes.as_flattened()) {
        *pair = [byte >> 4, byte & 0xf].map(|digit| DIGITS[usize::from(digit)]);
    }
    let mut flat = [0; 32];
    flat.copy_from_slice(text.as_flattened());
    flat
}

/// The first header of this name. Requests have few headers, and looking through them costs less than hashing
/// the name, which [`HeaderMap::get`] does every time.
pub(crate) fn find<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h HeaderValue> {
    headers
        .iter()
        .find_map(|(found, value)| (found == name).then_some(value))
}

/// Where the time of a request went.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Timings {
    /// Waiting for a sandbox.
    pub(crate) queue: Duration,
    /// In the scorer's own code.
    pub(crate) guest: Duration,
    /// In native runs.
    pub(crate) infer: Duration,
    /// When the scorer was done, if it was asked.
    pub(crate) ended: Option<Instant>,
}

impl Timings {
    /// The value of `server-timing`, in milliseconds.
    pub(crate) fn header_value(&self) -> HeaderValue {
        let mut line = Line::default();
        line.put(b"queue;dur=");
        line.put_milliseconds(self.queue);
        line.put(b", guest;dur=");
        line.put_milliseconds(self.guest);
        line.put(b", infer;dur=");
        line.put_milliseconds(self.infer);
        HeaderValue::from_bytes(line.written()).expect("digits and names are allowed in a header")
    }
}

/// A short line on the stack. Formatting by `write!` would cost more than the rest of the answer.
#[derive(Default)]
struct Line {
    // Three labels of 34 bytes together and three numbers of at most 10.
    bytes: [[u8; 32]; 2],
    length: usize,
}

impl Line {
    fn put(&mut self, text: &[u8]) {
        let end = self.length + text.len();
        self.bytes.as_flattened_mut()[self.length..end].copy_from_slice(text);
        self.length = end;
    }

    /// Up to 999,999.999: no deadline is longer.
    fn put_milliseconds(&mut self, duration: Duration) {
        let micros = duration
            .as_secs()
            .saturating_mul(1_000_000)
            .saturating_add(duration.subsec_micros().into());
        // Dividing 32 bits is several times faster than what a duration has.
        let mut rest = u32::try_from(micros).unwrap_or(u32::MAX).min(999_999_999);
        let mut digits = [b'0'; 10];
        let mut start = digits.len();
        // Three decimals, then the point, then at least one digit.
        while rest > 0 || start > digits.len() - 5 {
            start -= 1;
            if start == digits.len() - 4 {
                digits[start] = b'.';
            } else {
                let digit = (rest % 10) as u8;
                digits[start] += digit;
                rest /= 10;
            }
        }
        self.put(&digits[start..]);
    }

    fn written(&self) -> &[u8] {
        &self.bytes.as_flattened()[..self.length]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn an_id_is_kept_only_if_it_is_short_and_visible() {
        let longest = "a".repeat(128);
        let too_long = "a".repeat(129);
        let cases: [(&[u8], bool); 8] = [
            (b"r-1", true),
            (b"00-4bf92f3577b34da6a3ce929d0e0e4736-01", true),
            (longest.as_bytes(), true),
            (too_long.as_bytes(), false),
            (b"", false),
            (b"two words", false),
            (b"tab\there", false),
            (b"gr\xc3\xbcn", false),
        ];
        for (text, kept) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, HeaderValue::from_bytes(text).unwrap());
            let id = Context::begin(&headers).id;
            assert_eq!(id.as_str().as_bytes() == text, kept, "{text:?}");
            assert!(is_valid_id(id.as_str().as_bytes()));
        }
    }

    #[test]
    fn made_ids_are_128_bits_of_hex_and_differ() {
        let ids: HashSet<_> = (0..10_000)
            .map(|_| RequestId::make().as_str().to_owned())
            .collect();
        assert_eq!(ids.len(), 10_000);
        assert!(ids.iter().all(|id| id.len() == 32));
    }

    #[test]
    fn timings_are_written_in_milliseconds() {
        for (micros, text) in [
            (0, "0.000"),
            (7, "0.007"),
            (999, "0.999"),
            (1_000, "1.000"),
            (12_345, "12.345"),
            (600_000_000, "600000.000"),
            (u64::MAX, "999999.999"),
        ] {
            let duration = Duration::from_micros(micros);
            let timings = Timings {
                queue: duration,
                guest: duration,
                infer: duration,
                ended: None,
            };
            assert_eq!(
                timings.header_value().to_str().unwrap(),
                format!("queue;dur={text}, guest;dur={text}, infer;dur={text}")
            );
        }
    }
}
