//! Files that import each other in a circle, within a tree of modules.
//!
//! An arrow goes from a file to the file in which something stands that it names. Names are followed to where they stand,
//! through every `use`: so a re-export is no detour that hides an arrow, and makes none to the file that re-exports. What
//! is no arrow:
//!
//! * the declaration `mod x;`, and a module that is named for what is in it: the arrow goes to what is named there;
//! * what a module's file (`mod.rs`, `lib.rs`) names of its own descendants, re-exported or used: a whole is made of its
//!   parts, and a part may be written on the whole (`impl super::Engine`). Two parts that meet in such a way only are no
//!   circle; a part of another whole that names one of these parts, and is named by its whole, is;
//! * what only tests name.

use std::collections::{BTreeMap, BTreeSet};

use super::Source;
use super::paths::{Paths, Written};
use super::tokens::module_path;

/// Deeper than any path or chain of re-exports goes.
const STEPS_MAX: usize = 64;

type Module = Vec<String>;

/// Where a path leads.
enum Found {
    Module(Module),
    /// Something that stands in a module.
    Item(Module),
}

/// A tree of modules, whose root is `lib.rs` or `main.rs`.
struct Tree<'a> {
    /// The file of each module.
    files: BTreeMap<Module, &'a str>,
    /// By module and name: what `use` items in it call so, of which `cfg` chooses one.
    imports: BTreeMap<(Module, String), Vec<Written>>,
    written: Vec<(&'a str, Written)>,
}

impl<'a> Tree<'a> {
    fn read(sources: &'a [Source]) -> Self {
        let read: Vec<_> = sources.iter().map(|source| (source.path.as_str(), Paths::of(source))).collect();
        let tests: Vec<_> = read.iter().flat_map(|(_, paths)| paths.only_in_tests.clone()).collect();
        let mut tree = Self { files: BTreeMap::new(), imports: BTreeMap::new(), written: Vec::new() };
        for (path, paths) in read {
            let module = module_path(path);
            if tests.iter().any(|test| module.starts_with(test)) {
                continue;
            }
            for inner in paths.declared.into_iter().filter(|inner| inner.len() > module.len()) {
                tree.files.entry(inner).or_insert(path);
            }
            tree.files.insert(module, path);
            for written in paths.written {
                if let Some(name) = &written.name {
                    let place = (written.module.clone(), name.clone());
                    tree.imports.entry(place).or_default().push(written.clone());
                }
                tree.written.push((path, written));
            }
        }
        tree
    }

    /// Where a path that is written in `module` leads; nowhere when it leaves the tree.
    fn follow(&self, module: &Module, segments: &[String], steps: usize) -> Vec<Found> {
        let Some((head, rest)) = segments.split_first().filter(|_| steps < STEPS_MAX) else {
            return Vec::new();
        };
        let mut here = module.clone();
        let mut rest = rest;
        match head.as_str() {
            "crate" => here.clear(),
            "self" => {}
            "super" => drop(here.pop()),
            _ => {
                // Only what is imported or declared here; everything else is of another crate, or of the language.
                let is_known = self.imports.contains_key(&(here.clone(), head.clone()))
                    || self.files.contains_key(&child(&here, head));
                if !is_known {
                    return Vec::new();
                }
                rest = segments;
            }
        }
        self.descend(here, rest, steps)
    }

    fn descend(&self, mut here: Module, segments: &[String], steps: usize) -> Vec<Found> {
        for (index, segment) in segments.iter().enumerate() {
            if segment == "super" {
                here.pop();
                continue;
            }
            let below = child(&here, segment);
            if self.files.contains_key(&below) {
                here = below;
                continue;
            }
            let Some(imports) = self.imports.get(&(here.clone(), segment.clone())) else {
                return vec![Found::Item(here)];
            };
            let rest = &segments[index + 1..];
            let ways = imports.iter().flat_map(|import| self.follow(&import.module, &import.segments, steps + 1));
            return ways
                .flat_map(|found| match found {
                    Found::Module(module) => self.descend(module, rest, steps + 1),
                    item @ Found::Item(_) => vec![item],
                })
                .collect();
        }
        vec![Found::Module(here)]
    }

    /// The arrows between files, each with the first line that draws it.
    fn arrows(&self) -> BTreeMap<&'a str, BTreeMap<&'a str, usize>> {
        let mut arrows: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for (from, written) in &self.written {
            for found in self.follow(&written.module, &written.segments, 0) {
                let Found::Item(module) = found else {
                    continue;
                };
                let Some(to) = self.files.get(&module) else {
                    continue;
                };
                if !module_path(to).starts_with(&module_path(from)) {
                    arrows.entry(*from).or_default().entry(*to).or_insert(written.line);
                }
            }
        }
        arrows
    }
}

fn child(module: &Module, name: &str) -> Module {
    module.iter().cloned().chain([name.to_owned()]).collect()
}

/// Every circle of files: its files, and the arrows between them.
pub(super) fn circles(sources: &[Source]) -> Vec<String> {
    let arrows = Tree::read(sources).arrows();
    let reached: BTreeMap<_, _> = arrows.keys().map(|file| (*file, reached_from(file, &arrows))).collect();
    let leads = |from: &str, to: &str| reached.get(from).is_some_and(|files| files.contains(to));
    let mut circles = Vec::new();
    for file in reached.keys().filter(|file| leads(file, file)) {
        let circle: Vec<_> = reached.keys().filter(|other| leads(file, other) && leads(other, file)).collect();
        if circle.first() != Some(&file) {
            continue;
        }
        let lines = circle.iter().flat_map(|from| {
            let inside = arrows[**from].iter().filter(|(to, _)| circle.contains(to));
            inside.map(move |(to, line)| format!("\n    {from}:{line} names what stands in {to}"))
        });
        circles.push(format!("{} files in a circle:{}", circle.len(), lines.collect::<String>()));
    }
    circles
}

