//! A disk without room for metadata that have grown: what could not be made durable is undone, and the log goes on.

use clfsmgmt::log::storage::Access;
use clfsmgmt::log::{Admission, BlockLimit, Log};
use clfsmgmt::units::{Status, StreamId};

use crate::faulty::{Call, Faulty, Plan};
use crate::model::{parts, ready, wide};
use crate::recorder::Recorder;

type Storage = Faulty<Recorder>;

/// A name of which few find room in a general block.
fn long(number: usize) -> Vec<u16> {
    wide(&format!("%BLF%\\{}{number}", "c".repeat(3_000)))
}

/// What is added to a log: a container, or a stream.
type Addition = fn(&mut Log<Storage>, &[u16]) -> Result<(), Status>;

const ADDITIONS: [(u32, Addition); 2] =
    [(0, |log, name| log.add_container(name, None).map(drop)), (2, |log, name| log.create_stream(name).map(drop))];

/// A log, and how many additions find room before its base log file grows.
fn before_growth(streams: u32, add: Addition) -> usize {
    let storage = Faulty::new(Recorder::default());
    let (mut log, _) = ready(storage, streams, 2, 1);
    let size = |log: &Log<Storage>| log.information().unwrap().base_file_size;
    let fresh = size(&log);
    (0..1_000)
        .find(|number| {
            add(&mut log, &long(*number)).unwrap();
            size(&log) != fresh
        })
        .unwrap()
}

/// Containers and streams of a log.
fn counts(log: &Log<Storage>) -> (usize, usize) {
    let ids = (0..=StreamId::MAX.0).filter(|id| log.stream_information(StreamId(*id)).is_ok());
    (log.containers().count(), ids.count())
}

#[test]
fn what_finds_no_room_in_the_metadata_is_undone_and_the_log_goes_on() {
    for (streams, add) in ADDITIONS {
        let grows_with = before_growth(streams, add);
        for (number, nth, is_done) in [0, grows_with]
            .into_iter()
            .flat_map(|number| (1..5).flat_map(move |nth| [(number, nth, false), (number, nth, true)]))
        {
            let context = format!("{streams} streams, number {number}, write {nth}, done {is_done}");
            let storage = Faulty::new(Recorder::default());
            let (mut log, ids) = ready(storage.clone(), streams, 2, 1);
            (0..number).for_each(|number| add(&mut log, &long(number)).unwrap());
            let (before, files) = (counts(&log), storage.inner.open_names().len());
            let space = log.space();
            storage.faults.start(Plan { call: Call::Write, nth, from_then_on: false, is_done });
            let outcome = add(&mut log, &long(number));
            let injected = storage.faults.stop();
            if injected == 0 {
                outcome.unwrap();
                continue;
            }
            // The new blocks count from the moment a control block may name them.
            let is_named = number > 0 && nth > 2;
            assert_eq!(log.fault().is_some(), is_named, "{context}: {outcome:?}");
            if !is_named {
                assert_eq!(outcome, Err(Status::IO_DEVICE_ERROR), "{context}");
                assert_eq!((counts(&log), storage.inner.open_names().len()), (before, files), "{context}");
                assert_eq!(log.space().total_reservation, space.total_reservation, "{context}");
                let again = Log::open(storage.clone(), Access::Write, BlockLimit::DEFAULT).unwrap();
                assert_eq!(counts(&again), before, "{context}: opened again");
                drop(again);
                log.append(ids[0], &parts(&[b"goes on"]), Admission::Free).unwrap();
                log.flush(ids[0]).unwrap();
                add(&mut log, &long(number)).unwrap();
                let after = counts(&log);
                log.close().unwrap();
                let again = Log::open(storage, Access::Write, BlockLimit::DEFAULT).unwrap();
                assert_eq!(counts(&again), after, "{context}: opened after it went on");
            }
        }
    }
}

#[test]
fn a_disk_that_takes_nothing_at_all_stops_the_log_and_it_opens_again() {
    for (streams, add) in ADDITIONS {
        let storage = Faulty::new(Recorder::default());
        let (mut log, ids) = ready(storage.clone(), streams, 2, 1);
        let before = counts(&log);
        storage.faults.start(Plan { call: Call::Write, nth: 1, from_then_on: true, is_done: false });
        assert_eq!(add(&mut log, &long(0)), Err(Status::LOG_METADATA_FLUSH_FAILED));
        storage.faults.stop();
        let append = log.append(ids[0], &parts(&[b"stopped"]), Admission::Free);
        assert_eq!(append, Err(Status::LOG_STATE_INVALID));
        assert_eq!(log.fault(), Some(Status::LOG_METADATA_FLUSH_FAILED));
        drop(log);
        let again = Log::open(storage, Access::Write, BlockLimit::DEFAULT).unwrap();
        assert_eq!(counts(&again), before);
    }
}
