//! The folder tree is the design: fails when a file names a layer that it may not use, or breaks a rule of its layer.
//!
//! Works on tokens, so comments, documentation and strings do not count, while paths inside macro calls do.
//! The tests at the end show on made-up sources that each rule can fail.

mod circles;
mod maps;
mod paths;
mod tokens;

use std::fs;
use std::path::Path;

use self::tokens::{Findings, module_path};

/// Every layer, with the layers that it may name.
const LAYERS: [(&str, &[&str]); 11] = [
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
/// Columns of a line.
const COLUMNS: usize = 120;

/// A source file: its path below `src`, with `/`, and its text.
struct Source {
    path: String,
    text: String,
}

/// A file with what its tokens say, and its place in the tree of modules.
struct File<'a> {
    source: &'a Source,
    findings: Findings,
    module: Vec<String>,
}

impl<'a> File<'a> {
    fn read(source: &'a Source) -> Self {
        Self { source, findings: Findings::of(source), module: module_path(&source.path) }
    }

    /// The layer that the file belongs to; a file at the top to none.
    fn layer(&self) -> &str {
        self.module.first().map_or("", String::as_str)
    }

    /// The map of all layers, which is in none.
    fn is_map(&self) -> bool {
        self.source.path == "lib.rs"
    }
}

/// Every breach of the rules in the given files, and the files that grow long.
fn judge(sources: &[Source]) -> (Vec<String>, Vec<String>) {
    let files: Vec<_> = sources.iter().map(File::read).collect();
    let test_modules: Vec<_> = files.iter().flat_map(|file| &file.findings.test_modules).collect();
    let is_test = |file: &File| test_modules.iter().any(|test| file.module.starts_with(test));
    let (mut faults, mut long) = (Vec::new(), Vec::new());
    for file in &files {
        let path = &file.source.path;
        let mut fault = |what: String| faults.push(format!("src/{path}: {what}"));
        file.findings.faults.iter().cloned().for_each(&mut fault);
        check_unsafe_and_kernel_names(file, &mut fault);
        match file.source.text.lines().count() {
            lines if lines > TOO_LONG => fault(format!("has {lines} lines, more than {TOO_LONG}: split it")),
            lines if lines > LONG => long.push(format!("src/{path}: {lines} lines")),
            _ => {}
        }
        if !file.is_map() {
            check_layer(file, &mut fault);
            check_shipped(file, is_test(file), &mut fault);
        }
    }
    (faults, long)
}

/// Unsafe code, the WDK and modules without a name of their own stand where they may.
fn check_unsafe_and_kernel_names(file: &File, fault: &mut dyn FnMut(String)) {
    if file.is_map() || !UNSAFE.contains(&file.layer()) {
        file.findings.unsafe_lines.iter().for_each(|line| fault(format!("line {line} is unsafe")));
    }
    if file.is_map() || file.layer() != WDK {
        file.findings.wdk_names.iter().for_each(|(name, line)| fault(format!("line {line} names `{name}`")));
    }
    if let Some(name) = file.module.iter().find(|name| EMPTY_NAMES.contains(&name.as_str())) {
        fault(format!("module `{name}` does not say what it holds"));
    }
}

/// A layer names those that it may, and the platform in one place.
fn check_layer(file: &File, fault: &mut dyn FnMut(String)) {
    let layer = file.layer();
    let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == layer) else {
        fault(format!("`{layer}` is no layer: add it to docs/architecture.md and to this test"));
        return;
    };
    let may_choose = layer != "exports" || PLATFORM_NAMERS.contains(&file.source.path.as_str());
    for (name, line) in &file.findings.named {
        if !may_choose && ["host", "kernel"].contains(&name.as_str()) {
            fault(format!("line {line} names the platform `{name}`: it is chosen in {PLATFORM_CHOICE}"));
        }
        if name != layer && !allowed.contains(&name.as_str()) {
            fault(format!("line {line}: layer `{layer}` names `{name}`; it may name {allowed:?}"));
        }
    }
}

