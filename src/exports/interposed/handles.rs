//! Log file objects of others, and what can be asked of them.
//!
//! The only callers of the query routine. A handle here is an object that a driver passed to management: it is used as
//! long as a client is registered through it, or policies were installed through it, and not longer.

use alloc::vec::Vec;
use core::ffi::c_void;
use core::mem::MaybeUninit;
use core::ptr::NonNull;

use super::routines::BaseRoutines;
use crate::abi::{ClfsInformation, NtStatus};
use crate::exports::client::LogFileObject;
use crate::exports::platform::FileReference;
use crate::format::attributes::FileAttributes;
use crate::units::memory::try_filled;
use crate::units::{Status, StreamId};

/// `CLFS_LOG_INFORMATION_CLASS`, as far as it is asked for.
pub(super) mod class {
    /// One stream, and the physical log below it.
    pub(in super::super) const BASIC: i32 = 0;
    /// The physical log.
    pub(in super::super) const BASIC_PHYSICAL: i32 = 1;
    /// The base log file.
    pub(super) const PHYSICAL_NAME: i32 = 2;
    /// The stream's number.
    pub(super) const STREAM_IDENTIFIER: i32 = 3;
}

/// `FILE_ATTRIBUTE_ARCHIVE`: the log has an archive tail.
pub(super) const ATTRIBUTE_ARCHIVE: u32 = FileAttributes::ARCHIVE.bits();
/// `FILE_ATTRIBUTE_DEDICATED`: the log is one stream.
pub(super) const ATTRIBUTE_DEDICATED: u32 = FileAttributes::DEDICATED.bits();

/// Characters of a base log file's name that are tried first, and the most that a name has.
const NAME_UNITS: [usize; 2] = [520, 32_767];

/// A log file object that is valid: its owner passes it in a call, or it is referenced.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct LogObject(LogFileObject);

// SAFETY: a name; the routines that it is passed to may be called on any thread.
unsafe impl Send for LogObject {}
// SAFETY: as above.
unsafe impl Sync for LogObject {}

impl LogObject {
    /// # Safety
    /// `object` is a log file object, and stays one as long as this is used.
    pub(super) const unsafe fn new(object: LogFileObject) -> Self {
        Self(object)
    }

    pub(super) const fn as_ptr(self) -> LogFileObject {
        self.0
    }

    /// # Errors
    /// `INVALID_PARAMETER_1`: NULL.
    pub(super) fn as_non_null(self) -> Result<NonNull<c_void>, Status> {
        NonNull::new(self.0).ok_or(Status::INVALID_PARAMETER_1)
    }

    /// `CLFS_INFORMATION` of the stream or of the physical log.
    ///
    /// # Errors
    /// What the routine reported; `UNSUCCESSFUL` when it wrote less.
    pub(super) fn information(self, routines: &BaseRoutines, class: i32) -> Result<ClfsInformation, Status> {
        let mut information = MaybeUninit::<ClfsInformation>::zeroed();
        self.query(routines, class, &mut information)?;
        // SAFETY: numbers, of which every bit pattern is one.
        Ok(unsafe { information.assume_init() })
    }

    /// The stream that the object is open on; of a dedicated log the physical one.
    ///
    /// # Errors
    /// What the routine reported; `UNSUCCESSFUL` for a number that no stream has.
    pub(super) fn stream(self, routines: &BaseRoutines, physical: &ClfsInformation) -> Result<StreamId, Status> {
        if physical.attributes & ATTRIBUTE_DEDICATED != 0 {
            return Ok(StreamId::PHYSICAL);
        }
        let mut stream = 0_u8;
        self.query(routines, class::STREAM_IDENTIFIER, &mut stream)?;
        let stream = StreamId(stream);
        if stream > StreamId::MAX { Err(Status::UNSUCCESSFUL) } else { Ok(stream) }
    }

    fn query<T>(self, routines: &BaseRoutines, class: i32, output: &mut T) -> Result<(), Status> {
        let wanted = u32::try_from(size_of::<T>()).map_err(|_| Status::INVALID_PARAMETER)?;
        let mut length = wanted;
        let output = core::ptr::from_mut(output).cast::<c_void>();
        // SAFETY: a log file object (`new`); `output` is writable for the `length` bytes that the routine is told.
        let status = unsafe {
            (routines.query_log_file_information)(self.0, class, core::ptr::null(), 0, output, &raw mut length)
        };
        succeeded(status)?;
        if length < wanted { Err(Status::UNSUCCESSFUL) } else { Ok(()) }
    }

