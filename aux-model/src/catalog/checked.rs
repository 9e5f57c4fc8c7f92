//! The checked whole.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Deref;

use aux_names::{AttrName, ChannelName, FlakeRef, Handle, RelativePath, RepoName, SigName};

use crate::access::ForgeRules;
use crate::availability::Availability;
use crate::channel::{Channel, Followed};
use crate::ci::Ci;
use crate::edge::{Edge, PackageId};
use crate::former::FormerNames;
use crate::module::{Module, Overlay};
use crate::organization::{Organization, Tier};
use crate::package::{Attribute, Package};
use crate::policy::Policy;
use crate::price::Prices;
use crate::repo::Repo;
use crate::sig::{Person, Sig};
use aux_problems::Problems;
use aux_problems::{At, Location, Source};

/// A [`Family`] with all rules checked: the one from which files are planned and repos wired.
///
/// Made from a manifest's text by [`Manifest`](crate::Manifest), from JSON by
/// [`Catalog::from_json`], from values by [`Catalog::from_document`]. It dereferences to its
/// [`Family`], where the questions are.
#[derive(Debug, Clone)]
pub struct Catalog(pub(crate) Family);

impl Catalog {
    /// The same family on a channel: every repo is at the branch that it has there, which is what
    /// flakes, locks and trains of the channel name. None if there is no such channel.
    ///
    /// ```
    /// # let toml = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml"));
    /// # let toml = format!("channels = [{{ name = \"26.11\" }}]\n{toml}");
    /// # let catalog = aux_model::Catalog::from_toml(&toml)?;
    /// let stable = catalog.on_channel("26.11").expect("there is one");
    /// assert_eq!(stable.core().url.to_string(), format!("{}/26.11", catalog.core().url));
    /// assert!(catalog.on_channel("24.05").is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn on_channel(&self, name: &str) -> Option<Self> {
        let channel = self.channels.iter().find(|channel| channel.name == name)?;
        let mut catalog = self.off_channel();
        for repo in catalog.0.repos.values_mut() {
            let own = (repo.name.clone(), repo.url.clone());
            catalog.0.own_urls.extend([own]);
            if repo.is_outside() && !channel.branches.contains_key(&repo.name) {
                continue;
            }
            // Every repo takes one, or the channel was refused.
            if let Some(url) = repo.url.on_branch(channel.branch_of(&repo.name)) {
                repo.url = url;
            }
        }
        catalog.0.channel = Some(channel.name.clone());
        Some(catalog)
    }

    /// The same family on the branches that its repos have without a channel.
    #[must_use]
    pub fn off_channel(&self) -> Self {
        let mut catalog = self.clone();
        for (name, url) in std::mem::take(&mut catalog.0.own_urls) {
            if let Some(repo) = catalog.0.repos.get_mut(&name) {
                repo.url = url;
            }
        }
        catalog.0.channel = None;
        catalog
    }

    /// The same family on the branches that its repos have without a channel, and on each channel, in
    /// the order of the manifest.
    #[must_use]
    pub fn on_all_channels(&self) -> Vec<Self> {
        let on = self.channels.iter();
        let on = on.filter_map(|channel| self.on_channel(channel.name.as_str()));
        [self.off_channel()].into_iter().chain(on).collect()
    }

    /// The same family on what its channel takes new commits from; none if it is on no channel, or
    /// on one that follows nothing.
    #[must_use]
    pub fn followed(&self) -> Option<Self> {
        match self.channel()?.follows.as_ref()? {
            Followed::Main => Some(self.off_channel()),
            Followed::Channel(name) => self.on_channel(name.as_str()),
        }
    }
}

impl Deref for Catalog {
    type Target = Family;

    fn deref(&self) -> &Family {
        &self.0
    }
}

