//! Who goes where, and why: rules say what is wanted, pins what cannot leave core.

use std::collections::{BTreeMap, BTreeSet};

use aux_model::{AttrName, RepoName};
use aux_nix::language::paths::{holder, is_within};
use serde::Serialize;

use crate::split::evidence::Evidence;
use crate::split::members::{LeavingMember, PackageSets, SplitSet};
use crate::split::monorepo::{Monorepo, Tie, Unit};
use crate::split::rules::{Choice, Pattern, PatternOf, RepoRules, Rules, chance};

/// Where every by-name directory goes.
#[derive(Debug, Clone, Default)]
pub struct Assignment {
    /// By the name of the directory.
    pub placed: BTreeMap<AttrName, Placed>,
    /// Members of package sets that rules speak of, by set and name.
    pub members: BTreeMap<(AttrName, AttrName), Placed>,
    /// Directories that rules of several repos claim alike.
    pub clashes: Vec<Clash>,
    /// Patterns, owners and sets of the rules that fit nothing.
    pub idle: Vec<Idle>,
}

/// Where one by-name directory goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Placed {
    /// The repo that the rules want it in; none if no rule speaks of it.
    pub wanted: Option<Wanted>,
    /// Why it stays in core all the same.
    pub pins: Vec<Pin>,
}

/// What the rules say of one directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wanted {
    /// The repo.
    pub repo: RepoName,
    /// The rule, in words.
    pub because: String,
}

/// Why a directory stays in core.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Pin {
    /// The rules keep what fits a pattern.
    Keep {
        /// The pattern.
        pattern: String,
    },
    /// What core boots from is made with this attribute of it.
    Bootstrap {
        /// The attribute.
        attribute: String,
        /// What core boots from.
        root: String,
    },
    /// It defines an attribute that another directory defines too.
    Twice {
        /// The attribute.
        attribute: String,
        /// The other directory.
        other: AttrName,
    },
    /// A path leads from it to another part of the tree, or from there to it.
    Path {
        /// File and line.
        place: String,
        /// As it is written.
        path: String,
        /// The directory at the other end; none for what is in no by-name directory.
        other: Option<AttrName>,
    },
    /// Nobody can add to its package set.
    Closed {
        /// Why not.
        reason: String,
    },
    /// It is not called as a directory of its own would be.
    Call {
        /// How it is.
        reason: String,
    },
    /// Its package set goes there as a whole.
    Set {
        /// The repo.
        repo: RepoName,
    },
}

/// What several repos claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Clash {
    /// The directory, or a member as SET.NAME.
    pub package: String,
    /// The repos, each with its rule in words.
    pub claims: Vec<Wanted>,
}

/// A rule that fits nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Idle {
    /// The repo, or `core`.
    pub repo: String,
    /// The key and the value.
    pub rule: String,
    /// The file that defines the attribute that it names, outside of folders of packages, so that it
    /// stays; none if there is no such attribute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defined_in: Option<String>,
}

impl Placed {
    /// The repo it goes to; none if it stays in core.
    #[must_use]
    pub fn repo(&self) -> Option<&RepoName> {
        let wanted = self.wanted.as_ref().filter(|_| self.pins.is_empty());
        wanted.map(|wanted| &wanted.repo)
    }
}

