//! A tiny log with its clients, and everything that must hold whatever happens to it.

use std::vec::Vec;

use crate::engine::policy::{Existing, Policy};
use crate::engine::{Action, ClientKey, Engine, LogView, Outcome, RequestRefused};
use crate::units::{Bytes, ContainerCount, Lsn, Status, StreamId, Time};

/// How an action is performed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// Containers come; an asked client moves or refuses later.
    Well,
    /// Containers do not come; an asked client returns an error.
    Badly,
    /// An asked client moves its tail, or fails, before its callback returns an error all the same.
    Early,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A client finds the log full; `true` when the caller grows the log itself.
    Full(usize, bool),
    Perform(How),
    Refuse(usize, Status),
    Move(u8),
    Write,
    Gone(usize),
}

#[derive(Clone, Debug)]
struct Client {
    key: ClientKey,
    stream: u8,
    is_registered: bool,
    is_pending: bool,
    is_armed: bool,
    ask: Option<Lsn>,
}

#[derive(Clone)]
pub(super) struct World {
    pub(super) engine: Engine,
    clients: Vec<Client>,
    version: u64,
    total: u32,
    last: u32,
    /// The container of each stream's tail.
    tails: [u32; 3],
    promised: u32,
    now: u64,
}

pub(super) struct Setting {
    pub(super) streams: &'static [u8],
    pub(super) maximum: u32,
    pub(super) promised: u32,
    pub(super) policies: fn() -> Vec<Policy>,
}

impl World {
    /// A full log of three containers.
    pub(super) fn new(setting: &Setting) -> Self {
        let mut engine = Engine::new(1);
        let maximum = Policy::MaximumSize(ContainerCount(setting.maximum));
        for policy in (setting.policies)().into_iter().chain([maximum]) {
            engine.install_policy(policy, Existing::Keep).unwrap();
        }
        let clients = setting.streams.iter().map(|stream| Client {
            key: engine.register(StreamId(*stream)).unwrap(),
            stream: *stream,
            is_registered: true,
            is_pending: false,
            is_armed: false,
            ask: None,
        });
        let clients = clients.collect();
        let mut world = Self {
            engine,
            clients,
            version: 0,
            total: 3,
            last: 2,
            tails: [2, 0, 0],
            promised: setting.promised,
            now: 0,
        };
        world.show();
        world
    }

    fn free(&self) -> u32 {
        let first = self.tails.iter().min().unwrap();
        self.total - (self.last - first + 1)
    }

    pub(super) fn spare(&self) -> u32 {
        self.free().saturating_sub(self.promised)
    }

    fn show(&mut self) {
        self.version += 1;
        let mut view = LogView::unknown();
        view.version = self.version;
        view.containers = ContainerCount(self.total);
        view.free_containers = ContainerCount(self.free());
        view.spare_containers = ContainerCount(self.spare());
        view.container_size = Bytes(1 << 20);
        view.first_container = *self.tails.iter().min().unwrap();
        view.last_container = self.last;
        for (stream, tail) in (0..).zip(self.tails) {
            view.set_tail(StreamId(stream), Some(Lsn::container_start(tail)));
        }
        for client in &mut self.clients {
            let tail = Lsn::container_start(self.tails[usize::from(client.stream)]);
            client.ask = client.ask.filter(|target| tail < *target);
        }
        self.engine.handle_view(&view);
    }

    /// The events that can happen now.
    pub(super) fn possible(&self) -> Vec<Event> {
        let mut events = Vec::new();
        for (index, client) in self.clients.iter().enumerate() {
            if client.is_registered {
                events.extend([Event::Full(index, false), Event::Gone(index)]);
                if self.total < 4 && !client.is_pending {
                    events.push(Event::Full(index, true));
                }
            }
            if client.ask.is_some() {
                events.push(Event::Refuse(index, Status::UNSUCCESSFUL));
                events.push(Event::Refuse(index, Status::SUCCESS));
            }
        }
        if self.engine.has_action() {
            events.extend([How::Well, How::Badly, How::Early].map(Event::Perform));
        }
        for stream in [1, 2] {
            if self.tails[usize::from(stream)] < self.last {
                events.push(Event::Move(stream));
            }
        }
        if self.spare() > 0 {
            events.push(Event::Write);
        }
        events
    }

    pub(super) fn apply(&mut self, event: Event) {
        self.now += 1;
        match event {
            Event::Full(client, is_inline) => self.log_full(client, is_inline),
            Event::Perform(how) => self.perform_next(how),
            Event::Refuse(client, reason) => self.refuse(client, reason),
            Event::Move(stream) => self.move_tail(stream),
            Event::Write => {
                self.last += 1;
                self.tails[0] = self.last;
                self.show();
            }
            Event::Gone(client) => {
                let client = &mut self.clients[client];
                client.is_registered = false;
                (client.ask, client.is_pending, client.is_armed) = (None, false, false);
                self.engine.deregister(client.key).unwrap();
            }
        }
        assert!(!self.engine.is_stopped());
    }

