//! What an analyst asks of records: their data, as text, as files, as rows; and a log that a writer has open.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use clfsmgmt::host::FileStorage;
use clfsmgmt::log::storage::Access;
use clfsmgmt::log::{BlockLimit, Log};
use clfsmgmt::units::{Lsn, Status};
use serde_json::Value;

use crate::made::{Closed, Made, contents, inspect, inspect_json, make};
use crate::schema::transaction_record;

/// A log with a transaction's record, one of text and one without data.
fn told() -> Closed {
    let mut made = make(0, 2);
    let stream = made.streams[0];
    for data in [&transaction_record()[..], b"\x00=cmd|'/C calc'!A0, \"quoted\"\n\x1b[31m", b""] {
        made.append(stream, data, Lsn::INVALID).expect("room");
    }
    made.close()
}

#[test]
fn data_are_printed_in_the_form_that_is_asked_for() {
    let closed = told();
    let data = |form| inspect_json(&closed.base, &["--records", "--data", form])["records"][1]["data"].clone();
    assert_eq!(data("hex").as_str().map(|text| &text[..10]), Some("003d636d64"));
    assert_eq!(data("base64").as_str().map(|text| &text[..8]), Some("AD1jbWR8"));
    assert_eq!(data("text").as_str(), Some("=cmd|'/C calc'!A0, \"quoted\" … [31m"));
    let without = inspect_json(&closed.base, &["--records"]);
    assert!(without["data_encoding"].is_null() && without["records"][1]["data"].is_null());
    let said = closed.inspect(&["--history", "--data", "hex"]);
    assert!(said.out.contains("0000  00 3d 63 6d 64 7c"), "{}", said.out);
    assert_eq!(closed.inspect(&["--data", "hex"]).code, 2, "of which records?");
}

#[test]
fn a_transactions_record_tells_what_it_knows() {
    let closed = told();
    let listed = inspect_json(&closed.base, &["--records"]);
    let ktm = &listed["records"][0]["ktm"];
    assert_eq!((&ktm["kind"], &ktm["description"]), (&2.into(), &"Update".into()));
    assert_eq!(ktm["transaction"]["id"], "a629b9e1-d7ea-11eb-a46b-3c22fb136bf1");
    assert_eq!(ktm["transaction"]["time"], "2021-06-28T08:27:17.5003617Z");
    assert_eq!(ktm["enlistments"][0]["resource_manager"]["id"], "77777777-7777-7777-7777-777777777777");
    assert_eq!(ktm["sids"][0]["text"], "S-1-5-32-544");
    assert!(listed["records"][1]["ktm"].is_null());
    let said = closed.inspect(&["--records"]);
    for part in ["KTM kind 2, transaction a629b9e1", "description \"Update\"", "SIDs S-1-5-32-544"] {
        assert!(said.out.contains(part), "{part}: {}", said.out);
    }
    assert!(!said.out.contains('\x1b'));
}

#[test]
fn rows_have_all_columns_and_no_formula() {
    let closed = told();
    let said = closed.inspect(&["--history", "--csv", "--data", "text"]);
    assert_eq!(said.code, 0, "{}", said.error);
    let mut rows = csv::Reader::from_reader(said.out.as_bytes());
    let columns = rows.headers().expect("heads").clone();
    let rows: Vec<_> = rows.records().map(|row| row.expect("a row")).collect();
    let field = |row: usize, name: &str| {
        let at = columns.iter().position(|column| column == name).expect("a column");
        rows[row].get(at).expect("a field").to_owned()
    };
    assert_eq!(rows.len(), 3);
    assert_eq!(field(1, "data"), "'=cmd|'/C calc'!A0, \"quoted\" … [31m");
    assert_eq!((field(0, "state"), field(0, "lap")), ("live".to_owned(), "1".to_owned()));
    assert_eq!(field(0, "ktm_transaction_time"), "2021-06-28T08:27:17.5003617Z");
    assert_eq!(closed.inspect(&["--csv"]).code, 2);
}

#[test]
fn an_export_has_every_record_and_overwrites_nothing() {
    let closed = told();
    let before = contents(closed.folder.path());
    let elsewhere = tempfile::tempdir().expect("a folder");
    let out = elsewhere.path().join("new/out");
    let export = |folder: &Path| closed.inspect(&["--records", "--export", folder.to_str().unwrap()]);
    assert_eq!(export(&out).code, 0);
    let manifest: Value = serde_json::from_slice(&fs::read(out.join("manifest.json")).expect("there")).expect("JSON");
    let mut names = BTreeSet::from(["manifest.json".to_owned()]);
    for (exported, data) in
        manifest["exported"].as_array().unwrap().iter().zip([&transaction_record()[..], b"\x00=cmd", b""])
    {
        let name = exported["file"].as_str().unwrap();
        let bytes = fs::read(out.join(name)).expect("there");
        assert!(bytes.starts_with(data) && bytes.len() as u64 == exported["bytes"].as_u64().unwrap());
        names.insert(name.to_owned());
    }
    let found: BTreeSet<String> =
        fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(found, names);
    assert!(contents(closed.folder.path()) == before);
    // Not again, not into the evidence, not over a link's target.
    let exported = contents(&out);
    for folder in [&*out, closed.folder.path()] {
        let said = export(folder);
        assert_eq!((said.code, said.error.lines().count()), (2, 1));
        assert!(said.error.contains("is not empty, and nothing is overwritten; name a new one"), "{}", said.error);
    }
    assert!(contents(&out) == exported && contents(closed.folder.path()) == before);
    let linked = elsewhere.path().join("linked");
    fs::create_dir(&linked).unwrap();
    symlink(closed.container(0), linked.join("manifest.json")).unwrap();
    assert_eq!(export(&linked).code, 2);
    assert!(contents(closed.folder.path()) == before);
}

