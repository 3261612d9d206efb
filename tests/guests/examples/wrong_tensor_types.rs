//! A scorer whose further exports have a typed scorer's names and other types: it must be refused when it is deployed, not
//! when it is started.
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
                record header { name: string, value: list<u8> }
                record request {
                    id: string, deployment: string, is-mirror: bool, query: string, headers: list<header>,
                    content-type: option<string>, body: list<u8>,
                }
                record response { status: u16, content-type: string, headers: list<header>, body: list<u8> }
                variant score-error { bad-request(string), internal(string) }
                init: func() -> result<_, string>;
                run: func(request: request) -> result<response, score-error>;
            }

            interface tensor-scorer {
                describe: func() -> string;
                infer: func(inputs: list<list<f32>>) -> list<f32>;
            }

            world mistaken {
                export scorer;
                export tensor-scorer;
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
    use super::bindings::exports::mlwasm::scoring::{scorer, tensor_scorer};

    struct Mistaken;

    impl scorer::Guest for Mistaken {
        fn init() -> Result<(), String> {
            Ok(())
        }

        fn run(_request: scorer::Request) -> Result<scorer::Response, scorer::ScoreError> {
            Err(scorer::ScoreError::Internal("never deployed".to_owned()))
        }
    }

    impl tensor_scorer::Guest for Mistaken {
        fn describe() -> String {
            "anything".to_owned()
        }

        fn infer(inputs: Vec<Vec<f32>>) -> Vec<f32> {
            inputs.concat()
        }
    }

    super::bindings::export!(Mistaken with_types_in super::bindings);
}
