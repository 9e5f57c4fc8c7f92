//! What the manifest, the files and the derivations say of each package, side by
//! side.

use std::collections::{BTreeMap, BTreeSet};

use aux_model::answers::Observed;
use aux_model::{AttrName, Edge, EdgeKind, Family, Origin, Package, PackageId};
use aux_nix::Derivation;

use crate::scan::brought::brought;
use crate::scan::derivations::{Derivations, Known, Owner, Use};
use crate::scan::files::{Asks, Files};
use crate::scan::report::{Explained, Lacking, Pair, ScanReport, Surplus, Unused};

/// Compares all that is known.
pub(super) fn compare(
    catalog: &Family,
    files: Files<'_>,
    derivations: Option<&Derivations>,
) -> ScanReport {
    let mut report = ScanReport::default();
    let nothing = Asks::default();
    for package in catalog.packages() {
        let subject = Subject {
            catalog,
            package,
            asks: files.packages.get(&package.id).unwrap_or(&nothing),
            built: derivations.map(|derivations| Built::of(catalog, &files, derivations, package)),
        };
        let needs = subject.needs();
        subject.observe(&needs, &mut report.observed);
        report.pairs.extend(subject.pairs(&needs));
        subject.lacking(&needs, &mut report.lacking);
        report.surplus.extend(subject.surplus());
        report.unused.extend(subject.unused());
    }
    report.unresolved = files.unresolved;
    report.unread = files.unread;
    if let Some(derivations) = derivations {
        report.evaluated = Some(derivations.evaluated().clone());
        report.failed = derivations.failed().to_vec();
        report.unseen = derivations.unseen().to_vec();
        report.same = derivations.same();
    }
    report
}

/// One package and what is known of it.
struct Subject<'a> {
    catalog: &'a Family,
    package: &'a Package,
    asks: &'a Asks<'a>,
    built: Option<Built<'a>>,
}

/// What the derivations of one package are built from.
struct Built<'a> {
    derivations: &'a Derivations,
    known: Known<'a>,
    /// What comes with builders and with `stdenv`.
    through: BTreeMap<PackageId, Vec<AttrName>>,
}

/// A derivation that the package is built from.
struct Needed<'a> {
    /// By whose name it goes.
    owner: &'a Owner,
    derivation: &'a Derivation,
    explained: Option<Explained>,
}

impl<'a> Built<'a> {
    fn of(
        catalog: &Family,
        files: &Files<'_>,
        derivations: &'a Derivations,
        package: &Package,
    ) -> Self {
        let known = derivations.of_package(package);
        Self {
            through: brought(catalog, files, derivations, package, &known),
            derivations,
            known,
        }
    }

    /// Whether an attribute is built into the package, or is a name for it; none
    /// if that cannot be known.
    fn shows(&self, attribute: &AttrName) -> Option<bool> {
        let derivation = self.derivations.attribute(attribute)?;
        let known = &self.known;
        let is_there = known.needs.contains_key(derivation) || known.own.contains(derivation);
        (is_there || self.known.is_whole).then_some(is_there)
    }

    /// Whether something is built in that comes along with a package.
    fn comes_through(&self, package: &AttrName) -> bool {
        self.known.needs.keys().any(|derivation| {
            let owners = self.derivations.owners(derivation).iter();
            let mut through = owners.filter_map(|owner| self.through.get(&owner.package));
            through.any(|chain| chain.first() == Some(package))
        })
    }

    /// Whether anything of a package is built in.
    fn shows_any_of(&self, package: &PackageId) -> bool {
        self.known.needs.keys().any(|derivation| {
            let mut owners = self.derivations.owners(derivation).iter();
            owners.any(|owner| owner.package == *package)
        })
    }
}

impl<'a> Subject<'a> {
    /// The edges that files and derivations have.
    fn observe(&self, needs: &[Needed<'_>], observed: &mut Vec<Observed>) {
        for ask in &self.asks.attributes {
            observed.push(Observed {
                from: self.package.id.clone(),
                attribute: ask.name.clone(),
                kind: ask.kind,
                origin: Origin::Formals,
                place: ask.place.clone(),
            });
        }
        for needed in needs {
            observed.push(Observed {
                from: self.package.id.clone(),
                attribute: needed.owner.attribute.clone(),
                kind: EdgeKind::Build,
                origin: Origin::Derivation,
                place: needed.derivation.to_string(),
            });
        }
    }

    /// What the derivations are built from, each by the name of the package that
    /// the manifest or a file says, or that comes along with one; else by the first
    /// of its owners. In order of those.
    fn needs(&self) -> Vec<Needed<'_>> {
        let Some(built) = &self.built else {
            return Vec::new();
        };
        let brought = |owner: &&Owner| built.through.contains_key(&owner.package);
        let mut needs = Vec::new();
        for (derivation, usage) in &built.known.needs {
            let owners = built.derivations.owners(derivation);
            let named = owners.iter().find(|owner| self.names(&owner.package));
            let brought = || owners.iter().find(brought);
            let Some(owner) = named.or_else(brought).or_else(|| owners.first()) else {
                continue;
            };
            let through = built.through.get(&owner.package);
            needs.push(Needed {
                owner,
                derivation,
                explained: match (through, usage) {
                    (Some(through), _) => Some(Explained::Through {
                        attributes: through.clone(),
                    }),
                    (None, Use::Fetched) => Some(Explained::Fetching),
                    (None, Use::Built) => None,
                },
            });
        }
        needs.sort_by_key(|needed| needed.owner);
        needs
    }

