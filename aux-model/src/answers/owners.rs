//! Who answers for what: repos, packages, modules, overlays, and every file of
//! a repo. Review rules are written from these answers, and nothing else is.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use aux_names::{AttrName, Handle, RepoName, SigName, Team};
use aux_problems::At;

use crate::catalog::Family;
use crate::module::{Module, Overlay};
use crate::package::{Package, Shape};
use crate::repo::{Borrowed, Repo};
use crate::set::{Member, PackageSet};

/// Something that a SIG answers for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Owned<'c> {
    /// A repo: all of its files that belong to nothing else in it.
    Repo(&'c Repo),
    /// A package or a builder.
    Package(&'c Package),
    /// A module.
    Module(&'c Module),
    /// An overlay.
    Overlay(&'c Overlay),
    /// A member of a package set, and the part of the set that has it.
    Member(&'c PackageSet, &'c Member),
}

/// Where the files of something lie, relative to its repo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A directory with all that is in it.
    Directory(String),
    /// One file.
    File(String),
}

/// An account or team that a forge asks for a review. Its text is the mention: `@HANDLE` or
/// `@ORGANIZATION/TEAM`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner<'c> {
    /// Everybody of a team.
    Team(&'c Team),
    /// One person.
    Person(&'c Handle),
}

impl Family {
    /// Everything in a repo that has an owner: the repo itself, then its
    /// packages, modules and overlays, each in order of name.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// let python = catalog.repo("python").expect("it is there");
    /// assert_eq!(catalog.owned(python).count(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn owned<'c>(&'c self, repo: &'c Repo) -> impl Iterator<Item = Owned<'c>> {
        std::iter::once(Owned::Repo(repo))
            .chain(repo.packages.values().map(Owned::Package))
            .chain(repo.modules.values().map(Owned::Module))
            .chain(repo.overlays.values().map(Owned::Overlay))
            .chain(
                repo.members()
                    .map(|(set, member)| Owned::Member(set, member)),
            )
    }

    /// Everything of a name: `NAME` or `REPO/NAME`. Variants and aliases are
    /// names of their package.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// let owned = catalog.owned_by_name("python3");
    /// assert_eq!(owned[0].sig(), "python");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn owned_by_name(&self, text: &str) -> Vec<Owned<'_>> {
        let (repo, name) = match text.split_once('/') {
            Some((repo, name)) => (Some(repo), name),
            None => (None, text),
        };
        let attribute = self.attribute(name);
        self.repos()
            .filter(|known| repo.is_none_or(|repo| known.name == *repo))
            .flat_map(|known| self.owned(known))
            .filter(|owned| match owned {
                Owned::Repo(known) => repo.is_none() && known.name == *name,
                Owned::Package(package) => attribute.is_some_and(|of| of.package == package.id),
                Owned::Module(module) => module.name == *name,
                Owned::Overlay(overlay) => overlay.name == *name,
                Owned::Member(set, member) => set.is_member(member, name),
            })
            .collect()
    }

    /// The repos that have copies of packages of a repo, with the packages and what is said of each copy,
    /// in order of package.
    ///
    /// ```
    /// # let toml = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml"));
    /// # let borrowed = "[repos.gnome]\nborrowed.numpy = { from = \"python\", reason = \"it is new\" }";
    /// # let toml = toml.replace("[repos.gnome]", borrowed);
    /// # let catalog = aux_model::Catalog::from_toml(&toml)?;
    /// let python = catalog.repo("python").expect("it is there");
    /// let (package, borrower, borrowed) = catalog.borrowers(python)[0];
    /// assert_eq!((package.as_str(), borrower.name.as_str()), ("numpy", "gnome"));
    /// assert_eq!(borrowed.reason, "it is new");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn borrowers<'c>(&'c self, repo: &Repo) -> Vec<(&'c AttrName, &'c Repo, &'c Borrowed)> {
        let all = self.repos.values();
        let all = all.flat_map(|other| {
            let borrowed = other.borrowed.iter();
            borrowed.map(move |(name, borrowed)| (name, other, borrowed))
        });
        let mut of_repo: Vec<_> = all
            .filter(|(_, _, borrowed)| borrowed.from == repo.name)
            .collect();
        of_repo.sort_by_key(|(name, other, _)| (*name, &other.name));
        of_repo
    }

    /// What a file belongs to; the path is relative to the repo. A path that ends
    /// in `/` is a directory.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// let core = catalog.core();
    /// let owned = catalog.owned_by_path(core, "pkgs/by-name/py/python3/package.nix");
    /// assert_eq!(owned.sig(), "python");
    /// assert_eq!(catalog.owned_by_path(core, "flake.nix").sig(), "base");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn owned_by_path<'c>(&'c self, repo: &'c Repo, path: &str) -> Owned<'c> {
        self.owned(repo)
            .find(|owned| owned.place().is_some_and(|place| place.holds(path)))
            .unwrap_or(Owned::Repo(repo))
    }

    /// The accounts and teams that a forge asks for reviews of something: the team of the SIG, or its
    /// leads if it has none, then the maintainers, then those of the SIGs that watch it; each once. Of
    /// a SIG that this catalog does not have, because the thing is another catalog's, nobody.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// let python3 = &catalog.owned_by_name("python3")[0];
    /// let owners: Vec<String> = catalog.owners(python3).iter().map(ToString::to_string).collect();
    /// assert_eq!(owners, ["@bob"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn owners<'c>(&'c self, owned: &Owned<'c>) -> Vec<Owner<'c>> {
        let watching = owned.watchers().iter();
        let watching = watching.flat_map(|sig| self.reviewers(sig));
        let mut seen = BTreeSet::new();
        self.reviewers(owned.sig())
            .into_iter()
            .chain(owned.maintainers().iter().map(Owner::Person))
            .chain(watching)
            .filter(|owner| seen.insert(*owner))
            .collect()
    }

    /// The files of the manifest that speak of repos other than core, besides the first one, each with
    /// the SIGs that run them, in order of path.
    #[must_use]
    pub fn files_of_sigs(&self) -> BTreeMap<&str, BTreeSet<&SigName>> {
        let mut files: BTreeMap<&str, BTreeSet<&SigName>> = BTreeMap::new();
        for repo in self.repos.values() {
            let file = repo.at.file as usize;
            if let Some(source) = self.sources.get(file).filter(|_| file > 0) {
                files.entry(source.path()).or_default().insert(&repo.sig);
            }
        }
        files
    }

    /// The accounts and teams that a forge asks for a SIG: its team, or its leads if it has none.
    #[must_use]
    pub fn reviewers<'c>(&'c self, sig: &SigName) -> Vec<Owner<'c>> {
        match self.sigs.get(sig).map(|sig| (&sig.team, &sig.leads)) {
            Some((Some(team), _)) => vec![Owner::Team(team)],
            Some((None, leads)) => leads.iter().map(Owner::Person).collect(),
            None => Vec::new(),
        }
    }
}

