//! What a scenario waits for: callbacks, threads, quiet.

use std::time::{Duration, Instant};

use crate::journal::{self, Journal, Verdict, actions};
use crate::language::statuses::status_name;
use crate::language::values::Value;
use crate::language::{Answer, Call, Deed, Expected, Statement};
use crate::run::stage::Stage;

/// How long something that must come is waited for.
const EXPECT_TIME: Duration = Duration::from_secs(5);
/// How long a thread's end is waited for.
const JOIN_TIME: Duration = Duration::from_secs(10);
/// How long nothing must come, or a thread must go on.
const NOTHING_TIME: Duration = Duration::from_millis(200);
const RUNNING_TIME: Duration = Duration::from_millis(100);
/// At the end, the journal has not grown for so long.
const QUIET_TIME: Duration = Duration::from_millis(20);
/// Between two calls that are awaited: each is in the journal.
const AWAIT_TIME: Duration = Duration::from_millis(10);
/// Between two looks.
const POLL_TIME: Duration = Duration::from_millis(2);

impl<'s> Stage<'s> {
    pub(super) fn wait_until_quiet(&mut self) -> Result<(), String> {
        let end = Instant::now() + EXPECT_TIME;
        loop {
            let before = self.journal.next();
            std::thread::sleep(QUIET_TIME);
            self.read_journal()?;
            let is_quiet = self.journal.next() == before;
            let unreturned = actions::find_unreturned(self.journal.events());
            if is_quiet && unreturned.is_none() {
                return Ok(());
            }
            if Instant::now() > end {
                let open = unreturned.filter(|_| is_quiet).map(|event| journal::show(event, self.names()));
                let got = open.map_or("ever more of them".to_owned(), |open| format!("no return of {open}"));
                return Err(format!("at the end: expected that callbacks come to an end, got {got}"));
            }
        }
    }

    /// Calls until the answer is what it must be. Only the last call's answer counts, and is shown.
    pub(super) fn await_answer(&mut self, statement: &Statement, call: &Call) -> Result<(), String> {
        let end = Instant::now() + EXPECT_TIME;
        let shown_before = self.answers.len();
        loop {
            self.answers.truncate(shown_before);
            let outcome = self.companion.execute(&self.operation(call)?)?;
            let judged = self.answered(statement, call.verb, &outcome, call.answer.as_ref(), &call.keeps);
            if judged.is_ok() {
                // How far beyond it was by then differs from run to run.
                self.answers.truncate(shown_before);
                self.answers.push((statement.line, format!("{} => in time", statement.text)));
                return Ok(());
            }
            if Instant::now() > end {
                return judged.map_err(|message| format!("{message} for {} s", EXPECT_TIME.as_secs()));
            }
            std::thread::sleep(AWAIT_TIME);
        }
    }

    pub(super) fn wait_for(&mut self, judge: impl Fn(&Journal) -> Verdict) -> Result<(), String> {
        let end = Instant::now() + EXPECT_TIME;
        loop {
            let is_over = Instant::now() > end;
            self.read_journal()?;
            match judge(&self.journal) {
                Verdict::Right => return Ok(()),
                Verdict::Wrong(message) => return Err(message),
                Verdict::NotYet(message) if is_over => {
                    return Err(format!("{message} within {} s", EXPECT_TIME.as_secs()));
                }
                Verdict::NotYet(_) => std::thread::sleep(POLL_TIME),
            }
        }
    }

    pub(super) fn expect(&mut self, client: u16, expected: &Expected<Value>) -> Result<(), String> {
        let expected = match expected {
            Expected::AdvanceTail { targets } => {
                let targets = targets.iter().map(|(comparison, value)| Ok((*comparison, self.number(value)?)));
                Expected::AdvanceTail { targets: targets.collect::<Result<_, String>>()? }
            }
            Expected::GrowthComplete { statuses, is_pinned } => {
                Expected::GrowthComplete { statuses: statuses.clone(), is_pinned: *is_pinned }
            }
            Expected::Unpinned => Expected::Unpinned,
        };
        let seen = *self.seen.get(&client).unwrap_or(&0);
        let judged = self.wait_for(|journal| journal::judge_callback(journal.events(), client, seen, &expected));
        if let Some((at, callback, _)) = journal::callbacks(self.journal.events(), client).nth(seen) {
            self.last.insert((client, callback.code()), at);
            self.seen.insert(client, seen + 1);
        }
        judged
    }

    pub(super) fn expect_nothing(&mut self, client: u16) -> Result<(), String> {
        std::thread::sleep(NOTHING_TIME);
        self.read_journal()?;
        let seen = *self.seen.get(&client).unwrap_or(&0);
        match journal::further_callback(self.journal.events(), client, seen) {
            None => Ok(()),
            Some(further) => {
                // Told once; the end need not tell it again.
                self.seen.insert(client, journal::callbacks(self.journal.events(), client).count());
                Err(format!("expected no callback, got {further}"))
            }
        }
    }

    pub(super) fn require_running(&mut self, thread: u16) -> Result<(), String> {
        std::thread::sleep(RUNNING_TIME);
        match self.companion.join(thread)? {
            None => Ok(()),
            Some(outcome) => {
                self.begun.remove(&thread);
                Err(format!("expected that it goes on, got its end with {}", status_name(outcome.status)))
            }
        }
    }

    pub(super) fn join(
        &mut self,
        statement: &'s Statement,
        thread: u16,
        answer: Option<&'s Answer>,
    ) -> Result<(), String> {
        let begun = self.begun.remove(&thread).ok_or("the thread is over already")?;
        let Deed::Begin { call, .. } = &begun.deed else { return Err("nothing was begun".to_owned()) };
        let keeps = if let Deed::Join { keeps, .. } = &statement.deed { keeps.as_slice() } else { &[] };
        let end = Instant::now() + JOIN_TIME;
        let outcome = loop {
            match self.companion.join(thread)? {
                Some(outcome) => break outcome,
                None if Instant::now() > end => {
                    return Err(format!("expected the thread's end, got none within {} s", JOIN_TIME.as_secs()));
                }
                None => std::thread::sleep(POLL_TIME),
            }
        };
        if call.answer.is_some() || answer.is_none() {
            self.answered(begun, call.verb, &outcome, call.answer.as_ref(), &call.keeps)?;
        } else {
            self.keep(&outcome, &call.keeps);
        }
        if answer.is_some() {
            return self.answered(statement, call.verb, &outcome, answer, keeps);
        }
        self.keep(&outcome, keeps);
        Ok(())
    }
}
