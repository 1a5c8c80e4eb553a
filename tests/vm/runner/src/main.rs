//! Runs scenarios of CLFS management through the companion driver (`tests/kmdf-client`), and says what came of them. On
//! Windows or Wine; `check` works everywhere.
//!
//! `language` reads a scenario, `run` has the companion do what it says, `journal` judges what came of it, `tap` and
//! `outcomes` tell it. `device` is the only module that holds unsafe code.

mod companion;
mod device;
mod files;
mod journal;
mod language;
mod names;
mod outcomes;
mod run;
mod tap;

use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = r"usage:
  clfs-scenarios run --stack open|interposed|microsoft [--outcomes FILE] [--folder C:\…] FILES-OR-FOLDERS…
  clfs-scenarios check FILES-OR-FOLDERS…

run    does what the scenarios say; TAP on the standard output. 0: all as they say, 1: not, 3: the driver is gone.
       --outcomes writes what each call answered and which callbacks came, also after something went wrong.
check  only reads them. 0: nothing is wrong with them.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.split_first().map(|(command, rest)| (command.as_str(), rest)) {
        Some(("run", rest)) => run::run(rest),
        Some(("check", rest)) => check(rest),
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
