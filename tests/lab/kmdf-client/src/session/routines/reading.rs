//! Reading: records, restart areas.

use core::ptr::null_mut;

use clfs_client_interface::Outcome;
use wdk_sys::ntddk::{ClfsReadLogRecord, ClfsReadNextLogRecord, ClfsReadRestartArea, ClfsTerminateReadLog};
use wdk_sys::{CLFS_LSN, CLFS_RECORD_TYPE, NT_SUCCESS, PVOID, STATUS_DATA_ERROR, ULONG};

use super::super::slots::Kind;
use super::records::is_ours;
use super::{Answer, Call, pointer_to, put};

/// `ClfsClientRecord`: data and restart records are wanted.
const ANY_RECORD: CLFS_RECORD_TYPE = 3;

/// What a read answers.
struct Found {
    buffer: PVOID,
    length: ULONG,
    kind: CLFS_RECORD_TYPE,
    undo_next: CLFS_LSN,
    previous: CLFS_LSN,
}

impl Found {
    fn new() -> Self {
        let nowhere = CLFS_LSN::default();
        Self { buffer: null_mut(), length: 0, kind: ANY_RECORD, undo_next: nowhere, previous: nowhere }
    }

    /// `DATA_ERROR`, if these are not data that were written here.
    ///
    /// # Safety
    /// The read succeeded, and nothing was read with its context since.
    unsafe fn check(&self) -> Answer {
        // SAFETY: by the caller's contract the read's answer is there.
        unsafe { check(self.buffer, self.length) }
    }

    fn numbers(&self) -> [u64; 4] {
        [self.length.into(), self.kind.into(), self.undo_next.Internal, self.previous.Internal]
    }
}

/// As [`Found::check`].
///
/// # Safety
/// So many bytes are there, or the buffer is NULL.
unsafe fn check(buffer: PVOID, length: ULONG) -> Answer {
    let length = usize::try_from(length).unwrap_or(0);
    if buffer.is_null() || length == 0 {
        return Ok(0);
    }
    // SAFETY: by the caller's contract.
    let data = unsafe { core::slice::from_raw_parts(buffer.cast::<u8>(), length) };
    if is_ours(data) { Ok(0) } else { Err(STATUS_DATA_ERROR) }
}

pub(super) fn read(call: &Call<'_>, outcome: &mut Outcome) -> Answer {
    let claim = Kind::Context.claim(call.subject)?;
    let area = Kind::Area.get(call.slot(0)?)?;
    let mut lsn = call.lsn(1);
    let (mut found, mut context) = (Found::new(), null_mut());
    // SAFETY: IRQL <= APC_LEVEL; what CLFS gave out, or NULL; the LSN is a local, or NULL; the places for answers are locals.
    let status = unsafe {
        ClfsReadLogRecord(
            area,
            pointer_to(&mut lsn),
            call.narrow(2)?,
            &raw mut found.buffer,
            &raw mut found.length,
            &raw mut found.kind,
            &raw mut found.undo_next,
            &raw mut found.previous,
            &raw mut context,
        )
    };
    if NT_SUCCESS(status) {
        put(outcome, found.numbers());
        // SAFETY: it succeeded just now, and nobody else gets the context yet.
        let checked = unsafe { found.check() };
        claim.keep(context);
        checked?;
    }
    Ok(status)
}

pub(super) fn read_next(call: &Call<'_>, outcome: &mut Outcome) -> Answer {
    let context = Kind::Context.get(call.subject)?;
    let (mut found, mut lsn) = (Found::new(), CLFS_LSN::default());
    // SAFETY: as for `read`; no LSN replaces the step.
    let status = unsafe {
        ClfsReadNextLogRecord(
            context,
            &raw mut found.buffer,
            &raw mut found.length,
            &raw mut found.kind,
            null_mut(),
            &raw mut found.undo_next,
            &raw mut found.previous,
            &raw mut lsn,
        )
    };
    if NT_SUCCESS(status) {
        let [length, kind, undo_next, previous] = found.numbers();
        put(outcome, [length, kind, undo_next, previous, lsn.Internal]);
        // SAFETY: it succeeded just now. Who reads with one context in two threads has asked for what he gets.
        unsafe { found.check() }?;
    }
    Ok(status)
}

pub(super) fn read_restart(call: &Call<'_>, outcome: &mut Outcome) -> Answer {
    let area = Kind::Area.get(call.subject)?;
    let (mut buffer, mut length, mut lsn, mut context) = (null_mut(), 0, CLFS_LSN::default(), null_mut());
    // SAFETY: as for `read`.
    let status = unsafe { ClfsReadRestartArea(area, &raw mut buffer, &raw mut length, &raw mut lsn, &raw mut context) };
    if !NT_SUCCESS(status) || context.is_null() {
        return Ok(status);
    }
    put(outcome, [length.into(), lsn.Internal]);
    // SAFETY: it succeeded, with a context that nobody else knows.
    let checked = unsafe { check(buffer, length) };
    // SAFETY: the context was given out just now, and is not used any more.
    let ended = unsafe { ClfsTerminateReadLog(context) };
    checked?;
    Ok(if NT_SUCCESS(ended) { status } else { ended })
}

pub(super) fn end(call: &Call<'_>, _: &mut Outcome) -> Answer {
    let (_claim, context) = Kind::Context.take(call.subject)?;
    // SAFETY: IRQL <= APC_LEVEL; what CLFS gave out and nobody uses any more, or NULL.
    Ok(unsafe { ClfsTerminateReadLog(context) })
}
