//! That verdicts are right when they must be, and wrong when they must be.

use std::collections::HashSet;

use clfs_client_interface::verbs::Kind;
use clfs_client_interface::{Place, Routine, Subject};

use super::actions::{Actions, find_unreturned, judge_inside, judge_unseen};
use super::*;
use crate::language::comparison::Comparison;
use crate::language::statuses::Statuses;

const CLIENT: u16 = 1;
const MAIN: u64 = 100;
const WORKER: u64 = 200;
const LOG_PINNED: i32 = 0xC01A_002C_u32.cast_signed();

fn journal(kinds: &[(u64, EventKind, i32)]) -> Vec<Event> {
    (0..)
        .zip(kinds)
        .map(|(sequence, (thread, kind, status))| Event {
            sequence,
            kind: *kind,
            subject: CLIENT,
            thread: *thread,
            irql: 0,
            status: *status,
            target: 0x3_0000_0000,
            is_pinned: *status != 0,
            is_addressed_right: true,
        })
        .collect()
}

fn complete(status: i32) -> (u64, EventKind, i32) {
    (WORKER, EventKind::Entered(Callback::GrowthComplete), status)
}

fn asked() -> [(u64, EventKind, i32); 4] {
    [
        (WORKER, EventKind::Entered(Callback::AdvanceTail), 0),
        (WORKER, EventKind::Calls(Routine::AdvanceBase), 0),
        (WORKER, EventKind::Returned(Routine::AdvanceBase), LOG_PINNED),
        (WORKER, EventKind::Returns(Callback::AdvanceTail), 0x103),
    ]
}

fn completion(status: i32, is_pinned: bool) -> Expected<u64> {
    Expected::GrowthComplete { statuses: Statuses::OneOf(vec![status]), is_pinned: Some(is_pinned) }
}

fn step(what: What, returns: bool) -> Step {
    Step { text: format!("{what:?}"), what, returns }
}

fn names() -> Names {
    let mut names = Names::default();
    names.make(Kind::Client, "A").unwrap();
    names.make(Kind::Client, "B").unwrap();
    names
}

#[test]
fn the_callback_that_came_is_right() {
    let events = journal(&[complete(0)]);
    assert_eq!(judge_callback(&events, CLIENT, 0, &completion(0, false)), Verdict::Right);
}

#[test]
fn a_missing_callback_is_waited_for_and_named() {
    let Verdict::NotYet(message) = judge_callback(&[], CLIENT, 0, &completion(0, false)) else { panic!() };
    assert_eq!(message, "expected growth-complete SUCCESS unpinned, got no callback");
    let of_another = judge_callback(&journal(&[complete(0)]), 0, 0, &completion(0, false));
    assert!(matches!(of_another, Verdict::NotYet(_)));
}

#[test]
fn a_second_completion_is_never_taken_for_the_first() {
    let events = journal(&[complete(0), complete(0)]);
    assert_eq!(judge_callback(&events, CLIENT, 0, &completion(0, false)), Verdict::Right);
    assert_eq!(further_callback(&events, CLIENT, 1).as_deref(), Some("growth-complete SUCCESS unpinned"));
    assert_eq!(further_callback(&events, CLIENT, 2), None);
}

#[test]
fn a_wrong_status_or_pin_or_callback_is_wrong() {
    let events = journal(&[complete(LOG_PINNED)]);
    for expected in [completion(0, true), completion(LOG_PINNED, false), Expected::Unpinned] {
        assert!(matches!(judge_callback(&events, CLIENT, 0, &expected), Verdict::Wrong(_)), "{expected:?}");
    }
    assert_eq!(judge_callback(&events, CLIENT, 0, &completion(LOG_PINNED, true)), Verdict::Right);
}

#[test]
fn targets_are_compared() {
    let events = journal(&asked());
    let target = |comparison, than| Expected::AdvanceTail { targets: vec![(comparison, than)] };
    let judge = |expected| judge_callback(&events, CLIENT, 0, &expected);
    assert_eq!(judge(target(Comparison::More, 0x2_0000_0000)), Verdict::Right);
    assert_eq!(
        judge(target(Comparison::More, 0x3_0000_0000)),
        Verdict::Wrong("expected advance-tail target>3:0x0:0, got advance-tail target=3:0x0:0".to_owned())
    );
}

#[test]
fn an_order_holds_only_in_that_order() {
    let events = journal(&[asked().as_slice(), &[complete(0)]].concat());
    let ask = step(What::Callback(CLIENT, Callback::AdvanceTail), false);
    let advanced = step(What::Routine(Routine::AdvanceBase, None), true);
    let done = step(What::Callback(CLIENT, Callback::GrowthComplete), false);
    assert_eq!(judge_order(&events, &[ask.clone(), advanced.clone(), done.clone()]), Verdict::Right);
    assert!(matches!(judge_order(&events, &[done.clone(), advanced.clone()]), Verdict::NotYet(_)));
    assert!(matches!(judge_order(&events, &[advanced.clone(), advanced]), Verdict::NotYet(_)));
    let of_another = step(What::Callback(0, Callback::AdvanceTail), false);
    assert!(matches!(judge_order(&events, &[of_another, done]), Verdict::NotYet(_)));
}

