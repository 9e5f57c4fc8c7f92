//! Repos: git repositories with a flake, each on one tier and run by one SIG.

use std::collections::{BTreeMap, BTreeSet};

use aux_names::{
    ArgumentName, AttrName, CheckoutPath, Date, FlakeRef, Handle, MAIN, ModuleName, OverlayName,
    RelativePath, RepoName, SigName, TierName,
};
use semver::{Version, VersionReq};

use crate::availability::Restriction;
use crate::convenience::Convenience;
use crate::edge::PackageId;
use crate::former::FormerOfRepo;
use crate::layout::Layouts;
use crate::module::{Module, Overlay};
use crate::package::Package;
use crate::set::{Member, PackageSet};
use aux_problems::At;
use aux_problems::equal_but_for;
use aux_problems::word_type;

word_type! {
    /// Whose files a repo's are.
    RepoKind {
        /// Written by the generator; what people edit are scaffolds.
        Generated = "generated",
        /// Written by hand; it takes part, and no file of it is touched.
        External = "external",
        /// Somebody else's, such as nixpkgs: used as it is and pinned, known by an
        /// [index](crate::Tree::index) of its attributes, never judged and never pushed to.
        /// Only core can be one.
        Outside = "outside",
    }
}

word_type! {
    /// How a repo takes part in the one fixpoint.
    Wiring {
        /// It offers `layer` (core: it offers `mkPackages` and takes layers).
        Layers = "layers",
        /// It offers `overlays.default` (core: it takes the argument `overlays`
        /// of its `default.nix`, as nixpkgs does). Overlays of such a core do
        /// not reach its bootstrap stages.
        Overlays = "overlays",
        /// It offers finished derivations in `packages.SYSTEM`; nothing of the
        /// family can change what they are built with.
        Packages = "packages",
        /// It takes part in nothing: a library, modules, data or documentation. Others may
        /// have it as an input.
        Nothing = "none",
    }
}

/// How a repo without a `flake.nix` is imported. It is a flake input with `flake = false`
/// ("Flake inputs" in the manual page of `nix flake`).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct EntryFile {
    /// The file that is imported, relative to the repo: a layer, an overlay, or a function
    /// that gives packages, as [`Wiring`] says; for core, a function that takes overlays.
    pub file: RelativePath,
    /// What the function that gives packages is called with: attributes of the package set,
    /// and `pkgs`, which is the whole.
    pub arguments: BTreeSet<ArgumentName>,
}

/// A git repository, with a flake or without.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Repo {
    /// Its name: flake input, directory, key of every package in it.
    pub name: RepoName,
    /// The SIG that runs it.
    pub sig: SigName,
    /// The tier it stands on.
    pub tier: TierName,
    /// Whose files they are.
    pub kind: RepoKind,
    /// How it takes part in the fixpoint.
    pub wiring: Wiring,
    /// How it is imported, if it has no `flake.nix`; none if it is a flake.
    pub entry: Option<EntryFile>,
    /// One sentence on what it holds.
    pub description: Option<String>,
    /// Where users fetch it.
    pub url: FlakeRef,
    /// Where it is checked out, relative to the registry.
    pub path: CheckoutPath,
    /// The version of the interface it offers to other repos.
    pub contract: Version,
    /// The repos that are its flake inputs, and what it needs of them. Core is
    /// one of them for every other repo, named or not.
    pub uses: BTreeMap<RepoName, Use>,
    /// Repos whose packages it meets only where both are part of one set.
    pub peers: BTreeMap<RepoName, Peer>,
    /// Whether its tree says which packages it has.
    pub discover: bool,
    /// How its packages lie, by folder or file.
    pub layout: Layouts,
    /// Its packages and builders.
    pub packages: BTreeMap<AttrName, Package>,
    /// Its modules.
    pub modules: BTreeMap<ModuleName, Module>,
    /// Its overlays.
    pub overlays: BTreeMap<OverlayName, Overlay>,
    /// Packages that were here and went to another repo: a user who asks here is
    /// still served, or told where they are.
    pub moved: BTreeMap<AttrName, Moved>,
    /// Package sets that it defines, and what it has of those of others.
    pub sets: BTreeMap<AttrName, PackageSet>,
    /// Packages of its that another repo overrides for the whole family.
    pub lent: BTreeMap<AttrName, Lent>,
    /// Copies of packages of other repos, which its own packages use in place of those.
    pub borrowed: BTreeMap<AttrName, Borrowed>,
    /// For which systems its packages are, and whether users are kept from them, where they do not say
    /// so themselves.
    pub restriction: Restriction,
    /// Names that its packages and modules had.
    pub former: FormerOfRepo,
    /// What its flake offers besides packages.
    pub convenience: Convenience,
    pub(crate) at: At,
}

