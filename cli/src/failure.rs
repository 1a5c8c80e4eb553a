//! What went wrong, in one line: the place, what is wrong there, and the mend.

use std::fmt;

use clfsmgmt::units::Status;

/// An error that a person can mend.
#[derive(Clone, Debug)]
pub struct Failure {
    place: String,
    what: String,
    mend: String,
}

impl Failure {
    /// `place` is an option, a file or a folder.
    pub fn new(place: impl fmt::Display, what: impl fmt::Display, mend: impl fmt::Display) -> Self {
        Self { place: place.to_string(), what: what.to_string(), mend: mend.to_string() }
    }

    /// A status of the log or its management at a place, with the operating system's own words if there are any.
    pub fn of_status(place: impl fmt::Display, status: Status, system: Option<(Status, String)>) -> Self {
        let what = match system.filter(|(noted, _)| *noted == status) {
            Some((_, text)) => format!("{} ({status}; {text})", status.meaning()),
            None => format!("{} ({status})", status.meaning()),
        };
        Self::new(place, what, mend_of(status))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = format!("{}: {}; {}", self.place, self.what, self.mend);
        formatter.write_str(&line.replace('\n', " "))
    }
}

impl std::error::Error for Failure {}

fn mend_of(status: Status) -> &'static str {
    match status {
        Status::DISK_FULL => "free some space or choose another folder with --log",
        Status::ACCESS_DENIED | Status::OBJECT_PATH_NOT_FOUND | Status::OBJECT_NAME_NOT_FOUND => {
            "choose a folder that can be written with --log"
        }
        Status::OBJECT_NAME_COLLISION | Status::OBJECT_NAME_INVALID => {
            "choose another --prefix, --suffix or --extension"
        }
        Status::SHARING_VIOLATION => "close the other program or choose another folder",
        Status::INSUFFICIENT_RESOURCES => "free some memory",
        Status::LOG_BLOCKS_EXHAUSTED | Status::INVALID_PARAMETER => "choose a larger --container-size",
        _ => "`clfsmgmt inspect --check` tells what is wrong with the log",
    }
}
