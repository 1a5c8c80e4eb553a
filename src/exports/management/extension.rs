//! Our own: who keeps a log's containers from being freed, and what has happened to the log.

use alloc::vec::Vec;

use super::super::managed_logs::ManagedLogs;
use super::super::pointers;
use super::statuses::of_log;
use super::{address_of, client_of, over_logs};
use crate::abi::{LogFileObject, NtStatus, PinRecord, STATISTICS_VERSION, StatisticsRecord};
use crate::manager::{Cookie, LogKey};
use crate::units::Status;
use crate::units::memory::{try_push, try_with_capacity};

/// Tells who holds the log's oldest containers: clients, streams without one, the archive tail. `pin_count` is the room
/// in `pins`, and then how many there are.
///
/// # Errors
/// * `INVALID_PARAMETER_1`: no open log. `INVALID_PARAMETER_2`: room, but no buffer. `INVALID_PARAMETER_3`: no count.
/// * `BUFFER_TOO_SMALL`: there are more than there is room for; how many is reported, and no pin written.
/// * `INSUFFICIENT_RESOURCES`.
///
/// # Safety
/// `pin_count` is NULL, or readable and writable; `pins` is NULL or writable for as many pins as it says.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsMgmtxQueryPins(
    log_file: LogFileObject,
    pins: *mut PinRecord,
    pin_count: *mut u32,
) -> NtStatus {
    // SAFETY: the pointers are what this routine's contract says.
    over_logs(|logs| unsafe { query_pins(logs, log_file, pins, pin_count) })
}

/// Tells what has happened to the log since it was put under management. The caller sets the structure's version.
///
/// # Errors
/// * `INVALID_PARAMETER_1`: no open log. `INVALID_PARAMETER_2`: no structure.
/// * `INVALID_PARAMETER`: another version.
///
/// # Safety
/// `statistics` is NULL, or readable and writable.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsMgmtxQueryStatistics(
    log_file: LogFileObject,
    statistics: *mut StatisticsRecord,
) -> NtStatus {
    // SAFETY: the pointer is what this routine's contract says.
    over_logs(|logs| unsafe { query_statistics(logs, log_file, statistics) })
}

/// [`ClfsMgmtxQueryPins`] over any logs.
///
/// # Errors
/// As there.
///
/// # Safety
/// As there.
pub(in crate::exports) unsafe fn query_pins<L: ManagedLogs>(
    logs: &L,
    log_file: LogFileObject,
    pins: *mut PinRecord,
    pin_count: *mut u32,
) -> Result<(), Status> {
    // Kept until the answer: a log that nobody else uses leaves management with the hold in it.
    let target = logs.target(address_of(log_file))?;
    // SAFETY: as the caller's contract says.
    unsafe { deliver(|| pin_records(logs, target.log), pins, pin_count) }
}

/// [`ClfsMgmtxQueryStatistics`] over any logs.
///
/// # Errors
/// As there.
///
/// # Safety
/// As there.
pub(in crate::exports) unsafe fn query_statistics<L: ManagedLogs>(
    logs: &L,
    log_file: LogFileObject,
    statistics: *mut StatisticsRecord,
) -> Result<(), Status> {
    // As above.
    let target = logs.target(address_of(log_file))?;
    // The version alone is read: the rest need not be initialised.
    // SAFETY: NULL or readable, by the caller's contract; the version comes first.
    let version = unsafe { pointers::read(statistics.cast::<u32>()) }.ok_or(Status::INVALID_PARAMETER_2)?;
    let record = statistics_record(logs, target.log, version)?;
    // SAFETY: not NULL, so writable, by the caller's contract.
    unsafe { pointers::write(statistics, record) };
    Ok(())
}

fn pin_records<L: ManagedLogs>(logs: &L, log: LogKey) -> Result<Vec<PinRecord>, Status> {
    let pins = logs.manager().pin_report(log).map_err(of_log)?;
    let mut records = try_with_capacity(pins.len())?;
    for pin in &pins {
        let client = logs.manager().cookie_of(log, pin).unwrap_or(Cookie::NULL);
        try_push(&mut records, PinRecord::new(pin, client_of(client)))?;
    }
    Ok(records)
}

/// Writes the pins where there is room for all of them, and how many they are in any case.
///
/// # Safety
/// `pin_count` is NULL, or readable and writable; `pins` is NULL or writable for as many pins as it says.
unsafe fn deliver(
    query: impl FnOnce() -> Result<Vec<PinRecord>, Status>,
    pins: *mut PinRecord,
    pin_count: *mut u32,
) -> Result<(), Status> {
    // SAFETY: NULL or readable, by the caller's contract.
    let room = unsafe { pointers::read(pin_count) }.ok_or(Status::INVALID_PARAMETER_3)?;
    if pins.is_null() && room > 0 {
        return Err(Status::INVALID_PARAMETER_2);
    }
    let records = query()?;
    // SAFETY: writable, by the caller's contract.
    unsafe { pointers::write(pin_count, u32::try_from(records.len()).unwrap_or(u32::MAX)) };
    if records.len() > crate::units::index(room) {
        return Err(Status::BUFFER_TOO_SMALL);
    }
    for (index, record) in records.into_iter().enumerate() {
        // SAFETY: `index` is below the caller's room, by the check above.
        unsafe { pointers::write(pins.wrapping_add(index), record) };
    }
    Ok(())
}

fn statistics_record<L: ManagedLogs>(logs: &L, log: LogKey, version: u32) -> Result<StatisticsRecord, Status> {
    if version != STATISTICS_VERSION {
        return Err(Status::INVALID_PARAMETER);
    }
    let statistics = logs.manager().statistics(log).map_err(of_log)?;
    Ok(StatisticsRecord {
        version,
        reserved: 0,
        requests: statistics.requests,
        succeeded: statistics.succeeded,
        pinned: statistics.pinned,
        failed: statistics.failed,
        asks: statistics.asks,
        unpinned: statistics.unpinned,
        containers_added: statistics.grown_containers,
        containers_removed: statistics.shrunk_containers,
    })
}