    /// Whether the manifest or a file says that it is needed.
    fn names(&self, package: &PackageId) -> bool {
        let mut declared = self.package.edges.iter().map(|edge| &edge.to);
        let mut asked = self.asks.attributes.iter().map(|ask| &ask.found.package);
        declared.any(|to| to == package) || asked.any(|to| to == package)
    }

    fn pairs(&self, needs: &[Needed<'_>]) -> Vec<Pair> {
        let declared = self.package.edges.iter();
        let declared = declared.map(|edge| (&edge.to, Origin::Declared, None));
        let asked = self.asks.attributes.iter();
        let asked = asked.map(|ask| (&ask.found.package, Origin::Formals, None));
        let built = needs.iter().map(|needed| {
            let explained = needed.explained.as_ref();
            (&needed.owner.package, Origin::Derivation, explained)
        });
        let mut all: BTreeMap<&PackageId, (BTreeSet<Origin>, Vec<Option<&Explained>>)> =
            BTreeMap::new();
        for (to, origin, explained) in declared.chain(asked).chain(built) {
            let (origins, explanations) = all.entry(to).or_default();
            origins.insert(origin);
            explanations.push(explained);
        }
        all.into_iter()
            .map(|(to, (origins, explanations))| Pair {
                from: self.package.id.clone(),
                to: to.clone(),
                origins,
                // Of several derivations, one that nothing explains is enough.
                explained: explanations
                    .into_iter()
                    .collect::<Option<Vec<_>>>()
                    .and_then(|all| all.first().copied().cloned()),
            })
            .collect()
    }

    /// What files ask for and the manifest does not say, attribute by attribute;
    /// then what only derivations show and nothing explains.
    fn lacking(&self, needs: &[Needed<'_>], lacking: &mut Vec<Lacking>) {
        for ask in &self.asks.attributes {
            let mut edges = self.package.edges.iter();
            if edges.any(|edge| edge.attribute == ask.name) {
                continue;
            }
            let shown = self.built.as_ref().and_then(|built| built.shows(&ask.name));
            lacking.push(Lacking {
                package: self.package.id.clone(),
                attribute: ask.name.clone(),
                to: ask.found.package.clone(),
                kind: ask.kind,
                origins: [Origin::Formals]
                    .into_iter()
                    .chain((shown == Some(true)).then_some(Origin::Derivation))
                    .collect(),
                place: ask.place.clone(),
            });
        }
        for needed in needs {
            let to = &needed.owner.package;
            if self.names(to) || needed.explained.is_some() {
                continue;
            }
            lacking.push(Lacking {
                package: self.package.id.clone(),
                attribute: needed.owner.attribute.clone(),
                to: to.clone(),
                kind: EdgeKind::Build,
                origins: BTreeSet::from([Origin::Derivation]),
                place: needed.derivation.to_string(),
            });
        }
    }

    fn surplus(&self) -> impl Iterator<Item = Surplus> {
        self.package.edges.iter().filter_map(|edge| {
            let refuted_by = self.refuted(edge)?;
            Some(Surplus {
                package: self.package.id.clone(),
                attribute: edge.attribute.clone(),
                kind: edge.kind,
                refuted_by,
                place: self
                    .catalog
                    .location_of(edge)
                    .map(|location| location.to_string()),
            })
        })
    }

    /// Who would show a declared edge and does not; none if somebody does, or if
    /// nobody can tell.
    fn refuted(&self, edge: &Edge) -> Option<BTreeSet<Origin>> {
        // What tests need may be named elsewhere, such as in `passthru.tests`;
        // what is only used if it is there, in any way; `stdenv` is everywhere.
        let may_be_unseen = !edge.kind.is_needed() || edge.attribute == "stdenv";
        if may_be_unseen || self.asks.get(edge.attribute.as_str()).is_some() {
            return None;
        }
        let shown = self.built.as_ref().and_then(|built| {
            let any = built.shows_any_of(&edge.to).then_some(true);
            any.or_else(|| built.shows(&edge.attribute))
        });
        let by_files = self.asks.is_whole.then_some(Origin::Formals);
        let by_derivations = (shown == Some(false)).then_some(Origin::Derivation);
        // A derivation says nothing of what is only there to run.
        let suffices = by_files.is_some() || edge.kind == EdgeKind::Build;
        let refuted_by: BTreeSet<Origin> = by_files.into_iter().chain(by_derivations).collect();
        (shown != Some(true) && suffices && !refuted_by.is_empty()).then_some(refuted_by)
    }

    fn unused(&self) -> impl Iterator<Item = Unused> {
        self.built.iter().flat_map(move |built| {
            let asks = self.asks.attributes.iter();
            asks.filter(|ask| ask.kind == EdgeKind::Build)
                .filter(|ask| built.shows(&ask.name) == Some(false))
                .filter(|ask| !built.comes_through(&ask.found.package.name))
                .map(|ask| Unused {
                    package: self.package.id.clone(),
                    attribute: ask.name.clone(),
                    to: ask.found.package.clone(),
                    place: ask.place.clone(),
                })
        })
    }
}
