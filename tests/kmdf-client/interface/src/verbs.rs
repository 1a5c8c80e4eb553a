//! How the routines are written in scenarios, and what they take and answer. One row here, and one function in the driver,
//! is all that a routine takes.

use crate::Routine;

/// What kind of slot something names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// None.
    Nothing,
    /// An open log or stream.
    Log,
    /// A marshalling area.
    Area,
    /// A client.
    Client,
    /// A read context.
    Context,
    /// A gate.
    Gate,
}

/// One of the numbers that a routine takes. Its place in the verb's list is its place in [`crate::Operation::numbers`].
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// As it is written.
    pub name: &'static str,
    /// A number, unless it names a slot: [`Kind::Nothing`] is a number.
    pub kind: Kind,
    /// What stands there if it is not given: a symbol or number. Empty: the slot named like the verb's subject, if there is
    /// one, and else [`NONE`].
    pub default: &'static str,
}

/// "Not given" among the numbers: NULL.
pub const NONE: u64 = u64::MAX;

/// One routine, as it is written.
#[derive(Clone, Copy, Debug)]
pub struct Verb {
    /// Its word.
    pub name: &'static str,
    /// What is called.
    pub routine: Routine,
    /// What it acts on.
    pub subject: Kind,
    /// What it takes.
    pub parameters: &'static [Parameter],
    /// Whether it takes a text (`text=…`).
    pub takes_text: bool,
    /// What it answers, in the order of [`crate::Outcome::numbers`]; one that begins with `#` is the text.
    pub answers: &'static [&'static str],
}

impl Verb {
    /// The verb of a word.
    pub fn named(name: &str) -> Option<&'static Self> {
        VERBS.iter().find(|verb| verb.name == name)
    }

    /// The verb of a routine.
    pub fn of(routine: Routine) -> Option<&'static Self> {
        VERBS.iter().find(|verb| verb.routine == routine)
    }
}

const fn number(name: &'static str, default: &'static str) -> Parameter {
    Parameter { name, kind: Kind::Nothing, default }
}

const fn slot(name: &'static str, kind: Kind) -> Parameter {
    Parameter { name, kind, default: "" }
}

