//! The paths that a file writes outside of its tests: its `use` items, and every other path of two segments or more.
//!
//! Separate from `tokens`, which looks for names of layers only; here paths are kept whole, for `circles` to follow.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::Source;
use super::tokens::{group, is_path_separator, keeps_to_tests, module_path, word};

/// A path, with the module in which it is written.
#[derive(Clone)]
pub(super) struct Written {
    pub(super) module: Vec<String>,
    pub(super) segments: Vec<String>,
    pub(super) line: usize,
    /// The name that a `use` gives it in its module; none for another path.
    pub(super) name: Option<String>,
}

/// The paths of a file.
#[derive(Default)]
pub(super) struct Paths {
    pub(super) written: Vec<Written>,
    /// The modules that it declares, files or not, and those that exist only in tests.
    pub(super) declared: Vec<Vec<String>>,
    pub(super) only_in_tests: Vec<Vec<String>>,
}

impl Paths {
    /// Reads one file; one that is not Rust has none.
    pub(super) fn of(source: &Source) -> Self {
        let mut paths = Self::default();
        if let Ok(stream) = source.text.parse::<TokenStream>() {
            paths.scan(&stream.into_iter().collect::<Vec<_>>(), &module_path(&source.path));
        }
        paths
    }

    fn scan(&mut self, tokens: &[TokenTree], module: &[String]) {
        let mut only_in_tests = false;
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            match word(Some(token)).as_str() {
                "#" => {
                    let about = group(tokens.get(at + 1), Delimiter::Bracket).unwrap_or_default();
                    only_in_tests |= keeps_to_tests(&about);
                    at += 1;
                }
                ";" => only_in_tests = false,
                "mod" => {
                    let inner: Vec<_> = module.iter().cloned().chain([word(tokens.get(at + 1))]).collect();
                    let body = group(tokens.get(at + 2), Delimiter::Brace);
                    match body {
                        Some(body) if !only_in_tests => self.scan(&body, &inner),
                        _ => {}
                    }
                    let list = if only_in_tests { &mut self.only_in_tests } else { &mut self.declared };
                    list.push(inner);
                    only_in_tests = false;
                    at += 2;
                }
                "use" => {
                    let end = tokens.iter().skip(at).position(|token| word(Some(token)) == ";");
                    let end = at + end.unwrap_or(tokens.len() - at);
                    if !only_in_tests {
                        self.tree(&tokens[at + 1..end], module, &[]);
                    }
                    only_in_tests = false;
                    at = end;
                }
                "" => {
                    if let TokenTree::Group(inner) = token {
                        if !only_in_tests {
                            self.scan(&inner.stream().into_iter().collect::<Vec<_>>(), module);
                        }
                        only_in_tests &= inner.delimiter() != Delimiter::Brace;
                    }
                }
                _ => at = self.path(tokens, at, module, only_in_tests),
            }
            at += 1;
        }
    }

    /// Notes the path that begins at `at`, if one does; returns where its last token is.
    fn path(&mut self, tokens: &[TokenTree], mut at: usize, module: &[String], only_in_tests: bool) -> usize {
        let line = tokens[at].span().start().line;
        let is_inside = at >= 2 && is_path_separator(tokens, at - 2);
        let mut segments = vec![word(tokens.get(at))];
        while matches!(tokens[at], TokenTree::Ident(_))
            && is_path_separator(tokens, at + 1)
            && matches!(tokens.get(at + 3), Some(TokenTree::Ident(_)))
        {
            at += 3;
            segments.push(word(tokens.get(at)));
        }
        if segments.len() > 1 && !is_inside && !only_in_tests {
            self.written.push(Written { module: module.to_vec(), segments, line, name: None });
        }
        at
    }

    /// Notes every path of a tree of `use`.
    fn tree(&mut self, tokens: &[TokenTree], module: &[String], before: &[String]) {
        let mut segments = before.to_vec();
        let mut name = None;
        let line = tokens.first().map_or(0, |token| token.span().start().line);
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            match word(Some(token)).as_str() {
                ":" => {}
                "as" => {
                    name = Some(word(tokens.get(at + 1)));
                    at += 1;
                }
                "" => {
                    let branches = group(Some(token), Delimiter::Brace).unwrap_or_default();
                    for branch in branches.split(|token| word(Some(token)) == ",").filter(|branch| !branch.is_empty()) {
                        self.tree(branch, module, &segments);
                    }
                    return;
                }
                "self" if !segments.is_empty() => {}
                segment => segments.push(segment.to_owned()),
            }
            at += 1;
        }
        let name = name.or_else(|| segments.last().cloned());
        self.written.push(Written { module: module.to_vec(), segments, line, name });
    }
}
