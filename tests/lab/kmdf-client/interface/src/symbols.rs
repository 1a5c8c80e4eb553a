//! The numbers that have names.

#[path = "../../../../../src/units/status.rs"]
mod status;

pub use status::Status;

use crate::verbs::NONE;

/// Names of numbers that are no statuses.
static NUMBERS: &[(&str, u64)] = &[
    ("none", NONE),
    // LSNs.
    ("lsn-null", 0),
    ("lsn-invalid", 0xFFFF_FFFF_0000_0000),
    // Dispositions, access and sharing of ClfsCreateLogFile.
    ("create-new", 1),
    ("open-existing", 3),
    ("open-always", 4),
    ("read-write", 0xC000_0000),
    ("read-only", 0x8000_0000),
    ("share-read", 1),
    ("share-write", 2),
    ("share-read-write", 3),
    ("share-all", 7),
    // CLFS_MGMT_POLICY_TYPE.
    ("maximum-size", 0),
    ("minimum-size", 1),
    ("new-container-size", 2),
    ("growth-rate", 3),
    ("log-tail", 4),
    ("auto-shrink", 5),
    ("auto-grow", 6),
    ("new-container-prefix", 7),
    ("new-container-suffix", 8),
    ("new-container-extension", 9),
    ("policy-invalid", 10),
    // Flags.
    ("overwrite", 1),
    ("persist", 2),
    ("force-append", 1),
    ("force-flush", 2),
    ("use-reservation", 4),
    // Sizes of ClfsMgmtSetLogFileSize.
    ("size-minimum", 0),
    ("size-maximum", u64::MAX),
    // CLFS_CONTEXT_MODE and CLFS_RECORD_TYPE.
    ("undo-next", 1),
    ("backward", 2),
    ("forward", 3),
    ("data", 1),
    ("restart", 2),
];

/// A number that is written: a symbol, a status, decimal or `0x…`, with `K` or `M` behind it for units of 1,024.
pub fn number(text: &str) -> Option<u64> {
    if let Some((_, value)) = NUMBERS.iter().find(|(name, _)| *name == text) {
        return Some(*value);
    }
    if let Some(status) = status(text) {
        return Some(u64::from(status.raw()));
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return u64::from_str_radix(digits, 16).ok();
    }
    let (digits, unit) = match text.as_bytes().last()? {
        b'K' => (text.get(..text.len() - 1)?, 1 << 10),
        b'M' => (text.get(..text.len() - 1)?, 1 << 20),
        _ => (text, 1),
    };
    digits.parse::<u64>().ok()?.checked_mul(unit)
}

/// The status of a name, written without its `STATUS_`.
pub fn status(name: &str) -> Option<Status> {
    Status::ALL.iter().copied().find(|status| status.name() == Some(name))
}
