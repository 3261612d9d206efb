//! Rows as records.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use mlwasm_types::{DeploymentName, EndpointName, Generation, ModelName, RevisionNumber, Rollout};
use rusqlite::{Row, Transaction};
use serde::de::DeserializeOwned;

use super::unsigned;
use crate::{
    keys::{KeyCounters, KeySalt},
    store::{
        StoreError,
        desired::{DeploymentRecord, EndpointRecord},
        registry::ModelRecord,
        revision::RevisionRecord,
    },
};

pub(super) fn endpoints(transaction: &Transaction<'_>) -> Result<Vec<EndpointRecord>, StoreError> {
    let mut statement = transaction.prepare(
        "SELECT * FROM endpoints LEFT JOIN rollouts ON rollouts.endpoint = endpoints.name",
    )?;
    let mut rows = statement.query([])?;
    let mut endpoints = Vec::new();
    while let Some(row) = rows.next()? {
        endpoints.push(EndpointRecord {
            spec: read_json(row, "spec")?,
            generation: Generation(read_number(row, "generation")?),
            salt: KeySalt(row.get("key_salt")?),
            counters: KeyCounters {
                primary: read_number(row, "primary_counter")?,
                secondary: read_number(row, "secondary_counter")?,
            },
            deployments: BTreeMap::new(),
            rollout: read_rollout(row)?,
        });
    }
    Ok(endpoints)
}

type Models = BTreeMap<ModelName, Arc<ModelRecord>>;

pub(super) fn models(transaction: &Transaction<'_>) -> Result<Models, StoreError> {
    let mut statement = transaction.prepare("SELECT * FROM models")?;
    let mut rows = statement.query([])?;
    let mut models = Models::new();
    while let Some(row) = rows.next()? {
        let record: ModelRecord = read_json(row, "record")?;
        models.insert(record.name.clone(), Arc::new(record));
    }
    Ok(models)
}

fn read_rollout(row: &Row<'_>) -> Result<Option<Arc<Rollout>>, StoreError> {
    let text: Option<String> = row.get("rollout")?;
    match text {
        None => Ok(None),
        Some(_) => Ok(Some(Arc::new(read_json(row, "rollout")?))),
    }
}

type Deployments = BTreeMap<DeploymentName, Arc<DeploymentRecord>>;

pub(super) fn deployments(
    transaction: &Transaction<'_>,
) -> Result<BTreeMap<EndpointName, Deployments>, StoreError> {
    let mut statement = transaction.prepare("SELECT * FROM deployments")?;
    let mut rows = statement.query([])?;
    let mut all: BTreeMap<EndpointName, Deployments> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let record = deployment(transaction, row)?;
        all.entry(record.spec.endpoint_name.clone())
            .or_default()
            .insert(record.spec.name.clone(), Arc::new(record));
    }
    Ok(all)
}

fn deployment(
    transaction: &Transaction<'_>,
    row: &Row<'_>,
) -> Result<DeploymentRecord, StoreError> {
    let mut record = DeploymentRecord {
        spec: Arc::new(read_json(row, "spec")?),
        created: Generation(read_number(row, "created")?),
        generation: Generation(read_number(row, "generation")?),
        wanted: RevisionNumber(read_number(row, "wanted")?),
        attempt: Generation(read_number(row, "attempt")?),
        serving: read_revision(row, "serving")?,
        error: row.get("error")?,
        revisions: BTreeMap::new(),
    };
    let mut statement = transaction
        .prepare_cached("SELECT * FROM revisions WHERE endpoint = ?1 AND deployment = ?2")?;
    let mut rows = statement.query([
        record.spec.endpoint_name.as_str(),
        record.spec.name.as_str(),
    ])?;
    while let Some(row) = rows.next()? {
        let number = RevisionNumber(read_number(row, "number")?);
        record.revisions.insert(number, revision(row)?);
    }
    Ok(record)
}

fn revision(row: &Row<'_>) -> Result<RevisionRecord, StoreError> {
    let created_at: Option<i64> = row.get("created_at")?;
    let created_at = created_at.map(Timestamp::from_second).transpose();
    Ok(RevisionRecord {
        spec: Arc::new(read_json(row, "spec")?),
        created_at: created_at.map_err(|error| StoreError::Damaged {
            what: format!("created_at: {error}"),
        })?,
        former: read_revision(row, "former")?,
        error: row.get("error")?,
    })
}

fn read_json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> Result<T, StoreError> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|error| StoreError::Damaged {
        what: format!("{column}: {error}"),
    })
}

fn read_revision(row: &Row<'_>, column: &str) -> Result<Option<RevisionNumber>, StoreError> {
    let number: Option<i64> = row.get(column)?;
    Ok(number.map(unsigned).transpose()?.map(RevisionNumber))
}

fn read_number(row: &Row<'_>, column: &str) -> Result<u64, StoreError> {
    unsigned(row.get(column)?)
}
