//! Debian's index as one of our families: what becomes of alternatives, virtual
//! packages, names and teams.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

#[path = "../benches/debian/mod.rs"]
mod debian;

use std::collections::BTreeSet;

use aux_model::{Code, EdgeKind, Manifest, PackageId, Source};
use debian::{Family, name};
use proptest::prelude::*;

fn family() -> Family {
    Family::read(include_str!("data/debian-packages")).unwrap()
}

fn catalog() -> aux_model::Family {
    let survey = Manifest::open(Source::new("aux.toml", &family().manifest())).survey();
    survey
        .unwrap_or_else(|problems| panic!("{problems}"))
        .family
}

/// The packages that one needs in some way, in order.
fn edges(catalog: &aux_model::Family, package: &str, kind: EdgeKind) -> Vec<String> {
    let id = &catalog.attribute(package).unwrap().package;
    let package = catalog.package(id).unwrap();
    let edges = package.edges.iter().filter(|edge| edge.kind == kind);
    edges.map(|edge| edge.to.to_string()).collect()
}

#[test]
fn every_package_stands_in_the_repo_of_its_team() {
    let catalog = catalog();
    let packages: Vec<String> = catalog
        .packages()
        .map(|package| package.id.to_string())
        .collect();
    assert_eq!(
        packages,
        [
            "_3d-printing/_or",
            "_core/_0ad",
            "core/bash",
            "core/gcc-12-base",
            "debian-gcc-maintainers/libgcc-s1",
            "debian-gcc-maintainers/libstdc_plus_plus6",
            "gnu-libc-maintainers/libc6",
            "lamont-jones/postfix",
            "matthias-klose/python3_dot11",
            "mime-support-packagers/mime-support",
            "no_eb_l-k_f6_the/exim4-daemon-light",
        ]
    );
    assert_eq!(catalog.core().name, "core");
    for repo in catalog.repos().filter(|repo| repo.tier == "teams") {
        assert_eq!(repo.sig.as_str(), repo.name.as_str());
    }
    let sig = catalog.sig("no_eb_l-k_f6_the").unwrap();
    assert_eq!(sig.description.as_deref(), Some("Noël Köthe"));
    let python = &catalog.attribute("python3_dot11").unwrap().package;
    assert_eq!(
        catalog.package(python).unwrap().description.as_deref(),
        Some("Interactive high-level object-oriented language")
    );
}

#[test]
fn the_first_alternative_that_exists_is_needed() {
    let catalog = catalog();
    assert_eq!(
        edges(&catalog, "python3_dot11", EdgeKind::Runtime),
        [
            "debian-gcc-maintainers/libstdc_plus_plus6",
            "gnu-libc-maintainers/libc6",
            "mime-support-packagers/mime-support",
        ]
    );
    assert_eq!(
        edges(&catalog, "bash", EdgeKind::Runtime),
        ["gnu-libc-maintainers/libc6"]
    );
    assert_eq!(
        edges(&catalog, "libstdc_plus_plus6", EdgeKind::Runtime),
        ["core/gcc-12-base", "gnu-libc-maintainers/libc6"]
    );
    assert_eq!(
        edges(&catalog, "_0ad", EdgeKind::Runtime),
        ["_3d-printing/_or"]
    );
}

#[test]
fn a_virtual_package_is_the_first_that_provides_it() {
    let catalog = catalog();
    assert_eq!(
        edges(&catalog, "python3_dot11", EdgeKind::Optional),
        ["no_eb_l-k_f6_the/exim4-daemon-light"],
        "libc6 is needed already"
    );
    assert_eq!(
        edges(&catalog, "postfix", EdgeKind::Runtime),
        ["no_eb_l-k_f6_the/exim4-daemon-light"]
    );
}

#[test]
fn what_is_left_out_is_counted() {
    assert_eq!(
        family().counts.to_string(),
        "11 packages, 2 of them in core; 8 teams; 11 needed and 1 optional edges; \
         left out: 4 edges to nothing, 1 to itself, 1 further versions"
    );
}

#[test]
fn peers_let_teams_need_each_other_and_core_is_reported() {
    let survey = Manifest::open(Source::new("aux.toml", &family().manifest()))
        .survey()
        .unwrap();
    let errors: Vec<(Code, &str)> = survey
        .problems
        .iter()
        .map(|problem| (problem.code, problem.message.as_str()))
        .collect();
    assert_eq!(
        errors,
        [
            (
                Code::TierOrder,
                "package `core/bash` (tier 0 `core`) depends on `gnu-libc-maintainers/libc6` (tier 1 `teams`)"
            ),
            (
                Code::PackageCycle,
                "packages need each other in a cycle: `debian-gcc-maintainers/libgcc-s1` -> `gnu-libc-maintainers/libc6` -> `debian-gcc-maintainers/libgcc-s1`"
            ),
        ]
    );
    let graph = survey.family.graph();
    assert_eq!(graph.package_cycles().len(), 1);
    let packages = graph.packages();
    let pairs: BTreeSet<(&PackageId, &PackageId)> = family()
        .needed()
        .map(|(from, to)| (&packages[from].id, &packages[to].id))
        .collect();
    let edges = graph.edges().iter().filter(|edge| edge.kind.is_needed());
    assert_eq!(
        pairs,
        edges.map(|edge| (edge.from, edge.to)).collect(),
        "the pairs are numbered as the packages of the catalog are"
    );
}

#[test]
fn a_word_of_nix_and_a_digit_in_front_are_no_names() {
    for (debian, ours) in [
        ("7zip", "_7zip"),
        ("or", "_or"),
        ("lib", "_lib"),
        ("g++", "g_plus_plus"),
    ] {
        assert_eq!(name::attribute(debian).unwrap(), ours);
    }
}

#[test]
fn a_team_is_its_words() {
    for (team, ours) in [
        ("Debian  Perl Group", "debian-perl-group"),
        ("\"Jana\" X.", "jana-x"),
        ("3D Printing", "_3d-printing"),
        ("Top-Level", "_top-level"),
        ("Köthe", "k_f6_the"),
    ] {
        assert_eq!(name::repo(team).unwrap(), ours);
    }
}

proptest! {
    /// Undone, every attribute is the name it was made of.
    #[test]
    fn no_two_packages_get_one_attribute(debian in "[a-z0-9][a-z0-9+.-]{1,12}") {
        let ours = name::attribute(&debian).unwrap();
        let plain = ours.as_str().strip_prefix('_').unwrap_or(ours.as_str());
        prop_assert_eq!(plain.replace("_plus", "+").replace("_dot", "."), debian);
    }
}
