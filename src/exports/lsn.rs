//! LSNs taken apart and compared, and the two LSNs that are exported as data.
//!
//! All of it is arithmetic on 64 bits: any IRQL, no state. A NULL pointer is treated as if it pointed to
//! `CLFS_LSN_INVALID`, but that it equals nothing and is neither less nor greater than anything.

use super::pointers;
use crate::abi::{Boolean, ClfsLsn, NtStatus};
use crate::units::{Lsn, Status};

/// The smallest LSN.
#[unsafe(no_mangle)]
pub static CLFS_LSN_NULL: ClfsLsn = ClfsLsn::NULL;

/// Larger than every valid LSN, and none itself.
#[unsafe(no_mangle)]
pub static CLFS_LSN_INVALID: ClfsLsn = ClfsLsn::INVALID;

/// # Safety
/// NULL or readable.
unsafe fn lsn(pointer: *const ClfsLsn) -> Option<Lsn> {
    // SAFETY: NULL or readable, by the caller's contract.
    unsafe { pointers::read(pointer) }.map(Lsn::from)
}

/// # Safety
/// Both NULL or readable.
unsafe fn compare(one: *const ClfsLsn, other: *const ClfsLsn, holds: impl FnOnce(&Lsn, &Lsn) -> bool) -> Boolean {
    // SAFETY: NULL or readable, by the caller's contract.
    let one = unsafe { lsn(one) };
    // SAFETY: NULL or readable, by the caller's contract.
    let other = unsafe { lsn(other) };
    one.zip(other).is_some_and(|(one, other)| holds(&one, &other)).into()
}

/// Whether two LSNs of one stream are equal.
///
/// # Safety
/// Both are NULL or readable.
///
/// # IRQL
/// Any level.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsLsnEqual(plsn1: *const ClfsLsn, plsn2: *const ClfsLsn) -> Boolean {
    // SAFETY: this routine's contract.
    unsafe { compare(plsn1, plsn2, Lsn::eq) }
}

/// Whether the first LSN is less than the second of the same stream.
///
/// # Safety
/// Both are NULL or readable.
///
/// # IRQL
/// Any level.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsLsnLess(plsn1: *const ClfsLsn, plsn2: *const ClfsLsn) -> Boolean {
    // SAFETY: this routine's contract.
    unsafe { compare(plsn1, plsn2, Lsn::lt) }
}

/// Whether the first LSN is greater than the second of the same stream.
///
/// # Safety
/// Both are NULL or readable.
///
/// # IRQL
/// Any level.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsLsnGreater(plsn1: *const ClfsLsn, plsn2: *const ClfsLsn) -> Boolean {
    // SAFETY: this routine's contract.
    unsafe { compare(plsn1, plsn2, Lsn::gt) }
}

/// Whether it is `CLFS_LSN_NULL`.
///
/// # Safety
/// NULL or readable.
///
/// # IRQL
/// Any level.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsLsnNull(plsn: *const ClfsLsn) -> Boolean {
    // SAFETY: this routine's contract.
    unsafe { lsn(plsn) }.is_some_and(|lsn| lsn == Lsn::NULL).into()
}

/// Whether it is `CLFS_LSN_INVALID`.
///
/// # Safety
/// NULL or readable.
///
/// # IRQL
/// Any level.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsLsnInvalid(plsn: *const ClfsLsn) -> Boolean {
    // SAFETY: this routine's contract.
    unsafe { lsn(plsn) }.is_none_or(|lsn| lsn == Lsn::INVALID).into()
}

/// Composes an LSN; `CLFS_LSN_INVALID` where a part is out of range.
///
/// # IRQL
/// Any level.
#[unsafe(no_mangle)]
pub extern "system" fn ClfsLsnCreate(cid_container: u32, off_block: u32, c_record: u32) -> ClfsLsn {
    Lsn::new(cid_container, off_block, c_record).unwrap_or(Lsn::INVALID).into()
}

/// The logical container id.
///
/// # Safety
/// NULL or readable.
///
/// # IRQL
/// Any level.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsLsnContainer(plsn: *const ClfsLsn) -> u32 {
    // SAFETY: this routine's contract.
    unsafe { lsn(plsn) }.unwrap_or(Lsn::INVALID).container()
}

/// The block's offset in its container, in bytes.
///
/// # Safety
/// NULL or readable.
///
/// # IRQL
/// Any level.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsLsnBlockOffset(plsn: *const ClfsLsn) -> u32 {
    // SAFETY: this routine's contract.
    unsafe { lsn(plsn) }.unwrap_or(Lsn::INVALID).block_offset()
}

/// The record's number in its block.
///
/// # Safety
/// NULL or readable.
///
/// # IRQL
/// Any level.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsLsnRecordSequence(plsn: *const ClfsLsn) -> u32 {
    // SAFETY: this routine's contract.
    unsafe { lsn(plsn) }.unwrap_or(Lsn::INVALID).record()
}

