//! Containers.

use alloc::vec::Vec;
use core::mem::zeroed;
use core::ptr::null_mut;

use clfs_client_interface::verbs::NONE;
use clfs_client_interface::{Operation, Outcome};
use wdk_sys::ntddk::{
    ClfsAddLogContainer, ClfsAddLogContainerSet, ClfsCreateScanContext, ClfsGetContainerName, ClfsRemoveLogContainer,
    ClfsScanLogContainers,
};
use wdk_sys::{
    CLFS_CONTAINER_INFORMATION, CLFS_SCAN_CONTEXT, NT_SUCCESS, NTSTATUS, PVOID, STATUS_INSUFFICIENT_RESOURCES,
    STATUS_INVALID_PARAMETER_MIX, STATUS_NO_MORE_ENTRIES, STATUS_SUCCESS, UNICODE_STRING,
};

use super::super::slots::Kind;
use super::super::text::{self, Wide};
use super::{Answer, Call, put};

// The modes and states, which not every header gives the type that they are used with.
const SCAN_FORWARD: u8 = 2;
const SCAN_CLOSE: u8 = 8;
const INACTIVE: u32 = 2;
const ACTIVE: u32 = 4;
const ACTIVE_PENDING_DELETE: u32 = 8;

/// Containers in one step of a scan.
const STEP: u32 = 16;
/// Most steps: a log has 1,024 containers.
const STEPS: u32 = 1024;
/// Most containers that are added at once.
const SET: u16 = 1024;

pub(super) fn add(call: &Call<'_>, _: &mut Outcome) -> Answer {
    let log = Kind::Log.get(call.subject)?;
    let mut text = Wide::new(call.text, None)?;
    let mut path = text.counted()?;
    let mut size = call.number(0);
    let size = if size == NONE { null_mut() } else { &raw mut size };
    // SAFETY: IRQL <= APC_LEVEL; what CLFS gave out, or NULL; the path with its text and the size outlive the call.
    Ok(unsafe { ClfsAddLogContainer(log.cast(), size, &raw mut path) })
}

pub(super) fn add_set(call: &Call<'_>, _: &mut Outcome) -> Answer {
    let log = Kind::Log.get(call.subject)?;
    let count: u16 = call.narrow(0)?;
    if count > SET {
        return Err(STATUS_INVALID_PARAMETER_MIX);
    }
    let (mut texts, mut paths): (Vec<Wide>, Vec<UNICODE_STRING>) = (Vec::new(), Vec::new());
    texts.try_reserve_exact(count.into()).map_err(|_| STATUS_INSUFFICIENT_RESOURCES)?;
    paths.try_reserve_exact(count.into()).map_err(|_| STATUS_INSUFFICIENT_RESOURCES)?;
    for number in 1..=count {
        let mut text = Wide::new(call.text, Some(number))?;
        // The text itself is in pool, and stays where it is.
        paths.push(text.counted()?);
        texts.push(text);
    }
    let mut size = call.number(1);
    let size = if size == NONE { null_mut() } else { &raw mut size };
    // SAFETY: IRQL <= APC_LEVEL; what CLFS gave out, or NULL; so many paths with their texts, and the size, outlive the call.
    let status = unsafe { ClfsAddLogContainerSet(log.cast(), count, size, paths.as_mut_ptr()) };
    drop(texts);
    Ok(status)
}

pub(super) fn remove(call: &Call<'_>, _: &mut Outcome) -> Answer {
    let log = Kind::Log.get(call.subject)?;
    let mut text = Wide::new(call.text, None)?;
    let mut path = text.counted()?;
    // SAFETY: IRQL <= APC_LEVEL; what CLFS gave out, or NULL; the path with its text outlives the call.
    Ok(unsafe { ClfsRemoveLogContainer(log.cast(), &raw mut path, u8::from(call.number(0) != 0)) })
}

pub(super) fn name(call: &Call<'_>, outcome: &mut Outcome) -> Answer {
    let log = Kind::Log.get(call.subject)?;
    let mut room = Wide::room(Operation::TEXT.saturating_mul(2))?;
    let mut name = room.counted()?;
    name.Length = 0;
    let mut length = 0;
    // SAFETY: IRQL <= APC_LEVEL; what CLFS gave out, or NULL; the room, of the length that the name says, outlives the call.
    let status = unsafe { ClfsGetContainerName(log.cast(), call.narrow(0)?, &raw mut name, &raw mut length) };
    if NT_SUCCESS(status) {
        let units = room.units().get(..usize::from(name.Length / 2)).unwrap_or_default();
        text::answer(outcome, units);
    }
    Ok(status)
}

/// What a scan has counted.
#[derive(Default)]
struct Counted {
    total: u64,
    inactive: u64,
    active: u64,
    pending_delete: u64,
    first: u64,
    last: u64,
}

impl Counted {
    fn count(&mut self, container: &CLFS_CONTAINER_INFORMATION) {
        let id = container.LogicalContainerId.into();
        if self.total == 0 {
            self.first = id;
        }
        self.last = id;
        self.total = self.total.saturating_add(1);
        for (state, counter) in [
            (INACTIVE, &mut self.inactive),
            (ACTIVE, &mut self.active),
            (ACTIVE_PENDING_DELETE, &mut self.pending_delete),
        ] {
            if container.State == state {
                *counter = counter.saturating_add(1);
            }
        }
    }
}

pub(super) fn scan(call: &Call<'_>, outcome: &mut Outcome) -> Answer {
    let log = Kind::Log.get(call.subject)?;
    let mut counted = Counted::default();
    let status = scan_all(log, &mut counted);
    let Counted { total, inactive, active, pending_delete, first, last } = counted;
    put(outcome, [total, inactive, active, pending_delete, first, last]);
    Ok(status)
}

fn scan_all(log: PVOID, counted: &mut Counted) -> NTSTATUS {
    // SAFETY: integers and null pointers: zeros are a valid value of each.
    let mut context: CLFS_SCAN_CONTEXT = unsafe { zeroed() };
    // SAFETY: IRQL <= APC_LEVEL; what CLFS gave out, or NULL; the context is a local that is closed below.
    let status = unsafe { ClfsCreateScanContext(log.cast(), 0, STEP, SCAN_FORWARD, &raw mut context) };
    if !NT_SUCCESS(status) {
        return status;
    }
    let mut result = STATUS_SUCCESS;
    for _ in 0..STEPS {
        // SAFETY: an open context; IRQL <= APC_LEVEL.
        result = unsafe { ClfsScanLogContainers(&raw mut context, SCAN_FORWARD) };
        if !NT_SUCCESS(result) || context.pinfoContainer.is_null() || context.cContainersReturned == 0 {
            break;
        }
        let count = usize::try_from(context.cContainersReturned.min(STEP)).unwrap_or(0);
        // SAFETY: the step succeeded: so many containers are there, until the next step.
        let containers = unsafe { core::slice::from_raw_parts(context.pinfoContainer, count) };
        for container in containers {
            counted.count(container);
        }
    }
    // SAFETY: an open context, used for the last time; what the step gave out is not used any more.
    let closed = unsafe { ClfsScanLogContainers(&raw mut context, SCAN_CLOSE) };
    if result == STATUS_NO_MORE_ENTRIES { closed } else { result }
}
