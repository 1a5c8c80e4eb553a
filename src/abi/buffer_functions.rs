//! The functions that a marshalling area's memory may be taken with.

use core::ffi::c_void;

/// `PALLOCATE_FUNCTION`.
pub type AllocateFunction = unsafe extern "system" fn(pool_type: i32, number_of_bytes: usize, tag: u32) -> *mut c_void;
/// `PFREE_FUNCTION`.
pub type FreeFunction = unsafe extern "system" fn(buffer: *mut c_void);
