//! What clients do: register, deregister, ask for space, say that their tail cannot move.

use super::super::client::{Callbacks, Client};
use super::super::managed_logs::{ManagedLogs, Target};
use super::super::pointers;
use super::{address_of, client_of, over_client, over_logs, statuses};
use crate::abi::{ClientRegistration, LogFileObject, MgmtClient, NtStatus, REGISTRATION_VERSION};
use crate::manager::{Cookie, RequestOutcome};
use crate::units::Status;

/// Registers a client of the stream that `log_file` is open on, and keeps that handle open until it is deregistered.
///
/// Its callbacks may be called before this returns, and so before the caller knows its cookie.
///
/// # Errors
/// * `INVALID_PARAMETER`: no open log, a NULL pointer, another version, or no callback to advance the tail.
/// * `INSUFFICIENT_RESOURCES`.
/// * `UNSUCCESSFUL`: the management of the log has stopped.
///
/// # Safety
/// `registration_data` is NULL or readable, `client_cookie` NULL or writable. The callbacks may be called with their
/// data, on any thread, until the deregistration has returned.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsMgmtRegisterManagedClient(
    log_file: LogFileObject,
    registration_data: *const ClientRegistration,
    client_cookie: *mut MgmtClient,
) -> NtStatus {
    over_logs(|logs| {
        // SAFETY: NULL or readable, by this routine's contract.
        let registration = unsafe { pointers::read(registration_data) }.filter(|_| !client_cookie.is_null());
        let callbacks = callbacks_of(&registration.ok_or(Status::INVALID_PARAMETER)?)?;
        // SAFETY: what may be done with the callbacks is this routine's contract.
        let cookie = unsafe { register(logs, log_file, callbacks) }?;
        // SAFETY: not NULL, so writable, by this routine's contract.
        unsafe { pointers::write(client_cookie, client_of(cookie)) };
        Ok::<(), Status>(())
    })
}

/// Deregisters a client: when this returns none of its callbacks runs, and none will be called. From inside a callback
/// of the client it does not wait for that one.
///
/// # Errors
/// `INVALID_PARAMETER`: the cookie is NULL. `INVALID_PARAMETER_1`: it names no client.
///
/// # Safety
/// None: the cookie is looked up, not followed.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsMgmtDeregisterManagedClient(client_cookie: MgmtClient) -> NtStatus {
    over_client(client_cookie, |logs, client| logs.manager().deregister(client).map_err(statuses::of_client(client)))
}

/// The client has met a full log and asks for space.
///
/// `SUCCESS`: there is space, no callback follows. `PENDING`: the completion callback reports the end, exactly once,
/// and may have done so before this returns; that the log is pinned it has.
///
/// # Errors
/// * `INVALID_PARAMETER_1`: the cookie is NULL or names no client.
/// * `LOG_FULL_HANDLER_IN_PROGRESS`: a request of this client is open; no second callback follows.
/// * `UNSUCCESSFUL`: the client was deregistered meanwhile, or the management of the log has stopped.
///
/// # Safety
/// None: the cookie is looked up, not followed.
///
/// # IRQL
/// <= `APC_LEVEL`. Where files must not be worked on it returns `PENDING`.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsMgmtHandleLogFileFull(client: MgmtClient) -> NtStatus {
    over_client(client, handle_log_full)
}

/// The client cannot move its tail as it was asked to. `reason` ends the requests that wait for it; it may be any
/// status.
///
/// # Errors
/// `INVALID_PARAMETER`: the cookie is NULL. `INVALID_PARAMETER_1`: it names no client.
///
/// # Safety
/// None: the cookie is looked up, not followed.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsMgmtTailAdvanceFailure(client: MgmtClient, reason: NtStatus) -> NtStatus {
    over_client(client, |logs, client| {
        logs.manager().tail_advance_failure(client, reason.into()).map_err(statuses::of_client(client))
    })
}

/// The callbacks of a registration that is valid.
fn callbacks_of(registration: &ClientRegistration) -> Result<Callbacks, Status> {
    if registration.version != REGISTRATION_VERSION {
        return Err(Status::INVALID_PARAMETER);
    }
    Ok(Callbacks {
        advance_tail: registration.advance_tail.ok_or(Status::INVALID_PARAMETER)?,
        advance_tail_data: registration.advance_tail_data,
        log_growth_complete: registration.log_growth_complete,
        log_growth_complete_data: registration.log_growth_complete_data,
        log_unpinned: registration.log_unpinned,
        log_unpinned_data: registration.log_unpinned_data,
    })
}

/// # Safety
/// The callbacks may be called with their data, on any thread, until the deregistration has returned.
unsafe fn register<L: ManagedLogs>(logs: &L, log_file: LogFileObject, callbacks: Callbacks) -> Result<Cookie, Status> {
    let target = logs.target(address_of(log_file)).map_err(|status| match status {
        // Of bad input this routine says no more than that it is bad.
        Status::INVALID_PARAMETER_1 => Status::INVALID_PARAMETER,
        other => other,
    });
    let Target { log, stream, hold } = target?;
    // SAFETY: this function's contract is the same.
    let client = unsafe { Client::new(log_file, callbacks, hold) };
    logs.manager().register(log, stream, client).map_err(Status::from)
}

fn handle_log_full<L: ManagedLogs>(logs: &L, client: Cookie) -> Status {
    let outcome = logs.manager().handle_log_full(client, logs.growth_place());
    if outcome == Ok(RequestOutcome::Pending)
        && let Some(log) = logs.manager().log_of(client)
    {
        logs.needs_polling(log);
        #[cfg(feature = "driver")]
        crate::exports::image::wake();
    }
    statuses::of_request(outcome)
}
