//! From a graph of derivations to whose is built from whose. Nothing is asked or
//! read here.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aux_model::{AttrName, PackageId};
use aux_nix::{Derivation, DerivationInputs};
use serde::Serialize;

/// What each derivation is made from, those of sources and patches among them.
pub(super) type Graph = BTreeMap<Derivation, DerivationInputs>;

/// What a derivation is needed for by another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::scan) enum Use {
    /// What is built depends on it.
    Built,
    /// Only to fetch sources, of which a hash says what they are.
    Fetched,
}

/// An attribute that a derivation is the value of. In order, a package's own
/// attributes come before its aliases.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::scan) struct Owner {
    pub(in crate::scan) package: PackageId,
    pub(in crate::scan) is_alias: bool,
    pub(in crate::scan) attribute: AttrName,
}

/// A package whose derivation is another's too, such as an override that changes
/// nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SameAs {
    /// The package.
    pub package: PackageId,
    /// Its attribute.
    pub attribute: AttrName,
    /// The package that the derivation is named after: the first in order.
    pub same_as: PackageId,
    /// The derivation of both.
    pub derivation: Derivation,
}

/// Derivations that packages own, and which of those each is built from.
#[derive(Debug, Default)]
pub(in crate::scan) struct Mapping {
    /// Everybody whose derivation it is, in order.
    owners: BTreeMap<Derivation, Vec<Owner>>,
    /// The owned derivations that can be reached from one through none that is
    /// owned.
    needs: BTreeMap<Derivation, BTreeMap<Derivation, Use>>,
}

impl Mapping {
    /// Maps the derivations that are `owned`; what `others` are built from is
    /// worked out too, though nobody owns them.
    pub(super) fn of(
        owned: impl IntoIterator<Item = (Owner, Derivation)>,
        others: impl IntoIterator<Item = Derivation>,
        graph: &Graph,
    ) -> Self {
        let mut owners: BTreeMap<Derivation, Vec<Owner>> = BTreeMap::new();
        for (owner, derivation) in owned {
            owners.entry(derivation).or_default().push(owner);
        }
        for all in owners.values_mut() {
            all.sort();
        }
        let mut walk = Walk::of(graph, &owners);
        let needs = owners
            .keys()
            .cloned()
            .chain(others)
            .map(|derivation| {
                let needs = walk.from(&derivation);
                (derivation, needs)
            })
            .collect();
        Self { owners, needs }
    }

    /// Everybody whose derivation it is; the first is the one it is named after.
    pub(in crate::scan) fn owners(&self, derivation: &Derivation) -> &[Owner] {
        self.owners.get(derivation).map_or(&[], Vec::as_slice)
    }

    /// The owned derivations that this one is built from.
    pub(in crate::scan) fn needs(
        &self,
        derivation: &Derivation,
    ) -> impl Iterator<Item = (&Derivation, Use)> {
        let needs = self.needs.get(derivation).into_iter().flatten();
        needs.map(|(needed, usage)| (needed, *usage))
    }

    /// How many derivations have an owner.
    pub(super) fn len(&self) -> usize {
        self.owners.len()
    }

    /// Packages whose derivation is named after another, in order.
    pub(super) fn same(&self) -> Vec<SameAs> {
        let mut all = BTreeSet::new();
        for (derivation, owners) in &self.owners {
            let mut owners = owners.iter();
            let Some(first) = owners.next() else { continue };
            let mut last = &first.package;
            // Of a package with several attributes here, the first says enough.
            for owner in owners {
                if owner.package != *last {
                    all.insert(SameAs {
                        package: owner.package.clone(),
                        attribute: owner.attribute.clone(),
                        same_as: first.package.clone(),
                        derivation: derivation.clone(),
                    });
                    last = &owner.package;
                }
            }
        }
        all.into_iter().collect()
    }
}

/// The graph in numbers, to be walked from many places.
struct Walk<'g> {
    names: Vec<&'g Derivation>,
    numbers: HashMap<&'g Derivation, usize>,
    inputs: Vec<Vec<usize>>,
    is_fixed: Vec<bool>,
    is_owned: Vec<bool>,
    /// The walk in which each was last met, so that nothing is cleared in between.
    met: Vec<usize>,
    walks: usize,
}

