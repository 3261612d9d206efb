//! Power cuts at every moment of a change, and disks that fail: what was acknowledged is there, and nothing is torn.
//!
//! Each server's life ends at one of its own calls that change files, so a cut within a commit, a checkpoint or the
//! recovery from the cut before is as likely as any other.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use mlwasm_harness::{Answer, DiskCalls, DiskFault, FailingDisk, Platform, eventually, plugins};
use mlwasm_types::{
    Digest, ProvisioningState,
    api::{DeploymentView, EndpointKeys},
};
use reqwest::Method;
use serde_json::json;

use crate::support::Dice;

/// Lives of the server in each of the four tests.
const LIVES: u64 = 50;
/// Clients that change things at once, each an endpoint of its own.
const CLIENTS: u64 = 3;
/// Changes of each client in one life, if the server lives so long.
const CHANGES: u32 = 8;

/// What an endpoint is like, as far as the changes touch it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Endpoint {
    description: String,
    /// The variable `N` of each deployment.
    deployments: BTreeMap<&'static str, u64>,
}

/// A change that a client asks for.
#[derive(Clone, Copy, Debug)]
enum Change {
    Describe(u64),
    Rotate,
    Deploy(&'static str, u64),
    Undeploy(&'static str),
    Delete,
}

/// What one client knows.
struct Client {
    name: String,
    /// After all that was acknowledged.
    known: Option<Endpoint>,
    /// The primary key, if it was seen.
    key: Option<String>,
    /// Keys that were regenerated.
    old_keys: Vec<String>,
    /// The change that was not answered, and what it leads to.
    unanswered: Option<(Change, Option<Endpoint>)>,
}

impl Change {
    fn random(dice: &mut Dice) -> Self {
        let value = dice.below(1_000_000);
        let name = if dice.below(2) == 0 { "blue" } else { "green" };
        match dice.below(10) {
            0..3 => Self::Describe(value),
            3 => Self::Rotate,
            4..8 => Self::Deploy(name, value),
            8 => Self::Undeploy(name),
            _ => Self::Delete,
        }
    }

    /// The endpoint after the change; none if it is refused.
    fn applied(self, before: Option<&Endpoint>) -> Option<Option<Endpoint>> {
        if let Self::Describe(value) = self {
            let mut endpoint = before.cloned().unwrap_or_default();
            endpoint.description = value.to_string();
            return Some(Some(endpoint));
        }
        let mut endpoint = before?.clone();
        match self {
            Self::Describe(_) | Self::Delete => return Some(None),
            Self::Rotate => {}
            Self::Deploy(name, value) => {
                endpoint.deployments.insert(name, value);
            }
            Self::Undeploy(name) => {
                endpoint.deployments.remove(name)?;
            }
        }
        Some(Some(endpoint))
    }

    async fn ask(self, platform: &Platform, endpoint: &str) -> Result<Answer, reqwest::Error> {
        let path = format!("/v1/endpoints/{endpoint}");
        let deployment = |name: &str| format!("{path}/deployments/{name}");
        let call = match self {
            Self::Describe(value) => platform
                .admin(Method::PUT, &path)
                .json(&json!({"description": value.to_string()})),
            Self::Rotate => {
                platform.admin(Method::POST, &format!("{path}/keys/primary/regenerate"))
            }
            Self::Deploy(name, value) => {
                platform.admin(Method::PUT, &deployment(name)).json(&json!({
                    "component": echo_digest(),
                    "instance_count": 1,
                    "environment_variables": {"N": value.to_string()},
                }))
            }
            Self::Undeploy(name) => platform.admin(Method::DELETE, &deployment(name)),
            Self::Delete => platform.admin(Method::DELETE, &path),
        };
        call.try_send().await
    }
}

impl Client {
    /// Changes things until the server is gone, or enough was changed.
    async fn change(&mut self, platform: &Platform, dice: &mut Dice) {
        for _ in 0..CHANGES {
            let change = Change::random(dice);
            let Some(after) = change.applied(self.known.as_ref()) else {
                continue;
            };
            match change.ask(platform, &self.name).await {
                Ok(answer) => {
                    assert!(
                        (200..300).contains(&answer.status()),
                        "{change:?}: {answer:?}"
                    );
                    if let Change::Rotate = change {
                        self.see(answer.read::<EndpointKeys>().primary_key, Change::Rotate);
                    }
                    self.learn(after);
                }
                Err(_) => {
                    self.unanswered = Some((change, after));
                    return;
                }
            }
        }
    }

    fn learn(&mut self, endpoint: Option<Endpoint>) {
        if endpoint.is_none() {
            // One that is made later under the same name has a key of its own.
            self.old_keys.extend(self.key.take());
        }
        self.known = endpoint;
    }

    /// Notes the key that is there after `change`.
    fn see(&mut self, key: String, change: Change) {
        assert!(
            !self.old_keys.contains(&key),
            "{}: a key from before {change:?}",
            self.name
        );
        let former = self.key.replace(key);
        if former != self.key {
            self.old_keys.extend(former);
        }
    }

    /// Holds what is there against what was acknowledged. What was not answered may have happened, whole.
    async fn check(&mut self, platform: &Platform) {
        let found = read(platform, &self.name).await;
        let endpoint = found.as_ref().map(|(endpoint, _)| endpoint.clone());
        let unanswered = self.unanswered.take();
        if endpoint != self.known {
            let possible = unanswered.as_ref().map(|(_, after)| after);
            assert!(
                possible == Some(&endpoint),
                "{}: acknowledged {:?}, unanswered {unanswered:?}, found {found:?}",
                self.name,
                self.known
            );
            self.learn(endpoint);
        }
        if let Some((_, key)) = found {
            match unanswered {
                Some((change @ Change::Rotate, _)) => self.see(key, change),
                _ if self.key.is_none() => self.key = Some(key),
                _ => assert_eq!(self.key.as_ref(), Some(&key), "{}: its key", self.name),
            }
        }
    }
}

/// The endpoint, each deployment of which serves again, and its primary key.
async fn read(platform: &Platform, endpoint: &str) -> Option<(Endpoint, String)> {
    let path = format!("/v1/endpoints/{endpoint}");
    let answer = platform.admin(Method::GET, &path).send().await;
    if answer.status() == 404 {
        return None;
    }
    let description = answer.json()["description"].as_str()?.to_owned();
    let mut found = Endpoint {
        description,
        deployments: BTreeMap::new(),
    };
    for name in ["blue", "green"] {
        let path = format!("{path}/deployments/{name}");
        let serves = format!("{endpoint}/{name} serves or does not exist");
        let view = eventually(&serves, async || {
            let answer = platform.admin(Method::GET, &path).send().await;
            if answer.status() == 404 {
                return Some(None);
            }
            let view: DeploymentView = answer.read();
            let state = view.status.provisioning_state;
            assert_ne!(state, ProvisioningState::Failed, "{view:?}");
            (state == ProvisioningState::Succeeded).then_some(Some(view))
        });
        if let Some(view) = view.await {
            let value = view.spec.environment_variables.get("N")?.parse();
            found.deployments.insert(name, value.unwrap());
        }
    }
    let key = platform.keys(endpoint).await.primary_key;
    Some((found, key))
}

fn echo_digest() -> String {
    Digest::of(&std::fs::read(plugins::path("echo")).unwrap()).to_string()
}

/// A platform that has the component, and clients that know nothing.
async fn begin() -> (Platform, Vec<Client>) {
    let platform = Platform::start().await;
    let bytes = std::fs::read(plugins::path("echo")).unwrap();
    let path = format!("/v1/artifacts/{}", echo_digest());
    let upload = platform.admin(Method::PUT, &path).body(bytes).send().await;
    assert_eq!(upload.status(), 201, "{upload:?}");
    let client = |number| Client {
        name: format!("e{number}"),
        known: None,
        key: None,
        old_keys: Vec::new(),
        unanswered: None,
    };
    (platform, (0..CLIENTS).map(client).collect())
}

/// Lives of one server, each of which ends at a call that the dice choose.
async fn lives_end_anywhere(seed: u64) {
    let mut dice = Dice::new(seed);
    let (mut platform, mut clients) = begin().await;
    for _ in 0..LIVES {
        platform.kill9();
        let disk = FailingDisk {
            fault: if dice.below(3) == 0 {
                DiskFault::TornWrite
            } else {
                DiskFault::PowerCut
            },
            calls: DiskCalls::All,
            at: 1 + u32::try_from(dice.below(120)).unwrap(),
        };
        // Some end before they are ready: the recovery is cut too.
        if platform.restart_on(disk).await.is_ok() {
            let rolls: Vec<_> = clients
                .iter()
                .map(|_| Dice::new(dice.below(u64::MAX)))
                .collect();
            let changes = clients.iter_mut().zip(rolls);
            join_all(changes.map(async |(client, mut dice)| {
                client.change(&platform, &mut dice).await;
            }))
            .await;
            platform.server().signal("KILL");
            platform.ended().await;
        }
        platform.restart().await;
        for client in &mut clients {
            client.check(&platform).await;
        }
    }
}

#[tokio::test]
async fn what_was_acknowledged_is_there_wherever_the_power_is_cut_1() {
    lives_end_anywhere(1).await;
}

#[tokio::test]
async fn what_was_acknowledged_is_there_wherever_the_power_is_cut_2() {
    lives_end_anywhere(2).await;
}

#[tokio::test]
async fn what_was_acknowledged_is_there_wherever_the_power_is_cut_3() {
    lives_end_anywhere(3).await;
}

#[tokio::test]
async fn what_was_acknowledged_is_there_wherever_the_power_is_cut_4() {
    lives_end_anywhere(4).await;
}

/// A server on a disk of which one call fails, and what became of changes on it.
#[tokio::test]
async fn a_write_that_the_disk_does_not_confirm_is_not_acknowledged_and_ends_the_server() {
    let (mut platform, _) = begin().await;
    let put = async |platform: &Platform, name: &str| {
        let path = format!("/v1/endpoints/{name}");
        let call = platform.admin(Method::PUT, &path).json(&json!({}));
        call.try_send().await.map(|answer| answer.status())
    };
    assert_eq!(put(&platform, "before").await.unwrap(), 201);
    platform.kill9();
    // How many calls a start makes is the database's business: so each of the first ones fails once.
    let mut refused = 0;
    for at in 1..12 {
        let disk = FailingDisk {
            fault: DiskFault::InputOutput,
            calls: DiskCalls::Syncs,
            at,
        };
        let name = format!("at-{at}");
        let mut acknowledged = Vec::new();
        match platform.restart_on(disk).await {
            Err(ended) => assert!(ended.code.is_some_and(|code| code != 0), "{ended:?}"),
            Ok(()) => {
                for number in 0..12 {
                    let name = format!("{name}-{number}");
                    match put(&platform, &name).await {
                        Ok(201) => acknowledged.push(name),
                        Ok(status) => {
                            assert_eq!(status, 503);
                            refused += 1;
                            let again = put(&platform, "again").await;
                            assert!(
                                !again.is_ok_and(|status| status < 400),
                                "after that, nothing"
                            );
                            break;
                        }
                        Err(_) => break,
                    }
                }
                if acknowledged.len() == 12 {
                    // It failed where no acknowledgement hangs on it.
                    platform.kill9();
                } else {
                    assert_eq!(platform.ended().await.code, Some(70));
                }
            }
        }
        platform.restart().await;
        for name in &acknowledged {
            platform.endpoint(name).await;
        }
        platform.endpoint("before").await;
        platform.kill9();
    }
    assert!(refused > 0, "no acknowledgement hung on any of these calls");
}

#[tokio::test]
async fn a_disk_that_is_full_for_a_moment_costs_that_change_alone() {
    let (mut platform, _) = begin().await;
    platform.kill9();
    let mut refused = 0;
    for at in 1..40 {
        let disk = FailingDisk {
            fault: DiskFault::NoSpace,
            calls: DiskCalls::Changes,
            at,
        };
        if platform.restart_on(disk).await.is_err() {
            continue;
        }
        let mut acknowledged = Vec::new();
        for number in 0..6 {
            let name = format!("at-{at}-{number}");
            let path = format!("/v1/endpoints/{name}");
            let put = platform
                .admin(Method::PUT, &path)
                .json(&json!({}))
                .send()
                .await;
            match put.status() {
                201 => acknowledged.push(name),
                status => {
                    assert_eq!(status, 507, "{put:?}");
                    refused += 1;
                }
            }
        }
        assert!(acknowledged.len() >= 5, "one change at most");
        platform.kill9();
        platform.restart().await;
        for name in &acknowledged {
            platform.endpoint(name).await;
        }
        platform.kill9();
    }
    assert!(refused > 0, "no change hung on any of these calls");
}
