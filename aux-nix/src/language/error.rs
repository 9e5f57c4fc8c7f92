//! What is wrong with a Nix text, and where.

/// A place in a Nix text that does not parse: 1-based line and column.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct SyntaxError {
    /// The line in the text.
    pub line: usize,
    /// The column in the line, in bytes.
    pub column: usize,
    /// What the parser says, on one line.
    pub message: String,
    /// Whether the text is refused for what it costs to read, and may be Nix all the same.
    pub is_limit: bool,
}

impl SyntaxError {
    pub(crate) fn at(text: &str, offset: usize, message: impl Into<String>) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        Self {
            line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
            column: before.len() - before.rfind('\n').map_or(0, |at| at + 1) + 1,
            message: message.into(),
            is_limit: false,
        }
    }

    pub(crate) fn limit(text: &str, offset: usize, message: impl Into<String>) -> Self {
        Self {
            is_limit: true,
            ..Self::at(text, offset, message)
        }
    }
}

/// A text without line ends, and with single spaces.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
