//! `--history`: what the containers hold of all laps, in logs of Windows and of ours, whole and damaged.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clfsmgmt::format::block::BlockKind;
use clfsmgmt::units::Lsn;
use rand_core::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde_json::Value;

use crate::damaged::{change_block, change_metadata, truncate};
use crate::made::{Closed, Said, inspect, inspect_json, inspect_within, make};
use crate::samples::{for_each_registry_sample, for_each_sample};

pub(crate) fn listed(said: &Said) -> Value {
    serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {}{}", said.out, said.error))
}

/// How many records there are of each state.
fn states(history: &Value) -> BTreeMap<String, usize> {
    let mut states = BTreeMap::new();
    for record in history["records"].as_array().expect("records") {
        *states.entry(record["state"].as_str().expect("a state").to_owned()).or_default() += 1;
    }
    states
}

fn expect_states(base: &Path, expected: &[(&str, usize)]) -> Value {
    let history = listed(&inspect(base, &["--history", "--json"]));
    let expected = expected.iter().map(|(state, count)| ((*state).to_owned(), *count)).collect();
    assert_eq!(states(&history), expected, "{}", base.display());
    history
}

#[test]
fn every_record_of_the_real_logs_is_found_with_its_lap() {
    for_each_registry_sample(|name, base| match name {
        "windows-log-032" => {
            let history = expect_states(base, &[("live", 1), ("below base", 38), ("earlier lap", 616)]);
            let records = history["records"].as_array().unwrap();
            let of_lap = |lap: u64| records.iter().filter(|record| record["usn"] == lap).count();
            assert_eq!((records.len(), of_lap(1), of_lap(2)), (655, 618, 37));
            let blocks = history["history"]["blocks"].as_array().unwrap();
            assert_eq!((blocks.len(), &history["history"]["torn"]), (440, &Value::Array(Vec::new())));
            let over = blocks.iter().find(|block| !block["continues_in"].is_null()).expect("one over the end");
            assert_eq!((&over["lsn"], &over["sectors"]), (&"0:0x7fe00:0".into(), &2.into()));
            assert!(over["continues_in"].as_str().unwrap().ends_with("TMContainer00000000000000000002.regtrans-ms"));
        }
        "windows-log-009" => drop(expect_states(base, &[("live", 3)])),
        _ => {
            let history = expect_states(base, &[("live", 1), ("below base", 4)]);
            assert_eq!(history["history"]["incomplete"].as_array().unwrap().len(), 1);
        }
    });
    for_each_sample(|_, base| {
        let history = listed(&inspect(base, &["--history", "--json"]));
        assert_eq!(states(&history)["live"], 3, "{}", base.display());
    });
}

/// What is live in the history is what the log reads.
fn expect_live_as_read(closed: &Closed) -> Value {
    let history = inspect_json(&closed.base, &["--history", "--data", "base64"]);
    let read = inspect_json(&closed.base, &["--records", "--data", "base64"]);
    let keys = ["stream", "lsn", "kind", "length", "undo_next", "previous", "data"];
    let of = |listed: &Value| {
        let live = listed["records"].as_array().unwrap().iter().filter(|record| record["state"] == "live");
        let mut live: Vec<String> = live.map(|record| keys.map(|key| record[key].to_string()).join(" ")).collect();
        live.sort();
        live
    };
    assert_eq!(of(&history), of(&read));
    history
}

#[test]
fn what_is_live_is_what_the_log_reads_and_the_laps_before_are_found_too() {
    for streams in [0, 3] {
        let mut made = make(streams, 3);
        made.fill(if streams == 0 { 900 } else { 700 });
        let history = expect_live_as_read(&made.close());
        let states = states(&history);
        assert!(states["earlier lap"] > 0 && states["live"] > 0, "{states:?}");
        let lsns = history["history"]["blocks"].as_array().unwrap().iter().map(|block| block["usn"].as_u64().unwrap());
        assert!(lsns.collect::<Vec<_>>().iter().any(|usn| *usn > 1));
    }
}

#[test]
fn a_stream_is_chosen_in_the_history_too() {
    let mut made = make(2, 2);
    made.fill(5);
    let closed = made.close();
    let history = inspect_json(&closed.base, &["--history", "--stream", "stream-1"]);
    let records = history["records"].as_array().unwrap();
    assert!(records.len() == 5 && records.iter().all(|record| record["stream"] == 2));
}

