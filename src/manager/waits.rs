//! Which threads wait for which others, in deregistrations.
//!
//! A deregistration waits for its client's callbacks on other threads, and may be made inside a callback itself.
//! Clients that deregister each other from there would wait for ever, of one log or of several. So all waits of a
//! manager are noted in one place, and the one that would close a circle is not made.
//!
//! # Invariants
//! * A thread waits in one deregistration at a time: what is noted of it is that one's.
//! * A wait names the callback that it waits for, and goes when that ends: its thread may be in another one by then,
//!   for which nobody waits.
//! * The lock around it is taken after every other, and nothing is called under it.
//! * While nobody waits it holds no memory: what an image owns is then what it owned before.

use alloc::vec::Vec;

use super::cookie::LogKey;
use super::entry::CallSerial;
use crate::units::memory::try_push;

struct Wait<T> {
    waiter: T,
    /// The callback that is to end.
    call: (LogKey, CallSerial),
    /// The thread that it runs on.
    awaited: T,
    /// A mark of [`Waits::mark_who_waits_for`].
    leads_there: bool,
}

/// All waits of a manager.
pub(super) struct Waits<T> {
    waits: Vec<Wait<T>>,
}

impl<T: Copy + PartialEq> Waits<T> {
    pub(super) const fn new() -> Self {
        Self { waits: Vec::new() }
    }

    /// Notes for which callbacks of a log among `calls` this thread waits from now on: those that run on threads that
    /// are not itself and do not wait for it in turn. Returns whether there are any; if not, it waits no more.
    pub(super) fn renew(&mut self, thread: T, log: LogKey, calls: impl Iterator<Item = (CallSerial, T)>) -> bool {
        self.waits.retain(|wait| wait.waiter != thread);
        self.mark_who_waits_for(thread);
        let mut must_wait = false;
        for (serial, awaited) in calls.filter(|(_, other)| *other != thread) {
            if !self.is_marked(awaited) {
                must_wait = true;
                let wait = Wait { waiter: thread, call: (log, serial), awaited, leads_there: false };
                // Without memory it waits all the same: what it waits for must have ended, a circle is rare.
                let _ = try_push(&mut self.waits, wait);
            }
        }
        self.give_back_room();
        must_wait
    }

    /// A callback has ended: nobody waits for it any more, whether or not they have run since.
    pub(super) fn handle_call_ended(&mut self, log: LogKey, serial: CallSerial) {
        #[cfg(feature = "mutants")]
        if super::mutants::Mutant::OldEdgeKept.is_on() {
            return;
        }
        self.waits.retain(|wait| wait.call != (log, serial));
        self.give_back_room();
    }

    fn give_back_room(&mut self) {
        if self.waits.is_empty() {
            self.waits = Vec::new();
        }
    }

    /// Marks every wait that ends, over however many others, at `thread`.
    fn mark_who_waits_for(&mut self, thread: T) {
        for wait in &mut self.waits {
            wait.leads_there = wait.awaited == thread;
        }
        let leads_on =
            |waits: &Self| waits.waits.iter().position(|wait| !wait.leads_there && waits.is_marked(wait.awaited));
        while let Some(index) = leads_on(self) {
            if let Some(wait) = self.waits.get_mut(index) {
                wait.leads_there = true;
            }
        }
    }

    fn is_marked(&self, waiter: T) -> bool {
        self.waits.iter().any(|wait| wait.waiter == waiter && wait.leads_there)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: LogKey = LogKey { slot: 0, generation: 1 };

    /// The callback of a thread: in these tests each is in one, with the same number.
    fn renew(waits: &mut Waits<u8>, thread: u8, others: &[u8]) -> bool {
        waits.renew(thread, LOG, others.iter().map(|other| (CallSerial::of(u64::from(*other)), *other)))
    }

    #[test]
    fn a_thread_waits_for_others_and_never_for_itself() {
        let mut waits = Waits::new();
        assert!(!renew(&mut waits, 1, &[1]));
        assert!(renew(&mut waits, 1, &[1, 2]));
        assert!(!renew(&mut waits, 1, &[]));
    }

    #[test]
    fn the_wait_that_would_close_a_circle_is_not_made() {
        let mut waits = Waits::new();
        assert!(renew(&mut waits, 1, &[2]));
        assert!(renew(&mut waits, 2, &[3]));
        assert!(!renew(&mut waits, 3, &[1]));
        assert!(renew(&mut waits, 3, &[1, 4]), "for 4 it waits");
        assert!(renew(&mut waits, 1, &[2]), "who waited first goes on waiting");
    }

    #[test]
    fn a_wait_that_is_over_leads_nowhere() {
        let mut waits = Waits::new();
        assert!(renew(&mut waits, 1, &[2]));
        assert!(!renew(&mut waits, 1, &[]));
        assert!(renew(&mut waits, 2, &[1]));
    }

    #[test]
    fn a_wait_for_a_callback_that_has_ended_leads_nowhere_though_the_waiter_has_not_run_since() {
        let mut waits = Waits::new();
        assert!(renew(&mut waits, 1, &[2]));
        waits.handle_call_ended(LOG, CallSerial::of(2));
        // Thread 2 is in another callback by now, and waits there for one of thread 1.
        assert!(renew(&mut waits, 2, &[1]), "nobody waits for thread 2");
    }

    #[test]
    fn the_same_number_in_another_log_is_another_callback() {
        let mut waits = Waits::new();
        assert!(renew(&mut waits, 1, &[2]));
        waits.handle_call_ended(LogKey { slot: 1, generation: 1 }, CallSerial::of(2));
        assert!(!renew(&mut waits, 2, &[1]));
    }

    #[test]
    fn when_nobody_waits_no_memory_is_held() {
        let mut waits = Waits::new();
        renew(&mut waits, 1, &[2, 3]);
        renew(&mut waits, 2, &[3]);
        renew(&mut waits, 1, &[]);
        assert!(waits.waits.capacity() > 0);
        renew(&mut waits, 2, &[]);
        assert_eq!(waits.waits.capacity(), 0);
    }
}