#[test]
fn an_action_is_looked_at_only_inside_its_callback() {
    let call = (MAIN, EventKind::Returned(Routine::AdvanceBase), 0);
    let events = journal(&[asked().as_slice(), &[call]].concat());
    let advance = step(What::Routine(Routine::AdvanceBase, None), false);
    let actions = Actions { entered: 0, skipped: 0, place: Some(Place::Inside), main_thread: Some(MAIN) };
    let judge = |actions, status| judge_inside(&events, actions, &advance, &Statuses::OneOf(vec![status]));
    assert_eq!(judge(actions, LOG_PINNED), Verdict::Right);
    assert!(matches!(judge(actions, 0), Verdict::Wrong(_)));
    assert!(matches!(judge(Actions { skipped: 1, ..actions }, 0), Verdict::NotYet(_)));
    let later = Actions { place: Some(Place::Later), ..actions };
    assert!(matches!(judge(later, 0), Verdict::NotYet(_)), "the scenario's own call is no action");
    assert_eq!(judge(Actions { main_thread: None, ..later }, 0), Verdict::Right);
}

#[test]
fn what_a_callback_within_a_callback_does_belongs_to_it_alone() {
    let full = |kind: fn(Routine) -> EventKind| (WORKER, kind(Routine::HandleFull), 0);
    let nested = [asked()[0], full(EventKind::Calls)];
    let events = journal(&[nested.as_slice(), &asked(), &[full(EventKind::Returned), asked()[3]]].concat());
    let advance = step(What::Routine(Routine::AdvanceBase, None), false);
    let outer = Actions { entered: 0, skipped: 0, place: Some(Place::Inside), main_thread: None };
    assert!(matches!(judge_inside(&events, outer, &advance, &Statuses::Any), Verdict::NotYet(_)));
    let handle = step(What::Routine(Routine::HandleFull, None), false);
    assert_eq!(judge_inside(&events, outer, &handle, &Statuses::Any), Verdict::Right);
    let inner = Actions { entered: 2, ..outer };
    assert_eq!(judge_inside(&events, inner, &advance, &Statuses::Any), Verdict::Right);
    assert!(matches!(judge_inside(&events, inner, &handle, &Statuses::Any), Verdict::NotYet(_)));
}

#[test]
fn callbacks_with_wrong_arguments_or_too_high_are_told() {
    let mut events = journal(&[complete(0), complete(0)]);
    assert_eq!(judge_conduct(&events, &names()), Vec::<String>::new());
    events[0].is_addressed_right = false;
    events[1].irql = 2;
    assert_eq!(judge_conduct(&events, &names()).len(), 2);
}

#[test]
fn a_gap_in_the_journal_is_told() {
    let mut journal_read = Journal::default();
    let mut events = journal(&[complete(0), complete(0), complete(0)]);
    journal_read.add(events.drain(..1).collect()).unwrap();
    assert_eq!(journal_read.next(), 1);
    assert!(journal_read.add(events.split_off(1)).is_err());
}

#[test]
fn a_callback_of_nobody_or_without_a_position_is_told() {
    let mut events = journal(&asked());
    for target in [0, LSN_INVALID, u64::MAX] {
        events[0].target = target;
        assert_eq!(judge_conduct(&events, &names()).len(), 1, "{target:#x}");
    }
    let mut events = journal(&[complete(0)]);
    events[0].subject = u16::MAX;
    assert_eq!(
        judge_conduct(&events, &names()),
        ["growth-complete: expected callbacks of clients alone, got one of nobody"]
    );
}

#[test]
fn a_completion_routine_that_is_called_is_told_as_nobodys() {
    let mut events = journal(&[(WORKER, EventKind::Entered(Callback::SizeComplete), LOG_PINNED)]);
    events[0].subject = NOBODY;
    let told = ["expected that the completion routine of a resize is never called, got size-complete LOG_PINNED"];
    assert_eq!(judge_conduct(&events, &names()), told);
    assert_eq!(callbacks(&events, NOBODY).count(), 1);
    events[0].is_addressed_right = false;
    assert_eq!(judge_conduct(&events, &names()).len(), 2);
}

#[test]
fn an_action_that_fails_unseen_is_told() {
    let later =
        [(WORKER, EventKind::Calls(Routine::Append), 0), (WORKER, EventKind::Returned(Routine::Append), LOG_PINNED)];
    let own = later.map(|(_, kind, status)| (MAIN, kind, status));
    let events = journal(&[asked().as_slice(), &later, &own].concat());
    let unseen = |seen: &[usize], begun: &[(Routine, Subject)]| {
        judge_unseen(&events, &seen.iter().copied().collect::<HashSet<_>>(), Some(MAIN), begun).len()
    };
    assert_eq!(unseen(&[], &[]), 2);
    assert_eq!(unseen(&[2], &[]), 1);
    assert_eq!(unseen(&[2, 5], &[]), 0);
    assert_eq!(unseen(&[2], &[(Routine::Append, Subject::Slot(CLIENT))]), 0, "a thread's call is no action");
    assert_eq!(unseen(&[2], &[(Routine::Append, Subject::Slot(0))]), 1);
    let waiting =
        journal(&[asked()[0], asked()[1], (WORKER, EventKind::Returned(Routine::WaitGate), 0x102), asked()[3]]);
    assert_eq!(judge_unseen(&waiting, &HashSet::new(), Some(MAIN), &[]).len(), 1, "a time-out is no success");
}

#[test]
fn what_has_not_returned_is_not_over() {
    let events = journal(&asked());
    assert_eq!(find_unreturned(&events), None);
    let unreturned = |count: usize| find_unreturned(&events[..count]).map(|event| event.sequence);
    assert_eq!([unreturned(1), unreturned(2), unreturned(3)], [Some(0), Some(1), Some(0)]);
}
