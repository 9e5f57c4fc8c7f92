//! The manifest of adopted repos: tiers from who uses whom, and a file for each.

use crate::adopt::wants::url_of;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use aux_model::{AttrName, Handle, RepoName, Wiring};

use crate::adopt::repo::Adopted;
use crate::adopt::repo::Note;
use crate::adopt::wants::missing;
use aux_gen::render::quote;
use aux_nix::language::one_line;

/// What a registry has already; empty for a new one.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The tiers, lowest first.
    pub tiers: Vec<String>,
    /// The repos, and the number of the tier of each.
    pub repos: BTreeMap<RepoName, usize>,
    /// SIGs that are defined.
    pub sigs: BTreeSet<String>,
    /// People who are defined.
    pub people: BTreeSet<String>,
    /// The attributes of the package set, whatever they are; none if nobody knows.
    pub names: BTreeSet<String>,
    /// The outputs of each repo's flake, as far as its text names them.
    pub outputs: BTreeMap<RepoName, BTreeSet<String>>,
}

/// The texts that describe adopted repos.
#[derive(Debug)]
pub struct Adoption {
    /// The tiers that a new registry needs, lowest first; those of the known one.
    pub tiers: Vec<String>,
    /// The tier of each adopted repo.
    pub placed: BTreeMap<RepoName, String>,
    /// Whether one of the repos is the top-level of the family.
    pub has_top_level: bool,
    /// One file for each repo, by path.
    pub files: BTreeMap<String, String>,
    /// What was not understood, by repo.
    pub notes: Vec<Note>,
    /// Repos that nobody is known to answer for: `lead` answers for them.
    pub without_owner: Vec<RepoName>,
}

/// The repo that puts a family together, and the tier that it stands in.
const TOP_LEVEL: &str = "top-level";

/// Who uses whom among adopted and known repos.
struct Graph {
    uses: BTreeMap<RepoName, BTreeSet<RepoName>>,
    peers: BTreeMap<RepoName, BTreeSet<RepoName>>,
}

/// Describes repos. `lead` leads the SIGs of those that name no owner.
#[must_use]
pub fn adoption(adopted: &[Adopted], known: &Known, lead: Option<&Handle>) -> Adoption {
    let mut notes: Vec<Note> = adopted.iter().flat_map(Adopted::notes).collect();
    let graph = Graph::of(adopted, known, &mut notes);
    notes.extend(missing(adopted, known));
    let (tiers, placed) = graph.tiers(adopted, known);
    let top = tiers.last().cloned().unwrap_or_default();
    let mut people = known.people.clone();
    let mut without_owner = Vec::new();
    let mut files = BTreeMap::new();
    for repo in adopted {
        let mut leads: BTreeSet<String> = repo.owners.people.clone();
        leads.retain(|handle| is_handle(handle));
        if leads.is_empty() {
            without_owner.push(repo.name.clone());
            leads.extend(lead.map(ToString::to_string));
        }
        let text = Text {
            repo,
            graph: &graph,
            tier: placed.get(&repo.name).map_or("", String::as_str),
            leads,
        };
        let text = text.write(&mut people, &known.sigs);
        files.insert(format!("sigs/{}.toml", repo.name), text);
    }
    notes.sort();
    Adoption {
        has_top_level: placed.values().any(|tier| *tier == top),
        tiers,
        placed,
        files,
        notes,
        without_owner,
    }
}

