//! `docs/behaviour.md` maps documented sentences to the tests that prove them: fails when a named test does not exist.
//!
//! A row of a table names its tests as `path/file.rs::test_name` in backticks, the path from the repository's root; those
//! in C (`tests/lab/c/`) as `path/file.c::test_name`. A test that is ignored or never run, or that is no test, proves
//! nothing and is treated as missing.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A row of a table that is not its head: line number and text.
fn rows(page: &str) -> Vec<(usize, &str)> {
    let lines: Vec<_> = page.lines().map(str::trim).collect();
    let is_rule = |line: &str| line.contains("---") && line.chars().all(|letter| "|-: ".contains(letter));
    let is_head = |at: usize| lines.get(at + 1).is_some_and(|next| is_rule(next));
    let is_row = |at: usize, line: &str| line.starts_with('|') && !is_rule(line) && !is_head(at);
    lines.iter().enumerate().filter(|(at, line)| is_row(*at, line)).map(|(at, line)| (at + 1, *line)).collect()
}

/// The tests that a row names: file and function.
fn named_tests(row: &str) -> Vec<(&str, &str)> {
    let in_backticks = row.split('`').skip(1).step_by(2);
    let end_of_path = |name: &str| {
        let path = [".rs", ".c"].iter().find_map(|kind| Some((name.split_once(&format!("{kind}::"))?.0, kind)));
        path.map(|(path, kind)| path.len() + kind.len())
    };
    in_backticks
        .filter_map(|name| end_of_path(name).map(|end| name.split_at(end)))
        .map(|(path, rest)| (path, rest.rsplit("::").next().unwrap_or_default()))
        .collect()
}

/// The functions of a file that run as tests.
fn tests_in(path: &str, text: &str) -> Result<Vec<String>, String> {
    if Path::new(path).extension().is_some_and(|extension| extension == "c") {
        Ok(tests_in_c(text))
    } else {
        tests_in_rust(text)
    }
}

/// The tests of a C program: functions that are declared with TEST and run with RUN.
fn tests_in_c(text: &str) -> Vec<String> {
    let code = without_comments(text);
    let named = |word: &str| -> Vec<String> {
        let mut names = Vec::new();
        for line in code.lines().map(str::trim) {
            let call = line.strip_prefix(word).and_then(|rest| rest.strip_prefix('('));
            names.extend(call.and_then(|rest| rest.split_once(')')).map(|(name, _)| name.to_owned()));
        }
        names
    };
    let run = named("RUN");
    named("TEST").into_iter().filter(|name| run.contains(name)).collect()
}

fn without_comments(text: &str) -> String {
    let mut parts = text.split("/*");
    let mut code = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        code.push_str(part.split_once("*/").map_or("", |(_, after)| after));
    }
    code.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

fn tests_in_rust(text: &str) -> Result<Vec<String>, String> {
    let stream: TokenStream = text.parse().map_err(|error| format!("is not Rust: {error}"))?;
    let mut tests = Vec::new();
    collect_tests(stream, false, &mut tests);
    Ok(tests)
}

fn collect_tests(stream: TokenStream, in_proptest: bool, tests: &mut Vec<String>) {
    let tokens: Vec<_> = stream.into_iter().collect();
    let text = |at: usize| tokens.get(at).map(ToString::to_string).unwrap_or_default();
    let (mut is_test, mut is_ignored) = (in_proptest, false);
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket && at > 0 && text(at - 1) == "#" => {
                is_test |= group.stream().to_string() == "test";
                is_ignored |= group.stream().to_string().starts_with("ignore");
            }
            TokenTree::Ident(word) if word == "fn" && is_test && !is_ignored => {
                tests.push(text(at + 1));
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                let of_proptest = at > 1 && text(at - 1) == "!" && text(at - 2) == "proptest";
                collect_tests(group.stream(), of_proptest, tests);
                (is_test, is_ignored) = (in_proptest, false);
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' => {
                (is_test, is_ignored) = (in_proptest, false);
            }
            _ => {}
        }
    }
}

