//! Brings a database to the schema that this version knows, and refuses one that it does not know.

use rusqlite::{Connection, OptionalExtension as _};

use super::{StoreError, schema::SCRIPTS};

/// Runs the scripts that the database has not seen, all in one transaction.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    run(connection, SCRIPTS)
}

fn run(connection: &mut Connection, scripts: &[&str]) -> Result<(), StoreError> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(
        "CREATE TABLE IF NOT EXISTS schema_version (
             only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
             version  INTEGER NOT NULL
         ) STRICT;",
    )?;
    let found: Option<i64> = transaction
        .query_row("SELECT version FROM schema_version", [], |row| row.get(0))
        .optional()?;
    let found = found.unwrap_or(0);
    let known = i64::try_from(scripts.len()).unwrap_or(i64::MAX);
    let unseen = usize::try_from(found)
        .ok()
        .and_then(|seen| scripts.get(seen..))
        .ok_or(StoreError::FromTheFuture { found, known })?;
    for script in unseen {
        transaction.execute_batch(script)?;
    }
    transaction.execute(
        "INSERT INTO schema_version (only_row, version) VALUES (1, ?1)
         ON CONFLICT (only_row) DO UPDATE SET version = excluded.version",
        [known],
    )?;
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(connection: &Connection) -> i64 {
        connection
            .query_row("SELECT version FROM schema_version", [], |row| row.get(0))
            .unwrap()
    }

    #[test]
    fn each_script_runs_once_and_in_order() {
        let mut connection = Connection::open_in_memory().unwrap();
        let scripts = ["CREATE TABLE a (x)", "ALTER TABLE a ADD COLUMN y"];
        run(&mut connection, &scripts[..1]).unwrap();
        run(&mut connection, &scripts[..1]).unwrap();
        assert_eq!(version(&connection), 1);
        run(&mut connection, &scripts).unwrap();
        assert_eq!(version(&connection), 2);
        connection
            .execute("INSERT INTO a (x, y) VALUES (1, 2)", [])
            .unwrap();
    }

    #[test]
    fn a_database_of_a_later_version_is_refused_and_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        run(
            &mut connection,
            &["CREATE TABLE a (x)", "CREATE TABLE b (x)"],
        )
        .unwrap();
        let error = run(&mut connection, &["CREATE TABLE a (x)"]).unwrap_err();
        assert!(
            matches!(error, StoreError::FromTheFuture { found: 2, known: 1 }),
            "{error}"
        );
        assert_eq!(version(&connection), 2);
    }

    #[test]
    fn a_script_that_fails_leaves_the_former_version() {
        let mut connection = Connection::open_in_memory().unwrap();
        run(&mut connection, &["CREATE TABLE a (x)"]).unwrap();
        let broken = [
            "CREATE TABLE a (x)",
            "CREATE TABLE b (x); CREATE TABLE a (x)",
        ];
        assert!(run(&mut connection, &broken).is_err());
        assert_eq!(version(&connection), 1);
        assert!(
            connection
                .execute("INSERT INTO b (x) VALUES (1)", [])
                .is_err()
        );
    }
}
