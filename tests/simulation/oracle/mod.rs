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
    /// Its request ended in a call inside a callback: a worker tells.
    is_left_to_worker: bool,
    /// It has been asked, and has neither moved nor refused.
    asked: Option<u32>,
    /// It is to be asked, for this.
    due: Option<u32>,
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
    /// How many containers the growth under way is to lead to.
    goal: u32,
}

impl Oracle {
    pub(crate) fn new(policies: Policies) -> Self {
        Self {
            policies,
            seen: Space::default(),
            clients: Vec::new(),
            has_grown: false,
            growth_failure: None,
            newest_refusal: None,
            goal: 0,
        }
    }

    /// What tells two worlds apart.
    pub(crate) fn state(&self) -> impl Ord + use<> {
        (self.seen.clone(), self.clients.clone(), self.has_grown, self.growth_failure, self.newest_refusal, self.goal)
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

    /// Where the log would begin if everybody moved who may; `None` if that brings no more space.
    fn reach(&self) -> Option<u32> {
        let target = self.target()?;
        let reached = self.seen.tails.iter().map(|(stream, tail)| {
            let is_moved = self.clients.iter().any(|client| client.stream == *stream && Self::may_help(client));
            if is_moved { target.max(*tail) } else { *tail }
        });
        let first = reached.min().unwrap_or(self.seen.last).min(target);
        (self.seen.spare_from(first) > self.seen.spare()).then_some(first)
    }

    /// Whether tails are to move: for requests, or for those who wait to be told that there is space (row 20).
    fn wants_moves(&self) -> bool {
        let is_awaited = |client: &Client| client.is_owed && client.completing == 0;
        if self.is_open() {
            !self.is_satisfied() && !self.may_grow()
        } else {
            self.seen.spare() == 0 && self.clients.iter().any(is_awaited)
        }
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
        if self.is_satisfied() {
            self.end(|_| End::Space);
        } else if !self.may_grow() && self.reach().is_none() {
            let (has_space, newest, growth) = (self.seen.spare() > 0, self.newest_refusal, self.growth_failure);
            self.end(
                |client| {
                    if has_space { End::Space } else { End::Pinned(Reasons { newest, own: client.refused, growth }) }
                },
            );
        }
        // Who is behind what somebody else holds cannot help (R 14).
        let wanted = self.target().zip(self.reach()).filter(|_| self.wants_moves());
        for client in &mut self.clients {
            let tail = self.seen.tails.get(&client.stream).copied();
            let may_be = client.asked.is_none() && client.refused.is_none() && !client.is_gone;
            let is_in_the_way = |reach| tail.is_some_and(|tail| tail < reach);
            client.due = wanted.filter(|(_, reach)| may_be && is_in_the_way(*reach)).map(|(target, _)| target);
        }
        let has_space = self.seen.spare() > 0;
        for client in &mut self.clients {
            client.is_to_hear = client.is_owed && has_space;
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