#[test]
fn who_reads_only_the_beginning_is_no_error_and_an_export_is_whole_all_the_same() {
    let mut made = make(0, 2);
    made.fill(60);
    let closed = made.close();
    let away = tempfile::tempdir().expect("a folder");
    let export = format!("--export={}", away.path().join("out").display());
    let modes: [&[&str]; 4] = [
        &["--history", "--json", "--data", "hex"],
        &["--history", "--csv", "--data", "hex"],
        &["--records", "--data", "hex"],
        &["--records", "--data", "hex", &export],
    ];
    for mode in modes {
        let mut command = std::process::Command::new("sh");
        let script = "{ \"$@\"; echo code $? >&2; } | head -c 10 >&2";
        command.args(["-c", script, "sh", env!("CARGO_BIN_EXE_clfsmgmt"), "inspect"]).args(mode).arg(&closed.base);
        let said = String::from_utf8(command.output().expect("sh runs").stderr).expect("UTF-8");
        assert!(said.contains("code 0") && !said.contains("pipe"), "{mode:?}: {said}");
    }
    // Sixty records, and the manifest.
    assert_eq!(fs::read_dir(away.path().join("out")).expect("there").count(), 61);
}

#[test]
fn the_files_that_were_looked_at_are_hashed() {
    let closed = told();
    let hash = |path: &Path| {
        let said = std::process::Command::new("sha256sum").arg(path).output().expect("sha256sum runs");
        String::from_utf8(said.stdout).unwrap().split(' ').next().unwrap().to_owned()
    };
    let listed = inspect_json(&closed.base, &["--history"]);
    for (file, path) in
        listed["files"].as_array().unwrap().iter().zip([closed.base.clone(), closed.container(0), closed.container(1)])
    {
        assert_eq!(file["sha256"].as_str(), Some(&*hash(&path)), "{}", path.display());
    }
    assert!(inspect_json(&closed.base, &[])["files"][1]["sha256"].is_null());
}

fn reopened(base: &Path) -> Result<Log<FileStorage>, Status> {
    Log::open(FileStorage::new(base), Access::Write, BlockLimit::DEFAULT).map_err(Status::from)
}

#[test]
fn a_log_that_a_writer_has_open_is_looked_at_and_said_to_be() {
    let mut made = make(0, 2);
    made.fill(30);
    made.log.flush(made.streams[0]).expect("flushed");
    let base = made.folder.path().join("made.blf");
    let listed = inspect_json(&base, &["--records"]);
    assert_eq!(listed["records"].as_array().unwrap().len(), 30);
    assert_eq!((&listed["writer_has_it_open"], &listed["changed_meanwhile"]), (&true.into(), &false.into()));
    for options in [&[][..], &["--check"], &["--records"], &["--history"]] {
        let said = inspect(&base, options);
        assert_eq!(said.code, 0, "{}{}", said.out, said.error);
        assert!(said.out.to_lowercase().contains("a writer has it open"), "{}", said.out);
    }
    let closed = made.close();
    assert_eq!(inspect_json(&closed.base, &[])["writer_has_it_open"], false);
}

#[test]
fn looking_keeps_no_writer_out_and_a_writer_hides_nothing_that_is_durable() {
    let mut made = make(2, 3);
    made.fill(10);
    let base = made.close();
    let path = base.base.clone();
    let looks = std::thread::spawn(move || {
        for round in 0..40 {
            let options = [&["--json"][..], &["--history"], &["--records"], &["--check"]][round % 4];
            let said = inspect(&path, options);
            assert!(said.code <= 1 && !said.error.contains("panicked"), "{}{}", said.out, said.error);
        }
    });
    let mut base = Some(base);
    while !looks.is_finished() {
        let closed = base.take().expect("closed");
        // A lock of a look would refuse this.
        let log = reopened(&closed.base).expect("nobody keeps it out");
        let streams = [1, 2].map(clfsmgmt::units::StreamId).to_vec();
        let mut made = Made { folder: closed.folder, log, streams };
        made.fill(40);
        base = Some(made.close());
    }
    looks.join().expect("no look failed");
}
