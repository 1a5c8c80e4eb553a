//! What the clients of a small world do inside their callbacks.

use std::rc::Rc;

use clfsmgmt::manager::GrowthPlace;
use clfsmgmt::manager::ports::ClientCallbacks;
use clfsmgmt::units::{Lsn, Status};

use super::settings::{OnAsk, OnEnd};
use super::shared::Shared;
use crate::oracle::Oracle;

pub(crate) struct Callbacks(pub(super) Rc<Shared>, pub(super) usize);

pub(super) fn reason(number: usize) -> Status {
    [Status::CANCELLED, Status::LOG_TAIL_INVALID, Status::SUCCESS][number % 3]
}

impl Shared {
    /// Does what it does once in an event.
    fn reacts(&self, number: usize, reaction: OnEnd) {
        if self.known[number].has_reacted.replace(true) {
            return;
        }
        match reaction {
            OnEnd::Nothing => {}
            OnEnd::AsksAgain => self.log_full(number, GrowthPlace::Worker),
            OnEnd::Leaves => self.leave(number),
            OnEnd::OtherLeaves => self.leave((number + 1) % self.known.len()),
        }
    }
}

impl Callbacks {
    fn call<R>(&self, action: impl FnOnce(&Shared, usize) -> R) -> R {
        self.0.depth.set(self.0.depth.get() + 1);
        let result = action(&self.0, self.1);
        self.0.depth.set(self.0.depth.get() - 1);
        result
    }
}

impl ClientCallbacks for Callbacks {
    fn advance_tail(&self, target: Lsn) -> Status {
        let target = target.container();
        self.call(|shared, number| {
            shared.oracle.borrow_mut().asks(number, target);
            shared.known[number].asked.set(Some(target));
            let stream = shared.setting.clients[number];
            let status = match shared.setting.on_ask[number] {
                OnAsk::Pending => Status::PENDING,
                OnAsk::Succeeds => Status::SUCCESS,
                OnAsk::Errs => Status::LOG_TAIL_INVALID,
                OnAsk::Moves => {
                    shared.move_unseen(stream);
                    shared.look();
                    Status::PENDING
                }
                OnAsk::MovesUnseen => {
                    shared.move_unseen(stream);
                    Status::LOG_TAIL_INVALID
                }
                OnAsk::Refuses => {
                    shared.refuse(number, reason(number));
                    Status::PENDING
                }
                OnAsk::AsksAgain => {
                    shared.log_full(number, GrowthPlace::Inline);
                    Status::PENDING
                }
                OnAsk::Leaves => {
                    shared.leave(number);
                    Status::PENDING
                }
                OnAsk::OtherLeaves => {
                    shared.leave((number + 1) % shared.known.len());
                    Status::PENDING
                }
            };
            if !status.is_success() {
                shared.known[number].asked.set(None);
            }
            shared.with_oracle(|oracle, space| oracle.ask_returned(number, target, status, space));
            status
        })
    }

    fn log_growth_complete(&self, status: Status, is_pinned: bool) {
        self.call(|shared, number| {
            shared.oracle.borrow_mut().completes(number, status, is_pinned);
            shared.reacts(number, shared.setting.on_end);
            shared.with_oracle(|oracle, space| oracle.completion_returned(number, space));
        });
    }

    fn log_unpinned(&self) {
        self.call(|shared, number| {
            shared.oracle.borrow_mut().unpinned(number);
            shared.reacts(number, shared.setting.on_end);
            shared.with_oracle(Oracle::looks);
        });
    }
}