/// An organization with its tiers, SIGs, repos and packages: what a manifest describes, and the
/// questions about it.
///
/// Everything that is named in it exists. Whether it keeps the rules is another question: that of
/// a [`Catalog`] does, that of a [`Survey`](crate::Survey) may break those about `uses`.
/// Iteration is always in order of name, or of layers where a method documents it.
#[derive(Debug, Clone)]
pub struct Family {
    pub(crate) organization: Organization,
    pub(crate) templates: Option<RelativePath>,
    pub(crate) tiers: Vec<Tier>,
    pub(crate) policy: Policy,
    pub(crate) ci: Ci,
    pub(crate) access: ForgeRules,
    /// In the order of the manifest.
    pub(crate) channels: Vec<Channel>,
    /// The one whose branches the repos are on here.
    pub(crate) channel: Option<ChannelName>,
    /// The references of repos without a channel, where they are on one.
    pub(crate) own_urls: BTreeMap<RepoName, FlakeRef>,
    pub(crate) former: FormerNames,
    pub(crate) people: BTreeMap<Handle, Person>,
    pub(crate) sigs: BTreeMap<SigName, Sig>,
    pub(crate) repos: BTreeMap<RepoName, Repo>,
    /// Every attribute of the flat view. Looked up, never iterated.
    pub(crate) attributes: HashMap<AttrName, Attribute>,
    pub(crate) levels: BTreeMap<RepoName, usize>,
    pub(crate) core: Option<RepoName>,
    pub(crate) top_level: Option<RepoName>,
    /// Per repo: the transitive closure of `uses`.
    pub(crate) below: BTreeMap<RepoName, BTreeSet<RepoName>>,
    /// Repos in the order of their layers: a repo before those that use it.
    pub(crate) layer_order: Vec<RepoName>,
    /// Of packages that cannot be had everywhere.
    pub(crate) available: BTreeMap<PackageId, Availability>,
    /// What repos cost when that was measured last.
    pub(crate) prices: Prices,
    pub(crate) sources: Vec<Source>,
    pub(crate) warnings: Problems,
}

impl Family {
    /// Whose repositories these are.
    #[must_use]
    pub fn organization(&self) -> &Organization {
        &self.organization
    }

    /// The folder with template overrides, relative to the registry.
    #[must_use]
    pub fn templates(&self) -> Option<&RelativePath> {
        self.templates.as_ref()
    }

    /// The tiers, lowest first.
    #[must_use]
    pub fn tiers(&self) -> &[Tier] {
        &self.tiers
    }

    /// What the organization decided about core, moves and cycles.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Which services check the family.
    #[must_use]
    pub fn ci(&self) -> &Ci {
        &self.ci
    }

    /// What the family's repositories have in common on the forge.
    #[must_use]
    pub fn access(&self) -> &ForgeRules {
        &self.access
    }

    /// The channels, in the order of the manifest.
    #[must_use]
    pub fn channels(&self) -> &[Channel] {
        &self.channels
    }

    /// The branches without a channel, as none, then every channel.
    pub fn channels_and_none(&self) -> impl Iterator<Item = Option<&ChannelName>> {
        let channels = self.channels.iter().map(|channel| Some(&channel.name));
        std::iter::once(None).chain(channels)
    }

    /// The channel whose branches the repos are on; none for their own branches. See
    /// [`on_channel`](Catalog::on_channel).
    #[must_use]
    pub fn channel(&self) -> Option<&Channel> {
        let name = self.channel.as_ref()?;
        self.channels.iter().find(|channel| channel.name == *name)
    }

    /// Names that repos, SIGs and people had, and that are answered for.
    #[must_use]
    pub fn former(&self) -> &FormerNames {
        &self.former
    }

    /// What using each repo cost when that was measured last; empty if nobody wrote it down.
    #[must_use]
    pub fn prices(&self) -> &Prices {
        &self.prices
    }

    /// Everybody named in the manifest.
    pub fn people(&self) -> impl Iterator<Item = &Person> {
        self.people.values()
    }

    /// Somebody by handle.
    #[must_use]
    pub fn person(&self, handle: &str) -> Option<&Person> {
        self.people.get(handle)
    }

    /// All SIGs.
    pub fn sigs(&self) -> impl Iterator<Item = &Sig> {
        self.sigs.values()
    }

    /// A SIG by name.
    #[must_use]
    pub fn sig(&self, name: &str) -> Option<&Sig> {
        self.sigs.get(name)
    }

