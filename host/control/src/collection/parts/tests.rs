//! What the files promise.

use super::*;

const LINE: &[u8] = b"{\"a\":1}\n";

/// Every deployment is there.
fn all() -> IsThere {
    Box::new(|_, _| true)
}

fn hour(name: &str, hour: u32) -> PathBuf {
    PathBuf::from(format!("{name}/blue/request/2026/01/02/{hour:02}"))
}

fn text(folder: &Path, hour: &Path) -> Option<String> {
    let bytes = fs::read(folder.join(hour).join("part.jsonl.zst")).ok()?;
    let text = frames(&bytes).flat_map(|frame| zstd::decode_all(frame).unwrap());
    Some(String::from_utf8(text.collect()).unwrap())
}

/// Random enough that it stays as long as it is.
fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 1_u64;
    (0..bytes)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            state.to_be_bytes()[0]
        })
        .collect()
}

#[test]
fn frames_follow_one_another_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let hour = hour("e", 3);
    for _ in 0..2 {
        let mut parts = Parts::open(folder.path().to_owned(), 1 << 20, all()).unwrap();
        parts.append(hour.clone(), LINE).unwrap();
        parts.append(hour.clone(), LINE).unwrap();
    }
    let expected = str::from_utf8(LINE).unwrap().repeat(4);
    assert_eq!(text(folder.path(), &hour), Some(expected));
}

#[test]
fn a_torn_tail_costs_its_frame_only_wherever_it_is_torn() {
    let frame = compressed(LINE).unwrap();
    let hour = hour("e", 3);
    for torn in 0..frame.len() {
        let folder = tempfile::tempdir().unwrap();
        let mut parts = Parts::open(folder.path().to_owned(), 1 << 20, all()).unwrap();
        parts.append(hour.clone(), LINE).unwrap();
        let path = folder.path().join(&hour).join("part.jsonl.zst");
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(&frame[..torn]).unwrap();

        let mut parts = Parts::open(folder.path().to_owned(), 1 << 20, all()).unwrap();
        parts.append(hour.clone(), LINE).unwrap();

        let expected = str::from_utf8(LINE).unwrap().repeat(2);
        assert_eq!(text(folder.path(), &hour), Some(expected), "{torn}");
        assert_eq!(fs::metadata(&path).unwrap().len(), 2 * frame.len() as u64);
    }
}

#[test]
fn the_oldest_hours_go_first_whoever_they_belong_to_and_their_folders_too() {
    let folder = tempfile::tempdir().unwrap();
    let lines = noise(1_000);
    let one = compressed(&lines).unwrap().len() as u64;
    let hours = [hour("z", 1), hour("a", 2), hour("a", 3)];
    for (bound, kept) in [(3 * one, 3), (3 * one - 1, 2), (one, 1), (one - 1, 0)] {
        let mut parts = Parts::open(folder.path().to_owned(), bound, all()).unwrap();
        for hour in &hours {
            parts.append(hour.clone(), &lines).unwrap();
        }
        let left = files(folder.path()).unwrap().len();
        assert_eq!(left, kept, "{bound}");
        drop(parts);
        let is_there = |hour: &PathBuf| folder.path().join(hour).exists();
        let expected: Vec<_> = hours.iter().skip(3 - kept).collect();
        assert_eq!(
            hours
                .iter()
                .filter(|hour| is_there(hour))
                .collect::<Vec<_>>(),
            expected
        );
        fs::remove_dir_all(folder.path()).unwrap();
    }
}

#[test]
fn a_smaller_bound_holds_from_the_start_and_what_is_not_ours_stays() {
    let folder = tempfile::tempdir().unwrap();
    let mut parts = Parts::open(folder.path().to_owned(), 1 << 20, all()).unwrap();
    parts.append(hour("e", 1), LINE).unwrap();
    fs::write(folder.path().join("e/notes.txt"), "notes").unwrap();

    drop(Parts::open(folder.path().to_owned(), 1, all()).unwrap());

    assert!(files(folder.path()).unwrap().is_empty());
    assert!(folder.path().join("e/notes.txt").exists());
    assert!(!folder.path().join("e/blue").exists());
}

#[test]
fn a_large_file_is_followed_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let mut parts = Parts::open(folder.path().to_owned(), 1 << 30, all()).unwrap();
    let hour = hour("e", 3);
    let path = |number| folder.path().join(&hour).join(names::part(number));
    parts.append(hour.clone(), &noise(16 << 20)).unwrap();
    parts.append(hour.clone(), LINE).unwrap();
    assert!(path(1).exists() && path(2).exists());

    let mut parts = Parts::open(folder.path().to_owned(), 1 << 30, all()).unwrap();
    parts.append(hour.clone(), LINE).unwrap();
    let second = fs::read(path(2)).unwrap();
    assert_eq!(frames(&second).count(), 2);
    assert!(!path(3).exists());
}

#[test]
fn the_files_of_a_deployment_that_is_gone_make_room_first_and_are_removed_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let is_there = || -> IsThere { Box::new(|endpoint, _| endpoint != "gone") };
    let room = 25_000;
    let mut parts = Parts::open(folder.path().to_owned(), room, is_there()).unwrap();
    // Younger than all others.
    let files = [hour("old", 1), hour("new", 2), hour("gone", 3)];
    for file in &files {
        parts.append(file.clone(), &noise(8_000)).unwrap();
    }
    let is_kept = |file: &PathBuf| folder.path().join(file).exists();
    assert!(files.iter().all(is_kept));
    parts.append(hour("new", 4), &noise(8_000)).unwrap();
    assert_eq!(files.each_ref().map(is_kept), [true, true, false]);
    // Then the oldest.
    parts.append(hour("new", 5), &noise(8_000)).unwrap();
    assert_eq!(files.each_ref().map(is_kept), [false, true, false]);

    let removed = parts.remove(Path::new("new")).unwrap();
    assert_eq!(removed.files, 3);
    assert!(removed.bytes > 24_000, "{removed:?}");
    assert_eq!(parts.total, 0);
    assert_eq!(entries(folder.path()).unwrap().len(), 0);
    // A file may be made again.
    parts.append(hour("new", 5), LINE).unwrap();
    assert!(text(folder.path(), &hour("new", 5)).is_some());
}
