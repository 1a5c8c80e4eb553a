//! Which threads wait for which others, in deregistrations.
//!
//! A deregistration waits for its client's callbacks on other threads, and may be made inside a callback itself.
//! Clients that deregister each other from there would wait for ever, of one log or of several. So all waits of a
//! manager are noted in one place, and the one that would close a circle is not made.
//!
//! Who is inside the calls of a client is known of the threads that wait themselves, and no others can close a circle:
//! of the rest the number is enough.
//!
//! # Invariants
//! * A thread waits in one deregistration at a time: what is noted of it is that one's.
//! * No callback of a deregistered client begins: a wait is for those that run already, and only becomes less.
//! * A wait for a callback on a worker names it, and goes when that ends: its thread may be in another one by then, for
//!   which nobody waits. One for a thread inside a call of the client is for as long as that is inside.
//! * The lock around it is taken after every other, and nothing is called under it.
//! * While nobody waits it holds no memory: what an image owns is then what it owned before.

use alloc::vec::Vec;

use super::completion::ClientName;
use super::cookie::LogKey;
use super::running::{CallSerial, RunningCalls};
use crate::units::memory::{OutOfMemory, try_push};

/// A thread that deregisters a client.
#[derive(Clone, Copy)]
pub(super) struct Waiter<T> {
    pub(super) thread: T,
    /// The client in whose own call, and completion, it is.
    pub(super) inside: Option<ClientName>,
}

struct Wait<T> {
    waiter: Waiter<T>,
    /// Whose callbacks are to end.
    client: ClientName,
    /// The one on a worker, and its thread.
    on_worker: Option<(CallSerial, T)>,
    /// A mark of [`Waits::mark_who_waits_for`].
    leads_there: bool,
}

/// A thread for which another does not wait though it is inside a call of the client: it waits in turn for that one.
struct Exception<T> {
    of: T,
    other: T,
}

/// All waits of a manager.
pub(super) struct Waits<T> {
    waits: Vec<Wait<T>>,
    exceptions: Vec<Exception<T>>,
}

impl<T: Copy + PartialEq> Waits<T> {
    pub(super) const fn new() -> Self {
        Self { waits: Vec::new(), exceptions: Vec::new() }
    }

    /// Notes for which callbacks of `client` a thread waits from now on: the `running` ones on threads that are not
    /// itself and do not wait for it in turn. Returns whether there are any; if not, it waits no more.
    pub(super) fn renew(&mut self, waiter: Waiter<T>, client: ClientName, running: RunningCalls<T>) -> bool {
        self.forget(waiter.thread);
        self.mark_who_waits_for(waiter);
        let waits_in_turn = |wait: &&Wait<T>| wait.leads_there && wait.waiter.inside == Some(client);
        let in_turn = self.waits.iter().filter(waits_in_turn).count();
        let not_awaited = in_turn.saturating_add(usize::from(waiter.inside == Some(client)));
        let on_worker = running.on_worker.filter(|(_, thread)| *thread != waiter.thread && !self.is_marked(*thread));
        let must_wait = crate::units::index(running.own) > not_awaited || on_worker.is_some();
        // Without memory it waits all the same: what it waits for must have ended, a circle is rare.
        if must_wait && self.note(Wait { waiter, client, on_worker, leads_there: false }).is_err() {
            self.forget(waiter.thread);
        }
        self.give_back_room();
        must_wait
    }

    /// The marks are those of who waits for this one.
    fn note(&mut self, wait: Wait<T>) -> Result<(), OutOfMemory> {
        for other in &self.waits {
            if other.leads_there && other.waiter.inside == Some(wait.client) {
                let exception = Exception { of: wait.waiter.thread, other: other.waiter.thread };
                try_push(&mut self.exceptions, exception)?;
            }
        }
        try_push(&mut self.waits, wait)
    }

    fn forget(&mut self, thread: T) {
        self.waits.retain(|wait| wait.waiter.thread != thread);
        self.exceptions.retain(|exception| exception.of != thread);
    }

