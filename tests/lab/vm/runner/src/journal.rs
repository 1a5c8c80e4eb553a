//! The journal and what it proves: pure functions from events to verdicts. They know nothing of time: "not yet" becomes
//! "wrong" where nobody waits any longer.

pub(crate) mod actions;

use clfs_client_interface::{Callback, Event, EventKind};

use crate::language::statuses::status_name;
use crate::language::values::show_lsn;
use crate::language::{Expected, Step, What};
use crate::names::Names;

/// `APC_LEVEL`
const IRQL_MAX: u8 = 1;
/// `CLFS_LSN_INVALID`; every LSN is below it.
const LSN_INVALID: u64 = 0xFFFF_FFFF_0000_0000;

/// What the events say about an expectation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Right,
    /// Later events may make it right; what to say if they do not come.
    NotYet(String),
    Wrong(String),
}

/// All events since the last reset.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    events: Vec<Event>,
}

impl Journal {
    /// The events, in their order.
    pub(crate) fn events(&self) -> &[Event] {
        &self.events
    }

    /// The sequence of the next event.
    pub(crate) fn next(&self) -> u64 {
        u64::try_from(self.events.len()).unwrap_or(u64::MAX)
    }

    /// Adds what came.
    ///
    /// # Errors
    /// Events are missing between, and so whatever is said of the rest proves nothing.
    pub(crate) fn add(&mut self, events: Vec<Event>) -> Result<(), String> {
        for event in events {
            let next = self.next();
            if event.sequence != next {
                return Err(format!("the journal has a gap: event {next} expected, got event {}", event.sequence));
            }
            self.events.push(event);
        }
        Ok(())
    }
}

/// The callbacks of a client, in order, with their places in the journal.
pub(crate) fn callbacks(events: &[Event], client: u16) -> impl Iterator<Item = (usize, Callback, &Event)> {
    events.iter().enumerate().filter_map(move |(at, event)| match event.kind {
        EventKind::Entered(callback) if event.subject == client => Some((at, callback, event)),
        _ => None,
    })
}

/// What stands for a client where there is none.
pub(crate) const NOBODY: u16 = u16::MAX;

/// Whether the client's next callback, after the `seen` first ones, is this one.
pub(crate) fn judge_callback(events: &[Event], client: u16, seen: usize, expected: &Expected<u64>) -> Verdict {
    let wanted = describe_expected(expected);
    let Some((_, callback, event)) = callbacks(events, client).nth(seen) else {
        return Verdict::NotYet(format!("expected {wanted}, got no callback"));
    };
    let is_right = callback == expected.callback()
        && match expected {
            Expected::AdvanceTail { targets } => {
                targets.iter().all(|(comparison, than)| comparison.holds(event.target, *than))
            }
            Expected::GrowthComplete { statuses, is_pinned } => {
                statuses.contain(event.status) && is_pinned.is_none_or(|is_pinned| is_pinned == event.is_pinned)
            }
            Expected::Unpinned => true,
        };
    if is_right {
        Verdict::Right
    } else {
        Verdict::Wrong(format!("expected {wanted}, got {}", describe(callback, event)))
    }
}

/// The client's first callback after the `seen` first ones, if there is one.
pub(crate) fn further_callback(events: &[Event], client: u16, seen: usize) -> Option<String> {
    callbacks(events, client).nth(seen).map(|(_, callback, event)| describe(callback, event))
}

/// Whether these happened in this order, with anything between them.
pub(crate) fn judge_order(events: &[Event], steps: &[Step]) -> Verdict {
    let mut rest = events.iter();
    let mut before: Option<&str> = None;
    for step in steps {
        if !rest.any(|event| is_step(event, step)) {
            let after = before.map(|before| format!(" after {before}")).unwrap_or_default();
            return Verdict::NotYet(format!("expected {}{after}, got none in the rest of the journal", step.text));
        }
        before = Some(&step.text);
    }
    Verdict::Right
}

