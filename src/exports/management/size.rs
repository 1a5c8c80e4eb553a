//! Setting the number of containers that a log has.

use core::ffi::c_void;

use super::super::managed_logs::ManagedLogs;
use super::super::pointers;
use super::statuses::of_log;
use super::{address_of, cookie_of, over_logs};
use crate::abi::{LogFileObject, MgmtClient, NtStatus, SetLogSizeCompleteCallback};
use crate::manager::Cookie;
use crate::units::Status;

/// Changes the log to a number of containers, within its policies; 0 stands for the minimum, 1,024 and above for the
/// maximum. It has been done when this returns; the completion routine is not used, as documented.
///
/// # Errors
/// * `INVALID_PARAMETER_1`: no open log, or a size of 1. `INVALID_PARAMETER_2`: no size.
/// * `LOG_POLICY_INVALID`: the minimum and the maximum size contradict each other.
/// * `COULD_NOT_RESIZE_LOG`: below the minimum, or not enough containers could be deleted.
/// * `LOG_POLICY_CONFLICT`: the maximum without a policy that sets it, or not enough containers could be added.
/// * What the log reported. A resize that fails keeps what it did.
///
/// # Safety
/// `new_size_in_containers` is NULL or readable, `resulting_size_in_containers` NULL or writable.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsMgmtSetLogFileSize(
    log_file: LogFileObject,
    new_size_in_containers: *const u64,
    resulting_size_in_containers: *mut u64,
    _completion_routine: Option<SetLogSizeCompleteCallback>,
    _completion_routine_data: *mut c_void,
) -> NtStatus {
    let sizes = (new_size_in_containers, resulting_size_in_containers);
    // SAFETY: the pointers are what this routine's contract says.
    over_logs(|logs| unsafe { set_size(logs, log_file, Cookie::NULL, sizes) })
}

/// As `ClfsMgmtSetLogFileSize`, on behalf of a client if `client_cookie` is not NULL.
///
/// # Errors
/// As there; `INVALID_PARAMETER`: the cookie names no client of this log. Numbers in statuses are those of
/// `ClfsMgmtSetLogFileSize`: its page's table is documented for both.
///
/// # Safety
/// As there. The cookie is looked up, not followed.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsMgmtSetLogFileSizeAsClient(
    log_file: LogFileObject,
    client_cookie: MgmtClient,
    new_size_in_containers: *const u64,
    resulting_size_in_containers: *mut u64,
    _completion_routine: Option<SetLogSizeCompleteCallback>,
    _completion_routine_data: *mut c_void,
) -> NtStatus {
    let sizes = (new_size_in_containers, resulting_size_in_containers);
    // SAFETY: the pointers are what this routine's contract says.
    over_logs(|logs| unsafe { set_size(logs, log_file, cookie_of(client_cookie), sizes) })
}

/// # Safety
/// The first of `sizes` is NULL or readable, the second NULL or writable.
unsafe fn set_size<L: ManagedLogs>(
    logs: &L,
    log_file: LogFileObject,
    client: Cookie,
    sizes: (*const u64, *mut u64),
) -> Result<(), Status> {
    let target = logs.target(address_of(log_file))?;
    // SAFETY: NULL or readable, by the caller's contract.
    let requested = unsafe { pointers::read(sizes.0) }.ok_or(Status::INVALID_PARAMETER_2)?;
    let size = logs.manager().set_log_size_as_client(target.log, client, requested).map_err(of_log)?;
    // SAFETY: NULL or writable, by the caller's contract.
    unsafe { pointers::write(sizes.1, size.0.into()) };
    Ok(())
}
