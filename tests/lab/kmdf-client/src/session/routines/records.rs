//! Appending, reservations, restart areas.
//!
//! Each record has a number. Its data are the eight bytes of its number, again and again: so that reading sees what belongs together.

use alloc::vec::Vec;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicU64, Ordering};

use clfs_client_interface::Outcome;
use wdk_sys::ntddk::{
    ClfsAlignReservedLog, ClfsAllocReservedLog, ClfsFreeReservedLog, ClfsReserveAndAppendLog, ClfsWriteRestartArea,
};
use wdk_sys::{
    CLFS_LSN, CLFS_WRITE_ENTRY, NT_SUCCESS, NTSTATUS, PVOID, STATUS_INSUFFICIENT_RESOURCES,
    STATUS_INVALID_PARAMETER_MIX, STATUS_SUCCESS, ULONG,
};

use super::super::slots::Kind;
use super::{Answer, Call, pointer_to, put};

/// Largest record that is tried: no block is as large.
const RECORD: u64 = 4 << 20;
/// Most records that are reserved at once.
const RESERVED: u64 = 65_536;
/// The number's length.
const PERIOD: usize = 8;

static NUMBER: AtomicU64 = AtomicU64::new(1);

/// A record's data.
struct Data(Vec<u8>);

impl Data {
    fn new(size: u64) -> Result<Self, NTSTATUS> {
        if size > RECORD {
            return Err(STATUS_INVALID_PARAMETER_MIX);
        }
        let size = usize::try_from(size).map_err(|_| STATUS_INVALID_PARAMETER_MIX)?;
        let mut data = Vec::new();
        data.try_reserve_exact(size).map_err(|_| STATUS_INSUFFICIENT_RESOURCES)?;
        data.resize(size, 0);
        Ok(Self(data))
    }

    /// The next record's number.
    fn number(&mut self) {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        for (byte, of_number) in self.0.iter_mut().zip(number.iter().cycle()) {
            *byte = *of_number;
        }
    }

    fn length(&self) -> ULONG {
        // At most RECORD.
        u32::try_from(self.0.len()).unwrap_or(0)
    }

    /// The pieces that are appended: the number and the rest.
    fn pieces(&mut self) -> [CLFS_WRITE_ENTRY; 2] {
        let middle = self.0.len().min(PERIOD);
        let (first, rest) = self.0.split_at_mut(middle);
        [first, rest].map(|piece| CLFS_WRITE_ENTRY {
            Buffer: piece.as_mut_ptr().cast(),
            // At most RECORD.
            ByteLength: u32::try_from(piece.len()).unwrap_or(0),
        })
    }
}

/// Whether these are data that were written here.
pub(super) fn is_ours(data: &[u8]) -> bool {
    data.iter().zip(data.iter().skip(PERIOD)).all(|(byte, later)| byte == later)
}

/// One call of `ClfsReserveAndAppendLog`.
struct Append {
    area: PVOID,
    undo: Option<CLFS_LSN>,
    previous: Option<CLFS_LSN>,
    reservation: Option<i64>,
    flags: ULONG,
    lsn: CLFS_LSN,
}

impl Append {
    fn of(call: &Call<'_>, flags: ULONG) -> Result<Self, NTSTATUS> {
        let area = Kind::Area.get(call.subject)?;
        Ok(Self { area, undo: None, previous: None, reservation: None, flags, lsn: CLFS_LSN::default() })
    }

    fn append(&mut self, data: &mut Data) -> NTSTATUS {
        data.number();
        let mut pieces = data.pieces();
        // Pieces without bytes are left out: a record without any is a mere reservation.
        let count = pieces.iter().filter(|piece| piece.ByteLength != 0).count();
        let (entries, count) = match u32::try_from(count) {
            Ok(count) if count != 0 => (pieces.as_mut_ptr(), count),
            _ => (null_mut(), 0),
        };
        let reservations = self.reservation.as_mut().map_or(null_mut(), core::ptr::from_mut);
        // SAFETY: IRQL <= APC_LEVEL; what CLFS gave out, or NULL; the pieces, as many as told, with their data, the LSNs and the
        // reservation outlive the call; what is not given is NULL.
        unsafe {
            ClfsReserveAndAppendLog(
                self.area,
                entries,
                count,
                pointer_to(&mut self.undo),
                pointer_to(&mut self.previous),
                u32::from(!reservations.is_null()),
                reservations,
                self.flags,
                &raw mut self.lsn,
            )
        }
    }
}

