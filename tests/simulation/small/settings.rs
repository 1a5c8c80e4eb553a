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

#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) name: &'static str,
    /// The streams that hold the log.
    pub(crate) streams: Vec<u8>,
    /// The stream of each client.
    pub(crate) clients: Vec<u8>,
    pub(crate) on_ask: Vec<OnAsk>,
    pub(crate) on_end: OnEnd,
    pub(crate) maximum: u32,
    pub(crate) growth: u32,
    pub(crate) growth_fails: bool,
    pub(crate) log_tail: Option<u32>,
    pub(crate) promised: u32,
}

impl Setting {
    /// So many streams and clients; nobody does anything inside, and the log cannot grow.
    fn plain(name: &'static str, streams: &[u8], clients: &[u8]) -> Self {
        Self {
            name,
            streams: streams.to_vec(),
            clients: clients.to_vec(),
            on_ask: vec![Pending; clients.len()],
            on_end: OnEnd::Nothing,
            maximum: 3,
            growth: 2,
            growth_fails: false,
            log_tail: None,
            promised: 0,
        }
    }

    fn two(name: &'static str) -> Self {
        Self::plain(name, &[1, 2], &[1, 2])
    }

    /// Two clients that do this when they are asked.
    fn inside(name: &'static str, first: OnAsk, second: OnAsk) -> Self {
        Self { on_ask: vec![first, second], ..Self::two(name) }
    }
}

/// What nobody has thought of: some setting of up to six clients of four streams, and eight containers.
pub(crate) fn some(mut below: impl FnMut(usize) -> usize) -> Setting {
    const ON_ASK: [OnAsk; 9] = [Pending, Succeeds, Errs, Moves, MovesUnseen, Refuses, AsksAgain, Leaves, OtherLeaves];
    let mut number = |bound| u8::try_from(below(bound)).unwrap();
    let streams = 1 + number(4);
    let clients: Vec<u8> = (0..=number(5)).map(|_| 1 + number(usize::from(streams))).collect();
    let is_quiet = below(2) == 0;
    let on_ask = clients.iter().map(|_| if is_quiet { Pending } else { ON_ASK[below(ON_ASK.len())] });
    let on_ask = on_ask.collect();
    let mut number = |bound| u32::try_from(below(bound)).unwrap();
    Setting {
        on_ask,
        streams: (1..=streams).collect(),
        clients,
        on_end: [OnEnd::Nothing, OnEnd::AsksAgain, OnEnd::Leaves, OnEnd::OtherLeaves][number(4) as usize],
        maximum: 3 + number(6),
        growth: number(4),
        growth_fails: number(5) == 0,
        log_tail: [None, None, Some(0), Some(1), Some(2), Some(4)][number(6) as usize],
        promised: number(3),
        ..Setting::plain("some", &[], &[])
    }
}

/// The worlds of which every order is played.
pub(crate) fn settings() -> Vec<Setting> {
    vec![
        Setting::plain("one client", &[1], &[1]),
        Setting::two("two clients"),
        Setting::plain("three clients of two streams", &[1, 2], &[1, 1, 2]),
        Setting::plain("a stream without a client", &[1, 2], &[1]),
        Setting { maximum: 5, ..Setting::two("growth") },
        Setting {
            maximum: 5,
            growth: 1,
            promised: 1,
            log_tail: Some(1),
            ..Setting::two("growth by one, promised containers")
        },
        Setting { maximum: 5, growth_fails: true, ..Setting::two("growth that fails") },
        Setting { log_tail: Some(0), ..Setting::two("never asked") },
        Setting { log_tail: Some(2), ..Setting::two("asked for all") },
        Setting::inside("they move inside", Moves, MovesUnseen),
        Setting::inside("they fail inside", Errs, Refuses),
        Setting::inside("they succeed and ask again inside", Succeeds, AsksAgain),
        Setting::inside("they leave inside", Leaves, Pending),
        Setting::inside("the other leaves inside", OtherLeaves, Refuses),
        Setting { on_end: OnEnd::AsksAgain, ..Setting::inside("told, they ask again", Pending, Errs) },
        Setting { on_end: OnEnd::Leaves, ..Setting::inside("told, they leave", Refuses, Pending) },
        Setting { on_end: OnEnd::OtherLeaves, maximum: 4, ..Setting::inside("told, the other leaves", Moves, Errs) },
        Setting { on_end: OnEnd::AsksAgain, log_tail: Some(0), ..Setting::two("never asked, they ask again") },
    ]
}
