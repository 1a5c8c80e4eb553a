//! The names under which logs and clients are known outside: slot and generation, checked, never dereferenced.

use crate::engine::{ClientKey, ClientSlot};

/// A cookie's bits: the log's slot, from here on the client's, from here on its generation.
const CLIENT_SHIFT: u32 = 16;
const GENERATION_SHIFT: u32 = 32;

/// Names one attachment of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LogKey {
    pub(super) slot: u16,
    pub(super) generation: u32,
}

/// Names one registration of a client: what `CLFS_MGMT_CLIENT` holds. 0 names no client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cookie(u64);

impl Cookie {
    /// The cookie of no client.
    pub const NULL: Self = Self(0);

    pub(super) fn new(log_slot: u16, client: ClientKey) -> Self {
        Self(
            u64::from(log_slot)
                | u64::from(client.slot.0) << CLIENT_SHIFT
                | u64::from(client.generation) << GENERATION_SHIFT,
        )
    }

    /// The cookie with this value; callers may pass any.
    pub const fn from_raw(raw: u64) -> Self {
        Self(raw)
    }

    /// The value.
    pub const fn raw(self) -> u64 {
        self.0
    }

    /// Whether this is the cookie of no client.
    pub const fn is_null(self) -> bool {
        self.0 == 0
    }

    pub(super) fn log_slot(self) -> u16 {
        low_word(self.0)
    }

    pub(super) fn client(self) -> ClientKey {
        ClientKey {
            slot: ClientSlot(low_word(self.0 >> CLIENT_SHIFT)),
            generation: u32::try_from(self.0 >> GENERATION_SHIFT).unwrap_or(0),
        }
    }
}

fn low_word(value: u64) -> u16 {
    u16::try_from(value & u64::from(u16::MAX)).unwrap_or(0)
}
