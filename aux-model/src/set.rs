//! Package sets: packages that are called out of a scope of their own, such as those of one version of
//! Python. A set is defined by one repo and extended by others; its members meet in one fixpoint.

use std::collections::BTreeMap;

use aux_names::{ArgumentName, AttrName, Handle, RepoName, SigName};

use crate::edge::{EdgeKind, PackageId};
use crate::former::FormerMembers;
use aux_problems::At;
use aux_problems::equal_but_for;

/// A set in one repo: all of it, or what the repo adds to that of another one.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct PackageSet {
    /// Its name.
    pub name: AttrName,
    /// The repo that this part of it is in.
    pub repo: RepoName,
    /// The SIG that answers for this part.
    pub owner: SigName,
    /// One sentence on what it holds.
    pub description: Option<String>,
    /// The repo that defines it, if that is another one.
    pub extends: Option<RepoName>,
    /// The attribute with the functions that others add: a list of overlays of the scope.
    pub hook: AttrName,
    /// The argument under which members get the interpreter.
    pub argument: ArgumentName,
    /// The attributes that it is instantiated as, each with the attribute of its interpreter, if it has
    /// one. Those of the repo that defines it, in every part.
    pub instances: BTreeMap<AttrName, Option<AttrName>>,
    /// The instance that the name of the set means, if that is none itself.
    pub default: Option<AttrName>,
    /// What this repo has of it.
    pub members: BTreeMap<AttrName, Member>,
    /// Names that members of this part had.
    pub former: FormerMembers,
    pub(crate) at: At,
}

equal_but_for!(PackageSet { at } by { name, repo, owner, description, extends, hook, argument, instances, default, members, former });

/// A package of a set.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Member {
    /// Its name in the set.
    pub name: AttrName,
    /// The SIG that answers for it.
    pub owner: SigName,
    /// One sentence on what it is.
    pub description: Option<String>,
    /// Who looks after it besides the owning SIG.
    pub maintainers: Vec<Handle>,
    /// What it needs.
    pub edges: Vec<MemberEdge>,
    pub(crate) at: At,
}

equal_but_for!(Member { at } by { name, owner, description, maintainers, edges });

/// What a member needs.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct MemberEdge {
    /// What for.
    pub kind: EdgeKind,
    /// What.
    pub to: Needed,
}

/// What a member needs: another member, or a package of the flat view.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Needed {
    /// A member of the same set, and the repo that has it.
    Member(RepoName, AttrName),
    /// A package, and the attribute that it is asked for by.
    Package(PackageId, AttrName),
}

impl Needed {
    /// What it is, by its repo: REPO/SET.NAME of a member of that set, or REPO/NAME of a package.
    #[must_use]
    pub fn full_name(&self, set: &AttrName) -> String {
        match self {
            Self::Member(repo, name) => format!("{repo}/{set}.{name}"),
            Self::Package(id, _) => id.to_string(),
        }
    }

    /// Whether it is a package of the flat view, and which.
    #[must_use]
    pub fn is(&self, package: &PackageId) -> bool {
        matches!(self, Self::Package(id, _) if id == package)
    }
}

impl PackageSet {
    /// The repo that defines it.
    #[must_use]
    pub fn root(&self) -> &RepoName {
        self.extends.as_ref().unwrap_or(&self.repo)
    }

    /// Whether another one is a part of the same set, or this one.
    #[must_use]
    pub fn is_of(&self, other: &Self) -> bool {
        self.name == other.name && self.root() == other.root()
    }

    /// The instance that the name of the set means.
    #[must_use]
    pub fn usual_instance(&self) -> &AttrName {
        let is_own = self.instances.contains_key(&self.name);
        let default = self.default.as_ref().filter(|_| !is_own);
        default.unwrap_or(&self.name)
    }

    /// REPO/SET.NAME of a member of this part.
    #[must_use]
    pub fn full_name(&self, member: &AttrName) -> String {
        format!("{}/{}.{member}", self.repo, self.name)
    }

    /// The folder of its members below the repo, such as `pkgs/python3Packages`.
    #[must_use]
    pub fn directory(&self) -> String {
        format!("pkgs/{}", self.name)
    }

    /// The folder of a member below the repo.
    #[must_use]
    pub fn directory_of(&self, member: &AttrName) -> String {
        format!("{}/{member}", self.directory())
    }

    /// Whether a text is the name of a member, alone or behind the set or one of its instances and a
    /// dot.
    #[must_use]
    pub fn is_member(&self, member: &Member, text: &str) -> bool {
        self.name_of_member(text)
            .is_some_and(|name| member.name == *name)
    }

    /// The name that a member has in a text as of [`is_member`](Self::is_member), unless that is of
    /// another set.
    pub(crate) fn name_of_member<'t>(&self, text: &'t str) -> Option<&'t str> {
        let Some((set, name)) = text.rsplit_once('.') else {
            return Some(text);
        };
        let is_it = self.name == *set || self.instances.contains_key(set);
        is_it.then_some(name)
    }

    /// The name of the hook unless the manifest says another one.
    #[must_use]
    pub fn hook_of(name: &AttrName) -> AttrName {
        let hook = format!("{name}Extensions").parse();
        hook.unwrap_or_else(|_| name.clone())
    }
}
