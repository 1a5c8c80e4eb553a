//! How long a log's state lives, and which keys still name it.

use std::sync::{Arc, Weak};

use clfsmgmt::engine::policy::{Existing, Policy, PolicyKind};
use clfsmgmt::engine::{NotAClient, RequestRefused};
use clfsmgmt::host::HostPlatform;
use clfsmgmt::manager::{GrowthPlace, LogError, LogKey};
use clfsmgmt::units::{ContainerCount, Status, StreamId};

use crate::model::{Client, Fixture, Model, TestManager};

#[test]
fn state_and_policies_go_with_the_last_handle() {
    let fixture = Fixture::full_at_its_maximum();
    let manager = &fixture.manager;
    manager.retain(fixture.log).unwrap();
    manager.release(fixture.log).unwrap();
    let kind = PolicyKind::MaximumSize;
    assert!(manager.query_policy(fixture.log, kind).is_ok());
    manager.release(fixture.log).unwrap();
    assert_eq!(manager.logs_attached(), 0);
    assert_eq!(manager.query_policy(fixture.log, kind), Err(LogError::NoSuchLog));
    let again = manager.attach(fixture.model.clone()).unwrap();
    assert_eq!(manager.query_policy(again, kind), Err(LogError::Failed(Status::LOG_POLICY_NOT_INSTALLED)));
}

#[test]
fn a_client_keeps_state_and_policies_after_the_last_handle() {
    let fixture = Fixture::full_at_its_maximum();
    let client = fixture.register(0);
    let manager = &fixture.manager;
    manager.release(fixture.log).unwrap();
    assert!(manager.query_policy(fixture.log, PolicyKind::MaximumSize).is_ok());
    assert_eq!(manager.deregister(client.cookie), Ok(()));
    assert_eq!(manager.logs_attached(), 0);
}

#[test]
fn clients_of_all_logs_are_counted_as_long_as_they_are_registered() {
    let mut fixture = Fixture::full_at_its_maximum();
    assert_eq!(fixture.manager.clients_registered(), 0);
    let first = fixture.register(0);
    fixture.log = fixture.manager.attach(Model::full(4, 1)).unwrap();
    let second = fixture.register(0);
    assert_eq!(fixture.manager.clients_registered(), 2);
    assert_eq!(fixture.manager.deregister(first.cookie), Ok(()));
    assert_eq!(fixture.manager.deregister(first.cookie), Err(NotAClient));
    assert_eq!(fixture.manager.clients_registered(), 1);
    assert_eq!(fixture.manager.deregister(second.cookie), Ok(()));
    assert_eq!(fixture.manager.clients_registered(), 0);
}

#[test]
fn cookies_of_an_earlier_log_in_the_same_place_stay_stale() {
    let mut fixture = Fixture::full_at_its_maximum();
    let old = fixture.register(0).cookie;
    fixture.manager.release(fixture.log).unwrap();
    assert_eq!(fixture.manager.deregister(old), Ok(()));
    fixture.log = fixture.manager.attach(fixture.model.clone()).unwrap();
    let client = fixture.register(0);
    assert_eq!(old.raw() & 0xFFFF, client.cookie.raw() & 0xFFFF);
    let manager = &fixture.manager;
    assert_eq!(manager.deregister(old), Err(NotAClient));
    let full = manager.handle_log_full(old, GrowthPlace::Inline);
    assert_eq!(full, Err(RequestRefused::NotAClient));
}

#[test]
fn policies_of_one_log_do_not_touch_another() {
    let fixture = Fixture::full_at_its_maximum();
    let other = fixture.manager.attach(Model::full(4, 1)).unwrap();
    assert_eq!(
        fixture.manager.query_policy(other, PolicyKind::MaximumSize),
        Err(LogError::Failed(Status::LOG_POLICY_NOT_INSTALLED))
    );
    assert_eq!(fixture.manager.set_log_size(other, 9), Ok(ContainerCount(9)));
}

#[test]
fn policies_are_removed_once() {
    let fixture = Fixture::full_at_its_maximum();
    let kind = PolicyKind::MaximumSize;
    let manager = &fixture.manager;
    assert_eq!(manager.remove_policy(fixture.log, kind), Ok(()));
    assert_eq!(manager.remove_policy(fixture.log, kind), Err(LogError::Failed(Status::LOG_POLICY_NOT_INSTALLED)));
    fixture.install(Policy::MaximumSize(ContainerCount(9)));
}

#[test]
fn ten_thousand_logs_come_and_go() {
    let manager = TestManager::new(HostPlatform::default());
    let model = Model::full(2, 0);
    let logs: Vec<_> = (0..10_000).map(|_| manager.attach(model.clone()).unwrap()).collect();
    assert_eq!(manager.logs_attached(), 10_000);
    for log in logs {
        manager.release(log).unwrap();
    }
    assert_eq!(manager.logs_attached(), 0);
}

#[test]
fn a_manager_is_in_use_while_a_handle_is_open_or_a_client_registered() {
    let fixture = Fixture::full_at_its_maximum();
    let manager = &fixture.manager;
    let (client, log) = (fixture.register(0), fixture.log);
    manager.release(log).unwrap();
    assert!(manager.is_in_use(), "a client is registered");
    manager.deregister(client.cookie).unwrap();
    assert!(!manager.is_in_use());
    let log = manager.attach(Model::full(2, 0)).unwrap();
    assert!(manager.is_in_use(), "a handle is open");
    manager.release(log).unwrap();
    assert!(!manager.is_in_use());
}

/// Closes the log's last handle when it is dropped, as a client does that alone keeps its handle open.
struct LastHandle(Weak<TestManager>, LogKey);

impl Drop for LastHandle {
    fn drop(&mut self) {
        self.0.upgrade().unwrap().release(self.1).unwrap();
    }
}

#[test]
fn a_log_leaves_with_the_client_that_keeps_its_last_handle_though_something_is_due() {
    let manager = Arc::new(TestManager::new(HostPlatform::default()));
    let log = manager.attach(Model::full(4, 1)).unwrap();
    let client = Client::holding(LastHandle(Arc::downgrade(&manager), log));
    let cookie = manager.register(log, StreamId(0), client).unwrap();
    manager.install_policy(log, Policy::AutoGrow(true), Existing::Overwrite).unwrap();
    assert_eq!(manager.deregister(cookie), Ok(()));
    assert_eq!(manager.logs_attached(), 0, "no worker was queued for it, which would keep it");
}
