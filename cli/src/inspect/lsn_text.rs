//! LSNs in JSON, as they are shown everywhere: `3:0x200:1` or `invalid`.

use clfsmgmt::units::Lsn;
use serde::Serializer;

/// For fields of serde's.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
pub(super) fn as_text<S: Serializer>(lsn: &Lsn, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(lsn)
}

/// The same, `null` where there is none.
#[expect(clippy::ref_option, reason = "the signature that serde asks for")]
pub(super) fn as_text_or_null<S: Serializer>(lsn: &Option<Lsn>, serializer: S) -> Result<S::Ok, S::Error> {
    match lsn {
        Some(lsn) => as_text(lsn, serializer),
        None => serializer.serialize_none(),
    }
}
