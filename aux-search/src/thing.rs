//! What may be found, borrowed from the catalog.

use aux_model::{
    AttributeKind, Handle, Member, Module, Overlay, Package, PackageSet, Person, Repo, RepoName,
    Shape, Sig, SigName,
};

use crate::hit::HitKind;

/// Anything that may be found.
#[derive(Clone, Copy)]
pub(crate) enum Thing<'c> {
    Package(&'c Package),
    Module(&'c Module),
    Overlay(&'c Overlay),
    Member(&'c PackageSet, &'c Member),
    Repo(&'c Repo),
    Sig(&'c Sig),
    Person(&'c Person),
}

/// A name that a thing goes by.
pub(crate) struct Name<'c> {
    pub(crate) text: &'c str,
    /// A person's name in full.
    pub(crate) full: Option<&'c str>,
    /// Whether it is the thing's own name, and not one of a variant, an alias
    /// or a member.
    pub(crate) is_own: bool,
    /// What it is in the package set, if it is part of it.
    pub(crate) attribute: Option<AttributeKind>,
}

impl<'c> Thing<'c> {
    pub(crate) fn kind(self) -> HitKind {
        match self {
            Self::Package(package) => match package.shape {
                Shape::Builder => HitKind::Builder,
                Shape::Single | Shape::Variants(_) | Shape::Set(_) => HitKind::Package,
            },
            Self::Module(_) => HitKind::Module,
            Self::Overlay(_) => HitKind::Overlay,
            Self::Member(..) => HitKind::Member,
            Self::Repo(_) => HitKind::Repo,
            Self::Sig(_) => HitKind::Sig,
            Self::Person(_) => HitKind::Person,
        }
    }

    /// The repo it is placed in; a repo is its own.
    pub(crate) fn repo(self) -> Option<&'c RepoName> {
        match self {
            Self::Package(package) => Some(&package.id.repo),
            Self::Module(module) => Some(&module.repo),
            Self::Overlay(overlay) => Some(&overlay.repo),
            Self::Member(set, _) => Some(&set.repo),
            Self::Repo(repo) => Some(&repo.name),
            Self::Sig(_) | Self::Person(_) => None,
        }
    }

    /// The SIG that answers for it; a SIG does for itself.
    pub(crate) fn owner(self) -> Option<&'c SigName> {
        match self {
            Self::Package(package) => Some(&package.owner),
            Self::Module(module) => Some(&module.owner),
            Self::Overlay(overlay) => Some(&overlay.owner),
            Self::Member(_, member) => Some(&member.owner),
            Self::Repo(repo) => Some(&repo.sig),
            Self::Sig(sig) => Some(&sig.name),
            Self::Person(_) => None,
        }
    }

    /// Who leads it or looks after it, besides the SIG that owns it.
    pub(crate) fn handles(self) -> &'c [Handle] {
        match self {
            Self::Package(package) => &package.maintainers,
            Self::Member(_, member) => &member.maintainers,
            Self::Sig(sig) => &sig.leads,
            Self::Module(_) | Self::Overlay(_) | Self::Repo(_) | Self::Person(_) => &[],
        }
    }

    pub(crate) fn description(self) -> Option<&'c str> {
        match self {
            Self::Package(package) => package.description.as_deref(),
            Self::Module(module) => module.description.as_deref(),
            Self::Overlay(overlay) => overlay.description.as_deref(),
            Self::Member(_, member) => member.description.as_deref(),
            Self::Repo(repo) => repo.description.as_deref(),
            Self::Sig(sig) => sig.description.as_deref(),
            Self::Person(_) => None,
        }
    }

    /// Every name it goes by; its own is first.
    pub(crate) fn each_name(self, mut visit: impl FnMut(Name<'c>)) {
        let own = |text, full| Name {
            text,
            full,
            is_own: true,
            attribute: None,
        };
        match self {
            Self::Package(package) => each_attribute(package, visit),
            Self::Module(module) => visit(own(module.name.as_str(), None)),
            Self::Overlay(overlay) => visit(own(overlay.name.as_str(), None)),
            Self::Member(_, member) => visit(own(member.name.as_str(), None)),
            Self::Repo(repo) => visit(own(repo.name.as_str(), None)),
            Self::Sig(sig) => visit(own(sig.name.as_str(), None)),
            Self::Person(person) => visit(own(person.handle.as_str(), person.name.as_deref())),
        }
    }
}

fn each_attribute<'c>(package: &'c Package, mut visit: impl FnMut(Name<'c>)) {
    let own = &package.id.name;
    // The name of a set is an attribute only if a member has it too.
    if let Shape::Set(members) = &package.shape
        && !members.contains(own)
    {
        visit(Name {
            text: own.as_str(),
            full: None,
            is_own: true,
            attribute: None,
        });
    }
    package.each_attribute(|name, kind| {
        visit(Name {
            text: name.as_str(),
            full: None,
            is_own: name == own,
            attribute: Some(kind),
        });
    });
}
