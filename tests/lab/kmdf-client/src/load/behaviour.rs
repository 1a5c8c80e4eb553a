//! What clients do when they are called back: at random, but most of them sooner or later what they were asked.
//!
//! One refusal ends a request for everybody who waits, so among many clients each must refuse rarely: how often is
//! divided by the clients of the log.

use wdk_sys::NTSTATUS;

use super::member::Member;
use super::rules::Task;
use super::statuses;

/// One container, in an LSN.
const CONTAINER: u64 = 1 << 32;

/// How a client answers an ask.
#[derive(Clone, Copy, Debug)]
enum Answer {
    /// It moves its tail at once, so many containers beyond the target.
    Now { beyond: u64 },
    /// In so many milliseconds.
    Later(u64),
    /// Before that it calls other routines.
    Reentering,
    /// It returns this error, and moves its tail later all the same.
    Error(NTSTATUS),
    /// It says so by calling, and moves its tail later all the same.
    Failure(NTSTATUS),
    /// It deregisters, and comes again later.
    Leaving,
}

fn choose(member: Member) -> Answer {
    let clients = member.world.clients_of_log(member.stream);
    member.with(|state| {
        let random = &mut state.random;
        let reason = statuses::REFUSALS.get(random.place(statuses::REFUSALS.len())).copied();
        let reason = reason.unwrap_or(statuses::DEVICE_NOT_READY);
        if random.once_in(clients.saturating_mul(8)) {
            return if random.once_in(2) { Answer::Error(reason) } else { Answer::Failure(reason) };
        }
        if random.once_in(clients.saturating_mul(24)) {
            return Answer::Leaving;
        }
        match random.below(16) {
            0..5 => Answer::Now { beyond: 0 },
            5..7 => Answer::Now { beyond: random.between(1, 2) },
            7..12 => Answer::Later(random.between(1, 40)),
            // Until the completion threatens never to come.
            12 => Answer::Later(random.between(300, 1500)),
            _ => Answer::Reentering,
        }
    })
}

/// Answers an ask: what the callback returns.
pub(super) fn answer(member: Member, target: u64) -> NTSTATUS {
    if member.world.is_ending() {
        member.advance(target);
        return statuses::PENDING;
    }
    match choose(member) {
        Answer::Now { beyond } => member.advance(target.saturating_add(beyond.saturating_mul(CONTAINER))),
        Answer::Later(milliseconds) => member.schedule(milliseconds, Task::Advance(target)),
        Answer::Reentering => {
            member.query(true);
            member.request();
            member.advance(target);
        }
        Answer::Error(reason) => {
            member.schedule(a_moment(member), Task::Advance(target));
            member.with(|state| state.ask = None);
            return reason;
        }
        Answer::Failure(reason) => {
            member.schedule(a_moment(member), Task::Advance(target));
            member.refuse(reason);
        }
        Answer::Leaving => leave(member),
    }
    statuses::PENDING
}

/// What a client does when it is told that a request is over, or the log is no longer pinned: mostly nothing.
pub(super) fn take_note(member: Member) {
    if member.world.is_ending() {
        return;
    }
    match member.with(|state| state.random.below(64)) {
        0 => leave(member),
        1..5 => {
            member.request();
        }
        5..9 => member.query(false),
        _ => {}
    }
}

/// Deregisters from where it is, and comes again later.
pub(super) fn leave(member: Member) {
    let at = member.world.now.load(core::sync::atomic::Ordering::Relaxed).saturating_add(a_moment(member));
    member.deregister(Some((at, Task::Return)));
}

fn a_moment(member: Member) -> u64 {
    member.with(|state| state.random.between(5, 80))
}
