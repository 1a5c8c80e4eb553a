//! Opening, closing, resetting and deleting logs.

use core::ffi::c_void;

use super::text::text;
use super::{LogFileObject, answer, answer_for, logs};
use crate::abi::{
    CREATE_NEW, LogAttributes, NtStatus, OPEN_ALWAYS, OPEN_EXISTING, RightNumbers, UnicodeString, check_create_options,
    parse_access, parse_option_flag, parse_share,
};
use crate::exports::pointers::address_of;
use crate::exports::{image, pointers};
use crate::library::{Disposition, LogName, NamedPart, OpenRequest, Rights};
use crate::units::Status;

/// What `ClfsCreateLogFile` is given besides names and contexts.
struct OpenNumbers {
    access: u32,
    share: u32,
    disposition: u32,
    options: u32,
    attributes: u32,
    option_flag: u32,
}

/// Opens or creates a log or a stream: `log:<path>` a dedicated log, `log:<path>::<stream>` a stream of a multiplexed
/// one, `log:<path>::` a multiplexed log as a whole. The path is without `.blf`.
///
/// The security descriptor is passed over: files are made with the caller's rights. The options make no difference, all
/// work is synchronous; nor does what the flags say of the caller's place above file systems, but for
/// `CLFS_FLAG_IGNORE_SHARE_ACCESS`.
///
/// # Errors
/// * `INVALID_PARAMETER`: a NULL pointer; a disposition other than `CREATE_NEW`, `OPEN_EXISTING`, `OPEN_ALWAYS`;
///   unknown bits of sharing, attributes or flags; synchronous in both ways; a context without a size; a stream's name
///   with `FILE_ATTRIBUTE_DEDICATED`.
/// * `OBJECT_NAME_INVALID`, `OBJECT_NAME_NOT_FOUND`, `OBJECT_PATH_NOT_FOUND`, `OBJECT_NAME_COLLISION`.
/// * `LOG_DEDICATED`, `LOG_MULTIPLEXED`: the log is of the other kind. `DELETE_PENDING`: it is to be deleted.
/// * `NOT_SUPPORTED`: an archived multiplexed log, or a flag that asks for a target below a filter.
/// * `SHARING_VIOLATION`, `ACCESS_DENIED`, `INSUFFICIENT_RESOURCES`, a violation of the format, or what the storage
///   reported.
///
/// # Safety
/// `log_file` is NULL or writable; `log_file_name` is NULL or readable with its text. `context` is not followed.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsCreateLogFile(
    log_file: *mut LogFileObject,
    log_file_name: *const UnicodeString,
    desired_access: u32,
    share_mode: u32,
    _security_descriptor: *const c_void,
    create_disposition: u32,
    create_options: u32,
    flags_and_attributes: u32,
    log_option_flag: u32,
    context: *const c_void,
    context_bytes: u32,
) -> NtStatus {
    let numbers = OpenNumbers {
        access: desired_access,
        share: share_mode,
        disposition: create_disposition,
        options: create_options,
        attributes: flags_and_attributes,
        option_flag: log_option_flag,
    };
    answer(|| {
        check_context(log_file.is_null(), context, context_bytes)?;
        // SAFETY: NULL or readable with its text, by this routine's contract.
        let address = open(&unsafe { text(log_file_name) }?, &numbers)?;
        let object = core::ptr::without_provenance_mut(usize::try_from(address).unwrap_or(0));
        // SAFETY: not NULL, so writable, by this routine's contract.
        unsafe { pointers::write(log_file, object) };
        Ok(())
    })
}

fn check_context(lacks_output: bool, context: *const c_void, context_bytes: u32) -> Result<(), Status> {
    let lacks_size = !context.is_null() && context_bytes == 0;
    if lacks_output || lacks_size { Err(Status::INVALID_PARAMETER) } else { Ok(()) }
}

