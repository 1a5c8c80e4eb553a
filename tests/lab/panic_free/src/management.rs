//! The manager, and what is made to be handed to it.

use crate::library::{LogFile, ManagerOf};
use crate::engine::Pin;
use crate::engine::policy::{Existing, Name, Policy, PolicyKind};
use crate::manager::{Cookie, GrowthPlace, LogError, LogKey};
use crate::units::{Status, StreamId};

use crate::operations;
use crate::outside::{Client, Machine, Setting};

pub type Management = ManagerOf<Setting>;

operations! {
    manager_new() Management::new(Machine);
    manager_drop(manager: Management) drop(manager);
    manager_attach(manager: &Management, log: LogFile<Setting>) manager.attach(log);
    manager_retain(manager: &Management, log: LogKey) manager.retain(log);
    manager_release(manager: &Management, log: LogKey) manager.release(log);
    manager_logs_attached(manager: &Management)
        (manager.logs_attached(), manager.clients_registered(), manager.is_in_use(), manager.platform());

    manager_register(manager: &Management, log: LogKey, stream: StreamId, client: Client)
        manager.register(log, stream, client);
    manager_deregister(manager: &Management, cookie: Cookie) manager.deregister(cookie);
    manager_tail_advance_failure(manager: &Management, cookie: Cookie, reason: Status)
        manager.tail_advance_failure(cookie, reason);
    manager_handle_log_full(manager: &Management, cookie: Cookie, place: GrowthPlace)
        manager.handle_log_full(cookie, place);
    manager_handle_log_changed(manager: &Management, log: LogKey) manager.handle_log_changed(log);
    manager_handle_log_closed(manager: &Management, log: LogKey) manager.handle_log_closed(log);
    manager_needs_polling(manager: &Management, log: LogKey) manager.needs_polling(log);
    manager_log_of(manager: &Management, cookie: Cookie) manager.log_of(cookie);
    manager_drain(manager: &Management, log: LogKey) manager.drain(log);
    manager_set_log_size(manager: &Management, log: LogKey, requested: u64) manager.set_log_size(log, requested);
    manager_set_log_size_as_client(manager: &Management, log: LogKey, cookie: Cookie, requested: u64)
        manager.set_log_size_as_client(log, cookie, requested);

    manager_install_policy(manager: &Management, log: LogKey, policy: Policy, existing: Existing)
        manager.install_policy(log, policy, existing);
    manager_query_policy(manager: &Management, log: LogKey, kind: PolicyKind) manager.query_policy(log, kind);
    manager_remove_policy(manager: &Management, log: LogKey, kind: PolicyKind) manager.remove_policy(log, kind);
    manager_statistics(manager: &Management, log: LogKey) manager.statistics(log);
    manager_with_log_name(manager: &Management, log: LogKey) manager.with_log_name(log, <[u16]>::len);
    manager_for_each_waiting(manager: &Management)
        manager.for_each_waiting(|waiting| drop((waiting.log, waiting.waited)));
    manager_pin_report(manager: &Management, log: LogKey) manager.pin_report(log);
    manager_cookie_of(manager: &Management, log: LogKey, pin: &Pin) manager.cookie_of(log, pin);

    policy_name(units: &[u16]) Name::new(units);
    policy_numbers(kind: u32, containers: u32, percent: u32)
        (PolicyKind::from_number(kind), Policy::growth_rate(containers, percent), Policy::log_tail(percent, containers),
            Policy::auto_shrink(percent));
    cookie_raw(raw: u64) (Cookie::from_raw(raw).is_null(), Cookie::from_raw(raw).raw());
    log_error_status(error: LogError) Status::from(error);
}