    /// A callback on a worker has ended: nobody waits for it any more, whether or not they have run since.
    pub(super) fn handle_call_ended(&mut self, log: LogKey, serial: CallSerial) {
        #[cfg(feature = "mutants")]
        if super::mutants::Mutant::OldEdgeKept.is_on() {
            return;
        }
        for wait in self.waits.iter_mut().filter(|wait| wait.client.0 == log) {
            wait.on_worker = wait.on_worker.filter(|(awaited, _)| *awaited != serial);
        }
    }

    fn give_back_room(&mut self) {
        if self.waits.is_empty() {
            *self = Self::new();
        }
    }

    /// Marks every wait that ends, over however many others, at `thread`.
    fn mark_who_waits_for(&mut self, thread: Waiter<T>) {
        for wait in &mut self.waits {
            wait.leads_there = false;
        }
        let leads_on = |waits: &Self| {
            waits.waits.iter().position(|wait| {
                let mut marked = waits.waits.iter().filter(|other| other.leads_there).map(|other| other.waiter);
                !wait.leads_there && (waits.is_for(wait, thread) || marked.any(|waiter| waits.is_for(wait, waiter)))
            })
        };
        while let Some(index) = leads_on(self) {
            if let Some(wait) = self.waits.get_mut(index) {
                wait.leads_there = true;
            }
        }
    }

    /// Whether a wait is for that thread.
    fn is_for(&self, wait: &Wait<T>, thread: Waiter<T>) -> bool {
        let is_excepted =
            |exception: &Exception<T>| exception.of == wait.waiter.thread && exception.other == thread.thread;
        let is_inside = thread.inside == Some(wait.client) && !self.exceptions.iter().any(is_excepted);
        is_inside || wait.on_worker.is_some_and(|(_, awaited)| awaited == thread.thread)
    }

    fn is_marked(&self, thread: T) -> bool {
        self.waits.iter().any(|wait| wait.waiter.thread == thread && wait.leads_there)
    }
}

#[cfg(test)]
mod tests {
    use super::super::cookie::Cookie;
    use super::*;

    const LOG: LogKey = LogKey { slot: 0, generation: 1 };

    /// The client of one log with this number.
    fn client(number: u8) -> ClientName {
        (LOG, Cookie::from_raw(1 << 32 | u64::from(number) << 16).client())
    }

    /// A thread that is inside no completion of a call of its own.
    fn on_worker(thread: u8) -> Waiter<u8> {
        Waiter { thread, inside: None }
    }

    /// A thread inside a call of the client with its number.
    fn in_call(thread: u8) -> Waiter<u8> {
        Waiter { thread, inside: Some(client(thread)) }
    }

    fn running(own: u32, on_worker: Option<u8>) -> RunningCalls<u8> {
        RunningCalls { own, on_worker: on_worker.map(|thread| (CallSerial::of(u64::from(thread)), thread)) }
    }

    /// A thread deregisters the client that a worker, with the same number, is calling.
    fn renew(waits: &mut Waits<u8>, thread: u8, other: Option<u8>) -> bool {
        waits.renew(on_worker(thread), client(other.unwrap_or(0)), running(0, other))
    }

    /// A thread that is inside its own client's call deregisters that of another, of which so many calls run.
    fn renew_in_call(waits: &mut Waits<u8>, thread: u8, other: u8, own: u32) -> bool {
        waits.renew(in_call(thread), client(other), running(own, None))
    }

    #[test]
    fn a_thread_waits_for_others_and_never_for_itself() {
        let mut waits = Waits::new();
        assert!(!renew(&mut waits, 1, Some(1)));
        assert!(renew(&mut waits, 1, Some(2)));
        assert!(!renew(&mut waits, 1, None));
        assert!(!renew_in_call(&mut waits, 1, 1, 1));
        assert!(renew_in_call(&mut waits, 1, 1, 2), "another thread is inside a call of the same client");
        assert!(renew_in_call(&mut waits, 1, 2, 1));
        assert!(!renew_in_call(&mut waits, 1, 2, 0));
    }

    #[test]
    fn the_wait_that_would_close_a_circle_is_not_made() {
        let mut waits = Waits::new();
        assert!(renew(&mut waits, 1, Some(2)));
        assert!(renew(&mut waits, 2, Some(3)));
        assert!(!renew(&mut waits, 3, Some(1)));
        assert!(waits.renew(on_worker(3), client(1), running(1, Some(1))), "for another thread it waits");
        assert!(renew(&mut waits, 1, Some(2)), "who waited first goes on waiting");
    }

