//! A library with one log in memory, whose storage can be made to fail, and clients that remember what they are told.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Receiver;

use clfsmgmt::host::HostPlatform;
use clfsmgmt::library::{
    AppendRequest, Area, AreaLimits, Disposition, HandleObject, Library, LogHandle, OpenRequest, Reach, Reading,
    Rights, RoomSource, Volume,
};
use clfsmgmt::log::RecordParts;
use clfsmgmt::manager::{Cookie, Manager};
use clfsmgmt::units::{Bytes, Lsn, Status};

use crate::faulty::Faulty;
use crate::listener::{Client, Told};
use crate::recorder::Recorder;

pub(crate) type TestArea = Area<HostPlatform, TestVolume, Client>;
pub(crate) type TestReading = Reading<HostPlatform, TestVolume, Client>;
pub(crate) type TestHandle = LogHandle<HostPlatform, TestVolume, Client>;

/// The one log that there is, whatever its path.
pub(crate) struct TestVolume {
    storage: Faulty<Recorder>,
    next_address: AtomicU64,
}

pub(crate) struct TestObject(u64);

impl HandleObject for TestObject {
    fn address(&self) -> u64 {
        self.0
    }
}

impl Volume for TestVolume {
    type Storage = Faulty<Recorder>;
    type Object = TestObject;

    fn storage(&self, _: &[u16]) -> Result<Self::Storage, Status> {
        Ok(self.storage.clone())
    }

    fn object(&self, _: &Self::Storage) -> Result<TestObject, Status> {
        Ok(TestObject(self.next_address.fetch_add(16, Ordering::Relaxed)))
    }

    fn new_identity(&self) -> [u8; 16] {
        [5; 16]
    }

    fn is_same_path(&self, one: &[u16], other: &[u16]) -> bool {
        one == other
    }
}

pub(crate) const LIMITS: AreaLimits =
    AreaLimits { block_bytes: 64 * 1024, write_blocks_max: 2, read_blocks_max: u32::MAX };

pub(crate) struct World {
    pub(crate) library: Library<HostPlatform, TestVolume, Client>,
    pub(crate) storage: Faulty<Recorder>,
}

impl World {
    pub(crate) fn new() -> Self {
        let manager = Arc::new(Manager::new(HostPlatform::default()));
        let storage = Faulty::new(Recorder::default());
        let volume = TestVolume { storage: storage.clone(), next_address: AtomicU64::new(16) };
        Self { library: Library::new(manager, volume).unwrap(), storage }
    }

    pub(crate) fn open(&self, part: &str, access: Rights) -> Arc<TestHandle> {
        let name: Vec<u16> = format!("log:folder/log{part}").encode_utf16().collect();
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
        let name: Vec<u16> = format!("%BLF%\\container{number}").encode_utf16().collect();
        handle.log().add_container(&name, Some(Bytes(1))).unwrap();
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
