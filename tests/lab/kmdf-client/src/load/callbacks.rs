//! The callbacks of every client of a load. Their data are no pointers but numbers that say which client is meant, in
//! which of its lives, and which callback: so a callback that comes too late is seen, and follows nothing.

use wdk_sys::{BOOLEAN, CLFS_LSN, NTSTATUS, PCLFS_LSN, PLOG_FILE_OBJECT, PVOID};

use core::sync::atomic::Ordering;

use super::behaviour;
use super::member::Member;
use super::rules::Ask;
use super::violation::Violation;
use super::{TOO_LATE, statuses, visit};
use crate::session::level;

/// The highest level that a callback may have.
const APC_LEVEL: u8 = 1;

pub(super) const ADVANCE_TAIL: usize = 1;
pub(super) const GROWTH_COMPLETE: usize = 2;
pub(super) const UNPINNED: usize = 3;

/// What a callback is registered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// The client's place.
    pub(super) place: usize,
    /// Its life.
    pub(super) generation: u32,
    /// The callback.
    pub(super) role: usize,
}

impl Address {
    /// As a number that is never 0: the role in 4 bits, the place in 16, the life in the 32 above bit 24.
    pub(super) fn number(self) -> usize {
        let generation = usize::try_from(self.generation).unwrap_or_default();
        self.role | (self.place & 0xFFFF) << 4 | generation << 24
    }

    fn of(number: usize) -> Self {
        let generation = u32::try_from(number >> 24 & 0xFFFF_FFFF).unwrap_or_default();
        Self { place: number >> 4 & 0xFFFF, generation, role: number & 0xF }
    }
}

/// Runs `action` for the client that is called back, after it was checked that this is right.
fn called<R>(file: PLOG_FILE_OBJECT, data: PVOID, role: usize, action: impl FnOnce(Member) -> R) -> Option<R> {
    let address = Address::of(data.addr());
    let mut is_too_late = true;
    let result = visit(|world| {
        is_too_late = false;
        let Some(member) = Member::of(world, address.place) else {
            world.counts.violate(Violation::AddressedWrong, statuses::SUCCESS);
            return None;
        };
        if address.role != role || member.stream.file.load(Ordering::Acquire) != file.cast() {
            world.counts.violate(Violation::AddressedWrong, statuses::SUCCESS);
        }
        if level::current() > APC_LEVEL {
            world.counts.violate(Violation::Level, statuses::SUCCESS);
        }
        if !member.with(|state| state.is_expected(address.generation)) {
            world.counts.violate(Violation::CalledAfterDeregistration, statuses::SUCCESS);
            return None;
        }
        Some(action(member))
    });
    if is_too_late {
        TOO_LATE.fetch_add(1, Ordering::Relaxed);
    }
    result
}

/// `CLFS_CLIENT_ADVANCE_TAIL_CALLBACK`.
///
/// # Safety
/// `target` is an LSN, or NULL.
pub(super) unsafe extern "C" fn advance_tail(file: PLOG_FILE_OBJECT, target: PCLFS_LSN, data: PVOID) -> NTSTATUS {
    let target = if target.is_null() {
        None
    } else {
        // SAFETY: not NULL, so it is an LSN, by the contract of this callback; it may lie anywhere.
        Some(unsafe { target.cast::<CLFS_LSN>().read_unaligned() }.Internal)
    };
    let answer = called(file, data, ADVANCE_TAIL, |member| {
        member.world.counts.asks.add();
        let Some(target) = target else {
            // There is nothing to move to.
            member.world.counts.violate(Violation::AddressedWrong, statuses::SUCCESS);
            return statuses::UNSUCCESSFUL;
        };
        let emptied = member.stream.emptied.load(Ordering::Acquire);
        let earlier = member.with(|state| state.ask.replace(Ask { target, emptied }));
        if earlier.is_some_and(|ask| !member.may_be_over(ask.target, ask.emptied)) {
            member.world.counts.violate(Violation::AskedTwice, statuses::SUCCESS);
        }
        behaviour::answer(member, target)
    });
    // A client that has gone refuses.
    answer.unwrap_or(statuses::UNSUCCESSFUL)
}

/// `CLFS_CLIENT_LFF_HANDLER_COMPLETE_CALLBACK`.
///
/// # Safety
/// None: the data are a number.
pub(super) unsafe extern "C" fn growth_complete(
    file: PLOG_FILE_OBJECT,
    status: NTSTATUS,
    is_pinned: BOOLEAN,
    data: PVOID,
) {
    called(file, data, GROWTH_COMPLETE, |member| {
        let counts = &member.world.counts;
        let outcome = member.with(|state| state.complete(status, is_pinned != 0));
        counts.check(outcome, status);
        counts.completions.add();
        if is_pinned != 0 {
            counts.pinned.add();
        }
        member.stream.go_on_after(member.place);
        behaviour::take_note(member);
    });
}

/// `CLFS_CLIENT_LOG_UNPINNED_CALLBACK`.
///
/// # Safety
/// None: the data are a number.
pub(super) unsafe extern "C" fn unpinned(file: PLOG_FILE_OBJECT, data: PVOID) {
    called(file, data, UNPINNED, |member| {
        let outcome = member.with(super::rules::State::unpin);
        member.world.counts.check(outcome, statuses::SUCCESS);
        member.world.counts.unpinned.add();
        behaviour::take_note(member);
    });
}
