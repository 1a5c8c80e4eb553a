//! The thread that does what clients have put off: it moves tails, brings back those who have left, and sends random ones
//! away. It also keeps the load's clock.

use core::sync::atomic::Ordering;

use super::behaviour;
use super::member::Member;
use super::random::Random;
use super::rules::Task;
use super::world::World;
use super::{clock, visit};
use crate::session::time::sleep;

/// How often somebody is sent away, in milliseconds.
const CHURN: u64 = 15;

/// The attendant's thread.
pub(super) struct Body;

impl crate::thread::Body for Body {
    fn run(_: usize) {
        visit(|world| {
            run(world);
            Some(())
        });
    }
}

/// Runs until every request is over.
fn run(world: &'static World) {
    let mut random = Random::new(world.load.seed, 1 << 33);
    let mut next_churn = 0;
    while !world.is_quiet.load(Ordering::Acquire) {
        let now = clock::milliseconds();
        world.now.store(now, Ordering::Relaxed);
        for place in 0..world.clients.len() {
            if let Some(member) = Member::of(world, place) {
                attend(member, now);
            }
        }
        if now >= next_churn && !world.is_ending() {
            next_churn = now.saturating_add(CHURN);
            if let Some(member) = Member::of(world, random.place(world.clients.len())) {
                behaviour::leave(member);
            }
        }
        sleep(2);
    }
}

/// Does what is due for a client; when the load ends, all at once.
fn attend(member: Member, now: u64) {
    let is_ending = member.world.is_ending();
    let task = member.with(|state| {
        let (_, task) = state.due.take_if(|(at, _)| is_ending || *at <= now)?;
        Some(task)
    });
    match task {
        Some(Task::Advance(target)) => member.advance(target),
        Some(Task::Return) if !is_ending => member.register(),
        Some(Task::Return) | None => {}
    }
}
