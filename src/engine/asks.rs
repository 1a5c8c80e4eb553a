//! The moves of a client between `idle`, `asked` and `refused`, and its arming for the unpinned log.
//!
//! Separate from the table so that each change of state and of lists stands in one place. Nothing here decides.

use super::belief::FalseBelief;
use super::client::{Ask, AskSerial, Request, Slot, Unpinned};
use super::clients::{Clients, StreamClients};
use super::history::{AskHistory, Refusal};
use super::links::{Chain, ClientSlot, List};
use crate::units::{Lsn, StreamId};

impl Clients {
    /// Whether a client of `stream` has an ask due or outstanding.
    pub(super) fn is_asked(&self, stream: StreamId) -> bool {
        self.asked_streams.contains(stream)
    }

    /// Whether a client of `stream` may still move its tail in `round`: not all have said that they cannot.
    pub(super) fn may_move(&self, stream: StreamId, round: u64) -> bool {
        self.streams.get(usize::from(stream.0)).is_some_and(|clients| {
            let is_round_over = clients.round != round && !clients.refused.is_empty();
            !clients.idle.is_empty() || !clients.asked.is_empty() || is_round_over
        })
    }

    /// Makes those who refused in an earlier round idle again, all at once.
    pub(super) fn enter_round(&mut self, stream: StreamId, round: u64) -> Result<(), FalseBelief> {
        match self.stream_mut(stream) {
            Some((clients, links)) if clients.round != round => {
                clients.round = round;
                let StreamClients { idle, refused, .. } = clients;
                idle.append(links, Chain::Stream, refused)
            }
            _ => Ok(()),
        }
    }

    /// Decides an ask for every idle client of `stream`.
    pub(super) fn ask_idle(&mut self, stream: StreamId, target: Lsn) -> Result<(), FalseBelief> {
        while let Some((clients, links)) = self.stream_mut(stream) {
            let Some(slot) = clients.idle.pop_front(links, Chain::Stream)? else {
                break;
            };
            clients.lowest_target = if clients.asked.is_empty() { target } else { clients.lowest_target.min(target) };
            clients.asked.push_back(links, Chain::Stream, slot)?;
            self.client_mut(slot)?.ask = Ask::Due { target };
            self.asks_due.push_back(&mut self.links, Chain::AskDue, slot)?;
            self.asked_streams.insert(stream);
        }
        Ok(())
    }

    /// Marks a due ask as outstanding; the mark stands before anybody is called.
    pub(super) fn take_due_ask(&mut self, slot: ClientSlot, target: Lsn) -> Result<AskSerial, FalseBelief> {
        self.asks_due.unlink(&mut self.links, Chain::AskDue, slot)?;
        let serial = AskSerial(self.next_ask_serial);
        self.next_ask_serial = self.next_ask_serial.wrapping_add(1);
        let client = self.client_mut(slot)?;
        client.ask = Ask::Outstanding { target, serial };
        let stream = client.stream;
        let (clients, _) = self.stream_of_client(stream)?;
        clients.lowest_target = clients.lowest_target.min(target);
        Ok(serial)
    }

    /// Nobody needs to move; asks that were handed out stay outstanding.
    pub(super) fn drop_due_asks(&mut self) -> Result<(), FalseBelief> {
        while let Some(slot) = self.asks_due.first() {
            self.end_ask(slot)?;
        }
        Ok(())
    }

    /// Ends a client's ask, if it has one: it is idle again.
    pub(super) fn end_ask(&mut self, slot: ClientSlot) -> Result<(), FalseBelief> {
        let client = self.client_mut(slot)?;
        let stream = client.stream;
        match core::mem::replace(&mut client.ask, Ask::None) {
            Ask::None => return Ok(()),
            Ask::Due { .. } => self.asks_due.unlink(&mut self.links, Chain::AskDue, slot)?,
            Ask::Outstanding { .. } => {}
        }
        let (clients, links) = self.stream_of_client(stream)?;
        clients.asked.unlink(links, Chain::Stream, slot)?;
        clients.idle.push_back(links, Chain::Stream, slot)?;
        if clients.asked.is_empty() {
            self.asked_streams.set(stream, false);
        }
        Ok(())
    }