impl<'c> Owned<'c> {
    /// What it is in one word.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Repo(_) => "repo",
            Self::Package(package) if package.shape == Shape::Builder => "builder",
            Self::Package(_) => "package",
            Self::Module(_) => "module",
            Self::Overlay(_) => "overlay",
            Self::Member(..) => "member",
        }
    }

    /// The repo it is placed in.
    #[must_use]
    pub fn repo(&self) -> &'c RepoName {
        match self {
            Self::Repo(repo) => &repo.name,
            Self::Package(package) => &package.id.repo,
            Self::Module(module) => &module.repo,
            Self::Overlay(overlay) => &overlay.repo,
            Self::Member(set, _) => &set.repo,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'c str {
        match self {
            Self::Repo(repo) => repo.name.as_str(),
            Self::Package(package) => package.id.name.as_str(),
            Self::Module(module) => module.name.as_str(),
            Self::Overlay(overlay) => overlay.name.as_str(),
            Self::Member(_, member) => member.name.as_str(),
        }
    }

    /// The SIG that answers for it.
    #[must_use]
    pub fn sig(&self) -> &'c SigName {
        match self {
            Self::Repo(repo) => &repo.sig,
            Self::Package(package) => &package.owner,
            Self::Module(module) => &module.owner,
            Self::Overlay(overlay) => &overlay.owner,
            Self::Member(_, member) => &member.owner,
        }
    }

    /// Where the manifest has it.
    pub(crate) fn at(&self) -> At {
        match self {
            Self::Repo(repo) => repo.at,
            Self::Package(package) => package.at,
            Self::Module(module) => module.at,
            Self::Overlay(overlay) => overlay.at,
            Self::Member(_, member) => member.at,
        }
    }

    /// Who looks after it besides the SIG.
    #[must_use]
    pub fn maintainers(&self) -> &'c [Handle] {
        match self {
            Self::Package(package) => &package.maintainers,
            Self::Member(_, member) => &member.maintainers,
            Self::Repo(_) | Self::Module(_) | Self::Overlay(_) => &[],
        }
    }

    /// The SIGs that are asked about its changes besides its own.
    #[must_use]
    pub fn watchers(&self) -> &'c [SigName] {
        match self {
            Self::Package(package) => &package.watchers,
            Self::Member(..) | Self::Repo(_) | Self::Module(_) | Self::Overlay(_) => &[],
        }
    }

    /// Where its files lie; none for a repo, which has what is left, and for a package in a file
    /// that is not its own.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::Repo(_) => None,
            // What several define in one file belongs to the repo.
            Self::Package(package) if !package.has_own_directory() => None,
            Self::Package(package) => Some(Place::Directory(package.directory())),
            Self::Module(module) => Some(Place::File(module.file())),
            Self::Overlay(overlay) => Some(Place::File(overlay.file())),
            Self::Member(set, member) => Some(Place::Directory(set.directory_of(&member.name))),
        }
    }
}

impl Place {
    fn holds(&self, path: &str) -> bool {
        match self {
            Self::File(file) => path == file,
            Self::Directory(directory) => path
                .strip_prefix(directory.as_str())
                .is_some_and(|rest| rest.starts_with('/')),
        }
    }
}

impl fmt::Display for Owned<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Repo(repo) => repo.name.fmt(f),
            Self::Package(_) | Self::Module(_) | Self::Overlay(_) => {
                write!(f, "{}/{}", self.repo(), self.name())
            }
            Self::Member(set, member) => write!(f, "{}/{}.{}", set.repo, set.name, member.name),
        }
    }
}

impl fmt::Display for Owner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Team(team) => write!(f, "@{team}"),
            Self::Person(handle) => write!(f, "@{handle}"),
        }
    }
}
