//! The house is as its plan says: crates name only those below them, and each heavy dependency has one crate.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};
use mlwasm_harness::workspace;

/// Who stands directly on whom: the picture in ARCHITECTURE.md, and nothing else.
const PICTURE: &[(&str, &[&str])] = &[
    ("mlwasm", &["mlwasm-gateway", "mlwasm-control"]),
    ("mlwasm-gateway", &["mlwasm-routing"]),
    ("mlwasm-control", &["mlwasm-routing"]),
    ("mlwasm-routing", &["mlwasm-sandbox"]),
    ("mlwasm-sandbox", &["mlwasm-inference"]),
    ("mlwasm-inference", &["mlwasm-types"]),
    ("mlwasm-types", &[]),
    ("mlwasm-tensor-world", &[]),
    ("mlwasm-sdk", &["mlwasm-tensor-world"]),
    ("mlwasm-echo", &["mlwasm-sdk"]),
    ("mlwasm-image-classifier", &["mlwasm-sdk"]),
    ("mlwasm-iris", &["mlwasm-sdk"]),
    ("mlwasm-onnx", &["mlwasm-sdk"]),
    ("mlwasm-text-classifier", &["mlwasm-sdk"]),
    ("mlwasm-guests", &["mlwasm-sdk"]),
    ("mlwasm-scorers", &["mlwasm-sdk"]),
    ("mlwasm-harness", &["mlwasm-types"]),
    ("mlwasm-suite", &["mlwasm-harness"]),
    ("mlwasm-bench", &["mlwasm-harness", "mlwasm-sandbox"]),
    ("xtask", &[]),
];

/// Heavy dependencies by the beginning of their name, and who may name them. The bench measures against bare ones.
const FENCES: &[(&str, &[&str])] = &[
    ("wasmtime", &["mlwasm-sandbox"]),
    ("ort", &["mlwasm-inference", "mlwasm-bench"]),
    ("rusqlite", &["mlwasm-control"]),
    ("libsqlite3", &["mlwasm-control"]),
];

/// What a crate names.
#[derive(Default)]
struct Named {
    /// What ends up in what the crate builds.
    built: BTreeSet<String>,
    /// What only its tests name.
    tests: BTreeSet<String>,
}

type Graph = BTreeMap<String, Named>;

#[test]
fn every_crate_names_only_those_below_it() {
    let broken = violations(&workspace_graph());
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_crate_stands_in_the_picture() {
    let drawn: BTreeSet<_> = PICTURE.iter().map(|(name, _)| (*name).to_owned()).collect();
    let built: BTreeSet<_> = workspace_graph().into_keys().collect();
    assert_eq!(built, drawn);
}

#[test]
fn a_folder_has_the_name_of_its_crate() {
    for package in metadata().packages {
        let folder = package.manifest_path.parent().unwrap();
        let expected = package
            .name
            .strip_prefix("mlwasm-")
            .unwrap_or(&package.name);
        let is_sdk = package.name.as_str() == "mlwasm-sdk" && folder.ends_with("sdk/rust");
        assert!(folder.ends_with(expected) || is_sdk, "{folder}");
    }
}

/// The control of the tests above: a check that finds nothing in a broken house holds nothing.
#[test]
fn a_broken_house_is_noticed() {
    let cases = [
        ("mlwasm-gateway", "mlwasm-control", true),
        ("mlwasm-control", "mlwasm-gateway", true),
        ("mlwasm-routing", "mlwasm-gateway", true),
        ("mlwasm-types", "mlwasm-inference", true),
        ("mlwasm-sandbox", "mlwasm-sdk", true),
        ("mlwasm-iris", "mlwasm-types", true),
        ("mlwasm-control", "mlwasm", true),
        ("mlwasm-gateway", "wasmtime", true),
        ("mlwasm-routing", "wasmtime-wasi", true),
        ("mlwasm-sandbox", "ort", true),
        ("mlwasm", "rusqlite", true),
        ("mlwasm-unknown", "mlwasm-types", true),
        ("mlwasm-sandbox", "wasmtime", false),
        ("mlwasm-inference", "ort", false),
        ("mlwasm-control", "rusqlite", false),
        ("mlwasm-control", "mlwasm-types", false),
        ("mlwasm", "mlwasm-sandbox", false),
        ("mlwasm-gateway", "hyper", false),
    ];
    for (who, whom, is_broken) in cases {
        let named = Named {
            built: BTreeSet::from([whom.to_owned()]),
            ..Named::default()
        };
        let graph = Graph::from([(who.to_owned(), named)]);
        assert_eq!(!violations(&graph).is_empty(), is_broken, "{who} -> {whom}");
    }
}

#[test]
fn a_fence_holds_for_tests_too_and_the_picture_does_not() {
    let named = |whom: &str| Named {
        tests: BTreeSet::from([whom.to_owned()]),
        ..Named::default()
    };
    let fenced = Graph::from([("mlwasm-gateway".to_owned(), named("wasmtime"))]);
    assert_eq!(violations(&fenced).len(), 1);
    let beside = Graph::from([("mlwasm-suite".to_owned(), named("mlwasm-gateway"))]);
    assert!(violations(&beside).is_empty());
}

/// Each edge that should not be, in words.
fn violations(graph: &Graph) -> Vec<String> {
    let mut found = Vec::new();
    for (who, named) in graph {
        let below = below(who);
        for whom in &named.built {
            let is_ours = PICTURE.iter().any(|(name, _)| name == whom);
            if is_ours && !below.contains(whom.as_str()) {
                found.push(format!("{who} names {whom}, which is not below it"));
            }
        }
        for whom in named.built.union(&named.tests) {
            for (heavy, allowed) in FENCES {
                let is_heavy = whom == heavy || whom.starts_with(&format!("{heavy}-"));
                if is_heavy && !allowed.contains(&who.as_str()) {
                    found.push(format!(
                        "{who} names {whom}, which only {allowed:?} may name"
                    ));
                }
            }
        }
    }
    found
}

/// All crates that `name` may name: the picture's edges, followed down.
fn below(name: &str) -> BTreeSet<&'static str> {
    let direct = PICTURE
        .iter()
        .find(|(drawn, _)| *drawn == name)
        .map_or(&[][..], |(_, direct)| direct);
    direct
        .iter()
        .flat_map(|next| std::iter::once(*next).chain(below(next)))
        .collect()
}

fn workspace_graph() -> Graph {
    let packages = metadata().packages.into_iter();
    packages
        .map(|package| {
            let mut named = Named::default();
            for dependency in package.dependencies {
                match dependency.kind {
                    DependencyKind::Development => named.tests.insert(dependency.name),
                    _ => named.built.insert(dependency.name),
                };
            }
            (package.name.to_string(), named)
        })
        .collect()
}

fn metadata() -> cargo_metadata::Metadata {
    MetadataCommand::new()
        .manifest_path(workspace().join("Cargo.toml"))
        .no_deps()
        .exec()
        .unwrap()
}
