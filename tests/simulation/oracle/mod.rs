//! Management written down once more, from its documents and not from its code: what each call must return, whom which
//! callback must reach, and what nobody may be left waiting for.
//!
//! It is told what happens, in order, and panics where that is not what the pages say. `docs/readings.md` names what they
//! leave open; (R n) is its row. It decides whenever the manager has looked at the log, and then everything follows:
//! space ends all requests; else the log grows if it may; else tails are asked for; else it is pinned.

mod facts;
mod space;

pub(crate) use facts::Expected;
pub(crate) use space::{Policies, Space};

/// Rows of issue 11 that are not mended yet: there it expects what the code does, and a test of its own for each expects
/// what is right (`small/mod.rs`). Take a row out when it is mended.
pub(crate) const OPEN_ROWS: &[u32] = &[14, 15, 16, 20, EARLIER_REFUSAL, STALE_ASK];

/// No row, found by this model: a client that refuses what an earlier request had asked of it, while the growth of a new
/// one is under way, is asked again by that same request when the growth has failed.
pub(crate) const EARLIER_REFUSAL: u32 = 101;

/// No row, found by this model: an ask that waits for a worker is handed out as it was decided, with too low or too high a
/// target, or to a client that is no longer in the way.
pub(crate) const STALE_ASK: u32 = 102;

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
struct Client {
    stream: u8,
    is_gone: bool,
    request: Request,
    /// It has been asked, and has neither moved nor refused.
    asked: Option<u32>,
    /// It is to be asked, for something between what was wanted since that was decided.
    due: Option<(u32, u32)>,
    /// What it has said since the first of the open requests.
    refused: Option<u32>,
    /// Completions that run.
    completing: u32,
    /// It has been told that the log is pinned, and waits for the contrary.
    is_owed: bool,
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
    /// Tails have been asked for since.
    has_asked: bool,
    /// Containers of the growth under way that are still to be added.
    growing: u32,
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
            has_asked: false,
            growing: 0,
            open_rows: open_rows.to_vec(),
        }
    }

    fn keeps(&self, row: u32) -> bool {
        !self.open_rows.contains(&row)
    }

    /// What tells two worlds apart.
    pub(crate) fn state(&self) -> impl Ord + use<> {
        (
            self.seen.clone(),
            self.clients.clone(),
            self.has_grown,
            self.growth_failure,
            self.newest_refusal,
            self.has_asked,
        )
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
    fn may_help(client: &Client) -> bool {
        !client.is_gone && (client.asked.is_some() || client.refused.is_none())
    }

    /// Whether there would be more space if everybody moved who may.
    fn is_helpable(&self) -> bool {
        let Some(target) = self.target() else {
            return false;
        };
        let reached = self.seen.tails.iter().map(|(stream, tail)| {
            let is_moved = self.clients.iter().any(|client| client.stream == *stream && Self::may_help(client));
            if is_moved { target.max(*tail) } else { *tail }
        });
        let first = reached.min().unwrap_or(self.seen.last);
        self.seen.spare_from(first) > self.seen.spare()
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
        let is_wished = self.is_open() || (self.keeps(20) && self.clients.iter().any(|client| client.is_owed));
        let target = self.target().filter(|_| is_wished && !self.is_satisfied() && !self.may_grow());
        if target.is_some() && !std::mem::replace(&mut self.has_asked, true) && !self.keeps(EARLIER_REFUSAL) {
            for client in &mut self.clients {
                client.refused = None;
            }
        }
        let is_helpable = self.is_helpable();
        for index in 0..self.clients.len() {
            let client = &self.clients[index];
            let tail = self.seen.tails.get(&client.stream).copied();
            let is_below = target.is_some_and(|target| tail.is_some_and(|tail| tail < target));
            let may_be = client.asked.is_none() && client.refused.is_none() && !client.is_gone;
            let wanted = target.filter(|_| is_below && is_helpable && may_be);
            let stale = client.due.filter(|(low, _)| {
                !self.keeps(STALE_ASK) && may_be && is_wished && tail.is_some_and(|tail| tail < *low)
            });
            self.clients[index].due = match (wanted, stale) {
                (Some(target), Some((low, high))) => Some((target.min(low), target.max(high))),
                (Some(target), None) => Some((target, target)),
                (None, stale) => stale,
            };
        }
        if self.is_satisfied() {
            self.end(|_| End::Space);
        } else if !self.may_grow() && !is_helpable {
            let (has_space, newest, growth) = (self.seen.spare() > 0, self.newest_refusal, self.growth_failure);
            self.end(
                |client| {
                    if has_space { End::Space } else { End::Pinned(Reasons { newest, own: client.refused, growth }) }
                },
            );
        }
        if is_wished && !self.is_open() && !self.keeps(20) {
            // With no request open nobody needs to move.
            for client in &mut self.clients {
                client.due = None;
            }
        }
        let (has_space, decides_again) = (self.seen.spare() > 0, self.keeps(16));
        for client in &mut self.clients {
            let was_to_hear = client.is_to_hear && !decides_again;
            client.is_to_hear = client.is_owed && (has_space || was_to_hear);
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
