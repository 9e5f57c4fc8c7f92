//! Names that nothing has any more: what they lead to is there, and nothing has them.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Display;

use aux_names::{AttrName, Handle, RepoName, SigName};

use crate::catalog::build::builder::Builder;
use crate::former::{
    FormerMembers, FormerNames, FormerOfRepo, Removed, RemovedModule, Renamed, RenamedRepo,
};
use crate::manifest::draft::{
    FormerDraft, FormerMembersDraft, FormerOfRepoDraft, RemovedDraft, RenamedDraft,
};
use crate::manifest::reader::Finding;
use crate::module::ModuleClass;
use crate::package::Attribute;
use crate::repo::Repo;
use crate::set::PackageSet;
use crate::sig::{Person, Sig};
use aux_problems::Code;
use aux_problems::{At, Located};

/// An entry that says all it must; what is missing was reported.
fn renamed<N>(draft: RenamedDraft<N>, at: At) -> Option<Renamed<N>> {
    Some(Renamed {
        to: draft.to?.value,
        until: draft.until?,
        at,
    })
}

fn removed(draft: RemovedDraft, at: At) -> Option<Removed> {
    Some(Removed {
        reason: draft.reason?,
        instead: draft.instead,
        until: draft.until,
        at,
    })
}

/// Entries by name, each made from its draft.
fn entries<N: Ord, D, V>(
    drafts: Vec<(Located<N>, D)>,
    make: impl Fn(D, At) -> Option<V>,
) -> BTreeMap<N, V> {
    let made = drafts.into_iter();
    made.filter_map(|(name, draft)| Some((name.value, make(draft, name.at)?)))
        .collect()
}

/// Former names of packages or members, each with its place and what it leads to; to nothing if that is
/// gone.
fn answers<'e>(
    renamed: &'e BTreeMap<AttrName, Renamed<AttrName>>,
    removed: &'e BTreeMap<AttrName, Removed>,
) -> impl Iterator<Item = (&'e AttrName, At, Option<&'e AttrName>)> {
    let renamed = renamed.iter();
    let renamed = renamed.map(|(name, entry)| (name, entry.at, Some(&entry.to)));
    let removed = removed.iter();
    let removed = removed.map(|(name, entry)| (name, entry.at, None));
    renamed.chain(removed)
}

/// What is there, for names of the family.
pub(super) struct Known<'k> {
    pub(super) repos: &'k BTreeMap<RepoName, Repo>,
    pub(super) sigs: &'k BTreeMap<SigName, Sig>,
    pub(super) people: &'k BTreeMap<Handle, Person>,
}

impl FormerOfRepo {
    /// What the manifest says of one repo.
    pub(super) fn of(draft: FormerOfRepoDraft) -> Self {
        Self {
            renamed: entries(draft.renamed, renamed),
            removed: entries(draft.removed, removed),
            renamed_modules: entries(draft.renamed_modules, renamed),
            removed_modules: entries(draft.removed_modules, |draft, at| {
                Some(RemovedModule {
                    class: draft.class.unwrap_or(ModuleClass::Nixos),
                    removed: removed(draft.removed, at)?,
                })
            }),
        }
    }
}

impl FormerMembers {
    /// What the manifest says of one part of a package set.
    pub(super) fn of(draft: FormerMembersDraft) -> Self {
        Self {
            renamed: entries(draft.renamed, renamed),
            removed: entries(draft.removed, removed),
        }
    }
}

