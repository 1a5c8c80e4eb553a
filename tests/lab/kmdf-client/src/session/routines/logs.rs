//! Opening, closing and deleting logs; what they are like.

use core::ptr::null_mut;

use clfs_client_interface::Outcome;
use wdk_sys::ntddk::{
    ClfsCloseAndResetLogFile, ClfsCloseLogFileObject, ClfsCreateLogFile, ClfsDeleteLogByPointer, ClfsDeleteLogFile,
    ClfsGetIoStatistics, ClfsSetArchiveTail, ClfsSetEndOfLog,
};
use wdk_sys::{
    _CLFS_IOSTATS_CLASS, _CLS_LOG_INFORMATION_CLASS, CLFS_INFORMATION, CLFS_IO_STATISTICS, NT_SUCCESS, NTSTATUS, PVOID,
    STATUS_ACCESS_DENIED, STATUS_INSUFFICIENT_RESOURCES, STATUS_INVALID_PARAMETER, STATUS_LOG_MULTIPLEXED,
};

use super::super::operands;
use super::super::slots::Kind;
use super::super::text::Wide;
use super::{Answer, Call, pointer_to, put};
use crate::status::size_of_structure;

pub(super) fn create(call: &Call<'_>, _: &mut Outcome) -> Answer {
    let claim = Kind::Log.claim(call.subject)?;
    let mut text = Wide::new(call.text, None)?;
    let mut name = text.counted()?;
    let (disposition, sharing, access) = (call.narrow(0)?, call.narrow(1)?, call.narrow(2)?);
    let (attributes, flags) = (call.narrow(3)?, call.narrow(4)?);
    let mut log = null_mut();
    // SAFETY: IRQL <= APC_LEVEL; the name and its text, and the place for the log, outlive the call; no security descriptor
    // and no context are allowed.
    let status = unsafe {
        ClfsCreateLogFile(
            &raw mut log,
            &raw mut name,
            access,
            sharing,
            null_mut(),
            disposition,
            0,
            attributes,
            flags,
            null_mut(),
            0,
        )
    };
    if NT_SUCCESS(status) {
        claim.keep(log.cast());
    }
    Ok(status)
}

/// Whether the object is as it was: closing is refused with these, and with any other failure it is closed all the same.
fn is_refusal(status: NTSTATUS) -> bool {
    [STATUS_ACCESS_DENIED, STATUS_LOG_MULTIPLEXED, STATUS_INVALID_PARAMETER, STATUS_INSUFFICIENT_RESOURCES]
        .contains(&status)
}

/// Ends the object in the subject's slot by `routine`.
fn end(call: &Call<'_>, routine: impl FnOnce(PVOID) -> NTSTATUS) -> Answer {
    let (claim, log) = Kind::Log.take(call.subject)?;
    let status = routine(log);
    if is_refusal(status) {
        claim.keep(log);
    }
    Ok(status)
}

pub(super) fn close(call: &Call<'_>, _: &mut Outcome) -> Answer {
    // SAFETY: IRQL <= APC_LEVEL; what CLFS gave out and nobody uses any more, or NULL.
    end(call, |log| unsafe { ClfsCloseLogFileObject(log.cast()) })
}

pub(super) fn reset(call: &Call<'_>, _: &mut Outcome) -> Answer {
    // SAFETY: as for `close`.
    end(call, |log| unsafe { ClfsCloseAndResetLogFile(log.cast()) })
}

pub(super) fn delete_by_pointer(call: &Call<'_>, _: &mut Outcome) -> Answer {
    let log = Kind::Log.get(call.subject)?;
    // SAFETY: IRQL <= APC_LEVEL; what CLFS gave out, or NULL.
    Ok(unsafe { ClfsDeleteLogByPointer(log.cast()) })
}

pub(super) fn delete(call: &Call<'_>, _: &mut Outcome) -> Answer {
    let mut text = Wide::new(call.text, None)?;
    let mut name = text.counted()?;
    // SAFETY: IRQL <= APC_LEVEL; the name and its text outlive the call; no context is allowed.
    Ok(unsafe { ClfsDeleteLogFile(&raw mut name, null_mut(), call.narrow(0)?, null_mut(), 0) })
}

pub(super) fn information(call: &Call<'_>, outcome: &mut Outcome) -> Answer {
    let log = Kind::Log.get(call.subject)?;
    let class = if call.number(0) == 0 {
        _CLS_LOG_INFORMATION_CLASS::ClfsLogBasicInformation
    } else {
        _CLS_LOG_INFORMATION_CLASS::ClfsLogBasicInformationPhysical
    };
    let mut told = CLFS_INFORMATION::default();
    let status = operands::query(log, class, &mut told);
    let numbers = [
        told.TotalContainers.into(),
        told.FreeContainers.into(),
        told.ContainerSize,
        told.TotalClients.into(),
        told.CurrentAvailable.cast_unsigned(),
        told.TotalReservation.cast_unsigned(),
        told.Attributes.into(),
        told.BaseLsn.Internal,
        told.LastLsn.Internal,
        told.LastFlushedLsn.Internal,
        told.RestartLsn.Internal,
        told.MinArchiveTailLsn.Internal,
    ];
    put(outcome, numbers);
    Ok(status)
}

pub(super) fn set_end(call: &Call<'_>, _: &mut Outcome) -> Answer {
    let log = Kind::Log.get(call.subject)?;
    let mut lsn = call.lsn(0);
    // SAFETY: IRQL <= APC_LEVEL; what CLFS gave out, or NULL; the LSN is a local, or NULL.
    Ok(unsafe { ClfsSetEndOfLog(log.cast(), pointer_to(&mut lsn)) })
}

pub(super) fn set_archive_tail(call: &Call<'_>, _: &mut Outcome) -> Answer {
    let log = Kind::Log.get(call.subject)?;
    let mut lsn = call.lsn(0);
    // SAFETY: as for `set_end`.
    Ok(unsafe { ClfsSetArchiveTail(log.cast(), pointer_to(&mut lsn)) })
}

pub(super) fn io_statistics(call: &Call<'_>, outcome: &mut Outcome) -> Answer {
    let log = Kind::Log.get(call.subject)?;
    let mut told = CLFS_IO_STATISTICS::default();
    let mut written = 0;
    // SAFETY: IRQL <= APC_LEVEL; what CLFS gave out, or NULL; the statistics are a local of this length.
    let status = unsafe {
        ClfsGetIoStatistics(
            log.cast(),
            (&raw mut told).cast(),
            size_of_structure::<CLFS_IO_STATISTICS>(),
            _CLFS_IOSTATS_CLASS::ClfsIoStatsDefault,
            &raw mut written,
        )
    };
    put(outcome, [told.cFlush, told.cbFlush, told.cMetaFlush, told.cbMetaFlush]);
    Ok(status)
}
