//! Management written down once more, from its documents and not from its code: what each call must return, whom which
//! callback must reach, and what nobody may be left waiting for.
//!
//! It is told what happens, in order, and panics where that is not what the pages say. `docs/readings.md` names what they
//! leave open; (R n) is its row. It decides whenever the manager has looked at the log, and then everything follows:
//! space ends all requests; else the log grows if it may; else tails are asked for; else it is pinned.

mod facts;
mod space;

use std::collections::BTreeSet;

pub(crate) use facts::Expected;
pub(crate) use space::{Policies, Space};

/// Rows of issue 11 that are not mended yet: there it expects what the code does, and a test of its own for each expects
/// what is right (`small/mod.rs`). Take a row out when it is mended.
pub(crate) const OPEN_ROWS: &[u32] = &[EARLIER_REFUSAL, STALE_ASK, REFUSED_CALL];

/// No row, found by this model: a client that refuses what an earlier request had asked of it, while the growth of a new
/// one is under way, is asked again by that same request when the growth has failed.
pub(crate) const EARLIER_REFUSAL: u32 = 101;

/// No row, found by this model: an ask that waits for a worker is handed out as it was decided, with too low or too high a
/// target, or to a client that is no longer in the way.
pub(crate) const STALE_ASK: u32 = 102;

/// No row, found by this model: a call that is refused with `LOG_FULL_HANDLER_IN_PROGRESS`, between the end of the client's
/// request and its completion, forgets who has refused as a new request would.
pub(crate) const REFUSED_CALL: u32 = 103;

/// Why nobody can help: what was said last, what the client itself has said, how a growth has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Reasons {
    newest: Option<u32>,
    own: Option<u32>,
    growth: Option<u32>,
}

/// How a request has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Space,
    /// Nobody can help.
    Pinned(Reasons),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Request {
    #[default]
    None,
    Open,
    /// The client has not been told yet.
    Ended(End),
}

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct Client {
    stream: u8,
    is_gone: bool,
    request: Request,
    /// It has been asked, and has neither moved nor refused.
    asked: Option<u32>,
    /// It is to be asked for this.
    due: Option<u32>,
    /// It may still be asked for something between what was wanted since that was decided.
    stale: Option<(u32, u32)>,
    /// What it has said since the first of the open requests.
    refused: Option<u32>,
    /// It has said it before its stream was asked for these.
    has_refused_early: bool,
    /// Its request was opened inside a callback: a worker may tell it how that ended.
    is_nested: bool,
    /// Completions that run.
    completing: u32,
    /// It has been told that the log is pinned, and waits for the contrary.
    is_owed: bool,
    /// The callback that told it so has returned.
    is_armed: bool,
    /// There has been space since.
    is_to_hear: bool,
}

/// The second model.
#[derive(Clone, Debug)]
pub(crate) struct Oracle {
    policies: Policies,
    /// As the manager has seen it last.
    seen: Space,
    clients: Vec<Client>,
    /// Since the first of the open requests: whether the log has grown, how a growth has failed, the newest refusal.
    has_grown: bool,
    growth_failure: Option<u32>,
    newest_refusal: Option<u32>,
    /// Streams that have been asked for since.
    asked_streams: BTreeSet<u8>,
    /// How many containers there are to be after the growth under way.
    goal: u32,
    open_rows: Vec<u32>,
}

impl Oracle {
    pub(crate) fn new(policies: Policies, open_rows: &[u32]) -> Self {
        Self {
            policies,
            seen: Space::default(),
            clients: Vec::new(),
            has_grown: false,
            growth_failure: None,
            newest_refusal: None,
            asked_streams: BTreeSet::new(),
            goal: 0,
            open_rows: open_rows.to_vec(),
        }
    }

    fn keeps(&self, row: u32) -> bool {
        !self.open_rows.contains(&row)
    }

    /// What tells two worlds apart.
    pub(crate) fn state(&self) -> impl Ord + use<> {
        let round = (self.has_grown, self.growth_failure, self.newest_refusal, self.asked_streams.clone(), self.goal);
        (self.seen.clone(), self.clients.clone(), round)
    }

    fn demand(&self) -> Option<u32> {
        let share = (self.seen.total * 35).div_ceil(100).max(1);
        Some(self.policies.log_tail.unwrap_or(share)).filter(|count| *count > 0)
    }

