//! The complete list of a scorer's powers.
//!
//! Whatever is not named here, a component can not import: it is refused before it is compiled. One file below for each
//! source of functions.

pub(crate) mod collection;
pub(crate) mod files;
pub(crate) mod grants;
pub(crate) mod http;
pub(crate) mod inference;
pub(crate) mod wasi;

use wasmtime::component::Linker;

use crate::{
    bindings::{COLLECTION, INFERENCE},
    host_state::HostState,
};

/// The interfaces that a scorer may import, without their versions.
///
/// WASI is there for the standard libraries of languages, which import all of it, and grants next to nothing: the
/// deployment's own environment variables, captured output, coarse clocks and random numbers, and the deployment's files in a
/// folder that can only be read. No other folder is open, and no socket can be bound, connected or resolved.
const OFFERED: [&str; 29] = [
    "mlwasm:scoring/collection",
    "mlwasm:scoring/inference",
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stderr",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stderr",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:filesystem/preopens",
    "wasi:filesystem/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
    "wasi:random/random",
    "wasi:sockets/instance-network",
    "wasi:sockets/ip-name-lookup",
    "wasi:sockets/network",
    "wasi:sockets/tcp",
    "wasi:sockets/tcp-create-socket",
    "wasi:sockets/udp",
    "wasi:sockets/udp-create-socket",
];

/// The interfaces that a scorer may import if its deployment says whom it may call.
///
/// Refused without that, although every call would be refused anyway: who asks for them by accident learns it when they deploy.
const BY_EGRESS: [&str; 2] = ["wasi:http/outgoing-handler", "wasi:http/types"];

/// Whether a scorer may import `interface`, a name with its version.
pub(crate) fn is_offered(interface: &str) -> bool {
    is_among(&OFFERED, interface)
}

/// Whether a scorer may import `interface`, a name with its version, if its deployment has `egress`.
pub(crate) fn is_by_egress(interface: &str) -> bool {
    is_among(&BY_EGRESS, interface)
}

fn is_among(names: &[&str], interface: &str) -> bool {
    let Some((name, version)) = interface.split_once('@') else {
        return false;
    };
    // Toolchains differ in the last number: a host of 0.2 serves every 0.2.
    let track = if name.starts_with("wasi:") {
        "0.2."
    } else {
        "0.1."
    };
    version.starts_with(track) && names.contains(&name)
}

/// Gives `linker` everything in the list.
pub(crate) fn add_to_linker(linker: &mut Linker<HostState>) -> wasmtime::Result<()> {
    wasmtime_wasi::p2::add_to_linker_async(linker)?;
    http::add_to_linker(linker)?;
    inference::add_to_linker(&mut linker.instance(INFERENCE)?)?;
    collection::add_to_linker(&mut linker.instance(COLLECTION)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_listed_is_offered_in_its_version() {
        for (interface, offered) in [
            ("mlwasm:scoring/inference@0.1.0", true),
            ("mlwasm:scoring/collection@0.1.0", true),
            ("mlwasm:scoring/inference@0.1.3", true),
            ("mlwasm:scoring/inference@0.2.0", false),
            ("mlwasm:scoring/inference", false),
            ("mlwasm:scoring/scorer@0.1.0", false),
            ("wasi:cli/environment@0.2.0", true),
            ("wasi:cli/environment@0.2.12", true),
            ("wasi:cli/environment@0.3.0", false),
            ("wasi:sockets/udp@0.2.6", true),
            ("wasi:http/outgoing-handler@0.2.0", false),
            ("wasi:http/types@0.2.12", false),
            ("acme:private/secrets@1.0.0", false),
            ("", false),
        ] {
            assert_eq!(is_offered(interface), offered, "{interface}");
        }
    }

    #[test]
    fn http_is_offered_by_egress_and_only_to_call_others() {
        for (interface, offered) in [
            ("wasi:http/outgoing-handler@0.2.0", true),
            ("wasi:http/types@0.2.12", true),
            ("wasi:http/types@0.3.0", false),
            ("wasi:http/incoming-handler@0.2.0", false),
            ("wasi:cli/environment@0.2.0", false),
        ] {
            assert_eq!(is_by_egress(interface), offered, "{interface}");
        }
    }
}
