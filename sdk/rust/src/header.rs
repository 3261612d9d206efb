//! One HTTP header.

/// One HTTP header, of a request or a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The name; in lower case on requests.
    pub name: String,
    /// The value: bytes, since HTTP does not promise text.
    pub value: Vec<u8>,
}

impl Header {
    /// Makes a header.
    pub fn new(name: impl Into<String>, value: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
        }
    }

    /// The value as text, if it is UTF-8.
    pub fn text(&self) -> Option<&str> {
        str::from_utf8(&self.value).ok()
    }
}
