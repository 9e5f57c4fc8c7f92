//! Texts of other people in messages: readable, on one line, and without a say
//! over the terminal.

/// The text with control characters and other invisible ones escaped; quotes and
/// backslashes stay as they were written.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '"' | '\'' | '\\') {
            shown.push(character);
        } else {
            shown.extend(character.escape_debug());
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cannot_be_seen_is_escaped() {
        assert_eq!(printable(r#"a"b' ${c} \ ü"#), r#"a"b' ${c} \ ü"#);
        assert_eq!(
            printable("a\nb\u{1b}[31m\u{202e}"),
            r"a\nb\u{1b}[31m\u{202e}"
        );
    }
}
