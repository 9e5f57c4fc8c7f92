//! What holds for every search of every family: it finds what a slow search
//! finds that is written by the words of the documentation.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests, where it is a failed test"
)]

mod family;

use aux_search::{Hit, HitFilter, HitKind, Match, Search};
use std::collections::BTreeSet;

use aux_model::{Catalog, Handle, Package, RepoName, Shape, SigName};
use aux_test_support::dice::Choices;
use family::{Family, check};
use proptest::prelude::*;

/// A name by which something may be found, read from the catalog anew.
#[derive(Debug)]
struct Entry {
    kind: HitKind,
    name: String,
    /// The package's own name, or the thing's.
    of: String,
    repo: Option<String>,
    description: String,
    owner: Option<SigName>,
    /// Maintainers of a package, leads of a SIG.
    handles: Vec<Handle>,
    /// Leads of the owner.
    leads: Vec<Handle>,
}

fn catalog(bytes: &[u8]) -> Catalog {
    let mut dice = Choices::new(bytes);
    let family = Family::roll(&mut dice);
    check(&family.texts(&mut dice)).unwrap()
}

fn entries(catalog: &Catalog) -> Vec<Entry> {
    let entry = |kind, name: &str, repo: Option<&RepoName>, owner: Option<&SigName>| {
        let leads = owner.map(|sig| catalog.sig(sig.as_str()).unwrap().leads.clone());
        Entry {
            kind,
            name: name.to_owned(),
            of: name.to_owned(),
            repo: repo.map(ToString::to_string),
            description: String::new(),
            owner: owner.cloned(),
            handles: Vec::new(),
            leads: leads.unwrap_or_default(),
        }
    };
    let lower = |text: &Option<String>| text.as_ref().map(|text| text.to_lowercase());
    let mut entries = Vec::new();
    for package in catalog.packages() {
        let kind = match package.shape {
            Shape::Builder => HitKind::Builder,
            _ => HitKind::Package,
        };
        for name in names(package) {
            entries.push(Entry {
                of: package.id.name.to_string(),
                description: lower(&package.description).unwrap_or_default(),
                handles: package.maintainers.clone(),
                ..entry(kind, &name, Some(&package.id.repo), Some(&package.owner))
            });
        }
    }
    for module in catalog.modules() {
        let name = module.name.as_str();
        entries.push(Entry {
            description: lower(&module.description).unwrap_or_default(),
            ..entry(
                HitKind::Module,
                name,
                Some(&module.repo),
                Some(&module.owner),
            )
        });
    }
    for overlay in catalog.overlays() {
        let name = overlay.name.as_str();
        entries.push(Entry {
            description: lower(&overlay.description).unwrap_or_default(),
            ..entry(
                HitKind::Overlay,
                name,
                Some(&overlay.repo),
                Some(&overlay.owner),
            )
        });
    }
    for repo in catalog.repos() {
        let name = repo.name.as_str();
        entries.push(Entry {
            description: lower(&repo.description).unwrap_or_default(),
            ..entry(HitKind::Repo, name, Some(&repo.name), Some(&repo.sig))
        });
    }
    for sig in catalog.sigs() {
        entries.push(Entry {
            description: lower(&sig.description).unwrap_or_default(),
            handles: sig.leads.clone(),
            ..entry(HitKind::Sig, sig.name.as_str(), None, Some(&sig.name))
        });
    }
    for person in catalog.people() {
        entries.push(entry(HitKind::Person, person.handle.as_str(), None, None));
    }
    entries
}

/// The attributes of a package, and its own name.
fn names(package: &Package) -> BTreeSet<String> {
    let attributes = package.attributes();
    let names = attributes.keys().map(ToString::to_string);
    names.chain([package.id.name.to_string()]).collect()
}

/// How well words fit: the best of them, and all together.
type Fits = (Match, usize);

impl Entry {
    /// In which of the ways to fit, best first, a word in lower case does.
    fn fit(&self, word: &str, alone: bool) -> Option<usize> {
        let name = self.name.to_lowercase();
        let kind = self.kind.as_str();
        let any = |handles: &[Handle]| handles.iter().any(|handle| *handle == word);
        let ways = [
            name == word,
            name.starts_with(word),
            name.contains(word),
            self.description.contains(word),
            any(&self.handles) || self.owner.iter().any(|owner| *owner == word),
            any(&self.leads),
            !alone && self.repo.as_deref() == Some(word),
            !alone && (word == kind || word == format!("{kind}s")),
        ];
        ways.iter().position(|fits| *fits)
    }

    fn fits(&self, words: &[String]) -> Option<Fits> {
        let fits = words.iter().map(|word| self.fit(word, words.len() == 1));
        let fits: Option<Vec<usize>> = fits.collect();
        let fits = fits?;
        let best = match *fits.iter().min()? {
            0 => Match::Exact,
            1 => Match::Prefix,
            2 => Match::Substring,
            3 => Match::Description,
            _ => Match::Owner,
        };
        Some((best, fits.iter().sum()))
    }

    fn is(&self, hit: &Hit) -> bool {
        self.kind == hit.kind && self.name == hit.name
    }
}

