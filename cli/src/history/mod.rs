//! What a replay writes down while it runs, for the picture.
//!
//! Separate from the result ([`super::outcome`]), which is numbers for programs: a history is as long as the run, may
//! be thinned, and only people look at it. Times are the trace's, waiting included, in microseconds from its start.

mod thin;

use std::collections::BTreeMap;

pub use super::outcome::{Outcome, Pin, StreamOutcome};

/// The life of a log during a replay.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The page's heading.
    pub title: String,
    /// The log, as the user named it.
    pub log_name: String,
    /// Options and policies that were in force: name and value.
    pub settings: Vec<(String, String)>,
    /// The whole run.
    pub duration_us: u64,
    /// Containers and head, by time.
    pub samples: Vec<Sample>,
    /// What management did, by time.
    pub marks: Vec<Mark>,
    /// Each stream's tail, by time.
    pub streams: Vec<StreamLine>,
    /// The size of one container.
    pub container_bytes: u64,
    /// The policy's maximum, where there is one.
    pub containers_max: Option<u32>,
    /// When the log was pinned and by whom, by time.
    pub pins: Vec<PinEpisode>,
    /// How many marks of a kind [`History::thin`] took out.
    pub marks_left_out: BTreeMap<MarkKind, u64>,
}

/// The log at one instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// When.
    pub time_us: u64,
    /// All containers.
    pub containers_total: u32,
    /// Those that hold nothing needed.
    pub containers_free: u32,
    /// Bytes ever written: the head's position if the log had never been recycled.
    pub head: u64,
}

/// One stream's tail: it stands at a point's position until the next point.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamLine {
    /// The stream.
    pub id: u8,
    /// Its name.
    pub name: String,
    /// Time, and position as in [`Sample::head`].
    pub points: Vec<(u64, u64)>,
}

/// Something that management did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When.
    pub time_us: u64,
    /// What.
    pub kind: MarkKind,
    /// The stream it concerns, where it concerns one.
    pub stream: Option<u8>,
    /// In words, for the tooltip.
    pub text: String,
}

/// Kinds of [`Mark`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MarkKind {
    /// Containers were added.
    Grow,
    /// A client was asked to move its tail.
    Ask,
    /// The base reached the target.
    Answer,
    /// The client reported that it cannot move its tail.
    Refuse,
    /// Space could not be found.
    Pinned,
    /// Space was found again.
    Unpinned,
    /// A container was used again.
    Recycle,
    /// Containers were removed.
    Shrink,
}

impl MarkKind {
    /// All kinds, in the order of the picture's lanes.
    pub const ALL: [Self; 8] =
        [Self::Grow, Self::Ask, Self::Answer, Self::Refuse, Self::Pinned, Self::Unpinned, Self::Recycle, Self::Shrink];

    /// One word for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Grow => "grow",
            Self::Ask => "ask",
            Self::Answer => "answer",
            Self::Refuse => "refuse",
            Self::Pinned => "pinned",
            Self::Unpinned => "unpinned",
            Self::Recycle => "recycle",
            Self::Shrink => "shrink",
        }
    }

    /// The classes of its marks in the picture.
    pub const fn css_class(self) -> &'static str {
        match self {
            Self::Grow => "mark mark-grow",
            Self::Ask => "mark mark-ask",
            Self::Answer => "mark mark-answer",
            Self::Refuse => "mark mark-refuse",
            Self::Pinned => "mark mark-pinned",
            Self::Unpinned => "mark mark-unpinned",
            Self::Recycle => "mark mark-recycle",
            Self::Shrink => "mark mark-shrink",
        }
    }

    /// What the mark says about the log.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Grow => "containers added",
            Self::Ask => "client asked to move its tail",
            Self::Answer => "tail reached the target",
            Self::Refuse => "client could not move its tail",
            Self::Pinned => "no space could be found",
            Self::Unpinned => "space again after pinned",
            Self::Recycle => "container used again",
            Self::Shrink => "containers removed",
        }
    }
}

/// A time in which the log had no space and could get none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinEpisode {
    /// When it began.
    pub from_us: u64,
    /// When it ended; `None` when the run ended first.
    pub to_us: Option<u64>,
    /// Client, stream, transaction, LSN, and since when, in words.
    pub who: String,
}
