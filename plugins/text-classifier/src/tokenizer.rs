//! Cuts texts into pieces of words.
//!
//! `models/train.py` does the same: a model that was trained on other pieces than it is asked about answers nonsense, and no error
//! says so.

/// Longest piece, in characters.
const LONGEST: usize = 3;
/// Stands before and after every word, so that beginnings and ends are pieces of their own.
const EDGE: char = '_';

/// Calls `take` with every piece of one to three characters of every word of `text`, in small letters.
pub(crate) fn pieces(text: &str, mut take: impl FnMut(&str)) {
    let lower = text.to_lowercase();
    let words = lower.split(|character: char| !character.is_alphabetic());
    for word in words.filter(|word| !word.is_empty()) {
        let marked = format!("{EDGE}{word}{EDGE}");
        // Where characters begin, and where the last one ends.
        let borders: Vec<usize> = marked
            .char_indices()
            .map(|(place, _)| place)
            .chain([marked.len()])
            .collect();
        for length in 1..=LONGEST {
            for ends in borders.windows(length + 1) {
                let piece = &marked[ends[0]..ends[length]];
                if piece.chars().ne([EDGE]) {
                    take(piece);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_pieces_with_their_edges() {
        for (text, expected) in [
            ("Ja!", "j a _j ja a_ _ja ja_"),
            ("a", "a _a a_ _a_"),
            ("Ö 1_x", "ö _ö ö_ _ö_ x _x x_ _x_"),
            ("", ""),
            ("12 + 3 = 15", ""),
        ] {
            let mut found = Vec::new();
            pieces(text, |piece| found.push(piece.to_owned()));
            assert_eq!(found.join(" "), expected, "{text:?}");
        }
    }
}
