//! Who pins the log, and since when.

use super::Engine;
use super::belief::FalseBelief;
use super::client::{Ask, ClientKey};
use super::clients::StreamClients;
use super::history::{AskHistory, Refusal};
use super::links::{Chain, ClientSlot, List};
use crate::units::{Lsn, StreamId, Time};

/// What keeps containers from being freed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinHolder {
    /// A registered client of a stream.
    Client(ClientKey),
    /// A stream without a registered client.
    UnmanagedStream,
    /// The archive tail.
    ArchiveTail,
}

/// One holder of the log's oldest containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pin {
    /// Who holds them.
    pub holder: PinHolder,
    /// Its stream; the physical log for the archive tail.
    pub stream: StreamId,
    /// Where its tail is.
    pub tail: Lsn,
    /// To where it was asked to move, last.
    pub target: Option<Lsn>,
    /// When it was first asked since it last did as asked.
    pub asked_since: Option<Time>,
    /// How often it was asked since then.
    pub times_asked: u32,
    /// Whether the last ask is outstanding.
    pub is_outstanding: bool,
    /// Its last refusal since then.
    pub last_refusal: Option<Refusal>,
}

impl Engine {
    /// Calls `visit` with everybody whose tail is in the log's oldest container, or below the target that a request for
    /// space would name now. Changes nothing, but fences the log if what it walks through is broken.
    pub fn for_each_pin(&mut self, visit: impl FnMut(Pin)) {
        let visited = self.visit_pins(visit);
        self.believed(visited);
    }

    fn visit_pins(&self, mut visit: impl FnMut(Pin)) -> Result<(), FalseBelief> {
        let oldest = self.oldest_tail_container();
        let wanted = self.target_container().unwrap_or(0);
        let is_pinning = |tail: Lsn| tail.container() <= oldest || tail.container() < wanted;
        for (stream, tail) in self.view.tails().filter(|(_, tail)| is_pinning(*tail)) {
            self.visit_pins_of(stream, tail, &mut visit)?;
        }
        if let Some(tail) = self.view.archive_tail.filter(|tail| is_pinning(*tail)) {
            visit(unmanaged(PinHolder::ArchiveTail, StreamId::PHYSICAL, tail));
        }
        Ok(())
    }

    fn oldest_tail_container(&self) -> u32 {
        let tails = self.view.tails().map(|(_, tail)| tail);
        tails.chain(self.view.archive_tail).map(Lsn::container).min().unwrap_or(self.view.first_container)
    }

    fn visit_pins_of(&self, stream: StreamId, tail: Lsn, visit: &mut impl FnMut(Pin)) -> Result<(), FalseBelief> {
        let clients = self.clients.streams.get(usize::from(stream.0)).unwrap_or(&StreamClients::NONE);
        for list in [clients.asked, clients.refused, clients.idle] {
            let mut next = list.first();
            while let Some(slot) = next {
                next = List::next(&self.clients.links, Chain::Stream, slot)?;
                visit(self.pin_of(slot, stream, tail)?);
            }
        }
        if clients.is_empty() {
            visit(unmanaged(PinHolder::UnmanagedStream, stream, tail));
        }
        Ok(())
    }

    fn pin_of(&self, slot: ClientSlot, stream: StreamId, tail: Lsn) -> Result<Pin, FalseBelief> {
        let client = self.clients.client(slot)?;
        let history = if client.history.is_over(Some(tail)) { AskHistory::NONE } else { client.history };
        Ok(Pin {
            holder: PinHolder::Client(self.clients.key(slot)?),
            stream,
            tail,
            target: history.since.map(|_| history.target),
            asked_since: history.since,
            times_asked: history.times,
            is_outstanding: matches!(client.ask, Ask::Outstanding { .. }),
            last_refusal: history.last_refusal,
        })
    }
}

const fn unmanaged(holder: PinHolder, stream: StreamId, tail: Lsn) -> Pin {
    Pin {
        holder,
        stream,
        tail,
        target: None,
        asked_since: None,
        times_asked: 0,
        is_outstanding: false,
        last_refusal: None,
    }
}
