//! What a scenario says in vain, or in more than one meaning: all of it would let it pass although something was wrong.

use std::collections::HashSet;

use clfs_client_interface::{Callback, Place, Routine, Subject};

use crate::language::values::Value;
use crate::language::{Against, Answer, Call, Deed, Expected, Fault, Keep, Statement, What};

/// All such faults of these statements.
pub(super) fn check(statements: &[Statement]) -> Vec<Fault> {
    let mut faults = unused_numbers(statements);
    faults.extend(reactions_that_nobody_expects(statements));
    faults.extend(insides_of_two_meanings(statements));
    faults
}

fn fault(statement: &Statement, message: String) -> Fault {
    Fault { line: statement.line, message }
}

/// What is kept is kept for a comparison: without one, the comparison is missing.
fn unused_numbers(statements: &[Statement]) -> Vec<Fault> {
    let used: HashSet<&str> =
        statements.iter().flat_map(|statement| values(&statement.deed)).filter_map(Value::needs).collect();
    let kept =
        statements.iter().flat_map(|statement| kept(&statement.deed).into_iter().map(move |name| (statement, name)));
    kept.filter(|(_, name)| !used.contains(name))
        .map(|(statement, name)| fault(statement, format!("${name} is kept, and not used")))
        .collect()
}

fn kept(deed: &Deed) -> Vec<&str> {
    match deed {
        Deed::Call(call) | Deed::Await(call) | Deed::Begin { call, .. } => names(&call.keeps),
        Deed::Join { keeps, .. } => names(keeps),
        Deed::Let { name, .. } => vec![name],
        _ => vec![],
    }
}

fn names(keeps: &[Keep]) -> Vec<&str> {
    keeps.iter().map(|keep| keep.name.as_str()).collect()
}

fn values(deed: &Deed) -> Vec<&Value> {
    match deed {
        Deed::Call(call) | Deed::Await(call) | Deed::Begin { call, .. } => values_of_call(call),
        Deed::Join { answer, .. } => answer.iter().flat_map(values_of_answer).collect(),
        Deed::Let { value, .. } => vec![value],
        Deed::React { actions, .. } => actions.iter().flat_map(|(_, call)| values_of_call(call)).collect(),
        Deed::Expect { expected: Expected::AdvanceTail { targets }, .. } => {
            targets.iter().map(|(_, value)| value).collect()
        }
        _ => vec![],
    }
}

fn values_of_call(call: &Call) -> Vec<&Value> {
    call.numbers.iter().chain(call.answer.iter().flat_map(values_of_answer)).collect()
}

fn values_of_answer(answer: &Answer) -> Vec<&Value> {
    let numbers = answer.conditions.iter().filter_map(|condition| match &condition.against {
        Against::Number(value) => Some(value),
        Against::Text(_) => None,
    });
    numbers.collect()
}

/// A reaction to what never comes does nothing, and whatever was to be shown by it is not shown.
fn reactions_that_nobody_expects(statements: &[Statement]) -> Vec<Fault> {
    let mut faults = vec![];
    for statement in statements {
        let Deed::React { client, callback, actions, .. } = &statement.deed else { continue };
        if !actions.is_empty() && !statements.iter().any(|other| requires(&other.deed, *client, *callback)) {
            let message =
                format!("no {} of this client is expected, so what is done in it may never be done", callback.name());
            faults.push(fault(statement, message));
        }
    }
    faults
}

fn requires(deed: &Deed, client: u16, callback: Callback) -> bool {
    match deed {
        Deed::Expect { client: of, expected } => *of == client && expected.callback() == callback,
        Deed::Order(steps) => steps.iter().any(|step| step.what == What::Callback(client, callback)),
        _ => false,
    }
}

/// The journal does not tell an action that is done later from a thread's call of the same kind.
fn insides_of_two_meanings(statements: &[Statement]) -> Vec<Fault> {
    let begun: Vec<(Routine, Subject)> = statements
        .iter()
        .filter_map(|statement| match &statement.deed {
            Deed::Begin { call, .. } => Some((call.verb.routine, call.subject)),
            _ => None,
        })
        .collect();
    let is_both = |statement: &&Statement| match &statement.deed {
        Deed::Inside { call, place, .. } if *place != Some(Place::Inside) => {
            begun.iter().any(|begun| is_call(call.what, *begun))
        }
        _ => false,
    };
    let message = "a thread makes such a call too: which of them is meant cannot be told";
    statements.iter().filter(is_both).map(|statement| fault(statement, message.to_owned())).collect()
}

fn is_call(what: What, (routine, subject): (Routine, Subject)) -> bool {
    matches!(what, What::Routine(wanted, slot) if wanted == routine && slot.is_none_or(|slot| subject == Subject::Slot(slot)))
}

#[cfg(test)]
mod tests {
    use crate::language::Scenario;

    const BEFORE: &str = "log L\nclient A on L\ninstall L maximum-size 2\n";

    fn faults(text: &str) -> Vec<usize> {
        let faults = Scenario::parse(&format!("{BEFORE}{text}"), r"\??\C:\x").err().unwrap_or_default();
        faults.iter().map(|fault| fault.line).collect()
    }

    #[test]
    fn a_number_that_is_kept_is_used() {
        assert_eq!(faults("append L as $x"), [4]);
        assert_eq!(faults("let $x = 5\nthread T: append L\njoin T as $y"), [4, 6]);
        assert_eq!(faults("append L as $x\nlet $y = $x+1c\nappend L -> SUCCESS lsn!=$y"), []);
        assert_eq!(faults("append L as $x\nexpect A advance-tail target>$x"), []);
        assert_eq!(faults("append L as $x\non A advance-tail: advance-base L lsn=$x\nexpect A advance-tail"), []);
    }

    #[test]
    fn what_is_done_in_a_callback_is_done_in_one_that_must_come() {
        assert_eq!(faults("on A unpinned: append L"), [4]);
        assert_eq!(faults("on A unpinned: append L\nexpect A growth-complete SUCCESS any\nignore A"), [4]);
        assert_eq!(faults("on A unpinned: append L\nexpect A unpinned"), []);
        assert_eq!(faults("on A unpinned: append L\norder: handle-full A, A unpinned"), []);
        assert_eq!(faults("on A advance-tail: return ACCESS_DENIED"), []);
    }

    #[test]
    fn a_later_action_is_no_call_of_a_thread() {
        let text = |call| {
            format!(
                "on A advance-tail: later: append L\nthread T: {call}\nexpect A advance-tail\ninside A advance-tail: append L"
            )
        };
        assert_eq!(faults(&text("append L")), [7]);
        assert_eq!(faults(&text("flush L")), []);
    }
}
