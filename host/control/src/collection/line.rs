//! A body as a line of JSON.
//!
//! A body that is JSON is put there as it came, but for the white space between its parts: numbers keep all their digits, and
//! objects their order. Headers never get here but for the media type.

use jiff::Timestamp;
use mlwasm_routing::collection::CollectedBody;
use mlwasm_types::CollectedLine;
use serde::de::IgnoredAny;

use super::base64;

/// Longest media type that is kept, in bytes.
const LONGEST_TYPE: usize = 256;
/// Levels of JSON that is kept as JSON. Readers commonly refuse more than 128, and a line and a page add some.
const MOST_LEVELS: u32 = 100;

/// When the body was offered.
pub(super) fn time(body: &CollectedBody) -> Timestamp {
    Timestamp::try_from(body.time).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Adds the line of `body`, of which at most `max_bytes` are kept, to `lines`, with its end.
pub(super) fn write(body: &CollectedBody, max_bytes: usize, lines: &mut Vec<u8>) {
    let kept = &body.body[..body.body.len().min(max_bytes)];
    let is_whole = kept.len() == body.bytes;
    let json = Some(kept).filter(|json| is_whole && is_json(json));
    let json = json.and_then(without_white_space);
    let base64 = (json.is_none() && !kept.is_empty()).then(|| base64::encode(kept));
    let about = CollectedLine {
        time: time(body),
        request_id: body.request_id.clone(),
        correlation_id: body.correlation_id.clone(),
        mirror: body.is_mirror,
        content_type: body.content_type.as_ref().map(|value| {
            let bytes = value.as_bytes();
            String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST_TYPE)]).into_owned()
        }),
        status: body.status,
        bytes: body.bytes as u64,
        truncated: !is_whole,
        data: None,
        data_base64: base64,
    };
    // A line is plain data: it always has a JSON form, which ends in a brace.
    let Ok(mut text) = serde_json::to_vec(&about) else {
        return;
    };
    if let Some(json) = json {
        text.pop();
        text.extend_from_slice(b",\"data\":");
        text.extend_from_slice(&json);
        text.push(b'}');
    }
    text.push(b'\n');
    lines.extend_from_slice(&text);
}

fn is_json(bytes: &[u8]) -> bool {
    // Text in all its parts, or the line would be none.
    str::from_utf8(bytes).is_ok() && serde_json::from_slice::<IgnoredAny>(bytes).is_ok()
}

/// Valid JSON without the white space outside of its strings: on one line. None if it is nested too deep.
fn without_white_space(json: &[u8]) -> Option<Vec<u8>> {
    let mut kept = Vec::with_capacity(json.len());
    let mut depth = 0;
    let mut is_in_string = false;
    let mut is_escaped = false;
    for byte in json {
        if is_in_string {
            is_in_string = is_escaped || *byte != b'"';
            is_escaped = !is_escaped && *byte == b'\\';
        } else if byte.is_ascii_whitespace() {
            continue;
        } else {
            is_in_string = *byte == b'"';
            match byte {
                b'[' | b'{' => depth += 1,
                b']' | b'}' => depth -= 1,
                _ => {}
            }
            if depth > MOST_LEVELS {
                return None;
            }
        }
        kept.push(*byte);
    }
    Some(kept)
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use bytes::Bytes;
    use mlwasm_types::Collection;

    use super::*;

    fn line(body: &[u8], max_bytes: usize) -> String {
        let body = CollectedBody {
            collection: Collection::Request,
            request_id: "r".to_owned(),
            correlation_id: "c".to_owned(),
            time: SystemTime::UNIX_EPOCH,
            is_mirror: false,
            content_type: None,
            status: None,
            body: Bytes::copy_from_slice(body),
            bytes: body.len(),
        };
        let mut lines = Vec::new();
        write(&body, max_bytes, &mut lines);
        String::from_utf8(lines).unwrap()
    }

    fn rest(body: &[u8], max_bytes: usize) -> String {
        let line = line(body, max_bytes);
        let about =
            r#"{"time":"1970-01-01T00:00:00Z","request_id":"r","correlation_id":"c","bytes":"#;
        line.strip_prefix(about).unwrap().to_owned()
    }

    #[test]
    fn json_stays_json_on_one_line_with_all_its_digits() {
        let body =
            b"{\n \"a b\": [1.10, 12345678901234567890123] ,\t\"q\\\"  \\\\\": \" x \" }\r\n";
        assert_eq!(
            rest(body, 1_000),
            format!(
                "{},\"data\":{{\"a b\":[1.10,12345678901234567890123],\"q\\\"  \\\\\":\" x \"}}}}\n",
                body.len()
            )
        );
    }

    #[test]
    fn what_is_no_json_is_base64_and_nothing_is_nothing() {
        assert_eq!(rest(b"foo", 10), "3,\"data_base64\":\"Zm9v\"}\n");
        assert_eq!(rest(b"\"\xff\"", 10), "3,\"data_base64\":\"Iv8i\"}\n");
        assert_eq!(rest(b"", 10), "0}\n");
    }

    #[test]
    fn a_body_is_cut_above_the_bound_and_marked() {
        assert_eq!(rest(b"123", 4), "3,\"data\":123}\n");
        assert_eq!(rest(b"1234", 4), "4,\"data\":1234}\n");
        // Its beginning would be JSON of another meaning.
        assert_eq!(
            rest(b"12345", 4),
            "5,\"truncated\":true,\"data_base64\":\"MTIzNA==\"}\n"
        );
    }

    #[test]
    fn json_that_is_nested_too_deep_to_be_read_is_kept_as_bytes() {
        for (levels, is_json) in [(99, true), (100, true), (101, false), (1_000, false)] {
            let deep = [b"[".repeat(levels), b"]".repeat(levels)].concat();
            let line = line(&deep, 10_000);
            let read: CollectedLine = serde_json::from_str(&line).unwrap();
            assert_eq!(read.data.is_some(), is_json, "{levels}");
            assert_eq!(read.data_base64.is_none(), is_json, "{levels}");
        }
    }
}
