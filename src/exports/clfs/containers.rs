//! Adding containers, taking them out, and naming them.

use alloc::vec::Vec;

use super::own_logs::OwnHandle;
use super::text::texts;
use super::{LogFileObject, answer, handle, logs, writable_handle};
use crate::abi::{Boolean, NtStatus, UnicodeString};
use crate::exports::pointers;
use crate::library::check_container_path;
use crate::log::Removal;
use crate::units::memory::{try_copied, try_push, try_with_capacity};
use crate::units::{Bytes, Status};

/// Adds a container: a new file of zeros. The first one decides the size of all; of others `container_bytes` may be
/// NULL. The size that it was given goes to `*container_bytes`.
///
/// # Errors
/// * `INVALID_PARAMETER`: no open handle, a NULL path, no size for the first container, or one that is too small for
///   the others.
/// * `OBJECT_NAME_INVALID`: neither absolute nor `%BLF%\…`, or with `.` or `..`. `OBJECT_NAME_COLLISION`: it exists.
/// * `ACCESS_DENIED`: not opened to write. `LOG_CONTAINER_LIMIT_EXCEEDED`, `DISK_FULL`, `INSUFFICIENT_RESOURCES`,
///   `LOG_STATE_INVALID` (the log is stopped), or what the storage reported.
///
/// # Safety
/// `container_bytes` is NULL, or readable and writable; `container_path` is NULL or readable with its text.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsAddLogContainer(
    log_file: LogFileObject,
    container_bytes: *mut u64,
    container_path: *const UnicodeString,
) -> NtStatus {
    // SAFETY: one string, as this routine's contract says.
    unsafe { ClfsAddLogContainerSet(log_file, 1, container_bytes, container_path) }
}

/// Adds several containers, all or none (docs/readings.md, 42).
///
/// # Errors
/// As [`ClfsAddLogContainer`], for the first container that could not be added. `INVALID_PARAMETER`: none at all.
///
/// # Safety
/// `container_bytes` is NULL, or readable and writable; `container_paths` is NULL or readable for `containers` strings
/// with their texts.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsAddLogContainerSet(
    log_file: LogFileObject,
    containers: u16,
    container_bytes: *mut u64,
    container_paths: *const UnicodeString,
) -> NtStatus {
    answer(|| {
        let handle = writable_handle(log_file)?;
        // SAFETY: NULL or readable with their texts, by this routine's contract.
        let paths = unsafe { texts(container_paths, containers) }?;
        // SAFETY: NULL or readable, by this routine's contract.
        let size = add(&handle, &paths, unsafe { pointers::read(container_bytes) })?;
        // SAFETY: NULL or writable, by this routine's contract.
        unsafe { pointers::write(container_bytes, size.0) };
        Ok(())
    })
}

fn add(handle: &OwnHandle, paths: &[Vec<u16>], asked: Option<u64>) -> Result<Bytes, Status> {
    paths.iter().try_for_each(|path| check_container_path(path))?;
    // All have the size of the first, which may be smaller than what was asked for.
    handle.log().add_containers(&slices(paths)?, asked.map(Bytes))
}

fn slices(texts: &[Vec<u16>]) -> Result<Vec<&[u16]>, Status> {
    let mut slices = try_with_capacity(texts.len())?;
    for text in texts {
        try_push(&mut slices, text.as_slice())?;
    }
    Ok(slices)
}

/// Takes a container out of a log and deletes its file: `force` only if it is outside the active log, else as soon as
/// the tail has passed it.
///
/// # Errors
/// * `INVALID_PARAMETER`: no open handle, or a NULL path. `OBJECT_NAME_NOT_FOUND`: the log has no container there.
/// * `LOG_CANT_DELETE`: it is active and the removal is forced, it is the last one, or its room is promised.
/// * `ACCESS_DENIED`: not opened to write. Or `LOG_STATE_INVALID`: the log is stopped.
///
/// # Safety
/// `container_path` is NULL or readable with its text.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsRemoveLogContainer(
    log_file: LogFileObject,
    container_path: *const UnicodeString,
    force: Boolean,
) -> NtStatus {
    // SAFETY: one string, as this routine's contract says.
    unsafe { ClfsRemoveLogContainerSet(log_file, 1, container_path, force) }
}

