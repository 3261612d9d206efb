//! How wasmtime is set up: what guests may use, and what is reserved for them.

use std::{fs, num::NonZeroUsize};

use mlwasm_types::SandboxSettings;
use wasmparser::WasmFeatures;
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig,
    WasmBacktraceDetails,
};

use super::EngineSettings;
use crate::{
    error::EngineError,
    failures::MAX_FRAMES,
    limits::{CORE_INSTANCES, MEMORIES, TABLES},
};

/// Each sandbox reserves 8 GiB of address space, and a process has 128 TiB.
const MOST_SANDBOXES: u32 = 10_000;
/// All that a 32-bit guest can address.
const MOST_MEMORY_MB: u32 = 4_096;
/// Memory mappings of a sandbox: memory, guards, stack, tables. Measured: 6.
const MAPS_PER_SANDBOX: u64 = 8;
/// Memory mappings of everything else in the process.
const OTHER_MAPS: u64 = 2_000;

/// Less than this and the standard libraries of some languages do not start.
const LEAST_STACK_KB: u32 = 64;
/// Address space for a stack is reserved for every sandbox.
const MOST_STACK_KB: u32 = 16_384;
/// Stack of a call above what the guest's own code may take, for host functions: native inference runs on it.
const HOST_STACK: usize = 3_584 << 10;

/// Kept in place when a sandbox goes, for the next: what small scorers touch. More costs memory, less page faults.
const KEEP_MEMORY: usize = 64 << 10;
const KEEP_TABLE: usize = 4 << 10;
const KEEP_STACK: usize = 32 << 10;

/// The proposals of WebAssembly that guests may use.
///
/// Those that are off are either young or a way to more memory and threads than the limits speak of.
pub(crate) fn features() -> WasmFeatures {
    let off = WasmFeatures::THREADS
        | WasmFeatures::SHARED_EVERYTHING_THREADS
        | WasmFeatures::MEMORY64
        | WasmFeatures::MULTI_MEMORY
        | WasmFeatures::GC
        | WasmFeatures::FUNCTION_REFERENCES
        | WasmFeatures::EXCEPTIONS
        | WasmFeatures::LEGACY_EXCEPTIONS
        | WasmFeatures::STACK_SWITCHING
        | WasmFeatures::CUSTOM_PAGE_SIZES
        | WasmFeatures::WIDE_ARITHMETIC
        | WasmFeatures::MEMORY_CONTROL
        | WasmFeatures::CM_ASYNC
        | WasmFeatures::CM_ASYNC_STACKFUL
        | WasmFeatures::CM_MORE_ASYNC_BUILTINS
        | WasmFeatures::CM_THREADING
        | WasmFeatures::CM_ERROR_CONTEXT
        | WasmFeatures::CM_VALUES
        | WasmFeatures::CM_NESTED_NAMES
        | WasmFeatures::CM_FIXED_LENGTH_LISTS
        | WasmFeatures::CM_GC
        | WasmFeatures::CM64;
    WasmFeatures::default().difference(off)
}

/// wasmtime's engine, with room for what `settings` ask for.
pub(super) fn start(settings: &EngineSettings) -> Result<Engine, EngineError> {
    check(settings, allowed_maps())?;
    Engine::new(&configuration(settings)).map_err(|error| EngineError::Refused {
        message: format!("{error:#}"),
    })
}

fn check(settings: &EngineSettings, allowed_maps: Option<u64>) -> Result<(), EngineError> {
    let asked = settings.max_sandboxes;
    if !(1..=MOST_SANDBOXES).contains(&asked) {
        return Err(EngineError::SandboxCount {
            asked,
            most: MOST_SANDBOXES,
        });
    }
    let memory = settings.max_memory_mb;
    if !(1..=MOST_MEMORY_MB).contains(&memory) {
        return Err(EngineError::MemorySize {
            asked: memory,
            most: MOST_MEMORY_MB,
        });
    }
    let stack = settings.max_stack_kb;
    if !(LEAST_STACK_KB..=MOST_STACK_KB).contains(&stack) {
        return Err(EngineError::StackSize {
            asked: stack,
            least: LEAST_STACK_KB,
            most: MOST_STACK_KB,
        });
    }
    let needed = u64::from(asked) * MAPS_PER_SANDBOX + OTHER_MAPS;
    match allowed_maps {
        Some(allowed) if needed > allowed => Err(EngineError::MapCount {
            asked,
            needed,
            allowed,
        }),
        Some(_) | None => Ok(()),
    }
}

/// Memory mappings that the kernel allows; none if it does not say, then it has no such limit.
fn allowed_maps() -> Option<u64> {
    let text = fs::read_to_string("/proc/sys/vm/max_map_count").ok()?;
    text.trim().parse().ok()
}

