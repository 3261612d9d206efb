//! The files that the program carries for projects: the SDKs with their templates, and the contract.

/// Paths from the workspace's root, with the bytes; in the order of the paths within each folder.
static FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The files below `folder`, which ends with a `/`, by their paths within it.
pub(super) fn below(folder: &str) -> impl Iterator<Item = (&'static str, &'static [u8])> {
    FILES
        .iter()
        .filter_map(move |(path, bytes)| Some((path.strip_prefix(folder)?, *bytes)))
}
