//! The outcomes of a run, in a form that can be compared line by line: what each call answered, and the callbacks of each
//! client. Positions are written as container:offset:record; addresses, threads and times are left out, and callbacks of
//! different clients are not put in one order, for these differ from run to run.

use std::fmt::Write as _;

/// All scenarios' outcomes so far.
#[derive(Debug, Default)]
pub(crate) struct Outcomes {
    text: String,
}

/// What one scenario has shown.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    /// Line, and what the statement answered.
    pub(crate) answers: Vec<(usize, String)>,
    /// Each client's callbacks.
    pub(crate) callbacks: Vec<(String, Vec<String>)>,
}

impl Outcomes {
    /// Adds a scenario that was run.
    pub(crate) fn add(&mut self, title: &str, shown: &Shown) {
        let _infallible = writeln!(self.text, "== {title}");
        for (line, answer) in &shown.answers {
            let _infallible = writeln!(self.text, "{line}: {answer}");
        }
        for (client, callbacks) in &shown.callbacks {
            for callback in callbacks {
                let _infallible = writeln!(self.text, "{client} <= {callback}");
            }
        }
        self.text.push('\n');
    }

    /// Adds a scenario that was not run.
    pub(crate) fn skip(&mut self, title: &str, why: &str) {
        let _infallible = writeln!(self.text, "== {title}\nnot run: {why}\n");
    }

    /// All of it.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_and_callback_has_a_line() {
        let mut outcomes = Outcomes::default();
        let answers = vec![(4, "append L [append] => SUCCESS".to_owned())];
        let callbacks = vec![("A".to_owned(), vec!["unpinned".to_owned()]), ("B".to_owned(), vec![])];
        outcomes.add("growth/a-sentence", &Shown { answers, callbacks });
        outcomes.skip("growth/another", "only open");
        let expected = "== growth/a-sentence\n4: append L [append] => SUCCESS\nA <= unpinned\n\n\
                        == growth/another\nnot run: only open\n\n";
        assert_eq!(outcomes.text(), expected);
    }
}
