//! Scoring requests over HTTP, as a user's own client sends them.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use super::Flower;

/// Calls one endpoint with its key.
#[derive(Clone)]
pub(super) struct Client {
    agent: ureq::Agent,
    scoring_uri: String,
    authorization: String,
}

impl Client {
    pub(super) fn new(scoring_uri: String, key: &str) -> Self {
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(10)))
            .build()
            .new_agent();
        Self {
            agent,
            scoring_uri,
            authorization: format!("Bearer {key}"),
        }
    }

    /// Scores one flower and returns the deployment that answered.
    fn score(&self, flower: &Flower) -> anyhow::Result<String> {
        let mut response = self
            .agent
            .post(&self.scoring_uri)
            .header("authorization", &self.authorization)
            .header("content-type", "application/json")
            .send(&flower.body)?;
        let deployment = response
            .headers()
            .get("mlwasm-deployment")
            .and_then(|value| value.to_str().ok())
            .context("an answer without the header mlwasm-deployment")?
            .to_owned();
        let answer: Value = response.body_mut().read_json()?;
        let class = &answer["predictions"][0]["class"];
        ensure!(
            class == flower.class.as_str(),
            "{deployment} takes a {} for a {class}",
            flower.class
        );
        Ok(deployment)
    }

    /// Scores `requests` flowers one after the other and counts who answered.
    pub(super) fn score_many(
        &self,
        flowers: &[Flower],
        requests: u32,
    ) -> anyhow::Result<BTreeMap<String, u32>> {
        let mut counts = BTreeMap::new();
        for flower in flowers.iter().cycle().take(requests as usize) {
            *counts.entry(self.score(flower)?).or_default() += 1;
        }
        Ok(counts)
    }
}

/// What a load has done so far.
#[derive(Clone, Default)]
pub(super) struct Done {
    pub(super) answered: u32,
    pub(super) failed: u32,
    pub(super) first_failure: Option<String>,
}

#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    done: Mutex<Done>,
    progress: Condvar,
}

/// Requests from a few connections at once, until it is stopped.
pub(super) struct Load {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl Load {
    pub(super) fn start(client: &Client, flowers: &[Flower]) -> Self {
        const CONNECTIONS: usize = 3;
        let shared = Arc::new(Shared::default());
        let thread = |_| {
            let (shared, client) = (Arc::clone(&shared), client.clone());
            let flowers: Vec<_> = flowers
                .iter()
                .map(|flower| Flower {
                    body: flower.body.clone(),
                    class: flower.class.clone(),
                })
                .collect();
            thread::spawn(move || shared.run(&client, &flowers))
        };
        let threads = (0..CONNECTIONS).map(thread).collect();
        Self { shared, threads }
    }

    /// Waits until `more` further requests are done.
    pub(super) fn wait_for_more(&self, more: u32, patience: Duration) -> anyhow::Result<()> {
        let deadline = Instant::now() + patience;
        let mut done = self
            .shared
            .done
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let wanted = done.answered + done.failed + more;
        while done.answered + done.failed < wanted {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                bail!("the load made no progress");
            }
            done = self
                .shared
                .progress
                .wait_timeout(done, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        Ok(())
    }

    pub(super) fn stop(self) -> anyhow::Result<Done> {
        self.shared.stop.store(true, Ordering::Relaxed);
        for thread in self.threads {
            if thread.join().is_err() {
                bail!("a client of the load panicked");
            }
        }
        let done = self
            .shared
            .done
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        Ok(done.clone())
    }
}

impl Shared {
    fn run(&self, client: &Client, flowers: &[Flower]) {
        for flower in flowers.iter().cycle() {
            if self.stop.load(Ordering::Relaxed) {
                return;
            }
            let outcome = client.score(flower);
            let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
            match outcome {
                Ok(_) => done.answered += 1,
                Err(error) => {
                    done.failed += 1;
                    done.first_failure
                        .get_or_insert_with(|| format!("{error:#}"));
                }
            }
            self.progress.notify_all();
        }
    }
}
