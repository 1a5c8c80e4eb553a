//! Calls as they are written: words, not yet slots. Short forms are expanded into these.

use clfs_client_interface::Manner;
use clfs_client_interface::verbs::{Kind, Verb};

use crate::language::short_forms;
use crate::language::words::{is_name, named, words};

/// One call, as it is written.
#[derive(Debug)]
pub(crate) struct Spoken {
    pub(crate) manner: Manner,
    pub(crate) verb: &'static Verb,
    pub(crate) subject: Option<String>,
    /// `name=value`.
    pub(crate) parameters: Vec<(String, String)>,
    pub(crate) tail: Tail,
}

/// What follows a call: `as …` and `-> …`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tail {
    /// The name of the kept number, and of the answer if it is not the first.
    pub(crate) keeps: Vec<(String, Option<String>)>,
    /// The words after the arrow.
    pub(crate) expected: Option<Vec<String>>,
}

/// The words before the tail.
#[derive(Debug)]
pub(crate) struct Head<'l> {
    /// Those that are not `name=value`.
    pub(crate) plain: Vec<&'l str>,
    pub(crate) named: Vec<(&'l str, &'l str)>,
}

impl Spoken {
    /// A call of this verb; the verb is one of the table.
    pub(crate) fn new(verb: &str, subject: &str) -> Result<Self, String> {
        let verb = Verb::named(verb).ok_or_else(|| format!("{verb} is no verb"))?;
        Ok(Self {
            manner: Manner::PLAIN,
            verb,
            subject: Some(subject.to_owned()),
            parameters: vec![],
            tail: Tail::default(),
        })
    }

    /// With one more parameter.
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.parameters.push((name.to_owned(), value.into()));
        self
    }

    /// With all of these.
    pub(crate) fn with_all(self, named: &[(&str, &str)]) -> Self {
        named.iter().fold(self, |spoken, (name, value)| spoken.with(name, *value))
    }

    /// What is made under a name by this call, and the name.
    pub(crate) fn makes(&self) -> Option<(Kind, &str)> {
        let makes =
            ["create-log", "create-area", "register", "read", "open-gate", "wait-gate"].contains(&self.verb.name);
        let subject = self.subject.as_deref().filter(|subject| is_name(subject) && *subject != "null")?;
        makes.then_some((self.verb.subject, subject))
    }
}

/// The calls that a line stands for, without `thread T:` before it.
pub(crate) fn parse(line: &str) -> Result<Vec<Spoken>, String> {
    let (manner, line) = parse_manner(line);
    let all = words(line);
    let end = all.iter().position(|word| ["as", "->"].contains(word)).unwrap_or(all.len());
    let (head, tail) = all.split_at(end);
    let (&verb, arguments) = head.split_first().ok_or("there is no verb")?;
    let head = Head {
        plain: arguments.iter().copied().filter(|word| named(word).is_none()).collect(),
        named: arguments.iter().filter_map(|word| named(word)).collect(),
    };
    let tail = parse_tail(tail)?;
    let mut calls = match short_forms::expand(verb, &head)? {
        Some(calls) => calls,
        None => vec![parse_verb(verb, &head)?],
    };
    match calls.as_mut_slice() {
        [call] => {
            call.manner = manner;
            let expected = tail.expected.or_else(|| call.tail.expected.take());
            call.tail = Tail { expected, ..tail };
        }
        _ if tail != Tail::default() || manner != Manner::PLAIN => {
            return Err(format!("{verb} stands for several calls, all of which must succeed; write them out instead"));
        }
        _ => {}
    }
    Ok(calls)
}

fn parse_manner(mut line: &str) -> (Manner, &str) {
    let mut manner = Manner::PLAIN;
    loop {
        line = line.trim_start();
        if let Some(rest) = line.strip_prefix("guarded:") {
            manner.0 |= Manner::GUARDED.0;
            line = rest;
        } else if let Some(rest) = line.strip_prefix("critical:") {
            manner.0 |= Manner::CRITICAL.0;
            line = rest;
        } else if let Some(rest) = line.strip_prefix("top-level:") {
            manner.0 |= Manner::TOP_LEVEL.0;
            line = rest;
        } else {
            return (manner, line);
        }
    }
}

fn parse_verb(name: &str, head: &Head<'_>) -> Result<Spoken, String> {
    let verb = Verb::named(name).ok_or_else(|| format!("{name} is no verb, and begins no statement"))?;
    let subject = match (verb.subject, head.plain.as_slice()) {
        (Kind::Nothing, []) => None,
        (Kind::Nothing, [word, ..]) => return Err(format!("{name} acts on nothing; what is {word}?")),
        (_, [subject]) => Some((*subject).to_owned()),
        (_, []) => return Err(format!("on what? {name} needs a subject (a name, or null)")),
        (_, [_, word, ..]) => return Err(format!("{name} has one subject; what is {word}?")),
    };
    let spoken = Spoken { manner: Manner::PLAIN, verb, subject, parameters: vec![], tail: Tail::default() };
    Ok(spoken.with_all(&head.named))
}

/// Reads `as $a $b=answer` and `-> STATUS answer>=2`, in either order.
pub(crate) fn parse_tail(words: &[&str]) -> Result<Tail, String> {
    let mut tail = Tail::default();
    let mut is_keeping = false;
    for word in words {
        match (*word, is_keeping, &mut tail.expected) {
            ("->", _, Some(_)) => return Err("there are two arrows".to_owned()),
            ("->", _, expected) => {
                *expected = Some(vec![]);
                is_keeping = false;
            }
            ("as", ..) => is_keeping = true,
            (kept, true, _) => tail.keeps.push(parse_keep(kept)?),
            (condition, false, Some(conditions)) => conditions.push(condition.to_owned()),
            (word, false, None) => return Err(format!("what is {word}?")),
        }
    }
    if tail.expected.as_ref().is_some_and(Vec::is_empty) {
        return Err("no status after the arrow".to_owned());
    }
    if words.contains(&"as") && tail.keeps.is_empty() {
        return Err("no $name after as".to_owned());
    }
    Ok(tail)
}

fn parse_keep(word: &str) -> Result<(String, Option<String>), String> {
    let kept = word.strip_prefix('$').ok_or_else(|| format!("{word}: what is kept is written $name"))?;
    let (name, answer) = kept.split_once('=').map_or((kept, None), |(name, answer)| (name, Some(answer)));
    Ok((super::values::variable(name)?.to_owned(), answer.map(str::to_owned)))
}
