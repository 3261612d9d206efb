//! Both listeners speak TLS if they are told to, and go on with a certificate that was replaced.

use mlwasm_harness::{Certificates, Platform, Setup, eventually, guests};
use reqwest::{Method, Version};
use serde_json::json;

fn setup(certificates: &Certificates) -> Setup {
    let tls = certificates.setting();
    Setup {
        config: Some(format!("[gateway]\n{tls}\n[admin]\n{tls}\n")),
        authority: Some(certificates.authority()),
        ..Setup::default()
    }
}

async fn deployed(platform: &Platform) {
    platform
        .deploy(guests::path("echo"))
        .to("e", "blue")
        .run()
        .await;
}

#[tokio::test]
async fn the_whole_way_is_encrypted() {
    let certificates = Certificates::new();
    let platform = Platform::start_with(setup(&certificates)).await;
    assert!(platform.server().scoring().starts_with("https://"));
    assert!(platform.server().admin().starts_with("https://"));
    deployed(&platform).await;

    let invoked = platform.cli(&["invoke", "e", "--data", "hello"]).await;
    assert_eq!(invoked.ok().stdout, "hello");
    let endpoint = platform.endpoint("e").await;
    assert!(endpoint.scoring_uri.starts_with("https://127.0.0.1:"));
    assert_eq!(platform.score("e", "hello").await.text(), "hello");
}

#[tokio::test]
async fn a_client_chooses_the_version_of_http() {
    let certificates = Certificates::new();
    let platform = Platform::start_with(setup(&certificates)).await;
    let pem = std::fs::read(certificates.authority()).unwrap();
    let authority = reqwest::Certificate::from_pem(&pem).unwrap();
    let client = || {
        reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only([authority.clone()])
    };
    let cases = [
        (client().build().unwrap(), Version::HTTP_2),
        (client().http1_only().build().unwrap(), Version::HTTP_11),
    ];
    for (client, version) in cases {
        for address in [
            format!("{}/livez", platform.server().scoring()),
            format!("{}/metrics", platform.server().admin()),
        ] {
            let answer = client.get(&address).send().await.unwrap();
            assert_eq!(
                (answer.status().as_u16(), answer.version()),
                (200, version),
                "{address}"
            );
        }
    }
}

#[tokio::test]
async fn who_does_not_trust_the_certificate_is_told_what_to_name() {
    let certificates = Certificates::new();
    let platform = Platform::start_with(setup(&certificates)).await;
    let others = Certificates::new();
    let authority = others.authority().display().to_string();
    platform
        .cli_with_env(&[("MLWASM_CA_FILE", &authority)], &["status"])
        .await
        .refused(1, &["could not be trusted", "--ca-file"]);
    platform
        .cli(&["status", "--ca-file", "/nowhere.pem"])
        .await
        .refused(1, &["/nowhere.pem"]);
    // Nothing is said in clear to who speaks in clear.
    let plain = platform.server().scoring().replace("https", "http");
    let answer = reqwest::Client::builder().no_proxy().build().unwrap();
    assert!(answer.get(format!("{plain}/livez")).send().await.is_err());
}

#[tokio::test]
async fn a_renewed_certificate_is_presented_and_a_broken_one_never() {
    let certificates = Certificates::new();
    let platform = Platform::start_with(setup(&certificates)).await;
    deployed(&platform).await;
    assert_eq!(platform.score("e", "hello").await.text(), "hello");
    let log_has = async |words: &str| {
        eventually("the server logs it", async || {
            platform.server().log().contains(words).then_some(())
        })
        .await;
    };

    std::fs::write(certificates.certificate(), "no certificate").unwrap();
    log_has("the former one stays").await;
    // A new connection each time: the command is a new process.
    platform.cli(&["status"]).await.succeeded();

    // Of another authority, so that a client can tell which one it sees.
    let others = Certificates::new();
    std::fs::copy(others.key(), certificates.key()).unwrap();
    std::fs::copy(others.certificate(), certificates.certificate()).unwrap();
    log_has("was read again").await;
    platform
        .cli(&["status"])
        .await
        .refused(1, &["could not be trusted"]);
    let authority = others.authority().display().to_string();
    platform
        .cli_with_env(&[("MLWASM_CA_FILE", &authority)], &["status"])
        .await
        .succeeded();
    // A connection that was open before goes on.
    assert_eq!(platform.score("e", "hello").await.text(), "hello");
}

#[tokio::test]
async fn what_can_not_be_used_stops_the_start_and_is_named() {
    let certificates = Certificates::new();
    let others = Certificates::new();
    let key = |path: &std::path::Path| {
        format!(
            "[gateway]\ntls = {{ certificate = {:?}, key = {path:?} }}\n",
            certificates.certificate()
        )
    };
    for (config, words) in [
        (key(std::path::Path::new("/nowhere.key")), "/nowhere.key"),
        (key(&certificates.certificate()), "server.pem"),
        // Of another certificate.
        (key(&others.key()), "server.key"),
    ] {
        let ended = Platform::fail_to_start(Setup {
            config: Some(config),
            ..Setup::default()
        })
        .await;
        assert_eq!(ended.code, Some(1), "{ended:?}");
        let named = ended.log.contains("gateway.tls") && ended.log.contains(words);
        assert!(named && !ended.log.contains("PRIVATE"), "{ended:?}");
    }
}

#[tokio::test]
async fn with_tls_the_network_is_served_and_metrics_ask_for_a_token() {
    let certificates = Certificates::new();
    let mut setup = setup(&certificates);
    setup.arguments = ["--listen", "0.0.0.0:0", "--admin-listen", "0.0.0.0:0"]
        .map(str::to_owned)
        .to_vec();
    let platform = Platform::start_with(setup).await;
    // The certificate and the `Host` that is allowed are those of the loopback address.
    let admin = platform.server().admin().replace("0.0.0.0", "127.0.0.1");
    let pem = std::fs::read(certificates.authority()).unwrap();
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([reqwest::Certificate::from_pem(&pem).unwrap()])
        .build()
        .unwrap();
    let metrics = client.get(format!("{admin}/metrics"));
    let anonymous = metrics.try_clone().unwrap().send().await.unwrap();
    assert_eq!(anonymous.status(), 401);
    let known = metrics.bearer_auth(platform.admin_token()).send().await;
    assert_eq!(known.unwrap().status(), 200);
    let put = client
        .put(format!("{admin}/v1/endpoints/e"))
        .bearer_auth(platform.admin_token())
        .json(&json!({}));
    assert_eq!(put.send().await.unwrap().status(), 201);
    assert_eq!(
        client
            .request(Method::GET, format!("{admin}/v1/status"))
            .send()
            .await
            .unwrap()
            .status(),
        401
    );
}
