//! Comparisons, as they are written: `free>=2`.

/// How two things compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    AtMost,
    More,
    AtLeast,
    /// Of texts; case does not matter.
    EndsWith,
}

impl Comparison {
    const SIGNS: [(&str, Self); 7] = [
        ("!=", Self::NotEqual),
        ("<=", Self::AtMost),
        (">=", Self::AtLeast),
        ("=", Self::Equal),
        ("<", Self::Less),
        (">", Self::More),
        ("~", Self::EndsWith),
    ];

    /// `name OP value`, in three.
    pub(crate) fn split(word: &str) -> Result<(&str, Self, &str), String> {
        let at = word.find(['!', '<', '>', '=', '~']).ok_or_else(|| format!("{word} compares nothing"))?;
        let (name, rest) = word.split_at(at);
        let found = Self::SIGNS.iter().find_map(|(sign, comparison)| Some((*comparison, rest.strip_prefix(sign)?)));
        match found {
            Some((comparison, value)) if !name.is_empty() && !value.is_empty() => Ok((name, comparison, value)),
            _ => Err(format!("{word} is no comparison (no blanks in it)")),
        }
    }

    /// How it is written.
    pub(crate) fn sign(self) -> &'static str {
        Self::SIGNS.iter().find(|(_, comparison)| *comparison == self).map_or("?", |(sign, _)| sign)
    }

    /// Whether two numbers compare so.
    pub(crate) fn holds(self, left: u64, right: u64) -> bool {
        match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::Less => left < right,
            Self::AtMost => left <= right,
            Self::More => left > right,
            Self::AtLeast => left >= right,
            Self::EndsWith => false,
        }
    }

    /// Whether two texts compare so; there is no order of texts.
    pub(crate) fn holds_for_text(self, left: &str, right: &str) -> bool {
        match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::EndsWith => left.to_lowercase().ends_with(&right.to_lowercase()),
            Self::Less | Self::AtMost | Self::More | Self::AtLeast => false,
        }
    }

    /// Whether there is such a comparison of texts, or of numbers.
    pub(crate) fn is_for(self, is_text: bool) -> bool {
        match self {
            Self::Equal | Self::NotEqual => true,
            Self::EndsWith => is_text,
            Self::Less | Self::AtMost | Self::More | Self::AtLeast => !is_text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_are_split_and_hold_as_written() {
        assert_eq!(Comparison::split("free>=2"), Ok(("free", Comparison::AtLeast, "2")));
        assert_eq!(Comparison::split("base>$old"), Ok(("base", Comparison::More, "$old")));
        assert!(Comparison::split("free").is_err() && Comparison::split("free=").is_err());
        assert!(Comparison::split("!free").is_err());
        assert!(Comparison::AtMost.holds(2, 2) && !Comparison::Less.holds(2, 2) && !Comparison::More.holds(2, 2));
        assert!(Comparison::EndsWith.holds_for_text(r"C:\L-1", "l-1"));
    }
}
