//! The plan of a split for machines; `docs/splitting.md` says what its keys mean.

use std::collections::{BTreeMap, BTreeSet};

use aux_adopt::adopt::Note;
use aux_adopt::ready::Place;
use aux_adopt::split::{BuiltFamily, Idle, Placed, RelationNote};
use aux_model::{AttrName, RepoName};
use serde::Serialize;

use crate::commands::split::placement::placement;
use crate::commands::split::plan::Plan;
use crate::commands::split::verify::Verified;

/// The plan for machines.
#[derive(Serialize)]
pub(super) struct PlanReport<'a> {
    tree: String,
    wiring: &'static str,
    pub(crate) repos: Vec<RepoReport<'a>>,
    packages: Vec<PackageReport<'a>>,
    idle_rules: &'a [Idle],
    bootstrap_without_value: &'a BTreeMap<String, String>,
    stubs: Vec<StubReport<'a>>,
    core: &'a [Place],
    relations: &'a [RelationNote],
    notes: Vec<Note>,
    of_core: &'a BTreeSet<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    family: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verified: Option<&'a Verified>,
}

/// Where one package goes, and why.
#[derive(Serialize)]
struct PackageReport<'a> {
    package: &'a AttrName,
    repo: &'a str,
    because: String,
    #[serde(flatten)]
    placed: &'a Placed,
}

/// Who has what core asks for, and where it does; computed names have no place.
#[derive(Serialize)]
struct StubReport<'a> {
    name: &'a str,
    repo: &'a RepoName,
    place: Option<&'a String>,
}

/// One repo of the plan.
#[derive(Serialize)]
pub(super) struct RepoReport<'a> {
    pub(super) repo: &'a str,
    pub(super) packages: usize,
    /// Attributes that are derivations; none if Nix was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) derivations: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) offered_alone: Option<usize>,
    /// How many of the others are made from something of each other repo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lacks: Option<&'a BTreeMap<RepoName, usize>>,
    /// The nearest attributes of those repos, and for how many each is it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) culprits: Option<&'a BTreeMap<RepoName, BTreeMap<String, usize>>>,
    /// Bytes of its archive, and of all that it needs to be used alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) bytes_alone: Option<u64>,
}

pub(super) fn repos(plan: &Plan) -> Vec<RepoReport<'_>> {
    let above = plan.rules.repos().into_iter().map(Some);
    [None]
        .into_iter()
        .chain(above)
        .map(|repo| {
            let alone = plan.measured.alone.get(&repo.cloned());
            let download = plan.measured.download.as_ref();
            let of = |repo: Option<&RepoName>| download?.repos.get(&repo.cloned()).copied();
            let own = of(repo);
            RepoReport {
                repo: repo.unwrap_or(&plan.rest).as_str(),
                packages: plan.assignment.of_repo(repo).count(),
                derivations: alone.map(|alone| alone.owned),
                offered_alone: alone.map(|alone| alone.offered),
                bytes: own,
                bytes_alone: match repo {
                    // What a core has that is somebody else's is not measured.
                    _ if plan.is_over_core() => None,
                    None => own,
                    Some(repo) => {
                        let below = plan.rules.below(repo).into_iter().map(Some);
                        let all = below.chain([None]).map(of);
                        all.fold(own, |sum, bytes| Some(sum? + bytes?))
                    }
                },
                lacks: alone.map(|alone| &alone.lacks),
                culprits: alone.map(|alone| &alone.culprits),
            }
        })
        .collect()
}

fn wiring(plan: &Plan) -> &'static str {
    plan.wiring.as_str()
}

impl<'a> PlanReport<'a> {
    pub(super) fn of(plan: &'a Plan, done: Option<(&BuiltFamily, Option<&'a Verified>)>) -> Self {
        let verified = done.and_then(|(_, verified)| verified);
        Self {
            tree: plan.monorepo.root().display().to_string(),
            wiring: wiring(plan),
            repos: repos(plan),
            packages: plan
                .assignment
                .placed
                .iter()
                .map(|(name, placed)| {
                    let (repo, because) = placement(placed, &plan.rest);
                    PackageReport {
                        package: name,
                        repo,
                        because,
                        placed,
                    }
                })
                .collect(),
            idle_rules: &plan.assignment.idle,
            bootstrap_without_value: &plan.evidence.without_value,
            stubs: plan
                .relations
                .stubs()
                .iter()
                .map(|(name, repo)| {
                    let place = plan.relations.asked.get(name);
                    StubReport { name, repo, place }
                })
                .collect(),
            core: &plan.readiness.places,
            relations: &plan.relations.notes,
            notes: plan.monorepo.notes(),
            of_core: &plan.of_core,
            family: done.map(|(made, _)| made.path.display().to_string()),
            verified,
        }
    }
}
