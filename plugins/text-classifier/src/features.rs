//! Texts as the rows of numbers that the model was trained on.

use std::collections::HashMap;

use crate::tokenizer::pieces;

/// The pieces that the model knows, each with its column.
#[derive(Debug)]
pub(crate) struct Vocabulary(HashMap<String, usize>);

impl Vocabulary {
    /// Reads one piece a line, in the order of the model's columns.
    pub(crate) fn read(text: &str) -> Self {
        let lines = text.lines().enumerate();
        Self(
            lines
                .map(|(column, piece)| (piece.to_owned(), column))
                .collect(),
        )
    }

    /// How many columns a row has.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// How often each piece is in `text`, scaled to the length 1; none if there is no piece that is known.
    pub(crate) fn row(&self, text: &str) -> Option<Vec<f32>> {
        let mut row = vec![0.0_f32; self.len()];
        pieces(text, |piece| {
            if let Some(column) = self.0.get(piece) {
                row[*column] += 1.0;
            }
        });
        let length = row.iter().map(|count| count * count).sum::<f32>().sqrt();
        if length == 0.0 {
            return None;
        }
        row.iter_mut().for_each(|count| *count /= length);
        Some(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_counts_known_pieces_and_has_the_length_1() {
        let vocabulary = Vocabulary::read("a\nja_\nzz\n");
        assert_eq!(vocabulary.len(), 3);
        // Three times `a`, once `ja_`.
        let row = vocabulary.row("Ja, aa").unwrap();
        let length = 10.0_f32.sqrt();
        assert_eq!(row, [3.0 / length, 1.0 / length, 0.0]);
        assert_eq!(vocabulary.row("Hm?"), None);
        assert_eq!(vocabulary.row(""), None);
    }
}
