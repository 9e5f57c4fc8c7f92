//! Nix text: the one place where it is parsed and formatted, whoever wrote it.
//!
//! The parsers are libraries that recurse over what they read and were made for files
//! of friends. So a text is first looked at token by token (`Limits`), in time linear
//! in its size: what is too long, too deep or too costly is an error of that text and
//! never reaches a parser. The rest is parsed, read and dropped on a stack that is
//! sized for these limits, and a panic of a library is an error of that text too.

mod formals;
mod limits;
mod lines;
mod quote;
mod tokens;
mod values;

use aux_process::guard;

pub use formals::{Formal, Shape, shape};
pub use limits::LONGEST;
use limits::Limits;
pub use lines::Lines;
pub use quote::quote;
pub use tokens::tokens;
pub use values::{attribute_name, attribute_path, body, literal_text};

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
    fn at(text: &str, offset: usize, message: impl Into<String>) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        Self {
            line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
            column: before.len() - before.rfind('\n').map_or(0, |at| at + 1) + 1,
            message: message.into(),
            is_limit: false,
        }
    }

    fn limit(text: &str, offset: usize, message: impl Into<String>) -> Self {
        Self {
            is_limit: true,
            ..Self::at(text, offset, message)
        }
    }
}

/// Whether a file of so many bytes is refused before anybody reads it: a sparse one
/// takes no room on the disk, and all of the memory.
pub fn is_too_long(bytes: u64) -> bool {
    bytes > LONGEST as u64
}

/// Formats a Nix text as `nixfmt` does.
///
/// # Errors
/// When the text does not parse, or is beyond the limits: the formatter's time grows
/// with the third power of a row of selections, so that these are closer than those of
/// [`check`]. rnix sees what the formatter's parser lets pass.
pub fn format(text: &str) -> Result<String, SyntaxError> {
    let depth = Limits::FORMATTED.check(text)?;
    let formatted = run(depth, || nixfmt_rs::format(text))
        .map_err(|reason| SyntaxError::at(text, 0, reason))?
        .map_err(|error| {
            let message = error.to_string();
            let offset = error.byte_range().start;
            SyntaxError::at(text, offset, one_line(without_offset(&message)))
        })?;
    check(&formatted)?;
    Ok(formatted)
}

/// Parses a Nix text.
///
/// # Errors
/// The first error; the parser's later ones mostly follow from it.
pub fn check(text: &str) -> Result<(), SyntaxError> {
    read(text, |_| ())
}

/// What a reader makes of the tree of a Nix text. The reader may recurse over the tree:
/// it runs on a stack that is sized for the deepest one.
///
/// # Errors
/// The first error of the text, if it is beyond the limits or does not parse. Then the
/// reader is not called.
pub fn read<T: Send>(
    text: &str,
    reader: impl FnOnce(&rnix::Root) -> T + Send,
) -> Result<T, SyntaxError> {
    let depth = Limits::PARSED.check(text)?;
    let parsed = run(depth, || {
        // The tree stays in here: dropping it recurses as building it does.
        let parsed = rnix::Root::parse(text);
        match parsed.errors().first() {
            None => Ok(reader(&parsed.tree())),
            Some(error) => {
                let offset = offset_of(error).unwrap_or(text.len());
                let message = one_line(&error.to_string());
                Err(SyntaxError::at(text, offset, message))
            }
        }
    });
    parsed.map_err(|reason| SyntaxError::at(text, 0, reason))?
}

/// A tree of this depth is parsed, read and dropped within half a megabyte, which
/// every thread has.
const SHALLOW: usize = 64;

/// Stack of the thread for deeper ones, in bytes: 16 KiB for each level that
/// [`Limits::PARSED`] allows.
const STACK: usize = 64 << 20;

/// Runs something that recurses as deep as a text nests.
fn run<T: Send>(depth: usize, run: impl FnOnce() -> T + Send) -> Result<T, String> {
    if depth <= SHALLOW {
        guard::caught(run)
    } else {
        guard::run_on(STACK, run)
    }
}

fn offset_of(error: &rnix::ParseError) -> Option<usize> {
    use rnix::ParseError as E;
    let range = match error {
        E::Unexpected(range)
        | E::UnexpectedExtra(range)
        | E::UnexpectedWanted(_, range, _)
        | E::UnexpectedDoubleBind(range)
        | E::DuplicatedArgs(range, _) => *range,
        _ => return None,
    };
    Some(range.start().into())
}

/// The formatter's message without its offset; the place is told better already.
fn without_offset(message: &str) -> &str {
    message
        .strip_prefix("Parse error at byte ")
        .and_then(|rest| rest.split_once(": "))
        .map_or(message, |(_, message)| message)
}

/// A text without line ends, and with single spaces.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formatting_is_stable_and_errors_have_a_place() {
        let once = format("{a,b}: {x=a;y=b;}").unwrap();
        assert_eq!(format(&once).unwrap(), once);
        let error = format("{\n  a = ;\n}").unwrap_err();
        assert_eq!(error.line, 2, "{error}");
    }

    #[test]
    fn an_error_far_to_the_right_has_its_place() {
        // The formatter's own report counts columns in 16 bits.
        let text = format!("{}= 1", " ".repeat(70_000));
        for error in [check(&text).unwrap_err(), super::format(&text).unwrap_err()] {
            assert_eq!((error.line, error.column), (1, 70_001), "{error}");
        }
    }

    #[test]
    fn a_reader_that_panics_is_an_error_of_the_text() {
        let error = read("{ }", |_| panic!("a fault of ours")).unwrap_err();
        assert!(error.message.contains("a fault of ours"), "{error}");
    }
}
