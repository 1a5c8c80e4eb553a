//! What `run` is told.

use std::path::PathBuf;

use crate::language::Only;

/// What is below the companion driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stack {
    /// The open clfs.sys alone.
    Open,
    /// clfsmgmt.sys over another clfs.sys.
    Interposed,
    /// Microsoft's management.
    Microsoft,
}

impl Stack {
    /// As it is written.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Interposed => "interposed",
            Self::Microsoft => "microsoft",
        }
    }

    /// Why a scenario is not for this stack, if it is not.
    pub(crate) fn skips(self, only: Only) -> Option<&'static str> {
        match (only, self) {
            (Only::Everywhere, _)
            | (Only::Open, Self::Open)
            | (Only::Interposed, Self::Interposed)
            | (Only::Ours, Self::Open | Self::Interposed) => None,
            (Only::Open, _) => Some("only open"),
            (Only::Interposed, _) => Some("only interposed"),
            (Only::Ours, _) => Some("only ours"),
        }
    }

    /// Whether the management is ours, with its extensions.
    pub(crate) fn is_ours(self) -> bool {
        self != Self::Microsoft
    }
}

/// What `run` is told.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) stack: Stack,
    /// Where the scenarios' folders are, as `C:\…`.
    pub(crate) folder: String,
    /// Where the outcomes are written.
    pub(crate) outcomes: Option<PathBuf>,
    /// Whether a call that answers something else does not end its scenario.
    pub(crate) keep_going: bool,
    /// Scenario files, and folders of them.
    pub(crate) paths: Vec<PathBuf>,
}

impl Options {
    /// Reads the arguments.
    ///
    /// # Errors
    /// They are not those of `run`.
    pub(crate) fn parse(arguments: &[String]) -> Result<Self, String> {
        let (mut stack, mut folder, mut outcomes, mut paths) = (None, None, None, vec![]);
        let mut keep_going = false;
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let mut value = || rest.next().ok_or_else(|| format!("{argument} needs a value"));
            match argument.as_str() {
                "--stack" => stack = Some(parse_stack(value()?)?),
                "--folder" => folder = Some(parse_folder(value()?)?),
                "--keep-going" => keep_going = true,
                "--outcomes" => outcomes = Some(PathBuf::from(value()?)),
                option if option.starts_with("--") => return Err(format!("there is no option {option}")),
                path => paths.push(PathBuf::from(path)),
            }
        }
        let stack = stack.ok_or("--stack open, interposed or microsoft?")?;
        if paths.is_empty() {
            return Err("which scenarios? Files or folders are missing".to_owned());
        }
        let folder = folder.unwrap_or_else(|| format!(r"C:\clfsvm\{}", stack.name()));
        Ok(Self { stack, folder, outcomes, keep_going, paths })
    }
}

/// The stack of this name.
pub(crate) fn parse_stack(word: &str) -> Result<Stack, String> {
    [Stack::Open, Stack::Interposed, Stack::Microsoft]
        .into_iter()
        .find(|stack| stack.name() == word)
        .ok_or_else(|| format!("{word}: a stack is open, interposed or microsoft"))
}

/// An NT path is made of it by what stands before: it has a drive.
pub(crate) fn parse_folder(word: &str) -> Result<String, String> {
    let is_whole = word.as_bytes().get(1..3) == Some(br":\") && !word.ends_with('\\') && !word.contains('/');
    if is_whole {
        Ok(word.to_owned())
    } else {
        Err(format!(r"{word}: a folder is written C:\… without a \ at its end"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(&line.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn options_come_in_any_order() {
        let options = parse(r"a.txt --stack open b --keep-going --outcomes o.txt --folder C:\x").unwrap();
        assert_eq!((options.stack, options.folder.as_str(), options.paths.len()), (Stack::Open, r"C:\x", 2));
        assert!(options.keep_going && options.outcomes.is_some());
        assert_eq!(parse("--stack microsoft a").unwrap().folder, r"C:\clfsvm\microsoft");
    }

    #[test]
    fn what_is_missing_or_unknown_is_refused() {
        for line in [
            "a.txt",
            "--stack open",
            "--stack closed a",
            "--stack open --fast a",
            r"--stack open --folder \x a",
            "--stack",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }

    #[test]
    fn a_scenario_runs_where_it_means_something() {
        let runs = |stack: Stack| {
            [Only::Everywhere, Only::Open, Only::Interposed, Only::Ours].map(|only| stack.skips(only).is_none())
        };
        assert_eq!(runs(Stack::Open), [true, true, false, true]);
        assert_eq!(runs(Stack::Interposed), [true, false, true, true]);
        assert_eq!(runs(Stack::Microsoft), [true, false, false, false]);
    }
}
