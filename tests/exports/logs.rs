//! The file half of the base interface, through the functions that C programs call.

use std::ffi::c_void;
use std::path::Path;
use std::ptr::{null, null_mut};

use clfsmgmt::abi::{
    AlignedMode, AlignedNumber, ClfsContainerInformation, ClfsInformation, ClfsLsn, ClfsScanContext, NtStatus,
    UnicodeString,
};
use clfsmgmt::exports::clfs::{
    ClfsAddLogContainer, ClfsAddLogContainerSet, ClfsCloseLogFileObject, ClfsCreateLogFile, ClfsCreateScanContext,
    ClfsDeleteLogByPointer, ClfsDeleteLogFile, ClfsGetContainerName, ClfsGetIoStatistics, ClfsGetLogFileInformation,
    ClfsQueryLogFileInformation, ClfsRemoveLogContainer, ClfsScanLogContainers, ClfsSetArchiveTail, ClfsSetEndOfLog,
    ClfsSetLogFileInformation,
};
use clfsmgmt::units::Status;

const READ_WRITE_DELETE: u32 = 0xC001_0000;
const OPEN_ALWAYS: u32 = 4;
const FORWARD: u8 = 2;
const BACKWARD: u8 = 4;
const CLOSE: u8 = 8;

type Log = *mut c_void;

/// A text and the counted string over it.
struct Name {
    _text: Vec<u16>,
    string: UnicodeString,
}

impl Name {
    fn new(text: &str) -> Self {
        let mut text: Vec<u16> = text.encode_utf16().collect();
        let length = u16::try_from(text.len() * 2).unwrap();
        let string = UnicodeString { length, maximum_length: length, buffer: text.as_mut_ptr() };
        Self { _text: text, string }
    }
}

fn open_with(name: &UnicodeString, disposition: u32, attributes: u32) -> Result<Log, Status> {
    let mut log = null_mut();
    // SAFETY: the strings and places are locals that outlive the call.
    let status = unsafe {
        ClfsCreateLogFile(&raw mut log, name, READ_WRITE_DELETE, 7, null(), disposition, 0, attributes, 0, null(), 0)
    };
    if status == NtStatus::SUCCESS { Ok(log) } else { Err(status.into()) }
}

fn log_name(folder: &Path, rest: &str) -> Name {
    Name::new(&format!("log:{}/{rest}", folder.display()))
}

fn open(folder: &Path, rest: &str) -> Log {
    open_with(&log_name(folder, rest).string, OPEN_ALWAYS, 0x80).unwrap()
}

fn close(log: Log) -> Status {
    // SAFETY: handles are looked up.
    unsafe { ClfsCloseLogFileObject(log) }.into()
}

fn add(log: Log, path: &str, size: Option<&mut u64>) -> Status {
    let path = Name::new(path);
    // SAFETY: the string and the size outlive the call.
    unsafe { ClfsAddLogContainer(log, size.map_or(null_mut(), std::ptr::from_mut), &raw const path.string) }.into()
}

fn remove(log: Log, path: &str, force: u8) -> Status {
    let path = Name::new(path);
    // SAFETY: the string outlives the call.
    unsafe { ClfsRemoveLogContainer(log, &raw const path.string, force) }.into()
}

fn basic(log: Log) -> ClfsInformation {
    let mut bytes = 120;
    let mut information = std::mem::MaybeUninit::<ClfsInformation>::uninit();
    // SAFETY: the places outlive the call, and the size is that of the buffer.
    let status = unsafe { ClfsGetLogFileInformation(log, information.as_mut_ptr(), &raw mut bytes) };
    assert_eq!((status, bytes), (NtStatus::SUCCESS, 120));
    // SAFETY: written, as the status says.
    unsafe { information.assume_init() }
}

fn query(log: Log, class: i32, buffer: &mut [u8]) -> (Status, u32) {
    let mut bytes = u32::try_from(buffer.len()).unwrap();
    // SAFETY: the buffer is as large as is said.
    let status =
        unsafe { ClfsQueryLogFileInformation(log, class, null(), 0, buffer.as_mut_ptr().cast(), &raw mut bytes) };
    (status.into(), bytes)
}