fn open(name: &[u16], numbers: &OpenNumbers) -> Result<u64, Status> {
    check_create_options(numbers.options)?;
    let ignores_sharing = parse_option_flag(numbers.option_flag)?;
    let attributes = LogAttributes::parse(numbers.attributes)?;
    let disposition = match numbers.disposition {
        CREATE_NEW => Disposition::CreateNew,
        OPEN_EXISTING => Disposition::OpenExisting,
        OPEN_ALWAYS => Disposition::OpenAlways,
        _ => return Err(Status::INVALID_PARAMETER),
    };
    if attributes.is_dedicated && LogName::parse(name)?.part != NamedPart::Dedicated {
        return Err(Status::INVALID_PARAMETER);
    }
    let mut access = rights(parse_access(numbers.access));
    access.write &= !attributes.is_read_only;
    access.delete &= !attributes.is_read_only;
    let _permit = image::opening()?;
    logs()?.library().open(&OpenRequest {
        name,
        access,
        share: rights(parse_share(numbers.share)?),
        ignores_sharing,
        disposition,
        is_archived: attributes.is_archived,
    })
}

const fn rights([read, write, delete]: RightNumbers) -> Rights {
    Rights { read, write, delete }
}

/// Closes a handle. Marshalling areas, read contexts and registrations made from it go on; with the last of them and
/// the last handle the log closes.
///
/// # Errors
/// `INVALID_PARAMETER`: it names no open handle. Or what writing the log out or deleting it reported; the handle is
/// closed all the same.
///
/// # Safety
/// None: the handle is looked up, not followed.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsCloseLogFileObject(log_file: LogFileObject) -> NtStatus {
    answer_for(address_of(log_file), |logs, handle| logs.library().close(handle))
}

/// Closes a handle; once all handles of its stream are closed, the stream is as if nothing had been written to it.
///
/// # Errors
/// As [`ClfsCloseLogFileObject`]; the handle stays open with `ACCESS_DENIED`: it was not opened to write, and with
/// `LOG_MULTIPLEXED`: it is open on a multiplexed log and no stream of it.
///
/// # Safety
/// None: the handle is looked up, not followed.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsCloseAndResetLogFile(log_file: LogFileObject) -> NtStatus {
    answer_for(address_of(log_file), |logs, handle| logs.library().close_and_reset(handle))
}

/// Marks a handle's stream for deletion: it cannot be opened any more, and goes when all its handles are closed; a
/// dedicated log with all its files, and a multiplexed one too if the handle is open on no stream.
///
/// # Errors
/// `INVALID_PARAMETER`: it names no open handle. `ACCESS_DENIED`: it was not opened to delete.
///
/// # Safety
/// None: the handle is looked up, not followed.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsDeleteLogByPointer(log_file: LogFileObject) -> NtStatus {
    answer_for(address_of(log_file), |logs, handle| logs.library().delete_open(handle))
}

/// Deletes a stream or a log by its name, as [`ClfsDeleteLogByPointer`] does: at once if it is not open.
///
/// # Errors
/// * `INVALID_PARAMETER`: a NULL pointer, a context without a size, or a flag that is none of opening.
/// * `SHARING_VIOLATION`: it is open, and a handle does not share deletion. `DELETE_PENDING`: it is marked already.
/// * As [`ClfsCreateLogFile`] with `OPEN_EXISTING`. Or what deleting the files reported.
///
/// # Safety
/// `log_file_name` is NULL or readable with its text. The other pointers are not followed.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsDeleteLogFile(
    log_file_name: *const UnicodeString,
    _reserved: *const c_void,
    log_option_flag: u32,
    context: *const c_void,
    context_bytes: u32,
) -> NtStatus {
    answer(|| {
        check_context(false, context, context_bytes)?;
        // Deleting asks for nobody's share.
        parse_option_flag(log_option_flag)?;
        // SAFETY: NULL or readable with its text, by this routine's contract.
        logs()?.library().delete(&unsafe { text(log_file_name) }?)
    })
}