impl Graph {
    fn of(adopted: &[Adopted], known: &Known, notes: &mut Vec<Note>) -> Self {
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
                if above[number] {
                    note(format!(
                        "it and `{used}` use each other in a circle: it is taken for a peer"
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
        }
        graph
    }

    /// How many steps of use there are above core.
    ///
    /// The arcs have no circle ([`Self::of`]), so that raising each user above what it
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
    fn counts(&self) -> BTreeMap<&RepoName, usize> {
        let mut counts = BTreeMap::new();
        for used in self.uses.values().flatten() {
            *counts.entry(used).or_default() += 1;
        }
        counts
    }

    /// Raises repos to the tier of their peers, and whoever uses them with them.
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
    fn tiers(
        &self,
        adopted: &[Adopted],
        known: &Known,
    ) -> (Vec<String>, BTreeMap<RepoName, String>) {
        let counts = self.counts();
        let users = |name: &RepoName| counts.get(name).copied().unwrap_or(0);
        let uses_none = |repo: &&Adopted| !self.uses.contains_key(&repo.name);
        let bottom = adopted.iter().filter(uses_none);
        let core = bottom.max_by_key(|repo| {
            (
                repo.name.as_str() == "core",
                users(&repo.name),
                std::cmp::Reverse(&repo.name),
            )
        });
        let core = core
            .map(|repo| &repo.name)
            .filter(|_| known.tiers.is_empty());
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

/// The last part of a flake reference's path: the repo's name on its forge.
pub(super) fn named(url: &str) -> Option<&str> {
    let path = url.split(['?', '#']).next()?;
    let path = path.split_once(':').map_or(path, |(_, path)| path);
    // github:OWNER/REPO/REF
    let mut parts = path.trim_matches('/').split('/');
    let name = if url.starts_with("github:")
        || url.starts_with("gitlab:")
        || url.starts_with("sourcehut:")
    {
        parts.nth(1)
    } else {
        parts.next_back()
    };
    name.map(|name| name.trim_end_matches(".git"))
}

/// The file of one repo.
struct Text<'a> {
    repo: &'a Adopted,
    graph: &'a Graph,
    tier: &'a str,
    leads: BTreeSet<String>,
}

impl Text<'_> {
    fn write(&self, people: &mut BTreeSet<String>, sigs: &BTreeSet<String>) -> String {
        let repo = self.repo;
        let name = &repo.name;
        let mut text = format!(
            "# Adopted from {}: external until its owner says otherwise.\n\n",
            repo.path
        );
        let mut line = |line: &str| {
            text.push_str(line);
            text.push('\n');
        };
        let maintainers = repo.maintainers.values().flatten();
        let maintainers = maintainers.filter(|name| is_handle(name));
        let everybody: BTreeSet<&String> = self.leads.iter().chain(maintainers).collect();
        for person in everybody {
            if people.insert(person.to_owned()) {
                line(&format!("[people.{}]\n", key(person)));
            }
        }
        if !sigs.contains(name.as_str()) {
            line(&format!("[sigs.{}]", key(name.as_str())));
            line(&format!("leads = [{}]", list(self.leads.iter())));
            let mut teams = repo.owners.teams.iter();
            if let (Some(team), None) = (teams.next(), teams.next()) {
                line(&format!("team = {}", quote::toml(team)));
            }
            line("");
        }
        line(&format!("[repos.{}]", key(name.as_str())));
        line(&format!("sig = {}", quote::toml(name.as_str())));
        line(&format!("tier = {}", quote::toml(self.tier)));
        line("kind = \"external\"");
        let wiring = match repo.wiring {
            Wiring::Layers => "layers",
            Wiring::Overlays => "overlays",
            Wiring::Packages => "packages",
        };
        // top-level takes part in nothing: it is where the parts meet.
        if name.as_str() != TOP_LEVEL {
            line(&format!("wiring = \"{wiring}\""));
        }
        if repo.path != format!("repos/{name}") {
            line(&format!("path = {}", quote::toml(&repo.path)));
        }
        if let Some(description) = &repo.flake.description {
            line(&format!(
                "description = {}",
                quote::toml(&quote::visible(&one_line(description)))
            ));
        }
        if let Some(uses) = self.graph.uses.get(name) {
            let uses = uses
                .iter()
                .map(|used| format!("{} = \"*\"", key(used.as_str())));
            line(&format!(
                "uses = {{ {} }}",
                uses.collect::<Vec<_>>().join(", ")
            ));
        }
        if let Some(peers) = self.graph.peers.get(name) {
            line(&format!(
                "peers = [{}]",
                list(peers.iter().map(RepoName::as_str))
            ));
        }
        if repo.discovers {
            line("discover = true");
        }
        let (builders, packages): (Vec<_>, Vec<_>) = self
            .entries()
            .into_iter()
            .partition(|(package, _)| repo.builders.contains(*package));
        for (table, entries) in [("packages", packages), ("builders", builders)] {
            if !entries.is_empty() {
                line(&format!("\n[repos.{}.{table}]", key(name.as_str())));
            }
            for (package, values) in entries {
                let values = values.join(", ");
                let values = match values.as_str() {
                    "" => "{}".to_owned(),
                    values => format!("{{ {values} }}"),
                };
                line(&format!("{} = {values}", key(package.as_str())));
            }
        }
        text
    }

    /// What the manifest must say of packages, since their tree does not.
    fn entries(&self) -> BTreeMap<&AttrName, Vec<String>> {
        let repo = self.repo;
        let mut entries: BTreeMap<&AttrName, Vec<String>> = BTreeMap::new();
        for set in repo.sets.keys() {
            let defines = repo.defines(set);
            if !defines.is_empty() {
                entries.insert(set, defines);
            }
        }
        for package in repo.offered.iter().chain(&repo.builders) {
            entries.entry(package).or_default();
        }
        for (package, people) in &repo.maintainers {
            let people: Vec<&String> = people.iter().filter(|name| is_handle(name)).collect();
            if !people.is_empty() {
                let entry = entries.entry(package).or_default();
                entry.push(format!("maintainers = [{}]", list(people.into_iter())));
            }
        }
        entries
    }
}

/// Whether a name can be a person's account.
pub(crate) fn is_handle(name: &str) -> bool {
    name.parse::<Handle>().is_ok()
}

pub(crate) fn key(name: &str) -> String {
    toml_edit::Key::new(name).display_repr().into_owned()
}

pub(crate) fn list(items: impl Iterator<Item = impl AsRef<str>>) -> String {
    let mut text = String::new();
    for item in items {
        let comma = if text.is_empty() { "" } else { ", " };
        write!(text, "{comma}{}", quote::toml(item.as_ref()))
            .expect("writing to a string does not fail");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn repos_are_known_by_the_last_part_of_their_reference() {
        for (url, name) in [
            ("github:auxolotl/core", "core"),
            ("github:auxolotl/core/main", "core"),
            (
                "git+https://forge.example/auxolotl/python.git?ref=main",
                "python",
            ),
            ("path:../core", "core"),
        ] {
            assert_eq!(named(url), Some(name), "{url}");
        }
    }
}
