//! What the parts need of each other once they are apart.

use std::collections::{BTreeMap, BTreeSet};

use aux_model::{AttrName, RepoName};
use aux_nix::language::Requirements;
use serde::Serialize;

use crate::split::assignment::Assignment;
use crate::split::coverage::{Coverage, Part};
use crate::split::monorepo::Monorepo;

/// What the parts ask each other for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Relations {
    /// Of each directory that leaves core: the attributes of other repos above core
    /// that it asks for.
    pub(super) edges: BTreeMap<AttrName, Edges>,
    /// Of each member of a package set that leaves it, by set and name: what it is made from, members of the
    /// same set by their names in it.
    pub(super) members: BTreeMap<(AttrName, AttrName), BTreeSet<AttrName>>,
    /// Of each repo, the repos above core that its packages ask.
    pub(super) peers: BTreeMap<RepoName, BTreeSet<RepoName>>,
    /// Attributes that core asks for and that leave it, with the repo that has them.
    pub(super) stubs: BTreeMap<String, RepoName>,
    /// Where core asks for them first: file and line.
    pub asked: BTreeMap<String, String>,
    /// What cannot be said in a manifest, or needs somebody's eye.
    pub notes: Vec<RelationNote>,
}

/// What one directory asks of other repos.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Edges {
    /// What it is made from.
    pub(super) build: BTreeSet<AttrName>,
    /// What its texts ask for, used or not.
    pub(super) asks: BTreeSet<AttrName>,
    pub(super) optional: BTreeSet<AttrName>,
}

/// Something about what parts need of each other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum RelationNote {
    /// Core asks for an attribute both with a default and without: its stub takes the
    /// place of the default where it is missing.
    BothWays {
        /// The attribute.
        attribute: String,
        /// The file that needs it, with the line.
        needed: String,
        /// A file that has a default for it.
        optional: String,
    },
    /// Core asks whether what it overrides has an attribute, and needs it elsewhere: a
    /// stub would be found where there was nothing, so it gets none.
    Below {
        /// The attribute.
        attribute: String,
        /// The file that needs it, with the line.
        needed: String,
    },
    /// A package asks another repo for an attribute that is neither a package nor makes
    /// some, such as `null`: no manifest names it, so that there is no stub for it.
    Nameless {
        /// Who asks.
        package: AttrName,
        /// For what.
        attribute: AttrName,
    },
    /// A package is made from a member of a package set that another repo has: edges of packages
    /// name no members, so that its repo offers it as if it had it all.
    Member {
        /// Who is made from it.
        package: AttrName,
        /// SET.NAME.
        member: String,
        /// The repo of the package.
        repo: RepoName,
        /// The repo of the member.
        other: RepoName,
    },
    /// Two directories need each other, attribute by attribute: a manifest that knows
    /// packages as wholes can only say it of one.
    Cycle {
        /// Whose need is not in the manifest.
        package: AttrName,
        /// What it needs.
        attribute: AttrName,
    },
}

impl Relations {
    /// Finds out what the parts of an assignment ask each other for.
    #[must_use]
    pub fn of(monorepo: &Monorepo, assignment: &Assignment, coverage: &Coverage) -> Self {
        let mut relations = Self::default();
        relations.core(monorepo, assignment, coverage);
        relations.repos(monorepo, assignment, coverage);
        relations.members(monorepo, assignment, coverage);
        relations.notes.sort();
        relations
    }

    /// What a core asks for that other repos own, by attribute; of which there are
    /// stubs.
    #[must_use]
    pub fn of_core(core: &Monorepo, owned: &BTreeMap<&str, &RepoName>) -> Self {
        let mut relations = Self::default();
        let files = core.units.values().flat_map(|unit| &unit.asks);
        relations.ask(&files.chain(&core.outside).collect::<Vec<_>>(), owned);
        relations.notes.sort();
        relations
    }

