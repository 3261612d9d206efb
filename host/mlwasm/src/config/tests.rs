//! What the settings promise.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

use super::*;

const EXAMPLE: &str = include_str!("../../../../examples/mlwasm.toml");

pub(super) fn load(text: &str, options: &[Override]) -> anyhow::Result<Config> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mlwasm.toml");
    fs::write(&path, text).unwrap();
    Config::load(Some(&path), options)
}

fn refusal(text: &str) -> String {
    let error = load(text, &[]).unwrap_err();
    // The folder differs each time.
    let text = format!("{error:#}");
    match text.split_once(" in ") {
        Some((key, rest)) => format!(
            "{key} in FILE{}",
            rest.split_once("/mlwasm.toml")
                .map_or(rest, |(_, rest)| rest)
        ),
        None => text,
    }
}

fn defaults() -> Config {
    load("data_dir = \"/d\"", &[]).unwrap()
}

#[test]
fn the_example_holds_every_default() {
    let example = load(&format!("data_dir = \"/d\"\n{EXAMPLE}"), &[]).unwrap();
    assert_eq!(example, defaults());
}

#[test]
fn the_example_names_every_setting() {
    let named: BTreeSet<&str> = EXAMPLE
        .lines()
        .filter_map(|line| line.trim_start_matches("# ").split_once(" = "))
        .map(|(key, _)| key)
        .collect();
    let Value::Object(settings) = serde_json::to_value(defaults()).unwrap() else {
        unreachable!()
    };
    let (sections, alone): (Vec<_>, Vec<_>) =
        settings.iter().partition(|(_, value)| value.is_object());
    let in_sections = sections
        .iter()
        .flat_map(|(_, section)| section.as_object().unwrap().keys());
    for key in alone.iter().map(|(key, _)| *key).chain(in_sections) {
        assert!(named.contains(key.as_str()), "{key} is missing");
    }
    for (section, _) in sections {
        assert!(
            EXAMPLE.contains(&format!("\n[{section}]\n")),
            "[{section}] is missing"
        );
    }
}

#[test]
fn options_win_over_the_file() {
    let text = "data_dir = \"/d\"\n[gateway]\nlisten = \"127.0.0.1:1\"\nmax_headers = 7";
    let config = load(text, &[("gateway.listen", "127.0.0.1:2".to_owned())]).unwrap();
    assert_eq!(config.gateway.listen.port(), 2);
    assert_eq!(config.gateway.max_headers, 7);
    assert_eq!(
        config.gateway.max_body_bytes,
        defaults().gateway.max_body_bytes
    );
}

#[test]
fn a_file_in_the_data_folder_is_read_without_being_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("mlwasm.toml"),
        "drain_timeout_ms = 31000",
    )
    .unwrap();
    let config = Config::load(None, &[("data_dir", folder.path().display().to_string())]).unwrap();
    assert_eq!(config.drain_timeout, Duration::from_secs(31));
}

#[test]
fn no_file_at_all_means_the_defaults() {
    let config = Config::load(None, &[("data_dir", "/d".to_owned())]).unwrap();
    assert_eq!(config, defaults());
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let error = Config::load(Some(Path::new("/nowhere.toml")), &[]).unwrap_err();
    assert_eq!(error.to_string(), "there is no settings file /nowhere.toml");
}

