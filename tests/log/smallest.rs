//! The smallest logs that work, in memory.

use clfsmgmt::log::Log;
use clfsmgmt::units::StreamId;

use crate::model::ready;
use crate::recorder::Recorder;

/// The stream of a dedicated log.
pub(crate) const ONLY: StreamId = StreamId::PHYSICAL;

pub(crate) fn dedicated() -> Log<Recorder> {
    ready(Recorder::default(), 0, 2, 1).0
}

pub(crate) fn multiplexed() -> (Log<Recorder>, StreamId) {
    let (log, ids) = ready(Recorder::default(), 1, 2, 1);
    (log, ids[0])
}
