//! A cheap log and its clients: what remains is the management's own cost.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use clfsmgmt::engine::policy::{Amount, Existing, Policy};
use clfsmgmt::engine::{LogView, RequestRefused};
use clfsmgmt::host::{HostPlatform, WorkQueue};
use clfsmgmt::manager::ports::{ClientCallbacks, ManagedLog, Platform};
use clfsmgmt::manager::{Completion, Cookie, GrowthPlace, LogError, LogKey, Manager, RequestOutcome};
use clfsmgmt::units::memory::OutOfMemory;
use clfsmgmt::units::{Bytes, ContainerCount, Lsn, Status, StreamId, Time};

/// The only stream whose tail keeps the log from going on.
const LAGGING: StreamId = StreamId(1);
const OLDEST: u32 = 10;
const CONTAINERS: u32 = 8;
const NEWEST: u32 = OLDEST + CONTAINERS - 1;

/// How many clients on how many streams of one log.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) clients: u32,
    pub(crate) streams: u8,
}

/// A full log of eight containers, all held by one stream's tail.
pub(crate) fn full_view(streams: u8) -> LogView {
    let mut view = LogView::unknown();
    view.version = 1;
    view.containers = ContainerCount(CONTAINERS);
    view.container_size = Bytes(1 << 20);
    view.first_container = OLDEST;
    view.last_container = NEWEST;
    for stream in 1..=streams {
        view.set_tail(StreamId(stream), Some(Lsn::container_start(NEWEST)));
    }
    view.set_tail(LAGGING, Some(Lsn::container_start(OLDEST)));
    view
}

/// The lagging stream moves its tail by a container.
pub(crate) fn relieve(view: &mut LogView) {
    view.version += 1;
    view.set_tail(LAGGING, Some(Lsn::container_start(OLDEST + 1)));
    view.first_container = OLDEST + 1;
    view.free_containers = ContainerCount(1);
    view.spare_containers = ContainerCount(1);
}

/// The log is as full as at first.
pub(crate) fn fill_up(view: &mut LogView) {
    view.version += 1;
    view.set_tail(LAGGING, Some(Lsn::container_start(OLDEST)));
    view.containers = ContainerCount(CONTAINERS);
    view.first_container = OLDEST;
    view.free_containers = ContainerCount(0);
    view.spare_containers = ContainerCount(0);
}

/// A log that is nothing but its snapshot.
#[derive(Clone)]
pub(crate) struct ModelLog(Arc<Mutex<LogView>>);

impl ModelLog {
    fn view(&self) -> MutexGuard<'_, LogView> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ManagedLog for ModelLog {
    fn observe(&self, view: &mut LogView) {
        view.clone_from(&self.view());
    }

    fn add_container(&self, _: &[u16], _: Option<Bytes>) -> Result<(), Status> {
        let mut view = self.view();
        view.version += 1;
        view.containers.0 += 1;
        view.free_containers.0 += 1;
        view.spare_containers.0 += 1;
        Ok(())
    }

    fn remove_container(&self) -> Result<(), Status> {
        Err(Status::LOG_CANT_DELETE)
    }

    fn with_log_name<R>(&self, use_name: impl FnOnce(&[u16]) -> R) -> R {
        use_name(&[0x6C, 0x6F, 0x67])
    }
}

/// A client that moves its tail when asked, or refuses to.
pub(crate) struct ModelClient {
    log: ModelLog,
    refuses: Arc<AtomicBool>,
    /// Completions and notifications.
    told: Arc<AtomicU32>,
}

impl ClientCallbacks for ModelClient {
    fn advance_tail(&self, _: Lsn) -> Status {
        if self.refuses.load(Ordering::Relaxed) {
            return Status::LOG_PINNED;
        }
        relieve(&mut self.log.view());
        Status::PENDING
    }

    fn log_growth_complete(&self, _: Status, _: bool) {
        self.told.fetch_add(1, Ordering::Release);
    }

    fn log_unpinned(&self) {
        self.told.fetch_add(1, Ordering::Release);
    }
}

/// The host's platform, but nobody is woken: the benchmark itself does the worker's part.
pub(crate) struct NoWorkers(HostPlatform);

impl Platform for NoWorkers {
    type Lock<T> = <HostPlatform as Platform>::Lock<T>;
    type Shared<T> = <HostPlatform as Platform>::Shared<T>;
    type Gate = <HostPlatform as Platform>::Gate;
    type Thread = <HostPlatform as Platform>::Thread;

    fn lock<T>(value: T) -> Self::Lock<T> {
        HostPlatform::lock(value)
    }

    fn share<T>(value: T) -> Result<Self::Shared<T>, OutOfMemory> {
        HostPlatform::share(value)
    }

    fn gate() -> Self::Gate {
        HostPlatform::gate()
    }

