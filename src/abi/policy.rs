//! `CLFS_MGMT_POLICY` to and from bytes.
//!
//! 24 bytes: version, length, flags, kind, and a union of parameters; the text of a name begins inside the union, at
//! byte 18, and may reach beyond the 24. Numbers are in the machine's order. A caller's structure is a claim: it is
//! parsed from a copy, at any alignment, and nothing in it is believed before it is checked.

use alloc::vec::Vec;

use crate::engine::policy::{Amount, Existing, Name, Policy, PolicyKind};
use crate::units::memory::{try_push, try_with_capacity, try_zeroed};
use crate::units::{Bytes, ContainerCount, Status};

/// `sizeof(CLFS_MGMT_POLICY)`: the shortest policy.
pub const POLICY_BYTES: usize = 24;
/// `CLFS_MGMT_POLICY_VERSION`.
const POLICY_VERSION: u32 = 1;
/// `LOG_POLICY_OVERWRITE`.
const OVERWRITE: u32 = 1;

/// Where the fields are.
pub(crate) const LENGTH_AT: usize = 4;
pub(crate) const FLAGS_AT: usize = 8;
pub(crate) const KIND_AT: usize = 12;
pub(crate) const PARAMETERS_AT: usize = 16;
pub(crate) const SECOND_PARAMETER_AT: usize = 20;
pub(crate) const TEXT_AT: usize = 18;

/// The longest text that is taken.
const TEXT_BYTES_MAX: usize = 2 * Name::UNITS_MAX;
/// As many bytes of a policy as are ever looked at; of a longer one the rest needs no copy.
pub const POLICY_BYTES_MAX: usize = TEXT_AT + TEXT_BYTES_MAX;

/// A policy from the caller's structure: the first [`POLICY_BYTES_MAX`] bytes of it, and how long the caller said that
/// it is.
///
/// # Errors
/// * `INVALID_PARAMETER_3`: shorter than the structure.
/// * `INVALID_PARAMETER`: another version; a length in the structure that is shorter than it or longer than the buffer;
///   a kind that does not exist; parameters that are not valid; a text that is cut off or has half a character.
/// * `NOT_SUPPORTED`: a flag besides the one to overwrite.
/// * `OBJECT_PATH_NOT_FOUND`: a text that is too long. `INSUFFICIENT_RESOURCES`.
pub fn parse_policy(bytes: &[u8], length: usize) -> Result<(Policy, Existing), Status> {
    let fields = bytes.get(..POLICY_BYTES).ok_or(Status::INVALID_PARAMETER_3)?;
    if number_at(fields, 0) != POLICY_VERSION {
        return Err(Status::INVALID_PARAMETER);
    }
    let existing = match number_at(fields, FLAGS_AT) {
        0 => Existing::Keep,
        OVERWRITE => Existing::Overwrite,
        _ => return Err(Status::NOT_SUPPORTED),
    };
    let kind = PolicyKind::from_number(number_at(fields, KIND_AT)).ok_or(Status::INVALID_PARAMETER)?;
    if !(POLICY_BYTES..=length).contains(&crate::units::index(number_at(fields, LENGTH_AT))) {
        return Err(Status::INVALID_PARAMETER);
    }
    Ok((parse_parameters(kind, bytes, length)?, existing))
}

fn parse_parameters(kind: PolicyKind, bytes: &[u8], length: usize) -> Result<Policy, Status> {
    let first = number_at(bytes, PARAMETERS_AT);
    let second = number_at(bytes, SECOND_PARAMETER_AT);
    match kind {
        PolicyKind::MaximumSize => Ok(Policy::MaximumSize(ContainerCount(first))),
        PolicyKind::MinimumSize => Ok(Policy::MinimumSize(ContainerCount(first))),
        PolicyKind::NewContainerSize => Ok(Policy::NewContainerSize(Bytes(first.into()))),
        PolicyKind::GrowthRate => Policy::growth_rate(first, second),
        // The other way round than the growth rate: the percentage comes first.
        PolicyKind::LogTail => Policy::log_tail(first, second),
        PolicyKind::AutoShrink => Policy::auto_shrink(first),
        PolicyKind::AutoGrow => Ok(Policy::AutoGrow(first != 0)),
        PolicyKind::NewContainerSuffix => {
            Ok(Policy::NewContainerSuffix(u64::from_ne_bytes(array_at(bytes, PARAMETERS_AT))))
        }
        PolicyKind::NewContainerPrefix => parse_name(bytes, length).map(Policy::NewContainerPrefix),
        PolicyKind::NewContainerExtension => parse_name(bytes, length).map(Policy::NewContainerExtension),
    }
}

