//! Who sees whom, as sets of repos: which repos see all that a package needs, and which all who need it
//! reach.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use aux_names::{RepoName, SigName};
use fixedbitset::FixedBitSet;

use crate::catalog::Family;
use crate::edge::PackageId;
use crate::repo::Repo;

/// All repos, lowest first, then by name, and what each sees. A repo is its place in that order.
pub(super) struct Standing<'c> {
    repos: Vec<&'c Repo>,
    /// Of each tier that has repos: its height, and where they are.
    levels: Vec<(usize, Range<usize>)>,
    places: HashMap<&'c RepoName, usize>,
    /// Of each repo: those that have it in their view.
    seers: Vec<FixedBitSet>,
    /// Of each repo: those that it has in its view, or meets as peers.
    reached: Vec<FixedBitSet>,
    /// Those that something of ours can go into.
    ours: FixedBitSet,
    top_level: Option<usize>,
    /// The repos that each SIG runs.
    run_by: BTreeMap<&'c SigName, Vec<usize>>,
}

/// Repos that see all that a package needs.
#[derive(Debug, Clone)]
pub(super) struct Candidates {
    set: FixedBitSet,
    /// How many of the needed packages a repo holds itself, if any.
    holds: BTreeMap<usize, usize>,
    /// One that is first on its tier: the package stands there, and meets in peers what it needs.
    first: Option<usize>,
}

/// One of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ordered<'s> {
    pub(super) repo: &'s RepoName,
    pub(super) level: usize,
    pub(super) holds: usize,
}

impl Candidates {
    pub(super) fn is_empty(&self) -> bool {
        self.set.is_clear()
    }
}

impl<'c> Standing<'c> {
    pub(super) fn of(family: &'c Family) -> Self {
        let level = |repo: &Repo| family.level(&repo.name).unwrap_or(usize::MAX);
        let mut repos: Vec<&Repo> = family.repos().collect();
        repos.sort_by_key(|repo| (level(repo), &repo.name));
        let places: HashMap<&RepoName, usize> = repos
            .iter()
            .enumerate()
            .map(|(place, repo)| (&repo.name, place))
            .collect();
        let mut levels: Vec<(usize, Range<usize>)> = Vec::new();
        for (place, repo) in repos.iter().enumerate() {
            let height = level(repo);
            match levels.last_mut() {
                Some((last, range)) if *last == height => range.end = place + 1,
                _ => levels.push((height, place..place + 1)),
            }
        }
        let none = FixedBitSet::with_capacity(repos.len());
        let mut seers = vec![none.clone(); repos.len()];
        let mut reached = vec![none.clone(); repos.len()];
        let top_level = family
            .top_level
            .as_ref()
            .and_then(|top| places.get(top).copied());
        let mut ours = none;
        let mut run_by: BTreeMap<&SigName, Vec<usize>> = BTreeMap::new();
        for (place, repo) in repos.iter().enumerate() {
            let seen: Vec<usize> = if top_level == Some(place) {
                (0..repos.len()).collect()
            } else {
                let below = family.below.get(&repo.name).into_iter().flatten();
                let below = below.chain([&repo.name]);
                below.filter_map(|name| places.get(name).copied()).collect()
            };
            let peers = repo.peers.keys();
            let peers = peers.filter_map(|name| places.get(name).copied());
            for other in &seen {
                seers[*other].insert(place);
            }
            reached[place].extend(seen.into_iter().chain(peers));
            ours.set(place, !repo.is_outside());
            run_by.entry(&repo.sig).or_default().push(place);
        }
        Self {
            repos,
            levels,
            places,
            seers,
            reached,
            ours,
            top_level,
            run_by,
        }
    }

    /// Every repo that sees all the packages.
    pub(super) fn candidates<'p>(
        &self,
        needs: impl IntoIterator<Item = &'p PackageId>,
    ) -> Candidates {
        let mut set = self.ours.clone();
        let mut holds = BTreeMap::new();
        for need in needs {
            match self.places.get(&need.repo) {
                Some(place) => {
                    *holds.entry(*place).or_insert(0) += 1;
                    set.intersect_with(&self.seers[*place]);
                }
                // Only top-level sees whatever there is.
                None => set.intersect_with(&FixedBitSet::from_iter(self.top_level)),
            }
        }
        Candidates {
            set,
            holds,
            first: None,
        }
    }

    /// Adds a repo that is none of them yet, first on its tier.
    pub(super) fn add(&self, candidates: &mut Candidates, repo: &RepoName) {
        if let Some(place) = self.places.get(repo)
            && !candidates.set.put(*place)
        {
            candidates.first = Some(*place);
        }
    }

    /// Those that all of these repos reach.
    pub(super) fn reached<'r>(
        &self,
        candidates: &Candidates,
        from: impl Iterator<Item = &'r RepoName>,
    ) -> Candidates {
        let mut reached = candidates.clone();
        let mut last = None;
        // In order, so that those of one repo are beside each other.
        for repo in from {
            if last != Some(repo) {
                last = Some(repo);
                if let Some(place) = self.places.get(repo) {
                    reached.set.intersect_with(&self.reached[*place]);
                }
            }
        }
        reached
    }

    /// Whether one repo has another in its view, or meets it as a peer.
    pub(super) fn reaches(&self, from: &RepoName, to: &RepoName) -> bool {
        let (from, to) = (self.places.get(from), self.places.get(to));
        from.zip(to)
            .is_some_and(|(from, to)| self.reached[*from][*to])
    }

    pub(super) fn has(&self, candidates: &Candidates, repo: &RepoName) -> bool {
        let place = self.places.get(repo);
        place.is_some_and(|place| candidates.set[*place])
    }

    /// The best that a SIG runs.
    pub(super) fn first_of(&self, candidates: &Candidates, sig: &SigName) -> Option<&RepoName> {
        let run = self.run_by.get(sig)?.iter().copied();
        let run = run.filter(|place| candidates.set[*place]);
        let best = run.min_by_key(|place| self.order(candidates, *place))?;
        Some(&self.repos[best].name)
    }

    /// All of them, best first: by tier, by how much of what is needed they hold, by name.
    pub(super) fn ordered<'s>(
        &'s self,
        candidates: &'s Candidates,
    ) -> impl Iterator<Item = Ordered<'s>> {
        self.levels.iter().flat_map(move |(level, range)| {
            let mut before: Vec<usize> = candidates.holds.keys().copied().collect();
            before.extend(candidates.first);
            before.retain(|place| range.contains(place) && candidates.set[*place]);
            before.sort_by_key(|place| self.order(candidates, *place));
            before.dedup();
            let known = before.clone();
            let rest = range.clone().filter(|place| candidates.set[*place]);
            let rest = rest.filter(move |place| !known.contains(place));
            before.into_iter().chain(rest).map(move |place| Ordered {
                repo: &self.repos[place].name,
                level: *level,
                holds: candidates.holds.get(&place).copied().unwrap_or(0),
            })
        })
    }

    /// What candidates are ordered by.
    fn order(&self, candidates: &Candidates, place: usize) -> impl Ord + use<> {
        let level = self.levels.partition_point(|(_, range)| range.end <= place);
        let holds = candidates.holds.get(&place).copied().unwrap_or(0);
        let is_first = candidates.first == Some(place);
        (level, !is_first, std::cmp::Reverse(holds), place)
    }
}