#[test]
fn containers_are_added_named_scanned_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path(), "a");
    let mut size = 600 << 10;
    assert_eq!(add(log, "%BLF%\\c0", None), Status::INVALID_PARAMETER, "the first one needs a size");
    assert_eq!(add(log, "%BLF%\\..\\c0", Some(&mut size)), Status::OBJECT_NAME_INVALID);
    assert_eq!(add(log, "c0", Some(&mut size)), Status::OBJECT_NAME_INVALID);
    assert_eq!((add(log, "%BLF%\\c0", Some(&mut size)), size), (Status::SUCCESS, 1 << 20));
    assert_eq!(add(log, "%BLF%\\c0", None), Status::OBJECT_NAME_COLLISION);
    assert_eq!(add(log, "%BLF%\\c1", Some(&mut (1 << 19))), Status::INVALID_PARAMETER, "too small");
    size = (1 << 20) - 1;
    assert_eq!((add(log, "%BLF%\\c1", Some(&mut size)), size), (Status::SUCCESS, 1 << 20), "rounded up it is enough");
    size = 9 << 20;
    let absolute = format!("{}/c2", folder.path().display());
    assert_eq!((add(log, &absolute, Some(&mut size)), size), (Status::SUCCESS, 1 << 20));
    assert_eq!(scan(log, 0, 2, &[FORWARD, FORWARD]), [vec![0, 1], vec![2]]);
    assert_eq!(scan(log, 1, 9, &[FORWARD, FORWARD]), [vec![1, 2], vec![]]);
    assert_eq!(scan(log, 2, 2, &[BACKWARD, BACKWARD, BACKWARD]), [vec![2, 1], vec![0], vec![]]);
    let full = format!("{}/c1", folder.path().display());
    let length = u32::try_from(full.len()).unwrap();
    assert_eq!(container_name(log, 1, 256), (Status::SUCCESS, full.clone(), length));
    assert_eq!(container_name(log, 1, 3), (Status::BUFFER_OVERFLOW, full[..3].to_owned(), length));
    assert_eq!(container_name(log, 7, 64).0, Status::OBJECT_NAME_NOT_FOUND);
    assert_eq!(basic(log).total_containers, 3);
    assert_eq!(remove(log, &full, 1), Status::SUCCESS, "by the path that was told");
    assert_eq!(remove(log, "%BLF%\\c1", 1), Status::OBJECT_NAME_NOT_FOUND);
    assert!(!folder.path().join("c1").exists() && folder.path().join("c2").exists());
    assert_eq!(close(log), Status::SUCCESS);
    assert_eq!(close(log), Status::INVALID_PARAMETER);
    assert_eq!(remove(log, "%BLF%\\c0", 0), Status::INVALID_PARAMETER, "the handle is closed");
}

/// The logical ids that each step finds.
fn scan(log: Log, from: u32, step: u32, modes: &[u8]) -> Vec<Vec<u32>> {
    let mut context = ClfsScanContext {
        node: [0xDEAD; 2],
        log_file: null_mut(),
        index: AlignedNumber(7),
        containers: AlignedNumber(7),
        containers_returned: AlignedNumber(7),
        scan_mode: AlignedMode(7),
        information: null_mut(),
    };
    // SAFETY: the context outlives the calls.
    let status = unsafe { ClfsCreateScanContext(log, from, step, modes[0], &raw mut context) };
    assert_eq!(status, NtStatus::SUCCESS);
    let found = modes.iter().map(|mode| {
        // SAFETY: as above.
        let status = unsafe { ClfsScanLogContainers(&raw mut context, *mode) };
        let count = usize::try_from(context.containers_returned.0).unwrap();
        assert_eq!(Status::from(status), if count == 0 { Status::NO_MORE_ENTRIES } else { Status::SUCCESS });
        // SAFETY: so many were described, and the scan is open.
        let found: &[ClfsContainerInformation] = unsafe { std::slice::from_raw_parts(context.information, count) };
        found.iter().map(|container| container.logical_container_id).collect()
    });
    let found = found.collect();
    for expected in [Status::SUCCESS, Status::INVALID_PARAMETER] {
        // SAFETY: as above.
        let status = unsafe { ClfsScanLogContainers(&raw mut context, CLOSE) };
        assert_eq!(Status::from(status), expected, "it is closed once");
    }
    found
}

fn container_name(log: Log, logical: u32, units: u16) -> (Status, String, u32) {
    let mut buffer = vec![0_u16; usize::from(units)];
    let mut string = UnicodeString { length: 0, maximum_length: units * 2, buffer: buffer.as_mut_ptr() };
    let mut actual = 0;
    // SAFETY: the buffer is as large as the string says.
    let status = unsafe { ClfsGetContainerName(log, logical, &raw mut string, &raw mut actual) };
    (status.into(), String::from_utf16_lossy(&buffer[..usize::from(string.length / 2)]), actual)
}

