//! `cargo xtask onnxruntime`: fetches ONNX Runtime's shared library into `target/`, once.
//!
//! It comes out of the wheel that Microsoft publishes on PyPI, by pip, so mirrors and proxies are those that pip is
//! configured for. Nothing is loaded unless its SHA-256 is the one written here: a new version is a change of this file.

use std::{
    env, fs,
    io::{self, Read},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, bail};
use sha2::{Digest, Sha256};

const VERSION: &str = "1.31.1";

/// The library of one kind of machine: how pip calls the machine, and the digest of the library in its wheel.
struct Build {
    platform: &'static str,
    sha256: &'static str,
}

const BUILD: Option<Build> = if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
    Some(Build {
        platform: "manylinux_2_28_x86_64",
        sha256: "fc44112fbe06d7d689c57e11d3862031f64711007e4ee020f8eed5185fd2c1d3",
    })
} else if cfg!(all(target_os = "linux", target_arch = "aarch64")) {
    Some(Build {
        platform: "manylinux_2_28_aarch64",
        sha256: "8aa3b76b28c778a2b1dd660d34161adb1d508c9ccd04ff9dc80e26eca5df8467",
    })
} else {
    None
};

/// Returns the path of ONNX Runtime's library, which it downloads if it is not there yet.
///
/// `ORT_DYLIB_PATH` wins where it is set: nothing is fetched or checked then.
///
/// # Errors
///
/// When pip can not fetch the wheel, or what it fetched is not the library that this version of mlwasm was tested with.
pub(crate) fn fetch() -> anyhow::Result<PathBuf> {
    if let Some(path) = env::var_os("ORT_DYLIB_PATH").filter(|path| !path.is_empty()) {
        let path = PathBuf::from(path);
        return path
            .canonicalize()
            .with_context(|| format!("looking for ORT_DYLIB_PATH {}", path.display()));
    }
    let Some(build) = BUILD else {
        bail!(
            "no build of ONNX Runtime is known for {} on {}: install version {VERSION} and set ORT_DYLIB_PATH",
            env::consts::OS,
            env::consts::ARCH
        );
    };
    let folder = target_folder().join("onnxruntime").join(VERSION);
    let library = folder.join("libonnxruntime.so");
    // Hashing 29 MB takes a tenth of a second, and finds a file that was cut off or exchanged.
    if sha256_of(&library).is_ok_and(|digest| digest == build.sha256) {
        return Ok(library);
    }
    fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    let staging = folder.join(format!("fetch-{}", std::process::id()));
    let fetched = download(&build, &staging, &library);
    // Half a download is of no use to anyone; failing to remove it is not what the reader should hear of.
    fs::remove_dir_all(&staging).ok();
    fetched.map(|()| library)
}

/// The workspace's target folder, wherever this program is called from.
fn target_folder() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("target"),
    }
}

fn download(build: &Build, staging: &Path, library: &Path) -> anyhow::Result<()> {
    run(
        &format!("fetching onnxruntime {VERSION} for {}", build.platform),
        Command::new("python3")
            .args([
                "-m",
                "pip",
                "download",
                "--quiet",
                "--no-deps",
                "--only-binary=:all:",
            ])
            .args(["--disable-pip-version-check", "--python-version", "3.11"])
            .args(["--platform", build.platform, "--dest"])
            .arg(staging)
            .arg(format!("onnxruntime=={VERSION}")),
    )?;
    let wheel = wheel_in(staging)?;
    let unpacked = staging.join("unpacked");
    run(
        &format!("unpacking {}", wheel.display()),
        Command::new("python3")
            .args(["-m", "zipfile", "--extract"])
            .arg(&wheel)
            .arg(&unpacked),
    )?;
    let found = unpacked.join(format!("onnxruntime/capi/libonnxruntime.so.{VERSION}"));
    let digest = sha256_of(&found).with_context(|| format!("reading {}", found.display()))?;
    if digest != build.sha256 {
        bail!(
            "the library in {} has SHA-256 {digest}, expected {}",
            wheel.display(),
            build.sha256
        );
    }
    // By rename, so that nobody sees half a library and two fetches at once agree.
    fs::rename(&found, library).with_context(|| format!("moving to {}", library.display()))
}

fn wheel_in(folder: &Path) -> anyhow::Result<PathBuf> {
    for entry in fs::read_dir(folder).with_context(|| format!("listing {}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "whl") {
            return Ok(path);
        }
    }
    bail!("pip left no wheel in {}", folder.display())
}

fn sha256_of(path: &Path) -> io::Result<String> {
    let mut file = fs::File::open(path)?;
    let mut hasher = Sha256::new();
    let mut chunk = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut chunk)?;
        if read == 0 {
            return Ok(format!("{:x}", hasher.finalize()));
        }
        hasher.update(&chunk[..read]);
    }
}

/// Runs a command with its standard output turned away: callers of this program read paths from ours.
#[expect(
    clippy::print_stderr,
    reason = "progress of a command that people run by hand"
)]
fn run(doing: &str, command: &mut Command) -> anyhow::Result<()> {
    eprintln!("{doing}");
    let status = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .with_context(|| format!("{doing}: starting python3"))?;
    if !status.success() {
        bail!("{doing}: python3 ended with {status}");
    }
    Ok(())
}
