//! A scorer that imports what no host offers, `acme:private/secrets`: it must be refused before it runs.
//!
//! Made without the SDK, whose world has no such import.

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
            package acme:private@1.0.0;

            interface secrets {
                reveal: func(name: string) -> string;
            }

            world curious {
                include mlwasm:scoring/scoring@0.1.0;
                import secrets;
            }
        "#,
        path: "../../wit",
        world: "acme:private/curious",
        generate_all,
    });
}

#[cfg(target_family = "wasm")]
#[expect(
    unsafe_code,
    reason = "the generated export macro expands to it, and here it counts as our own code"
)]
mod curious {
    use super::bindings::acme::private::secrets;
    use super::bindings::exports::mlwasm::scoring::scorer::{Guest, Request, Response, ScoreError};

    struct Curious;

    impl Guest for Curious {
        fn init() -> Result<(), String> {
            Ok(())
        }

        fn run(request: Request) -> Result<Response, ScoreError> {
            Ok(Response {
                status: 200,
                content_type: "text/plain".to_owned(),
                headers: Vec::new(),
                body: secrets::reveal(&request.query).into_bytes(),
            })
        }
    }

    super::bindings::export!(Curious with_types_in super::bindings);
}