fn reached_from<'a>(file: &str, arrows: &BTreeMap<&'a str, BTreeMap<&'a str, usize>>) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open = vec![file];
    while let Some(file) = open.pop() {
        for to in arrows.get(file).into_iter().flat_map(BTreeMap::keys) {
            if reached.insert(*to) {
                open.push(to);
            }
        }
    }
    reached
}

/// The circles of made-up files.
fn circles_of(files: &[(&str, &str)]) -> Vec<String> {
    let source = |(path, text): &(&str, &str)| Source { path: (*path).to_owned(), text: (*text).to_owned() };
    circles(&files.iter().map(source).collect::<Vec<_>>())
}

const A_NAMES_B: (&str, &str) = ("log/a.rs", "use super::b::B; pub struct A(B);");

#[test]
fn two_files_that_name_each_other_are_a_circle_however_it_is_written() {
    for back in [
        "use super::a::A; pub struct B;",
        "use crate::log::a::A; pub struct B;",
        "use crate::{log::{a::{A as Other}}}; pub struct B;",
        "pub struct B; fn f() { super::a::A::new() }",
        "pub struct B; fn f() { assert!(super::a::IS_READY) }",
        "use super::a; pub struct B(a::A);",
        "use super::A; pub struct B;",
        "use crate::log::A; pub struct B;",
        "use super::super::log::A; pub struct B;",
        "use crate::Log; pub struct B(Log);",
        "pub struct B; mod inner { use super::super::a::A; }",
    ] {
        let files = [
            ("lib.rs", "mod log; pub use log::A as Log;"),
            ("log/mod.rs", "mod a; mod b; pub use a::A;"),
            A_NAMES_B,
            ("log/b.rs", back),
        ];
        let found = circles_of(&files);
        assert_eq!(found.len(), 1, "{back}");
        assert!(found[0].contains("log/a.rs:1 names what stands in log/b.rs"), "{found:?}");
        assert!(found[0].contains("log/b.rs:1 names what stands in log/a.rs"), "{found:?}");
    }
}

#[test]
fn a_longer_circle_is_one_circle() {
    let files = [
        ("log/mod.rs", "mod a; mod b; mod c; mod d;"),
        A_NAMES_B,
        ("log/b.rs", "use super::c::C; pub struct B;"),
        ("log/c.rs", "use super::{a::A, d::D}; pub struct C;"),
        ("log/d.rs", "pub struct D;"),
    ];
    let found = circles_of(&files);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("3 files in a circle"), "{found:?}");
}

#[test]
fn naming_without_being_named_is_no_circle() {
    for back in [
        "pub struct B;",
        "//! Of [`super::a::A`].\npub struct B; /* super::a::A */ const TEXT: &str = \"super::a::A\";",
        "use super::a; pub struct B;",
        "use other::log::a::A; pub struct B;",
        "use super::Log; pub struct B; impl Log {}",
        "pub struct B; #[cfg(test)] use super::a::A;",
        "pub struct B; #[cfg(test)] mod tests { use super::super::a::A; }",
    ] {
        let files =
            [("log/mod.rs", "mod a; mod b; pub use a::A; use b::B; pub struct Log(B);"), A_NAMES_B, ("log/b.rs", back)];
        assert_eq!(circles_of(&files), [""; 0], "{back}");
    }
    let files = [
        ("log/mod.rs", "mod a; mod b; #[cfg(test)] mod tests;"),
        A_NAMES_B,
        ("log/b.rs", "pub struct B;"),
        ("log/tests/mod.rs", "mod one; mod two;"),
        ("log/tests/one.rs", "use super::two::f;"),
        ("log/tests/two.rs", "use super::one::g;"),
    ];
    assert_eq!(circles_of(&files), [""; 0], "only in tests");
}

#[test]
fn a_whole_that_names_a_part_is_no_circle_but_one_through_a_file_beside_is() {
    let policy = ("engine/policy/mod.rs", "mod table; use table::Table; use super::tail::f; pub struct Policy(Table);");
    let table = ("engine/policy/table.rs", "use super::Policy; pub struct Table;");
    let root = ("engine/mod.rs", "mod policy; mod tail;");
    assert_eq!(circles_of(&[root, policy, table, ("engine/tail.rs", "pub fn f() {}")]), [""; 0]);
    let tail = ("engine/tail.rs", "use super::policy::Table; pub fn f() {}");
    let found = circles_of(&[root, policy, table, tail]);
    assert!(found.len() == 1 && found[0].starts_with("3 files"), "{found:?}");
}

#[test]
fn of_imports_that_a_cfg_chooses_each_counts() {
    let files = [
        ("log/mod.rs", "mod a; mod b; mod c;"),
        ("log/a.rs", "#[cfg(x)] pub use super::b::B as Chosen;\n#[cfg(not(x))] pub use super::c::C as Chosen;"),
        ("log/b.rs", "pub struct B;"),
        ("log/c.rs", "use super::d::D; pub struct C; fn f() { super::a::g() }"),
        ("log/d.rs", "use super::a::Chosen; pub struct D;"),
    ];
    let found = circles_of(&files);
    assert!(found.len() == 1 && found[0].contains("log/a.rs:2"), "{found:?}");
}