/// The next LSN, whether or not a record has it; `CLFS_LSN_INVALID` behind the last and of no valid one.
///
/// # Safety
/// NULL or readable.
///
/// # IRQL
/// Any level.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsLaterLsn(plsn: *const ClfsLsn) -> ClfsLsn {
    // SAFETY: this routine's contract.
    let lsn = unsafe { lsn(plsn) };
    neighbour(lsn, |raw| raw.checked_add(1))
}

/// The LSN before, whether or not a record has it; `CLFS_LSN_INVALID` before the first and of no valid one.
///
/// # Safety
/// NULL or readable.
///
/// # IRQL
/// Any level.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsEarlierLsn(plsn: *const ClfsLsn) -> ClfsLsn {
    // SAFETY: this routine's contract.
    let lsn = unsafe { lsn(plsn) };
    neighbour(lsn, |raw| raw.checked_sub(1))
}

fn neighbour(lsn: Option<Lsn>, step: impl FnOnce(u64) -> Option<u64>) -> ClfsLsn {
    let next = lsn.filter(|lsn| lsn.is_valid()).and_then(|lsn| step(lsn.raw())).map(Lsn::from_raw);
    next.filter(|lsn| lsn.is_valid()).unwrap_or(Lsn::INVALID).into()
}

/// The bytes between the blocks of two LSNs, in a log with containers of `cb_container` bytes. Records of one block are
/// not distinguished: the result may be up to `cb_max_block`, the largest block, too small.
///
/// # Errors
/// `INVALID_PARAMETER`: a NULL pointer, an invalid LSN, `plsn_start` above `plsn_finish`, containers of no size, or an
/// answer above 2^63 - 1.
///
/// # Safety
/// The LSNs are NULL or readable, `pcb_difference` NULL or writable.
///
/// # IRQL
/// Any level.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsLsnDifference(
    plsn_start: *const ClfsLsn,
    plsn_finish: *const ClfsLsn,
    cb_container: u32,
    _cb_max_block: u32,
    pcb_difference: *mut i64,
) -> NtStatus {
    // SAFETY: this routine's contract.
    let start = unsafe { lsn(plsn_start) };
    // SAFETY: this routine's contract.
    let finish = unsafe { lsn(plsn_finish) };
    let bytes = start.zip(finish).and_then(|(start, finish)| difference(start, finish, cb_container));
    let Some(bytes) = bytes.filter(|_| !pcb_difference.is_null()) else {
        return Status::INVALID_PARAMETER.into();
    };
    // SAFETY: not NULL, so writable, by this routine's contract.
    unsafe { pointers::write(pcb_difference, bytes) };
    NtStatus::SUCCESS
}

fn difference(start: Lsn, finish: Lsn, container_bytes: u32) -> Option<i64> {
    if start > finish || !finish.is_valid() || container_bytes == 0 {
        return None;
    }
    let containers = i64::from(finish.container().checked_sub(start.container())?);
    let bytes = containers.checked_mul(container_bytes.into())?;
    bytes.checked_add(finish.block_offset().into())?.checked_sub(start.block_offset().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(container: u32, offset: u32, record: u32) -> Lsn {
        Lsn::new(container, offset, record).unwrap()
    }

    #[test]
    fn neighbours_of_lsns_cross_blocks_and_containers_and_stop_at_both_ends() {
        let later = |lsn: Lsn| Lsn::from(neighbour(Some(lsn), |raw| raw.checked_add(1)));
        let earlier = |lsn: Lsn| Lsn::from(neighbour(Some(lsn), |raw| raw.checked_sub(1)));
        assert_eq!(later(at(1, 512, 511)), at(1, 1_024, 0));
        assert_eq!(later(at(1, !511, 511)), at(2, 0, 0));
        assert_eq!(earlier(at(2, 0, 0)), at(1, !511, 511));
        assert_eq!(later(at(u32::MAX - 1, !511, 511)), Lsn::INVALID);
        assert_eq!(earlier(Lsn::NULL), Lsn::INVALID);
        assert_eq!((later(Lsn::INVALID), earlier(Lsn::INVALID)), (Lsn::INVALID, Lsn::INVALID));
    }

    #[test]
    fn the_difference_of_lsns_counts_whole_containers() {
        assert_eq!(difference(at(1, 1_024, 3), at(1, 2_048, 0), 1 << 19), Some(1_024));
        assert_eq!(difference(at(1, 1_024, 0), at(3, 512, 0), 1 << 19), Some((1 << 20) - 512));
        assert_eq!(difference(at(1, 512, 1), at(1, 512, 9), 1 << 19), Some(0));
        assert_eq!(difference(at(2, 0, 0), at(1, 0, 0), 1 << 19), None);
        assert_eq!(difference(at(2, 0, 0), Lsn::INVALID, 1 << 19), None);
        assert_eq!(difference(Lsn::NULL, at(u32::MAX - 1, 0, 0), u32::MAX), None, "it would not fit");
    }
}
