//! What `--json` and `--export` write is what `cli/schema/` says, in every mode.

use std::fs;
use std::path::Path;

use jsonschema::{Registry, Validator};
use serde_json::{Value, json};

use crate::history::listed;
use crate::made::{Closed, inspect, make};
use crate::samples::{for_each_registry_sample, for_each_sample};

fn schema(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema").join(name);
    serde_json::from_str(&fs::read_to_string(path).expect("the schema")).expect("JSON")
}

fn of_listings() -> Validator {
    jsonschema::validator_for(&schema("inspect-v1.schema.json")).expect("a schema")
}

#[track_caller]
fn expect_valid(validator: &Validator, instance: &Value, what: &str) {
    let faults: Vec<String> =
        validator.iter_errors(instance).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{what}: {faults:#?}");
}

#[track_caller]
pub(crate) fn expect_listing_valid(listing: &Value) {
    expect_valid(&of_listings(), listing, "a listing");
}

const MODES: [&[&str]; 6] = [
    &[],
    &["--records"],
    &["--records", "--data", "hex"],
    &["--history"],
    &["--history", "--data", "text"],
    &["--history", "--data", "base64", "--stream", "0"],
];

fn expect_all_modes_valid(base: &Path) {
    let validator = of_listings();
    for mode in MODES {
        let said = inspect(base, &[mode, &["--json"]].concat());
        assert!(said.code < 2, "{}", said.error);
        expect_valid(&validator, &listed(&said), &format!("{mode:?} of {}", base.display()));
    }
}

fn some_log(streams: u8) -> Closed {
    let mut made = make(streams, 3);
    made.fill(200);
    let stream = made.streams[0];
    made.log.write_restart_area(stream, &[b"x"], None).expect("written");
    made.append(stream, &transaction_record(), clfsmgmt::units::Lsn::INVALID).expect("room");
    made.close()
}

/// A record as the kernel's transaction manager writes them.
pub(crate) fn transaction_record() -> Vec<u8> {
    let mut data = vec![0; 0x140];
    data[..8].copy_from_slice(&[4, 1, 0, 0, 2, 0, 0, 0]);
    data[8..24].copy_from_slice(&[
        0xe1, 0xb9, 0x29, 0xa6, 0xea, 0xd7, 0xeb, 0x11, 0xa4, 0x6b, 0x3c, 0x22, 0xfb, 0x13, 0x6b, 0xf1,
    ]);
    data[0x20] = 1;
    data[0x48..0x68].fill(0x77);
    let name: Vec<u8> = "Update".encode_utf16().flat_map(u16::to_le_bytes).collect();
    (data[0x38], data[0x3C]) = (12, 0xC0);
    data[0xC0..0xCC].copy_from_slice(&name);
    data[0x100..0x110].copy_from_slice(&[1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0]);
    data
}

#[test]
fn every_mode_prints_what_the_schema_says() {
    for streams in [0, 3] {
        let closed = some_log(streams);
        expect_all_modes_valid(&closed.base);
        // Damaged and partial ones too.
        fs::remove_file(closed.container(1)).expect("removed");
        expect_all_modes_valid(&closed.base);
        let mut bytes = fs::read(closed.container(0)).expect("read");
        bytes[510] ^= 1;
        fs::write(closed.container(0), bytes).expect("written");
        expect_all_modes_valid(&closed.base);
        let image = fs::read(&closed.base).expect("read");
        fs::write(&closed.base, &image[..0x9000]).expect("written");
        expect_all_modes_valid(&closed.base);
    }
    expect_all_modes_valid(&make(0, 0).close().base);
    for_each_registry_sample(|_, base| expect_all_modes_valid(base));
    for_each_sample(|_, base| expect_all_modes_valid(base));
}

#[test]
fn the_schema_misses_no_key_and_takes_no_other_one() {
    let closed = some_log(0);
    let validator = of_listings();
    let whole = listed(&inspect(&closed.base, &["--history", "--json"]));
    for key in whole.as_object().unwrap().keys() {
        let mut less = whole.clone();
        less.as_object_mut().unwrap().remove(key);
        assert!(!validator.is_valid(&less), "{key} may be missing");
    }
    let mut more = whole.clone();
    more["records"][0]["news"] = json!(1);
    assert!(!validator.is_valid(&more));
    let mut other = whole;
    other["records"][0]["lsn"] = json!("somewhere");
    assert!(!validator.is_valid(&other));
}

#[test]
fn the_manifest_of_an_export_is_what_its_schema_says() {
    let closed = some_log(2);
    let folder = tempfile::tempdir().expect("a folder");
    let away = folder.path().join("out");
    let said = inspect(&closed.base, &["--history", "--export", away.to_str().unwrap()]);
    assert_eq!(said.code, 0, "{}", said.error);
    let manifest = serde_json::from_slice(&fs::read(away.join("manifest.json")).expect("there")).expect("JSON");
    let registry = Registry::new().add("urn:clfsmgmt:inspect:1", schema("inspect-v1.schema.json"));
    let registry = registry.expect("a URI").prepare().expect("ready");
    let of_manifests = schema("export-v1.schema.json");
    let validator = jsonschema::options().with_registry(&registry).build(&of_manifests).expect("a schema");
    expect_valid(&validator, &manifest, "the manifest");
}
