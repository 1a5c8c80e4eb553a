//! Records of the base interface as C has them, as far as interposition reads or writes them.
//!
//! Layouts are those of `clfs.h` for 64-bit systems, checked at compile time.

use core::ffi::c_void;

use crate::abi::ClfsLsn;

/// `CLFS_LOG_INFORMATION_CLASS`: an enumeration of C.
pub(in crate::exports) type InformationClass = i32;
/// One stream, and the physical log below it.
pub(super) const BASIC: InformationClass = 0;
/// The physical log.
pub(super) const BASIC_PHYSICAL: InformationClass = 1;
/// The name of the base log file.
pub(super) const PHYSICAL_NAME: InformationClass = 2;
/// The stream's number.
pub(super) const STREAM_IDENTIFIER: InformationClass = 3;

/// `FILE_ATTRIBUTE_ARCHIVE`: the log has an archive tail.
pub(super) const ATTRIBUTE_ARCHIVE: u32 = 0x20;
/// `FILE_ATTRIBUTE_DEDICATED`: the log is one stream.
pub(super) const ATTRIBUTE_DEDICATED: u32 = 0x100;

/// `CLFS_INFORMATION`.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct Information {
    pub(super) total_available: i64,
    pub(super) current_available: i64,
    pub(super) total_reservation: i64,
    pub(super) base_file_size: u64,
    pub(super) container_size: u64,
    pub(super) total_containers: u32,
    pub(super) free_containers: u32,
    pub(super) total_clients: u32,
    pub(super) attributes: u32,
    pub(super) flush_threshold: u32,
    pub(super) sector_size: u32,
    pub(super) min_archive_tail: ClfsLsn,
    pub(super) base: ClfsLsn,
    pub(super) last_flushed: ClfsLsn,
    pub(super) last: ClfsLsn,
    pub(super) restart: ClfsLsn,
    pub(super) identity: [u8; 16],
}

const _: () = assert!(size_of::<Information>() == 120);

impl Information {
    pub(super) const EMPTY: Self = Self {
        total_available: 0,
        current_available: 0,
        total_reservation: 0,
        base_file_size: 0,
        container_size: 0,
        total_containers: 0,
        free_containers: 0,
        total_clients: 0,
        attributes: 0,
        flush_threshold: 0,
        sector_size: 0,
        min_archive_tail: ClfsLsn::NULL,
        base: ClfsLsn::NULL,
        last_flushed: ClfsLsn::NULL,
        last: ClfsLsn::NULL,
        restart: ClfsLsn::NULL,
        identity: [0; 16],
    };
}

/// How many characters of a container's name a description holds.
pub(super) const NAME_UNITS: usize = 256;
/// `ClfsContainerInactive`.
pub(super) const CONTAINER_INACTIVE: u32 = 2;

/// `CLFS_CONTAINER_INFORMATION`.
#[repr(C)]
#[derive(Clone, Copy)]
pub(in crate::exports) struct ContainerDescription {
    pub(super) attributes: u32,
    pub(super) created: u64,
    pub(super) accessed: u64,
    pub(super) written: u64,
    pub(super) size: i64,
    /// Characters of the name, however long.
    pub(super) name_length: u32,
    /// Characters of it that are here.
    pub(super) name_held: u32,
    pub(super) name: [u16; NAME_UNITS],
    pub(super) state: u32,
    pub(super) physical: u32,
    pub(super) logical: u32,
}

const _: () = assert!(size_of::<ContainerDescription>() == 576);
const _: () = assert!(core::mem::offset_of!(ContainerDescription, state) == 560);

impl ContainerDescription {
    pub(super) const EMPTY: Self = Self {
        attributes: 0,
        created: 0,
        accessed: 0,
        written: 0,
        size: 0,
        name_length: 0,
        name_held: 0,
        name: [0; NAME_UNITS],
        state: 0,
        physical: 0,
        logical: 0,
    };
}

/// `CLFS_SCAN_MODE`.
pub(super) const SCAN_INIT: u8 = 1;
pub(super) const SCAN_FORWARD: u8 = 2;
pub(super) const SCAN_CLOSE: u8 = 8;

/// A field that C aligns to eight bytes.
#[repr(C, align(8))]
#[derive(Clone, Copy)]
pub(super) struct Aligned<T>(pub(super) T);

/// `CLFS_SCAN_CONTEXT`.
#[repr(C)]
pub(in crate::exports) struct ScanContext {
    pub(super) node: [u32; 2],
    pub(super) log: *mut c_void,
    pub(super) index: Aligned<u32>,
    pub(super) containers: Aligned<u32>,
    pub(super) returned: Aligned<u32>,
    pub(super) mode: Aligned<u8>,
    pub(super) descriptions: *mut ContainerDescription,
}

const _: () = assert!(size_of::<ScanContext>() == 56);
const _: () = assert!(core::mem::offset_of!(ScanContext, returned) == 32);

/// `UNICODE_STRING`: UTF-16 with lengths in bytes.
#[repr(C)]
#[derive(Clone, Copy)]
pub(in crate::exports) struct UnicodeString {
    pub(super) length: u16,
    pub(super) maximum_length: u16,
    pub(super) buffer: *mut u16,
}

const _: () = assert!(size_of::<UnicodeString>() == 16);

/// `CLFS_WRITE_ENTRY`: passed on, never looked at.
#[repr(C)]
pub(in crate::exports) struct WriteEntry {
    buffer: *mut c_void,
    byte_length: u32,
}

const _: () = assert!(size_of::<WriteEntry>() == 16);
