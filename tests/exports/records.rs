//! The record half of the C interface, called as C calls it: pointers, outputs, handles that are wrong, memory.

#![allow(clippy::multiple_unsafe_ops_per_block, reason = "lists of calls that have one contract")]

use std::ffi::c_void;
use std::ptr::{self, null, null_mut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use clfsmgmt::abi::{ClfsLsn, ClfsWriteEntry, NtStatus, UnicodeString};
use clfsmgmt::exports::clfs::{
    ClfsAddLogContainer, ClfsAdvanceLogBase, ClfsAlignReservedLog, ClfsAllocReservedLog, ClfsCloseLogFileObject,
    ClfsCreateLogFile, ClfsCreateMarshallingArea, ClfsCreateMarshallingAreaEx, ClfsDeleteMarshallingArea,
    ClfsFlushBuffers, ClfsFlushToLsn, ClfsFreeReservedLog, ClfsReadLogRecord, ClfsReadNextLogRecord,
    ClfsReadPreviousRestartArea, ClfsReadRestartArea, ClfsReserveAndAppendLog, ClfsReserveAndAppendLogAligned,
    ClfsTerminateReadLog, ClfsWriteRestartArea,
};
use clfsmgmt::exports::lsn::{ClfsLsnContainer, ClfsLsnEqual, ClfsLsnInvalid, ClfsLsnLess, ClfsLsnNull};
use clfsmgmt::units::Status;
use tempfile::TempDir;

use crate::counting::allocations;

const SUCCESS: Status = Status::SUCCESS;
const INVALID: Status = Status::INVALID_PARAMETER;
const USE_RESERVATION: u32 = 4;
const FORWARD: i32 = 3;

/// A context that a test hands to its threads; it is looked up, never followed.
#[derive(Clone, Copy)]
struct Context(*mut c_void);
// SAFETY: the pointer is a number.
unsafe impl Send for Context {}
// SAFETY: the pointer is a number.
unsafe impl Sync for Context {}

impl Context {
    /// The whole context is what a thread takes along, not the pointer in it.
    const fn pointer(&self) -> *mut c_void {
        self.0
    }
}

fn status(answer: NtStatus) -> Status {
    answer.into()
}

fn string(text: &mut Vec<u16>) -> UnicodeString {
    let length = u16::try_from(text.len() * 2).unwrap();
    UnicodeString { length, maximum_length: length, buffer: text.as_mut_ptr() }
}

/// An open log with two containers, and an area of it.
struct World {
    log: *mut c_void,
    area: *mut c_void,
    _folder: TempDir,
}

impl World {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let mut name: Vec<u16> = format!("log:{}/log", folder.path().display()).encode_utf16().collect();
        let name = string(&mut name);
        let mut log = null_mut();
        // SAFETY: all pointers are NULL or to variables of this function.
        let created = unsafe {
            ClfsCreateLogFile(&raw mut log, &raw const name, 0xC000_0000, 3, null_mut(), 4, 0, 0, 0, null_mut(), 0)
        };
        assert_eq!(status(created), SUCCESS);
        for number in 0..2 {
            let mut path: Vec<u16> = format!("%BLF%\\container{number}").encode_utf16().collect();
            let path = string(&mut path);
            let mut size = 1 << 19;
            // SAFETY: both pointers are to variables of this function.
            let added = unsafe { ClfsAddLogContainer(log, &raw mut size, &raw const path) };
            assert_eq!(status(added), SUCCESS);
        }
        let area = area(log);
        Self { log, area, _folder: folder }
    }

    fn append(&self, data: &[u8]) -> ClfsLsn {
        let entry = entry(data);
        let mut lsn = ClfsLsn::INVALID;
        // SAFETY: the entry, its data and the LSN are variables of this function and its caller.
        let appended = unsafe {
            ClfsReserveAndAppendLog(self.area, &raw const entry, 1, null(), null(), 0, null_mut(), 0, &raw mut lsn)
        };
        assert_eq!(status(appended), SUCCESS);
        lsn
    }

    fn reserve(&self, sizes: &mut [i64], flags: u32) -> Status {
        let count = u32::try_from(sizes.len()).unwrap();
        // SAFETY: the sizes are the caller's.
        let answer = unsafe {
            ClfsReserveAndAppendLog(self.area, null(), 0, null(), null(), count, sizes.as_mut_ptr(), flags, null_mut())
        };
        status(answer)
    }
}

fn area(log: *mut c_void) -> *mut c_void {
    let mut area = null_mut();
    // SAFETY: the output is a variable of this function.
    let created = unsafe { ClfsCreateMarshallingArea(log, 512, None, None, 65_536, 2, 8, &raw mut area) };
    assert_eq!(status(created), SUCCESS);
    area
}