fn configuration(settings: &EngineSettings) -> Config {
    let mut config = for_compiling();
    let guest_stack = (settings.max_stack_kb as usize) << 10;
    config
        // Deeper recursion is a trap.
        .max_wasm_stack(guest_stack)
        .async_stack_size(guest_stack + HOST_STACK)
        // Collected when a guest is ended, by walking its stack: nothing is paid before that.
        .wasm_backtrace_max_frames(NonZeroUsize::new(MAX_FRAMES))
        // Stacks are reused across deployments.
        .async_stack_zeroing(true)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool(settings)));
    config
}

/// What machine code depends on, and no more: a process that only compiles reserves nothing for sandboxes.
pub(crate) fn for_compiling() -> Config {
    let mut config = Config::new();
    let wanted = features();
    config.wasm_features(WasmFeatures::all().difference(wanted), false);
    config
        .epoch_interruption(true)
        // wasmtime would keep debug information in the machine code, so in memory, and read it at each trap, for each call anew, on
        // the thread of the request, recursing as deep as whoever wrote it likes. Lines of source come from `places` instead.
        // Said here since the default is what a variable of wasmtime's says.
        .wasm_backtrace_details(WasmBacktraceDetails::Disable);
    // memory_reservation, memory_guard_size and guard_before_linear_memory stay as they are: other values have been the
    // way out of the sandbox before (CVE-2026-34988).
    config
}

fn pool(settings: &EngineSettings) -> PoolingAllocationConfig {
    let sandboxes = settings.max_sandboxes;
    let memory = usize::try_from(u64::from(settings.max_memory_mb) << 20).unwrap_or(usize::MAX);
    let mut pool = PoolingAllocationConfig::new();
    // Every sandbox finds room for all that one may have, so that none can starve another.
    pool.total_component_instances(sandboxes)
        .total_core_instances(sandboxes * CORE_INSTANCES)
        .total_memories(sandboxes * MEMORIES)
        .total_tables(sandboxes * TABLES)
        .total_stacks(sandboxes)
        .max_core_instances_per_component(CORE_INSTANCES)
        .max_memories_per_component(MEMORIES)
        .max_tables_per_component(TABLES)
        .max_tables_per_module(TABLES)
        .table_elements(SandboxSettings::MOST_TABLE_ELEMENTS as usize)
        .max_memory_size(memory)
        .max_unused_warm_slots(sandboxes)
        .linear_memory_keep_resident(KEEP_MEMORY)
        .table_keep_resident(KEEP_TABLE)
        .async_stack_keep_resident(KEEP_STACK)
        // Linux 6.7 and later: halves the cost of a fresh sandbox.
        .pagemap_scan(Enabled::Auto);
    pool
}

#[cfg(test)]
mod tests {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};

    use super::*;
    use crate::compile::Compiler;

    fn settings(max_sandboxes: u32, max_memory_mb: u32) -> EngineSettings {
        EngineSettings {
            max_sandboxes,
            max_memory_mb,
            max_stack_kb: 512,
            max_component_bytes: 1,
            compiled_cache: None,
            compiler: Compiler::InProcess,
        }
    }

    #[test]
    fn code_from_a_process_that_only_compiles_fits() {
        let hash = |engine: &Engine| {
            let mut hasher = DefaultHasher::new();
            engine.precompile_compatibility_hash().hash(&mut hasher);
            hasher.finish()
        };
        let settings = EngineSettings {
            max_stack_kb: LEAST_STACK_KB,
            ..settings(1, 64)
        };
        let serving = start(&settings).unwrap();
        let compiling = Engine::new(&for_compiling()).unwrap();
        assert_eq!(hash(&serving), hash(&compiling));
    }

    #[test]
    fn settings_that_no_machine_can_hold_are_refused() {
        for (sandboxes, memory, maps, allowed) in [
            (0, 64, None, false),
            (1, 64, None, true),
            (MOST_SANDBOXES, 64, None, true),
            (MOST_SANDBOXES + 1, 64, None, false),
            (1, 0, None, false),
            (1, MOST_MEMORY_MB, None, true),
            (1, MOST_MEMORY_MB + 1, None, false),
            (1_000, 64, Some(10_000), true),
            (1_000, 64, Some(9_999), false),
        ] {
            let verdict = check(&settings(sandboxes, memory), maps);
            assert_eq!(verdict.is_ok(), allowed, "{sandboxes} {memory} {maps:?}");
        }
    }

    #[test]
    fn a_stack_has_a_least_and_a_most() {
        for (stack, allowed) in [
            (LEAST_STACK_KB - 1, false),
            (LEAST_STACK_KB, true),
            (MOST_STACK_KB, true),
            (MOST_STACK_KB + 1, false),
        ] {
            let settings = EngineSettings {
                max_stack_kb: stack,
                ..settings(1, 64)
            };
            assert_eq!(check(&settings, None).is_ok(), allowed, "{stack}");
            assert!(!allowed || start(&settings).is_ok(), "{stack}");
        }
    }

    #[test]
    fn the_default_room_is_to_be_had() {
        start(&settings(1_000, 1_024)).unwrap();
    }
}