impl Builder<'_> {
    /// `[renamed]` and `[removed]`.
    pub(super) fn former_names(&mut self, draft: FormerDraft, known: &Known<'_>) -> FormerNames {
        let former = FormerNames {
            repos: entries(draft.repos, |draft, at| {
                let Renamed { to, until, at } = renamed(draft.renamed, at)?;
                Some(RenamedRepo {
                    to,
                    until,
                    forwards: draft.forwards,
                    at,
                })
            }),
            sigs: entries(draft.sigs, renamed),
            people: entries(draft.people, renamed),
            removed_repos: entries(draft.removed_repos, removed),
            removed_sigs: entries(draft.removed_sigs, removed),
            removed_people: entries(draft.removed_people, removed),
        };
        for (name, entry) in &former.repos {
            let kind = ("repo", Code::UnknownRepo);
            self.leads_on(kind, name, (&entry.to, entry.at), known.repos);
        }
        for (name, entry) in &former.sigs {
            let kind = ("SIG", Code::UnknownSig);
            self.leads_on(kind, name, (&entry.to, entry.at), known.sigs);
        }
        for (name, entry) in &former.people {
            let kind = ("person", Code::UnknownPerson);
            self.leads_on(kind, name, (&entry.to, entry.at), known.people);
        }
        for (name, entry) in &former.removed_repos {
            self.is_gone("repo", name, entry.at, known.repos);
        }
        for (name, entry) in &former.removed_sigs {
            self.is_gone("SIG", name, entry.at, known.sigs);
        }
        for (name, entry) in &former.removed_people {
            self.is_gone("person", name, entry.at, known.people);
        }
        former
    }

    /// Attributes and modules that have another name, or are gone.
    pub(super) fn former_of_repos(
        &mut self,
        repos: &BTreeMap<RepoName, Repo>,
        attributes: &HashMap<AttrName, Attribute>,
    ) {
        let mut answered: BTreeMap<&AttrName, (At, Option<&AttrName>)> = BTreeMap::new();
        for repo in repos.values() {
            let former = &repo.former;
            for (name, at, to) in answers(&former.renamed, &former.removed) {
                let what = format!("package `{}/{name}`", repo.name);
                if let Some(found) = attributes.get(name) {
                    self.is_there(&what, at, format_args!("`{}` has it", found.package));
                }
                // Two repos may have had it one after the other, if they agree on what became of it.
                if let Some((first, other)) = answered.insert(name, (at, to))
                    && other != to
                {
                    self.defined_twice("the former name", name, at, first);
                }
                if let Some(to) = to.filter(|to| !attributes.contains_key(*to)) {
                    let help = self.suggest(to.as_str(), attributes_of(repos));
                    let help = help.unwrap_or_else(|| {
                        "name what it is called now, or say with `removed` that it is gone"
                            .to_owned()
                    });
                    self.report(
                        Code::UnknownPackage,
                        at,
                        format!("renamed {what}: no repo has a package `{to}`"),
                        Some(help),
                    );
                }
            }
            let renamed = former.renamed_modules.iter();
            let renamed = renamed.map(|(name, entry)| (name, entry.at, Some(&entry.to)));
            let removed = former.removed_modules.iter();
            let removed = removed.map(|(name, entry)| (name, entry.removed.at, None));
            for (name, at, to) in renamed.chain(removed) {
                let what = format!("module `{}/{name}`", repo.name);
                if repo.modules.contains_key(name) {
                    self.is_there(&what, at, "the repo has it");
                }
                if let Some(to) = to.filter(|to| !repo.modules.contains_key(*to)) {
                    let help = self.suggest(to.as_str(), repo.modules.keys().map(AsRef::as_ref));
                    self.report(
                        Code::UnknownPackage,
                        at,
                        format!("renamed {what}: repo `{}` has no module `{to}`", repo.name),
                        help,
                    );
                }
            }
        }
    }

    /// Names that members of a set had lead to members, and no member has them.
    pub(super) fn former_of_set(
        &mut self,
        set: &PackageSet,
        members: &BTreeMap<AttrName, (RepoName, At)>,
    ) {
        let former = &set.former;
        for (name, at, to) in answers(&former.renamed, &former.removed) {
            let what = format!("member `{}`", set.full_name(name));
            if let Some((repo, _)) = members.get(name) {
                self.is_there(&what, at, format_args!("repo `{repo}` has it"));
            }
            if let Some(to) = to.filter(|to| !members.contains_key(*to)) {
                let help = self.suggest(to.as_str(), members.keys().map(AsRef::as_ref));
                self.report(
                    Code::UnknownPackage,
                    at,
                    format!("renamed {what}: the set has no member `{to}`"),
                    help,
                );
            }
        }
    }

    /// A former name leads to something that is there, and nothing has it.
    fn leads_on<N: Ord + AsRef<str> + Clone + Display, V>(
        &mut self,
        (what, code): (&str, Code),
        name: &N,
        (to, at): (&N, At),
        known: &BTreeMap<N, V>,
    ) {
        self.is_gone(what, name, at, known);
        if !known.contains_key(to) {
            let to = Located::new(to.clone(), at);
            self.unknown(
                code,
                format_args!("renamed {what} `{name}`"),
                what,
                &to,
                known.keys(),
            );
        }
    }

    fn is_gone<N: Ord + Display, V>(
        &mut self,
        what: &str,
        name: &N,
        at: At,
        known: &BTreeMap<N, V>,
    ) {
        if known.contains_key(name) {
            self.is_there(&format!("{what} `{name}`"), at, "the manifest has it");
        }
    }

    fn is_there(&mut self, what: &str, at: At, who: impl Display) {
        self.findings.push(Finding::new(
            Code::DuplicateDefinition,
            Some(at),
            format!("{what} is said to have another name, or to be gone, and is there"),
            Some(format!("{who}: drop the entry, or rename what is there")),
        ));
    }
}

fn attributes_of(repos: &BTreeMap<RepoName, Repo>) -> impl Iterator<Item = &str> + Clone {
    let names = repos.values().flat_map(|repo| repo.packages.keys());
    names.map(AttrName::as_str)
}
