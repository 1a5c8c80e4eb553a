//! A log in memory, and clients made of closures: what the manager's tests run on.

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock};

use clfsmgmt::engine::policy::{Existing, Policy};
use clfsmgmt::engine::{LogView, RequestRefused};
use clfsmgmt::host::{HostPlatform, Workers};
use clfsmgmt::manager::ports::{ClientCallbacks, ManagedLog};
use clfsmgmt::manager::{Cookie, GrowthPlace, LogKey, Manager, RequestOutcome};
use clfsmgmt::units::{Bytes, ContainerCount, Lsn, Status, StreamId};

/// What a log-full call returns.
pub(crate) type Answer = Result<RequestOutcome, RequestRefused>;
pub(crate) const SUCCESS: Answer = Ok(RequestOutcome::Success);
pub(crate) const PENDING: Answer = Ok(RequestOutcome::Pending);

pub(crate) type TestManager = Manager<(HostPlatform, Model, Client)>;

/// What the model log holds.
#[derive(Debug)]
pub(crate) struct Space {
    pub(crate) version: u64,
    pub(crate) total: u32,
    pub(crate) last: u32,
    pub(crate) tails: Vec<Option<u32>>,
    pub(crate) files: BTreeSet<String>,
    pub(crate) first_size: Option<Bytes>,
    /// What adding a container fails with.
    pub(crate) add_failure: Option<Status>,
}

impl Space {
    fn active(&self) -> u32 {
        let first = self.tails.iter().flatten().min().unwrap_or(&self.last);
        self.last - first + 1
    }

    pub(crate) fn free(&self) -> u32 {
        self.total.saturating_sub(self.active())
    }
}

/// A log in memory; copies share it.
#[derive(Clone, Debug)]
pub(crate) struct Model(pub(crate) Arc<Mutex<Space>>);

impl Model {
    /// A log whose `total` containers are all active, held by the streams 0 to `streams - 1`.
    pub(crate) fn full(total: u32, streams: u8) -> Self {
        Self(Arc::new(Mutex::new(Space {
            version: 1,
            total,
            last: total.saturating_sub(1),
            tails: vec![Some(0); usize::from(streams)],
            files: BTreeSet::new(),
            first_size: None,
            add_failure: None,
        })))
    }

    pub(crate) fn change<R>(&self, change: impl FnOnce(&mut Space) -> R) -> R {
        let mut space = self.0.lock().unwrap();
        space.version += 1;
        change(&mut space)
    }

    /// Moves a stream's tail to the container that is being written.
    pub(crate) fn move_tail(&self, stream: u8) {
        self.change(|space| space.tails[usize::from(stream)] = Some(space.last));
    }

    /// Fills the current container and goes on to the next; `false` when there is none.
    pub(crate) fn write(&self) -> bool {
        self.change(|space| {
            let has_room = space.free() > 0;
            space.last += u32::from(has_room);
            has_room
        })
    }
}

impl ManagedLog for Model {
    fn observe(&self, view: &mut LogView) {
        let space = self.0.lock().unwrap();
        *view = LogView::unknown();
        view.version = space.version;
        view.containers = ContainerCount(space.total);
        view.free_containers = ContainerCount(space.free());
        view.spare_containers = ContainerCount(space.free());
        view.container_size = Bytes(1 << 20);
        view.first_container = space.last + 1 - space.active();
        view.last_container = space.last;
        for (stream, tail) in (0..).zip(&space.tails) {
            view.set_tail(StreamId(stream), tail.map(Lsn::container_start));
        }
    }

    fn add_container(&self, path: &[u16], size: Option<Bytes>) -> Result<(), Status> {
        self.change(|space| {
            if let Some(status) = space.add_failure {
                return Err(status);
            }
            if !space.files.insert(String::from_utf16(path).unwrap()) {
                return Err(Status::OBJECT_NAME_COLLISION);
            }
            if space.total == 0 {
                space.first_size = size;
            }
            space.total += 1;
            Ok(())
        })
    }

    fn remove_container(&self) -> Result<(), Status> {
        self.change(|space| {
            if space.free() == 0 {
                return Err(Status::LOG_CANT_DELETE);
            }
            space.total -= 1;
            Ok(())
        })
    }

    fn with_log_name<R>(&self, use_name: impl FnOnce(&[u16]) -> R) -> R {
        let name: Vec<u16> = "model".encode_utf16().collect();
        use_name(&name)
    }
}

