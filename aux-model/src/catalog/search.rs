//! "Where is the thing I want?": looks a name up among everything placed.

use super::Catalog;
use crate::name::{RepoName, SigName};
use crate::package::{AttributeKind, Package, Shape};

/// What kind of thing was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum HitKind {
    /// A package, or one of its variants or aliases.
    Package,
    /// A function that makes packages.
    Builder,
    /// A module of NixOS, Home Manager or nix-darwin.
    Module,
    /// An overlay that users may choose.
    Overlay,
}

/// How well a name fits the query; better ones come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Match {
    /// The same, but for case.
    Exact,
    /// It starts with the query.
    Prefix,
    /// It contains the query.
    Substring,
    /// Its description contains the query.
    Description,
    /// It is near the query: a misspelling.
    Fuzzy,
}

/// One thing found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Hit {
    /// What it is.
    pub kind: HitKind,
    /// Its attribute.
    pub name: String,
    /// The attribute it is another name for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias_of: Option<String>,
    /// Where it is placed.
    pub repo: RepoName,
    /// Who answers for it.
    pub owner: SigName,
    /// What it is, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What to type after `nix build`, or to write into a configuration.
    pub reference: String,
    /// How well it fits.
    pub matched: Match,
    #[serde(skip)]
    score: u32,
}

/// How near a misspelling must be (Jaro-Winkler, in thousandths).
const NEAR: u32 = 850;
/// More misspellings than this help nobody.
const FUZZY_HITS: usize = 5;

impl Catalog {
    /// Everything whose name or description fits the query, best first, then in
    /// order of name. Misspellings are looked for only when nothing fits.
    #[must_use]
    pub fn search(&self, query: &str) -> Vec<Hit> {
        let query = query.to_lowercase();
        let mut hits: Vec<Hit> = self
            .everything()
            .filter_map(|mut hit| {
                hit.matched = fit(&query, &hit)?;
                Some(hit)
            })
            .collect();
        if hits.is_empty() {
            hits = self
                .everything()
                .filter_map(|mut hit| {
                    hit.score = likeness(&query, &hit.name.to_lowercase());
                    hit.matched = Match::Fuzzy;
                    (hit.score >= NEAR).then_some(hit)
                })
                .collect();
            hits.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.name.cmp(&b.name)));
            hits.truncate(FUZZY_HITS);
        }
        hits.sort_by(|a, b| {
            (a.matched, std::cmp::Reverse(a.score), &a.name, a.kind).cmp(&(
                b.matched,
                std::cmp::Reverse(b.score),
                &b.name,
                b.kind,
            ))
        });
        hits
    }

    fn everything(&self) -> impl Iterator<Item = Hit> {
        let packages = self.packages().flat_map(|package| self.hits_of(package));
        let modules = self.modules().map(|module| Hit {
            kind: HitKind::Module,
            name: module.name.to_string(),
            alias_of: None,
            repo: module.repo.clone(),
            owner: module.owner.clone(),
            description: module.description.clone(),
            reference: self.flake_reference(
                &module.repo,
                &format!("{}.{}", module.class.flake_output(), module.name),
            ),
            matched: Match::Exact,
            score: 0,
        });
        let overlays = self.overlays().map(|overlay| Hit {
            kind: HitKind::Overlay,
            name: overlay.name.to_string(),
            alias_of: None,
            repo: overlay.repo.clone(),
            owner: overlay.owner.clone(),
            description: overlay.description.clone(),
            reference: self.flake_reference(&overlay.repo, &format!("overlays.{}", overlay.name)),
            matched: Match::Exact,
            score: 0,
        });
        packages.chain(modules).chain(overlays)
    }

    fn hits_of<'c>(&'c self, package: &'c Package) -> impl Iterator<Item = Hit> + 'c {
        let kind = match package.shape {
            Shape::Builder => HitKind::Builder,
            Shape::Single | Shape::Variants(_) | Shape::Set(_) => HitKind::Package,
        };
        package
            .attributes()
            .into_iter()
            .map(move |(name, attribute)| Hit {
                kind,
                alias_of: match attribute {
                    AttributeKind::Alias(target) => Some(target.to_string()),
                    AttributeKind::Derivation | AttributeKind::Builder => None,
                },
                reference: self.flake_reference(&package.id.repo, name.as_str()),
                name: name.to_string(),
                repo: package.id.repo.clone(),
                owner: package.owner.clone(),
                description: package.description.clone(),
                matched: Match::Exact,
                score: 0,
            })
    }

    /// What to type after `nix build` for an attribute of a repo.
    #[must_use]
    pub fn flake_reference(&self, repo: &RepoName, attribute: &str) -> String {
        let url = self.repos.get(repo).map_or("", |repo| repo.url.as_str());
        format!("{url}#{attribute}")
    }
}

fn fit(query: &str, hit: &Hit) -> Option<Match> {
    let name = hit.name.to_lowercase();
    if name == query {
        Some(Match::Exact)
    } else if name.starts_with(query) {
        Some(Match::Prefix)
    } else if name.contains(query) {
        Some(Match::Substring)
    } else if hit
        .description
        .as_ref()
        .is_some_and(|description| description.to_lowercase().contains(query))
    {
        Some(Match::Description)
    } else {
        None
    }
}

/// Jaro-Winkler in thousandths, so that it can be ordered.
fn likeness(a: &str, b: &str) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 1000"
    )]
    let thousandths = (strsim::jaro_winkler(a, b) * 1000.0) as u32;
    thousandths
}
