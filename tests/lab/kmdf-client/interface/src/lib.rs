//! What the companion driver and those who drive it from user mode say to each other: the device, its control codes, and
//! the records that go in and come out. Shared by both, so that neither can drift.
//!
//! All transfers are buffered, and every record is a sequence of little-endian numbers ([`wire`]), not a structure of the
//! compiler: neither side reads memory that the other has laid out.
//!
//! | control code | in | out |
//! |---|---|---|
//! | [`control::EXECUTE`] | [`Operation`] | [`Outcome`]; it has been journalled too |
//! | [`control::START`] | thread (`u16`), [`Operation`] | nothing; the operation goes on in a system thread of its own |
//! | [`control::JOIN`] | thread (`u16`) | `u8`: 0 still running, 1 over and then its [`Outcome`] |
//! | [`control::REACT`] | [`Reaction`] | nothing; the client's next callbacks do this |
//! | [`control::JOURNAL`] | sequence (`u64`) | as many [`Event`]s from there on as fit; `NOT_FOUND`: that one is not kept any more |
//! | [`control::RESET`] | nothing | nothing; opens all gates, waits for threads, deregisters, closes, forgets: [`Outcome`] whose numbers say what had been left: threads, clients, areas, logs |
//! | [`control::LOAD_START`] | [`Load`] | nothing |
//! | [`control::LOAD_STATUS`] | nothing | [`LoadReport`] |
//!
//! A record that is not understood answers `INVALID_PARAMETER`, an output buffer that is too short `BUFFER_TOO_SMALL`; nothing
//! has been done then. What a *routine* answered is inside the [`Outcome`], never the status of the request.
#![no_std]

mod event;
mod load;
mod operation;
mod outcome;
mod reaction;
mod routine;
pub mod symbols;
pub mod verbs;
pub mod wire;

pub use event::{Event, EventKind};
pub use load::{Load, LoadReport, Shape};
pub use operation::{Manner, Operand, Operation, Subject};
pub use outcome::Outcome;
pub use reaction::{Action, Callback, Place, Reaction};
pub use routine::Routine;

/// The control device, as the driver names it.
pub const DEVICE: &str = r"\Device\ClfsClient";
/// Its name for user mode, as the driver makes it.
pub const LINK: &str = r"\DosDevices\ClfsClient";
/// The same, as user mode opens it.
pub const PATH: &str = r"\\.\ClfsClient";

/// How many objects of each kind the driver keeps. Slots count from 0.
pub mod slots {
    /// Open logs and streams.
    pub const LOGS: u16 = 128;
    /// Marshalling areas.
    pub const AREAS: u16 = 128;
    /// Clients. Their cookies stay readable after deregistration, so that stale ones can be tried.
    pub const CLIENTS: u16 = 64;
    /// Read contexts.
    pub const CONTEXTS: u16 = 16;
    /// Operations that go on in a thread of their own.
    pub const THREADS: u16 = 16;
    /// Gates: closed at first, waited for by operations, opened by others; they stay open.
    pub const GATES: u16 = 16;
}

/// `CTL_CODE(FILE_DEVICE_UNKNOWN, function, METHOD_BUFFERED, FILE_ANY_ACCESS)`.
pub mod control {
    const fn code(function: u32) -> u32 {
        (0x22 << 16) | (function << 2)
    }
    /// Does one operation, in the thread of the request.
    pub const EXECUTE: u32 = code(0x801);
    /// Begins one operation in a thread of its own.
    pub const START: u32 = code(0x802);
    /// Asks for its outcome.
    pub const JOIN: u32 = code(0x803);
    /// Says what a client does in its next callbacks.
    pub const REACT: u32 = code(0x804);
    /// Reads the journal.
    pub const JOURNAL: u32 = code(0x805);
    /// Ends everything that is open.
    pub const RESET: u32 = code(0x806);
    /// Begins a load.
    pub const LOAD_START: u32 = code(0x807);
    /// Asks how it goes.
    pub const LOAD_STATUS: u32 = code(0x808);
}