    #[test]
    fn nor_is_it_among_calls() {
        let mut waits = Waits::new();
        assert!(renew_in_call(&mut waits, 1, 2, 1));
        assert!(renew_in_call(&mut waits, 2, 3, 1));
        assert!(!renew_in_call(&mut waits, 3, 1, 1));
        assert!(renew_in_call(&mut waits, 3, 1, 2), "for another thread it waits");
        assert!(renew_in_call(&mut waits, 1, 2, 1), "who waited first goes on waiting");
        assert!(renew_in_call(&mut waits, 2, 3, 1));
        assert!(renew_in_call(&mut waits, 3, 1, 2), "and who was last is waiting only for the other");
        assert!(!renew_in_call(&mut waits, 3, 1, 1));
    }

    #[test]
    fn a_circle_runs_over_calls_and_workers() {
        let mut waits = Waits::new();
        assert!(waits.renew(in_call(1), client(2), running(0, Some(2))));
        assert!(!waits.renew(on_worker(2), client(1), running(1, None)));
        assert!(waits.renew(on_worker(3), client(1), running(1, None)), "it is in nobody's way");
    }

    #[test]
    fn who_is_not_waited_for_does_not_lead_further() {
        let mut waits = Waits::new();
        let inside_second = |thread| Waiter { thread, inside: Some(client(2)) };
        // Threads 2 and 3 are inside calls of client 2, and 1 waits for both; 2 does not for 1, but for another.
        assert!(renew_in_call(&mut waits, 1, 2, 2));
        assert!(renew_in_call(&mut waits, 2, 1, 2));
        // 2 is also on a worker, inside a callback of client 5.
        assert!(waits.renew(inside_second(3), client(5), running(0, Some(2))), "2 goes on without 3");
        assert!(!waits.renew(inside_second(3), client(1), running(1, None)), "1 does not");
    }

    #[test]
    fn a_wait_that_is_over_leads_nowhere() {
        let mut waits = Waits::new();
        assert!(renew(&mut waits, 1, Some(2)));
        assert!(!renew(&mut waits, 1, None));
        assert!(renew(&mut waits, 2, Some(1)));
    }

    #[test]
    fn a_wait_for_a_callback_that_has_ended_leads_nowhere_though_the_waiter_has_not_run_since() {
        let mut waits = Waits::new();
        assert!(renew(&mut waits, 1, Some(2)));
        waits.handle_call_ended(LOG, CallSerial::of(2));
        // Thread 2 is in another callback by now, and waits there for one of thread 1.
        assert!(renew(&mut waits, 2, Some(1)), "nobody waits for thread 2");
    }

    #[test]
    fn a_wait_for_a_call_that_has_ended_leads_nowhere_either() {
        let mut waits = Waits::new();
        assert!(renew_in_call(&mut waits, 1, 2, 1));
        // Thread 2 is inside a call of client 3 by now.
        let waiter = Waiter { thread: 2, inside: Some(client(3)) };
        assert!(waits.renew(waiter, client(1), running(1, None)), "nobody waits for thread 2");
    }

    #[test]
    fn the_same_number_in_another_log_is_another_callback() {
        let mut waits = Waits::new();
        assert!(renew(&mut waits, 1, Some(2)));
        waits.handle_call_ended(LogKey { slot: 1, generation: 1 }, CallSerial::of(2));
        assert!(!renew(&mut waits, 2, Some(1)));
    }

    #[test]
    fn when_nobody_waits_no_memory_is_held() {
        let mut waits = Waits::new();
        renew_in_call(&mut waits, 1, 2, 1);
        renew_in_call(&mut waits, 2, 1, 2);
        assert!(waits.waits.capacity() > 0 && waits.exceptions.capacity() > 0);
        renew_in_call(&mut waits, 1, 2, 0);
        renew_in_call(&mut waits, 2, 1, 0);
        assert_eq!((waits.waits.capacity(), waits.exceptions.capacity()), (0, 0));
    }
}