fn parse_name(bytes: &[u8], length: usize) -> Result<Name, Status> {
    let text_bytes = usize::from(u16::from_ne_bytes(array_at(bytes, PARAMETERS_AT)));
    let end = TEXT_AT.saturating_add(text_bytes);
    if end > length || !text_bytes.is_multiple_of(2) {
        return Err(Status::INVALID_PARAMETER);
    }
    if text_bytes > TEXT_BYTES_MAX {
        return Err(Status::OBJECT_PATH_NOT_FOUND);
    }
    let text = bytes.get(TEXT_AT..end).ok_or(Status::INVALID_PARAMETER)?;
    let mut units = try_with_capacity(text_bytes)?;
    for unit in text.chunks_exact(2) {
        try_push(&mut units, u16::from_ne_bytes(array_at(unit, 0)))?;
    }
    Name::new(&units)
}

fn number_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes(array_at(bytes, at))
}

/// The bytes at `at`, which are within the shortest structure.
fn array_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let found = bytes.get(at..).and_then(<[u8]>::first_chunk);
    debug_assert!(found.is_some());
    found.copied().unwrap_or([0; N])
}

/// How long the structure of a policy is.
pub fn policy_bytes(policy: &Policy) -> usize {
    let text = match policy {
        Policy::NewContainerPrefix(name) | Policy::NewContainerExtension(name) => name.units(),
        _ => &[],
    };
    TEXT_AT.saturating_add(text.len().saturating_mul(2)).max(POLICY_BYTES)
}

/// The structure of a policy; what is not used in it is 0.
///
/// # Errors
/// There is no memory.
pub fn write_policy(policy: &Policy) -> Result<Vec<u8>, Status> {
    let length = policy_bytes(policy);
    let mut bytes = try_zeroed(length)?;
    let kind = PolicyKind::ALL.iter().position(|kind| *kind == policy.kind()).unwrap_or_default();
    put(&mut bytes, 0, &POLICY_VERSION.to_ne_bytes());
    put(&mut bytes, LENGTH_AT, &saturated(length).to_ne_bytes());
    put(&mut bytes, KIND_AT, &saturated(kind).to_ne_bytes());
    write_parameters(policy, &mut bytes);
    Ok(bytes)
}

fn write_parameters(policy: &Policy, bytes: &mut [u8]) {
    let (first, second) = match policy {
        Policy::MaximumSize(count) | Policy::MinimumSize(count) | Policy::GrowthRate(Amount::Containers(count)) => {
            (count.0, 0)
        }
        Policy::NewContainerSize(size) => (u32::try_from(size.0).unwrap_or(u32::MAX), 0),
        Policy::GrowthRate(Amount::Percent(percent)) => (0, percent.get()),
        Policy::LogTail(Amount::Containers(count)) => (0, count.0),
        Policy::LogTail(Amount::Percent(percent)) | Policy::AutoShrink(percent) => (percent.get(), 0),
        Policy::AutoGrow(enabled) => (u32::from(*enabled), 0),
        Policy::NewContainerSuffix(number) => return put(bytes, PARAMETERS_AT, &number.to_ne_bytes()),
        Policy::NewContainerPrefix(name) | Policy::NewContainerExtension(name) => return write_name(name, bytes),
    };
    put(bytes, PARAMETERS_AT, &first.to_ne_bytes());
    put(bytes, SECOND_PARAMETER_AT, &second.to_ne_bytes());
}

fn write_name(name: &Name, bytes: &mut [u8]) {
    let length = u16::try_from(name.units().len().saturating_mul(2)).unwrap_or(u16::MAX);
    put(bytes, PARAMETERS_AT, &length.to_ne_bytes());
    let places = bytes.get_mut(TEXT_AT..).unwrap_or_default().chunks_exact_mut(2);
    for (place, unit) in places.zip(name.units()) {
        place.copy_from_slice(&unit.to_ne_bytes());
    }
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    let place = at.checked_add(value.len()).and_then(|end| bytes.get_mut(at..end));
    debug_assert!(place.is_some());
    if let Some(place) = place {
        place.copy_from_slice(value);
    }
}

fn saturated(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
