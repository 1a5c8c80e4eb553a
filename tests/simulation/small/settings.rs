//! The worlds that are enumerated: who holds the log, how far it may grow, and what its clients do inside their callbacks.

use super::settings::OnAsk::{AsksAgain, Errs, Leaves, Moves, MovesUnseen, OtherLeaves, Pending, Refuses, Succeeds};

/// What a client does when it is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) enum OnAsk {
    Pending,
    /// What the page forbids.
    Succeeds,
    Errs,
    Moves,
    /// It moves, tells nobody, and returns an error.
    MovesUnseen,
    Refuses,
    AsksAgain,
    Leaves,
    OtherLeaves,
}

/// What a client does when it is told something, once in an event.
#[derive(Clone, Copy, Debug)]
pub(crate) enum OnEnd {
    Nothing,
    AsksAgain,
    Leaves,
    OtherLeaves,
}

#[derive(Debug)]
pub(crate) struct Setting {
    pub(crate) name: &'static str,
    /// The streams that hold the log.
    pub(crate) streams: &'static [u8],
    /// The stream of each client.
    pub(crate) clients: &'static [u8],
    pub(crate) on_ask: &'static [OnAsk],
    pub(crate) on_end: OnEnd,
    pub(crate) maximum: u32,
    pub(crate) growth: u32,
    pub(crate) growth_fails: bool,
    pub(crate) log_tail: Option<u32>,
    pub(crate) promised: u32,
}

const PLAIN: Setting = Setting {
    name: "one client",
    streams: &[1],
    clients: &[1],
    on_ask: &[Pending, Pending, Pending],
    on_end: OnEnd::Nothing,
    maximum: 3,
    growth: 2,
    growth_fails: false,
    log_tail: None,
    promised: 0,
};

const TWO: Setting = Setting { name: "two clients", streams: &[1, 2], clients: &[1, 2], ..PLAIN };

pub(crate) static SETTINGS: &[Setting] = &[
    PLAIN,
    TWO,
    Setting { name: "three clients of two streams", streams: &[1, 2], clients: &[1, 1, 2], ..PLAIN },
    Setting { name: "a stream without a client", streams: &[1, 2], clients: &[1], ..PLAIN },
    Setting { name: "growth", maximum: 5, ..TWO },
    Setting {
        name: "growth by one, promised containers",
        maximum: 5,
        growth: 1,
        promised: 1,
        log_tail: Some(1),
        ..TWO
    },
    Setting { name: "growth that fails", maximum: 5, growth_fails: true, ..TWO },
    Setting { name: "never asked", log_tail: Some(0), ..TWO },
    Setting { name: "asked for all", log_tail: Some(2), ..TWO },
    Setting { name: "they move inside", on_ask: &[Moves, MovesUnseen], ..TWO },
    Setting { name: "they fail inside", on_ask: &[Errs, Refuses], ..TWO },
    Setting { name: "they succeed and ask again inside", on_ask: &[Succeeds, AsksAgain], ..TWO },
    Setting { name: "they leave inside", on_ask: &[Leaves, Pending], ..TWO },
    Setting { name: "the other leaves inside", on_ask: &[OtherLeaves, Refuses], ..TWO },
    Setting { name: "told, they ask again", on_ask: &[Pending, Errs], on_end: OnEnd::AsksAgain, ..TWO },
    Setting { name: "told, they leave", on_ask: &[Refuses, Pending], on_end: OnEnd::Leaves, ..TWO },
    Setting { name: "told, the other leaves", on_ask: &[Moves, Errs], on_end: OnEnd::OtherLeaves, maximum: 4, ..TWO },
    Setting { name: "never asked, they ask again", log_tail: Some(0), on_end: OnEnd::AsksAgain, ..TWO },
];