    /// What stays in core and asks for what leaves it.
    fn core(&mut self, monorepo: &Monorepo, assignment: &Assignment, coverage: &Coverage) {
        let leaving = leaving(monorepo, assignment).into_iter();
        let owned: BTreeMap<&str, &RepoName> = leaving
            .map(|(attribute, (_, repo))| (attribute, repo))
            .collect();
        let staying = assignment
            .of_repo(None)
            .filter_map(|name| monorepo.units.get(name));
        let files = staying.flat_map(|unit| &unit.asks);
        let files: Vec<(&String, &Requirements)> = files.chain(&monorepo.outside).collect();
        self.ask(&files, &owned);
        // No text says it where a name is computed.
        for attribute in &coverage.core_lacks {
            let is_optional = files.iter().any(|(_, asks)| {
                asks.optional.contains(attribute) || asks.below.contains(attribute)
            });
            if let Some(repo) = owned.get(attribute.as_str()).filter(|_| !is_optional) {
                self.stubs.insert(attribute.clone(), (*repo).clone());
            }
        }
    }

    /// What files of core ask for that others own.
    fn ask(&mut self, files: &[(&String, &Requirements)], owned: &BTreeMap<&str, &RepoName>) {
        // Whether a name stands below is asked: a stub would answer.
        let below: BTreeSet<&String> = files.iter().flat_map(|(_, asks)| &asks.below).collect();
        let mut optional: BTreeMap<&str, &str> = BTreeMap::new();
        for (file, asks) in files {
            for name in &asks.optional {
                optional.entry(name).or_insert(file);
            }
        }
        for (file, asks) in files {
            for (name, line) in &asks.needed {
                let Some(repo) = owned.get(name.as_str()) else {
                    continue;
                };
                if below.contains(name) {
                    self.notes.push(RelationNote::Below {
                        attribute: name.clone(),
                        needed: format!("{file}:{line}"),
                    });
                    continue;
                }
                let place = || format!("{file}:{line}");
                self.asked.entry(name.clone()).or_insert_with(place);
                let is_new = self.stubs.insert(name.clone(), (*repo).clone()).is_none();
                if let (true, Some(other)) = (is_new, optional.get(name.as_str())) {
                    self.notes.push(RelationNote::BothWays {
                        attribute: name.clone(),
                        needed: format!("{file}:{line}"),
                        optional: (*other).to_owned(),
                    });
                }
            }
        }
    }

    /// What leaves core and asks for what goes elsewhere.
    fn repos(&mut self, monorepo: &Monorepo, assignment: &Assignment, coverage: &Coverage) {
        let leaving = leaving(monorepo, assignment);
        let sayable = monorepo.adopted.attributes_by_package();
        // Arcs between directories, for cycles: a manifest has none.
        let mut reach = Reach::default();
        for (name, unit) in &monorepo.units {
            let Some(own) = assignment.repo_of(name) else {
                continue;
            };
            let asked = |wanted: &str| {
                let (other, repo) = leaving.get(wanted)?;
                (*repo != own).then_some((*other, *repo))
            };
            let mut edges = Edges::default();
            let needed: BTreeSet<&String> = unit
                .asks
                .values()
                .flat_map(|asks| asks.needed.keys())
                .collect();
            for wanted in needed {
                let (Some((_, repo)), Ok(attribute)) = (asked(wanted), wanted.parse::<AttrName>())
                else {
                    continue;
                };
                if !sayable.contains_key(wanted.as_str()) {
                    self.notes.push(RelationNote::Nameless {
                        package: name.clone(),
                        attribute,
                    });
                    continue;
                }
                self.peer(own, repo);
                edges.asks.insert(attribute);
            }
            for wanted in unit.asks.values().flat_map(|asks| &asks.optional) {
                let (Some((_, repo)), Ok(attribute)) = (asked(wanted), wanted.parse::<AttrName>())
                else {
                    continue;
                };
                if !sayable.contains_key(wanted.as_str()) {
                    continue;
                }
                self.peer(own, repo);
                if !edges.asks.contains(&attribute) {
                    edges.optional.insert(attribute);
                }
            }
            if edges != Edges::default() {
                self.edges.insert(name.clone(), edges);
            }
        }
        // What they are made from: by their own texts, or through core, whose packages
        // have no edges.
        for (name, lacks) in &coverage.lacks {
            let unit = monorepo.units.get_key_value(name);
            let Some((name, own)) =
                unit.and_then(|(name, _)| Some((name, assignment.repo_of(name)?)))
            else {
                continue;
            };
            // One is enough to be left out; all that its texts ask for are named.
            let asked = self.edges.get(name).map(|edges| edges.asks.clone());
            let asked = asked.unwrap_or_default();
            let mut said: Vec<&AttrName> = lacks.intersection(&asked).collect();
            if said.is_empty() {
                said.extend(lacks.first());
            }
            for attribute in said {
                let Some((other, repo)) = leaving.get(attribute.as_str()) else {
                    continue;
                };
                if !reach.add(name, other) {
                    self.notes.push(RelationNote::Cycle {
                        package: name.clone(),
                        attribute: attribute.clone(),
                    });
                    continue;
                }
                self.peer(own, repo);
                let edges = self.edges.entry(name.clone()).or_default();
                edges.asks.remove(attribute);
                edges.optional.remove(attribute);
                edges.build.insert(attribute.clone());
            }
        }
    }

