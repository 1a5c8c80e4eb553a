//! Requests over a log of our own: its base routines, exported as C sees them, are the real ones here.

use core::ffi::c_void;
use core::mem::MaybeUninit;
use std::vec;
use std::vec::Vec;

use super::bench::{Bench, Call, Registered, area};
use super::routines::OWN;
use crate::abi::{ClfsInformation, ClfsLsn, ClfsWriteEntry, NtStatus, UnicodeString};
use crate::engine::PinHolder;
use crate::engine::policy::Policy;
use crate::exports::clfs;
use crate::exports::client::LogFileObject;
use crate::exports::interposed::entries::{
    clfsmgmt_add_log_container, clfsmgmt_advance_log_base, clfsmgmt_close_log_file_object,
    clfsmgmt_delete_marshalling_area, clfsmgmt_reserve_and_append_log,
};
use crate::exports::interposed::routines::MarshalContext;
use crate::foreign::UNSEEN;
use crate::units::{ContainerCount, Lsn, Status};

const RECORD_BYTES: u32 = 20_000;
const READ_WRITE_DELETE: u32 = 0xC001_0000;
const SHARE_ALL: u32 = 7;
const OPEN_ALWAYS: u32 = 4;
const ATTRIBUTE_NORMAL: u32 = 0x80;

pub(super) fn text(units: &mut [u16]) -> UnicodeString {
    let length = u16::try_from(units.len() * 2).unwrap();
    UnicodeString { length, maximum_length: length, buffer: units.as_mut_ptr() }
}

/// A log in a folder of its own.
pub(super) struct Own {
    pub(super) folder: tempfile::TempDir,
}

impl Own {
    pub(super) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// Opens `log:<folder>/sales` with this behind it.
    pub(super) fn open(&self, stream: &str) -> LogFileObject {
        self.open_with(stream, ATTRIBUTE_NORMAL)
    }

    pub(super) fn open_with(&self, stream: &str, attributes: u32) -> LogFileObject {
        let path = self.folder.path().join("sales");
        let mut name: Vec<u16> = std::format!("log:{}{stream}", path.to_str().unwrap()).encode_utf16().collect();
        let (mut log, name, none) = (core::ptr::null_mut(), text(&mut name), core::ptr::null());
        // SAFETY: locals.
        let status = unsafe {
            clfs::ClfsCreateLogFile(
                &raw mut log,
                &raw const name,
                READ_WRITE_DELETE,
                SHARE_ALL,
                none,
                OPEN_ALWAYS,
                0,
                attributes,
                0,
                none,
                0,
            )
        };
        assert_eq!(status, NtStatus::SUCCESS);
        log
    }

    fn files(&self) -> usize {
        std::fs::read_dir(self.folder.path()).unwrap().count()
    }
}

pub(super) fn add(log: LogFileObject, name: &str) {
    let mut name: Vec<u16> = name.encode_utf16().collect();
    let (name, mut size) = (text(&mut name), 512 * 1024);
    // SAFETY: an open log, and locals.
    let status = unsafe { clfsmgmt_add_log_container(log, &raw mut size, &raw const name) };
    assert_eq!(status, NtStatus::SUCCESS);
}

pub(super) fn append(context: MarshalContext) -> Result<Lsn, Status> {
    let mut data = vec![7_u8; usize::try_from(RECORD_BYTES).unwrap()];
    let entry = ClfsWriteEntry { buffer: data.as_mut_ptr().cast::<c_void>(), byte_length: RECORD_BYTES };
    let (mut lsn, no_lsn, no_number) = (ClfsLsn::INVALID, core::ptr::null(), core::ptr::null_mut());
    // SAFETY: an area that exists, and locals.
    let status = unsafe {
        clfsmgmt_reserve_and_append_log(context, &raw const entry, 1, no_lsn, no_lsn, 0, no_number, 0, &raw mut lsn)
    };
    if status == NtStatus::SUCCESS { Ok(lsn.into()) } else { Err(status.into()) }
}

