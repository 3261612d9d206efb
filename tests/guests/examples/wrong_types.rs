//! A component whose exports have a scorer's names and other types: it must be refused when it is deployed, not when it
//! is started.
//!
//! Made without the SDK, which knows the contract.

#[cfg(target_family = "wasm")]
mod bindings {
    #![allow(
        missing_docs,
        unsafe_code,
        unused_qualifications,
        clippy::all,
        clippy::allow_attributes,
        clippy::allow_attributes_without_reason,
        clippy::undocumented_unsafe_blocks,
        reason = "generated code; which of these it needs changes with the generator"
    )]

    wit_bindgen::generate!({
        inline: r#"
            package mlwasm:scoring@0.1.0;

            interface scorer {
                init: func() -> result<_, string>;
                run: func(body: list<u8>) -> list<u8>;
            }

            world mistaken {
                export scorer;
            }
        "#,
        world: "mistaken",
    });
}

#[cfg(target_family = "wasm")]
#[expect(
    unsafe_code,
    reason = "the generated export macro expands to it, and here it counts as our own code"
)]
mod mistaken {
    use super::bindings::exports::mlwasm::scoring::scorer::Guest;

    struct Mistaken;

    impl Guest for Mistaken {
        fn init() -> Result<(), String> {
            Ok(())
        }

        fn run(body: Vec<u8>) -> Vec<u8> {
            body
        }
    }

    super::bindings::export!(Mistaken with_types_in super::bindings);
}
