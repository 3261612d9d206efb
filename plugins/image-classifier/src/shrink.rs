//! An image of any size as the 8 by 8 numbers that the model was trained on.

use crate::grey::Grey;

/// The side of what the model sees.
pub(crate) const SIDE: usize = 8;

/// The mean ink of each of 8 by 8 fields, 0 for white to 1 for black, rows from the top.
///
/// Fields of an image that can not be divided by 8 take the pixels at their borders in part; smaller images are
/// enlarged the same way.
pub(crate) fn shrink(image: &Grey) -> [f32; SIDE * SIDE] {
    let (columns, rows) = (shares(image.width), shares(image.height));
    let mut fields = [0.0; SIDE * SIDE];
    for (row, field_row) in rows.iter().zip(fields.chunks_mut(SIDE)) {
        for (column, field) in columns.iter().zip(field_row) {
            *field = ink(image, column, row);
        }
    }
    fields
}

/// A pixel's place along one side, and how much of it belongs to a field.
type Share = (usize, f32);

/// The pixels of each field along a side of `length` pixels.
fn shares(length: usize) -> [Vec<Share>; SIDE] {
    // In units of an eighth of a pixel, in which the borders of fields are whole numbers.
    std::array::from_fn(|field| {
        let (begin, end) = (field * length, (field + 1) * length);
        let pixels = begin / SIDE..end.div_ceil(SIDE);
        let share = |pixel: usize| {
            let covered = end.min((pixel + 1) * SIDE) - begin.max(pixel * SIDE);
            #[expect(clippy::cast_precision_loss, reason = "8 at the most")]
            let covered = covered as f32;
            (pixel, covered)
        };
        pixels.map(share).collect()
    })
}

fn ink(image: &Grey, columns: &[Share], rows: &[Share]) -> f32 {
    let (mut sum, mut weights) = (0.0, 0.0);
    for (y, height) in rows {
        let line = &image.pixels[y * image.width..][..image.width];
        for (x, width) in columns {
            let weight = width * height;
            sum += weight * f32::from(u8::MAX - line[*x]);
            weights += weight;
        }
    }
    sum / weights / f32::from(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(width: usize, height: usize, pixel: impl Fn(usize, usize) -> u8) -> Grey {
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        Grey {
            width,
            height,
            pixels: places.map(|(x, y)| pixel(x, y)).collect(),
        }
    }

    #[test]
    fn fields_are_the_means_of_their_pixels() {
        for (width, height) in [(8, 8), (64, 64), (1, 1), (50, 50), (3, 200), (7, 9)] {
            let fields = shrink(&image(width, height, |_, _| 0));
            assert!(
                fields.iter().all(|ink| (ink - 1.0).abs() < 1e-5),
                "{width} by {height}"
            );
        }
        // The left half is black; the middle of 9 pixels is in two fields.
        let fields = shrink(&image(16, 8, |x, _| if x < 8 { 0 } else { 255 }));
        assert_eq!(fields[..SIDE], [1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
        let fields = shrink(&image(4, 1, |x, _| if x == 0 { 0 } else { 255 }));
        assert_eq!(fields[..SIDE], [1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        let fields = shrink(&image(12, 1, |x, _| if x == 1 { 0 } else { 255 }));
        assert!((fields[0] - 1.0 / 3.0).abs() < 1e-5 && (fields[1] - 1.0 / 3.0).abs() < 1e-5);
    }
}
