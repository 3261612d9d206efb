//! A valid component that is no scorer: it exports nothing of `mlwasm:scoring/scorer`.
