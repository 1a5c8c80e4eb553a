//! Logs that were copied or moved, and metadata that name what is not theirs: on real files.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use clfsmgmt::host::{HostPlatform, HostVolume};
use clfsmgmt::library::{Disposition, Library, LogHandle, ManagerOf, OpenRequest, Rights};
use clfsmgmt::log::Admission;
use clfsmgmt::units::{Bytes, Status, StreamId};

use crate::listener::Client;
use crate::model::{parts, wide};

type Setting = (HostPlatform, HostVolume, Client);

const SIZE: u64 = 512 << 10;

struct Program(Library<Setting>);

impl Program {
    fn new() -> Self {
        let manager = Arc::new(ManagerOf::<Setting>::new(HostPlatform::default()));
        Self(Library::new(manager, HostVolume::default()).unwrap())
    }

    fn open_with(&self, path: &Path, disposition: Disposition) -> Result<(u64, Arc<LogHandle<Setting>>), Status> {
        let address = self.0.open(&OpenRequest {
            name: &name(path),
            access: Rights::ALL,
            share: Rights::ALL,
            ignores_sharing: false,
            disposition,
            is_archived: false,
        })?;
        Ok((address, self.0.find(address).unwrap()))
    }

    fn open(&self, path: &Path) -> Result<u64, Status> {
        self.open_with(path, Disposition::OpenExisting).map(|(address, _)| address)
    }

    /// A log with these containers and three records.
    fn make(&self, path: &Path, containers: &[&Path]) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let (address, log) = self.open_with(path, Disposition::CreateNew).unwrap();
        for container in containers {
            fs::create_dir_all(container.parent().unwrap()).unwrap();
            log.log().add_container(&wide(container.to_str().unwrap()), Some(Bytes(SIZE))).unwrap();
        }
        drop(log);
        self.close(address);
        self.write(path, &["one", "two", "three"]);
    }

    fn close(&self, address: u64) {
        self.0.close(address).unwrap();
    }

    fn write(&self, path: &Path, texts: &[&str]) {
        let (address, log) = self.open_with(path, Disposition::OpenExisting).unwrap();
        for text in texts {
            log.log().append(StreamId::PHYSICAL, &parts(&[text.as_bytes()]), Admission::Free).unwrap();
            log.log().flush(StreamId::PHYSICAL).unwrap();
        }
        drop(log);
        self.close(address);
    }

    fn read(&self, path: &Path) -> Vec<String> {
        let (address, log) = self.open_with(path, Disposition::OpenExisting).unwrap();
        let found = log.log().with(|log| crate::model::read_all(log, StreamId::PHYSICAL)).unwrap().unwrap();
        drop(log);
        self.close(address);
        found.into_iter().map(|record| String::from_utf8(record.data).unwrap()).collect()
    }

    fn delete(&self, path: &Path) -> Result<(), Status> {
        self.0.delete(&name(path))
    }
}

fn name(path: &Path) -> Vec<u16> {
    wide(&format!("log:{}", path.display()))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::copy(from, to).unwrap();
}

#[test]
fn a_copied_log_works_on_the_files_beside_it_and_deletes_those() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    let program = Program::new();
    program.make(&one.join("log"), &[&one.join("c1"), &one.join("c2")]);
    for file in ["log.blf", "c1", "c2"] {
        copy(&one.join(file), &two.join(file));
    }
    let original = program.open(&one.join("log")).unwrap();
    program.write(&two.join("log"), &["by the copy"]);
    program.write(&one.join("log"), &["by the original"]);
    assert_eq!(program.read(&two.join("log")), ["one", "two", "three", "by the copy"]);
    program.delete(&two.join("log")).unwrap();
    assert_eq!(fs::read_dir(&two).unwrap().count(), 0);
    program.close(original);
    assert_eq!(program.read(&one.join("log")), ["one", "two", "three", "by the original"]);
    // What the copy gets elsewhere is its own, and found again.
    for file in ["log.blf", "c1", "c2"] {
        copy(&one.join(file), &two.join(file));
    }
    let (address, log) = program.open_with(&two.join("log"), Disposition::OpenExisting).unwrap();
    let elsewhere = folder.path().join("c3");
    log.log().add_container(&wide(elsewhere.to_str().unwrap()), None).unwrap();
    drop(log);
    program.close(address);
    program.read(&two.join("log"));
    program.delete(&two.join("log")).unwrap();
    assert!(!elsewhere.exists());
}

