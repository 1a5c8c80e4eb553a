//! The thread that leads a load through its life: it makes the logs, lets others use them, and puts everything away.
//!
//! # Invariants
//! * Logs and areas are made before any other thread runs or client is registered, and put away when none is left.

use alloc::vec::Vec;
use core::ffi::c_void;
use core::fmt::Write as _;
use core::ptr::null_mut;
use core::sync::atomic::Ordering;

use wdk_sys::_CLFS_MGMT_POLICY_TYPE as policy;
use wdk_sys::NTSTATUS;

use super::counts::Stage;
use super::log_calls::Existing;
use super::member::Member;
use super::name::Name;
use super::random::Random;
use super::rules::Phase;
use super::violation::Violation;
use super::world::{Log, Stream, World};
use super::{appender, attendant, clock, log_calls, statuses};
use crate::session::time::sleep;
use crate::thread::Thread;

/// Blocks of an area: a multiplexed log holds one open for each stream.
const BLOCK: u32 = 16 * 1024;
/// How long the last completions may take, in milliseconds.
const LAST_COMPLETIONS: u64 = 10_000;
/// How long nothing may come any more after that.
const SILENCE: u64 = 300;

/// Leads the load from its beginning to its end.
pub(super) fn run(world: &'static World) {
    let outcome = open_all(world).and_then(|()| use_all(world));
    close_all(world);
    match outcome {
        Ok(()) => {
            sleep(SILENCE);
            world.counts.enter(Stage::Over, statuses::SUCCESS);
        }
        Err(status) => world.counts.enter(Stage::Failed, status),
    }
}

fn open_all(world: &'static World) -> Result<(), NTSTATUS> {
    let mut random = Random::new(world.load.seed, 1 << 34);
    for (place, log) in world.logs.iter().enumerate() {
        open_log(world, place, log, &mut random)?;
    }
    Ok(())
}

/// Opens a log with its streams, gives it policies and containers, and makes the areas.
fn open_log(world: &World, place: usize, log: &Log, random: &mut Random) -> Result<(), NTSTATUS> {
    let streams = world.streams.get(log.streams.clone()).unwrap_or_default();
    for stream in streams {
        let mut name = Name::new();
        write!(name, "LOG:{}\\load-{place}", world.load.folder()).map_err(|_| statuses::INVALID_PARAMETER)?;
        let existing = if stream.number == 0 { Existing::Refused } else { Existing::Shared };
        if log.is_multiplexed {
            write!(name, "::stream-{}", stream.number).map_err(|_| statuses::INVALID_PARAMETER)?;
        }
        let file = log_calls::open(name.text(), existing)?;
        stream.file.store(file, Ordering::Release);
        if stream.number == 0 {
            prepare(file, log.is_multiplexed, random)?;
        }
        // SAFETY: just opened.
        let area = unsafe { log_calls::create_area(file, BLOCK) }?;
        stream.area.store(area, Ordering::Release);
    }
    Ok(())
}

/// Policies of a random kind, and the first containers.
fn prepare(file: *mut c_void, is_multiplexed: bool, random: &mut Random) -> Result<(), NTSTATUS> {
    let mebibyte = if is_multiplexed { 2 } else { 1 };
    let first = if is_multiplexed { 4 } else { 2 };
    let most = if is_multiplexed { random.between(8, 16) } else { random.between(3, 5) };
    let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    let mut policies = [None; 5];
    policies[0] = Some((policy::ClfsMgmtPolicyMaximumSize, number(most), 0));
    policies[1] = Some((policy::ClfsMgmtPolicyNewContainerSize, mebibyte << 19, 0));
    policies[2] = Some((policy::ClfsMgmtPolicyGrowthRate, number(random.between(1, 2)), 0));
    // A percentage or a number of containers: the percentage comes first in this policy.
    let tail = if random.once_in(2) { (35, 0) } else { (0, number(random.between(1, 2))) };
    policies[3] = Some((policy::ClfsMgmtPolicyLogTail, tail.0, tail.1));
    // So that growing does not end.
    policies[4] = random.once_in(3).then_some((policy::ClfsMgmtPolicyAutoShrink, 40, 0));
    for (policy, first, second) in policies.into_iter().flatten() {
        // SAFETY: open: the caller has just opened it.
        unsafe { log_calls::install(file, policy, first, second) }?;
    }
    // SAFETY: as above.
    unsafe { log_calls::resize(file, first) }
}

