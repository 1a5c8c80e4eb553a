//! `format`: bytes that are read and written, and bytes that are refused.

#[path = "../support/re_encode.rs"]
mod re_encode;

mod classes;
mod images;
mod predicates;
mod round_trip;
