//! From a core module to a component, within this process: what `wasm-tools component embed` and `new` do.

use anyhow::Context as _;
use std::path::Path;

use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// Says in a module which world of the contract in `wit` it was compiled for: for compilers whose bindings do not.
///
/// # Errors
///
/// If the contract can not be read, or has no such world.
pub(super) fn embed(module: &mut Vec<u8>, wit: &Path, world: &str) -> anyhow::Result<()> {
    let mut contract = Resolve::default();
    let (package, _) = contract
        .push_dir(wit)
        .with_context(|| format!("reading the contract in {}", wit.display()))?;
    let world = contract.select_world(&[package], Some(world))?;
    embed_component_metadata(module, &contract, world, StringEncoding::UTF8)
        .context("saying in the module what it was compiled for")
}

/// The component of a module that says for which world it was compiled. Where it names WASI's first version, an adapter to
/// the second is put in.
///
/// # Errors
///
/// What the module lacks, or has of another type than the contract's.
pub(super) fn component(module: &[u8]) -> anyhow::Result<Vec<u8>> {
    ComponentEncoder::default()
        .validate(true)
        .module(module)
        .context("the compiler's module")?
        .adapter(
            WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME,
            WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
        )
        .context("the adapter of WASI")?
        .encode()
        .context("making a component of the compiler's module")
}
