//! The logs that Windows wrote. They lie beside the project, in `../shared/samples`; where they are missing, whoever
//! asks for them says so and passes.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// How many there are of each kind that is asked for.
const COUNT: usize = 3;
/// Those of the transactional file system: multiplexed.
const OF_FILE_SYSTEMS: &str = "txflog-";
/// Those of the registry's transactions: dedicated. One was written round, of one a free container is missing.
const OF_REGISTRIES: &str = "windows-log-";

fn folder_of_samples() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|above| above.join("shared"));
    let shared = std::env::var_os("CLFSMGMT_SHARED").map(PathBuf::from);
    shared.into_iter().chain(beside).map(|shared| shared.join("samples")).find(|samples| samples.is_dir())
}

/// Hands out each log of a file system: its archive's name without the endings, and the base log file in a folder of its
/// own.
pub fn for_each_sample(check: impl FnMut(&str, &Path)) {
    for_each_of(OF_FILE_SYSTEMS, check);
}

/// As [`for_each_sample`], of a registry.
pub fn for_each_registry_sample(check: impl FnMut(&str, &Path)) {
    for_each_of(OF_REGISTRIES, check);
}

fn for_each_of(kind: &str, mut check: impl FnMut(&str, &Path)) {
    let Some(samples) = folder_of_samples() else {
        println!("skipped: there is no ../shared/samples; set CLFSMGMT_SHARED");
        return;
    };
    let entries = std::fs::read_dir(samples).expect("the samples").map(|entry| entry.expect("an entry").path());
    let is_asked_for = |path: &PathBuf| {
        let name = path.file_name().expect("a name").to_string_lossy();
        name.starts_with(kind) && name.ends_with(".tar.xz")
    };
    let mut archives: Vec<PathBuf> = entries.filter(is_asked_for).collect();
    archives.sort();
    assert_eq!(archives.len(), COUNT, "{archives:?}");
    for archive in archives {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let unpacked = Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(folder.path()).status();
        assert!(unpacked.expect("tar runs").success(), "{}", archive.display());
        let files = std::fs::read_dir(folder.path()).expect("a folder").map(|entry| entry.expect("an entry").path());
        let base =
            { files }.find(|path| path.extension().is_some_and(|ending| ending == "blf")).expect("a base log file");
        let name = archive.file_name().expect("a name").to_string_lossy();
        check(name.trim_end_matches(".tar.xz"), &base);
    }
}
