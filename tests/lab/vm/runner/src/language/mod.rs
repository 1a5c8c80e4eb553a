//! The language of scenarios (`tests/lab/vm/scenarios/README.md`): a file's text becomes statements in which every name, verb,
//! symbol and answer has been looked up. What can be wrong without running it is found here, with its line.
//!
//! Two passes: `written` takes lines apart, `resolving` puts slots for names. Between them all names that something is made
//! under are collected, for reactions may name what is made later.

mod calls;
pub(crate) mod comparison;
mod resolving;
mod short_forms;
mod sources;
mod spoken;
pub(crate) mod statuses;
mod uses;
pub(crate) mod values;
pub(crate) mod words;
mod written;

use clfs_client_interface::verbs::Verb;
use clfs_client_interface::{Callback, Manner, Place, Routine, Subject};

use crate::names::Names;
use comparison::Comparison;
use statuses::Statuses;
use values::Value;

/// One scenario.
#[derive(Debug)]
pub(crate) struct Scenario {
    pub(crate) only: Only,
    /// Whether it says where its sentence is from.
    pub(crate) has_source: bool,
    pub(crate) statements: Vec<Statement>,
    pub(crate) names: Names,
}

/// Where a scenario means something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Only {
    /// Everywhere.
    Everywhere,
    /// Where the open clfs.sys is alone.
    Open,
    /// Where clfsmgmt.sys is over another clfs.sys.
    Interposed,
    /// Where the management is ours.
    Ours,
}

/// One statement. A short form for several calls makes several, all of one line.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) line: usize,
    /// As it is written, without its comment.
    pub(crate) text: String,
    pub(crate) deed: Deed,
}

/// What a statement does.
#[derive(Debug)]
pub(crate) enum Deed {
    /// Calls a routine.
    Call(Call),
    /// Calls a routine again and again, until it answers what it must.
    Await(Call),
    /// Begins a call in a thread.
    Begin { thread: u16, call: Call },
    /// Waits for a thread's end.
    Join { thread: u16, answer: Option<Answer>, keeps: Vec<Keep> },
    /// Requires that a thread goes on.
    Running { thread: u16 },
    /// Keeps a number.
    Let { name: String, value: Value },
    /// Says what a client does in a callback.
    React { client: u16, callback: Callback, returns: i32, actions: Vec<(Place, Call)> },
    /// Requires a client's next callback.
    Expect { client: u16, expected: Expected<Value> },
    /// Requires that a client has no further callback.
    ExpectNothing { client: u16 },
    /// Lets a client's further callbacks be.
    Ignore { client: u16 },
    /// Requires an order.
    Order(Vec<Step>),
    /// Requires what an action of a callback answered.
    Inside { client: u16, callback: Callback, call: Step, place: Option<Place>, statuses: Statuses },
}

/// One call of a routine.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) verb: &'static Verb,
    pub(crate) manner: Manner,
    pub(crate) subject: Subject,
    pub(crate) numbers: Vec<Value>,
    pub(crate) text: String,
    /// What it must answer, if that is written.
    pub(crate) answer: Option<Answer>,
    pub(crate) keeps: Vec<Keep>,
}

/// What a call must answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) statuses: Statuses,
    pub(crate) conditions: Vec<Condition>,
}

/// What one answer must be.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    /// The answer's place in the verb's list.
    pub(crate) answer: usize,
    pub(crate) comparison: Comparison,
    pub(crate) against: Against,
}

/// What an answer is compared with.
#[derive(Clone, Debug)]
pub(crate) enum Against {
    Number(Value),
    Text(String),
}

/// An answer that is kept.
#[derive(Clone, Debug)]
pub(crate) struct Keep {
    pub(crate) name: String,
    /// The answer's place in the verb's list.
    pub(crate) answer: usize,
}

/// A callback as it must be.
#[derive(Debug)]
pub(crate) enum Expected<V> {
    AdvanceTail { targets: Vec<(Comparison, V)> },
    GrowthComplete { statuses: Statuses, is_pinned: Option<bool> },
    Unpinned,
}

impl<V> Expected<V> {
    /// Which callback it is.
    pub(crate) fn callback(&self) -> Callback {
        match self {
            Self::AdvanceTail { .. } => Callback::AdvanceTail,
            Self::GrowthComplete { .. } => Callback::GrowthComplete,
            Self::Unpinned => Callback::Unpinned,
        }
    }
}

/// One thing of an order: that it begins, or that it returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// As it is written.
    pub(crate) text: String,
    pub(crate) what: What,
    pub(crate) returns: bool,
}

/// Of what a step is the beginning or the return.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum What {
    Callback(u16, Callback),
    /// On this subject, or on any.
    Routine(Routine, Option<u16>),
}

/// Something wrong in a scenario's text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// From 1; 0: the whole file.
    pub(crate) line: usize,
    pub(crate) message: String,
}

impl Scenario {
    /// Reads a scenario. `folder` is one that its texts may have to hold: they must not get too long.
    ///
    /// # Errors
    /// All that is wrong in it.
    pub(crate) fn parse(text: &str, folder: &str) -> Result<Self, Vec<Fault>> {
        let (lines, mut faults) = written::read(text);
        let mut names = Names::default();
        for line in &lines {
            for (kind, name) in line.makes() {
                if let Err(message) = names.make(kind, name) {
                    faults.push(Fault { line: line.number, message });
                }
            }
        }
        let resolved = resolving::resolve(&lines, names, folder, &mut faults);
        // Only what has been understood can be said in vain.
        if faults.is_empty() {
            faults = uses::check(&resolved.statements);
        }
        faults.sort_by_key(|fault| fault.line);
        if faults.is_empty() { Ok(resolved) } else { Err(faults) }
    }
}

#[cfg(test)]
mod tests;