#[test]
fn a_copy_without_containers_is_refused_and_deleted_without_the_originals() {
    for in_one_folder in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let one = folder.path().join("one");
        let two = if in_one_folder { one.join("other") } else { folder.path().join("two/log") };
        let program = Program::new();
        program.make(&one.join("log"), &[&one.join("c1"), Path::new("%BLF%\\c2")]);
        copy(&one.join("log.blf"), &two.with_extension("blf"));
        assert_eq!(program.open(&two), Err(Status::LOG_CONTAINER_OPEN_FAILED), "{in_one_folder}");
        let original = program.open(&one.join("log")).unwrap();
        assert!(program.open(&two).is_err());
        program.delete(&two).unwrap();
        program.close(original);
        assert!(!two.with_extension("blf").exists());
        assert_eq!(program.read(&one.join("log")), ["one", "two", "three"]);
    }
}

#[test]
fn a_log_that_was_moved_finds_its_containers_where_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two, rest) = (folder.path().join("one"), folder.path().join("two"), folder.path().join("rest"));
    let program = Program::new();
    program.make(&one.join("log"), &[&rest.join("c1"), &rest.join("c2")]);
    copy(&one.join("log.blf"), &two.join("log.blf"));
    fs::remove_file(one.join("log.blf")).unwrap();
    assert_eq!(program.read(&two.join("log")), ["one", "two", "three"]);
    // Another log's file of the same name comes beside it; the one that is open is meant all the same.
    let (address, log) = program.open_with(&two.join("log"), Disposition::OpenExisting).unwrap();
    fs::write(two.join("c2"), "another's").unwrap();
    log.log().remove_container(&wide(rest.join("c2").to_str().unwrap()), clfsmgmt::log::Removal::OnlyIfFree).unwrap();
    drop(log);
    program.close(address);
    assert!(two.join("c2").exists() && !rest.join("c2").exists());
}

#[test]
fn a_file_of_the_same_name_beside_a_log_that_stayed_is_not_taken_for_its_container() {
    let folder = tempfile::tempdir().unwrap();
    let (one, rest) = (folder.path().join("one"), folder.path().join("rest"));
    let program = Program::new();
    program.make(&one.join("log"), &[&rest.join("c1"), &rest.join("c2")]);
    program.make(&one.join("neighbour"), &[&one.join("c1"), &one.join("c2")]);
    program.write(&one.join("log"), &["four"]);
    assert_eq!(program.read(&one.join("neighbour")), ["one", "two", "three"]);
    program.delete(&one.join("log")).unwrap();
    assert_eq!(program.read(&one.join("neighbour")), ["one", "two", "three"]);
    assert_eq!(fs::read_dir(&rest).unwrap().count(), 0);
}

/// A log whose metadata name files that others have made since.
fn crafted(program: &Program, folder: &Path, make: impl FnOnce(&Path)) -> std::path::PathBuf {
    let (crafted, rest) = (folder.join("crafted/log"), folder.join("rest"));
    program.make(&crafted, &[&rest.join("c1"), &rest.join("c2")]);
    fs::remove_dir_all(&rest).unwrap();
    fs::create_dir(&rest).unwrap();
    make(&rest);
    crafted
}

