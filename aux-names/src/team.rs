//! Teams: accounts of an organization on the forge that are asked together.

use std::fmt;
use std::str::FromStr;

use crate::name::{Handle, NameError};

/// A team on the forge, such as `auxolotl/python`, without `@`.
///
/// Both parts follow the rule of account names: letters, digits, `-`, `_` and
/// `.`. The team's part is the one that the forge has in URLs, not the name it
/// shows: `@ORGANIZATION/TEAM` is how GitHub, Forgejo and Gitea mention it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct Team(String);

/// Why a text is not a team.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TeamError {
    /// It is not two parts with a `/` between them.
    #[error("a team has the form `ORGANIZATION/TEAM`")]
    Form,
    /// It was written as it is mentioned.
    #[error("a team is written without `@`")]
    Mention,
    /// One of the parts is no name on a forge.
    #[error(transparent)]
    Part(NameError),
}

impl TeamError {
    /// What to do about it, one sentence.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Form | Self::Mention => "write one such as `auxolotl/python`".to_owned(),
            Self::Part(error) => error.help(),
        }
    }
}

impl Team {
    /// The team as text: `ORGANIZATION/TEAM`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Team {
    type Err = TeamError;

    fn from_str(text: &str) -> Result<Self, TeamError> {
        if text.starts_with('@') {
            return Err(TeamError::Mention);
        }
        let (organization, team) = text.split_once('/').ok_or(TeamError::Form)?;
        if organization.is_empty() || team.is_empty() || team.contains('/') {
            return Err(TeamError::Form);
        }
        for part in [organization, team] {
            part.parse::<Handle>().map_err(TeamError::Part)?;
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Team {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_team_is_an_organization_and_a_name() {
        for good in ["auxolotl/python", "Aux-2/nix_os", "a/b.c"] {
            assert_eq!(good.parse::<Team>().unwrap().as_str(), good);
        }
        for bad in ["", "python", "/python", "auxolotl/", "a/b/c", "/"] {
            assert_eq!(bad.parse::<Team>(), Err(TeamError::Form), "{bad}");
        }
        for bad in ["@auxolotl/python", "@"] {
            assert_eq!(bad.parse::<Team>(), Err(TeamError::Mention), "{bad}");
        }
        for (bad, why) in [
            ("aux olotl/a", NameError::FreeCharacter(' ')),
            ("a/b#c", NameError::FreeCharacter('#')),
            ("a/-b", NameError::FreeStart('-')),
            ("../b", NameError::FreeStart('.')),
        ] {
            assert_eq!(bad.parse::<Team>(), Err(TeamError::Part(why)), "{bad}");
        }
    }
}
