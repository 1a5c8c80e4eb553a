//! Who pins the log, and since when.

use super::Engine;
use super::client::{ClientKey, StreamClients};
use super::links::{Chain, List};
use crate::units::{Lsn, Status, StreamId, Time};

/// What has been asked of a client since its tail last did as asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct AskHistory {
    target: Lsn,
    since: Option<Time>,
    times: u32,
    last_refusal: Option<Refusal>,
}

impl AskHistory {
    pub(super) const NONE: Self = Self { target: Lsn::NULL, since: None, times: 0, last_refusal: None };

    /// Notes an ask of a client whose tail is at `tail`.
    pub(super) fn note_asked(&mut self, target: Lsn, tail: Option<Lsn>, now: Time) {
        if self.is_over(tail) {
            *self = Self::NONE;
        }
        self.target = target;
        self.since = self.since.or(Some(now));
        self.times = self.times.saturating_add(1);
    }

    /// Whether the tail has come to where it was asked to, be it after a refusal.
    fn is_over(&self, tail: Option<Lsn>) -> bool {
        tail.is_none_or(|tail| tail >= self.target)
    }

    pub(super) const fn note_refused(&mut self, status: Status, at: Time) {
        self.last_refusal = Some(Refusal { status, at });
    }
}

/// A client's word that it cannot move its tail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Its reason.
    pub status: Status,
    /// When it said so.
    pub at: Time,
}

/// What keeps containers from being freed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinHolder {
    /// A registered client of a stream.
    Client(ClientKey),
    /// A stream that no registered client answers for.
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
    /// Whether it has yet to answer the last time.
    pub is_outstanding: bool,
    /// What it last said when it could not, since then.
    pub last_refusal: Option<Refusal>,
}

impl Engine {
    /// Calls `tell` with everybody whose tail is in the log's oldest container, or below the target that a request for
    /// space would name now.
    pub fn for_each_pin(&self, mut tell: impl FnMut(Pin)) {
        let oldest = self.oldest_tail_container();
        let wanted = self.target_container().unwrap_or(0);
        let is_pinning = |tail: Lsn| tail.container() <= oldest || tail.container() < wanted;
        for (stream, tail) in self.view.tails().filter(|(_, tail)| is_pinning(*tail)) {
            self.for_each_pin_of(stream, tail, &mut tell);
        }
        if let Some(tail) = self.view.archive_tail.filter(|tail| is_pinning(*tail)) {
            tell(unmanaged(PinHolder::ArchiveTail, StreamId::PHYSICAL, tail));
        }
    }

    fn oldest_tail_container(&self) -> u32 {
        let tails = self.view.tails().map(|(_, tail)| tail);
        tails.chain(self.view.archive_tail).map(Lsn::container).min().unwrap_or(self.view.first_container)
    }

    fn for_each_pin_of(&self, stream: StreamId, tail: Lsn, tell: &mut impl FnMut(Pin)) {
        let clients = self.clients.streams.get(usize::from(stream.0)).unwrap_or(&StreamClients::NONE);
        let mut is_managed = false;
        for list in [clients.asked, clients.refused, clients.idle] {
            let mut next = list.first();
            while let Some(slot) = next {
                next = List::next(&self.clients.slots, Chain::Stream, slot);
                if let Some(pin) = self.pin_of(slot, stream, tail) {
                    is_managed = true;
                    tell(pin);
                }
            }
        }
        if !is_managed {
            tell(unmanaged(PinHolder::UnmanagedStream, stream, tail));
        }
    }

    fn pin_of(&self, slot: u16, stream: StreamId, tail: Lsn) -> Option<Pin> {
        let client = self.clients.get(slot)?;
        let history = if client.history.is_over(Some(tail)) { AskHistory::NONE } else { client.history };
        Some(Pin {
            holder: PinHolder::Client(self.clients.key(slot)?),
            stream,
            tail,
            target: history.since.map(|_| history.target),
            asked_since: history.since,
            times_asked: history.times,
            is_outstanding: matches!(client.ask, super::client::Ask::Outstanding { .. }),
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
