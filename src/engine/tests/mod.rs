//! Exhaustive small worlds: every order of a few events, with the invariants checked at each step.

mod world;
mod worlds;