/// Appends until the log is full; where the last record went.
pub(super) fn fill(context: MarshalContext) -> Lsn {
    let mut last = append(context).unwrap();
    loop {
        match append(context) {
            Ok(lsn) => last = lsn,
            Err(status) => {
                assert_eq!(status, Status::LOG_FULL);
                return last;
            }
        }
    }
}

/// A dedicated log of four containers that cannot grow, full, and its client.
pub(super) fn full(bench: &Bench, own: &Own) -> (LogFileObject, MarshalContext, Registered, Lsn) {
    let log = own.open("");
    for number in 0..4 {
        add(log, &std::format!("%BLF%\\c{number}"));
    }
    let client = bench.register(log);
    bench.install(log, Policy::MaximumSize(ContainerCount(4)));
    let context = area(log);
    let last = fill(context);
    (log, context, client, last)
}

#[test]
fn over_our_own_log_a_request_is_ended_by_the_base_that_its_client_moves() {
    let bench = Bench::new();
    let own = Own::new();
    let (log, context, client, last) = full(&bench, &own);
    assert_eq!(last.container(), 3);
    assert_eq!(bench.log_full(&client), Status::PENDING);
    let calls = client.calls();
    let [Call::Ask(target)] = calls[..] else { panic!("{calls:?}") };
    assert_eq!(target, Lsn::container_start(2));
    let base = ClfsLsn::from(target);
    // SAFETY: an area that exists, and a local.
    assert_eq!(unsafe { clfsmgmt_advance_log_base(context, &raw const base, 0) }, NtStatus::SUCCESS);
    bench.work();
    assert_eq!(client.calls(), [Call::Complete(Status::SUCCESS, false)]);
    assert!(append(context).is_ok());
    end(&bench, log, context, &client);
}

#[test]
fn over_our_own_log_a_base_that_moves_unseen_is_found_by_looking() {
    let bench = Bench::new();
    let own = Own::new();
    let (log, context, client, _) = full(&bench, &own);
    assert_eq!(bench.log_full(&client), Status::PENDING);
    assert!(bench.tick());
    let base = ClfsLsn::from(Lsn::container_start(2));
    // SAFETY: an area that exists, and a local. The real routine, as a driver calls it that is not relinked.
    assert_eq!(unsafe { (OWN.advance_log_base)(context, &raw const base, 0) }, NtStatus::SUCCESS);
    bench.work();
    assert_eq!(client.calls().len(), 1, "only the ask");
    bench.tick();
    assert_eq!(client.calls(), [Call::Complete(Status::SUCCESS, false)]);
    assert!(!bench.tick());
    end(&bench, log, context, &client);
}

#[test]
fn over_our_own_log_containers_are_created_and_removed_by_the_real_routines() {
    let bench = Bench::new();
    let own = Own::new();
    let log = own.open("");
    add(log, "%BLF%\\one");
    add(log, "%BLF%\\two");
    let client = bench.register(log);
    let context = area(log);
    fill(context);
    assert_eq!(bench.log_full(&client), Status::SUCCESS);
    let name = own.folder.path().join("salesContainer00000000000000000001");
    assert!(name.exists(), "named after the log");
    assert!(append(context).is_ok());
    let grown = own.files();
    assert_eq!(bench.manager.set_log_size(client.log, 8), Ok(ContainerCount(8)));
    assert_eq!(bench.manager.set_log_size(client.log, 4), Ok(ContainerCount(4)));
    assert_eq!(own.files(), grown);
    end(&bench, log, context, &client);
}

