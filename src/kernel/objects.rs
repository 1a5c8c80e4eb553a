//! File objects: what a `PLOG_FILE_OBJECT` points to.
//!
//! Drivers may reference such a pointer, so the open `clfs.sys` hands out real ones: the base log file, opened once
//! more for its attributes. Over Microsoft's `clfs.sys` the objects are that one's, and clients' logs are kept by
//! reference.

use core::ffi::c_void;
use core::ptr::NonNull;

use wdk_sys::ntddk::{ObfDereferenceObject, ObfReferenceObject};

use super::owned::REFERENCES;

/// A reference on a file object. The object stays as long as this does.
///
/// # IRQL
/// <= `DISPATCH_LEVEL`; dropped there too: the object manager puts off what needs `PASSIVE_LEVEL`. No lock of ours may
/// be held then that closing the file would take.
pub struct FileReference(NonNull<c_void>);

// SAFETY: objects are counted atomically, and any thread may give a reference back.
unsafe impl Send for FileReference {}
// SAFETY: as above; the object is not touched otherwise.
unsafe impl Sync for FileReference {}

impl FileReference {
    /// References the object once more.
    ///
    /// # Safety
    /// `object` is a file object that exists: the caller, or the one it acts for, has a reference or an open handle.
    pub unsafe fn take(object: NonNull<c_void>) -> Self {
        // SAFETY: an object that exists, by the caller's contract. IRQL <= DISPATCH_LEVEL.
        let _ = unsafe { ObfReferenceObject(object.as_ptr()) };
        Self::taken(object)
    }

    /// The reference that was just taken on the object.
    fn taken(object: NonNull<c_void>) -> Self {
        REFERENCES.one_more();
        Self(object)
    }

    /// The object's address.
    pub fn address(&self) -> u64 {
        u64::try_from(self.0.addr().get()).unwrap_or_default()
    }
}

impl Drop for FileReference {
    fn drop(&mut self) {
        // SAFETY: the reference that `take` or ObReferenceObjectByHandle took; given back once. IRQL <= DISPATCH_LEVEL.
        let _ = unsafe { ObfDereferenceObject(self.0.as_ptr()) };
        REFERENCES.one_less();
    }
}

#[cfg(feature = "open-clfs")]
pub use log_file::LogFileObject;

#[cfg(feature = "open-clfs")]
mod log_file {
    use core::ptr::{NonNull, null_mut};

    use wdk_sys::ntddk::ObReferenceObjectByHandle;
    use wdk_sys::{FILE_OPEN, FILE_READ_ATTRIBUTES, FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE, SYNCHRONIZE};

    use super::FileReference;
    use crate::kernel::files::KernelStorage;
    use crate::kernel::handle::{FileHandle, Opening};
    use crate::kernel::routines::{KERNEL_MODE, status_of};
    use crate::library::HandleObject;
    use crate::units::{Bytes, Status};

    /// A file object of a log's base log file, for one handle.
    pub struct LogFileObject(FileReference);

    impl LogFileObject {
        /// Opens the base log file for its attributes, in the name of the log's opener. IRQL <= `APC_LEVEL`.
        ///
        /// # Errors
        /// What the system said.
        pub fn open(storage: &KernelStorage) -> Result<Self, Status> {
            let file = storage.open_base_with(Opening {
                access: FILE_READ_ATTRIBUTES | SYNCHRONIZE,
                share: FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                disposition: FILE_OPEN,
                allocation: Bytes(0),
            })?;
            // The handle is closed with `file`; the reference stays.
            file.run(reference).map(Self)
        }
    }

    impl HandleObject for LogFileObject {
        fn address(&self) -> u64 {
            self.0.address()
        }
    }

    fn reference(handle: FileHandle) -> Result<FileReference, Status> {
        let mut object = null_mut();
        // SAFETY: our own handle, which names a file (ZwCreateFile made it), so no type need be compared; the place is
        // a local. IRQL PASSIVE_LEVEL.
        let status =
            unsafe { ObReferenceObjectByHandle(handle.raw(), 0, null_mut(), KERNEL_MODE, &raw mut object, null_mut()) };
        status_of(status)?;
        NonNull::new(object).map(FileReference::taken).ok_or(Status::UNSUCCESSFUL)
    }
}