    /// The oldest container that may stay.
    fn target(&self) -> Option<u32> {
        let most = self.seen.total.checked_sub(1).filter(|most| *most > 0)?;
        let freed = (self.demand()? + self.seen.held()).min(most);
        (self.seen.last + 1).checked_sub(self.seen.total - freed)
    }

    fn is_open(&self) -> bool {
        self.clients.iter().any(|client| client.request == Request::Open)
    }

    fn is_satisfied(&self) -> bool {
        let spare = self.seen.spare();
        spare >= self.demand().unwrap_or(1) || (spare > 0 && self.has_grown)
    }

    fn may_grow(&self) -> bool {
        self.policies.growth > 0 && self.seen.total < self.policies.maximum && self.growth_failure.is_none()
    }

    /// Who can still be asked, or was and has not answered.
    fn may_help(&self, client: &Client) -> bool {
        let is_forgotten = !self.keeps(EARLIER_REFUSAL) && !self.asked_streams.contains(&client.stream);
        !client.is_gone && (client.asked.is_some() || client.refused.is_none() || is_forgotten)
    }

    /// The log's oldest container if everybody moved who may; `None` if that would bring no space.
    fn reach(&self) -> Option<u32> {
        let target = self.target()?;
        let reached = self.seen.tails.iter().map(|(stream, tail)| {
            let is_moved = self.clients.iter().any(|client| client.stream == *stream && self.may_help(client));
            if is_moved { target.max(*tail) } else { *tail }
        });
        let reach = reached.min().unwrap_or(self.seen.last).min(target);
        (self.seen.spare_from(reach) > self.seen.spare()).then_some(reach)
    }

    /// The manager has looked at the log.
    pub(crate) fn looks(&mut self, space: &Space) {
        self.seen = space.clone();
        for client in &mut self.clients {
            let tail = self.seen.tails.get(&client.stream);
            client.asked = client.asked.filter(|target| tail.is_some_and(|tail| tail < target));
        }
        self.decide();
    }

    /// Everything follows from what is known.
    fn decide(&mut self) {
        // While "unpinned" is owed the wish for space stands (row 20).
        let is_owed = self.keeps(20) && self.clients.iter().any(|client| client.is_armed);
        let is_wished = if self.is_open() { !self.is_satisfied() && !self.may_grow() } else { is_owed };
        let reach = self.reach();
        self.ask(reach.filter(|_| is_wished));
        if self.is_satisfied() {
            self.end(|_| End::Space);
        } else if !self.may_grow() && reach.is_none() {
            let (has_space, newest, growth) = (self.seen.spare() > 0, self.newest_refusal, self.growth_failure);
            self.end(|client| {
                let own = client.refused.filter(|_| !client.has_refused_early);
                if has_space { End::Space } else { End::Pinned(Reasons { newest, own, growth }) }
            });
        }
        let (has_space, decides_again) = (self.seen.spare() > 0, self.keeps(16));
        for client in &mut self.clients {
            let was_to_hear = client.is_to_hear && !decides_again;
            client.is_to_hear = client.is_owed && (has_space || was_to_hear);
        }
    }

    /// Whoever holds what lies below `reach` is to be asked, unless it was, or has refused.
    fn ask(&mut self, reach: Option<u32>) {
        let (target, keeps_stale, forgets) = (self.target(), !self.keeps(STALE_ASK), !self.keeps(EARLIER_REFUSAL));
        let entered: Vec<_> =
            self.seen.tails.iter().filter(|(_, tail)| reach.is_some_and(|reach| **tail < reach)).collect();
        for (stream, _) in entered {
            if self.asked_streams.insert(*stream) && forgets {
                for client in self.clients.iter_mut().filter(|client| client.stream == *stream) {
                    client.refused = None;
                }
            }
        }
        for client in &mut self.clients {
            let tail = self.seen.tails.get(&client.stream).copied();
            let is_below = reach.is_some_and(|reach| tail.is_some_and(|tail| tail < reach));
            let may_be = client.asked.is_none() && client.refused.is_none() && !client.is_gone;
            let last = client.stale.filter(|_| keeps_stale && may_be);
            client.due = target.filter(|_| is_below && may_be);
            client.stale = match (client.due, last) {
                (Some(target), Some((low, high))) => Some((target.min(low), target.max(high))),
                (Some(target), None) => Some((target, target)),
                (None, last) => last,
            };
        }
    }

    fn end(&mut self, how: impl Fn(&Client) -> End) {
        for client in &mut self.clients {
            if client.request == Request::Open {
                client.request = Request::Ended(how(client));
            }
        }
    }
}
