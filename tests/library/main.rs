//! `library`: logs of our own under management, by handle, area and read context.
#![cfg(feature = "host")]

#[path = "../support/faulty.rs"]
mod faulty;
#[path = "../support/model.rs"]
mod model;
#[path = "../support/recorder.rs"]
mod recorder;
#[path = "../support/volume.rs"]
mod volume;

mod areas;
mod copied;
mod handles;
mod listener;
mod managed;
mod shared_flush;
