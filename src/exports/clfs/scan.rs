//! The walk over a log's containers.
//!
//! `ClfsCreateScanContext` "initializes the members" of the caller's structure, the array of descriptions among them,
//! and `CLFS_SCAN_CLOSE` frees it (both documented): so the array is ours. The caller's structure carries our handle in
//! its node; nothing else of it is looked at. A scan keeps no log open.

use super::own_logs::{OwnHandle, Scan, Walk};
use super::{LogFileObject, answer, handle, logs};
use crate::abi::{
    AlignedMode, AlignedNumber, ClfsContainerInformation, ClfsScanContext, NtStatus, ScanDirection, ScanStart, ScanStep,
};
use crate::exports::platform::{ThePlatform, status_of_call};
use crate::exports::pointers::{self, address_of};
use crate::manager::ports::{Guarded, Platform};
use crate::units::memory::try_filled;
use crate::units::{Status, index};

/// A log has no more containers; more room is of no use.
const DESCRIPTIONS_MAX: u32 = 1024;

/// What one step found.
struct Found {
    first: u32,
    count: u32,
    descriptions: *mut ClfsContainerInformation,
}

impl Walk {
    /// Describes the next containers in a direction.
    fn step(&mut self, handle: &OwnHandle, direction: ScanDirection) -> Result<Found, Status> {
        let first = match (self.last, direction) {
            (None, _) => Some(self.from),
            (Some(last), ScanDirection::Forward) => last.checked_add(1),
            (Some(last), ScanDirection::Backward) => last.checked_sub(1),
        };
        let first = first.ok_or(Status::NO_MORE_ENTRIES)?;
        let places = self.descriptions.iter_mut();
        let count = handle.log().with(|log| match direction {
            ScanDirection::Forward => describe(places, log.containers().skip(index(first))),
            ScanDirection::Backward => {
                let total = log.space().total_containers.0;
                let until = first.saturating_add(1).min(if first < total { total } else { 0 });
                // The ring is not walked backwards: each one is found from the front.
                describe(places, (0..until).rev().filter_map(|nth| log.containers().nth(index(nth))))
            }
        })?;
        let further = count.checked_sub(1).ok_or(Status::NO_MORE_ENTRIES)?;
        self.last = Some(match direction {
            ScanDirection::Forward => first.saturating_add(further),
            ScanDirection::Backward => first.saturating_sub(further),
        });
        Ok(Found { first, count, descriptions: self.descriptions.as_mut_ptr() })
    }
}

/// Describes containers in the places that there are; returns how many.
fn describe<'a>(
    places: impl Iterator<Item = &'a mut ClfsContainerInformation>,
    containers: impl Iterator<Item = impl Into<ClfsContainerInformation>>,
) -> u32 {
    places.zip(containers).fold(0, |count: u32, (place, container)| {
        *place = container.into();
        count.saturating_add(1)
    })
}

/// Begins a walk over a log's containers at the container with index `from_container`, `containers` at each step; or
/// begins one anew, with `CLFS_SCAN_INIT`. The descriptions are where `pinfoContainer` says after each step, until the
/// walk is closed, which every walk must be.
///
/// # Errors
/// `INVALID_PARAMETER`: no open handle, no containers, not one direction, NULL, or `CLFS_SCAN_INIT` with a context that
/// this log did not make. `INSUFFICIENT_RESOURCES`.
///
/// # Safety
/// `scan` is NULL, or readable and writable.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsCreateScanContext(
    log_file: LogFileObject,
    from_container: u32,
    containers: u32,
    scan_mode: u8,
    scan: *mut ClfsScanContext,
) -> NtStatus {
    answer(|| {
        // SAFETY: NULL or readable, by this routine's contract. It may hold anything, of which every pattern is valid.
        let given = unsafe { pointers::read(scan.cast_const()) }.ok_or(Status::INVALID_PARAMETER)?;
        let context = begin(log_file, (from_container, containers), scan_mode, &given)?;
        // SAFETY: not NULL, so writable, by this routine's contract.
        unsafe { pointers::write(scan, context) };
        Ok(())
    })
}

fn begin(
    log_file: LogFileObject,
    (from, containers): (u32, u32),
    mode: u8,
    given: &ClfsScanContext,
) -> Result<ClfsScanContext, Status> {
    handle(log_file)?;
    let start = ScanStart::parse(mode)?;
    if containers == 0 {
        return Err(Status::INVALID_PARAMETER);
    }
    let logs = logs()?;
    let scans = logs.scans();
    let room = index(containers.min(DESCRIPTIONS_MAX));
    let mut descriptions = try_filled(&ClfsContainerInformation::EMPTY, room)?;
    let pointer = descriptions.as_mut_ptr();
    let walk = Walk { from, last: None, descriptions };
    let node = if start.is_restart {
        let scan = scans.find(given.handle()).filter(|scan| scan.log_file == address_of(log_file));
        scan.ok_or(Status::INVALID_PARAMETER)?.walk.with(|present| *present = walk);
        given.handle()
    } else {
        scans.insert(ThePlatform::share(Scan { log_file: address_of(log_file), walk: ThePlatform::lock(walk) })?)?
    };
    Ok(ClfsScanContext {
        node: ClfsScanContext::node_of(node),
        log_file,
        index: AlignedNumber(from),
        containers: AlignedNumber(containers),
        containers_returned: AlignedNumber(0),
        scan_mode: AlignedMode(mode),
        information: pointer,
    })
}

/// Describes the next containers, of which there are `cContainersReturned`; or closes the walk, with `CLFS_SCAN_CLOSE`.
/// Forward from the one that was described last, or backward.
///
/// # Errors
/// `NO_MORE_ENTRIES`: there are none left; `cContainersReturned` is 0. `INVALID_PARAMETER`: NULL, not a context that is
/// open, a handle that was closed (the walk can still be closed), or neither one direction nor `CLFS_SCAN_CLOSE`.
///
/// # Safety
/// `scan` is NULL, or readable and writable.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsScanLogContainers(scan: *mut ClfsScanContext, scan_mode: u8) -> NtStatus {
    answer(|| {
        // SAFETY: NULL or readable, by this routine's contract.
        let mut context = unsafe { pointers::read(scan.cast_const()) }.ok_or(Status::INVALID_PARAMETER)?;
        let scan_handle = context.handle();
        let outcome = go_on(&mut context, scan_mode).map_err(|status| status_of_call(scan_handle, status));
        if matches!(outcome, Ok(()) | Err(Status::NO_MORE_ENTRIES)) {
            // SAFETY: not NULL, so writable, by this routine's contract.
            unsafe { pointers::write(scan, context) };
        }
        outcome
    })
}

fn go_on(context: &mut ClfsScanContext, mode: u8) -> Result<(), Status> {
    let logs = logs()?;
    let scans = logs.scans();
    let direction = match ScanStep::parse(mode)? {
        ScanStep::Go(direction) => direction,
        ScanStep::Close => {
            scans.remove(context.handle()).ok_or(Status::INVALID_PARAMETER)?;
            context.information = core::ptr::null_mut();
            return Ok(());
        }
    };
    let scan = scans.find(context.handle()).ok_or(Status::INVALID_PARAMETER)?;
    let handle = logs.library().find(scan.log_file).ok_or(Status::INVALID_PARAMETER)?;
    context.containers_returned = AlignedNumber(0);
    let found = scan.walk.with(|walk| walk.step(&handle, direction))?;
    context.index = AlignedNumber(found.first);
    context.containers_returned = AlignedNumber(found.count);
    context.scan_mode = AlignedMode(mode);
    context.information = found.descriptions;
    Ok(())
}
