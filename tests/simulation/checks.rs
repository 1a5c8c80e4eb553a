//! What must hold behind each step, and behind some in particular.

use clfsmgmt::log::Log;
use clfsmgmt::units::Lsn;

use crate::world::World;

impl World {
    /// Called when a container is created: the maximum allows it.
    pub(crate) fn check_growth(&self) {
        let space = self.open().with(Log::space).unwrap();
        let maximum = self.limits.get().maximum;
        assert!(
            maximum.is_none_or(|maximum| space.total_containers.0 < maximum),
            "grows to more than {maximum:?} containers"
        );
    }

    /// With a tail that has moved, the oldest container is one that something wants.
    pub(crate) fn check_recycled(&self) {
        let (space, wanted) = self
            .open()
            .with(|log| {
                let tails = log.tails().map(|(_, tail)| tail).chain(log.archive_tail());
                (log.space(), tails.map(Lsn::container).min())
            })
            .unwrap();
        let wanted = wanted.unwrap_or(space.last_container);
        assert!(
            space.first_container >= wanted.min(space.last_container),
            "container {} is kept for nobody",
            space.first_container
        );
    }

    /// When an append has begun a container and few are free, a worker knows.
    pub(crate) fn check_auto_grow(&self) {
        let space = self.open().with(Log::space).unwrap();
        let limits = self.limits.get();
        let maximum = limits.maximum.unwrap_or(u32::MAX);
        let is_due = limits.auto_grow
            && !limits.never_grows
            && space.free_containers.0 < 2
            && space.total_containers.0 < maximum;
        let is_idle = self.depth.get() == 0;
        let is_told = self.platform.borrow().has_work();
        assert!(!is_due || !is_idle || is_told || self.is_stopped(), "the log does not grow");
    }

    /// What holds between two steps.
    pub(crate) fn check(&self) {
        self.callbacks.set(0);
        let open = self.open();
        let (space, fault) = open.with(|log| (log.space(), log.fault())).unwrap();
        if let Some(status) = fault {
            self.expect_fault("the log", status);
        }
        let floor = self.limits.get().minimum.unwrap_or(2).max(2);
        let (before, now) = (self.containers.get(), space.total_containers.0);
        assert!(now >= before || now >= floor, "shrunk from {before} to {now} containers, below {floor}");
        self.containers.set(now);
        assert!(space.spare_containers <= space.free_containers);
        for (id, ledger) in self.ledgers.borrow().iter() {
            let base = ledger.base.max(ledger.base_tried);
            let first = ledger.wanted().find(|lsn| *lsn >= base);
            let is_kept = first.is_none_or(|lsn| lsn.container() >= space.first_container);
            assert!(is_kept, "stream {id}: the container of {first:?} was recycled");
        }
        for client in self.clients.borrow().iter() {
            let requests = client.requests.get();
            assert!((0..=1).contains(&requests), "{requests} requests are open");
            assert_eq!(client.running.get(), 0);
        }
        let is_to_hear = self.clients.borrow().iter().any(|client| client.armed.get() > 0 && client.is_of(self));
        assert!(
            !is_to_hear || space.spare_containers.0 == 0 || self.platform.borrow().has_work(),
            "there is space, and nobody tells"
        );
        let statistics = self.manager().statistics(self.key()).unwrap();
        assert!(statistics.requests >= statistics.succeeded + statistics.failed);
        assert!(statistics.pinned >= statistics.unpinned, "unpinned unasked");
    }
}
