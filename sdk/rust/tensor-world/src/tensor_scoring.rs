#[allow(dead_code, clippy::all)]
pub mod mlwasm {
    pub mod scoring {
        /// Native inference, offered by the host: the one power a scorer has beyond its language's standard library.
        ///
        /// Models run outside the sandbox, in the host's own engine. A scorer sees the models that its deployment lists,
        /// each under the name given there, and no others.
        #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
        pub mod inference {
            #[used]
            #[doc(hidden)]
            static __FORCE_SECTION_REF: fn() = super::super::super::__link_custom_section_describing_imports;
            use super::super::super::_rt;
            /// The type of a tensor's elements.
            ///
            /// The names are not `u8` or `f32`, since those are keywords of WIT.
            #[repr(u8)]
            #[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
            pub enum ElementType {
                /// One byte: 0 is false, 1 is true.
                Boolean,
                /// One byte, unsigned.
                Uint8,
                /// One byte, two's complement.
                Int8,
                /// Two bytes, unsigned.
                Uint16,
                /// Two bytes, two's complement.
                Int16,
                /// Four bytes, unsigned.
                Uint32,
                /// Four bytes, two's complement.
                Int32,
                /// Eight bytes, unsigned.
                Uint64,
                /// Eight bytes, two's complement.
                Int64,
                /// IEEE 754 binary16, two bytes.
                Float16,
                /// The upper half of an IEEE 754 binary32, two bytes.
                Bfloat16,
                /// IEEE 754 binary32, four bytes.
                Float32,
                /// IEEE 754 binary64, eight bytes.
                Float64,
                /// Strings: each element is a 4-byte little-endian length and then that many bytes.
                Bytes,
            }
            impl ::core::fmt::Debug for ElementType {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    match self {
                        ElementType::Boolean => {
                            f.debug_tuple("ElementType::Boolean").finish()
                        }
                        ElementType::Uint8 => {
                            f.debug_tuple("ElementType::Uint8").finish()
                        }
                        ElementType::Int8 => f.debug_tuple("ElementType::Int8").finish(),
                        ElementType::Uint16 => {
                            f.debug_tuple("ElementType::Uint16").finish()
                        }
                        ElementType::Int16 => {
                            f.debug_tuple("ElementType::Int16").finish()
                        }
                        ElementType::Uint32 => {
                            f.debug_tuple("ElementType::Uint32").finish()
                        }
                        ElementType::Int32 => {
                            f.debug_tuple("ElementType::Int32").finish()
                        }
                        ElementType::Uint64 => {
                            f.debug_tuple("ElementType::Uint64").finish()
                        }
                        ElementType::Int64 => {
                            f.debug_tuple("ElementType::Int64").finish()
                        }
                        ElementType::Float16 => {
                            f.debug_tuple("ElementType::Float16").finish()
                        }
                        ElementType::Bfloat16 => {
                            f.debug_tuple("ElementType::Bfloat16").finish()
                        }
                        ElementType::Float32 => {
                            f.debug_tuple("ElementType::Float32").finish()
                        }
                        ElementType::Float64 => {
                            f.debug_tuple("ElementType::Float64").finish()
                        }
                        ElementType::Bytes => {
                            f.debug_tuple("ElementType::Bytes").finish()
                        }
                    }
                }
            }
            impl ElementType {
                #[doc(hidden)]
                pub unsafe fn _lift(val: u8) -> ElementType {
                    if !cfg!(debug_assertions) {
                        return unsafe { ::core::mem::transmute(val) };
                    }
                    match val {
                        0 => ElementType::Boolean,
                        1 => ElementType::Uint8,
                        2 => ElementType::Int8,
                        3 => ElementType::Uint16,
                        4 => ElementType::Int16,
                        5 => ElementType::Uint32,
                        6 => ElementType::Int32,
                        7 => ElementType::Uint64,
                        8 => ElementType::Int64,
                        9 => ElementType::Float16,
                        10 => ElementType::Bfloat16,
                        11 => ElementType::Float32,
                        12 => ElementType::Float64,
                        13 => ElementType::Bytes,
                        _ => panic!("invalid enum discriminant"),
                    }
                }
            }
            /// A dense array with a name.
            #[derive(Clone)]
            pub struct TensorResult {
                /// The model's input or output that this tensor is for.
                pub name: _rt::String,
                /// What `data` is made of.
                pub element: ElementType,
                /// The size of each dimension, outermost first. Empty for a scalar.
                pub shape: _rt::Vec<u32>,
                /// The elements: row-major, little-endian, without padding. Holds exactly product(shape) elements.
                pub data: _rt::Vec<u8>,
            }
            impl ::core::fmt::Debug for TensorResult {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("TensorResult")
                        .field("name", &self.name)
                        .field("element", &self.element)
                        .field("shape", &self.shape)
                        .field("data", &self.data)
                        .finish()
                }
            }
            /// A dense array with a name.
            #[derive(Clone)]
            pub struct TensorParam<'a> {
                /// The model's input or output that this tensor is for.
                pub name: &'a str,
                /// What `data` is made of.
                pub element: ElementType,
                /// The size of each dimension, outermost first. Empty for a scalar.
                pub shape: &'a [u32],
                /// The elements: row-major, little-endian, without padding. Holds exactly product(shape) elements.
                pub data: &'a [u8],
            }
            impl<'a> ::core::fmt::Debug for TensorParam<'a> {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("TensorParam")
                        .field("name", &self.name)
                        .field("element", &self.element)
                        .field("shape", &self.shape)
                        .field("data", &self.data)
                        .finish()
                }
            }
            /// What a model takes or gives under one name.
            #[derive(Clone)]
            pub struct TensorSpec {
                /// The name of the input or output.
                pub name: _rt::String,
                /// The only element type that is accepted or given.
                pub element: ElementType,
                /// The size of each dimension, outermost first; `none` is any size, such as the number of rows in a batch. A single
                /// dimension of 4294967295 is a word of its own: any number of dimensions, each of any size, since some models declare
                /// no shape. No tensor has that one.
                pub shape: _rt::Vec<::core::option::Option<u32>>,
            }
            impl ::core::fmt::Debug for TensorSpec {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("TensorSpec")
                        .field("name", &self.name)
                        .field("element", &self.element)
                        .field("shape", &self.shape)
                        .finish()
                }
            }
            /// Why a model could not be opened or run.
            #[derive(Clone)]
            pub enum InferenceError {
                /// The deployment has no model of this name. Carries the name and those that exist.
                UnknownModel(_rt::String),
                /// The tensors do not fit the model's inputs: a name, element type, shape or length. Nothing was run.
                InvalidInput(_rt::String),
                /// The model was run and failed, or could not be run.
                Failed(_rt::String),
            }
            impl ::core::fmt::Debug for InferenceError {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    match self {
                        InferenceError::UnknownModel(e) => {
                            f.debug_tuple("InferenceError::UnknownModel")
                                .field(e)
                                .finish()
                        }
                        InferenceError::InvalidInput(e) => {
                            f.debug_tuple("InferenceError::InvalidInput")
                                .field(e)
                                .finish()
                        }
                        InferenceError::Failed(e) => {
                            f.debug_tuple("InferenceError::Failed").field(e).finish()
                        }
                    }
                }
            }
            impl ::core::fmt::Display for InferenceError {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    write!(f, "{:?}", self)
                }
            }
            impl ::core::error::Error for InferenceError {}
            /// A model that the host has loaded. Opening is cheap, and yet belongs into `init`: handles are limited in number.
            #[derive(Debug)]
            #[repr(transparent)]
            pub struct Model {
                handle: _rt::Resource<Model>,
            }
            impl Model {
                #[doc(hidden)]
                pub unsafe fn from_handle(handle: u32) -> Self {
                    Self {
                        handle: unsafe { _rt::Resource::from_handle(handle) },
                    }
                }
                #[doc(hidden)]
                pub fn take_handle(&self) -> u32 {
                    _rt::Resource::take_handle(&self.handle)
                }
                #[doc(hidden)]
                pub fn handle(&self) -> u32 {
                    _rt::Resource::handle(&self.handle)
                }
            }
            unsafe impl _rt::WasmResource for Model {
                #[inline]
                unsafe fn drop(_handle: u32) {
                    #[cfg(target_arch = "wasm32")]
                    #[link(wasm_import_module = "mlwasm:scoring/inference@0.1.0")]
                    unsafe extern "C" {
                        #[link_name = "[resource-drop]model"]
                        fn drop(_: i32);
                    }
                    #[cfg(not(target_arch = "wasm32"))]
                    unsafe extern "C" fn drop(_: i32) {
                        unreachable!()
                    }
                    unsafe {
                        drop(_handle as i32);
                    }
                }
            }
            impl Model {
                #[allow(unused_unsafe, clippy::all)]
                /// Opens the model that the deployment lists under this name.
                #[allow(async_fn_in_trait)]
                pub fn open(
                    name: &str,
                ) -> ::core::result::Result<Model, InferenceError> {
                    unsafe {
                        #[cfg_attr(target_pointer_width = "64", repr(align(8)))]
                        #[cfg_attr(target_pointer_width = "32", repr(align(4)))]
                        struct RetArea(
                            [::core::mem::MaybeUninit<
                                u8,
                            >; 4 * ::core::mem::size_of::<*const u8>()],
                        );
                        let mut ret_area = RetArea(
                            [::core::mem::MaybeUninit::uninit(); 4
                                * ::core::mem::size_of::<*const u8>()],
                        );
                        let vec0 = name;
                        let ptr0 = vec0.as_ptr().cast::<u8>();
                        let len0 = vec0.len();
                        let ptr1 = ret_area.0.as_mut_ptr().cast::<u8>();
                        #[cfg(target_arch = "wasm32")]
                        #[link(wasm_import_module = "mlwasm:scoring/inference@0.1.0")]
                        unsafe extern "C" {
                            #[link_name = "[static]model.open"]
                            fn wit_import2(_: *mut u8, _: usize, _: *mut u8);
                        }
                        #[cfg(not(target_arch = "wasm32"))]
                        unsafe extern "C" fn wit_import2(
                            _: *mut u8,
                            _: usize,
                            _: *mut u8,
                        ) {
                            unreachable!()
                        }
                        wit_import2(ptr0.cast_mut(), len0, ptr1);
                        let l3 = i32::from(*ptr1.add(0).cast::<u8>());
                        let result16 = match l3 {
                            0 => {
                                let e = {
                                    let l4 = *ptr1
                                        .add(::core::mem::size_of::<*const u8>())
                                        .cast::<i32>();
                                    Model::from_handle(l4 as u32)
                                };
                                Ok(e)
                            }
                            1 => {
                                let e = {
                                    let l5 = i32::from(
                                        *ptr1.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                    );
                                    let v15 = match l5 {
                                        0 => {
                                            let e15 = {
                                                let l6 = *ptr1
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<*mut u8>();
                                                let l7 = *ptr1
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<usize>();
                                                let len8 = l7;
                                                let bytes8 = _rt::Vec::from_raw_parts(
                                                    l6.cast(),
                                                    len8,
                                                    len8,
                                                );
                                                _rt::string_lift(bytes8)
                                            };
                                            InferenceError::UnknownModel(e15)
                                        }
                                        1 => {
                                            let e15 = {
                                                let l9 = *ptr1
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<*mut u8>();
                                                let l10 = *ptr1
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<usize>();
                                                let len11 = l10;
                                                let bytes11 = _rt::Vec::from_raw_parts(
                                                    l9.cast(),
                                                    len11,
                                                    len11,
                                                );
                                                _rt::string_lift(bytes11)
                                            };
                                            InferenceError::InvalidInput(e15)
                                        }
                                        n => {
                                            debug_assert_eq!(n, 2, "invalid enum discriminant");
                                            let e15 = {
                                                let l12 = *ptr1
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<*mut u8>();
                                                let l13 = *ptr1
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<usize>();
                                                let len14 = l13;
                                                let bytes14 = _rt::Vec::from_raw_parts(
                                                    l12.cast(),
                                                    len14,
                                                    len14,
                                                );
                                                _rt::string_lift(bytes14)
                                            };
                                            InferenceError::Failed(e15)
                                        }
                                    };
                                    v15
                                };
                                Err(e)
                            }
                            _ => _rt::invalid_enum_discriminant(),
                        };
                        result16
                    }
                }
            }
            impl Model {
                #[allow(unused_unsafe, clippy::all)]
                /// What the model takes, in the model's own order.
                #[allow(async_fn_in_trait)]
                pub fn inputs(&self) -> _rt::Vec<TensorSpec> {
                    unsafe {
                        #[cfg_attr(target_pointer_width = "64", repr(align(8)))]
                        #[cfg_attr(target_pointer_width = "32", repr(align(4)))]
                        struct RetArea(
                            [::core::mem::MaybeUninit<
                                u8,
                            >; 2 * ::core::mem::size_of::<*const u8>()],
                        );
                        let mut ret_area = RetArea(
                            [::core::mem::MaybeUninit::uninit(); 2
                                * ::core::mem::size_of::<*const u8>()],
                        );
                        let ptr0 = ret_area.0.as_mut_ptr().cast::<u8>();
                        #[cfg(target_arch = "wasm32")]
                        #[link(wasm_import_module = "mlwasm:scoring/inference@0.1.0")]
                        unsafe extern "C" {
                            #[link_name = "[method]model.inputs"]
                            fn wit_import1(_: i32, _: *mut u8);
                        }
                        #[cfg(not(target_arch = "wasm32"))]
                        unsafe extern "C" fn wit_import1(_: i32, _: *mut u8) {
                            unreachable!()
                        }
                        wit_import1((self).handle() as i32, ptr0);
                        let l2 = *ptr0.add(0).cast::<*mut u8>();
                        let l3 = *ptr0
                            .add(::core::mem::size_of::<*const u8>())
                            .cast::<usize>();
                        let base13 = l2;
                        let len13 = l3;
                        let mut result13 = _rt::Vec::with_capacity(len13);
                        for i in 0..len13 {
                            let base = base13
                                .add(i * (5 * ::core::mem::size_of::<*const u8>()));
                            let e13 = {
                                let l4 = *base.add(0).cast::<*mut u8>();
                                let l5 = *base
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                let len6 = l5;
                                let bytes6 = _rt::Vec::from_raw_parts(
                                    l4.cast(),
                                    len6,
                                    len6,
                                );
                                let l7 = i32::from(
                                    *base
                                        .add(2 * ::core::mem::size_of::<*const u8>())
                                        .cast::<u8>(),
                                );
                                let l8 = *base
                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>();
                                let l9 = *base
                                    .add(4 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                let base12 = l8;
                                let len12 = l9;
                                let mut result12 = _rt::Vec::with_capacity(len12);
                                for i in 0..len12 {
                                    let base = base12.add(i * 8);
                                    let e12 = {
                                        let l10 = i32::from(*base.add(0).cast::<u8>());
                                        match l10 {
                                            0 => None,
                                            1 => {
                                                let e = {
                                                    let l11 = *base.add(4).cast::<i32>();
                                                    l11 as u32
                                                };
                                                Some(e)
                                            }
                                            _ => _rt::invalid_enum_discriminant(),
                                        }
                                    };
                                    result12.push(e12);
                                }
                                _rt::cabi_dealloc(base12, len12 * 8, 4);
                                TensorSpec {
                                    name: _rt::string_lift(bytes6),
                                    element: ElementType::_lift(l7 as u8),
                                    shape: result12,
                                }
                            };
                            result13.push(e13);
                        }
                        _rt::cabi_dealloc(
                            base13,
                            len13 * (5 * ::core::mem::size_of::<*const u8>()),
                            ::core::mem::size_of::<*const u8>(),
                        );
                        let result14 = result13;
                        result14
                    }
                }
            }
            impl Model {
                #[allow(unused_unsafe, clippy::all)]
                /// What the model gives, in the model's own order.
                #[allow(async_fn_in_trait)]
                pub fn outputs(&self) -> _rt::Vec<TensorSpec> {
                    unsafe {
                        #[cfg_attr(target_pointer_width = "64", repr(align(8)))]
                        #[cfg_attr(target_pointer_width = "32", repr(align(4)))]
                        struct RetArea(
                            [::core::mem::MaybeUninit<
                                u8,
                            >; 2 * ::core::mem::size_of::<*const u8>()],
                        );
                        let mut ret_area = RetArea(
                            [::core::mem::MaybeUninit::uninit(); 2
                                * ::core::mem::size_of::<*const u8>()],
                        );
                        let ptr0 = ret_area.0.as_mut_ptr().cast::<u8>();
                        #[cfg(target_arch = "wasm32")]
                        #[link(wasm_import_module = "mlwasm:scoring/inference@0.1.0")]
                        unsafe extern "C" {
                            #[link_name = "[method]model.outputs"]
                            fn wit_import1(_: i32, _: *mut u8);
                        }
                        #[cfg(not(target_arch = "wasm32"))]
                        unsafe extern "C" fn wit_import1(_: i32, _: *mut u8) {
                            unreachable!()
                        }
                        wit_import1((self).handle() as i32, ptr0);
                        let l2 = *ptr0.add(0).cast::<*mut u8>();
                        let l3 = *ptr0
                            .add(::core::mem::size_of::<*const u8>())
                            .cast::<usize>();
                        let base13 = l2;
                        let len13 = l3;
                        let mut result13 = _rt::Vec::with_capacity(len13);
                        for i in 0..len13 {
                            let base = base13
                                .add(i * (5 * ::core::mem::size_of::<*const u8>()));
                            let e13 = {
                                let l4 = *base.add(0).cast::<*mut u8>();
                                let l5 = *base
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                let len6 = l5;
                                let bytes6 = _rt::Vec::from_raw_parts(
                                    l4.cast(),
                                    len6,
                                    len6,
                                );
                                let l7 = i32::from(
                                    *base
                                        .add(2 * ::core::mem::size_of::<*const u8>())
                                        .cast::<u8>(),
                                );
                                let l8 = *base
                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>();
                                let l9 = *base
                                    .add(4 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                let base12 = l8;
                                let len12 = l9;
                                let mut result12 = _rt::Vec::with_capacity(len12);
                                for i in 0..len12 {
                                    let base = base12.add(i * 8);
                                    let e12 = {
                                        let l10 = i32::from(*base.add(0).cast::<u8>());
                                        match l10 {
                                            0 => None,
                                            1 => {
                                                let e = {
                                                    let l11 = *base.add(4).cast::<i32>();
                                                    l11 as u32
                                                };
                                                Some(e)
                                            }
                                            _ => _rt::invalid_enum_discriminant(),
                                        }
                                    };
                                    result12.push(e12);
                                }
                                _rt::cabi_dealloc(base12, len12 * 8, 4);
                                TensorSpec {
                                    name: _rt::string_lift(bytes6),
                                    element: ElementType::_lift(l7 as u8),
                                    shape: result12,
                                }
                            };
                            result13.push(e13);
                        }
                        _rt::cabi_dealloc(
                            base13,
                            len13 * (5 * ::core::mem::size_of::<*const u8>()),
                            ::core::mem::size_of::<*const u8>(),
                        );
                        let result14 = result13;
                        result14
                    }
                }
            }
            impl Model {
                #[allow(unused_unsafe, clippy::all)]
                /// Runs the model once: one tensor for each input, in any order. Answers one tensor for each output, in the
                /// order of `outputs`.
                #[allow(async_fn_in_trait)]
                pub fn infer(
                    &self,
                    inputs: &[TensorParam<'_>],
                ) -> ::core::result::Result<_rt::Vec<TensorResult>, InferenceError> {
                    unsafe {
                        #[cfg_attr(target_pointer_width = "64", repr(align(8)))]
                        #[cfg_attr(target_pointer_width = "32", repr(align(4)))]
                        struct RetArea(
                            [::core::mem::MaybeUninit<
                                u8,
                            >; 4 * ::core::mem::size_of::<*const u8>()],
                        );
                        let mut ret_area = RetArea(
                            [::core::mem::MaybeUninit::uninit(); 4
                                * ::core::mem::size_of::<*const u8>()],
                        );
                        let vec4 = inputs;
                        let len4 = vec4.len();
                        let layout4 = _rt::alloc::Layout::from_size_align(
                                vec4.len() * (7 * ::core::mem::size_of::<*const u8>()),
                                ::core::mem::size_of::<*const u8>(),
                            )
                            .unwrap();
                        let (result4, _cleanup4) = ::wit_bindgen::rt::Cleanup::new(
                            layout4,
                        );
                        for (i, e) in vec4.into_iter().enumerate() {
                            let base = result4
                                .add(i * (7 * ::core::mem::size_of::<*const u8>()));
                            {
                                let TensorParam {
                                    name: name0,
                                    element: element0,
                                    shape: shape0,
                                    data: data0,
                                } = e;
                                let vec1 = name0;
                                let ptr1 = vec1.as_ptr().cast::<u8>();
                                let len1 = vec1.len();
                                *base
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len1;
                                *base.add(0).cast::<*mut u8>() = ptr1.cast_mut();
                                *base
                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                    .cast::<u8>() = (element0.clone() as i32) as u8;
                                let vec2 = shape0;
                                let ptr2 = vec2.as_ptr().cast::<u8>();
                                let len2 = vec2.len();
                                *base
                                    .add(4 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len2;
                                *base
                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = ptr2.cast_mut();
                                let vec3 = data0;
                                let ptr3 = vec3.as_ptr().cast::<u8>();
                                let len3 = vec3.len();
                                *base
                                    .add(6 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len3;
                                *base
                                    .add(5 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = ptr3.cast_mut();
                            }
                        }
                        let ptr5 = ret_area.0.as_mut_ptr().cast::<u8>();
                        #[cfg(target_arch = "wasm32")]
                        #[link(wasm_import_module = "mlwasm:scoring/inference@0.1.0")]
                        unsafe extern "C" {
                            #[link_name = "[method]model.infer"]
                            fn wit_import6(_: i32, _: *mut u8, _: usize, _: *mut u8);
                        }
                        #[cfg(not(target_arch = "wasm32"))]
                        unsafe extern "C" fn wit_import6(
                            _: i32,
                            _: *mut u8,
                            _: usize,
                            _: *mut u8,
                        ) {
                            unreachable!()
                        }
                        wit_import6((self).handle() as i32, result4, len4, ptr5);
                        let l7 = i32::from(*ptr5.add(0).cast::<u8>());
                        let result32 = match l7 {
                            0 => {
                                let e = {
                                    let l8 = *ptr5
                                        .add(::core::mem::size_of::<*const u8>())
                                        .cast::<*mut u8>();
                                    let l9 = *ptr5
                                        .add(2 * ::core::mem::size_of::<*const u8>())
                                        .cast::<usize>();
                                    let base20 = l8;
                                    let len20 = l9;
                                    let mut result20 = _rt::Vec::with_capacity(len20);
                                    for i in 0..len20 {
                                        let base = base20
                                            .add(i * (7 * ::core::mem::size_of::<*const u8>()));
                                        let e20 = {
                                            let l10 = *base.add(0).cast::<*mut u8>();
                                            let l11 = *base
                                                .add(::core::mem::size_of::<*const u8>())
                                                .cast::<usize>();
                                            let len12 = l11;
                                            let bytes12 = _rt::Vec::from_raw_parts(
                                                l10.cast(),
                                                len12,
                                                len12,
                                            );
                                            let l13 = i32::from(
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>(),
                                            );
                                            let l14 = *base
                                                .add(3 * ::core::mem::size_of::<*const u8>())
                                                .cast::<*mut u8>();
                                            let l15 = *base
                                                .add(4 * ::core::mem::size_of::<*const u8>())
                                                .cast::<usize>();
                                            let len16 = l15;
                                            let l17 = *base
                                                .add(5 * ::core::mem::size_of::<*const u8>())
                                                .cast::<*mut u8>();
                                            let l18 = *base
                                                .add(6 * ::core::mem::size_of::<*const u8>())
                                                .cast::<usize>();
                                            let len19 = l18;
                                            TensorResult {
                                                name: _rt::string_lift(bytes12),
                                                element: ElementType::_lift(l13 as u8),
                                                shape: <_ as From<
                                                    _rt::Vec<_>,
                                                >>::from(
                                                    _rt::Vec::from_raw_parts(l14.cast(), len16, len16),
                                                ),
                                                data: <_ as From<
                                                    _rt::Vec<_>,
                                                >>::from(_rt::Vec::from_raw_parts(l17.cast(), len19, len19)),
                                            }
                                        };
                                        result20.push(e20);
                                    }
                                    _rt::cabi_dealloc(
                                        base20,
                                        len20 * (7 * ::core::mem::size_of::<*const u8>()),
                                        ::core::mem::size_of::<*const u8>(),
                                    );
                                    result20
                                };
                                Ok(e)
                            }
                            1 => {
                                let e = {
                                    let l21 = i32::from(
                                        *ptr5.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                    );
                                    let v31 = match l21 {
                                        0 => {
                                            let e31 = {
                                                let l22 = *ptr5
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<*mut u8>();
                                                let l23 = *ptr5
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<usize>();
                                                let len24 = l23;
                                                let bytes24 = _rt::Vec::from_raw_parts(
                                                    l22.cast(),
                                                    len24,
                                                    len24,
                                                );
                                                _rt::string_lift(bytes24)
                                            };
                                            InferenceError::UnknownModel(e31)
                                        }
                                        1 => {
                                            let e31 = {
                                                let l25 = *ptr5
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<*mut u8>();
                                                let l26 = *ptr5
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<usize>();
                                                let len27 = l26;
                                                let bytes27 = _rt::Vec::from_raw_parts(
                                                    l25.cast(),
                                                    len27,
                                                    len27,
                                                );
                                                _rt::string_lift(bytes27)
                                            };
                                            InferenceError::InvalidInput(e31)
                                        }
                                        n => {
                                            debug_assert_eq!(n, 2, "invalid enum discriminant");
                                            let e31 = {
                                                let l28 = *ptr5
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<*mut u8>();
                                                let l29 = *ptr5
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<usize>();
                                                let len30 = l29;
                                                let bytes30 = _rt::Vec::from_raw_parts(
                                                    l28.cast(),
                                                    len30,
                                                    len30,
                                                );
                                                _rt::string_lift(bytes30)
                                            };
                                            InferenceError::Failed(e31)
                                        }
                                    };
                                    v31
                                };
                                Err(e)
                            }
                            _ => _rt::invalid_enum_discriminant(),
                        };
                        result32
                    }
                }
            }
        }
        /// Records of what a scorer did between request and answer: the features that it computed, what a model gave.
        ///
        /// The deployment's settings name the collections that are kept, and which share of the requests. Records of one request are kept
        /// or not together with its bodies, and carry the same ids. Recording is not waited for: what finds no room is dropped.
        #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
        pub mod collection {
            #[used]
            #[doc(hidden)]
            static __FORCE_SECTION_REF: fn() = super::super::super::__link_custom_section_describing_imports;
            use super::super::super::_rt;
            /// Why a record was not taken. It is the scorer's mistake, also where nothing is kept.
            #[derive(Clone)]
            pub enum CollectionError {
                /// The name is no collection's, or the content type is none. Carries the rule.
                Invalid(_rt::String),
                /// The request has left as many records, or as many bytes, as one may. Carries the limit.
                TooMany(_rt::String),
            }
            impl ::core::fmt::Debug for CollectionError {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    match self {
                        CollectionError::Invalid(e) => {
                            f.debug_tuple("CollectionError::Invalid").field(e).finish()
                        }
                        CollectionError::TooMany(e) => {
                            f.debug_tuple("CollectionError::TooMany").field(e).finish()
                        }
                    }
                }
            }
            impl ::core::fmt::Display for CollectionError {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    write!(f, "{:?}", self)
                }
            }
            impl ::core::error::Error for CollectionError {}
            #[allow(unused_unsafe, clippy::all)]
            /// Whether records of this request go into the collection. If not, they need not be made. False in `init`.
            #[allow(async_fn_in_trait)]
            pub fn enabled(name: &str) -> bool {
                unsafe {
                    let vec0 = name;
                    let ptr0 = vec0.as_ptr().cast::<u8>();
                    let len0 = vec0.len();
                    #[cfg(target_arch = "wasm32")]
                    #[link(wasm_import_module = "mlwasm:scoring/collection@0.1.0")]
                    unsafe extern "C" {
                        #[link_name = "enabled"]
                        fn wit_import1(_: *mut u8, _: usize) -> i32;
                    }
                    #[cfg(not(target_arch = "wasm32"))]
                    unsafe extern "C" fn wit_import1(_: *mut u8, _: usize) -> i32 {
                        unreachable!()
                    }
                    let ret = wit_import1(ptr0.cast_mut(), len0);
                    _rt::bool_lift(ret as u8)
                }
            }
            #[allow(unused_unsafe, clippy::all)]
            /// Adds a record to a collection, with its media type. Nothing happens, and nothing is wrong, if the collection is not kept.
            #[allow(async_fn_in_trait)]
            pub fn collect(
                name: &str,
                content_type: &str,
                data: &[u8],
            ) -> ::core::result::Result<(), CollectionError> {
                unsafe {
                    #[cfg_attr(target_pointer_width = "64", repr(align(8)))]
                    #[cfg_attr(target_pointer_width = "32", repr(align(4)))]
                    struct RetArea(
                        [::core::mem::MaybeUninit<
                            u8,
                        >; 4 * ::core::mem::size_of::<*const u8>()],
                    );
                    let mut ret_area = RetArea(
                        [::core::mem::MaybeUninit::uninit(); 4
                            * ::core::mem::size_of::<*const u8>()],
                    );
                    let vec0 = name;
                    let ptr0 = vec0.as_ptr().cast::<u8>();
                    let len0 = vec0.len();
                    let vec1 = content_type;
                    let ptr1 = vec1.as_ptr().cast::<u8>();
                    let len1 = vec1.len();
                    let vec2 = data;
                    let ptr2 = vec2.as_ptr().cast::<u8>();
                    let len2 = vec2.len();
                    let ptr3 = ret_area.0.as_mut_ptr().cast::<u8>();
                    #[cfg(target_arch = "wasm32")]
                    #[link(wasm_import_module = "mlwasm:scoring/collection@0.1.0")]
                    unsafe extern "C" {
                        #[link_name = "collect"]
                        fn wit_import4(
                            _: *mut u8,
                            _: usize,
                            _: *mut u8,
                            _: usize,
                            _: *mut u8,
                            _: usize,
                            _: *mut u8,
                        );
                    }
                    #[cfg(not(target_arch = "wasm32"))]
                    unsafe extern "C" fn wit_import4(
                        _: *mut u8,
                        _: usize,
                        _: *mut u8,
                        _: usize,
                        _: *mut u8,
                        _: usize,
                        _: *mut u8,
                    ) {
                        unreachable!()
                    }
                    wit_import4(
                        ptr0.cast_mut(),
                        len0,
                        ptr1.cast_mut(),
                        len1,
                        ptr2.cast_mut(),
                        len2,
                        ptr3,
                    );
                    let l5 = i32::from(*ptr3.add(0).cast::<u8>());
                    let result14 = match l5 {
                        0 => {
                            let e = ();
                            Ok(e)
                        }
                        1 => {
                            let e = {
                                let l6 = i32::from(
                                    *ptr3.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                );
                                let v13 = match l6 {
                                    0 => {
                                        let e13 = {
                                            let l7 = *ptr3
                                                .add(2 * ::core::mem::size_of::<*const u8>())
                                                .cast::<*mut u8>();
                                            let l8 = *ptr3
                                                .add(3 * ::core::mem::size_of::<*const u8>())
                                                .cast::<usize>();
                                            let len9 = l8;
                                            let bytes9 = _rt::Vec::from_raw_parts(
                                                l7.cast(),
                                                len9,
                                                len9,
                                            );
                                            _rt::string_lift(bytes9)
                                        };
                                        CollectionError::Invalid(e13)
                                    }
                                    n => {
                                        debug_assert_eq!(n, 1, "invalid enum discriminant");
                                        let e13 = {
                                            let l10 = *ptr3
                                                .add(2 * ::core::mem::size_of::<*const u8>())
                                                .cast::<*mut u8>();
                                            let l11 = *ptr3
                                                .add(3 * ::core::mem::size_of::<*const u8>())
                                                .cast::<usize>();
                                            let len12 = l11;
                                            let bytes12 = _rt::Vec::from_raw_parts(
                                                l10.cast(),
                                                len12,
                                                len12,
                                            );
                                            _rt::string_lift(bytes12)
                                        };
                                        CollectionError::TooMany(e13)
                                    }
                                };
                                v13
                            };
                            Err(e)
                        }
                        _ => _rt::invalid_enum_discriminant(),
                    };
                    result14
                }
            }
        }
    }
}
#[allow(dead_code, clippy::all)]
pub mod exports {
    pub mod mlwasm {
        pub mod scoring {
            /// What every scorer exports: a request in, a response out.
            #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
            pub mod scorer {
                #[used]
                #[doc(hidden)]
                static __FORCE_SECTION_REF: fn() = super::super::super::super::__link_custom_section_describing_imports;
                use super::super::super::super::_rt;
                /// One HTTP header. Names come in lower case; values are bytes, since HTTP does not promise text.
                #[derive(Clone)]
                pub struct Header {
                    /// The header's name, in lower case.
                    pub name: _rt::String,
                    /// The header's value.
                    pub value: _rt::Vec<u8>,
                }
                impl ::core::fmt::Debug for Header {
                    fn fmt(
                        &self,
                        f: &mut ::core::fmt::Formatter<'_>,
                    ) -> ::core::fmt::Result {
                        f.debug_struct("Header")
                            .field("name", &self.name)
                            .field("value", &self.value)
                            .finish()
                    }
                }
                /// One scoring request.
                #[derive(Clone)]
                pub struct Request {
                    /// The request's identity, also found in the logs and in the `x-request-id` header of the answer.
                    pub id: _rt::String,
                    /// The name of the deployment that this scorer serves.
                    pub deployment: _rt::String,
                    /// True for a copy of live traffic: the answer is compared or dropped, and no client waits for it.
                    pub is_mirror: bool,
                    /// The query of the request's address, without the question mark, as sent: still percent-encoded.
                    pub query: _rt::String,
                    /// The headers that the host lets through. Never credentials.
                    pub headers: _rt::Vec<Header>,
                    /// The media type of the body, if the client sent one.
                    pub content_type: ::core::option::Option<_rt::String>,
                    /// The body, whole.
                    pub body: _rt::Vec<u8>,
                }
                impl ::core::fmt::Debug for Request {
                    fn fmt(
                        &self,
                        f: &mut ::core::fmt::Formatter<'_>,
                    ) -> ::core::fmt::Result {
                        f.debug_struct("Request")
                            .field("id", &self.id)
                            .field("deployment", &self.deployment)
                            .field("is-mirror", &self.is_mirror)
                            .field("query", &self.query)
                            .field("headers", &self.headers)
                            .field("content-type", &self.content_type)
                            .field("body", &self.body)
                            .finish()
                    }
                }
                /// The answer to one request.
                #[derive(Clone)]
                pub struct Response {
                    /// The HTTP status, 200 to 599.
                    pub status: u16,
                    /// The media type of the body.
                    pub content_type: _rt::String,
                    /// Further headers. The host keeps some names to itself and refuses or drops those.
                    pub headers: _rt::Vec<Header>,
                    /// The body, whole.
                    pub body: _rt::Vec<u8>,
                }
                impl ::core::fmt::Debug for Response {
                    fn fmt(
                        &self,
                        f: &mut ::core::fmt::Formatter<'_>,
                    ) -> ::core::fmt::Result {
                        f.debug_struct("Response")
                            .field("status", &self.status)
                            .field("content-type", &self.content_type)
                            .field("headers", &self.headers)
                            .field("body", &self.body)
                            .finish()
                    }
                }
                /// Why there is no response.
                #[derive(Clone)]
                pub enum ScoreError {
                    /// The client's mistake, worded for the client. The host answers 400.
                    BadRequest(_rt::String),
                    /// The scorer's fault, worded for its author's log. The host answers 424.
                    Internal(_rt::String),
                }
                impl ::core::fmt::Debug for ScoreError {
                    fn fmt(
                        &self,
                        f: &mut ::core::fmt::Formatter<'_>,
                    ) -> ::core::fmt::Result {
                        match self {
                            ScoreError::BadRequest(e) => {
                                f.debug_tuple("ScoreError::BadRequest").field(e).finish()
                            }
                            ScoreError::Internal(e) => {
                                f.debug_tuple("ScoreError::Internal").field(e).finish()
                            }
                        }
                    }
                }
                impl ::core::fmt::Display for ScoreError {
                    fn fmt(
                        &self,
                        f: &mut ::core::fmt::Formatter<'_>,
                    ) -> ::core::fmt::Result {
                        write!(f, "{:?}", self)
                    }
                }
                impl ::core::error::Error for ScoreError {}
                #[doc(hidden)]
                #[allow(non_snake_case, unused_unsafe)]
                pub unsafe fn _export_init_cabi<T_: Guest>() -> *mut u8 {
                    unsafe {
                        #[cfg(target_arch = "wasm32")] _rt::run_ctors_once();
                        let result0 = { T_::init() };
                        let ptr1 = (&raw mut _RET_AREA.0).cast::<u8>();
                        match result0 {
                            Ok(_) => {
                                *ptr1.add(0).cast::<u8>() = (0i32) as u8;
                            }
                            Err(e) => {
                                *ptr1.add(0).cast::<u8>() = (1i32) as u8;
                                let vec2 = (e.into_bytes()).into_boxed_slice();
                                let ptr2 = vec2.as_ptr().cast::<u8>();
                                let len2 = vec2.len();
                                ::core::mem::forget(vec2);
                                *ptr1
                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len2;
                                *ptr1
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = ptr2.cast_mut();
                            }
                        };
                        ptr1
                    }
                }
                #[doc(hidden)]
                #[allow(non_snake_case)]
                pub unsafe fn __post_return_init<T_: Guest>(arg0: *mut u8) {
                    unsafe {
                        let l0 = i32::from(*arg0.add(0).cast::<u8>());
                        match l0 {
                            0 => {}
                            _ => {
                                let l1 = *arg0
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>();
                                let l2 = *arg0
                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                _rt::cabi_dealloc(l1, l2, 1);
                            }
                        }
                    }
                }
                #[doc(hidden)]
                #[allow(non_snake_case, unused_unsafe)]
                pub unsafe fn _export_run_cabi<T_: Guest>(
                    arg0: *mut u8,
                    arg1: usize,
                    arg2: *mut u8,
                    arg3: usize,
                    arg4: i32,
                    arg5: *mut u8,
                    arg6: usize,
                    arg7: *mut u8,
                    arg8: usize,
                    arg9: i32,
                    arg10: *mut u8,
                    arg11: usize,
                    arg12: *mut u8,
                    arg13: usize,
                ) -> *mut u8 {
                    unsafe {
                        #[cfg(target_arch = "wasm32")] _rt::run_ctors_once();
                        let result12 = {
                            let len0 = arg1;
                            let bytes0 = _rt::Vec::from_raw_parts(
                                arg0.cast(),
                                len0,
                                len0,
                            );
                            let len1 = arg3;
                            let bytes1 = _rt::Vec::from_raw_parts(
                                arg2.cast(),
                                len1,
                                len1,
                            );
                            let len2 = arg6;
                            let bytes2 = _rt::Vec::from_raw_parts(
                                arg5.cast(),
                                len2,
                                len2,
                            );
                            let base9 = arg7;
                            let len9 = arg8;
                            let mut result9 = _rt::Vec::with_capacity(len9);
                            for i in 0..len9 {
                                let base = base9
                                    .add(i * (4 * ::core::mem::size_of::<*const u8>()));
                                let e9 = {
                                    let l3 = *base.add(0).cast::<*mut u8>();
                                    let l4 = *base
                                        .add(::core::mem::size_of::<*const u8>())
                                        .cast::<usize>();
                                    let len5 = l4;
                                    let bytes5 = _rt::Vec::from_raw_parts(
                                        l3.cast(),
                                        len5,
                                        len5,
                                    );
                                    let l6 = *base
                                        .add(2 * ::core::mem::size_of::<*const u8>())
                                        .cast::<*mut u8>();
                                    let l7 = *base
                                        .add(3 * ::core::mem::size_of::<*const u8>())
                                        .cast::<usize>();
                                    let len8 = l7;
                                    Header {
                                        name: _rt::string_lift(bytes5),
                                        value: <_ as From<
                                            _rt::Vec<_>,
                                        >>::from(_rt::Vec::from_raw_parts(l6.cast(), len8, len8)),
                                    }
                                };
                                result9.push(e9);
                            }
                            _rt::cabi_dealloc(
                                base9,
                                len9 * (4 * ::core::mem::size_of::<*const u8>()),
                                ::core::mem::size_of::<*const u8>(),
                            );
                            let len11 = arg13;
                            T_::run(Request {
                                id: _rt::string_lift(bytes0),
                                deployment: _rt::string_lift(bytes1),
                                is_mirror: _rt::bool_lift(arg4 as u8),
                                query: _rt::string_lift(bytes2),
                                headers: result9,
                                content_type: match arg9 {
                                    0 => None,
                                    1 => {
                                        let e = {
                                            let len10 = arg11;
                                            let bytes10 = _rt::Vec::from_raw_parts(
                                                arg10.cast(),
                                                len10,
                                                len10,
                                            );
                                            _rt::string_lift(bytes10)
                                        };
                                        Some(e)
                                    }
                                    _ => _rt::invalid_enum_discriminant(),
                                },
                                body: <_ as From<
                                    _rt::Vec<_>,
                                >>::from(
                                    _rt::Vec::from_raw_parts(arg12.cast(), len11, len11),
                                ),
                            })
                        };
                        let ptr13 = (&raw mut _RET_AREA.0).cast::<u8>();
                        match result12 {
                            Ok(e) => {
                                *ptr13.add(0).cast::<u8>() = (0i32) as u8;
                                let Response {
                                    status: status14,
                                    content_type: content_type14,
                                    headers: headers14,
                                    body: body14,
                                } = e;
                                *ptr13
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<u16>() = (_rt::as_i32(status14)) as u16;
                                let vec15 = (content_type14.into_bytes())
                                    .into_boxed_slice();
                                let ptr15 = vec15.as_ptr().cast::<u8>();
                                let len15 = vec15.len();
                                ::core::mem::forget(vec15);
                                *ptr13
                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len15;
                                *ptr13
                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = ptr15.cast_mut();
                                let vec19 = headers14;
                                let len19 = vec19.len();
                                let layout19 = _rt::alloc::Layout::from_size_align(
                                        vec19.len() * (4 * ::core::mem::size_of::<*const u8>()),
                                        ::core::mem::size_of::<*const u8>(),
                                    )
                                    .unwrap();
                                let (result19, _cleanup19) = ::wit_bindgen::rt::Cleanup::new(
                                    layout19,
                                );
                                if let Some(cleanup) = _cleanup19 {
                                    cleanup.forget();
                                }
                                for (i, e) in vec19.into_iter().enumerate() {
                                    let base = result19
                                        .add(i * (4 * ::core::mem::size_of::<*const u8>()));
                                    {
                                        let Header { name: name16, value: value16 } = e;
                                        let vec17 = (name16.into_bytes()).into_boxed_slice();
                                        let ptr17 = vec17.as_ptr().cast::<u8>();
                                        let len17 = vec17.len();
                                        ::core::mem::forget(vec17);
                                        *base
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len17;
                                        *base.add(0).cast::<*mut u8>() = ptr17.cast_mut();
                                        let vec18 = <_ as Into<_rt::Vec<_>>>::into(value16)
                                            .into_boxed_slice();
                                        let ptr18 = vec18.as_ptr().cast::<u8>();
                                        let len18 = vec18.len();
                                        ::core::mem::forget(vec18);
                                        *base
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len18;
                                        *base
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr18.cast_mut();
                                    }
                                }
                                *ptr13
                                    .add(5 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len19;
                                *ptr13
                                    .add(4 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = result19;
                                let vec20 = <_ as Into<_rt::Vec<_>>>::into(body14)
                                    .into_boxed_slice();
                                let ptr20 = vec20.as_ptr().cast::<u8>();
                                let len20 = vec20.len();
                                ::core::mem::forget(vec20);
                                *ptr13
                                    .add(7 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len20;
                                *ptr13
                                    .add(6 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = ptr20.cast_mut();
                            }
                            Err(e) => {
                                *ptr13.add(0).cast::<u8>() = (1i32) as u8;
                                match e {
                                    ScoreError::BadRequest(e) => {
                                        *ptr13
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (0i32) as u8;
                                        let vec21 = (e.into_bytes()).into_boxed_slice();
                                        let ptr21 = vec21.as_ptr().cast::<u8>();
                                        let len21 = vec21.len();
                                        ::core::mem::forget(vec21);
                                        *ptr13
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len21;
                                        *ptr13
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr21.cast_mut();
                                    }
                                    ScoreError::Internal(e) => {
                                        *ptr13
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (1i32) as u8;
                                        let vec22 = (e.into_bytes()).into_boxed_slice();
                                        let ptr22 = vec22.as_ptr().cast::<u8>();
                                        let len22 = vec22.len();
                                        ::core::mem::forget(vec22);
                                        *ptr13
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len22;
                                        *ptr13
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr22.cast_mut();
                                    }
                                }
                            }
                        };
                        ptr13
                    }
                }
                #[doc(hidden)]
                #[allow(non_snake_case)]
                pub unsafe fn __post_return_run<T_: Guest>(arg0: *mut u8) {
                    unsafe {
                        let l0 = i32::from(*arg0.add(0).cast::<u8>());
                        match l0 {
                            0 => {
                                let l1 = *arg0
                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>();
                                let l2 = *arg0
                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                _rt::cabi_dealloc(l1, l2, 1);
                                let l3 = *arg0
                                    .add(4 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>();
                                let l4 = *arg0
                                    .add(5 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                let base10 = l3;
                                let len10 = l4;
                                for i in 0..len10 {
                                    let base = base10
                                        .add(i * (4 * ::core::mem::size_of::<*const u8>()));
                                    {
                                        let l5 = *base.add(0).cast::<*mut u8>();
                                        let l6 = *base
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l5, l6, 1);
                                        let l7 = *base
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l8 = *base
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        let base9 = l7;
                                        let len9 = l8;
                                        _rt::cabi_dealloc(base9, len9 * 1, 1);
                                    }
                                }
                                _rt::cabi_dealloc(
                                    base10,
                                    len10 * (4 * ::core::mem::size_of::<*const u8>()),
                                    ::core::mem::size_of::<*const u8>(),
                                );
                                let l11 = *arg0
                                    .add(6 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>();
                                let l12 = *arg0
                                    .add(7 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                let base13 = l11;
                                let len13 = l12;
                                _rt::cabi_dealloc(base13, len13 * 1, 1);
                            }
                            _ => {
                                let l14 = i32::from(
                                    *arg0.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                );
                                match l14 {
                                    0 => {
                                        let l15 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l16 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l15, l16, 1);
                                    }
                                    _ => {
                                        let l17 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l18 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l17, l18, 1);
                                    }
                                }
                            }
                        }
                    }
                }
                pub trait Guest {
                    /// Prepares the sandbox: opens models, reads settings. Called once, before the first `run`. An error stops the
                    /// deployment from serving and is shown to whoever deployed it.
                    #[allow(async_fn_in_trait)]
                    fn init() -> ::core::result::Result<(), _rt::String>;
                    /// Answers one request. Calls never overlap within a sandbox, and a sandbox may serve many, one after another.
                    #[allow(async_fn_in_trait)]
                    fn run(
                        request: Request,
                    ) -> ::core::result::Result<Response, ScoreError>;
                }
                #[doc(hidden)]
                #[macro_export]
                macro_rules! __export_mlwasm_scoring_scorer_0_1_0_cabi {
                    ($ty:ident with_types_in $($path_to_types:tt)*) => {
                        const _ : () = { #[unsafe (export_name =
                        "mlwasm:scoring/scorer@0.1.0#init")] unsafe extern "C" fn
                        export_init() -> * mut u8 { unsafe { $($path_to_types)*::
                        _export_init_cabi::<$ty > () } } #[unsafe (export_name =
                        "cabi_post_mlwasm:scoring/scorer@0.1.0#init")] unsafe extern "C"
                        fn _post_return_init(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_init::<$ty > (arg0) } }
                        #[unsafe (export_name = "mlwasm:scoring/scorer@0.1.0#run")]
                        unsafe extern "C" fn export_run(arg0 : * mut u8, arg1 : usize,
                        arg2 : * mut u8, arg3 : usize, arg4 : i32, arg5 : * mut u8, arg6
                        : usize, arg7 : * mut u8, arg8 : usize, arg9 : i32, arg10 : * mut
                        u8, arg11 : usize, arg12 : * mut u8, arg13 : usize,) -> * mut u8
                        { unsafe { $($path_to_types)*:: _export_run_cabi::<$ty > (arg0,
                        arg1, arg2, arg3, arg4, arg5, arg6, arg7, arg8, arg9, arg10,
                        arg11, arg12, arg13) } } #[unsafe (export_name =
                        "cabi_post_mlwasm:scoring/scorer@0.1.0#run")] unsafe extern "C"
                        fn _post_return_run(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_run::<$ty > (arg0) } } };
                    };
                }
                #[doc(hidden)]
                pub use __export_mlwasm_scoring_scorer_0_1_0_cabi;
                #[cfg_attr(target_pointer_width = "64", repr(align(8)))]
                #[cfg_attr(target_pointer_width = "32", repr(align(4)))]
                struct _RetArea(
                    [::core::mem::MaybeUninit<
                        u8,
                    >; 8 * ::core::mem::size_of::<*const u8>()],
                );
                static mut _RET_AREA: _RetArea = _RetArea(
                    [::core::mem::MaybeUninit::uninit(); 8
                        * ::core::mem::size_of::<*const u8>()],
                );
            }
            /// Typed scoring, for scorers whose input and output are tensors. Optional.
            ///
            /// A scorer that exports it is served over the Open Inference Protocol too, and the host may join requests into batches.
            #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
            pub mod tensor_scorer {
                #[used]
                #[doc(hidden)]
                static __FORCE_SECTION_REF: fn() = super::super::super::super::__link_custom_section_describing_imports;
                use super::super::super::super::_rt;
                pub type TensorResult = super::super::super::super::mlwasm::scoring::inference::TensorResult;
                pub type TensorParam<'a> = super::super::super::super::mlwasm::scoring::inference::TensorParam<
                    'a,
                >;
                pub type TensorSpec = super::super::super::super::mlwasm::scoring::inference::TensorSpec;
                pub type ScoreError = super::super::super::super::exports::mlwasm::scoring::scorer::ScoreError;
                /// What the scorer takes and gives.
                #[derive(Clone)]
                pub struct Signature {
                    /// The tensors that `infer` takes.
                    pub inputs: _rt::Vec<TensorSpec>,
                    /// The tensors that `infer` gives.
                    pub outputs: _rt::Vec<TensorSpec>,
                }
                impl ::core::fmt::Debug for Signature {
                    fn fmt(
                        &self,
                        f: &mut ::core::fmt::Formatter<'_>,
                    ) -> ::core::fmt::Result {
                        f.debug_struct("Signature")
                            .field("inputs", &self.inputs)
                            .field("outputs", &self.outputs)
                            .finish()
                    }
                }
                #[doc(hidden)]
                #[allow(non_snake_case, unused_unsafe)]
                pub unsafe fn _export_describe_cabi<T_: Guest>() -> *mut u8 {
                    unsafe {
                        #[cfg(target_arch = "wasm32")] _rt::run_ctors_once();
                        let result0 = { T_::describe() };
                        let ptr1 = (&raw mut _RET_AREA.0).cast::<u8>();
                        let Signature { inputs: inputs2, outputs: outputs2 } = result0;
                        let vec6 = inputs2;
                        let len6 = vec6.len();
                        let layout6 = _rt::alloc::Layout::from_size_align(
                                vec6.len() * (5 * ::core::mem::size_of::<*const u8>()),
                                ::core::mem::size_of::<*const u8>(),
                            )
                            .unwrap();
                        let (result6, _cleanup6) = ::wit_bindgen::rt::Cleanup::new(
                            layout6,
                        );
                        if let Some(cleanup) = _cleanup6 {
                            cleanup.forget();
                        }
                        for (i, e) in vec6.into_iter().enumerate() {
                            let base = result6
                                .add(i * (5 * ::core::mem::size_of::<*const u8>()));
                            {
                                let super::super::super::super::mlwasm::scoring::inference::TensorSpec {
                                    name: name3,
                                    element: element3,
                                    shape: shape3,
                                } = e;
                                let vec4 = (name3.into_bytes()).into_boxed_slice();
                                let ptr4 = vec4.as_ptr().cast::<u8>();
                                let len4 = vec4.len();
                                ::core::mem::forget(vec4);
                                *base
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len4;
                                *base.add(0).cast::<*mut u8>() = ptr4.cast_mut();
                                *base
                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                    .cast::<u8>() = (element3.clone() as i32) as u8;
                                let vec5 = shape3;
                                let len5 = vec5.len();
                                let layout5 = _rt::alloc::Layout::from_size_align(
                                        vec5.len() * 8,
                                        4,
                                    )
                                    .unwrap();
                                let (result5, _cleanup5) = ::wit_bindgen::rt::Cleanup::new(
                                    layout5,
                                );
                                if let Some(cleanup) = _cleanup5 {
                                    cleanup.forget();
                                }
                                for (i, e) in vec5.into_iter().enumerate() {
                                    let base = result5.add(i * 8);
                                    {
                                        match e {
                                            Some(e) => {
                                                *base.add(0).cast::<u8>() = (1i32) as u8;
                                                *base.add(4).cast::<i32>() = _rt::as_i32(e);
                                            }
                                            None => {
                                                *base.add(0).cast::<u8>() = (0i32) as u8;
                                            }
                                        };
                                    }
                                }
                                *base
                                    .add(4 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len5;
                                *base
                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = result5;
                            }
                        }
                        *ptr1.add(::core::mem::size_of::<*const u8>()).cast::<usize>() = len6;
                        *ptr1.add(0).cast::<*mut u8>() = result6;
                        let vec10 = outputs2;
                        let len10 = vec10.len();
                        let layout10 = _rt::alloc::Layout::from_size_align(
                                vec10.len() * (5 * ::core::mem::size_of::<*const u8>()),
                                ::core::mem::size_of::<*const u8>(),
                            )
                            .unwrap();
                        let (result10, _cleanup10) = ::wit_bindgen::rt::Cleanup::new(
                            layout10,
                        );
                        if let Some(cleanup) = _cleanup10 {
                            cleanup.forget();
                        }
                        for (i, e) in vec10.into_iter().enumerate() {
                            let base = result10
                                .add(i * (5 * ::core::mem::size_of::<*const u8>()));
                            {
                                let super::super::super::super::mlwasm::scoring::inference::TensorSpec {
                                    name: name7,
                                    element: element7,
                                    shape: shape7,
                                } = e;
                                let vec8 = (name7.into_bytes()).into_boxed_slice();
                                let ptr8 = vec8.as_ptr().cast::<u8>();
                                let len8 = vec8.len();
                                ::core::mem::forget(vec8);
                                *base
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len8;
                                *base.add(0).cast::<*mut u8>() = ptr8.cast_mut();
                                *base
                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                    .cast::<u8>() = (element7.clone() as i32) as u8;
                                let vec9 = shape7;
                                let len9 = vec9.len();
                                let layout9 = _rt::alloc::Layout::from_size_align(
                                        vec9.len() * 8,
                                        4,
                                    )
                                    .unwrap();
                                let (result9, _cleanup9) = ::wit_bindgen::rt::Cleanup::new(
                                    layout9,
                                );
                                if let Some(cleanup) = _cleanup9 {
                                    cleanup.forget();
                                }
                                for (i, e) in vec9.into_iter().enumerate() {
                                    let base = result9.add(i * 8);
                                    {
                                        match e {
                                            Some(e) => {
                                                *base.add(0).cast::<u8>() = (1i32) as u8;
                                                *base.add(4).cast::<i32>() = _rt::as_i32(e);
                                            }
                                            None => {
                                                *base.add(0).cast::<u8>() = (0i32) as u8;
                                            }
                                        };
                                    }
                                }
                                *base
                                    .add(4 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len9;
                                *base
                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = result9;
                            }
                        }
                        *ptr1
                            .add(3 * ::core::mem::size_of::<*const u8>())
                            .cast::<usize>() = len10;
                        *ptr1
                            .add(2 * ::core::mem::size_of::<*const u8>())
                            .cast::<*mut u8>() = result10;
                        ptr1
                    }
                }
                #[doc(hidden)]
                #[allow(non_snake_case)]
                pub unsafe fn __post_return_describe<T_: Guest>(arg0: *mut u8) {
                    unsafe {
                        let l0 = *arg0.add(0).cast::<*mut u8>();
                        let l1 = *arg0
                            .add(::core::mem::size_of::<*const u8>())
                            .cast::<usize>();
                        let base7 = l0;
                        let len7 = l1;
                        for i in 0..len7 {
                            let base = base7
                                .add(i * (5 * ::core::mem::size_of::<*const u8>()));
                            {
                                let l2 = *base.add(0).cast::<*mut u8>();
                                let l3 = *base
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                _rt::cabi_dealloc(l2, l3, 1);
                                let l4 = *base
                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>();
                                let l5 = *base
                                    .add(4 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                let base6 = l4;
                                let len6 = l5;
                                _rt::cabi_dealloc(base6, len6 * 8, 4);
                            }
                        }
                        _rt::cabi_dealloc(
                            base7,
                            len7 * (5 * ::core::mem::size_of::<*const u8>()),
                            ::core::mem::size_of::<*const u8>(),
                        );
                        let l8 = *arg0
                            .add(2 * ::core::mem::size_of::<*const u8>())
                            .cast::<*mut u8>();
                        let l9 = *arg0
                            .add(3 * ::core::mem::size_of::<*const u8>())
                            .cast::<usize>();
                        let base15 = l8;
                        let len15 = l9;
                        for i in 0..len15 {
                            let base = base15
                                .add(i * (5 * ::core::mem::size_of::<*const u8>()));
                            {
                                let l10 = *base.add(0).cast::<*mut u8>();
                                let l11 = *base
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                _rt::cabi_dealloc(l10, l11, 1);
                                let l12 = *base
                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>();
                                let l13 = *base
                                    .add(4 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                let base14 = l12;
                                let len14 = l13;
                                _rt::cabi_dealloc(base14, len14 * 8, 4);
                            }
                        }
                        _rt::cabi_dealloc(
                            base15,
                            len15 * (5 * ::core::mem::size_of::<*const u8>()),
                            ::core::mem::size_of::<*const u8>(),
                        );
                    }
                }
                #[doc(hidden)]
                #[allow(non_snake_case, unused_unsafe)]
                pub unsafe fn _export_infer_cabi<T_: Guest>(
                    arg0: *mut u8,
                    arg1: usize,
                ) -> *mut u8 {
                    unsafe {
                        #[cfg(target_arch = "wasm32")] _rt::run_ctors_once();
                        let result11 = {
                            let base10 = arg0;
                            let len10 = arg1;
                            let mut result10 = _rt::Vec::with_capacity(len10);
                            for i in 0..len10 {
                                let base = base10
                                    .add(i * (7 * ::core::mem::size_of::<*const u8>()));
                                let e10 = {
                                    let l0 = *base.add(0).cast::<*mut u8>();
                                    let l1 = *base
                                        .add(::core::mem::size_of::<*const u8>())
                                        .cast::<usize>();
                                    let len2 = l1;
                                    let bytes2 = _rt::Vec::from_raw_parts(
                                        l0.cast(),
                                        len2,
                                        len2,
                                    );
                                    let l3 = i32::from(
                                        *base
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<u8>(),
                                    );
                                    let l4 = *base
                                        .add(3 * ::core::mem::size_of::<*const u8>())
                                        .cast::<*mut u8>();
                                    let l5 = *base
                                        .add(4 * ::core::mem::size_of::<*const u8>())
                                        .cast::<usize>();
                                    let len6 = l5;
                                    let l7 = *base
                                        .add(5 * ::core::mem::size_of::<*const u8>())
                                        .cast::<*mut u8>();
                                    let l8 = *base
                                        .add(6 * ::core::mem::size_of::<*const u8>())
                                        .cast::<usize>();
                                    let len9 = l8;
                                    super::super::super::super::mlwasm::scoring::inference::TensorResult {
                                        name: _rt::string_lift(bytes2),
                                        element: super::super::super::super::mlwasm::scoring::inference::ElementType::_lift(
                                            l3 as u8,
                                        ),
                                        shape: <_ as From<
                                            _rt::Vec<_>,
                                        >>::from(_rt::Vec::from_raw_parts(l4.cast(), len6, len6)),
                                        data: <_ as From<
                                            _rt::Vec<_>,
                                        >>::from(_rt::Vec::from_raw_parts(l7.cast(), len9, len9)),
                                    }
                                };
                                result10.push(e10);
                            }
                            _rt::cabi_dealloc(
                                base10,
                                len10 * (7 * ::core::mem::size_of::<*const u8>()),
                                ::core::mem::size_of::<*const u8>(),
                            );
                            T_::infer(result10)
                        };
                        let ptr12 = (&raw mut _RET_AREA.0).cast::<u8>();
                        match result11 {
                            Ok(e) => {
                                *ptr12.add(0).cast::<u8>() = (0i32) as u8;
                                let vec17 = e;
                                let len17 = vec17.len();
                                let layout17 = _rt::alloc::Layout::from_size_align(
                                        vec17.len() * (7 * ::core::mem::size_of::<*const u8>()),
                                        ::core::mem::size_of::<*const u8>(),
                                    )
                                    .unwrap();
                                let (result17, _cleanup17) = ::wit_bindgen::rt::Cleanup::new(
                                    layout17,
                                );
                                if let Some(cleanup) = _cleanup17 {
                                    cleanup.forget();
                                }
                                for (i, e) in vec17.into_iter().enumerate() {
                                    let base = result17
                                        .add(i * (7 * ::core::mem::size_of::<*const u8>()));
                                    {
                                        let super::super::super::super::mlwasm::scoring::inference::TensorResult {
                                            name: name13,
                                            element: element13,
                                            shape: shape13,
                                            data: data13,
                                        } = e;
                                        let vec14 = (name13.into_bytes()).into_boxed_slice();
                                        let ptr14 = vec14.as_ptr().cast::<u8>();
                                        let len14 = vec14.len();
                                        ::core::mem::forget(vec14);
                                        *base
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len14;
                                        *base.add(0).cast::<*mut u8>() = ptr14.cast_mut();
                                        *base
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (element13.clone() as i32) as u8;
                                        let vec15 = <_ as Into<_rt::Vec<_>>>::into(shape13)
                                            .into_boxed_slice();
                                        let ptr15 = vec15.as_ptr().cast::<u8>();
                                        let len15 = vec15.len();
                                        ::core::mem::forget(vec15);
                                        *base
                                            .add(4 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len15;
                                        *base
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr15.cast_mut();
                                        let vec16 = <_ as Into<_rt::Vec<_>>>::into(data13)
                                            .into_boxed_slice();
                                        let ptr16 = vec16.as_ptr().cast::<u8>();
                                        let len16 = vec16.len();
                                        ::core::mem::forget(vec16);
                                        *base
                                            .add(6 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len16;
                                        *base
                                            .add(5 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr16.cast_mut();
                                    }
                                }
                                *ptr12
                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len17;
                                *ptr12
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = result17;
                            }
                            Err(e) => {
                                *ptr12.add(0).cast::<u8>() = (1i32) as u8;
                                use super::super::super::super::exports::mlwasm::scoring::scorer::ScoreError as V20;
                                match e {
                                    V20::BadRequest(e) => {
                                        *ptr12
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (0i32) as u8;
                                        let vec18 = (e.into_bytes()).into_boxed_slice();
                                        let ptr18 = vec18.as_ptr().cast::<u8>();
                                        let len18 = vec18.len();
                                        ::core::mem::forget(vec18);
                                        *ptr12
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len18;
                                        *ptr12
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr18.cast_mut();
                                    }
                                    V20::Internal(e) => {
                                        *ptr12
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (1i32) as u8;
                                        let vec19 = (e.into_bytes()).into_boxed_slice();
                                        let ptr19 = vec19.as_ptr().cast::<u8>();
                                        let len19 = vec19.len();
                                        ::core::mem::forget(vec19);
                                        *ptr12
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len19;
                                        *ptr12
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr19.cast_mut();
                                    }
                                }
                            }
                        };
                        ptr12
                    }
                }
                #[doc(hidden)]
                #[allow(non_snake_case)]
                pub unsafe fn __post_return_infer<T_: Guest>(arg0: *mut u8) {
                    unsafe {
                        let l0 = i32::from(*arg0.add(0).cast::<u8>());
                        match l0 {
                            0 => {
                                let l1 = *arg0
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>();
                                let l2 = *arg0
                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                let base11 = l1;
                                let len11 = l2;
                                for i in 0..len11 {
                                    let base = base11
                                        .add(i * (7 * ::core::mem::size_of::<*const u8>()));
                                    {
                                        let l3 = *base.add(0).cast::<*mut u8>();
                                        let l4 = *base
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l3, l4, 1);
                                        let l5 = *base
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l6 = *base
                                            .add(4 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        let base7 = l5;
                                        let len7 = l6;
                                        _rt::cabi_dealloc(base7, len7 * 4, 4);
                                        let l8 = *base
                                            .add(5 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l9 = *base
                                            .add(6 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        let base10 = l8;
                                        let len10 = l9;
                                        _rt::cabi_dealloc(base10, len10 * 1, 1);
                                    }
                                }
                                _rt::cabi_dealloc(
                                    base11,
                                    len11 * (7 * ::core::mem::size_of::<*const u8>()),
                                    ::core::mem::size_of::<*const u8>(),
                                );
                            }
                            _ => {
                                let l12 = i32::from(
                                    *arg0.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                );
                                match l12 {
                                    0 => {
                                        let l13 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l14 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l13, l14, 1);
                                    }
                                    _ => {
                                        let l15 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l16 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l15, l16, 1);
                                    }
                                }
                            }
                        }
                    }
                }
                pub trait Guest {
                    /// Tells what the scorer takes and gives. Called after `init`; the answer must not change.
                    #[allow(async_fn_in_trait)]
                    fn describe() -> Signature;
                    /// Scores one batch: one tensor for each input of the signature, one in the answer for each output.
                    #[allow(async_fn_in_trait)]
                    fn infer(
                        inputs: _rt::Vec<TensorResult>,
                    ) -> ::core::result::Result<_rt::Vec<TensorResult>, ScoreError>;
                }
                #[doc(hidden)]
                #[macro_export]
                macro_rules! __export_mlwasm_scoring_tensor_scorer_0_1_0_cabi {
                    ($ty:ident with_types_in $($path_to_types:tt)*) => {
                        const _ : () = { #[unsafe (export_name =
                        "mlwasm:scoring/tensor-scorer@0.1.0#describe")] unsafe extern "C"
                        fn export_describe() -> * mut u8 { unsafe { $($path_to_types)*::
                        _export_describe_cabi::<$ty > () } } #[unsafe (export_name =
                        "cabi_post_mlwasm:scoring/tensor-scorer@0.1.0#describe")] unsafe
                        extern "C" fn _post_return_describe(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_describe::<$ty > (arg0) } }
                        #[unsafe (export_name =
                        "mlwasm:scoring/tensor-scorer@0.1.0#infer")] unsafe extern "C" fn
                        export_infer(arg0 : * mut u8, arg1 : usize,) -> * mut u8 { unsafe
                        { $($path_to_types)*:: _export_infer_cabi::<$ty > (arg0, arg1) }
                        } #[unsafe (export_name =
                        "cabi_post_mlwasm:scoring/tensor-scorer@0.1.0#infer")] unsafe
                        extern "C" fn _post_return_infer(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_infer::<$ty > (arg0) } } };
                    };
                }
                #[doc(hidden)]
                pub use __export_mlwasm_scoring_tensor_scorer_0_1_0_cabi;
                #[cfg_attr(target_pointer_width = "64", repr(align(8)))]
                #[cfg_attr(target_pointer_width = "32", repr(align(4)))]
                struct _RetArea(
                    [::core::mem::MaybeUninit<
                        u8,
                    >; 4 * ::core::mem::size_of::<*const u8>()],
                );
                static mut _RET_AREA: _RetArea = _RetArea(
                    [::core::mem::MaybeUninit::uninit(); 4
                        * ::core::mem::size_of::<*const u8>()],
                );
            }
        }
    }
}
mod _rt {
    #![allow(dead_code, unused_imports, clippy::all)]
    pub use alloc_crate::string::String;
    pub use alloc_crate::vec::Vec;
    use core::fmt;
    use core::marker;
    use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
    /// A type which represents a component model resource, either imported or
    /// exported into this component.
    ///
    /// This is a low-level wrapper which handles the lifetime of the resource
    /// (namely this has a destructor). The `T` provided defines the component model
    /// intrinsics that this wrapper uses.
    ///
    /// One of the chief purposes of this type is to provide `Deref` implementations
    /// to access the underlying data when it is owned.
    ///
    /// This type is primarily used in generated code for exported and imported
    /// resources.
    #[repr(transparent)]
    pub struct Resource<T: WasmResource> {
        handle: AtomicU32,
        _marker: marker::PhantomData<T>,
    }
    /// A trait which all wasm resources implement, namely providing the ability to
    /// drop a resource.
    ///
    /// This generally is implemented by generated code, not user-facing code.
    #[allow(clippy::missing_safety_doc)]
    pub unsafe trait WasmResource {
        /// Invokes the `[resource-drop]...` intrinsic.
        unsafe fn drop(handle: u32);
    }
    impl<T: WasmResource> Resource<T> {
        #[doc(hidden)]
        pub unsafe fn from_handle(handle: u32) -> Self {
            debug_assert!(handle != 0 && handle != u32::MAX);
            Self {
                handle: AtomicU32::new(handle),
                _marker: marker::PhantomData,
            }
        }
        /// Takes ownership of the handle owned by `resource`.
        ///
        /// Note that this ideally would be `into_handle` taking `Resource<T>` by
        /// ownership. The code generator does not enable that in all situations,
        /// unfortunately, so this is provided instead.
        ///
        /// Also note that `take_handle` is in theory only ever called on values
        /// owned by a generated function. For example a generated function might
        /// take `Resource<T>` as an argument but then call `take_handle` on a
        /// reference to that argument. In that sense the dynamic nature of
        /// `take_handle` should only be exposed internally to generated code, not
        /// to user code.
        #[doc(hidden)]
        pub fn take_handle(resource: &Resource<T>) -> u32 {
            resource.handle.swap(u32::MAX, Relaxed)
        }
        #[doc(hidden)]
        pub fn handle(resource: &Resource<T>) -> u32 {
            resource.handle.load(Relaxed)
        }
    }
    impl<T: WasmResource> fmt::Debug for Resource<T> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("Resource").field("handle", &self.handle).finish()
        }
    }
    impl<T: WasmResource> Drop for Resource<T> {
        fn drop(&mut self) {
            unsafe {
                match self.handle.load(Relaxed) {
                    u32::MAX => {}
                    other => T::drop(other),
                }
            }
        }
    }
    pub unsafe fn string_lift(bytes: Vec<u8>) -> String {
        if cfg!(debug_assertions) {
            String::from_utf8(bytes).unwrap()
        } else {
            unsafe { String::from_utf8_unchecked(bytes) }
        }
    }
    pub unsafe fn invalid_enum_discriminant<T>() -> T {
        if cfg!(debug_assertions) {
            panic!("invalid enum discriminant")
        } else {
            unsafe { core::hint::unreachable_unchecked() }
        }
    }
    pub unsafe fn cabi_dealloc(ptr: *mut u8, size: usize, align: usize) {
        if size == 0 {
            return;
        }
        unsafe {
            let layout = alloc::Layout::from_size_align_unchecked(size, align);
            alloc::dealloc(ptr, layout);
        }
    }
    pub use alloc_crate::alloc;
    pub unsafe fn bool_lift(val: u8) -> bool {
        if cfg!(debug_assertions) {
            match val {
                0 => false,
                1 => true,
                _ => panic!("invalid bool discriminant"),
            }
        } else {
            val != 0
        }
    }
    #[cfg(target_arch = "wasm32")]
    pub fn run_ctors_once() {
        ::wit_bindgen::rt::run_ctors_once();
    }
    pub fn as_i32<T: AsI32>(t: T) -> i32 {
        t.as_i32()
    }
    pub trait AsI32 {
        fn as_i32(self) -> i32;
    }
    impl<'a, T: Copy + AsI32> AsI32 for &'a T {
        fn as_i32(self) -> i32 {
            (*self).as_i32()
        }
    }
    impl AsI32 for i32 {
        #[inline]
        fn as_i32(self) -> i32 {
            self as i32
        }
    }
    impl AsI32 for u32 {
        #[inline]
        fn as_i32(self) -> i32 {
            self as i32
        }
    }
    impl AsI32 for i16 {
        #[inline]
        fn as_i32(self) -> i32 {
            self as i32
        }
    }
    impl AsI32 for u16 {
        #[inline]
        fn as_i32(self) -> i32 {
            self as i32
        }
    }
    impl AsI32 for i8 {
        #[inline]
        fn as_i32(self) -> i32 {
            self as i32
        }
    }
    impl AsI32 for u8 {
        #[inline]
        fn as_i32(self) -> i32 {
            self as i32
        }
    }
    impl AsI32 for char {
        #[inline]
        fn as_i32(self) -> i32 {
            self as i32
        }
    }
    impl AsI32 for usize {
        #[inline]
        fn as_i32(self) -> i32 {
            self as i32
        }
    }
    extern crate alloc as alloc_crate;
}
/// Generates `#[unsafe(no_mangle)]` functions to export the specified type as
/// the root implementation of all generated traits.
///
/// For more information see the documentation of `wit_bindgen::generate!`.
///
/// ```rust
/// # macro_rules! __export_tensor_scoring{ ($($t:tt)*) => (); }
/// # trait Guest {}
/// struct MyType;
///
/// impl Guest for MyType {
///     // ...
/// }
///
/// __export_tensor_scoring!(MyType);
/// ```
#[allow(unused_macros)]
#[doc(hidden)]
#[macro_export]
macro_rules! __export_tensor_scoring_impl {
    ($ty:ident) => {
        mlwasm_tensor_world::__export_tensor_scoring!($ty with_types_in
        mlwasm_tensor_world);
    };
    ($ty:ident with_types_in $($path_to_types_root:tt)*) => {
        $($path_to_types_root)*::
        exports::mlwasm::scoring::scorer::__export_mlwasm_scoring_scorer_0_1_0_cabi!($ty
        with_types_in $($path_to_types_root)*:: exports::mlwasm::scoring::scorer);
        $($path_to_types_root)*::
        exports::mlwasm::scoring::tensor_scorer::__export_mlwasm_scoring_tensor_scorer_0_1_0_cabi!($ty
        with_types_in $($path_to_types_root)*:: exports::mlwasm::scoring::tensor_scorer);
        const _ : () = { #[cfg(target_arch = "wasm32")] #[unsafe (link_section =
        "component-type:wit-bindgen:0.61.1:mlwasm:scoring@0.1.0:tensor-scoring:imports and exports")]
        #[doc(hidden)] #[allow(clippy::octal_escapes)] pub static
        __WIT_BINDGEN_COMPONENT_TYPE : [u8; 1367] = *
        b"\
\0asm\x0d\0\x01\0\0\x19\x16wit-component-encoding\x04\0\x07\xd2\x09\x01A\x02\x01\
A\x0b\x01B\x1a\x01m\x0e\x07boolean\x05uint8\x04int8\x06uint16\x05int16\x06uint32\
\x05int32\x06uint64\x05int64\x07float16\x08bfloat16\x07float32\x07float64\x05byt\
es\x04\0\x0celement-type\x03\0\0\x01py\x01p}\x01r\x04\x04names\x07element\x01\x05\
shape\x02\x04data\x03\x04\0\x06tensor\x03\0\x04\x01ky\x01p\x06\x01r\x03\x04names\
\x07element\x01\x05shape\x07\x04\0\x0btensor-spec\x03\0\x08\x01q\x03\x0dunknown-\
model\x01s\0\x0dinvalid-input\x01s\0\x06failed\x01s\0\x04\0\x0finference-error\x03\
\0\x0a\x04\0\x05model\x03\x01\x01i\x0c\x01j\x01\x0d\x01\x0b\x01@\x01\x04names\0\x0e\
\x04\0\x12[static]model.open\x01\x0f\x01h\x0c\x01p\x09\x01@\x01\x04self\x10\0\x11\
\x04\0\x14[method]model.inputs\x01\x12\x04\0\x15[method]model.outputs\x01\x12\x01\
p\x05\x01j\x01\x13\x01\x0b\x01@\x02\x04self\x10\x06inputs\x13\0\x14\x04\0\x13[me\
thod]model.infer\x01\x15\x03\0\x1emlwasm:scoring/inference@0.1.0\x05\0\x01B\x08\x01\
q\x02\x07invalid\x01s\0\x08too-many\x01s\0\x04\0\x10collection-error\x03\0\0\x01\
@\x01\x04names\0\x7f\x04\0\x07enabled\x01\x02\x01p}\x01j\0\x01\x01\x01@\x03\x04n\
ames\x0ccontent-types\x04data\x03\0\x04\x04\0\x07collect\x01\x05\x03\0\x1fmlwasm\
:scoring/collection@0.1.0\x05\x01\x01B\x11\x01p}\x01r\x02\x04names\x05value\0\x04\
\0\x06header\x03\0\x01\x01p\x02\x01ks\x01r\x07\x02ids\x0adeployments\x09is-mirro\
r\x7f\x05querys\x07headers\x03\x0ccontent-type\x04\x04body\0\x04\0\x07request\x03\
\0\x05\x01r\x04\x06status{\x0ccontent-types\x07headers\x03\x04body\0\x04\0\x08re\
sponse\x03\0\x07\x01q\x02\x0bbad-request\x01s\0\x08internal\x01s\0\x04\0\x0bscor\
e-error\x03\0\x09\x01j\0\x01s\x01@\0\0\x0b\x04\0\x04init\x01\x0c\x01j\x01\x08\x01\
\x0a\x01@\x01\x07request\x06\0\x0d\x04\0\x03run\x01\x0e\x04\0\x1bmlwasm:scoring/\
scorer@0.1.0\x05\x02\x02\x03\0\0\x06tensor\x02\x03\0\0\x0btensor-spec\x02\x03\0\x02\
\x0bscore-error\x01B\x0f\x02\x03\x02\x01\x03\x04\0\x06tensor\x03\0\0\x02\x03\x02\
\x01\x04\x04\0\x0btensor-spec\x03\0\x02\x02\x03\x02\x01\x05\x04\0\x0bscore-error\
\x03\0\x04\x01p\x03\x01r\x02\x06inputs\x06\x07outputs\x06\x04\0\x09signature\x03\
\0\x07\x01@\0\0\x08\x04\0\x08describe\x01\x09\x01p\x01\x01j\x01\x0a\x01\x05\x01@\
\x01\x06inputs\x0a\0\x0b\x04\0\x05infer\x01\x0c\x04\0\"mlwasm:scoring/tensor-sco\
rer@0.1.0\x05\x06\x04\0#mlwasm:scoring/tensor-scoring@0.1.0\x04\0\x0b\x14\x01\0\x0e\
tensor-scoring\x03\0\0\0G\x09producers\x01\x0cprocessed-by\x02\x0dwit-component\x07\
0.258.3\x10wit-bindgen-rust\x060.61.1";
        };
    };
}
#[doc(inline)]
pub use __export_tensor_scoring_impl as __export_tensor_scoring;
#[cfg(target_arch = "wasm32")]
#[unsafe(
    link_section = "component-type:wit-bindgen:0.61.1:mlwasm:scoring@0.1.0:tensor-scoring-with-all-of-its-exports-removed:encoded world"
)]
#[doc(hidden)]
#[allow(clippy::octal_escapes)]
pub static __WIT_BINDGEN_COMPONENT_TYPE: [u8; 898] = *b"\
\0asm\x0d\0\x01\0\0\x19\x16wit-component-encoding\x04\0\x07\xdd\x05\x01A\x02\x01\
A\x04\x01B\x1a\x01m\x0e\x07boolean\x05uint8\x04int8\x06uint16\x05int16\x06uint32\
\x05int32\x06uint64\x05int64\x07float16\x08bfloat16\x07float32\x07float64\x05byt\
es\x04\0\x0celement-type\x03\0\0\x01py\x01p}\x01r\x04\x04names\x07element\x01\x05\
shape\x02\x04data\x03\x04\0\x06tensor\x03\0\x04\x01ky\x01p\x06\x01r\x03\x04names\
\x07element\x01\x05shape\x07\x04\0\x0btensor-spec\x03\0\x08\x01q\x03\x0dunknown-\
model\x01s\0\x0dinvalid-input\x01s\0\x06failed\x01s\0\x04\0\x0finference-error\x03\
\0\x0a\x04\0\x05model\x03\x01\x01i\x0c\x01j\x01\x0d\x01\x0b\x01@\x01\x04names\0\x0e\
\x04\0\x12[static]model.open\x01\x0f\x01h\x0c\x01p\x09\x01@\x01\x04self\x10\0\x11\
\x04\0\x14[method]model.inputs\x01\x12\x04\0\x15[method]model.outputs\x01\x12\x01\
p\x05\x01j\x01\x13\x01\x0b\x01@\x02\x04self\x10\x06inputs\x13\0\x14\x04\0\x13[me\
thod]model.infer\x01\x15\x03\0\x1emlwasm:scoring/inference@0.1.0\x05\0\x01B\x08\x01\
q\x02\x07invalid\x01s\0\x08too-many\x01s\0\x04\0\x10collection-error\x03\0\0\x01\
@\x01\x04names\0\x7f\x04\0\x07enabled\x01\x02\x01p}\x01j\0\x01\x01\x01@\x03\x04n\
ames\x0ccontent-types\x04data\x03\0\x04\x04\0\x07collect\x01\x05\x03\0\x1fmlwasm\
:scoring/collection@0.1.0\x05\x01\x04\0Cmlwasm:scoring/tensor-scoring-with-all-o\
f-its-exports-removed@0.1.0\x04\0\x0b4\x01\0.tensor-scoring-with-all-of-its-expo\
rts-removed\x03\0\0\0G\x09producers\x01\x0cprocessed-by\x02\x0dwit-component\x07\
0.258.3\x10wit-bindgen-rust\x060.61.1";
#[inline(never)]
#[doc(hidden)]
pub fn __link_custom_section_describing_imports() {
    ::wit_bindgen::rt::maybe_link_cabi_realloc();
}
