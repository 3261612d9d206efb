//! What each import gives to a scorer, in words: for whoever looks at a component before it runs.

use super::{is_by_egress, is_offered};

/// What a scorer gets by an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// It is offered, and this is what can be done with it.
    Offered(&'static str),
    /// It is offered to deployments that name in `egress` whom their scorers may call, and this is what can be done with it.
    ByEgress(&'static str),
    /// A component with this import is refused, for this reason.
    Refused(&'static str),
}

/// What `egress` gives.
const CALLS: &str =
    "calls to the origins that its deployment names in egress; refused if it names none";

/// By the beginning of a name; the first that fits.
const WORDS: [(&str, &str); 15] = [
    (
        "mlwasm:scoring/inference",
        "native runs of the models of its deployment",
    ),
    (
        "mlwasm:scoring/collection",
        "records, kept as far as its deployment collects them",
    ),
    ("mlwasm:scoring/", "a part of the contract of this host"),
    (
        "wasi:cli/environment",
        "the environment variables of its deployment; no arguments",
    ),
    ("wasi:cli/exit", "ends its own sandbox"),
    ("wasi:cli/stdin", "nothing: it is at its end"),
    ("wasi:cli/stdout", "lines of its deployment's log"),
    ("wasi:cli/stderr", "lines of its deployment's log"),
    ("wasi:cli/terminal", "nothing: there is no terminal"),
    ("wasi:clocks/", "the time, in steps of a millisecond"),
    ("wasi:filesystem/", "the files of its deployment, to read"),
    ("wasi:random/", "random numbers"),
    (
        "wasi:sockets/",
        "nothing: no address can be bound, reached or looked up",
    ),
    (
        "wasi:io/",
        "what the other imports read, write and wait with",
    ),
    ("", "offered by this host"),
];

/// What `interface`, a name with its version, gives.
pub(crate) fn grant(interface: &str) -> Grant {
    if is_offered(interface) {
        let fitting = WORDS.iter().find(|(start, _)| interface.starts_with(start));
        return Grant::Offered(fitting.map_or("", |(_, words)| words));
    }
    if is_by_egress(interface) {
        return Grant::ByEgress(CALLS);
    }
    let (name, version) = interface.split_once('@').unwrap_or((interface, ""));
    Grant::Refused(if name.starts_with("wasi:http/") {
        "of HTTP this host gives a scorer wasi:http/outgoing-handler 0.2, by egress"
    } else if is_offered(&format!("{name}@0.2.0")) && !version.starts_with("0.2.") {
        "this host has WASI 0.2"
    } else if is_offered(&format!("{name}@0.1.0")) {
        "this host has version 0.1 of the contract"
    } else {
        "this host offers nothing of that name"
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::OFFERED;

    #[test]
    fn everything_that_is_offered_says_what_it_gives() {
        let last = WORDS[WORDS.len() - 1].1;
        for name in OFFERED {
            let versions = ["0.2.0", "0.1.0"].map(|version| grant(&format!("{name}@{version}")));
            let offered = versions.iter().find_map(|grant| match grant {
                Grant::Offered(words) => Some(*words),
                Grant::ByEgress(_) | Grant::Refused(_) => None,
            });
            assert!(offered.is_some_and(|words| words != last), "{name}");
        }
    }

    #[test]
    fn what_is_refused_says_why() {
        for (interface, why) in [
            ("wasi:http/incoming-handler@0.2.0", "by egress"),
            ("wasi:http/types@0.3.0", "by egress"),
            ("wasi:cli/environment@0.3.0", "WASI 0.2"),
            ("mlwasm:scoring/inference@0.9.0", "version 0.1"),
            ("acme:private/secrets@1.0.0", "nothing of that name"),
            ("env", "nothing of that name"),
        ] {
            let Grant::Refused(text) = grant(interface) else {
                panic!("{interface} is offered");
            };
            assert!(text.contains(why), "{interface}: {text}");
        }
    }
}
