//! Systems: the platforms that package sets are made for.

use std::fmt;
use std::str::FromStr;

/// A Nix system double such as `x86_64-linux`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub struct System(String);

/// A text that is not of the form `CPU-KERNEL`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a system has the form `CPU-KERNEL`, such as `x86_64-linux`")]
pub struct SystemError;

impl System {
    /// The system as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for System {
    type Err = SystemError;

    fn from_str(text: &str) -> Result<Self, SystemError> {
        let word = |part: &str| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        match text.split_once('-') {
            Some((cpu, kernel)) if word(cpu) && word(kernel) => Ok(Self(text.to_owned())),
            _ => Err(SystemError),
        }
    }
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for System {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}
