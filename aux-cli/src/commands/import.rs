//! `import`: one package out of a tree in nixpkgs' style.

use std::io;
use std::path::{Path, PathBuf};

use aux_adopt::import::{Gathered, ImportError, Lost, Missing, gather, needs};
use aux_edit::{Addition, NewPackage};
use aux_gen::disk::{Transaction, make_executable};
use aux_git::WorkTree;
use aux_model::AttrName;
use serde::Serialize;

use crate::cli::Import;
use crate::commands::generate::regenerate;
use crate::commands::new_package::{listed, repo_of};
use crate::commands::new_sig::name;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::{Session, sig};
use crate::terminal::{DIM, GOOD, NOTE, Report, Terminal, counted};

pub(crate) fn run(session: &Session, args: &Import) -> Result<Exit, Failure> {
    let source = session.directory().join(&args.path);
    let attribute: AttrName = name("package", &named(args))?;
    let gathered = gather(&source)?;
    let (lock, family) = session.locked_family()?;
    let catalog = &family.catalog;
    if let Some(known) = catalog.attribute(attribute.as_str()) {
        return Err(Failure::refused(
            format!(
                "`{attribute}` is an attribute of `{}` already",
                known.package
            ),
            "give it another name with `--name`",
        ));
    }
    let needs = needs(catalog, &gathered);
    let owner = args.owner.as_deref();
    let new = NewPackage {
        repo: family.repos(std::slice::from_ref(&args.to))?.remove(0),
        name: attribute,
        what: Addition::Package,
        description: None,
        owner: owner.map(|owner| sig(catalog, owner)).transpose()?,
        edges: needs.edges.clone(),
    };
    let repo = repo_of(catalog, &new)?;
    let directory = format!("{}/{}", repo.path, new.name.directory());
    let root = family.registry.root().to_owned();
    if root.join(&directory).symlink_metadata().is_ok() {
        return Err(Failure::refused(
            format!("`{directory}` is there already"),
            "move it away, or give the package another name with `--name`",
        ));
    }
    let draft = listed(&family, &new)?;
    let family = super::manifest_edits::drafted(family, &draft)?;

    let mut transaction = Transaction::default();
    super::manifest_edits::write_texts(&mut transaction, &root, &draft);
    for (name, file) in &gathered.files {
        transaction.write(&root.join(&directory).join(name), None, &file.content, 0);
    }
    transaction.commit(&root)?;
    for (name, _) in gathered.files.iter().filter(|(_, file)| file.is_executable) {
        make_executable(&root.join(&directory).join(name))?;
    }
    let files: Vec<PathBuf> = gathered
        .files
        .keys()
        .map(|name| root.join(&directory).join(name))
        .collect();
    tell_git_of(&files, session);
    let exit = regenerate(session, &lock, &family)?;
    drop(lock);
    session.terminal.report(&Imported {
        directory: &directory,
        gathered: &gathered,
        missing: &needs.missing,
        unread: needs.unread.as_deref(),
    })?;
    let is_whole = gathered.lost.is_empty() && needs.missing.is_empty() && needs.unread.is_none();
    Ok(if is_whole { exit } else { Exit::Problems })
}

/// Flakes see only what git knows.
fn tell_git_of(files: &[PathBuf], session: &Session) {
    let tree = files.first().and_then(|file| WorkTree::of(file));
    if let Some(Err(error)) = tree.map(|tree| tree.announce_new(files)) {
        session.terminal.warn(format!(
            "{NOTE}git{NOTE:#} was not told of new files: {error}"
        ));
    }
}

/// The name asked for, or that of the directory or file.
fn named(args: &Import) -> String {
    let stem = |path: &Path| {
        path.file_stem()
            .map(|name| name.to_string_lossy().into_owned())
    };
    let is_file = args
        .path
        .extension()
        .is_some_and(|extension| extension == "nix");
    let own = args
        .path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let own = if is_file { stem(&args.path) } else { own };
    args.name.clone().or(own).unwrap_or_default()
}

/// What was copied, and what could not be.
struct Imported<'a> {
    directory: &'a str,
    gathered: &'a Gathered,
    missing: &'a [Missing],
    unread: Option<&'a str>,
}

impl Report for Imported<'_> {
    type Output = aux_output::Imported;

    fn output(&self) -> impl Serialize {
        #[derive(Serialize)]
        struct Output<'a> {
            directory: &'a str,
            files: Vec<&'a String>,
            rewritten: usize,
            lost: &'a [Lost],
            missing: &'a [Missing],
            unread: Option<&'a str>,
        }
        Output {
            directory: self.directory,
            files: self.gathered.files.keys().collect(),
            rewritten: self.gathered.rewritten,
            lost: &self.gathered.lost,
            missing: self.missing,
            unread: self.unread,
        }
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        let &Self {
            directory,
            gathered,
            missing,
            unread,
        } = self;
        for file in gathered.files.keys() {
            terminal.say(format!("{DIM}create{DIM:#} {directory}/{file}"));
        }
        for lost in &gathered.lost {
            terminal.warn(format!(
                "{NOTE}lost{NOTE:#} {}: `{}`: {}",
                lost.file, lost.path, lost.reason
            ));
        }
        for missing in missing {
            let near = missing
                .nearest
                .iter()
                .map(|name| format!("`{name}`"))
                .collect::<Vec<_>>();
            let near = if near.is_empty() {
                String::new()
            } else {
                format!("; there is {}", near.join(", "))
            };
            terminal.warn(format!(
                "{NOTE}missing{NOTE:#} {}: no repo has `{}`{near}",
                missing.place, missing.name
            ));
        }
        if let Some(reason) = unread {
            terminal.warn(format!(
                "{NOTE}unread{NOTE:#} what it asks for is not known: {reason}"
            ));
        }
        terminal.say(format!(
            "{GOOD}imported{GOOD:#} {} to {directory}; {} written anew",
            counted(gathered.files.len(), "file"),
            counted(gathered.rewritten, "path"),
        ));
        Ok(())
    }
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Disk(error) => error.into(),
            error => Self::refused(
                error.to_string(),
                "name a directory with a `package.nix` or `default.nix` and no `packages.nix`, or a Nix file",
            ),
        }
    }
}
