//! When two numbers count as the same. Pure.

/// Whole numbers up to this are taken for classes or small codes: no tolerance makes class 20 of class 21.
const LARGEST_LABEL: f64 = 255.0;

/// How far the sum of probabilities may be from 1: models in half precision are off by that much.
const SUM_SLACK: f64 = 0.01;

/// Floats have magnitudes between these, or are 0: what has not is no array of floats.
const PLAUSIBLE: std::ops::Range<f32> = 1e-30..1e30;

/// Whether numbers count as equal: their distance is at most `tolerance` of the larger one. Below a thousandth it is measured
/// against that, so that the last bits of what is nearly 0 are no difference.
pub(super) fn is_close(one: f64, other: f64, tolerance: f64) -> bool {
    // Infinities, and what is not a number, are equal to their like.
    one.to_bits() == other.to_bits()
        || one == other
        || (one - other).abs() <= tolerance * one.abs().max(other.abs()).max(1e-3)
}

/// Whether both are whole and small, as labels are.
pub(super) fn are_labels(one: f64, other: f64) -> bool {
    [one, other]
        .iter()
        .all(|number| number.fract() == 0.0 && number.abs() <= LARGEST_LABEL)
}

/// Which of these is the largest, if they are probabilities of some classes.
pub(super) fn most_likely(numbers: &[f64]) -> Option<usize> {
    let are_shares = numbers.iter().all(|number| (0.0..=1.0).contains(number));
    let sum: f64 = numbers.iter().sum();
    if numbers.len() < 2 || !are_shares || (sum - 1.0).abs() > SUM_SLACK {
        return None;
    }
    let largest = numbers
        .iter()
        .enumerate()
        .max_by(|one, other| one.1.total_cmp(other.1));
    largest.map(|(index, _)| index)
}

/// The most likely classes of two arrays of probabilities, if they are different ones. Those that are as likely, within
/// `tolerance`, are no different.
pub(super) fn other_class(live: &[f64], mirror: &[f64], tolerance: f64) -> Option<(usize, usize)> {
    let (one, other) = (most_likely(live)?, most_likely(mirror)?);
    let is_tie = is_close(*live.get(one)?, *live.get(other)?, tolerance);
    (one != other && !is_tie).then_some((one, other))
}

/// The little-endian floats that both bodies hold, if they are such arrays of equal length.
pub(super) fn floats(live: &[u8], mirror: &[u8]) -> Option<(Vec<f32>, Vec<f32>)> {
    if live.len() != mirror.len() || live.is_empty() || !live.len().is_multiple_of(4) {
        return None;
    }
    Some((read(live)?, read(mirror)?))
}

fn read(body: &[u8]) -> Option<Vec<f32>> {
    let (numbers, _) = body.as_chunks::<4>();
    let number = |bytes: &[u8; 4]| {
        let number = f32::from_le_bytes(*bytes);
        // Whole numbers of 32 bits read as floats are tiny, and would all be nearly 0.
        let is_plausible =
            number == 0.0 || PLAUSIBLE.contains(&number.abs()) || !number.is_finite();
        is_plausible.then_some(number)
    };
    numbers.iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closeness_is_relative_and_absolute_near_zero() {
        let cases = [
            (1.0, 1.0, 0.0, true),
            (1.0, 1.0 + 1e-9, 1e-6, true),
            (1.0, 1.0 + 1e-3, 1e-6, false),
            (1e6, 1e6 + 1.0, 1e-6, true),
            (1e6, 1e6 + 2.0, 1e-6, false),
            (-1.0, 1.0, 1e-6, false),
            (0.0, 1e-9, 1e-6, true),
            (0.0, 2e-9, 1e-6, false),
            (0.0, -0.0, 0.0, true),
            (f64::NAN, f64::NAN, 0.0, true),
            (f64::NAN, 1.0, 1.0, false),
            (f64::INFINITY, f64::INFINITY, 0.0, true),
            (10.0, 11.0, 0.1, true),
            (10.0, 11.2, 0.1, false),
        ];
        for (one, other, tolerance, close) in cases {
            assert_eq!(
                is_close(one, other, tolerance),
                close,
                "{one} {other} {tolerance}"
            );
            assert_eq!(
                is_close(other, one, tolerance),
                close,
                "{other} {one} {tolerance}"
            );
        }
    }

    #[test]
    fn small_whole_numbers_are_labels() {
        for (one, other, labels) in [
            (0.0, 1.0, true),
            (255.0, -255.0, true),
            (255.0, 256.0, false),
            (1.0, 1.5, false),
        ] {
            assert_eq!(are_labels(one, other), labels, "{one} {other}");
        }
    }

    #[test]
    fn the_most_likely_class_is_looked_for_among_probabilities_only() {
        assert_eq!(most_likely(&[0.2, 0.7, 0.1]), Some(1));
        assert_eq!(most_likely(&[0.2, 0.705, 0.1]), Some(1));
        for numbers in [&[1.0][..], &[0.5, 0.2], &[1.5, -0.5], &[3.0, 2.0], &[]] {
            assert_eq!(most_likely(numbers), None, "{numbers:?}");
        }
    }

    #[test]
    fn another_class_is_one_but_for_ties() {
        let far = 1e-6;
        assert_eq!(other_class(&[0.6, 0.4], &[0.4, 0.6], far), Some((0, 1)));
        assert_eq!(other_class(&[0.6, 0.4], &[0.7, 0.3], far), None);
        assert_eq!(other_class(&[0.5, 0.5], &[0.4, 0.6], far), None);
        assert_eq!(
            other_class(&[0.5001, 0.4999], &[0.4999, 0.5001], far),
            Some((0, 1))
        );
    }

    #[test]
    fn only_what_looks_like_floats_is_read_as_floats() {
        let floats_of = |numbers: &[f32]| {
            numbers
                .iter()
                .flat_map(|n| n.to_le_bytes())
                .collect::<Vec<_>>()
        };
        let one = floats_of(&[0.0, 1.5, -2e-7, f32::NAN]);
        assert!(floats(&one, &one).is_some());
        let whole: Vec<u8> = [1_u32, 2, 3, 70_000]
            .iter()
            .flat_map(|n| n.to_le_bytes())
            .collect();
        assert!(floats(&whole, &one).is_none());
        assert!(floats(&one, &one[..12]).is_none());
        assert!(floats(&one[..3], &one[..3]).is_none());
        assert!(floats(&[], &[]).is_none());
    }
}
