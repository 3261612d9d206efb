//! What a process that compiles may use, set by itself before it reads its first byte.
//!
//! The limits travel as arguments, so that who looks at the list of processes sees them.

use std::{
    ffi::OsString,
    fs, io,
    os::fd::{FromRawFd as _, OwnedFd, RawFd},
    path::{Path, PathBuf},
};

use rustix::{
    io::Errno,
    process::{Resource, Rlimit, getrlimit, nice, setrlimit},
    thread::set_no_new_privs,
};

use super::CompileLimits;

/// Requests come first: of a busy core they get nine times what a compiler gets.
const NICE: i32 = 10;
/// If the machine runs out of memory, the kernel ends the compiler rather than the server.
const OOM_SCORE: &str = "800";
/// Standard input, output and error. With this limit nothing can be opened any more, no file and no socket.
const FILES: u64 = 3;

/// The limits as arguments of the child.
pub(super) fn arguments(limits: &CompileLimits) -> [String; 2] {
    [limits.cpu_seconds.to_string(), limits.memory_mb.to_string()]
}

/// Takes from this process what compiling does not need. Nothing may have been opened before.
pub(super) fn confine(arguments: impl Iterator<Item = OsString>) -> io::Result<()> {
    let [cpu_seconds, memory_mb] = numbers(arguments)?;
    // Neither is worth giving up for: where the system refuses them, the limits below hold all the same.
    nice(NICE).ok();
    fs::write(Path::new("/proc/self/oom_score_adj"), OOM_SCORE).ok();
    set_no_new_privs(true)?;
    close_inherited()?;
    // One second between the signal that can be told from others and the one that can not be caught.
    limit(Resource::Cpu, cpu_seconds, cpu_seconds.saturating_add(1))?;
    // What is private and writable: heap and stacks, not the program's own code.
    let memory = memory_mb.saturating_mul(1 << 20);
    limit(Resource::Data, memory, memory)?;
    limit(Resource::Fsize, 0, 0)?;
    limit(Resource::Core, 0, 0)?;
    limit(Resource::Nofile, FILES, FILES)?;
    Ok(())
}

/// Closes all but the three standard ones: the server opens nothing that a child inherits, but whoever started the server
/// may have.
#[expect(
    unsafe_code,
    reason = "nothing in this process owns what it inherited, so there is nothing safe to close it by"
)]
fn close_inherited() -> io::Result<()> {
    let folder = Path::new("/proc/self/fd");
    let open: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    for path in open {
        let number = path
            .file_name()
            .and_then(|name| name.to_str()?.parse().ok());
        // The descriptor that listed the folder is gone by now.
        let Some(number) = number.filter(|number: &RawFd| *number > 2 && path.is_symlink()) else {
            continue;
        };
        // SAFETY: the descriptor is open, as the line above has just seen, and nobody owns it: this process has opened
        // nothing yet, and has one thread.
        drop(unsafe { OwnedFd::from_raw_fd(number) });
    }
    Ok(())
}

fn numbers(arguments: impl Iterator<Item = OsString>) -> io::Result<[u64; 2]> {
    let numbers: Option<Vec<u64>> = arguments
        .map(|argument| argument.to_str()?.parse().ok())
        .collect();
    numbers
        .and_then(|numbers| numbers.try_into().ok())
        .ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidInput,
                "expected seconds of processor time and MiB of memory",
            )
        })
}

/// Lowers a limit; one that is lower already stays.
fn limit(resource: Resource, soft: u64, hard: u64) -> Result<(), Errno> {
    let inherited = getrlimit(resource);
    let lower = |wanted: u64, inherited: Option<u64>| {
        Some(inherited.map_or(wanted, |inherited| inherited.min(wanted)))
    };
    setrlimit(
        resource,
        Rlimit {
            current: lower(soft, inherited.current),
            maximum: lower(hard, inherited.maximum),
        },
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn read(arguments: &[&str]) -> Option<[u64; 2]> {
        numbers(arguments.iter().map(OsString::from)).ok()
    }

    #[test]
    fn limits_go_through_the_command_line() {
        let limits = CompileLimits {
            cpu_seconds: 30,
            memory_mb: 1_024,
            timeout: Duration::from_secs(1),
        };
        let written = arguments(&limits);
        let written: Vec<_> = written.iter().map(String::as_str).collect();
        assert_eq!(read(&written), Some([30, 1_024]));
    }

    #[test]
    fn a_compiler_without_its_limits_does_not_start() {
        for arguments in [
            &[][..],
            &["30"],
            &["30", "1024", "5"],
            &["30", "much"],
            &["-1", "1024"],
            &["", ""],
        ] {
            assert_eq!(read(arguments), None, "{arguments:?}");
        }
    }
}
