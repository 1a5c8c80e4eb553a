//! Logs that Windows wrote: their bytes, and how they go on. Apart from the other tests because it starts processes, which
//! for a moment hold the locks of whatever logs are open in this one.

#[path = "../support/model.rs"]
mod model;
#[path = "../support/re_encode.rs"]
mod re_encode;
#[path = "../support/recorder.rs"]
mod recorder;
#[path = "../support/samples.rs"]
mod samples;

mod format;
mod log;
mod registry;
