//! Scenario files: where they are, and what their names say.

use std::fs;
use std::path::{Path, PathBuf};

use crate::language::{Fault, Scenario};

/// Longest `subject/name`: the texts of a scenario hold it, and file paths in Windows have an end.
const NAME_LENGTH_MAX: usize = 130;

/// A scenario file, read.
#[derive(Debug)]
pub(crate) struct ScenarioFile {
    pub(crate) path: PathBuf,
    /// Its folder: the routine or subject.
    pub(crate) subject: String,
    /// Its name, without `.txt`.
    pub(crate) name: String,
    /// What it says, or what is wrong with it.
    pub(crate) scenario: Result<Scenario, Vec<Fault>>,
}

impl ScenarioFile {
    /// Reads it.
    pub(crate) fn read(path: &Path) -> Self {
        let word = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
        let whole = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let subject = word(whole.parent().and_then(Path::file_name));
        let name = word(whole.file_stem());
        let scenario = read_scenario(path, &subject, &name);
        Self { path: path.to_owned(), subject, name, scenario }
    }

    /// The sentence that its name is.
    pub(crate) fn sentence(&self) -> String {
        self.name.replace('-', " ")
    }

    /// What is wrong, a line each.
    pub(crate) fn faults(&self) -> Vec<String> {
        let Err(faults) = &self.scenario else { return vec![] };
        let path = self.path.display();
        faults.iter().map(|fault| format!("{path}:{}: {}", fault.line, fault.message)).collect()
    }
}

fn read_scenario(path: &Path, subject: &str, name: &str) -> Result<Scenario, Vec<Fault>> {
    let whole_file = |message: String| vec![Fault { line: 0, message }];
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if path.extension().is_none_or(|extension| extension != "txt") {
        return Err(whole_file("it is no scenario: its name does not end with .txt".to_owned()));
    }
    if name.is_empty() || !name.chars().all(is_plain) {
        return Err(whole_file("its name is no sentence of small letters, digits and hyphens".to_owned()));
    }
    if subject.len() + name.len() > NAME_LENGTH_MAX {
        return Err(whole_file(format!("its name and its folder's have more than {NAME_LENGTH_MAX} characters")));
    }
    let text = fs::read_to_string(path).map_err(|error| whole_file(error.to_string()))?;
    let scenario = Scenario::parse(&text, &format!(r"\??\C:\clfsvm\interposed\{subject}-{name}"))?;
    if scenario.has_source { Ok(scenario) } else { Err(whole_file("it does not say its source:".to_owned())) }
}

/// All scenario files of these files and folders, each folder's sorted by name.
///
/// # Errors
/// Something is not there, or a folder has none.
pub(crate) fn find(paths: &[PathBuf]) -> Result<Vec<ScenarioFile>, String> {
    let mut found = vec![];
    for path in paths {
        if path.is_dir() {
            let before = found.len();
            find_in(path, &mut found).map_err(|error| format!("{}: {error}", path.display()))?;
            if found.len() == before {
                return Err(format!("{}: there is no scenario in it", path.display()));
            }
        } else if path.is_file() {
            found.push(path.clone());
        } else {
            return Err(format!("{}: there is no such file or folder", path.display()));
        }
    }
    Ok(found.iter().map(|path| ScenarioFile::read(path)).collect())
}

fn find_in(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            find_in(&entry, found)?;
        } else if entry.extension().is_none_or(|extension| extension != "md") {
            // Also what is misnamed: it is not passed over in silence.
            found.push(entry);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of its own, gone at the end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("clfs-scenarios-{}-{name}", std::process::id()));
            fs::create_dir_all(path.join("growth")).unwrap();
            Self(path)
        }

        fn with(&self, name: &str, text: &[u8]) -> Vec<String> {
            fs::write(self.0.join("growth").join(name), text).unwrap();
            let found = find(std::slice::from_ref(&self.0)).unwrap();
            fs::remove_file(self.0.join("growth").join(name)).unwrap();
            found.iter().flat_map(ScenarioFile::faults).collect()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _nobody_misses_it = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn what_can_be_wrong_with_a_file_is_told_with_its_path() {
        let folder = Folder::new("faults");
        let good = b"source: ours\nlog L\n".as_slice();
        assert_eq!(folder.with("a-sentence.txt", good), Vec::<String>::new());
        assert_eq!(folder.with("a-sentence.txt", b"source: ours\r\nlog L\r\n"), Vec::<String>::new());
        for (name, text) in [
            ("a-sentence.TXT", good),
            ("a-sentence.txt~", good),
            ("a-sentence", good),
            ("A-sentence.txt", good),
            ("a sentence.txt", good),
            ("a-sentence.txt", b"log L\n"),
            ("a-sentence.txt", b""),
            ("a-sentence.txt", b"source: ours\nlog \xFF\n"),
            (&format!("{}.txt", "a-long-name".repeat(12)), good),
        ] {
            let faults = folder.with(name, text);
            assert_eq!(faults.len(), 1, "{name}: {faults:?}");
            assert!(faults[0].contains(&format!("{name}:0: ")), "{faults:?}");
        }
        assert!(folder.with("a-sentence.txt", b"source: ours\n\nlog")[0].contains("a-sentence.txt:3: "));
    }

    #[test]
    fn a_folder_that_is_missing_or_empty_is_an_error() {
        let folder = Folder::new("empty");
        assert!(
            find(std::slice::from_ref(&folder.0)).is_err_and(|message| message.contains("there is no scenario in it"))
        );
        let missing = find(&[folder.0.join("nowhere")]);
        assert!(missing.is_err_and(|message| message.contains("there is no such file or folder")));
    }
}
