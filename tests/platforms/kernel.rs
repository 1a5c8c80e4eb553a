//! The parts of `src/kernel` that name nothing of the kernel, compiled and run here.

#[path = "../../src/kernel/paths.rs"]
mod paths;
#[path = "../../src/kernel/queue.rs"]
mod queue;

use clfsmgmt::units::Status;

use self::queue::Queue;

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

fn absolute(name: &str) -> Result<String, Status> {
    paths::absolute(&wide(name)).map(|path| String::from_utf16(&path).unwrap())
}

fn container(base: &str, name: &str) -> Result<String, Status> {
    paths::container(&wide(base), &wide(name)).map(|path| String::from_utf16(&path).unwrap())
}

#[test]
fn a_container_of_a_copied_log_is_beside_it_under_its_last_component() {
    let beside = |name: &str| {
        let path = paths::beside(&wide(r"\??\C:\copy\log.blf"), &wide(name));
        path.map(|path| path.map(|path| String::from_utf16(&path).unwrap()))
    };
    assert_eq!(beside(r"\Device\HarddiskVolume1\original\c1"), Ok(Some(r"\??\C:\copy\c1".into())));
    assert_eq!(beside(r"D:\c1"), Ok(Some(r"\??\C:\copy\c1".into())));
    assert_eq!(beside(r"%BLF%\c1"), Ok(None));
    assert_eq!(beside(r"D:\..\.."), Err(Status::OBJECT_NAME_INVALID));
}

#[test]
fn absolute_names_become_paths_of_the_object_manager() {
    for (name, path) in [
        (r"C:\logs\a.blf", r"\??\C:\logs\a.blf"),
        (r"\??\C:\logs\a.blf", r"\??\C:\logs\a.blf"),
        (r"\??\Volume{12-34}\a.blf", r"\??\Volume{12-34}\a.blf"),
        (r"\Device\HarddiskVolume1\a.blf", r"\Device\HarddiskVolume1\a.blf"),
        (r"\DEVICE\HarddiskVolume1\a.blf", r"\DEVICE\HarddiskVolume1\a.blf"),
        (r"C:\...\a..b", r"\??\C:\...\a..b"),
    ] {
        assert_eq!(absolute(name).as_deref(), Ok(path), "{name}");
    }
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    for name in [
        "",
        "a.blf",
        r"\a.blf",
        r"C:",
        r"C:\",
        r"C:a.blf",
        r"1:\a",
        r"C:\a\\b",
        r"C:\a\",
        r"C:\a\..\b",
        r"C:\.\b",
        r"C:\a:stream",
        r"C:\a/b",
        "C:\\a\0b",
        r"\??\",
        r"\??\C:\..\a",
        r"\??\C:\a:stream",
        r"\Device\",
        r"\Device\HarddiskVolume1\..\a",
    ] {
        assert_eq!(absolute(name), Err(Status::OBJECT_NAME_INVALID), "{name:?}");
    }
}

#[test]
fn relative_containers_are_beside_the_base_log_file() {
    let base = r"\??\C:\logs\a.blf";
    assert_eq!(container(base, r"%BLF%\c0").as_deref(), Ok(r"\??\C:\logs\c0"));
    assert_eq!(container(base, r"%blf%\sub\c0").as_deref(), Ok(r"\??\C:\logs\sub\c0"));
    assert_eq!(container(base, r"D:\c0").as_deref(), Ok(r"\??\D:\c0"));
    for name in [r"%BLF%\", r"%BLF%", r"%BLF%\..\c0", r"%BLF%\sub\..\..\c0", r"%BLF%\c0:stream", r"%BLF%c0", "c0"] {
        assert_eq!(container(base, name), Err(Status::OBJECT_NAME_INVALID), "{name}");
    }
}

#[test]
fn a_path_that_no_counted_string_holds_is_refused() {
    let name = |length: usize| format!(r"C:\{}", "a".repeat(length - 3));
    assert!(absolute(&name(0x7FFF - 4)).is_ok());
    assert_eq!(absolute(&name(0x7FFF - 3)), Err(Status::OBJECT_NAME_INVALID));
}

#[test]
fn the_queue_keeps_its_order_around_the_end_and_while_it_grows() {
    let mut queue = Queue::new();
    let (mut pushed, mut popped) = (0..1000, 0..1000);
    for round in 1..40 {
        for _ in 0..=(round % 7) {
            queue.reserve().unwrap();
            queue.push(pushed.next().unwrap());
        }
        for _ in 0..round % 5 {
            if let Some(item) = queue.pop() {
                assert_eq!(popped.next(), Some(item));
                queue.release();
            }
        }
    }
    assert!(!queue.is_empty());
    while let Some(item) = queue.pop() {
        assert_eq!(popped.next(), Some(item));
    }
    assert_eq!(popped.start, pushed.start);
    assert!(queue.is_empty() && queue.pop().is_none());
}

#[test]
fn room_that_was_given_back_is_used_again_and_what_was_not_reserved_is_not_taken() {
    let mut queue: Queue<u32> = Queue::new();
    assert_eq!(queue.pop(), None);
    for item in 0..1000 {
        queue.reserve().unwrap();
        queue.push(item);
        assert_eq!(queue.pop(), Some(item));
        queue.release();
    }
}
