//! What the driver holds of CLFS: logs, marshalling areas, read contexts, each in a numbered slot.
//!
//! # Invariants
//! * A slot is [`Place::Claimed`] while a routine that makes or ends its object runs: nobody else gets the object then.
//! * Whoever got it before may still be using it. That is not prevented: a callback may end what the call that it came
//!   from is using, which CLFS allows. Who drives the driver does not end in one thread what another one uses.

use clfs_client_interface::{Subject, slots};
use wdk_sys::{NTSTATUS, PVOID, STATUS_DEVICE_BUSY, STATUS_INVALID_HANDLE, STATUS_INVALID_PARAMETER_MIX};

use super::lock::Lock;

/// A slot's kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Log,
    Area,
    Context,
}

/// What CLFS gave out: handed back to it, never followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Object(pub(crate) PVOID);

// SAFETY: a name that any thread may hand to CLFS.
unsafe impl Send for Object {}
// SAFETY: as above.
unsafe impl Sync for Object {}

impl Object {
    /// NULL.
    pub(crate) const NULL: Self = Self(core::ptr::null_mut());
}

#[derive(Clone, Copy)]
enum Place {
    Free,
    Claimed,
    Holds(Object),
}

/// So many slots, as the length of an array.
pub(crate) const fn length(count: u16) -> usize {
    #[expect(clippy::as_conversions, reason = "lossless, and no conversion is const")]
    {
        count as usize
    }
}

type Places<const COUNT: usize> = Lock<[Place; COUNT]>;

static LOGS: Places<{ length(slots::LOGS) }> = Lock::new([Place::Free; _]);
static AREAS: Places<{ length(slots::AREAS) }> = Lock::new([Place::Free; _]);
static CONTEXTS: Places<{ length(slots::CONTEXTS) }> = Lock::new([Place::Free; _]);

impl Kind {
    /// Has `action` look at all places of this kind.
    fn with<R>(self, action: impl FnOnce(&mut [Place]) -> R) -> R {
        match self {
            Self::Log => action(&mut *LOGS.lock()),
            Self::Area => action(&mut *AREAS.lock()),
            Self::Context => action(&mut *CONTEXTS.lock()),
        }
    }

    /// Changes one place by `change`, which says what is to be there and what is answered.
    fn change<R>(self, slot: u16, change: impl FnOnce(Place) -> Result<(Place, R), NTSTATUS>) -> Result<R, NTSTATUS> {
        self.with(|places| {
            let place = places.get_mut(usize::from(slot)).ok_or(STATUS_INVALID_HANDLE)?;
            let (after, answer) = change(*place)?;
            *place = after;
            Ok(answer)
        })
    }

    /// What is in the slot; NULL for no slot.
    ///
    /// # Errors
    /// `INVALID_HANDLE`: nothing is. `INVALID_PARAMETER_MIX`: a pointer that was made up is not followed.
    pub(crate) fn get(self, subject: Subject) -> Result<PVOID, NTSTATUS> {
        match subject {
            Subject::Null => Ok(Object::NULL.0),
            Subject::Raw(_) => Err(STATUS_INVALID_PARAMETER_MIX),
            Subject::Slot(slot) => self.change(slot, |place| match place {
                Place::Holds(object) => Ok((place, object.0)),
                Place::Free | Place::Claimed => Err(STATUS_INVALID_HANDLE),
            }),
        }
    }

    /// Claims a free slot for what is about to be made.
    ///
    /// # Errors
    /// `DEVICE_BUSY`: it is not free. `INVALID_HANDLE`: there is none of this number. `INVALID_PARAMETER_MIX`: none was named.
    pub(crate) fn claim(self, subject: Subject) -> Result<Claim, NTSTATUS> {
        let Subject::Slot(slot) = subject else {
            return Err(STATUS_INVALID_PARAMETER_MIX);
        };
        self.change(slot, |place| match place {
            Place::Free => Ok((Place::Claimed, ())),
            Place::Claimed | Place::Holds(_) => Err(STATUS_DEVICE_BUSY),
        })?;
        Ok(Claim { kind: self, slot: Some(slot), after: Place::Free })
    }

    /// Takes out what is about to be ended, and it; NULL for no slot.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub(crate) fn take(self, subject: Subject) -> Result<(Claim, PVOID), NTSTATUS> {
        let Subject::Slot(slot) = subject else {
            return Ok((Claim { kind: self, slot: None, after: Place::Free }, self.get(subject)?));
        };
        let object = self.change(slot, |place| match place {
            Place::Holds(object) => Ok((Place::Claimed, object)),
            Place::Free | Place::Claimed => Err(STATUS_INVALID_HANDLE),
        })?;
        Ok((Claim { kind: self, slot: Some(slot), after: Place::Free }, object.0))
    }

    /// A slot that holds something, from this one on.
    pub(crate) fn next_held(self, from: u16) -> Option<u16> {
        self.with(|places| {
            let mut numbered = (0_u16..).zip(places.iter()).skip(usize::from(from));
            numbered.find(|(_, place)| matches!(place, Place::Holds(_))).map(|(slot, _)| slot)
        })
    }
}

/// A slot that nobody else can use. It is free afterwards, unless it was said otherwise.
pub(crate) struct Claim {
    kind: Kind,
    slot: Option<u16>,
    after: Place,
}

impl Claim {
    /// The slot holds this from now on.
    pub(crate) fn keep(mut self, object: PVOID) {
        self.after = Place::Holds(Object(object));
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if let Some(slot) = self.slot {
            let after = self.after;
            // The place exists: it was claimed.
            let _ = self.kind.change(slot, |_| Ok((after, ())));
        }
    }
}
