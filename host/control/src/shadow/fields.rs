//! The fields in which answers differed, each with a bit, so that a pair is a word and what is noise can be said later. Pure.

use mlwasm_types::shadow::DifferenceKind;

use super::{
    compare::{Difference, STATUS},
    statistics::{Share, Z_95},
};

/// Fields that are told apart. Answers with more count as differing in others.
const MAX_FIELDS: usize = 63;
/// The bit of the others. Never noise.
const OTHERS: u32 = 63;

/// Some fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Mask(u64);

/// One field.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) path: String,
    pub(super) kind: DifferenceKind,
    /// Pairs that differed in it.
    pub(super) count: u64,
    /// Replays that did.
    pub(super) replayed: u64,
    pub(super) live: String,
    pub(super) mirror: String,
}

/// All fields that ever differed. The status is always the first.
#[derive(Debug)]
pub(super) struct Fields(Vec<Field>);

impl Mask {
    /// The status alone.
    pub(super) const STATUS: Self = Self(1);
    /// What has no place of its own.
    pub(super) const OTHERS: Self = Self(1 << OTHERS);

    fn of(index: usize) -> Self {
        Self(1 << index)
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl Default for Fields {
    fn default() -> Self {
        Self(vec![Field {
            path: STATUS.to_owned(),
            kind: DifferenceKind::Status,
            count: 0,
            replayed: 0,
            live: String::new(),
            mirror: String::new(),
        }])
    }
}

impl Fields {
    /// The bit of the field in which `difference` is.
    pub(super) fn mask_of(&mut self, difference: &Difference) -> Mask {
        let known = self
            .0
            .iter()
            .position(|field| field.path == difference.path);
        if let Some(index) = known {
            let field = &mut self.0[index];
            if field.live.is_empty() && field.mirror.is_empty() {
                field.live.clone_from(&difference.live);
                field.mirror.clone_from(&difference.mirror);
            }
            return Mask::of(index);
        }
        if self.0.len() == MAX_FIELDS {
            return Mask::OTHERS;
        }
        self.0.push(Field {
            path: difference.path.clone(),
            kind: difference.kind,
            count: 0,
            replayed: 0,
            live: difference.live.clone(),
            mirror: difference.mirror.clone(),
        });
        Mask::of(self.0.len() - 1)
    }

    /// Counts a pair that differs in the fields of `mask`.
    pub(super) fn count(&mut self, mask: Mask) {
        self.each(mask, |field| field.count += 1);
    }

    /// Counts a replay that does.
    pub(super) fn count_replay(&mut self, mask: Mask) {
        self.each(mask, |field| field.replayed += 1);
    }

    fn each(&mut self, mask: Mask, mut change: impl FnMut(&mut Field)) {
        for (index, field) in self.0.iter_mut().enumerate() {
            if mask.has(Mask::of(index)) {
                change(field);
            }
        }
    }

    /// The fields that the live deployment itself does not answer alike: those in which replays differed, and about as often as
    /// pairs did. A field in which the live deployment wavers now and then, and the target differs always, is none.
    pub(super) fn noise(&self, comparisons: u64, replays: u64) -> Mask {
        let mut noise = Mask::default();
        for (index, field) in self.0.iter().enumerate() {
            let of_itself = Share {
                count: field.replayed,
                of: replays,
            };
            let of_target = Share {
                count: field.count,
                of: comparisons,
            };
            let is_noise =
                field.replayed > 0 && of_itself.wilson(Z_95).high >= of_target.wilson(Z_95).low;
            if is_noise {
                noise = noise.with(Mask::of(index));
            }
        }
        noise
    }

    /// Every field with its bit.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Mask, &Field)> {
        let fields = self.0.iter().enumerate();
        fields.map(|(index, field)| (Mask::of(index), field))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference(path: &str) -> Difference {
        Difference {
            path: path.to_owned(),
            kind: DifferenceKind::Number,
            live: "1".to_owned(),
            mirror: "2".to_owned(),
        }
    }

    #[test]
    fn each_field_has_its_bit_and_those_too_many_share_one() {
        let mut fields = Fields::default();
        assert_eq!(fields.mask_of(&difference(STATUS)), Mask::STATUS);
        let first = fields.mask_of(&difference("$.a"));
        assert_eq!(fields.mask_of(&difference("$.a")), first);
        for n in 0..MAX_FIELDS - 2 {
            assert_ne!(
                fields.mask_of(&difference(&format!("$.k{n}"))),
                Mask::OTHERS
            );
        }
        assert_eq!(fields.mask_of(&difference("$.more")), Mask::OTHERS);
        assert_eq!(fields.mask_of(&difference("$.a")), first);
        assert_eq!(fields.iter().count(), MAX_FIELDS);
    }

    #[test]
    fn noise_is_what_replays_differ_in_about_as_often_as_pairs() {
        // Pairs that differ of so many, replays that differ of so many, and whether that is noise.
        for (count, comparisons, replayed, replays, is_noise) in [
            (100, 100, 10, 10, true),
            (100, 100, 0, 10, false),
            (1, 100, 1, 10, true),
            // Wavers in one of twenty, and the target differs nearly always.
            (95, 100, 1, 20, false),
            (1_000, 10_000, 1, 20, true),
            (0, 0, 0, 0, false),
        ] {
            let mut fields = Fields::default();
            let mask = fields.mask_of(&difference("$.a"));
            for _ in 0..count {
                fields.count(mask);
            }
            for _ in 0..replayed {
                fields.count_replay(mask);
            }
            let noise = fields.noise(comparisons, replays);
            assert_eq!(
                noise.has(mask),
                is_noise,
                "{count}/{comparisons} {replayed}/{replays}"
            );
            assert!(!noise.has(Mask::STATUS));
        }
    }
}
