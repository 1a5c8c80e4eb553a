//! What goes beyond Microsoft's: who pins a log, what happened to it, what the image owns.
//!
//! The structures are those of `include/clfsmgmtx.h`, which `wdm.h` does not have. Without the feature `extensions` nothing of this is
//! imported, and every call answers `NOT_IMPLEMENTED`.

#[cfg(not(feature = "extensions"))]
pub(super) use absent::{pins, resources, statistics};
#[cfg(feature = "extensions")]
pub(super) use present::{pins, resources, statistics};

#[cfg(not(feature = "extensions"))]
mod absent {
    use clfs_client_interface::Outcome;
    use wdk_sys::STATUS_NOT_IMPLEMENTED;

    use super::super::{Answer, Call};

    pub(in super::super) fn pins(_: &Call<'_>, _: &mut Outcome) -> Answer {
        Err(STATUS_NOT_IMPLEMENTED)
    }

    pub(in super::super) fn statistics(_: &Call<'_>, _: &mut Outcome) -> Answer {
        Err(STATUS_NOT_IMPLEMENTED)
    }

    pub(in super::super) fn resources(_: &Call<'_>, _: &mut Outcome) -> Answer {
        Err(STATUS_NOT_IMPLEMENTED)
    }
}

#[cfg(feature = "extensions")]
mod present {
    use core::ffi::c_void;

    use clfs_client_interface::Outcome;
    use wdk_sys::{CLFS_LSN, NT_SUCCESS, NTSTATUS, PLOG_FILE_OBJECT, ULONG};

    use super::super::super::slots::Kind;
    use super::super::{Answer, Call, put};

    /// `CLFS_MGMTX_PIN`.
    #[repr(C)]
    #[derive(Clone, Copy)]
    struct Pin {
        stream_identifier: u8,
        cause: u8,
        reserved: u16,
        times_asked: u32,
        tail_lsn: CLFS_LSN,
        target_lsn: CLFS_LSN,
        asked_since: i64,
        last_refusal: NTSTATUS,
        reserved2: u32,
        client: *mut c_void,
    }

    /// `CLFS_MGMTX_STATISTICS`, and `CLFS_MGMTX_RESOURCES`: version 1, and numbers in the order of the verb's answers.
    #[repr(C)]
    #[derive(Clone, Copy)]
    struct Told {
        version: u32,
        reserved: u32,
        numbers: [u64; 8],
    }

    const VERSION: u32 = 1;

    const _: () = assert!(size_of::<Pin>() == 48 && size_of::<Told>() == 72, "not as clfsmgmtx.h says");

    impl Told {
        const NOTHING: Self = Self { version: VERSION, reserved: 0, numbers: [0; 8] };
    }

    unsafe extern "C" {
        fn ClfsMgmtxQueryPins(log: PLOG_FILE_OBJECT, pins: *mut Pin, count: *mut ULONG) -> NTSTATUS;
        fn ClfsMgmtxQueryStatistics(log: PLOG_FILE_OBJECT, statistics: *mut Told) -> NTSTATUS;
        fn ClfsMgmtxQueryResources(resources: *mut Told) -> NTSTATUS;
    }

    /// Room for so many pins: more streams and clients than one log has in a scenario.
    const ROOM: usize = 16;

    pub(in super::super) fn pins(call: &Call<'_>, outcome: &mut Outcome) -> Answer {
        let log = Kind::Log.get(call.subject)?;
        let nowhere = CLFS_LSN { Internal: 0 };
        let mut pins = [Pin {
            stream_identifier: 0,
            cause: 0,
            reserved: 0,
            times_asked: 0,
            tail_lsn: nowhere,
            target_lsn: nowhere,
            asked_since: 0,
            last_refusal: 0,
            reserved2: 0,
            client: core::ptr::null_mut(),
        }; ROOM];
        let mut count = u32::try_from(ROOM).unwrap_or(0);
        // SAFETY: IRQL <= APC_LEVEL; what CLFS gave out, or NULL; the pins are a local, as many as told.
        let status = unsafe { ClfsMgmtxQueryPins(log.cast(), pins.as_mut_ptr(), &raw mut count) };
        let [first, ..] = pins;
        let (target, base) = (first.target_lsn.Internal, first.tail_lsn.Internal);
        put(outcome, [count.into(), first.stream_identifier.into(), target, base]);
        Ok(status)
    }

    pub(in super::super) fn statistics(call: &Call<'_>, outcome: &mut Outcome) -> Answer {
        let log = Kind::Log.get(call.subject)?;
        let mut told = Told::NOTHING;
        // SAFETY: IRQL <= APC_LEVEL; what CLFS gave out, or NULL; the statistics are a local.
        let status = unsafe { ClfsMgmtxQueryStatistics(log.cast(), &raw mut told) };
        if NT_SUCCESS(status) {
            put(outcome, told.numbers);
        }
        Ok(status)
    }

    #[expect(clippy::unnecessary_wraps, reason = "as every routine")]
    pub(in super::super) fn resources(_: &Call<'_>, outcome: &mut Outcome) -> Answer {
        let mut told = Told::NOTHING;
        // SAFETY: IRQL <= APC_LEVEL; the structure is a local.
        let status = unsafe { ClfsMgmtxQueryResources(&raw mut told) };
        if NT_SUCCESS(status) {
            put(outcome, told.numbers);
        }
        Ok(status)
    }
}
