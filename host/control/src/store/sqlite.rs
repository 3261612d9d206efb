//! The desired state in SQLite: one file, one connection, one transaction for each change.
//!
//! `synchronous=FULL` makes a commit wait for the disk, which is what an acknowledgement promises. The state is small
//! (an endpoint is about a kilobyte), so it is read whole at start and written by the record.

mod journal;
mod load;
mod tokens;

use std::{
    collections::BTreeMap, fs, io, os::unix::fs::OpenOptionsExt as _, path::Path, sync::Arc,
};

use jiff::Timestamp;
use mlwasm_types::{
    Generation,
    audit::{AuditLine, AuditPage},
};
use rusqlite::{Connection, Transaction, params};
use serde::Serialize;

use super::{
    StateStore, StoreError,
    desired::{DeploymentRecord, DesiredState, EndpointRecord},
    migrate::migrate,
};
use crate::audit::{AuditQuery, AuditRetention};
use journal::Journal;

/// The desired state in one SQLite file.
pub(crate) struct SqliteStore {
    connection: Connection,
    journal: Journal,
}

impl SqliteStore {
    /// Opens the database in `path`; made there if there is none. Blocks.
    pub(crate) fn open(path: &Path, retention: AuditRetention) -> Result<Self, StoreError> {
        make_private(path).map_err(StoreError::Io)?;
        let mut connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        // A row that was written by a hostile hand can do no more than be wrong.
        connection.pragma_update(None, "trusted_schema", "OFF")?;
        migrate(&mut connection)?;
        // SQLite syncs the names of its journals, not that of a new database.
        if let Some(folder) = path.parent() {
            fs::File::open(folder)
                .and_then(|folder| folder.sync_all())
                .map_err(StoreError::Io)?;
        }
        let journal = Journal::open(&mut connection, retention)?;
        Ok(Self {
            connection,
            journal,
        })
    }
}

/// Makes an empty file for its owner only; SQLite gives the journal's files the same mode.
fn make_private(path: &Path) -> io::Result<()> {
    fs::OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .map(drop)
}

impl StateStore for SqliteStore {
    fn load(&mut self) -> Result<DesiredState, StoreError> {
        let transaction = self.connection.transaction()?;
        let mut deployments = load::deployments(&transaction)?;
        let mut endpoints = BTreeMap::new();
        for mut endpoint in load::endpoints(&transaction)? {
            let name = endpoint.spec.name.clone();
            endpoint.deployments = deployments.remove(&name).unwrap_or_default();
            endpoints.insert(name, Arc::new(endpoint));
        }
        let generation: i64 =
            transaction.query_row("SELECT generation FROM state", [], |row| row.get(0))?;
        Ok(DesiredState {
            generation: Generation(unsigned(generation)?),
            endpoints,
            models: load::models(&transaction)?,
            admin_tokens: tokens::load(&transaction)?,
        })
    }

    fn save(&mut self, before: &DesiredState, after: &DesiredState) -> Result<(), StoreError> {
        let transaction = self.connection.transaction()?;
        save_state(&transaction, before, after)?;
        Ok(transaction.commit()?)
    }

    fn save_audited(
        &mut self,
        before: &DesiredState,
        after: &DesiredState,
        line: &AuditLine,
    ) -> Result<(), StoreError> {
        let transaction = self.connection.transaction()?;
        save_state(&transaction, before, after)?;
        let written = self.journal.write(&transaction, line)?;
        transaction.commit()?;
        self.journal.keep(written);
        Ok(())
    }

    fn note(&mut self, line: &AuditLine) -> Result<(), StoreError> {
        let transaction = self.connection.transaction()?;
        let written = self.journal.write(&transaction, line)?;
        transaction.commit()?;
        self.journal.keep(written);
        Ok(())
    }

    fn copy(&mut self, to: &Path) -> Result<(), StoreError> {
        let to = to.to_string_lossy();
        self.connection.execute("VACUUM INTO ?1", [to])?;
        Ok(())
    }

    fn audit(&mut self, query: &AuditQuery) -> Result<AuditPage, StoreError> {
        journal::read(&self.connection, query)
    }
}

fn save_state(
    transaction: &Transaction<'_>,
    before: &DesiredState,
    after: &DesiredState,
) -> Result<(), StoreError> {
    save_generation(transaction, before.generation, after.generation)?;
    tokens::save(transaction, &before.admin_tokens, &after.admin_tokens)?;
    for name in before.endpoints.keys() {
        if !after.endpoints.contains_key(name) {
            transaction.execute("DELETE FROM endpoints WHERE name = ?1", [name.as_str()])?;
        }
    }
    for (name, endpoint) in &after.endpoints {
        let former = before.endpoints.get(name);
        if !former.is_some_and(|former| Arc::ptr_eq(former, endpoint)) {
            save_endpoint(transaction, former.map(Arc::as_ref), endpoint)?;
        }
    }
    for (name, model) in &after.models {
        let former = before.models.get(name);
        if !former.is_some_and(|former| Arc::ptr_eq(former, model)) {
            transaction.execute(
                "INSERT INTO models (name, record) VALUES (?1, ?2)
                 ON CONFLICT (name) DO UPDATE SET record = excluded.record",
                params![name.as_str(), json(&**model)?],
            )?;
        }
    }
    Ok(())
}