/// All of them.
pub static VERBS: &[Verb] = &[
    Verb {
        name: "create-log",
        routine: Routine::CreateLog,
        subject: Kind::Log,
        parameters: &[
            number("disposition", "open-always"),
            number("sharing", "0"),
            number("access", "read-write"),
            number("attributes", "0"),
            number("flags", "0"),
        ],
        takes_text: true,
        answers: &[],
    },
    Verb {
        name: "close-log",
        routine: Routine::CloseLog,
        subject: Kind::Log,
        parameters: &[],
        takes_text: false,
        answers: &[],
    },
    Verb {
        name: "delete-log",
        routine: Routine::DeleteLog,
        subject: Kind::Nothing,
        parameters: &[number("flags", "0")],
        takes_text: true,
        answers: &[],
    },
    Verb {
        name: "delete-by-pointer",
        routine: Routine::DeleteByPointer,
        subject: Kind::Log,
        parameters: &[],
        takes_text: false,
        answers: &[],
    },
    Verb {
        name: "reset-log",
        routine: Routine::ResetLog,
        subject: Kind::Log,
        parameters: &[],
        takes_text: false,
        answers: &[],
    },
    Verb {
        name: "add-container",
        routine: Routine::AddContainer,
        subject: Kind::Log,
        parameters: &[number("size", "512K")],
        takes_text: true,
        answers: &[],
    },
    Verb {
        name: "add-containers",
        routine: Routine::AddContainers,
        subject: Kind::Log,
        parameters: &[number("count", "2"), number("size", "512K")],
        takes_text: true,
        answers: &[],
    },
    Verb {
        name: "remove-container",
        routine: Routine::RemoveContainer,
        subject: Kind::Log,
        parameters: &[number("force", "0")],
        takes_text: true,
        answers: &[],
    },
    Verb {
        name: "scan-containers",
        routine: Routine::ScanContainers,
        subject: Kind::Log,
        parameters: &[],
        takes_text: false,
        answers: &["total", "inactive", "active", "pending-delete", "first", "last"],
    },
    Verb {
        name: "container-name",
        routine: Routine::ContainerName,
        subject: Kind::Log,
        parameters: &[number("id", "0")],
        takes_text: false,
        answers: &["#name"],
    },
    Verb {
        name: "information",
        routine: Routine::Information,
        subject: Kind::Log,
        parameters: &[number("physical", "0")],
        takes_text: false,
        answers: &[
            "total",
            "free",
            "container-size",
            "streams",
            "available",
            "reserved",
            "attributes",
            "base",
            "last",
            "flushed",
            "restart",
            "archive-tail",
        ],
    },
    Verb {
        name: "advance-base",
        routine: Routine::AdvanceBase,
        subject: Kind::Area,
        parameters: &[number("lsn", "0"), number("flags", "0")],
        takes_text: false,
        answers: &[],
    },
    Verb {
        name: "advance-base-unlinked",
        routine: Routine::AdvanceBaseUnlinked,
        subject: Kind::Area,
        parameters: &[number("lsn", "0"), number("flags", "0")],
        takes_text: false,
        answers: &[],
    },
    Verb {
        name: "set-end",
        routine: Routine::SetEnd,
        subject: Kind::Log,
        parameters: &[number("lsn", "0")],
        takes_text: false,
        answers: &[],
    },
    Verb {
        name: "set-archive-tail",
        routine: Routine::SetArchiveTail,
        subject: Kind::Log,
        parameters: &[number("lsn", "0")],
        takes_text: false,
        answers: &[],
    },
    Verb {
        name: "io-statistics",
        routine: Routine::IoStatistics,
        subject: Kind::Log,
        parameters: &[],
        takes_text: false,
        answers: &["flushes", "bytes-flushed", "metadata-flushes", "metadata-bytes-flushed"],
    },
    Verb {
        name: "create-area",
        routine: Routine::CreateArea,
        subject: Kind::Area,
        parameters: &[slot("log", Kind::Log), number("block-size", "32K"), number("writes", "8"), number("reads", "2")],
        takes_text: false,
        answers: &[],
    },
    Verb {
        name: "delete-area",
        routine: Routine::DeleteArea,
        subject: Kind::Area,
        parameters: &[],
        takes_text: false,
        answers: &[],
    },
    Verb {
        name: "append",
        routine: Routine::Append,
        subject: Kind::Area,
        parameters: &[
            number("size", "100"),
            number("undo", "0"),
            number("previous", "0"),
            number("flags", "0"),
            number("reserve", "0"),
        ],
        takes_text: false,
        answers: &["lsn", "reserved"],
    },
    Verb {
        name: "fill",
        routine: Routine::Fill,
        subject: Kind::Area,
        parameters: &[number("size", "16K"), number("limit", "0xffffffff"), number("flags", "0")],
        takes_text: false,
        answers: &["count", "lsn"],
    },
    Verb {
        name: "reserve",
        routine: Routine::Reserve,
        subject: Kind::Area,
        parameters: &[number("count", "1"), number("size", "100")],
        takes_text: false,
        answers: &["adjustment"],
    },
    Verb {
        name: "align-reserve",
        routine: Routine::AlignReserve,
        subject: Kind::Area,
        parameters: &[number("count", "1"), number("size", "100")],
        takes_text: false,
        answers: &["adjustment"],
    },
    Verb {
        name: "free-reserve",
        routine: Routine::FreeReserve,
        subject: Kind::Area,
        parameters: &[number("count", "1"), number("size", "100")],
        takes_text: false,
        answers: &[],
    },
    Verb {
        name: "flush",
        routine: Routine::Flush,
        subject: Kind::Area,
        parameters: &[],
        takes_text: false,
        answers: &[],
    },
    Verb {
        name: "flush-to",
        routine: Routine::FlushTo,
        subject: Kind::Area,
        parameters: &[number("lsn", "0")],
        takes_text: false,
        answers: &["flushed"],
    },
    Verb {
        name: "write-restart",
        routine: Routine::WriteRestart,
        subject: Kind::Area,
        parameters: &[number("size", "64"), number("base", "none"), number("flags", "0")],
        takes_text: false,
        answers: &["lsn"],
    },
    Verb {
        name: "read-restart",
        routine: Routine::ReadRestart,
        subject: Kind::Area,
        parameters: &[],
        takes_text: false,
        answers: &["size", "lsn"],
    },
    Verb {
        name: "read",
        routine: Routine::Read,
        subject: Kind::Context,
        parameters: &[slot("area", Kind::Area), number("lsn", "0"), number("mode", "forward")],
        takes_text: false,
        answers: &["size", "type", "undo-next", "previous"],
    },
    Verb {
        name: "read-next",
        routine: Routine::ReadNext,
        subject: Kind::Context,
        parameters: &[],
        takes_text: false,
        answers: &["size", "type", "undo-next", "previous", "lsn"],
    },
    Verb {
        name: "end-read",
        routine: Routine::EndRead,
        subject: Kind::Context,
        parameters: &[],
        takes_text: false,
        answers: &[],
    },
    Verb {
        name: "register",
        routine: Routine::Register,
        subject: Kind::Client,
        parameters: &[slot("log", Kind::Log), number("version", "1"), number("callbacks", "7"), number("null", "0")],
        takes_text: false,
        answers: &["cookie"],
    },
    Verb {
        name: "deregister",
        routine: Routine::Deregister,
        subject: Kind::Client,
        parameters: &[],
        takes_text: false,
        answers: &[],
    },
    Verb {
        name: "handle-full",
        routine: Routine::HandleFull,
        subject: Kind::Client,
        parameters: &[],
        takes_text: false,
        answers: &[],
    },
    Verb {
        name: "fail-tail",
        routine: Routine::FailTail,
        subject: Kind::Client,
        parameters: &[number("reason", "UNSUCCESSFUL")],
        takes_text: false,
        answers: &[],
    },
    Verb {
        name: "install-policy",
        routine: Routine::InstallPolicy,
        subject: Kind::Log,
        parameters: &[
            number("type", "0"),
            number("first", "0"),
            number("second", "0"),
            number("flags", "0"),
            number("version", "1"),
            number("length", "0"),
            number("own-length", "0"),
            number("null", "0"),
        ],
        takes_text: true,
        answers: &[],
    },
    Verb {
        name: "query-policy",
        routine: Routine::QueryPolicy,
        subject: Kind::Log,
        parameters: &[number("type", "0"), number("length", "256"), number("null", "0")],
        takes_text: false,
        answers: &["first", "second", "flags", "version", "own-length", "length", "#text"],
    },
    Verb {
        name: "remove-policy",
        routine: Routine::RemovePolicy,
        subject: Kind::Log,
        parameters: &[number("type", "0")],
        takes_text: false,
        answers: &[],
    },
    Verb {
        name: "resize",
        routine: Routine::Resize,
        subject: Kind::Log,
        parameters: &[number("size", "0"), number("null", "0")],
        takes_text: false,
        answers: &["resulting"],
    },
    Verb {
        name: "resize-as",
        routine: Routine::ResizeAs,
        subject: Kind::Log,
        parameters: &[slot("client", Kind::Client), number("size", "0"), number("null", "0"), number("cookie", "0")],
        takes_text: false,
        answers: &["resulting"],
    },
    Verb {
        name: "pins",
        routine: Routine::Pins,
        subject: Kind::Log,
        parameters: &[],
        takes_text: false,
        answers: &["count", "stream", "target", "base"],
    },
    Verb {
        name: "statistics",
        routine: Routine::Statistics,
        subject: Kind::Log,
        parameters: &[],
        takes_text: false,
        answers: &["requests", "succeeded", "pinned", "failed", "asks", "unpinned", "added", "removed"],
    },
    Verb {
        name: "resources",
        routine: Routine::Resources,
        subject: Kind::Nothing,
        parameters: &[],
        takes_text: false,
        answers: &["pool-blocks", "heap-blocks", "handles", "references", "work-items", "threads", "logs", "clients"],
    },
    Verb {
        name: "open-gate",
        routine: Routine::OpenGate,
        subject: Kind::Gate,
        parameters: &[],
        takes_text: false,
        answers: &[],
    },
    Verb {
        name: "wait-gate",
        routine: Routine::WaitGate,
        subject: Kind::Gate,
        parameters: &[number("milliseconds", "10000")],
        takes_text: false,
        answers: &[],
    },
    Verb {
        name: "sleep",
        routine: Routine::Sleep,
        subject: Kind::Nothing,
        parameters: &[number("milliseconds", "10")],
        takes_text: false,
        answers: &[],
    },
];
