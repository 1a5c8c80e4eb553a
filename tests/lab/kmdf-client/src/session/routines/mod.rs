//! One function for each routine: takes the arguments as the table of verbs says, calls, and answers as the table says.
//!
//! | module | routines |
//! |---|---|
//! | `logs` | opening, closing and deleting logs; what they are like |
//! | `containers` | containers |
//! | `areas` | marshalling areas, flushing, the base |
//! | `records` | appending, reservations, restart areas |
//! | `reading` | reading |
//! | `clients` | clients and their requests |
//! | `policies`, `size` | policies; resizing |
//! | `extension` | what goes beyond Microsoft's |
//! | `own` | the driver's own: gates, sleeping |
//!
//! # Invariants
//! * Pointers are NULL or to memory of the function's own, with the length that is told: user mode makes up none.
//! * That nobody uses any more what is ended here, is up to who drives the driver (`slots`).

mod areas;
mod clients;
mod containers;
mod extension;
mod logs;
pub(super) mod own;
mod policies;
mod reading;
mod records;
mod size;

use clfs_client_interface::verbs::NONE;
use clfs_client_interface::{Outcome, Routine, Subject};
use wdk_sys::{CLFS_LSN, NTSTATUS, PCLFS_LSN, STATUS_INVALID_PARAMETER_MIX};

use super::operands::Numbers;

/// The arguments of one call, resolved.
pub(super) struct Call<'a> {
    pub(super) subject: Subject,
    pub(super) numbers: Numbers,
    pub(super) text: &'a str,
}

/// What the routine returned; or why it was not called.
type Answer = Result<NTSTATUS, NTSTATUS>;

impl Call<'_> {
    /// The number in this place.
    fn number(&self, place: usize) -> u64 {
        self.numbers.get(place).copied().unwrap_or(NONE)
    }

    /// The number in this place as one that is not as wide.
    ///
    /// # Errors
    /// `INVALID_PARAMETER_MIX`: it does not fit.
    fn narrow<T: TryFrom<u64>>(&self, place: usize) -> Result<T, NTSTATUS> {
        T::try_from(self.number(place)).map_err(|_| STATUS_INVALID_PARAMETER_MIX)
    }

    /// The number in this place as a status: the same bits.
    fn status(&self, place: usize) -> Result<NTSTATUS, NTSTATUS> {
        Ok(self.narrow::<u32>(place)?.cast_signed())
    }

    /// The LSN in this place, if one is given.
    fn lsn(&self, place: usize) -> Option<CLFS_LSN> {
        let number = self.number(place);
        (number != NONE).then_some(CLFS_LSN { Internal: number })
    }

    /// The slot in this place; none given: NULL.
    fn slot(&self, place: usize) -> Result<Subject, NTSTATUS> {
        if self.number(place) == NONE {
            return Ok(Subject::Null);
        }
        Ok(Subject::Slot(self.narrow(place)?))
    }

    /// The subject's slot.
    fn subject_slot(&self) -> Result<u16, NTSTATUS> {
        match self.subject {
            Subject::Slot(slot) => Ok(slot),
            Subject::Null | Subject::Raw(_) => Err(STATUS_INVALID_PARAMETER_MIX),
        }
    }
}

/// A pointer to an LSN of one's own; NULL if there is none.
fn pointer_to(lsn: &mut Option<CLFS_LSN>) -> PCLFS_LSN {
    lsn.as_mut().map_or(core::ptr::null_mut(), core::ptr::from_mut)
}

/// Puts numbers into an outcome, in the order of the verb's answers.
fn put<const COUNT: usize>(outcome: &mut Outcome, numbers: [u64; COUNT]) {
    const { assert!(COUNT <= Outcome::NUMBERS, "an outcome does not hold as many") }
    for (place, number) in outcome.numbers.iter_mut().zip(numbers) {
        *place = number;
    }
}

/// Puts one of the verb's answers into an outcome.
fn put_at(outcome: &mut Outcome, place: usize, number: u64) {
    if let Some(answer) = outcome.numbers.get_mut(place) {
        *answer = number;
    }
}

/// Calls the routine. IRQL <= `APC_LEVEL`, as every routine of CLFS.
pub(super) fn call(routine: Routine, call: &Call<'_>, outcome: &mut Outcome) {
    let function = function_of(routine);
    let (Ok(status) | Err(status)) = function(call, outcome);
    outcome.status = status;
}

fn function_of(routine: Routine) -> fn(&Call<'_>, &mut Outcome) -> Answer {
    match routine {
        Routine::CreateLog => logs::create,
        Routine::CloseLog => logs::close,
        Routine::DeleteLog => logs::delete,
        Routine::DeleteByPointer => logs::delete_by_pointer,
        Routine::ResetLog => logs::reset,
        Routine::Information => logs::information,
        Routine::SetEnd => logs::set_end,
        Routine::SetArchiveTail => logs::set_archive_tail,
        Routine::IoStatistics => logs::io_statistics,
        Routine::AddContainer => containers::add,
        Routine::AddContainers => containers::add_set,
        Routine::RemoveContainer => containers::remove,
        Routine::ScanContainers => containers::scan,
        Routine::ContainerName => containers::name,
        Routine::CreateArea => areas::create,
        Routine::DeleteArea => areas::delete,
        Routine::Flush => areas::flush,
        Routine::FlushTo => areas::flush_to,
        Routine::AdvanceBase => areas::advance_base,
        Routine::AdvanceBaseUnlinked => areas::advance_base_unlinked,
        Routine::Append => records::append,
        Routine::Fill => records::fill,
        Routine::Reserve => records::reserve,
        Routine::AlignReserve => records::align_reserve,
        Routine::FreeReserve => records::free_reserve,
        Routine::WriteRestart => records::write_restart,
        Routine::ReadRestart => reading::read_restart,
        Routine::Read => reading::read,
        Routine::ReadNext => reading::read_next,
        Routine::EndRead => reading::end,
        Routine::Register => clients::register,
        Routine::Deregister => clients::deregister,
        Routine::HandleFull => clients::handle_full,
        Routine::FailTail => clients::fail_tail,
        Routine::InstallPolicy => policies::install,
        Routine::QueryPolicy => policies::query,
        Routine::RemovePolicy => policies::remove,
        Routine::Resize => size::resize,
        Routine::ResizeAs => size::resize_as,
        Routine::Pins => extension::pins,
        Routine::Statistics => extension::statistics,
        Routine::Resources => extension::resources,
        Routine::OpenGate => own::open_gate,
        Routine::WaitGate => own::wait_gate,
        Routine::Sleep => own::sleep,
    }
}
