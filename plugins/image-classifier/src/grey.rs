//! What decoders give and `shrink` takes.

/// An image in grey: 0 is black, 255 white; rows from the top, each from the left.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Grey {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) pixels: Vec<u8>,
}