impl<'g> Walk<'g> {
    fn of(graph: &'g Graph, owners: &BTreeMap<Derivation, Vec<Owner>>) -> Self {
        let names: Vec<&Derivation> = graph.keys().collect();
        let numbers: HashMap<&Derivation, usize> = names
            .iter()
            .enumerate()
            .map(|(number, name)| (*name, number))
            .collect();
        let inputs = graph
            .values()
            .map(|made| {
                let inputs = made.inputs.iter();
                inputs
                    .filter_map(|input| numbers.get(input).copied())
                    .collect()
            })
            .collect();
        Self {
            is_fixed: graph.values().map(|made| made.is_fixed).collect(),
            is_owned: names
                .iter()
                .map(|name| owners.contains_key(*name))
                .collect(),
            met: vec![0; names.len()],
            walks: 0,
            names,
            numbers,
            inputs,
        }
    }

    /// Owned derivations that can be reached without passing one.
    fn from(&mut self, start: &Derivation) -> BTreeMap<Derivation, Use> {
        let mut found = BTreeMap::new();
        let Some(start) = self.numbers.get(start).copied() else {
            return found;
        };
        self.walks += 1;
        self.met[start] = self.walks;
        let (mut open, mut fixed) = (Vec::new(), Vec::new());
        if self.is_fixed[start] {
            fixed.push(start);
        } else {
            open.push(start);
        }
        // What fetches comes last: what can be reached without it is found before.
        for usage in [Use::Built, Use::Fetched] {
            if usage == Use::Fetched {
                open.append(&mut fixed);
            }
            while let Some(number) = open.pop() {
                for input in &self.inputs[number] {
                    if std::mem::replace(&mut self.met[*input], self.walks) == self.walks {
                        continue;
                    }
                    if self.is_owned[*input] {
                        found.insert(self.names[*input].clone(), usage);
                    } else if self.is_fixed[*input] && usage == Use::Built {
                        fixed.push(*input);
                    } else {
                        open.push(*input);
                    }
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn derivation(name: &str) -> Derivation {
        format!("{name:0>32}-{name}.drv").parse().unwrap()
    }

    /// `a: b c` for each derivation and what it takes; `a = b c` for a source.
    fn graph(lines: &[&str]) -> Graph {
        let mut graph = Graph::new();
        for line in lines {
            let (name, inputs) = line.split_once([':', '=']).unwrap();
            let inputs: Vec<Derivation> = inputs.split_whitespace().map(derivation).collect();
            for input in &inputs {
                graph.entry(input.clone()).or_default();
            }
            let is_fixed = line.contains('=');
            graph.insert(
                derivation(name.trim()),
                DerivationInputs { inputs, is_fixed },
            );
        }
        graph
    }

    /// `repo/package derivation`, or `repo/package.attribute derivation` for one of
    /// several, with `=` in place of the dot for an alias.
    fn owned(lines: &[&str]) -> Vec<(Owner, Derivation)> {
        lines
            .iter()
            .map(|line| {
                let (owner, name) = line.split_once(' ').unwrap();
                let (repo, rest) = owner.split_once('/').unwrap();
                let (package, attribute) = rest.split_once(['.', '=']).unwrap_or((rest, rest));
                let owner = Owner {
                    package: PackageId {
                        repo: repo.parse().unwrap(),
                        name: package.parse().unwrap(),
                    },
                    is_alias: rest.contains('='),
                    attribute: attribute.parse().unwrap(),
                };
                (owner, derivation(name))
            })
            .collect()
    }

    fn needs(mapping: &Mapping, name: &str) -> Vec<String> {
        mapping
            .needs(&derivation(name))
            .map(|(needed, usage)| {
                let attribute = &mapping.owners(needed)[0].attribute;
                match usage {
                    Use::Built => attribute.to_string(),
                    Use::Fetched => format!("({attribute})"),
                }
            })
            .collect()
    }

    #[test]
    fn a_walk_passes_what_nobody_owns_and_stops_at_what_somebody_does() {
        let graph = graph(&[
            "app: source patched shell",
            "source = curl patched",
            "patched: library older",
            "older = mirrors library",
            "mirrors: xml",
            "library: compiler",
            "curl: tls",
        ]);
        let mapping = Mapping::of(
            owned(&[
                "top/app app",
                "core/library library",
                "core/compiler compiler",
                "core/curl curl",
                "core/tls tls",
                "core/xml xml",
            ]),
            [],
            &graph,
        );
        assert_eq!(needs(&mapping, "app"), ["(xml)", "(curl)", "library"]);
        assert_eq!(needs(&mapping, "library"), ["compiler"]);
        assert_eq!(needs(&mapping, "curl"), ["tls"]);
        assert_eq!(needs(&mapping, "tls"), [""; 0]);
        assert_eq!(mapping.same(), []);
    }

    #[test]
    fn a_package_that_is_a_source_only_fetches_and_one_that_is_needed_is_needed() {
        let graph = graph(&["app: certificates", "certificates = curl"]);
        let mapping = Mapping::of(
            owned(&[
                "top/app app",
                "core/certificates certificates",
                "core/curl curl",
            ]),
            [],
            &graph,
        );
        assert_eq!(needs(&mapping, "app"), ["certificates"]);
        assert_eq!(needs(&mapping, "certificates"), ["(curl)"]);
    }

    #[test]
    fn a_derivation_of_several_packages_is_named_after_the_first() {
        let graph = graph(&["app: shared", "shared: library"]);
        let mapping = Mapping::of(
            owned(&[
                "top/app app",
                "web/second shared",
                "core/first=alias shared",
                "core/first shared",
                "web/second=other shared",
                "core/library library",
            ]),
            [],
            &graph,
        );
        assert_eq!(needs(&mapping, "app"), ["first"]);
        assert_eq!(needs(&mapping, "shared"), ["library"]);
        let same: Vec<String> = mapping
            .same()
            .iter()
            .map(|same| format!("{} ({}) {}", same.package, same.attribute, same.same_as))
            .collect();
        assert_eq!(same, ["web/second (second) core/first"]);
    }

    #[test]
    fn variants_are_owned_one_by_one_and_an_alias_is_nobody_new() {
        let graph = graph(&["app: new", "new: old"]);
        let mapping = Mapping::of(
            owned(&[
                "top/app app",
                "js/node.node_1 old",
                "js/node.node_2 new",
                "js/node=node new",
            ]),
            [],
            &graph,
        );
        assert_eq!(needs(&mapping, "app"), ["node_2"]);
        assert_eq!(needs(&mapping, "new"), ["node_1"]);
        assert_eq!(mapping.same(), []);
    }

    #[test]
    fn what_others_are_built_from_is_known_and_they_own_nothing() {
        let graph = graph(&["app: stdenv", "stdenv: shell", "shell: libc"]);
        let packages = owned(&["top/app app", "core/shell shell", "core/libc libc"]);
        let mapping = Mapping::of(packages, [derivation("stdenv")], &graph);
        assert_eq!(needs(&mapping, "stdenv"), ["shell"]);
        assert_eq!(needs(&mapping, "app"), ["shell"]);
        assert_eq!(mapping.owners(&derivation("stdenv")), []);
    }

    #[test]
    fn a_graph_with_holes_or_cycles_is_walked_to_its_end() {
        let mut graph = graph(&["app: one", "one: two library", "two: one"]);
        graph.remove(&derivation("library"));
        let mapping = Mapping::of(
            owned(&["top/app app", "core/library library"]),
            [derivation("absent")],
            &graph,
        );
        assert_eq!(needs(&mapping, "app"), [""; 0]);
        assert_eq!(needs(&mapping, "absent"), [""; 0]);
    }

    #[test]
    fn a_long_chain_overflows_no_stack() {
        let names: Vec<String> = (0..100_000).map(|number| format!("n{number}")).collect();
        let graph: Graph = names
            .windows(2)
            .map(|pair| {
                let made = DerivationInputs {
                    inputs: vec![derivation(&pair[1])],
                    is_fixed: false,
                };
                (derivation(&pair[0]), made)
            })
            .chain([(derivation("n99999"), DerivationInputs::default())])
            .collect();
        let packages = owned(&["top/app n0", "core/last n99999"]);
        let mapping = Mapping::of(packages, [], &graph);
        assert_eq!(needs(&mapping, "n0"), ["last"]);
    }
}
