//! Applies the rules of placement, one package after the other.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aux_names::{RepoName, SigName};

use crate::answers::graph::PackageGraph;
use crate::answers::place::placement::{Candidate, Placement, Rule, VariantPlace};
use crate::answers::place::wish::Wish;
use crate::edge::PackageId;

/// Places packages, and remembers what is the same for many.
pub(super) struct Placer<'g, 'c> {
    graph: &'g PackageGraph<'c>,
    /// Who cannot do without each package, in order.
    users: HashMap<&'g PackageId, BTreeSet<&'g PackageId>>,
    /// What core boots from.
    boots: BTreeSet<PackageId>,
    /// What is in core by right.
    by_right: BTreeSet<PackageId>,
    /// The repos that see all repos of a set, lowest first, then by name.
    seers: HashMap<BTreeSet<RepoName>, Vec<(usize, RepoName)>>,
}

/// A choice among candidates, and why.
struct Choice {
    repo: RepoName,
    rule: Rule,
    users: Vec<PackageId>,
}

impl<'g, 'c> Placer<'g, 'c> {
    pub(super) fn new(graph: &'g PackageGraph<'c>) -> Self {
        let mut users: HashMap<_, BTreeSet<_>> = HashMap::new();
        for edge in graph.edges().iter().filter(|edge| edge.kind.is_needed()) {
            users.entry(edge.to).or_default().insert(edge.from);
        }
        Self {
            graph,
            users,
            boots: graph.boots(),
            by_right: graph.in_core_by_right(),
            seers: HashMap::new(),
        }
    }

    pub(super) fn place(&mut self, wish: &Wish) -> Placement {
        let mut candidates = self.candidates(&wish.needs);
        // Where it is, it may meet what it needs in peers.
        if let Some(id) = &wish.existing
            && !candidates.iter().any(|candidate| candidate.repo == id.repo)
            && wish
                .needs
                .iter()
                .all(|need| reaches(self.graph, &id.repo, &need.repo))
        {
            let candidate = self.candidate(&id.repo, &wish.needs);
            let at = candidates.partition_point(|other| other.level < candidate.level);
            candidates.insert(at, candidate);
        }
        let users: Vec<&PackageId> = match &wish.existing {
            Some(id) => self.users.get(id).into_iter().flatten().copied().collect(),
            None => Vec::new(),
        };
        let graph = self.graph;
        let blind = |repo: &RepoName| -> Vec<PackageId> {
            let users = users
                .iter()
                .filter(|user| !reaches(graph, &user.repo, repo));
            users.map(|user| (*user).clone()).collect()
        };
        let fitting: Vec<Candidate> = candidates
            .iter()
            .filter(|candidate| blind(&candidate.repo).is_empty())
            .cloned()
            .collect();
        let free = self.choose(wish, &candidates, &users);
        let fits = fitting.iter().any(|candidate| candidate.repo == free.repo);
        let choice = if fits || fitting.is_empty() {
            // If nothing fits, no repo sees all it needs and is seen by all who
            // need it: the placement says who is against it.
            free
        } else {
            // Where it is will do as well as anywhere lower.
            let stays = wish.existing.as_ref().map(|id| &id.repo);
            let stays = stays.filter(|repo| fitting.iter().any(|fits| fits.repo == **repo));
            Choice {
                users: blind(&free.repo),
                rule: Rule::NeededBelow,
                repo: match stays {
                    Some(repo) => repo.clone(),
                    None => self.choose(wish, &fitting, &users).repo,
                },
            }
        };
        let against = blind(&choice.repo);
        let others = if fitting.is_empty() {
            candidates
        } else {
            fitting
        };
        self.placement(wish, choice, others, against)
    }

