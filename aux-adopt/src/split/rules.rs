//! Which packages go to which repo: a person's rules, or chance.

use std::collections::{BTreeMap, BTreeSet};

use aux_model::RepoName;
use globset::{GlobBuilder, GlobMatcher};
use serde::Deserialize;

/// What a split follows.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The name of the organization; none if nobody says.
    pub name: Option<String>,
    /// The prefix of every repo's flake reference.
    pub forge: Option<String>,
    /// Who leads SIG core, and every SIG that names nobody.
    pub lead: Option<String>,
    pub(super) core: Core,
    pub(super) choice: Choice,
}

/// What belongs in core, whatever else fits it.
#[derive(Debug, Clone)]
pub(super) struct Core {
    /// Attributes that core must offer on its own.
    pub(super) bootstrap: Vec<String>,
    /// Whether somebody wrote that down.
    pub(super) is_chosen: bool,
    pub(super) keep: Vec<Pattern>,
}

/// How a package finds its repo.
#[derive(Debug, Clone)]
pub(super) enum Choice {
    Rules(BTreeMap<RepoName, RepoRules>),
    /// By chance: the repos, and what chance starts from.
    Chance(Vec<RepoName>, u64),
}

/// What goes to one repo.
#[derive(Debug, Clone)]
pub(super) struct RepoRules {
    pub(super) lead: Option<String>,
    pub(super) description: Option<String>,
    /// Repos that are inputs of its flake, besides core.
    pub(super) uses: Vec<RepoName>,
    pub(super) patterns: Vec<Pattern>,
    /// People and teams who own what goes there.
    pub(super) owners: Vec<String>,
    /// Attributes that are sets of packages: what their members come from.
    pub(super) sets: Vec<String>,
}

/// A pattern of attributes or of directories.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    /// As it is written.
    pub(super) text: String,
    pub(super) of: PatternOf,
    /// Whether it names one thing only.
    pub(super) is_exact: bool,
    glob: GlobMatcher,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PatternOf {
    Attributes,
    Paths,
}

/// What is wrong with rules.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// They are no TOML, or not of this form.
    #[error("{0}")]
    Form(Box<toml::de::Error>),
    /// A value is not what it must be.
    #[error("`{key}`: {message}")]
    Value {
        /// The key, such as `repos.python.paths`.
        key: String,
        /// What is wrong.
        message: String,
    },
}

