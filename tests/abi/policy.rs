//! `CLFS_MGMT_POLICY` as bytes: what is taken, what is refused and with which status, and what is written.

use clfsmgmt::abi::{POLICY_BYTES, POLICY_BYTES_MAX, parse_policy, policy_bytes, write_policy};
use clfsmgmt::engine::policy::{Existing, Name, Policy, PolicyKind};
use clfsmgmt::units::{Bytes, ContainerCount, Status};
use proptest::prelude::*;

const MAXIMUM_SIZE: u32 = 0;
const GROWTH_RATE: u32 = 3;
const LOG_TAIL: u32 = 4;
const AUTO_SHRINK: u32 = 5;
const AUTO_GROW: u32 = 6;
const PREFIX: u32 = 7;
const SUFFIX: u32 = 8;
const EXTENSION: u32 = 9;

/// A policy with its four leading fields, and what follows them.
fn structure(fields: [u32; 4], parameters: &[u8]) -> Vec<u8> {
    let mut bytes: Vec<u8> = fields.iter().flat_map(|field| field.to_ne_bytes()).collect();
    bytes.extend_from_slice(parameters);
    bytes.resize(bytes.len().max(POLICY_BYTES), 0);
    bytes
}

fn of_kind(kind: u32, parameters: &[u8]) -> Vec<u8> {
    let length = u32::try_from((16 + parameters.len()).max(POLICY_BYTES)).unwrap();
    structure([1, length, 0, kind], parameters)
}

fn numbers(first: u32, second: u32) -> Vec<u8> {
    [first.to_ne_bytes(), second.to_ne_bytes()].concat()
}

/// The parameters of a name: what it says of its length, and its text.
fn text(claimed_bytes: u16, units: &[u16]) -> Vec<u8> {
    let mut bytes = claimed_bytes.to_ne_bytes().to_vec();
    bytes.extend(units.iter().flat_map(|unit| unit.to_ne_bytes()));
    bytes
}

/// Parses as an entry point does: from a copy of what is ever looked at.
fn parse(bytes: &[u8]) -> Result<(Policy, Existing), Status> {
    parse_policy(&bytes[..bytes.len().min(POLICY_BYTES_MAX)], bytes.len())
}

fn refusal(bytes: &[u8]) -> Option<Status> {
    parse(bytes).err()
}

fn policies() -> Vec<Policy> {
    let units: Vec<u16> = "C:\\logs\\app".encode_utf16().collect();
    vec![
        Policy::MaximumSize(ContainerCount(7)),
        Policy::MinimumSize(ContainerCount(2)),
        Policy::NewContainerSize(Bytes(0x8_0000)),
        Policy::growth_rate(3, 0).unwrap(),
        Policy::growth_rate(0, 10).unwrap(),
        Policy::log_tail(35, 0).unwrap(),
        Policy::log_tail(0, 4).unwrap(),
        Policy::auto_shrink(60).unwrap(),
        Policy::AutoGrow(true),
        Policy::AutoGrow(false),
        Policy::NewContainerPrefix(Name::new(&units).unwrap()),
        Policy::NewContainerPrefix(Name::new(&[u16::from(b'a'); Name::UNITS_MAX]).unwrap()),
        Policy::NewContainerSuffix(u64::MAX - 1),
        Policy::NewContainerExtension(Name::new(&units[..3]).unwrap()),
        Policy::NewContainerExtension(Name::new(&[]).unwrap()),
    ]
}

#[test]
fn every_policy_that_is_written_is_read_back() {
    for policy in policies() {
        let bytes = write_policy(&policy).unwrap();
        assert_eq!(bytes.len(), policy_bytes(&policy));
        assert_eq!(parse(&bytes).unwrap(), (policy, Existing::Keep));
    }
    for kind in PolicyKind::ALL {
        assert!(policies().iter().any(|policy| policy.kind() == kind), "{kind:?} is not tried");
    }
}

#[test]
fn written_fields_are_where_the_documented_layout_has_them() {
    let tail = write_policy(&Policy::log_tail(0, 4).unwrap()).unwrap();
    assert_eq!(tail, of_kind(LOG_TAIL, &numbers(0, 4)), "the log tail's percentage comes first");
    let growth = write_policy(&Policy::growth_rate(0, 10).unwrap()).unwrap();
    assert_eq!(growth, of_kind(GROWTH_RATE, &numbers(0, 10)), "the growth rate's containers come first");
    let units = [1, 2, 3, 4];
    let name = write_policy(&Policy::NewContainerExtension(Name::new(&units).unwrap())).unwrap();
    assert_eq!(name.len(), 18 + 8);
    assert_eq!(name, of_kind(EXTENSION, &text(8, &units)), "the text begins at byte 18");
}

#[test]
fn a_short_text_still_fills_the_structure() {
    let name = Policy::NewContainerExtension(Name::new(&[7]).unwrap());
    assert_eq!(write_policy(&name).unwrap().len(), POLICY_BYTES);
}

#[test]
fn fewer_bytes_than_the_structure_are_the_third_parameter_invalid() {
    let whole = of_kind(AUTO_GROW, &numbers(1, 0));
    for length in 0..POLICY_BYTES {
        assert_eq!(refusal(&whole[..length]), Some(Status::INVALID_PARAMETER_3), "{length}");
    }
    assert_eq!(refusal(&whole), None);
}

