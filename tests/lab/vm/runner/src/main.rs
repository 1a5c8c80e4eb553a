//! Runs scenarios of CLFS management through the companion driver (`tests/lab/kmdf-client`), and says what came of them. On
//! Windows or Wine; `check` works everywhere.
//!
//! `language` reads a scenario, `run` has the companion do what it says, `journal` judges what came of it, `tap` and
//! `outcomes` tell it. `load`, `cycles` and `unload` are no scenarios. `device` and `services`
//! are the only modules that hold unsafe code.
#![deny(unsafe_code)]

mod arguments;
mod checks;
mod companion;
mod cycles;
mod device;
mod files;
mod journal;
mod language;
mod load;
mod names;
mod outcomes;
mod run;
mod services;
mod tap;
mod unload;

use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = r"usage:
  clfs-scenarios run --stack open|interposed|microsoft [--outcomes FILE] [--keep-going] [--folder C:\…] FILES-OR-FOLDERS…
  clfs-scenarios check FILES-OR-FOLDERS…
  clfs-scenarios load --stack … [--seconds 60] [--seed 1] [--threads 4] [--folder C:\…]
  clfs-scenarios cycles --stack … [--times 200] [--folder C:\…]
  clfs-scenarios unload-busy --stack … [--folder C:\…]

run    does what the scenarios say; TAP on the standard output. 0: all as they say, 1: not, 3: the driver is gone.
       A scenario ends where something goes wrong; with --keep-going not where a call answers something else.
       --outcomes writes what each call answered and which callbacks came.
check  only reads them. 0: nothing is wrong with them.
load   has the companion append to 101 logs at once with random clients, and judges what it counted.
cycles starts and stops the services of the stack again and again, with a log used between; they must not be in use.
unload-busy stops them while work is outstanding.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.split_first().map(|(command, rest)| (command.as_str(), rest)) {
        Some(("run", rest)) => run::run(rest),
        Some(("check", rest)) => check(rest),
        Some(("load", rest)) => load::run(rest),
        Some(("cycles", rest)) => cycles::run(rest),
        Some(("unload-busy", rest)) => unload::run(rest),
        _ => Err(USAGE.to_owned()),
    };
    result.unwrap_or_else(|message| {
        eprintln!("{message}");
        ExitCode::from(2)
    })
}

/// Only reads the scenarios, and says what is wrong with them.
fn check(arguments: &[String]) -> Result<ExitCode, String> {
    let paths: Vec<PathBuf> = arguments.iter().map(PathBuf::from).collect();
    if paths.is_empty() {
        return Err(USAGE.to_owned());
    }
    let files = files::find(&paths)?;
    let faults: Vec<String> = files.iter().flat_map(files::ScenarioFile::faults).collect();
    for fault in &faults {
        println!("{fault}");
    }
    println!("{} scenarios, {} faults", files.len(), faults.len());
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