fn entry(data: &[u8]) -> ClfsWriteEntry {
    ClfsWriteEntry { buffer: data.as_ptr().cast_mut().cast(), byte_length: u32::try_from(data.len()).unwrap() }
}

/// What a read tells.
#[derive(Clone, Copy)]
struct Seen {
    buffer: *mut c_void,
    length: u32,
    record_type: u8,
    lsn: ClfsLsn,
    links: [ClfsLsn; 2],
    context: *mut c_void,
}

impl Seen {
    fn of(lsn: ClfsLsn) -> Self {
        Self { buffer: null_mut(), length: 0, record_type: 0, lsn, links: [ClfsLsn::NULL; 2], context: null_mut() }
    }

    fn data(&self) -> Vec<u8> {
        // SAFETY: the context has not been used since it told this.
        unsafe { std::slice::from_raw_parts(self.buffer.cast::<u8>(), self.length as usize) }.to_vec()
    }
}

fn read(area: *mut c_void, lsn: ClfsLsn, mode: i32) -> (Status, Seen) {
    let mut seen = Seen::of(lsn);
    let [undo_next, previous] = &mut seen.links;
    // SAFETY: all pointers are to variables of this function.
    let answer = unsafe {
        ClfsReadLogRecord(
            area,
            &raw mut seen.lsn,
            mode,
            &raw mut seen.buffer,
            &raw mut seen.length,
            &raw mut seen.record_type,
            undo_next,
            previous,
            &raw mut seen.context,
        )
    };
    (status(answer), seen)
}

fn read_next(context: *mut c_void, wanted: u8) -> (Status, Seen) {
    let mut seen = Seen { record_type: wanted, ..Seen::of(ClfsLsn::INVALID) };
    let [undo_next, previous] = &mut seen.links;
    // SAFETY: all pointers are NULL or to variables of this function.
    let answer = unsafe {
        ClfsReadNextLogRecord(
            context,
            &raw mut seen.buffer,
            &raw mut seen.length,
            &raw mut seen.record_type,
            null(),
            undo_next,
            previous,
            &raw mut seen.lsn,
        )
    };
    (status(answer), seen)
}

#[test]
fn records_come_back_with_their_links_and_gaps() {
    let world = World::new();
    let first = world.append(b"first");
    let entries = [entry(b"ab"), entry(b"cd")];
    let mut lsn = ClfsLsn::INVALID;
    // SAFETY: all pointers are NULL or to variables of this function.
    let appended = unsafe {
        ClfsReserveAndAppendLogAligned(
            world.area,
            entries.as_ptr(),
            2,
            8,
            &raw const first,
            null(),
            0,
            null_mut(),
            2,
            &raw mut lsn,
        )
    };
    assert_eq!(status(appended), SUCCESS);
    let (outcome, seen) = read(world.area, first, FORWARD);
    assert_eq!((outcome, seen.data(), seen.record_type), (SUCCESS, b"first".to_vec(), 1));
    let (outcome, seen_next) = read_next(seen.context, 3);
    assert_eq!((outcome, seen_next.lsn), (SUCCESS, lsn));
    assert_eq!(seen_next.data(), b"ab\0\0\0\0\0\0cd");
    assert_eq!(seen_next.links, [first, ClfsLsn::INVALID], "an LSN that was not given is invalid");
    assert_eq!(read_next(seen.context, 3).0, Status::END_OF_FILE);
    for nothing in [0, 4, 255] {
        assert_eq!(read_next(seen.context, nothing).0, INVALID);
    }
    // SAFETY: a context is looked up, not followed.
    let ended = unsafe { [ClfsTerminateReadLog(seen.context), ClfsTerminateReadLog(seen.context)] };
    assert_eq!(ended.map(status), [SUCCESS, Status::LOG_READ_CONTEXT_INVALID]);
    assert_eq!(read_next(seen.context, 3).0, Status::LOG_READ_CONTEXT_INVALID);
    for mode in [0, 4, -1] {
        assert_eq!(read(world.area, first, mode).0, Status::LOG_READ_MODE_INVALID);
    }
    assert_eq!(read(world.log, first, FORWARD).0, INVALID, "a log file is no area");
}

