//! What happens to a log while the manager is at work on it.

use std::sync::{Arc, Mutex};

use clfsmgmt::engine::LogView;
use clfsmgmt::engine::policy::{Existing, Policy};
use clfsmgmt::host::HostPlatform;
use clfsmgmt::manager::ports::ManagedLog;
use clfsmgmt::manager::{LogKey, Manager};
use clfsmgmt::units::{Bytes, ContainerCount, Status};

use crate::model::{Client, Model};

type Interruption = Box<dyn FnOnce() + Send>;

/// A model log; what was put in happens once, inside the next call of its kind.
#[derive(Clone)]
struct Interrupted {
    model: Model,
    in_observe: Arc<Mutex<Option<Interruption>>>,
    in_remove: Arc<Mutex<Option<Interruption>>>,
}

impl Interrupted {
    fn new(model: Model) -> Self {
        Self { model, in_observe: Arc::default(), in_remove: Arc::default() }
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