equal_but_for!(Repo { at } by { name, sig, tier, kind, wiring, entry, description, url, path, contract, uses, peers, discover, layout, packages, modules, overlays, moved, sets, borrowed, lent, restriction, former, convenience });

/// A flake input.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Use {
    /// The contract version needed.
    pub requirement: VersionReq,
    pub(crate) at: At,
}

equal_but_for!(Use { at } by { requirement });

/// A repo that is met only in a common package set.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Peer {
    pub(crate) at: At,
}

equal_but_for!(Peer { at } by {  });

/// Where a package went, and for how long its old repo still answers for it.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Moved {
    /// The repo that has it now.
    pub to: RepoName,
    /// From this day on the entry is to be removed.
    pub until: Date,
    pub(crate) at: At,
}

equal_but_for!(Moved { at } by { to, until });

/// A copy of a package of another repo, below `overlays/` of the repo that borrows it. Its own packages
/// get the copy as an argument; nobody else sees it.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Borrowed {
    /// The repo that owns the package: the first one, whoever it was copied from.
    pub from: RepoName,
    /// Why.
    pub reason: String,
    /// The day on which somebody asks whether it is still needed.
    pub review: Option<Date>,
    /// Whether the owner may take what was changed.
    pub offered: bool,
    /// Who takes it, so that nobody does it twice.
    pub claimed: Option<Handle>,
    /// Who gets the copy.
    pub scope: BorrowScope,
    pub(crate) at: At,
}

equal_but_for!(Borrowed { at } by { from, reason, review, offered, claimed, scope });

word_type! {
    /// Who gets the copy of a borrowed package.
    #[derive(Default)]
    BorrowScope {
        /// Packages of the repo that borrows it; nobody else's derivations change.
        #[default]
        Own = "own",
        /// Everybody who asks for the package, where the repo that borrows it takes part: the owner has agreed.
        Family = "family",
    }
}

/// What the owner of a package agreed to: another repo overrides it for the whole family.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Lent {
    /// The repo that overrides it.
    pub to: RepoName,
    pub(crate) at: At,
}

equal_but_for!(Lent { at } by { to });

impl Borrowed {
    /// Where the copy of a package stands below the repo that borrows it.
    #[must_use]
    pub fn directory(&self, package: &AttrName) -> String {
        format!("overlays/{}/{package}", self.from)
    }
}

impl Repo {
    /// The branch that is published: the one that its reference names, or else `main`.
    #[must_use]
    pub fn published_branch(&self) -> String {
        self.url.branch().unwrap_or_else(|| MAIN.to_owned())
    }

    /// Whether it has a copy of a package of another repo.
    #[must_use]
    pub fn borrows(&self, package: &PackageId) -> bool {
        let borrowed = self.borrowed.get(&package.name);
        borrowed.is_some_and(|borrowed| borrowed.from == package.repo)
    }

    /// The members of its parts of package sets, in order of set and name.
    pub fn members(&self) -> impl Iterator<Item = (&PackageSet, &Member)> {
        self.sets.values().flat_map(|set| {
            let members = set.members.values();
            members.map(move |member| (set, member))
        })
    }

    /// The packages of others that it overrides for the whole family.
    pub fn overrides(&self) -> impl Iterator<Item = (&AttrName, &Borrowed)> {
        let all = self.borrowed.iter();
        all.filter(|(_, borrowed)| borrowed.scope == BorrowScope::Family)
    }

    /// Whether the generator writes its files.
    #[must_use]
    pub fn is_generated(&self) -> bool {
        self.kind == RepoKind::Generated
    }

    /// Whether it is somebody else's, so that nothing in it is ours to judge, move or push.
    #[must_use]
    pub fn is_outside(&self) -> bool {
        self.kind == RepoKind::Outside
    }

    /// Whether it has a `flake.nix`, and is no plain tree to those that have it as an input.
    #[must_use]
    pub fn is_flake(&self) -> bool {
        self.entry.is_none()
    }

    /// The key of a package of this repo.
    #[must_use]
    pub fn id(&self, name: &AttrName) -> PackageId {
        PackageId {
            repo: self.name.clone(),
            name: name.clone(),
        }
    }
}
