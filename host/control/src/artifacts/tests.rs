use std::{
    collections::BTreeSet,
    os::unix::fs::PermissionsExt as _,
    time::{Duration, SystemTime},
};

use super::*;

struct Fixture {
    folder: tempfile::TempDir,
    store: Artifacts,
}

fn fixture(most_bytes: u64) -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let store = Artifacts::open(folder.path(), most_bytes).unwrap();
    Fixture { folder, store }
}

impl Fixture {
    fn put(&self, digest: Digest, pieces: &[&[u8]]) -> Result<u64, ArtifactError> {
        let mut upload = self.store.receive(digest)?;
        for piece in pieces {
            upload.write(piece)?;
        }
        upload.finish()
    }

    fn unfinished(&self) -> usize {
        fs::read_dir(self.folder.path().join("unfinished"))
            .unwrap()
            .count()
    }
}

#[test]
fn an_artifact_reads_back_as_it_came_and_nobody_may_write_it() {
    let fixture = fixture(100);
    let digest = Digest::of(b"hello world");
    assert_eq!(fixture.store.size(digest).unwrap(), None);

    assert_eq!(fixture.put(digest, &[b"hello", b" world"]).unwrap(), 11);

    assert_eq!(fixture.store.size(digest).unwrap(), Some(11));
    assert_eq!(fixture.store.read(digest).unwrap(), b"hello world");
    let metadata = fs::metadata(fixture.store.path(digest)).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o400);
    assert_eq!(fixture.put(digest, &[b"hello world"]).unwrap(), 11, "again");
    assert_eq!(fixture.unfinished(), 0);
}

#[test]
fn bytes_of_another_digest_are_not_kept() {
    let fixture = fixture(100);
    let error = fixture.put(Digest::of(b"wanted"), &[b"other"]).unwrap_err();
    assert!(matches!(error, ArtifactError::Mismatch { .. }), "{error}");
    assert_eq!(fixture.store.size(Digest::of(b"other")).unwrap(), None);
    assert_eq!(fixture.unfinished(), 0);
}

#[test]
fn the_size_limit_holds_at_below_and_above() {
    let fixture = fixture(10);
    for (length, allowed) in [(0, true), (9, true), (10, true), (11, false)] {
        let bytes = vec![7; length];
        let result = fixture.put(Digest::of(&bytes), &bytes.chunks(4).collect::<Vec<_>>());
        assert_eq!(result.is_ok(), allowed, "{length}");
    }
    assert_eq!(fixture.unfinished(), 0);
}

#[test]
fn a_damaged_artifact_is_refused_and_can_be_uploaded_again() {
    let fixture = fixture(100);
    let digest = Digest::of(b"model");
    fixture.put(digest, &[b"model"]).unwrap();
    let path = fixture.store.path(digest);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&path, b"modem").unwrap();

    let error = fixture.store.read(digest).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("artifact {digest} is damaged on disk: upload it again")
    );
    assert_eq!(fixture.store.size(digest).unwrap(), None);

    fixture.put(digest, &[b"model"]).unwrap();
    assert_eq!(fixture.store.read(digest).unwrap(), b"model");
}

#[test]
fn what_a_crash_left_half_written_is_gone_after_the_next_start() {
    let fixture = fixture(100);
    fs::write(fixture.folder.path().join("unfinished/half"), b"ha").unwrap();
    Artifacts::open(fixture.folder.path(), 100).unwrap();
    assert_eq!(fixture.unfinished(), 0);
}

#[test]
fn only_what_is_old_and_unused_is_collected() {
    let fixture = fixture(100);
    let (used, unused) = (Digest::of(b"used"), Digest::of(b"unused"));
    fixture.put(used, &[b"used"]).unwrap();
    fixture.put(unused, &[b"unused"]).unwrap();
    let collect = |hours: u64| {
        let now = SystemTime::now() + Duration::from_secs(hours * 3600);
        fixture.store.collect(&BTreeSet::from([used]), now).unwrap()
    };
    assert_eq!(collect(23), 0);
    assert_eq!(collect(25), 1);
    assert_eq!(fixture.store.size(used).unwrap(), Some(4));
    assert_eq!(fixture.store.size(unused).unwrap(), None);
}
