//! Texts as words of a shell.

/// A text as one word of a shell; plain ones stay as they are.
pub(super) fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/@+,=%#".contains(c);
    if text.chars().all(plain) && !text.is_empty() && !text.starts_with('~') {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}
