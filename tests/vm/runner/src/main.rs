//! Runs scenarios of CLFS management through the companion driver, and says what came of them.

mod files;
mod language;
mod names;

use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "usage: clfs-scenarios check FILES-OR-FOLDERS…";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.split_first() {
        Some((command, rest)) if command == "check" => check(rest),
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
