//! The first page: the search, and where to go without one.

use std::collections::{BTreeMap, BTreeSet};

use aux_gen::render::quote::shell;
use aux_model::counted;
use aux_search::HitKind;
use serde::Serialize;

use crate::address;
use crate::lookup::Lookup;
use crate::pages::frame::{Frame, Link};
use crate::pages::lists::links;
use crate::pages::things::CommandLine;
use crate::pages::tiers::{TierRow, tier_rows};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Home {
    #[serde(flatten)]
    frame: Frame,
    description: Option<String>,
    /// How many there are of each kind, in words.
    counted: String,
    /// What Nix was not asked of, in words.
    unasked: Option<String>,
    kinds: Vec<Choice>,
    repo_choices: Vec<String>,
    sig_choices: Vec<String>,
    tier_choices: Vec<String>,
    system_choices: Vec<String>,
    license_choices: Vec<String>,
    letters: Vec<Link>,
    tiers: Vec<TierRow>,
    commands: Vec<CommandLine>,
}

/// A choice of a filter.
#[derive(Serialize)]
struct Choice {
    value: &'static str,
    text: &'static str,
}

impl Home {
    pub(crate) fn of(lookup: &Lookup<'_>, path: &str) -> Self {
        let root = address::root_of(path);
        let catalog = lookup.source.catalog;
        let index = &lookup.index;
        let mut counts: BTreeMap<HitKind, usize> = BTreeMap::new();
        for entry in &index.entries {
            *counts.entry(entry.kind).or_default() += 1;
        }
        let licenses: BTreeSet<&String> = index
            .entries
            .iter()
            .flat_map(|entry| &entry.licenses)
            .collect();
        let top = catalog.top_level();
        let summary = index.description.as_deref();
        Self {
            frame: Frame::of(
                lookup,
                path,
                &index.name,
                summary.unwrap_or("One package collection in many repositories"),
            ),
            description: index.description.clone(),
            counted: in_words(&counts),
            unasked: unasked(lookup),
            kinds: counts
                .keys()
                .map(|kind| Choice {
                    value: kind.as_str(),
                    text: match kind {
                        HitKind::Sig => "SIG",
                        kind => kind.as_str(),
                    },
                })
                .collect(),
            repo_choices: catalog.repos().map(|repo| repo.name.to_string()).collect(),
            sig_choices: catalog.sigs().map(|sig| sig.name.to_string()).collect(),
            tier_choices: catalog
                .tiers()
                .iter()
                .map(|tier| tier.name.to_string())
                .collect(),
            system_choices: index.systems.iter().map(ToString::to_string).collect(),
            license_choices: licenses.into_iter().cloned().collect(),
            letters: links(lookup, &root),
            tiers: tier_rows(catalog, &root),
            commands: vec![
                CommandLine {
                    what: "Everything, as one flake input",
                    text: format!("inputs.{}.url = \"{}\";", top.name, top.url),
                },
                CommandLine {
                    what: "Everything there is, listed",
                    text: format!("nix search {} ^", shell(top.url.as_str())),
                },
            ],
        }
    }
}

/// How many there are of each kind.
fn in_words(counts: &BTreeMap<HitKind, usize>) -> String {
    let of = |kind| counts.get(&kind).copied().unwrap_or_default();
    let packages = of(HitKind::Package) + of(HitKind::Builder);
    let others = [
        (HitKind::Member, "set member"),
        (HitKind::Module, "module"),
        (HitKind::Option, "option"),
        (HitKind::Repo, "repo"),
        (HitKind::Sig, "SIG"),
    ];
    let others = others
        .iter()
        .filter(|(kind, _)| of(*kind) > 0)
        .map(|(kind, noun)| counted(of(*kind), noun));
    let parts: Vec<String> = std::iter::once(counted(packages, "package"))
        .chain(others)
        .collect();
    format!("{}.", parts.join(", "))
}

/// What the site does not know, so that nobody takes silence for an answer.
fn unasked(lookup: &Lookup<'_>) -> Option<String> {
    let Some(facts) = lookup.source.facts else {
        return Some(
            "This site was made from the manifest alone: Nix was not asked for versions, options of modules, or whether anything evaluates."
                .to_owned(),
        );
    };
    let mut parts = Vec::new();
    if !facts.unasked.is_empty() {
        let repos: Vec<String> = facts.unasked.iter().map(ToString::to_string).collect();
        parts.push(format!(
            "Nix was not asked of the repos {}.",
            repos.join(", ")
        ));
    }
    if !facts.unread.is_empty() {
        parts.push(format!(
            "The options of {} cannot be read; the page says why.",
            counted(facts.unread.len(), "module")
        ));
    }
    (!parts.is_empty()).then(|| parts.join(" "))
}
