//! The routines of clfs.sys that the load calls, each with the arguments that it needs here.

use core::ffi::c_void;
use core::ptr::null_mut;

use wdk_sys::_CLFS_MGMT_POLICY_TYPE::Type as PolicyType;
use wdk_sys::ntddk::{
    ClfsAdvanceLogBase, ClfsCloseLogFileObject, ClfsCreateLogFile, ClfsCreateMarshallingArea,
    ClfsDeleteMarshallingArea, ClfsGetLogFileInformation, ClfsMgmtInstallPolicy, ClfsMgmtQueryPolicy,
    ClfsMgmtSetLogFileSize, ClfsReserveAndAppendLog,
};
use wdk_sys::{
    _POOL_TYPE, CLFS_FLAG_FORCE_APPEND, CLFS_INFORMATION, CLFS_LSN, CLFS_MGMT_POLICY, CLFS_MGMT_POLICY_VERSION,
    CLFS_WRITE_ENTRY, NTSTATUS, PLOG_FILE_OBJECT, UNICODE_STRING,
};

use super::statuses;

/// `FILE_CREATE` of `ClfsCreateLogFile`: as `CreateFile` counts them.
const CREATE_NEW: u32 = 1;
const OPEN_ALWAYS: u32 = 4;
const GENERIC_READ_WRITE_DELETE: u32 = 0xC001_0000;
const SHARE_ALL: u32 = 7;
const ATTRIBUTE_NORMAL: u32 = 0x80;
/// Of an area: as many as it likes.
const UNBOUNDED: u32 = u32::MAX;

/// Whether a log may exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Existing {
    /// Then it is not opened.
    Refused,
    /// It is another stream's too.
    Shared,
}

fn outcome(status: NTSTATUS) -> Result<(), NTSTATUS> {
    if status == statuses::SUCCESS { Ok(()) } else { Err(status) }
}

fn length_of<T>() -> u32 {
    u32::try_from(size_of::<T>()).unwrap_or(u32::MAX)
}

/// Opens a log or stream by its name. IRQL `PASSIVE_LEVEL`.
pub(super) fn open(name: &mut [u16], existing: Existing) -> Result<*mut c_void, NTSTATUS> {
    let length = u16::try_from(size_of_val(name)).map_err(|_| statuses::INVALID_PARAMETER)?;
    let mut text = UNICODE_STRING { Length: length, MaximumLength: length, Buffer: name.as_mut_ptr() };
    let mut file: PLOG_FILE_OBJECT = null_mut();
    let disposition = if existing == Existing::Refused { CREATE_NEW } else { OPEN_ALWAYS };
    // SAFETY: both pointers are to locals, and the text to `name`, which outlives the call; IRQL PASSIVE_LEVEL: only the
    // director's thread opens logs.
    outcome(unsafe {
        ClfsCreateLogFile(
            &raw mut file,
            &raw mut text,
            GENERIC_READ_WRITE_DELETE,
            SHARE_ALL,
            null_mut(),
            disposition,
            0,
            ATTRIBUTE_NORMAL,
            0,
            null_mut(),
            0,
        )
    })?;
    Ok(file.cast())
}

/// Closes a log.
///
/// # Safety
/// It came from [`open`] and was not closed.
pub(super) unsafe fn close(file: *mut c_void) -> NTSTATUS {
    // SAFETY: an open log, by the caller's contract; IRQL PASSIVE_LEVEL: the director's thread.
    unsafe { ClfsCloseLogFileObject(file.cast()) }
}

/// Makes a marshalling area.
///
/// # Safety
/// The log is open.
pub(super) unsafe fn create_area(file: *mut c_void, block: u32) -> Result<*mut c_void, NTSTATUS> {
    let mut area = null_mut();
    // SAFETY: an open log, by the caller's contract; the place is a local; no functions of our own.
    outcome(unsafe {
        ClfsCreateMarshallingArea(
            file.cast(),
            _POOL_TYPE::PagedPool,
            None,
            None,
            block,
            UNBOUNDED,
            UNBOUNDED,
            &raw mut area,
        )
    })?;
    Ok(area)
}

