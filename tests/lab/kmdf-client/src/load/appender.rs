//! A thread that appends to random streams until the log is full, asks for space as a random client of the stream, and
//! goes on elsewhere until that client's completion has come.

use core::sync::atomic::Ordering;

use super::member::Member;
use super::random::Random;
use super::violation::Violation;
use super::world::{Stream, World};
use super::{log_calls, statuses, visit};
use crate::session::time::sleep;

/// Most records at a time.
const BURST: u64 = 8;

/// The thread of one appender; its number is the thread's.
pub(super) struct Body;

impl crate::thread::Body for Body {
    fn run(nth: usize) {
        visit(|world| {
            run(world, u64::try_from(nth).unwrap_or_default());
            Some(())
        });
    }
}

/// Runs until the load ends.
fn run(world: &'static World, nth: u64) {
    let mut random = Random::new(world.load.seed, nth.saturating_add(1 << 32));
    while !world.is_ending() {
        let Some(stream) = free_stream(world, &mut random) else {
            sleep(1);
            continue;
        };
        for _ in 0..random.between(1, BURST) {
            if append(world, stream, &mut random) != statuses::SUCCESS {
                break;
            }
        }
    }
}

/// A stream for which no completion is waited for: a few are tried.
fn free_stream(world: &'static World, random: &mut Random) -> Option<&'static Stream> {
    for _ in 0..16 {
        let stream = world.streams.get(random.place(world.streams.len()))?;
        if !stream.is_waiting() {
            return Some(stream);
        }
    }
    None
}

fn append(world: &'static World, stream: &Stream, random: &mut Random) -> i32 {
    let length = random.place(world.record.len()).saturating_add(1);
    let Some(record) = world.record.get(..length) else {
        return statuses::UNSUCCESSFUL;
    };
    // SAFETY: areas are deleted when this thread has ended.
    let status = unsafe { log_calls::append(stream.area.load(Ordering::Acquire), record) };
    match status {
        statuses::SUCCESS => world.counts.appends.add(),
        statuses::LOG_FULL => {
            world.counts.full.add();
            ask_for_space(world, stream, random);
        }
        _ => world.counts.violate(Violation::AppendStatus, status),
    }
    status
}

/// Asks for space as one of the stream's clients. While all of them are away nobody asks.
fn ask_for_space(world: &'static World, stream: &Stream, random: &mut Random) {
    let count = stream.clients.len();
    let first = random.place(count);
    for nth in 0..count {
        let Some(place) = stream.clients.clone().cycle().nth(first.saturating_add(nth)) else {
            return;
        };
        let Some(member) = Member::of(world, place) else {
            return;
        };
        // Before the call: the completion may come before it returns.
        stream.wait_for(place);
        let status = member.request();
        if status != Some(statuses::PENDING) {
            stream.go_on_after(place);
        }
        if status.is_some() {
            return;
        }
    }
    sleep(1);
}
