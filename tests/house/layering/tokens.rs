//! What a source file's tokens say about the layers: which modules it names, and what no file may do.
//!
//! Separate because reading is one thing and the rules another. It resolves `crate::`, `super::` and `clfsmgmt::` paths,
//! trees of `use` and paths inside macro calls; a path without such a head cannot leave its layer.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::{EMPTY_NAMES, Source};

/// What a file's tokens say.
#[derive(Default)]
pub(super) struct Findings {
    /// Top-level modules of the crate that are named, with the line.
    pub(super) named: Vec<(String, usize)>,
    /// Modules that exist only in tests (`#[cfg(test)] mod x;`).
    pub(super) test_modules: Vec<Vec<String>>,
    /// Lines with unsafe code.
    pub(super) unsafe_lines: Vec<usize>,
    /// Crates of the WDK that are named, with the line.
    pub(super) wdk_names: Vec<(String, usize)>,
    /// Lines that name `std` outside of tests.
    pub(super) std_lines: Vec<usize>,
    /// Everything that no file may do.
    pub(super) faults: Vec<String>,
    /// Whether the file opens with `#![forbid(unsafe_code)]`.
    pub(super) forbids_unsafe: bool,
}

/// Where in the module tree the tokens stand.
#[derive(Clone)]
struct Scope {
    module: Vec<String>,
    in_test: bool,
}

pub(super) fn word(token: Option<&TokenTree>) -> String {
    match token {
        Some(TokenTree::Ident(ident)) => ident.to_string(),
        Some(TokenTree::Punct(punct)) => punct.as_char().to_string(),
        _ => String::new(),
    }
}

pub(super) fn is_path_separator(tokens: &[TokenTree], at: usize) -> bool {
    word(tokens.get(at)) == ":" && word(tokens.get(at + 1)) == ":"
}

pub(super) fn group(token: Option<&TokenTree>, delimiter: Delimiter) -> Option<Vec<TokenTree>> {
    match token {
        Some(TokenTree::Group(group)) if group.delimiter() == delimiter => Some(group.stream().into_iter().collect()),
        _ => None,
    }
}

/// Whether `unsafe` is followed by the rest of a function pointer's type, which does nothing unsafe.
fn is_function_type(tokens: &[TokenTree], mut at: usize) -> bool {
    if word(tokens.get(at)) == "extern" {
        at += 1 + usize::from(matches!(tokens.get(at + 1), Some(TokenTree::Literal(_))));
    }
    word(tokens.get(at)) == "fn" && group(tokens.get(at + 1), Delimiter::Parenthesis).is_some()
}

impl Findings {
    /// Reads one file.
    pub(super) fn of(source: &Source) -> Self {
        let mut findings = Self::default();
        match source.text.parse::<TokenStream>() {
            Ok(stream) => {
                let scope = Scope { module: module_path(&source.path), in_test: false };
                findings.scan(&stream.into_iter().collect::<Vec<_>>(), scope);
            }
            Err(error) => findings.faults.push(format!("is not Rust: {error}")),
        }
        findings
    }

