//! `format`: bytes that are read and written, and bytes that are refused.

mod classes;
mod images;
mod predicates;
mod round_trip;
