//! What happens to a log while the manager is at work on it.

use std::sync::{Arc, Mutex};

use clfsmgmt::engine::LogView;
use clfsmgmt::engine::policy::{Existing, Policy};
use clfsmgmt::host::HostPlatform;
use clfsmgmt::manager::ports::ManagedLog;
use clfsmgmt::manager::{GrowthPlace, LogError, LogKey, Manager};
use clfsmgmt::units::{Bytes, ContainerCount, Status, StreamId};

use crate::model::{Client, Model, PENDING, Told};

type Interruption = Box<dyn FnOnce() + Send>;

/// A model log; what was put in happens once, inside the next call of its kind.
#[derive(Clone)]
struct Interrupted {
    model: Model,
    in_observe: Arc<Mutex<Option<Interruption>>>,
    in_add: Arc<Mutex<Option<Interruption>>>,
    in_remove: Arc<Mutex<Option<Interruption>>>,
}

impl Interrupted {
    fn new(model: Model) -> Self {
        Self { model, in_observe: Arc::default(), in_add: Arc::default(), in_remove: Arc::default() }
    }
}

fn put(place: &Mutex<Option<Interruption>>, interruption: impl FnOnce() + Send + 'static) {
    *place.lock().unwrap() = Some(Box::new(interruption));
}

fn happen(place: &Mutex<Option<Interruption>>) {
    let interruption = place.lock().unwrap().take();
    if let Some(interruption) = interruption {
        interruption();
    }
}

impl ManagedLog for Interrupted {
    fn observe(&self, view: &mut LogView) {
        happen(&self.in_observe);
        self.model.observe(view);
    }

    fn add_container(&self, path: &[u16], size: Option<Bytes>) -> Result<(), Status> {
        happen(&self.in_add);
        self.model.add_container(path, size)
    }

    fn remove_container(&self) -> Result<(), Status> {
        happen(&self.in_remove);
        self.model.remove_container()
    }

    fn with_log_name<R>(&self, use_name: impl FnOnce(&[u16]) -> R) -> R {
        self.model.with_log_name(use_name)
    }
}

type InterruptedManager = Manager<(HostPlatform, Interrupted, Client)>;

fn attached(model: Model) -> (Arc<InterruptedManager>, Interrupted, LogKey) {
    let manager = Arc::new(InterruptedManager::new(HostPlatform::default()));
    let log = Interrupted::new(model);
    let key = manager.attach(log.clone()).unwrap();
    (manager, log, key)
}

/// Does the work that is queued, on this thread.
fn work_off(manager: &InterruptedManager) {
    manager.platform().queue().work_off(|log| manager.drain(log));
}

#[test]
fn nothing_is_queued_for_a_log_that_went_while_it_was_looked_at() {
    let (manager, log, key) = attached(Model::full(4, 1));
    manager.install_policy(key, Policy::AutoGrow(true), Existing::Keep).unwrap();
    let releasing = Arc::clone(&manager);
    log.model.move_tail(0);
    log.model.write();
    log.model.write();
    put(&log.in_observe, move || releasing.release(key).unwrap());
    manager.handle_log_changed(key);
    assert_eq!(manager.logs_attached(), 0);
    let mut queued = 0;
    manager.platform().queue().work_off(|_| queued += 1);
    assert_eq!(queued, 0);
}

#[test]
fn a_shrink_stops_when_the_log_needs_its_containers() {
    let (manager, log, key) = attached(Model::full(10, 1));
    let policy = Policy::auto_shrink(10).unwrap();
    manager.install_policy(key, policy, Existing::Keep).unwrap();
    let model = log.model.clone();
    put(&log.in_remove, move || {
        for _ in 0..5 {
            assert!(model.write());
        }
    });
    log.model.move_tail(0);
    manager.handle_log_changed(key);
    work_off(&manager);
    // One container goes before the log is seen to be filled; room for one growth stays.
    assert_eq!(log.model.change(|space| space.free()), 2);
}

#[test]
fn a_shrink_keeps_to_a_minimum_that_is_installed_while_it_runs() {
    let (manager, log, key) = attached(Model::full(10, 1));
    let policy = Policy::auto_shrink(10).unwrap();
    manager.install_policy(key, policy, Existing::Keep).unwrap();
    let installing = Arc::clone(&manager);
    put(&log.in_remove, move || {
        let minimum = Policy::MinimumSize(ContainerCount(7));
        installing.install_policy(key, minimum, Existing::Keep).unwrap();
    });
    log.model.move_tail(0);
    manager.handle_log_changed(key);
    work_off(&manager);
    assert_eq!(log.model.change(|space| space.total), 7);
}

