//! Statuses, as they are written: names without `STATUS_`.

use clfs_client_interface::symbols::{self, Status};

/// What statuses are right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Statuses {
    /// All.
    Any,
    /// These.
    OneOf(Vec<i32>),
}

impl Statuses {
    /// `SUCCESS`.
    pub(crate) fn success() -> Self {
        Self::OneOf(vec![0])
    }

    /// Reads `any`, or names joined by `|`.
    pub(crate) fn parse(word: &str) -> Result<Self, String> {
        if word == "any" {
            return Ok(Self::Any);
        }
        word.split('|').map(parse_status).collect::<Result<_, _>>().map(Self::OneOf)
    }

    /// Whether this is one of them.
    pub(crate) fn contain(&self, status: i32) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(statuses) => statuses.contains(&status),
        }
    }
}

impl std::fmt::Display for Statuses {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Any => formatter.write_str("any status"),
            Self::OneOf(statuses) => {
                formatter.write_str(&statuses.iter().map(|status| status_name(*status)).collect::<Vec<_>>().join("|"))
            }
        }
    }
}

/// Reads a status: its name without `STATUS_`, or its bits as `0x…`.
pub(crate) fn parse_status(word: &str) -> Result<i32, String> {
    if let Some(status) = symbols::status(word) {
        return Ok(status.raw().cast_signed());
    }
    let bits = word.strip_prefix("0x").and_then(|digits| u32::from_str_radix(digits, 16).ok());
    bits.map(u32::cast_signed).ok_or_else(|| format!("{word} is no status (written without STATUS_)"))
}

/// A status as it is written.
pub(crate) fn status_name(status: i32) -> String {
    let bits = status.cast_unsigned();
    Status::from_raw(bits).name().map_or_else(|| format!("{bits:#010x}"), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_have_alternatives() {
        let statuses = Statuses::parse("SUCCESS|PENDING").unwrap();
        assert!(statuses.contain(0) && statuses.contain(0x103));
        assert!(!statuses.contain(1));
        assert!(Statuses::parse("STATUS_SUCCESS").is_err());
        assert!(Statuses::parse("SUCCESS|").is_err());
        assert!(Statuses::parse("any").unwrap().contain(-1));
    }
}
