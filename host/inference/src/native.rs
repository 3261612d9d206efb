//! The calls into ONNX Runtime that `ort` has no safe form for. All of this crate's `unsafe` is here and in `native/`.
//!
//! # Why one session may serve many threads
//!
//! `ort`'s `Session::run` takes `&mut self`, so that two threads can not run one session; its author's reason is that
//! some execution providers (CUDA above all) keep state that runs at once corrupt. ONNX Runtime's own word is that one
//! session may be run from many threads (microsoft/onnxruntime issues 114, 5558, 13571), and its `Run` holds a lock for
//! sessions with a provider that says it can not bear that (`ConcurrentRunSupported`). That is used here in its narrowest
//! form:
//!
//! * The CPU provider runs everything, and no other is registered: no device streams, no captured graphs, no
//!   per-thread contexts. Its kernels compute without writing to themselves; the few with state (random numbers) lock it.
//!   A session with another provider is run under a lock of its own (`sessions`), which is what `&mut self` would give.
//! * What a session shares between runs, it locks itself: the arena that outputs come from and the cache of memory
//!   patterns. All else that a run changes lives in its own execution frame.
//! * Nothing that changes a session is called after it was made: no profiling, no dynamic options, no adapters. The
//!   pointer given to `Run` is never used for anything else.
//! * Options, inputs and outputs belong to one run. An options object is shared with the watchdog only, which sets its
//!   stop flag: what that flag is documented to be for.
//!
//! So `NativeSession` has no interior mutability that Rust would have to know of: it is a handle to an object with
//! thread-safe methods, and `&NativeSession` may be used on any thread.
//!
//! # Why borrowed inputs are sound
//!
//! No tensor value over borrowed memory outlives the borrow: its type says so. ONNX Runtime takes
//! a `*mut` but never writes there: its planner counts the caller as a user of each graph input, so that no operator may
//! reuse its buffer for output. A model may return an input as it is, so that an output borrows as long as the inputs do.
#![expect(
    unsafe_code,
    reason = "ort has no safe way to run a session from many threads or to read borrowed tensors"
)]

mod providers;
mod value;

use std::{
    ffi::{CStr, CString, c_char, c_void},
    mem::ManuallyDrop,
    path::Path,
    ptr::{self, NonNull},
    sync::Arc,
};

use ort::{
    AsPointer,
    memory::{AllocationDevice, AllocatorType, MemoryInfo, MemoryType},
    session::{RunOptions, Session, SharedSessionInner},
    sys,
};

use self::value::element_code;
pub(crate) use self::{
    providers::available_providers,
    value::{Contents, Value, element_of_code},
};
use crate::{
    convert::{CheckedData, CheckedInput},
    error::RuntimeError,
};

/// The version that the library at `path` says it has. The library stays loaded.
pub(crate) fn library_version(path: &Path) -> Result<String, RuntimeError> {
    // SAFETY: loading runs the library's initialisers. Whoever starts this process names the library, as they name this
    // program; a file that is no library is refused by the system's loader before any of it runs.
    let library =
        unsafe { libloading::Library::new(path) }.map_err(|error| RuntimeError::NotALibrary {
            path: path.to_owned(),
            source: Box::new(error),
        })?;
    // SAFETY: only ONNX Runtime exports this symbol, and since its first version with this signature.
    let base = unsafe {
        library.get::<unsafe extern "C" fn() -> *const sys::OrtApiBase>(b"OrtGetApiBase")
    }
    .map_err(|_| RuntimeError::NotOnnxRuntime {
        path: path.to_owned(),
    })?;
    // SAFETY: the function takes nothing and returns a pointer to a static, or null; the version is a static C string.
    let version = unsafe {
        base()
            .as_ref()
            .map(|base| CStr::from_ptr((base.GetVersionString)()))
    }
    .ok_or_else(|| RuntimeError::NotOnnxRuntime {
        path: path.to_owned(),
    })?;
    let version = version.to_string_lossy().into_owned();
    // Unloading what is to be loaded again would run its initialisers twice.
    let _kept = ManuallyDrop::new(library);
    Ok(version)
}

/// A session that any number of threads run at once.
pub(crate) struct NativeSession {
    session: Arc<SharedSessionInner>,
    input_names: Names,
    output_names: Names,
    /// "In this process's memory": what inputs are described as.
    cpu: MemoryInfo<'static>,
}

impl NativeSession {
    pub(crate) fn new(session: &Session) -> ort::Result<Self> {
        Ok(Self {
            session: session.inner(),
            input_names: Names::new(session.inputs().iter().map(|input| input.name()))?,
            output_names: Names::new(session.outputs().iter().map(|output| output.name()))?,
            cpu: MemoryInfo::new(
                AllocationDevice::CPU,
                0,
                AllocatorType::Device,
                MemoryType::Default,
            )?,
        })
    }

    /// Whether the model says how many dimensions its input at `index` has. `ort` shows one that does not as a scalar.
    pub(crate) fn input_has_shape(&self, index: usize) -> ort::Result<bool> {
        let mut info = ptr::null_mut();
        // SAFETY: the session is alive; the type info that it makes is handed over once.
        unsafe {
            let session = self.session.ptr();
            let asked = (ort::api().SessionGetInputTypeInfo)(session, index, &raw mut info);
            check(asked)?;
            has_shape(info)
        }
    }

