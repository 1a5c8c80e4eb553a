//! Arguments of the form `--name value`, each with what it is when it is not given.

use std::collections::HashMap;

use crate::run::options::{Stack, parse_folder, parse_stack};

/// What a command is told.
#[derive(Debug)]
pub(crate) struct Arguments(HashMap<String, String>);

impl Arguments {
    /// Reads them; only these names exist.
    ///
    /// # Errors
    /// Another name, or one without a value.
    pub(crate) fn read(arguments: &[String], names: &[&str]) -> Result<Self, String> {
        let mut found = HashMap::new();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let name = argument.strip_prefix("--").filter(|name| names.contains(name));
            let name = name.ok_or_else(|| format!("there is no option {argument}"))?;
            let value = rest.next().ok_or_else(|| format!("{argument} needs a value"))?;
            found.insert(name.to_owned(), value.clone());
        }
        Ok(Self(found))
    }

    /// A number.
    ///
    /// # Errors
    /// It is none.
    pub(crate) fn number<N: std::str::FromStr>(&self, name: &str, otherwise: N) -> Result<N, String> {
        let Some(text) = self.0.get(name) else { return Ok(otherwise) };
        text.parse().map_err(|_| format!("--{name} {text}: a number is wanted"))
    }

    /// A folder, as `C:\…`.
    ///
    /// # Errors
    /// It is no such path.
    pub(crate) fn folder(&self, otherwise: &str) -> Result<String, String> {
        parse_folder(self.0.get("folder").map_or(otherwise, String::as_str))
    }

    /// The stack.
    ///
    /// # Errors
    /// There is none of this name, or none was given.
    pub(crate) fn stack(&self) -> Result<Stack, String> {
        parse_stack(self.0.get("stack").ok_or("--stack open, interposed or microsoft?")?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Arguments, String> {
        Arguments::read(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>(), &["seed", "folder", "stack"])
    }

    #[test]
    fn what_is_not_given_is_what_it_otherwise_is() {
        let arguments = read(r"--folder C:\x --stack open").unwrap();
        assert_eq!(arguments.folder(r"C:\y").as_deref(), Ok(r"C:\x"));
        assert_eq!(arguments.number("seed", 7), Ok(7));
        assert_eq!(read("--seed 9").unwrap().number("seed", 7), Ok(9));
        assert_eq!(arguments.stack(), Ok(Stack::Open));
    }

    #[test]
    fn what_is_unknown_or_no_number_is_refused() {
        assert!(read("--speed 1").is_err());
        assert!(read("seed 1").is_err());
        assert!(read("--seed").is_err());
        assert!(read("--seed x").unwrap().number("seed", 7).is_err());
        assert!(read("").unwrap().stack().is_err());
    }
}
