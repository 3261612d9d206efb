//! Disks that fail: a power cut at one call of the server, or an error that it gets for one.
//!
//! A library is preloaded into the server and counts its calls that change files of the data folder (`disk_faults.c`). So
//! the server under test is the one that users get, and every moment at which it could be cut is within reach.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{self, Command},
    sync::OnceLock,
};

use crate::{
    artifacts,
    failure::{OrFail as _, fail},
};

/// Where a disk fails, and how.
#[derive(Clone, Copy, Debug)]
pub struct FailingDisk {
    /// How.
    pub fault: DiskFault,
    /// Which calls count.
    pub calls: DiskCalls,
    /// At which of them, from 1.
    pub at: u32,
}

/// What happens at the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskFault {
    /// The process ends before it.
    PowerCut,
    /// The process ends after half of it.
    TornWrite,
    /// It fails with `EIO`; those after it do not.
    InputOutput,
    /// It fails with `ENOSPC`; those after it do not.
    NoSpace,
}

/// Calls on files of the data folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskCalls {
    /// Those that change anything.
    All,
    /// `fsync` and `fdatasync`.
    Syncs,
    /// All but these two.
    Changes,
}

impl FailingDisk {
    /// The variables that make a server's disk fail so, below `folder`.
    pub(crate) fn environment(self, folder: &Path) -> [(&'static str, String); 5] {
        let fault = match self.fault {
            DiskFault::PowerCut => "kill",
            DiskFault::TornWrite => "tear",
            DiskFault::InputOutput => "eio",
            DiskFault::NoSpace => "enospc",
        };
        let calls = match self.calls {
            DiskCalls::All => "all",
            DiskCalls::Syncs => "sync",
            DiskCalls::Changes => "change",
        };
        [
            ("LD_PRELOAD", library().display().to_string()),
            ("DISK_FAULT_BELOW", folder.display().to_string()),
            ("DISK_FAULT", fault.to_owned()),
            ("DISK_FAULT_CALLS", calls.to_owned()),
            ("DISK_FAULT_AT", self.at.to_string()),
        ]
    }
}

/// The library, compiled once a process.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let folder = artifacts::target().join("harness");
        fs::create_dir_all(&folder).or_fail("making a folder");
        let library = folder.join("disk_faults.so");
        // Tests are processes of their own and may be at this at once: each puts a whole file in place.
        let own = folder.join(format!("disk_faults-{}.so", process::id()));
        let source = artifacts::workspace().join("tests/harness/src/disk_faults.c");
        let compiler = env::var_os("CC").unwrap_or_else(|| "cc".into());
        let ended = Command::new(compiler)
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
            .args([&own, &source])
            .arg("-ldl")
            .status()
            .or_fail("running the C compiler");
        if !ended.success() {
            fail(format!("compiling {}: {ended}", source.display()));
        }
        fs::rename(&own, &library).or_fail("putting the library in place");
        library
    })
}
