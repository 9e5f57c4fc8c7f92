//! Names that a user typed.

use std::fmt::Display;
use std::str::FromStr;

use aux_model::{Handle, NameError, printable};

use crate::failure::Failure;

/// A handle that the user typed, with or without `@`.
///
/// # Errors
/// When it is none.
pub fn handle(text: &str) -> Result<Handle, Failure> {
    name("handle", text.trim_start_matches('@'))
}

/// A name that the user typed; `what` says of what, such as `package`.
///
/// # Errors
/// When it is none.
pub fn name<T: FromStr<Err = NameError>>(what: &str, text: &str) -> Result<T, Failure> {
    text.parse()
        .map_err(|error: NameError| Failure::refused(refusal(what, text, &error), error.help()))
}

fn refusal(what: &str, text: &str, error: &impl Display) -> String {
    let text = printable(text);
    match what {
        "handle" => format!("`{text}` is no handle: {error}"),
        _ => format!("`{text}` is no name for a {what}: {error}"),
    }
}
