//! What is run in every schedule. A scenario ends: who waits in it for ever is a deadlock.

pub(crate) mod circles;
pub(crate) mod foreign_logs;
pub(crate) mod own_logs;
pub(crate) mod reentry;
pub(crate) mod requests;
pub(crate) mod unload;
pub(crate) mod waiting;
