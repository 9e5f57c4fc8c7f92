//! `adopt --again`: what is new in repos that the manifest has, and what is gone.

use std::collections::BTreeSet;
use std::io;

use aux_adopt::adopt::{Adopted, ManifestEntry, Note, read};
use aux_arguments::Adopt;
use aux_edit::{Addition, EditError, Editor, NewPackage};
use aux_gen::disk::Registry;
use aux_model::{AttrName, Catalog, RelativePath, Repo, RepoName, Wiring, printable};
use aux_output::{AdoptedAgain, AdoptedRepo};
use aux_session::{DIM, Exit, Failure, GOOD, NOTE, Report, Session, Terminal, counted};
use serde::Serialize;

use crate::commands::adopt::{account, adopted_repo, evaluate, known, place};
use crate::commands::manifest_edits;

/// Brings the entries of repos up to what Nix sees of them now. Nothing else of the manifest
/// changes, and what Nix sees and cannot evaluate stays listed.
pub(crate) fn run(session: &Session, args: &Adopt) -> Result<Exit, Failure> {
    let (_lock, family) = session.locked_family()?;
    let (registry, catalog) = (&family.registry, &family.catalog);
    let here = registry.root();
    let places = args.directories.iter();
    let places = places.map(|directory| place(session, here, directory));
    let places = places.collect::<Result<Vec<_>, _>>()?;
    let repos = places
        .iter()
        .map(|(name, _)| external(catalog, name))
        .collect::<Result<Vec<&Repo>, _>>()?;
    let mut adopted = Vec::new();
    for (repo, (name, path)) in repos.iter().zip(places) {
        let mut found = read(here, name, path)?;
        // What the manifest says of how it is imported holds.
        if let Some(entry) = &repo.entry {
            found.imported_by(here, entry.file.as_str());
        }
        adopted.push(found);
    }
    let mut known = known(catalog);
    evaluate(
        session,
        here,
        args,
        Some((registry, catalog)),
        &mut known,
        &mut adopted,
    )?;
    if let Some(repo) = adopted.iter().find(|repo| repo.seen().is_none()) {
        return Err(Failure::refused(
            format!("what `{}` has now is not known", repo.name),
            "the manifest stays as it is: mend what keeps Nix from evaluating it",
        ));
    }
    for (repo, adopted) in repos.iter().zip(&adopted) {
        must_be_there(repo, adopted)?;
    }
    let mut editor = manifest_edits::editor(&family.sources)?;
    let mut changes = Vec::new();
    for (repo, adopted) in repos.iter().zip(&adopted) {
        changes.push(changed(&mut editor, catalog, repo, adopted)?);
    }
    let draft = manifest_edits::draft(&editor);
    if !draft.texts.is_empty() {
        let root = Registry::open(registry.root())?;
        let family = manifest_edits::drafted(family, &draft)?;
        manifest_edits::write_manifest(session, &root, &draft, &[])?;
        drop(family);
    }
    session.terminal.report(&Again {
        adopted: &adopted,
        changes: &changes,
        written: draft.texts.keys().collect(),
    })?;
    Ok(Exit::Fine)
}

/// A repo whose entries follow its tree.
fn external<'c>(catalog: &'c Catalog, name: &RepoName) -> Result<&'c Repo, Failure> {
    let repo = catalog.repo(name.as_str()).ok_or_else(|| {
        Failure::not_found(
            format!("the manifest has no repo `{name}`"),
            "leave out `--again` to adopt it",
        )
    })?;
    if repo.is_generated() || repo.is_outside() {
        return Err(Failure::refused(
            format!("repo `{name}` is not `external`"),
            if repo.is_outside() {
                "`aux-gen index` asks what it has"
            } else {
                "the manifest says what it has, and `aux-gen generate` writes that"
            },
        ));
    }
    Ok(repo)
}

/// A checkout in which nothing is, such as a submodule that nobody fetched, says nothing of its
/// repo; and a repo that takes part in nothing has no packages.
fn must_be_there(repo: &Repo, adopted: &Adopted) -> Result<(), Failure> {
    if adopted.seen() == Some(0) && !repo.packages.is_empty() {
        return Err(Failure::refused(
            format!(
                "nothing that `{}` had is in its checkout any more: {} would go",
                repo.name,
                counted(repo.packages.len(), "package")
            ),
            "the manifest stays as it is: fetch what is missing there, or take the repo out by hand",
        ));
    }
    if repo.wiring == Wiring::Nothing && !adopted.listed().is_empty() {
        return Err(Failure::refused(
            format!(
                "the manifest says that `{}` takes part in nothing, and it has packages now",
                repo.name
            ),
            "drop `wiring = \"none\"` or set it to `packages` or `overlays`, and run it again",
        ));
    }
    Ok(())
}

