//! Nix as nixfmt writes it.

use crate::language::error::{SyntaxError, one_line};
use crate::language::file::{check, run};
use crate::language::limits::Limits;

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

/// The formatter's message without its offset; the place is told better already.
fn without_offset(message: &str) -> &str {
    message
        .strip_prefix("Parse error at byte ")
        .and_then(|rest| rest.split_once(": "))
        .map_or(message, |(_, message)| message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::NixFile;

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
        let error = NixFile::read("{ }", |_| panic!("a fault of ours")).unwrap_err();
        assert!(error.message.contains("a fault of ours"), "{error}");
    }
}