    fn placement(
        &mut self,
        wish: &Wish,
        choice: Choice,
        mut alternatives: Vec<Candidate>,
        against: Vec<PackageId>,
    ) -> Placement {
        let catalog = self.graph.family();
        let runs = |repo: &RepoName| {
            let repo = catalog.repo(repo.as_str());
            repo.map_or(&catalog.top_level().sig, |repo| &repo.sig)
        };
        let owner = wish.owner.as_ref().unwrap_or_else(|| runs(&choice.repo));
        let needed = wish.needs.iter().filter_map(|id| catalog.package(id));
        let mut watchers: BTreeSet<&SigName> = needed.map(|package| &package.owner).collect();
        watchers.insert(runs(&choice.repo));
        watchers.remove(owner);
        alternatives.retain(|candidate| candidate.repo != choice.repo);
        Placement {
            stands: wish.existing.as_ref().map(|id| id.repo.clone()),
            witnesses: match choice.rule {
                Rule::TopLevel | Rule::NobodysYet => wish.needs.iter().cloned().collect(),
                // That what it needs is in core is not why it is above.
                Rule::NextTier if wish.needs.iter().all(|id| id.repo == catalog.core().name) => {
                    Vec::new()
                }
                _ => self.highest(&wish.needs),
            },
            rule: choice.rule,
            users: choice.users,
            against,
            owner: owner.clone(),
            watchers: watchers.into_iter().cloned().collect(),
            alternatives,
            variants: self.variants(wish, &choice.repo),
            repo: choice.repo,
        }
    }

    /// By the rules, among candidates that are not empty.
    fn choose(&self, wish: &Wish, candidates: &[Candidate], users: &[&PackageId]) -> Choice {
        let catalog = self.graph.family();
        let core = &catalog.core().name;
        let chosen = |repo: &RepoName, rule: Rule, users: Vec<PackageId>| Choice {
            repo: repo.clone(),
            rule,
            users,
        };
        let owners: Vec<&Candidate> = candidates
            .iter()
            .filter(|candidate| {
                let repo = catalog.repo(candidate.repo.as_str());
                repo.is_some_and(|repo| wish.owner.as_ref() == Some(&repo.sig))
            })
            .collect();
        if candidates.iter().any(|candidate| candidate.repo == *core) {
            if wish
                .existing
                .as_ref()
                .is_some_and(|id| self.boots.contains(id))
            {
                let boots = users.iter().filter(|user| self.boots.contains(*user));
                let boots = boots.map(|user| (*user).clone()).collect();
                return chosen(core, Rule::Bootstrap, boots);
            }
            if let Some(sharing) = self.sharing(wish, owners.first().copied(), users) {
                return chosen(core, Rule::Shared, sharing);
            }
        }
        if let Some(candidate) = owners.first() {
            return chosen(&candidate.repo, Rule::OwnersRepo, Vec::new());
        }
        let best = self.above_core(wish, candidates, users);
        let level = |repo: &RepoName| catalog.level(repo).unwrap_or(0);
        let highest = wish.needs.iter().map(|id| level(&id.repo)).max();
        let needs_core_alone = wish.needs.iter().all(|id| id.repo == *core);
        let rule = if best == catalog.top_level().name && needs_core_alone {
            Rule::NobodysYet
        } else if best == catalog.top_level().name {
            Rule::TopLevel
        } else if level(&best) > highest.unwrap_or(0) {
            Rule::NextTier
        } else {
            Rule::HoldsTheHighest
        };
        chosen(&best, rule, Vec::new())
    }

    /// The best repo for what nobody's own repo takes. Core is one for what it has by right alone. What
    /// needs nothing but core is no nearer to one SIG than to another: it goes where it is needed, to the
    /// one repo that stands on the next tier, or else to top-level.
    fn above_core(&self, wish: &Wish, candidates: &[Candidate], users: &[&PackageId]) -> RepoName {
        let catalog = self.graph.family();
        let (core, top) = (&catalog.core().name, &catalog.top_level().name);
        let existing = wish.existing.as_ref();
        let is_by_right = existing.is_some_and(|id| self.by_right.contains(id));
        let mut others = candidates
            .iter()
            .filter(|candidate| is_by_right || candidate.repo != *core);
        let Some(first) = others.next() else {
            return top.clone();
        };
        if is_by_right || wish.needs.iter().any(|id| id.repo != *core) {
            return first.repo.clone();
        }
        let above = || {
            candidates
                .iter()
                .filter(|candidate| candidate.repo != *core)
        };
        let is_used = |candidate: &&Candidate| users.iter().any(|user| user.repo == candidate.repo);
        if let Some(used) = above().find(is_used) {
            return used.repo.clone();
        }
        let stays = existing.filter(|id| id.repo != *core);
        if let Some(id) = stays.filter(|id| above().any(|one| one.repo == id.repo)) {
            return id.repo.clone();
        }
        let next = above().filter(|candidate| candidate.level == first.level);
        if next.count() == 1 {
            first.repo.clone()
        } else {
            top.clone()
        }
    }