    fn move_tail(&mut self, stream: u8) {
        self.tails[usize::from(stream)] = self.last;
        self.show();
    }

    fn refuse(&mut self, client: usize, reason: Status) {
        self.clients[client].ask = None;
        let key = self.clients[client].key;
        let now = Time(self.now);
        self.engine.handle_tail_failure(key, reason, now).unwrap();
    }

    fn log_full(&mut self, index: usize, is_inline: bool) {
        let key = self.clients[index].key;
        let is_pending = self.clients[index].is_pending;
        match self.engine.handle_log_full(key) {
            Ok(()) => assert!(!is_pending, "a second request was opened"),
            Err(refused) => {
                assert!(is_pending && refused == RequestRefused::InProgress);
                return;
            }
        }
        if is_inline && self.engine.poll_growth(key).is_some() {
            self.grow(How::Well);
        }
        match self.engine.finish_log_full_call(key).unwrap() {
            Outcome::Success => assert!(self.spare() > 0, "SUCCESS without space"),
            Outcome::Pending => self.clients[index].is_pending = true,
            Outcome::CompleteThenPending { status, is_pinned } => {
                assert!(!status.is_success(), "an inline completion with success");
                assert!(self.spare() == 0, "an error in spite of space");
                self.clients[index].is_armed |= is_pinned && status.is_error();
                self.engine.handle_completion_returned(key);
            }
        }
    }

    fn grow(&mut self, how: How) {
        if how == How::Early {
            // Somebody else adds one first.
            self.total += 1;
            self.show();
        }
        let tried = self.engine.is_growth_wanted().then_some(match how {
            How::Badly => Err(Status::DISK_FULL),
            How::Well | How::Early => Ok(()),
        });
        if tried == Some(Ok(())) {
            self.total += 1;
            self.show();
        }
        self.engine.handle_growth_finished(tried);
    }

    fn perform_next(&mut self, how: How) {
        if let Some(action) = self.engine.poll_action(Time(self.now)) {
            self.perform(action, how);
        }
    }

    fn client_of(&mut self, key: ClientKey) -> usize {
        let is_it = |client: &Client| client.key == key && client.is_registered;
        self.clients.iter().position(is_it).expect("an action for a client that is not registered")
    }

    fn perform(&mut self, action: Action, how: How) {
        match action {
            Action::Grow => {
                assert!(self.engine.containers_allowed().0 > 0);
                self.grow(how);
            }
            Action::Shrink => {
                assert!(self.free() > 0 && !self.clients.iter().any(|c| c.is_pending));
                let tried = if how == How::Badly { Err(Status::LOG_CANT_DELETE) } else { Ok(()) };
                self.total -= u32::from(tried.is_ok());
                self.show();
                self.engine.handle_shrink_finished(Some(tried));
            }
            Action::AskTail { client, target, ask } => {
                let index = self.client_of(client);
                assert_eq!(self.clients[index].ask, None, "two asks outstanding");
                let stream = self.clients[index].stream;
                assert!(self.tails[usize::from(stream)] < target.container());
                assert!(target.container() <= self.last);
                self.clients[index].ask = Some(target);
                let returned = match how {
                    How::Well => Status::SUCCESS,
                    How::Badly => {
                        self.clients[index].ask = None;
                        Status::LOG_TAIL_INVALID
                    }
                    How::Early => {
                        self.move_tail(stream);
                        Status::LOG_TAIL_INVALID
                    }
                };
                self.engine.handle_ask_returned(client, ask, returned, Time(self.now));
            }
            Action::CompleteRequest { client, status, is_pinned } => {
                let index = self.client_of(client);
                let client = &mut self.clients[index];
                assert!(client.is_pending, "a completion nobody waits for");
                client.is_pending = false;
                client.is_armed |= is_pinned && status.is_error();
                let key = client.key;
                self.engine.handle_completion_returned(key);
            }
            Action::NotifyUnpinned { client } => {
                let index = self.client_of(client);
                assert!(self.clients[index].is_armed, "unpinned without a pin");
                self.clients[index].is_armed = false;
            }
        }
    }

    /// Lets everything under way come to its end, every ask by a refusal: nobody may be left waiting.
    pub(super) fn must_come_to_rest(&mut self) {
        self.settle();
        while let Some(asked) = self.clients.iter().position(|client| client.ask.is_some()) {
            self.refuse(asked, Status::UNSUCCESSFUL);
            self.settle();
        }
        let waiting = self.clients.iter().any(|client| client.is_pending);
        assert!(!waiting, "a request without an end");
        self.tails = [self.last; 3];
        self.promised = 0;
        self.show();
        self.settle();
        let armed = self.clients.iter().any(|client| client.is_armed);
        assert!(!armed, "space came, and a pinned client was not notified");
    }

    fn settle(&mut self) {
        for _ in 0..200 {
            if !self.engine.has_action() {
                return;
            }
            self.perform_next(How::Well);
        }
        panic!("it did not go quiet");
    }
}
