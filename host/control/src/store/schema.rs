//! The tables, one script for each version of them. A script that was released is never edited: add the next one.

/// The scripts; the one at index `i` leads from version `i` to version `i + 1`.
pub(super) const SCRIPTS: &[&str] = &[VERSION_1, VERSION_2, VERSION_3, VERSION_4];

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
const VERSION_2: &str = "
ALTER TABLE revisions ADD COLUMN created_at INTEGER;
ALTER TABLE revisions ADD COLUMN former INTEGER;
ALTER TABLE revisions ADD COLUMN error TEXT;
";

/// Registered models.
const VERSION_3: &str = "
CREATE TABLE models (
    name   TEXT PRIMARY KEY,
    record TEXT NOT NULL
) STRICT, WITHOUT ROWID;
";

const VERSION_4: &str = "
CREATE TABLE rollouts (
    endpoint TEXT PRIMARY KEY REFERENCES endpoints (name) ON DELETE CASCADE,
    rollout  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
";