/// Deletes an area.
///
/// # Safety
/// It came from [`create_area`] and was not deleted.
pub(super) unsafe fn delete_area(area: *mut c_void) -> NTSTATUS {
    // SAFETY: an area, by the caller's contract.
    unsafe { ClfsDeleteMarshallingArea(area) }
}

/// Installs a policy of at most two numbers.
///
/// # Safety
/// The log is open.
pub(super) unsafe fn install(file: *mut c_void, policy: PolicyType, first: u32, second: u32) -> Result<(), NTSTATUS> {
    let mut record = CLFS_MGMT_POLICY {
        Version: CLFS_MGMT_POLICY_VERSION,
        LengthInBytes: length_of::<CLFS_MGMT_POLICY>(),
        PolicyFlags: 0,
        PolicyType: policy,
        // SAFETY: numbers and characters: zeros are a valid value of each.
        PolicyParameters: unsafe { core::mem::zeroed() },
    };
    // Every policy of numbers has them in this order, whatever they are called.
    record.PolicyParameters.GrowthRate.AbsoluteGrowthInContainers = first;
    record.PolicyParameters.GrowthRate.RelativeGrowthPercentage = second;
    // SAFETY: an open log, by the caller's contract; the policy is a local of this length.
    outcome(unsafe { ClfsMgmtInstallPolicy(file.cast(), &raw mut record, length_of::<CLFS_MGMT_POLICY>()) })
}

/// Asks for a policy, and forgets it.
///
/// # Safety
/// The log is open.
pub(super) unsafe fn query_policy(file: *mut c_void, policy: PolicyType) -> NTSTATUS {
    // SAFETY: numbers and characters: zeros are a valid value of each.
    let mut record: CLFS_MGMT_POLICY = unsafe { core::mem::zeroed() };
    let mut length = length_of::<CLFS_MGMT_POLICY>();
    // SAFETY: an open log, by the caller's contract; the buffer is a local of this length.
    unsafe { ClfsMgmtQueryPolicy(file.cast(), policy, &raw mut record, &raw mut length) }
}

/// Gives a log so many containers.
///
/// # Safety
/// The log is open.
pub(super) unsafe fn resize(file: *mut c_void, containers: u64) -> Result<(), NTSTATUS> {
    let (mut wanted, mut resulting) = (containers, 0);
    // SAFETY: an open log, by the caller's contract; both numbers are locals.
    outcome(unsafe { ClfsMgmtSetLogFileSize(file.cast(), &raw mut wanted, &raw mut resulting, None, null_mut()) })
}

/// The base and the end of a stream.
///
/// # Safety
/// The log is open.
pub(super) unsafe fn bounds(file: *mut c_void) -> Result<(u64, u64), NTSTATUS> {
    let mut information = CLFS_INFORMATION::default();
    let mut length = length_of::<CLFS_INFORMATION>();
    // SAFETY: an open log, by the caller's contract; the buffer is a local of this length.
    outcome(unsafe { ClfsGetLogFileInformation(file.cast(), &raw mut information, &raw mut length) })?;
    Ok((information.BaseLsn.Internal, information.LastLsn.Internal))
}

/// Moves a stream's base.
///
/// # Safety
/// The area exists.
pub(super) unsafe fn advance(area: *mut c_void, base: u64) -> NTSTATUS {
    let mut base = CLFS_LSN { Internal: base };
    // SAFETY: an area, by the caller's contract; the LSN is a local.
    unsafe { ClfsAdvanceLogBase(area, &raw mut base, 0) }
}

/// Appends a record of these bytes, which goes to its container at once.
///
/// # Safety
/// The area exists.
pub(super) unsafe fn append(area: *mut c_void, bytes: &[u8]) -> NTSTATUS {
    let length = u32::try_from(bytes.len()).unwrap_or_default();
    let mut entry = CLFS_WRITE_ENTRY { Buffer: bytes.as_ptr().cast_mut().cast(), ByteLength: length };
    let mut lsn = CLFS_LSN::default();
    // SAFETY: an area, by the caller's contract; one entry, whose bytes outlive the call and are read only; nothing is
    // reserved.
    unsafe {
        ClfsReserveAndAppendLog(
            area,
            &raw mut entry,
            1,
            null_mut(),
            null_mut(),
            0,
            null_mut(),
            CLFS_FLAG_FORCE_APPEND,
            &raw mut lsn,
        )
    }
}
