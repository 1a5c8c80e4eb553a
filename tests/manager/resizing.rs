//! Container files: names, sizes, failures.

use clfsmgmt::engine::policy::Policy;
use clfsmgmt::manager::{Cookie, GrowthPlace, LogError};
use clfsmgmt::units::{Bytes, ContainerCount, Status};

use crate::model::{Fixture, Model, PENDING, SUCCESS, Told};

#[test]
fn an_empty_log_gets_its_first_container_with_the_installed_size() {
    let fixture = Fixture::new(&Model::full(0, 0));
    fixture.install(Policy::NewContainerSize(Bytes(4 << 20)));
    let size = fixture.manager.set_log_size(fixture.log, 3);
    assert_eq!(size, Ok(ContainerCount(3)));
    let (size, files) = fixture.model.change(|space| (space.first_size, space.files.clone()));
    assert_eq!(size, Some(Bytes(4 << 20)));
    assert!(files.contains("%BLF%\\modelContainer00000000000000000003"));
}

#[test]
fn names_that_files_have_already_are_passed_over() {
    let fixture = Fixture::new(&Model::full(2, 1));
    let taken = |number: u32| format!("%BLF%\\modelContainer{number:020}");
    fixture.model.change(|space| space.files.extend((1..=900).map(taken)));
    let client = fixture.register(0);
    assert_eq!(fixture.log_full(&client, GrowthPlace::Inline), SUCCESS);
    fixture.rest();
    assert!(fixture.model.change(|space| {
        let has = |number| space.files.contains(&taken(number));
        has(901) && has(902) && !has(903)
    }));
}

#[test]
fn a_size_beyond_the_maximum_is_clamped_with_success() {
    let fixture = Fixture::full_at_its_maximum();
    let size = fixture.manager.set_log_size(fixture.log, 100);
    assert_eq!(size, Ok(ContainerCount(4)));
}

#[test]
fn a_log_that_cannot_lose_enough_containers_could_not_be_resized() {
    let fixture = Fixture::new(&Model::full(4, 1));
    let size = fixture.manager.set_log_size(fixture.log, 2);
    assert_eq!(size, Err(LogError::Failed(Status::COULD_NOT_RESIZE_LOG)));
    fixture.move_tail(0);
    let size = fixture.manager.set_log_size(fixture.log, 2);
    assert_eq!(size, Ok(ContainerCount(2)));
}

#[test]
fn a_log_that_cannot_get_enough_containers_is_a_policy_conflict() {
    let fixture = Fixture::new(&Model::full(4, 1));
    fixture.model.change(|space| space.add_failure = Some(Status::LOG_CONTAINER_LIMIT_EXCEEDED));
    let size = fixture.manager.set_log_size(fixture.log, 9);
    assert_eq!(size, Err(LogError::Failed(Status::LOG_POLICY_CONFLICT)));
}

#[test]
fn a_resize_for_a_client_needs_no_client_or_one_of_this_log() {
    let fixture = Fixture::new(&Model::full(4, 1));
    let client = fixture.register(0);
    let resize = |cookie| fixture.manager.set_log_size_as_client(fixture.log, cookie, 5);
    assert_eq!(resize(Cookie::NULL), Ok(ContainerCount(5)));
    assert_eq!(resize(client.cookie), Ok(ContainerCount(5)));
    assert_eq!(resize(Cookie::from_raw(77)), Err(LogError::NotAClient));
}

#[test]
fn a_full_disk_ends_a_request_with_its_error_when_tails_do_not_help() {
    let fixture = Fixture::new(&Model::full(4, 1));
    fixture.model.change(|space| space.add_failure = Some(Status::DISK_FULL));
    let client = fixture.register(5);
    let answer = fixture.log_full(&client, GrowthPlace::Inline);
    assert_eq!(answer, PENDING);
    assert_eq!(client.told.try_recv(), Ok(Told::Complete(Status::DISK_FULL, true)));
}
