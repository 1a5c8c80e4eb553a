//! Slots for names: lines as they are written become statements. Variables, threads and their order are looked at too.

use std::collections::{HashMap, HashSet};

use clfs_client_interface::verbs::{Kind, Verb};
use clfs_client_interface::{Callback, Place, Reaction, Routine};

use crate::language::comparison::Comparison;
use crate::language::spoken::{Spoken, Tail};
use crate::language::statuses::Statuses;
use crate::language::values::Value;
use crate::language::words::words;
use crate::language::written::{Line, Written, parse_callback};
use crate::language::{Call, Deed, Expected, Fault, Only, Scenario, Statement, Step, What};
use crate::names::Names;

/// The scenario of these lines; what is wrong is added to `faults`.
pub(super) fn resolve(lines: &[Line], names: Names, folder: &str, faults: &mut Vec<Fault>) -> Scenario {
    let mut resolver =
        Resolver { names, folder, kept: HashSet::new(), threads: HashMap::new(), reactions: vec![], expected: vec![] };
    let mut scenario =
        Scenario { only: Only::Everywhere, has_source: false, statements: vec![], names: Names::default() };
    for line in lines {
        if let Err(message) = header(&mut scenario, &line.written) {
            faults.push(Fault { line: line.number, message });
        }
        match resolver.deeds(&line.written) {
            Ok(deeds) => scenario.statements.extend(deeds.into_iter().map(|deed| Statement {
                line: line.number,
                text: line.text.clone(),
                deed,
            })),
            Err(message) => faults.push(Fault { line: line.number, message }),
        }
    }
    if scenario.statements.is_empty() && faults.is_empty() {
        faults.push(Fault { line: 0, message: "it says nothing".to_owned() });
    }
    scenario.names = resolver.names;
    scenario
}

/// What stands before the statements, each once.
fn header(scenario: &mut Scenario, written: &Written) -> Result<(), String> {
    let (word, is_there) = match written {
        Written::Only(only) => ("only:", std::mem::replace(&mut scenario.only, *only) != Only::Everywhere),
        Written::Source => ("source:", std::mem::replace(&mut scenario.has_source, true)),
        _ => return Ok(()),
    };
    if is_there || !scenario.statements.is_empty() {
        return Err(format!("{word} comes once, before the first statement"));
    }
    Ok(())
}

pub(super) struct Resolver<'f> {
    pub(super) names: Names,
    pub(super) folder: &'f str,
    /// The variables that have a value by now.
    pub(super) kept: HashSet<String>,
    /// The threads that were begun and not joined, and what each calls.
    threads: HashMap<u16, &'static Verb>,
    /// What is done in whose callbacks, and where.
    reactions: Vec<(u16, Callback, Routine, Place)>,
    /// The callbacks that were expected by now.
    expected: Vec<(u16, Callback)>,
}

