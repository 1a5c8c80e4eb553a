//! The clients: which are registered, with what, and what they are to do in their callbacks.
//!
//! Everything is in static memory, so that a callback finds its client's slot whenever it comes, be it after the end of the
//! registration: then it is seen to be stale.
//!
//! # Invariants
//! * [`COOKIES`] are written by `ClfsMgmtRegisterManagedClient` itself, so that a callback that comes before it returns can use the cookie.

use core::ffi::c_void;
use core::ptr::{null_mut, without_provenance_mut};
use core::sync::atomic::{AtomicPtr, Ordering};

use clfs_client_interface::{Callback, Reaction, Subject, slots};
use wdk_sys::{
    NTSTATUS, PVOID, STATUS_DEVICE_BUSY, STATUS_INSUFFICIENT_RESOURCES, STATUS_INVALID_HANDLE,
    STATUS_INVALID_PARAMETER_MIX,
};

use super::lock::Lock;
use super::shared::Shared;
use super::slots::{Object, length};

const COUNT: usize = length(slots::CLIENTS);
/// Most reactions that queue up for one kind of callback of one client.
const REACTIONS: usize = 16;

static CLIENTS: Lock<[Client; COUNT]> = Lock::new([const { Client::NEW }; COUNT]);
static COOKIES: [AtomicPtr<c_void>; COUNT] = [const { AtomicPtr::new(null_mut()) }; COUNT];

/// How far a client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Never,
    Registering,
    Registered,
    /// Deregistration was asked for and has not returned.
    Leaving,
    Gone,
}

struct Client {
    standing: Standing,
    /// Counts its registrations.
    generation: u16,
    /// The log file object of the last registration.
    log: Object,
    /// First come, first used; per kind of callback.
    reactions: [[Option<Shared<Reaction>>; REACTIONS]; Callback::OF_CLIENTS.len()],
}

impl Client {
    const NEW: Self = Self {
        standing: Standing::Never,
        generation: 0,
        log: Object::NULL,
        reactions: [const { [const { None }; REACTIONS] }; Callback::OF_CLIENTS.len()],
    };

    /// Whether it may be deregistered: also while its registration has not returned.
    fn is_here(&self) -> bool {
        matches!(self.standing, Standing::Registering | Standing::Registered)
    }

    fn queue(&mut self, callback: Callback) -> Option<&mut [Option<Shared<Reaction>>; REACTIONS]> {
        self.reactions.get_mut(usize::from(callback.code()))
    }
}

/// A registration, as a callback's data says it: in the bits of a pointer that nobody follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Registration {
    /// The client's slot.
    pub(crate) slot: u16,
    generation: u16,
}

/// In the third pair of bytes of a callback's data, so that other pointers are not taken for it; the callback is added.
const MARK: u16 = 0xC1F0;

impl Registration {
    /// The data of one of its callbacks.
    pub(crate) fn data(self, callback: Callback) -> PVOID {
        let words = [self.slot, self.generation, MARK | callback.code(), 0];
        let number = words.into_iter().rev().fold(0_usize, |number, word| (number << 16) | usize::from(word));
        without_provenance_mut(number)
    }

    /// The registration that data of this callback says, if it says one.
    pub(crate) fn of_data(data: PVOID, callback: Callback) -> Option<Self> {
        let word = |word: usize| u16::try_from(word & 0xFFFF).ok();
        let registration = Self { slot: word(data.addr())?, generation: word(data.addr() >> 16)? };
        (registration.data(callback) == data && usize::from(registration.slot) < COUNT).then_some(registration)
    }

    /// Whether it is the slot's last one, of this log, and has not ended.
    pub(crate) fn is_current(self, log: PVOID) -> bool {
        let clients = CLIENTS.lock();
        clients.get(usize::from(self.slot)).is_some_and(|client| {
            client.generation == self.generation
                && client.log == Object(log)
                && !matches!(client.standing, Standing::Never | Standing::Gone)
        })
    }
}

fn with<R>(slot: u16, action: impl FnOnce(&mut Client) -> Result<R, NTSTATUS>) -> Result<R, NTSTATUS> {
    let mut clients = CLIENTS.lock();
    action(clients.get_mut(usize::from(slot)).ok_or(STATUS_INVALID_HANDLE)?)
}

/// Begins a registration with this log; and where the cookie goes.
///
/// # Errors
/// `DEVICE_BUSY`: the slot's client is registered. `INVALID_HANDLE`: there is none of this number.
pub(crate) fn begin(slot: u16, log: PVOID) -> Result<(Registration, *mut PVOID), NTSTATUS> {
    let cookie = COOKIES.get(usize::from(slot)).ok_or(STATUS_INVALID_HANDLE)?;
    let generation = with(slot, |client| {
        if !matches!(client.standing, Standing::Never | Standing::Gone) {
            return Err(STATUS_DEVICE_BUSY);
        }
        client.standing = Standing::Registering;
        client.generation = client.generation.wrapping_add(1);
        client.log = Object(log);
        Ok(client.generation)
    })?;
    cookie.store(null_mut(), Ordering::Release);
    Ok((Registration { slot, generation }, cookie.as_ptr()))
}

