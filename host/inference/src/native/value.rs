//! Tensors on ONNX Runtime's side of the border.

use std::{
    borrow::Cow,
    ffi::{c_char, c_int},
    marker::PhantomData,
    ptr::{self, NonNull},
};

use mlwasm_types::{ElementType, tensor::element_count};
use ort::sys;

use super::check;

/// A tensor of ONNX Runtime's, whose data may be borrowed for `'a`.
#[repr(transparent)]
pub(crate) struct Value<'a> {
    pointer: NonNull<sys::OrtValue>,
    data: PhantomData<&'a [u8]>,
}

impl Drop for Value<'_> {
    fn drop(&mut self) {
        // SAFETY: this is the value's only owner. Borrowed data is not freed with it.
        unsafe { (ort::api().ReleaseValue)(self.pointer.as_ptr()) }
    }
}

/// What an output holds.
pub(crate) enum Contents<'a> {
    /// A tensor. Strings are copied out, each behind its length; all else stays where it is.
    Tensor {
        element: ElementType,
        shape: Vec<u32>,
        data: Cow<'a, [u8]>,
    },
    /// A tensor of more bytes than are allowed.
    TooLarge,
    /// Something that the contract has no word for.
    Other,
}

impl Value<'_> {
    /// Owns the value at `pointer`; nothing if that is null.
    ///
    /// # Safety
    ///
    /// `pointer` is null or a value that nobody else releases, and the data it borrows outlives `Self`.
    pub(super) unsafe fn from_raw(pointer: *mut sys::OrtValue) -> Option<Self> {
        NonNull::new(pointer).map(|pointer| Self {
            pointer,
            data: PhantomData,
        })
    }

    pub(super) fn of_strings(dimensions: &[i64], strings: &[&[u8]]) -> ort::Result<Self> {
        let api = ort::api();
        let mut allocator = ptr::null_mut();
        let mut value = ptr::null_mut();
        // SAFETY: the default allocator is a static of ONNX Runtime's. Dimensions are copied; the value owns its data.
        let value = unsafe {
            check((api.GetAllocatorWithDefaultOptions)(&raw mut allocator))?;
            check((api.CreateTensorAsOrtValue)(
                allocator,
                dimensions.as_ptr(),
                dimensions.len(),
                element_code(ElementType::Bytes),
                &raw mut value,
            ))?;
            Self::from_raw(value)
        };
        let value = value.ok_or_else(|| ort::Error::new("no tensor was made"))?;
        for (index, string) in strings.iter().enumerate() {
            let mut buffer: *mut c_char = ptr::null_mut();
            // SAFETY: ONNX Runtime checks the index, and makes room for as many bytes as asked for; those are written.
            unsafe {
                check((api.GetResizedStringTensorElementBuffer)(
                    value.pointer.as_ptr(),
                    index,
                    string.len(),
                    &raw mut buffer,
                ))?;
                ptr::copy_nonoverlapping(string.as_ptr(), buffer.cast(), string.len());
            }
        }
        Ok(value)
    }

    /// What a run returned, if it takes no more than `limit` bytes.
    pub(crate) fn contents(&self, limit: usize) -> ort::Result<Contents<'_>> {
        let Some((element, shape)) = self.element_and_shape()? else {
            return Ok(Contents::Other);
        };
        let Some(count) = element_count(&shape) else {
            return Ok(Contents::TooLarge);
        };
        let data = match element.size_in_bytes() {
            // An empty tensor may have no data to point to.
            _ if count == 0 => Some(Cow::Borrowed(&[][..])),
            _ if !self.is_in_this_memory()? => return Ok(Contents::Other),
            // SAFETY: both are of this tensor, and its data is here.
            Some(size) => unsafe { self.elements(count, size, limit)?.map(Cow::Borrowed) },
            // SAFETY: as above.
            None => unsafe { self.strings(count, limit)?.map(Cow::Owned) },
        };
        Ok(match data {
            Some(data) => Contents::Tensor {
                element,
                shape,
                data,
            },
            None => Contents::TooLarge,
        })
    }

    fn element_and_shape(&self) -> ort::Result<Option<(ElementType, Vec<u32>)>> {
        let api = ort::api();
        let mut is_tensor: c_int = 0;
        let mut element: i32 = 0;
        let mut dimensions: *const i64 = ptr::null();
        let mut rank = 0;
        // SAFETY: the value is alive, and the dimensions are read while it is. The element type is read as the integer it
        // is in C: a later ONNX Runtime may have types that the Rust enum lacks.
        let dimensions = unsafe {
            check((api.IsTensor)(self.pointer.as_ptr(), &raw mut is_tensor))?;
            if is_tensor == 0 {
                return Ok(None);
            }
            check((api.GetTensorElementTypeAndShapeDataReference)(
                self.pointer.as_ptr(),
                (&raw mut element).cast(),
                &raw mut dimensions,
                &raw mut rank,
            ))?;
            // A scalar's dimensions may be null.
            if rank == 0 {
                &[]
            } else {
                std::slice::from_raw_parts(dimensions, rank)
            }
        };
        let shape: Result<Vec<u32>, _> =
            dimensions.iter().map(|&size| u32::try_from(size)).collect();
        Ok(element_of_code(element).zip(shape.ok()))
    }

    /// Whether the data is where a pointer reaches it. ONNX Runtime copies outputs off a device by itself; this does not
    /// rely on it.
    fn is_in_this_memory(&self) -> ort::Result<bool> {
        let api = ort::api();
        let mut memory = ptr::null();
        let mut device: i32 = 0;
        // SAFETY: the value is alive and a tensor; its description lives as long as it does. The device is read as the
        // integer it is in C: a later ONNX Runtime may have devices that the Rust enum lacks.
        unsafe {
            check((api.GetTensorMemoryInfo)(
                self.pointer.as_ptr(),
                &raw mut memory,
            ))?;
            (api.MemoryInfoGetDeviceType)(memory, (&raw mut device).cast());
        }
        Ok(device == sys::OrtMemoryInfoDeviceType::OrtMemoryInfoDeviceType_CPU as i32)
    }

    /// The elements of a tensor of anything but strings, or `None` if they take more than `limit` bytes.
    ///
    /// # Safety
    ///
    /// The tensor has `count` elements, at least one, each of `size` bytes, in this process's memory.
    unsafe fn elements(
        &self,
        count: usize,
        size: usize,
        limit: usize,
    ) -> ort::Result<Option<&[u8]>> {
        let Some(length) = count.checked_mul(size).filter(|length| *length <= limit) else {
            return Ok(None);
        };
        let mut data = ptr::null_mut();
        // SAFETY: a tensor that ONNX Runtime returned has as many elements as its shape says, all of them written. They
        // stay as they are while the value is borrowed: nothing here writes to one.
        unsafe {
            check((ort::api().GetTensorMutableData)(
                self.pointer.as_ptr(),
                &raw mut data,
            ))?;
            Ok(Some(std::slice::from_raw_parts(data.cast::<u8>(), length)))
        }
    }

    /// The elements of a tensor of strings, each behind its length, or `None` if they take more than `limit` bytes.
    ///
    /// # Safety
    ///
    /// The tensor is one of `count` strings, at least one.
    unsafe fn strings(&self, count: usize, limit: usize) -> ort::Result<Option<Vec<u8>>> {
        let api = ort::api();
        let Some(room) = count
            .checked_mul(4)
            .and_then(|lengths| limit.checked_sub(lengths))
        else {
            return Ok(None);
        };
        let mut length = 0;
        // SAFETY: the value is alive.
        unsafe {
            check((api.GetStringTensorDataLength)(
                self.pointer.as_ptr(),
                &raw mut length,
            ))?
        };
        if length > room {
            return Ok(None);
        }
        let mut bytes = vec![0_u8; length];
        let mut starts = vec![0_usize; count];
        // SAFETY: both buffers are as long as said, which ONNX Runtime compares with what it writes.
        unsafe {
            check((api.GetStringTensorContent)(
                self.pointer.as_ptr(),
                bytes.as_mut_ptr().cast(),
                length,
                starts.as_mut_ptr(),
                count,
            ))?;
        }
        let mut encoded = Vec::with_capacity(length + 4 * count);
        for (index, &start) in starts.iter().enumerate() {
            let string = &bytes[start..starts.get(index + 1).copied().unwrap_or(length)];
            let Ok(size) = u32::try_from(string.len()) else {
                return Ok(None);
            };
            encoded.extend_from_slice(&size.to_le_bytes());
            encoded.extend_from_slice(string);
        }
        Ok(Some(encoded))
    }
}

pub(super) fn element_code(element: ElementType) -> sys::ONNXTensorElementDataType {
    use sys::ONNXTensorElementDataType as Code;
    match element {
        ElementType::Boolean => Code::ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL,
        ElementType::Uint8 => Code::ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8,
        ElementType::Int8 => Code::ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8,
        ElementType::Uint16 => Code::ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16,
        ElementType::Int16 => Code::ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16,
        ElementType::Uint32 => Code::ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32,
        ElementType::Int32 => Code::ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32,
        ElementType::Uint64 => Code::ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64,
        ElementType::Int64 => Code::ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64,
        ElementType::Float16 => Code::ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16,
        ElementType::Bfloat16 => Code::ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16,
        ElementType::Float32 => Code::ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT,
        ElementType::Float64 => Code::ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE,
        ElementType::Bytes => Code::ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING,
    }
}

/// The contract's word for one of ONNX Runtime's element types; it has none for complex numbers and for types below a byte.
pub(crate) fn element_of_code(code: i32) -> Option<ElementType> {
    ElementType::ALL
        .into_iter()
        .find(|element| element_code(*element) as i32 == code)
}
