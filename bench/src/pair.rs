//! Things measured in turns, so that what disturbs one disturbs the others.

use std::time::Duration;

/// How long one side runs before it is the next one's turn.
pub(crate) const TURN: Duration = Duration::from_secs(1);

/// What both sides gave in one pair of turns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn {
    pub(crate) ours: f64,
    pub(crate) other: f64,
}

/// One side: each call is a turn.
pub(crate) type Side<'a, T> = &'a mut dyn FnMut() -> anyhow::Result<T>;

/// Measures the sides in turns for `duration` each, after one turn each that does not count. What comes back is, for
/// each round, what each side gave.
///
/// # Errors
///
/// What a side returns.
pub(crate) fn interleaved<T, const N: usize>(
    duration: Duration,
    mut sides: [Side<'_, T>; N],
) -> anyhow::Result<Vec<[T; N]>> {
    let mut round = || {
        let given: Vec<T> = sides
            .iter_mut()
            .map(|side| side())
            .collect::<Result<_, _>>()?;
        let given = <[T; N]>::try_from(given);
        given.map_err(|_| anyhow::anyhow!("each side gives one result"))
    };
    round()?;
    let rounds = duration.as_secs().div_ceil(TURN.as_secs());
    (0..rounds).map(|_| round()).collect()
}

/// One figure of the first and the second side, round by round.
pub(crate) fn turns<T, const N: usize>(
    rounds: &[[T; N]],
    [ours, other]: [usize; 2],
    figure: impl Fn(&T) -> f64,
) -> Vec<Turn> {
    rounds
        .iter()
        .map(|round| Turn {
            ours: figure(&round[ours]),
            other: figure(&round[other]),
        })
        .collect()
}

/// The median: the upper one of two.
///
/// # Panics
///
/// If there is no number.
pub(crate) fn median(numbers: &[f64]) -> f64 {
    let mut numbers = numbers.to_vec();
    numbers.sort_by(f64::total_cmp);
    *numbers
        .get(numbers.len() / 2)
        .expect("at least one turn was measured")
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn sides_take_turns_and_the_first_round_does_not_count() {
        let order = RefCell::new(String::new());
        let side = |name: char| {
            let order = &order;
            move || {
                order.borrow_mut().push(name);
                Ok(order.borrow().len())
            }
        };
        let (mut one, mut other) = (side('a'), side('b'));
        let rounds = interleaved(Duration::from_secs(2), [&mut one, &mut other]).unwrap();
        assert_eq!(*order.borrow(), "ababab");
        assert_eq!(rounds, [[3, 4], [5, 6]]);
    }

    #[test]
    fn the_median_is_the_middle_one() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[1.0]), 1.0);
        assert_eq!(median(&[1.0, 2.0]), 2.0);
    }
}