fn is_step(event: &Event, step: &Step) -> bool {
    let is_subject = |subject: Option<u16>| subject.is_none_or(|subject| subject == event.subject);
    match (event.kind, step.what, step.returns) {
        (EventKind::Entered(is), What::Callback(client, wanted), false)
        | (EventKind::Returns(is), What::Callback(client, wanted), true) => is == wanted && is_subject(Some(client)),
        (EventKind::Calls(is), What::Routine(wanted, subject), false)
        | (EventKind::Returned(is), What::Routine(wanted, subject), true) => is == wanted && is_subject(subject),
        _ => false,
    }
}

/// What must hold of every callback: all that breaks it.
pub(crate) fn judge_conduct(events: &[Event], names: &Names) -> Vec<String> {
    let mut wrong = vec![];
    for event in events {
        let EventKind::Entered(callback) = event.kind else { continue };
        if callback == Callback::SizeComplete {
            let got = describe(callback, event);
            wrong.push(format!("expected that the completion routine of a resize is never called, got {got}"));
        }
        let whose = format!("{} {}", names.client(event.subject), callback.name());
        if callback != Callback::SizeComplete && names.clients().all(|(client, _)| client != event.subject) {
            wrong.push(format!("{}: expected callbacks of clients alone, got one of nobody", callback.name()));
        }
        if callback == Callback::AdvanceTail && !(1..LSN_INVALID).contains(&event.target) {
            wrong.push(format!("{whose}: expected a target that is a position, got {}", show_lsn(event.target)));
        }
        if !event.is_addressed_right {
            wrong.push(format!("{whose}: expected the log file object and data that were registered, got others"));
        }
        if event.irql > IRQL_MAX {
            wrong.push(format!("{whose}: expected an IRQL of at most {IRQL_MAX}, got {}", event.irql));
        }
    }
    wrong
}

/// A callback as it is shown.
pub(crate) fn describe(callback: Callback, event: &Event) -> String {
    match callback {
        Callback::AdvanceTail => format!("advance-tail target={}", show_lsn(event.target)),
        Callback::GrowthComplete => {
            let pinned = if event.is_pinned { "pinned" } else { "unpinned" };
            format!("growth-complete {} {pinned}", status_name(event.status))
        }
        Callback::Unpinned => "unpinned".to_owned(),
        Callback::SizeComplete => format!("size-complete {}", status_name(event.status)),
    }
}

fn describe_expected(expected: &Expected<u64>) -> String {
    match expected {
        Expected::AdvanceTail { targets } => {
            targets.iter().fold("advance-tail".to_owned(), |text, (comparison, than)| {
                format!("{text} target{}{}", comparison.sign(), show_lsn(*than))
            })
        }
        Expected::GrowthComplete { statuses, is_pinned } => {
            let pinned = is_pinned.map_or("any", |is_pinned| if is_pinned { "pinned" } else { "unpinned" });
            format!("growth-complete {statuses} {pinned}")
        }
        Expected::Unpinned => "unpinned".to_owned(),
    }
}

/// An event as it is shown.
pub(crate) fn show(event: &Event, names: &Names) -> String {
    let client = || names.client(event.subject);
    let what = match event.kind {
        EventKind::Entered(callback) => format!("{} {}", client(), describe(callback, event)),
        EventKind::Returns(callback) => {
            format!("{} {} returns {}", client(), callback.name(), status_name(event.status))
        }
        EventKind::Calls(routine) => format!("{} {}", verb_name(routine), show_slot(event.subject)),
        EventKind::Returned(routine) => {
            format!("{} {} returns {}", verb_name(routine), show_slot(event.subject), status_name(event.status))
        }
    };
    format!("event {} thread {:#x}: {what}", event.sequence, event.thread)
}

fn verb_name(routine: clfs_client_interface::Routine) -> &'static str {
    clfs_client_interface::verbs::Verb::of(routine).map_or("?", |verb| verb.name)
}

fn show_slot(slot: u16) -> String {
    if slot == u16::MAX { "-".to_owned() } else { format!("(slot {slot})") }
}

#[cfg(test)]
mod tests;