/// What drivers contain does without `std`, and forbids unsafe code but where C is met.
fn check_shipped(file: &File, is_test: bool, fault: &mut dyn FnMut(String)) {
    let layer = file.layer();
    if !SHIPPED.contains(&layer) {
        return;
    }
    for line in file.findings.std_lines.iter().filter(|_| !is_test) {
        fault(format!("line {line} names `std`, which drivers do not have"));
    }
    let is_root = file.module == [layer];
    if is_root && !UNSAFE.contains(&layer) && !file.findings.forbids_unsafe {
        fault("the layer's root lacks #![forbid(unsafe_code)]".to_owned());
    }
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

/// The trees of modules: each with the folder of its root.
const TREES: [&str; 2] = ["src", "cli/src"];

/// The files of a tree; none where there is no such folder.
fn tree(folder: &str) -> Vec<Source> {
    let mut sources = Vec::new();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    if path.exists() {
        read_tree(&path, "", &mut sources);
    }
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    sources
}

/// What `check` finds in all trees.
fn found_in_all_trees(check: impl Fn(&[Source]) -> Vec<String>) -> String {
    let found = |folder| check(&tree(folder)).into_iter().map(move |found| format!("\n{folder}: {found}"));
    TREES.into_iter().flat_map(found).collect()
}

#[test]
fn every_file_keeps_to_the_rules_of_its_layer() {
    let sources = tree("src");
    for layer in SHIPPED {
        assert!(sources.iter().any(|source| source.path.starts_with(layer)), "layer {layer} was not found");
    }
    let (faults, long) = judge(&sources);
    for file in long {
        println!("grows long: {file}");
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let found = found_in_all_trees(circles::circles);
    assert!(found.is_empty(), "{found}");
}

#[test]
fn the_map_of_every_folder_shows_its_modules() {
    let found = found_in_all_trees(|sources| sources.iter().flat_map(maps::map_faults).collect());
    assert!(found.is_empty(), "{found}");
}

#[test]
fn no_comment_is_wider_than_the_page() {
    let found = found_in_all_trees(|sources| sources.iter().flat_map(wide_comments).collect());
    assert!(found.is_empty(), "{found}");
}

/// The pages that send a reader to files.
const PAGES: [&str; 2] = ["CONTRIBUTING.md", "docs/architecture.md"];

#[test]
fn the_files_that_a_page_names_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for page in PAGES {
        let text = fs::read_to_string(root.join(page)).unwrap();
        let quoted = text.split('`').skip(1).step_by(2);
        let folders = ["src/", "tests/", "include/", "docs/", "examples/", "cli/", "tools/"];
        // What begins with a dot is made by a run.
        let paths = quoted.filter(|name| folders.iter().any(|folder| name.starts_with(folder)) && !name.contains("/."));
        for path in paths.filter_map(|name| name.split_whitespace().next()) {
            assert!(root.join(path).exists(), "{page} names {path}, which does not exist");
        }
    }
}

/// The comments that are wider than [`COLUMNS`]: rustfmt keeps code within them, not comments.
fn wide_comments(source: &Source) -> Vec<String> {
    let lines = source.text.lines().enumerate().map(|(number, line)| (number + 1, line.chars().count(), line));
    lines
        .filter(|(_, columns, line)| *columns > COLUMNS && line.trim_start().starts_with("//"))
        .map(|(number, columns, _)| format!("{}:{number} is a comment of {columns} columns", source.path))
        .collect()
}

#[test]
fn a_comment_that_is_wider_than_the_page_is_a_fault() {
    let at_width =
        |width: usize| Source { path: "log/a.rs".to_owned(), text: format!("\n    //{}", "-".repeat(width)) };
    assert_eq!(wide_comments(&at_width(COLUMNS - 6)), [""; 0]);
    assert_eq!(wide_comments(&at_width(COLUMNS - 5)), ["log/a.rs:2 is a comment of 121 columns"]);
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
}

#[test]
fn naming_ones_own_layer_or_one_below_is_no_fault() {
    let text = "//! Not crate::manager::Table.\n/* nor crate::log */\nuse crate::engine::LogView; use crate::units::Lsn;\n\
        use super::view; use super::super::units; mod tests { use super::*; use super::super::view; }\n\
        pub(crate) fn f() -> &'static str { \"crate::log::x std::fs unsafe\" }";
    assert_eq!(faults_of("engine/drain.rs", text), [""; 0]);
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
    for path in ["host/files.rs", "abi/policy.rs", "library/area.rs", "lib.rs"] {
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
    for path in ["kernel/work.rs", "host/worker_pool.rs", "library/area.rs", "abi/lsn.rs"] {
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
    assert_eq!(faults_of("log/blocks.rs", "#[cfg(any(test, feature = \"x\"))] use std::fs::File;").len(), 1);
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
