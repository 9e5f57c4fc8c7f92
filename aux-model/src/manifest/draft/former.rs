//! What is said of names that nothing has any more.

use aux_names::{AttrName, Date, Handle, ModuleName, RepoName, SigName};

use crate::manifest::line::Line;
use crate::manifest::table::{Table, Value};
use crate::module::ModuleClass;
use aux_problems::Located;

/// `{ to = "...", until = "..." }`.
#[derive(Debug)]
pub(crate) struct RenamedDraft<N> {
    pub(crate) to: Option<Located<N>>,
    pub(crate) until: Option<Date>,
}

/// The same of a repo.
#[derive(Debug)]
pub(crate) struct RenamedRepoDraft {
    pub(crate) renamed: RenamedDraft<RepoName>,
    pub(crate) forwards: bool,
}

/// `{ reason = "...", use = "...", until = "..." }`.
#[derive(Debug)]
pub(crate) struct RemovedDraft {
    pub(crate) reason: Option<String>,
    pub(crate) instead: Option<String>,
    pub(crate) until: Option<Date>,
}

/// The same of a module.
#[derive(Debug)]
pub(crate) struct RemovedModuleDraft {
    pub(crate) class: Option<ModuleClass>,
    pub(crate) removed: RemovedDraft,
}

/// `renamed`, `removed`, `renamed-modules` and `removed-modules` of a repo.
#[derive(Debug)]
pub(crate) struct FormerOfRepoDraft {
    pub(crate) renamed: Vec<(Located<AttrName>, RenamedDraft<AttrName>)>,
    pub(crate) removed: Vec<(Located<AttrName>, RemovedDraft)>,
    pub(crate) renamed_modules: Vec<(Located<ModuleName>, RenamedDraft<ModuleName>)>,
    pub(crate) removed_modules: Vec<(Located<ModuleName>, RemovedModuleDraft)>,
}

/// `renamed` and `removed` of a package set.
#[derive(Debug)]
pub(crate) struct FormerMembersDraft {
    pub(crate) renamed: Vec<(Located<AttrName>, RenamedDraft<AttrName>)>,
    pub(crate) removed: Vec<(Located<AttrName>, RemovedDraft)>,
}

/// `[renamed]` and `[removed]`, of all files together.
#[derive(Debug, Default)]
pub(crate) struct FormerDraft {
    pub(crate) repos: Vec<(Located<RepoName>, RenamedRepoDraft)>,
    pub(crate) sigs: Vec<(Located<SigName>, RenamedDraft<SigName>)>,
    pub(crate) people: Vec<(Located<Handle>, RenamedDraft<Handle>)>,
    pub(crate) removed_repos: Vec<(Located<RepoName>, RemovedDraft)>,
    pub(crate) removed_sigs: Vec<(Located<SigName>, RemovedDraft)>,
    pub(crate) removed_people: Vec<(Located<Handle>, RemovedDraft)>,
}

impl FormerDraft {
    /// Adds what a later file says.
    pub(super) fn append(&mut self, mut later: Self) {
        self.repos.append(&mut later.repos);
        self.sigs.append(&mut later.sigs);
        self.people.append(&mut later.people);
        self.removed_repos.append(&mut later.removed_repos);
        self.removed_sigs.append(&mut later.removed_sigs);
        self.removed_people.append(&mut later.removed_people);
    }
}

fn renamed_keys<N: Value>(table: &mut Table<'_, '_>) -> RenamedDraft<N> {
    let until = table.required("until", "\"YYYY-MM-DD\"");
    RenamedDraft {
        to: table.required("to", "\"...\""),
        until: until.map(|until: Located<Date>| until.value),
    }
}

fn renamed<N: Value>(mut table: Table<'_, '_>) -> RenamedDraft<N> {
    let draft = renamed_keys(&mut table);
    table.finish();
    draft
}

impl RenamedRepoDraft {
    fn read(mut table: Table<'_, '_>) -> Self {
        let draft = Self {
            renamed: renamed_keys(&mut table),
            forwards: table.flag("forwards").is_some_and(|flag| flag.value),
        };
        table.finish();
        draft
    }
}

impl RemovedDraft {
    fn keys(table: &mut Table<'_, '_>) -> Self {
        let reason = table.required::<Line>("reason", "\"...\"");
        Self {
            reason: reason.map(|reason| reason.value.0),
            instead: table.line("use"),
            until: table.value("until").map(|until| until.value),
        }
    }

    fn read(mut table: Table<'_, '_>) -> Self {
        let draft = Self::keys(&mut table);
        table.finish();
        draft
    }
}

impl RemovedModuleDraft {
    fn read(mut table: Table<'_, '_>) -> Self {
        let class: Option<Located<ModuleClass>> = table.value("class");
        let draft = Self {
            class: class.map(|class| class.value),
            removed: RemovedDraft::keys(&mut table),
        };
        table.finish();
        draft
    }
}

impl FormerOfRepoDraft {
    pub(super) fn read(repo: &RepoName, table: &mut Table<'_, '_>) -> Self {
        let of = Some(repo);
        Self {
            renamed: table.drafts("renamed", "renamed package", of, |_, sub| renamed(sub)),
            removed: table.drafts("removed", "removed package", of, |_, sub| {
                RemovedDraft::read(sub)
            }),
            renamed_modules: table.drafts("renamed-modules", "renamed module", of, |_, sub| {
                renamed(sub)
            }),
            removed_modules: table.drafts("removed-modules", "removed module", of, |_, sub| {
                RemovedModuleDraft::read(sub)
            }),
        }
    }
}

impl FormerMembersDraft {
    pub(super) fn read(repo: &RepoName, table: &mut Table<'_, '_>) -> Self {
        let of = Some(repo);
        Self {
            renamed: table.drafts("renamed", "renamed member", of, |_, sub| renamed(sub)),
            removed: table.drafts("removed", "removed member", of, |_, sub| {
                RemovedDraft::read(sub)
            }),
        }
    }
}

impl FormerDraft {
    /// Reads `[renamed]` and `[removed]` of one file.
    pub(super) fn read(&mut self, table: &mut Table<'_, '_>) {
        if let Some(mut names) = table.sub("renamed") {
            let repos = names.drafts("repos", "renamed repo", None, |_, sub| {
                RenamedRepoDraft::read(sub)
            });
            self.repos.extend(repos);
            let sigs = names.drafts("sigs", "renamed SIG", None, |_, sub| renamed(sub));
            self.sigs.extend(sigs);
            let people = names.drafts("people", "renamed person", None, |_, sub| renamed(sub));
            self.people.extend(people);
            names.finish();
        }
        if let Some(mut removed) = table.sub("removed") {
            let repos = removed.drafts("repos", "removed repo", None, |_, sub| {
                RemovedDraft::read(sub)
            });
            self.removed_repos.extend(repos);
            let sigs = removed.drafts("sigs", "removed SIG", None, |_, sub| {
                RemovedDraft::read(sub)
            });
            self.removed_sigs.extend(sigs);
            let people = removed.drafts("people", "removed person", None, |_, sub| {
                RemovedDraft::read(sub)
            });
            self.removed_people.extend(people);
            removed.finish();
        }
    }
}