#[test]
fn a_version_or_a_type_that_does_not_exist_is_an_invalid_parameter() {
    for version in [0, 2, u32::MAX] {
        let bytes = structure([version, 24, 0, AUTO_GROW], &[]);
        assert_eq!(refusal(&bytes), Some(Status::INVALID_PARAMETER), "version {version}");
    }
    for kind in [10, 11, u32::MAX, 1 << 31] {
        assert_eq!(refusal(&of_kind(kind, &[])), Some(Status::INVALID_PARAMETER), "type {kind}");
    }
}

#[test]
fn a_flag_besides_overwrite_is_not_supported() {
    for flags in [2, 3, 4, 1 << 31] {
        assert_eq!(refusal(&structure([1, 24, flags, AUTO_GROW], &[])), Some(Status::NOT_SUPPORTED), "flags {flags}");
    }
    let overwrite = structure([1, 24, 1, AUTO_GROW], &numbers(9, 0));
    assert_eq!(parse(&overwrite), Ok((Policy::AutoGrow(true), Existing::Overwrite)));
}

#[test]
fn a_length_beyond_the_buffer_or_below_the_structure_is_an_invalid_parameter() {
    for length in [0, 23, 25, u32::MAX] {
        let bytes = structure([1, length, 0, MAXIMUM_SIZE], &numbers(4, 0));
        assert_eq!(refusal(&bytes), Some(Status::INVALID_PARAMETER), "length {length}");
    }
    let mut roomy = of_kind(MAXIMUM_SIZE, &numbers(4, 0));
    roomy.resize(100, 0xEE);
    assert_eq!(refusal(&roomy), None, "a buffer may be larger than what it holds");
}

#[test]
fn parameters_that_contradict_each_other_are_an_invalid_parameter() {
    for (kind, first, second) in
        [(GROWTH_RATE, 1, 1), (GROWTH_RATE, 0, 101), (LOG_TAIL, 1, 1), (LOG_TAIL, 101, 0), (AUTO_SHRINK, 101, 0)]
    {
        let bytes = of_kind(kind, &numbers(first, second));
        assert_eq!(refusal(&bytes), Some(Status::INVALID_PARAMETER), "{kind}: {first}, {second}");
    }
}

#[test]
fn a_text_that_is_cut_off_or_has_half_a_character_is_an_invalid_parameter() {
    for kind in [PREFIX, EXTENSION] {
        assert_eq!(refusal(&of_kind(kind, &text(7, &[1, 2, 3, 4]))), Some(Status::INVALID_PARAMETER), "odd");
        assert_eq!(refusal(&of_kind(kind, &text(10, &[1, 2, 3, 4]))), Some(Status::INVALID_PARAMETER), "cut off");
        assert_eq!(refusal(&of_kind(kind, &text(u16::MAX - 1, &[1, 2, 3]))), Some(Status::INVALID_PARAMETER));
        assert_eq!(refusal(&of_kind(kind, &text(8, &[1, 2, 3, 4]))), None);
        assert_eq!(refusal(&of_kind(kind, &text(6, &[1, 2, 3]))), None, "all that the shortest structure holds");
        assert_eq!(refusal(&of_kind(kind, &text(8, &[1, 2, 3]))), Some(Status::INVALID_PARAMETER), "one more");
    }
}

#[test]
fn a_text_that_is_too_long_is_a_path_not_found() {
    let longest = u16::try_from(2 * Name::UNITS_MAX).unwrap();
    let fits = of_kind(PREFIX, &text(longest, &[1; Name::UNITS_MAX]));
    assert_eq!(fits.len(), POLICY_BYTES_MAX);
    assert_eq!(refusal(&fits), None);
    let exceeds = of_kind(PREFIX, &text(longest + 2, &[1; Name::UNITS_MAX + 1]));
    assert_eq!(refusal(&exceeds), Some(Status::OBJECT_PATH_NOT_FOUND));
    let far = of_kind(PREFIX, &text(u16::MAX - 1, &vec![1; 0x8000]));
    assert_eq!(refusal(&far), Some(Status::OBJECT_PATH_NOT_FOUND));
}

#[test]
fn a_suffix_is_one_number_of_64_bits() {
    let bytes = of_kind(SUFFIX, &0x1234_5678_9ABC_DEF0_u64.to_ne_bytes());
    assert_eq!(parse(&bytes), Ok((Policy::NewContainerSuffix(0x1234_5678_9ABC_DEF0), Existing::Keep)));
}

proptest! {
    #[test]
    fn whatever_the_bytes_are_they_are_taken_or_refused_and_what_is_taken_is_written_back(
        fields in (0..3_u32, 0..40_u32, 0..4_u32, 0..12_u32), parameters in prop::collection::vec(any::<u8>(), 0..40),
        cut in 0..60_usize,
    ) {
        let mut bytes = structure([fields.0, fields.1, fields.2, fields.3], &parameters);
        bytes.truncate(cut.max(20));
        if let Ok((policy, _)) = parse(&bytes) {
            let written = write_policy(&policy).unwrap();
            prop_assert_eq!(parse(&written).unwrap().0, policy);
        }
    }
}