    /// The name that the base log file has without folder and extension.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`, or what the routine reported.
    pub(super) fn base_name(self, routines: &BaseRoutines) -> Result<Vec<u16>, Status> {
        let mut outcome = Err(Status::OBJECT_NAME_INVALID);
        for units in NAME_UNITS {
            outcome = self.base_name_in(routines, units);
            if !matches!(outcome, Err(Status::BUFFER_TOO_SMALL | Status::BUFFER_OVERFLOW)) {
                break;
            }
        }
        outcome
    }

    fn base_name_in(self, routines: &BaseRoutines, units: usize) -> Result<Vec<u16>, Status> {
        // `CLFS_LOG_NAME_INFORMATION`: the length in bytes, then the characters.
        let mut buffer = try_filled(&0_u16, units.saturating_add(1))?;
        let mut length = u32::try_from(size_of_val(buffer.as_slice())).map_err(|_| Status::INVALID_PARAMETER)?;
        let output = buffer.as_mut_ptr().cast::<c_void>();
        // SAFETY: a log file object (`new`); `output` is writable for the `length` bytes that the routine is told.
        let status = unsafe {
            (routines.query_log_file_information)(
                self.0,
                class::PHYSICAL_NAME,
                core::ptr::null_mut(),
                0,
                output,
                &raw mut length,
            )
        };
        succeeded(status)?;
        let (bytes, name) = buffer.split_first().ok_or(Status::OBJECT_NAME_INVALID)?;
        let held = usize::from(*bytes).checked_div(2).unwrap_or(0);
        let name = name.get(..held).ok_or(Status::BUFFER_TOO_SMALL)?;
        Ok(crate::units::memory::try_copied(without_folder_and_extension(name))?)
    }
}

/// # Errors
/// The status, when it is none of success.
pub(super) fn succeeded(status: NtStatus) -> Result<(), Status> {
    let status = Status::from(status);
    if status.is_success() { Ok(()) } else { Err(status) }
}

fn without_folder_and_extension(path: &[u16]) -> &[u16] {
    const EXTENSION: [u8; 4] = *b".blf";
    let is_separator = |unit: &u16| [u16::from(b'\\'), u16::from(b'/'), u16::from(b':')].contains(unit);
    let name = path.rsplit(is_separator).next().unwrap_or(path);
    let stem = name.len().checked_sub(EXTENSION.len()).and_then(|at| name.split_at_checked(at));
    let is_extension = |end: &[u16]| {
        end.iter()
            .zip(EXTENSION)
            .all(|(unit, letter)| u8::try_from(*unit).is_ok_and(|unit| unit.eq_ignore_ascii_case(&letter)))
    };
    match stem {
        Some((stem, end)) if is_extension(end) && !stem.is_empty() => stem,
        _ => name,
    }
}

/// A handle that management uses: its object stays valid until this is dropped, whoever closes it.
pub(super) struct OpenHandle {
    pub(super) object: LogObject,
    pub(super) stream: StreamId,
    _reference: FileReference,
}

impl OpenHandle {
    /// # Safety
    /// `object` is a log file object now.
    pub(super) unsafe fn new(object: NonNull<c_void>, stream: StreamId) -> Self {
        // SAFETY: a log file object, by the caller's contract, which the reference keeps.
        let reference = unsafe { FileReference::take(object) };
        // SAFETY: valid as long as the reference is held, which is as long as this exists.
        let object = unsafe { LogObject::new(object.as_ptr()) };
        Self { object, stream, _reference: reference }
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    fn name_of(path: &str) -> std::string::String {
        let path: Vec<u16> = path.encode_utf16().collect();
        std::string::String::from_utf16(without_folder_and_extension(&path)).unwrap()
    }

    #[test]
    fn a_log_is_named_by_its_base_log_file_without_folder_and_extension() {
        assert_eq!(name_of(r"\Device\HarddiskVolume1\logs\sales.blf"), "sales");
        assert_eq!(name_of("/var/lib/Sales.BLF"), "Sales");
        assert_eq!(name_of("sales"), "sales");
        assert_eq!(name_of("sales.blf.old"), "sales.blf.old");
        assert_eq!(name_of(".blf"), ".blf");
        assert_eq!(name_of(""), "");
    }
}
