//! What a log says of itself, and what of that can be set.

use core::ffi::c_void;

use alloc::vec::Vec;

use super::own_logs::OwnHandle;
use super::{LogFileObject, answer, handle, writable_handle};
use crate::abi::{
    ClfsInformation, ClfsIoStatistics, ClfsIoStatisticsHeader, ClfsLsn, ClfsPhysicalLsnInformation,
    ClfsStreamIdInformation, InformationClass, NtStatus, name_information,
};
use crate::exports::pointers;
use crate::log::Log;
use crate::units::{Status, StreamId};

const EXTENSION: [u16; 4] = [0x2E, 0x62, 0x6C, 0x66];

/// An answer, by its class.
enum Answer {
    Information(ClfsInformation),
    Name(Vec<u8>),
    Stream(ClfsStreamIdInformation),
    PhysicalLsn(ClfsPhysicalLsnInformation),
}

impl Answer {
    const fn bytes(&self) -> usize {
        match self {
            Self::Information(_) => size_of::<ClfsInformation>(),
            Self::Name(bytes) => bytes.len(),
            Self::Stream(_) => size_of::<ClfsStreamIdInformation>(),
            Self::PhysicalLsn(_) => size_of::<ClfsPhysicalLsnInformation>(),
        }
    }

    /// # Safety
    /// Writable for [`Answer::bytes`].
    unsafe fn write(&self, buffer: *mut c_void) {
        match self {
            // SAFETY: writable for it, by the caller's contract.
            Self::Information(information) => unsafe { pointers::write(buffer.cast(), *information) },
            // SAFETY: writable for them, by the caller's contract.
            Self::Name(bytes) => unsafe { pointers::write_bytes(buffer.cast(), bytes) },
            // SAFETY: writable for it, by the caller's contract.
            Self::Stream(stream) => unsafe { pointers::write(buffer.cast(), *stream) },
            // SAFETY: writable for it, by the caller's contract.
            Self::PhysicalLsn(lsn) => unsafe { pointers::write(buffer.cast(), *lsn) },
        }
    }
}

/// What a log or a stream is like now. In `*info_bytes` the size of the buffer, and afterwards what was written.
///
/// `ClfsLogPhysicalLsnInformation` takes a `CLFS_PHYSICAL_LSN_INFORMATION` in the input buffer, the other classes take
/// none. Of a stream `TotalReservation` is that of the whole log.
///
/// # Errors
/// * `INVALID_PARAMETER`: no open handle, no such class, NULL for the size, or for a buffer with one; an input buffer
///   that is too small. `BUFFER_TOO_SMALL`: the needed size is in `*info_bytes`.
/// * `NOT_SUPPORTED`: `ClfsLogSystemMarkingInformation`, whose layout is not published; `ClfsLogPhysicalLsnInformation`
///   on a stream of a multiplexed log.
/// * `LOG_RECORD_NONEXISTENT`, `LOG_START_OF_LOG`, `END_OF_FILE`: the LSN is not one of a record that was written.
/// * `INSUFFICIENT_RESOURCES`, or what the storage reported.
///
/// # Safety
/// `info_bytes` is NULL, or readable and writable; the buffers are NULL, or readable and writable for their sizes.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsQueryLogFileInformation(
    log_file: LogFileObject,
    information_class: i32,
    input: *const c_void,
    input_bytes: u32,
    information: *mut c_void,
    info_bytes: *mut u32,
) -> NtStatus {
    answer(|| {
        let handle = handle(log_file)?;
        let class = InformationClass::parse(information_class)?;
        let input = input.cast::<ClfsPhysicalLsnInformation>();
        let has_input = crate::units::index(input_bytes) >= size_of::<ClfsPhysicalLsnInformation>();
        // SAFETY: NULL or readable for this size, by this routine's contract.
        let input = if has_input { unsafe { pointers::read(input) } } else { None };
        // SAFETY: as this routine's contract says.
        unsafe { hand_over(information, info_bytes, || ask(&handle, class, input)) }
    })
}

