//! The program.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use clfsmgmt::cli::inspect::{self, InspectArguments};

/// Open CLFS management: keeps a Common Log File System log from running out of space.
#[derive(Debug, Parser)]
#[command(version)]
struct Program {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Inspect(InspectArguments),
}

fn main() -> ExitCode {
    let outcome = match Program::parse().command {
        Command::Inspect(arguments) => inspect::run(&arguments),
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("clfsmgmt: {error:#}");
            ExitCode::from(2)
        }
    }
}
