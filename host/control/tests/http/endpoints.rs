//! Endpoints: made, changed, served and found again.

use http::Method;
use mlwasm_routing::Callers;
use serde_json::{Value, json};

use crate::server::Server;

#[tokio::test]
async fn an_endpoint_is_created_shown_changed_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path()).await;

    let made = server
        .put("/v1/endpoints/iris", json!({"tags": {"team": "risk"}}))
        .await
        .is(201);
    assert_eq!(
        made.body["scoring_uri"],
        "http://127.0.0.1:8080/endpoints/iris/score"
    );
    assert_eq!(made.body["provisioning_state"], "Succeeded");
    assert_eq!(made.tag.as_deref(), Some("\"1\""));
    assert_eq!(
        server.get("/v1/endpoints/iris").await.is(200).body,
        made.body
    );

    let patch = json!({"description": "flowers", "tags": {"owner": "me"}});
    let changed = server.patch("/v1/endpoints/iris", patch).await.is(200);
    assert_eq!(changed.body["tags"], json!({"team": "risk", "owner": "me"}));
    assert_eq!(changed.tag.as_deref(), Some("\"2\""));
    assert_eq!(
        server.get("/v1/endpoints").await.body,
        json!([changed.body])
    );

    server
        .ask(Method::DELETE, "/v1/endpoints/iris", "")
        .await
        .is(204);
    let gone = server.get("/v1/endpoints/iris").await.is(404);
    assert_eq!(gone.detail(), "endpoint iris does not exist");
}

#[tokio::test]
async fn a_change_is_in_the_routing_table_when_it_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    for i in 1..=20 {
        let path = format!("/v1/endpoints/e{i}");
        server.put(&path, json!({})).await.is(201);
        assert!(server.table.load().endpoint(&format!("e{i}")).is_some());
        assert_eq!(server.table.load().generation().0, i);
    }
    let status = server.get("/v1/status").await.is(200).body;
    assert_eq!(
        (&status["generation"], &status["live_generation"]),
        (&json!(20), &json!(20))
    );
    assert_eq!(
        (&status["endpoints"], &status["version"]),
        (&json!(20), &json!("1.2.3"))
    );
}

#[tokio::test]
async fn everything_is_there_again_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let made = server
        .put("/v1/endpoints/iris", json!({"description": "d"}))
        .await
        .is(201);
    let keys = server.get("/v1/endpoints/iris/keys").await.is(200);
    server.upload(b"bytes").await.is(201);
    server.stop().await;

    let server = Server::start(folder.path()).await;
    assert_eq!(server.get("/v1/endpoints/iris").await.body, made.body);
    assert_eq!(server.get("/v1/endpoints/iris/keys").await.body, keys.body);
    server.upload(b"bytes").await.is(200);
    assert!(knows(&server, &keys.body["primaryKey"]));
}

#[tokio::test]
async fn a_regenerated_key_replaces_the_former_at_once_and_a_recreated_endpoint_has_new_keys() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    server.put("/v1/endpoints/iris", json!({})).await.is(201);
    let before = server.get("/v1/endpoints/iris/keys").await.is(200).body;

    let path = "/v1/endpoints/iris/keys/primary/regenerate";
    let after = server.ask(Method::POST, path, "").await.is(200).body;

    assert_ne!(after["primaryKey"], before["primaryKey"]);
    assert_eq!(after["secondaryKey"], before["secondaryKey"]);
    assert!(knows(&server, &after["primaryKey"]));
    assert!(!knows(&server, &before["primaryKey"]));
    server
        .ask(Method::POST, "/v1/endpoints/iris/keys/third/regenerate", "")
        .await
        .is(400);

    server
        .ask(Method::DELETE, "/v1/endpoints/iris", "")
        .await
        .is(204);
    server.put("/v1/endpoints/iris", json!({})).await.is(201);
    let recreated = server.get("/v1/endpoints/iris/keys").await.is(200).body;
    for old in [&before, &after] {
        assert!(!knows(&server, &old["primaryKey"]) && !knows(&server, &old["secondaryKey"]));
    }
    assert!(knows(&server, &recreated["primaryKey"]));
}

#[tokio::test]
async fn concurrent_patches_all_arrive() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    server.put("/v1/endpoints/iris", json!({})).await.is(201);
    let patches = (0..6).map(|i| {
        server.patch(
            "/v1/endpoints/iris",
            json!({"tags": {format!("t{i}"): "x"}}),
        )
    });
    for answer in futures_util::future::join_all(patches).await {
        answer.is(200);
    }
    let tags = &server.get("/v1/endpoints/iris").await.body["tags"];
    assert_eq!(tags.as_object().unwrap().len(), 6);
}

#[tokio::test]
async fn what_get_shows_may_be_put_back() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let made = server
        .put("/v1/endpoints/iris", json!({}))
        .await
        .is(201)
        .body;
    let mut edited = made.clone();
    edited["description"] = "edited".into();
    let put = server.put("/v1/endpoints/iris", edited).await.is(200);
    assert_eq!(put.body["description"], "edited");
    let same = server
        .put("/v1/endpoints/iris", put.body.clone())
        .await
        .is(200);
    assert_eq!(same.body, put.body, "and nothing changed");
}

/// Whether the data plane takes this key for the endpoint `iris`.
fn knows(server: &Server, key: &Value) -> bool {
    let table = server.table.load();
    match table.endpoint("iris").unwrap().callers() {
        Callers::KeyHolders(keys) => keys.identify(key.as_str().unwrap().as_bytes()).is_some(),
        Callers::TokenHolders(_) | Callers::Anyone => false,
    }
}
