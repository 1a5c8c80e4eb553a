//! A manager with its workers, and the logs that it manages.

use clfsmgmt::engine::policy::{Existing, Policy};
use clfsmgmt::manager::{LogKey, Manager};
use clfsmgmt::units::{ContainerCount, Status, StreamId};
use shuttle::sync::Arc;

use crate::client::{Callbacks, Client, Told};
use crate::host::{HostPlatform, HostWorkerPool};
use crate::model::Model;

type TheManager = Manager<(HostPlatform, Model, Callbacks)>;

/// A managed log.
#[derive(Clone)]
pub(crate) struct Log {
    pub(crate) manager: Arc<TheManager>,
    pub(crate) key: LogKey,
    pub(crate) model: Model,
}

impl Log {
    pub(crate) fn changed(&self) {
        self.manager.handle_log_changed(self.key);
    }

    pub(crate) fn install(&self, policy: Policy) {
        self.manager.install_policy(self.key, policy, Existing::Overwrite).unwrap();
    }

    /// Registers a client of `stream`.
    pub(crate) fn client(
        &self,
        stream: u8,
        react: impl Fn(&Client, Told) -> Status + Send + Sync + 'static,
    ) -> Arc<Client> {
        self.try_client(stream, react).expect("it registers")
    }

    fn try_client(
        &self,
        stream: u8,
        react: impl Fn(&Client, Told) -> Status + Send + Sync + 'static,
    ) -> Option<Arc<Client>> {
        let client = Client::new(self, stream);
        let callbacks = Callbacks::new(&client, react);
        let cookie = self.manager.register(self.key, StreamId(stream), callbacks).ok()?;
        client.is_registered_as(cookie);
        Some(client)
    }

    /// A client that moves its tail as soon as it is asked.
    pub(crate) fn willing(&self, stream: u8) -> Arc<Client> {
        self.client(stream, |client, told| {
            if told == Told::Ask {
                client.moves();
            }
            Status::PENDING
        })
    }

    /// A client that can never move.
    pub(crate) fn unwilling(&self, stream: u8) -> Arc<Client> {
        self.client(stream, |_, told| if told == Told::Ask { Status::CANCELLED } else { Status::PENDING })
    }

    /// A client that answers nothing.
    pub(crate) fn silent(&self, stream: u8) -> Arc<Client> {
        self.try_silent(stream).expect("it registers")
    }

    /// As [`Log::silent`], if the log is still there.
    pub(crate) fn try_silent(&self, stream: u8) -> Option<Arc<Client>> {
        self.try_client(stream, |_, _| Status::PENDING)
    }
}

/// A manager with its two workers.
pub(crate) struct World(HostWorkerPool<Model, Callbacks>);

impl World {
    pub(crate) fn new() -> Self {
        Self(HostWorkerPool::start(|_| ()).unwrap())
    }

    /// As [`World::full_log`]; nobody is ever asked, so that it is pinned at once.
    pub(crate) fn pinned_log(&self) -> Log {
        let log = self.full_log(1);
        log.install(Policy::log_tail(0, 0).unwrap());
        log
    }

    /// A log of four containers that is full and cannot grow, held by its streams.
    pub(crate) fn full_log(&self, streams: u8) -> Log {
        let log = self.log(4, streams);
        log.install(Policy::MaximumSize(ContainerCount(4)));
        log
    }

    /// A full log of `total` containers.
    pub(crate) fn log(&self, total: u32, streams: u8) -> Log {
        let model = Model::full(total, streams);
        let manager = self.0.manager().clone();
        let key = manager.attach(model.clone()).unwrap();
        Log { manager, key, model }
    }

    /// Waits until the workers rest.
    pub(crate) fn rest(&self) {
        self.0.wait_idle();
    }

    pub(crate) fn logs_attached(&self) -> u32 {
        self.0.manager().logs_attached()
    }
}
