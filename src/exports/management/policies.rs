//! Installing, querying and removing the policies of a log.

use alloc::vec::Vec;

use super::super::managed_logs::{ManagedLogs, Target};
use super::super::pointers;
use super::statuses::of_log;
use super::{address_of, over_logs};
use crate::abi::{LogFileObject, NtStatus, POLICY_BYTES, POLICY_BYTES_MAX, parse_policy, policy_bytes, write_policy};
use crate::engine::policy::PolicyKind;
use crate::manager::LogKey;
use crate::units::Status;

/// Installs a policy on the physical log. It is lost when all handles of the log are closed and no client is
/// registered.
///
/// # Errors
/// * `INVALID_PARAMETER_1`: no open log. `INVALID_PARAMETER_2`: no policy. `INVALID_PARAMETER_3`: too short for one.
/// * `INVALID_PARAMETER`: another version, a type that does not exist, a length that cannot be, invalid parameters.
/// * `NOT_SUPPORTED`: a flag besides `LOG_POLICY_OVERWRITE`.
/// * `LOG_POLICY_ALREADY_INSTALLED`: one of the type is there, and that flag is not set.
/// * `OBJECT_PATH_NOT_FOUND`: a prefix or an extension that is too long. `INSUFFICIENT_RESOURCES`.
///
/// # Safety
/// `policy` is NULL or readable for `policy_length` bytes, at any alignment.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsMgmtInstallPolicy(
    log_file: LogFileObject,
    policy: *const u8,
    policy_length: u32,
) -> NtStatus {
    let length = crate::units::index(policy_length);
    over_logs(|logs| {
        let target = logs.target(address_of(log_file))?;
        // SAFETY: NULL or readable for `length` bytes, by this routine's contract.
        let bytes = unsafe { copy_policy(policy, length) }?;
        install(logs, &target, &bytes, length)
    })
}

/// Copies the installed policy of a type; `policy_length` is the size of the buffer, and then that of the policy.
/// Defaults are not returned.
///
/// # Errors
/// * `INVALID_PARAMETER_1`: no open log. `INVALID_PARAMETER`: no such type, or no buffer.
/// * `INVALID_PARAMETER_2`: no length, or a buffer that is too short for any policy; the length that is needed is
///   reported.
/// * `BUFFER_TOO_SMALL`: too short for this policy; the length that is needed is reported.
/// * `LOG_POLICY_NOT_INSTALLED`, `INSUFFICIENT_RESOURCES`.
///
/// # Safety
/// `policy_length` is NULL, or readable and writable; `policy` is NULL or writable for as many bytes as it says.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsMgmtQueryPolicy(
    log_file: LogFileObject,
    policy_type: u32,
    policy: *mut u8,
    policy_length: *mut u32,
) -> NtStatus {
    // SAFETY: the pointers are what this routine's contract says.
    over_logs(|logs| unsafe { query_policy(logs, log_file, policy_type, (policy, policy_length)) })
}

/// Goes back to a type's default.
///
/// # Errors
/// * `INVALID_PARAMETER_1`: no open log. `INVALID_PARAMETER`: no such type.
/// * `LOG_POLICY_NOT_INSTALLED`.
///
/// # Safety
/// None: `log_file` is looked up, not followed.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsMgmtRemovePolicy(log_file: LogFileObject, policy_type: u32) -> NtStatus {
    over_logs(|logs| {
        let target = logs.target(address_of(log_file))?;
        let kind = PolicyKind::from_number(policy_type).ok_or(Status::INVALID_PARAMETER)?;
        logs.manager().remove_policy(target.log, kind).map_err(of_log)
    })
}

/// As much of a caller's policy as is ever looked at.
///
/// # Safety
/// NULL or readable for `length` bytes.
unsafe fn copy_policy(policy: *const u8, length: usize) -> Result<Vec<u8>, Status> {
    if policy.is_null() {
        return Err(Status::INVALID_PARAMETER_2);
    }
    if length < POLICY_BYTES {
        return Err(Status::INVALID_PARAMETER_3);
    }
    // SAFETY: not NULL, so readable for `length` bytes, by the caller's contract.
    Ok(unsafe { pointers::copy(policy, length.min(POLICY_BYTES_MAX)) }?)
}

fn install<L: ManagedLogs>(logs: &L, target: &Target<L>, bytes: &[u8], length: usize) -> Result<(), Status> {
    let (policy, existing) = parse_policy(bytes, length)?;
    logs.manager().install_policy(target.log, policy, existing).map_err(of_log)?;
    logs.policy_installed(target);
    Ok(())
}

/// [`ClfsMgmtQueryPolicy`] over any logs.
///
/// # Errors
/// As there.
///
/// # Safety
/// The second of `output` is NULL, or readable and writable; the first is NULL or writable for as many bytes as it
/// says.
pub(in crate::exports) unsafe fn query_policy<L: ManagedLogs>(
    logs: &L,
    log_file: LogFileObject,
    policy_type: u32,
    output: (*mut u8, *mut u32),
) -> Result<(), Status> {
    // Kept until the answer: a log that nobody else uses leaves management with the hold in it.
    let target = logs.target(address_of(log_file))?;
    let kind = PolicyKind::from_number(policy_type).ok_or(Status::INVALID_PARAMETER)?;
    // SAFETY: readable and writable, and the buffer as large as it says, by the caller's contract.
    unsafe { deliver(|room| query(logs, target.log, kind, room), output.0, output.1) }
}

/// A query's answer, or the length that it needs.
enum Answer {
    Policy(Vec<u8>),
    Needs(usize, Status),
}

fn query<L: ManagedLogs>(logs: &L, log: LogKey, kind: PolicyKind, room: usize) -> Result<Answer, Status> {
    let policy = logs.manager().query_policy(log, kind).map_err(of_log);
    if room < POLICY_BYTES {
        let needed = policy.as_ref().map_or(POLICY_BYTES, policy_bytes);
        return Ok(Answer::Needs(needed, Status::INVALID_PARAMETER_2));
    }
    let policy = policy?;
    let needed = policy_bytes(&policy);
    if room < needed {
        return Ok(Answer::Needs(needed, Status::BUFFER_TOO_SMALL));
    }
    Ok(Answer::Policy(write_policy(&policy)?))
}

/// Writes what `query` returns for the room that the caller has.
///
/// # Safety
/// `policy_length` is NULL, or readable and writable; `policy` is NULL or writable for as many bytes as it says.
unsafe fn deliver(
    query: impl FnOnce(usize) -> Result<Answer, Status>,
    policy: *mut u8,
    policy_length: *mut u32,
) -> Result<(), Status> {
    // SAFETY: NULL or readable, by the caller's contract.
    let room = unsafe { pointers::read(policy_length) }.ok_or(Status::INVALID_PARAMETER_2)?;
    let room = crate::units::index(room);
    if policy.is_null() && room >= POLICY_BYTES {
        return Err(Status::INVALID_PARAMETER);
    }
    let (length, outcome) = match query(room)? {
        Answer::Needs(length, status) => (length, Err(status)),
        Answer::Policy(bytes) => {
            // SAFETY: not NULL, and `query` returns no more than there is room for.
            unsafe { pointers::write_bytes(policy, &bytes) };
            (bytes.len(), Ok(()))
        }
    };
    // SAFETY: writable, by the caller's contract.
    unsafe { pointers::write(policy_length, u32::try_from(length).unwrap_or(u32::MAX)) };
    outcome
}
