//! Nix text: formatted the official way, and parsed before it goes anywhere.

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
}

/// Bytes of a text of others that is parsed: operators in a row nest as brackets do,
/// and a longer row would overflow any stack.
pub(crate) const LONGEST: usize = 1 << 20;

/// Formats a Nix text as `nixfmt` does.
///
/// # Errors
/// When the text does not parse. The formatter's parser comes first, because it
/// refuses deep nesting that would overflow the stack of the second; the second,
/// rnix, sees what the first lets pass.
pub fn format(text: &str) -> Result<String, SyntaxError> {
    let formatted = nixfmt_rs::format(text).map_err(|error| located(text, &error))?;
    check(&formatted)?;
    Ok(formatted)
}

/// Parses a Nix text of any nesting with the formatter's parser, which refuses
/// what would overflow a stack. Ask it before [`check`] for texts of others.
///
/// # Errors
/// The first error.
pub fn check_nesting(text: &str) -> Result<(), SyntaxError> {
    if text.len() > LONGEST {
        return Err(SyntaxError {
            line: 1,
            column: 1,
            message: "it is longer than 1 MiB, which is not parsed".to_owned(),
        });
    }
    nixfmt_rs::parse(text)
        .map(|_| ())
        .map_err(|error| located(text, &error))
}

/// The formatter tells places only in its report: `FILE:LINE:COLUMN`.
fn located(text: &str, error: &nixfmt_rs::ParseError) -> SyntaxError {
    let report = nixfmt_rs::format_error(text, Some("nix"), error);
    let (line, column) = reported_place(&report).unwrap_or((1, 1));
    SyntaxError {
        line,
        column,
        message: one_line(without_offset(&error.to_string())),
    }
}

/// Parses a Nix text of moderate nesting.
///
/// # Errors
/// The first error; the parser's later ones mostly follow from it.
pub fn check(text: &str) -> Result<(), SyntaxError> {
    let parsed = rnix::Root::parse(text);
    let Some(error) = parsed.errors().first() else {
        return Ok(());
    };
    let offset = offset_of(error).unwrap_or(0);
    let (line, column) = place(text, offset);
    Err(SyntaxError {
        line,
        column,
        message: one_line(&error.to_string()),
    })
}

fn reported_place(report: &str) -> Option<(usize, usize)> {
    let (_, rest) = report.split_once("nix:")?;
    let mut numbers = rest.split(|character: char| !character.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
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

fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.len() - before.rfind('\n').map_or(0, |at| at + 1) + 1;
    (line, column)
}

/// The formatter's message without its offset; the place is told better already.
fn without_offset(message: &str) -> &str {
    message
        .strip_prefix("Parse error at byte ")
        .and_then(|rest| rest.split_once(": "))
        .map_or(message, |(_, message)| message)
}

/// A text without line ends, and with single spaces.
pub(crate) fn one_line(text: &str) -> String {
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
}