/// The file that people write.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    name: Option<String>,
    forge: Option<String>,
    lead: Option<String>,
    #[serde(default)]
    core: CoreFile,
    #[serde(default)]
    repos: BTreeMap<String, RepoFile>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct CoreFile {
    bootstrap: Option<Vec<String>>,
    #[serde(default)]
    keep: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RepoFile {
    lead: Option<String>,
    description: Option<String>,
    #[serde(default)]
    uses: Vec<String>,
    #[serde(default)]
    attributes: Vec<String>,
    #[serde(default)]
    paths: Vec<String>,
    #[serde(default)]
    sets: Vec<String>,
    #[serde(default)]
    owners: Vec<String>,
}

/// What core must offer alone unless the rules say otherwise: what everything is built
/// with, and what fetches the sources.
const BOOTSTRAP: [&str; 2] = ["stdenv", "fetchurl"];

/// Who leads what chance makes.
const LEAD: &str = "core-lead";

fn bootstrap() -> Vec<String> {
    BOOTSTRAP.iter().map(ToString::to_string).collect()
}

impl Rules {
    /// Reads a file of rules, as `docs/splitting.md` describes it.
    ///
    /// # Errors
    /// When it is no TOML, has keys that nobody knows, or values that mean nothing.
    pub fn read(text: &str) -> Result<Self, RulesError> {
        let file: File = toml::from_str(text).map_err(|error| RulesError::Form(Box::new(error)))?;
        let names: BTreeSet<String> = file.repos.keys().cloned().collect();
        let mut repos = BTreeMap::new();
        for (name, repo) in file.repos {
            if let Some(other) = repo.uses.iter().find(|used| !names.contains(*used)) {
                return Err(RulesError::Value {
                    key: format!("repos.{name}.uses"),
                    message: format!("there is no repo `{other}` in these rules"),
                });
            }
            let rules = RepoRules::of(&name, repo)?;
            let name = repo_name(&name).map_err(|message| RulesError::Value {
                key: format!("repos.{name}"),
                message,
            })?;
            repos.insert(name, rules);
        }
        let rules = Self {
            name: file.name,
            forge: file.forge,
            lead: file.lead,
            core: Core {
                is_chosen: file.core.bootstrap.is_some(),
                bootstrap: file.core.bootstrap.unwrap_or_else(bootstrap),
                keep: patterns("core.keep", &file.core.keep, PatternOf::Attributes)?,
            },
            choice: Choice::Rules(repos),
        };
        for repo in rules.repos() {
            if rules.below(repo).contains(repo) {
                return Err(RulesError::Value {
                    key: format!("repos.{repo}.uses"),
                    message: "it uses itself in the end: flakes cannot import each other in a cycle; repos that need each other are peers without `uses`".to_owned(),
                });
            }
        }
        Ok(rules)
    }

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

    /// The repos that are inputs of a repo's flake, besides core.
    pub(super) fn uses(&self, repo: &RepoName) -> &[RepoName] {
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
    pub(super) fn description(&self, repo: &RepoName) -> Option<&str> {
        match &self.choice {
            Choice::Rules(repos) => repos.get(repo)?.description.as_deref(),
            Choice::Chance(..) => None,
        }
    }
}

/// Names that a split gives to repos of its own.
const TAKEN: [&str; 2] = ["core", "top-level"];

fn repo_name(name: &str) -> Result<RepoName, String> {
    if TAKEN.contains(&name) {
        return Err(format!("every split has a repo `{name}` of its own"));
    }
    name.parse::<RepoName>().map_err(|error| error.to_string())
}

impl RepoRules {
    fn of(name: &str, file: RepoFile) -> Result<Self, RulesError> {
        let key = |key: &str| format!("repos.{name}.{key}");
        let attributes = patterns(&key("attributes"), &file.attributes, PatternOf::Attributes)?;
        let paths = patterns(&key("paths"), &file.paths, PatternOf::Paths)?;
        let owners = file.owners.iter();
        // Those that are no names are refused where they are defined.
        let uses = file.uses.iter().filter_map(|used| used.parse().ok());
        Ok(Self {
            uses: uses.collect::<BTreeSet<RepoName>>().into_iter().collect(),
            lead: file.lead,
            description: file.description,
            patterns: [attributes, paths].concat(),
            owners: owners.map(|owner| plain_owner(owner).to_owned()).collect(),
            sets: file.sets,
        })
    }
}

/// An owner without the `@` of CODEOWNERS.
pub(super) fn plain_owner(owner: &str) -> &str {
    owner.strip_prefix('@').unwrap_or(owner)
}

fn patterns(key: &str, texts: &[String], of: PatternOf) -> Result<Vec<Pattern>, RulesError> {
    let pattern = |text: &String| {
        let text = match of {
            PatternOf::Attributes => text.as_str(),
            PatternOf::Paths => text.trim_start_matches("./").trim_matches('/'),
        };
        let mut builder = GlobBuilder::new(text);
        let built = builder.literal_separator(true).build();
        let glob = built.map_err(|error| RulesError::Value {
            key: key.to_owned(),
            message: error.to_string(),
        })?;
        Ok(Pattern {
            text: text.to_owned(),
            of,
            is_exact: !text.contains(['*', '?', '[', '{']),
            glob: glob.compile_matcher(),
        })
    };
    texts.iter().map(pattern).collect()
}

impl Pattern {
    /// What of a by-name directory it matches: its path, or one of its attributes.
    pub(super) fn matches<'a>(
        &self,
        directory: &'a str,
        attributes: impl IntoIterator<Item = &'a str>,
    ) -> Option<&'a str> {
        let mut things = match self.of {
            PatternOf::Paths => vec![directory],
            PatternOf::Attributes => attributes.into_iter().collect(),
        }
        .into_iter();
        things.find(|thing| self.glob.is_match(thing))
    }

    /// The key that it is written under.
    pub(super) fn key(&self) -> &'static str {
        match self.of {
            PatternOf::Paths => "paths",
            PatternOf::Attributes => "attributes",
        }
    }
}

/// A number that chance gives to a name: FNV-1a, and the finalizer of `SplitMix64`
/// so that close names are far apart.
pub(super) fn chance(seed: u64, name: &str) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325 ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut hash = name.bytes().fold(start, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_have_a_place() {
        let refused = |text: &str| Rules::read(text).unwrap_err().to_string();
        let error = refused("[repos.python]\natributes = []\n");
        assert!(
            error.contains("line 2") && error.contains("attributes"),
            "{error}"
        );
        let error = refused("[repos.python]\npaths = [\"a[\"]\n");
        assert!(error.starts_with("`repos.python.paths`: "), "{error}");
        let error = refused("[repos.core]\n");
        assert_eq!(
            error,
            "`repos.core`: every split has a repo `core` of its own"
        );
    }

    #[test]
    fn patterns_match_attributes_and_directories() {
        let rules =
            Rules::read("[repos.p]\nattributes = [\"py*\"]\npaths = [\"pkgs/by-name/ru/*\"]\n");
        let rules = rules.unwrap();
        let Choice::Rules(repos) = &rules.choice else {
            panic!("they are rules");
        };
        let patterns = &repos["p"].patterns;
        assert_eq!(patterns[0].matches("x", ["ant", "pypy"]), Some("pypy"));
        assert_eq!(patterns[0].matches("py", []), None);
        assert!(patterns[1].matches("pkgs/by-name/ru/ruby", []).is_some());
        assert_eq!(patterns[1].matches("pkgs/by-name/ru/ruby/x", []), None);
    }

    #[test]
    fn chance_is_the_same_everywhere_and_spreads() {
        assert_eq!(chance(7, "openssl"), chance(7, "openssl"));
        let mut counts = [0; 10];
        for number in 0..1000 {
            let slot = chance(1, &format!("p{number}")) % 10;
            counts[usize::try_from(slot).unwrap()] += 1;
        }
        assert!(
            counts.iter().all(|count| (60..140).contains(count)),
            "{counts:?}"
        );
    }
}