impl Resolver<'_> {
    fn deeds(&mut self, written: &Written) -> Result<Vec<Deed>, String> {
        Ok(vec![match written {
            Written::Only(_) | Written::Source => return Ok(vec![]),
            Written::Calls(calls) => return calls.iter().map(|call| Ok(Deed::Call(self.call(call, false)?))).collect(),
            Written::Await(call) => Deed::Await(self.call(call, false)?),
            Written::Begin { thread, call } => self.begin(thread, call)?,
            Written::Join { thread, tail } => self.join(thread, tail)?,
            Written::Running { thread } => Deed::Running { thread: self.running(thread)? },
            Written::Let { name, value } => {
                let value = self.value(value, false)?;
                self.kept.insert(name.clone());
                Deed::Let { name: name.clone(), value }
            }
            Written::React { client, callback, returns, actions } => {
                let client = self.client(client)?;
                Deed::React {
                    client,
                    callback: *callback,
                    returns: *returns,
                    actions: self.actions(client, *callback, actions)?,
                }
            }
            Written::Expect { client, callback, rest } => {
                let client = self.client(client)?;
                self.expected.push((client, *callback));
                Deed::Expect { client, expected: self.callback(*callback, rest)? }
            }
            Written::ExpectNothing { client } => Deed::ExpectNothing { client: self.client(client)? },
            Written::Ignore { client } => Deed::Ignore { client: self.client(client)? },
            Written::Order(steps) => self.order(steps)?,
            Written::Inside { client, callback, call, statuses } => self.inside(client, *callback, call, statuses)?,
        }])
    }

    fn client(&self, name: &str) -> Result<u16, String> {
        self.names.slot(Kind::Client, name)
    }

    pub(super) fn value(&self, word: &str, is_reaction: bool) -> Result<Value, String> {
        let value = Value::parse(word, &self.names)?;
        if value.is_of_callback() && !is_reaction {
            return Err("target has a meaning in reactions only".to_owned());
        }
        match value.needs() {
            Some(name) if !self.kept.contains(name) => Err(format!("${name} has no value yet")),
            _ => Ok(value),
        }
    }

    fn begin(&mut self, thread: &str, spoken: &Spoken) -> Result<Deed, String> {
        let slot = self.names.thread(thread)?;
        let call = self.call(spoken, false)?;
        match self.threads.insert(slot, call.verb) {
            None => Ok(Deed::Begin { thread: slot, call }),
            Some(_) => Err(format!("{thread} was begun before and is not joined yet")),
        }
    }

    fn running(&mut self, thread: &str) -> Result<u16, String> {
        let slot = self.names.thread(thread)?;
        if self.threads.contains_key(&slot) { Ok(slot) } else { Err(format!("no thread {thread} goes on")) }
    }

    fn join(&mut self, thread: &str, tail: &Tail) -> Result<Deed, String> {
        let slot = self.running(thread)?;
        let verb = self.threads.remove(&slot).ok_or("no such thread")?;
        let (answer, keeps) = self.tail(verb, tail)?;
        Ok(Deed::Join { thread: slot, answer, keeps })
    }

    fn callback(&self, callback: Callback, rest: &[String]) -> Result<Expected<Value>, String> {
        match (callback, rest) {
            (Callback::AdvanceTail, targets) => {
                let targets = targets.iter().map(|word| match Comparison::split(word)? {
                    ("target", comparison, value) if comparison.is_for(false) => {
                        Ok((comparison, self.value(value, false)?))
                    }
                    _ => Err(format!("{word}: of advance-tail there is a target (target>$base)")),
                });
                Ok(Expected::AdvanceTail { targets: targets.collect::<Result<_, String>>()? })
            }
            (Callback::GrowthComplete, [statuses, pinned]) => {
                let is_pinned = match pinned.as_str() {
                    "pinned" => Some(true),
                    "unpinned" => Some(false),
                    "any" => None,
                    _ => return Err(format!("{pinned}: it is pinned, unpinned or any")),
                };
                Ok(Expected::GrowthComplete { statuses: Statuses::parse(statuses)?, is_pinned })
            }
            (Callback::GrowthComplete, _) => Err("it is: expect A growth-complete STATUS pinned|unpinned".to_owned()),
            (Callback::Unpinned, []) => Ok(Expected::Unpinned),
            (Callback::Unpinned, _) => Err("it is: expect A unpinned".to_owned()),
            (Callback::SizeComplete, _) => Err("size-complete is of no client".to_owned()),
        }
    }

    fn actions(
        &mut self,
        client: u16,
        callback: Callback,
        actions: &[(Place, Spoken)],
    ) -> Result<Vec<(Place, Call)>, String> {
        if actions.len() > Reaction::ACTIONS {
            return Err(format!("a callback has at most {} actions", Reaction::ACTIONS));
        }
        self.reactions.extend(actions.iter().map(|(place, call)| (client, callback, call.verb.routine, *place)));
        actions.iter().map(|(place, call)| Ok((*place, self.call(call, true)?))).collect()
    }

    fn inside(&self, name: &str, callback: Callback, call: &str, statuses: &Statuses) -> Result<Deed, String> {
        let client = self.client(name)?;
        let call = self.step(call)?;
        let What::Routine(routine, _) = call.what else { return Err(format!("{} is no call", call.text)) };
        if call.returns {
            return Err("inside looks at returns anyway".to_owned());
        }
        if !self.expected.contains(&(client, callback)) {
            return Err(format!("no {} of {name} was expected before", callback.name()));
        }
        let is_its = |reaction: &&(u16, Callback, Routine, Place)| {
            (reaction.0, reaction.1, reaction.2) == (client, callback, routine)
        };
        let places: Vec<Place> = self.reactions.iter().filter(is_its).map(|reaction| reaction.3).collect();
        let first = *places.first().ok_or_else(|| format!("no {} of {name} does {}", callback.name(), call.text))?;
        let place = places.iter().all(|place| *place == first).then_some(first);
        Ok(Deed::Inside { client, callback, call, place, statuses: statuses.clone() })
    }

    fn order(&self, steps: &[String]) -> Result<Deed, String> {
        if steps.len() < 2 {
            return Err("an order has at least two steps, with commas between".to_owned());
        }
        steps.iter().map(|step| self.step(step)).collect::<Result<_, _>>().map(Deed::Order)
    }

    fn step(&self, text: &str) -> Result<Step, String> {
        let mut all = words(text);
        let returns = all.last() == Some(&"returns");
        if returns {
            all.pop();
        }
        let is_callback = |word: &str| Callback::ALL.into_iter().any(|callback| callback.name() == word);
        let verb = |word: &str| Verb::named(word).ok_or_else(|| format!("{text}: {word} is no verb and no client"));
        let what = match all.as_slice() {
            [word] => What::Routine(verb(word)?.routine, None),
            [word, name] => {
                if is_callback(name) {
                    What::Callback(self.client(word)?, parse_callback(name)?)
                } else {
                    let verb = verb(word)?;
                    What::Routine(verb.routine, Some(self.names.slot(verb.subject, name)?))
                }
            }
            _ => return Err(format!("{text}: a step is NAME CALLBACK or VERB [NAME], and returns behind it")),
        };
        Ok(Step { text: words(text).join(" "), what, returns })
    }
}
