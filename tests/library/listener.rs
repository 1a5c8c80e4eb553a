//! A client that passes on what it is told.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

use clfsmgmt::manager::ports::ClientCallbacks;
use clfsmgmt::units::{Lsn, Status};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Ask,
    Complete(Status, bool),
    Unpinned,
}

pub(crate) struct Client(Mutex<Sender<Told>>);

impl Client {
    pub(crate) fn new() -> (Self, Receiver<Told>) {
        let (sender, told) = channel();
        (Self(Mutex::new(sender)), told)
    }

    fn tell(&self, told: Told) {
        // A test that no longer listens does not care.
        let _ = self.0.lock().unwrap().send(told);
    }
}

impl ClientCallbacks for Client {
    fn advance_tail(&self, _: Lsn) -> Status {
        self.tell(Told::Ask);
        Status::PENDING
    }

    fn log_growth_complete(&self, status: Status, is_pinned: bool) {
        self.tell(Told::Complete(status, is_pinned));
    }

    fn log_unpinned(&self) {
        self.tell(Told::Unpinned);
    }
}
