//! Policies: installing, querying, removing.
//!
//! A policy is written as numbers of 64 bits, so that it is aligned and nothing in it is not initialised.

use alloc::vec::Vec;
use core::mem::offset_of;
use core::ptr::null_mut;

use clfs_client_interface::Outcome;
use wdk_sys::ntddk::{ClfsMgmtInstallPolicy, ClfsMgmtQueryPolicy, ClfsMgmtRemovePolicy};
use wdk_sys::{
    _CLFS_MGMT_POLICY_TYPE, CLFS_MGMT_POLICY, CLFS_MGMT_POLICY_TYPE, NT_SUCCESS, NTSTATUS,
    STATUS_INSUFFICIENT_RESOURCES, STATUS_INVALID_PARAMETER_MIX,
};

use super::super::slots::Kind;
use super::super::text::{self, Wide};
use super::{Answer, Call, put, put_at};

/// A policy without a text.
const LENGTH: usize = size_of::<CLFS_MGMT_POLICY>();
/// Where the parameters begin: of a text its length, and then itself.
const PARAMETERS: usize = offset_of!(CLFS_MGMT_POLICY, PolicyParameters);
const TEXT: usize = PARAMETERS + 2;
const _: () = assert!(LENGTH == 24 && PARAMETERS == 16, "the structure is not what it was");
/// Most bytes of a policy's buffer.
const ROOM: usize = 0x1_0000;

/// A policy in a buffer.
struct Buffer(Vec<u64>);

impl Buffer {
    /// Zeros, at least so many bytes.
    fn new(bytes: usize) -> Result<Self, NTSTATUS> {
        let words = bytes.max(LENGTH).div_ceil(8);
        if bytes > ROOM {
            return Err(STATUS_INVALID_PARAMETER_MIX);
        }
        let mut buffer = Vec::new();
        buffer.try_reserve_exact(words).map_err(|_| STATUS_INSUFFICIENT_RESOURCES)?;
        buffer.resize(words, 0);
        Ok(Self(buffer))
    }

    /// Puts bytes somewhere.
    fn put(&mut self, at: usize, bytes: &[u8]) {
        for (place, byte) in (at..).zip(bytes) {
            if let Some(word) = self.0.get_mut(place / 8) {
                let mut inside = word.to_le_bytes();
                if let Some(to) = inside.get_mut(place % 8) {
                    *to = *byte;
                }
                *word = u64::from_le_bytes(inside);
            }
        }
    }

    fn byte(&self, at: usize) -> u8 {
        self.0.get(at / 8).and_then(|word| word.to_le_bytes().get(at % 8).copied()).unwrap_or(0)
    }

    fn u16(&self, at: usize) -> u16 {
        u16::from_le_bytes([self.byte(at), self.byte(at.saturating_add(1))])
    }

    fn u32(&self, at: usize) -> u32 {
        u32::from(self.u16(at)) | (u32::from(self.u16(at.saturating_add(2))) << 16)
    }

    fn u64(&self, at: usize) -> u64 {
        u64::from(self.u32(at)) | (u64::from(self.u32(at.saturating_add(4))) << 32)
    }
}

/// How a policy's parameters are laid out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Two numbers of 32 bits, of which the second is 0 where there is one only.
    Numbers,
    /// One of 64 bits.
    Long,
    Text,
}

fn form_of(kind: u32) -> Form {
    match type_of(kind) {
        _CLFS_MGMT_POLICY_TYPE::ClfsMgmtPolicyNewContainerSuffix => Form::Long,
        _CLFS_MGMT_POLICY_TYPE::ClfsMgmtPolicyNewContainerPrefix
        | _CLFS_MGMT_POLICY_TYPE::ClfsMgmtPolicyNewContainerExtension => Form::Text,
        _ => Form::Numbers,
    }
}

/// The same bits as the headers' enumeration, which has a sign with the WDK and has none with mingw-w64.
fn type_of(kind: u32) -> CLFS_MGMT_POLICY_TYPE {
    CLFS_MGMT_POLICY_TYPE::from_ne_bytes(kind.to_ne_bytes())
}

