//! Management over somebody else's logs, through the port on its base routines: a `clfs.sys` in memory, without one
//! line of C. The C interface itself, over our own log, is proven in `src/exports/interposed/tests`.

mod bench;
mod fake;
mod life;
mod races;
mod slow;
mod space;
mod storm;
mod watching;
