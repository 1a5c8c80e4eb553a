//! Exhaustive small worlds: every order of a few events, with the invariants checked at each step; and false beliefs.

mod beliefs;
mod world;
mod worlds;
