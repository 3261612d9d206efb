//! The audit log as rows, of which only so many are kept.
//!
//! How many there are is counted here and not by the database: counting a hundred thousand rows at each change would take
//! longer than the change.

use jiff::Timestamp;
use mlwasm_types::audit::{AuditLine, AuditOutcome, AuditPage};
use rusqlite::{Connection, Row, Transaction, params};

use super::{json, signed, unsigned};
use crate::{
    audit::{AuditQuery, AuditRetention},
    store::StoreError,
};

/// What is kept.
pub(super) struct Journal {
    retention: AuditRetention,
    counts: Counts,
}

/// How many lines there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    accepted: u64,
    refused: u64,
}

impl Counts {
    fn of(&mut self, outcome: AuditOutcome) -> &mut u64 {
        match outcome {
            AuditOutcome::Accepted => &mut self.accepted,
            AuditOutcome::Refused => &mut self.refused,
        }
    }
}

const OUTCOMES: [AuditOutcome; 2] = [AuditOutcome::Accepted, AuditOutcome::Refused];

impl Journal {
    /// Counts the lines, and forgets those that are too many or too old.
    pub(super) fn open(
        connection: &mut Connection,
        retention: AuditRetention,
    ) -> Result<Self, StoreError> {
        let transaction = connection.transaction()?;
        let mut journal = Self {
            retention,
            counts: Counts::default(),
        };
        let mut counts = Counts::default();
        for outcome in OUTCOMES {
            let count = transaction.query_row(
                "SELECT count(*) FROM audit WHERE is_refusal = ?1",
                [outcome == AuditOutcome::Refused],
                |row| row.get(0),
            )?;
            *counts.of(outcome) = unsigned(count)?;
        }
        journal.counts = journal.forget(&transaction, counts, Timestamp::now())?;
        transaction.commit()?;
        Ok(journal)
    }

    /// Adds a line and forgets old ones. What it returns is to be given to [`Journal::keep`] once that is durable.
    pub(super) fn write(
        &self,
        transaction: &Transaction<'_>,
        line: &AuditLine,
    ) -> Result<Counts, StoreError> {
        transaction.execute(
            "INSERT INTO audit (time, is_refusal, endpoint, line) VALUES (?1, ?2, ?3, ?4)",
            params![
                line.time.as_millisecond(),
                line.outcome == AuditOutcome::Refused,
                line.endpoint.as_ref().map(|endpoint| endpoint.as_str()),
                json(line)?,
            ],
        )?;
        let mut counts = self.counts;
        *counts.of(line.outcome) += 1;
        self.forget(transaction, counts, line.time)
    }

    /// The counts after a transaction that was committed.
    pub(super) fn keep(&mut self, counts: Counts) {
        self.counts = counts;
    }

    fn forget(
        &self,
        transaction: &Transaction<'_>,
        mut counts: Counts,
        now: Timestamp,
    ) -> Result<Counts, StoreError> {
        let oldest = now
            .checked_sub(self.retention.max_age)
            .unwrap_or(Timestamp::MIN)
            .as_millisecond();
        for outcome in OUTCOMES {
            let refusals = self.retention.max_refusals();
            let most = match outcome {
                AuditOutcome::Accepted => self.retention.max_lines.saturating_sub(refusals).max(1),
                AuditOutcome::Refused => refusals,
            };
            let is_refusal = outcome == AuditOutcome::Refused;
            let count = counts.of(outcome);
            let old = transaction.execute(
                "DELETE FROM audit WHERE is_refusal = ?1 AND time < ?2",
                params![is_refusal, oldest],
            )?;
            *count = count.saturating_sub(old as u64);
            let more = count.saturating_sub(most);
            if more > 0 {
                transaction.execute(
                    "DELETE FROM audit WHERE sequence IN
                         (SELECT sequence FROM audit WHERE is_refusal = ?1 ORDER BY sequence LIMIT ?2)",
                    params![is_refusal, signed(more)?],
                )?;
                *count = most;
            }
        }
        Ok(counts)
    }
}

/// The last lines that the query asks for, oldest first.
pub(super) fn read(connection: &Connection, query: &AuditQuery) -> Result<AuditPage, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT sequence, line FROM audit
         WHERE sequence < ?1 AND time >= ?2 AND (?3 IS NULL OR endpoint = ?3)
         ORDER BY sequence DESC LIMIT ?4",
    )?;
    // What is beyond every number that can be stored is after every line.
    let before = query.before.and_then(|before| i64::try_from(before).ok());
    let before = before.unwrap_or(i64::MAX);
    let since = query.since.unwrap_or(Timestamp::MIN).as_millisecond();
    let endpoint = query.endpoint.as_ref().map(|endpoint| endpoint.as_str());
    // One more than asked for tells whether there are more.
    let limit = signed(query.lines as u64 + 1)?;
    let mut rows = statement.query(params![before, since, endpoint, limit])?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        lines.push(line(row)?);
    }
    let has_more = lines.len() > query.lines;
    lines.truncate(query.lines);
    lines.reverse();
    let next_before = lines.first().filter(|_| has_more).map(|line| line.sequence);
    Ok(AuditPage { lines, next_before })
}

fn line(row: &Row<'_>) -> Result<AuditLine, StoreError> {
    let text: String = row.get("line")?;
    let line: AuditLine = serde_json::from_str(&text).map_err(|error| StoreError::Damaged {
        what: format!("audit: {error}"),
    })?;
    Ok(AuditLine {
        sequence: unsigned(row.get("sequence")?)?,
        ..line
    })
}
