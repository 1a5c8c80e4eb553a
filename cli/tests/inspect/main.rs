//! `clfsmgmt inspect`: what it lists, what it refuses, and that it never writes.

mod analysis;
mod damaged;
mod edges;
mod history;
mod life;
mod made;
#[path = "../../../tests/support/samples.rs"]
mod samples;
mod schema;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use clfsmgmt::format::block::BlockKind;
use clfsmgmt::log::Removal;
use clfsmgmt::units::{Lsn, StreamId};
use damaged::{change_block, change_metadata};
use made::{contents, inspect, inspect_json, make, wide};
use samples::{for_each_registry_sample, for_each_sample};

#[test]
fn a_fresh_dedicated_log_is_listed_and_sound() {
    let mut made = make(0, 2);
    made.fill(3);
    let closed = made.close();
    closed.expect_sound();
    let listed = inspect_json(&closed.base, &["--records"]);
    assert_eq!(listed["multiplexed"], false);
    assert_eq!(listed["log_id"], "33323130-3534-3736-3839-616263646566");
    assert_eq!(listed["general"]["why"], "its dump count is higher");
    assert_eq!(listed["records"].as_array().unwrap().len(), 3);
    assert_eq!(listed["records"][0]["lsn"], "0:0x0:0");
    assert_eq!(listed["records"][0]["previous"], "invalid");
    assert_eq!(listed["records"][1]["previous"], "0:0x0:0");
    assert_eq!(listed["streams"][0]["name"], "\\??\\C:\\made\\made.blf");
    assert_eq!(listed["containers"][0]["name"], "%BLF%\\c0");
    let states = [0, 1].map(|number| listed["containers"][number]["state"].clone());
    assert_eq!(states, ["active", "free"]);
    let space = &listed["space"];
    let sum = space["used_bytes"].as_u64().unwrap() + space["free_bytes"].as_u64().unwrap();
    assert_eq!(space["total_bytes"].as_u64(), Some(sum));
}

#[test]
fn a_log_without_containers_or_records_is_sound() {
    for containers in [0, 2] {
        for streams in [0, 1] {
            let closed = make(streams, containers).close();
            closed.expect_sound();
            assert_eq!(closed.inspect(&["--records"]).code, 0);
        }
    }
}

#[test]
fn a_log_that_was_recycled_many_times_is_sound_and_its_chains_are_whole() {
    for streams in [0, 3] {
        let mut made = make(streams, 3);
        made.fill(if streams == 0 { 900 } else { 700 });
        let closed = made.close();
        let report = closed.expect_sound();
        assert!(report.contains(" active container"), "{report}");
        let listed = inspect_json(&closed.base, &["--records"]);
        assert!(listed["containers"][0]["logical_id"].as_u64().unwrap() >= 4);
        assert!(listed["containers"][0]["usn"].as_u64().unwrap() > 1);
        assert_eq!(listed["broken_chains"], 0);
        let records = listed["records"].as_array().unwrap();
        assert!(records.iter().any(|record| record["kind"] == "restart"));
        for stream in listed["streams"].as_array().unwrap() {
            let of_it = records.iter().filter(|record| record["stream"] == stream["id"]);
            assert_eq!(stream["has_records"].as_bool(), Some(of_it.count() > 0));
        }
        let text = closed.inspect(&["--records"]);
        assert_eq!(text.code, 0);
    }
}

#[test]
fn a_log_whose_base_log_file_has_grown_is_sound() {
    let mut made = make(0, 2);
    for number in 0..90 {
        // Long names fill the metadata sooner than many containers do.
        let name = wide(&format!("%BLF%\\{}{number}", "n".repeat(120)));
        made.log.add_container(&name, None).expect("a container");
    }
    made.fill(5);
    let closed = made.close();
    assert!(fs::metadata(&closed.base).expect("there").len() > 0x1_0000);
    assert!(closed.expect_sound().starts_with("5 metadata blocks, 93 symbols"));
    let listed = inspect_json(&closed.base, &[]);
    assert_eq!(listed["control"]["primary"]["dump_count"], 3);
    assert_eq!(listed["control"]["shadow"]["state"], "older");
    assert_eq!(listed["general"]["primary"]["offset"], 0x1_0000);
    // A pipe gets whole names.
    let text = closed.inspect(&[]).out;
    assert!(text.contains(&format!("%BLF%\\{}89 ", "n".repeat(120))), "{text}");
}