#[test]
fn containers_of_a_log_that_is_open_are_refused_to_another_and_never_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let (program, owner) = (Program::new(), folder.path().join("owner/log"));
    let crafted = crafted(&program, folder.path(), |rest| {
        program.make(&owner, &[&rest.join("c1"), &rest.join("c2")]);
    });
    let address = program.open(&owner).unwrap();
    assert_eq!(program.open(&crafted), Err(Status::SHARING_VIOLATION));
    let _ = program.delete(&crafted);
    program.close(address);
    assert_eq!(program.read(&owner), ["one", "two", "three"]);
}

#[test]
fn containers_beside_their_own_log_are_refused_to_another_and_never_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let (program, owner) = (Program::new(), folder.path().join("rest/log"));
    let crafted = crafted(&program, folder.path(), |rest| {
        program.make(&owner, &[Path::new("%BLF%\\c1"), &rest.join("c2")]);
    });
    assert_eq!(program.open(&crafted), Err(Status::LOG_CONTAINER_OPEN_FAILED));
    program.delete(&crafted).unwrap();
    assert!(!crafted.with_extension("blf").exists());
    assert_eq!(program.read(&owner), ["one", "two", "three"]);
}

#[test]
fn a_file_that_is_no_container_is_neither_written_nor_deleted() {
    let text = "somebody's letters ".repeat(40_000);
    for length in [10, usize::try_from(SIZE).unwrap(), text.len()] {
        let folder = tempfile::tempdir().unwrap();
        let program = Program::new();
        let crafted = crafted(&program, folder.path(), |rest| {
            fs::write(rest.join("c1"), &text[..length]).unwrap();
            fs::create_dir(rest.join("c2")).unwrap();
        });
        assert!(program.open(&crafted).is_err());
        program.delete(&crafted).unwrap();
        assert!(!crafted.with_extension("blf").exists());
        assert_eq!(fs::read_to_string(folder.path().join("rest/c1")).unwrap(), &text[..length], "{length} bytes");
        assert!(folder.path().join("rest/c2").is_dir());
    }
}

#[test]
fn what_is_left_of_a_log_is_still_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let (program, log) = (Program::new(), folder.path().join("log"));
    program.make(&log, &[&folder.path().join("c1"), Path::new("%BLF%\\c2")]);
    fs::remove_file(folder.path().join("c1")).unwrap();
    program.delete(&log).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn a_log_that_is_reached_by_a_link_has_its_files_beside_itself_and_not_beside_the_link() {
    let folder = tempfile::tempdir().unwrap();
    let (one, link) = (folder.path().join("one"), folder.path().join("links/other"));
    let program = Program::new();
    program.make(&one.join("log"), &[Path::new("%BLF%\\c1"), &one.join("c2")]);
    fs::create_dir(folder.path().join("links")).unwrap();
    std::os::unix::fs::symlink("../one/log.blf", link.with_extension("blf")).unwrap();
    assert_eq!(program.read(&link), ["one", "two", "three"]);
    program.write(&link, &["by the link"]);
    let (address, log) = program.open_with(&link, Disposition::OpenExisting).unwrap();
    log.log().add_container(&wide("%BLF%\\c3"), None).unwrap();
    drop(log);
    program.close(address);
    assert_eq!(program.read(&one.join("log")), ["one", "two", "three", "by the link"]);
    assert!(one.join("c3").exists());
    program.delete(&link).unwrap();
    assert_eq!(fs::read_dir(&one).unwrap().count(), 0);
    assert_eq!(fs::read_dir(folder.path().join("links")).unwrap().count(), 0);
}

#[test]
fn a_stream_whose_name_looks_like_a_path_is_refused_and_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::new();
    let inner = folder.path().join("a::b");
    if fs::create_dir(&inner).is_err() {
        return; // No such name here.
    }
    for path in [inner.join("log"), folder.path().join("a::b\\log")] {
        let made = program.open_with(&path, Disposition::OpenAlways).map(drop);
        assert_eq!(made, Err(Status::OBJECT_NAME_INVALID));
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
