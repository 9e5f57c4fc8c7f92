//! Applies the rules of placement, one package after the other.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aux_names::{RepoName, SigName};

use crate::answers::graph::PackageGraph;
use crate::answers::place::candidates::{Candidates, Standing};
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
    standing: Standing<'g>,
}

/// A choice among candidates, and why.
pub(super) struct Choice {
    pub(super) repo: RepoName,
    pub(super) rule: Rule,
    users: Vec<PackageId>,
}

/// What is decided of a package.
pub(super) struct Decision {
    pub(super) choice: Choice,
    /// Packages that need it and would not see it there.
    pub(super) against: Vec<PackageId>,
    /// The repos that were to be chosen from.
    candidates: Candidates,
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
            standing: Standing::of(graph.family()),
        }
    }

    pub(super) fn place(&self, wish: &Wish) -> Placement {
        let decision = self.decide(wish);
        self.placement(wish, decision)
    }

    pub(super) fn decide(&self, wish: &Wish) -> Decision {
        let standing = &self.standing;
        let mut candidates = standing.candidates(&wish.needs);
        // Where it is, it may meet what it needs in peers.
        if let Some(id) = &wish.existing {
            let mut needs = wish.needs.iter();
            if needs.all(|need| standing.reaches(&id.repo, &need.repo)) {
                standing.add(&mut candidates, &id.repo);
            }
        }
        let users: Vec<&PackageId> = match &wish.existing {
            Some(id) => self.users.get(id).into_iter().flatten().copied().collect(),
            None => Vec::new(),
        };
        let blind = |repo: &RepoName| -> Vec<PackageId> {
            let users = users
                .iter()
                .filter(|user| !standing.reaches(&user.repo, repo));
            users.map(|user| (*user).clone()).collect()
        };
        let fitting = standing.reached(&candidates, users.iter().map(|user| &user.repo));
        let free = self.choose(wish, &candidates, &users);
        let choice = if standing.has(&fitting, &free.repo) || fitting.is_empty() {
            // If nothing fits, no repo sees all it needs and is seen by all who
            // need it: the placement says who is against it.
            free
        } else {
            // Where it is will do as well as anywhere lower.
            let stays = wish.existing.as_ref().map(|id| &id.repo);
            let stays = stays.filter(|repo| standing.has(&fitting, repo));
            Choice {
                users: blind(&free.repo),
                rule: Rule::NeededBelow,
                repo: match stays {
                    Some(repo) => repo.clone(),
                    None => self.choose(wish, &fitting, &users).repo,
                },
            }
        };
        Decision {
            against: blind(&choice.repo),
            candidates: if fitting.is_empty() {
                candidates
            } else {
                fitting
            },
            choice,
        }
    }

    /// The dependencies because of which it is not lower.
    pub(super) fn witnesses(&self, wish: &Wish, rule: Rule) -> Vec<PackageId> {
        let core = &self.graph.family().core().name;
        match rule {
            Rule::TopLevel | Rule::NobodysYet => wish.needs.iter().cloned().collect(),
            // That what it needs is in core is not why it is above.
            Rule::NextTier if wish.needs.iter().all(|id| id.repo == *core) => Vec::new(),
            _ => self.highest(&wish.needs),
        }
    }

    fn placement(&self, wish: &Wish, decision: Decision) -> Placement {
        let catalog = self.graph.family();
        let choice = decision.choice;
        let runs = |repo: &RepoName| {
            let repo = catalog.repo(repo.as_str());
            repo.map_or(&catalog.top_level().sig, |repo| &repo.sig)
        };
        let owner = wish.owner.as_ref().unwrap_or_else(|| runs(&choice.repo));
        let needed = wish.needs.iter().filter_map(|id| catalog.package(id));
        let mut watchers: BTreeSet<&SigName> = needed.map(|package| &package.owner).collect();
        watchers.insert(runs(&choice.repo));
        watchers.remove(owner);
        let candidates = self.standing.ordered(&decision.candidates);
        let alternatives = candidates.filter(|candidate| *candidate.repo != choice.repo);
        Placement {
            stands: wish.existing.as_ref().map(|id| id.repo.clone()),
            witnesses: self.witnesses(wish, choice.rule),
            rule: choice.rule,
            users: choice.users,
            against: decision.against,
            owner: owner.clone(),
            watchers: watchers.into_iter().cloned().collect(),
            alternatives: alternatives
                .map(|candidate| Candidate {
                    repo: candidate.repo.clone(),
                    level: candidate.level,
                    holds: candidate.holds,
                })
                .collect(),
            variants: self.variants(wish, &choice.repo),
            repo: choice.repo,
        }
    }

    /// By the rules, among candidates that are not empty.
    fn choose(&self, wish: &Wish, candidates: &Candidates, users: &[&PackageId]) -> Choice {
        let catalog = self.graph.family();
        let core = &catalog.core().name;
        let chosen = |repo: &RepoName, rule: Rule, users: Vec<PackageId>| Choice {
            repo: repo.clone(),
            rule,
            users,
        };
        let owners = wish.owner.as_ref();
        let owners = owners.and_then(|sig| self.standing.first_of(candidates, sig));
        if self.standing.has(candidates, core) {
            if wish
                .existing
                .as_ref()
                .is_some_and(|id| self.boots.contains(id))
            {
                let boots = users.iter().filter(|user| self.boots.contains(*user));
                let boots = boots.map(|user| (*user).clone()).collect();
                return chosen(core, Rule::Bootstrap, boots);
            }
            if let Some(sharing) = self.sharing(wish, owners, users) {
                return chosen(core, Rule::Shared, sharing);
            }
        }
        if let Some(repo) = owners {
            return chosen(repo, Rule::OwnersRepo, Vec::new());
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
    fn above_core(&self, wish: &Wish, candidates: &Candidates, users: &[&PackageId]) -> RepoName {
        let catalog = self.graph.family();
        let (core, top) = (&catalog.core().name, &catalog.top_level().name);
        let existing = wish.existing.as_ref();
        let is_by_right = existing.is_some_and(|id| self.by_right.contains(id));
        let all = || self.standing.ordered(candidates);
        let mut others = all().filter(|candidate| is_by_right || *candidate.repo != *core);
        let Some(first) = others.next() else {
            return top.clone();
        };
        if is_by_right || wish.needs.iter().any(|id| id.repo != *core) {
            return first.repo.clone();
        }
        let above = || all().filter(|candidate| *candidate.repo != *core);
        let used: BTreeSet<&RepoName> = users.iter().map(|user| &user.repo).collect();
        if !used.is_empty()
            && let Some(used) = above().find(|candidate| used.contains(candidate.repo))
        {
            return used.repo.clone();
        }
        let stays = existing.filter(|id| id.repo != *core);
        if let Some(id) = stays.filter(|id| self.standing.has(candidates, &id.repo)) {
            return id.repo.clone();
        }
        let next = above().take_while(|candidate| candidate.level == first.level);
        if next.take(2).count() == 1 {
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
        owners: Option<&RepoName>,
        users: &[&PackageId],
    ) -> Option<Vec<PackageId>> {
        let catalog = self.graph.family();
        let ends = [&catalog.core().name, &catalog.top_level().name];
        let owners = owners.filter(|owners| !ends.contains(owners));
        let highest = owners.and_then(|owners| catalog.level(owners));
        let highest = highest.unwrap_or(usize::MAX);
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

    fn variants(&self, wish: &Wish, repo: &RepoName) -> Vec<VariantPlace> {
        let catalog = self.graph.family();
        let unseen = wish.optional.iter();
        let unseen = unseen.filter(|id| !catalog.sees(repo, &id.repo));
        unseen
            .filter_map(|id| {
                let mut needs = wish.needs.clone();
                needs.insert(id.clone());
                let candidates = self.standing.candidates(&needs);
                let first = self.standing.ordered(&candidates).next()?;
                Some(VariantPlace {
                    with: id.clone(),
                    repo: first.repo.clone(),
                })
            })
            .collect()
    }
}
