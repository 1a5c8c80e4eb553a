//! Policies and container names.

use clfsmgmt::engine::policy::{Existing, Name, PATH_UNITS_MAX, Policy, PolicyKind};
use clfsmgmt::engine::{Engine, LogView};
use clfsmgmt::units::{Bytes, ContainerCount, Status};

pub(crate) fn engine_with(containers: u32) -> Engine {
    let mut view = LogView::unknown();
    view.version = 1;
    view.containers = ContainerCount(containers);
    let mut engine = Engine::new(1);
    engine.handle_view(&view);
    engine
}

fn name(text: &str) -> Name {
    let units: Vec<u16> = text.encode_utf16().collect();
    Name::new(&units).unwrap()
}

fn one_of_each_kind() -> [Policy; 10] {
    [
        Policy::MaximumSize(ContainerCount(9)),
        Policy::MinimumSize(ContainerCount(3)),
        Policy::NewContainerSize(Bytes(1 << 20)),
        Policy::growth_rate(0, 10).unwrap(),
        Policy::log_tail(0, 4).unwrap(),
        Policy::auto_shrink(50).unwrap(),
        Policy::AutoGrow(true),
        Policy::NewContainerPrefix(name("%BLF%\\prefix")),
        Policy::NewContainerSuffix(7),
        Policy::NewContainerExtension(name("log")),
    ]
}

fn path(engine: &Engine) -> Result<String, Status> {
    let log_name: Vec<u16> = "pgbench".encode_utf16().collect();
    let mut buffer = [0; PATH_UNITS_MAX];
    let (length, _) = engine.write_container_path(&log_name, &mut buffer)?;
    Ok(String::from_utf16(&buffer[..length]).unwrap())
}

#[test]
fn every_kind_is_installed_queried_and_removed() {
    let mut engine = engine_with(0);
    for (policy, again) in one_of_each_kind().into_iter().zip(one_of_each_kind()) {
        let kind = policy.kind();
        assert_eq!(engine.query_policy(kind), Err(Status::LOG_POLICY_NOT_INSTALLED));
        engine.install_policy(policy, Existing::Keep).unwrap();
        assert_eq!(engine.query_policy(kind).as_ref(), Ok(&again));
        engine.remove_policy(kind).unwrap();
        assert_eq!(engine.query_policy(kind), Err(Status::LOG_POLICY_NOT_INSTALLED));
    }
}

#[test]
fn removing_a_policy_that_is_not_installed_fails() {
    let mut engine = engine_with(0);
    for kind in PolicyKind::ALL {
        assert_eq!(engine.remove_policy(kind), Err(Status::LOG_POLICY_NOT_INSTALLED));
    }
}

#[test]
fn defaults_are_not_returned_by_a_query() {
    let engine = engine_with(4);
    for kind in PolicyKind::ALL {
        assert_eq!(engine.query_policy(kind), Err(Status::LOG_POLICY_NOT_INSTALLED));
    }
}

#[test]
fn a_second_policy_of_a_kind_needs_overwrite() {
    let mut engine = engine_with(0);
    for (policy, again) in one_of_each_kind().into_iter().zip(one_of_each_kind()) {
        engine.install_policy(policy, Existing::Keep).unwrap();
        assert_eq!(engine.install_policy(again, Existing::Keep), Err(Status::LOG_POLICY_ALREADY_INSTALLED));
    }
    for again in one_of_each_kind() {
        engine.install_policy(again, Existing::Overwrite).unwrap();
    }
}

#[test]
fn kinds_have_their_documented_numbers_and_ten_is_invalid() {
    assert_eq!(PolicyKind::from_number(0), Some(PolicyKind::MaximumSize));
    assert_eq!(PolicyKind::from_number(4), Some(PolicyKind::LogTail));
    assert_eq!(PolicyKind::from_number(9), Some(PolicyKind::NewContainerExtension));
    assert_eq!(PolicyKind::from_number(10), None);
    assert_eq!(PolicyKind::from_number(u32::MAX), None);
}

