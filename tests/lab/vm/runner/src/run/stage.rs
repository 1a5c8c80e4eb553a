//! One scenario on its way: what is kept, begun, seen and expected by now. Talks to the companion; what the answers mean is
//! judged in `journal` and `operations`.

use std::collections::{BTreeMap, HashMap, HashSet};

use clfs_client_interface::verbs::Verb;
use clfs_client_interface::{Action, Callback, Operation, Outcome, Place, Reaction, Routine, Subject};

use crate::companion::Companion;
use crate::journal::actions::{self, Actions};
use crate::journal::{self, Journal};
use crate::language::statuses::{Statuses, status_name};
use crate::language::values::{Anchor, Value, shift_containers};
use crate::language::{Against, Answer, Call, Deed, Keep, Scenario, Statement, Step, What};
use crate::names::Names;
use crate::run::operations::{self, Kept, Known, KnownAnswer, KnownCondition};

/// One scenario on its way.
pub(crate) struct Stage<'s> {
    pub(super) companion: &'s Companion,
    scenario: &'s Scenario,
    /// The scenario's folder, as an NT path.
    folder: String,
    pub(crate) journal: Journal,
    kept: Kept,
    /// What was begun in threads and not joined yet.
    pub(super) begun: BTreeMap<u16, &'s Statement>,
    /// How many callbacks of each client were expected.
    pub(super) seen: HashMap<u16, usize>,
    ignored: HashSet<u16>,
    /// The last callback that was expected, of each client and kind: its place in the journal.
    pub(super) last: HashMap<(u16, u16), usize>,
    /// How many actions of a callback were looked at, of each kind.
    looked: HashMap<(usize, What), usize>,
    /// Which actions these were: places in the journal.
    looked_at: HashSet<usize>,
    main_thread: Option<u64>,
    /// What the statements answered: line, text, outcome.
    pub(crate) answers: Vec<(usize, String)>,
}

impl<'s> Stage<'s> {
    /// Nothing has been done yet; the driver has just been reset.
    pub(crate) fn new(companion: &'s Companion, scenario: &'s Scenario, folder: String) -> Self {
        Self {
            companion,
            scenario,
            folder,
            journal: Journal::default(),
            kept: Kept::new(),
            begun: BTreeMap::new(),
            seen: HashMap::new(),
            ignored: HashSet::new(),
            last: HashMap::new(),
            looked: HashMap::new(),
            looked_at: HashSet::new(),
            main_thread: None,
            answers: vec![],
        }
    }

    /// Learns in which thread the scenario's own calls are done.
    pub(crate) fn begin(&mut self) -> Result<(), String> {
        self.companion.execute(&Operation::new(Routine::Sleep, Subject::Null))?;
        self.read_journal()?;
        self.main_thread = self.journal.events().first().map(|event| event.thread);
        self.main_thread.map(drop).ok_or_else(|| "the journal does not have what was done".to_owned())
    }

    /// Does one statement.
    pub(crate) fn perform(&mut self, statement: &'s Statement) -> Result<(), String> {
        match &statement.deed {
            Deed::Call(call) => {
                let outcome = self.companion.execute(&self.operation(call)?)?;
                self.answered(statement, call.verb, &outcome, call.answer.as_ref(), &call.keeps)
            }
            Deed::Await(call) => self.await_answer(statement, call),
            Deed::Begin { thread, call } => {
                self.companion.start(*thread, &self.operation(call)?)?;
                self.begun.insert(*thread, statement);
                Ok(())
            }
            Deed::Join { thread, answer, .. } => self.join(statement, *thread, answer.as_ref()),
            Deed::Running { thread } => self.require_running(*thread),
            Deed::Let { name, value } => {
                let number = self.number(value)?;
                self.kept.insert(name.clone(), number);
                Ok(())
            }
            Deed::React { client, callback, returns, actions } => {
                let mut reaction = Reaction::new(*client, *callback, *returns);
                for (place, call) in actions {
                    let action = Action { place: *place, operation: self.operation(call)? };
                    reaction.add(action).map_err(|_| "too many actions")?;
                }
                self.companion.react(&reaction)
            }
            Deed::Expect { client, expected } => self.expect(*client, expected),
            Deed::ExpectNothing { client } => self.expect_nothing(*client),
            Deed::Ignore { client } => {
                self.ignored.insert(*client);
                Ok(())
            }
            Deed::Order(steps) => self.wait_for(|journal| journal::judge_order(journal.events(), steps)),
            Deed::Inside { client, callback, call, place, statuses } => {
                self.inside((*client, *callback), *place, call, statuses)
            }
        }
    }

    /// Requires what an action of a callback answered: the next such action.
    fn inside(
        &mut self,
        (client, callback): (u16, Callback),
        place: Option<Place>,
        call: &Step,
        statuses: &Statuses,
    ) -> Result<(), String> {
        let entered = *self.last.get(&(client, callback.code())).ok_or("there was no such callback")?;
        let skipped = *self.looked.get(&(entered, call.what)).unwrap_or(&0);
        self.looked.insert((entered, call.what), skipped + 1);
        let actions = Actions { entered, skipped, place, main_thread: self.main_thread };
        let judged = self.wait_for(|journal| actions::judge_inside(journal.events(), actions, call, statuses));
        self.looked_at.extend(actions::find(self.journal.events(), actions, call));
        judged
    }

