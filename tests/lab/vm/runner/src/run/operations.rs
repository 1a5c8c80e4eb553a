//! Statements into the interface's records, and outcomes against what was expected. Pure.

use std::collections::HashMap;

use clfs_client_interface::{Operand, Operation, Outcome};

use crate::language::Call;
use crate::language::comparison::Comparison;
use crate::language::statuses::{Statuses, status_name};
use crate::language::values::{Anchor, Shift, Value, shift_containers, show_lsn};
use clfs_client_interface::verbs::Verb;

/// The numbers that were kept.
pub(crate) type Kept = HashMap<String, u64>;

/// The operation of a call.
pub(crate) fn operation(call: &Call, kept: &Kept, folder: &str) -> Result<Operation, String> {
    let mut operation = Operation::new(call.verb.routine, call.subject);
    operation.manner = call.manner;
    for (operand, value) in operation.numbers.iter_mut().zip(&call.numbers) {
        *operand = match value {
            Value::Position(Anchor::Base(log), containers) => Operand::Base(*log, *containers),
            Value::Position(Anchor::Last(log), containers) => Operand::Last(*log, *containers),
            Value::Position(Anchor::Target, containers) => Operand::Target(*containers),
            Value::Number(number) => Operand::Number(*number),
            Value::Kept(name, shift) => Operand::Number(shifted(kept, name, *shift)?),
        };
    }
    let text = call.text.replace("{folder}", folder);
    operation.set_text(&text).map_err(|_| format!("the text is too long: {text}"))?;
    Ok(operation)
}

/// A kept number, moved.
pub(crate) fn shifted(kept: &Kept, name: &str, shift: Shift) -> Result<u64, String> {
    let number = *kept.get(name).ok_or_else(|| format!("${name} has no value yet"))?;
    match shift {
        Shift::By(by) => {
            number.checked_add_signed(by).ok_or_else(|| format!("${name} is {number}: {by} more is no number"))
        }
        Shift::Containers(containers) => shift_containers(number, containers),
    }
}

/// What a call must answer, all values known.
#[derive(Clone, Debug)]
pub(crate) struct KnownAnswer {
    pub(crate) statuses: Statuses,
    pub(crate) conditions: Vec<KnownCondition>,
}

/// What one answer must be.
#[derive(Clone, Debug)]
pub(crate) struct KnownCondition {
    pub(crate) answer: usize,
    pub(crate) comparison: Comparison,
    pub(crate) against: Known,
}

/// What an answer is compared with.
#[derive(Clone, Debug)]
pub(crate) enum Known {
    Number(u64),
    Text(String),
}

/// What is wrong with an outcome, if anything is.
pub(crate) fn judge_outcome(verb: &Verb, outcome: &Outcome, answer: &KnownAnswer) -> Result<(), String> {
    if !answer.statuses.contain(outcome.status) {
        return Err(format!("expected {}, got {}", answer.statuses, status_name(outcome.status)));
    }
    for condition in &answer.conditions {
        let (holds, than) = match &condition.against {
            Known::Number(than) => {
                let number = outcome.numbers.get(condition.answer).copied().unwrap_or_default();
                (condition.comparison.holds(number, *than), show_number(verb, condition.answer, *than))
            }
            Known::Text(than) => (condition.comparison.holds_for_text(outcome.text(), than), format!("\"{than}\"")),
        };
        if !holds {
            let name = answer_name(verb, condition.answer);
            let sign = condition.comparison.sign();
            return Err(format!("expected {name}{sign}{than}, got {}", show_answers(verb, outcome, "").join(" ")));
        }
    }
    Ok(())
}

fn answer_name(verb: &Verb, answer: usize) -> &'static str {
    verb.answers.get(answer).map_or("?", |name| name.trim_start_matches('#'))
}

/// Whether this answer is a position in a log.
fn is_lsn(verb: &Verb, answer: usize) -> bool {
    match answer_name(verb, answer) {
        "lsn" | "base" | "flushed" | "restart" | "archive-tail" | "target" | "undo-next" | "previous" => true,
        "last" => verb.name == "information",
        _ => false,
    }
}

fn show_number(verb: &Verb, answer: usize, number: u64) -> String {
    if is_lsn(verb, answer) { show_lsn(number) } else { number.to_string() }
}

/// Answers that are addresses, or count what other parts of the system do too.
fn is_stable(verb: &Verb, name: &str) -> bool {
    name != "cookie" && !["resources", "io-statistics"].contains(&verb.name)
}

/// All answers as `name=value`; `folder` is shown as `{folder}`.
pub(crate) fn show_answers(verb: &Verb, outcome: &Outcome, folder: &str) -> Vec<String> {
    let all = verb.answers.iter().zip(outcome.numbers).enumerate();
    all.map(|(at, (name, number))| match name.strip_prefix('#') {
        Some(name) if folder.is_empty() => format!("{name}=\"{}\"", outcome.text()),
        Some(name) => format!("{name}=\"{}\"", hide_folder(outcome.text(), folder)),
        None => format!("{name}={}", show_number(verb, at, number)),
    })
    .collect()
}

