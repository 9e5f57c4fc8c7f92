//! Strategies of proptest 1 for tests of programs that take families.
//!
//! ```
//! use proptest::prelude::*;
//!
//! proptest!(|(catalog in aux_model::proptest1::catalogs())| {
//!     for (package, edge) in catalog.edges() {
//!         prop_assert!(catalog.package(&edge.to).is_some(), "{}", package.id);
//!     }
//! });
//! ```

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::catalog::Catalog;
use crate::document::{Document, PackageDocument, PersonDocument, RepoDocument, SigDocument};

/// Tiers between core and top-level, lowest first.
const TIERS: [&str; 2] = ["languages", "desktops"];

/// One repo, before anything is known of those below it.
#[derive(Debug, Clone)]
struct Rolled {
    tier: usize,
    /// For each lower repo, whether it is used.
    uses: u8,
    /// For each package, what it needs: a build or a runtime edge to one that can be reached.
    packages: Vec<Vec<(bool, Index)>>,
}

/// Families that keep every rule: core and top-level, up to 6 repos in 2 tiers between them, up to
/// 4 packages each, with build and runtime edges to packages of their own repo and of repos that
/// theirs uses. They shrink towards core and top-level alone.
///
/// They have one SIG and no peers, variants, aliases, sets, builders, modules or pairs that may use
/// each other: what holds for all of them need not hold for those.
pub fn documents() -> impl Strategy<Value = Document> {
    vec(repo(), 1..=7).prop_map(|mut repos| {
        repos[1..].sort_by_key(|repo| repo.tier);
        family(&repos)
    })
}

/// [`documents`], checked.
pub fn catalogs() -> impl Strategy<Value = Catalog> {
    documents().prop_map(|document| {
        let checked = Catalog::from_document(&document);
        checked.unwrap_or_else(|problems| panic!("a strategy breaks a rule: {problems}"))
    })
}

fn repo() -> impl Strategy<Value = Rolled> {
    let needs = vec((any::<bool>(), any::<Index>()), 0..4);
    let rolled = (0..TIERS.len(), any::<u8>(), vec(needs, 0..=4));
    rolled.prop_map(|(tier, uses, packages)| Rolled {
        tier,
        uses,
        packages,
    })
}

/// The first of the repos is core; each of the others may use those before it.
fn family(repos: &[Rolled]) -> Document {
    let mut document = Document::new("random", "github:random")
        .with_tier("core")
        .with_tier(TIERS[0])
        .with_tier(TIERS[1])
        .with_tier("top-level")
        .with_person("ada", PersonDocument::default())
        .with_sig("everybody", SigDocument::led_by(["ada"]));
    for (number, rolled) in repos.iter().enumerate() {
        let tier = if number == 0 {
            "core"
        } else {
            TIERS[rolled.tier]
        };
        let uses = |lower: &usize| *lower == 0 || rolled.uses & (1 << lower) > 0;
        let used: Vec<usize> = (0..number).filter(uses).collect();
        let mut reached: Vec<String> = Vec::new();
        let mut repo = RepoDocument::new("everybody", tier);
        for lower in used {
            repo = repo.using(&name(lower), "*");
            reached.extend((0..repos[lower].packages.len()).map(|index| package(lower, index)));
        }
        for (index, needs) in rolled.packages.iter().enumerate() {
            let mut document = PackageDocument::default();
            for (build, needed) in needs.iter().filter(|_| !reached.is_empty()) {
                let edges = if *build {
                    &mut document.build
                } else {
                    &mut document.runtime
                };
                let needed = needed.get(&reached);
                if !edges.contains(needed) {
                    edges.push(needed.clone());
                }
            }
            repo = repo.with_package(&package(number, index), document);
            reached.push(package(number, index));
        }
        document = document.with_repo(&name(number), repo);
    }
    document.with_repo("top-level", RepoDocument::new("everybody", "top-level"))
}

fn name(number: usize) -> String {
    match number {
        0 => "core".to_owned(),
        number => format!("repo-{number}"),
    }
}

fn package(repo: usize, index: usize) -> String {
    format!("package-{repo}-{index}")
}
