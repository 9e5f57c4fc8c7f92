//! Which adopted repo uses which, and the tiers that follow.

use std::collections::{BTreeMap, BTreeSet};

use aux_model::{FlakeRef, RepoName};

use crate::adopt::adopted::{Adopted, Note};
use crate::adopt::known::{Known, named};
use crate::adopt::missing::url_of;

/// Which of the adopted and known repos uses which.
pub(crate) struct Graph {
    pub(crate) uses: BTreeMap<RepoName, BTreeSet<RepoName>>,
    pub(crate) peers: BTreeMap<RepoName, BTreeSet<RepoName>>,
}

impl Graph {
    pub(crate) fn of(adopted: &[Adopted], known: &Known, notes: &mut Vec<Note>) -> Self {
        let names: BTreeSet<&RepoName> = adopted
            .iter()
            .map(|repo| &repo.name)
            .chain(known.repos.keys())
            .collect();
        let names: BTreeMap<&str, (usize, &RepoName)> = names
            .into_iter()
            .enumerate()
            .map(|(number, name)| (name.as_str(), (number, name)))
            .collect();
        // Who uses each, by number.
        let mut users: Vec<Vec<usize>> = vec![Vec::new(); names.len()];
        let mut graph = Self {
            uses: BTreeMap::new(),
            peers: BTreeMap::new(),
        };
        let own_urls = adopted.iter();
        let own_urls = own_urls.filter_map(|repo| Some((&repo.name, repo.url.as_ref()?)));
        let urls: BTreeMap<&RepoName, &FlakeRef> = known.urls.iter().chain(own_urls).collect();
        for repo in adopted {
            let (own, _) = names[repo.name.as_str()];
            // Arcs that are added below start here, so that they change nothing of this.
            let above = reaching(own, &users);
            let mut note = |message: String| {
                notes.push(Note {
                    repo: repo.name.clone(),
                    file: Some("flake.nix".to_owned()),
                    message,
                });
            };
            for input in repo.flake.inputs.0.keys() {
                let url = url_of(&repo.flake, input);
                let refers = url.and_then(named);
                let candidates = [refers, Some(input.as_str())];
                let found = candidates.into_iter().flatten();
                let mut found = found.filter_map(|name| names.get(name));
                let Some(&(number, used)) = found.next() else {
                    let url = url.unwrap_or("no URL");
                    note(format!(
                        "its input `{input}` ({url}) is no repo of the family"
                    ));
                    continue;
                };
                if let Some(is) = urls.get(used)
                    && !url.is_none_or(|url| is_at(url, is))
                {
                    let url = url.unwrap_or_default();
                    note(format!(
                        "its input `{input}` ({url}) is not the family's `{used}`, which is {is}: it is taken for an input from outside"
                    ));
                    continue;
                }
                if above[number] {
                    note(format!(
                        "it and `{used}` use each other in a cycle: it is taken for a peer"
                    ));
                    graph
                        .peers
                        .entry(repo.name.clone())
                        .or_default()
                        .insert((*used).clone());
                } else {
                    users[number].push(own);
                    graph
                        .uses
                        .entry(repo.name.clone())
                        .or_default()
                        .insert((*used).clone());
                }
            }
            // What no input says, texts do: they stand on each other in no cycle.
            for used in &repo.stands_on {
                if let Some((number, _)) = names.get(used.as_str()) {
                    users[*number].push(own);
                    let uses = graph.uses.entry(repo.name.clone()).or_default();
                    uses.insert(used.clone());
                }
            }
        }
        graph
    }

    /// How many steps of use there are above core.
    ///
    /// The arcs have no cycle ([`Self::of`]), so that raising each user above what it
    /// uses, in the order in which they are settled, ends.
    fn heights(&self, core: Option<&RepoName>, known: &Known) -> BTreeMap<&RepoName, usize> {
        let mut heights: BTreeMap<&RepoName, usize> = BTreeMap::new();
        // Depth first with a stack of its own: a repo is settled after what it uses.
        for start in self.uses.keys() {
            let mut open = vec![(start, false)];
            while let Some((repo, is_below_settled)) = open.pop() {
                if heights.contains_key(repo) {
                    continue;
                }
                if let Some(tier) = known.repos.get(repo) {
                    heights.insert(repo, *tier);
                    continue;
                }
                let used = self.uses.get(repo).into_iter().flatten();
                if is_below_settled {
                    let highest = used.filter_map(|used| heights.get(used)).max();
                    heights.insert(repo, above(highest.copied().unwrap_or(0), known));
                } else if Some(repo) == core {
                    heights.insert(repo, 0);
                } else {
                    open.push((repo, true));
                    open.extend(used.map(|used| (used, false)));
                }
            }
        }
        heights
    }

