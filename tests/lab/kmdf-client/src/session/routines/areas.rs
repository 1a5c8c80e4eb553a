//! Marshalling areas, flushing, and the base.

use core::ptr::null_mut;

use clfs_client_interface::Outcome;
use wdk_sys::ntddk::{
    ClfsAdvanceLogBase, ClfsCreateMarshallingArea, ClfsDeleteMarshallingArea, ClfsFlushBuffers, ClfsFlushToLsn,
};
use wdk_sys::{_POOL_TYPE, CLFS_LSN, NT_SUCCESS, NTSTATUS, PCLFS_LSN, PVOID, ULONG};

use super::super::slots::Kind;
use super::{Answer, Call, pointer_to, put};

unsafe extern "C" {
    /// `ClfsAdvanceLogBase` of `clfs.sys`: the build's second import library binds this name to it, whatever `Clfs.lib` does
    /// with the real one.
    fn ClfsAdvanceLogBaseUnlinked(pvMarshalContext: PVOID, plsnBase: PCLFS_LSN, fFlags: ULONG) -> NTSTATUS;
}

pub(super) fn create(call: &Call<'_>, _: &mut Outcome) -> Answer {
    let claim = Kind::Area.claim(call.subject)?;
    let log = Kind::Log.get(call.slot(0)?)?;
    let (block, writes, reads) = (call.narrow(1)?, call.narrow(2)?, call.narrow(3)?);
    let mut area = null_mut();
    // SAFETY: IRQL <= APC_LEVEL; what CLFS gave out, or NULL; no functions of our own; the place for the area is a local.
    let status = unsafe {
        ClfsCreateMarshallingArea(
            log.cast(),
            _POOL_TYPE::NonPagedPoolNx,
            None,
            None,
            block,
            writes,
            reads,
            &raw mut area,
        )
    };
    if NT_SUCCESS(status) {
        claim.keep(area);
    }
    Ok(status)
}

pub(super) fn delete(call: &Call<'_>, _: &mut Outcome) -> Answer {
    let (_claim, area) = Kind::Area.take(call.subject)?;
    // SAFETY: IRQL <= APC_LEVEL; what CLFS gave out and nobody uses any more, or NULL. Whatever it answers, the area is gone.
    Ok(unsafe { ClfsDeleteMarshallingArea(area) })
}

pub(super) fn flush(call: &Call<'_>, _: &mut Outcome) -> Answer {
    let area = Kind::Area.get(call.subject)?;
    // SAFETY: IRQL <= APC_LEVEL; what CLFS gave out, or NULL.
    Ok(unsafe { ClfsFlushBuffers(area) })
}

pub(super) fn flush_to(call: &Call<'_>, outcome: &mut Outcome) -> Answer {
    let area = Kind::Area.get(call.subject)?;
    let mut lsn = call.lsn(0);
    let mut flushed = CLFS_LSN::default();
    // SAFETY: IRQL <= APC_LEVEL; what CLFS gave out, or NULL; the LSNs are locals, or NULL.
    let status = unsafe { ClfsFlushToLsn(area, pointer_to(&mut lsn), &raw mut flushed) };
    put(outcome, [flushed.Internal]);
    Ok(status)
}

pub(super) fn advance_base(call: &Call<'_>, _: &mut Outcome) -> Answer {
    let area = Kind::Area.get(call.subject)?;
    let mut lsn = call.lsn(0);
    // SAFETY: IRQL <= APC_LEVEL; what CLFS gave out, or NULL; the LSN is a local, or NULL.
    Ok(unsafe { ClfsAdvanceLogBase(area, pointer_to(&mut lsn), call.narrow(1)?) })
}

pub(super) fn advance_base_unlinked(call: &Call<'_>, _: &mut Outcome) -> Answer {
    let area = Kind::Area.get(call.subject)?;
    let mut lsn = call.lsn(0);
    // SAFETY: as for `advance_base`: over clfsmgmt.sys too the area is that of clfs.sys.
    Ok(unsafe { ClfsAdvanceLogBaseUnlinked(area, pointer_to(&mut lsn), call.narrow(1)?) })
}
