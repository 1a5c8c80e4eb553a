//! Lines as they are written, taken apart: which statement each is, and its words.

use clfs_client_interface::verbs::Kind;
use clfs_client_interface::{Callback, Place};

use crate::language::sources;
use crate::language::spoken::{self, Spoken, Tail};
use crate::language::statuses::{Statuses, parse_status};
use crate::language::values::variable;
use crate::language::words::{first_word, is_name, split, without_comment, words};
use crate::language::{Fault, Only};

/// `STATUS_PENDING`
const PENDING: i32 = 0x103;

/// What changes nothing, and so may be done again and again.
const LOOKS: [&str; 7] =
    ["information", "scan-containers", "container-name", "query-policy", "pins", "statistics", "resources"];

/// One line with a statement.
#[derive(Debug)]
pub(super) struct Line {
    /// From 1.
    pub(super) number: usize,
    /// Without its comment.
    pub(super) text: String,
    pub(super) written: Written,
}

/// A statement with names, not slots.
#[derive(Debug)]
pub(super) enum Written {
    Only(Only),
    Source,
    Calls(Vec<Spoken>),
    Await(Spoken),
    Begin { thread: String, call: Spoken },
    Join { thread: String, tail: Tail },
    Running { thread: String },
    Let { name: String, value: String },
    React { client: String, callback: Callback, returns: i32, actions: Vec<(Place, Spoken)> },
    Expect { client: String, callback: Callback, rest: Vec<String> },
    ExpectNothing { client: String },
    Ignore { client: String },
    Order(Vec<String>),
    Inside { client: String, callback: Callback, call: String, statuses: Statuses },
}

impl Line {
    /// What is made under which names.
    pub(super) fn makes(&self) -> impl Iterator<Item = (Kind, &str)> {
        let calls: Vec<&Spoken> = match &self.written {
            Written::Calls(calls) => calls.iter().collect(),
            Written::Begin { call, .. } | Written::Await(call) => vec![call],
            Written::React { actions, .. } => actions.iter().map(|(_, call)| call).collect(),
            _ => vec![],
        };
        calls.into_iter().filter_map(Spoken::makes)
    }
}

/// All statements of a text, and what is wrong.
pub(super) fn read(text: &str) -> (Vec<Line>, Vec<Fault>) {
    let (mut lines, mut faults) = (vec![], vec![]);
    // Some editors on Windows begin a file with a mark of its encoding.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (number, line) in (1..).zip(text.lines()) {
        match without_comment(line).and_then(|text| Ok((text, parse(text)?))) {
            Ok((text, Some(written))) => lines.push(Line { number, text: text.to_owned(), written }),
            Ok((_, None)) => {}
            Err(message) => faults.push(Fault { line: number, message }),
        }
    }
    (lines, faults)
}

fn parse(line: &str) -> Result<Option<Written>, String> {
    let (word, rest) = first_word(line);
    Ok(Some(match word {
        "" => return Ok(None),
        "source:" => sources::check(rest).map(|()| Written::Source)?,
        "only:" => Written::Only(parse_only(rest)?),
        "eventually:" => parse_await(rest)?,
        "thread" => parse_begin(rest)?,
        "join" => parse_join(rest)?,
        "running" => Written::Running { thread: one_name(rest, "running T")? },
        "let" => parse_let(rest)?,
        "on" => parse_reaction(rest)?,
        "expect" => parse_expect(rest)?,
        "ignore" => Written::Ignore { client: one_name(rest, "ignore A")? },
        "order:" => Written::Order(split(rest, |c| c == ',').into_iter().map(str::to_owned).collect()),
        "inside" => parse_inside(rest)?,
        _ => Written::Calls(spoken::parse(line)?),
    }))
}

fn parse_only(rest: &str) -> Result<Only, String> {
    match rest {
        "open" => Ok(Only::Open),
        "interposed" => Ok(Only::Interposed),
        "ours" => Ok(Only::Ours),
        _ => Err("it is: only: open, only: interposed or only: ours".to_owned()),
    }
}

fn one_name(rest: &str, form: &str) -> Result<String, String> {
    if is_name(rest) { Ok(rest.to_owned()) } else { Err(format!("it is: {form}")) }
}

/// What stands before the first colon, and after it.
fn before_colon<'l>(rest: &'l str, form: &str) -> Result<(&'l str, &'l str), String> {
    let (before, after) = rest.split_once(':').ok_or_else(|| format!("it is: {form}"))?;
    Ok((before.trim(), after.trim()))
}

fn parse_begin(rest: &str) -> Result<Written, String> {
    let (thread, call) = before_colon(rest, "thread T: VERB …")?;
    let thread = one_name(thread, "thread T: VERB …")?;
    let mut calls = spoken::parse(call)?;
    match (calls.pop(), calls.is_empty()) {
        (Some(call), true) => Ok(Written::Begin { thread, call }),
        _ => Err("a thread makes one call".to_owned()),
    }
}

