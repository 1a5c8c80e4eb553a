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

    const fn with_text(mut self) -> Self {
        self.takes_text = true;
        self
    }

    /// The verb of a routine.
    pub fn of(routine: Routine) -> Option<&'static Self> {
        VERBS.iter().find(|verb| verb.routine == routine)
    }
}

/// A verb that takes no text.
const fn verb(
    name: &'static str,
    routine: Routine,
    subject: Kind,
    parameters: &'static [Parameter],
    answers: &'static [&'static str],
) -> Verb {
    Verb { name, routine, subject, parameters, takes_text: false, answers }
}

const fn number(name: &'static str, default: &'static str) -> Parameter {
    Parameter { name, kind: Kind::Nothing, default }
}

const fn slot(name: &'static str, kind: Kind) -> Parameter {
    Parameter { name, kind, default: "" }
}

/// All of them.
pub static VERBS: &[Verb] = &[
    verb(
        "create-log",
        Routine::CreateLog,
        Kind::Log,
        &[
            number("disposition", "open-always"),
            number("sharing", "0"),
            number("access", "read-write"),
            number("attributes", "0"),
            number("flags", "0"),
        ],
        &[],
    )
    .with_text(),
    verb("close-log", Routine::CloseLog, Kind::Log, &[], &[]),
    verb("delete-log", Routine::DeleteLog, Kind::Nothing, &[number("flags", "0")], &[]).with_text(),
    verb("delete-by-pointer", Routine::DeleteByPointer, Kind::Log, &[], &[]),
    verb("reset-log", Routine::ResetLog, Kind::Log, &[], &[]),
    verb("add-container", Routine::AddContainer, Kind::Log, &[number("size", "512K")], &[]).with_text(),
    verb("add-containers", Routine::AddContainers, Kind::Log, &[number("count", "2"), number("size", "512K")], &[])
        .with_text(),
    verb("remove-container", Routine::RemoveContainer, Kind::Log, &[number("force", "0")], &[]).with_text(),
    verb(
        "scan-containers",
        Routine::ScanContainers,
        Kind::Log,
        &[],
        &["total", "inactive", "active", "pending-delete", "first", "last"],
    ),
    verb("container-name", Routine::ContainerName, Kind::Log, &[number("id", "0")], &["#name"]),
    verb(
        "information",
        Routine::Information,
        Kind::Log,
        &[number("physical", "0")],
        &[
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
    ),
    verb("advance-base", Routine::AdvanceBase, Kind::Area, &[number("lsn", "0"), number("flags", "0")], &[]),
    verb(
        "advance-base-unlinked",
        Routine::AdvanceBaseUnlinked,
        Kind::Area,
        &[number("lsn", "0"), number("flags", "0")],
        &[],
    ),
    verb("set-end", Routine::SetEnd, Kind::Log, &[number("lsn", "0")], &[]),
    verb("set-archive-tail", Routine::SetArchiveTail, Kind::Log, &[number("lsn", "0")], &[]),
    verb(
        "io-statistics",
        Routine::IoStatistics,
        Kind::Log,
        &[],
        &["flushes", "bytes-flushed", "metadata-flushes", "metadata-bytes-flushed"],
    ),
    verb(
        "create-area",
        Routine::CreateArea,
        Kind::Area,
        &[slot("log", Kind::Log), number("block-size", "32K"), number("writes", "8"), number("reads", "2")],
        &[],
    ),
    verb("delete-area", Routine::DeleteArea, Kind::Area, &[], &[]),
    verb(
        "append",
        Routine::Append,
        Kind::Area,
        &[
            number("size", "100"),
            number("undo", "0"),
            number("previous", "0"),
            number("flags", "0"),
            number("reserve", "0"),
        ],
        &["lsn", "reserved"],
    ),
    verb(
        "fill",
        Routine::Fill,
        Kind::Area,
        &[number("size", "16K"), number("limit", "0xffffffff"), number("flags", "0")],
        &["count", "lsn"],
    ),
    verb("reserve", Routine::Reserve, Kind::Area, &[number("count", "1"), number("size", "100")], &["adjustment"]),
    verb(
        "align-reserve",
        Routine::AlignReserve,
        Kind::Area,
        &[number("count", "1"), number("size", "100")],
        &["adjustment"],
    ),
    verb("free-reserve", Routine::FreeReserve, Kind::Area, &[number("count", "1"), number("size", "100")], &[]),
    verb("flush", Routine::Flush, Kind::Area, &[], &[]),
    verb("flush-to", Routine::FlushTo, Kind::Area, &[number("lsn", "0")], &["flushed"]),
    verb(
        "write-restart",
        Routine::WriteRestart,
        Kind::Area,
        &[number("size", "64"), number("base", "none"), number("flags", "0")],
        &["lsn"],
    ),
    verb("read-restart", Routine::ReadRestart, Kind::Area, &[], &["size", "lsn"]),
    verb(
        "read",
        Routine::Read,
        Kind::Context,
        &[slot("area", Kind::Area), number("lsn", "0"), number("mode", "forward")],
        &["size", "type", "undo-next", "previous"],
    ),
    verb("read-next", Routine::ReadNext, Kind::Context, &[], &["size", "type", "undo-next", "previous", "lsn"]),
    verb("end-read", Routine::EndRead, Kind::Context, &[], &[]),
    verb(
        "register",
        Routine::Register,
        Kind::Client,
        &[slot("log", Kind::Log), number("version", "1"), number("callbacks", "7"), number("null", "0")],
        &["cookie"],
    ),
    verb("deregister", Routine::Deregister, Kind::Client, &[], &[]),
    verb("handle-full", Routine::HandleFull, Kind::Client, &[], &[]),
    verb("fail-tail", Routine::FailTail, Kind::Client, &[number("reason", "UNSUCCESSFUL")], &[]),
    verb(
        "install-policy",
        Routine::InstallPolicy,
        Kind::Log,
        &[
            number("type", "0"),
            number("first", "0"),
            number("second", "0"),
            number("flags", "0"),
            number("version", "1"),
            number("length", "0"),
            number("own-length", "0"),
            number("null", "0"),
        ],
        &[],
    )
    .with_text(),
    verb(
        "query-policy",
        Routine::QueryPolicy,
        Kind::Log,
        &[number("type", "0"), number("length", "256"), number("null", "0")],
        &["first", "second", "flags", "version", "own-length", "length", "#text"],
    ),
    verb("remove-policy", Routine::RemovePolicy, Kind::Log, &[number("type", "0")], &[]),
    verb(
        "resize",
        Routine::Resize,
        Kind::Log,
        &[number("size", "0"), number("null", "0"), number("completion", "0")],
        &["resulting"],
    ),
    verb(
        "resize-as",
        Routine::ResizeAs,
        Kind::Log,
        &[
            slot("client", Kind::Client),
            number("size", "0"),
            number("null", "0"),
            number("cookie", "0"),
            number("completion", "0"),
        ],
        &["resulting"],
    ),
    verb("pins", Routine::Pins, Kind::Log, &[], &["count", "stream", "target", "base"]),
    verb(
        "statistics",
        Routine::Statistics,
        Kind::Log,
        &[],
        &["requests", "succeeded", "pinned", "failed", "asks", "unpinned", "added", "removed"],
    ),
    verb(
        "resources",
        Routine::Resources,
        Kind::Nothing,
        &[],
        &["pool-blocks", "heap-blocks", "handles", "references", "work-items", "threads", "logs", "clients"],
    ),
    verb("open-gate", Routine::OpenGate, Kind::Gate, &[], &[]),
    verb("wait-gate", Routine::WaitGate, Kind::Gate, &[number("milliseconds", "10000")], &[]),
    verb("sleep", Routine::Sleep, Kind::Nothing, &[number("milliseconds", "10")], &[]),
];
