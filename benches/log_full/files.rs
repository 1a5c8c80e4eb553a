//! Logs in real files on a real disk, and containers created bare.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clfsmgmt::engine::policy::{Amount, Existing, Policy};
use clfsmgmt::host::{FileStorage, HostClock, HostLog, LogHost};
use clfsmgmt::log::{Admission, BlockLimit, Log, LogOptions, RecordParts};
use clfsmgmt::manager::ports::ClientCallbacks;
use clfsmgmt::manager::{Cookie, GrowthPlace, RequestOutcome};
use clfsmgmt::units::{Bytes, ContainerCount, Lsn, Status, StreamId};
use tempfile::TempDir;

pub(crate) const RECORD: [u8; 4096] = [0x5A; 4096];
/// A group commit: the writer makes its records durable whenever it has written so much.
pub(crate) const COMMIT_RECORDS: u32 = 64;
/// A log is full while up to a block's room may be left at its end.
const BLOCK_RECORDS: u32 = 16;
/// The host layer fills containers in pieces of this size.
static ZEROS: [u8; 256 * 1024] = [0; 256 * 1024];

/// A temporary folder: below `CLFSMGMT_BENCH_DIR`, or in the build's own, which is on a real disk more often than
/// `/tmp` is.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        let parent = std::env::var_os("CLFSMGMT_BENCH_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")), PathBuf::from);
        Self(TempDir::new_in(parent).expect("a temporary folder can be made"))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

/// A client that is never asked: the log may always grow.
pub(crate) struct Writer;

impl ClientCallbacks for Writer {
    fn advance_tail(&self, _: Lsn) -> Status {
        Status::LOG_PINNED
    }

    fn log_growth_complete(&self, _: Status, _: bool) {}

    fn log_unpinned(&self) {}
}

/// The record that everybody appends.
pub(crate) const fn parts() -> RecordParts<'static> {
    RecordParts { data: &[&RECORD], undo_next: Lsn::INVALID, previous: Lsn::INVALID }
}

/// The options of a dedicated log.
pub(crate) const OPTIONS: LogOptions<'static> = LogOptions {
    is_multiplexed: false,
    is_archived: false,
    log_id: [7; 16],
    name: &[0x6C, 0x6F, 0x67],
    block_limit: BlockLimit::DEFAULT,
};

/// Whether the log grows ahead of need.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum AutoGrow {
    On,
    Off,
}

/// A managed log that grows by one container.
pub(crate) struct GrowingLog {
    log: HostLog<Writer>,
    writer: Cookie,
    host: LogHost<Writer>,
    appended: u32,
}

/// Where the time at a full log went.
pub(crate) struct Pause {
    /// From the append that found the log full to the end of the one that did not.
    pub(crate) whole: Duration,
    /// In `handle_log_full` alone.
    pub(crate) growth: Duration,
    /// The append soon after that goes on to the new container: it flushes the old one, grown or not.
    pub(crate) next_container: Duration,
}

impl GrowingLog {
    /// A log of two containers that grows when it is full.
    pub(crate) fn create(folder: &Folder, container_bytes: u64) -> Self {
        Self::with_containers(folder, container_bytes, 2, AutoGrow::Off)
    }

    pub(crate) fn with_containers(folder: &Folder, container_bytes: u64, containers: u32, auto_grow: AutoGrow) -> Self {
        let made = Self::try_create(folder, container_bytes, containers, auto_grow);
        made.expect("a log can be created in the temporary folder")
    }

    fn try_create(folder: &Folder, container_bytes: u64, containers: u32, auto_grow: AutoGrow) -> Result<Self, Status> {
        let number = std::fs::read_dir(folder.path()).map_or(0, Iterator::count);
        let base = folder.path().join(format!("log{number}.blf"));
        let mut log = Log::create(FileStorage::new(base), &OPTIONS)?;
        for container in 0..containers {
            let name: Vec<u16> = format!("%BLF%\\log{number}-first-{container}").encode_utf16().collect();
            log.add_container(&name, Some(Bytes(container_bytes)))?;
        }
        let host = LogHost::start(HostClock::System).map_err(|_| Status::INSUFFICIENT_RESOURCES)?;
        let log = host.manage(log)?;
        let (manager, key) = log.management();
        let rate = Policy::GrowthRate(Amount::Containers(ContainerCount(1)));
        manager.install_policy(key, rate, Existing::Overwrite)?;
        let ahead = Policy::AutoGrow(auto_grow == AutoGrow::On);
        manager.install_policy(key, ahead, Existing::Overwrite)?;
        let writer = manager.register(key, StreamId::PHYSICAL, Writer)?;
        host.wait_idle();
        Ok(Self { log, writer, host, appended: 0 })
    }

