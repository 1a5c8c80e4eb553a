//! What the driver does for those who drive it: the inside of the control device.
//!
//! | module | what |
//! |---|---|
//! | `execution`, `operands`, `routines` | one operation: its arguments, its call |
//! | `callbacks`, `later` | what CLFS calls back, and what a client does then |
//! | `threads` | operations in threads of their own |
//! | `slots`, `clients` | what the driver holds |
//! | `journal` | what happened |
//! | `reset` | ending all of it |
//! | `lock`, `event`, `in_place`, `shared`, `time`, `level`, `text` | what these are made of |

mod callbacks;
mod clients;
pub(crate) mod event;
mod execution;
pub(crate) mod in_place;
mod journal;
mod later;
pub(crate) mod level;
pub(crate) mod lock;
mod operands;
mod reset;
mod routines;
pub(crate) mod shared;
mod slots;
mod text;
mod threads;
pub(crate) mod time;

use clfs_client_interface::wire::{Full, Malformed, Reader, Writer};
use clfs_client_interface::{Load, Operation, Outcome, Reaction, control};
use wdk_sys::{
    NTSTATUS, STATUS_BUFFER_TOO_SMALL, STATUS_INSUFFICIENT_RESOURCES, STATUS_INVALID_DEVICE_REQUEST,
    STATUS_INVALID_PARAMETER, STATUS_IO_TIMEOUT,
};

use self::shared::Shared;
use crate::load;
use crate::status::succeeded;

/// Serves one request; how many bytes of the output were written. IRQL `PASSIVE_LEVEL`.
///
/// # Errors
/// The request's status: `INVALID_PARAMETER`: the input is no such record. `BUFFER_TOO_SMALL`: the answer may not fit, nothing was
/// done. `INVALID_DEVICE_REQUEST`: there is no such control code. Else why it could not be done.
pub(crate) fn answer(code: u32, input: &[u8], output: &mut [u8]) -> Result<usize, NTSTATUS> {
    // Before anything happens that is to be kept.
    journal::make_ready()?;
    let mut input = Reader::new(input);
    match code {
        control::EXECUTE => {
            let operation = whole(&mut input, Operation::read)?;
            room(output, Outcome::LENGTH_MAX)?;
            write(output, |to| execution::execute(&operation, None).write(to))
        }
        control::START => {
            let (thread, operation) = whole(&mut input, |from| Ok((from.u16()?, Operation::read(from)?)))?;
            threads::start(thread, operation).map(|()| 0)
        }
        control::JOIN => {
            let thread = whole(&mut input, Reader::u16)?;
            join(thread, output)
        }
        control::REACT => react(&mut input).map(|()| 0),
        control::JOURNAL => journal::read(whole(&mut input, Reader::u64)?, output),
        control::RESET => {
            whole(&mut input, |_| Ok(()))?;
            room(output, Outcome::LENGTH_MAX)?;
            write(output, |to| reset::reset().write(to))
        }
        control::LOAD_START => succeeded(load::start(&whole(&mut input, Load::read)?)).map(|()| 0),
        control::LOAD_STATUS => {
            whole(&mut input, |_| Ok(()))?;
            write(output, |to| load::report().write(to))
        }
        _ => Err(STATUS_INVALID_DEVICE_REQUEST),
    }
}

/// Ends everything that is open and gives the memory back: nothing calls back any more. IRQL `PASSIVE_LEVEL`.
///
/// Waits however long that takes: the image goes next, and with it the code of whoever still ran.
pub(crate) fn end() {
    while reset::reset().status == STATUS_IO_TIMEOUT {}
    journal::end();
}

/// Puts a reaction behind its client's others. Out of line: a reaction takes several kilobytes of stack while it is read, which
/// operations need for themselves.
#[inline(never)]
fn react(input: &mut Reader<'_>) -> Result<(), NTSTATUS> {
    let reaction = Shared::new(whole(input, Reaction::read)?).map_err(|_| STATUS_INSUFFICIENT_RESOURCES)?;
    clients::react(reaction)
}

/// Says whether a thread is over, and if so what became of its operation.
fn join(thread: u16, output: &mut [u8]) -> Result<usize, NTSTATUS> {
    room(output, Outcome::LENGTH_MAX.saturating_add(1))?;
    let outcome = threads::join(thread)?;
    write(output, |to| {
        to.u8(u8::from(outcome.is_some()))?;
        outcome.map_or(Ok(()), |outcome| outcome.write(to))
    })
}

/// The record that the input is, and nothing but it.
fn whole<'a, T>(
    input: &mut Reader<'a>,
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, Malformed>,
) -> Result<T, NTSTATUS> {
    let record = read(input).map_err(|Malformed| STATUS_INVALID_PARAMETER)?;
    if input.is_empty() { Ok(record) } else { Err(STATUS_INVALID_PARAMETER) }
}

/// There is as much room in the output.
fn room(output: &[u8], length: usize) -> Result<(), NTSTATUS> {
    if output.len() < length { Err(STATUS_BUFFER_TOO_SMALL) } else { Ok(()) }
}

/// Has the output written; how many bytes that took.
fn write(output: &mut [u8], record: impl FnOnce(&mut Writer<'_>) -> Result<(), Full>) -> Result<usize, NTSTATUS> {
    let mut writer = Writer::new(output);
    record(&mut writer).map_err(|Full| STATUS_BUFFER_TOO_SMALL)?;
    Ok(writer.used())
}
