//! Removes artifacts that nothing refers to.

use std::{
    collections::BTreeSet,
    fs, io,
    time::{Duration, SystemTime},
};

use mlwasm_types::Digest;

use super::Artifacts;

/// A day: whoever uploaded an artifact has had the time to deploy it.
const GRACE: Duration = Duration::from_secs(24 * 3600);

impl Artifacts {
    /// Removes what is not in `used` and is older than a day at `now`, and says how many artifacts that were.
    ///
    /// Only for the start, before anything can be uploaded or deployed.
    pub(crate) fn collect(&self, used: &BTreeSet<Digest>, now: SystemTime) -> io::Result<usize> {
        let used: BTreeSet<_> = used.iter().map(Digest::hex).collect();
        let mut removed = 0;
        for entry in fs::read_dir(&self.0.finished)? {
            let entry = entry?;
            let is_used = entry
                .file_name()
                .to_str()
                .is_some_and(|name| used.contains(name));
            let age = now
                .duration_since(entry.metadata()?.modified()?)
                .unwrap_or_default();
            if !is_used && age > GRACE {
                fs::remove_file(entry.path())?;
                removed += 1;
            }
        }
        Ok(removed)
    }
}