    /// Ends a client's ask as refused: it is not asked again in this round, whichever it was asked in.
    pub(super) fn refuse_ask(&mut self, slot: ClientSlot, refusal: Refusal, round: u64) -> Result<(), FalseBelief> {
        self.end_ask(slot)?;
        let stream = self.client(slot)?.stream;
        self.enter_round(stream, round)?;
        let (clients, links) = self.stream_of_client(stream)?;
        clients.idle.unlink(links, Chain::Stream, slot)?;
        clients.refused.push_back(links, Chain::Stream, slot)?;
        let client = self.client_mut(slot)?;
        client.refused_in_round = round;
        client.history.last_refusal = Some(refusal);
        Ok(())
    }

    /// Ends every ask of `stream` that is met by a tail at `tail`, or by a stream that holds nothing.
    pub(super) fn end_met_asks(&mut self, stream: StreamId, tail: Option<Lsn>) -> Result<(), FalseBelief> {
        let is_met = |target: Lsn| tail.is_none_or(|tail| tail >= target);
        let (clients, _) = self.stream_of_client(stream)?;
        if !is_met(clients.lowest_target) {
            return Ok(());
        }
        let mut lowest = Lsn::INVALID;
        let mut next = clients.asked.first();
        while let Some(slot) = next {
            next = List::next(&self.links, Chain::Stream, slot)?;
            let client = self.client_mut(slot)?;
            let target = client.ask.target().ok_or(FalseBelief::AskedHasAsk)?;
            if is_met(target) {
                client.history = AskHistory::NONE;
                self.end_ask(slot)?;
            } else {
                lowest = lowest.min(target);
            }
        }
        self.stream_of_client(stream)?.0.lowest_target = lowest;
        Ok(())
    }

    /// The streams with an ask due or outstanding.
    pub(super) fn asked_streams(&self) -> impl Iterator<Item = StreamId> + use<> {
        self.asked_streams.iter()
    }

    /// Arms a client: it is notified of the next space. A notification that was due for an older end waits for it too.
    pub(super) fn arm(&mut self, slot: ClientSlot) -> Result<(), FalseBelief> {
        self.disarm(slot)?;
        self.client_mut(slot)?.unpinned = Unpinned::Armed;
        self.armed.push_back(&mut self.links, Chain::Unpinned, slot)
    }

    /// Whether a client is to be notified of the next space, or will be once its completion has returned.
    pub(super) fn is_owed_unpinned(&self) -> bool {
        let is_arming = |slot: &Slot| match slot.request {
            Request::InsideEnded(end) | Request::Ended(end) => slot.arm_owed || end.arms_unpinned(),
            Request::None | Request::Inside | Request::Waiting => slot.arm_owed,
        };
        !self.armed.is_empty() || self.slots.iter().any(is_arming)
    }

    pub(super) fn disarm(&mut self, slot: ClientSlot) -> Result<(), FalseBelief> {
        let client = self.client_mut(slot)?;
        let list = match core::mem::replace(&mut client.unpinned, Unpinned::Disarmed) {
            Unpinned::Disarmed => return Ok(()),
            Unpinned::Armed => &mut self.armed,
            Unpinned::Due => &mut self.unpinned_due,
        };
        list.unlink(&mut self.links, Chain::Unpinned, slot)
    }

    /// Makes the notification of every armed client due.
    pub(super) fn fire_armed(&mut self) -> Result<(), FalseBelief> {
        while let Some(slot) = self.armed.pop_front(&mut self.links, Chain::Unpinned)? {
            self.client_mut(slot)?.unpinned = Unpinned::Due;
            self.unpinned_due.push_back(&mut self.links, Chain::Unpinned, slot)?;
        }
        Ok(())
    }

    /// There is no space after all: what is due is not handed out.
    pub(super) fn rearm_due(&mut self) -> Result<(), FalseBelief> {
        while let Some(slot) = self.unpinned_due.pop_front(&mut self.links, Chain::Unpinned)? {
            self.client_mut(slot)?.unpinned = Unpinned::Armed;
            self.armed.push_back(&mut self.links, Chain::Unpinned, slot)?;
        }
        Ok(())
    }

    /// Takes the next client that is to be notified that the log is unpinned.
    pub(super) fn take_due_unpinned(&mut self) -> Result<Option<ClientSlot>, FalseBelief> {
        let slot = self.unpinned_due.first();
        slot.map_or(Ok(()), |slot| self.disarm(slot))?;
        Ok(slot)
    }
}
