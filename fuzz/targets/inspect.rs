//! `clfsmgmt inspect` of a changed log in real files: listed and checked, never written. What it calls sound opens, and
//! all of it is read.
#![no_main]

use std::fs;
use std::path::PathBuf;

use clfsmgmt::host::FileStorage;
use clfsmgmt::log::storage::Access;
use clfsmgmt::log::{BlockLimit, Cursor, Direction, Log};
use clfsmgmt::units::{Status, StreamId};
use clfsmgmt_cli::inspect::{InspectArguments, run};
use clfsmgmt_fuzz::{edits, made};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((which, data)) = data.split_first() else { return };
    let files = made::with(which & 0x7F, |made| {
        let mut files = made.files.clone();
        edits::apply(data, made, &mut files);
        files
    });
    let Some(base) = files.get(&[][..]) else { return };
    let folder = tempfile::tempdir_in(if fs::exists("/dev/shm").is_ok_and(|is| is) { "/dev/shm" } else { "/tmp" });
    let folder = folder.expect("a folder");
    let log: PathBuf = folder.path().join("log.blf");
    fs::write(&log, base.bytes()).expect("written");
    for (name, content) in files.iter().filter(|(name, _)| !name.is_empty()) {
        let name = String::from_utf16_lossy(name).replace("%BLF%\\", "");
        if name.len() < 200 {
            fs::write(folder.path().join(name), content.bytes()).expect("written");
        }
    }
    let arguments =
        |check: bool, json: bool| InspectArguments { log: log.clone(), records: !check, stream: None, json, check };
    let _ = run(&arguments(false, false)).map_err(|error| assert_eq!(error.to_string().lines().count(), 1));
    let _ = run(&arguments(false, true));
    let is_sound = run(&arguments(true, false)).is_ok_and(|code| code == 0);
    assert!(fs::read(&log).expect("read") == base.bytes(), "nothing is written");
    if is_sound {
        let storage = FileStorage::new(&log);
        let log = Log::open(storage, Access::Read, BlockLimit::DEFAULT).expect("what is sound opens");
        for id in (0..=StreamId::MAX.0).map(StreamId).filter(|id| log.stream_information(*id).is_ok()) {
            let mut cursor = Cursor::new(id, Direction::Forward);
            let mut outcome = log.read_first(&mut cursor).map(drop);
            while outcome.is_ok() {
                outcome = log.read_next(&mut cursor).map(drop);
            }
            assert_eq!(outcome, Err(Status::END_OF_FILE), "stream {id}");
        }
    }
});
