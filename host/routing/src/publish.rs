//! How a new table reaches the data plane: one pointer, swapped atomically.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use arc_swap::{ArcSwap, Guard};

use crate::table::RoutingTable;

#[derive(Debug)]
struct Shared {
    table: ArcSwap<RoutingTable>,
    loaded: AtomicBool,
}

/// The one writer of the table. Not `Clone`: only the reconciler holds it.
#[derive(Debug)]
pub struct TablePublisher(Arc<Shared>);

/// A reader of the table.
///
/// # Concurrency
///
/// Reading takes no lock and never waits for the writer.
#[derive(Clone, Debug)]
pub struct TableReader(Arc<Shared>);

/// The two ends. The table is empty, and not loaded, until the first is published.
pub fn channel() -> (TablePublisher, TableReader) {
    let shared = Arc::new(Shared {
        table: ArcSwap::from_pointee(RoutingTable::default()),
        loaded: AtomicBool::new(false),
    });
    (TablePublisher(Arc::clone(&shared)), TableReader(shared))
}

impl TablePublisher {
    /// Makes `table` the one that requests see from now on, and returns the former one.
    ///
    /// The caller keeps the former until no request holds it, so that no request pays for freeing it.
    pub fn publish(&mut self, table: RoutingTable) -> Arc<RoutingTable> {
        let former = self.0.table.swap(Arc::new(table));
        self.0.loaded.store(true, Ordering::Release);
        former
    }
}

impl TableReader {
    /// The table of this moment. Hold it for a few steps, not over an `await`: clone what is needed longer.
    pub fn load(&self) -> Guard<Arc<RoutingTable>> {
        self.0.table.load()
    }

    /// Whether a table was ever published.
    pub fn is_loaded(&self) -> bool {
        self.0.loaded.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use mlwasm_types::Generation;

    use super::*;

    #[test]
    fn readers_see_the_last_table_and_the_publisher_gets_the_former() {
        let (mut publisher, reader) = channel();
        assert!(!reader.is_loaded());

        publisher.publish(RoutingTable::new(Generation(1), []));
        let former = publisher.publish(RoutingTable::new(Generation(2), []));

        assert!(reader.is_loaded());
        assert_eq!(reader.load().generation(), Generation(2));
        assert_eq!(former.generation(), Generation(1));
    }
}