impl Assignment {
    /// Works out where every directory goes: first what the rules want, then what is
    /// kept, what core boots from, and what paths tie to what stays, until nothing
    /// changes any more.
    #[must_use]
    pub fn of(monorepo: &Monorepo, rules: &Rules, evidence: &Evidence, sets: &PackageSets) -> Self {
        let mut assignment = Self::default();
        let mut fits = Fits::default();
        for name in monorepo.units.keys() {
            let claims = claims(monorepo, rules, evidence, name, &mut fits);
            let mut placed = Placed::default();
            match claims.len() {
                0 => {}
                1 => placed.wanted = claims.into_iter().next(),
                _ => assignment.clashes.push(Clash {
                    package: name.to_string(),
                    claims,
                }),
            }
            assignment.placed.insert(name.clone(), placed);
        }
        assignment.idle = idle(rules, &mut fits, monorepo);
        assignment.keep(monorepo, rules);
        assignment.boot(monorepo, evidence);
        for (one, other, attribute) in monorepo.twice() {
            for (unit, other) in [(one, other), (other, one)] {
                let pin = Pin::Twice {
                    attribute: attribute.clone(),
                    other: other.clone(),
                };
                assignment.pin(unit, pin);
            }
        }
        let ties = [&monorepo.ties[..], &monorepo.ties_of_parts()].concat();
        assignment.tie(&ties);
        // Who wants what stays anyway makes no difference.
        let placed = &assignment.placed;
        assignment.clashes.retain(|clash| {
            let name = clash.package.parse().ok();
            name.and_then(|name: AttrName| placed.get(&name))
                .is_none_or(|placed| placed.pins.is_empty())
        });
        for (name, set) in sets.iter() {
            assignment.members(monorepo, rules, evidence, (name, set));
        }
        assignment.same_entries(sets);
        assignment
    }

    /// One entry of a list may be wanted through two names of its set: it goes once.
    fn same_entries(&mut self, sets: &PackageSets) {
        let mut entries: BTreeMap<(String, usize), Vec<(AttrName, AttrName)>> = BTreeMap::new();
        for member in self.leaving(sets, None) {
            let place = (member.call.file.clone(), member.call.entry.start);
            let same = entries.entry(place).or_default();
            same.push((member.set.clone(), member.name.clone()));
        }
        for same in entries.into_values() {
            let Some(((set, name), others)) = same.split_first() else {
                continue;
            };
            let wanted = |key: &(AttrName, AttrName)| self.members[key].wanted.clone();
            let claims: Vec<Wanted> = same.iter().filter_map(wanted).collect();
            let is_one = claims.iter().all(|claim| claim.repo == claims[0].repo);
            if !is_one {
                self.clashes.push(Clash {
                    package: format!("{set}.{name}"),
                    claims,
                });
            }
            for other in others {
                if let Some(placed) = self.members.get_mut(other) {
                    let reason = format!("it is `{set}.{name}`, by another name of the set");
                    placed.pins.push(Pin::Call { reason });
                }
            }
        }
    }

    /// Works out where the members of a set go.
    fn members(
        &mut self,
        monorepo: &Monorepo,
        rules: &Rules,
        evidence: &Evidence,
        (set_name, set): (&AttrName, &SplitSet),
    ) {
        let Choice::Rules(repos) = &rules.choice else {
            return;
        };
        for (name, member) in &set.members {
            let full_name = format!("{set_name}.{name}");
            let (mut exact, mut broad) = (Vec::new(), Vec::new());
            for (repo, rules) in repos {
                let mut patterns = rules.members.iter();
                let Some(pattern) = patterns.find(|pattern| pattern.fits_member(&full_name)) else {
                    continue;
                };
                let because = if pattern.is_exact {
                    "the rules name it".to_owned()
                } else {
                    format!("`{full_name}` fits `{}`", pattern.text)
                };
                let claims = if pattern.is_exact {
                    &mut exact
                } else {
                    &mut broad
                };
                claims.push(Wanted {
                    repo: repo.clone(),
                    because,
                });
            }
            let claims = if exact.is_empty() { broad } else { exact };
            let mut placed = Placed::default();
            let mut keep = rules.core.keep.iter();
            if let Some(kept) = keep.find(|pattern| pattern.fits_member(&full_name)) {
                placed.pins.push(Pin::Keep {
                    pattern: kept.text.clone(),
                });
            }
            let boots = set.hook.as_ref().map(|hook| format!("{hook}.{name}"));
            let mut reached = evidence.reached.iter();
            if let Some(boots) = boots
                && let Some((root, _)) = reached.find(|(_, names)| names.contains(&boots))
            {
                placed.pins.push(Pin::Bootstrap {
                    attribute: full_name.clone(),
                    root: root.clone(),
                });
            }
            if let Some(reason) = &set.closed {
                let reason = reason.clone();
                placed.pins.push(Pin::Closed { reason });
            }
            if let Some(reason) = &member.stays {
                let reason = reason.clone();
                placed.pins.push(Pin::Call { reason });
            }
            let host = member.call.as_ref().and_then(|call| {
                let mut units = monorepo.units.iter();
                let holds = |unit: &Unit| is_within(&call.file, &unit.directory);
                units.find(|(_, unit)| holds(unit)).map(|(unit, _)| unit)
            });
            let whole = [host, set.definer.as_ref()].into_iter().flatten();
            if let Some(repo) = whole.filter_map(|unit| self.repo_of(unit)).next() {
                let repo = repo.clone();
                placed.pins.push(Pin::Set { repo });
            }
            placed.pins.extend(member.ties.iter().map(|tie| Pin::Path {
                place: tie.place.clone(),
                path: tie.path.clone(),
                other: None,
            }));
            match claims.len() {
                0 => {}
                1 => placed.wanted = claims.into_iter().next(),
                _ if placed.pins.is_empty() => self.clashes.push(Clash {
                    package: full_name,
                    claims,
                }),
                _ => {}
            }
            self.members
                .insert((set_name.clone(), name.clone()), placed);
        }
        // A rule that fits no member is named.
        for (repo, rules) in repos {
            let patterns = rules.members.iter();
            let own = patterns.filter(|pattern| pattern.set() == Some(set_name.as_str()));
            for pattern in own {
                let mut names = set.members.keys().map(AttrName::as_str);
                let mut names = names
                    .by_ref()
                    .chain(set.without_value.iter().map(String::as_str));
                if !names.any(|name| pattern.fits_member(&format!("{set_name}.{name}"))) {
                    self.idle.push(Idle {
                        repo: repo.to_string(),
                        rule: format!("members `{}`", pattern.text),
                        defined_in: None,
                    });
                }
            }
        }
    }

