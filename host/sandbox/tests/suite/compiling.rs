//! From bytes to a scorer: what is refused, what is done once, what a disk may do to it.

use std::{
    cell::Cell,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use mlwasm_sandbox::{
    ChildCompiler, CompileLimits, CompiledCache, CompiledScorer, Compiler, ComponentError, Engine,
    EngineSettings, SandboxPool,
};
use mlwasm_types::Digest;

use crate::support::{PATIENCE, ask, engine, guest, settings, text};

#[test]
fn guests_pass_the_check_but_those_that_are_no_scorers() {
    let engine = engine(1);
    for name in ["echo", "infer", "spin_init", "reads_files"] {
        engine.check(&guest(name), &[]).unwrap();
    }
    let refused = |name| engine.check(&guest(name), &[]).unwrap_err().to_string();
    assert_eq!(
        refused("no_run"),
        "not a scorer: it does not export mlwasm:scoring/scorer@0.1.0"
    );
    assert_eq!(
        refused("foreign_import"),
        "it imports acme:private/secrets@1.0.0, which this host does not offer to scorers"
    );
}

#[test]
fn what_the_check_refuses_is_not_compiled() {
    let engine = engine(1);
    for bytes in [
        guest("no_run"),
        guest("foreign_import"),
        b"\x7fELF".to_vec(),
        Vec::new(),
    ] {
        assert!(engine.compile(Digest::of(&bytes), || Ok(bytes)).is_err());
    }
}

#[test]
fn a_torn_component_is_refused_wherever_it_is_torn() {
    let engine = engine(1);
    let whole = guest("version");
    for length in (0..whole.len()).step_by(997) {
        assert!(
            engine.check(&whole[..length], &[]).is_err(),
            "{length} bytes"
        );
    }
}

#[test]
fn bytes_that_have_become_others_are_refused() {
    let digest = Digest::of(b"what was stored");
    let error = engine(1).compile(digest, || Ok(guest("echo"))).unwrap_err();
    assert!(
        matches!(error, ComponentError::Corrupt { wanted, .. } if wanted == digest),
        "{error}"
    );
}

#[test]
fn those_who_want_the_same_scorer_share_one() {
    let engine = engine(1);
    let bytes = guest("echo");
    let digest = Digest::of(&bytes);
    let reads = AtomicUsize::new(0);
    let compile = || {
        let read = || {
            reads.fetch_add(1, Ordering::Relaxed);
            Ok(bytes.clone())
        };
        engine.compile(digest, read).unwrap()
    };
    let scorers: Vec<Arc<CompiledScorer>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(compile)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert_eq!(reads.load(Ordering::Relaxed), 1);
    assert!(
        scorers
            .iter()
            .all(|scorer| Arc::ptr_eq(scorer, &scorers[0]))
    );

    // Nobody holds it any more: it is made anew.
    drop(scorers);
    compile();
    assert_eq!(reads.load(Ordering::Relaxed), 2);
}

fn caching_engine(folder: &Path) -> Engine {
    engine_with(folder, Compiler::InProcess)
}

/// An engine that keeps code in `folder`.
fn engine_with(folder: &Path, compiler: Compiler) -> Engine {
    let cache = CompiledCache {
        folder: folder.to_owned(),
        key: [7; 32],
    };
    Engine::new(EngineSettings {
        max_sandboxes: 1,
        max_memory_mb: 64,
        max_stack_kb: 512,
        max_component_bytes: 1 << 20,
        compiled_cache: Some(cache),
        compiler,
    })
    .unwrap()
}

#[test]
fn a_compiler_that_hands_over_no_code_is_an_error_and_nothing_is_kept() {
    for (program, text) in [
        ("/nowhere/compiler", "the compiler can not be started"),
        ("/bin/false", "the compiler failed (exit status: 1)"),
        ("/bin/true", "its code does not load"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let limits = CompileLimits {
            cpu_seconds: 60,
            memory_mb: 1_024,
            timeout: PATIENCE,
        };
        let engine = engine_with(
            folder.path(),
            Compiler::Child(ChildCompiler {
                program: program.into(),
                word: "compile",
                limits,
            }),
        );
        let bytes = guest("version");
        let digest = Digest::of(&bytes);
        let error = engine.compile(digest, || Ok(bytes)).unwrap_err();
        assert!(error.to_string().contains(text), "{program}: {error}");
        let kept = cache_folder(folder.path());
        assert_eq!(fs::read_dir(kept).unwrap().count(), 0, "{program}");
    }
}

fn cached_file(folder: &Path, digest: Digest) -> PathBuf {
    cache_folder(folder)
        .join(digest.hex())
        .with_extension("cwasm")
}

/// Where the code of this engine is kept.
fn cache_folder(folder: &Path) -> PathBuf {
    fs::read_dir(folder)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path()
}

#[tokio::test]
async fn compiled_code_is_kept_on_disk_and_made_anew_when_it_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = guest("version");
    let digest = Digest::of(&bytes);
    let reads = Cell::new(0);
    // Each with an engine of its own, as after a restart.
    let compile = || {
        let read = || {
            reads.set(reads.get() + 1);
            Ok(bytes.clone())
        };
        caching_engine(folder.path()).compile(digest, read).unwrap()
    };
    compile();
    compile();
    assert_eq!(reads.get(), 1, "the second came from disk");

    let file = cached_file(folder.path(), digest);
    let whole = fs::read(&file).unwrap();
    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0x10;
    for damaged in [damaged, whole[..whole.len() - 1].to_vec(), Vec::new()] {
        fs::write(&file, damaged).unwrap();
        let before = reads.get();
        let pool = SandboxPool::start(compile(), settings()).await.unwrap();
        assert_eq!(reads.get(), before + 1);
        assert_eq!(text(ask(&pool, "").await), "unversioned");
        assert_eq!(fs::read(&file).unwrap().len(), whole.len(), "written again");
    }
}
