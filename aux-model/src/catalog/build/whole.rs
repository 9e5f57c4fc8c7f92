//! A catalog out of drafts, part by part.

use std::collections::BTreeMap;

use aux_names::{FlakeRef, RepoName};

use crate::access::ForgeRules;
use crate::catalog::build::builder::Builder;
use crate::catalog::build::{former, organization, policy, repos};
use crate::catalog::checked::Family;
use crate::catalog::tree::Tree;
use crate::ci::Ci;
use crate::manifest::draft::{CiDraft, Draft, ForgeRulesDraft};
use crate::manifest::reader::Finding;
use aux_problems::Problems;
use aux_problems::Source;

/// Looks everything up. The catalog is complete only if there are no errors
/// among the findings.
pub(crate) fn build(
    draft: Draft,
    trees: &BTreeMap<RepoName, Tree>,
    sources: Vec<Source>,
    findings: &mut Vec<Finding>,
) -> Family {
    let mut builder = Builder {
        findings,
        suggested: 0,
        core_is_unknown: false,
    };
    let organization = organization::organization(draft.organization);
    let tiers = builder.tiers(draft.tiers);
    let people = builder.people(draft.people);
    let sigs = builder.sigs(draft.sigs, &people);
    let drafts = builder.unique("repo", draft.repos, |_| true);
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
    let mut members = Vec::new();
    for (name, repo) in drafts {
        let tree = trees.get(&name.value);
        let repo = builder.repo(&name, repo, tree, &known, (&mut waiting, &mut members));
        repos.insert(name.value, repo);
    }
    builder.shadowed(&mut repos);
    let packages = repos
        .values_mut()
        .flat_map(|repo| repo.packages.values_mut());
    for (number, package) in packages.enumerate() {
        package.number = number;
    }
    builder.known_repos(&repos);
    let attributes = builder.attributes(&repos);
    builder.connect(&mut repos, &attributes, waiting);
    builder.connect_sets(&mut repos, &attributes, members);
    builder.arrived(&repos, &attributes);
    builder.owned_elsewhere(&repos, &attributes);
    builder.former_of_repos(&repos, &attributes);
    let former = builder.former_names(
        draft.former,
        &former::Known {
            repos: &repos,
            sigs: &sigs,
            people: &people,
        },
    );
    let policy = builder.policy(
        draft.policy,
        &policy::Known {
            sigs: &sigs,
            repos: &repos,
            attributes: &attributes,
            ends: [core.as_ref(), top_level.as_ref()],
        },
    );

    let channels = builder.channels(draft.channels, &repos);
    let ci = ci(&draft.ci, &organization.forge);
    Family {
        organization,
        templates: draft.templates.map(|path| path.value),
        tiers,
        policy,
        ci,
        access: access(draft.access),
        channels,
        channel: None,
        own_urls: BTreeMap::new(),
        former,
        people,
        sigs,
        repos,
        attributes,
        levels,
        core,
        top_level,
        below: BTreeMap::new(),
        layer_order: Vec::new(),
        available: BTreeMap::new(),
        prices: crate::price::Prices::new(),
        sources,
        warnings: Problems::default(),
    }
}

/// What the manifest says of continuous integration, or else the forge.
fn ci(draft: &CiDraft, forge: &FlakeRef) -> Ci {
    let usual = Ci::of_forge(forge);
    Ci {
        github: draft.github.unwrap_or(usual.github),
        forgejo: draft.forgejo.unwrap_or(usual.forgejo),
        hydra: draft.hydra.unwrap_or(usual.hydra),
        revision: draft.revision.clone(),
        build: draft.build.unwrap_or(usual.build),
        site: draft.site.clone(),
    }
}

/// What the manifest says of the forge, or else what is usual.
fn access(draft: ForgeRulesDraft) -> ForgeRules {
    let usual = ForgeRules::default();
    ForgeRules {
        reviews: draft.reviews.unwrap_or(usual.reviews),
        trains: draft.trains,
        private: draft.private.unwrap_or(usual.private),
    }
}
