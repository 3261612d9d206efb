//! A server that can not do its work says why and does not start.

use std::{net::TcpListener, path::Path};

use mlwasm_harness::{Ended, Platform, Setup};

fn with_library(path: &Path) -> Setup {
    let path = path.display().to_string();
    Setup {
        environment: vec![("ORT_DYLIB_PATH".to_owned(), path)],
        ..Setup::default()
    }
}

fn with_arguments(arguments: &[&str]) -> Setup {
    Setup {
        arguments: arguments.iter().map(|text| (*text).to_owned()).collect(),
        ..Setup::default()
    }
}

/// It ended by itself, with a sentence that holds `words`, and did not panic.
#[track_caller]
fn says(ended: &Ended, words: &[&str]) {
    assert!(matches!(ended.code, Some(1 | 2)), "{ended:?}");
    let has_words = words.iter().all(|word| ended.log.contains(word));
    assert!(
        has_words && !ended.log.contains("panicked"),
        "{words:?}: {ended:?}"
    );
}

#[tokio::test]
async fn a_missing_inference_library_is_named() {
    let setup = with_library(Path::new("/nowhere/libonnxruntime.so"));
    let ended = Platform::fail_to_start(setup).await;
    says(&ended, &["/nowhere/libonnxruntime.so"]);
}

#[tokio::test]
async fn a_library_that_is_something_else_is_named() {
    let folder = std::env::temp_dir();
    let text = folder.join(format!("not-a-library-{}.so", std::process::id()));
    std::fs::write(&text, "not a library").unwrap();
    let ended = Platform::fail_to_start(with_library(&text)).await;
    std::fs::remove_file(&text).unwrap();
    says(&ended, &["not-a-library"]);
}

#[tokio::test]
async fn an_unknown_key_of_the_configuration_is_named() {
    let ended = Platform::fail_to_start(Setup {
        config: Some("[gateway]\nmax_body_byets = 1000\n".to_owned()),
        ..Setup::default()
    })
    .await;
    says(&ended, &["max_body_byets"]);
}

#[tokio::test]
async fn addresses_that_others_can_reach_are_refused_without_tls() {
    for (option, setting) in [("--listen", "gateway.tls"), ("--admin-listen", "admin.tls")] {
        let arguments = with_arguments(&[option, "0.0.0.0:0"]);
        let ended = Platform::fail_to_start(arguments).await;
        says(&ended, &["0.0.0.0", "loopback", setting]);
    }
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for option in ["--listen", "--admin-listen"] {
        let ended = Platform::fail_to_start(with_arguments(&[option, &address])).await;
        says(&ended, &[&address]);
    }
}