    /// Appends one record and commits when it is time to.
    pub(crate) fn append(&mut self) -> Result<(), Status> {
        self.append_only()?;
        self.appended += 1;
        if self.appended.is_multiple_of(COMMIT_RECORDS) {
            self.commit();
        }
        Ok(())
    }

    pub(crate) fn append_only(&mut self) -> Result<(), Status> {
        let appended = self.log.append(StreamId::PHYSICAL, &parts(), Admission::Free);
        appended.map(drop)
    }

    /// The container that the next block goes into.
    pub(crate) fn container(&self) -> u32 {
        self.log.with(Log::end_container).unwrap_or_default()
    }

    pub(crate) fn commit(&self) {
        let flushed = self.log.flush(StreamId::PHYSICAL);
        assert!(flushed.is_ok(), "{flushed:?}");
    }

    /// Asks for space until there is some.
    pub(crate) fn ask_for_space(&self) {
        let (manager, _) = self.log.management();
        if manager.handle_log_full(self.writer, GrowthPlace::Inline) == Ok(RequestOutcome::Pending) {
            self.host.wait_idle();
        }
    }

    /// Writes until the log has room for less than one more block, all of it durable.
    pub(crate) fn fill(&mut self) {
        while self.log.with(|log| log.space().current_available.0 > RECORD.len() as u64) == Ok(true) {
            let appended = self.append();
            assert!(appended.is_ok(), "{appended:?}");
        }
        self.commit();
    }

    /// Meets the full log, has it grown, and appends.
    pub(crate) fn grow(&mut self) -> Pause {
        let begun = Instant::now();
        let mut growth = Duration::ZERO;
        loop {
            match self.append_only() {
                Ok(()) => break,
                Err(status) => assert!(status == Status::LOG_FULL, "{status:?}"),
            }
            let asked = Instant::now();
            self.ask_for_space();
            growth += asked.elapsed();
        }
        let whole = begun.elapsed();
        Pause { whole, growth, next_container: self.longest_of_a_block() }
    }

    fn longest_of_a_block(&mut self) -> Duration {
        let mut longest = Duration::ZERO;
        for _ in 0..2 * BLOCK_RECORDS {
            let begun = Instant::now();
            let appended = self.append_only();
            assert!(appended.is_ok(), "{appended:?}");
            longest = longest.max(begun.elapsed());
        }
        longest
    }
}

/// Container files without a log.
pub(crate) struct BareContainers {
    folder: PathBuf,
    bytes: u64,
    created: u32,
}

impl BareContainers {
    pub(crate) fn new(folder: &Folder, bytes: u64) -> Self {
        Self { folder: folder.path().into(), bytes, created: 0 }
    }

    fn path(&self) -> PathBuf {
        self.folder.join(format!("bare-{}", self.created))
    }

    /// Creates a container as the host's storage does: new file, zeros, data flushed, folder flushed.
    pub(crate) fn create(&mut self) -> Duration {
        self.created += 1;
        let begun = Instant::now();
        let created = create_container(&self.folder, &self.path(), self.bytes);
        let taken = begun.elapsed();
        assert!(created.is_ok(), "{created:?}");
        taken
    }
}

fn create_container(folder: &Path, path: &Path, bytes: u64) -> io::Result<()> {
    let file = OpenOptions::new().read(true).write(true).create_new(true).open(path)?;
    let mut offset = 0;
    while offset < bytes {
        let length = ZEROS.len().min(usize::try_from(bytes - offset).unwrap_or(usize::MAX));
        file.write_all_at(&ZEROS[..length], offset)?;
        offset += length as u64;
    }
    file.sync_data()?;
    File::open(folder)?.sync_all()
}
