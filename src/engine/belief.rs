//! What is believed of the clients' lists and states, and turns out to be false.
//!
//! Separate because the parts of the engine that hold beliefs do not know the engine: they return the false one, and
//! the engine fences the log ([`super::Engine`], `fence`). An ordinary absence is an `Option` or an error of its own.

/// Something that holds by construction did not; it says what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FalseBelief(pub(super) &'static str);
