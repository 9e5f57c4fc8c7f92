//! Holds: repos that stay at their last good commit, each as a file in the registry for as
//! long as it is held.

use std::fmt;

use aux_eval::EvalFailure;
use aux_model::{Catalog, ChannelName, Date, RepoName, Rev};
use serde::{Deserialize, Serialize};

/// A repo that does not move, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Hold {
    /// The repo.
    pub repo: RepoName,
    /// The channel on which it is held; none for its branch without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelName>,
    /// The SIG that runs it.
    pub sig: String,
    /// The accounts to ask: the SIG's team, or else its leads.
    pub owners: Vec<String>,
    /// Where to reach the SIG.
    pub contact: Option<String>,
    /// The sort of reason.
    pub kind: HoldKind,
    /// The reason, in one line.
    pub reason: String,
    /// The repo whose move broke it, or that it waits for.
    pub because_of: Option<RepoName>,
    /// The commits among which the one is that broke it; none if that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bisected: Option<Bisected>,
    /// Packages that are broken, with the reasons.
    pub broken: Vec<Broken>,
    /// The day when it was first held.
    pub since: Date,
    /// The commit that it is held at; none if it never was good.
    pub held_at: Option<Rev>,
    /// The commit of its branch that is not good with what it uses now; none if nobody
    /// knows it.
    pub refused: Option<Rev>,
    /// Whether somebody was told.
    pub told: bool,
}

/// The sorts of reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum HoldKind {
    /// There is no such repository, or no such branch in it, any more.
    Gone,
    /// Its remote does not answer.
    Unreachable,
    /// Its branch here and that of the remote went different ways.
    Diverged,
    /// Its flake does not parse.
    Syntax,
    /// Its inputs cannot be locked.
    Unlockable,
    /// It needs another version of a contract.
    Contract,
    /// Its own commits broke it.
    Broken,
    /// The move of a repo that it uses broke it.
    BrokenBy,
    /// What it needs of a repo that is held is what that one is held for.
    Waits,
    /// It is good alone and not as a part of top-level.
    Together,
    /// It evaluates, and something of it is not built.
    Build,
    /// git cannot work with its checkout.
    Unusable,
}

impl fmt::Display for HoldKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Gone => "gone",
            Self::Unreachable => "unreachable",
            Self::Diverged => "diverged",
            Self::Syntax => "syntax",
            Self::Unlockable => "unlockable",
            Self::Contract => "contract",
            Self::Broken => "broken",
            Self::BrokenBy => "broken by another",
            Self::Waits => "waits",
            Self::Together => "broken together",
            Self::Build => "does not build",
            Self::Unusable => "unusable",
        })
    }
}

/// The first bad commit, as `git bisect` finds it along first parents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Bisected {
    /// The repo whose commits these are: the held one, or the one that broke it.
    pub repo: RepoName,
    /// The last commit that was good.
    pub good: Rev,
    /// The commit that is not.
    pub bad: Rev,
    /// How many commits lead from the one to the other.
    pub commits: usize,
    /// The first of them with which it fails.
    pub first_bad: Rev,
    /// The title of that one.
    pub title: String,
}

impl fmt::Display for Bisected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            repo,
            good,
            bad,
            commits,
            first_bad,
            title,
        } = self;
        let short = |rev: &Rev| rev.as_str().chars().take(12).collect::<String>();
        write!(
            f,
            "the first bad commit of `{repo}` is {} ({title})",
            short(first_bad)
        )?;
        match commits {
            1 => Ok(()),
            _ => write!(f, ", of {commits} in {}..{}", short(good), short(bad)),
        }
    }
}

/// A package that does not evaluate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Broken {
    /// The attribute; none if it is the whole flake.
    pub attribute: Option<String>,
    /// Why, in one line.
    pub reason: String,
    /// The file below the repo, with line and column, if Nix names one.
    pub place: Option<String>,
    /// The last lines of the log of a build that failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub log: Vec<String>,
}

impl From<EvalFailure> for Broken {
    fn from(found: EvalFailure) -> Self {
        Self {
            attribute: found.attribute,
            reason: found.reason,
            place: found.place,
            log: Vec::new(),
        }
    }
}

impl Hold {
    /// A hold of a repo that begins on a day.
    pub(crate) fn new(
        catalog: &Catalog,
        repo: &RepoName,
        day: Date,
        kind: HoldKind,
        reason: impl Into<String>,
    ) -> Self {
        let sig = catalog.repo(repo.as_str()).map(|repo| &repo.sig);
        let sig = sig.and_then(|sig| catalog.sig(sig.as_str()));
        let leads = || {
            sig.iter()
                .flat_map(|sig| &sig.leads)
                .map(ToString::to_string)
        };
        Self {
            repo: repo.clone(),
            channel: catalog.channel().map(|channel| channel.name.clone()),
            sig: sig.map(|sig| sig.name.to_string()).unwrap_or_default(),
            owners: match sig.and_then(|sig| sig.team.as_ref()) {
                Some(team) => vec![team.to_string()],
                None => leads().collect(),
            },
            contact: sig.and_then(|sig| sig.contact.clone()),
            kind,
            reason: reason.into(),
            because_of: None,
            bisected: None,
            broken: Vec::new(),
            since: day,
            held_at: None,
            refused: None,
            told: false,
        }
    }
}