fn save_generation(
    transaction: &Transaction<'_>,
    before: Generation,
    after: Generation,
) -> Result<(), StoreError> {
    let changed = transaction.execute(
        "UPDATE state SET generation = ?2 WHERE generation = ?1",
        [signed(before.0)?, signed(after.0)?],
    )?;
    if changed == 1 {
        Ok(())
    } else {
        Err(StoreError::ForeignWriter)
    }
}

fn save_endpoint(
    transaction: &Transaction<'_>,
    former: Option<&EndpointRecord>,
    endpoint: &EndpointRecord,
) -> Result<(), StoreError> {
    let name = endpoint.spec.name.as_str();
    transaction.execute(
        "INSERT INTO endpoints (name, spec, generation, key_salt, primary_counter, secondary_counter)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (name) DO UPDATE SET spec = excluded.spec, generation = excluded.generation,
             key_salt = excluded.key_salt, primary_counter = excluded.primary_counter,
             secondary_counter = excluded.secondary_counter",
        params![
            name,
            json(&endpoint.spec)?,
            signed(endpoint.generation.0)?,
            endpoint.salt.0,
            signed(endpoint.counters.primary)?,
            signed(endpoint.counters.secondary)?,
        ],
    )?;
    save_rollout(transaction, former, endpoint)?;
    let none = BTreeMap::new();
    let formers = former.map_or(&none, |former| &former.deployments);
    for gone in formers
        .keys()
        .filter(|name| !endpoint.deployments.contains_key(*name))
    {
        transaction.execute(
            "DELETE FROM deployments WHERE endpoint = ?1 AND name = ?2",
            [name, gone.as_str()],
        )?;
    }
    for (deployment_name, deployment) in &endpoint.deployments {
        let former = formers.get(deployment_name);
        if !former.is_some_and(|former| Arc::ptr_eq(former, deployment)) {
            save_deployment(transaction, deployment)?;
        }
    }
    Ok(())
}

/// A rollout is never taken away but with its endpoint.
fn save_rollout(
    transaction: &Transaction<'_>,
    former: Option<&EndpointRecord>,
    endpoint: &EndpointRecord,
) -> Result<(), StoreError> {
    let Some(rollout) = &endpoint.rollout else {
        return Ok(());
    };
    let former = former.and_then(|former| former.rollout.as_ref());
    if former.is_some_and(|former| Arc::ptr_eq(former, rollout)) {
        return Ok(());
    }
    transaction.execute(
        "INSERT INTO rollouts (endpoint, rollout) VALUES (?1, ?2)
         ON CONFLICT (endpoint) DO UPDATE SET rollout = excluded.rollout",
        params![endpoint.spec.name.as_str(), json(&**rollout)?],
    )?;
    Ok(())
}

fn save_deployment(
    transaction: &Transaction<'_>,
    deployment: &DeploymentRecord,
) -> Result<(), StoreError> {
    let (endpoint, name) = (
        deployment.spec.endpoint_name.as_str(),
        deployment.spec.name.as_str(),
    );
    transaction.execute(
        "INSERT INTO deployments
             (endpoint, name, spec, created, generation, wanted, attempt, serving, error)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (endpoint, name) DO UPDATE SET spec = excluded.spec, created = excluded.created,
             generation = excluded.generation, wanted = excluded.wanted, attempt = excluded.attempt,
             serving = excluded.serving, error = excluded.error",
        params![
            endpoint,
            name,
            json(&*deployment.spec)?,
            signed(deployment.created.0)?,
            signed(deployment.generation.0)?,
            signed(deployment.wanted.0)?,
            signed(deployment.attempt.0)?,
            deployment.serving.map(|number| signed(number.0)).transpose()?,
            deployment.error,
        ],
    )?;
    transaction.execute(
        "DELETE FROM revisions WHERE endpoint = ?1 AND deployment = ?2",
        [endpoint, name],
    )?;
    for (number, revision) in &deployment.revisions {
        transaction.execute(
            "INSERT INTO revisions (endpoint, deployment, number, spec, created_at, former, error)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                endpoint,
                name,
                signed(number.0)?,
                json(&*revision.spec)?,
                revision.created_at.map(Timestamp::as_second),
                revision.former.map(|number| signed(number.0)).transpose()?,
                revision.error,
            ],
        )?;
    }
    Ok(())
}

fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Damaged {
        what: error.to_string(),
    })
}

// SQLite has signed integers only.
fn signed(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::Damaged {
        what: format!("{number} is over the largest number that can be stored"),
    })
}

fn unsigned(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| StoreError::Damaged {
        what: format!("{number} is below 0"),
    })
}

#[cfg(test)]
mod tests;
