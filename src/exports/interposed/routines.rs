//! The base routines of a `clfs.sys` that somebody else wrote, as a table.
//!
//! A table rather than calls by name: in the driver it holds what the build's import library resolves, in tests the
//! base routines of this crate, so that all of it runs over nothing but the C interface.

use core::ffi::c_void;

use super::signatures::base_routines;
use crate::abi::{
    AllocateFunction, Boolean, ClfsLsn, ClfsScanContext, ClfsWriteEntry, FreeFunction, NtStatus, UnicodeString,
};
use crate::exports::client::LogFileObject;
use crate::units::Status;

/// What `ClfsCreateMarshallingArea` returns: names a marshalling area.
pub(in crate::exports) type MarshalContext = *mut c_void;
/// `PCLFS_WRITE_ENTRY`: passed on, never looked at.
pub(in crate::exports) type WriteEntries = *const ClfsWriteEntry;

macro_rules! table {
    ($($field:ident = $name:ident($($parameter:ident: $kind:ty),* $(,)?)
        $(=> $exported:ident: $report:ident($($argument:ident),*))?;)*) => {
        /// The real routines, with the signatures of the WDK.
        #[derive(Clone, Copy)]
        pub(in crate::exports) struct BaseRoutines {
            $(
                #[doc = concat!("`", stringify!($name), "`.")]
                pub(in crate::exports) $field: unsafe extern "system" fn($($kind),*) -> NtStatus,
            )*
        }

        #[cfg(feature = "interposed")]
        mod imported {
            use super::{
                AllocateFunction, Boolean, ClfsLsn, ClfsScanContext, FreeFunction, LogFileObject, MarshalContext,
                NtStatus, UnicodeString, WriteEntries, c_void,
            };

            unsafe extern "system" {
                $(pub(super) fn $name($($parameter: $kind),*) -> NtStatus;)*
            }
        }

        #[cfg(feature = "interposed")]
        impl BaseRoutines {
            /// Those that the import library binds to `clfs.sys`.
            pub(in crate::exports) const IMPORTED: Self = Self { $($field: imported::$name),* };
        }
    };
}

base_routines!(table);

/// # Errors
/// `OBJECT_NAME_INVALID`: too long for a counted string.
pub(super) fn unicode(text: &mut [u16]) -> Result<UnicodeString, Status> {
    let length = u16::try_from(size_of_val(text)).map_err(|_| Status::OBJECT_NAME_INVALID)?;
    Ok(UnicodeString { length, maximum_length: length, buffer: text.as_mut_ptr() })
}