    /// After the last statement: ends threads, waits until nothing happens any more. All that is wrong by then.
    pub(crate) fn end(&mut self) -> Vec<String> {
        let mut wrong = vec![];
        let left: Vec<_> = self.begun.iter().map(|(thread, statement)| (*thread, *statement)).collect();
        for (thread, statement) in left {
            if let Err(message) = self.join(statement, thread, None) {
                wrong.push(format!("line {}: {}: {message}", statement.line, statement.text));
            }
        }
        if let Err(message) = self.wait_until_quiet() {
            wrong.push(message);
        }
        for (client, name) in self.scenario.names.clients() {
            let seen = *self.seen.get(&client).unwrap_or(&0);
            let further = journal::further_callback(self.journal.events(), client, seen);
            if let Some(further) = further.filter(|_| !self.ignored.contains(&client)) {
                wrong.push(format!("at the end: expected no further callback of {name}, got {further}"));
            }
        }
        wrong.extend(self.conduct());
        wrong.extend(self.unseen_actions());
        wrong
    }

    /// The scenario's names.
    pub(super) fn names(&self) -> &Names {
        &self.scenario.names
    }

    /// What no callback may do, whatever the scenario says.
    pub(crate) fn conduct(&self) -> Vec<String> {
        journal::judge_conduct(self.journal.events(), &self.scenario.names)
    }

    /// Actions that went wrong, and that the scenario does not look at.
    fn unseen_actions(&self) -> Vec<String> {
        let begun = self.scenario.statements.iter().filter_map(|statement| match &statement.deed {
            Deed::Begin { call, .. } => Some((call.verb.routine, call.subject)),
            _ => None,
        });
        let begun: Vec<_> = begun.collect();
        actions::judge_unseen(self.journal.events(), &self.looked_at, self.main_thread, &begun)
    }

    /// Reads what is new in the journal.
    pub(crate) fn read_journal(&mut self) -> Result<(), String> {
        loop {
            let events = self.companion.journal(self.journal.next())?;
            if events.is_empty() {
                return Ok(());
            }
            self.journal.add(events)?;
        }
    }

    pub(super) fn answered(
        &mut self,
        statement: &Statement,
        verb: &Verb,
        outcome: &Outcome,
        answer: Option<&Answer>,
        keeps: &[Keep],
    ) -> Result<(), String> {
        let shown = operations::show_outcome(verb, outcome, &self.folder);
        self.answers.push((statement.line, format!("{} [{}] => {shown}", statement.text, verb.name)));
        self.keep(outcome, keeps);
        let answer = match answer {
            Some(answer) => self.known(answer)?,
            None => KnownAnswer { statuses: Statuses::success(), conditions: vec![] },
        };
        operations::judge_outcome(verb, outcome, &answer)
    }

    pub(super) fn keep(&mut self, outcome: &Outcome, keeps: &[Keep]) {
        for keep in keeps {
            self.kept.insert(keep.name.clone(), outcome.numbers.get(keep.answer).copied().unwrap_or_default());
        }
    }

    pub(super) fn operation(&self, call: &Call) -> Result<Operation, String> {
        operations::operation(call, &self.kept, &self.folder)
    }

    fn known(&self, answer: &Answer) -> Result<KnownAnswer, String> {
        let conditions = answer.conditions.iter().map(|condition| {
            let against = match &condition.against {
                Against::Number(value) => Known::Number(self.number(value)?),
                Against::Text(text) => Known::Text(text.replace("{folder}", &self.folder)),
            };
            Ok(KnownCondition { answer: condition.answer, comparison: condition.comparison, against })
        });
        Ok(KnownAnswer { statuses: answer.statuses.clone(), conditions: conditions.collect::<Result<_, String>>()? })
    }

    /// A value now; a log's positions are asked for.
    pub(super) fn number(&self, value: &Value) -> Result<u64, String> {
        match value {
            Value::Number(number) => Ok(*number),
            Value::Kept(name, shift) => operations::shifted(&self.kept, name, *shift),
            Value::Position(Anchor::Base(log), containers) => self.position(*log, "base", *containers),
            Value::Position(Anchor::Last(log), containers) => self.position(*log, "last", *containers),
            Value::Position(Anchor::Target, _) => Err("target has a meaning in reactions only".to_owned()),
        }
    }

    fn position(&self, log: u16, name: &str, containers: i16) -> Result<u64, String> {
        let outcome = self.companion.execute(&Operation::new(Routine::Information, Subject::Slot(log)))?;
        if outcome.status != 0 {
            return Err(format!("{name}(…): expected the log's information, got {}", status_name(outcome.status)));
        }
        let place =
            Verb::of(Routine::Information).and_then(|verb| verb.answers.iter().position(|answer| *answer == name));
        let lsn =
            place.and_then(|place| outcome.numbers.get(place)).ok_or("the log's information has no such number")?;
        shift_containers(*lsn, containers)
    }

    /// The callbacks of each client, in order, and those of nobody.
    pub(crate) fn shown_callbacks(&self) -> Vec<(String, Vec<String>)> {
        let events = self.journal.events();
        let of_client = |client| {
            journal::callbacks(events, client)
                .map(|(_, callback, event): (usize, Callback, _)| journal::describe(callback, event))
        };
        let clients = self.scenario.names.clients().chain([(journal::NOBODY, "nobody")]);
        clients.map(|(client, name)| (name.to_owned(), of_client(client).collect())).collect()
    }
}