/// Everything that is wrong with the page; `read` gives a file's text.
fn faults(page: &str, read: impl Fn(&str) -> Result<String, String>) -> Vec<String> {
    let mut known = BTreeMap::new();
    let mut faults = Vec::new();
    for (line, row) in rows(page) {
        let tests = named_tests(row);
        if tests.is_empty() {
            faults.push(format!("line {line} names no test: {row}"));
        }
        for (path, name) in tests {
            let tests_of_file = known.entry(path).or_insert_with(|| read(path).and_then(|text| tests_in(path, &text)));
            match tests_of_file {
                Ok(tests) if tests.iter().any(|test| test == name) => {}
                Ok(_) => faults.push(format!("line {line}: {path} holds no test `{name}`")),
                Err(error) => faults.push(format!("line {line}: {path} {error}")),
            }
        }
    }
    if rows(page).is_empty() {
        faults.push("the page holds no table".to_owned());
    }
    faults
}

#[test]
fn every_test_that_the_behaviour_page_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(root.join(path)).map_err(|error| format!("cannot be read: {error}"));
    let page = read("docs/behaviour.md").unwrap();
    let faults = faults(&page, read);
    assert!(faults.is_empty(), "docs/behaviour.md\n{}", faults.join("\n"));
}

const FILE: &str = "
    #[cfg(test)]
    mod tests {
        // #[test] fn commented_out() {}
        fn no_test() { let text = \"#[test] fn in_a_string() {}\"; }
        #[test]
        #[should_panic(expected = \"x\")]
        fn first() {}
        fn after_a_test() {}
        #[test]
        #[ignore = \"long\"]
        fn ignored() {}
        proptest! {
            #![proptest_config(x)]
            #[test]
            fn second(value in 0..9) {}
            fn third(value in 0..9) {}
        }
    }";

const PROGRAM: &str = "
    #include \"check.h\"
    /* TEST(commented_out) {} RUN(commented_out); */
    TEST(first) {
        CHECK(1);
    }
    TEST(never_run) {}
    TEST(run_in_a_comment) {}
    static void no_test(void) {}
    int main(void) {
        RUN(first);
        // RUN(run_in_a_comment);
        RUN(no_test);
        return check_end();
    }";

fn faults_of(rows: &str) -> Vec<String> {
    let page = format!("# Title\n\n| sentence | test |\n|---|---|\n{rows}\n");
    faults(&page, |path| match path {
        "src/a.rs" => Ok(FILE.to_owned()),
        "tests/lab/c/a.c" => Ok(PROGRAM.to_owned()),
        _ => Err("is missing".to_owned()),
    })
}

#[test]
fn rows_that_name_tests_and_proptests_pass() {
    assert_eq!(
        faults_of("| `LogFull` asks | `src/a.rs::first`, `src/a.rs::tests::second` |\n| x | `src/a.rs::third` |"),
        [""; 0]
    );
}

#[test]
fn a_function_that_does_not_run_as_a_test_is_a_fault() {
    for name in ["absent", "no_test", "ignored", "after_a_test", "commented_out", "in_a_string"] {
        assert_eq!(faults_of(&format!("| x | `src/a.rs::{name}` |")).len(), 1, "{name}");
    }
}

#[test]
fn a_c_test_counts_when_it_is_declared_and_run() {
    assert_eq!(faults_of("| x | `tests/lab/c/a.c::first` |"), [""; 0]);
    for name in ["absent", "never_run", "run_in_a_comment", "no_test", "commented_out"] {
        assert_eq!(faults_of(&format!("| x | `tests/lab/c/a.c::{name}` |")).len(), 1, "{name}");
    }
    assert_eq!(faults_of("| x | `tests/lab/c/b.c::first` |").len(), 1);
}

#[test]
fn a_missing_file_a_row_without_a_test_and_an_empty_table_are_faults() {
    assert_eq!(faults_of("| x | `src/b.rs::first` |").len(), 1);
    assert_eq!(faults_of("| x | src/a.rs::first |").len(), 1);
    assert_eq!(faults_of("| x | |").len(), 1);
    assert_eq!(faults_of("").len(), 1);
    assert_eq!(faults_of("| x | `src/a.rs::first` `src/b.rs::first` |").len(), 1);
}