/// As [`ClfsQueryLogFileInformation`] with `ClfsLogBasicInformation`.
///
/// # Errors
/// `INVALID_PARAMETER`: no open handle, or a NULL pointer. `BUFFER_TOO_SMALL`: the needed size is in `*info_bytes`.
///
/// # Safety
/// `info_bytes` is NULL, or readable and writable; `information` is NULL or writable for that size.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsGetLogFileInformation(
    log_file: LogFileObject,
    information: *mut ClfsInformation,
    info_bytes: *mut u32,
) -> NtStatus {
    answer(|| {
        let handle = handle(log_file)?;
        // SAFETY: as this routine's contract says.
        unsafe { hand_over(information.cast(), info_bytes, || ask(&handle, InformationClass::Basic, None)) }
    })
}

/// Writes what `ask` returns, if the caller's buffer takes it.
///
/// # Safety
/// `size` is NULL, or readable and writable; `buffer` is NULL or writable for that size.
unsafe fn hand_over(
    buffer: *mut c_void,
    size: *mut u32,
    ask: impl FnOnce() -> Result<Answer, Status>,
) -> Result<(), Status> {
    // SAFETY: NULL or readable, by the caller's contract.
    let room = unsafe { pointers::read(size.cast_const()) }.ok_or(Status::INVALID_PARAMETER)?;
    if buffer.is_null() && room > 0 {
        return Err(Status::INVALID_PARAMETER);
    }
    let answer = ask()?;
    let fits = answer.bytes() <= crate::units::index(room);
    if fits {
        // SAFETY: writable for `room` bytes, by the caller's contract.
        unsafe { answer.write(buffer) };
    }
    // SAFETY: not NULL, so writable, by the caller's contract.
    unsafe { pointers::write(size, u32::try_from(answer.bytes()).unwrap_or(u32::MAX)) };
    if fits { Ok(()) } else { Err(Status::BUFFER_TOO_SMALL) }
}

fn ask(
    handle: &OwnHandle,
    class: InformationClass,
    input: Option<ClfsPhysicalLsnInformation>,
) -> Result<Answer, Status> {
    match class {
        InformationClass::Basic => basic(handle, handle.stream()),
        InformationClass::BasicPhysical => basic(handle, StreamId::PHYSICAL),
        InformationClass::PhysicalName => Ok(Answer::Name(name_information(&[handle.path(), &EXTENSION])?)),
        InformationClass::StreamIdentifier => Ok(Answer::Stream(handle.stream().into())),
        InformationClass::SystemMarking => Err(Status::NOT_SUPPORTED),
        InformationClass::PhysicalLsn if handle.stream() != StreamId::PHYSICAL => Err(Status::NOT_SUPPORTED),
        InformationClass::PhysicalLsn => physical_lsn(handle, input.ok_or(Status::INVALID_PARAMETER)?),
    }
}

fn basic(handle: &OwnHandle, stream: StreamId) -> Result<Answer, Status> {
    handle.log().with(|log| {
        let mut of_stream = log.stream_information(stream)?;
        if stream != StreamId::PHYSICAL && !of_stream.has_records {
            // The log's end goes on with the other streams. A stream that holds nothing does not stay behind it.
            of_stream.base = of_stream.last;
        }
        let (attributes, threshold) = (log.attributes(stream)?, log.flush_threshold());
        let archive_tail = log.archive_tail();
        let information = ClfsInformation::new(&log.information()?, &of_stream, archive_tail, attributes, threshold);
        Ok(Answer::Information(information))
    })?
}

fn physical_lsn(handle: &OwnHandle, input: ClfsPhysicalLsnInformation) -> Result<Answer, Status> {
    let stream = StreamId(input.stream_identifier);
    let found = handle.log().with(|log| log.physical_lsn(stream, input.virtual_lsn.into()))??;
    Ok(Answer::PhysicalLsn(ClfsPhysicalLsnInformation { physical_lsn: found.into(), ..input }))
}

