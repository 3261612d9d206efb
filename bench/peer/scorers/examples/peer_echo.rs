//! The component of [`mlwasm_scorers::Echo`].

mlwasm_sdk::scorer!(mlwasm_scorers::Echo);
