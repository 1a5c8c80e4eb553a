//! A library with one log in memory, whose storage can be made to fail, and clients that remember what they are told.

use std::sync::Arc;
use std::sync::mpsc::Receiver;

use clfsmgmt::host::HostPlatform;
use clfsmgmt::library::{
    AppendRequest, Area, AreaLimits, Disposition, Library, LogHandle, OpenRequest, Reach, Reading, Rights, RoomSource,
    Volume,
};
use clfsmgmt::log::RecordParts;
use clfsmgmt::manager::{Cookie, Manager};
use clfsmgmt::units::{Bytes, Lsn, Status};

use crate::faulty::Faulty;
use crate::listener::{Client, Told};
use crate::recorder::Recorder;
use crate::volume::MemoryVolume;

type Setting = (HostPlatform, MemoryVolume<Faulty<Recorder>>, Client);
pub(crate) type TestArea = Area<Setting>;
pub(crate) type TestReading = Reading<Setting>;
pub(crate) type TestHandle = LogHandle<Setting>;

pub(crate) const LIMITS: AreaLimits =
    AreaLimits { block_bytes: 64 * 1024, write_blocks_max: 2, read_blocks_max: u32::MAX };

const PATH: &str = "folder/log";

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

pub(crate) struct World {
    pub(crate) library: Library<Setting>,
    /// Of the one log that there is.
    pub(crate) storage: Faulty<Recorder>,
}

impl World {
    pub(crate) fn new() -> Self {
        let manager = Arc::new(Manager::new(HostPlatform::default()));
        let volume = MemoryVolume::default();
        let storage = volume.storage(&wide(PATH)).unwrap();
        Self { library: Library::new(manager, volume).unwrap(), storage }
    }

    pub(crate) fn open(&self, part: &str, access: Rights) -> Arc<TestHandle> {
        let name = wide(&format!("log:{PATH}{part}"));
        let request = OpenRequest {
            name: &name,
            access,
            share: Rights::ALL,
            ignores_sharing: false,
            disposition: Disposition::OpenAlways,
            is_archived: false,
        };
        self.library.find(self.library.open(&request).unwrap()).unwrap()
    }

    /// A handle of a log with that many containers.
    pub(crate) fn ready(&self, part: &str, containers: u32) -> Arc<TestHandle> {
        let handle = self.open(part, Rights::ALL);
        add_containers(&handle, 0..containers);
        handle
    }

    /// Whether somebody holds the storage besides the volume and this.
    pub(crate) fn is_log_in_use(&self) -> bool {
        self.storage.inner.references() > 2
    }

    pub(crate) fn work_off(&self) {
        let manager = self.library.manager();
        manager.platform().queue().work_off(|key| manager.drain(key));
    }
}

pub(crate) fn register(handle: &TestHandle) -> (Cookie, Receiver<Told>) {
    let (client, told) = Client::new();
    let (manager, key) = handle.log().management();
    (manager.register(key, handle.stream(), client).unwrap(), told)
}

pub(crate) fn add_containers(handle: &TestHandle, numbers: std::ops::Range<u32>) {
    for number in numbers {
        handle.log().add_container(&wide(&format!("%BLF%\\container{number}")), Some(Bytes(1))).unwrap();
    }
}

pub(crate) fn area(handle: &Arc<TestHandle>) -> Arc<TestArea> {
    Arc::new(TestArea::new(Arc::clone(handle), LIMITS).unwrap())
}

pub(crate) fn parts<'a>(data: &'a [&'a [u8]]) -> RecordParts<'a> {
    RecordParts { data, undo_next: Lsn::INVALID, previous: Lsn::INVALID }
}

pub(crate) fn append_from(area: &TestArea, data: &[u8], source: RoomSource) -> Result<Lsn, Status> {
    let pieces = [data];
    let record = Some(parts(&pieces));
    let request = AppendRequest { record, source, adjustments: &mut [], reach: Reach::Memory };
    area.append(request).map(Option::unwrap)
}

pub(crate) fn append(area: &TestArea, data: &[u8]) -> Result<Lsn, Status> {
    append_from(area, data, RoomSource::Free)
}

pub(crate) fn reserve(area: &TestArea, adjustments: &mut [i64]) -> Result<(), Status> {
    let request = AppendRequest { record: None, source: RoomSource::Free, adjustments, reach: Reach::Memory };
    area.append(request).map(|lsn| assert_eq!(lsn, None))
}
