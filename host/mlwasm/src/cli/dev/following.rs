//! What the scorer prints, as it prints it.

use std::{thread, time::Duration};

use anyhow::Context as _;
use mlwasm_types::api::LogPage;

use super::super::{
    output,
    views::{self, Target},
};
use crate::client::{Client, Connection, ServerUrl};

/// One long poll.
const POLL: Duration = Duration::from_secs(20);
/// Lines asked for at once.
const PAGE: usize = 1_000;

/// Shows the lines of a deployment from now on, on a thread of its own, until the server goes away or the deployment does.
///
/// # Errors
///
/// If there can be no further client or thread.
pub(super) fn start(server: ServerUrl, target: &Target) -> anyhow::Result<()> {
    let client = Client::new(&Connection::to(server))?;
    let path = format!("{}/logs", target.path());
    thread::Builder::new()
        .name("log".to_owned())
        .spawn(move || {
            // The process is ending: nobody reads what would be said about it.
            show(&client, &path).ok();
        })
        .context("starting to follow the log")?;
    Ok(())
}

fn show(client: &Client, path: &str) -> anyhow::Result<()> {
    let mut after = 0;
    loop {
        let wait = POLL.as_millis();
        let next = format!("{path}?after={after}&lines={PAGE}&wait_ms={wait}");
        let page: LogPage = views::read(&client.get_within(&next, POLL)?)?;
        after = page.next_after;
        for line in page.lines {
            output::note(&format!("{} | {}", line.stream, line.text));
        }
    }
}
