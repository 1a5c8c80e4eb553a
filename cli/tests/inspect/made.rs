//! Logs in real files, made for the tests, and the program that looks at them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use clfsmgmt::host::FileStorage;
use clfsmgmt::log::{Admission, BlockLimit, Log, LogOptions, RecordParts};
use clfsmgmt::units::{Bytes, Lsn, Status, StreamId};
use tempfile::TempDir;

/// What the program said.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) error: String,
}

/// Starting a program and closing a log exclude each other: between fork and exec a child has this process's files, and
/// with them the locks of logs that another test closes at that moment.
static STARTING: Mutex<()> = Mutex::new(());

fn starting() -> MutexGuard<'static, ()> {
    STARTING.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run(command: &mut Command) -> Output {
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = {
        let _alone = starting();
        command.spawn().expect("the program starts")
    };
    child.wait_with_output().expect("the program ends")
}

/// Runs `clfsmgmt inspect`.
pub(crate) fn inspect(log: &Path, options: &[&str]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clfsmgmt"));
    let done = run(command.arg("inspect").args(options).arg(log));
    Said {
        code: done.status.code().expect("an exit code"),
        out: String::from_utf8(done.stdout).expect("UTF-8"),
        error: String::from_utf8(done.stderr).expect("UTF-8"),
    }
}

/// As [`inspect`], with little memory and little time.
pub(crate) fn inspect_within(log: &Path, options: &[&str]) -> Said {
    let mut command = Command::new("sh");
    command.arg("-c").arg("ulimit -v 700000; exec timeout 30 \"$@\"").arg("sh");
    let done = run(command.arg(env!("CARGO_BIN_EXE_clfsmgmt")).arg("inspect").args(options).arg(log));
    Said {
        code: done.status.code().expect("an exit code"),
        out: String::from_utf8_lossy(&done.stdout).into_owned(),
        error: String::from_utf8_lossy(&done.stderr).into_owned(),
    }
}

pub(crate) fn inspect_json(log: &Path, options: &[&str]) -> serde_json::Value {
    let said = inspect(log, &[options, &["--json"]].concat());
    assert_eq!(said.code, 0, "{}{}", said.out, said.error);
    serde_json::from_str(&said.out).expect("JSON")
}

/// A log in a folder of its own, and the process that has it open.
pub(crate) struct Made {
    pub(crate) folder: TempDir,
    pub(crate) log: Log<FileStorage>,
    pub(crate) streams: Vec<StreamId>,
}

/// A closed log.
pub(crate) struct Closed {
    pub(crate) folder: TempDir,
    pub(crate) base: PathBuf,
}

pub(crate) fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

/// A new log with `containers` containers of the smallest size; `streams` of 0 makes a dedicated one.
pub(crate) fn make(streams: u8, containers: u32) -> Made {
    let folder = tempfile::tempdir().expect("a folder");
    let options = LogOptions {
        is_multiplexed: streams > 0,
        is_archived: false,
        log_id: *b"0123456789abcdef",
        name: &wide("\\??\\C:\\made\\made.blf"),
        block_limit: BlockLimit::DEFAULT,
    };
    let storage = FileStorage::new(folder.path().join("made.blf"));
    let mut log = Log::create(storage, &options).expect("a new log");
    let size = if streams > 0 { 1 << 20 } else { 512 << 10 };
    for number in 0..containers {
        let name = wide(&format!("%BLF%\\c{number}"));
        log.add_container(&name, Some(Bytes(size))).expect("a container");
    }
    let create = |number| log.create_stream(&wide(&format!("stream-{number}")));
    let mut streams: Vec<_> = (0..streams).map(create).collect::<Result<_, _>>().expect("streams");
    if streams.is_empty() {
        streams.push(StreamId::PHYSICAL);
    }
    Made { folder, log, streams }
}

impl Made {
    pub(crate) fn append(&mut self, stream: StreamId, data: &[u8], previous: Lsn) -> Result<Lsn, Status> {
        let parts = RecordParts { data: &[data], undo_next: previous, previous };
        self.log.append(stream, &parts, Admission::Free)
    }

    /// Appends `rounds` records of up to 9 KiB to each stream, chained; a full log has every tail moved.
    pub(crate) fn fill(&mut self, rounds: usize) {
        let mut chains: Vec<Vec<Lsn>> = vec![Vec::new(); self.streams.len()];
        for round in 0..rounds {
            for number in 0..self.streams.len() {
                let data = vec![round.to_le_bytes()[0]; (round * 997 + number * 131) % 9000];
                let stream = self.streams[number];
                let previous = chains[number].last().copied().unwrap_or(Lsn::INVALID);
                let lsn = match self.append(stream, &data, previous) {
                    Err(Status::LOG_FULL) => {
                        self.move_tails(&chains);
                        self.append(stream, &data, previous)
                    }
                    outcome => outcome,
                };
                chains[number].push(lsn.expect("room"));
            }
        }
    }

    /// Writes restart areas with new bases, so that each stream keeps its ten newest records.
    fn move_tails(&mut self, chains: &[Vec<Lsn>]) {
        for (stream, chain) in self.streams.iter().zip(chains) {
            let base = chain[chain.len().saturating_sub(10)];
            self.log.write_restart_area(*stream, &[b"tables"], Some(base)).expect("a restart area");
        }
    }

    pub(crate) fn close(self) -> Closed {
        let _alone = starting();
        self.log.close().expect("closed");
        Closed { base: self.folder.path().join("made.blf"), folder: self.folder }
    }

    /// Ends as a crash of the program does.
    pub(crate) fn abandon(self) -> Closed {
        let _alone = starting();
        drop(self.log);
        Closed { base: self.folder.path().join("made.blf"), folder: self.folder }
    }
}

impl Closed {
    pub(crate) fn container(&self, number: u32) -> PathBuf {
        self.folder.path().join(format!("c{number}"))
    }

    pub(crate) fn inspect(&self, options: &[&str]) -> Said {
        inspect(&self.base, options)
    }

    /// The check finds nothing.
    #[track_caller]
    pub(crate) fn expect_sound(&self) -> String {
        let said = self.inspect(&["--check"]);
        assert_eq!(said.code, 0, "{}{}", said.out, said.error);
        said.out
    }

    /// The check ends with one line that names this place and this rule.
    #[track_caller]
    pub(crate) fn expect_fault(&self, parts: &[&str]) {
        let said = self.inspect(&["--check"]);
        assert_eq!(said.code, 1, "{}{}", said.out, said.error);
        let last = said.out.lines().last().expect("a line");
        assert!(
            parts.iter().all(|part| last.contains(part)) && last.ends_with("(does not hold)"),
            "not {parts:?}: {last}"
        );
    }
}

/// Every file of a folder, by name.
pub(crate) fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| (path.clone(), fs::read(path).expect("a file")))
        .collect();
    files.sort();
    files
}