/// What a slow search finds, in order.
fn expected(catalog: &Catalog, words: &[String]) -> Vec<(Match, String, HitKind)> {
    let entries = entries(catalog);
    let is_by_name = |fits: Fits| fits.0 <= Match::Substring;
    let mut expected: Vec<(Fits, &Entry)> = Vec::new();
    for entry in &entries {
        let Some(fits) = entry.fits(words) else {
            continue;
        };
        let mut names = entries
            .iter()
            .filter(|other| other.kind == entry.kind && other.of == entry.of);
        let is_own = entry.name == entry.of;
        if is_by_name(fits)
            || (is_own && !names.any(|name| name.fits(words).is_some_and(is_by_name)))
        {
            expected.push((fits, entry));
        }
    }
    expected.sort_by_key(|(fits, entry)| (*fits, &entry.name, entry.kind));
    expected
        .into_iter()
        .map(|(fits, entry)| (fits.0, entry.name.clone(), entry.kind))
        .collect()
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9_-]{1,4}",
        "(repo|sig|person|module|overlay|p)-[0-3]",
        "p-[0-3]-[0-3]_(lts|2|1_0)",
        "(package|builder|module|overlay|repo|sig|person)s?",
        "(an|OVERLAY|Ä|'quoted'|text|three|versions)",
    ]
}

fn filter() -> impl Strategy<Value = HitFilter> {
    let kinds = proptest::collection::btree_set(proptest::sample::select(HitKind::ALL), 0..3);
    let repos = proptest::collection::btree_set("repo-[0-2]", 0..3);
    let owners = proptest::collection::btree_set("sig-[0-2]", 0..3);
    (kinds, repos, owners).prop_map(|(kinds, repos, owners)| {
        let mut filter = HitFilter::default();
        filter.kinds = kinds;
        filter.repos = repos.iter().map(|name| name.parse().unwrap()).collect();
        filter.owners = owners.iter().map(|name| name.parse().unwrap()).collect();
        filter
    })
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..400)
}

fn queries() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(word(), 1..4)
}

proptest! {
    #[test]
    fn it_finds_what_a_slow_search_finds(bytes in bytes(), words in queries()) {
        let catalog = catalog(&bytes);
        let hits = catalog.search(&words.join(" "));
        let words: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
        let expected = expected(&catalog, &words);
        if expected.is_empty() {
            prop_assert!(hits.iter().all(|hit| hit.matched == Match::Fuzzy), "{hits:?}");
            prop_assert!(hits.len() <= 5);
            return Ok(());
        }
        let found = hits.iter().map(|hit| (hit.matched, hit.name.clone(), hit.kind));
        prop_assert_eq!(found.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_hit_says_what_the_catalog_says(bytes in bytes(), words in queries()) {
        let catalog = catalog(&bytes);
        let entries = entries(&catalog);
        for hit in catalog.search(&words.join(" ")) {
            let entry = entries.iter().find(|entry| entry.is(&hit)).unwrap();
            let repo = hit.repo.as_ref().map(ToString::to_string);
            prop_assert_eq!(&repo, &entry.repo);
            prop_assert_eq!(&hit.owner, &entry.owner);
            let part_of = hit.part_of.as_ref().map(ToString::to_string);
            prop_assert_eq!(part_of.unwrap_or_else(|| hit.name.clone()), entry.of.clone());
            let Some(reference) = &hit.reference else {
                prop_assert!(matches!(hit.kind, HitKind::Sig | HitKind::Person));
                continue;
            };
            let repo = catalog.repo(entry.repo.as_ref().unwrap()).unwrap();
            // What builds alone is to be had of its repo, and the rest of top-level.
            let view = catalog.view(repo);
            let is_left_out = view.left_out.keys().any(|name| *name == *entry.of.as_str());
            let is_package = matches!(hit.kind, HitKind::Package | HitKind::Builder)
                && hit.members.is_empty()
                && repo.is_generated();
            let offering = if is_package && is_left_out {
                catalog.top_level()
            } else {
                repo
            };
            let rest = reference.strip_prefix(offering.url.as_str()).unwrap();
            match rest.strip_prefix('#') {
                None => prop_assert!(hit.kind == HitKind::Repo || !hit.members.is_empty()),
                Some(path) => prop_assert_eq!(path.rsplit('.').next().unwrap(), &hit.name),
            }
        }
    }

    #[test]
    fn neither_case_nor_time_matters(bytes in bytes(), words in queries()) {
        let catalog = catalog(&bytes);
        let query = words.join(" ");
        let hits = catalog.search(&query);
        prop_assert_eq!(&catalog.search(&query), &hits);
        prop_assert_eq!(&catalog.search(&query.to_ascii_uppercase()), &hits);
        prop_assert_eq!(&catalog.search(&format!(" {}\t", words.join("\n "))), &hits);
    }

    #[test]
    fn a_filter_only_removes(bytes in bytes(), words in proptest::collection::vec(word(), 0..3), filter in filter()) {
        let catalog = catalog(&bytes);
        let query = words.join(" ");
        let mut hits = catalog.search(&query);
        hits.retain(|hit| {
            let of_kind = filter.kinds.is_empty() || filter.kinds.contains(&hit.kind);
            let in_repo = filter.repos.is_empty() || hit.repo.iter().any(|repo| filter.repos.contains(repo));
            let owned = filter.owners.is_empty() || hit.owner.iter().any(|sig| filter.owners.contains(sig));
            of_kind && in_repo && owned
        });
        prop_assert_eq!(catalog.search_with(&query, &filter), hits);
    }

    #[test]
    fn a_name_of_the_package_set_is_like_itself(bytes in bytes()) {
        let catalog = catalog(&bytes);
        for package in catalog.packages() {
            for name in package.attributes().keys() {
                let hits = catalog.attributes_like(&name.as_str().to_uppercase());
                prop_assert_eq!(&hits[0].name, name.as_str());
                prop_assert!(hits.iter().all(|hit| catalog.attribute(&hit.name).is_some()));
            }
        }
    }
}