    fn current_thread() -> Self::Thread {
        HostPlatform::current_thread()
    }

    fn inside_completion<R>(completion: Completion, action: impl FnOnce() -> R) -> R {
        HostPlatform::inside_completion(completion, action)
    }

    fn completion() -> Option<Completion> {
        HostPlatform::completion()
    }

    fn now(&self) -> Time {
        self.0.now()
    }

    fn monotonic_nanoseconds(&self) -> u64 {
        self.0.monotonic_nanoseconds()
    }

    fn reserve_work(&self) -> Result<(), OutOfMemory> {
        Ok(())
    }

    fn release_work(&self) {}

    fn queue_drain(&self, _: LogKey) {}

    fn enter_client(&self) {}

    fn leave_client(&self) {}
}

pub(crate) type ModelManager<P> = Manager<(P, ModelLog, ModelClient)>;

/// A manager whose worker's part the caller does.
pub(crate) fn manager_without_workers() -> Arc<ModelManager<NoWorkers>> {
    Arc::new(Manager::new(NoWorkers(HostPlatform::default())))
}

/// A manager on the host's platform, and the queue that its workers are to work off.
pub(crate) fn manager_for_workers() -> (Arc<ModelManager<HostPlatform>>, Arc<WorkQueue<LogKey>>) {
    let platform = HostPlatform::default();
    let queue = platform.queue();
    (Arc::new(Manager::new(platform)), queue)
}

/// What a log-full call returns.
pub(crate) type Answer = Result<RequestOutcome, RequestRefused>;
pub(crate) const SUCCESS: Answer = Ok(RequestOutcome::Success);
pub(crate) const PENDING: Answer = Ok(RequestOutcome::Pending);

/// A managed model log with its clients; the first one, on the lagging stream, meets the full log.
pub(crate) struct Managed<P: Platform> {
    pub(crate) manager: Arc<ModelManager<P>>,
    key: LogKey,
    log: ModelLog,
    writer: Cookie,
    refuses: Arc<AtomicBool>,
    told: Arc<AtomicU32>,
}

impl<P: Platform> Managed<P> {
    /// Attaches a log and registers its clients, one on the lagging stream, the others all over the others.
    pub(crate) fn attach(manager: &Arc<ModelManager<P>>, shape: Shape) -> Result<Self, LogError> {
        let log = ModelLog(Arc::new(Mutex::new(full_view(shape.streams))));
        let (refuses, told) = (Arc::default(), Arc::default());
        let key = manager.attach(log.clone())?;
        let one = || Amount::Containers(ContainerCount(1));
        for policy in [Policy::LogTail(one()), Policy::GrowthRate(one())] {
            manager.install_policy(key, policy, Existing::Overwrite)?;
        }
        let register = |stream| {
            let client = ModelClient { log: log.clone(), refuses: Arc::clone(&refuses), told: Arc::clone(&told) };
            manager.register(key, stream, client)
        };
        let writer = register(LAGGING)?;
        for stream in other_streams(shape) {
            register(stream)?;
        }
        let attached = Self { manager: Arc::clone(manager), key, log, writer, refuses, told };
        attached.set_maximum(CONTAINERS)?;
        Ok(attached)
    }

    fn set_maximum(&self, containers: u32) -> Result<(), LogError> {
        let maximum = Policy::MaximumSize(ContainerCount(containers));
        self.manager.install_policy(self.key, maximum, Existing::Overwrite)
    }

    /// Whether the log may grow by a container.
    pub(crate) fn allow_growth(&self, is_allowed: bool) {
        let set = self.set_maximum(CONTAINERS + u32::from(is_allowed));
        assert_eq!(set, Ok(()));
    }

    /// Whether the asked client refuses.
    pub(crate) fn refuse(&self, refuses: bool) {
        self.refuses.store(refuses, Ordering::Relaxed);
    }

    /// Calls the clients.
    pub(crate) fn drain(&self) {
        self.manager.drain(self.key);
    }

    /// Completions and notifications so far.
    pub(crate) fn told(&self) -> u32 {
        self.told.load(Ordering::Acquire)
    }

    /// The log is full, and the writer asks for space.
    pub(crate) fn meet_full_log(&self, place: GrowthPlace) -> Answer {
        fill_up(&mut self.log.view());
        self.manager.handle_log_full(self.writer, place)
    }

    /// The lagging stream moves its tail, and the log reports it.
    pub(crate) fn report_moved_base(&self) {
        relieve(&mut self.log.view());
        self.manager.handle_log_changed(self.key);
    }
}

/// The streams of all clients but the first.
pub(crate) fn other_streams(shape: Shape) -> impl Iterator<Item = StreamId> {
    let others = 2..=shape.streams.max(2);
    others.cycle().take(usize::try_from(shape.clients - 1).unwrap_or(0)).map(StreamId)
}
