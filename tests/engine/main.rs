//! One sentence-named test per rule of the engine.

mod automatic;
mod clients;
mod log;
mod pinned;
mod policies;
mod reports;
mod requests;
mod sizes;
mod tails;
