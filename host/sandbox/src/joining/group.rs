//! The groups of one pool whose turn has not come: who is in them, and who may still join.

use std::{collections::VecDeque, sync::Arc, time::Instant};

use tokio::sync::{Notify, oneshot};
use tokio_util::sync::CancellationToken;

use super::{rows::agree, seat::Seat};
use crate::{error::LeaseError, tensors::NamedTensor};

/// With whom a request may be joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Company {
    /// With live requests.
    Live,
    /// With copies of live requests.
    Copies,
    /// With none.
    None,
}

/// A request that can be joined.
#[derive(Clone, Debug)]
pub struct Joinable {
    pub(super) inputs: Arc<[NamedTensor]>,
    pub(super) rows: u32,
    pub(super) company: Company,
}

impl Joinable {
    fn bytes(&self) -> usize {
        self.inputs.iter().map(|input| input.data.len()).sum()
    }
}

/// A request in a group.
pub(super) struct Member {
    pub(super) request: Joinable,
    pub(super) deadline: Instant,
    pub(super) seat: oneshot::Sender<Result<Seat, LeaseError>>,
}

/// Requests that wait for one sandbox together.
pub(super) struct Group {
    id: u64,
    /// Never empty while the group is listed.
    members: Vec<Member>,
    is_full: Arc<Notify>,
    /// Cancelled when all members have left.
    pub(super) gone: CancellationToken,
}

type Receiver = oneshot::Receiver<Result<Seat, LeaseError>>;

/// Where a request went.
pub(super) enum Joined {
    /// Into a group of its own, which somebody has to lead.
    First(Receiver, u64, CancellationToken),
    /// Behind others.
    Behind(Receiver, u64),
}

/// See the module.
pub(super) struct Groups {
    /// In the order in which their first members came.
    open: VecDeque<Group>,
    next: u64,
    most_rows: u32,
    most_bytes: usize,
}

impl Groups {
    pub(super) fn new(most_rows: u32, most_bytes: usize) -> Self {
        Self {
            open: VecDeque::new(),
            next: 0,
            most_rows,
            most_bytes,
        }
    }

    /// Puts a request into the oldest group that has room for it, or into a new one, which has `gone` be cancelled when all
    /// its members have left.
    pub(super) fn join(
        &mut self,
        request: Joinable,
        deadline: Instant,
        gone: impl FnOnce() -> CancellationToken,
    ) -> Joined {
        let (seat, receiver) = oneshot::channel();
        let (most_rows, most_bytes) = (self.most_rows, self.most_bytes);
        let open = self.open.iter_mut();
        let found = open
            .into_iter()
            .find(|group| group.takes(&request, most_rows, most_bytes));
        let member = Member {
            request,
            deadline,
            seat,
        };
        if let Some(group) = found {
            group.members.push(member);
            if group.rows() == most_rows {
                group.is_full.notify_one();
            }
            return Joined::Behind(receiver, group.id);
        }
        let (id, gone) = (self.next, gone());
        self.next += 1;
        self.open.push_back(Group {
            id,
            members: vec![member],
            is_full: Arc::default(),
            gone: gone.clone(),
        });
        Joined::First(receiver, id, gone)
    }

    /// What is told when a group has as many rows as it may.
    pub(super) fn fullness(&mut self, id: u64) -> Arc<Notify> {
        let group = self.find(id);
        group
            .map(|group| Arc::clone(&group.is_full))
            .unwrap_or_default()
    }

    /// Takes out of a group those who have left it, and the group itself with the last of them.
    pub(super) fn forget_the_gone(&mut self, id: u64) {
        let Some(group) = self.find(id) else { return };
        group.members.retain(|member| !member.seat.is_closed());
        if group.members.is_empty() {
            group.gone.cancel();
            self.close(id);
        }
    }

    /// A group whose turn has come: nobody joins it from now on. None if all its members have left.
    pub(super) fn close(&mut self, id: u64) -> Option<Group> {
        let place = self.open.iter().position(|group| group.id == id)?;
        self.open.remove(place)
    }

    /// The requests in all groups.
    pub(super) fn waiting(&self) -> usize {
        self.open.iter().map(|group| group.members.len()).sum()
    }

    fn find(&mut self, id: u64) -> Option<&mut Group> {
        self.open.iter_mut().find(|group| group.id == id)
    }
}