pub(super) fn append(call: &Call<'_>, outcome: &mut Outcome) -> Answer {
    let mut append = Append::of(call, call.narrow(3)?)?;
    append.undo = call.lsn(1);
    append.previous = call.lsn(2);
    let reservation = call.number(4).cast_signed();
    append.reservation = (reservation != 0).then_some(reservation);
    let status = append.append(&mut Data::new(call.number(0))?);
    put(outcome, [append.lsn.Internal, append.reservation.unwrap_or(0).cast_unsigned()]);
    Ok(status)
}

pub(super) fn fill(call: &Call<'_>, outcome: &mut Outcome) -> Answer {
    let mut append = Append::of(call, call.narrow(2)?)?;
    let mut data = Data::new(call.number(0))?;
    let (mut status, mut count, mut last) = (STATUS_SUCCESS, 0_u64, 0);
    while count < call.number(1) {
        status = append.append(&mut data);
        if !NT_SUCCESS(status) {
            break;
        }
        count = count.saturating_add(1);
        last = append.lsn.Internal;
    }
    put(outcome, [count, last]);
    Ok(status)
}

/// What so many records of this size take in the log.
fn align(call: &Call<'_>, area: PVOID, adjustment: &mut i64) -> Answer {
    let (count, size) = (call.number(0), call.number(1).cast_signed());
    if count > RESERVED {
        return Err(STATUS_INVALID_PARAMETER_MIX);
    }
    let mut sizes = Vec::new();
    let length = usize::try_from(count).map_err(|_| STATUS_INVALID_PARAMETER_MIX)?;
    sizes.try_reserve_exact(length).map_err(|_| STATUS_INSUFFICIENT_RESOURCES)?;
    sizes.resize(length, size);
    // SAFETY: IRQL <= APC_LEVEL; what CLFS gave out, or NULL; so many sizes, and the place for the answer, outlive the call.
    Ok(unsafe { ClfsAlignReservedLog(area, call.narrow(0)?, sizes.as_mut_ptr(), core::ptr::from_mut(adjustment)) })
}

pub(super) fn align_reserve(call: &Call<'_>, outcome: &mut Outcome) -> Answer {
    let mut adjustment = 0;
    let status = align(call, Kind::Area.get(call.subject)?, &mut adjustment)?;
    put(outcome, [adjustment.cast_unsigned()]);
    Ok(status)
}

pub(super) fn reserve(call: &Call<'_>, outcome: &mut Outcome) -> Answer {
    let area = Kind::Area.get(call.subject)?;
    let mut adjustment = 0;
    let status = align(call, area, &mut adjustment)?;
    if !NT_SUCCESS(status) {
        return Ok(status);
    }
    put(outcome, [adjustment.cast_unsigned()]);
    // SAFETY: IRQL <= APC_LEVEL; what CLFS gave out, or NULL; the adjustment is a local.
    Ok(unsafe { ClfsAllocReservedLog(area, call.narrow(0)?, &raw mut adjustment) })
}

pub(super) fn free_reserve(call: &Call<'_>, _: &mut Outcome) -> Answer {
    let area = Kind::Area.get(call.subject)?;
    let mut adjustment = 0;
    let status = align(call, area, &mut adjustment)?;
    if !NT_SUCCESS(status) {
        return Ok(status);
    }
    adjustment = adjustment.saturating_neg();
    // SAFETY: as for `reserve`.
    Ok(unsafe { ClfsFreeReservedLog(area, call.narrow(0)?, &raw mut adjustment) })
}

pub(super) fn write_restart(call: &Call<'_>, outcome: &mut Outcome) -> Answer {
    let area = Kind::Area.get(call.subject)?;
    let mut data = Data::new(call.number(0))?;
    data.number();
    let length = data.length();
    let buffer = if length == 0 { null_mut() } else { data.0.as_mut_ptr().cast() };
    let mut base = call.lsn(1);
    let (mut written, mut lsn) = (0, CLFS_LSN::default());
    // SAFETY: IRQL <= APC_LEVEL; what CLFS gave out, or NULL; the data, of this length, and the LSNs outlive the call.
    let status = unsafe {
        ClfsWriteRestartArea(
            area,
            buffer,
            length,
            pointer_to(&mut base),
            call.narrow(2)?,
            &raw mut written,
            &raw mut lsn,
        )
    };
    put(outcome, [lsn.Internal]);
    Ok(status)
}
