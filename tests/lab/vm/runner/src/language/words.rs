//! Lines into words. Text in double quotes is never cut: blanks, `#`, `;` and `,` in it mean nothing.

/// The line without its comment, which begins at a `#` at the beginning of a word.
///
/// # Errors
/// A quote is not closed.
pub(crate) fn without_comment(line: &str) -> Result<&str, String> {
    let mut is_quoted = false;
    let mut is_word_start = true;
    for (at, character) in line.char_indices() {
        match character {
            '"' => is_quoted = !is_quoted,
            '#' if !is_quoted && is_word_start => return Ok(line[..at].trim()),
            _ => {}
        }
        is_word_start = character.is_whitespace();
    }
    if is_quoted { Err("a quote is not closed".to_owned()) } else { Ok(line.trim()) }
}

/// Cut where this character stands outside quotes.
pub(crate) fn split(line: &str, separator: impl Fn(char) -> bool) -> Vec<&str> {
    let mut is_quoted = false;
    line.split(|character| {
        if character == '"' {
            is_quoted = !is_quoted;
        }
        !is_quoted && separator(character)
    })
    .map(str::trim)
    .collect()
}

/// The words of a line.
pub(crate) fn words(line: &str) -> Vec<&str> {
    split(line, char::is_whitespace).into_iter().filter(|word| !word.is_empty()).collect()
}

/// The first word, and what follows it.
pub(crate) fn first_word(line: &str) -> (&str, &str) {
    let line = line.trim_start();
    let end = line.find(char::is_whitespace).unwrap_or(line.len());
    (&line[..end], line[end..].trim())
}

/// What stands in quotes, if the word is quoted.
pub(crate) fn unquoted(word: &str) -> Option<&str> {
    word.strip_prefix('"')?.strip_suffix('"')
}

/// `name=value` in two, if the word is that; `name` has only letters, digits and hyphens.
pub(crate) fn named(word: &str) -> Option<(&str, &str)> {
    word.split_once('=').filter(|(name, _)| is_name(name))
}

/// Whether this can be a name of something: letters, digits and hyphens, a letter first.
pub(crate) fn is_name(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_alphabetic())
        && word.chars().all(|character| character.is_ascii_alphanumeric() || "-_".contains(character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_begin_at_words_outside_quotes() {
        assert_eq!(without_comment("append L # the first"), Ok("append L"));
        assert_eq!(without_comment("# all of it"), Ok(""));
        assert_eq!(without_comment(r#"log L name="a # b" # c"#), Ok(r#"log L name="a # b""#));
        assert_eq!(without_comment("append L#1"), Ok("append L#1"));
        assert!(without_comment(r#"log L name="a"#).is_err());
    }

    #[test]
    fn quotes_hold_words_together() {
        assert_eq!(
            words(r#"install L new-container-prefix "a b; c"  7"#),
            ["install", "L", "new-container-prefix", r#""a b; c""#, "7"]
        );
        assert_eq!(split(r#"append L; log L name="a;b"; return PENDING"#, |c| c == ';').len(), 3);
    }

    #[test]
    fn only_a_plain_name_before_the_sign_makes_a_parameter() {
        assert_eq!(named("lsn=base(L)+1c"), Some(("lsn", "base(L)+1c")));
        assert_eq!(named(r#""a=b""#), None);
        assert_eq!(named("total>=4"), None);
    }
}
