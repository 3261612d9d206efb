//! The server under test: the built binary, on a folder of its own, and what is asked of it besides the load.

use std::{net::SocketAddr, time::Duration};

use anyhow::ensure;
use http::Method;
use mlwasm_harness::{Binary, Platform, Setup};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::client::{Body, Request};

/// A running server. Dropping it ends the process.
#[derive(Debug)]
pub(crate) struct Served {
    // Before the runtime, which its clients live on.
    platform: Platform,
    runtime: Runtime,
}

impl Served {
    /// Starts a server with this text as its configuration.
    ///
    /// # Errors
    ///
    /// If no runtime can be had.
    ///
    /// # Panics
    ///
    /// If the server does not start, as everything that the harness does.
    pub(crate) fn start(binary: Binary, config: &str) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let platform = runtime.block_on(Platform::start_with(Setup {
            binary,
            config: Some(config.to_owned()),
            ..Setup::default()
        }));
        Ok(Self { platform, runtime })
    }

    /// Does something with the platform: deploys, for one.
    pub(crate) fn with<'a, T>(&'a self, work: impl AsyncFnOnce(&'a Platform) -> T) -> T {
        self.runtime.block_on(work(&self.platform))
    }

    /// Where it scores.
    ///
    /// # Errors
    ///
    /// Never: the server says an address.
    pub(crate) fn address(&self) -> anyhow::Result<SocketAddr> {
        let address = self.platform.server().scoring();
        Ok(address.trim_start_matches("http://").parse()?)
    }

    /// A scoring request to the endpoint, with its key.
    ///
    /// # Errors
    ///
    /// As [`Served::address`].
    pub(crate) fn request(&self, endpoint: &str, body: Body<'_>) -> anyhow::Result<Request> {
        self.request_with(endpoint, "", body)
    }

    /// The same with a query, `?a=b`.
    ///
    /// # Errors
    ///
    /// As [`Served::address`].
    pub(crate) fn request_with(
        &self,
        endpoint: &str,
        query: &str,
        body: Body<'_>,
    ) -> anyhow::Result<Request> {
        let key = self.runtime.block_on(self.platform.key(endpoint));
        let path = format!("/endpoints/{endpoint}/score{query}");
        Ok(Request::post(self.address()?, &path, &key, body))
    }

    /// A request to this path, with the endpoint's key.
    ///
    /// # Errors
    ///
    /// As [`Served::address`].
    pub(crate) fn request_to(
        &self,
        path: &str,
        endpoint: &str,
        body: Body<'_>,
    ) -> anyhow::Result<Request> {
        let key = self.runtime.block_on(self.platform.key(endpoint));
        Ok(Request::post(self.address()?, path, &key, body))
    }

    /// The process.
    pub(crate) fn id(&self) -> u32 {
        self.platform.server().id()
    }

    /// Puts an object of the administration API.
    ///
    /// # Errors
    ///
    /// What the server refuses.
    pub(crate) fn put(&self, path: &str, object: &Value) -> anyhow::Result<()> {
        self.ask(Method::PUT, path, Some(object)).map(drop)
    }

    /// Patches an object of the administration API.
    ///
    /// # Errors
    ///
    /// What the server refuses.
    pub(crate) fn patch(&self, path: &str, change: &Value) -> anyhow::Result<()> {
        self.ask(Method::PATCH, path, Some(change)).map(drop)
    }

    /// Waits until the deployment's wanted revision serves.
    ///
    /// # Errors
    ///
    /// If it does not within a minute.
    pub(crate) fn wait_until_served(&self, deployment: &str) -> anyhow::Result<()> {
        let patience = Duration::from_secs(60).as_millis();
        let path = format!("{deployment}?wait_ms={patience}");
        let view = self.ask(Method::GET, &path, None)?;
        ensure!(view["provisioning_state"] == "Succeeded", "{view}");
        Ok(())
    }

    fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let call = self.platform.admin(method, path);
        let call = match body {
            Some(body) => call.json(body),
            None => call,
        };
        let answer = self.runtime.block_on(call.send());
        ensure!(answer.status() < 300, "{path}: {answer:?}");
        Ok(answer.json())
    }
}
