//! What the companion driver can be asked for: requests with the interface's records in and out. An error is a text that
//! says what was asked; that a *routine* failed is inside its outcome.

use clfs_client_interface::wire::{Full, Reader, Writer};
use clfs_client_interface::{Event, Operation, Outcome, Reaction, control};

use crate::device::Device;
use crate::language::statuses::status_name;

/// Longer than every record that goes in.
const INPUT_LENGTH_MAX: usize = 4096;
/// Longer than every record that comes out but the journal's.
const OUTPUT_LENGTH_MAX: usize = 1024;
/// How many events are fetched at once.
const EVENTS_MAX: usize = 512;

/// The companion driver.
#[derive(Debug)]
pub(crate) struct Companion {
    device: Device,
}

impl Companion {
    /// Opens its device.
    ///
    /// # Errors
    /// It is not there.
    pub(crate) fn open() -> Result<Self, String> {
        let device = Device::open().map_err(|error| format!("{}: {error}", clfs_client_interface::PATH))?;
        Ok(Self { device })
    }

    /// Does one operation.
    pub(crate) fn execute(&self, operation: &Operation) -> Result<Outcome, String> {
        let input = record(|to| operation.write(to))?;
        let output = self.request("execute", control::EXECUTE, &input, OUTPUT_LENGTH_MAX)?;
        read_outcome(&mut Reader::new(&output))
    }

    /// Begins one operation in a thread of its own.
    pub(crate) fn start(&self, thread: u16, operation: &Operation) -> Result<(), String> {
        let input = record(|to| to.u16(thread).and_then(|()| operation.write(to)))?;
        self.request("start", control::START, &input, 0).map(drop)
    }

    /// The outcome of a thread's operation; `None` while it goes on.
    pub(crate) fn join(&self, thread: u16) -> Result<Option<Outcome>, String> {
        let output = self.request("join", control::JOIN, &record(|to| to.u16(thread))?, OUTPUT_LENGTH_MAX)?;
        let mut reader = Reader::new(&output);
        match reader.u8() {
            Ok(0) => Ok(None),
            Ok(1) => read_outcome(&mut reader).map(Some),
            _ => Err("join: the answer is no record".to_owned()),
        }
    }

    /// Says what a client does in a callback.
    pub(crate) fn react(&self, reaction: &Reaction) -> Result<(), String> {
        self.request("react", control::REACT, &record(|to| reaction.write(to))?, 0).map(drop)
    }

    /// The events from this sequence on, as many as there are and fit.
    pub(crate) fn journal(&self, from: u64) -> Result<Vec<Event>, String> {
        let input = record(|to| to.u64(from))?;
        let output = self.request("journal", control::JOURNAL, &input, EVENTS_MAX * Event::LENGTH)?;
        let mut reader = Reader::new(&output);
        let mut events = vec![];
        while !reader.is_empty() {
            events.push(Event::read(&mut reader).map_err(|_| "journal: the answer is no record")?);
        }
        Ok(events)
    }

    /// Ends everything that is open.
    pub(crate) fn reset(&self) -> Result<Outcome, String> {
        let output = self.request("reset", control::RESET, &[], OUTPUT_LENGTH_MAX)?;
        read_outcome(&mut Reader::new(&output))
    }

    /// Ends likewise; what could not be ended is an error.
    pub(crate) fn require_reset(&self) -> Result<(), String> {
        judge_reset(&self.reset()?)
    }

    /// Makes a request; what came out.
    pub(crate) fn request(&self, what: &str, code: u32, input: &[u8], output_length: usize) -> Result<Vec<u8>, String> {
        let mut output = vec![0; output_length];
        let length = self.device.request(code, input, &mut output);
        let length = length.map_err(|error| format!("{what}: the driver refuses the request: {error}"))?;
        output.truncate(length);
        Ok(output)
    }
}

/// What is wrong with a reset, if anything is.
pub(crate) fn judge_reset(outcome: &Outcome) -> Result<(), String> {
    if outcome.status == 0 {
        Ok(())
    } else {
        Err(format!("reset: expected SUCCESS, got {}", status_name(outcome.status)))
    }
}

/// A record's bytes.
pub(crate) fn record(write: impl FnOnce(&mut Writer<'_>) -> Result<(), Full>) -> Result<Vec<u8>, String> {
    let mut buffer = vec![0; INPUT_LENGTH_MAX];
    let mut writer = Writer::new(&mut buffer);
    write(&mut writer).map_err(|Full| "the record is too long")?;
    let used = writer.used();
    buffer.truncate(used);
    Ok(buffer)
}

fn read_outcome(reader: &mut Reader<'_>) -> Result<Outcome, String> {
    Outcome::read(reader).map_err(|_| "the answer is no outcome".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reset_that_could_not_end_something_is_wrong() {
        assert_eq!(judge_reset(&Outcome::of_status(0)), Ok(()));
        let timeout = judge_reset(&Outcome::of_status(0xC000_00B5_u32.cast_signed()));
        assert!(timeout.unwrap_err().starts_with("reset: expected SUCCESS, got "));
    }
}
