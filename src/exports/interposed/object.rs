//! Log file objects of others, and what can be asked of them.
//!
//! The only callers of the query routine.

use alloc::vec::Vec;
use core::ffi::c_void;
use core::mem::MaybeUninit;
use core::ops::Deref;
use core::ptr::NonNull;

use super::routines::BaseRoutines;
use crate::abi::{ClfsInformation, NtStatus};
use crate::exports::client::LogFileObject;
use crate::exports::platform::FileReference;
use crate::units::Status;
use crate::units::memory::try_filled;

/// `CLFS_LOG_INFORMATION_CLASS`, as far as it is asked for.
pub(super) mod class {
    /// One stream, and the physical log below it.
    pub(in super::super) const BASIC: i32 = 0;
    /// The physical log.
    pub(in super::super) const BASIC_PHYSICAL: i32 = 1;
    /// The base log file.
    pub(super) const PHYSICAL_NAME: i32 = 2;
    /// The stream's number.
    pub(in super::super) const STREAM_IDENTIFIER: i32 = 3;
}

/// Characters of a base log file's name that are tried first, and the most that a name has.
const NAME_UNITS: [usize; 2] = [520, 32_767];

/// A log file object.
///
/// # Invariants
/// It is valid as long as this exists: its owner passes it in a call that lasts, or there is a reference beside it. So
/// there are no copies.
pub(in crate::exports) struct LogObject(LogFileObject);

// SAFETY: a name; the routines that it is passed to may be called on any thread.
unsafe impl Send for LogObject {}
// SAFETY: as above.
unsafe impl Sync for LogObject {}

/// A log file object that stays valid until this is dropped, whoever closes it.
pub(in crate::exports) struct ReferencedObject {
    object: LogObject,
    _reference: FileReference,
}

impl Deref for ReferencedObject {
    type Target = LogObject;

    fn deref(&self) -> &LogObject {
        &self.object
    }
}

impl LogObject {
    /// # Safety
    /// `object` is a log file object, and stays one as long as this exists.
    pub(super) const unsafe fn new(object: LogFileObject) -> Self {
        Self(object)
    }

    pub(super) const fn as_ptr(&self) -> LogFileObject {
        self.0
    }

    /// # Errors
    /// `INVALID_PARAMETER_1`: NULL.
    pub(super) fn reference(&self) -> Result<ReferencedObject, Status> {
        let object = NonNull::new(self.0).ok_or(Status::INVALID_PARAMETER_1)?;
        // SAFETY: a log file object (`new`), which the reference keeps.
        let reference = unsafe { FileReference::take(object) };
        // SAFETY: valid as long as the reference is held, which is as long as what it is put into.
        let object = unsafe { Self::new(self.0) };
        Ok(ReferencedObject { object, _reference: reference })
    }

    /// `CLFS_INFORMATION` of the stream or of the physical log.
    ///
    /// # Errors
    /// What the routine reported; `UNSUCCESSFUL` when it wrote less.
    pub(super) fn information(&self, routines: &BaseRoutines, class: i32) -> Result<ClfsInformation, Status> {
        let mut information = MaybeUninit::<ClfsInformation>::zeroed();
        self.query(routines, class, &mut information)?;
        // SAFETY: numbers, of which every bit pattern is one.
        Ok(unsafe { information.assume_init() })
    }

    /// # Errors
    /// As [`LogObject::information`].
    pub(super) fn query<T>(&self, routines: &BaseRoutines, class: i32, output: &mut T) -> Result<(), Status> {
        let wanted = u32::try_from(size_of::<T>()).map_err(|_| Status::INVALID_PARAMETER)?;
        let mut length = wanted;
        let output = core::ptr::from_mut(output).cast::<c_void>();
        // SAFETY: a log file object (`new`); `output` is writable for as many bytes as `length` says.
        let status = unsafe {
            (routines.query_log_file_information)(self.0, class, core::ptr::null(), 0, output, &raw mut length)
        };
        succeeded(status)?;
        if length < wanted { Err(Status::UNSUCCESSFUL) } else { Ok(()) }
    }

