//! A log that somebody else keeps: what can be known of it, and done with it, through the base routines.
//!
//! Whatever is known comes from the handles that management was given. A stream without one is not seen. That it pins
//! shows all the same: the physical log's base then stays behind every tail that is seen, and such a pin is given to
//! the engine as the tail of a stream that no client can have, [`UNSEEN`].

use alloc::vec::Vec;

use super::handles::{ATTRIBUTE_ARCHIVE, LogObject, OpenHandle, class};
use super::routines::BaseRoutines;
use crate::abi::ClfsInformation;
use crate::engine::LogView;
use crate::exports::platform::{ClientSecurity, ThePlatform};
use crate::manager::ports::{Guarded, ManagedLog, Platform};
use crate::units::memory::{OutOfMemory, try_push};
use crate::units::{Bytes, ContainerCount, Lsn, Status, StreamId};

type Shared<T> = <ThePlatform as Platform>::Shared<T>;
type Lock<T> = <ThePlatform as Platform>::Lock<T>;

/// Stands for all streams that are not seen: a place that the format has, above the highest number in use.
pub(super) const UNSEEN: StreamId = StreamId(123);
const _: () = assert!(UNSEEN.0 > StreamId::MAX.0);

/// How often a log is asked anew whose tails move while it is asked. What moves is no pin, so the last answer will do.
const LOOKS_MAX: u32 = 3;

/// What a handle is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// A registered client, or a call that is under way: counted.
    Hold,
    /// Policies were installed through it: once, until it is closed.
    Policies,
}

struct KnownHandle {
    handle: Shared<OpenHandle>,
    holds: u32,
    has_policies: bool,
}

/// A shared reference to a log; clones are the same log.
#[derive(Clone)]
pub(in crate::exports) struct ForeignLog(Shared<Parts>);

struct Parts {
    routines: BaseRoutines,
    name: Vec<u16>,
    /// Of whoever brought it under management: in its name workers add and remove containers.
    security: ClientSecurity,
    handles: Lock<Vec<KnownHandle>>,
}

impl ForeignLog {
    /// A log of which no handle is known yet. `name` is that of its base log file. The running thread's security is kept.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`, or what the system said about the security.
    pub(super) fn new(routines: BaseRoutines, name: Vec<u16>) -> Result<Self, Status> {
        let security = ClientSecurity::capture()?;
        let parts = Parts { routines, name, security, handles: ThePlatform::lock(Vec::new()) };
        Ok(Self(ThePlatform::share(parts)?))
    }

    pub(super) fn routines(&self) -> &BaseRoutines {
        &self.0.routines
    }

    /// Whether this is the same log.
    pub(super) fn is(&self, other: &Self) -> bool {
        core::ptr::eq(&raw const *self.0, &raw const *other.0)
    }

    /// Holds a handle once more.
    ///
    /// # Errors
    /// There is no memory.
    pub(super) fn hold(&self, handle: Shared<OpenHandle>) -> Result<(), OutOfMemory> {
        self.0.handles.with(|handles| {
            if let Some(known) = handles.iter_mut().find(|known| known.handle.object == handle.object) {
                known.holds = known.holds.saturating_add(1);
                return Ok(());
            }
            try_push(handles, KnownHandle { handle, holds: 1, has_policies: false })
        })
    }

    /// Policies were installed through a handle that is held.
    pub(super) fn note_policies(&self, object: LogObject) {
        self.0.handles.with(|handles| {
            for known in handles.iter_mut().filter(|known| known.handle.object == object) {
                known.has_policies = true;
            }
        });
    }

    /// Ends a use; answers the handle if that was the last of it, to be dropped with no lock held.
    pub(super) fn end_use(&self, object: LogObject, of: Use) -> Option<Shared<OpenHandle>> {
        self.0.handles.with(|handles| {
            let index = handles.iter().position(|known| known.handle.object == object)?;
            let known = handles.get_mut(index)?;
            match of {
                Use::Hold => known.holds = known.holds.saturating_sub(1),
                Use::Policies => known.has_policies = false,
            }
            let is_over = known.holds == 0 && !known.has_policies;
            is_over.then(|| handles.swap_remove(index).handle)
        })
    }

    /// The handle of an object, if it is in use: its address names nothing else as long as the answer exists.
    pub(super) fn handle_of(&self, object: LogObject) -> Option<Shared<OpenHandle>> {
        self.0.handles.with(|handles| {
            handles.iter().find(|known| known.handle.object == object).map(|known| known.handle.clone())
        })
    }

    /// Whether no handle is in use any more.
    pub(super) fn is_unused(&self) -> bool {
        self.0.handles.with(|handles| handles.is_empty())
    }

    /// Whether any handle still answers: after the last one was closed none does. One that lacks memory to answer is
    /// open: clients would never hear of their log again if it were taken for closed.
    pub(super) fn is_reachable(&self) -> bool {
        let is_open = |known: &KnownHandle| {
            let answer = known.handle.object.information(&self.0.routines, class::BASIC_PHYSICAL);
            matches!(answer, Ok(_) | Err(Status::INSUFFICIENT_RESOURCES))
        };
        self.0.handles.with(|handles| handles.iter().any(is_open))
    }