    /// What members of package sets are made from that others have, and who is made from members.
    fn members(&mut self, monorepo: &Monorepo, assignment: &Assignment, coverage: &Coverage) {
        let leaving = leaving(monorepo, assignment);
        let repo_of = |member: &(AttrName, AttrName)| assignment.members.get(member)?.repo();
        for (member, lacks) in &coverage.members_lack {
            let Some(own) = repo_of(member) else {
                continue;
            };
            for attribute in lacks {
                if let Some((_, repo)) = leaving.get(attribute.as_str()) {
                    self.peer(own, repo);
                    let edges = self.members.entry(member.clone()).or_default();
                    edges.insert(attribute.clone());
                }
            }
        }
        let mut reach = Reach::default();
        for (part, members) in &coverage.lacks_members {
            for needed in members {
                let Some(other) = repo_of(needed) else {
                    continue;
                };
                match part {
                    Part::Unit(package) => {
                        let Some(repo) = assignment.repo_of(package) else {
                            continue;
                        };
                        self.notes.push(RelationNote::Member {
                            package: package.clone(),
                            member: format!("{}.{}", needed.0, needed.1),
                            repo: repo.clone(),
                            other: other.clone(),
                        });
                    }
                    Part::Member(set, name) if *set == needed.0 => {
                        if reach.add(name, &needed.1) {
                            let member = (set.clone(), name.clone());
                            let edges = self.members.entry(member).or_default();
                            edges.insert(needed.1.clone());
                        }
                    }
                    // Edges of members name those of their own set.
                    Part::Member(..) => {}
                }
            }
        }
    }

    fn peer(&mut self, repo: &RepoName, other: &RepoName) {
        let peers = self.peers.entry(repo.clone()).or_default();
        peers.insert(other.clone());
    }

    /// Attributes that core asks for and other repos have, with the repo of each.
    #[must_use]
    pub fn stubs(&self) -> &BTreeMap<String, RepoName> {
        &self.stubs
    }
}

/// The attributes that leave core: each with its directory and the repo it goes to.
fn leaving<'a>(
    monorepo: &'a Monorepo,
    assignment: &'a Assignment,
) -> BTreeMap<&'a str, (&'a AttrName, &'a RepoName)> {
    let definers = monorepo.definers().into_iter();
    definers
        .filter_map(|(attribute, unit)| Some((attribute, (unit, assignment.repo_of(unit)?))))
        .collect()
}

/// Arcs without a cycle.
#[derive(Default)]
struct Reach<'a>(BTreeMap<&'a AttrName, BTreeSet<&'a AttrName>>);

impl<'a> Reach<'a> {
    /// Adds an arc, unless it closes a cycle.
    fn add(&mut self, from: &'a AttrName, to: &'a AttrName) -> bool {
        if self.leads(to, from) {
            return false;
        }
        self.0.entry(from).or_default().insert(to);
        true
    }

    fn leads(&self, from: &'a AttrName, to: &'a AttrName) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![from];
        while let Some(next) = open.pop() {
            if next == to {
                return true;
            }
            if seen.insert(next) {
                open.extend(self.0.get(next).into_iter().flatten());
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arcs_that_close_a_cycle_are_left_out() {
        let [a, b, c] = ["a", "b", "c"].map(|name| name.parse::<AttrName>().unwrap());
        let mut reach = Reach::default();
        assert!(reach.add(&a, &b));
        assert!(reach.add(&b, &c));
        assert!(!reach.add(&c, &a));
        assert!(!reach.add(&a, &a));
        assert!(reach.add(&a, &c));
    }
}
