//! The base interface over a log of our own: logs, containers, records.
//!
//! | file | what |
//! |---|---|
//! | `realm` | the library of logs, and what management needs of it |

mod realm;

pub(in crate::exports) use realm::{BaseRealm, library};
