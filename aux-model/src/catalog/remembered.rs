//! A checked catalog as bytes, for a cache of the caller's: read back in a fraction of the time that
//! its texts take.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::thread;

use aux_names::{AttrName, ChannelName, FlakeRef, Handle, RelativePath, RepoName, SigName};
use aux_problems::{Problems, Source, remembered};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::access::ForgeRules;
use crate::availability::Availability;
use crate::catalog::checked::{Catalog, Family};
use crate::channel::Channel;
use crate::ci::Ci;
use crate::edge::PackageId;
use crate::former::FormerNames;
use crate::manifest::Survey;
use crate::organization::{Organization, Tier};
use crate::package::{Attribute, Package};
use crate::policy::Policy;
use crate::price::{Price, Prices};
use crate::repo::Repo;
use crate::sig::{Person, Sig};

/// Packages of one piece of the bytes: pieces are read by several threads.
const PIECE: usize = 5_000;

/// What is written of a [`Family`] besides its repos, its texts, and what follows from them.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Family")]
struct Parts {
    organization: Organization,
    templates: Option<RelativePath>,
    tiers: Vec<Tier>,
    policy: Policy,
    ci: Ci,
    access: ForgeRules,
    channels: Vec<Channel>,
    channel: Option<ChannelName>,
    own_urls: BTreeMap<RepoName, FlakeRef>,
    former: FormerNames,
    people: BTreeMap<Handle, Person>,
    sigs: BTreeMap<SigName, Sig>,
    #[serde(skip)]
    repos: BTreeMap<RepoName, Repo>,
    #[serde(skip)]
    attributes: HashMap<AttrName, Attribute>,
    levels: BTreeMap<RepoName, usize>,
    core: Option<RepoName>,
    top_level: Option<RepoName>,
    below: BTreeMap<RepoName, BTreeSet<RepoName>>,
    layer_order: Vec<RepoName>,
    available: BTreeMap<PackageId, Availability>,
    #[serde(serialize_with = "write_prices", deserialize_with = "read_prices")]
    prices: Prices,
    #[serde(skip)]
    sources: Vec<Source>,
    /// Of a survey they stand beside its family.
    #[serde(skip)]
    warnings: Problems,
}

#[derive(Serialize)]
struct Written<'f>(
    #[serde(serialize_with = "write_parts")] &'f Family,
    #[serde(serialize_with = "write_warnings")] &'f Problems,
    Vec<Vec<u8>>,
);

#[derive(Deserialize)]
struct Read<'b>(
    #[serde(with = "Parts")] Family,
    #[serde(with = "remembered")] Problems,
    #[serde(borrow)] Vec<&'b [u8]>,
);

impl Catalog {
    /// The catalog as bytes, which [`Catalog::recall`] makes the same catalog of. Their form is that
    /// of one build of this crate: whoever keeps them keeps them for that build, and for the texts
    /// that this catalog was made of.
    ///
    /// # Panics
    /// Never: every value has a form.
    #[must_use]
    pub fn remember(&self) -> Vec<u8> {
        remember(&self.0, &self.0.warnings)
    }

    /// The catalog that [`Catalog::remember`] made these bytes of: by the same build, and of these
    /// texts. None if they are no such bytes.
    ///
    /// ```
    /// # use aux_model::{Catalog, Source};
    /// # let toml = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml"));
    /// let catalog = Catalog::from_toml(toml)?;
    /// let again = Catalog::recall(&catalog.remember(), vec![Source::new("aux.toml", toml)]);
    /// let again = again.expect("these are the bytes of a catalog");
    /// assert!(again.packages().eq(catalog.packages()));
    /// assert!(Catalog::recall(b"something else", Vec::new()).is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn recall(bytes: &[u8], sources: Vec<Source>) -> Option<Self> {
        let Read(family, warnings, pieces) = postcard::from_bytes(bytes).ok()?;
        let repos = repos(&pieces)?;
        Some(Self(Family {
            attributes: attributes(repos.values().flat_map(|repo| repo.packages.values())),
            repos,
            sources,
            warnings,
            ..family
        }))
    }
}

impl Survey {
    /// As [`Catalog::remember`], if the family is one that a catalog can be made of; none if it breaks
    /// a rule.
    #[must_use]
    pub fn remember(&self) -> Option<Vec<u8>> {
        let is_catalog = !self.problems.any_error();
        is_catalog.then(|| remember(&self.family, &self.problems))
    }
}

/// A family whose problems are all warnings, as bytes.
fn remember(family: &Family, warnings: &Problems) -> Vec<u8> {
    let mut pieces = vec![Vec::new()];
    let mut packages = 0;
    for repo in family.repos() {
        if packages > PIECE {
            pieces.push(Vec::new());
            packages = 0;
        }
        packages += repo.packages.len();
        pieces.last_mut().expect("it starts with one").push(repo);
    }
    let pieces = pieces.iter().map(bytes).collect();
    bytes(&Written(family, warnings, pieces))
}

fn bytes(value: &impl Serialize) -> Vec<u8> {
    postcard::to_allocvec(value).expect("every value of the model has a form")
}

/// Reads the pieces, by as many threads as there are processors.
fn repos(pieces: &[&[u8]]) -> Option<BTreeMap<RepoName, Repo>> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let share = pieces.len().div_ceil(threads).max(1);
    let read = |pieces: &[&[u8]]| {
        let repos = pieces.iter().map(|piece| postcard::from_bytes(piece).ok());
        repos.collect::<Option<Vec<Vec<Repo>>>>()
    };
    let read: Option<Vec<_>> = thread::scope(|scope| {
        let shares = pieces.chunks(share);
        let threads: Vec<_> = shares
            .map(|share| scope.spawn(move || read(share)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().ok()?)
            .collect()
    });
    let repos = read?.into_iter().flatten().flatten();
    Some(repos.map(|repo| (repo.name.clone(), repo)).collect())
}

/// Every attribute of the flat view. No two packages of a checked catalog define the same one.
fn attributes<'p>(
    packages: impl Iterator<Item = &'p Package> + Clone,
) -> HashMap<AttrName, Attribute> {
    let mut attributes = HashMap::with_capacity(packages.clone().count());
    for package in packages {
        package.each_attribute(|name, kind| {
            attributes.entry(name.clone()).or_insert(Attribute {
                package: package.id.clone(),
                kind,
                number: package.number,
            });
        });
    }
    attributes
}

fn write_parts<S: Serializer>(family: &&Family, to: S) -> Result<S::Ok, S::Error> {
    Parts::serialize(family, to)
}

fn write_warnings<S: Serializer>(warnings: &&Problems, to: S) -> Result<S::Ok, S::Error> {
    remembered::serialize(warnings, to)
}

/// A repo, and the three numbers of its [`Price`], whose own form leaves out what is not known.
type PriceRow = (RepoName, u64, Option<u64>, Option<u64>);

fn write_prices<S: Serializer>(prices: &Prices, to: S) -> Result<S::Ok, S::Error> {
    let rows = prices.iter();
    to.collect_seq(rows.map(|(repo, price)| (repo, price.download, price.one, price.all)))
}

fn read_prices<'de, D: Deserializer<'de>>(from: D) -> Result<Prices, D::Error> {
    let rows = Vec::<PriceRow>::deserialize(from)?.into_iter();
    let prices = rows.map(|(repo, download, one, all)| (repo, Price { download, one, all }));
    Ok(prices.collect())
}
