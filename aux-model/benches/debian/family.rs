//! The packages of an index, their edges, and the manifest that says so.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::{self, Write};

use aux_model::{AttrName, NameError, RepoName};

use super::control::{Stanza, stanzas};
use super::name;

/// An index in our words.
pub(crate) struct Family {
    /// By repo, then by name.
    packages: Vec<Package>,
    /// Each team's repo and how Debian writes the team.
    teams: BTreeMap<RepoName, String>,
    pub(crate) counts: Counts,
}

struct Package {
    repo: RepoName,
    name: AttrName,
    description: String,
    /// Numbers of the packages it needs, then of those it recommends.
    needs: BTreeSet<usize>,
    recommends: BTreeSet<usize>,
}

/// What was found, and what was left out.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) packages: usize,
    /// Further stanzas of a name that is there already.
    pub(crate) repeated: usize,
    /// How many of the packages stand in core.
    pub(crate) core: usize,
    pub(crate) teams: usize,
    pub(crate) needed: usize,
    pub(crate) optional: usize,
    /// Dependencies and recommendations of which no alternative exists.
    pub(crate) to_nothing: usize,
    /// What a package provides to itself.
    pub(crate) to_itself: usize,
}

/// What core is for.
const CORE: &str = "what every installation has";

/// Which package a name means.
struct Names<'t> {
    real: HashMap<&'t str, usize>,
    provided: HashMap<&'t str, usize>,
}

impl Family {
    /// Reads the text of a `Packages` file.
    pub(crate) fn read(index: &str) -> Result<Self, NameError> {
        let mut counts = Counts::default();
        let core: RepoName = "core".parse()?;
        let mut teams = BTreeMap::from([(core.clone(), CORE.to_owned())]);
        let mut known = HashSet::new();
        let mut placed: Vec<(RepoName, AttrName, Stanza<'_>)> = Vec::new();
        for stanza in stanzas(index) {
            if !known.insert(stanza.name) {
                counts.repeated += 1;
                continue;
            }
            let repo = if stanza.is_base {
                counts.core += 1;
                core.clone()
            } else {
                let team = name::team(stanza.maintainer);
                let repo = name::repo(team)?;
                teams.entry(repo.clone()).or_insert_with(|| team.to_owned());
                repo
            };
            placed.push((repo, name::attribute(stanza.name)?, stanza));
        }
        placed.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
        let names = Names::of(placed.iter().map(|(.., stanza)| stanza));
        let mut packages = Vec::with_capacity(placed.len());
        for (number, (repo, name, stanza)) in placed.iter().enumerate() {
            let needs = names.all(number, &stanza.needs, &mut counts);
            let mut recommends = names.all(number, &stanza.recommends, &mut counts);
            recommends.retain(|to| !needs.contains(to));
            counts.needed += needs.len();
            counts.optional += recommends.len();
            packages.push(Package {
                repo: repo.clone(),
                name: name.clone(),
                description: stanza.description.to_owned(),
                needs,
                recommends,
            });
        }
        counts.packages = packages.len();
        counts.teams = teams.len() - 1;
        Ok(Self {
            packages,
            teams,
            counts,
        })
    }

    /// Who needs whom, as numbers of packages.
    pub(crate) fn needed(&self) -> impl Iterator<Item = (usize, usize)> {
        self.packages
            .iter()
            .enumerate()
            .flat_map(|(from, package)| package.needs.iter().map(move |to| (from, *to)))
    }

    /// The whole manifest in one text of TOML.
    pub(crate) fn manifest(&self) -> String {
        let mut text = String::from(
            "format = \"1.0\"\n\
             organization = { name = \"debian\", forge = \"github:debian\" }\n\
             tiers = [{ name = \"core\" }, { name = \"teams\" }, { name = \"top-level\" }]\n\
             people.debian = {}\n\
             repos.top-level = { sig = \"core\", tier = \"top-level\" }\n",
        );
        let peers = self.peers();
        let mut packages = self.packages.iter().peekable();
        for (repo, team) in &self.teams {
            self.write_repo(&mut text, repo, team, peers.get(repo));
            while let Some(package) = packages.next_if(|package| package.repo == *repo) {
                self.write_package(&mut text, package);
            }
        }
        text
    }

    /// The teams whose packages each team's packages need.
    fn peers(&self) -> BTreeMap<&RepoName, BTreeSet<&RepoName>> {
        let mut peers: BTreeMap<&RepoName, BTreeSet<&RepoName>> = BTreeMap::new();
        for (from, to) in self.needed() {
            let (from, to) = (&self.packages[from].repo, &self.packages[to].repo);
            if from != to && *from != "core" && *to != "core" {
                peers.entry(from).or_default().insert(to);
            }
        }
        peers
    }

    fn write_repo(
        &self,
        text: &mut String,
        repo: &RepoName,
        team: &str,
        peers: Option<&BTreeSet<&RepoName>>,
    ) {
        let tier = if *repo == "core" { "core" } else { "teams" };
        let peers = peers.into_iter().flatten().map(|peer| peer.as_str());
        let _ = write!(
            text,
            "\n[sigs.{repo}]\ndescription = {}\nleads = [\"debian\"]\n\
             [repos.{repo}]\nsig = \"{repo}\"\ntier = \"{tier}\"\npeers = {}\n[repos.{repo}.packages]\n",
            quoted(team),
            list(peers),
        );
    }

    fn write_package(&self, text: &mut String, package: &Package) {
        let names = |numbers: &BTreeSet<usize>| {
            list(
                numbers
                    .iter()
                    .map(|number| self.packages[*number].name.as_str()),
            )
        };
        let _ = writeln!(
            text,
            "{} = {{ description = {}, runtime = {}, optional = {} }}",
            package.name,
            quoted(&package.description),
            names(&package.needs),
            names(&package.recommends),
        );
    }
}

impl<'t> Names<'t> {
    /// Numbers follow the order of the stanzas.
    fn of<'s>(stanzas: impl Iterator<Item = &'s Stanza<'t>>) -> Self
    where
        't: 's,
    {
        let mut real = HashMap::new();
        let mut providers: HashMap<&str, (&str, usize)> = HashMap::new();
        for (number, stanza) in stanzas.enumerate() {
            real.insert(stanza.name, number);
            for provided in &stanza.provides {
                let provider = (stanza.name, number);
                let first = providers.entry(provided).or_insert(provider);
                *first = provider.min(*first);
            }
        }
        let provided = providers
            .into_iter()
            .map(|(name, (_, number))| (name, number))
            .collect();
        Self { real, provided }
    }

    /// The package behind each relation of one package.
    fn all(&self, from: usize, relations: &[Vec<&str>], counts: &mut Counts) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        for alternatives in relations {
            let mut existing = alternatives
                .iter()
                .filter_map(|name| self.real.get(name).or_else(|| self.provided.get(name)));
            match existing.next() {
                None => counts.to_nothing += 1,
                Some(to) if *to == from => counts.to_itself += 1,
                Some(to) => {
                    found.insert(*to);
                }
            }
        }
        found
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} packages, {} of them in core; {} teams; {} needed and {} optional edges; \
             left out: {} edges to nothing, {} to itself, {} further versions",
            self.packages,
            self.core,
            self.teams,
            self.needed,
            self.optional,
            self.to_nothing,
            self.to_itself,
            self.repeated
        )
    }
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}

/// A list of names, none of which needs an escape.
fn list<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let quoted: Vec<String> = names.map(|name| format!("\"{name}\"")).collect();
    format!("[{}]", quoted.join(", "))
}
