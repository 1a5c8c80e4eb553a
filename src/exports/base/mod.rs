//! The base interface over a log of our own: logs, containers, records.
//!
//! | file | what |
//! |---|---|
//! | `realm` | the library of logs, and what management needs of it |
//! | `area`, `append`, `reservations`, `flush`, `restart` | marshalling areas, and what is written through them |
//! | `read`, `found` | read contexts, and what they tell |
//! | `pieces` | the data of a record, gathered without taking memory |

mod append;
mod area;
mod flush;
mod found;
mod pieces;
mod read;
mod realm;
mod reservations;
mod restart;

pub(in crate::exports) use realm::{BaseRealm, library};