#[test]
fn information_says_what_it_needs_and_what_the_stream_is() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path(), "a::s");
    for path in ["%BLF%\\c0", "%BLF%\\c1"] {
        assert_eq!(add(log, path, Some(&mut 1)), Status::SUCCESS);
    }
    let information = basic(log);
    assert_eq!((information.container_size, information.total_available), (1 << 20, 2 << 20));
    assert_eq!((information.total_clients, information.free_containers), (2, 2));
    assert_eq!((information.restart, information.min_archive_tail), (ClfsLsn::INVALID, ClfsLsn::INVALID));
    assert_ne!(information.identity, [0; 16]);
    for class in [0, 1] {
        assert_eq!(query(log, class, &mut [0; 119]), (Status::BUFFER_TOO_SMALL, 120));
        assert_eq!(query(log, class, &mut []), (Status::BUFFER_TOO_SMALL, 120));
        assert_eq!(query(log, class, &mut [0; 200]), (Status::SUCCESS, 120));
    }
    let mut stream = [0];
    assert_eq!((query(log, 3, &mut stream), stream), ((Status::SUCCESS, 1), [1]));
    assert_eq!(query(log, 4, &mut [0; 64]).0, Status::NOT_SUPPORTED);
    assert_eq!(query(log, 5, &mut [0; 64]).0, Status::NOT_SUPPORTED, "of physical logs only");
    assert_eq!(query(log, 6, &mut [0; 64]).0, Status::INVALID_PARAMETER);
    let mut name = [0; 1024];
    let (status, bytes) = query(log, 2, &mut name);
    let units: Vec<u16> = name.chunks(2).map(|pair| u16::from_ne_bytes([pair[0], pair[1]])).collect();
    let path = format!("{}/a.blf", folder.path().display());
    assert_eq!((status, u32::from(units[0]) + 2), (Status::SUCCESS, bytes));
    assert_eq!(String::from_utf16_lossy(&units[1..=usize::from(units[0]) / 2]), path);
    let mut statistics = [0_u8; 48];
    let mut written = 0;
    let buffer = statistics.as_mut_ptr().cast();
    for (room, expected) in [(15, Status::BUFFER_TOO_SMALL), (20, Status::SUCCESS), (48, Status::SUCCESS)] {
        // SAFETY: the buffer has 48 bytes.
        let status = unsafe { ClfsGetIoStatistics(log, buffer, room, 0, &raw mut written) };
        assert_eq!(Status::from(status), expected);
    }
    assert_eq!((written, u64::from_ne_bytes(statistics[32..40].try_into().unwrap()) > 0), (48, true));
    let lsn = ClfsLsn::NULL;
    // SAFETY: the LSN outlives the call.
    let archive_tail = unsafe { ClfsSetArchiveTail(log, &raw const lsn) };
    // SAFETY: as above.
    let end_of_log = unsafe { ClfsSetEndOfLog(log, &raw const lsn) };
    assert_eq!([archive_tail, end_of_log].map(Status::from), [Status::LOG_EPHEMERAL, Status::NOT_SUPPORTED]);
    // SAFETY: the buffer is not followed.
    let set = unsafe { ClfsSetLogFileInformation(log, 0, buffer.cast_const(), 48) };
    assert_eq!(Status::from(set), Status::NOT_SUPPORTED);
    assert_eq!(close(log), Status::SUCCESS);
}

#[test]
fn bad_parameters_are_refused_before_anything_happens() {
    let folder = tempfile::tempdir().unwrap();
    let name = log_name(folder.path(), "a");
    for (disposition, attributes) in [(0, 0x80), (2, 0x80), (5, 0x80), (OPEN_ALWAYS, 0x4000)] {
        assert_eq!(open_with(&name.string, disposition, attributes), Err(Status::INVALID_PARAMETER));
    }
    let odd = UnicodeString { length: name.string.length - 1, ..name.string };
    let nowhere = UnicodeString { buffer: null_mut(), ..name.string };
    for string in [odd, nowhere] {
        assert_eq!(open_with(&string, OPEN_ALWAYS, 0x80), Err(Status::INVALID_PARAMETER));
    }
    let both = log_name(folder.path(), "a::s");
    assert_eq!(open_with(&both.string, OPEN_ALWAYS, 0x100), Err(Status::INVALID_PARAMETER), "dedicated, says who?");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let log = open(folder.path(), "a");
    // SAFETY: NULL is told.
    let status = unsafe { ClfsAddLogContainerSet(log, 2, null_mut(), null()) };
    assert_eq!(Status::from(status), Status::INVALID_PARAMETER);
    // SAFETY: as above.
    let status = unsafe { ClfsCreateScanContext(log, 0, 1, FORWARD, null_mut()) };
    assert_eq!(Status::from(status), Status::INVALID_PARAMETER);
    // SAFETY: as above.
    let status = unsafe { ClfsGetLogFileInformation(log, null_mut(), null_mut()) };
    assert_eq!(Status::from(status), Status::INVALID_PARAMETER);
    assert_eq!(close(log), Status::SUCCESS);
}

#[test]
fn deleting_by_pointer_and_by_name_takes_the_files_along() {
    let folder = tempfile::tempdir().unwrap();
    for by_name in [true, false] {
        let log = open(folder.path(), "a");
        assert_eq!(add(log, "%BLF%\\c0", Some(&mut 1)), Status::SUCCESS);
        if by_name {
            assert_eq!(close(log), Status::SUCCESS);
            let name = log_name(folder.path(), "a");
            // SAFETY: the string outlives the call.
            let status = unsafe { ClfsDeleteLogFile(&raw const name.string, null(), 0, null(), 0) };
            assert_eq!(status, NtStatus::SUCCESS);
        } else {
            // SAFETY: the handle is looked up.
            assert_eq!(unsafe { ClfsDeleteLogByPointer(log) }, NtStatus::SUCCESS);
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "not before it is closed");
            assert_eq!(close(log), Status::SUCCESS);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