/// Nothing that is documented of a log can be set here.
///
/// # Errors
/// `NOT_SUPPORTED`, of a class that exists. `INVALID_PARAMETER`: no open handle, no such class, or a NULL pointer.
/// `ACCESS_DENIED`: not opened to write.
///
/// # Safety
/// None: the buffer is not followed.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsSetLogFileInformation(
    log_file: LogFileObject,
    information_class: i32,
    information: *const c_void,
    _info_bytes: u32,
) -> NtStatus {
    answer(|| {
        writable_handle(log_file)?;
        InformationClass::parse(information_class)?;
        Err(if information.is_null() { Status::INVALID_PARAMETER } else { Status::NOT_SUPPORTED })
    })
}

/// Says that everything below `archive_tail` has been archived. Durable when it returns.
///
/// # Errors
/// * `INVALID_PARAMETER`: no open handle, NULL, or no LSN. `ACCESS_DENIED`: not opened to write.
/// * `LOG_EPHEMERAL`: the log is not archived. `LOG_TAIL_INVALID`: below the present archive tail, or behind the end.
/// * `LOG_METADATA_FLUSH_FAILED`, or `LOG_STATE_INVALID`: the log is stopped.
///
/// # Safety
/// `archive_tail` is NULL or readable.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsSetArchiveTail(log_file: LogFileObject, archive_tail: *const ClfsLsn) -> NtStatus {
    answer(|| {
        let handle = writable_handle(log_file)?;
        // SAFETY: NULL or readable, by this routine's contract.
        let tail = unsafe { pointers::read(archive_tail) }.ok_or(Status::INVALID_PARAMETER)?;
        handle.log().set_archive_tail(tail.into())
    })
}

/// Not implemented, as documented.
///
/// # Errors
/// `NOT_SUPPORTED`, always.
///
/// # Safety
/// None: nothing is followed.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsSetEndOfLog(_log_file: LogFileObject, _end: *const ClfsLsn) -> NtStatus {
    Status::NOT_SUPPORTED.into()
}

/// What was written since the log was opened. A buffer that takes the header, but not everything, gets the part that
/// fits; its size goes to `*stats_written`.
///
/// # Errors
/// `INVALID_PARAMETER`: no open handle, or a NULL buffer. `BUFFER_TOO_SMALL`: smaller than the header.
///
/// # Safety
/// `statistics` is NULL or writable for `stats_bytes`; `stats_written` is NULL or writable.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsGetIoStatistics(
    log_file: LogFileObject,
    statistics: *mut c_void,
    stats_bytes: u32,
    _stats_class: u32,
    stats_written: *mut u32,
) -> NtStatus {
    answer(|| {
        let bytes = statistics_of(&*handle(log_file)?, statistics.is_null(), stats_bytes)?;
        let part = bytes.get(..crate::units::index(stats_bytes)).unwrap_or(&bytes);
        // SAFETY: writable for `stats_bytes`, by this routine's contract.
        unsafe { pointers::write_bytes(statistics.cast(), part) };
        // SAFETY: NULL or writable, by this routine's contract.
        unsafe { pointers::write(stats_written, u32::try_from(part.len()).unwrap_or(u32::MAX)) };
        Ok(())
    })
}

fn statistics_of(handle: &OwnHandle, lacks_buffer: bool, room: u32) -> Result<[u8; 48], Status> {
    if lacks_buffer {
        return Err(Status::INVALID_PARAMETER);
    }
    if crate::units::index(room) < size_of::<ClfsIoStatisticsHeader>() {
        return Err(Status::BUFFER_TOO_SMALL);
    }
    Ok(ClfsIoStatistics::bytes(&handle.log().with(Log::io_statistics)?))
}
