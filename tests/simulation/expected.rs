//! What the second model expects of a request that is made while nothing else is under way, of the real log.

use clfsmgmt::engine::RequestRefused;
use clfsmgmt::engine::policy::Amount;
use clfsmgmt::log::Log;
use clfsmgmt::manager::{GrowthPlace, RequestOutcome};

use crate::client::Client;
use crate::oracle::{Expected, Oracle, Policies, Space};
use crate::platform::is_another_thread;
use crate::world::World;

/// No stream has this number: it stands for the archive tail, which no client can move.
const ARCHIVE: u8 = u8::MAX;

/// The default, and what a growth adds at least.
const GROWTH: u32 = 2;

/// What was expected, and since when.
pub(crate) struct Expectation {
    expected: Expected,
    place: GrowthPlace,
    callbacks: u32,
    consumed: u64,
}

impl World {
    /// What `client` is to be answered; `None` when something is under way that the model was not told of.
    pub(crate) fn expect(&self, client: &Client, place: GrowthPlace) -> Option<Expectation> {
        let limits = self.limits.get();
        let clients = self.clients.borrow();
        let is_busy = self.depth.get() > 0
            || is_another_thread()
            || self.platform.borrow().has_work()
            || self.port.borrow().below.faults.is_planned()
            || limits.auto_grow
            || limits.auto_shrink
            || !client.is_of(self)
            || client.is_gone.get()
            || clients.iter().any(|other| other.requests.get() > 0 || other.asked.get().is_some());
        if is_busy {
            return None;
        }
        let space = self.true_space()?;
        let share = |amount, total: u32| match amount {
            Amount::Containers(count) => (count.0, false),
            Amount::Percent(percent) => (percent.get() * total, true),
        };
        let growth = limits.growth.map_or(GROWTH, |amount| match share(amount, space.total) {
            (hundredths, true) if hundredths > 0 => (hundredths / 100).max(1),
            (count, _) => count,
        });
        let log_tail = limits.log_tail.map(|amount| match share(amount, space.total) {
            (hundredths, true) if hundredths > 0 => hundredths.div_ceil(100).max(1),
            (count, _) => count,
        });
        let policies = Policies { maximum: limits.maximum.unwrap_or(1024), growth, log_tail };
        let mut oracle = Oracle::new(policies);
        oracle.looks(&space);
        let mut number = None;
        for (index, other) in clients.iter().filter(|other| other.is_of(self)).enumerate() {
            oracle.registers(other.stream.0);
            if other.number == client.number {
                number = Some(index);
            }
        }
        let expected = oracle.expects(number?, &space);
        client.told.set(None);
        Some(Expectation { expected, place, callbacks: self.callbacks.get(), consumed: self.consumed.get() })
    }

    /// The log, as it is.
    fn true_space(&self) -> Option<Space> {
        self.open()
            .with(|log: &Log<_>| {
                let space = log.space();
                let tails = log.tails().map(|(stream, tail)| (stream.0, tail.container()));
                let archive = log.archive_tail().map(|tail| (ARCHIVE, tail.container()));
                let known = Space {
                    total: space.total_containers.0,
                    last: space.last_container,
                    tails: tails.chain(archive).collect(),
                    promised: space.free_containers.0.saturating_sub(space.spare_containers.0),
                };
                // What a fault has left unrecycled, the model knows nothing of.
                let is_as_told = known.spare() == space.spare_containers.0 && log.fault().is_none();
                is_as_told.then_some(known)
            })
            .ok()?
    }

    /// The call has answered.
    pub(crate) fn compare(
        &self,
        client: &Client,
        expectation: &Expectation,
        answer: Result<RequestOutcome, RequestRefused>,
    ) {
        let Expectation { expected, place, callbacks, consumed } = expectation;
        let told = client.told.get();
        let was_alone = *callbacks == self.callbacks.get() && *consumed == self.consumed.get();
        let is_right = match expected {
            Expected::Space => answer == Ok(RequestOutcome::Success),
            Expected::Growth if *place == GrowthPlace::Worker => {
                answer == Ok(RequestOutcome::Pending) && told.is_none() && self.platform.borrow().has_work()
            }
            Expected::Growth => !was_alone || answer == Ok(RequestOutcome::Success) || self.spare_containers() == 0,
            Expected::Asks => answer == Ok(RequestOutcome::Pending) && told.is_none(),
            // It may have left in the completion.
            Expected::Pinned => told.is_some_and(|(status, is_pinned)| status.is_error() && is_pinned),
        };
        let name = format!("client {}, {place:?}", client.number);
        assert!(is_right, "{name}: {answer:?}, told {told:?}; the second model expects {expected:?}");
    }
}
