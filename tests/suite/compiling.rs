//! Compiling is bounded and happens elsewhere: a component that is too much work fails alone, and says why.

mod bulk;

use std::{fs, path::PathBuf, process::Command};

use mlwasm_harness::{Platform, Setup, eventually, guests};
use mlwasm_types::{Digest, ProvisioningState, RevisionNumber, Step};
use reqwest::Method;
use serde_json::json;

use crate::support::version;

/// A server with these settings of `[sandbox]` that serves revision 1 of `blue`.
async fn serving(settings: &[(&str, u64)]) -> Platform {
    let environment = settings
        .iter()
        .map(|(name, value)| {
            let name = format!("MLWASM_SANDBOX__{}", name.to_uppercase());
            (name, value.to_string())
        })
        .collect();
    let platform = Platform::start_with(Setup {
        environment,
        ..Setup::default()
    })
    .await;
    version(&platform, "blue", "good").await;
    platform
}

/// A component that takes any machine a good while: far longer than a test that only wants to see it being compiled.
fn endless(platform: &Platform) -> PathBuf {
    platform.file("endless.wasm", bulk::with_functions(2_000, 5_000))
}

/// Tries to deploy the file onto `blue`, which must fail in a sentence with `words`, and looks at what serves then.
async fn refused(platform: &Platform, file: &PathBuf, words: &[&str]) {
    let deploy = platform.deploy(file).to("e", "blue");
    deploy.attempt().await.refused(1, words);
    let answer = platform.score("e", "").await;
    assert_eq!((answer.status(), answer.text().as_str()), (200, "good"));
}

/// How many compilations ended so.
async fn count(platform: &Platform, result: &str) -> u64 {
    let labels = [("result", result)];
    platform
        .metrics()
        .await
        .count("mlwasm_compilations_total", &labels)
}

/// The server's child processes, the dead ones that nobody has buried included.
fn children(platform: &Platform) -> Vec<u32> {
    let server = platform.server().id().to_string();
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|process| process.file_name().to_str()?.parse().ok())
        .filter(|id: &u32| parent(*id).as_ref() == Some(&server))
        .collect()
}

/// The parent of a process; none if that has ended.
fn parent(id: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name, in parentheses, may hold anything.
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ');
    let state = fields.next()?;
    let parent = fields.next()?.to_owned();
    // Where nobody buries orphans, their names stay.
    (parent != "1" || state != "Z").then_some(parent)
}

/// The process that compiles, once there is one.
async fn compiler(platform: &Platform) -> u32 {
    eventually("something is being compiled", async || {
        children(platform).first().copied()
    })
    .await
}

async fn gone(compiler: u32) {
    eventually("the compiler has ended", async || {
        parent(compiler).is_none().then_some(())
    })
    .await;
}

fn kill(process: u32) {
    let killed = Command::new("kill")
        .args(["-s", "KILL", &process.to_string()])
        .status();
    assert!(killed.unwrap().success());
}

/// Begins to deploy a component that takes long, and returns the process that compiles it, once that is at work.
async fn compiling(platform: &Platform) -> u32 {
    let deploy = platform.deploy(endless(platform)).to("e", "blue");
    deploy.arguments(&["--no-wait"]).attempt().await.succeeded();
    let compiler = compiler(platform).await;
    // Its own thread, and those of the compiler: it has read its input, whose end alone would not stop it any more.
    eventually("the compiler has begun", async || {
        let threads = fs::read_dir(format!("/proc/{compiler}/task")).unwrap();
        (threads.count() > 2).then_some(())
    })
    .await;
    compiler
}

