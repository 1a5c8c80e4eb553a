//! The Test Anything Protocol, version 13, as it is written here.

use std::io::{self, Write};
use std::time::Duration;

/// What came of one test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Result {
    Ok,
    /// What is wrong, a line each.
    NotOk(Vec<String>),
    /// Why it was not run.
    Skip(String),
}

/// Writes as the tests go.
#[derive(Debug)]
pub(crate) struct Tap<W> {
    to: W,
    number: usize,
    failed: usize,
}

impl<W: Write> Tap<W> {
    /// Begins with the plan.
    pub(crate) fn begin(mut to: W, tests: usize) -> io::Result<Self> {
        writeln!(to, "TAP version 13\n1..{tests}")?;
        to.flush()?;
        Ok(Self { to, number: 0, failed: 0 })
    }

    /// Tells one test.
    pub(crate) fn tell(&mut self, sentence: &str, result: &Result, time: Duration) -> io::Result<()> {
        self.number += 1;
        let number = self.number;
        let time = time.as_millis();
        match result {
            Result::Ok => writeln!(self.to, "ok {number} - {sentence} # time {time} ms")?,
            Result::Skip(why) => writeln!(self.to, "ok {number} - {sentence} # SKIP {why}")?,
            Result::NotOk(wrong) => {
                self.failed += 1;
                writeln!(self.to, "not ok {number} - {sentence} # time {time} ms")?;
                for line in wrong.iter().flat_map(|message| message.lines()) {
                    writeln!(self.to, "# {line}")?;
                }
            }
        }
        self.to.flush()
    }

    /// Gives up.
    pub(crate) fn bail_out(&mut self, why: &str) -> io::Result<()> {
        writeln!(self.to, "Bail out! {}", why.lines().collect::<Vec<_>>().join("; "))?;
        self.to.flush()
    }

    /// How many were not ok.
    pub(crate) fn failed(&self) -> usize {
        self.failed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_counted_and_their_reasons_are_comments() {
        let mut written = vec![];
        let mut tap = Tap::begin(&mut written, 3).unwrap();
        tap.tell("first", &Result::Ok, Duration::from_millis(12)).unwrap();
        tap.tell("second", &Result::NotOk(vec!["a\nb".to_owned(), "c".to_owned()]), Duration::ZERO).unwrap();
        tap.tell("third", &Result::Skip("only interposed".to_owned()), Duration::ZERO).unwrap();
        assert_eq!(tap.failed(), 1);
        assert_eq!(
            String::from_utf8(written).unwrap(),
            "TAP version 13\n1..3\nok 1 - first # time 12 ms\nnot ok 2 - second # time 0 ms\n# a\n# b\n# c\n\
             ok 3 - third # SKIP only interposed\n"
        );
    }
}
