//! A library over disks in memory.

use std::sync::Arc;

use clfsmgmt::host::HostPlatform;
use clfsmgmt::library::{
    AppendRequest, Area, AreaLimits, Disposition, Library, LogHandle, OpenRequest, Reach, Reading, Rights, RoomSource,
    Volume,
};
use clfsmgmt::log::RecordParts;
use clfsmgmt::manager::Manager;
use clfsmgmt::manager::ports::ClientCallbacks;
use clfsmgmt::units::{Bytes, Lsn, Status};

use crate::disk::Disk;
use crate::volume::MemoryVolume;

pub(crate) type TestVolume = MemoryVolume<Disk>;
type Setting = (HostPlatform, TestVolume, Nobody);
pub(crate) type TestArea = Area<Setting>;
pub(crate) type TestHandle = LogHandle<Setting>;
pub(crate) type TestLibrary = Library<Setting>;
pub(crate) type TestReading = Reading<Setting>;

/// No client registers here.
pub(crate) struct Nobody;

impl ClientCallbacks for Nobody {
    fn advance_tail(&self, _: Lsn) -> Status {
        Status::PENDING
    }

    fn log_growth_complete(&self, _: Status, _: bool) {}

    fn log_unpinned(&self) {}
}

pub(crate) fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

pub(crate) struct World {
    pub(crate) volume: TestVolume,
    pub(crate) library: TestLibrary,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::over(TestVolume::default())
    }

    pub(crate) fn over(volume: TestVolume) -> Self {
        let manager = Arc::new(Manager::new(HostPlatform::default()));
        Self { library: Library::new(manager, volume.clone()).unwrap(), volume }
    }

    pub(crate) fn open_for(&self, name: &str, access: Rights, disposition: Disposition) -> Result<u64, Status> {
        self.library.open(&OpenRequest {
            name: &wide(name),
            access,
            share: Rights::ALL,
            ignores_sharing: false,
            disposition,
            is_archived: false,
        })
    }

    pub(crate) fn open(&self, name: &str, disposition: Disposition) -> Result<u64, Status> {
        self.open_for(name, Rights::ALL, disposition)
    }

    pub(crate) fn always(&self, name: &str) -> u64 {
        self.open(name, Disposition::OpenAlways).unwrap_or_else(|status| panic!("{name}: {status}"))
    }

    pub(crate) fn find(&self, address: u64) -> Arc<TestHandle> {
        self.library.find(address).unwrap()
    }

    pub(crate) fn disk(&self, path: &str) -> Disk {
        self.volume.storage(&wide(path)).unwrap()
    }

    /// Every handle is closed with all that was made of it, and so is every log.
    pub(crate) fn assert_nothing_is_left(&self) {
        let library = &self.library;
        let disks_in_use = self.volume.count(|disk| disk.references() > 1);
        assert_eq!((self.volume.objects(), disks_in_use, library.manager().logs_attached()), (0, 0, 0));
    }
}

/// Adds containers until the log has `count`.
pub(crate) fn grow(handle: &TestHandle, count: usize) {
    let present = handle.log().with(|log| log.containers().count()).unwrap();
    for number in present..count {
        let outcome = handle.log().add_container(&wide(&format!("%BLF%\\c{number}")), Some(Bytes(1)));
        assert!(matches!(outcome, Ok(_) | Err(Status::OBJECT_NAME_COLLISION)), "{outcome:?}");
    }
}

pub(crate) const LIMITS: AreaLimits =
    AreaLimits { block_bytes: 256 * 1024, write_blocks_max: 1, read_blocks_max: u32::MAX };

pub(crate) fn area(handle: Arc<TestHandle>) -> Arc<TestArea> {
    Arc::new(TestArea::new(handle, LIMITS).unwrap())
}

pub(crate) fn append(
    area: &TestArea,
    data: &[u8],
    source: RoomSource,
    adjustments: &mut [i64],
    reach: Reach,
) -> Result<Lsn, Status> {
    let record = Some(RecordParts { data: &[data], undo_next: Lsn::INVALID, previous: Lsn::INVALID });
    area.append(AppendRequest { record, source, adjustments, reach }).map(Option::unwrap)
}

pub(crate) fn reserve(area: &TestArea, adjustments: &mut [i64]) -> Result<(), Status> {
    let request = AppendRequest { record: None, source: RoomSource::Free, adjustments, reach: Reach::Memory };
    area.append(request).map(drop)
}
