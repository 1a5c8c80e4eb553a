//! The services of a stack, started and stopped again and again: nothing may get slower, be left, or break.

use std::fs;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::arguments::Arguments;
use crate::checks::Checks;
use crate::companion::Companion;
use crate::language::Scenario;
use crate::run::options::Stack;
use crate::run::stage::Stage;
use crate::services::{Service, State};

/// One check for so many cycles.
const CYCLES_PER_CHECK: u32 = 50;
/// Every so many cycles the companion is stopped while all is open.
const LEFT_OPEN: u32 = 10;
/// In so long a service has stopped or started.
pub(crate) const SERVICE_TIME: Duration = Duration::from_secs(20);

const BEGIN: &str = "log L\nclient A on L\ninstall L maximum-size 2\nappend L\nhandle-full A -> SUCCESS|PENDING";
const END: &str = "deregister A\ndelete-area L\nclose-log L";

/// Runs the cycles.
///
/// # Errors
/// The arguments are wrong.
pub(crate) fn run(arguments: &[String]) -> Result<ExitCode, String> {
    let arguments = Arguments::read(arguments, &["stack", "times", "folder"])?;
    let stack = arguments.stack()?;
    let (times, folder) = (arguments.number("times", 200_u32)?, arguments.folder(r"C:\cycles")?);
    if times == 0 {
        return Err("--times 0 shows nothing".to_owned());
    }
    let services = Services::open(stack)?;
    let rounds = times.div_ceil(CYCLES_PER_CHECK);
    let mut checks = Checks::begin(usize::try_from(rounds).map_err(|_| "too many")?)?;
    let ended = (0..rounds).try_for_each(|round| {
        let first = round * CYCLES_PER_CHECK;
        let last = times.min(first + CYCLES_PER_CHECK);
        let begin = Instant::now();
        let mut slowest = Duration::ZERO;
        let outcome = (first..last).try_for_each(|nth| {
            let begin = Instant::now();
            cycle(&services, nth, &folder).map_err(|message| format!("cycle {}: {message}", nth + 1))?;
            slowest = slowest.max(begin.elapsed());
            Ok(())
        });
        let has_failed = outcome.is_err();
        checks.outcome(&format!("cycles {} to {last}: loaded, used and unloaded", first + 1), outcome)?;
        let mean = begin.elapsed() / (last - first);
        Checks::note(format_args!("cycles: {} ms each, the slowest {} ms", mean.as_millis(), slowest.as_millis()));
        if has_failed { Err("a driver that does not unload is not loaded again".to_owned()) } else { Ok(()) }
    });
    checks.end(ended)
}

fn cycle(services: &Services, nth: u32, folder: &str) -> Result<(), String> {
    services.start_all()?;
    let folder = format!(r"{folder}\{nth}");
    fs::create_dir_all(&folder).map_err(|error| format!("{folder}: {error}"))?;
    let companion = Companion::open()?;
    let is_left_open = nth % LEFT_OPEN == LEFT_OPEN - 1;
    let text = if is_left_open { BEGIN.to_owned() } else { format!("{BEGIN}\n{END}") };
    perform(&companion, &text, &folder)?;
    drop(companion);
    services.stop_all()?;
    fs::remove_dir_all(&folder).map_err(|error| format!("{folder}: {error}"))
}

/// Does what a scenario's text says, from a reset driver on.
pub(crate) fn perform(companion: &Companion, text: &str, folder: &str) -> Result<(), String> {
    perform_with(companion, [text, ""], folder, || Ok(()))
}

/// Does what a scenario's two parts say, and something between them.
pub(crate) fn perform_with(
    companion: &Companion,
    parts: [&str; 2],
    folder: &str,
    between: impl FnOnce() -> Result<(), String>,
) -> Result<(), String> {
    let nt_folder = format!(r"\??\{folder}");
    let scenario = Scenario::parse(&parts.join("\n"), &nt_folder).map_err(|faults| format!("{faults:?}"))?;
    let mut stage = Stage::new(companion, &scenario, nt_folder);
    stage.begin()?;
    let lines = parts[0].lines().count();
    let first = scenario.statements.iter().take_while(|statement| statement.line <= lines).count();
    let (before, after) = scenario.statements.split_at(first);
    for statement in before {
        stage.perform(statement).map_err(|message| format!("{}: {message}", statement.text))?;
    }
    between()?;
    for statement in after {
        stage.perform(statement).map_err(|message| format!("{}: {message}", statement.text))?;
    }
    stage.read_journal()?;
    let wrong = stage.conduct();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
}

/// The services of a stack, in the order in which they start.
#[derive(Debug)]
pub(crate) struct Services(Vec<(&'static str, Service)>);

impl Services {
    /// Opens them; on Microsoft's stack only the companion is one that may be stopped.
    pub(crate) fn open(stack: Stack) -> Result<Self, String> {
        let names: &[&str] = match stack {
            Stack::Open => &["clfs", "clfsclient"],
            Stack::Interposed => &["clfs", "clfsmgmt", "clfsclient"],
            Stack::Microsoft => &["clfsclient"],
        };
        let open = |name: &&'static str| Ok((*name, Service::open(name).map_err(|error| format!("{name}: {error}"))?));
        names.iter().map(open).collect::<Result<_, String>>().map(Self)
    }

    /// They are started where they do not run.
    pub(crate) fn start_all(&self) -> Result<(), String> {
        for (name, service) in &self.0 {
            let started = match service.state() {
                Ok(State::Running) => Ok(()),
                _ => service.start().and_then(|()| service.wait_for(State::Running, SERVICE_TIME)),
            };
            started.map_err(|error| format!("start of {name}: {error}"))?;
        }
        Ok(())
    }

    /// They are stopped, where they run, in the other order.
    pub(crate) fn stop_all(&self) -> Result<(), String> {
        Self::stop(self.0.iter().rev())
    }

    /// They are stopped from below, each when the one before it has stopped: in the wrong order.
    pub(crate) fn stop_from_below(&self) -> Result<(), String> {
        Self::stop(self.0.iter())
    }

    fn stop<'a>(services: impl Iterator<Item = &'a (&'static str, Service)>) -> Result<(), String> {
        for (name, service) in services {
            let stopped = match service.state() {
                Ok(State::Stopped) => Ok(()),
                // Whoever waits longer than the manager does hears of it by asking.
                _ => service.stop().or_else(|_| service.state().map(drop)),
            };
            let stopped = stopped.and_then(|()| service.wait_for(State::Stopped, SERVICE_TIME));
            stopped.map_err(|error| format!("stop of {name}: {error}"))?;
        }
        Ok(())
    }

    /// One of them.
    pub(crate) fn get(&self, name: &str) -> Option<&Service> {
        self.0.iter().find(|(own, _)| *own == name).map(|(_, service)| service)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cycles_are_no_success() {
        let arguments = ["--stack", "open", "--times", "0"].map(str::to_owned);
        assert!(run(&arguments).is_err_and(|message| message.contains("--times 0")));
    }
}