fn install(manager: &InterruptedManager, key: LogKey, policy: Policy) {
    manager.install_policy(key, policy, Existing::Overwrite).unwrap();
}

#[test]
fn a_growth_keeps_to_a_maximum_that_is_installed_while_it_runs() {
    let (manager, log, key) = attached(Model::full(4, 1));
    install(&manager, key, Policy::growth_rate(20, 0).unwrap());
    let client = manager.register(key, StreamId(0), Client::silent()).unwrap();
    let lowering = Arc::clone(&manager);
    put(&log.in_add, move || install(&lowering, key, Policy::MaximumSize(ContainerCount(6))));
    assert_eq!(manager.handle_log_full(client, GrowthPlace::Worker), PENDING);
    work_off(&manager);
    assert_eq!(log.model.change(|space| space.total), 6);
}

#[test]
fn containers_that_others_add_while_a_log_grows_count() {
    let (manager, log, key) = attached(Model::full(4, 1));
    install(&manager, key, Policy::growth_rate(5, 0).unwrap());
    let client = manager.register(key, StreamId(0), Client::silent()).unwrap();
    let model = log.model.clone();
    put(&log.in_add, move || model.change(|space| space.total += 4));
    assert_eq!(manager.handle_log_full(client, GrowthPlace::Worker), PENDING);
    work_off(&manager);
    assert_eq!(log.model.change(|space| space.total), 9);
}

#[test]
fn a_size_that_was_asked_for_keeps_to_a_maximum_that_is_installed_meanwhile() {
    let (manager, log, key) = attached(Model::full(4, 1));
    let lowering = Arc::clone(&manager);
    put(&log.in_add, move || install(&lowering, key, Policy::MaximumSize(ContainerCount(7))));
    assert_eq!(manager.set_log_size(key, 20), Ok(ContainerCount(7)));
}

#[test]
fn a_size_that_was_asked_for_keeps_to_a_minimum_that_is_installed_meanwhile() {
    let (manager, log, key) = attached(Model::full(10, 1));
    log.model.move_tail(0);
    let raising = Arc::clone(&manager);
    put(&log.in_remove, move || install(&raising, key, Policy::MinimumSize(ContainerCount(8))));
    assert_eq!(manager.set_log_size(key, 2), Err(LogError::Failed(Status::COULD_NOT_RESIZE_LOG)));
    assert_eq!(log.model.change(|space| space.total), 9);
}

/// The client that waits is told when the first container is there, not when the last one is.
#[test]
fn whoever_waits_is_told_of_the_first_container() {
    let (manager, log, key) = attached(Model::full(4, 1));
    install(&manager, key, Policy::growth_rate(20, 0).unwrap());
    let (model, told_at) = (log.model.clone(), Arc::new(Mutex::new(None)));
    let noted = Arc::clone(&told_at);
    let client = Client::reacting(move |told| {
        *noted.lock().unwrap() = Some((told, model.change(|space| space.total)));
        Status::PENDING
    });
    let client = manager.register(key, StreamId(0), client).unwrap();
    assert_eq!(manager.handle_log_full(client, GrowthPlace::Worker), PENDING);
    work_off(&manager);
    assert_eq!(*told_at.lock().unwrap(), Some((Told::Complete(Status::SUCCESS, false), 5)));
    assert_eq!(log.model.change(|space| space.total), 24);
}

/// A tail that moved unreported counts in whatever is decided next.
#[test]
fn a_refusal_and_a_deregistration_are_decided_on_the_log_as_it_is() {
    for deregisters in [false, true] {
        let (manager, log, key) = attached(Model::full(4, 2));
        install(&manager, key, Policy::MaximumSize(ContainerCount(4)));
        let told = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&told);
        let waiting = Client::reacting(move |told| {
            noted.lock().unwrap().push(told);
            Status::PENDING
        });
        let waiting = manager.register(key, StreamId(0), waiting).unwrap();
        let other = manager.register(key, StreamId(1), Client::silent()).unwrap();
        assert_eq!(manager.handle_log_full(waiting, GrowthPlace::Inline), PENDING);
        work_off(&manager);
        log.model.move_tail(0);
        log.model.move_tail(1);
        if deregisters {
            manager.deregister(other).unwrap();
        } else {
            manager.tail_advance_failure(other, Status::CANCELLED).unwrap();
        }
        work_off(&manager);
        assert_eq!(told.lock().unwrap().last(), Some(&Told::Complete(Status::SUCCESS, false)));
    }
}
