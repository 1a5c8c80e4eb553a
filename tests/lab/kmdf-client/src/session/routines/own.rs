//! The driver's own: gates and sleeping.

use clfs_client_interface::{Outcome, slots};
use wdk_sys::{STATUS_INVALID_HANDLE, STATUS_SUCCESS, STATUS_UNSUCCESSFUL};

use super::super::event::Event;
use super::super::slots::length;
use super::super::time;
use super::{Answer, Call};

/// Longest wait: nobody waits for the driver for longer.
const LONGEST: u64 = 60_000;

static GATES: [Event; length(slots::GATES)] = [const { Event::new() }; _];

fn gate_of(call: &Call<'_>) -> Result<&'static Event, i32> {
    GATES.get(usize::from(call.subject_slot()?)).ok_or(STATUS_INVALID_HANDLE)
}

pub(super) fn open_gate(call: &Call<'_>, _: &mut Outcome) -> Answer {
    gate_of(call)?.set();
    Ok(STATUS_SUCCESS)
}

pub(super) fn wait_gate(call: &Call<'_>, _: &mut Outcome) -> Answer {
    let is_open = gate_of(call)?.wait(call.number(0).min(LONGEST));
    Ok(if is_open { STATUS_SUCCESS } else { STATUS_UNSUCCESSFUL })
}

#[expect(clippy::unnecessary_wraps, reason = "as every routine")]
pub(super) fn sleep(call: &Call<'_>, _: &mut Outcome) -> Answer {
    time::sleep(call.number(0).min(LONGEST));
    Ok(STATUS_SUCCESS)
}

/// Lets go whoever waits.
pub(in super::super) fn open_gates() {
    GATES.iter().for_each(Event::set);
}

/// All gates are closed again.
pub(in super::super) fn close_gates() {
    GATES.iter().for_each(Event::clear);
}