#[test]
fn one_stream_is_chosen_by_name_or_id() {
    let mut made = make(2, 2);
    made.fill(5);
    let closed = made.close();
    for wanted in ["STREAM-1", "2"] {
        let listed = inspect_json(&closed.base, &["--records", "--stream", wanted]);
        let records = listed["records"].as_array().unwrap();
        assert_eq!(records.len(), 5);
        assert!(records.iter().all(|record| record["stream"] == 2));
    }
    let said = closed.inspect(&["--records", "--stream", "nobody"]);
    assert_eq!(said.code, 2);
    assert!(said.error.contains("no stream nobody; choose one of 0 "), "{}", said.error);
    assert_eq!(said.out, "");
}

#[test]
fn a_container_that_is_to_be_deleted_is_shown_and_sound() {
    for streams in [0, 2] {
        let mut made = make(streams, 4);
        made.fill(if streams == 0 { 130 } else { 250 });
        made.log.remove_container(&wide("%BLF%\\c0"), Removal::WhenPassed).expect("pending");
        let closed = made.close();
        closed.expect_sound();
        let listed = inspect_json(&closed.base, &[]);
        let first = &listed["containers"][0];
        assert_eq!([&first["state"], &first["state_on_disk"]], ["pending delete"; 2]);
    }
}

#[test]
fn a_base_that_was_moved_to_a_record_still_in_memory_is_sound() {
    let mut made = make(2, 2);
    let stream = made.streams[0];
    made.fill(3);
    let lsn = made.append(stream, b"last", Lsn::INVALID).expect("room");
    assert!(lsn.record() > 0);
    made.log.advance_base(stream, lsn).expect("moved");
    made.close().expect_sound();
}

#[test]
fn a_log_that_was_not_closed_is_listed_and_checked_up_to_its_recovered_end() {
    let mut made = make(2, 2);
    made.fill(40);
    for stream in made.streams.clone() {
        made.log.flush(stream).expect("flushed");
    }
    let closed = made.abandon();
    closed.expect_sound();
    let listed = inspect_json(&closed.base, &["--records"]);
    assert_eq!(listed["records"].as_array().unwrap().len(), 80);
    assert_ne!(listed["end"], listed["durable_end"]);
}

#[test]
fn nothing_is_ever_written() {
    let mut made = make(3, 3);
    made.fill(60);
    let closed = made.abandon();
    let folder = closed.folder.path();
    for (path, _) in contents(folder) {
        fs::set_permissions(path, fs::Permissions::from_mode(0o444)).expect("read-only");
    }
    let before = contents(folder);
    for options in [&[][..], &["--json"], &["--records"], &["--records", "--json"], &["--history"], &["--check"]] {
        assert_eq!(inspect(&folder.join("made.blf"), options).code, 0, "{options:?}");
        assert!(contents(folder) == before, "{options:?}");
    }
}

#[test]
fn logs_of_windows_are_sound_and_their_restart_areas_listed() {
    for_each_sample(|_, base| {
        let said = inspect(base, &["--check"]);
        assert_eq!(said.code, 0, "{}: {}", base.display(), said.out);
        let listed = inspect_json(base, &["--records"]);
        let records = listed["records"].as_array().unwrap();
        for stream in listed["streams"].as_array().unwrap() {
            let newest = records.iter().rfind(|record| record["stream"] == stream["id"]);
            let restart = newest.map_or("invalid".into(), |record| record["lsn"].clone());
            assert_eq!(stream["restart"], restart, "{}", base.display());
        }
        assert!(records.len() >= 3 && records.iter().all(|record| record["kind"] == "restart"));
        assert_eq!(listed["broken_chains"], 0);
    });
}

