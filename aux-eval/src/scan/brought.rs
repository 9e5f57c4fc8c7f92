//! What a package has without asking for it: what a builder or `stdenv` brings
//! along, or a package that it is another form of.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use aux_model::{AttrName, Family, Package, PackageId, Shape};

use crate::scan::derivations::{Derivations, Known};
use crate::scan::files::Files;
use crate::scan::stdenv::STDENV;

/// What is brought along to a package, and through which attributes, the nearest
/// first.
///
/// Who asks for a builder has all that the builder asks for. So has who asks for a
/// package whose derivation is its own, or that it is not built from although it
/// cannot do without: then it is that package with other arguments, as
/// `cmake.override` is. Everybody has `stdenv`.
pub(super) fn brought(
    catalog: &Family,
    files: &Files<'_>,
    derivations: &Derivations,
    package: &Package,
    known: &Known<'_>,
) -> BTreeMap<PackageId, Vec<AttrName>> {
    let mut brought: BTreeMap<PackageId, Vec<AttrName>> = BTreeMap::new();
    for (stdenv, derivation) in derivations.of_stdenvs() {
        for owner in derivations.owners(derivation) {
            let chain = brought.entry(owner.package.clone());
            chain.or_insert_with(|| vec![stdenv.clone()]);
        }
    }
    let passes = |through: &Package| {
        let is_same = || {
            let attributes = through.attributes();
            let mut own = attributes.keys().filter_map(|it| derivations.attribute(it));
            own.any(|derivation| known.own.contains(derivation))
        };
        through.shape == Shape::Builder || is_stdenv(through) || is_same()
    };
    let is_overridden = |through: &Package| {
        let attributes = through.attributes();
        let mut own = attributes.keys().filter_map(|it| derivations.attribute(it));
        known.is_whole && own.all(|derivation| !known.needs.contains_key(derivation))
    };
    // Breadth first, so that the shortest chain is the one that is told.
    let mut open: VecDeque<(&Package, Vec<AttrName>)> = VecDeque::new();
    for stdenv in STDENV.iter().filter_map(|name| catalog.attribute(name)) {
        if let Some(stdenv) = catalog.package(&stdenv.package) {
            let chain = vec![stdenv.id.name.clone()];
            brought.insert(stdenv.id.clone(), chain.clone());
            open.push_back((stdenv, chain));
        }
    }
    for next in asked(catalog, files, package) {
        open.push_back((next, vec![next.id.name.clone()]));
    }
    let mut seen = BTreeSet::from([&package.id]);
    while let Some((through, chain)) = open.pop_front() {
        let asked_for = chain.len() == 1;
        let goes_on = passes(through) || (asked_for && is_overridden(through));
        if !goes_on || !seen.insert(&through.id) {
            continue;
        }
        let needs = derivations.of_package(through).needs.into_keys();
        let built = needs
            .flat_map(|derivation| derivations.owners(derivation))
            .filter_map(|owner| catalog.package(&owner.package));
        for next in asked(catalog, files, through).chain(built) {
            let known = brought.entry(next.id.clone());
            known.or_insert_with(|| chain.clone());
            let mut longer = chain.clone();
            longer.push(next.id.name.clone());
            open.push_back((next, longer));
        }
    }
    brought
}

fn is_stdenv(package: &Package) -> bool {
    STDENV.iter().any(|name| package.id.name == **name)
}

/// The packages that one asks for, in the manifest or in its files.
fn asked<'c>(
    catalog: &'c Family,
    files: &Files<'c>,
    package: &'c Package,
) -> impl Iterator<Item = &'c Package> {
    let declared = package.edges.iter().map(|edge| &edge.to);
    let asks = files.packages.get(&package.id);
    let formals = asks
        .into_iter()
        .flat_map(|asks| &asks.attributes)
        .map(|ask| &ask.found.package)
        .collect::<Vec<_>>();
    declared.chain(formals).filter_map(|id| catalog.package(id))
}
