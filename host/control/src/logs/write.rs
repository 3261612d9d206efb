//! The one task that writes and removes files of logs.

use std::{collections::BTreeMap, io, path::PathBuf, sync::Arc};

use mlwasm_sandbox::{RotatingFile, TaskGroup};
use mlwasm_types::api::LogLine;
use tokio::sync::mpsc;

use super::{Order, Place, Room};
use crate::data_dir::make_private_folder;

/// Orders that are carried out at once.
const AT_ONCE: usize = 512;
/// Bytes that are appended at once: small beside the smallest file.
const PIECE: usize = 64 << 10;
/// Files that stay open between two lines.
const MOST_OPEN: usize = 64;

/// What the task begins with.
pub(crate) struct Unwritten {
    orders: mpsc::Receiver<Order>,
    writer: Writer,
}

struct Writer {
    room: Room,
    open: BTreeMap<PathBuf, RotatingFile>,
    // So that a full disk is told once and not for each line.
    is_failing: bool,
}

/// Lines of one deployment that are written together.
struct Piece {
    to: Arc<Place>,
    text: Vec<u8>,
    lines: u64,
}

impl Unwritten {
    pub(super) fn new(orders: mpsc::Receiver<Order>, room: Room) -> Self {
        Self {
            orders,
            writer: Writer {
                room,
                open: BTreeMap::new(),
                is_failing: false,
            },
        }
    }
}

/// Carries out what comes, until the group shuts down, and then what is still there.
pub(crate) async fn write(unwritten: Unwritten, tasks: TaskGroup) {
    let Unwritten {
        mut orders,
        mut writer,
    } = unwritten;
    loop {
        let mut some = Vec::with_capacity(AT_ONCE);
        tokio::select! {
            biased;
            count = orders.recv_many(&mut some, AT_ONCE) => if count == 0 { return },
            () = tasks.cancelled() => {
                // What comes later is dropped and counted; what is there is still received.
                orders.close();
                continue;
            }
        }
        let worked = tokio::task::spawn_blocking(move || {
            writer.carry_out(some);
            writer
        });
        match worked.await {
            Ok(returned) => writer = returned,
            Err(error) => {
                tracing::error!(%error, "scorers' logs are no longer written to disk");
                return;
            }
        }
    }
}

impl Writer {
    fn carry_out(&mut self, orders: Vec<Order>) {
        let mut pieces = BTreeMap::new();
        for order in orders {
            match order {
                Order::Write { to, line, _share } => self.gather(&mut pieces, to, &line),
                Order::Remove(place) => {
                    pieces.remove(&place.rotation.path);
                    self.open.remove(&place.rotation.path);
                    if let Err(error) = place.remove() {
                        tracing::warn!(%error, "a deleted deployment's log could not be removed: the next start tries again");
                    }
                }
            }
        }
        for (_, piece) in pieces {
            self.append(&piece);
        }
    }

    fn gather(&mut self, pieces: &mut BTreeMap<PathBuf, Piece>, to: Arc<Place>, line: &LogLine) {
        let path = to.rotation.path.clone();
        let piece = pieces.entry(path.clone()).or_insert_with(|| Piece {
            to,
            text: Vec::new(),
            lines: 0,
        });
        // A line is plain data: it always has a JSON form, and memory takes all that is written to it.
        if serde_json::to_writer(&mut piece.text, line).is_ok() {
            piece.text.push(b'\n');
            piece.lines += 1;
        }
        if piece.text.len() >= PIECE
            && let Some(full) = pieces.remove(&path)
        {
            self.append(&full);
        }
    }

    fn append(&mut self, piece: &Piece) {
        match self.try_append(piece) {
            Ok(()) => self.is_failing = false,
            Err(error) => {
                piece.to.lose(piece.lines);
                if !self.is_failing {
                    tracing::warn!(%error, "what scorers print can not be written to disk: it is kept in memory alone until it can");
                }
                self.is_failing = true;
            }
        }
    }

    fn try_append(&mut self, piece: &Piece) -> io::Result<()> {
        let rotation = &piece.to.rotation;
        if self.open.len() >= MOST_OPEN && !self.open.contains_key(&rotation.path) {
            self.open.clear();
        }
        if let Some(folder) = rotation.path.parent()
            && !folder.is_dir()
        {
            make_private_folder(folder)?;
        }
        let file = match self.open.entry(rotation.path.clone()) {
            std::collections::btree_map::Entry::Occupied(there) => there.into_mut(),
            std::collections::btree_map::Entry::Vacant(empty) => {
                empty.insert(RotatingFile::open(rotation.clone())?)
            }
        };
        file.append(&piece.text)?;
        // Lines that are written are not lost if others can not be removed: that is said, not counted.
        if let Err(error) = self.room.wrote(piece.text.len() as u64) {
            tracing::warn!(%error, "the oldest logs of scorers could not be removed");
        }
        Ok(())
    }
}
