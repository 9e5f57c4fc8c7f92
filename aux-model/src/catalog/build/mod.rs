//! From a draft to a catalog: every name is looked up, every default filled in.
//!
//! A name that does not exist is a finding; the entry stays, so that the rules
//! can go on and find what else is wrong. A catalog built with findings never
//! leaves this crate.

mod edges;
mod moved;
mod names;
mod organization;
mod packages;
mod people;
mod policy;
mod repos;
mod trees;

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Display;
use std::hash::{Hash, Hasher};

use super::{Catalog, Tree};
use crate::ci::Ci;
use crate::flake_ref::FlakeRef;
use crate::manifest::draft::{CiDraft, Draft};
use crate::manifest::reader::Finding;
use crate::name::RepoName;
use crate::problem::{Code, Problems};
use crate::source::{At, Located, Source};
use crate::suggest::did_you_mean;

/// Above this many unknown names the suggestions stop: each looks at every name
/// there is, and so many mistakes have one cause.
const SUGGESTIONS: usize = 100;

/// Looks everything up. The catalog is complete only if there are no errors
/// among the findings.
pub(crate) fn build(
    draft: Draft,
    trees: &BTreeMap<RepoName, Tree>,
    sources: Vec<Source>,
    findings: &mut Vec<Finding>,
) -> Catalog {
    let mut builder = Builder {
        findings,
        suggested: 0,
    };
    let organization = organization::organization(draft.organization);
    let tiers = builder.tiers(draft.tiers);
    let people = builder.people(draft.people);
    let sigs = builder.sigs(draft.sigs, &people);
    let drafts = builder.unique("repo", draft.repos);
    let levels = builder.levels(&drafts, &tiers);
    let core = organization::only_repo_of(&levels, Some(0));
    let top_level = organization::only_repo_of(&levels, tiers.len().checked_sub(1));

    let known = repos::Known {
        organization: &organization,
        people: &people,
        sigs: &sigs,
        core: core.as_ref(),
        top_level: top_level.as_ref(),
    };
    let mut repos = BTreeMap::new();
    let mut waiting = Vec::new();
    for (name, repo) in drafts {
        let tree = trees.get(&name.value);
        let repo = builder.repo(&name, repo, tree, &known, &mut waiting);
        repos.insert(name.value, repo);
    }
    let packages = repos
        .values_mut()
        .flat_map(|repo| repo.packages.values_mut());
    for (number, package) in packages.enumerate() {
        package.number = number;
    }
    builder.known_repos(&repos);
    let attributes = builder.attributes(&repos);
    builder.connect(&mut repos, &attributes, waiting);
    builder.arrived(&repos, &attributes);
    let policy = builder.policy(
        draft.policy,
        &policy::Known {
            sigs: &sigs,
            repos: &repos,
            attributes: &attributes,
            ends: [core.as_ref(), top_level.as_ref()],
        },
    );

    let ci = ci(&draft.ci, &organization.forge);
    Catalog {
        organization,
        templates: draft.templates.map(|path| path.value),
        tiers,
        policy,
        ci,
        people,
        sigs,
        repos,
        attributes,
        levels,
        core,
        top_level,
        below: BTreeMap::new(),
        layer_order: Vec::new(),
        sources,
        warnings: Problems::new(Vec::new()),
    }
}

/// What the manifest says of continuous integration, or else the forge.
fn ci(draft: &CiDraft, forge: &FlakeRef) -> Ci {
    let usual = Ci::of_forge(forge);
    Ci {
        github: draft.github.unwrap_or(usual.github),
        forgejo: draft.forgejo.unwrap_or(usual.forgejo),
        hydra: draft.hydra.unwrap_or(usual.hydra),
    }
}

/// What every part of the work adds to.
struct Builder<'f> {
    findings: &'f mut Vec<Finding>,
    suggested: usize,
}

impl Builder<'_> {
    fn report(&mut self, code: Code, at: At, message: String, help: Option<String>) {
        self.findings
            .push(Finding::new(code, Some(at), message, help));
    }

    /// A name that does not exist, who asks for it, and the nearest that does.
    fn unknown<'a, T: AsRef<str>, K: AsRef<str> + 'a>(
        &mut self,
        code: Code,
        asker: impl Display,
        what: &str,
        name: &Located<T>,
        known: impl Iterator<Item = &'a K> + Clone,
    ) {
        let text = name.value.as_ref();
        let help = self.suggest(text, known.map(AsRef::as_ref));
        self.report(
            code,
            name.at,
            format!("{asker}: there is no {what} `{text}`"),
            help,
        );
    }

    fn suggest<'a>(
        &mut self,
        text: &str,
        known: impl Iterator<Item = &'a str> + Clone,
    ) -> Option<String> {
        self.may_suggest()
            .then(|| did_you_mean(text, known))
            .flatten()
    }

    fn may_suggest(&mut self) -> bool {
        self.suggested += 1;
        self.suggested <= SUGGESTIONS
    }

    /// The first definition of each name; later ones, and names that differ only
    /// in case, are findings.
    fn unique<K, V>(&mut self, what: &str, entries: Vec<(Located<K>, V)>) -> Vec<(Located<K>, V)>
    where
        K: AsRef<str> + Clone + Eq + Display,
    {
        let mut seen: HashMap<AnyCase<K>, At> = HashMap::with_capacity(entries.len());
        let mut kept = Vec::with_capacity(entries.len());
        for (name, value) in entries {
            match seen.entry(AnyCase(name.value.clone())) {
                Entry::Vacant(entry) => {
                    entry.insert(name.at);
                }
                Entry::Occupied(entry) if entry.key().0 == name.value => {
                    self.defined_twice(what, &name.value, name.at, *entry.get());
                    continue;
                }
                Entry::Occupied(entry) => {
                    let first = &entry.key().0;
                    let finding = case_collision(what, &name.value, name.at, first, *entry.get());
                    self.findings.push(finding);
                }
            }
            kept.push((name, value));
        }
        kept
    }

    fn defined_twice(&mut self, what: &str, name: &impl Display, at: At, first: At) {
        self.findings.push(
            Finding::new(
                Code::DuplicateDefinition,
                Some(at),
                format!("{what} `{name}` is defined twice"),
                Some("remove one definition, or merge the two".to_owned()),
            )
            .related(first, "first defined here"),
        );
    }
}

/// A name that equals those that differ only in case.
struct AnyCase<K>(K);

impl<K: AsRef<str>> PartialEq for AnyCase<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_ref().eq_ignore_ascii_case(other.0.as_ref())
    }
}

impl<K: AsRef<str>> Eq for AnyCase<K> {}

impl<K: AsRef<str>> Hash for AnyCase<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // In pieces of a few bytes each: a hasher is slow byte by byte.
        for bytes in self.0.as_ref().as_bytes().chunks(32) {
            let mut lower = [0; 32];
            lower[..bytes.len()].copy_from_slice(bytes);
            lower.make_ascii_lowercase();
            state.write(&lower[..bytes.len()]);
        }
        state.write_u8(0xff);
    }
}

fn case_collision(
    what: &str,
    name: &impl Display,
    at: At,
    first: &impl Display,
    first_at: At,
) -> Finding {
    Finding::new(
        Code::CaseCollision,
        Some(at),
        format!("{what} `{name}` and {what} `{first}` differ only in case"),
        Some("rename one: both would be one directory on macOS and Windows".to_owned()),
    )
    .related(first_at, "the other one is here")
}
