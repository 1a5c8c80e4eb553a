//! The port of `foreign` on the base routines: values in, values out.

use alloc::vec::Vec;

use super::object::{LogObject, ReferencedObject, class, succeeded};
use super::routines::{BaseRoutines, unicode};
use super::scan::last_inactive;
use crate::abi::ClfsInformation;
use crate::exports::platform::ClientSecurity;
use crate::exports::pointers::address_of;
use crate::foreign::{Clfs, Extent, LogInformation, ObjectId};
use crate::units::memory::try_copied;
use crate::units::{Bytes, ContainerCount, Lsn, Status};

impl Clfs for &'static BaseRoutines {
    type Object = LogObject;
    type Handle = ReferencedObject;
    type Security = ClientSecurity;

    fn id(object: &LogObject) -> ObjectId {
        ObjectId(address_of(object.as_ptr()))
    }

    fn reference(&self, object: &LogObject) -> Result<ReferencedObject, Status> {
        object.reference()
    }

    fn log_information(&self, object: &LogObject) -> Result<LogInformation, Status> {
        object.information(self, class::BASIC_PHYSICAL).map(|information| log_information(&information))
    }

    fn stream_extent(&self, object: &LogObject) -> Result<Extent, Status> {
        object.information(self, class::BASIC).map(|information| extent(&information))
    }

    fn stream_number(&self, object: &LogObject) -> Result<u8, Status> {
        let mut stream = 0_u8;
        object.query(self, class::STREAM_IDENTIFIER, &mut stream).map(|()| stream)
    }

    fn with_base_path<R>(&self, object: &LogObject, use_path: impl FnOnce(&[u16]) -> R) -> Result<R, Status> {
        object.with_base_path(self, use_path)
    }

    fn add_container(&self, object: &LogObject, path: &[u16], size: Bytes) -> Result<(), Status> {
        // The routine's parameters are not constant.
        let (mut path, mut size) = (try_copied(path)?, size.0);
        let mut name = unicode(&mut path)?;
        // SAFETY: a log file object (its invariant); size and path outlive the call.
        succeeded(unsafe { (self.add_log_container)(object.as_ptr(), &raw mut size, &raw mut name) })
    }

    fn last_free_containers(&self, object: &LogObject, most: usize) -> Result<Vec<Vec<u16>>, Status> {
        last_inactive(self, object, most)
    }

    fn remove_container(&self, object: &LogObject, path: &[u16]) -> Result<(), Status> {
        let mut path = try_copied(path)?;
        let mut name = unicode(&mut path)?;
        // SAFETY: a log file object (its invariant); the name outlives the call.
        succeeded(unsafe { (self.remove_log_container)(object.as_ptr(), &raw mut name, 1) })
    }

    fn capture_security() -> Result<ClientSecurity, Status> {
        ClientSecurity::capture()
    }

    fn act_as<R>(security: &ClientSecurity, action: impl FnOnce() -> Result<R, Status>) -> Result<R, Status> {
        security.with(action)
    }
}

fn extent(information: &ClfsInformation) -> Extent {
    Extent { base: information.base.into(), last: information.last.into() }
}

/// What the routine said, as values. A number of bytes below 0 is none.
fn log_information(information: &ClfsInformation) -> LogInformation {
    /// `FILE_ATTRIBUTE_ARCHIVE`: the log has an archive tail.
    const ARCHIVE: u32 = 0x20;
    /// `FILE_ATTRIBUTE_DEDICATED`: the log is one stream.
    const DEDICATED: u32 = 0x100;
    let bytes = |number: i64| Bytes(u64::try_from(number).unwrap_or(0));
    let is_archived = information.attributes & ARCHIVE != 0;
    let archive_tail = Some(Lsn::from(information.min_archive_tail)).filter(|tail| is_archived && tail.is_valid());
    LogInformation {
        identity: information.identity,
        is_dedicated: information.attributes & DEDICATED != 0,
        containers: ContainerCount(information.total_containers),
        free_containers: ContainerCount(information.free_containers),
        container_size: Bytes(information.container_size),
        available: bytes(information.current_available),
        reserved: bytes(information.total_reservation),
        archive_tail,
        extent: extent(information),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::ClfsLsn;

    fn log(available: i64, attributes: u32, archive_tail: ClfsLsn) -> LogInformation {
        log_information(&ClfsInformation {
            total_available: 4 << 20,
            current_available: available,
            total_reservation: -1,
            base_file_size: 0,
            container_size: 1 << 20,
            total_containers: 4,
            free_containers: 2,
            total_clients: 1,
            attributes,
            flush_threshold: 0,
            sector_size: 512,
            min_archive_tail: archive_tail,
            base: ClfsLsn::NULL,
            last_flushed: ClfsLsn::NULL,
            last: ClfsLsn::NULL,
            restart: ClfsLsn::INVALID,
            identity: [0; 16],
        })
    }

    #[test]
    fn a_log_that_says_that_it_has_less_than_no_room_has_none() {
        assert_eq!(log(-1, 0, ClfsLsn::NULL).available, Bytes(0));
        assert_eq!(log(7, 0, ClfsLsn::NULL).available, Bytes(7));
        assert_eq!(log(7, 0, ClfsLsn::NULL).reserved, Bytes(0));
    }

    #[test]
    fn an_archive_tail_counts_only_in_a_log_that_is_archived() {
        assert_eq!(log(0, 0x100, ClfsLsn::NULL).archive_tail, None);
        assert_eq!(log(0, 0x20, ClfsLsn::NULL).archive_tail, Some(Lsn::NULL));
        assert_eq!(log(0, 0x20, ClfsLsn::INVALID).archive_tail, None);
    }
}