#[test]
fn logs_of_registries_are_listed_from_base_to_end_and_checked() {
    for_each_registry_sample(|name, base| {
        let listed = inspect_json(base, &["--records"]);
        let (first, end, count, blocks) = match name {
            "windows-log-009" => ("0:0x0:0", "0:0x600:0", 3, "3 blocks in 1 active container, 3 records"),
            "windows-log-032" => ("1:0x7800:1", "1:0x7a00:0", 1, "27 blocks in 1 active container, 39 records"),
            _ => ("0:0xc00:1", "0:0xe00:0", 1, "4 blocks in 1 active container, 5 records"),
        };
        let records = listed["records"].as_array().unwrap();
        assert_eq!((records.len(), &listed["error"]), (count, &serde_json::Value::Null), "{name}");
        assert_eq!((&listed["end"], &listed["streams"][0]["base"]), (&end.into(), &first.into()), "{name}");
        assert_eq!((&records[0]["lsn"], &listed["broken_chains"]), (&first.into(), &0.into()), "{name}");
        let said = inspect(base, &["--check"]);
        assert!(said.out.contains(blocks) && said.out.contains(&format!("ends at {end} … ok")), "{name}: {}", said.out);
        let last = said.out.lines().last().unwrap();
        let is_missing = last.ends_with("at 0x0: the file is there (does not hold)");
        assert_eq!((said.code, is_missing), if name == "windows-log-101" { (1, true) } else { (0, false) }, "{last}");
    });
}

#[test]
fn a_log_of_two_laps_is_checked_over_its_containers_end() {
    for_each_registry_sample(|name, base| {
        if name != "windows-log-032" {
            return;
        }
        // As it was before its first container was recycled.
        change_metadata(base, |metadata| {
            let first = metadata.base.containers_mut().find(|container| container.physical == 0).expect("a container");
            (first.logical, first.usn) = (0, 1);
            metadata.base.client_mut(StreamId::PHYSICAL).expect("client 0").base = Lsn::NULL;
        });
        let said = inspect(base, &["--check"]);
        assert_eq!(said.code, 0, "{}", said.out);
        assert!(said.out.contains("440 blocks in 2 active containers, 655 records"), "{}", said.out);
        assert_eq!(inspect_json(base, &["--records"])["records"].as_array().unwrap().len(), 655);
        // A USN that falls back to that of the lap before.
        let container = base.with_file_name(
            base.file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .replace("TM.blf", "TMContainer00000000000000000002.regtrans-ms"),
        );
        change_block(&container, 0xA00, BlockKind::Data, |block| block[2] = 1);
        let said = inspect(base, &["--check"]);
        assert_eq!(said.code, 1);
        let last = said.out.lines().last().unwrap();
        assert!(last.contains(" at 0xa02: a block's USN is its container's, or one of a later lap"), "{last}");
    });
}

