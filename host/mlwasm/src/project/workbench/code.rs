//! Machine code of scorers that were tried out: kept for this user, so that a test of an unchanged scorer compiles nothing.
//!
//! Not in the project: whoever can write there and knows the key could have this program run machine code of theirs, and a
//! project may come from anywhere.

use std::{
    fs::{self, File},
    io::{self, Read as _},
};

use mlwasm_sandbox::CompiledCache;

use crate::folders;

/// Whether code is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// It is, and found again.
    Kept,
    /// It is made anew, to see what that takes.
    Anew,
}

impl Code {
    /// Where it is kept; nowhere if this user has no folder that can be written to, which costs time only.
    pub(super) fn cache(self) -> Option<CompiledCache> {
        match self {
            Self::Kept => open().ok().flatten(),
            Self::Anew => None,
        }
    }
}

fn open() -> io::Result<Option<CompiledCache>> {
    let Some(home) = folders::data_home() else {
        return Ok(None);
    };
    let folder = home.join("mlwasm/projects");
    folders::make_private(&folder)?;
    let path = folder.join("key");
    if !path.exists() {
        let mut key = [0; 32];
        File::open("/dev/urandom")?.read_exact(&mut key)?;
        folders::write_private(&path, &key)?;
    }
    // Of two that begin at once the last one's key stays, and both read that.
    let key = fs::read(&path)?
        .try_into()
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the key has another length"))?;
    Ok(Some(CompiledCache {
        folder: folder.join("compiled"),
        key,
    }))
}