    /// Whether the model says, or what it computes with tells, how many dimensions its output at `index` has.
    pub(crate) fn output_has_shape(&self, index: usize) -> ort::Result<bool> {
        let mut info = ptr::null_mut();
        // SAFETY: as above.
        unsafe {
            let session = self.session.ptr();
            let asked = (ort::api().SessionGetOutputTypeInfo)(session, index, &raw mut info);
            check(asked)?;
            has_shape(info)
        }
    }

    /// Runs the model. `inputs` must be in the model's order; outputs come in the model's order.
    pub(crate) fn run<'a>(
        &self,
        options: &RunOptions,
        inputs: &'a [CheckedInput<'_>],
    ) -> ort::Result<Vec<Value<'a>>> {
        assert_eq!(
            inputs.len(),
            self.input_names.0.len(),
            "an input for each name"
        );
        let inputs = inputs
            .iter()
            .map(|input| self.value(input))
            .collect::<ort::Result<Vec<_>>>()?;
        let mut outputs = vec![ptr::null_mut(); self.output_names.0.len()];
        // SAFETY: all pointers are alive for the call, and each list is as long as said. `Value` and `Name` are
        // transparent over the pointers that are read here. Null outputs are filled by ONNX Runtime. The session is
        // shared: see the head of this file.
        let ran = unsafe {
            check((ort::api().Run)(
                self.session.ptr().cast_mut(),
                options.ptr(),
                self.input_names.as_ptr(),
                inputs.as_ptr().cast(),
                inputs.len(),
                self.output_names.as_ptr(),
                outputs.len(),
                outputs.as_mut_ptr(),
            ))
        };
        // Take all of them before looking at the result: none may leak.
        // SAFETY: each is null or a value made by this run, with no other owner; what it borrows, if anything, is `inputs`.
        let outputs: Vec<_> = outputs
            .into_iter()
            .map(|output| unsafe { Value::from_raw(output) })
            .collect();
        ran?;
        outputs
            .into_iter()
            .map(|output| output.ok_or_else(|| ort::Error::new("an output is absent")))
            .collect()
    }

    /// A tensor over memory that the check found aligned, as long as its shape says, and of valid elements.
    fn value<'a>(&self, input: &'a CheckedInput<'_>) -> ort::Result<Value<'a>> {
        let (data, length) = match input.data() {
            CheckedData::InPlace(data) => (data.as_ptr(), data.len()),
            CheckedData::Copied { words, length } => (words.as_ptr().cast(), *length),
            CheckedData::Strings(strings) => return Value::of_strings(input.dimensions(), strings),
        };
        let mut value = ptr::null_mut();
        // SAFETY: `data` is valid for `length` bytes as long as `input` is borrowed, which is as long as the value lives.
        // It is only read: see the head of this file. ONNX Runtime copies the dimensions and compares their product with
        // the length.
        let value = unsafe {
            check((ort::api().CreateTensorWithDataAsOrtValue)(
                self.cpu.ptr(),
                data.cast_mut().cast::<c_void>(),
                length,
                input.dimensions().as_ptr(),
                input.dimensions().len(),
                element_code(input.element()),
                &raw mut value,
            ))?;
            Value::from_raw(value)
        };
        value.ok_or_else(|| ort::Error::new("no tensor was made"))
    }
}

/// The names of a model's inputs or outputs as C wants them, made once.
struct Names(Box<[Name]>);

/// Owns a name that came from `CString::into_raw`.
#[repr(transparent)]
struct Name(NonNull<c_char>);

impl Names {
    fn new<'a>(names: impl Iterator<Item = &'a str>) -> ort::Result<Self> {
        let own = |name| CString::new(name).map(Name::new);
        Ok(Self(names.map(own).collect::<Result<_, _>>()?))
    }

    fn as_ptr(&self) -> *const *const c_char {
        self.0.as_ptr().cast()
    }
}

impl Name {
    fn new(name: CString) -> Self {
        // SAFETY: a C string has an address.
        Self(unsafe { NonNull::new_unchecked(name.into_raw()) })
    }
}

impl Drop for Name {
    fn drop(&mut self) {
        // SAFETY: the pointer is from `CString::into_raw` and nobody changed the string.
        drop(unsafe { CString::from_raw(self.0.as_ptr()) });
    }
}

// SAFETY: a name is a heap allocation that nobody changes.
unsafe impl Send for Name {}
// SAFETY: as above; it is only read.
unsafe impl Sync for Name {}

/// Whether a type is that of a tensor whose dimensions are known by number.
///
/// # Safety
///
/// `info` must come from a session, and is released here.
unsafe fn has_shape(info: *mut sys::OrtTypeInfo) -> ort::Result<bool> {
    let api = ort::api();
    let mut tensor = ptr::null();
    // SAFETY: the caller's promise. The view into the type info, null where it is no tensor's, is last used before that is
    // released.
    unsafe {
        let cast = check((api.CastTypeInfoToTensorInfo)(info, &raw mut tensor));
        let has_shape =
            cast.is_ok() && !tensor.is_null() && (api.TensorTypeAndShape_HasShape)(tensor);
        (api.ReleaseTypeInfo)(info);
        cast.map(|()| has_shape)
    }
}

/// Turns a status into a result and frees it.
///
/// # Safety
///
/// The status must come straight from ONNX Runtime: it is released here.
unsafe fn check(status: sys::OrtStatusPtr) -> ort::Result<()> {
    // SAFETY: the caller's promise.
    unsafe { ort::Error::result_from_status(status) }
}
