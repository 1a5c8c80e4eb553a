//! `abi`: what C sees, and what it hands over.

mod layout;
mod policy;
