//! `SetLogFileSize`, row by row of its table.

use clfsmgmt::engine::policy::{Existing, Policy};
use clfsmgmt::engine::{Engine, ResizePlan};
use clfsmgmt::units::{ContainerCount, Status};

use crate::policies::engine_with;

fn sized(containers: u32, minimum: Option<u32>, maximum: Option<u32>) -> Engine {
    let mut engine = engine_with(containers);
    let minimum = minimum.map(|count| Policy::MinimumSize(ContainerCount(count)));
    let maximum = maximum.map(|count| Policy::MaximumSize(ContainerCount(count)));
    for policy in minimum.into_iter().chain(maximum) {
        engine.install_policy(policy, Existing::Keep).unwrap();
    }
    engine
}

#[expect(clippy::unnecessary_wraps, reason = "it is compared with what is wrapped")]
const fn add(count: u32) -> Result<ResizePlan, Status> {
    Ok(ResizePlan::Add(ContainerCount(count)))
}

#[expect(clippy::unnecessary_wraps, reason = "it is compared with what is wrapped")]
const fn remove(count: u32) -> Result<ResizePlan, Status> {
    Ok(ResizePlan::Remove(ContainerCount(count)))
}

#[test]
fn size_zero_grows_to_the_minimum_and_never_shrinks() {
    assert_eq!(sized(0, None, None).plan_resize(0), add(2));
    assert_eq!(sized(1, None, None).plan_resize(0), add(1));
    assert_eq!(sized(9, None, None).plan_resize(0), Ok(ResizePlan::Keep));
    assert_eq!(sized(3, Some(5), None).plan_resize(0), add(2));
    assert_eq!(sized(9, Some(5), None).plan_resize(0), Ok(ResizePlan::Keep));
}

#[test]
fn size_one_is_the_first_parameter_invalid() {
    assert_eq!(sized(4, None, None).plan_resize(1), Err(Status::INVALID_PARAMETER_1));
}

#[test]
fn a_size_within_the_limits_is_what_the_log_gets() {
    assert_eq!(sized(4, None, None).plan_resize(7), add(3));
    assert_eq!(sized(4, None, None).plan_resize(4), Ok(ResizePlan::Keep));
    assert_eq!(sized(4, None, None).plan_resize(2), remove(2));
    assert_eq!(sized(4, None, None).plan_resize(1023), add(1019));
}

#[test]
fn a_size_below_the_minimum_could_not_resize_even_when_it_would_grow() {
    for containers in [2, 9] {
        assert_eq!(sized(containers, Some(5), None).plan_resize(4), Err(Status::COULD_NOT_RESIZE_LOG));
    }
}

#[test]
fn a_size_above_the_maximum_grows_to_the_maximum_with_success() {
    assert_eq!(sized(4, None, Some(8)).plan_resize(100), add(4));
    assert_eq!(sized(8, None, Some(8)).plan_resize(100), Ok(ResizePlan::Keep));
    assert_eq!(sized(20, None, Some(8)).plan_resize(100), Ok(ResizePlan::Keep));
}

#[test]
fn the_largest_size_needs_a_maximum() {
    for size in [1024, u64::MAX] {
        assert_eq!(sized(4, None, None).plan_resize(size), Err(Status::LOG_POLICY_CONFLICT));
        assert_eq!(sized(4, None, Some(8)).plan_resize(size), add(4));
        assert_eq!(sized(4, None, Some(4000)).plan_resize(size), add(1020));
    }
}

#[test]
fn a_minimum_above_the_maximum_is_an_invalid_policy() {
    for size in [0, 4, u64::MAX] {
        assert_eq!(sized(4, Some(5), Some(3)).plan_resize(size), Err(Status::LOG_POLICY_INVALID));
    }
}
