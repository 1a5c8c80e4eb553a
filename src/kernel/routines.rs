//! Kernel routines that wdk-sys does not declare, those that not every system has, and what every call needs.

use core::ffi::c_void;
use core::ptr::{NonNull, without_provenance_mut};
use core::sync::atomic::{AtomicPtr, Ordering};

use wdk_sys::ntddk::MmGetSystemRoutineAddress;
use wdk_sys::{_MODE, KPROCESSOR_MODE, NTSTATUS, PETHREAD, UNICODE_STRING};

use super::level;
use crate::units::Status;

unsafe extern "system" {
    /// The running thread's object, not referenced. The headers define it inline over a register that only Windows
    /// sets up; the export exists too. Any IRQL.
    pub(super) fn PsGetCurrentThread() -> PETHREAD;

    /// Whether the thread acts in somebody else's name. The WDK declares it (`ntifs.h`); other headers do not. Any
    /// IRQL.
    pub(super) fn PsIsThreadImpersonating(thread: PETHREAD) -> u8;
}

/// Waits and handles are the kernel's own.
pub(super) const KERNEL_MODE: KPROCESSOR_MODE = 0;
const _: () = assert!(_MODE::KernelMode == 0, "the mode is not what it was");

/// What a routine returned: a success of any kind, or its status.
pub(super) fn status_of(status: NTSTATUS) -> Result<(), Status> {
    let status = Status::from_raw(status.cast_unsigned());
    if status.is_success() { Ok(()) } else { Err(status) }
}

/// A structure's size, as its `Length` field and `Length` arguments want it.
pub(super) const fn length_of<T>() -> u32 {
    const { assert!(size_of::<T>() <= 0xFFFF, "a structure of the kernel's is small") }
    #[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "asserted, and no conversion is const")]
    {
        size_of::<T>() as u32
    }
}

/// A counted string over UTF-16 of someone else's, which must stay as long as the string is used.
///
/// # Errors
/// `OBJECT_NAME_INVALID`: it is longer than a counted string can be.
pub(super) fn counted_string(text: &[u16]) -> Result<UNICODE_STRING, Status> {
    let bytes = u16::try_from(size_of_val(text)).map_err(|_| Status::OBJECT_NAME_INVALID)?;
    Ok(UNICODE_STRING { Length: bytes, MaximumLength: bytes, Buffer: text.as_ptr().cast_mut() })
}

/// A routine that is looked up when it is first needed.
pub(super) struct Routine<const LENGTH: usize> {
    name: [u16; LENGTH],
    /// Null: not looked up; [`ABSENT`]: the system does not have it.
    address: AtomicPtr<c_void>,
}

/// No address: the kernel's are high.
const ABSENT: usize = 1;

impl<const LENGTH: usize> Routine<LENGTH> {
    /// The routine of this name.
    pub(super) const fn new(name: &[u8; LENGTH]) -> Self {
        let mut wide = [0; LENGTH];
        let mut rest: &[u8] = name;
        let mut places: &mut [u16] = &mut wide;
        while let ([letter, letters @ ..], [place, others @ ..]) = (rest, places) {
            // Lossless: names are ASCII. `From` is not const.
            *place = u16::from_le_bytes([*letter, 0]);
            rest = letters;
            places = others;
        }
        Self { name: wide, address: AtomicPtr::new(core::ptr::null_mut()) }
    }

    /// Its address; `None` if the system does not have it, or if it was not looked up yet and the IRQL does not allow
    /// it now: that needs `PASSIVE_LEVEL`. IRQL: any.
    pub(super) fn address(&self) -> Option<NonNull<c_void>> {
        let mut address = self.address.load(Ordering::Acquire);
        if address.is_null() {
            if !level::may_work_with_files() {
                return None;
            }
            address = self.look_up();
            self.address.store(address, Ordering::Release);
        }
        NonNull::new(address).filter(|address| address.addr().get() != ABSENT)
    }

    // Once per routine and image, in everything that asks for the time: the image has it once per length.
    #[cold]
    #[inline(never)]
    fn look_up(&self) -> *mut c_void {
        let absent = without_provenance_mut(ABSENT);
        let Ok(mut name) = counted_string(&self.name) else {
            return absent;
        };
        // SAFETY: IRQL PASSIVE_LEVEL, checked by the caller; the string and its text outlive the call.
        let address = unsafe { MmGetSystemRoutineAddress(&raw mut name) };
        if address.is_null() { absent } else { address }
    }
}