#[test]
fn sizes_of_reservations_are_told_in_place_and_only_on_success() {
    let world = World::new();
    let mut sizes = [100, 700];
    assert_eq!(world.reserve(&mut sizes, 0), SUCCESS);
    assert_eq!(sizes, [512, 1_024]);
    for (sizes, flags) in [(&mut [1, 0], 0), (&mut [1, 2], USE_RESERVATION), (&mut [1, 2], 8)] {
        let asked = *sizes;
        assert_eq!(world.reserve(sizes, flags), INVALID);
        assert_eq!(*sizes, asked);
    }
    let (mut aligned, sum) = (0, 512 + 1_024);
    // SAFETY: all pointers are to variables of this function.
    let told = unsafe { ClfsAlignReservedLog(world.area, 2, [100_i64, 700].as_ptr(), &raw mut aligned) };
    assert_eq!((status(told), aligned), (SUCCESS, sum));
    let negative = -2 * sum;
    // SAFETY: all pointers are to variables of this function.
    let answers = unsafe {
        [
            ClfsAllocReservedLog(world.area, 2, &raw const sum),
            ClfsFreeReservedLog(world.area, 4, &raw const negative),
            ClfsFreeReservedLog(world.area, 1, &raw const negative),
            ClfsFreeReservedLog(world.area, 1, null()),
            ClfsAllocReservedLog(null_mut(), 1, &raw const sum),
        ]
    };
    assert_eq!(answers.map(status), [SUCCESS, SUCCESS, Status::LOG_RECORDS_RESERVED_INVALID, INVALID, INVALID]);
}

#[test]
fn a_log_without_a_restart_area_says_so_in_its_outputs_too() {
    let world = World::new();
    let restart = |area| {
        let mut seen = Seen { context: ptr::dangling_mut(), ..Seen::of(ClfsLsn::NULL) };
        // SAFETY: all pointers are to variables of this function.
        let answer = unsafe {
            ClfsReadRestartArea(
                area,
                &raw mut seen.buffer,
                &raw mut seen.length,
                &raw mut seen.lsn,
                &raw mut seen.context,
            )
        };
        (status(answer), seen)
    };
    let (outcome, seen) = restart(world.area);
    assert_eq!((outcome, seen.lsn), (Status::LOG_NO_RESTART, ClfsLsn::INVALID));
    assert!(seen.context.is_null() && seen.buffer.is_null());
    let (mut written, mut lsn) = (0, ClfsLsn::INVALID);
    // SAFETY: all pointers are NULL or to variables of this function.
    let wrote = unsafe {
        ClfsWriteRestartArea(world.area, b"state".as_ptr().cast(), 5, null(), 0, &raw mut written, &raw mut lsn)
    };
    assert_eq!((status(wrote), written), (SUCCESS, 512));
    let (outcome, mut seen) = restart(world.area);
    assert_eq!((outcome, seen.lsn, seen.data()), (SUCCESS, lsn, b"state".to_vec()));
    // SAFETY: all pointers are to variables of this function.
    let previous = unsafe {
        ClfsReadPreviousRestartArea(seen.context, &raw mut seen.buffer, &raw mut seen.length, &raw mut seen.lsn)
    };
    assert_eq!(status(previous), Status::LOG_START_OF_LOG);
    // SAFETY: the buffer is readable; the rest is NULL.
    let refused = unsafe {
        [
            ClfsWriteRestartArea(world.area, null(), 5, null(), 0, null_mut(), null_mut()),
            ClfsWriteRestartArea(world.area, b"x".as_ptr().cast(), 1, null(), 2, null_mut(), null_mut()),
            ClfsWriteRestartArea(world.area, b"x".as_ptr().cast(), 1, null(), 4, null_mut(), null_mut()),
        ]
    };
    assert_eq!(refused.map(status), [INVALID, INVALID, Status::LOG_SPACE_RESERVED_INVALID]);
}

#[test]
fn null_and_unknown_arguments_are_refused() {
    unsafe extern "system" fn release(_: *mut c_void) {}
    let world = World::new();
    let mut area = null_mut();
    let base = ClfsLsn::NULL;
    // SAFETY: all pointers are NULL or to variables of this function; contexts are looked up.
    let answers = unsafe {
        [
            ClfsCreateMarshallingArea(null_mut(), 0, None, None, 512, 1, 1, &raw mut area),
            ClfsCreateMarshallingArea(world.log, 0, None, None, 512, 1, 1, null_mut()),
            ClfsCreateMarshallingArea(world.log, 0, None, Some(release), 512, 1, 1, &raw mut area),
            ClfsCreateMarshallingArea(world.log, 0, None, None, 0, 1, 1, &raw mut area),
            ClfsCreateMarshallingAreaEx(world.log, 0, None, None, 512, 1, 1, 3, 0, &raw mut area),
            ClfsCreateMarshallingAreaEx(world.log, 0, None, None, 512, 1, 1, 0, 2, &raw mut area),
            ClfsFlushBuffers(world.log),
            ClfsFlushToLsn(world.area, null(), null_mut()),
            ClfsAdvanceLogBase(world.area, null(), 0),
            ClfsAdvanceLogBase(world.area, &raw const base, 1),
            ClfsDeleteMarshallingArea(null_mut()),
            ClfsReserveAndAppendLog(world.area, null(), 1, null(), null(), 0, null_mut(), 0, null_mut()),
            ClfsReserveAndAppendLog(world.area, null(), 0, null(), null(), 1, null_mut(), 0, null_mut()),
            ClfsReserveAndAppendLogAligned(world.area, null(), 0, 0, null(), null(), 0, null_mut(), 0, null_mut()),
        ]
    };
    assert!(area.is_null());
    for (nth, answer) in answers.into_iter().enumerate() {
        assert_eq!(status(answer), INVALID, "{nth}");
    }
    // SAFETY: as above.
    let answers = unsafe {
        [
            ClfsCreateMarshallingAreaEx(world.log, 0, None, None, 512, 1, 1, 16, 1, &raw mut area),
            ClfsDeleteMarshallingArea(area),
            ClfsAdvanceLogBase(world.area, &raw const base, 0),
            ClfsReserveAndAppendLog(world.area, null(), 0, null(), null(), 0, null_mut(), 0, null_mut()),
        ]
    };
    assert_eq!(answers.map(status), [SUCCESS; 4]);
    // SAFETY: as above.
    let again = unsafe { ClfsDeleteMarshallingArea(area) };
    assert_eq!(status(again), INVALID);
}