fn parse_await(rest: &str) -> Result<Written, String> {
    let mut calls = spoken::parse(rest)?;
    let call = calls.pop().filter(|call| calls.is_empty() && call.tail.expected.is_some());
    let is_any = |call: &Spoken| call.tail.expected.iter().flatten().next().is_some_and(|status| status == "any");
    if call.as_ref().is_some_and(is_any) {
        return Err("whatever it answers is right: nothing is waited for".to_owned());
    }
    if let Some(call) = call.as_ref().filter(|call| !LOOKS.contains(&call.verb.name)) {
        return Err(format!("{} changes something: done again it is not what was awaited", call.verb.name));
    }
    call.map(Written::Await).ok_or_else(|| "it is: eventually: VERB … -> STATUS …, one call".to_owned())
}

fn parse_join(rest: &str) -> Result<Written, String> {
    let (thread, tail) = first_word(rest);
    Ok(Written::Join { thread: one_name(thread, "join T [-> STATUS …]")?, tail: spoken::parse_tail(&words(tail))? })
}

fn parse_let(rest: &str) -> Result<Written, String> {
    let (name, value) = rest.split_once('=').ok_or("it is: let $x = value")?;
    let name = name.trim().strip_prefix('$').ok_or("it is: let $x = value")?;
    Ok(Written::Let { name: variable(name)?.to_owned(), value: value.trim().to_owned() })
}

/// The callback of a client that a word says.
pub(super) fn parse_callback(word: &str) -> Result<Callback, String> {
    if word == Callback::SizeComplete.name() {
        return Err(format!("{word} is of no client, and cannot be expected: a scenario in which it comes fails"));
    }
    let found = Callback::OF_CLIENTS.into_iter().find(|callback| callback.name() == word);
    found.ok_or_else(|| format!("{word} is no callback: advance-tail, growth-complete, unpinned"))
}

/// `A advance-tail`
fn parse_client_callback(text: &str) -> Result<(String, Callback), String> {
    let (client, callback) = first_word(text);
    Ok((one_name(client, "A CALLBACK, A a client's name")?, parse_callback(callback)?))
}

fn parse_reaction(rest: &str) -> Result<Written, String> {
    let (whose, what) = before_colon(rest, "on A CALLBACK: action; action; return STATUS")?;
    let (client, callback) = parse_client_callback(whose)?;
    let (mut returns, mut actions) = (None, vec![]);
    for part in split(what, |c| c == ';') {
        let (word, after) = first_word(part);
        match word {
            // Nothing is done: needed after another line, the last of which stays.
            "" if what.is_empty() => {}
            "" => return Err("there is an empty action".to_owned()),
            _ if returns.is_some() => return Err("return comes last".to_owned()),
            "return" if callback == Callback::AdvanceTail => returns = Some(parse_status(after)?),
            "return" => return Err(format!("{} returns nothing", callback.name())),
            "later:" => add_actions(&mut actions, Place::Later, after)?,
            _ => add_actions(&mut actions, Place::Inside, part)?,
        }
    }
    Ok(Written::React { client, callback, returns: returns.unwrap_or(PENDING), actions })
}

fn add_actions(actions: &mut Vec<(Place, Spoken)>, place: Place, text: &str) -> Result<(), String> {
    if words(text).iter().any(|word| ["as", "->"].contains(word)) {
        return Err(
            "an action has no -> and no as; inside A CALLBACK: VERB -> STATUS looks at what it answered".to_owned()
        );
    }
    actions.extend(spoken::parse(text)?.into_iter().map(|call| (place, Spoken { tail: Tail::default(), ..call })));
    Ok(())
}

fn parse_expect(rest: &str) -> Result<Written, String> {
    let mut all = words(rest).into_iter();
    let client = one_name(all.next().unwrap_or_default(), "expect A CALLBACK …")?;
    let callback = all.next().ok_or("it is: expect A CALLBACK …, or expect A nothing")?;
    let rest: Vec<String> = all.map(str::to_owned).collect();
    if callback == "nothing" {
        return if rest.is_empty() {
            Ok(Written::ExpectNothing { client })
        } else {
            Err(format!("what is {}?", rest.join(" ")))
        };
    }
    Ok(Written::Expect { client, callback: parse_callback(callback)?, rest })
}

fn parse_inside(rest: &str) -> Result<Written, String> {
    let form = "inside A CALLBACK: VERB [NAME] -> STATUS";
    let (whose, what) = before_colon(rest, form)?;
    let (client, callback) = parse_client_callback(whose)?;
    let (call, status) = what.split_once("->").map_or((what, "SUCCESS"), |(call, status)| (call.trim(), status.trim()));
    if words(status).len() != 1 {
        return Err(format!("it is: {form}; of an action only the status is known"));
    }
    Ok(Written::Inside { client, callback, call: call.to_owned(), statuses: Statuses::parse(status)? })
}
