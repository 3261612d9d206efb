//! Where a command finds the admin token.

use std::{env, fmt, fs, path::Path};

use anyhow::{Context as _, bail};
use ureq::http::HeaderValue;

use super::ServerUrl;
use crate::context;

/// The variable that holds a token.
const VARIABLE: &str = "MLWASM_TOKEN";

/// An admin token and where it came from. Never printed.
pub(super) struct Token {
    header: HeaderValue,
    source: String,
}

impl Token {
    fn new(text: &str, source: String) -> anyhow::Result<Self> {
        let text = text.trim();
        if text.is_empty() {
            bail!("{source} holds no token");
        }
        let mut header = HeaderValue::try_from(format!("Bearer {text}"))
            .ok()
            .with_context(|| format!("{source} holds characters that no token has"))?;
        header.set_sensitive(true);
        Ok(Self { header, source })
    }

    /// The value of the `Authorization` header.
    pub(super) fn header(&self) -> HeaderValue {
        self.header.clone()
    }

    /// Where the token came from, for messages.
    pub(super) fn source(&self) -> &str {
        &self.source
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token(from {}, not shown)", self.source)
    }
}

/// The token to use with `server`; none if none is found anywhere.
pub(super) fn find(file: Option<&Path>, server: &ServerUrl) -> anyhow::Result<Option<Token>> {
    if let Ok(text) = env::var(VARIABLE)
        && !text.is_empty()
    {
        return Token::new(&text, VARIABLE.to_owned()).map(Some);
    }
    if let Some(file) = file {
        return read(file).map(Some);
    }
    let Some(path) = context::path(server) else {
        return Ok(None);
    };
    match context::read(&path)? {
        // A server whose data folder is gone left this behind: asking without a token says more than an error here.
        Some(context) if context.token_file.exists() => read(&context.token_file).map(Some),
        Some(_) | None => Ok(None),
    }
}

fn read(file: &Path) -> anyhow::Result<Token> {
    let source = file.display().to_string();
    let text =
        fs::read_to_string(file).with_context(|| format!("reading the token in {source}"))?;
    Token::new(&text, source)
}

/// Says where a token for `server` is looked for.
pub(super) fn where_looked_for(server: &ServerUrl) -> String {
    let local = match context::path(server) {
        Some(path) => format!(", and {}, which `mlwasm serve` writes", path.display()),
        None => String::new(),
    };
    format!("a token is looked for in {VARIABLE}, the file of --token-file{local}")
}
