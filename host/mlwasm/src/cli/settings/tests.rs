//! What options, files and `--set` come to together.

use std::fs;

use clap::Parser;

use super::*;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    settings: SettingsArguments,
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn with(files: &[(&str, &[u8])]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        Self(folder)
    }

    fn wanted(&self, line: &str, scorer: Option<&str>) -> anyhow::Result<Wanted> {
        let words = line.replace('@', &format!("{}/", self.0.path().display()));
        let line = Line::try_parse_from(["x"].into_iter().chain(words.split_whitespace()))?;
        Wanted::read(
            line.settings,
            scorer.map(|name| self.0.path().join(Path::new(name))),
        )
    }
}

const SCORER: &[u8] = b"\0asm\x0d\0\x01\0";
const MODEL: &[u8] = b"\x08\x0a";

fn spec(wanted: &Wanted) -> Value {
    wanted.to_spec(
        &EndpointName::new("e").unwrap(),
        &DeploymentName::new("blue").unwrap(),
    )
}

#[test]
fn options_win_over_the_file_and_set_over_options() {
    let folder = Folder::with(&[
        ("s.wasm", SCORER),
        ("a.onnx", MODEL),
        ("b.onnx", b"\x08\x0b"),
        ("d.yml", b"instance_count: 1\nenvironment_variables: {A: 1, B: 1, C: 1}\nmodels: {m: a.onnx, n: a.onnx}\n"),
    ]);
    let line = "-f @d.yml --model m=@b.onnx --env B=2 --env C=2 --instances 2 --set instance_count=3 --set environment_variables.C=3";
    let wanted = folder.wanted(line, Some("s.wasm")).unwrap();
    assert_eq!(
        spec(&wanted),
        json!({
            "name": "blue",
            "endpoint_name": "e",
            "component": Digest::of(SCORER),
            "models": {"m": {"digest": Digest::of(b"\x08\x0b")}, "n": {"digest": Digest::of(MODEL)}},
            "environment_variables": {"A": "1", "B": "2", "C": "3"},
            "instance_count": 3,
        })
    );
}

#[test]
fn an_option_adds_to_a_map_and_a_file_is_the_whole_of_it() {
    let folder = Folder::with(&[
        ("a.onnx", MODEL),
        ("d.yml", b"model: {path: a.onnx}\ntags: {}\n"),
    ]);
    let current = json!({"models": {"model": "x", "old": "y"}, "tags": {"t": "1"}, "environment_variables": {"A": "1"}});

    let by_option = folder.wanted("--model @a.onnx --tag u=2", None).unwrap();
    assert_eq!(
        by_option.to_patch(&current),
        json!({"models": {"model": {"digest": Digest::of(MODEL)}}, "tags": {"u": "2"}})
    );

    let by_file = folder.wanted("-f @d.yml", None).unwrap();
    assert_eq!(
        by_file.to_patch(&current),
        json!({"models": {"model": {"digest": Digest::of(MODEL)}, "old": null}, "tags": {"t": null}})
    );
}

#[test]
fn a_new_file_keeps_what_is_said_of_the_model_and_set_stands_above_both() {
    let folder = Folder::with(&[
        ("a.onnx", MODEL),
        ("b.onnx", b"\x08\x0b"),
        ("s.json", b"{}"),
        ("d.yml", b"models: {m: {path: a.onnx, sample: s.json, sessions: 2, batching: {max_batch_size: 8}}}\n"),
    ]);
    let line = "-f @d.yml --model m=@b.onnx --set models.m.batching.max_batch_size=16";
    let wanted = folder.wanted(line, None).unwrap();
    assert_eq!(
        spec(&wanted)["models"],
        json!({"m": {
            "digest": Digest::of(b"\x08\x0b"),
            "sample": Digest::of(b"{}"),
            "sessions": 2,
            "batching": {"max_batch_size": 16},
        }})
    );
    let by_set = folder.wanted("--set models.m.batching=null", None).unwrap();
    assert_eq!(
        by_set.to_patch(&json!({"models": {"m": {"digest": "x"}}})),
        json!({"models": {"m": {"batching": null}}})
    );
}

#[test]
fn a_model_alone_is_served_by_the_built_in_scorer() {
    let folder = Folder::with(&[("a.onnx", MODEL), ("d.yml", b"model: {path: a.onnx}\n")]);
    let built_in = json!(Artifact::built_in_scorer().digest());

    let by_name = folder.wanted("", Some("a.onnx")).unwrap();
    assert_eq!(spec(&by_name)["component"], built_in);
    assert_eq!(
        spec(&by_name)["models"],
        json!({"model": {"digest": Digest::of(MODEL)}})
    );

    let mut by_file = folder.wanted("-f @d.yml", None).unwrap();
    by_file.require_scorer().unwrap();
    assert_eq!(spec(&by_file)["component"], built_in);

    let mut nothing = folder.wanted("--instances 2", None).unwrap();
    assert!(
        nothing
            .require_scorer()
            .unwrap_err()
            .to_string()
            .starts_with("nothing to deploy")
    );
}
