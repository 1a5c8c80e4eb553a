//! What the second model is told, and what it says to it.

use clfsmgmt::units::Status;

use super::{Client, EARLIER_REFUSAL, End, Oracle, REFUSED_CALL, Reasons, Request, Space};

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
        assert!(self.log_full(number, false, space));
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
        if self.keeps(15) {
            self.looks(space);
        }
        // What it was asked counts as refused (R 48), but gives no reason.
        self.clients[number] = Client { stream: self.clients[number].stream, is_gone: true, ..Client::default() };
        self.decide();
    }

    /// `HandleLogFileFull` is called, and the manager looks. Whether a request is opened; if not, the call is refused
    /// and no callback follows.
    pub(crate) fn log_full(&mut self, number: usize, is_nested: bool, space: &Space) -> bool {
        self.looks(space);
        let client = &self.clients[number];
        let (is_there, is_free) = (!client.is_gone, client.request == Request::None);
        if is_there && !self.is_open() && (is_free || !self.keeps(REFUSED_CALL)) {
            (self.has_grown, self.growth_failure, self.newest_refusal) = (false, None, None);
            self.asked_streams.clear();
            for client in &mut self.clients {
                (client.refused, client.has_refused_early) = (None, false);
            }
        }
        if !is_there || !is_free {
            return false;
        }
        self.clients[number].request = Request::Open;
        self.clients[number].is_nested = is_nested;
        self.decide();
        true
    }

    /// The call has returned SUCCESS.
    pub(crate) fn succeeded(&mut self, number: usize) {
        let client = &mut self.clients[number];
        assert_eq!(client.request, Request::Ended(End::Space), "client {number}: SUCCESS");
        client.request = Request::None;
    }

    /// The call has returned PENDING: what had ended was told before, but inside a callback (row 3).
    pub(crate) fn is_pending(&self, number: usize) {
        let client = &self.clients[number];
        let is_late = matches!(client.request, Request::Ended(_)) && !client.is_nested;
        assert!(!is_late, "client {number}: PENDING, and not told before: {:?}", client.request);
    }

    /// A container is about to be added.
    pub(crate) fn grows(&mut self) {
        assert!(self.seen.total < self.policies.maximum, "a growth that may not be");
        if self.seen.total >= self.goal {
            assert!(self.is_open() && !self.is_satisfied() && self.may_grow(), "a growth that nobody needs");
            self.goal = self.seen.total + self.policies.growth;
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
        let is_wanted = client.stale.is_some_and(|(low, high)| (low..=high).contains(&target));
        assert!(is_wanted, "client {number} is asked for {target}, not for {:?}: {client:?}", client.stale);
        (client.asked, client.due, client.stale) = (Some(target), None, None);
    }

    /// A client has said that it cannot; nothing happens unless it was asked.
    pub(crate) fn refuses(&mut self, number: usize, reason: Status, space: &Space) {
        if self.keeps(15) {
            self.looks(space);
        }
        if self.clients[number].asked.take().is_some() {
            let is_early = !self.keeps(EARLIER_REFUSAL) && !self.asked_streams.contains(&self.clients[number].stream);
            let client = &mut self.clients[number];
            (client.refused, client.has_refused_early) = (Some(reason.raw()), is_early);
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
        let keeps_own = self.keeps(14);
        let client = &mut self.clients[number];
        let Request::Ended(end) = std::mem::take(&mut client.request) else {
            panic!("client {number}: a completion with {status} that nothing has led to");
        };
        match end {
            End::Space => assert_eq!((status, is_pinned), (Status::SUCCESS, false), "client {number}"),
            End::Pinned(Reasons { newest, own, growth }) => {
                let growth = growth.map(Status::from_raw);
                let reason = own.filter(|_| keeps_own).or(newest).map(Status::from_raw);
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
        let client = &mut self.clients[number];
        client.completing = client.completing.saturating_sub(1);
        client.is_armed |= client.is_owed && client.completing == 0;
        self.looks(space);
    }

    /// A client is told that there is space again.
    pub(crate) fn unpinned(&mut self, number: usize) {
        let client = &mut self.clients[number];
        assert!(client.is_to_hear && client.completing == 0, "client {number} is unpinned: {client:?}");
        (client.is_owed, client.is_armed, client.is_to_hear) = (false, false, false);
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
