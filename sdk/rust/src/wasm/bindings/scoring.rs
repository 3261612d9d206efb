#[allow(unfulfilled_lint_expectations, unused_imports)]
use mlwasm_tensor_world::mlwasm::scoring::inference as __with_name0;
#[allow(unfulfilled_lint_expectations, unused_imports)]
use mlwasm_tensor_world::mlwasm::scoring::collection as __with_name1;
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
        }
    }
}
mod _rt {
    #![allow(dead_code, unused_imports, clippy::all)]
    pub use alloc_crate::string::String;
    pub use alloc_crate::vec::Vec;
    #[cfg(target_arch = "wasm32")]
    pub fn run_ctors_once() {
        ::wit_bindgen::rt::run_ctors_once();
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
    pub unsafe fn string_lift(bytes: Vec<u8>) -> String {
        if cfg!(debug_assertions) {
            String::from_utf8(bytes).unwrap()
        } else {
            unsafe { String::from_utf8_unchecked(bytes) }
        }
    }
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
    pub unsafe fn invalid_enum_discriminant<T>() -> T {
        if cfg!(debug_assertions) {
            panic!("invalid enum discriminant")
        } else {
            unsafe { core::hint::unreachable_unchecked() }
        }
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
    pub use alloc_crate::alloc;
    extern crate alloc as alloc_crate;
}
/// Generates `#[unsafe(no_mangle)]` functions to export the specified type as
/// the root implementation of all generated traits.
///
/// For more information see the documentation of `wit_bindgen::generate!`.
///
/// ```rust
/// # macro_rules! __export_scoring{ ($($t:tt)*) => (); }
/// # trait Guest {}
/// struct MyType;
///
/// impl Guest for MyType {
///     // ...
/// }
///
/// __export_scoring!(MyType);
/// ```
#[allow(unused_macros)]
#[doc(hidden)]
#[macro_export]
macro_rules! __export_scoring_impl {
    ($ty:ident) => {
        mlwasm_sdk::wasm::bindings::__export_scoring!($ty with_types_in
        mlwasm_sdk::wasm::bindings);
    };
    ($ty:ident with_types_in $($path_to_types_root:tt)*) => {
        $($path_to_types_root)*::
        exports::mlwasm::scoring::scorer::__export_mlwasm_scoring_scorer_0_1_0_cabi!($ty
        with_types_in $($path_to_types_root)*:: exports::mlwasm::scoring::scorer); const
        _ : () = { #[cfg(target_arch = "wasm32")] #[unsafe (link_section =
        "component-type:wit-bindgen:0.61.1:mlwasm:scoring@0.1.0:scoring:imports and exports")]
        #[doc(hidden)] #[allow(clippy::octal_escapes)] pub static
        __WIT_BINDGEN_COMPONENT_TYPE : [u8; 1119] = *
        b"\
\0asm\x0d\0\x01\0\0\x19\x16wit-component-encoding\x04\0\x07\xe1\x07\x01A\x02\x01\
A\x06\x01B\x1a\x01m\x0e\x07boolean\x05uint8\x04int8\x06uint16\x05int16\x06uint32\
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
scorer@0.1.0\x05\x02\x04\0\x1cmlwasm:scoring/scoring@0.1.0\x04\0\x0b\x0d\x01\0\x07\
scoring\x03\0\0\0G\x09producers\x01\x0cprocessed-by\x02\x0dwit-component\x070.25\
8.3\x10wit-bindgen-rust\x060.61.1";
        };
    };
}
#[doc(inline)]
pub use __export_scoring_impl as __export_scoring;
#[cfg(target_arch = "wasm32")]
#[unsafe(
    link_section = "component-type:wit-bindgen:0.61.1:mlwasm:scoring@0.1.0:scoring-with-all-of-its-exports-removed:encoded world"
)]
#[doc(hidden)]
#[allow(clippy::octal_escapes)]
pub static __WIT_BINDGEN_COMPONENT_TYPE: [u8; 884] = *b"\
\0asm\x0d\0\x01\0\0\x19\x16wit-component-encoding\x04\0\x07\xd6\x05\x01A\x02\x01\
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
:scoring/collection@0.1.0\x05\x01\x04\0<mlwasm:scoring/scoring-with-all-of-its-e\
xports-removed@0.1.0\x04\0\x0b-\x01\0'scoring-with-all-of-its-exports-removed\x03\
\0\0\0G\x09producers\x01\x0cprocessed-by\x02\x0dwit-component\x070.258.3\x10wit-\
bindgen-rust\x060.61.1";
#[inline(never)]
#[doc(hidden)]
pub fn __link_custom_section_describing_imports() {
    ::wit_bindgen::rt::maybe_link_cabi_realloc();
}
