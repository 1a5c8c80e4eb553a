//! The storage below the simulated log: it remembers, it fails, and other threads come between its slow calls.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use clfsmgmt::log::storage::{Access, Storage};
use clfsmgmt::units::{Bytes, Status};

use crate::faulty::{Faulty, FaultyFile};
use crate::platform::locks_held;
use crate::recorder::{RecordedFile, Recorder};
use crate::world::World;

#[derive(Clone, Default)]
pub(crate) struct Port {
    pub(crate) below: Faulty<Recorder>,
    /// Told of containers, once the log is open.
    pub(crate) world: Rc<RefCell<Weak<World>>>,
}

impl Port {
    pub(crate) fn new(below: Recorder) -> Self {
        Self { below: Faulty::new(below), world: Rc::default() }
    }
}

impl Storage for Port {
    type File = FaultyFile<RecordedFile>;

    fn create_base(&self) -> Result<Self::File, Status> {
        self.below.create_base()
    }

    fn open_base(&self, access: Access) -> Result<Self::File, Status> {
        self.below.open_base(access)
    }

    fn create_container(&self, path: &[u16], size: Bytes) -> Result<Self::File, Status> {
        assert_eq!(locks_held(), 0, "a container is created under a lock");
        let world = self.world.borrow().upgrade();
        if let Some(world) = &world {
            world.check_growth();
            world.let_others_in();
        }
        let created = self.below.create_container(path, size);
        if let Some(world) = &world {
            world.let_others_in();
        }
        created
    }

    fn open_container(&self, path: &[u16], access: Access) -> Result<Self::File, Status> {
        self.below.open_container(path, access)
    }

    fn delete_container(&self, path: &[u16]) -> Result<(), Status> {
        self.below.delete_container(path)
    }

    fn delete_base(&self) -> Result<(), Status> {
        self.below.delete_base()
    }
}
