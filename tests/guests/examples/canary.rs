//! Leaves a secret all over its memory, and tells how much it sees of the secrets of others.
//!
//! `?secret=N`, another N for each request, reads the whole memory first and answers `{"seen": bytes}`: the bytes of secrets
//! in it, which earlier requests must have left. Then it writes its own over heap, statics and stack. `&then=trap` and
//! `&then=spin` end the request badly after that.

use std::{
    hint::{black_box, spin_loop},
    sync::Mutex,
};

use mlwasm_guests::param;
use mlwasm_sdk::{InitError, Request, Response, ScoreError, Scorer};
use serde::Serialize;

/// Words of 8 bytes in each place. Together more than the host keeps in place for the next sandbox, so that both its ways to
/// wipe a memory are tried.
const WORDS: usize = 8 << 10;
/// The upper half of every secret. It is in the code, never in memory but as part of one.
const MARK: u32 = 0xCA_4A_12_1E;

static FIXED: Mutex<[u64; WORDS]> = Mutex::new([0; WORDS]);

struct Canary {
    kept: Vec<u64>,
}

#[derive(Serialize)]
struct Sighting {
    seen: usize,
}

impl Scorer for Canary {
    fn init() -> Result<Self, InitError> {
        Ok(Self {
            kept: vec![0; WORDS],
        })
    }

    fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
        let number: u32 = param(&request, "secret")?;
        let seen = 8 * secrets();
        let secret = u64::from(MARK) << 32 | u64::from(number);
        self.kept.fill(secret);
        FIXED
            .lock()
            .map_err(|error| ScoreError::internal(error.to_string()))?
            .fill(secret);
        drop(black_box(vec![secret; WORDS]));
        fill_stack(secret);
        match request.query_param("then").as_deref() {
            Some("trap") => std::process::abort(),
            Some("spin") => loop {
                spin_loop();
            },
            _ => Response::json(&Sighting { seen }),
        }
    }
}

#[inline(never)]
fn fill_stack(secret: u64) {
    black_box([secret; WORDS]);
}

/// How many secrets are anywhere in the memory.
#[cfg(target_arch = "wasm32")]
fn secrets() -> usize {
    const PAGE: usize = 64 << 10;
    let end = core::arch::wasm32::memory_size::<0>() * PAGE;
    // Not from 0, which is no address in Rust.
    let words = (8..end).step_by(8);
    words
        .filter(|address| (word(*address) >> 32) as u32 == MARK)
        .count()
}

#[cfg(target_arch = "wasm32")]
#[expect(
    unsafe_code,
    reason = "reads what it does not own, which is what this guest is for"
)]
fn word(address: usize) -> u64 {
    // SAFETY: the address is below the size of the memory, of which every byte can be read, and a multiple of 8. No other
    // thread exists that could write meanwhile.
    unsafe { std::ptr::with_exposed_provenance::<u64>(address).read_volatile() }
}

/// Only a guest has a memory that can be read whole.
#[cfg(not(target_arch = "wasm32"))]
fn secrets() -> usize {
    0
}

mlwasm_sdk::scorer!(Canary);
