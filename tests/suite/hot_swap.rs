//! A deployment goes from revision to revision under load, and nobody notices.

mod load;

use load::{Load, Seen, Verdict};
use mlwasm_harness::{Platform, guests};
use mlwasm_types::RevisionNumber;
use serde_json::json;

use crate::support::{SLOW_RUNS, be_slow, busy, slow, version};

const SWAPS: u64 = 6;
const CONNECTIONS: u32 = 4;
/// Enough for every connection to be between, before and in the middle of changes.
const BETWEEN: u64 = 40;

async fn deploy(platform: &Platform, number: u64) {
    platform
        .deploy(guests::path("version"))
        .to("e", "blue")
        .instances(CONNECTIONS)
        .env("VERSION", &number.to_string())
        .run()
        .await;
}

#[tokio::test]
async fn swaps_under_load_fail_nothing_and_each_answer_is_of_its_time() {
    let platform = Platform::start().await;
    deploy(&platform, 1).await;
    let load = Load::new(1);

    let swapping = async {
        for number in 2..=SWAPS {
            load.answered(BETWEEN).await;
            load.begin(number);
            deploy(&platform, number).await;
            load.acknowledge(number);
        }
        load.answered(BETWEEN).await;
        load.stop();
    };
    tokio::join!(load.run(&platform, CONNECTIONS), swapping);

    let seen = load.seen();
    assert_eq!(seen.failures, Vec::<String>::new());
    // All revisions answered: the load was there the whole time.
    assert_eq!(seen.versions.len() as u64, SWAPS, "{seen:?}");
    let revision = platform
        .deployment("e", "blue")
        .await
        .status
        .serving_revision;
    assert_eq!(revision, Some(RevisionNumber(SWAPS)));
}

/// The control of the test above: what has a gap is seen to have one.
#[tokio::test]
async fn the_same_load_sees_a_deployment_that_is_deleted_and_made_anew() {
    let platform = Platform::start().await;
    deploy(&platform, 1).await;
    let load = Load::new(1);

    let replacing = async {
        load.answered(BETWEEN).await;
        load.begin(2);
        let delete = [
            "deployment",
            "delete",
            "-e",
            "e",
            "-n",
            "blue",
            "--yes",
            "--force",
        ];
        platform.cli(&delete).await.succeeded();
        deploy(&platform, 2).await;
        platform
            .cli(&["traffic", "e", "blue=100"])
            .await
            .succeeded();
        load.acknowledge(2);
        load.answered(BETWEEN).await;
        load.stop();
    };
    tokio::join!(load.run(&platform, CONNECTIONS), replacing);

    let seen = load.seen();
    assert!(!seen.failures.is_empty(), "{seen:?}");
}

#[tokio::test]
async fn a_revision_that_never_starts_disturbs_nobody() {
    let platform = Platform::start().await;
    deploy(&platform, 1).await;
    let load = Load::new(1);

    let failing = async {
        for guest in ["spin_init", "trap_init", "no_run"] {
            load.answered(BETWEEN).await;
            let deploy = platform
                .deploy(guests::path(guest))
                .to("e", "blue")
                .set("sandbox.init_timeout_ms", 500);
            assert_eq!(deploy.attempt().await.code, 1);
        }
        load.answered(BETWEEN).await;
        load.stop();
    };
    tokio::join!(load.run(&platform, CONNECTIONS), failing);

    assert_eq!(load.seen().failures, Vec::<String>::new());
}

#[test]
fn answers_out_of_their_time_are_noticed() {
    // Floor and ceiling: what was acknowledged before the request, and what was begun before its answer.
    let cases = [
        (200, "3", Verdict::Fine(3)),
        (200, "4", Verdict::Fine(4)),
        (200, "2", Verdict::Wrong),
        (200, "5", Verdict::Wrong),
        (200, "", Verdict::Wrong),
        (404, "3", Verdict::Wrong),
        (503, "", Verdict::Wrong),
    ];
    for (status, text, verdict) in cases {
        assert_eq!(
            load::judge(3..=4, status, text),
            verdict,
            "{status} {text:?}"
        );
    }
    let seen = Seen::default();
    assert!(seen.failures.is_empty() && seen.versions.is_empty());
}

#[tokio::test]
async fn a_request_in_the_old_revision_is_finished_there() {
    let platform = Platform::start().await;
    slow(&platform).await;

    let (old, new) = tokio::join!(be_slow(&platform), async {
        busy(&platform, 1).await;
        version(&platform, "blue", "new").await;
        platform.score("e", "").await
    });

    assert_eq!((new.status(), new.text().as_str()), (200, "new"));
    assert_eq!(
        (old.status(), old.json()),
        (200, json!({"done": SLOW_RUNS}))
    );
}

#[tokio::test]
async fn swaps_are_counted_and_the_first_revision_is_none() {
    let platform = Platform::start().await;
    let swaps = async || {
        let labels = [("endpoint", "e"), ("deployment", "blue")];
        platform
            .metrics()
            .await
            .count("mlwasm_swaps_total", &labels)
    };
    deploy(&platform, 1).await;
    assert_eq!(swaps().await, 0);
    for number in 2..=3 {
        deploy(&platform, number).await;
        assert_eq!(swaps().await, number - 1);
    }
    let failed = platform.deploy(guests::path("fail_init")).to("e", "blue");
    assert_eq!(failed.attempt().await.code, 1);
    assert_eq!(swaps().await, 2);
}