/// Edits the entries of one repo.
fn changed(
    editor: &mut Editor,
    catalog: &Catalog,
    repo: &Repo,
    adopted: &Adopted,
) -> Result<AdoptedAgain, Failure> {
    let mut changed = AdoptedAgain {
        repo: repo.name.to_string(),
        added: Vec::new(),
        removed: Vec::new(),
        moved: Vec::new(),
    };
    let listed = adopted.listed();
    let defined: BTreeSet<AttrName> = catalog.attributes_of(repo).into_keys().collect();
    for (name, entry) in &listed {
        let id = repo.id(name);
        match repo.packages.get(*name) {
            Some(package) => {
                let now = entry
                    .file
                    .as_ref()
                    .and_then(|file| file.parse::<RelativePath>().ok());
                if package.file != now && package.file.is_some() {
                    match editor.set_file(&id, now.as_ref()) {
                        Ok(()) => changed.moved.push(name.to_string()),
                        Err(EditError::NoPackage(_)) => {}
                        Err(error) => return Err(error.into()),
                    }
                }
            }
            None if !defined.contains(*name) => {
                add(editor, repo, name, entry)?;
                changed.added.push(name.to_string());
            }
            None => {}
        }
    }
    for name in repo.packages.keys() {
        let is_there = listed.contains_key(name) || adopted.sees_attribute(name.as_str());
        if !is_there {
            match editor.remove_package(&repo.id(name)) {
                Ok(()) => changed.removed.push(name.to_string()),
                // Its tree said that it was there.
                Err(EditError::NoPackage(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    let layouts = adopted.layouts();
    for (place, layout) in &layouts {
        if repo.layout.get(place) != Some(layout) {
            editor.set_layout(&repo.name, place, Some(*layout))?;
        }
    }
    for place in repo
        .layout
        .keys()
        .filter(|place| !layouts.contains_key(*place))
    {
        editor.set_layout(&repo.name, place, None)?;
    }
    Ok(changed)
}

fn add(
    editor: &mut Editor,
    repo: &Repo,
    name: &AttrName,
    entry: &ManifestEntry,
) -> Result<(), Failure> {
    let (members, builders) = &entry.members;
    let what = if !members.is_empty() || !builders.is_empty() {
        Addition::Set {
            members: members.iter().cloned().collect(),
            builders: builders.iter().cloned().collect(),
        }
    } else if entry.is_builder {
        Addition::Builder
    } else {
        Addition::Package
    };
    let id = repo.id(name);
    editor.add_package(&NewPackage {
        what,
        ..NewPackage::new(id.clone())
    })?;
    if let Some(file) = entry.file.as_ref().and_then(|file| file.parse().ok()) {
        editor.set_file(&id, Some(&file))?;
    }
    Ok(())
}

/// What changed.
struct Again<'a> {
    adopted: &'a [Adopted],
    changes: &'a [AdoptedAgain],
    written: Vec<&'a String>,
}

impl Again<'_> {
    fn repos(&self) -> impl Iterator<Item = AdoptedRepo> {
        self.adopted.iter().map(|repo| adopted_repo(repo, ""))
    }
}

impl Report for Again<'_> {
    type Output = aux_output::Adopted;

    fn output(&self) -> impl Serialize {
        #[derive(Serialize)]
        struct Output<'a> {
            repos: Vec<AdoptedRepo>,
            again: &'a [AdoptedAgain],
            known: Vec<&'a RepoName>,
            written: &'a [&'a String],
            notes: Vec<Note>,
        }
        Output {
            repos: self.repos().collect(),
            again: self.changes,
            known: self.adopted.iter().map(|repo| &repo.name).collect(),
            written: &self.written,
            notes: self.adopted.iter().flat_map(Adopted::notes).collect(),
        }
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        /// Names that are shown.
        const FEW: usize = 8;
        for changed in self.changes {
            let lists = [
                ("added", &changed.added),
                ("removed", &changed.removed),
                ("moved", &changed.moved),
            ];
            for (what, names) in lists.into_iter().filter(|(_, names)| !names.is_empty()) {
                let shown: Vec<&str> = names.iter().take(FEW).map(String::as_str).collect();
                let more = match names.len() - shown.len() {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                terminal.say(format!(
                    "{NOTE}{what}{NOTE:#} {}: {}{more}",
                    changed.repo,
                    printable(&shown.join(", "))
                ));
            }
            if lists.iter().all(|(_, names)| names.is_empty()) {
                terminal.say(format!(
                    "{DIM}same{DIM:#}   {}: its packages are those of the manifest",
                    changed.repo
                ));
            }
        }
        for repo in self.repos() {
            terminal.say(format!(
                "{GOOD}looked at{GOOD:#} {}: {}, {}",
                repo.repo,
                counted(repo.packages, "package"),
                counted(repo.attributes, "attribute"),
            ));
            account(terminal, &repo);
        }
        Ok(())
    }
}
