//! Where collected lines are: `ENDPOINT/DEPLOYMENT/COLLECTION/YYYY/MM/DD/HH/part.jsonl.zst`, hours of UTC.
//!
//! An hour's first file is `part.jsonl.zst`; once it is large, `part.0002.jsonl.zst` follows and so on.

use std::path::{Path, PathBuf};

use jiff::{Timestamp, tz::TimeZone};
use mlwasm_types::{Collection, DeploymentName, EndpointName};

/// The lines of one collection of one deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Series<'a> {
    pub(super) endpoint: &'a EndpointName,
    pub(super) deployment: &'a DeploymentName,
    pub(super) collection: &'a Collection,
}

impl Series<'_> {
    /// Its folder, below that of all collections.
    pub(super) fn folder(&self) -> PathBuf {
        of(self.endpoint, self.deployment).join(self.collection.as_str())
    }
}

/// The folder of all collections of a deployment, below that of all deployments.
pub(super) fn of(endpoint: &EndpointName, deployment: &DeploymentName) -> PathBuf {
    [endpoint.as_str(), deployment.as_str()]
        .into_iter()
        .collect()
}

/// The endpoint and the deployment that a part belongs to, by its path.
pub(super) fn owner(path: &Path) -> Option<(&str, &str)> {
    let mut names = path.iter().map(|name| name.to_str());
    Some((names.next()??, names.next()??))
}

/// The hour's folder, below that of its series. In the order of time, also as text.
pub(super) fn hour(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC)
        .strftime("%Y/%m/%d/%H")
        .to_string()
}

/// The name of an hour's file, which are numbered from 1.
pub(super) fn part(number: u32) -> String {
    match number {
        0 | 1 => "part.jsonl.zst".to_owned(),
        number => format!("part.{number:04}.jsonl.zst"),
    }
}

/// The number of a file of this name; none if it is no part.
pub(super) fn part_number(name: &str) -> Option<u32> {
    let middle = name.strip_prefix("part")?.strip_suffix(".jsonl.zst")?;
    if middle.is_empty() {
        return Some(1);
    }
    let number = middle.strip_prefix('.')?.parse().ok()?;
    // Only as we write it: `part.2` is somebody else's.
    (part(number) == name).then_some(number)
}

/// The age of a part by its path below the folder of all collections: hours come before what they belong to. None if the
/// path is none of ours.
pub(super) fn age(path: &Path) -> Option<(String, u32)> {
    let names: Vec<&str> = path
        .iter()
        .map(|name| name.to_str())
        .collect::<Option<_>>()?;
    let [_, _, _, year, month, day, hour, part] = names.as_slice() else {
        return None;
    };
    let time = [*year, *month, *day, *hour];
    let lengths = [4, 2, 2, 2];
    let is_time = time.iter().zip(lengths).all(|(digits, length)| {
        digits.len() == length && digits.bytes().all(|digit| digit.is_ascii_digit())
    });
    is_time.then_some((time.join("/"), part_number(part)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_in_the_folder_of_its_hour() {
        for (time, folder) in [
            ("2026-01-02T03:04:05Z", "2026/01/02/03"),
            ("2026-12-31T23:59:59.999Z", "2026/12/31/23"),
            ("2027-01-01T00:00:00Z", "2027/01/01/00"),
        ] {
            assert_eq!(hour(time.parse().unwrap()), folder);
        }
        let series = Series {
            endpoint: &EndpointName::new("iris").unwrap(),
            deployment: &DeploymentName::new("blue").unwrap(),
            collection: &Collection::Response,
        };
        assert_eq!(series.folder(), Path::new("iris/blue/response"));
        assert_eq!(owner(&series.folder()), Some(("iris", "blue")));
    }

    #[test]
    fn parts_are_numbered_and_known_by_their_names() {
        for (number, name) in [
            (1, "part.jsonl.zst"),
            (2, "part.0002.jsonl.zst"),
            (9_999, "part.9999.jsonl.zst"),
            (10_000, "part.10000.jsonl.zst"),
        ] {
            assert_eq!(part(number), name);
            assert_eq!(part_number(name), Some(number));
        }
        for name in [
            "part.2.jsonl.zst",
            "part.0001.jsonl.zst",
            "notes.txt",
            "part.jsonl",
        ] {
            assert_eq!(part_number(name), None, "{name}");
        }
    }

    #[test]
    fn older_hours_come_first_whatever_they_belong_to() {
        let age = |path: &str| age(Path::new(path));
        let old = age("z/z/response/2026/01/02/03/part.0010.jsonl.zst").unwrap();
        let new = age("a/a/request/2026/01/02/04/part.jsonl.zst").unwrap();
        assert!(old < new);
        for foreign in [
            "a/a/request/2026/01/02/part.jsonl.zst",
            "a/a/request/2026/1/02/03/part.jsonl.zst",
            "a/a/request/2026/01/02/03/notes.txt",
            "notes.txt",
        ] {
            assert_eq!(age(foreign), None, "{foreign}");
        }
    }
}
