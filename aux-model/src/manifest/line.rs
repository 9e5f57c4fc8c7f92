//! A text on one line.

use std::convert::Infallible;
use std::str::FromStr;

/// A text for people, of any characters that the reader lets pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line(pub(crate) String);

impl FromStr for Line {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}
