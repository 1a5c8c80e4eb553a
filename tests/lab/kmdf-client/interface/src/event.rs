//! The journal: what happened, in order.

use crate::wire::{Full, Malformed, Reader, Writer};
use crate::{Callback, Routine};

/// What happened. An operation that goes on inside a callback lies between the callback's two events, in the same thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// A callback has begun.
    Entered(Callback),
    /// It returns; `status` is what it returns.
    Returns(Callback),
    /// A routine is called.
    Calls(Routine),
    /// It has returned; `status` is what it returned.
    Returned(Routine),
}

/// One entry of the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Counts from 0 since the last reset; the order in which things happened.
    pub sequence: u64,
    /// What happened.
    pub kind: EventKind,
    /// The slot of the client that is called back; of a routine: of its subject (0xFFFF: none, as always of `SizeComplete`).
    pub subject: u16,
    /// The thread.
    pub thread: u64,
    /// The IRQL.
    pub irql: u8,
    /// See [`EventKind`]; of `Entered(GrowthComplete)` and `Entered(SizeComplete)` the operation status.
    pub status: i32,
    /// Of `Entered(AdvanceTail)` the target LSN.
    pub target: u64,
    /// Of `Entered(GrowthComplete)` whether the log is pinned.
    pub is_pinned: bool,
    /// Of `Entered`: whether the log file object and the data pointer were those that were registered, or passed with the routine.
    pub is_addressed_right: bool,
}

impl Event {
    /// Length of a record, in bytes.
    pub const LENGTH: usize = 8 + 1 + 2 + 2 + 8 + 1 + 4 + 8 + 1 + 1;

    /// Writes the record.
    ///
    /// # Errors
    /// It does not fit.
    pub fn write(&self, to: &mut Writer<'_>) -> Result<(), Full> {
        let (kind, code) = match self.kind {
            EventKind::Entered(callback) => (0, callback.code()),
            EventKind::Returns(callback) => (1, callback.code()),
            EventKind::Calls(routine) => (2, routine.code()),
            EventKind::Returned(routine) => (3, routine.code()),
        };
        to.u64(self.sequence)?;
        to.u8(kind)?;
        to.u16(code)?;
        to.u16(self.subject)?;
        to.u64(self.thread)?;
        to.u8(self.irql)?;
        to.i32(self.status)?;
        to.u64(self.target)?;
        to.u8(self.is_pinned.into())?;
        to.u8(self.is_addressed_right.into())
    }

    /// Reads a record.
    ///
    /// # Errors
    /// It is no such record.
    pub fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let sequence = from.u64()?;
        let kind = match (from.u8()?, from.u16()?) {
            (0, code) => EventKind::Entered(Callback::of_code(code).ok_or(Malformed)?),
            (1, code) => EventKind::Returns(Callback::of_code(code).ok_or(Malformed)?),
            (2, code) => EventKind::Calls(Routine::of_code(code).ok_or(Malformed)?),
            (3, code) => EventKind::Returned(Routine::of_code(code).ok_or(Malformed)?),
            _ => return Err(Malformed),
        };
        Ok(Self {
            sequence,
            kind,
            subject: from.u16()?,
            thread: from.u64()?,
            irql: from.u8()?,
            status: from.i32()?,
            target: from.u64()?,
            is_pinned: from.u8()? != 0,
            is_addressed_right: from.u8()? != 0,
        })
    }
}
