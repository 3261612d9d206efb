//! Where in a message something stands, as in `inputs[0].shape[1]`.

use std::fmt;

/// A place, and the places around it. Made on the stack, written only in an error's text.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'a> {
    Whole,
    Field(&'a Place<'a>, &'static str),
    Item(&'a Place<'a>, usize),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => f.write_str("the body"),
            Self::Field(Self::Whole, name) => f.write_str(name),
            Self::Field(around, name) => write!(f, "{around}.{name}"),
            Self::Item(around, index) => write!(f, "{around}[{index}]"),
        }
    }
}
