//! Resizing.

use core::ptr::{null_mut, without_provenance_mut};

use clfs_client_interface::Outcome;
use wdk_sys::ntddk::{ClfsMgmtSetLogFileSize, ClfsMgmtSetLogFileSizeAsClient};
use wdk_sys::{NTSTATUS, PCLFS_SET_LOG_SIZE_COMPLETE_CALLBACK, PULONGLONG, PVOID, STATUS_INVALID_PARAMETER_MIX};

use super::super::slots::Kind;
use super::super::{callbacks, clients};
use super::{Answer, Call, put};

/// Which pointers are NULL: the bits of a number.
const NO_SIZE: u64 = 1;
const NO_RESULT: u64 = 2;

/// The place of a number, unless this bit says that there is none.
fn place_of(number: &mut u64, null: u64, bit: u64) -> PULONGLONG {
    if null & bit == 0 { core::ptr::from_mut(number) } else { null_mut() }
}

/// The completion routine that a number says, and its data.
fn completion_of(call: &Call<'_>, number: u64) -> Result<(PCLFS_SET_LOG_SIZE_COMPLETE_CALLBACK, PVOID), NTSTATUS> {
    match number {
        0 => Ok((None, null_mut())),
        1 => Ok((Some(callbacks::size_complete), callbacks::size_data(call.subject))),
        _ => Err(STATUS_INVALID_PARAMETER_MIX),
    }
}

pub(super) fn resize(call: &Call<'_>, outcome: &mut Outcome) -> Answer {
    let log = Kind::Log.get(call.subject)?;
    let (completion, data) = completion_of(call, call.number(2))?;
    let (mut size, mut resulting, null) = (call.number(0), 0, call.number(1));
    // SAFETY: IRQL <= APC_LEVEL; what CLFS gave out, or NULL; the numbers are locals, or NULL; the
    // completion routine is static, and follows no data.
    let status = unsafe {
        ClfsMgmtSetLogFileSize(
            log.cast(),
            place_of(&mut size, null, NO_SIZE),
            place_of(&mut resulting, null, NO_RESULT),
            completion,
            data,
        )
    };
    put(outcome, [resulting]);
    Ok(status)
}

pub(super) fn resize_as(call: &Call<'_>, outcome: &mut Outcome) -> Answer {
    let log = Kind::Log.get(call.subject)?;
    let cookie = match call.number(3) {
        0 => clients::cookie(call.slot(0)?)?,
        other => without_provenance_mut(usize::try_from(other).map_err(|_| STATUS_INVALID_PARAMETER_MIX)?),
    };
    let (completion, data) = completion_of(call, call.number(4))?;
    let (mut size, mut resulting, null) = (call.number(1), 0, call.number(2));
    // SAFETY: as for `resize`; the cookie itself is passed, whatever the parameter's type says (docs/readings.md), and it is
    // looked up and not followed, be it stale or made up.
    let status = unsafe {
        ClfsMgmtSetLogFileSizeAsClient(
            log.cast(),
            cookie.cast(),
            place_of(&mut size, null, NO_SIZE),
            place_of(&mut resulting, null, NO_RESULT),
            completion,
            data,
        )
    };
    put(outcome, [resulting]);
    Ok(status)
}