#[test]
fn appending_takes_no_memory() {
    let world = World::new();
    world.append(b"the stream's block is there from now on");
    let entries = [entry(b"piece of a record"); 16];
    let mut sizes = [100; 16];
    let mut lsn = ClfsLsn::INVALID;
    let before = allocations();
    for _ in 0..50 {
        let mut sizes = sizes;
        // SAFETY: all pointers are NULL or to variables of this function.
        let appended = unsafe {
            ClfsReserveAndAppendLogAligned(
                world.area,
                entries.as_ptr(),
                16,
                8,
                null(),
                null(),
                16,
                sizes.as_mut_ptr(),
                0,
                &raw mut lsn,
            )
        };
        assert!([SUCCESS, Status::LOG_FULL].contains(&status(appended)));
    }
    sizes.fill(-100);
    assert_eq!(world.reserve(&mut sizes, 0), SUCCESS);
    assert_eq!(allocations(), before);
}

#[test]
fn a_context_that_is_terminated_while_it_reads_ends_in_order() {
    let world = World::new();
    let start = world.append(b"start");
    for _ in 0..300 {
        world.append(&[7; 900]);
    }
    for _ in 0..20 {
        let context = Context(read(world.area, start, FORWARD).1.context);
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !is_over.load(Ordering::Acquire) {
                        let (outcome, _) = read_next(context.pointer(), 1);
                        let is_orderly = [SUCCESS, Status::END_OF_FILE, Status::LOG_READ_CONTEXT_INVALID];
                        assert!(is_orderly.contains(&outcome), "{outcome}");
                    }
                });
            }
            thread::yield_now();
            // SAFETY: a context is looked up, not followed.
            let ended = unsafe { ClfsTerminateReadLog(context.0) };
            is_over.store(true, Ordering::Release);
            assert_eq!(status(ended), SUCCESS);
        });
    }
}

#[test]
fn what_was_flushed_is_there_when_the_log_is_closed_under_its_areas() {
    let world = World::new();
    let lsn = world.append(b"flushed");
    let mut durable = ClfsLsn::NULL;
    // SAFETY: all pointers are to variables of this function; contexts are looked up.
    let answers = unsafe {
        [
            ClfsFlushToLsn(world.area, &raw const lsn, &raw mut durable),
            ClfsCloseLogFileObject(world.log),
            ClfsFlushBuffers(world.area),
        ]
    };
    assert_eq!(answers.map(status), [SUCCESS; 3]);
    assert!(durable.internal > lsn.internal);
    let (outcome, seen) = read(world.area, lsn, FORWARD);
    assert_eq!((outcome, seen.data()), (SUCCESS, b"flushed".to_vec()));
    // SAFETY: contexts are looked up.
    let answers = unsafe { [ClfsDeleteMarshallingArea(world.area), ClfsTerminateReadLog(seen.context)] };
    assert_eq!(answers.map(status), [SUCCESS; 2]);
}

#[test]
fn lsn_helpers_bear_null() {
    let (null_lsn, invalid) = (ClfsLsn::NULL, ClfsLsn::INVALID);
    // SAFETY: all pointers are NULL or to variables of this function.
    let answers = unsafe {
        [
            ClfsLsnEqual(&raw const invalid, &raw const invalid),
            ClfsLsnLess(&raw const null_lsn, &raw const invalid),
            ClfsLsnNull(&raw const null_lsn),
            ClfsLsnInvalid(null()),
            ClfsLsnEqual(null(), null()),
            ClfsLsnLess(null(), &raw const invalid),
            ClfsLsnNull(null()),
        ]
    };
    assert_eq!(answers, [1, 1, 1, 1, 0, 0, 0]);
    // SAFETY: NULL.
    assert_eq!(unsafe { ClfsLsnContainer(null()) }, u32::MAX);
}
