//! How clients answer, what they do inside their callbacks, and what other threads do between two calls.

use std::rc::Rc;

use clfsmgmt::log::Log;
use clfsmgmt::manager::LogError;
use clfsmgmt::units::{Lsn, Status, StreamId};

use crate::client::{Answer, Callbacks, Client, REASONS};
use crate::platform::{is_another_thread, without_memory};
use crate::world::World;

/// Callbacks inside callbacks, beyond which nobody does anything any more.
const DEPTH_MAX: u32 = 3;

impl World {
    pub(crate) fn some_reason(&self) -> Status {
        REASONS[self.below(REASONS.len())]
    }

    /// Registers a client of some temperament.
    pub(crate) fn register(&self, stream: StreamId) {
        let temper = Answer::ALL[self.below(Answer::ALL.len())];
        let client = Rc::new(Client::new(self, stream, temper));
        let callbacks = Callbacks { world: self.weak(), client: Rc::clone(&client) };
        let (manager, key) = (self.manager(), self.key());
        if self.one_in(10) {
            let refused = without_memory(|| manager.register(key, stream, callbacks));
            assert_eq!(refused.err(), Some(LogError::Failed(Status::INSUFFICIENT_RESOURCES)));
            return;
        }
        let cookie = match manager.register(key, stream, callbacks) {
            Err(LogError::Failed(Status::UNSUCCESSFUL)) if self.is_stopped() => return,
            outcome => outcome.unwrap(),
        };
        self.trace(|| format!("client {} of {stream}: {temper:?}", client.number));
        client.cookie.set(cookie);
        self.clients.borrow_mut().push(client);
    }

    /// What a client does inside the callback that asks for its tail.
    pub(crate) fn answer_ask(&self, client: &Rc<Client>, target: Lsn) -> Status {
        if self.is_settling.get() {
            return Status::PENDING;
        }
        let answer = if self.one_in(5) { Answer::ALL[self.below(Answer::ALL.len())] } else { client.temper };
        match answer {
            Answer::ReturnError => return Status::LOG_TAIL_INVALID,
            Answer::ReturnSuccess => return Status::SUCCESS,
            Answer::Later | Answer::Never => {}
            Answer::Refuse => self.refuse(client, self.some_reason()),
            Answer::Deregister => self.deregister(client),
            Answer::LogFull => {
                let _ = self.log_full(client);
            }
            Answer::RegisterAnother => self.register_another(client),
            Answer::Resize => self.resize(),
            Answer::AtOnce | Answer::Beyond | Answer::Partly | Answer::RestartArea => {
                self.move_tail(client, target, answer);
            }
        }
        Status::PENDING
    }

    fn register_another(&self, client: &Client) {
        if client.is_of(self) && self.clients.borrow().len() < 12 {
            self.register(client.stream);
        }
    }

    /// Moves a client's tail in its own way; one that cannot says so.
    pub(crate) fn move_tail(&self, client: &Client, target: Lsn, answer: Answer) {
        if !client.is_of(self) {
            return self.refuse(client, Status::LOG_STATE_INVALID);
        }
        let to = match answer {
            Answer::Beyond => Lsn::from_raw(target.raw() + (1 << 32)),
            Answer::Partly => {
                let tail = self.tail(client.stream).unwrap_or(target);
                let halfway = tail.raw().midpoint(target.raw()) & !511;
                Lsn::from_raw(halfway).max(tail)
            }
            _ => target,
        };
        let outcome = if answer == Answer::RestartArea {
            self.restart(client.stream, Some(to))
        } else {
            self.advance(client.stream, to)
        };
        if let Err(status) = outcome {
            self.refuse(client, status);
        }
    }

    /// What a client does inside the callbacks that tell it something.
    pub(crate) fn react(&self, client: &Rc<Client>) {
        if self.is_settling.get() || self.depth.get() > DEPTH_MAX {
            return;
        }
        match self.below(12) {
            0 => {
                let _ = self.log_full(client);
            }
            1 => self.deregister(client),
            2 => self.register_another(client),
            3 => self.resize(),
            4 if client.is_of(self) => self.advance_somewhere(client.stream),
            5..8 if client.is_of(self) => drop(self.append(client.stream, 30_000)),
            8 if client.is_of(self) => self.append_or_ask(client.stream),
            _ => {}
        }
    }

    /// Another thread's turn.
    pub(crate) fn intrude(&self) {
        let Some(client) = self.some_client().filter(|client| client.is_of(self)) else {
            return;
        };
        match self.below(7) {
            0 => {
                let _ = self.log_full(&client);
            }
            1 => self.refuse(&client, self.some_reason()),
            2 => self.advance_somewhere(client.stream),
            3 if client.running.get() == 0 => self.deregister(&client),
            4 => self.register_another(&client),
            5 => self.flush(client.stream),
            _ => drop(self.append(client.stream, 50_000)),
        }
    }

    /// Asks for some size.
    pub(crate) fn resize(&self) {
        // It would wait for the thread that resizes, and here there is one.
        if is_another_thread() {
            return;
        }
        let requested = [0, 1, 2, 3, 4, 5, 7, 9, 1024][self.below(9)];
        let manager = self.manager();
        let before = self.open().with(Log::space).unwrap();
        let outcome = manager.set_log_size(self.key(), requested);
        self.consume();
        self.trace(|| format!("resize to {requested}: {outcome:?}"));
        let space = self.open().with(Log::space).unwrap();
        let limits = self.limits.get();
        match outcome {
            Ok(size) => {
                assert_eq!(size, space.total_containers);
                let wanted = match requested {
                    0 => limits.minimum.unwrap_or(2).max(2).max(before.total_containers.0),
                    1024 => limits.maximum.unwrap_or(0).max(before.total_containers.0),
                    _ => u32::try_from(requested).unwrap(),
                };
                let kept = limits.maximum.is_some_and(|maximum| wanted > maximum);
                assert!(size.0 == wanted || kept, "resized to {size}, not {wanted}");
            }
            Err(LogError::Failed(
                Status::INVALID_PARAMETER_1
                | Status::LOG_POLICY_INVALID
                | Status::LOG_POLICY_CONFLICT
                | Status::COULD_NOT_RESIZE_LOG,
            )) => {}
            Err(LogError::Failed(status)) => self.expect_fault("a resize", status),
            Err(error) => panic!("{error:?}"),
        }
    }
}
