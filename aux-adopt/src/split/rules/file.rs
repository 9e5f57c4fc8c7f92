//! The file of rules that people write.

use std::collections::{BTreeMap, BTreeSet};

use aux_model::{AttrName, RepoName};
use serde::Deserialize;

use crate::split::rules::choice::{Choice, Core, RepoRules, Rules, bootstrap, plain_owner};
use crate::split::rules::error::RulesError;
use crate::split::rules::pattern::{PatternOf, patterns};

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
    members: Vec<String>,
    #[serde(default)]
    owners: Vec<String>,
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
        let members = patterns(&key("members"), &file.members, PatternOf::Members)?;
        for member in &members {
            let set = member.set().map(str::parse::<AttrName>);
            if !matches!(set, Some(Ok(_))) {
                return Err(RulesError::Value {
                    key: key("members"),
                    message: format!(
                        "`{}` is no pattern of members: write the name of the set, a dot and a pattern, such as `python3Packages.flask*`",
                        member.text
                    ),
                });
            }
        }
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
            members,
        })
    }
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
        let error = refused("[repos.web]\nmembers = [\"flask\"]\n");
        assert!(
            error.starts_with("`repos.web.members`: `flask` is no pattern of members"),
            "{error}"
        );
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
}
