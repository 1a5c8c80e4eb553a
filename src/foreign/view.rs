//! A log's snapshot, from what its handles return.
//!
//! Whatever is known comes from the handles that management was given. A stream without one is not seen. That it pins
//! shows all the same: the physical log's base then stays behind every tail that is seen, and such a pin is given to
//! the engine as the tail of a stream that no client can have, [`UNSEEN`].

use super::clfs::{Extent, LogInformation};
use crate::engine::LogView;
use crate::units::{Bytes, ContainerCount, Lsn, StreamId};

/// Stands for all streams that are not seen: a place that the format has, above the highest number in use.
pub const UNSEEN: StreamId = StreamId(123);
const _: () = assert!(UNSEEN.0 > StreamId::MAX.0);

fn note<T: PartialEq>(place: &mut T, value: T) -> bool {
    let differs = *place != value;
    *place = value;
    differs
}

/// Notes the space; returns whether it has changed.
pub(super) fn note_space(view: &mut LogView, log: &LogInformation) -> bool {
    let has_containers = log.containers.0 > 0;
    let free = log.free_containers.min(log.containers);
    let first = log.archive_tail.map_or(log.extent.base, |tail| tail.min(log.extent.base)).container();
    let mut has_changed = note(&mut view.containers, log.containers);
    has_changed |= note(&mut view.free_containers, free);
    has_changed |= note(&mut view.spare_containers, spare_containers(log, free));
    has_changed |= note(&mut view.container_size, if has_containers { log.container_size } else { Bytes(0) });
    has_changed |= note(&mut view.first_container, first);
    has_changed |= note(&mut view.last_container, last_container(log.extent.last).max(first));
    has_changed |= note(&mut view.archive_tail, log.archive_tail);
    has_changed |= note(&mut view.reserved, log.reserved);
    has_changed
}

/// Containers' worth of room, rounded to the nearest: what sector signatures and headers take is in no number that can
/// be asked for, and a free container is to count as one although less than its size can be written into it.
fn spare_containers(log: &LogInformation, free: ContainerCount) -> ContainerCount {
    let size = log.container_size.0;
    let half = size.checked_div(2).unwrap_or(0);
    let nearest = log.available.0.saturating_add(half).checked_div(size).unwrap_or(0);
    ContainerCount(u32::try_from(nearest).unwrap_or(u32::MAX)).min(free)
}

/// The container that is being written, from the next LSN: at a container's start nothing is in it yet.
fn last_container(last: Lsn) -> u32 {
    if !last.is_valid() {
        return 0;
    }
    let container = last.container();
    if last == Lsn::container_start(container) { container.saturating_sub(1) } else { container }
}

/// A stream's tail if it holds anything: its base is then below the next LSN.
pub(super) fn tail_in(Extent { base, last }: Extent) -> Option<Lsn> {
    (base.is_valid() && last.is_valid() && base < last).then_some(base)
}

/// Notes a stream's tail; returns whether it has changed.
pub(super) fn note_tail(view: &mut LogView, stream: StreamId, tail: Option<Lsn>) -> bool {
    // A virtual LSN may name a container below the one where its record lies; that one is gone already.
    let tail = tail.map(|tail| tail.max(Lsn::container_start(view.first_container)));
    let differs = view.tail(stream) != tail;
    view.set_tail(stream, tail);
    differs
}

/// Whether a stream's tail is behind the physical log's base: it has moved on since it was noted, to where is not
/// known. If the stream holds the log all the same, it is one that is not seen.
pub(super) fn is_passed(view: &LogView, stream: StreamId, base: Lsn) -> bool {
    base.is_valid() && view.tail(stream).is_some_and(|tail| tail.container() < base.container())
}

/// What the physical log's base says of streams that are not seen: if it is behind all that is, somebody else holds it.
pub(super) fn unseen_tail(view: &LogView, log: &LogInformation) -> Option<Lsn> {
    let base = log.extent.base;
    let seen = view.tails().filter(|(stream, _)| *stream != UNSEEN).map(|(_, tail)| tail);
    let oldest_seen = seen.chain(view.archive_tail).map(Lsn::container).min().unwrap_or(view.last_container);
    let is_held = base.is_valid() && base.container() < oldest_seen.min(view.last_container);
    is_held.then_some(base)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spare(available: u64, container_size: u64) -> u32 {
        let log = LogInformation {
            identity: [0; 16],
            is_dedicated: false,
            containers: ContainerCount(4),
            free_containers: ContainerCount(2),
            container_size: Bytes(container_size),
            available: Bytes(available),
            reserved: Bytes(0),
            archive_tail: None,
            extent: Extent { base: Lsn::NULL, last: Lsn::NULL },
        };
        spare_containers(&log, ContainerCount(2)).0
    }

    #[test]
    fn spare_containers_are_the_room_to_the_nearest_container_and_never_more_than_are_free() {
        let of_mebibytes = |available| spare(available, 1 << 20);
        assert_eq!([0, (1 << 19) - 1, 1 << 19].map(of_mebibytes), [0, 0, 1]);
        assert_eq!([(1 << 20) - 4096, 2 << 20, 9 << 20].map(of_mebibytes), [1, 2, 2]);
        assert_eq!(spare(9, 0), 0);
    }

    #[test]
    fn a_container_in_which_nothing_is_yet_is_not_the_last() {
        assert_eq!(last_container(Lsn::container_start(5)), 4);
        assert_eq!(last_container(Lsn::new(5, 512, 0).unwrap()), 5);
        assert_eq!([last_container(Lsn::NULL), last_container(Lsn::INVALID)], [0, 0]);
    }

    #[test]
    fn a_stream_holds_something_while_its_base_is_below_the_next_lsn() {
        let (one, two) = (Lsn::container_start(1), Lsn::container_start(2));
        let tail = |base, last| tail_in(Extent { base, last });
        assert_eq!(tail(one, two), Some(one));
        assert_eq!([tail(two, two), tail(one, Lsn::INVALID)], [None, None]);
    }
}
