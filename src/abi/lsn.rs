//! `CLFS_LSN` as C has it.

use crate::units::Lsn;

/// `CLFS_LSN`: one 64-bit number, passed and returned by value.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClfsLsn {
    /// The number.
    pub internal: u64,
}

const _: () = assert!(size_of::<ClfsLsn>() == 8 && align_of::<ClfsLsn>() == 8);

impl ClfsLsn {
    /// `CLFS_LSN_NULL`.
    pub const NULL: Self = Self { internal: Lsn::NULL.raw() };
    /// `CLFS_LSN_INVALID`.
    pub const INVALID: Self = Self { internal: Lsn::INVALID.raw() };
}

impl From<Lsn> for ClfsLsn {
    fn from(lsn: Lsn) -> Self {
        Self { internal: lsn.raw() }
    }
}

impl From<ClfsLsn> for Lsn {
    fn from(lsn: ClfsLsn) -> Self {
        Self::from_raw(lsn.internal)
    }
}
