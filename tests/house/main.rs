//! The rules of the house: what the sources may name, and that what the documents promise is tested.

mod behaviour_table;
mod layering;