    /// Calls `attempt` with one handle after the other, until one answers something else than "access denied".
    ///
    /// # Errors
    /// `LOG_STATE_INVALID`: no handle is left. Else what `attempt` reported.
    pub(super) fn with_any<R>(&self, mut attempt: impl FnMut(LogObject) -> Result<R, Status>) -> Result<R, Status> {
        let mut outcome = Err(Status::LOG_STATE_INVALID);
        let mut index = 0_usize;
        // A clone keeps the object while it is used; no lock is held meanwhile, the routine may create files.
        while let Some(handle) = self.0.handles.with(|handles| handles.get(index).map(|known| known.handle.clone())) {
            outcome = attempt(handle.object);
            if !matches!(outcome, Err(Status::ACCESS_DENIED)) {
                break;
            }
            index = index.saturating_add(1);
        }
        outcome
    }

    fn physical(&self, handles: &[KnownHandle]) -> Option<ClfsInformation> {
        let query = |known: &KnownHandle| known.handle.object.information(&self.0.routines, class::BASIC_PHYSICAL);
        handles.iter().find_map(|known| query(known).ok())
    }

    fn note_all_seen(&self, view: &mut LogView, physical: &ClfsInformation, handles: &[KnownHandle]) -> bool {
        let mut has_changed = note_space(view, physical);
        for stream in (0..=StreamId::MAX.0).map(StreamId) {
            if let Ok(tail) = self.tail_of(stream, handles) {
                has_changed |= note_tail(view, stream, tail);
            }
        }
        has_changed
    }

    /// The tail of a stream; `Err` when none of its handles answers, which is no news.
    fn tail_of(&self, stream: StreamId, handles: &[KnownHandle]) -> Result<Option<Lsn>, ()> {
        let mut tail = Ok(None);
        for known in handles.iter().filter(|known| known.handle.stream == stream) {
            match known.handle.object.information(&self.0.routines, class::BASIC) {
                Ok(information) => return Ok(tail_in(&information)),
                Err(_) => tail = Err(()),
            }
        }
        tail
    }
}

impl ManagedLog for ForeignLog {
    fn observe(&self, view: &mut LogView) {
        self.0.handles.with(|handles| {
            // A log that cannot be asked has no news.
            let Some(mut physical) = self.physical(handles) else {
                return;
            };
            let mut has_changed = view.version == 0;
            let mut unseen = None;
            for _ in 0..LOOKS_MAX {
                has_changed |= self.note_all_seen(view, &physical, handles);
                unseen = unseen_tail(view, &physical);
                let Some(again) = unseen.and_then(|_| self.physical(handles)) else {
                    break;
                };
                if again.base == physical.base {
                    break;
                }
                // A tail moved between two questions: not somebody unseen, the first answer was old.
                physical = again;
                unseen = None;
            }
            has_changed |= note_tail(view, UNSEEN, unseen);
            view.version = view.version.saturating_add(u64::from(has_changed));
        });
    }

    fn add_container(&self, path: &[u16], size: Option<Bytes>) -> Result<(), Status> {
        self.0.security.with(|| self.add(path, size))
    }

    fn remove_container(&self) -> Result<(), Status> {
        self.0.security.with(|| self.remove())
    }

    fn with_log_name<R>(&self, use_name: impl FnOnce(&[u16]) -> R) -> R {
        use_name(&self.0.name)
    }
}

fn note<T: PartialEq>(place: &mut T, value: T) -> bool {
    let differs = *place != value;
    *place = value;
    differs
}

fn note_space(view: &mut LogView, physical: &ClfsInformation) -> bool {
    let has_containers = physical.total_containers > 0;
    let free = physical.free_containers.min(physical.total_containers);
    let archive_tail = archive_tail_in(physical);
    let base = Lsn::from(physical.base);
    let first = archive_tail.map_or(base, |tail| tail.min(base)).container();
    let mut has_changed = note(&mut view.containers, ContainerCount(physical.total_containers));
    has_changed |= note(&mut view.free_containers, ContainerCount(free));
    has_changed |= note(&mut view.spare_containers, ContainerCount(spare_containers(physical, free)));
    has_changed |= note(&mut view.container_size, Bytes(if has_containers { physical.container_size } else { 0 }));
    has_changed |= note(&mut view.first_container, first);
    has_changed |= note(&mut view.last_container, last_container(physical).max(first));
    has_changed |= note(&mut view.archive_tail, archive_tail);
    has_changed |= note(&mut view.reserved, Bytes(u64::try_from(physical.total_reservation).unwrap_or(0)));
    has_changed
}

