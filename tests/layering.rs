//! The folder tree is the design: fails when a file names a layer that it may not use, or breaks a rule of its layer.
//!
//! Works on tokens, so comments, documentation and strings do not count, while paths inside macro calls do.
//! The tests at the end show on made-up sources that each rule can fail.

#[path = "layering/tokens.rs"]
mod tokens;

use std::fs;
use std::path::Path;

use tokens::{Findings, module_path};

/// Every layer, with the layers that it may name.
const LAYERS: [(&str, &[&str]); 12] = [
    ("units", &[]),
    ("engine", &["units"]),
    ("format", &["units"]),
    ("log", &["format", "units"]),
    ("abi", &["engine", "format", "log", "units"]),
    ("manager", &["engine", "units"]),
    ("library", &["manager", "engine", "log", "format", "units"]),
    ("foreign", &["manager", "engine", "units"]),
    ("host", &["library", "manager", "engine", "log", "format", "units"]),
    ("kernel", &["library", "manager", "engine", "log", "format", "units"]),
    ("exports", &["host", "kernel", "library", "foreign", "manager", "abi", "log", "format", "engine", "units"]),
    ("cli", &["host", "library", "manager", "engine", "log", "format", "units"]),
];
/// The layers that drivers contain too: they do without `std`.
const SHIPPED: [&str; 10] =
    ["units", "engine", "format", "log", "abi", "manager", "library", "foreign", "kernel", "exports"];
/// Of these, the ones where C is met, and with it unsafe code; the roots of the others forbid it.
const UNSAFE: [&str; 2] = ["kernel", "exports"];
/// The only layer that names the WDK's crates.
const WDK: &str = "kernel";
/// Where exports choose between the platforms; besides it only the entry points of drivers name one.
const PLATFORM_CHOICE: &str = "exports/platform.rs";
const PLATFORM_NAMERS: [&str; 2] = [PLATFORM_CHOICE, "exports/entry.rs"];
/// Names that say nothing about what a module holds.
const EMPTY_NAMES: [&str; 8] = ["util", "utils", "common", "helper", "helpers", "misc", "type", "types"];
/// Lines of a file from which it is listed, and above which it fails.
const LONG: usize = 300;
const TOO_LONG: usize = 400;

/// A source file: its path below `src`, with `/`, and its text.
struct Source {
    path: String,
    text: String,
}

/// Every breach of the rules in the given files, and the files that grow long.
fn judge(sources: &[Source]) -> (Vec<String>, Vec<String>) {
    let read: Vec<_> = sources.iter().map(|source| (source, Findings::of(source))).collect();
    let test_modules: Vec<_> = read.iter().flat_map(|(_, findings)| findings.test_modules.clone()).collect();
    let (mut faults, mut long) = (Vec::new(), Vec::new());
    for (source, findings) in &read {
        let path = &source.path;
        let module = module_path(path);
        let mut fault = |what: String| faults.push(format!("src/{path}: {what}"));
        findings.faults.iter().cloned().for_each(&mut fault);
        let top = module.first().map_or("cli", String::as_str);
        for line in findings.unsafe_lines.iter().filter(|_| path == "lib.rs" || !UNSAFE.contains(&top)) {
            fault(format!("line {line} is unsafe"));
        }
        for (name, line) in findings.wdk_names.iter().filter(|_| path == "lib.rs" || top != WDK) {
            fault(format!("line {line} names `{name}`"));
        }
        if let Some(name) = module.iter().find(|name| EMPTY_NAMES.contains(&name.as_str())) {
            fault(format!("module `{name}` does not say what it holds"));
        }
        match source.text.lines().count() {
            lines if lines > TOO_LONG => {
                fault(format!("has {lines} lines, more than {TOO_LONG}: split it"));
            }
            lines if lines > LONG => long.push(format!("src/{path}: {lines} lines")),
            _ => {}
        }
        if path == "lib.rs" {
            continue;
        }
        let layer = module.first().map_or("cli", String::as_str);
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == layer) else {
            fault(format!("`{layer}` is no layer: add it to docs/architecture.md and to this test"));
            continue;
        };
        let names_platform = |name: &str| layer == "exports" && ["host", "kernel"].contains(&name);
        for (name, line) in &findings.named {
            if names_platform(name) && !PLATFORM_NAMERS.contains(&path.as_str()) {
                fault(format!("line {line} names the platform `{name}`: it is chosen in {PLATFORM_CHOICE}"));
            }
            if name != layer && !allowed.contains(&name.as_str()) {
                fault(format!("line {line}: layer `{layer}` names `{name}`; it may name {allowed:?}"));
            }
        }
        let is_test = test_modules.iter().any(|test| module.starts_with(test));
        if SHIPPED.contains(&layer) && !is_test {
            for line in &findings.std_lines {
                fault(format!("line {line} names `std`, which drivers do not have"));
            }
        }
        let is_root = module.len() == 1 && module[0] == layer;
        let forbids = SHIPPED.contains(&layer) && !UNSAFE.contains(&layer);
        if is_root && forbids && !findings.forbids_unsafe {
            fault("the layer's root lacks #![forbid(unsafe_code)]".to_owned());
        }
    }
    (faults, long)
}

