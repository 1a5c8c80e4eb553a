//! Sets of containers, added and removed as a whole whatever call of the storage fails.

use clfsmgmt::log::Removal;
use clfsmgmt::units::{Bytes, Status};

use super::world::{TestHandle, World, add_containers};
use crate::faulty::{Call, Plan};

fn names(numbers: std::ops::Range<u32>) -> Vec<Vec<u16>> {
    numbers.map(|number| format!("%BLF%\\container{number}").encode_utf16().collect()).collect()
}

fn slices(names: &[Vec<u16>]) -> Vec<&[u16]> {
    names.iter().map(Vec::as_slice).collect()
}

fn add(handle: &TestHandle, numbers: std::ops::Range<u32>) -> Result<Bytes, Status> {
    handle.log().add_containers(&slices(&names(numbers)), Some(Bytes(1)))
}

fn remove(handle: &TestHandle, numbers: std::ops::Range<u32>) -> Result<(), Status> {
    handle.log().remove_containers(&slices(&names(numbers)), Removal::OnlyIfFree)
}

fn count(handle: &TestHandle) -> usize {
    handle.log().with(|log| log.containers().count()).unwrap()
}

/// Fails the nth call of each kind during `change` until it succeeds; `before` containers are there, `after` then.
fn whole_whatever_fails(before: u32, after: usize, change: impl Fn(&TestHandle) -> Result<(), Status>) {
    for call in Call::ALL {
        for nth in 1.. {
            let world = World::new();
            let handle = world.ready("", before);
            let files = world.storage.inner.open_names().len();
            world.storage.faults.start(Plan { call, nth, from_then_on: false, is_done: false });
            let outcome = change(&handle);
            let injected = world.storage.faults.stop();
            if outcome.is_ok() {
                assert_eq!(count(&handle), after, "{call:?} {nth}");
                if injected == 0 {
                    break;
                }
                continue;
            }
            if handle.log().with(|log| log.fault().is_none()).unwrap() {
                assert_eq!(count(&handle), usize::try_from(before).unwrap(), "{call:?} {nth}: {outcome:?}");
                // Deleting is what a failed deletion cannot do.
                assert!(call == Call::Delete || world.storage.inner.open_names().len() == files, "{call:?} {nth}");
                assert_eq!(change(&handle), Ok(()), "{call:?} {nth}: the next attempt");
            }
        }
    }
}

#[test]
fn a_set_is_added_as_a_whole_whatever_call_fails() {
    whole_whatever_fails(2, 5, |handle| add(handle, 2..5).map(drop));
    whole_whatever_fails(0, 3, |handle| add(handle, 0..3).map(drop));
}

#[test]
fn a_set_is_removed_as_a_whole_whatever_call_fails() {
    whole_whatever_fails(5, 2, |handle| remove(handle, 2..5));
}

#[test]
fn a_set_that_does_not_fit_below_the_limit_makes_no_file() {
    let world = World::new();
    let handle = world.ready("", 0);
    assert_eq!(add(&handle, 0..1_020), Ok(Bytes(1 << 19)));
    let files = world.storage.inner.open_names().len();
    assert_eq!(add(&handle, 1_020..1_025), Err(Status::LOG_CONTAINER_LIMIT_EXCEEDED));
    assert_eq!((count(&handle), world.storage.inner.open_names().len()), (1_020, files));
    assert_eq!(add(&handle, 0..0), Err(Status::INVALID_PARAMETER));
    add_containers(&handle, 1_020..1_024);
    assert_eq!(count(&handle), 1_024);
}