    fn scan(&mut self, tokens: &[TokenTree], mut scope: Scope) {
        let mut item_in_test = false;
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let line = token.span().start().line;
            let in_test = scope.in_test || item_in_test;
            match word(Some(token)).as_str() {
                "#" => {
                    let inner = word(tokens.get(at + 1)) == "!";
                    let about = group(tokens.get(at + 1 + usize::from(inner)), Delimiter::Bracket).unwrap_or_default();
                    let keeps_to_tests = self.attribute(&about, inner, line);
                    scope.in_test |= keeps_to_tests && inner;
                    item_in_test |= keeps_to_tests;
                }
                ";" => item_in_test = false,
                "unsafe" if !is_function_type(tokens, at + 1) => self.unsafe_lines.push(line),
                "std" if !in_test => self.std_lines.push(line),
                "include" if word(tokens.get(at + 1)) == "!" => {
                    self.faults.push(format!("line {line} includes a file that this test does not see"));
                }
                "mod" => {
                    let name = word(tokens.get(at + 1));
                    let module: Vec<_> = scope.module.iter().cloned().chain([name.clone()]).collect();
                    if EMPTY_NAMES.contains(&name.as_str()) {
                        self.faults.push(format!("line {line}: module `{name}` does not say what it holds"));
                    }
                    if let Some(body) = group(tokens.get(at + 2), Delimiter::Brace) {
                        self.scan(&body, Scope { module, in_test });
                        item_in_test = false;
                        at += 3;
                        continue;
                    } else if in_test {
                        self.test_modules.push(module);
                    }
                }
                "crate" if ["as", "self"].contains(&word(tokens.get(at + 1)).as_str()) => {
                    self.faults.push(format!("line {line} gives the crate a second name"));
                }
                "crate" | "clfsmgmt" if is_path_separator(tokens, at + 1) => {
                    at = self.follow(tokens, at + 3, Vec::new());
                    continue;
                }
                "super" if is_path_separator(tokens, at + 1) => {
                    at = self.follow(tokens, at, scope.module.clone());
                    continue;
                }
                name if name.starts_with("wdk") => {
                    self.wdk_names.push((name.to_owned(), line));
                }
                _ => {
                    if let TokenTree::Group(group) = token {
                        let inside = Scope { module: scope.module.clone(), in_test };
                        self.scan(&group.stream().into_iter().collect::<Vec<_>>(), inside);
                        item_in_test &= group.delimiter() != Delimiter::Brace;
                    }
                }
            }
            at += 1;
        }
    }

    /// Notes what an attribute means; says whether it keeps its item to tests.
    fn attribute(&mut self, about: &[TokenTree], inner: bool, line: usize) -> bool {
        match word(about.first()).as_str() {
            "path" => self.faults.push(format!("line {line} moves a module out of its folder")),
            "forbid" if inner && arguments(about).iter().any(|name| name == "unsafe_code") => {
                self.forbids_unsafe = true;
            }
            _ => {}
        }
        keeps_to_tests(about)
    }

    /// Follows the path (or tree of paths) that goes on at `at` from `module`, to the first name below the crate's
    /// root; returns where scanning goes on.
    fn follow(&mut self, tokens: &[TokenTree], mut at: usize, mut module: Vec<String>) -> usize {
        loop {
            let line = tokens.get(at).map_or(0, |token| token.span().start().line);
            match word(tokens.get(at)).as_str() {
                "super" => drop(module.pop()),
                "self" => {}
                "" => {
                    if let Some(branches) = group(tokens.get(at), Delimiter::Brace) {
                        for branch in branches.split(|token| word(Some(token)) == ",") {
                            self.follow(branch, 0, module.clone());
                        }
                    }
                    return at + 1;
                }
                "*" if module.is_empty() => {
                    self.faults.push(format!("line {line} uses everything of the crate's root"));
                    return at + 1;
                }
                name if module.is_empty() => {
                    self.named.push((name.to_owned(), line));
                    return at + 1;
                }
                _ => return at + 1,
            }
            if !is_path_separator(tokens, at + 1) {
                return at + 1;
            }
            at += 3;
        }
    }
}

/// Whether an attribute keeps its item to tests; `any(test, …)` does not.
pub(super) fn keeps_to_tests(about: &[TokenTree]) -> bool {
    let arguments = arguments(about);
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    word(about.first()) == "cfg" && has("test") && !has("not") && !has("any")
}

fn arguments(about: &[TokenTree]) -> Vec<String> {
    group(about.get(1), Delimiter::Parenthesis).map(flat_words).unwrap_or_default()
}

fn flat_words(tokens: Vec<TokenTree>) -> Vec<String> {
    let mut words = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                words.extend(flat_words(group.stream().into_iter().collect()));
            }
            token => words.push(word(Some(&token))),
        }
    }
    words
}

/// `log/format/mod.rs` → `[log, format]`, `log/storage.rs` → `[log, storage]`, `lib.rs` → `[]`.
pub(super) fn module_path(path: &str) -> Vec<String> {
    let mut parts: Vec<_> = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    let is_root = path == "lib.rs";
    if is_root || parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    parts
}