/// A path without the scenario's folder, in whatever form and case a driver tells it: as it was given, with a drive, or on
/// a device. Managements are compared by runs in folders of their own.
fn hide_folder(text: &str, folder: &str) -> String {
    let with_drive = folder.strip_prefix(r"\??\").unwrap_or(folder);
    let without_drive = with_drive.get(2..).unwrap_or(with_drive);
    let (lower, forms) = (text.to_ascii_lowercase(), [folder, with_drive, without_drive]);
    let found = forms.into_iter().find_map(|form| Some((lower.find(&form.to_ascii_lowercase())?, form.len())));
    found.map_or(text.to_owned(), |(at, length)| format!("{}{{folder}}{}", &text[..at], &text[at + length..]))
}

/// A status and those answers that are the same in every run on the same system.
pub(crate) fn show_outcome(verb: &Verb, outcome: &Outcome, folder: &str) -> String {
    let answers = show_answers(verb, outcome, folder).into_iter();
    let stable = answers.filter(|answer| is_stable(verb, answer.split('=').next().unwrap_or_default()));
    [status_name(outcome.status)].into_iter().chain(stable).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::{Deed, Scenario};

    const FOLDER: &str = r"\??\C:\clfsvm\open\x";

    fn calls(text: &str) -> Scenario {
        Scenario::parse(text, FOLDER).unwrap()
    }

    fn operation_of(scenario: &Scenario, at: usize, kept: &Kept) -> Result<Operation, String> {
        let Deed::Call(call) = &scenario.statements[at].deed else { panic!() };
        operation(call, kept, FOLDER)
    }

    fn outcome(status: i32, numbers: &[u64]) -> Outcome {
        let mut outcome = Outcome::of_status(status);
        outcome.numbers[..numbers.len()].copy_from_slice(numbers);
        outcome
    }

    fn judge(verb: &str, outcome: &Outcome, conditions: &[(usize, Comparison, Known)]) -> Result<(), String> {
        let conditions = conditions.iter().cloned();
        let conditions = conditions.map(|(answer, comparison, against)| KnownCondition { answer, comparison, against });
        let answer = KnownAnswer { statuses: Statuses::success(), conditions: conditions.collect() };
        judge_outcome(Verb::named(verb).unwrap(), outcome, &answer)
    }

    #[test]
    fn operands_and_texts_are_those_of_the_statement() {
        let scenario = calls("log L\nlet $x = 5\nwrite-restart L base=base(L)+1c size=$x+2");
        let kept = Kept::from([("x".to_owned(), 5)]);
        let restart = operation_of(&scenario, 4, &kept).unwrap();
        assert_eq!(restart.numbers[..2], [Operand::Number(7), Operand::Base(0, 1)]);
        assert_eq!(operation_of(&scenario, 0, &kept).unwrap().text(), r"LOG:\??\C:\clfsvm\open\x\L");
        assert!(operation_of(&scenario, 4, &Kept::new()).is_err());
        assert!(shifted(&kept, "x", Shift::By(-6)).is_err(), "below zero everything is more than it");
    }

    #[test]
    fn a_wrong_status_or_answer_is_wrong() {
        let total = |comparison| [(0, comparison, Known::Number(4))];
        assert_eq!(judge("information", &outcome(0, &[4]), &total(Comparison::Equal)), Ok(()));
        assert!(judge("information", &outcome(0, &[5]), &total(Comparison::Equal)).is_err());
        assert!(judge("information", &outcome(0x103, &[4]), &total(Comparison::Equal)).is_err());
        let name = [(0, Comparison::EndsWith, Known::Text(r"\L-1".to_owned()))];
        let mut named = outcome(0, &[]);
        named.set_text(r"C:\L-1");
        assert_eq!(judge("container-name", &named, &name), Ok(()));
        named.set_text(r"C:\L-2");
        assert!(judge("container-name", &named, &name).is_err());
    }

    #[test]
    fn outcomes_show_positions_and_leave_addresses_out() {
        let shown = |verb: &str, outcome| show_outcome(Verb::named(verb).unwrap(), &outcome, FOLDER);
        assert_eq!(shown("append", outcome(0, &[0x2_0000_0401, 8])), "SUCCESS lsn=2:0x400:1 reserved=8");
        assert_eq!(shown("register", outcome(0, &[0xFFFF_8000_1234_0000])), "SUCCESS");
        let mut named = outcome(0, &[]);
        named.set_text(r"\??\C:\clfsvm\open\x\L-1");
        assert_eq!(shown("container-name", named), r#"SUCCESS name="{folder}\L-1""#);
        for (text, expected) in [
            (r"c:\CLFSVM\open\x\L-1", r"{folder}\L-1"),
            (r"\Device\HarddiskVolume3\clfsvm\open\x\L-1", r"\Device\HarddiskVolume3{folder}\L-1"),
            (r"%BLF%\L-1", r"%BLF%\L-1"),
        ] {
            assert_eq!(hide_folder(text, FOLDER), expected);
        }
    }
}