/// Containers' worth of room, rounded to the nearest: what sector signatures and headers take is in no number that can
/// be asked for, and a free container is to count as one although less than its size can be written into it.
fn spare_containers(physical: &ClfsInformation, free: u32) -> u32 {
    let available = u64::try_from(physical.current_available).unwrap_or(0);
    let half = physical.container_size.checked_div(2).unwrap_or(0);
    let nearest = available.saturating_add(half).checked_div(physical.container_size).unwrap_or(0);
    u32::try_from(nearest).unwrap_or(u32::MAX).min(free)
}

/// The container that is being written. `LastLsn` is the next LSN: at a container's start nothing is in it yet.
fn last_container(physical: &ClfsInformation) -> u32 {
    let last = Lsn::from(physical.last);
    if !last.is_valid() {
        return 0;
    }
    let container = last.container();
    if last == Lsn::container_start(container) { container.saturating_sub(1) } else { container }
}

fn archive_tail_in(physical: &ClfsInformation) -> Option<Lsn> {
    let is_archived = physical.attributes & ATTRIBUTE_ARCHIVE != 0;
    Some(Lsn::from(physical.min_archive_tail)).filter(|tail| is_archived && tail.is_valid())
}

/// A stream's tail if it holds anything: its base is then below the next LSN.
fn tail_in(information: &ClfsInformation) -> Option<Lsn> {
    let (base, last) = (Lsn::from(information.base), Lsn::from(information.last));
    (base.is_valid() && last.is_valid() && base < last).then_some(base)
}

fn note_tail(view: &mut LogView, stream: StreamId, tail: Option<Lsn>) -> bool {
    // A virtual LSN may name a container below the one where its record lies; that one is gone already.
    let tail = tail.map(|tail| tail.max(Lsn::container_start(view.first_container)));
    let differs = view.tail(stream) != tail;
    view.set_tail(stream, tail);
    differs
}

/// What the physical log's base says of streams that are not seen: if it is behind all that is, somebody else holds it.
fn unseen_tail(view: &LogView, physical: &ClfsInformation) -> Option<Lsn> {
    let base = Lsn::from(physical.base);
    let seen = view.tails().filter(|(stream, _)| *stream != UNSEEN).map(|(_, tail)| tail);
    let oldest_seen = seen.chain(view.archive_tail).map(Lsn::container).min().unwrap_or(view.last_container);
    let is_held = base.is_valid() && base.container() < oldest_seen.min(view.last_container);
    is_held.then_some(base)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::ClfsLsn;

    fn log(available: i64, base: Lsn, last: Lsn) -> ClfsInformation {
        ClfsInformation {
            total_available: 4 << 20,
            current_available: available,
            total_reservation: 0,
            base_file_size: 0,
            container_size: 1 << 20,
            total_containers: 4,
            free_containers: 2,
            total_clients: 1,
            attributes: 0,
            flush_threshold: 0,
            sector_size: 512,
            min_archive_tail: ClfsLsn::NULL,
            base: base.into(),
            last_flushed: last.into(),
            last: last.into(),
            restart: ClfsLsn::INVALID,
            identity: [0; 16],
        }
    }

    #[test]
    fn spare_containers_are_the_room_to_the_nearest_container_and_never_more_than_are_free() {
        let spare = |available| spare_containers(&log(available, Lsn::NULL, Lsn::NULL), 2);
        assert_eq!([spare(-1), spare(0), spare((1 << 19) - 1), spare(1 << 19)], [0, 0, 0, 1]);
        assert_eq!([spare((1 << 20) - 4096), spare(2 << 20), spare(9 << 20)], [1, 2, 2]);
        assert_eq!(spare_containers(&ClfsInformation { container_size: 0, ..log(9, Lsn::NULL, Lsn::NULL) }, 2), 0);
    }

    #[test]
    fn a_container_in_which_nothing_is_yet_is_not_the_last() {
        let last = |lsn| last_container(&log(0, Lsn::NULL, lsn));
        assert_eq!(last(Lsn::container_start(5)), 4);
        assert_eq!(last(Lsn::new(5, 512, 0).unwrap()), 5);
        assert_eq!([last(Lsn::NULL), last(Lsn::INVALID)], [0, 0]);
    }

    #[test]
    fn a_stream_holds_something_while_its_base_is_below_the_next_lsn() {
        let (one, two) = (Lsn::container_start(1), Lsn::container_start(2));
        assert_eq!(tail_in(&log(0, one, two)), Some(one));
        assert_eq!([tail_in(&log(0, two, two)), tail_in(&log(0, one, Lsn::INVALID))], [None, None]);
    }

    #[test]
    fn an_archive_tail_counts_only_in_a_log_that_is_archived() {
        let ephemeral = log(0, Lsn::NULL, Lsn::NULL);
        assert_eq!(archive_tail_in(&ephemeral), None);
        let archived = ClfsInformation { attributes: ATTRIBUTE_ARCHIVE, ..ephemeral };
        assert_eq!(archive_tail_in(&archived), Some(Lsn::NULL));
        assert_eq!(archive_tail_in(&ClfsInformation { min_archive_tail: ClfsLsn::INVALID, ..archived }), None);
    }
}