/// Registers the clients, lets the threads work for as long as it was wanted, and ends all requests.
fn use_all(world: &'static World) -> Result<(), NTSTATUS> {
    world.now.store(clock::milliseconds(), Ordering::Relaxed);
    for member in members(world) {
        member.register();
    }
    let outcome = work(world);
    for member in members(world) {
        member.deregister(None);
    }
    // Those who leave in a callback of theirs, at this moment.
    while members(world).any(|member| member.with(|state| state.phase != Phase::Away)) {
        sleep(1);
    }
    outcome
}

fn members(world: &'static World) -> impl Iterator<Item = Member> {
    (0..world.clients.len()).filter_map(move |place| Member::of(world, place))
}

/// Runs the threads. Those that were started are waited for, whatever happens.
fn work(world: &'static World) -> Result<(), NTSTATUS> {
    let mut threads = Vec::new();
    let count = world.load.threads;
    threads.try_reserve_exact(usize::from(count)).map_err(|_| statuses::INSUFFICIENT_RESOURCES)?;
    let attendant = Thread::start::<attendant::Body>(0)?;
    let mut outcome = Ok(());
    for nth in 0..count {
        match Thread::start::<appender::Body>(usize::from(nth)) {
            Ok(thread) => threads.push(thread),
            Err(status) => outcome = Err(status),
        }
    }
    let end = clock::milliseconds().saturating_add(world.load.milliseconds);
    while outcome.is_ok() && clock::milliseconds() < end && !world.is_stopped.load(Ordering::Acquire) {
        sleep(10);
    }
    world.is_ending.store(true, Ordering::Release);
    drop(threads);
    finish_requests(world);
    world.is_quiet.store(true, Ordering::Release);
    drop(attendant);
    outcome
}

/// Waits for every completion, and moves the tails meanwhile.
fn finish_requests(world: &'static World) {
    let end = clock::milliseconds().saturating_add(LAST_COMPLETIONS);
    loop {
        let waiting = members(world).filter(|member| member.with(|state| state.waits())).count();
        if waiting == 0 {
            return;
        }
        if clock::milliseconds() > end {
            for _ in 0..waiting {
                world.counts.violate(Violation::NeverCompleted, statuses::SUCCESS);
            }
            return;
        }
        for stream in &world.streams {
            if let Some(member) = Member::of(world, stream.clients.start) {
                member.advance(u64::MAX);
            }
        }
        sleep(20);
    }
}

/// Deletes the areas and closes the logs that there are.
fn close_all(world: &World) {
    for stream in &world.streams {
        let area = stream.area.swap(null_mut(), Ordering::AcqRel);
        if !area.is_null() {
            // SAFETY: made by `open_log`, and taken out here; no thread is left that would use it.
            note_end(world, unsafe { log_calls::delete_area(area) });
        }
    }
    world.streams.iter().for_each(|stream| close(world, stream));
}

fn close(world: &World, stream: &Stream) {
    let file = stream.file.swap(null_mut(), Ordering::AcqRel);
    if !file.is_null() {
        // SAFETY: opened by `open_log`, and taken out here; no client and no thread is left that would use it.
        note_end(world, unsafe { log_calls::close(file) });
    }
}

fn note_end(world: &World, status: NTSTATUS) {
    if status != statuses::SUCCESS {
        world.counts.violate(Violation::CloseStatus, status);
    }
}
