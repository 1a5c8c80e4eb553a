//! Requests that wait for long are told of, in a process of its own: what is looked at is its standard error.

use std::env;
use std::process::Command;
use std::thread;
use std::time::Duration;

use clfsmgmt::engine::policy::{Existing, Policy};
use clfsmgmt::host::{HostClock, HostWorkerPool};
use clfsmgmt::manager::GrowthPlace;
use clfsmgmt::units::{ContainerCount, StreamId};

use crate::model::{Client, Model, PENDING};

const WAITER: &str = "CLFSMGMT_TEST_WAITER";
/// Two notices: after one second, and after twice that.
const LONG_ENOUGH: Duration = Duration::from_millis(2_900);

/// Not a test: a process whose request waits for a client that does nothing.
#[test]
fn the_waiter() {
    if env::var_os(WAITER).is_none() {
        return;
    }
    let pool = HostWorkerPool::<Model, Client>::with_clock(HostClock::System).unwrap();
    let manager = pool.manager();
    let log = manager.attach(Model::full(4, 2)).unwrap();
    manager.install_policy(log, Policy::MaximumSize(ContainerCount(4)), Existing::Keep).unwrap();
    let clients = [0, 1].map(|stream| manager.register(log, StreamId(stream), Client::silent()).unwrap());
    assert_eq!(manager.handle_log_full(clients[0], GrowthPlace::Inline), PENDING);
    thread::sleep(LONG_ENOUGH);
    for client in clients {
        manager.deregister(client).unwrap();
    }
}

fn waiter_says(trace: Option<&str>) -> String {
    let mut waiter = Command::new(env::current_exe().unwrap());
    waiter.args(["--exact", "watched::the_waiter"]).env(WAITER, "1").env_remove("CLFSMGMT_TRACE");
    if let Some(trace) = trace {
        waiter.env("CLFSMGMT_TRACE", trace);
    }
    let output = waiter.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn who_is_waited_for_is_said_after_a_second_and_then_ever_more_rarely() {
    let said = waiter_says(Some("1"));
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 6, "{said}");
    assert!(lines[0] == "clfsmgmt: model: a request has waited for 1 s", "{said}");
    assert!(lines[3].starts_with("clfsmgmt: model: a request has waited for 2 s"), "{said}");
    for holder in [1, 2, 4, 5] {
        assert!(lines[holder].contains(" of stream ") && lines[holder].ends_with(", and has not"), "{said}");
    }
}

#[test]
fn nothing_is_said_to_who_has_not_asked_for_it() {
    for trace in [None, Some("0")] {
        assert_eq!(waiter_says(trace), "");
    }
}
