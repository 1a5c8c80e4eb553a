//! What clients did in their callbacks, or in work items after them: which event is which action's return, and whether an
//! action went wrong that nobody looks at.
//!
//! An action inside a callback is in its thread, between its beginning and its return. A later one is in no callback, and in
//! a thread that does none of the scenario's own calls.

use std::collections::{HashMap, HashSet};

use clfs_client_interface::{Event, EventKind, Place, Routine, Subject};

use super::{Verdict, is_step, show_slot, verb_name};
use crate::language::Step;
use crate::language::statuses::{Statuses, status_name};

/// What an action may answer that nobody looks at: `SUCCESS` and `PENDING`.
const UNSEEN_STATUSES: [i32; 2] = [0, 0x103];

/// Where the actions of a callback are looked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Actions {
    /// The place of the callback's beginning in the journal.
    pub(crate) entered: usize,
    /// How many such actions have been looked at before.
    pub(crate) skipped: usize,
    /// Where the action was to be done, if all such actions are done at one place.
    pub(crate) place: Option<Place>,
    /// The thread that does the scenario's own calls: no action runs in it later than its callback.
    pub(crate) main_thread: Option<u64>,
}

/// The place in the journal of the return of an action of a callback.
pub(crate) fn find(events: &[Event], actions: Actions, call: &Step) -> Option<usize> {
    let returned = Step { returns: true, ..call.clone() };
    let mut found: Vec<usize> = vec![];
    if actions.place != Some(Place::Later) {
        found.extend(inside(events, actions.entered));
    }
    if actions.place != Some(Place::Inside) {
        found.extend(outside(events, actions.entered, actions.main_thread));
    }
    let is_such = |at: &usize| events.get(*at).is_some_and(|event| is_step(event, &returned));
    found.into_iter().filter(is_such).nth(actions.skipped)
}

/// Whether an action of a callback answered this.
pub(crate) fn judge_inside(events: &[Event], actions: Actions, call: &Step, statuses: &Statuses) -> Verdict {
    match find(events, actions, call).and_then(|at| events.get(at)) {
        None => Verdict::NotYet(format!("expected {} -> {statuses}, got no such action's return", call.text)),
        Some(event) if statuses.contain(event.status) => Verdict::Right,
        Some(event) => {
            Verdict::Wrong(format!("expected {} -> {statuses}, got {}", call.text, status_name(event.status)))
        }
    }
}

/// The events in a callback's thread between its beginning and its return, without those inside callbacks in it.
fn inside(events: &[Event], entered: usize) -> impl Iterator<Item = usize> {
    let thread = events.get(entered).map(|event| event.thread);
    let mut depth = 1_u32;
    let of_thread = events.iter().enumerate().skip(entered + 1).filter(move |(_, event)| Some(event.thread) == thread);
    of_thread
        .map_while(move |(at, event)| {
            depth = depth_after(depth, event);
            (depth > 0).then_some((depth, at))
        })
        .filter_map(|(depth, at)| (depth == 1).then_some(at))
}

/// The events after this place that are in no callback and not in the scenario's own thread.
fn outside(events: &[Event], after: usize, main_thread: Option<u64>) -> impl Iterator<Item = usize> {
    depths(events).zip(events).enumerate().filter_map(move |(at, (depth, event))| {
        (at > after && depth == 0 && Some(event.thread) != main_thread).then_some(at)
    })
}

/// In how many callbacks each event is: those that its thread is in, after it.
fn depths(events: &[Event]) -> impl Iterator<Item = u32> {
    let mut depths: HashMap<u64, u32> = HashMap::new();
    events.iter().map(move |event| {
        let depth = depths.entry(event.thread).or_default();
        *depth = depth_after(*depth, event);
        *depth
    })
}

fn depth_after(depth: u32, event: &Event) -> u32 {
    match event.kind {
        EventKind::Entered(_) => depth + 1,
        EventKind::Returns(_) => depth.saturating_sub(1),
        _ => depth,
    }
}

/// The actions that went wrong without anybody looking at them. `begun`: what the scenario's threads called; the journal does
/// not tell such calls from later actions.
pub(crate) fn judge_unseen(
    events: &[Event],
    seen: &HashSet<usize>,
    main_thread: Option<u64>,
    begun: &[(Routine, Subject)],
) -> Vec<String> {
    let mut wrong = vec![];
    for (at, (depth, event)) in depths(events).zip(events).enumerate() {
        let EventKind::Returned(routine) = event.kind else { continue };
        let is_begun = |(of, subject): &(Routine, Subject)| *of == routine && slot_of(*subject) == event.subject;
        let is_action = depth > 0 || (Some(event.thread) != main_thread && !begun.iter().any(is_begun));
        if is_action && !seen.contains(&at) && !UNSEEN_STATUSES.contains(&event.status) {
            let (verb, slot, got) = (verb_name(routine), show_slot(event.subject), status_name(event.status));
            wrong.push(format!(
                "{verb} {slot} in a callback, at which no inside looks: expected SUCCESS or PENDING, got {got}"
            ));
        }
    }
    wrong
}

fn slot_of(subject: Subject) -> u16 {
    if let Subject::Slot(slot) = subject { slot } else { u16::MAX }
}

/// What has begun and not returned yet, if there is such a thing: nothing is over before.
pub(crate) fn find_unreturned(events: &[Event]) -> Option<&Event> {
    let mut open: HashMap<u64, Vec<&Event>> = HashMap::new();
    for event in events {
        let of_thread = open.entry(event.thread).or_default();
        match event.kind {
            EventKind::Entered(_) | EventKind::Calls(_) => of_thread.push(event),
            EventKind::Returns(_) | EventKind::Returned(_) => drop(of_thread.pop()),
        }
    }
    open.into_values().filter_map(|of_thread| of_thread.into_iter().next_back()).min_by_key(|event| event.sequence)
}
