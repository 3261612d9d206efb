//! Named collections: records that a scorer hands over while it answers a request.
//!
//! A scorer is told of its own mistakes, whether or not anything is kept, so that they show in the first test; of a queue that is
//! full it is not told, since it could do nothing about that. In `init` there is no request, and nothing is kept.

use std::sync::Arc;

use bytes::Bytes;
use http::HeaderValue;
use mlwasm_types::{CollectionName, InvalidName};
use wasmtime::{
    Result, StoreContextMut,
    component::{LinkerInstance, WasmList, WasmStr},
};

use crate::{bindings::CollectionError, host_state::HostState, keep::Record};

/// Records that one request may leave.
const MOST_RECORDS: u32 = 100;
/// Bytes that are kept of them all: as many as a busy server's queue holds of eight such requests.
const MOST_BYTES: usize = 4 << 20;
/// The longest media type, in bytes.
const LONGEST_TYPE: usize = 256;

type Answer = std::result::Result<(), CollectionError>;

/// What one request has recorded so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Recorded {
    records: u32,
    bytes: usize,
}

/// Defines the functions of the interface.
pub(crate) fn add_to_linker(interface: &mut LinkerInstance<'_, HostState>) -> Result<()> {
    interface.func_wrap("enabled", |store, (name,): (WasmStr,)| {
        let name = name.to_str(&store)?;
        let recorder = store.data().call.recorder.as_ref();
        let is_kept = recorder.is_some_and(|recorder| recorder.keeps(&name).is_some());
        Ok((is_kept,))
    })?;
    interface.func_wrap("collect", |store, (name, content_type, data)| {
        Ok((collect(store, &name, &content_type, &data)?,))
    })
}

fn collect(
    mut store: StoreContextMut<'_, HostState>,
    name: &WasmStr,
    content_type: &WasmStr,
    data: &WasmList<u8>,
) -> Result<Answer> {
    let checked = {
        let (name, content_type) = (name.to_str(&store)?, content_type.to_str(&store)?);
        checked(&name, &content_type)
    };
    let (collection, content_type) = match checked {
        Ok(checked) => checked,
        Err(error) => return Ok(Err(error)),
    };
    let call = &store.data().call;
    let kept = call.recorder.as_ref().and_then(|recorder| {
        let longest = recorder.keeps(collection.as_str())?;
        Some((Arc::clone(recorder), longest))
    });
    let Some((recorder, longest)) = kept else {
        return Ok(Ok(()));
    };
    let bytes = data.as_le_slice(&store).len();
    let kept = bytes.min(longest);
    if let Err(error) = store.data_mut().call.recorded.add(kept) {
        return Ok(Err(error));
    }
    let data = Bytes::copy_from_slice(&data.as_le_slice(&store)[..kept]);
    recorder.record(Record {
        collection,
        content_type,
        data,
        bytes,
    });
    Ok(Ok(()))
}

fn checked(
    name: &str,
    content_type: &str,
) -> std::result::Result<(CollectionName, HeaderValue), CollectionError> {
    let invalid = |error: InvalidName| CollectionError::Invalid(error.to_string());
    let name = CollectionName::new(name).map_err(invalid)?;
    let value = HeaderValue::from_str(content_type).ok();
    let value = value.filter(|_| (1..=LONGEST_TYPE).contains(&content_type.len()));
    let value = value.ok_or_else(|| {
        CollectionError::Invalid(format!(
            "a media type has 1 to {LONGEST_TYPE} bytes that HTTP allows, as in application/json"
        ))
    })?;
    Ok((name, value))
}

impl Recorded {
    /// Counts a record of which so many bytes are kept, unless that is too much.
    fn add(&mut self, bytes: usize) -> Answer {
        let next = Self {
            records: self.records + 1,
            bytes: self.bytes.saturating_add(bytes),
        };
        if next.records > MOST_RECORDS {
            let text = format!("a request may leave at most {MOST_RECORDS} records");
            return Err(CollectionError::TooMany(text));
        }
        if next.bytes > MOST_BYTES {
            let text = format!("a request may leave at most {MOST_BYTES} bytes of records");
            return Err(CollectionError::TooMany(text));
        }
        *self = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_may_leave_so_many_records_and_so_many_bytes() {
        let mut recorded = Recorded::default();
        for n in 1..=MOST_RECORDS + 1 {
            assert_eq!(recorded.add(1).is_ok(), n <= MOST_RECORDS, "{n}");
        }
        for (first, second, fits) in [
            (MOST_BYTES - 1, 0, true),
            (MOST_BYTES - 1, 1, true),
            (MOST_BYTES - 1, 2, false),
            (0, MOST_BYTES + 1, false),
        ] {
            let mut recorded = Recorded::default();
            recorded.add(first).unwrap();
            assert_eq!(recorded.add(second).is_ok(), fits, "{first} + {second}");
            // What was refused takes no room.
            assert!(recorded.add(0).is_ok());
        }
    }

    #[test]
    fn names_and_media_types_are_held_to_their_rules() {
        let longest = "x".repeat(LONGEST_TYPE);
        let too_long = "x".repeat(LONGEST_TYPE + 1);
        for (name, content_type, allowed) in [
            ("model_inputs", "application/json", true),
            ("a", &longest, true),
            ("a", &too_long, false),
            ("a", "", false),
            ("a", "text/plain\r\nx: y", false),
            ("", "text/plain", false),
            ("../a", "text/plain", false),
            ("request", "text/plain", false),
        ] {
            let checked = checked(name, content_type);
            assert_eq!(checked.is_ok(), allowed, "{name} {content_type}");
        }
    }
}