    /// A package of each SIG of one tier that needs it, if they are as many as the
    /// policy says. Its owner does not count, nor do those who stand above a repo
    /// of its owner's and see it anyway.
    fn sharing(
        &self,
        wish: &Wish,
        owners: Option<&Candidate>,
        users: &[&PackageId],
    ) -> Option<Vec<PackageId>> {
        let catalog = self.graph.family();
        let ends = [&catalog.core().name, &catalog.top_level().name];
        let owners = owners.filter(|owners| !ends.contains(&&owners.repo));
        let highest = owners.map_or(usize::MAX, |owners| owners.level);
        let mut tiers: BTreeMap<usize, BTreeMap<&SigName, &PackageId>> = BTreeMap::new();
        for user in users.iter().filter(|user| !ends.contains(&&user.repo)) {
            let repo = catalog.repo(user.repo.as_str())?;
            let level = catalog.level(&repo.name)?;
            if level <= highest && wish.owner.as_ref() != Some(&repo.sig) {
                let tier = tiers.entry(level).or_default();
                tier.entry(&repo.sig).or_insert(user);
            }
        }
        let widest = tiers.into_values().max_by_key(BTreeMap::len)?;
        (widest.len() >= catalog.policy().fan_in).then(|| widest.into_values().cloned().collect())
    }

    fn highest(&self, needs: &BTreeSet<PackageId>) -> Vec<PackageId> {
        let height = |id: &PackageId| self.graph.family().level(&id.repo).unwrap_or(0);
        let highest = needs.iter().map(height).max().unwrap_or(0);
        let witnesses = needs.iter().filter(|id| height(id) == highest);
        witnesses.cloned().collect()
    }

    fn variants(&mut self, wish: &Wish, repo: &RepoName) -> Vec<VariantPlace> {
        let catalog = self.graph.family();
        let unseen = wish.optional.iter();
        let unseen = unseen.filter(|id| !catalog.sees(repo, &id.repo));
        unseen
            .filter_map(|id| {
                let mut needs = wish.needs.clone();
                needs.insert(id.clone());
                Some(VariantPlace {
                    with: id.clone(),
                    repo: self.candidates(&needs).into_iter().next()?.repo,
                })
            })
            .collect()
    }

    fn candidate(&self, repo: &RepoName, needs: &BTreeSet<PackageId>) -> Candidate {
        let level = self.graph.family().level(repo).unwrap_or(usize::MAX);
        candidate(level, repo, needs)
    }

    /// Every repo that sees all the packages, best first.
    fn candidates(&mut self, needs: &BTreeSet<PackageId>) -> Vec<Candidate> {
        let catalog = self.graph.family();
        let repos: BTreeSet<RepoName> = needs.iter().map(|id| id.repo.clone()).collect();
        let seers = self.seers.entry(repos).or_insert_with_key(|repos| {
            let sees_all = |seer: &RepoName| repos.iter().all(|repo| catalog.sees(seer, repo));
            // Nothing of ours goes into what is somebody else's.
            let ours = catalog.repos().filter(|repo| !repo.is_outside());
            let seers = ours.filter(|repo| sees_all(&repo.name));
            let mut seers: Vec<(usize, RepoName)> = seers
                .map(|repo| {
                    let level = catalog.level(&repo.name).unwrap_or(usize::MAX);
                    (level, repo.name.clone())
                })
                .collect();
            seers.sort();
            seers
        });
        let mut candidates: Vec<Candidate> = seers
            .iter()
            .map(|(level, repo)| candidate(*level, repo, needs))
            .collect();
        candidates.sort_by_key(|candidate| (candidate.level, std::cmp::Reverse(candidate.holds)));
        candidates
    }
}

fn candidate(level: usize, repo: &RepoName, needs: &BTreeSet<PackageId>) -> Candidate {
    Candidate {
        repo: repo.clone(),
        level,
        holds: needs.iter().filter(|id| id.repo == *repo).count(),
    }
}

/// Whether one repo has another in its view, or meets it as a peer.
fn reaches(graph: &PackageGraph<'_>, from: &RepoName, to: &RepoName) -> bool {
    let catalog = graph.family();
    let repo = catalog.repo(from.as_str());
    catalog.sees(from, to) || repo.is_some_and(|repo| repo.peers.contains_key(to))
}
