//! New identities for logs.

use core::sync::atomic::{AtomicU32, Ordering};

use wdk_sys::UUID;
use wdk_sys::ntddk::ExUuidCreate;

use super::clock;
use super::level;
use super::routines::status_of;
use super::thread::current_thread;

/// Counts the identities that were made without the system.
static MADE: AtomicU32 = AtomicU32::new(0);

/// 16 bytes, unique in the world; where the system has no network address, on this machine. IRQL <= `APC_LEVEL`.
pub fn new_identity() -> [u8; 16] {
    from_system().unwrap_or_else(from_time)
}

fn from_system() -> Option<[u8; 16]> {
    if !level::may_work_with_files() {
        return None;
    }
    let mut identity = UUID::default();
    // SAFETY: IRQL PASSIVE_LEVEL, checked above; the place is a local.
    let status = unsafe { ExUuidCreate(&raw mut identity) };
    // RPC_NT_UUID_LOCAL_ONLY is a success: unique on this machine.
    status_of(status).ok()?;
    let mut bytes = [0; 16];
    let (first, rest) = bytes.split_first_chunk_mut::<4>()?;
    *first = identity.Data1.to_le_bytes();
    let (second, rest) = rest.split_first_chunk_mut::<2>()?;
    *second = identity.Data2.to_le_bytes();
    let (third, rest) = rest.split_first_chunk_mut::<2>()?;
    *third = identity.Data3.to_le_bytes();
    *rest.first_chunk_mut::<8>()? = identity.Data4;
    Some(bytes)
}

/// The system had none to give (it says "retry" until its clock has gone on): time, a count and an address, in the form
/// of a version 8 identity, which is free for such.
fn from_time() -> [u8; 16] {
    let time = clock::now().0;
    let count = MADE.fetch_add(1, Ordering::Relaxed);
    let thread = current_thread().number();
    let mixed = u128::from(time) << 64 | u128::from(thread.rotate_left(24) ^ u64::from(count));
    let mut bytes = mixed.to_be_bytes();
    let [.., version, _, variant, _, _, _, _, _, _, _] = &mut bytes;
    *version = (*version & 0x0F) | 0x80;
    *variant = (*variant & 0x3F) | 0x80;
    bytes
}