    /// The members that go to a repo of their own; of one repo, if one is given.
    pub(super) fn leaving<'a>(
        &'a self,
        sets: &'a PackageSets,
        of: Option<&'a RepoName>,
    ) -> impl Iterator<Item = LeavingMember<'a>> + 'a {
        self.members
            .iter()
            .filter_map(move |((set, name), placed)| {
                let repo = placed.repo()?;
                let member = sets.0.get(set)?.members.get(name)?;
                let call = member.call.as_ref()?;
                of.is_none_or(|of| of == repo).then_some(LeavingMember {
                    set,
                    name,
                    repo,
                    call,
                })
            })
    }

    /// The directories that go to a repo; those that stay for none.
    pub fn of_repo<'a>(
        &'a self,
        repo: Option<&'a RepoName>,
    ) -> impl Iterator<Item = &'a AttrName> + 'a {
        let placed = self.placed.iter();
        placed
            .filter(move |(_, placed)| placed.repo() == repo)
            .map(|(name, _)| name)
    }

    /// The repo of a directory; none for core.
    pub(super) fn repo_of(&self, unit: &AttrName) -> Option<&RepoName> {
        self.placed.get(unit).and_then(Placed::repo)
    }

    /// Which repo each file of the tree goes to.
    #[must_use]
    pub fn places(&self, monorepo: &Monorepo, sets: &PackageSets) -> Places {
        let units = monorepo.units.iter();
        let places = units.filter_map(|(name, unit)| {
            let repo = self.repo_of(name)?;
            Some((unit.directory.clone(), repo.clone()))
        });
        let members = self.leaving(sets, None);
        let members = members.map(|member| (member.call.target.clone(), member.repo.clone()));
        Places(places.chain(members).collect())
    }

    /// Directories that a rule wants elsewhere and that stay in core.
    pub fn pinned(&self) -> impl Iterator<Item = (&AttrName, &Placed)> {
        let placed = self.placed.iter();
        placed.filter(|(_, placed)| placed.wanted.is_some() && !placed.pins.is_empty())
    }

    /// Whether packages that go to a repo ask for something that no rule moves.
    pub(super) fn asks_rest(&self, monorepo: &Monorepo, repo: &RepoName) -> bool {
        let staying = self
            .of_repo(None)
            .flat_map(|unit| monorepo.attributes(unit));
        let elsewhere = monorepo.adopted.elsewhere.keys().map(AttrName::as_str);
        let of_rest: BTreeSet<&str> = staying.chain(elsewhere).collect();
        let units = self.of_repo(Some(repo));
        let units = units.filter_map(|name| monorepo.units.get(name));
        let mut asks = units.flat_map(|unit| unit.asks.values());
        asks.any(|asks| {
            let mut names = asks.needed.keys().chain(&asks.optional);
            names.any(|name| of_rest.contains(name.as_str()))
        })
    }

    fn pin(&mut self, unit: &AttrName, pin: Pin) {
        if let Some(placed) = self.placed.get_mut(unit) {
            placed.pins.push(pin);
        }
    }

    fn keep(&mut self, monorepo: &Monorepo, rules: &Rules) {
        for (name, unit) in &monorepo.units {
            let mut keep = rules.core.keep.iter();
            let kept = keep.find(|pattern| fitting(pattern, monorepo, name, unit).is_some());
            if let Some(pattern) = kept {
                let pattern = pattern.text.clone();
                self.pin(name, Pin::Keep { pattern });
            }
        }
    }

    fn boot(&mut self, monorepo: &Monorepo, evidence: &Evidence) {
        let definers = monorepo.definers();
        for (root, names) in &evidence.reached {
            let mut seen = BTreeSet::new();
            for attribute in names {
                let Some(unit) = definers.get(attribute.as_str()) else {
                    continue;
                };
                if seen.insert(*unit) {
                    let pin = Pin::Bootstrap {
                        attribute: attribute.clone(),
                        root: root.clone(),
                    };
                    self.pin(unit, pin);
                }
            }
        }
    }

    /// What a path joins goes to one repo, or stays.
    fn tie(&mut self, ties: &[Tie]) {
        loop {
            let mut pinned = false;
            for tie in ties {
                let end =
                    |unit: &Option<AttrName>| unit.as_ref().and_then(|unit| self.repo_of(unit));
                if end(&tie.from) == end(&tie.to) {
                    continue;
                }
                for (unit, other) in [(&tie.from, &tie.to), (&tie.to, &tie.from)] {
                    if let Some(unit) = unit
                        && self.repo_of(unit).is_some()
                    {
                        let pin = Pin::Path {
                            place: tie.place.clone(),
                            path: tie.path.clone(),
                            other: other.clone(),
                        };
                        self.pin(unit, pin);
                        pinned = true;
                    }
                }
            }
            if !pinned {
                return;
            }
        }
    }
}

