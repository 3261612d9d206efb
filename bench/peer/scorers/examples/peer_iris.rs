//! The component of [`mlwasm_scorers::Iris`].

mlwasm_sdk::scorer!(mlwasm_scorers::Iris);
