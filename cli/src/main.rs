//! The program `clfsmgmt`.

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};
use clfsmgmt_cli::inspect::{self, InspectArguments};
use clfsmgmt_cli::replay::{self, ReplayArguments};

/// Keep a Common Log File System log from running out of space: replay workloads, inspect logs.
#[derive(Parser)]
#[command(name = "clfsmgmt", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Replay(Box<ReplayArguments>),
    Inspect(InspectArguments),
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if is_help(&error) => error.exit(),
        Err(error) => {
            eprintln!("{}", one_line(&error));
            return ExitCode::from(2);
        }
    };
    ignore_file_size_signal();
    let outcome = match &arguments.command {
        Command::Replay(arguments) => replay::run(arguments),
        Command::Inspect(arguments) => inspect::run(arguments),
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn is_help(error: &clap::Error) -> bool {
    use ErrorKind::{DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand, DisplayVersion};
    matches!(error.kind(), DisplayHelp | DisplayHelpOnMissingArgumentOrSubcommand | DisplayVersion)
}

/// What clap says in several lines, in one.
fn one_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let what: Vec<&str> = text.lines().take_while(|line| !line.is_empty()).map(str::trim).collect();
    let what = what.join(" ");
    let what = what.strip_prefix("error: ").unwrap_or(&what);
    format!("clfsmgmt: {what}; `clfsmgmt --help` tells the options")
}

/// A limit on file sizes is to be an error of the write that meets it, not the end of the process.
fn ignore_file_size_signal() {
    #[cfg(unix)]
    {
        let seen = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        // Without the handler the process ends at such a limit as it would have anyway.
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, seen);
    }
}