/// Which repo each file of a tree goes to.
#[derive(Debug, Clone)]
pub struct Places(BTreeMap<String, RepoName>);

impl Places {
    /// The repo of a file, by its path below the tree; none for core.
    #[must_use]
    pub fn repo_of(&self, file: &str) -> Option<&RepoName> {
        holder(&self.0, file).map(|(repo, _)| repo)
    }
}

/// Which rules fitted anything, by repo and text.
#[derive(Default)]
struct Fits(BTreeSet<(String, String)>);

impl Fits {
    fn note(&mut self, repo: &RepoName, key: &str, text: &str) {
        self.0.insert((repo.to_string(), format!("{key} {text}")));
    }

    fn has(&self, repo: &RepoName, key: &str, text: &str) -> bool {
        let key = (repo.to_string(), format!("{key} {text}"));
        self.0.contains(&key)
    }
}

/// The repos that want a directory: those that name it alone if there are any.
fn claims(
    monorepo: &Monorepo,
    rules: &Rules,
    evidence: &Evidence,
    name: &AttrName,
    fits: &mut Fits,
) -> Vec<Wanted> {
    let repos = match &rules.choice {
        Choice::Chance(repos, seed) => {
            let slots = u64::try_from(repos.len()).unwrap_or(u64::MAX).max(1);
            let slot = usize::try_from(chance(*seed, name.as_str()) % slots).unwrap_or(0);
            let wanted = repos.get(slot).map(|repo| Wanted {
                repo: repo.clone(),
                because: format!("chance, from seed {seed}"),
            });
            return wanted.into_iter().collect();
        }
        Choice::Rules(repos) => repos,
    };
    let mut exact = Vec::new();
    let mut broad = Vec::new();
    for (repo, rules) in repos {
        let claim = |because: String| Wanted {
            repo: repo.clone(),
            because,
        };
        match claim_of(monorepo, rules, evidence, name, |key, text| {
            fits.note(repo, key, text);
        }) {
            Some((true, because)) => exact.push(claim(because)),
            Some((false, because)) => broad.push(claim(because)),
            None => {}
        }
    }
    if exact.is_empty() { broad } else { exact }
}