#[test]
fn over_our_own_log_a_stream_without_a_client_is_seen_by_its_area_and_pins() {
    let bench = Bench::new();
    let own = Own::new();
    let (log, other) = (own.open("::managed"), own.open("::other"));
    for number in 0..4 {
        add(log, &std::format!("%BLF%\\c{number}"));
    }
    let client = bench.register(log);
    bench.install(log, Policy::MaximumSize(ContainerCount(4)));
    let (context, behind) = (area(log), area(other));
    append(behind).unwrap();
    let last = fill(context);
    // SAFETY: an area that exists. Its record is to be on disk, and hold its container.
    assert_eq!(unsafe { clfs::ClfsFlushBuffers(behind) }, NtStatus::SUCCESS);
    let mut base = ClfsLsn::from(last);
    // SAFETY: an area that exists, and a local.
    assert_eq!(unsafe { clfsmgmt_advance_log_base(context, &raw mut base, 0) }, NtStatus::SUCCESS);
    assert_eq!(bench.log_full(&client), Status::PENDING);
    assert_eq!(client.calls(), [Call::Complete(Status::LOG_PINNED, true)]);
    let pins = bench.manager.pin_report(client.log).unwrap();
    assert!(pins.iter().all(|pin| pin.holder == PinHolder::UnmanagedStream && pin.stream != UNSEEN), "{pins:?}");
    // The other stream gives up what it holds: management is notified, although nobody is registered for it.
    base = end_of(other);
    // SAFETY: an area that exists, and a local.
    assert_eq!(unsafe { clfsmgmt_advance_log_base(behind, &raw const base, 0) }, NtStatus::SUCCESS);
    bench.work();
    assert_eq!(client.calls(), [Call::Unpinned]);
    // SAFETY: areas and logs that exist.
    unsafe {
        clfsmgmt_delete_marshalling_area(behind);
        clfsmgmt_close_log_file_object(other);
    }
    end(&bench, log, context, &client);
}

#[test]
fn over_our_own_log_a_client_of_it_as_a_whole_is_never_asked_and_pins_nothing() {
    let bench = Bench::new();
    let own = Own::new();
    let (whole, log) = (own.open("::"), own.open("::stream"));
    for number in 0..4 {
        add(log, &std::format!("%BLF%\\c{number}"));
    }
    bench.install(whole, Policy::MaximumSize(ContainerCount(4)));
    let (keeper, client) = (bench.register(whole), bench.register(log));
    let context = area(log);
    fill(context);
    assert_eq!(bench.log_full(&keeper), Status::PENDING);
    assert_eq!((keeper.calls(), client.calls().len()), (vec![], 1));
    let base = end_of(log);
    // SAFETY: an area that exists, and a local.
    assert_eq!(unsafe { clfsmgmt_advance_log_base(context, &raw const base, 0) }, NtStatus::SUCCESS);
    bench.work();
    assert_eq!((keeper.calls(), client.calls()), (vec![Call::Complete(Status::SUCCESS, false)], vec![]));
    assert_eq!(bench.manager.deregister(keeper.cookie), Ok(()));
    close(whole);
    end(&bench, log, context, &client);
}

/// The next LSN of a stream.
pub(super) fn end_of(log: LogFileObject) -> ClfsLsn {
    let mut information = MaybeUninit::<ClfsInformation>::zeroed();
    let mut length = u32::try_from(size_of::<ClfsInformation>()).unwrap();
    let place = information.as_mut_ptr().cast::<c_void>();
    // SAFETY: an open log, and locals.
    let status = unsafe { clfs::ClfsQueryLogFileInformation(log, 0, core::ptr::null(), 0, place, &raw mut length) };
    assert_eq!(status, NtStatus::SUCCESS);
    // SAFETY: numbers, of which every bit pattern is one.
    unsafe { information.assume_init() }.last
}

pub(super) fn close(log: LogFileObject) {
    // SAFETY: an open log.
    assert_eq!(unsafe { clfsmgmt_close_log_file_object(log) }, NtStatus::SUCCESS);
}

pub(super) fn end(bench: &Bench, log: LogFileObject, context: MarshalContext, client: &Registered) {
    assert_eq!(bench.manager.deregister(client.cookie), Ok(()));
    // SAFETY: an area that exists.
    assert_eq!(unsafe { clfsmgmt_delete_marshalling_area(context) }, NtStatus::SUCCESS);
    close(log);
    assert_eq!(bench.manager.logs_attached(), 0);
    assert_eq!(bench.logs.foreign().areas_known(), 0);
}
