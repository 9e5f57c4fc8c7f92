//! The organization, its tiers, and which repo stands on which.

use std::collections::BTreeMap;

use aux_names::{FlakeRef, RepoName, System, TierName};

use crate::catalog::build::builder::Builder;
use crate::manifest::draft::{OrganizationDraft, RepoDraft, TierDraft};
use crate::organization::{Organization, Tier};
use aux_problems::Code;
use aux_problems::{At, Located};

/// The organization with its defaults. What is missing was reported when the
/// text was read.
pub(super) fn organization(draft: Option<OrganizationDraft>) -> Organization {
    let draft = draft.unwrap_or_default();
    let mut systems: Vec<System> = draft
        .systems
        .into_iter()
        .map(|system| system.value)
        .collect();
    if systems.is_empty() {
        systems = ["x86_64-linux", "aarch64-linux"]
            .map(|system| system.parse().expect("the default systems are systems"))
            .into();
    }
    systems.sort();
    systems.dedup();
    Organization {
        name: draft.name.unwrap_or_default(),
        description: draft.description,
        registry: draft.registry.map(|registry| registry.value),
        forge: draft
            .forge
            .map_or_else(placeholder_forge, |forge| forge.value),
        systems,
    }
}

/// The repo of a level, if there is exactly one.
pub(super) fn only_repo_of(
    levels: &BTreeMap<RepoName, usize>,
    level: Option<usize>,
) -> Option<RepoName> {
    let mut of_level = levels.iter().filter(|(_, at)| Some(**at) == level);
    match (of_level.next(), of_level.next()) {
        (Some((name, _)), None) => Some(name.clone()),
        _ => None,
    }
}

impl Builder<'_> {
    pub(super) fn tiers(&mut self, drafts: Vec<TierDraft>) -> Vec<Tier> {
        let mut seen: BTreeMap<TierName, At> = BTreeMap::new();
        let mut tiers = Vec::new();
        for TierDraft { name, description } in drafts {
            if let Some(first) = seen.insert(name.value.clone(), name.at) {
                self.defined_twice("tier", &name.value, name.at, first);
                continue;
            }
            tiers.push(Tier {
                name: name.value,
                description,
                level: tiers.len(),
            });
        }
        tiers
    }

    /// The height of each repo whose tier exists.
    pub(super) fn levels(
        &mut self,
        repos: &[(Located<RepoName>, RepoDraft)],
        tiers: &[Tier],
    ) -> BTreeMap<RepoName, usize> {
        let of_tier: BTreeMap<&TierName, usize> =
            tiers.iter().map(|tier| (&tier.name, tier.level)).collect();
        let mut levels = BTreeMap::new();
        for (name, repo) in repos {
            let Some(tier) = &repo.tier else { continue };
            match of_tier.get(&tier.value) {
                Some(level) => {
                    levels.insert(name.value.clone(), *level);
                }
                None => self.unknown(
                    Code::UnknownTier,
                    format_args!("repo `{}`", name.value),
                    "tier",
                    tier,
                    of_tier.keys().copied(),
                ),
            }
        }
        levels
    }
}

fn placeholder_forge() -> FlakeRef {
    "path:."
        .parse()
        .expect("a constant that is a flake reference")
}
