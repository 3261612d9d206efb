//! PNG and JPEG to grey pixels. Every byte here is a stranger's.
//!
//! The size that a file states is looked at before anything is decoded: a few bytes can promise billions of pixels.

use std::io::Cursor;

use mlwasm_sdk::ScoreError;
use png::{ColorType, Limits, Transformations};
use zune_jpeg::{
    JpegDecoder,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

use crate::grey::Grey;

/// Most pixels of an image: twice this many bytes a channel, for coefficients and pixels, fit the memory of a sandbox.
pub(crate) const MOST_PIXELS: usize = 2 << 20;
/// Memory for what a PNG file holds besides its pixels.
const MOST_PNG_BYTES: usize = 16 << 20;
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const JPEG: &[u8] = b"\xff\xd8\xff";

/// Decodes a PNG or a JPEG, told apart by its first bytes, whatever the request calls it.
///
/// # Errors
///
/// A bad request if it is neither, or broken, or too large.
pub(crate) fn decode(file: &[u8]) -> Result<Grey, ScoreError> {
    if file.starts_with(PNG) {
        of_png(file)
    } else if file.starts_with(JPEG) {
        of_jpeg(file)
    } else {
        Err(ScoreError::bad_request(
            "the body is neither a PNG nor a JPEG image",
        ))
    }
}

fn of_png(file: &[u8]) -> Result<Grey, ScoreError> {
    let broken = |error: png::DecodingError| {
        ScoreError::bad_request(format!("the PNG image can not be decoded: {error}"))
    };
    let limits = Limits {
        bytes: MOST_PNG_BYTES,
    };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(file), limits);
    // One byte a channel, and no palettes.
    decoder.set_transformations(Transformations::normalize_to_color8());
    let header = decoder.read_header_info().map_err(broken)?;
    let (width, height) = (header.width as usize, header.height as usize);
    check_size(width, height)?;
    let mut reader = decoder.read_info().map_err(broken)?;
    let length = reader
        .output_buffer_size()
        .ok_or_else(|| ScoreError::bad_request("the PNG image is too large"))?;
    let mut bytes = vec![0; length];
    let frame = reader.next_frame(&mut bytes).map_err(broken)?;
    bytes.truncate(frame.buffer_size());
    let pixels = match frame.color_type {
        ColorType::Grayscale | ColorType::Indexed => bytes,
        ColorType::GrayscaleAlpha => on_white(&bytes, |pixel: &[u8; 2]| (pixel[0], pixel[1])),
        ColorType::Rgb => on_white(&bytes, |pixel: &[u8; 3]| (grey(pixel), u8::MAX)),
        ColorType::Rgba => on_white(&bytes, |pixel: &[u8; 4]| {
            (grey(&[pixel[0], pixel[1], pixel[2]]), pixel[3])
        }),
    };
    whole(width, height, pixels)
}

fn of_jpeg(file: &[u8]) -> Result<Grey, ScoreError> {
    let broken = |error: zune_jpeg::errors::DecodeErrors| {
        ScoreError::bad_request(format!("the JPEG image can not be decoded: {error}"))
    };
    // Strict, so that half a file is no image.
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .jpeg_set_out_colorspace(ColorSpace::Luma);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(file), options);
    decoder.decode_headers().map_err(broken)?;
    let (width, height) = decoder
        .dimensions()
        .ok_or_else(|| ScoreError::bad_request("the JPEG image states no size"))?;
    check_size(width, height)?;
    let pixels = decoder.decode().map_err(broken)?;
    whole(width, height, pixels)
}

fn check_size(width: usize, height: usize) -> Result<(), ScoreError> {
    let pixels = width.saturating_mul(height);
    if (1..=MOST_PIXELS).contains(&pixels) {
        return Ok(());
    }
    Err(ScoreError::bad_request(format!(
        "the image has {width} by {height} pixels, expected 1 to {MOST_PIXELS} of them"
    )))
}

/// A decoder that gives another number of pixels than the file states must not lead past the end of them.
fn whole(width: usize, height: usize, pixels: Vec<u8>) -> Result<Grey, ScoreError> {
    if pixels.len() == width * height {
        return Ok(Grey {
            width,
            height,
            pixels,
        });
    }
    Err(ScoreError::bad_request(
        "the image has not as many pixels as it states",
    ))
}

/// Lays pixels of a grey and an opacity on white paper.
fn on_white<const N: usize>(bytes: &[u8], split: impl Fn(&[u8; N]) -> (u8, u8)) -> Vec<u8> {
    let (pixels, _) = bytes.as_chunks::<N>();
    let lay = |pixel: &[u8; N]| {
        let (grey, opacity) = split(pixel);
        let (grey, opacity) = (u32::from(grey), u32::from(opacity));
        narrow((grey * opacity + 255 * (255 - opacity)) / 255)
    };
    pixels.iter().map(lay).collect()
}

/// How bright a colour is to the eye, in the weights of JPEG.
fn grey(colour: &[u8; 3]) -> u8 {
    let [red, green, blue] = colour.map(u32::from);
    narrow((299 * red + 587 * green + 114 * blue + 500) / 1_000)
}

fn narrow(value: u32) -> u8 {
    u8::try_from(value).unwrap_or(u8::MAX)
}
