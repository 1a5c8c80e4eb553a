//! Clients and their requests.

use core::ptr::null_mut;

use clfs_client_interface::{Callback, Outcome, Subject};
use wdk_sys::ntddk::{
    ClfsMgmtDeregisterManagedClient, ClfsMgmtHandleLogFileFull, ClfsMgmtRegisterManagedClient,
    ClfsMgmtTailAdvanceFailure,
};
use wdk_sys::{CLFS_MGMT_CLIENT_REGISTRATION, NT_SUCCESS, STATUS_INVALID_PARAMETER_MIX};

use super::super::callbacks;
use super::super::clients::{self, Registration};
use super::super::slots::Kind;
use super::{Answer, Call, put};

/// Which callbacks are given: the bits of a number.
const ADVANCE_TAIL: u64 = 1;
const GROWTH_COMPLETE: u64 = 2;
const UNPINNED: u64 = 4;
/// Which pointers are NULL: the bits of a number.
const NO_REGISTRATION: u64 = 1;
const NO_COOKIE: u64 = 2;

pub(super) fn register(call: &Call<'_>, outcome: &mut Outcome) -> Answer {
    let slot = call.subject_slot()?;
    let log = Kind::Log.get(call.slot(0)?)?;
    let (version, given, null) = (call.narrow(1)?, call.number(2), call.number(3));
    let (registration, cookie) = clients::begin(slot, log)?;
    let mut data = registration_data(registration, version, given);
    let data = if null & NO_REGISTRATION == 0 { &raw mut data } else { null_mut() };
    let place = if null & NO_COOKIE == 0 { cookie } else { null_mut() };
    // SAFETY: IRQL <= APC_LEVEL; what CLFS gave out, or NULL; the registration is a local, and its callbacks, their data, which
    // are numbers, and the place for the cookie stay as long as the image.
    let status = unsafe { ClfsMgmtRegisterManagedClient(log.cast(), data, place) };
    clients::registered(slot, NT_SUCCESS(status));
    if NT_SUCCESS(status) {
        let cookie = clients::cookie(call.subject)?;
        put(outcome, [u64::try_from(cookie.addr()).unwrap_or(u64::MAX)]);
    }
    Ok(status)
}

fn registration_data(registration: Registration, version: u32, given: u64) -> CLFS_MGMT_CLIENT_REGISTRATION {
    let has = |callback| given & callback != 0;
    CLFS_MGMT_CLIENT_REGISTRATION {
        Version: version,
        AdvanceTailCallback: if has(ADVANCE_TAIL) { Some(callbacks::advance_tail) } else { None },
        AdvanceTailCallbackData: registration.data(Callback::AdvanceTail),
        LogGrowthCompleteCallback: if has(GROWTH_COMPLETE) { Some(callbacks::growth_complete) } else { None },
        LogGrowthCompleteCallbackData: registration.data(Callback::GrowthComplete),
        LogUnpinnedCallback: if has(UNPINNED) { Some(callbacks::unpinned) } else { None },
        LogUnpinnedCallbackData: registration.data(Callback::Unpinned),
    }
}

pub(super) fn deregister(call: &Call<'_>, _: &mut Outcome) -> Answer {
    let cookie = clients::cookie(call.subject)?;
    // Also who is named by his very cookie.
    let slot = match call.subject {
        Subject::Slot(slot) => Some(slot),
        Subject::Null | Subject::Raw(_) => clients::slot_of(cookie),
    };
    let leaving = slot.filter(|slot| clients::leaves(*slot));
    // SAFETY: IRQL <= APC_LEVEL; a value that is looked up and not followed, be it stale or made up.
    let status = unsafe { ClfsMgmtDeregisterManagedClient(cookie) };
    if let Some(slot) = leaving {
        clients::left(slot, NT_SUCCESS(status));
    }
    Ok(status)
}

pub(super) fn handle_full(call: &Call<'_>, _: &mut Outcome) -> Answer {
    let cookie = clients::cookie(call.subject)?;
    // SAFETY: as for `deregister`.
    Ok(unsafe { ClfsMgmtHandleLogFileFull(cookie) })
}

pub(super) fn fail_tail(call: &Call<'_>, _: &mut Outcome) -> Answer {
    let cookie = clients::cookie(call.subject)?;
    let reason = call.status(0).map_err(|_| STATUS_INVALID_PARAMETER_MIX)?;
    // SAFETY: as for `deregister`.
    Ok(unsafe { ClfsMgmtTailAdvanceFailure(cookie, reason) })
}
