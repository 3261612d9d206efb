//! Two things measured in turns, so that what disturbs one disturbs the other.

use std::time::Duration;

/// How long one side runs before it is the other's turn.
pub(crate) const TURN: Duration = Duration::from_secs(1);

/// What both sides gave in one pair of turns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn {
    pub(crate) ours: f64,
    pub(crate) floor: f64,
}

/// Measures both sides in turns for `duration` each, after one turn each that does not count.
///
/// # Errors
///
/// What a side returns.
pub(crate) fn interleaved<T>(
    duration: Duration,
    mut ours: impl FnMut() -> anyhow::Result<T>,
    mut floor: impl FnMut() -> anyhow::Result<T>,
) -> anyhow::Result<Vec<(T, T)>> {
    ours()?;
    floor()?;
    let turns = duration.as_secs().div_ceil(TURN.as_secs());
    (0..turns).map(|_| Ok((ours()?, floor()?))).collect()
}

/// The median of one side, or of any figure of the turns.
///
/// # Panics
///
/// If there was no turn.
pub(crate) fn median(turns: &[Turn], figure: impl Fn(&Turn) -> f64) -> f64 {
    let mut figures: Vec<_> = turns.iter().map(figure).collect();
    figures.sort_by(f64::total_cmp);
    *figures
        .get(figures.len() / 2)
        .expect("at least one turn was measured")
}