    /// Who uses each repo directly: how many.
    pub(crate) fn counts(&self) -> BTreeMap<&RepoName, usize> {
        let mut counts = BTreeMap::new();
        for used in self.uses.values().flatten() {
            *counts.entry(used).or_default() += 1;
        }
        counts
    }

    /// Raises repos to the tier of their peers, and their users with them.
    fn level(&self, heights: &mut BTreeMap<&RepoName, usize>) {
        let pairs = |map: &BTreeMap<RepoName, BTreeSet<RepoName>>| {
            let pairs = map
                .iter()
                .flat_map(|(a, all)| all.iter().map(move |b| (a.clone(), b.clone())));
            pairs.collect::<Vec<_>>()
        };
        let (uses, peers) = (pairs(&self.uses), pairs(&self.peers));
        // Each round settles one more step; there are no more steps than repos.
        for _ in 0..heights.len() {
            let mut is_settled = true;
            for (user, used) in &uses {
                is_settled &= !raise(heights, user, used);
            }
            for (one, other) in &peers {
                is_settled &= !raise(heights, one, other);
                is_settled &= !raise(heights, other, one);
            }
            if is_settled {
                return;
            }
        }
    }

    /// The tiers, and the one of each adopted repo.
    pub(crate) fn tiers(
        &self,
        adopted: &[Adopted],
        known: &Known,
        core: Option<&RepoName>,
    ) -> (Vec<String>, BTreeMap<RepoName, String>) {
        let counts = self.counts();
        let users = |name: &RepoName| counts.get(name).copied().unwrap_or(0);
        // That a repo uses all others makes it no top-level: the last one adopted does too.
        let is_top = |repo: &&Adopted| {
            known.tiers.is_empty() && users(&repo.name) == 0 && repo.name.as_str() == TOP_LEVEL
        };
        let top = adopted.iter().find(is_top).map(|repo| &repo.name);
        let settled = self.heights(core, known);
        // One that uses nobody stands in no arc of its own.
        let alone = |name: &RepoName| match known.repos.get(name) {
            Some(tier) => *tier,
            None if Some(name) == core => 0,
            None => above(0, known),
        };
        let mut heights: BTreeMap<&RepoName, usize> = adopted
            .iter()
            .map(|repo| &repo.name)
            .map(|name| {
                (
                    name,
                    settled.get(name).copied().unwrap_or_else(|| alone(name)),
                )
            })
            .collect();
        self.level(&mut heights);
        let below = adopted.iter().filter(|repo| Some(&repo.name) != top);
        let highest = below
            .map(|repo| heights[&repo.name])
            .max()
            .unwrap_or(0)
            .max(1);
        let tiers: Vec<String> = if known.tiers.is_empty() {
            let middle = (1..=highest).map(|tier| match highest {
                1 => "sigs".to_owned(),
                _ => format!("sigs-{tier}"),
            });
            let ends = ("core".to_owned(), TOP_LEVEL.to_owned());
            [ends.0].into_iter().chain(middle).chain([ends.1]).collect()
        } else {
            known.tiers.clone()
        };
        let last = tiers.len() - 1;
        let placed = adopted.iter().map(|repo| {
            let tier = if Some(&repo.name) == top {
                last
            } else {
                heights[&repo.name].min(last.saturating_sub(1))
            };
            (repo.name.clone(), tiers[tier].clone())
        });
        (tiers.clone(), placed.collect())
    }
}

/// Whether the URL of an input may lead to where a repo is.
fn is_at(url: &str, repo: &FlakeRef) -> bool {
    // What is looked up in a registry, or a path, says nothing else.
    url.parse::<FlakeRef>().map_or(true, |url| url.may_be(repo))
}

/// A repo and all that use it, directly or not. Each arc is looked at once, however many
/// ways lead along it.
fn reaching(repo: usize, users: &[Vec<usize>]) -> Vec<bool> {
    let mut found = vec![false; users.len()];
    found[repo] = true;
    let mut open = vec![repo];
    while let Some(used) = open.pop() {
        for user in &users[used] {
            if !std::mem::replace(&mut found[*user], true) {
                open.push(*user);
            }
        }
    }
    found
}

/// The height of one that uses something as high as this, and nothing higher. Where
/// tiers are given, one may use its own; where not, they show the order.
fn above(highest: usize, known: &Known) -> usize {
    if known.tiers.is_empty() {
        highest + 1
    } else {
        highest.max(1)
    }
}

/// Raises one repo to at least the height of another; whether it was lower.
fn raise(heights: &mut BTreeMap<&RepoName, usize>, name: &RepoName, to: &RepoName) -> bool {
    let Some(least) = heights.get(to).copied() else {
        return false;
    };
    match heights.get_mut(name) {
        Some(height) if *height < least => {
            *height = least;
            true
        }
        _ => false,
    }
}

/// The repo that puts a family together, and the tier that it stands in.
pub(crate) const TOP_LEVEL: &str = "top-level";