#[test]
fn what_lies_behind_a_hole_is_found_and_said_to() {
    let mut made = make(0, 2);
    let stream = made.streams[0];
    let mut offsets = Vec::new();
    for _ in 0..8 {
        offsets.push(made.log.end().block_offset() as usize);
        made.append(stream, &[7; 700], Lsn::INVALID).expect("room");
        made.log.flush(stream).expect("flushed");
    }
    let closed = made.abandon();
    let file = closed.container(0);
    let good = fs::read(&file).expect("read");
    let mut hurt = good.clone();
    // The second sector of a block of two is lost.
    hurt[offsets[3] + 512..offsets[4]].fill(0);
    fs::write(&file, &hurt).expect("written");
    let history = expect_states(&closed.base, &[("live", 3), ("behind end", 4)]);
    let torn = history["history"]["torn"].as_array().unwrap();
    assert_eq!((torn.len(), &torn[0]["offset"], &torn[0]["sectors_left"]), (1, &offsets[3].into(), &1.into()));
    // A block whose record is not understood is whole, and told.
    fs::write(&file, &good).expect("restored");
    change_block(&file, offsets[2], BlockKind::Data, |block| {
        block[0x70 + 24..0x70 + 28].copy_from_slice(&9u32.to_le_bytes());
    });
    let history = listed(&inspect(&closed.base, &["--history", "--json"]));
    let block = &history["history"]["blocks"][2];
    assert!(block["fault"].as_str().unwrap().starts_with("at 0x88: "), "{block}");
    // A block at another place than it names.
    let mut moved = good.clone();
    moved.copy_within(offsets[1]..offsets[2], 0x4_0000);
    fs::write(&file, &moved).expect("written");
    expect_states(&closed.base, &[("live", 8), ("misplaced", 1)]);
    // Metadata that are older than the container.
    fs::write(&file, &good).expect("restored");
    change_metadata(&closed.base, |metadata| {
        for container in metadata.base.containers_mut() {
            container.logical += 1;
        }
        let client = metadata.base.client_mut(stream).expect("client 0");
        (client.base, client.last) = (Lsn::container_start(1), Lsn::container_start(1));
    });
    expect_states(&closed.base, &[("earlier lap", 8)]);
}

#[test]
fn partial_evidence_gives_what_is_there() {
    let mut made = make(0, 3);
    made.fill(200);
    let closed = made.close();
    let all = inspect_json(&closed.base, &["--history"]);
    let count = |listed: &Value| listed["records"].as_array().unwrap().len();
    // The base log file was cut off behind its first copies.
    let image = fs::read(&closed.base).expect("read");
    fs::write(&closed.base, &image[..0x9000]).expect("written");
    let said = inspect(&closed.base, &["--history", "--json"]);
    assert_eq!((said.code, count(&listed(&said))), (1, count(&all)));
    assert!(listed(&said)["error"].as_str().unwrap().contains("the file ends at 0x9000"), "{}", said.out);
    fs::write(&closed.base, &image).expect("restored");
    // A container was cut off, and another one is missing.
    truncate(&closed.container(0), 0x1_0100);
    fs::remove_file(closed.container(1)).expect("removed");
    let said = inspect(&closed.base, &["--history", "--json"]);
    let part = listed(&said);
    assert!(said.code == 1 && part["error"].as_str().unwrap().contains("which is in use"), "{}", part["error"]);
    assert!(count(&part) > 5 && count(&part) < count(&all), "{}", count(&part));
    assert_eq!(part["history"]["incomplete"], serde_json::json!(["%BLF%\\c0", "%BLF%\\c1"]));
    let files = part["files"].as_array().unwrap();
    let missing = files.iter().find(|file| file["bytes"].is_null()).expect("the missing one");
    assert!(missing["sha256"].is_null());
}

#[test]
fn a_base_log_file_that_is_older_than_its_containers_is_told() {
    let mut made = make(0, 2);
    let base = made.folder.path().join("made.blf");
    made.fill(2);
    made.log.flush(made.streams[0]).expect("flushed");
    let older = fs::read(&base).expect("read");
    made.fill(400);
    let closed = made.close();
    fs::write(&closed.base, older).expect("written");
    let said = inspect(&closed.base, &["--history", "--json"]);
    assert!(states(&listed(&said))["later lap"] > 5, "{:?}", states(&listed(&said)));
    let said = inspect(&closed.base, &["--history"]);
    assert!(said.out.contains("newer than the metadata: the base log file is an older copy"), "{}", said.out);
}

#[test]
fn a_kernel_pointer_that_an_old_driver_left_is_explained() {
    let closed = make(0, 2).close();
    change_metadata(&closed.base, |metadata| {
        metadata.base.containers_mut().next().expect("c0").stale_pointer = 0xFFFF_8000_0000_1000;
    });
    let listed = inspect_json(&closed.base, &[]);
    assert_eq!(listed["containers"][0]["kernel_pointer"], "0xffff800000001000");
    assert!(listed["containers"][1]["kernel_pointer"].is_null());
    let said = inspect(&closed.base, &[]);
    assert!(said.out.contains("c0: kernel address 0xffff800000001000 left on disk by an old driver"), "{}", said.out);
}

#[test]
fn a_file_that_several_names_lead_to_is_read_once() {
    let mut made = make(0, 3);
    made.fill(20);
    let closed = made.close();
    let count = |base: &Path| listed(&inspect(base, &["--history", "--json"]))["records"].as_array().unwrap().len();
    assert_eq!(count(&closed.base), 20);
    change_metadata(&closed.base, |metadata| {
        for (number, symbol) in metadata.base.symbols.iter_mut().skip(2).enumerate() {
            let name: Vec<u16> = format!("C:\\{number}\\c0").encode_utf16().collect();
            *symbol = clfsmgmt::format::symbol::Symbol::new(&name, symbol.context.clone()).expect("memory");
        }
    });
    assert_eq!(count(&closed.base), 20);
}