/// Takes several containers out, all or none.
///
/// # Errors
/// As [`ClfsRemoveLogContainer`], for the first container that could not be taken out; `OBJECT_NAME_NOT_FOUND` also for
/// one that is named twice. `INVALID_PARAMETER`: none at all.
///
/// # Safety
/// `container_paths` is NULL or readable for `containers` strings with their texts.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsRemoveLogContainerSet(
    log_file: LogFileObject,
    containers: u16,
    container_paths: *const UnicodeString,
    force: Boolean,
) -> NtStatus {
    answer(|| {
        let handle = writable_handle(log_file)?;
        let removal = if force == 0 { Removal::WhenPassed } else { Removal::OnlyIfFree };
        // SAFETY: NULL or readable with their texts, by this routine's contract.
        let paths = unsafe { texts(container_paths, containers) }?;
        let names = logs()?.library().container_names(&handle, &paths)?;
        handle.log().remove_containers(&slices(&names)?, removal)
    })
}

/// The full path of the container with this logical id: [`ClfsRemoveLogContainer`] takes it, however the container was
/// added. Its length in UTF-16 units goes to `*actual_length`, also if the buffer takes only a part.
///
/// # Errors
/// `BUFFER_OVERFLOW`: the buffer has taken a part. `OBJECT_NAME_NOT_FOUND`: no such container. `INVALID_PARAMETER`: no
/// open handle, a NULL string, or a buffer at NULL with a size. `INSUFFICIENT_RESOURCES`.
///
/// # Safety
/// `container_name` is NULL, or readable and writable, and its buffer writable; `actual_length` is NULL or writable.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsGetContainerName(
    log_file: LogFileObject,
    logical_container: u32,
    container_name: *mut UnicodeString,
    actual_length: *mut u32,
) -> NtStatus {
    answer(|| {
        let name = path_of(&*handle(log_file)?, logical_container)?;
        // SAFETY: NULL or readable and writable with its buffer, by this routine's contract.
        let outcome = unsafe { hand_over(&name, container_name) };
        if outcome != Err(Status::INVALID_PARAMETER) {
            // SAFETY: NULL or writable, by this routine's contract.
            unsafe { pointers::write(actual_length, u32::try_from(name.len()).unwrap_or(u32::MAX)) };
        }
        outcome
    })
}

fn path_of(handle: &OwnHandle, logical: u32) -> Result<Vec<u16>, Status> {
    let name = handle.log().with(|log| {
        let found = log.containers().find(|container| container.logical == logical);
        Ok::<_, Status>(try_copied(found.ok_or(Status::OBJECT_NAME_NOT_FOUND)?.name)?)
    })??;
    logs()?.library().container_path(handle, &name)
}

/// Writes as much of a name as the string's buffer takes.
///
/// # Errors
/// `INVALID_PARAMETER`: NULL, or a buffer at NULL with a size; nothing was written. `BUFFER_OVERFLOW`: only a part was.
///
/// # Safety
/// NULL, or readable and writable, and its buffer writable.
unsafe fn hand_over(name: &[u16], string: *mut UnicodeString) -> Result<(), Status> {
    // SAFETY: NULL or readable, by the caller's contract.
    let target = unsafe { pointers::read(string.cast_const()) }.ok_or(Status::INVALID_PARAMETER)?;
    if target.buffer.is_null() && target.maximum_length > 0 {
        return Err(Status::INVALID_PARAMETER);
    }
    let part = name.get(..usize::from(target.maximum_length >> 1)).unwrap_or(name);
    for (index, unit) in part.iter().enumerate() {
        // SAFETY: below `maximum_length`: within what the caller says is there.
        let place = unsafe { target.buffer.add(index) };
        // SAFETY: writable, by the caller's contract.
        unsafe { pointers::write(place, *unit) };
    }
    let length = u16::try_from(part.len().saturating_mul(2)).unwrap_or(target.maximum_length);
    // SAFETY: not NULL, so writable, by the caller's contract.
    unsafe { pointers::write(string, UnicodeString { length, ..target }) };
    if part.len() < name.len() { Err(Status::BUFFER_OVERFLOW) } else { Ok(()) }
}
