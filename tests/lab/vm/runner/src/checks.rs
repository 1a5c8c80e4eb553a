//! Checks that are made one after the other, as TAP: how many there are is known before.

use std::fmt::Display;
use std::io::{self, Stdout};
use std::process::ExitCode;
use std::time::Instant;

use crate::tap::{self, Tap};

/// Checks on their way.
#[derive(Debug)]
pub(crate) struct Checks {
    tap: Tap<Stdout>,
    since: Instant,
}

fn written(error: impl Display) -> String {
    format!("output: {error}")
}

impl Checks {
    /// There will be so many.
    pub(crate) fn begin(count: usize) -> Result<Self, String> {
        Ok(Self { tap: Tap::begin(io::stdout(), count).map_err(written)?, since: Instant::now() })
    }

    /// One check, and what is wrong with it; nothing: it passes.
    pub(crate) fn check(&mut self, sentence: &str, wrong: Vec<String>) -> Result<(), String> {
        let result = if wrong.is_empty() { tap::Result::Ok } else { tap::Result::NotOk(wrong) };
        let time = self.since.elapsed();
        self.since = Instant::now();
        self.tap.tell(sentence, &result, time).map_err(written)
    }

    /// One check that fails with the message of an error.
    pub(crate) fn outcome(&mut self, sentence: &str, outcome: Result<(), String>) -> Result<(), String> {
        self.check(sentence, outcome.err().into_iter().collect())
    }

    /// Something to know.
    pub(crate) fn note(text: impl Display) {
        println!("# note {text}");
    }

    /// What the program ends with. An error of `ended`: nothing more can be checked.
    pub(crate) fn end(mut self, ended: Result<(), String>) -> Result<ExitCode, String> {
        if let Err(message) = ended {
            self.tap.bail_out(&message).map_err(written)?;
            return Ok(ExitCode::from(3));
        }
        Ok(if self.tap.failed() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
