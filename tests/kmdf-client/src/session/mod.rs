//! What the driver does for those who drive it: the inside of the control device.

pub(crate) mod event;
pub(crate) mod in_place;
mod journal;
pub(crate) mod level;
pub(crate) mod lock;
pub(crate) mod shared;
pub(crate) mod time;