#[test]
fn containers_tell_their_records_when_the_metadata_are_lost() {
    for streams in [0, 2] {
        let mut made = make(streams, 3);
        made.fill(100);
        let closed = made.close();
        let whole = inspect_json(&closed.base, &["--history"]);
        // Nothing like a base log file, and one in which no copy is whole.
        let image = fs::read(&closed.base).expect("read");
        let mut hurt = image.clone();
        (hurt[0x900], hurt[0x8300]) = (!hurt[0x900], !hurt[0x8300]);
        for lost in [&hurt[..], &vec![0; 0x1_0000], &[]] {
            fs::write(&closed.base, lost).expect("written");
            let said = inspect(&closed.base, &["--history", "--json"]);
            let found = listed(&said);
            assert_eq!((said.code, &found["log_id"]), (1, &Value::Null), "{}", said.error);
            assert_eq!(
                states(&found),
                BTreeMap::from([("unknown".to_owned(), whole["records"].as_array().unwrap().len())])
            );
            assert!(found["error"].as_str().unwrap().contains("made.blf: "), "{}", found["error"]);
            crate::schema::expect_listing_valid(&found);
            let said = inspect(&closed.base, &["--history"]);
            assert!(said.code == 1 && said.out.contains("No copy of the metadata is whole"), "{}", said.out);
            assert_eq!(inspect(&closed.base, &["--records"]).code, 2);
        }
    }
}

/// A folder's files, and a way to put them back.
struct Evidence {
    base: PathBuf,
    files: Vec<(PathBuf, Vec<u8>)>,
}

impl Evidence {
    fn new(base: &Path) -> Self {
        Self { base: base.to_owned(), files: crate::made::contents(base.parent().expect("a folder")) }
    }

    fn damage(&self, random: &mut Xoshiro256PlusPlus) {
        for (path, bytes) in self.files.iter().filter(|(_, bytes)| bytes.len() > 512) {
            let mut bytes = bytes.clone();
            for _ in 0..random.next_u32() % 6 {
                let written = bytes.iter().rposition(|byte| *byte != 0).map_or(512, |last| last + 1);
                let sector = random.next_u32() as usize % written.div_ceil(512) * 512;
                let place = random.next_u32() as usize;
                match random.next_u32() % 4 {
                    0 => bytes[sector + place % 0xA0] = random.next_u32().to_le_bytes()[0],
                    1 => bytes[sector + 510 + place % 2] = random.next_u32().to_le_bytes()[0],
                    2 => {
                        let from = place % (bytes.len() / 512) * 512;
                        bytes.copy_within(from..from + 512, sector);
                    }
                    _ => bytes[sector + 4..sector + 8].fill(0xFF),
                }
            }
            if random.next_u32().is_multiple_of(8) {
                let length = bytes.len();
                bytes.truncate(random.next_u32() as usize % length);
            }
            fs::write(path, bytes).expect("written");
        }
    }
}

#[test]
fn no_damage_makes_the_history_panic_or_hang_or_take_much_memory() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(3);
    let mut try_all = |base: &Path, rounds: usize| {
        let evidence = Evidence::new(base);
        for round in 0..rounds {
            evidence.damage(&mut random);
            let option = [&["--json", "--data", "hex"][..], &["--csv"], &["--data", "text"]][round % 3];
            let said = inspect_within(&evidence.base, &[&["--history"], option].concat());
            assert!((0..=2).contains(&said.code), "{}{}", said.code, said.error);
            assert!(!said.error.contains("panicked"), "{}", said.error);
        }
    };
    for_each_registry_sample(|_, base| try_all(base, 25));
    for_each_sample(|_, base| try_all(base, 10));
    let mut made = make(2, 2);
    made.fill(150);
    try_all(&made.close().base, 25);
}

#[test]
fn sectors_that_claim_to_begin_huge_blocks_cost_nothing() {
    let mut made = make(0, 2);
    made.fill(5);
    let closed = made.close();
    for number in 0..2 {
        let mut bytes = vec![0; 512 << 10];
        for (at, sector) in (0u32..).zip(bytes.chunks_exact_mut(512)) {
            let own = Lsn::new(number, at * 512, 0).expect("an LSN");
            sector[..8].copy_from_slice(&[0x15, 0, 1, 0, 0xFF, 0xFF, 0xFF, 0xFF]);
            sector[0x18..0x20].copy_from_slice(&own.raw().to_le_bytes());
            sector[510..].copy_from_slice(if at == 0 || at == 1023 { &[0x44, 1] } else { &[0x04, 1] });
        }
        fs::write(closed.container(number), bytes).expect("written");
    }
    let said = inspect_within(&closed.base, &["--history", "--json"]);
    assert_eq!(listed(&said)["history"]["torn"].as_array().unwrap().len(), 4);
}
