//! Nothing on the log-full path allocates, from the call to the last callback, in success, refusal and growth.

use std::sync::{Barrier, Mutex};
use std::thread;

use clfsmgmt::engine::LogView;
use clfsmgmt::engine::policy::{Existing, Policy};
use clfsmgmt::host::HostPlatform;
use clfsmgmt::manager::ports::{ClientCallbacks, ManagedLog};
use clfsmgmt::manager::{Cookie, GrowthPlace, LogKey, Manager, RequestOutcome};
use clfsmgmt::units::{Bytes, ContainerCount, Lsn, Status, StreamId};

use crate::counting;

/// Containers in use and in all; every stream's tail is in the oldest.
#[derive(Clone, Copy)]
struct Space {
    version: u64,
    total: u32,
    last: u32,
    tail: u32,
}

struct Log(&'static Mutex<Space>);

impl ManagedLog for Log {
    fn observe(&self, view: &mut LogView) {
        let space = *self.0.lock().unwrap();
        let free = ContainerCount(space.total - (space.last - space.tail + 1));
        view.version = space.version;
        view.containers = ContainerCount(space.total);
        view.free_containers = free;
        view.spare_containers = free;
        view.first_container = space.tail;
        view.last_container = space.last;
        for stream in 0..8 {
            view.set_tail(StreamId(stream), Some(Lsn::container_start(space.tail)));
        }
    }

    fn add_container(&self, _path: &[u16], _size: Option<Bytes>) -> Result<(), Status> {
        let mut space = self.0.lock().unwrap();
        space.version += 1;
        space.total += 1;
        Ok(())
    }

    fn remove_container(&self) -> Result<(), Status> {
        Err(Status::LOG_CANT_DELETE)
    }

    fn with_log_name<R>(&self, use_name: impl FnOnce(&[u16]) -> R) -> R {
        use_name(&[97])
    }
}

struct Client;

impl ClientCallbacks for Client {
    fn advance_tail(&self, _target: Lsn) -> Status {
        Status::PENDING
    }

    fn log_growth_complete(&self, _status: Status, _is_pinned: bool) {}

    fn log_unpinned(&self) {}
}

type TestManager = Manager<(HostPlatform, Log, Client)>;

struct Scene {
    manager: TestManager,
    log: LogKey,
    space: &'static Mutex<Space>,
    clients: Vec<Cookie>,
}

impl Scene {
    fn new(clients: u32) -> Self {
        let space: &'static Mutex<Space> =
            Box::leak(Box::new(Mutex::new(Space { version: 1, total: 8, last: 7, tail: 0 })));
        let manager = TestManager::new(HostPlatform::default());
        let log = manager.attach(Log(space)).unwrap();
        let maximum = Policy::MaximumSize(ContainerCount(10));
        manager.install_policy(log, maximum, Existing::Keep).unwrap();
        let clients = (0..clients)
            .map(|index| StreamId(u8::try_from(index % 8).unwrap()))
            .map(|stream| manager.register(log, stream, Client).unwrap())
            .collect();
        Self { manager, log, space, clients }
    }

    fn change(&self, change: impl FnOnce(&mut Space)) {
        {
            let mut space = self.space.lock().unwrap();
            space.version += 1;
            change(&mut space);
        }
        self.manager.handle_log_changed(self.log);
    }

    fn work_off(&self) {
        let queue = self.manager.platform().queue();
        queue.work_off(|log| self.manager.drain(log));
    }

    /// A full log, a request, and whatever it takes until it ends: this thread is the worker too.
    fn serve(&self, place: GrowthPlace, refuses: bool) {
        self.change(|space| space.last = space.tail + space.total - 1);
        let asked = self.manager.handle_log_full(self.clients[0], place);
        assert!(asked == Ok(RequestOutcome::Pending) || asked == Ok(RequestOutcome::Success));
        self.work_off();
        if refuses {
            for client in &self.clients {
                self.manager.tail_advance_failure(*client, Status::CANCELLED).unwrap();
            }
            self.work_off();
        }
        self.change(|space| space.tail = space.last);
        self.work_off();
    }
}

fn allocations(action: impl FnOnce()) -> u64 {
    let before = counting::allocations();
    action();
    counting::allocations() - before
}

#[test]
fn nothing_on_the_log_full_path_allocates() {
    // What a thread allocates once for its own name is not the manager's.
    let _ = thread::current().id();
    let scene = Scene::new(100);
    let counted = allocations(|| {
        scene.serve(GrowthPlace::Inline, false);
        scene.serve(GrowthPlace::Worker, false);
        for _ in 0..50 {
            scene.serve(GrowthPlace::Worker, false);
            scene.serve(GrowthPlace::Inline, true);
        }
    });
    assert_eq!(counted, 0);
    let counted = scene.manager.statistics(scene.log).unwrap();
    assert_eq!((counted.requests, counted.grown_containers), (102, 2));
    assert!(counted.refusals > 0 && counted.unpinned > 0 && counted.asks > 1_000);
}

/// Waits in its completion until as many others are inside theirs.
struct Meeting(&'static Barrier);

impl ClientCallbacks for Meeting {
    fn advance_tail(&self, _target: Lsn) -> Status {
        Status::PENDING
    }

    fn log_growth_complete(&self, _status: Status, is_pinned: bool) {
        assert!(is_pinned);
        self.0.wait();
    }

    fn log_unpinned(&self) {}
}

/// However many threads are inside completions at the same time, of however few clients.
#[test]
fn calls_of_a_pinned_log_allocate_nothing_on_any_number_of_threads() {
    const THREADS: usize = 40;
    let space: &'static Mutex<Space> =
        Box::leak(Box::new(Mutex::new(Space { version: 1, total: 8, last: 7, tail: 0 })));
    let meeting: &'static Barrier = Box::leak(Box::new(Barrier::new(THREADS)));
    let manager: Manager<(HostPlatform, Log, Meeting)> = Manager::new(HostPlatform::default());
    let log = manager.attach(Log(space)).unwrap();
    manager.install_policy(log, Policy::MaximumSize(ContainerCount(8)), Existing::Keep).unwrap();
    // Nobody can move the tails of the other streams.
    let clients = [8, 9].map(|stream| manager.register(log, StreamId(stream), Meeting(meeting)).unwrap());
    let counted = Mutex::new(0);
    thread::scope(|scope| {
        for number in 0..THREADS {
            let (manager, client, counted) = (&manager, clients[number % 2], &counted);
            scope.spawn(move || {
                let _ = thread::current().id();
                let taken = allocations(|| {
                    let answer = manager.handle_log_full(client, GrowthPlace::Inline);
                    assert_eq!(answer, Ok(RequestOutcome::Pending));
                });
                *counted.lock().unwrap() += taken;
            });
        }
    });
    assert_eq!(*counted.lock().unwrap(), 0);
    for client in clients {
        manager.deregister(client).unwrap();
    }
}

/// Run with `--nocapture` to see the cost; it is not judged here, machines differ.
#[test]
fn the_cost_of_a_request_is_shown_per_client_asked() {
    for clients in [1, 10, 100, 1_000] {
        let scene = Scene::new(clients);
        scene.serve(GrowthPlace::Inline, false);
        let before = scene.manager.statistics(scene.log).unwrap();
        for _ in 0..100 {
            scene.serve(GrowthPlace::Worker, false);
        }
        let after = scene.manager.statistics(scene.log).unwrap();
        let nanoseconds = after.management_nanoseconds - before.management_nanoseconds;
        let asks = after.asks - before.asks;
        println!("{clients} clients: {} ns per request, {asks} asks", nanoseconds / 100);
    }
}