/// The policy of a call, and the length that is told of its buffer.
fn policy_of(call: &Call<'_>) -> Result<(Buffer, u32), NTSTATUS> {
    let kind: u32 = call.narrow(0)?;
    let wide = Wide::new(call.text, None)?;
    let text_bytes = u16::try_from(size_of_val(wide.units())).map_err(|_| STATUS_INVALID_PARAMETER_MIX)?;
    let fits = if form_of(kind) == Form::Text { TEXT.saturating_add(text_bytes.into()).max(LENGTH) } else { LENGTH };
    let fits = u32::try_from(fits).map_err(|_| STATUS_INVALID_PARAMETER_MIX)?;
    let given = |length: u32| if length == 0 { fits } else { length };
    let (told, own) = (given(call.narrow(5)?), given(call.narrow(6)?));
    // As long as it is told to be, or as it says itself that it is, if there is as much: nobody reads behind it then.
    let room = usize::try_from(told.max(fits)).map_err(|_| STATUS_INVALID_PARAMETER_MIX)?;
    let room = usize::try_from(own).ok().filter(|own| *own <= ROOM).map_or(room, |own| own.max(room));
    let mut policy = Buffer::new(room)?;
    let header: [u32; 4] = [call.narrow(4)?, own, call.narrow(3)?, kind];
    for (at, number) in (0..).step_by(4).zip(header) {
        policy.put(at, &number.to_le_bytes());
    }
    match form_of(kind) {
        Form::Numbers => {
            policy.put(PARAMETERS, &call.narrow::<u32>(1)?.to_le_bytes());
            policy.put(PARAMETERS + 4, &call.narrow::<u32>(2)?.to_le_bytes());
        }
        Form::Long => policy.put(PARAMETERS, &call.number(1).to_le_bytes()),
        Form::Text => {
            policy.put(PARAMETERS, &text_bytes.to_le_bytes());
            for (at, unit) in (TEXT..).step_by(2).zip(wide.units()) {
                policy.put(at, &unit.to_le_bytes());
            }
        }
    }
    Ok((policy, told))
}

pub(super) fn install(call: &Call<'_>, _: &mut Outcome) -> Answer {
    let log = Kind::Log.get(call.subject)?;
    let (mut policy, length) = policy_of(call)?;
    let policy = if call.number(7) == 0 { policy.0.as_mut_ptr().cast() } else { null_mut() };
    // SAFETY: IRQL <= APC_LEVEL; what CLFS gave out, or NULL; the policy's buffer has at least this length, or it is NULL.
    Ok(unsafe { ClfsMgmtInstallPolicy(log.cast(), policy, length) })
}

pub(super) fn query(call: &Call<'_>, outcome: &mut Outcome) -> Answer {
    /// Which pointers are NULL: the bits of a number.
    const NO_BUFFER: u64 = 1;
    const NO_LENGTH: u64 = 2;
    let log = Kind::Log.get(call.subject)?;
    let kind: u32 = call.narrow(0)?;
    let mut length: u32 = call.narrow(1)?;
    let mut buffer = Buffer::new(usize::try_from(length).map_err(|_| STATUS_INVALID_PARAMETER_MIX)?)?;
    let null = call.number(2);
    let policy = if null & NO_BUFFER == 0 { buffer.0.as_mut_ptr().cast() } else { null_mut() };
    let place = if null & NO_LENGTH == 0 { &raw mut length } else { null_mut() };
    // SAFETY: IRQL <= APC_LEVEL; what CLFS gave out, or NULL; the buffer has at least this length; both outlive the call.
    let status = unsafe { ClfsMgmtQueryPolicy(log.cast(), type_of(kind), policy, place) };
    if NT_SUCCESS(status) {
        put_policy(outcome, &buffer, kind);
    }
    // Also with an error: some tell what is needed, and with the others it is to be as it was.
    put_at(outcome, 5, length.into());
    Ok(status)
}

fn put_policy(outcome: &mut Outcome, policy: &Buffer, kind: u32) {
    let (first, second) = match form_of(kind) {
        Form::Numbers => (policy.u32(PARAMETERS).into(), policy.u32(PARAMETERS + 4).into()),
        Form::Long => (policy.u64(PARAMETERS), 0),
        Form::Text => (policy.u16(PARAMETERS).into(), 0),
    };
    put(outcome, [first, second, policy.u32(8).into(), policy.u32(0).into(), policy.u32(4).into()]);
    if form_of(kind) == Form::Text {
        let length = usize::from(policy.u16(PARAMETERS)) / 2;
        if let Ok(mut wide) = Wide::room(length) {
            for (unit, at) in wide.units_mut().iter_mut().zip((TEXT..).step_by(2)) {
                *unit = policy.u16(at);
            }
            text::answer(outcome, wide.units());
        }
    }
}

pub(super) fn remove(call: &Call<'_>, _: &mut Outcome) -> Answer {
    let log = Kind::Log.get(call.subject)?;
    // SAFETY: IRQL <= APC_LEVEL; what CLFS gave out, or NULL.
    Ok(unsafe { ClfsMgmtRemovePolicy(log.cast(), type_of(call.narrow(0)?)) })
}