/// What a client was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Ask(Lsn),
    Complete(Status, bool),
    Unpinned,
}

type React = Box<dyn Fn(Told) -> Status + Send + Sync>;

/// A client that notes what it is told and then reacts.
pub(crate) struct Client {
    told: Mutex<Sender<Told>>,
    react: React,
}

impl Client {
    fn tell(&self, told: Told) -> Status {
        // A test that no longer listens does not care.
        let _ = self.told.lock().unwrap().send(told);
        (self.react)(told)
    }
}

impl ClientCallbacks for Client {
    fn advance_tail(&self, target: Lsn) -> Status {
        self.tell(Told::Ask(target))
    }

    fn log_growth_complete(&self, status: Status, is_pinned: bool) {
        self.tell(Told::Complete(status, is_pinned));
    }

    fn log_unpinned(&self) {
        self.tell(Told::Unpinned);
    }
}

/// A manager with workers and one model log.
pub(crate) struct Fixture {
    pub(crate) manager: Arc<TestManager>,
    pub(crate) log: LogKey,
    pub(crate) model: Model,
    _workers: Workers<LogKey>,
}

/// A registered client: its cookie, and what it is told.
pub(crate) struct Registered {
    pub(crate) cookie: Cookie,
    pub(crate) told: Receiver<Told>,
}

/// Where a reaction finds its own client's cookie.
pub(crate) type OwnCookie = Arc<OnceLock<Cookie>>;

impl Fixture {
    pub(crate) fn new(model: &Model) -> Self {
        let platform = HostPlatform::default();
        let queue = platform.queue();
        let manager = Arc::new(TestManager::new(platform));
        let log = manager.attach(model.clone()).unwrap();
        let worker = Arc::clone(&manager);
        let workers = Workers::start(queue, 2, move |log| worker.drain(log)).unwrap();
        Self { manager, log, model: model.clone(), _workers: workers }
    }

    /// A log of four containers that is full and cannot grow, held by streams 0 and 1.
    pub(crate) fn full_at_its_maximum() -> Self {
        let fixture = Self::new(&Model::full(4, 2));
        fixture.install(Policy::MaximumSize(ContainerCount(4)));
        fixture
    }

    pub(crate) fn install(&self, policy: Policy) {
        self.manager.install_policy(self.log, policy, Existing::Overwrite).unwrap();
    }

    /// A client that reacts with `react`.
    pub(crate) fn register_with(
        &self,
        stream: u8,
        react: impl Fn(&OwnCookie, Told) -> Status + Send + Sync + 'static,
    ) -> Registered {
        let own = OwnCookie::default();
        let (sender, told) = channel();
        let inside = Arc::clone(&own);
        let client = Client { told: Mutex::new(sender), react: Box::new(move |told| react(&inside, told)) };
        let cookie = self.manager.register(self.log, StreamId(stream), client);
        let cookie = cookie.unwrap();
        own.set(cookie).unwrap();
        Registered { cookie, told }
    }

    /// A client that answers nothing.
    pub(crate) fn register(&self, stream: u8) -> Registered {
        self.register_with(stream, |_, _| Status::PENDING)
    }

    pub(crate) fn log_full(&self, client: &Registered, place: GrowthPlace) -> Answer {
        self.manager.handle_log_full(client.cookie, place)
    }

    /// Moves a stream's tail and tells the manager, as the base API does.
    pub(crate) fn move_tail(&self, stream: u8) {
        self.model.move_tail(stream);
        self.manager.handle_log_changed(self.log);
    }

    /// Waits until no worker has anything to do.
    pub(crate) fn rest(&self) {
        self.manager.platform().queue().wait_idle();
    }
}

impl Registered {
    /// What the client was told so far; the workers rest.
    pub(crate) fn all_told(&self) -> Vec<Told> {
        self.told.try_iter().collect()
    }
}

impl Client {
    /// A client that nobody listens to.
    pub(crate) fn silent() -> Self {
        Self::holding(())
    }

    /// A client that nobody listens to and that reacts with `react`.
    pub(crate) fn reacting(react: impl Fn(Told) -> Status + Send + Sync + 'static) -> Self {
        Self { told: Mutex::new(channel().0), react: Box::new(react) }
    }

    /// As [`Client::silent`], with something that goes when its callbacks go.
    pub(crate) fn holding(held: impl Send + Sync + 'static) -> Self {
        Self::reacting(move |_| {
            let _ = &held;
            Status::PENDING
        })
    }
}