fn read_tree(folder: &Path, below: &str, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = format!("{below}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            read_tree(&entry.path(), &format!("{path}/"), sources);
        } else if entry.path().extension().is_some_and(|extension| extension == "rs") {
            sources.push(Source { path, text: fs::read_to_string(entry.path()).unwrap() });
        }
    }
}

#[test]
fn every_file_keeps_to_the_rules_of_its_layer() {
    let mut sources = Vec::new();
    read_tree(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut sources);
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    for layer in SHIPPED {
        assert!(sources.iter().any(|source| source.path.starts_with(layer)), "layer {layer} was not found");
    }
    let (faults, long) = judge(&sources);
    for file in long {
        println!("grows long: {file}");
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// The faults of one made-up file.
fn faults_of(path: &str, text: &str) -> Vec<String> {
    judge(&[Source { path: path.to_owned(), text: text.to_owned() }]).0
}

#[test]
fn naming_a_layer_above_or_beside_is_a_fault_however_it_is_written() {
    for text in [
        "use crate::manager::Table;",
        "use crate::{units::Lsn, manager::{self, Table}};",
        "fn f() { crate::manager::table(); }",
        "fn f() { assert!(crate::manager::is_ready()); }",
        "use super::super::manager::Table;",
        "mod inner { use super::super::super::manager::Table; }",
        "use super::super::{units::Lsn, manager};",
        "fn f() { clfsmgmt::log::open(); }",
        "use crate::Table;",
        "#[cfg(test)] mod tests { use crate::log::Log; }",
    ] {
        assert_eq!(faults_of("engine/drain.rs", text).len(), 1, "{text}");
    }
    assert_eq!(faults_of("main.rs", "use clfsmgmt::exports::enter;").len(), 1);
}

#[test]
fn naming_ones_own_layer_or_one_below_is_no_fault() {
    let text = "//! Not crate::manager::Table.\n/* nor crate::log */\nuse crate::engine::LogView; use crate::units::Lsn;\n\
        use super::view; use super::super::units; mod tests { use super::*; use super::super::view; }\n\
        pub(crate) fn f() -> &'static str { \"crate::log::x std::fs unsafe\" }";
    assert_eq!(faults_of("engine/drain.rs", text), [""; 0]);
    assert_eq!(faults_of("main.rs", "use clfsmgmt::cli::run; fn main() { std::process::exit(run()) }"), [""; 0]);
}

#[test]
fn hiding_the_crate_behind_another_name_is_a_fault() {
    for text in [
        "use crate as all;",
        "extern crate self as all;",
        "use crate::*;",
        "#[path = \"x.rs\"] mod y;",
        "include!(\"x.rs\");",
    ] {
        assert_eq!(faults_of("engine/drain.rs", text).len(), 1, "{text}");
    }
}

#[test]
fn unsafe_code_is_a_fault_but_where_c_is_met() {
    for path in ["host/files.rs", "abi/policy.rs", "library/area.rs", "lib.rs", "main.rs"] {
        assert_eq!(faults_of(path, "fn f() { unsafe { g() } }").len(), 1, "{path}");
    }
    for path in ["exports/pointers.rs", "kernel/lock.rs"] {
        assert_eq!(faults_of(path, "fn f() { unsafe { g() } }"), [""; 0], "{path}");
    }
    assert_eq!(faults_of("abi/policy.rs", "unsafe extern \"system\" fn f() {}").len(), 1);
    let types = "type F = unsafe extern \"system\" fn(a: u8); type G = Option<unsafe fn()>;";
    assert_eq!(faults_of("abi/policy.rs", types), [""; 0], "the type of a pointer does nothing");
}

#[test]
fn kernel_crates_are_a_fault_but_in_the_kernel_layer() {
    for path in ["host/files.rs", "exports/entry.rs", "library/area.rs", "lib.rs"] {
        assert_eq!(faults_of(path, "use wdk_sys::NTSTATUS;").len(), 1, "{path}");
    }
    assert_eq!(faults_of("kernel/lock.rs", "extern crate wdk_panic; use wdk_sys::NTSTATUS;"), [""; 0]);
}

#[test]
fn exports_name_a_platform_in_one_place() {
    assert_eq!(faults_of("exports/clfs/own_logs.rs", "use crate::host::HostLock;").len(), 1);
    assert_eq!(faults_of("exports/image.rs", "use crate::kernel::KernelLock;").len(), 1);
    assert_eq!(faults_of("exports/platform.rs", "use crate::host::HostLock; use crate::kernel::Lock;"), [""; 0]);
    assert_eq!(faults_of("exports/entry.rs", "fn f() { crate::kernel::begin() }"), [""; 0]);
}

#[test]
fn kernel_and_host_never_know_each_other_and_nothing_below_knows_exports() {
    assert_eq!(faults_of("kernel/files.rs", "use crate::host::HostFile;").len(), 1);
    assert_eq!(faults_of("host/files.rs", "use crate::kernel::KernelFile;").len(), 1);
    for path in ["kernel/work.rs", "host/staff.rs", "library/area.rs", "abi/lsn.rs"] {
        assert_eq!(faults_of(path, "use crate::exports::world;").len(), 1, "{path}");
    }
    assert_eq!(faults_of("library/area.rs", "use crate::abi::ClfsLsn;").len(), 1);
    for text in ["use crate::library::LogFile;", "use crate::abi::ClfsLsn;", "use crate::log::Log;"] {
        assert_eq!(faults_of("foreign/logs.rs", text).len(), 1, "{text}");
    }
    assert_eq!(faults_of("abi/lsn.rs", "use crate::manager::Cookie;").len(), 1);
}

#[test]
fn std_is_a_fault_in_shipped_layers_but_not_in_their_tests() {
    assert_eq!(faults_of("log/blocks.rs", "use std::fs::File;").len(), 1);
    assert_eq!(faults_of("log/blocks.rs", "#[cfg(not(test))] use std::fs::File;").len(), 1);
    assert_eq!(faults_of("log/blocks.rs", "#[cfg(test)] mod tests { use std::fs; } use std::fs;").len(), 1);
    assert_eq!(faults_of("log/blocks.rs", "#[cfg(test)] mod tests { use std::fs::File; }"), [""; 0]);
    assert_eq!(faults_of("host/files.rs", "use std::fs::File;"), [""; 0]);
    for path in ["exports/image.rs", "kernel/lock.rs", "abi/lsn.rs"] {
        assert_eq!(faults_of(path, "use std::vec::Vec;").len(), 1, "{path}");
    }
    let root = Source {
        path: "log/mod.rs".to_owned(),
        text: "#![forbid(unsafe_code)] #[cfg(test)] mod simulation;".to_owned(),
    };
    let test = Source { path: "log/simulation/disk.rs".to_owned(), text: "use std::fs;".to_owned() };
    assert_eq!(judge(&[root, test]).0, [""; 0]);
}

#[test]
fn a_shipped_root_without_the_forbid_is_a_fault() {
    assert_eq!(faults_of("engine/mod.rs", "#![deny(unsafe_code)]\npub mod view;").len(), 1);
    assert_eq!(faults_of("engine/mod.rs", "#![forbid(unsafe_code)]\npub mod view;"), [""; 0]);
    assert_eq!(faults_of("abi/mod.rs", "#![deny(unsafe_code)]\npub mod view;").len(), 1);
    assert_eq!(faults_of("exports/mod.rs", "#![expect(unsafe_code)]\npub mod view;"), [""; 0]);
}

#[test]
fn unknown_layers_empty_names_and_long_files_are_faults() {
    assert_eq!(faults_of("tools/mod.rs", "").len(), 1);
    assert_eq!(faults_of("engine/util.rs", "").len(), 1);
    assert_eq!(faults_of("engine/drain.rs", "mod helpers { }").len(), 1);
    assert_eq!(faults_of("engine/drain.rs", &"\n".repeat(TOO_LONG + 1)).len(), 1);
    let (faults, long) = judge(&[Source { path: "engine/drain.rs".to_owned(), text: "\n".repeat(LONG + 1) }]);
    assert_eq!((faults.len(), long.len()), (0, 1));
    assert_eq!(faults_of("engine/drain.rs", "fn f( {").len(), 1);
}