    /// Calls `use_path` with the path of the base log file.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`, or what the routine reported.
    pub(super) fn with_base_path<R>(
        &self,
        routines: &BaseRoutines,
        use_path: impl FnOnce(&[u16]) -> R,
    ) -> Result<R, Status> {
        let mut outcome = Err(Status::OBJECT_NAME_INVALID);
        for units in NAME_UNITS {
            outcome = self.name_information(routines, units);
            if !matches!(outcome, Err(Status::BUFFER_TOO_SMALL | Status::BUFFER_OVERFLOW)) {
                break;
            }
        }
        let buffer = outcome?;
        counted(&buffer).map(use_path)
    }

    /// `CLFS_LOG_NAME_INFORMATION`: the length in bytes, then the characters, of which there is room for so many.
    ///
    /// # Errors
    /// `BUFFER_TOO_SMALL`, also when the routine returned success and a length that it had no room for.
    fn name_information(&self, routines: &BaseRoutines, units: usize) -> Result<Vec<u16>, Status> {
        let mut buffer = try_filled(&0_u16, units.saturating_add(1))?;
        let mut length = u32::try_from(size_of_val(buffer.as_slice())).map_err(|_| Status::INVALID_PARAMETER)?;
        let output = buffer.as_mut_ptr().cast::<c_void>();
        let class = class::PHYSICAL_NAME;
        // SAFETY: a log file object (`new`); `output` is writable for as many bytes as `length` says.
        let status = unsafe {
            (routines.query_log_file_information)(self.0, class, core::ptr::null_mut(), 0, output, &raw mut length)
        };
        succeeded(status)?;
        counted(&buffer)?;
        Ok(buffer)
    }
}

/// The characters behind a length in bytes, as many as that says.
///
/// # Errors
/// `BUFFER_TOO_SMALL`: there are fewer.
fn counted(buffer: &[u16]) -> Result<&[u16], Status> {
    let (bytes, path) = buffer.split_first().ok_or(Status::OBJECT_NAME_INVALID)?;
    let held = usize::from(*bytes).checked_div(2).unwrap_or(0);
    path.get(..held).ok_or(Status::BUFFER_TOO_SMALL)
}

/// # Errors
/// The status, when it is none of success.
pub(super) fn succeeded(status: NtStatus) -> Result<(), Status> {
    let status = Status::from(status);
    if status.is_success() { Ok(()) } else { Err(status) }
}

#[cfg(test)]
mod tests {
    use std::vec;

    use super::*;
    use crate::exports::interposed::tests::OWN;

    const UNITS: usize = 600;

    /// A base log file's name that is cut where the buffer ends, with its whole length, and no error.
    unsafe extern "system" fn cut(
        _: LogFileObject,
        _: i32,
        _: *const c_void,
        _: u32,
        output: *mut c_void,
        length: *mut u32,
    ) -> NtStatus {
        let mut name = vec![0x78_u16; UNITS + 1];
        name[0] = u16::try_from(2 * UNITS).unwrap();
        // SAFETY: the routine's contract.
        let room = unsafe { *length };
        let units = name.len().min(crate::units::index(room) / 2);
        // SAFETY: there is room for as many.
        unsafe { output.cast::<u16>().copy_from_nonoverlapping(name.as_ptr(), units) };
        NtStatus::SUCCESS
    }

    #[test]
    fn a_name_that_was_cut_without_an_error_is_asked_for_again_with_more_room() {
        let routines = BaseRoutines { query_log_file_information: cut, ..OWN };
        // SAFETY: the only routine that it is passed to does not look at it.
        let object = unsafe { LogObject::new(core::ptr::null_mut()) };
        assert_eq!(object.with_base_path(&routines, <[u16]>::len), Ok(UNITS));
    }
}
