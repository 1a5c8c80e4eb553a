//! Runs scenarios, one after the other: each in a folder of its own, each ended by a reset, after which the image must own
//! nothing more than before. No scenario is harmed by one before it that broke off.

mod operations;
pub(crate) mod options;
pub(crate) mod resources;
pub(crate) mod stage;
mod waiting;

use std::fs;
use std::io::{self, Stdout};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::companion::{Companion, judge_reset};
use crate::files::{self, ScenarioFile};
use crate::journal;
use crate::language::{Deed, Scenario};
use crate::outcomes::{Outcomes, Shown};
use crate::tap::{self, Tap};
use options::Options;
use resources::{Left, Owned, show_left};
use stage::Stage;

/// Done once before all others: what an image makes with its first logs, clients and reads, and keeps, is no left-over.
const WARM_UP: &str = "\
multiplexed M streams=S,T
log L
client A on L
client B on L
client C on S
client D on T
install L maximum-size 2
append L as $record
write-restart L
read-restart L
read R area=L lsn=$record
end-read R
scan-containers L
append-until-full L
handle-full A -> any
handle-full B -> any";
/// Of a journal that is shown, the last so many events.
const EVENTS_SHOWN_MAX: usize = 60;

/// Runs the scenarios that the arguments name.
///
/// # Errors
/// The arguments are wrong, or what they name is not there.
pub(crate) fn run(arguments: &[String]) -> Result<ExitCode, String> {
    let options = Options::parse(arguments)?;
    let files = files::find(&options.paths)?;
    let written = |error: io::Error| format!("output: {error}");
    let mut tap = Tap::begin(io::stdout(), files.len()).map_err(written)?;
    let mut outcomes = Outcomes::default();
    let ended = run_all(&options, &files, &mut tap, &mut outcomes);
    let kept = options.outcomes.as_ref().map_or(Ok(()), |path| {
        fs::write(path, outcomes.text()).map_err(|error| format!("{}: {error}", path.display()))
    });
    if let Err(message) = ended.and(kept) {
        tap.bail_out(&message).map_err(written)?;
        return Ok(ExitCode::from(3));
    }
    Ok(if tap.failed() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// An error: nothing more can be run.
fn run_all(
    options: &Options,
    files: &[ScenarioFile],
    tap: &mut Tap<Stdout>,
    outcomes: &mut Outcomes,
) -> Result<(), String> {
    let companion = Companion::open()?;
    let mut run = Run { companion: &companion, options, owned: None };
    run.warm_up()?;
    for file in files {
        let title = format!("{}/{}", file.subject, file.name);
        let begin = Instant::now();
        let ended = run.file(file, &title, outcomes);
        let (result, is_last) = match ended {
            Ok(result) => (result, None),
            Err(message) => (tap::Result::NotOk(vec![message.clone()]), Some(message)),
        };
        let sentence = format!("{}: {}", file.subject, file.sentence());
        tap.tell(&sentence, &result, begin.elapsed()).map_err(|error| format!("output: {error}"))?;
        if let Some(message) = is_last {
            return Err(message);
        }
    }
    Ok(())
}

struct Run<'r> {
    companion: &'r Companion,
    options: &'r Options,
    /// By the last scenario's end.
    owned: Option<Owned>,
}

impl Run<'_> {
    fn warm_up(&mut self) -> Result<(), String> {
        let before = |message: String| format!("warm-up: {message}");
        self.companion.require_reset().map_err(before)?;
        let nt_folder = self.make_folder("warm-up").map_err(before)?;
        let scenario = Scenario::parse(WARM_UP, &nt_folder).map_err(|faults| format!("warm-up: {faults:?}"))?;
        let mut stage = Stage::new(self.companion, &scenario, nt_folder);
        stage.begin().map_err(before)?;
        for statement in &scenario.statements {
            stage.perform(statement).map_err(|message| format!("warm-up: {}: {message}", statement.text))?;
        }
        // What it did is of no interest, only that it is over.
        let _callbacks_that_nobody_expected = stage.end();
        self.companion.require_reset().map_err(before)?;
        std::thread::sleep(Duration::from_millis(100));
        self.owned = Some(Owned::ask(self.companion, self.options.stack.is_ours()).map_err(before)?);
        Ok(())
    }

    /// Runs one scenario. An error: the driver does not answer any more.
    fn file(&mut self, file: &ScenarioFile, title: &str, outcomes: &mut Outcomes) -> Result<tap::Result, String> {
        let Ok(scenario) = &file.scenario else { return Ok(tap::Result::NotOk(file.faults())) };
        if let Some(why) = self.options.stack.skips(scenario.only) {
            outcomes.skip(title, why);
            return Ok(tap::Result::Skip(why.to_owned()));
        }
        let (mut wrong, left) = self.attempt(file, scenario, Some(outcomes))?;
        if !wrong.is_empty() || left.is_empty() || !left.iter().all(Left::may_stay) {
            wrong.extend(left.iter().map(Left::to_string));
            return Ok(if wrong.is_empty() { tap::Result::Ok } else { tap::Result::NotOk(wrong) });
        }
        // A table that the image has needed for the first time stays until it is unloaded; a leak comes again.
        let (mut wrong, again) = self.attempt(file, scenario, None)?;
        if wrong.is_empty() && again.is_empty() {
            println!("# note {title}: once, and not when done again: {}", show_left(&left));
            return Ok(tap::Result::Ok);
        }
        wrong.extend(left.iter().map(Left::to_string));
        wrong.push(format!("done again: {}", show_left(&again)));
        Ok(tap::Result::NotOk(wrong))
    }

    /// Does what a scenario says, in an empty folder, and cleans up: what was wrong, and what is left.
    fn attempt(
        &mut self,
        file: &ScenarioFile,
        scenario: &Scenario,
        outcomes: Option<&mut Outcomes>,
    ) -> Result<(Vec<String>, Vec<Left>), String> {
        let nt_folder = match self.make_folder(&format!("{}-{}", file.subject, file.name)) {
            Ok(nt_folder) => nt_folder,
            Err(message) => return Ok((vec![message], vec![])),
        };
        let mut stage = Stage::new(self.companion, scenario, nt_folder);
        let mut wrong = match stage.begin() {
            Ok(()) => self.perform(file, scenario, &mut stage),
            Err(message) => vec![message],
        };
        if !wrong.is_empty() {
            wrong.extend(show_journal(&stage, scenario));
        }
        if let Some(outcomes) = outcomes {
            let shown = Shown { answers: std::mem::take(&mut stage.answers), callbacks: stage.shown_callbacks() };
            outcomes.add(&format!("{}/{}", file.subject, file.name), &shown);
        }
        let before = wrong.join("\n");
        let (reset, left) = self.clean_up().map_err(|message| format!("{before}\n{message}"))?;
        wrong.extend(reset);
        Ok((wrong, left))
    }

    /// All statements, or those up to the first that goes wrong: what comes after it would prove nothing.
    fn perform<'s>(&self, file: &ScenarioFile, scenario: &'s Scenario, stage: &mut Stage<'s>) -> Vec<String> {
        let path = file.path.display();
        let mut wrong = vec![];
        for statement in &scenario.statements {
            let Err(message) = stage.perform(statement) else { continue };
            wrong.push(format!("{path}:{}: {}: {message}", statement.line, statement.text));
            if !(self.options.keep_going && matches!(statement.deed, Deed::Call(_) | Deed::Await(_))) {
                wrong.extend(stage.conduct());
                return wrong;
            }
        }
        wrong.extend(stage.end().into_iter().map(|message| format!("{path}: {message}")));
        wrong
    }

    /// Ends what is open: what is wrong with that, and what is left. An error: the driver does not answer any more.
    fn clean_up(&mut self) -> Result<(Option<String>, Vec<Left>), String> {
        let wrong = self.reset()?;
        let before = self.owned.take().ok_or("nobody knows what was owned before")?;
        let (now, left) = before.wait_for_no_more(self.companion)?;
        self.owned = Some(now);
        Ok((wrong, left))
    }

    /// What the reset says that is wrong, if anything is.
    fn reset(&self) -> Result<Option<String>, String> {
        Ok(judge_reset(&self.companion.reset()?).err())
    }

    /// Makes an empty folder; its NT path.
    fn make_folder(&self, name: &str) -> Result<String, String> {
        let folder = format!(r"{}\{name}", self.options.folder);
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(format!("{folder}: what an earlier run left cannot be removed: {error}"));
            }
            _ => {}
        }
        fs::create_dir_all(&folder).map_err(|error| format!("{folder}: {error}"))?;
        Ok(format!(r"\??\{folder}"))
    }
}

fn show_journal(stage: &Stage<'_>, scenario: &Scenario) -> Vec<String> {
    let events = stage.journal.events();
    let skipped = events.len().saturating_sub(EVENTS_SHOWN_MAX);
    let mut shown = vec![format!("  the journal ({} events before):", skipped)];
    shown.extend(events.iter().skip(skipped).map(|event| format!("  {}", journal::show(event, &scenario.names))));
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_warm_up_can_be_read() {
        assert_eq!(Scenario::parse(WARM_UP, r"\??\C:\x").map(drop), Ok(()));
    }
}
