//! The version that `nix --version` answers, of Nix and its forks.

use std::fmt;
use std::str::FromStr;

/// What `nix --version` answered.
///
/// Lix counts on from 2.90, so one minimum serves every implementation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NixVersion {
    numbers: [u32; 3],
    text: String,
}

impl NixVersion {
    /// The oldest version whose `nix repl` and flakes behave as this module needs.
    pub(crate) const MINIMUM: [u32; 3] = [2, 8, 0];

    /// Whether it is `major.minor` or newer.
    pub fn is_at_least(&self, major: u32, minor: u32) -> bool {
        self.numbers >= [major, minor, 0]
    }

    pub(super) fn is_supported(&self) -> bool {
        self.numbers >= Self::MINIMUM
    }
}

impl FromStr for NixVersion {
    type Err = NotAVersion;

    /// Reads the whole line, such as `nix (Lix, like Nix) 2.91.0`.
    ///
    /// The number is what follows the last parenthesis: Determinate puts a number
    /// of its own inside it. A suffix such as `pre20231012_1fd7` is kept in the
    /// text and otherwise ignored.
    fn from_str(line: &str) -> Result<Self, NotAVersion> {
        let refuse = || NotAVersion(line.trim().to_owned());
        let line = line.trim();
        let rest = line.strip_prefix("nix").ok_or_else(refuse)?;
        let number = rest.rsplit_once(')').map_or(rest, |(_, number)| number);
        let text = number.trim().to_owned();
        let mut numbers = [0; 3];
        for (slot, part) in numbers.iter_mut().zip(text.split('.')) {
            let digits = part.len() - part.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            *slot = part[..digits].parse().map_err(|_| refuse())?;
            if digits < part.len() {
                break;
            }
        }
        Ok(Self { numbers, text })
    }
}

impl fmt::Display for NixVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A line that is no answer to `nix --version`.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not what `nix --version` answers")]
pub struct NotAVersion(String);

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, numbers: [u32; 3], text: &str) {
        let version: NixVersion = line.parse().unwrap();
        assert_eq!(version.numbers, numbers, "{line}");
        assert_eq!(version.to_string(), text, "{line}");
    }

    #[test]
    fn every_maker_is_understood() {
        check("nix (Nix) 2.8.0\n", [2, 8, 0], "2.8.0");
        check("nix (Nix) 2.34.1", [2, 34, 1], "2.34.1");
        check(
            "nix (Nix) 2.19.0pre20231012_1fd7",
            [2, 19, 0],
            "2.19.0pre20231012_1fd7",
        );
        check("nix (Nix) 2.4pre1", [2, 4, 0], "2.4pre1");
        check("nix (Lix, like Nix) 2.91.0", [2, 91, 0], "2.91.0");
        check(
            "nix (Lix, like Nix) 2.95.0-dev-pre20250901-abc",
            [2, 95, 0],
            "2.95.0-dev-pre20250901-abc",
        );
        check("nix (Determinate Nix 3.6.0) 2.29.0", [2, 29, 0], "2.29.0");
        check("nix 2.20.3", [2, 20, 3], "2.20.3");
    }

    #[test]
    fn only_old_ones_are_refused() {
        let supported = |line: &str| line.parse::<NixVersion>().unwrap().is_supported();
        assert!(!supported("nix (Nix) 2.7.9"));
        assert!(!supported("nix (Nix) 2.4pre1"));
        assert!(supported("nix (Nix) 2.8.0"));
        assert!(supported("nix (Lix, like Nix) 2.90.0"));
        assert!(supported("nix (Nix) 3.0"));
    }

    #[test]
    fn other_programs_are_not_nix() {
        for line in ["", "nix", "bash 5.2", "nix (Nix)", "nix (Nix) unknown"] {
            assert!(line.parse::<NixVersion>().is_err(), "{line}");
        }
    }
}
