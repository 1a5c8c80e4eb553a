//! What the second model is told, and what it says to it.

use clfsmgmt::units::Status;

use super::{Client, End, Oracle, Reasons, Request, Space};

/// What a request leads to that is opened while nothing is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    Space,
    Growth,
    Asks,
    Pinned,
}

impl Oracle {
    /// What a request would lead to.
    pub(crate) fn expects(&mut self, number: usize, space: &Space) -> Expected {
        assert!(self.log_full(number, space));
        match self.clients[number].request {
            Request::Ended(End::Space) => Expected::Space,
            Request::Ended(End::Pinned(..)) => Expected::Pinned,
            Request::Open | Request::None if self.may_grow() => Expected::Growth,
            Request::Open | Request::None => Expected::Asks,
        }
    }

    /// A client is registered; it has the next number.
    pub(crate) fn registers(&mut self, stream: u8) {
        self.clients.push(Client { stream, ..Client::default() });
        self.decide();
    }

    pub(crate) fn deregisters(&mut self, number: usize, space: &Space) {
        // What it was asked counts as refused (R 48), but gives no reason.
        self.clients[number] = Client { stream: self.clients[number].stream, is_gone: true, ..Client::default() };
        self.looks(space);
    }

    /// `HandleLogFileFull` is called, and the manager looks. Whether a request is opened; if not, the call is refused
    /// and no callback follows.
    pub(crate) fn log_full(&mut self, number: usize, space: &Space) -> bool {
        let client = &self.clients[number];
        if client.is_gone || client.request != Request::None {
            self.looks(space);
            return false;
        }
        self.looks(space);
        if !self.is_open() {
            (self.has_grown, self.growth_failure, self.newest_refusal) = (false, None, None);
            for client in &mut self.clients {
                client.refused = None;
            }
        }
        self.clients[number].request = Request::Open;
        self.decide();
        true
    }

    /// The call has returned SUCCESS.
    pub(crate) fn succeeded(&mut self, number: usize) {
        let client = &mut self.clients[number];
        assert_eq!(client.request, Request::Ended(End::Space), "client {number}: SUCCESS");
        client.request = Request::None;
    }

    /// The call has returned PENDING. `is_nested`: it was made inside a callback, and a worker may tell later; the call
    /// around it, of the same client perhaps, returns before that.
    pub(crate) fn is_pending(&mut self, number: usize, is_nested: bool) {
        let client = &mut self.clients[number];
        let is_left = matches!(client.request, Request::Ended(_));
        client.is_left_to_worker |= is_left && is_nested;
        let is_late = is_left && !client.is_left_to_worker;
        assert!(!is_late, "client {number}: PENDING, and not told before: {:?}", client.request);
    }

    /// A container is about to be added.
    pub(crate) fn grows(&mut self) {
        assert!(self.may_grow(), "a growth that may not be");
        if self.goal <= self.seen.total {
            assert!(self.is_open() && !self.is_satisfied(), "a growth that nobody needs");
            self.goal = (self.seen.total + self.policies.growth).min(self.policies.maximum);
        }
    }

    /// One was added, or could not be.
    pub(crate) fn has_grown(&mut self, result: Result<(), Status>, space: &Space) {
        match result {
            Ok(()) => self.has_grown = true,
            Err(status) => (self.growth_failure, self.goal) = (Some(status.raw()), 0),
        }
        self.looks(space);
    }

    /// A client is asked.
    pub(crate) fn asks(&mut self, number: usize, target: u32) {
        let client = &mut self.clients[number];
        assert!(!client.is_gone && client.asked.is_none(), "client {number} is asked: {client:?}");
        assert_eq!(client.due, Some(target), "client {number} is asked for something else");
        (client.asked, client.due) = (Some(target), None);
    }

    /// A client has said that it cannot; nothing happens unless it was asked.
    pub(crate) fn refuses(&mut self, number: usize, reason: Status, space: &Space) {
        self.looks(space);
        if self.clients[number].asked.take().is_some() {
            self.clients[number].refused = Some(reason.raw());
            self.newest_refusal = Some(reason.raw());
            self.decide();
        }
    }

    /// Its callback has returned `status`, and the manager has looked before.
    pub(crate) fn ask_returned(&mut self, number: usize, target: u32, status: Status, space: &Space) {
        self.looks(space);
        if !status.is_success() && self.clients[number].asked == Some(target) {
            self.refuses(number, status, space);
        }
    }

    /// A client is told how its request has ended.
    pub(crate) fn completes(&mut self, number: usize, status: Status, is_pinned: bool) {
        let has_space = self.seen.spare() > 0;
        let client = &mut self.clients[number];
        client.is_left_to_worker = false;
        let Request::Ended(end) = std::mem::take(&mut client.request) else {
            panic!("client {number}: a completion with {status} that nothing has led to");
        };
        // Nobody is told of a lack that is over.
        match if has_space { End::Space } else { end } {
            End::Space => assert_eq!((status, is_pinned), (Status::SUCCESS, false), "client {number}"),
            End::Pinned(Reasons { newest, own, growth }) => {
                let growth = growth.map(Status::from_raw);
                let reason = own.or(newest).map(Status::from_raw);
                let causes = [Status::LOG_PINNED, Status::LOG_PINNED_RESERVATION];
                let is_right = match reason.map(|reason| if reason.is_success() { causes[0] } else { reason }) {
                    Some(reason) => status == reason,
                    None => growth.map_or(causes.contains(&status), |growth| status == growth),
                };
                assert!(is_right && is_pinned, "client {number}: {status}, not {reason:?} or {growth:?}");
            }
        }
        client.completing += 1;
        if is_pinned && status.is_error() {
            // What was due for an older one waits for this one's return too.
            (client.is_owed, client.is_to_hear) = (true, false);
        }
    }

    pub(crate) fn completion_returned(&mut self, number: usize, space: &Space) {
        self.clients[number].completing = self.clients[number].completing.saturating_sub(1);
        self.looks(space);
    }

    /// A client is told that there is space again.
    pub(crate) fn unpinned(&mut self, number: usize) {
        let client = &mut self.clients[number];
        assert!(client.is_to_hear && client.completing == 0, "client {number} is unpinned: {client:?}");
        (client.is_owed, client.is_to_hear) = (false, false);
    }

    /// The workers rest: nothing is left undone.
    pub(crate) fn rests(&self) {
        for (number, client) in self.clients.iter().enumerate() {
            assert!(client.due.is_none(), "client {number} is not asked");
            assert!(!client.is_to_hear, "client {number} is not told that there is space");
            let is_waiting = client.request == Request::Open;
            assert!(is_waiting || client.request == Request::None, "client {number} is not told: {:?}", client.request);
            assert!(!is_waiting || (self.reach().is_some() && !self.may_grow()), "client {number} waits for nobody");
        }
    }
}