/// The registration that was begun succeeded or failed.
pub(crate) fn registered(slot: u16, is_success: bool) {
    let _ = with(slot, |client| {
        client.standing = match client.standing {
            // A callback that came before has deregistered it.
            Standing::Leaving | Standing::Gone if is_success => client.standing,
            _ if is_success => Standing::Registered,
            _ => Standing::Never,
        };
        Ok(())
    });
}

/// Its cookie, be it stale; NULL for nobody.
///
/// # Errors
/// `INVALID_HANDLE`: the client was never registered.
pub(crate) fn cookie(subject: Subject) -> Result<PVOID, NTSTATUS> {
    match subject {
        Subject::Null => Ok(null_mut()),
        Subject::Raw(value) => {
            usize::try_from(value).map(without_provenance_mut).map_err(|_| STATUS_INVALID_PARAMETER_MIX)
        }
        Subject::Slot(slot) => with(slot, |client| {
            let cookie = COOKIES.get(usize::from(slot)).filter(|_| client.standing != Standing::Never);
            cookie.map(|cookie| cookie.load(Ordering::Acquire)).ok_or(STATUS_INVALID_HANDLE)
        }),
    }
}

/// Says that this client's deregistration is asked for; whether it was registered.
pub(crate) fn leaves(slot: u16) -> bool {
    let leaves = with(slot, |client| {
        let is_here = client.is_here();
        if is_here {
            client.standing = Standing::Leaving;
        }
        Ok(is_here)
    });
    leaves == Ok(true)
}

/// Deregistration has returned. Whoever does not leave any more stays as it is.
pub(crate) fn left(slot: u16, is_success: bool) {
    let _ = with(slot, |client| {
        if client.standing == Standing::Leaving {
            client.standing = if is_success { Standing::Gone } else { Standing::Registered };
        }
        Ok(())
    });
}

/// The slot of the client that is registered under this cookie; not of one that had the same and has gone.
pub(crate) fn slot_of(cookie: PVOID) -> Option<u16> {
    let clients = CLIENTS.lock();
    let mut numbered = (0_u16..).zip(clients.iter().zip(&COOKIES));
    let of_cookie = |one: &AtomicPtr<c_void>| !cookie.is_null() && one.load(Ordering::Acquire) == cookie;
    numbered.find(|(_, (client, one))| client.is_here() && of_cookie(one)).map(|(slot, _)| slot)
}

/// A registered client, from this slot on.
pub(crate) fn next_registered(from: u16) -> Option<u16> {
    let clients = CLIENTS.lock();
    let mut numbered = (0_u16..).zip(clients.iter()).skip(usize::from(from));
    numbered.find(|(_, client)| client.standing == Standing::Registered).map(|(slot, _)| slot)
}

/// Puts a reaction behind those that are there.
///
/// # Errors
/// `INSUFFICIENT_RESOURCES`: there are [`REACTIONS`]. `INVALID_HANDLE`: there is no such slot.
pub(crate) fn react(reaction: Shared<Reaction>) -> Result<(), NTSTATUS> {
    let (slot, callback) = (reaction.client, reaction.callback);
    with(slot, |client| {
        let free = client.queue(callback).and_then(|queue| queue.iter_mut().find(|place| place.is_none()));
        *free.ok_or(STATUS_INSUFFICIENT_RESOURCES)? = Some(reaction);
        Ok(())
    })
}

/// What a client does in the callback that has come now: its first reaction, which is dropped unless it is the last one.
pub(crate) fn next_reaction(slot: u16, callback: Callback) -> Option<Shared<Reaction>> {
    let next = with(slot, |client| {
        let Some(queue) = client.queue(callback) else {
            return Ok(None);
        };
        let is_last = matches!(queue, [_, None, ..]);
        if is_last {
            return Ok(queue.first().cloned().flatten());
        }
        let first = queue.first_mut().and_then(Option::take);
        queue.rotate_left(1);
        Ok(first)
    });
    next.ok().flatten()
}

/// Forgets what clients were to do.
pub(crate) fn clear_reactions() {
    for client in CLIENTS.lock().iter_mut() {
        client.reactions = Client::NEW.reactions;
    }
}

/// Forgets the cookies of clients that have gone: their slots are as never used. The generations go on.
pub(crate) fn forget() {
    for client in CLIENTS.lock().iter_mut().filter(|client| client.standing == Standing::Gone) {
        client.standing = Standing::Never;
    }
}