#[test]
fn what_is_wrong_is_named() {
    insta::assert_snapshot!(refusal("[gateway]\nlisen = \"x\""), @"gateway.lisen in FILE: unknown setting, expected one of listen, tls, public_url, max_body_bytes, max_headers, max_header_bytes, header_timeout_ms, body_timeout_ms, idle_timeout_ms, max_connections, max_mirrored_requests, max_mirrored_bytes, allow_anonymous");
    insta::assert_snapshot!(refusal("gatway = 3"), @"gatway in FILE: unknown setting, expected one of data_dir, drain_timeout_ms, gateway, admin, sandbox, instance_types, onnxruntime, secrets, egress, audit, access_log, data_collection, traces, logs, log");
    insta::assert_snapshot!(refusal("[gateway]\nmax_body_bytes = \"much\""), @r#"gateway.max_body_bytes in FILE: invalid type: found string "much", expected u64"#);
    insta::assert_snapshot!(refusal("[gateway]\nlisten = \"here\""), @"gateway.listen in FILE: invalid socket address syntax");
    insta::assert_snapshot!(refusal("[log]\nformat = \"xml\""), @r#"log.format in FILE: found "xml", expected one of text, json"#);
}

#[test]
fn a_broken_file_is_named_with_line_and_column() {
    let text = refusal("[gateway");
    assert!(
        text.starts_with("settings in FILE: TOML parse error at line 1, column 9"),
        "{text}"
    );
}

#[test]
fn relations_between_settings_are_checked_and_both_are_named() {
    for (text, keys) in [
        (
            "[gateway]\nlisten = \"0.0.0.0:8080\"",
            ["gateway.listen", "set gateway.tls"],
        ),
        (
            "[admin]\nlisten = \"192.0.2.1:8090\"",
            ["admin.listen", "set admin.tls"],
        ),
        (
            "[admin]\nlisten = \"127.0.0.1:8080\"",
            ["gateway.listen", "admin.listen"],
        ),
        (
            "drain_timeout_ms = 29999",
            ["gateway.body_timeout_ms", "drain_timeout_ms"],
        ),
        (
            "[gateway]\nmax_mirrored_bytes = 16777215",
            ["gateway.max_mirrored_bytes", "gateway.max_body_bytes"],
        ),
        (
            "[admin]\nmax_artifact_bytes = 33554431",
            ["admin.max_artifact_bytes", "sandbox.max_component_bytes"],
        ),
        (
            "[sandbox]\nkept_failures = 1001",
            ["sandbox.kept_failures", "0 to 1000"],
        ),
        (
            "[sandbox]\ncompile_memory_mb = 63",
            ["sandbox.compile_memory_mb", "64"],
        ),
    ] {
        let error = refusal(text);
        assert!(
            keys.iter().all(|key| error.contains(key)),
            "{text}: {error}"
        );
    }
    for text in [
        "[gateway]\nlisten = \"[::1]:8080\"",
        "[gateway]\nlisten = \"127.0.0.1:0\"\n[admin]\nlisten = \"127.0.0.1:0\"",
        "drain_timeout_ms = 30000",
        "[gateway]\nmax_mirrored_bytes = 16777216",
        "[admin]\nmax_artifact_bytes = 33554432",
        "[sandbox]\nkept_failures = 1000",
        "[sandbox]\nkept_failures = 0",
        "[sandbox]\ncompile_memory_mb = 64",
    ] {
        load(text, &[]).unwrap();
    }
}

#[test]
fn settings_about_trust_are_checked_and_named() {
    for (text, keys) in [
        (
            "[gateway]\nlisten = \"0.0.0.0:8080\"\nallow_anonymous = true\ntls = {certificate = \"c\", key = \"k\"}",
            ["gateway.listen", "gateway.allow_anonymous"],
        ),
        (
            "[gateway]\npublic_url = \"scores.example\"",
            ["gateway.public_url", "https://"],
        ),
        (
            "[secrets]\nallowed_env = [\"*\"]",
            ["secrets.allowed_env", "RISK_*"],
        ),
        (
            "[secrets]\nfolder = \"secrets\"",
            ["secrets.folder", "absolute"],
        ),
        ("[audit]\nmax_lines = 99", ["audit.max_lines", "100"]),
        (
            "[audit]\nmax_age_days = 36501",
            ["audit.max_age_days", "36500"],
        ),
        (
            "[access_log]\nmax_mb = 1048577",
            ["access_log.max_mb", "1 to 1048576"],
        ),
        (
            "[access_log]\nfiles = 1001",
            ["access_log.files", "0 to 1000"],
        ),
        (
            "[data_collection]\nmax_mb = 1048577",
            ["data_collection.max_mb", "1 to 1048576"],
        ),
        (
            "[logs]\ndeployment_mb = 11\nmax_mb = 10",
            ["logs.deployment_mb (11)", "logs.max_mb (10)"],
        ),
        ("[logs]\nmax_mb = 1048577", ["logs.max_mb", "1 to 1048576"]),
    ] {
        let error = refusal(text);
        assert!(
            keys.iter().all(|key| error.contains(key)),
            "{text}: {error}"
        );
    }
    for text in [
        "[gateway]\nlisten = \"0.0.0.0:8080\"\ntls = {certificate = \"c\", key = \"k\"}",
        "[admin]\nlisten = \"[::]:8090\"\ntls = {certificate = \"c\", key = \"k\"}",
        "[gateway]\npublic_url = \"https://scores.example/ml\"",
        "[secrets]\nallowed_env = [\"RISK_*\", \"HOME\"]\nfolder = \"/run/secrets\"",
        "[audit]\nmax_lines = 100\nmax_age_days = 36500",
        "[access_log]\nmax_mb = 1048576\nfiles = 1000\npath = \"stderr\"",
        "[access_log]\nmax_mb = 1\nfiles = 0\npath = \"access.log\"",
        "[data_collection]\nmax_mb = 1048576",
        "[data_collection]\nmax_mb = 1",
        "[logs]\ndeployment_mb = 10\nmax_mb = 10",
        "[logs]\ndeployment_mb = 0\nmax_mb = 1",
    ] {
        load(text, &[]).unwrap();
    }
}
