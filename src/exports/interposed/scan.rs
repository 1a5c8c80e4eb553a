//! The walk over the containers of somebody else's log, for those that are removed first.

use alloc::vec::Vec;

use super::object::{LogObject, succeeded};
use super::routines::{BaseRoutines, unicode};
use crate::abi::{AlignedMode, AlignedNumber, ClfsContainerInformation, ClfsScanContext};
use crate::units::Status;
use crate::units::memory::{take_at, try_copied, try_filled, try_insert, try_push, try_with_capacity};

/// `CLFS_SCAN_MODE`.
const SCAN_FORWARD: u8 = 2;
const SCAN_CLOSE: u8 = 8;
/// `ClfsContainerInactive`.
const CONTAINER_INACTIVE: u32 = 2;
/// Containers that are described at a time.
const SCAN_STEP: usize = 32;
/// Characters of the longest path that a counted string can hold.
const PATH_UNITS_MAX: usize = 32_767;

/// The names of the inactive containers with the highest logical ids, at most so many, rising.
///
/// # Errors
/// `INSUFFICIENT_RESOURCES`, or what a routine reported.
pub(super) fn last_inactive(routines: &BaseRoutines, object: &LogObject, most: usize) -> Result<Vec<Vec<u16>>, Status> {
    let mut last = try_with_capacity(most.saturating_add(1))?;
    scan(routines, object, &mut |container| note_inactive(&mut last, most, container))?;
    let mut buffer = try_filled(&0_u16, PATH_UNITS_MAX)?;
    let mut names = try_with_capacity(last.len())?;
    for container in last {
        try_push(&mut names, try_copied(name_of(routines, object, container, &mut buffer)?)?)?;
    }
    Ok(names)
}

/// Puts a container's logical id in its place among the last, and takes the first of them out if there are too many.
fn note_inactive(last: &mut Vec<u32>, most: usize, container: &ClfsContainerInformation) -> Result<(), Status> {
    if container.state != CONTAINER_INACTIVE {
        return Ok(());
    }
    let place = last.partition_point(|known| *known < container.logical_container_id);
    try_insert(last, place, container.logical_container_id)?;
    if last.len() > most {
        take_at(last, 0);
    }
    Ok(())
}

fn scan(
    routines: &BaseRoutines,
    object: &LogObject,
    note: &mut dyn FnMut(&ClfsContainerInformation) -> Result<(), Status>,
) -> Result<(), Status> {
    let mut descriptions = try_filled(&ClfsContainerInformation::EMPTY, SCAN_STEP)?;
    let step = u32::try_from(SCAN_STEP).map_err(|_| Status::INVALID_PARAMETER)?;
    let mut context = ClfsScanContext {
        node: [0; 2],
        log_file: object.as_ptr(),
        index: AlignedNumber(0),
        containers: AlignedNumber(step),
        containers_returned: AlignedNumber(0),
        scan_mode: AlignedMode(0),
        information: descriptions.as_mut_ptr(),
    };
    // SAFETY: a log file object; `descriptions` has room for as many containers as a step has.
    succeeded(unsafe { (routines.create_scan_context)(object.as_ptr(), 0, step, SCAN_FORWARD, &raw mut context) })?;
    let outcome = scan_steps(routines, &mut context, note);
    // SAFETY: a scan that was begun and not closed.
    let closed = unsafe { (routines.scan_log_containers)(&raw mut context, SCAN_CLOSE) };
    outcome.and(succeeded(closed))
}

fn scan_steps(
    routines: &BaseRoutines,
    context: &mut ClfsScanContext,
    note: &mut dyn FnMut(&ClfsContainerInformation) -> Result<(), Status>,
) -> Result<(), Status> {
    // No log has more containers; a routine that never says that it is at the end is not believed for ever.
    for _ in 0..crate::engine::CONTAINERS_MAX.0 {
        // SAFETY: a scan that was begun and not closed.
        let status = unsafe { (routines.scan_log_containers)(&raw mut *context, SCAN_FORWARD) };
        if Status::from(status) == Status::NO_MORE_ENTRIES {
            return Ok(());
        }
        succeeded(status)?;
        let returned = crate::units::index(context.containers_returned.0).min(SCAN_STEP);
        if returned == 0 || context.information.is_null() {
            return Ok(());
        }
        for index in 0..returned {
            // SAFETY: the routine described this many, one after the other, at most as many as a step has.
            let place = unsafe { context.information.add(index) };
            // SAFETY: described by the routine, and not written by anybody until the next step.
            note(&unsafe { place.read() })?;
        }
    }
    Ok(())
}

/// Its full path, in `buffer`: what describes a container has room for a shorter one only.
///
/// # Errors
/// What the routine reported.
fn name_of<'a>(
    routines: &BaseRoutines,
    object: &LogObject,
    container: u32,
    buffer: &'a mut [u16],
) -> Result<&'a [u16], Status> {
    let mut name = unicode(buffer)?;
    name.length = 0;
    // SAFETY: a log file object; the name has room for what its maximum length says.
    let status =
        unsafe { (routines.get_container_name)(object.as_ptr(), container, &raw mut name, core::ptr::null_mut()) };
    succeeded(status)?;
    let units = usize::from(name.length).checked_div(2).unwrap_or(0);
    buffer.get(..units).ok_or(Status::UNSUCCESSFUL)
}
