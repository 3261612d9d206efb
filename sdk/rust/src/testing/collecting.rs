//! Records, natively: kept by the fake host for the test to look at.

use super::fake_host;
use crate::CollectionError;

/// A record that a scorer made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The collection's name.
    pub collection: String,
    /// The media type.
    pub content_type: String,
    /// The record.
    pub data: Vec<u8>,
}

pub(crate) fn is_collected(name: &str) -> bool {
    fake_host::with_current(|host| host.is_some_and(|host| host.collects(name)))
}

pub(crate) fn collect(name: &str, content_type: &str, data: &[u8]) -> Result<(), CollectionError> {
    if !is_name(name) {
        return Err(CollectionError::Invalid(format!(
            "collection name {name:?} is not allowed"
        )));
    }
    fake_host::with_current(|host| {
        if let Some(host) = host.filter(|host| host.collects(name)) {
            host.keep(Recorded {
                collection: name.to_owned(),
                content_type: content_type.to_owned(),
                data: data.to_owned(),
            });
        }
    });
    Ok(())
}

/// As the real host checks it.
fn is_name(name: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=32).contains(&name.len())
        && name.bytes().all(is_inner)
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.ends_with(|last: char| last.is_ascii_alphanumeric())
        && !matches!(name, "request" | "response")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{FakeHost, post_json};
    use crate::{Collection, InitError, Request, Response, ScoreError, Scorer};

    struct Records {
        in_init: bool,
    }

    impl Scorer for Records {
        fn init() -> Result<Self, InitError> {
            let features = Collection::named("features");
            features.record("in init")?;
            Ok(Self {
                in_init: features.is_enabled(),
            })
        }

        fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
            let collection = Collection::named(request.text()?);
            collection.record(&["a record"])?;
            Response::json(&(self.in_init, collection.is_enabled()))
        }
    }

    #[test]
    fn records_of_requests_are_kept_in_collections_that_are_on() {
        let host = FakeHost::new().with_collection("features");
        let mut sandbox = host.init::<Records>().unwrap();
        assert_eq!(
            sandbox.run(post_json("features")).unwrap().body,
            b"[false,true]"
        );
        assert_eq!(
            sandbox.run(post_json("other")).unwrap().body,
            b"[false,false]"
        );
        let expected = Recorded {
            collection: "features".to_owned(),
            content_type: "application/json".to_owned(),
            data: b"[\"a record\"]".to_vec(),
        };
        assert_eq!(sandbox.records(), [expected]);
        for refused in ["", "../up", "request", "-a", &"x".repeat(33)] {
            assert!(sandbox.run(post_json(refused)).is_err(), "{refused}");
        }
    }
}
