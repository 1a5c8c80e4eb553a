//! Our own: what the image owns now, for tests, and to find what was not given back.
//!
//! Apart from `extension`, which is about one log: this makes no instance and needs none, so it can be asked before
//! anything was opened, and after the end.

use super::super::image;
use super::super::managed_logs::ManagedLogs;
use super::super::platform::count_owned;
use super::super::pointers;
use crate::abi::{NtStatus, RESOURCES_VERSION, ResourcesRecord};
use crate::units::Status;

/// Reports what the image owns now. The caller sets the structure's version. Without an instance, before the first log
/// was opened or after the end, no log and no client is counted.
///
/// # Errors
/// * `INVALID_PARAMETER_1`: no structure.
/// * `INVALID_PARAMETER`: another version.
///
/// # Safety
/// `resources` is NULL, or readable and writable.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsMgmtxQueryResources(resources: *mut ResourcesRecord) -> NtStatus {
    let logs = image::existing();
    // SAFETY: the pointer is what this routine's contract says.
    unsafe { query_resources(logs.as_deref(), resources) }.into()
}

/// [`ClfsMgmtxQueryResources`] over any logs, or none.
///
/// # Errors
/// As there.
///
/// # Safety
/// As there.
pub(in crate::exports) unsafe fn query_resources<L: ManagedLogs>(
    logs: Option<&L>,
    resources: *mut ResourcesRecord,
) -> Result<(), Status> {
    // The version alone is read: the rest need not be initialised.
    // SAFETY: NULL or readable, by the caller's contract; the version comes first.
    let version = unsafe { pointers::read(resources.cast::<u32>()) }.ok_or(Status::INVALID_PARAMETER_1)?;
    if version != RESOURCES_VERSION {
        return Err(Status::INVALID_PARAMETER);
    }
    let mut owned = ResourcesRecord::NONE;
    count_owned(&mut owned);
    if let Some(logs) = logs {
        owned.logs = logs.manager().logs_attached().into();
        owned.clients = logs.manager().clients_registered();
    }
    // SAFETY: not NULL, so writable, by the caller's contract.
    unsafe { pointers::write(resources, owned) };
    Ok(())
}
