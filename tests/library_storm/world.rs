//! A library over disks in memory.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex};

use clfsmgmt::host::HostPlatform;
use clfsmgmt::library::{
    AppendRequest, Area, AreaLimits, Disposition, HandleObject, Library, LogHandle, OpenRequest, Reach, Reading,
    Rights, RoomSource, Volume,
};
use clfsmgmt::log::RecordParts;
use clfsmgmt::manager::Manager;
use clfsmgmt::manager::ports::ClientCallbacks;
use clfsmgmt::units::{Bytes, Lsn, Status};

use crate::disk::Disk;

pub(crate) type TestArea = Area<HostPlatform, TestVolume, Nobody>;
pub(crate) type TestHandle = LogHandle<HostPlatform, TestVolume, Nobody>;
pub(crate) type TestLibrary = Library<HostPlatform, TestVolume, Nobody>;
pub(crate) type TestReading = Reading<HostPlatform, TestVolume, Nobody>;

/// No client registers here.
pub(crate) struct Nobody;

impl ClientCallbacks for Nobody {
    fn advance_tail(&self, _: Lsn) -> Status {
        Status::PENDING
    }

    fn log_growth_complete(&self, _: Status, _: bool) {}

    fn log_unpinned(&self) {}
}

/// Somebody who is to fail: tells that it has come, and waits until it may go on.
pub(crate) type Refusal = (Sender<()>, Receiver<()>);

#[derive(Clone, Default)]
pub(crate) struct TestVolume {
    pub(crate) disks: Arc<Mutex<BTreeMap<Vec<u16>, Disk>>>,
    addresses: Arc<AtomicU64>,
    /// The next handle gets no object.
    pub(crate) refusal: Arc<Mutex<Option<Refusal>>>,
}

pub(crate) struct TestObject(u64);

impl HandleObject for TestObject {
    fn address(&self) -> u64 {
        self.0
    }
}

impl Volume for TestVolume {
    type Storage = Disk;
    type Object = TestObject;

    fn storage(&self, path: &[u16]) -> Result<Disk, Status> {
        Ok(self.disks.lock().unwrap().entry(path.to_vec()).or_default().clone())
    }

    fn object(&self, _: &Disk) -> Result<TestObject, Status> {
        let refusal = self.refusal.lock().unwrap().take();
        if let Some((has_come, may_go_on)) = refusal {
            has_come.send(()).unwrap();
            may_go_on.recv().unwrap();
            return Err(Status::INSUFFICIENT_RESOURCES);
        }
        Ok(TestObject(16 + self.addresses.fetch_add(16, Ordering::SeqCst)))
    }

    fn new_identity(&self) -> [u8; 16] {
        [3; 16]
    }

    fn is_same_path(&self, one: &[u16], other: &[u16]) -> bool {
        one == other
    }
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

    /// Every handle is closed, and so is every log.
    pub(crate) fn assert_nothing_is_left(&self) {
        let library = &self.library;
        assert_eq!((library.handles_open(), library.logs_open(), library.manager().logs_attached()), (0, 0, 0));
        assert!(library.areas().is_empty() && library.readings().is_empty());
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