/// What of a directory fits a pattern: its path or one of its attributes.
fn fitting<'m>(
    pattern: &Pattern,
    monorepo: &'m Monorepo,
    name: &'m AttrName,
    unit: &'m Unit,
) -> Option<&'m str> {
    // A set is known by its own name too.
    let names = monorepo.attributes(name).into_iter().chain([name.as_str()]);
    pattern.matches(&unit.directory, names)
}

/// Whether one repo's rules want a directory, whether by its very name, and the rule.
fn claim_of(
    monorepo: &Monorepo,
    rules: &RepoRules,
    evidence: &Evidence,
    name: &AttrName,
    mut fits: impl FnMut(&str, &str),
) -> Option<(bool, String)> {
    let unit = monorepo.units.get(name)?;
    let mut found: Option<(bool, String)> = None;
    let mut take = |is_exact: bool, because: String| match &found {
        Some((true, _)) => {}
        Some((false, _)) if !is_exact => {}
        _ => found = Some((is_exact, because)),
    };
    for pattern in &rules.patterns {
        if let Some(fitting) = fitting(pattern, monorepo, name, unit) {
            fits(pattern.key(), &pattern.text);
            let what = match pattern.of {
                PatternOf::Attributes if fitting == name.as_str() => "its name".to_owned(),
                PatternOf::Attributes => format!("its attribute `{fitting}`"),
                PatternOf::Paths | PatternOf::Members => "its path".to_owned(),
            };
            let because = if pattern.is_exact {
                format!("the rules name {what}")
            } else {
                format!("{what} fits `{}`", pattern.text)
            };
            take(pattern.is_exact, because);
        }
    }
    for set in &rules.sets {
        if evidence
            .sets
            .get(set)
            .is_some_and(|units| units.contains(name))
        {
            fits("sets", set);
            take(false, format!("packages of `{set}` come from it"));
        }
    }
    for owner in &rules.owners {
        let owners = evidence.owners.get(name);
        if owners.is_some_and(|owners| owners.contains(owner)) {
            fits("owners", owner);
            take(false, format!("{owner} owns it"));
        }
    }
    found
}

fn idle(rules: &Rules, fits: &mut Fits, monorepo: &Monorepo) -> Vec<Idle> {
    let mut idle = Vec::new();
    for pattern in &rules.core.keep {
        let mut units = monorepo.units.iter();
        let fits = units.any(|(name, unit)| fitting(pattern, monorepo, name, unit).is_some());
        if !fits {
            idle.push(Idle {
                repo: "core".to_owned(),
                rule: format!("keep `{}`", pattern.text),
                defined_in: None,
            });
        }
    }
    let Choice::Rules(repos) = &rules.choice else {
        return idle;
    };
    for (repo, rules) in repos {
        let patterns = rules
            .patterns
            .iter()
            .map(|pattern| (pattern.key(), &pattern.text));
        let owners = rules.owners.iter().map(|owner| ("owners", owner));
        let sets = rules.sets.iter().map(|set| ("sets", set));
        for (key, text) in patterns.chain(owners).chain(sets) {
            if !fits.has(repo, key, text) {
                idle.push(Idle {
                    repo: repo.to_string(),
                    rule: format!("{key} `{text}`"),
                    defined_in: text.parse().ok().and_then(|name: AttrName| {
                        Some(monorepo.adopted.elsewhere.get(&name)?.file.clone())
                    }),
                });
            }
        }
    }
    idle
}
