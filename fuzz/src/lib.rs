//! What the fuzz targets share. An input for a log is small: which log, what is changed in it, and what is done then.
//!
//! | module | holds |
//! |---|---|
//! | [`disk`] | a log's files in memory, copied on write |
//! | [`made`] | logs of every kind, as the library writes them; their blocks are what is changed |
//! | [`edits`] | changes in blocks, which are sealed again behind them |
//! | [`life`] | a log is opened, read, written, recycled, opened again, and compared |

pub mod disk;
pub mod edits;
pub mod life;
pub mod made;
