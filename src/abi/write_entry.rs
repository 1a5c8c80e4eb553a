//! `CLFS_WRITE_ENTRY` as C has it: one piece of a record's data.

use core::ffi::c_void;

/// `CLFS_WRITE_ENTRY`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ClfsWriteEntry {
    /// Where the bytes are.
    pub buffer: *mut c_void,
    /// How many there are.
    pub byte_length: u32,
}

#[cfg(target_pointer_width = "64")]
const _: () = {
    assert!(size_of::<ClfsWriteEntry>() == 16 && align_of::<ClfsWriteEntry>() == 8);
    assert!(core::mem::offset_of!(ClfsWriteEntry, byte_length) == 8);
};