    /// All repos, core and top-level among them.
    pub fn repos(&self) -> impl Iterator<Item = &Repo> {
        self.repos.values()
    }

    /// A repo by name.
    #[must_use]
    pub fn repo(&self, name: &str) -> Option<&Repo> {
        self.repos.get(name)
    }

    /// The one repo of the lowest tier: it builds the fixpoint.
    ///
    /// # Panics
    /// Never: a catalog is only given out when there is exactly one.
    #[must_use]
    pub fn core(&self) -> &Repo {
        self.special(self.core.as_ref())
    }

    /// The one repo of the highest tier: it puts the family back together.
    ///
    /// # Panics
    /// Never: a catalog is only given out when there is exactly one.
    #[must_use]
    pub fn top_level(&self) -> &Repo {
        self.special(self.top_level.as_ref())
    }

    fn special(&self, name: Option<&RepoName>) -> &Repo {
        name.and_then(|name| self.repos.get(name))
            .expect("the rules of tiers were checked before the family was given out")
    }

    /// The height of a repo's tier; 0 is core's.
    #[must_use]
    pub fn level(&self, repo: &RepoName) -> Option<usize> {
        self.levels.get(repo).copied()
    }

    /// All packages and builders, by repo, then by name.
    pub fn packages(&self) -> impl Iterator<Item = &Package> {
        self.repos.values().flat_map(|repo| repo.packages.values())
    }

    /// A package by its key.
    #[must_use]
    pub fn package(&self, id: &PackageId) -> Option<&Package> {
        self.repos.get(&id.repo)?.packages.get(&id.name)
    }

    /// What an attribute of the flat view is, and whose.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// let numpy = catalog.attribute("numpy").expect("it is there");
    /// assert_eq!(numpy.package.repo, "python");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.get(name)
    }

    /// All modules, by repo, then by name.
    pub fn modules(&self) -> impl Iterator<Item = &Module> {
        self.repos.values().flat_map(|repo| repo.modules.values())
    }

    /// All overlays, by repo, then by name.
    pub fn overlays(&self) -> impl Iterator<Item = &Overlay> {
        self.repos.values().flat_map(|repo| repo.overlays.values())
    }

    /// Every edge between packages, with the package that has it.
    pub fn edges(&self) -> impl Iterator<Item = (&Package, &Edge)> {
        self.packages()
            .flat_map(|package| package.edges.iter().map(move |edge| (package, edge)))
    }

    /// Where an edge of this family was written, if it came from a text with lines.
    #[must_use]
    pub fn location_of(&self, edge: &Edge) -> Option<Location> {
        // One of another family is not written here.
        let own = self.edges().map(|(_, own)| own);
        let own = own
            .filter(|own| own.at == edge.at)
            .find(|own| *own == edge)?;
        self.written(own.at)
    }

    /// Where the package of that key was written, if it came from a text with lines.
    #[must_use]
    pub fn location_of_package(&self, package: &Package) -> Option<Location> {
        self.written(self.package(&package.id)?.at)
    }

    /// Where the repo of that name was written, if it came from a text with lines.
    #[must_use]
    pub fn location_of_repo(&self, repo: &Repo) -> Option<Location> {
        self.written(self.repo(repo.name.as_str())?.at)
    }

    /// A place, if it is one with a line.
    fn written(&self, at: At) -> Option<Location> {
        self.locate(at).filter(|location| location.line > 0)
    }

    /// What somebody should look at, though it stops nothing.
    #[must_use]
    pub fn warnings(&self) -> &Problems {
        &self.warnings
    }

    pub(crate) fn locate(&self, at: At) -> Option<Location> {
        let source = self.sources.get(at.file as usize)?;
        Some(if source.is_numbered() {
            source.whole()
        } else {
            locate(&self.sources, at)?
        })
    }
}

/// A place in its file; of a text without places, the number of the value, until
/// [`pointed`](crate::manifest::pointer::pointed) tells which it is.
pub(crate) fn locate(sources: &[Source], at: At) -> Option<Location> {
    let source = sources.get(at.file as usize)?;
    Some(if at.end == 0 {
        source.whole()
    } else {
        source.location(at.start as usize..at.end as usize)
    })
}
