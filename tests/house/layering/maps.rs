//! The maps of folders: the table in a `mod.rs` or `lib.rs` that says what each of its modules is.
//!
//! A map is the first table of the module's card whose first column is headed `file`, `module` or `layer`. Every module
//! that is declared has a row, and every row a module; modules of tests may have one. A folder of few files needs no map,
//! nor does one of tests.

use super::Source;
use super::paths::Paths;
use super::tokens::module_path;

const HEADINGS: [&str; 3] = ["file", "module", "layer"];
/// A folder with this many modules has a map.
const MAPPED_FROM: usize = 4;

/// What is wrong with a file's map.
pub(super) fn map_faults(source: &Source) -> Vec<String> {
    let root = module_path(&source.path);
    let is_of_tests = root.iter().any(|module| module == "tests");
    if is_of_tests || !["mod.rs", "lib.rs"].iter().any(|name| source.path.ends_with(name)) {
        return Vec::new();
    }
    let paths = Paths::of(source);
    let names = |modules: &[Vec<String>]| -> Vec<String> {
        let children = modules.iter().filter(|module| module.len() == root.len() + 1);
        children.filter_map(|module| module.last().cloned()).collect()
    };
    let (declared, tests) = (names(&paths.declared), names(&paths.only_in_tests));
    let Some(rows) = rows(&source.text) else {
        let is_needed = declared.len() >= MAPPED_FROM;
        return is_needed.then(|| format!("{} has no table of its modules", source.path)).into_iter().collect();
    };
    let lacking = declared.iter().filter(|name| !rows.contains(name)).map(|name| format!("lacks a row for `{name}`"));
    let left = rows.iter().filter(|row| !declared.contains(row) && !tests.contains(row));
    let left = left.map(|row| format!("has a row for `{row}`, which is no module of it"));
    lacking.chain(left).map(|fault| format!("{}: the table {fault}", source.path)).collect()
}

/// The names in the first column of the map; `None` where there is none.
fn rows(text: &str) -> Option<Vec<String>> {
    // Attributes may stand among the lines of a card: those that are documentation do.
    let card = text.lines().take_while(|line| line.starts_with("//!") || line.starts_with("#!["));
    let card: Vec<_> = card.filter_map(|line| line.strip_prefix("//!")).map(str::trim).collect();
    let cell =
        |line: &str| line.strip_prefix('|').and_then(|row| row.split('|').next()).map(|cell| cell.trim().to_owned());
    let heading = card.iter().position(|line| cell(line).is_some_and(|cell| HEADINGS.contains(&cell.as_str())))?;
    let cells = card[heading + 2..].iter().map_while(|line| cell(line));
    // Names stand in backticks.
    Some(cells.flat_map(|cell| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()).collect())
}

fn faults_of(text: &str) -> Vec<String> {
    map_faults(&Source { path: "log/mod.rs".to_owned(), text: text.to_owned() })
}

#[test]
fn a_row_for_each_module_and_a_module_for_each_row_is_no_fault() {
    for text in [
        "//! A log.\n//!\n//! | file | what |\n//! |---|---|\n//! | `a`, [`b`] | two |\n//! | `c` | `one`, three |\n\
            mod a;\npub mod b;\n#[cfg(any(test, feature = \"x\"))]\nmod c;\n#[cfg(test)]\nmod tests;",
        "//! No map.\nmod a; mod b; mod c; #[cfg(test)] mod tests;",
        "//! A.\n#![cfg_attr(x, doc = \"y\")]\n//! | file | what |\n//! |---|---|\n//! | `a` | one |\n#![no_std]\nmod a;",
        "//! | name | is |\n//! |---|---|\n//! | `x` | another table |\nmod a;",
        "//! | layer | verb |\n//! |---|---|\n//! | `a` | DOES |\n//! | `tests` | TESTS |\nmod a; #[cfg(test)] mod tests;",
    ] {
        assert_eq!(faults_of(text), [""; 0], "{text}");
    }
}

#[test]
fn a_stale_map_and_a_missing_one_are_faults() {
    let map = "//! | file | what |\n//! |---|---|\n//! | `a` | one |\n";
    assert_eq!(faults_of(&format!("{map}mod a; mod b;")), ["log/mod.rs: the table lacks a row for `b`"]);
    assert_eq!(faults_of(map), ["log/mod.rs: the table has a row for `a`, which is no module of it"]);
    assert_eq!(faults_of("//! No map.\nmod a; mod b; mod c; mod d;"), ["log/mod.rs has no table of its modules"]);
    assert_eq!(faults_of(&format!("mod a; mod b; mod c; mod d; {map}")).len(), 1, "not in the card");
}
