//! The component of [`mlwasm_scorers::Forward`].

mlwasm_sdk::scorer!(mlwasm_scorers::Forward);