/// What is no scorer, and the words of the refusal.
fn no_scorers() -> Vec<(&'static str, Vec<u8>, &'static [&'static str])> {
    let guest = |name| fs::read(guests::path(name)).unwrap();
    let mut half = guest("echo");
    half.truncate(half.len() / 2);
    let many = bulk::with_functions(100_001, 0);
    vec![
        ("garbage", b"garbage".to_vec(), &["no WebAssembly at all"]),
        (
            "module",
            b"\0asm\x01\0\0\0".to_vec(),
            &["core module", "wasm32-wasip2"],
        ),
        (
            "text",
            b";; mine\n(component)".to_vec(),
            &["text", "binary"],
        ),
        ("code", b"\x7fELF\x02\x01\x01\0".to_vec(), &["machine code"]),
        ("future", b"\0asm\x7f\0\x01\0".to_vec(), &["version"]),
        ("half", half, &["not a valid component"]),
        ("many", many, &["more than 100000 functions"]),
        (
            "foreign",
            guest("foreign_import"),
            &["imports", "acme:private/secrets"],
        ),
        (
            "nothing",
            guest("no_run"),
            &["export", "mlwasm:scoring/scorer"],
        ),
        (
            "mistaken",
            guest("wrong_types"),
            &[
                "scorer@0.1.0#run is func(list<u8>) -> list<u8>",
                "expected func(record { id: string",
            ],
        ),
    ]
}

#[tokio::test]
async fn what_is_no_scorer_is_refused_in_words_before_anything_is_compiled() {
    let platform = serving(&[]).await;
    for (name, bytes, words) in no_scorers() {
        refused(&platform, &platform.file(name, &bytes), words).await;
        // A client that looks at nothing by itself is told the same.
        let digest = Digest::of(&bytes);
        let upload = platform.admin(Method::PUT, &format!("/v1/artifacts/{digest}"));
        assert!(upload.body(bytes).send().await.status() < 300, "{name}");
        let blue = platform.admin(Method::PATCH, "/v1/endpoints/e/deployments/blue");
        let answer = blue.json(&json!({"component": digest})).send().await;
        assert_eq!(answer.status(), 422, "{name}");
        let detail = answer.problem().detail;
        assert!(
            words.iter().all(|word| detail.contains(word)),
            "{name}: {detail}"
        );
    }
    // Only what serves was ever compiled, and no revision was made of the others.
    for (result, expected) in [("compiled", 1), ("refused", 0), ("failed", 0)] {
        assert_eq!(count(&platform, result).await, expected, "{result}");
    }
    let status = platform.deployment("e", "blue").await.status;
    assert_eq!(status.revision, RevisionNumber(1));
}

#[tokio::test]
async fn the_size_of_a_component_is_limited() {
    const LIMIT: usize = 200_000;
    let platform = serving(&[("max_component_bytes", LIMIT as u64)]).await;
    let above = platform.file("above.wasm", bulk::of_length(LIMIT + 1));
    refused(&platform, &above, &["200001 bytes", "200000"]).await;
    for length in [LIMIT - 1, LIMIT] {
        let fits = platform.file("fits.wasm", bulk::of_length(length));
        platform.deploy(fits).to("e", "blue").run().await;
    }
}

#[tokio::test]
async fn a_component_that_takes_too_much_processor_time_fails_alone() {
    let platform = serving(&[("compile_cpu_seconds", 1)]).await;
    let bomb = endless(&platform);
    let words = ["1 s of processor time", "sandbox.compile_cpu_seconds"];
    let refusal = refused(&platform, &bomb, &words);
    let others = async {
        let compiler = compiler(&platform).await;
        // Also while it is being compiled.
        assert_eq!(platform.score("e", "").await.text(), "good");
        gone(compiler).await;
    };
    tokio::join!(refusal, others);

    let status = platform.deployment("e", "blue").await.status;
    assert_eq!(status.provisioning_state, ProvisioningState::Failed);
    assert_eq!(status.serving_revision, Some(RevisionNumber(1)));
    // Other changes do not bring it back to life.
    version(&platform, "green", "also good").await;
    assert_eq!(count(&platform, "out_of_cpu").await, 1);
    assert!(children(&platform).is_empty());
}

#[tokio::test]
async fn a_component_that_takes_too_much_memory_fails_alone() {
    let platform = serving(&[("compile_memory_mb", 64)]).await;
    let bomb = platform.file("bomb.wasm", bulk::with_functions(1, 900_000));
    let words = ["64 MiB of memory", "sandbox.compile_memory_mb"];
    refused(&platform, &bomb, &words).await;
    assert_eq!(count(&platform, "out_of_memory").await, 1);
    assert!(children(&platform).is_empty());
}

#[tokio::test]
async fn a_component_that_takes_too_long_fails_alone() {
    let platform = serving(&[("compile_timeout_ms", 5_000)]).await;
    let words = ["5000 ms", "sandbox.compile_timeout_ms"];
    refused(&platform, &endless(&platform), &words).await;
    assert_eq!(count(&platform, "too_slow").await, 1);
    assert!(children(&platform).is_empty());
}

#[tokio::test]
async fn a_compiler_that_is_killed_takes_one_revision_with_it() {
    let platform = serving(&[]).await;
    let bomb = endless(&platform);
    let words = ["the compiler failed", "SIGKILL", "try again"];
    let refusal = refused(&platform, &bomb, &words);
    tokio::join!(refusal, async { kill(compiler(&platform).await) });

    assert_eq!(count(&platform, "failed").await, 1);
    assert!(children(&platform).is_empty());
    version(&platform, "blue", "better").await;
    assert_eq!(platform.score("e", "").await.text(), "better");
}

#[tokio::test]
async fn a_revision_that_is_no_longer_wanted_is_not_compiled_to_its_end() {
    let platform = serving(&[]).await;
    let compiler = compiling(&platform).await;
    version(&platform, "blue", "better").await;
    gone(compiler).await;
    eventually("it is counted", async || {
        (count(&platform, "cancelled").await == 1).then_some(())
    })
    .await;
    assert_eq!(platform.score("e", "").await.text(), "better");
}

#[tokio::test]
async fn a_compiler_does_not_outlive_a_server_that_ends() {
    let mut platform = serving(&[]).await;
    let compiler = compiling(&platform).await;
    let ended = platform.terminate().await;
    assert_eq!(ended.code, Some(0), "{}", ended.log);
    gone(compiler).await;
}

#[tokio::test]
async fn a_compiler_does_not_outlive_a_server_that_is_killed() {
    let mut platform = serving(&[]).await;
    let compiler = compiling(&platform).await;
    platform.kill9();
    gone(compiler).await;
}

#[tokio::test]
async fn a_compiler_has_nothing_of_the_servers() {
    let platform = serving(&[]).await;
    let compiler = compiling(&platform).await;
    let proc = PathBuf::from(format!("/proc/{compiler}"));
    // Once it reads its input, it has taken everything from itself.
    let status = eventually("it is confined", async || {
        let limits = fs::read_to_string(proc.join("limits")).unwrap();
        let is_confined = limits.lines().any(|line| {
            let words: Vec<_> = line.split_whitespace().collect();
            words.starts_with(&["Max", "open", "files", "3", "3"])
        });
        is_confined.then(|| fs::read_to_string(proc.join("status")).unwrap())
    })
    .await;
    assert!(status.contains("NoNewPrivs:\t1"), "{status}");
    let mut open: Vec<_> = fs::read_dir(proc.join("fd"))
        .unwrap()
        .map(|file| file.unwrap().file_name())
        .collect();
    open.sort();
    assert_eq!(open, ["0", "1", "2"]);
    let environment = fs::read_to_string(proc.join("environ")).unwrap();
    assert_eq!(environment.trim_end_matches('\0'), "RAYON_NUM_THREADS=2");
    let stat = fs::read_to_string(proc.join("stat")).unwrap();
    let nice = stat.rsplit_once(") ").unwrap().1.split(' ').nth(16);
    assert_eq!(nice, Some("10"));
}

#[tokio::test]
async fn a_restart_compiles_nothing() {
    let mut platform = serving(&[]).await;
    assert_eq!(count(&platform, "compiled").await, 1);
    platform.kill9();
    platform.restart().await;
    assert_eq!(platform.score("e", "").await.text(), "good");
    assert_eq!(count(&platform, "compiled").await, 0);
    assert_eq!(count(&platform, "cached").await, 1);
}

#[tokio::test]
async fn how_far_a_slow_one_has_come_is_shown() {
    let platform = serving(&[]).await;
    let bomb = endless(&platform);
    let size = fs::metadata(&bomb).unwrap().len();
    let bomb = bomb.to_str().unwrap();
    let command = platform.follow_errors(&["deploy", bomb, "-e", "e", "-n", "blue"]);
    let line = command.line_with("compiling");
    assert!(line.starts_with("e/blue: revision 2: compiling"), "{line}");
    assert!(
        line.contains(&format!("{} KiB", size.div_ceil(1024))),
        "{line}"
    );

    let status = platform.deployment("e", "blue").await.status;
    let progress = status.progress.unwrap();
    assert_eq!(progress.step, Step::Compiling);
    assert_eq!(progress.component_bytes, Some(size));
    let shown = platform.cli(&["deployment", "show", "-e", "e", "-n", "blue"]);
    assert!(shown.await.ok().stdout.contains("step=compiling"));

    kill(compiler(&platform).await);
    command.line_with("the compiler failed");
    let status = platform.deployment("e", "blue").await.status;
    assert_eq!(status.progress, None);
}
