//! What is believed of clients, lists and what is under way, and turns out to be false.
//!
//! Separate because the parts of the engine that hold beliefs do not know the engine: they return the false one, and
//! the engine fences the log ([`super::Engine`], `fence`). An ordinary absence is an `Option` or an error of its own.

/// Something that holds by construction did not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FalseBelief {
    /// A slot that is in a list has links.
    ListedSlotHasLinks,
    /// A slot for which something is under way has a client.
    SlotHasClient,
    /// The stream of a client has lists.
    StreamHasLists,
    /// A client among the asked has an ask.
    AskedHasAsk,
    /// A completion is due of a request that has ended.
    DueRequestHasEnded,
    /// A log-full call that ends has a request inside.
    EndingCallIsInside,
    /// A growth that ends was under way.
    EndingGrowthIsRunning,
    /// A shrink that ends was under way.
    EndingShrinkIsRunning,
}
