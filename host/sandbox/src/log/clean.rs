//! Makes the text of a guest fit to be shown on a terminal and stored as one line.

use std::{borrow::Cow, fmt::Write};

/// Longest text of the host's own lines and of what it quotes, in bytes.
pub(super) const MAX_TEXT: usize = 4 << 10;
/// Ends a text that was cut.
const CUT: char = '…';

/// The text with everything escaped that a terminal would obey or a reader would not see, cut at `most` bytes.
pub(crate) fn escaped(text: &str, most: usize) -> String {
    let mut clean = String::with_capacity(text.len().min(most));
    for character in text.chars() {
        let kept = clean.len();
        if is_harmless(character) {
            clean.push(character);
        } else {
            // Writing to a string can not fail.
            write!(clean, "{}", character.escape_default()).ok();
        }
        if clean.len() > most {
            clean.truncate(kept);
            clean.push(CUT);
            break;
        }
    }
    clean
}

/// The beginning of a guest's message, at most [`MAX_TEXT`] bytes of it, for an error that quotes it.
pub(crate) fn shortened(mut text: String) -> String {
    if text.len() > MAX_TEXT {
        text.truncate(text.floor_char_boundary(MAX_TEXT));
        text.push(CUT);
    }
    text
}

/// The bytes as text, whatever they are.
pub(super) fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

fn is_harmless(character: char) -> bool {
    // Beyond the control characters: those that reorder or break lines where the text is shown.
    !character.is_control()
        && !matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_escaped() {
        for (text, clean) in [
            ("plain", "plain"),
            ("größe 🌍", "größe 🌍"),
            ("red \u{1b}[31m", "red \\u{1b}[31m"),
            ("two\nlines\r", "two\\nlines\\r"),
            ("tab\t", "tab\\t"),
            ("nul\0 del\u{7f}", "nul\\u{0} del\\u{7f}"),
            ("c1 \u{9b}31m", "c1 \\u{9b}31m"),
            ("bidi \u{202e}", "bidi \\u{202e}"),
            ("", ""),
        ] {
            assert_eq!(escaped(text, MAX_TEXT), clean);
        }
    }

    #[test]
    fn a_text_is_cut_at_its_limit() {
        for most in [64, MAX_TEXT] {
            for length in [most - 1, most] {
                assert_eq!(escaped(&"x".repeat(length), most).len(), length);
            }
            let cut = "x".repeat(most) + "…";
            assert_eq!(escaped(&"x".repeat(most + 1), most), cut);
            // Escapes count as what they become, and a character is never cut in two.
            assert!(escaped(&"\0".repeat(most), most).len() <= most + CUT.len_utf8());
        }
        for length in [MAX_TEXT - 1, MAX_TEXT] {
            assert_eq!(shortened("x".repeat(length)).len(), length);
        }
        assert_eq!(
            shortened("x".repeat(MAX_TEXT + 1)),
            "x".repeat(MAX_TEXT) + "…"
        );
        assert!(shortened("ö".repeat(MAX_TEXT)).ends_with("ö…"));
    }
}
