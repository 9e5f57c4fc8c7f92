//! Channels: branches of the whole family, such as `unstable` or `26.11`.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use aux_names::{BranchName, ChannelName, MAIN, NameError, RepoName};

/// A branch in each repo of a family, which trains move and users follow, as those of NixOS follow
/// `nixos-unstable` or `nixos-26.05`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Channel {
    /// Its name.
    pub name: ChannelName,
    /// One sentence on who it is for.
    pub description: Option<String>,
    /// The branch of every repo that [`branches`](Self::branches) does not name.
    pub branch: BranchName,
    /// The branch of repos that call it otherwise. Of a core that is somebody else's, only the branch
    /// that stands here is taken.
    pub branches: BTreeMap<RepoName, BranchName>,
    /// What it takes new commits from; none for one that only moves by itself.
    pub follows: Option<Followed>,
}

/// What a channel takes new commits from.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Followed {
    /// The branches that repos are on without a channel.
    Main,
    /// Another channel.
    Channel(ChannelName),
}

impl Channel {
    /// The branch of a repo.
    #[must_use]
    pub fn branch_of(&self, repo: &RepoName) -> &BranchName {
        self.branches.get(repo).unwrap_or(&self.branch)
    }

    /// The branch that trains put its candidates on, unless somebody names another.
    ///
    /// # Panics
    /// Never: the name of a channel is a part of one of a branch.
    #[must_use]
    pub fn staging(&self) -> BranchName {
        let name = format!("staging-{}", self.name);
        name.parse()
            .expect("a name of a channel is a part of one of a branch")
    }
}

/// Whether a branch is one that trains put candidates on, of a channel or without one.
pub(crate) fn is_staging(branch: &str) -> bool {
    branch == "staging" || branch.starts_with("staging-") || branch.starts_with("changeset/")
}

impl FromStr for Followed {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Ok(match text {
            MAIN => Self::Main,
            name => Self::Channel(name.parse()?),
        })
    }
}

impl fmt::Display for Followed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Main => f.write_str(MAIN),
            Self::Channel(name) => name.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_a_channel_is_a_part_of_one_of_a_branch() {
        for good in ["unstable", "26.11", "1", "a-b_c.d"] {
            let name: ChannelName = good.parse().unwrap();
            let branch: BranchName = good.parse().unwrap();
            let channel = Channel {
                description: None,
                branch,
                branches: BTreeMap::new(),
                follows: None,
                name,
            };
            assert_eq!(*channel.staging(), format!("staging-{good}"));
        }
        for bad in ["", "main", "a..b", "a.", "x.lock", ".a", "a/b", "a b", "-a"] {
            assert!(bad.parse::<ChannelName>().is_err(), "{bad}");
        }
    }
}
