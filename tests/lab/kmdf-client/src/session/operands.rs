//! The numbers among an operation's arguments, as they are at the moment: LSNs that depend on the log or on a callback.

use clfs_client_interface::{Operand, Operation, Subject};
use wdk_sys::ntddk::{ClfsLsnContainer, ClfsLsnCreate, ClfsQueryLogFileInformation};
use wdk_sys::{
    _CLS_LOG_INFORMATION_CLASS, CLFS_INFORMATION, CLFS_LSN, CLS_LOG_INFORMATION_CLASS, NTSTATUS, PVOID,
    STATUS_INVALID_PARAMETER_MIX,
};

use super::slots::Kind;
use crate::status::{size_of_structure, succeeded};

/// An operation's numbers.
pub(crate) type Numbers = [u64; Operation::NUMBERS];

/// Resolves them; `target` is the one of the callback that the operation belongs to. IRQL <= `APC_LEVEL`.
///
/// # Errors
/// `INVALID_PARAMETER_MIX`: there is no target, or no such container. Or the log does not tell.
pub(crate) fn resolve(operands: &[Operand; Operation::NUMBERS], target: Option<u64>) -> Result<Numbers, NTSTATUS> {
    let mut numbers = [0; Operation::NUMBERS];
    for (number, operand) in numbers.iter_mut().zip(operands) {
        *number = match *operand {
            Operand::Number(number) => number,
            Operand::Target(containers) => further(target.ok_or(STATUS_INVALID_PARAMETER_MIX)?, containers)?,
            Operand::Base(log, containers) => further(information_of(log)?.BaseLsn.Internal, containers)?,
            Operand::Last(log, containers) => further(information_of(log)?.LastLsn.Internal, containers)?,
        };
    }
    Ok(numbers)
}

/// The first position of the container so many further; without a distance the LSN itself.
fn further(lsn: u64, containers: i16) -> Result<u64, NTSTATUS> {
    if containers == 0 {
        return Ok(lsn);
    }
    let lsn = CLFS_LSN { Internal: lsn };
    // SAFETY: a local; any IRQL.
    let container = unsafe { ClfsLsnContainer(&raw const lsn) };
    let container = container.checked_add_signed(containers.into()).ok_or(STATUS_INVALID_PARAMETER_MIX)?;
    // SAFETY: numbers; any IRQL.
    Ok(unsafe { ClfsLsnCreate(container, 0, 0) }.Internal)
}

fn information_of(log: u16) -> Result<CLFS_INFORMATION, NTSTATUS> {
    let log = Kind::Log.get(Subject::Slot(log))?;
    let mut information = CLFS_INFORMATION::default();
    succeeded(query(log, _CLS_LOG_INFORMATION_CLASS::ClfsLogBasicInformation, &mut information))?;
    Ok(information)
}

/// What the log is like now, by one of the two classes of this structure. IRQL <= `APC_LEVEL`.
pub(crate) fn query(log: PVOID, class: CLS_LOG_INFORMATION_CLASS, information: &mut CLFS_INFORMATION) -> NTSTATUS {
    let mut length = size_of_structure::<CLFS_INFORMATION>();
    // SAFETY: what CLFS gave out, or NULL; the information and its length are locals of somebody who waits.
    unsafe {
        ClfsQueryLogFileInformation(
            log.cast(),
            class,
            core::ptr::null_mut(),
            0,
            core::ptr::from_mut(information).cast(),
            &raw mut length,
        )
    }
}
