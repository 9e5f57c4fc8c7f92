//! The plan of a split for machines; `docs/splitting.md` says what its keys mean.

use std::collections::{BTreeMap, BTreeSet};

use aux_adopt::adopt::Note;
use aux_adopt::ready::Place;
use aux_adopt::split::{BuiltFamily, Idle, Pin, Placed, RelationNote, Wanted};
use aux_model::{AttrName, RepoName};
use serde::Serialize;

use crate::split::placement::placement;
use crate::split::plan::Plan;
use crate::split::verify::Verified;

/// The plan for machines.
#[derive(Serialize)]
pub(super) struct PlanReport<'a> {
    tree: String,
    wiring: &'static str,
    pub(crate) repos: Vec<RepoReport<'a>>,
    packages: Vec<PackageReport<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sets: Vec<SetReport<'a>>,
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

/// A package set of which rules name members.
#[derive(Serialize)]
pub(super) struct SetReport<'a> {
    pub(super) set: &'a AttrName,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hook: Option<&'a AttrName>,
    /// Why nobody can add to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) closed: Option<&'a str>,
    pub(super) instances: &'a BTreeSet<AttrName>,
    /// How many packages it has.
    pub(super) members: usize,
    /// Those of which nobody knows where they come from.
    pub(super) without_value: &'a BTreeSet<String>,
    /// Those that a rule wants elsewhere.
    pub(super) placed: Vec<MemberReport<'a>>,
}

/// Where one member goes, and why.
#[derive(Serialize)]
pub(super) struct MemberReport<'a> {
    member: &'a AttrName,
    repo: &'a str,
    because: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    wanted: Option<&'a Wanted>,
    pub(super) pins: &'a [Pin],
}

pub(super) fn sets(plan: &Plan) -> Vec<SetReport<'_>> {
    let reports = plan.sets.iter().map(|(name, set)| {
        let placed = plan.assignment.members.iter();
        let placed = placed.filter(|((of, _), placed)| of == name && placed.wanted.is_some());
        SetReport {
            set: name,
            hook: set.hook.as_ref(),
            closed: set.closed(),
            instances: &set.instances,
            members: set.members.len(),
            without_value: &set.without_value,
            placed: placed
                .map(|((_, member), placed)| {
                    let (repo, because) = placement(placed, &plan.rest);
                    MemberReport {
                        member,
                        repo,
                        because,
                        wanted: placed.wanted.as_ref(),
                        pins: &placed.pins,
                    }
                })
                .collect(),
        }
    });
    reports.collect()
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
            sets: sets(plan),
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
