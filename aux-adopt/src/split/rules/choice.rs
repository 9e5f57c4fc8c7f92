//! Which packages go to which repo: a person's rules, or chance.

use std::collections::{BTreeMap, BTreeSet};

use aux_model::RepoName;

use crate::split::rules::pattern::Pattern;

/// What a split follows.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The name of the organization; none if nobody says.
    pub name: Option<String>,
    /// The prefix of every repo's flake reference.
    pub forge: Option<String>,
    /// Who leads SIG core, and every SIG that names nobody.
    pub lead: Option<String>,
    pub(in crate::split) core: Core,
    pub(in crate::split) choice: Choice,
}

/// What belongs in core, whatever else fits it.
#[derive(Debug, Clone)]
pub(in crate::split) struct Core {
    /// Attributes that core must offer on its own.
    pub(in crate::split) bootstrap: Vec<String>,
    /// Whether somebody wrote that down.
    pub(in crate::split) is_chosen: bool,
    pub(in crate::split) keep: Vec<Pattern>,
}

/// How a package finds its repo.
#[derive(Debug, Clone)]
pub(in crate::split) enum Choice {
    Rules(BTreeMap<RepoName, RepoRules>),
    /// By chance: the repos, and what chance starts from.
    Chance(Vec<RepoName>, u64),
}

/// What goes to one repo.
#[derive(Debug, Clone)]
pub(in crate::split) struct RepoRules {
    pub(in crate::split) lead: Option<String>,
    pub(in crate::split) description: Option<String>,
    /// Repos that are inputs of its flake, besides core.
    pub(in crate::split) uses: Vec<RepoName>,
    pub(in crate::split) patterns: Vec<Pattern>,
    /// People and teams who own what goes there.
    pub(in crate::split) owners: Vec<String>,
    /// Attributes that are sets of packages: what their members come from.
    pub(in crate::split) sets: Vec<String>,
    /// Members of package sets that go there, each without the rest of the set.
    pub(in crate::split) members: Vec<Pattern>,
}

/// What core must offer alone unless the rules say otherwise: what everything is built
/// with, and what fetches the sources.
const BOOTSTRAP: [&str; 2] = ["stdenv", "fetchurl"];

/// Who leads what chance makes.
const LEAD: &str = "core-lead";

pub(super) fn bootstrap() -> Vec<String> {
    BOOTSTRAP.iter().map(ToString::to_string).collect()
}

impl Rules {
    /// Rules that send every package that may leave core to one of `repos` repos, as
    /// chance has it: the same for the same seed, on every machine.
    #[must_use]
    pub fn at_random(repos: usize, seed: u64) -> Self {
        let digits = repos.to_string().len();
        let names = (1..=repos).filter_map(|number| format!("part{number:0digits$}").parse().ok());
        Self {
            name: None,
            forge: None,
            lead: Some(LEAD.to_owned()),
            core: Core {
                bootstrap: bootstrap(),
                is_chosen: false,
                keep: Vec::new(),
            },
            choice: Choice::Chance(names.collect(), seed),
        }
    }

    /// Attributes that somebody wants core to boot from.
    #[must_use]
    pub fn chosen_bootstrap(&self) -> &[String] {
        if self.core.is_chosen {
            &self.core.bootstrap
        } else {
            &[]
        }
    }

    /// The repos that packages may go to.
    #[must_use]
    pub fn repos(&self) -> Vec<&RepoName> {
        match &self.choice {
            Choice::Rules(repos) => repos.keys().collect(),
            Choice::Chance(repos, _) => repos.iter().collect(),
        }
    }

    /// Whether a rule asks who owns a package.
    #[must_use]
    pub(crate) fn ask_for_owners(&self) -> bool {
        match &self.choice {
            Choice::Rules(repos) => repos.values().any(|repo| !repo.owners.is_empty()),
            Choice::Chance(..) => false,
        }
    }

    /// The sets whose members a rule wants to know.
    #[must_use]
    pub fn sets(&self) -> Vec<&str> {
        match &self.choice {
            Choice::Rules(repos) => {
                let sets = repos.values().flat_map(|repo| &repo.sets);
                sets.map(String::as_str).collect()
            }
            Choice::Chance(..) => Vec::new(),
        }
    }

    /// The sets of which a rule names members.
    #[must_use]
    pub fn sets_of_members(&self) -> BTreeSet<&str> {
        match &self.choice {
            Choice::Rules(repos) => {
                let patterns = repos.values().flat_map(|repo| &repo.members);
                patterns.filter_map(Pattern::set).collect()
            }
            Choice::Chance(..) => BTreeSet::new(),
        }
    }

    /// The repos that are inputs of a repo's flake, besides core.
    pub(in crate::split) fn uses(&self, repo: &RepoName) -> &[RepoName] {
        match &self.choice {
            Choice::Rules(repos) => repos.get(repo).map_or(&[], |repo| &repo.uses),
            Choice::Chance(..) => &[],
        }
    }

    /// The repos that a repo has at hand on its own, besides core: those it uses, and
    /// those that they use.
    #[must_use]
    pub fn below<'a>(&'a self, repo: &'a RepoName) -> BTreeSet<&'a RepoName> {
        let mut below = BTreeSet::new();
        let mut open: Vec<&RepoName> = self.uses(repo).iter().collect();
        while let Some(next) = open.pop() {
            if below.insert(next) {
                open.extend(self.uses(next));
            }
        }
        below
    }

    /// Who leads the SIG of a repo, if somebody is named.
    #[must_use]
    pub fn lead_of(&self, repo: &RepoName) -> Option<&str> {
        let own = match &self.choice {
            Choice::Rules(repos) => repos.get(repo).and_then(|repo| repo.lead.as_deref()),
            Choice::Chance(..) => None,
        };
        own.or(self.lead.as_deref())
    }

    /// What a repo is for, if the rules give a purpose.
    pub(in crate::split) fn description(&self, repo: &RepoName) -> Option<&str> {
        match &self.choice {
            Choice::Rules(repos) => repos.get(repo)?.description.as_deref(),
            Choice::Chance(..) => None,
        }
    }
}

/// An owner without the `@` of CODEOWNERS.
pub(in crate::split) fn plain_owner(owner: &str) -> &str {
    owner.strip_prefix('@').unwrap_or(owner)
}
