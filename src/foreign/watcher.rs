//! Polling logs, for drivers that were not relinked and move their base unseen.
//!
//! Only while a request is open or a notification owed: an idle log costs nothing. The timer calls [`Watcher::tick`]
//! until that returns that nothing is left to watch; `wake` starts it again.
//!
//! # Invariants
//! There is room for every attached log: noting one that needs polling takes no memory.

use alloc::vec::Vec;

use crate::manager::LogKey;
use crate::manager::ports::{Guarded, Platform};
use crate::units::memory::{OutOfMemory, try_push};

struct Watched {
    log: LogKey,
    /// It came to need polling anew since the look that is under way began: what that finds is not the last word.
    is_renewed: bool,
}

struct List {
    logs: Vec<Watched>,
    attached: usize,
}

/// The logs that need polling.
pub(super) struct Watcher<P: Platform> {
    list: P::Lock<List>,
    wake: fn(),
}

impl<P: Platform> Watcher<P> {
    /// `wake` is called, with no lock held, when there is something to watch.
    pub(super) fn new(wake: fn()) -> Self {
        Self { list: P::lock(List { logs: Vec::new(), attached: 0 }), wake }
    }

    /// Makes room for one more log.
    ///
    /// # Errors
    /// There is no memory.
    pub(super) fn reserve(&self) -> Result<(), OutOfMemory> {
        self.list.with(|list| {
            let attached = list.attached.saturating_add(1);
            list.logs.try_reserve(attached.saturating_sub(list.logs.len())).map_err(|_| OutOfMemory)?;
            list.attached = attached;
            Ok(())
        })
    }

    /// Gives the room of a log back; it is not watched any more.
    pub(super) fn release(&self, log: Option<LogKey>) {
        self.list.with(|list| {
            list.logs.retain(|watched| Some(watched.log) != log);
            list.attached = list.attached.saturating_sub(1);
        });
    }

    /// From now on the log is polled, until `tick` finds that it needs that no more.
    pub(super) fn watch(&self, log: LogKey) {
        self.list.with(|list| {
            if let Some(watched) = list.logs.iter_mut().find(|watched| watched.log == log) {
                watched.is_renewed = true;
            } else if list.logs.len() < list.logs.capacity() {
                // There is room, so this takes no memory.
                let _ = try_push(&mut list.logs, Watched { log, is_renewed: true });
            }
        });
        self.wake();
    }

    /// Starts the timer, if there is none yet, and has it look.
    pub(super) fn wake(&self) {
        (self.wake)();
    }

    /// Calls `look` with every log that needs polling, and no lock held; a log for which it returns `false` needs it no
    /// more. Returns whether any is left.
    pub(super) fn tick(&self, look: impl Fn(LogKey) -> bool) -> bool {
        let mut index = 0_usize;
        while let Some(log) = self.list.with(|list| list.begin_look(index)) {
            let goes_on = look(log);
            let stays = self.list.with(|list| list.end_look(log, goes_on));
            index = index.saturating_add(usize::from(stays));
        }
        self.list.with(|list| !list.logs.is_empty())
    }
}

impl List {
    fn begin_look(&mut self, index: usize) -> Option<LogKey> {
        let watched = self.logs.get_mut(index)?;
        watched.is_renewed = false;
        Some(watched.log)
    }

    fn end_look(&mut self, log: LogKey, goes_on: bool) -> bool {
        let index = self.logs.iter().position(|watched| watched.log == log && !watched.is_renewed);
        let ends = index.filter(|_| !goes_on);
        if let Some(index) = ends {
            self.logs.swap_remove(index);
        }
        ends.is_none()
    }
}