#[test]
fn a_container_is_found_in_other_letters_and_under_the_last_part_of_a_foreign_path() {
    let mut made = make(0, 2);
    made.fill(5);
    let closed = made.close();
    let away = tempfile::tempdir().expect("a folder");
    let elsewhere = away.path().join("c0");
    change_metadata(&closed.base, |metadata| {
        for (number, symbol) in metadata.base.symbols.iter_mut().skip(1).enumerate() {
            let name = wide(&away.path().join(format!("c{number}")).display().to_string());
            *symbol = clfsmgmt::format::symbol::Symbol::new(&name, symbol.context.clone()).expect("memory");
        }
    });
    fs::write(&elsewhere, vec![0xA5; 512 << 10]).expect("written");
    fs::rename(closed.container(0), closed.container(0).with_file_name("C0")).expect("renamed");
    let listed = inspect_json(&closed.base, &["--records"]);
    assert_eq!(listed["records"].as_array().unwrap().len(), 5);
    assert_eq!(listed["containers"][0]["file"], closed.container(0).with_file_name("C0").display().to_string());
    closed.expect_sound();
    fs::rename(closed.container(0).with_file_name("C0"), away.path().join("other")).expect("renamed");
    let said = closed.inspect(&["--records"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("missing file: ") && !said.out.contains("bad block"), "{}", said.out);
}

#[test]
fn what_is_no_file_in_a_containers_place_is_not_opened() {
    let mut made = make(0, 2);
    made.fill(5);
    let closed = made.close();
    fs::remove_file(closed.container(1)).expect("removed");
    let made_pipe = std::process::Command::new("mkfifo").arg(closed.container(1)).status();
    assert!(made_pipe.expect("mkfifo runs").success());
    assert_eq!(inspect_json(&closed.base, &["--records"])["records"].as_array().unwrap().len(), 5);
    closed.expect_fault(&["container %BLF%\\c1 at 0x0: the file is there"]);
    fs::remove_file(closed.container(1)).expect("removed");
    fs::create_dir(closed.container(1)).expect("a folder");
    assert_eq!(inspect_json(&closed.base, &["--records"])["records"].as_array().unwrap().len(), 5);
    // Nor in the base log file's.
    let pipe = closed.base.with_file_name("pipe.blf");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    assert_eq!(inspect(&pipe, &[]).code, 2);
}

#[test]
fn a_container_that_is_given_for_the_base_log_file_is_told_so() {
    let mut made = make(0, 2);
    made.fill(5);
    let closed = made.close();
    let said = inspect(&closed.container(0), &[]);
    assert_eq!(said.code, 2);
    assert!(
        said.error.contains("c0: a container of a log") && said.error.contains("give the .blf file"),
        "{}",
        said.error
    );
}

#[test]
fn a_broken_chain_is_named() {
    let mut made = make(0, 2);
    let stream = made.streams[0];
    let first = made.append(stream, b"first", Lsn::INVALID).expect("room");
    let nowhere = first.with_record(1);
    made.log.flush(stream).expect("flushed");
    let second = made.append(stream, b"second", nowhere).expect("room");
    let closed = made.close();
    assert!(second > nowhere);
    closed.expect_sound();
    let said = closed.inspect(&["--records"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("broken chain: previous 0:0x0:1 is no record"), "{}", said.out);
}

#[test]
fn what_is_no_log_is_refused_in_one_line_with_a_mend() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("foreign.blf");
    let refused = |what: &str| {
        for options in [&[][..], &["--check"], &["--json"]] {
            let said = inspect(&path, options);
            assert_eq!(said.code, 2, "{what}: {}", said.out);
            assert_eq!(said.error.lines().count(), 1, "{what}: {}", said.error);
            assert!(said.error.contains("foreign.blf: ") && said.error.contains("; "), "{}", said.error);
            assert_eq!(said.out, "", "{what}");
        }
    };
    refused("missing");
    for bytes in [&b""[..], b"\x15", b"SQLite format 3\0", &vec![0; 70000]] {
        fs::write(&path, bytes).expect("written");
        refused("foreign");
    }
    fs::remove_file(&path).expect("removed");
    fs::create_dir(&path).expect("a folder");
    refused("a folder");
}

#[test]
fn a_truncated_base_log_file_is_refused_and_the_check_names_where() {
    let closed = make(0, 2).close();
    let whole = fs::read(&closed.base).expect("read");
    for length in [0x100, 0x400, 0x900, 0x8000] {
        fs::write(&closed.base, &whole[..length]).expect("written");
        let said = closed.inspect(&[]);
        assert_eq!((said.code, said.error.lines().count()), (2, 1));
        assert!(said.error.contains("made.blf: ") && said.error.contains("; restore"), "{}", said.error);
        closed.expect_fault(&["made.blf: ", "at 0x"]);
    }
}