impl Group {
    /// Whether there is room for a request, and its rows can stand behind those of the others. Copies of live requests join
    /// copies only.
    fn takes(&self, request: &Joinable, most_rows: u32, most_bytes: usize) -> bool {
        let Some(first) = self.members.first() else {
            return false;
        };
        let bytes: usize = self.members.iter().map(|it| it.request.bytes()).sum();
        self.rows()
            .checked_add(request.rows)
            .is_some_and(|rows| rows <= most_rows)
            && bytes.saturating_add(request.bytes()) <= most_bytes
            && first.request.company == request.company
            && agree(&first.request.inputs, &request.inputs)
    }

    fn rows(&self) -> u32 {
        self.members.iter().map(|member| member.request.rows).sum()
    }

    pub(super) fn into_members(self) -> Vec<Member> {
        self.members
    }

    /// Tells all members that there is no sandbox.
    pub(super) fn refuse(self, error: LeaseError) {
        for member in self.members {
            // Whoever has left does not ask.
            member.seat.send(Err(error)).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use mlwasm_types::ElementType;

    use super::*;

    fn request(rows: u32, width: u32) -> Joinable {
        let input = NamedTensor {
            name: "x".to_owned(),
            element: ElementType::Uint8,
            shape: vec![rows, width],
            data: Bytes::from(vec![0; (rows * width) as usize]),
        };
        Joinable {
            inputs: [input].into(),
            rows,
            company: Company::Live,
        }
    }

    fn mirrored(rows: u32) -> Joinable {
        Joinable {
            company: Company::Copies,
            ..request(rows, 1)
        }
    }

    fn join(groups: &mut Groups, request: Joinable) -> Joined {
        groups.join(request, Instant::now(), CancellationToken::new)
    }

    /// In which groups requests find their place that come one after the other.
    fn places(requests: Vec<Joinable>) -> Vec<u64> {
        let mut groups = Groups::new(4, 12);
        let mut kept = Vec::new();
        let place = |request| match join(&mut groups, request) {
            Joined::First(receiver, id, _) | Joined::Behind(receiver, id) => {
                kept.push(receiver);
                id
            }
        };
        requests.into_iter().map(place).collect()
    }

    #[test]
    fn a_request_joins_the_oldest_group_that_has_room_for_it() {
        let one = || request(1, 1);
        for (requests, expected) in [
            // Up to four rows.
            (vec![one(), one(), one(), one(), one()], vec![0, 0, 0, 0, 1]),
            (vec![request(3, 1), request(2, 1), one()], vec![0, 1, 0]),
            (vec![request(4, 1), one()], vec![0, 1]),
            // Up to twelve bytes.
            (
                vec![request(1, 6), request(1, 6), request(1, 6)],
                vec![0, 0, 1],
            ),
            (vec![request(1, 7), request(1, 7)], vec![0, 1]),
            (vec![request(1, 13), request(1, 13)], vec![0, 1]),
            // Rows of one size.
            (vec![one(), request(1, 2), one()], vec![0, 1, 0]),
            // Copies with copies.
            (
                vec![one(), mirrored(1), one(), mirrored(1)],
                vec![0, 1, 0, 1],
            ),
        ] {
            assert_eq!(places(requests.clone()), expected, "{requests:?}");
        }
    }

    #[test]
    fn whoever_leaves_makes_room_and_the_last_ends_the_group() {
        let mut groups = Groups::new(4, 100);
        let Joined::First(first, id, gone) = join(&mut groups, request(3, 1)) else {
            panic!("nobody was there")
        };
        let Joined::Behind(second, _) = join(&mut groups, request(1, 1)) else {
            panic!("there was room")
        };
        drop(first);
        groups.forget_the_gone(id);
        assert!(matches!(
            join(&mut groups, request(3, 1)),
            Joined::Behind(..)
        ));
        // The third was dropped at once.
        drop(second);
        groups.forget_the_gone(id);
        assert!(gone.is_cancelled());
        assert!(groups.close(id).is_none());
    }

    #[test]
    fn nobody_joins_a_group_whose_turn_has_come() {
        let mut groups = Groups::new(4, 100);
        let Joined::First(_first, id, _) = join(&mut groups, request(1, 1)) else {
            panic!("nobody was there")
        };
        assert_eq!(groups.close(id).unwrap().into_members().len(), 1);
        assert!(matches!(
            join(&mut groups, request(1, 1)),
            Joined::First(..)
        ));
    }
}
