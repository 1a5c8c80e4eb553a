//! Stops while work is outstanding: a service waits with its end until nobody needs it, opens nothing new meanwhile,
//! and can be started again. Nothing crashes: the driver answers to the last.

use std::fs;
use std::process::ExitCode;
use std::sync::mpsc::{Sender, channel};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

use crate::arguments::Arguments;
use crate::checks::Checks;
use crate::companion::Companion;
use crate::cycles::{SERVICE_TIME, Services, perform, perform_with};
use crate::load;
use crate::run::options::Stack;
use crate::services::{Service, State};

/// So long after it was told to stop, a service would have done so.
const STOP_TIME: Duration = Duration::from_millis(500);

/// A log that is full, and a client whose request waits for its own tail.
const OUTSTANDING: &str = "\
log L
client A on L
install L maximum-size 2
append-until-full L
handle-full A -> PENDING
expect A advance-tail";
/// No other log is opened while clfs.sys stops; what is open goes on to its end.
const OPENS_NOTHING: &str = r#"
create-log M text="LOG:{folder}\M" -> INSUFFICIENT_RESOURCES"#;
/// No log is brought under management while that stops.
const MANAGES_NOTHING: &str = r#"
create-log M text="LOG:{folder}\M"
register B log=M -> INSUFFICIENT_RESOURCES
close-log M"#;
const END: &str = "
advance-base L lsn=last(L)
expect A growth-complete SUCCESS unpinned
append L
deregister A
delete-area L
close-log L";

/// Runs them.
///
/// # Errors
/// The arguments are wrong.
pub(crate) fn run(arguments: &[String]) -> Result<ExitCode, String> {
    let arguments = Arguments::read(arguments, &["stack", "folder"])?;
    let stack = arguments.stack()?;
    let unload = Unload { services: Services::open(stack)?, folder: arguments.folder(r"C:\unload")? };
    let stopped: &[&str] = match stack {
        Stack::Open => &["clfs"],
        Stack::Interposed => &["clfsmgmt", "clfs"],
        Stack::Microsoft => &[],
    };
    let mut checks = Checks::begin(stopped.len() + 4)?;
    let ended = unload.run(&mut checks, stopped);
    checks.end(ended)
}

struct Unload {
    services: Services,
    folder: String,
}

impl Unload {
    fn run(&self, checks: &mut Checks, stopped: &[&str]) -> Result<(), String> {
        for name in stopped {
            let outcome = self.stop_below(name);
            let has_failed = outcome.is_err();
            checks.outcome(&format!("{name} that is stopped while a request is pending waits for its end"), outcome)?;
            if has_failed {
                return Err("the services are not as they should be".to_owned());
            }
        }
        checks.outcome("the companion that is stopped while all is open leaves nothing open", self.stop_companion())?;
        let outcome = self.stop_from_below();
        checks.outcome(
            "the companion that is stopped last, while all is open, is unloaded and leaves nothing",
            outcome,
        )?;
        checks.outcome("the companion that is stopped while a load runs ends it", self.stop_load())?;
        checks.outcome("after all that the services start, work and stop", self.use_once())
    }

    fn make_folder(&self, name: &str) -> Result<String, String> {
        let folder = format!(r"{}\{name}", self.folder);
        let _there_was_none = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).map_err(|error| format!("{folder}: {error}"))?;
        Ok(folder)
    }

    /// Stops a service below the companion while a request is pending.
    fn stop_below(&self, name: &str) -> Result<(), String> {
        self.services.start_all()?;
        let folder = self.make_folder(name)?;
        let service = self.services.get(name).ok_or("no such service")?;
        let companion = Companion::open()?;
        let stopping = Stopping::new(name)?;
        let refused = if name == "clfsmgmt" { MANAGES_NOTHING } else { OPENS_NOTHING };
        perform_with(&companion, [OUTSTANDING, &format!("{refused}{END}")], &folder, || {
            stopping.begin();
            sleep(STOP_TIME);
            match state_of(service)? {
                State::Stopped => Err("expected that it waits for its end, got that it has stopped".to_owned()),
                _ => Ok(()),
            }
        })?;
        service.wait_for(State::Stopped, SERVICE_TIME).map_err(|error| format!("all was closed, but {error}"))?;
        Checks::note(format_args!("unload: {name}: {}", stopping.end()));
        drop(companion);
        self.services.stop_all()
    }

    /// Stops the companion while everything is open, with a request pending.
    fn stop_companion(&self) -> Result<(), String> {
        self.stop_outstanding("companion", Services::stop_all)
    }

    /// Stops all services one after the other, those that the companion needs first, while it has everything open: each
    /// stop ends, and its own is reached.
    fn stop_from_below(&self) -> Result<(), String> {
        self.stop_outstanding("below", Services::stop_from_below)
    }

    fn stop_outstanding(&self, name: &str, stop: impl Fn(&Services) -> Result<(), String>) -> Result<(), String> {
        self.services.start_all()?;
        let folder = self.make_folder(name)?;
        let companion = Companion::open()?;
        perform(&companion, OUTSTANDING, &folder)?;
        drop(companion);
        stop(&self.services)?;
        // Files that a driver has open cannot be deleted.
        fs::remove_dir_all(&folder).map_err(|error| format!("{folder}: {error}"))
    }

    /// Stops the companion while its threads append to many logs and its clients are called back.
    fn stop_load(&self) -> Result<(), String> {
        self.services.start_all()?;
        let folder = self.make_folder("load")?;
        let companion = Companion::open()?;
        load::begin_for_long(&companion, &folder)?;
        drop(companion);
        self.services.stop_all()?;
        fs::remove_dir_all(&folder).map_err(|error| format!("{folder}: {error}"))
    }

    fn use_once(&self) -> Result<(), String> {
        self.services.start_all()?;
        let folder = self.make_folder("again")?;
        let companion = Companion::open()?;
        perform(&companion, &format!("{OUTSTANDING}{END}"), &folder)?;
        drop(companion);
        self.services.stop_all()
    }
}

fn state_of(service: &Service) -> Result<State, String> {
    service.state().map_err(|error| error.to_string())
}

/// A thread that tells a service to stop: it may have to wait.
struct Stopping {
    begin: Sender<()>,
    thread: JoinHandle<String>,
}

impl Stopping {
    fn new(name: &str) -> Result<Self, String> {
        let service = Service::open(name).map_err(|error| format!("{name}: {error}"))?;
        let (begin, begins) = channel();
        let thread = spawn(move || {
            // Without anybody who begins it, nothing is stopped.
            if begins.recv().is_err() {
                return String::new();
            }
            let begin = Instant::now();
            let answer = match service.stop() {
                Ok(()) => "the stop was accepted".to_owned(),
                Err(error) => format!("the stop was answered: {error}"),
            };
            format!("{answer}, after {} ms", begin.elapsed().as_millis())
        });
        Ok(Self { begin, thread })
    }

    fn begin(&self) {
        // The thread waits for it.
        let _ = self.begin.send(());
    }

    fn end(self) -> String {
        self.thread.join().unwrap_or_else(|_| "whoever stopped it has gone".to_owned())
    }
}
