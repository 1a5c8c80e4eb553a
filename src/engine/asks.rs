//! The moves of a client between `idle`, `asked` and `refused`, and its arming for the unpinned log.
//!
//! Separate from the table so that each change of state and of lists stands in one place. Nothing here decides.

use super::client::{Ask, Clients, Request, Slot, StreamClients, Unpinned};
use super::links::{Chain, List};
use super::report::AskHistory;
use crate::units::{Lsn, StreamId};

impl Clients {
    fn stream_mut(&mut self, stream: StreamId) -> Option<(&mut StreamClients, &mut [Slot])> {
        let clients = self.streams.get_mut(usize::from(stream.0))?;
        Some((clients, &mut self.slots))
    }

    /// Whether a client of `stream` has an ask due or outstanding.
    pub(super) fn is_asked(&self, stream: StreamId) -> bool {
        self.asked_streams.contains(stream)
    }

    /// Makes those who refused in an earlier round idle again, all at once.
    pub(super) fn enter_round(&mut self, stream: StreamId, round: u64) {
        if let Some((clients, slots)) = self.stream_mut(stream)
            && clients.round != round
        {
            clients.round = round;
            let StreamClients { idle, refused, .. } = clients;
            idle.append(slots, Chain::Stream, refused);
        }
    }

    /// Decides an ask for every idle client of `stream`.
    pub(super) fn ask_idle(&mut self, stream: StreamId, target: Lsn) {
        while let Some((clients, slots)) = self.stream_mut(stream) {
            let Some(slot) = clients.idle.pop_front(slots, Chain::Stream) else {
                break;
            };
            clients.lowest_target = if clients.asked.is_empty() { target } else { clients.lowest_target.min(target) };
            clients.asked.push_back(slots, Chain::Stream, slot);
            if let Some(client) = self.get_mut(slot) {
                client.ask = Ask::Due { target };
            }
            self.asks_due.push_back(&mut self.slots, Chain::AskDue, slot);
            self.asked_streams.insert(stream);
        }
    }

    /// Marks the next due ask as outstanding; the mark stands before anybody is called.
    pub(super) fn take_due_ask(&mut self) -> Option<(u16, Lsn, u32)> {
        let slot = self.asks_due.pop_front(&mut self.slots, Chain::AskDue)?;
        let serial = self.next_ask_serial;
        self.next_ask_serial = serial.wrapping_add(1);
        let client = self.get_mut(slot)?;
        let target = client.ask.target()?;
        client.ask = Ask::Outstanding { target, serial };
        Some((slot, target, serial))
    }

    /// Ends a client's ask, if it has one: it is idle again.
    pub(super) fn end_ask(&mut self, slot: u16) {
        let Some(client) = self.get_mut(slot) else {
            return;
        };
        let (ask, stream) = (client.ask, client.stream);
        if ask == Ask::None {
            return;
        }
        client.ask = Ask::None;
        if let Ask::Due { .. } = ask {
            self.asks_due.unlink(&mut self.slots, Chain::AskDue, slot);
        }
        if let Some((clients, slots)) = self.stream_mut(stream) {
            clients.asked.unlink(slots, Chain::Stream, slot);
            clients.idle.push_back(slots, Chain::Stream, slot);
            if clients.asked.is_empty() {
                self.asked_streams.set(stream, false);
            }
        }
    }

    /// Ends a client's ask as refused: it is not asked again in its stream's round.
    pub(super) fn refuse_ask(&mut self, slot: u16) {
        self.end_ask(slot);
        let Some(stream) = self.get(slot).map(|client| client.stream) else {
            return;
        };
        let Some((clients, slots)) = self.stream_mut(stream) else {
            return;
        };
        let round = clients.round;
        clients.idle.unlink(slots, Chain::Stream, slot);
        clients.refused.push_back(slots, Chain::Stream, slot);
        if let Some(client) = self.get_mut(slot) {
            client.refused_in_round = round;
        }
    }

    /// Ends every ask of `stream` that is met by a tail at `tail`, or by a stream that holds nothing.
    pub(super) fn end_met_asks(&mut self, stream: StreamId, tail: Option<Lsn>) {
        let Some(clients) = self.streams.get(usize::from(stream.0)) else {
            return;
        };
        let is_met = |target: Lsn| tail.is_none_or(|tail| tail >= target);
        if !is_met(clients.lowest_target) {
            return;
        }
        let mut lowest = Lsn::INVALID;
        let mut next = clients.asked.first();
        while let Some(slot) = next {
            next = List::next(&self.slots, Chain::Stream, slot);
            let target = self.get(slot).and_then(|client| client.ask.target());
            match target {
                Some(target) if !is_met(target) => lowest = lowest.min(target),
                _ => self.meet_ask(slot),
            }
        }
        if let Some(clients) = self.streams.get_mut(usize::from(stream.0)) {
            clients.lowest_target = lowest;
        }
    }

    fn meet_ask(&mut self, slot: u16) {
        self.end_ask(slot);
        if let Some(client) = self.get_mut(slot) {
            client.history = AskHistory::NONE;
        }
    }

    /// The streams with an ask due or outstanding.
    pub(super) fn asked_streams(&self) -> impl Iterator<Item = StreamId> + use<> {
        self.asked_streams.iter()
    }

    /// Arms a client: it hears of the next space. A notification that was due for an older end waits for it too.
    pub(super) fn arm(&mut self, slot: u16) {
        self.disarm(slot);
        if let Some(client) = self.get_mut(slot) {
            client.unpinned = Unpinned::Armed;
            self.armed.push_back(&mut self.slots, Chain::Unpinned, slot);
        }
    }

    /// Whether a client is to hear of the next space, or will be once its completion has been told.
    pub(super) fn is_owed_unpinned(&self) -> bool {
        let is_arming = |slot: &Slot| match slot.request {
            Request::InsideEnded(end) | Request::Ended(end) => slot.arm_owed || end.arms_unpinned(),
            Request::None | Request::Inside | Request::Waiting => slot.arm_owed,
        };
        !self.armed.is_empty() || self.slots.iter().any(is_arming)
    }

    pub(super) fn disarm(&mut self, slot: u16) {
        let Some(client) = self.get_mut(slot) else {
            return;
        };
        let was = core::mem::replace(&mut client.unpinned, Unpinned::Disarmed);
        let list = match was {
            Unpinned::Disarmed => return,
            Unpinned::Armed => &mut self.armed,
            Unpinned::Due => &mut self.unpinned_due,
        };
        list.unlink(&mut self.slots, Chain::Unpinned, slot);
    }

    /// Makes the notification of every armed client due.
    pub(super) fn fire_armed(&mut self) {
        while let Some(slot) = self.armed.pop_front(&mut self.slots, Chain::Unpinned) {
            if let Some(client) = self.get_mut(slot) {
                client.unpinned = Unpinned::Due;
            }
            self.unpinned_due.push_back(&mut self.slots, Chain::Unpinned, slot);
        }
    }

    /// Takes the next client that is to hear of the unpinned log.
    pub(super) fn take_due_unpinned(&mut self) -> Option<u16> {
        let slot = self.unpinned_due.first()?;
        self.disarm(slot);
        Some(slot)
    }
}
