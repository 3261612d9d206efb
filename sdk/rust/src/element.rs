//! Rust types that can be elements of a tensor.

use crate::{BFloat16, ElementType, Float16};

/// A Rust type that can be an element of a [`Tensor`](crate::Tensor). Strings are handled apart, since their size varies.
pub trait Element: Copy + sealed::Sealed {
    /// The element type of tensors of `Self`.
    const TYPE: ElementType;

    /// Appends the element to `data`, little-endian.
    #[doc(hidden)]
    fn append_to(self, data: &mut Vec<u8>);

    /// Reads an element from exactly as many bytes as one takes.
    #[doc(hidden)]
    fn read_from(bytes: &[u8]) -> Self;
}

mod sealed {
    pub trait Sealed {}
}

// A macro, since no trait of the standard library has `to_le_bytes`.
macro_rules! number {
    ($($rust:ty => $element:ident),+ $(,)?) => {$(
        impl sealed::Sealed for $rust {}

        impl Element for $rust {
            const TYPE: ElementType = ElementType::$element;

            fn append_to(self, data: &mut Vec<u8>) {
                data.extend_from_slice(&self.to_le_bytes());
            }

            fn read_from(bytes: &[u8]) -> Self {
                let mut array = [0; size_of::<Self>()];
                array.copy_from_slice(bytes);
                Self::from_le_bytes(array)
            }
        }
    )+};
}

number! {
    u8 => Uint8, i8 => Int8, u16 => Uint16, i16 => Int16, u32 => Uint32, i32 => Int32, u64 => Uint64, i64 => Int64,
    f32 => Float32, f64 => Float64,
}

impl sealed::Sealed for bool {}

impl Element for bool {
    const TYPE: ElementType = ElementType::Boolean;

    fn append_to(self, data: &mut Vec<u8>) {
        data.push(u8::from(self));
    }

    fn read_from(bytes: &[u8]) -> Self {
        bytes != [0]
    }
}

impl sealed::Sealed for Float16 {}

impl Element for Float16 {
    const TYPE: ElementType = ElementType::Float16;

    fn append_to(self, data: &mut Vec<u8>) {
        self.0.append_to(data);
    }

    fn read_from(bytes: &[u8]) -> Self {
        Self(u16::read_from(bytes))
    }
}

impl sealed::Sealed for BFloat16 {}

impl Element for BFloat16 {
    const TYPE: ElementType = ElementType::BFloat16;

    fn append_to(self, data: &mut Vec<u8>) {
        self.0.append_to(data);
    }

    fn read_from(bytes: &[u8]) -> Self {
        Self(u16::read_from(bytes))
    }
}