#[test]
fn both_numbers_of_a_rate_or_a_tail_are_an_invalid_parameter() {
    assert_eq!(Policy::growth_rate(1, 1), Err(Status::INVALID_PARAMETER));
    assert_eq!(Policy::log_tail(1, 1), Err(Status::INVALID_PARAMETER));
}

#[test]
fn percentages_above_a_hundred_are_an_invalid_parameter() {
    assert_eq!(Policy::growth_rate(0, 101), Err(Status::INVALID_PARAMETER));
    assert_eq!(Policy::log_tail(101, 0), Err(Status::INVALID_PARAMETER));
    assert_eq!(Policy::auto_shrink(101), Err(Status::INVALID_PARAMETER));
    assert!(Policy::auto_shrink(100).is_ok());
}

#[test]
fn a_container_size_after_the_first_container_succeeds_without_effect() {
    let mut engine = engine_with(2);
    let policy = Policy::NewContainerSize(Bytes(1 << 20));
    assert_eq!(engine.install_policy(policy, Existing::Keep), Ok(()));
    assert_eq!(engine.first_container_size(), None);
    assert_eq!(engine.query_policy(PolicyKind::NewContainerSize), Err(Status::LOG_POLICY_NOT_INSTALLED));
}

#[test]
fn the_first_container_has_the_installed_size() {
    let mut engine = engine_with(0);
    assert_eq!(engine.first_container_size(), None);
    let policy = Policy::NewContainerSize(Bytes(4 << 20));
    engine.install_policy(policy, Existing::Keep).unwrap();
    assert_eq!(engine.first_container_size(), Some(Bytes(4 << 20)));
}

#[test]
fn a_container_size_of_zero_is_an_invalid_parameter() {
    let policy = Policy::NewContainerSize(Bytes(0));
    assert_eq!(engine_with(0).install_policy(policy, Existing::Keep), Err(Status::INVALID_PARAMETER));
}

#[test]
fn container_names_follow_the_log_and_count_from_one_by_default() {
    let mut engine = engine_with(0);
    assert_eq!(path(&engine).unwrap(), "%BLF%\\pgbenchContainer00000000000000000001");
    engine.handle_container_number_tried(1);
    assert_eq!(path(&engine).unwrap(), "%BLF%\\pgbenchContainer00000000000000000002");
}

#[test]
fn container_names_are_made_of_prefix_number_and_extension() {
    let mut engine = engine_with(0);
    for policy in one_of_each_kind() {
        engine.install_policy(policy, Existing::Keep).unwrap();
    }
    assert_eq!(path(&engine).unwrap(), "%BLF%\\prefix00000000000000000007.log");
}

#[test]
fn an_extension_that_has_its_dot_gets_no_second() {
    let mut engine = engine_with(0);
    let policy = Policy::NewContainerExtension(name(".regtrans-ms"));
    engine.install_policy(policy, Existing::Keep).unwrap();
    assert!(path(&engine).unwrap().ends_with("00001.regtrans-ms"));
}

#[test]
fn the_largest_number_is_written_in_full() {
    let mut engine = engine_with(0);
    let policy = Policy::NewContainerSuffix(u64::MAX);
    engine.install_policy(policy, Existing::Keep).unwrap();
    assert!(path(&engine).unwrap().ends_with("18446744073709551615"));
}

#[test]
fn a_name_that_is_too_long_is_a_path_not_found() {
    assert!(Name::new(&[65; 256]).is_ok());
    assert_eq!(Name::new(&[65; 257]), Err(Status::OBJECT_PATH_NOT_FOUND));
}

#[test]
fn a_nul_in_a_prefix_is_accepted_and_fails_at_creation() {
    let mut engine = engine_with(0);
    let policy = Policy::NewContainerPrefix(name("a\0b"));
    assert_eq!(engine.install_policy(policy, Existing::Keep), Ok(()));
    assert_eq!(path(&engine), Err(Status::OBJECT_NAME_INVALID));
}

#[test]
fn a_path_longer_than_the_buffer_is_an_invalid_name() {
    let engine = engine_with(0);
    let mut buffer = [0; 10];
    assert_eq!(engine.write_container_path(&[65], &mut buffer), Err(Status::OBJECT_NAME_INVALID));
}
