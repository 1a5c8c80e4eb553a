//! A record that was read, as its outputs report it.

use core::ffi::c_void;

use crate::abi::{ClfsLsn, record_type};
use crate::exports::pointers;
use crate::log::ReadRecord;

/// A record as it is reported to a caller.
pub(super) struct Found {
    buffer: *mut c_void,
    length: u32,
    record_type: u8,
    lsn: ClfsLsn,
    undo_next: ClfsLsn,
    previous: ClfsLsn,
}

impl Found {
    /// What is reported where there is no record.
    pub(super) const NOTHING: Self = Self {
        buffer: core::ptr::null_mut(),
        length: 0,
        record_type: 0,
        lsn: ClfsLsn::INVALID,
        undo_next: ClfsLsn::INVALID,
        previous: ClfsLsn::INVALID,
    };

    pub(super) fn of(record: &ReadRecord<'_>) -> Self {
        Self {
            buffer: record.data.as_ptr().cast_mut().cast(),
            length: u32::try_from(record.data.len()).unwrap_or(u32::MAX),
            record_type: record_type(record.kind),
            lsn: record.lsn.into(),
            undo_next: record.undo_next.into(),
            previous: record.previous.into(),
        }
    }
}

/// Where a record is reported to.
pub(super) struct Outputs {
    pub(super) buffer: *mut *mut c_void,
    pub(super) length: *mut u32,
    pub(super) lsn: *mut ClfsLsn,
    /// Undo-next LSN, previous LSN and type, where they are reported.
    pub(super) links: Option<(*mut ClfsLsn, *mut ClfsLsn, *mut u8)>,
}

impl Outputs {
    /// Whether one of them is NULL: none may be.
    pub(super) fn is_incomplete(&self) -> bool {
        let links = self.links.is_some_and(|(undo_next, previous, record_type)| {
            undo_next.is_null() || previous.is_null() || record_type.is_null()
        });
        links || self.buffer.is_null() || self.length.is_null() || self.lsn.is_null()
    }

    /// # Safety
    /// All are NULL or writable.
    pub(super) unsafe fn write(&self, found: &Found) {
        // SAFETY: NULL or writable, by the caller's contract.
        unsafe { pointers::write(self.buffer, found.buffer) };
        // SAFETY: as above.
        unsafe { pointers::write(self.length, found.length) };
        // SAFETY: as above.
        unsafe { pointers::write(self.lsn, found.lsn) };
        if let Some((undo_next, previous, record_type)) = self.links {
            // SAFETY: as above.
            unsafe { pointers::write(undo_next, found.undo_next) };
            // SAFETY: as above.
            unsafe { pointers::write(previous, found.previous) };
            // SAFETY: as above.
            unsafe { pointers::write(record_type, found.record_type) };
        }
    }
}
