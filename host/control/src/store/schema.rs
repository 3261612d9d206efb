//! The tables, one script for each version of them. A script that was released is never edited: add the next one.

/// The scripts; the one at index `i` leads from version `i` to version `i + 1`.
pub(super) const SCRIPTS: &[&str] = &[VERSION_1, HISTORY, MODELS, ROLLOUTS, ACCESS];

const VERSION_1: &str = "
CREATE TABLE state (
    only_row   INTEGER PRIMARY KEY CHECK (only_row = 1),
    generation INTEGER NOT NULL
) STRICT;
INSERT INTO state (only_row, generation) VALUES (1, 0);

CREATE TABLE endpoints (
    name              TEXT PRIMARY KEY,
    spec              TEXT NOT NULL,
    generation        INTEGER NOT NULL,
    key_salt          BLOB NOT NULL,
    primary_counter   INTEGER NOT NULL,
    secondary_counter INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE deployments (
    endpoint   TEXT NOT NULL REFERENCES endpoints (name) ON DELETE CASCADE,
    name       TEXT NOT NULL,
    spec       TEXT NOT NULL,
    created    INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    wanted     INTEGER NOT NULL,
    attempt    INTEGER NOT NULL,
    serving    INTEGER,
    error      TEXT,
    PRIMARY KEY (endpoint, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE revisions (
    endpoint   TEXT NOT NULL,
    deployment TEXT NOT NULL,
    number     INTEGER NOT NULL,
    spec       TEXT NOT NULL,
    PRIMARY KEY (endpoint, deployment, number),
    FOREIGN KEY (endpoint, deployment) REFERENCES deployments (endpoint, name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
";

/// What a deployment's history tells. Of revisions that were made before, nothing of it is known.
const HISTORY: &str = "
ALTER TABLE revisions ADD COLUMN created_at INTEGER;
ALTER TABLE revisions ADD COLUMN former INTEGER;
ALTER TABLE revisions ADD COLUMN error TEXT;
";

/// Registered models.
const MODELS: &str = "
CREATE TABLE models (
    name   TEXT PRIMARY KEY,
    record TEXT NOT NULL
) STRICT, WITHOUT ROWID;
";

/// The last rollout of each endpoint.
const ROLLOUTS: &str = "
CREATE TABLE rollouts (
    endpoint TEXT PRIMARY KEY REFERENCES endpoints (name) ON DELETE CASCADE,
    rollout  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
";

/// Administration tokens and the audit log. `sequence` is never given twice, also when the newest lines are gone.
const ACCESS: &str = "
CREATE TABLE admin_tokens (
    name    TEXT PRIMARY KEY,
    scope   TEXT NOT NULL,
    digest  BLOB NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    sequence   INTEGER PRIMARY KEY AUTOINCREMENT,
    time       INTEGER NOT NULL,
    is_refusal INTEGER NOT NULL,
    endpoint   TEXT,
    line       TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_time ON audit (is_refusal, time);
CREATE INDEX audit_by_refusal ON audit (is_refusal, sequence);
CREATE INDEX audit_by_endpoint ON audit (endpoint, sequence);
";
