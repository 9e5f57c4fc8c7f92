//! `import`: one package out of a tree in nixpkgs' style.

use std::io;
use std::path::PathBuf;

use aux_adopt::import::{
    Collection, FunctionResult, Gathered, Lost, Missing, gather, needs, recorded as recorded_of,
};
use aux_arguments::Import;
use aux_edit::{Addition, NewPackage};
use aux_gen::disk::{Transaction, make_executable};
use aux_model::{AttrName, Catalog, printable};
use aux_nix::Nix;
use aux_nix::language::{NixFile, set_members};
use aux_session::{
    DIM, Exit, Failure, GOOD, NOTE, Report, Session, Terminal, counted, machine, sig,
};
use serde::Serialize;

use crate::commands::generate::regenerate;
use crate::commands::new_entry::{generated, must_be_free, of_ours};
use crate::commands::new_files::tell_git_of;
use crate::commands::new_package::listed;
use aux_session::name;

pub(crate) fn run(session: &Session, args: &Import) -> Result<Exit, Failure> {
    let source = session.directory().join(&args.path);
    let mut gathered = gather(&source)?;
    let collection = collection(session, args, &gathered)?;
    match collection.as_ref().map(|known| &known.gives) {
        Some(FunctionResult::Again) => gathered.call_twice(),
        Some(FunctionResult::Set(members)) => gathered.list_members(members.keys()),
        _ => {}
    }
    let attribute: AttrName = name("package", &named(args, &gathered, collection.as_ref()))?;
    let (lock, family) = session.locked_family()?;
    let catalog = &family.catalog;
    if let Some(known) = collection
        .as_ref()
        .filter(|known| !known.member_of.is_empty())
    {
        let set = set_of(args, catalog, &attribute, known)?;
        gathered.call_in(set);
    } else if let Some(set) = &args.set {
        return Err(Failure::refused(
            format!(
                "`{attribute}` is no member of `{}`, as far as is known",
                printable(set)
            ),
            "leave out `--set`",
        ));
    }
    must_be_free(catalog, &attribute, "give it another name with `--name`")?;
    let what = addition(&gathered, collection.as_ref())?;
    if let Addition::Set { members, builders } = &what {
        let taken = members.iter().chain(builders);
        let taken = taken.filter_map(|member| Some((member, of_ours(catalog, member)?)));
        if let Some((member, known)) = taken.into_iter().next() {
            return Err(Failure::refused(
                format!(
                    "it defines `{member}`, which is an attribute of `{}` already",
                    known.package
                ),
                "the flat view has one package for each name: take it out of the set first, or move the one that is there away",
            ));
        }
    }
    let needs = needs(catalog, &gathered, collection.as_ref());
    let owner = args.owner.as_deref();
    let recorded = recorded_of(&gathered);
    let new = NewPackage {
        repo: family.repos(std::slice::from_ref(&args.to))?.remove(0),
        name: attribute,
        what,
        description: None,
        owner: owner.map(|owner| sig(catalog, owner)).transpose()?,
        watchers: Vec::new(),
        variants: Vec::new(),
        aliases: Vec::new(),
        imported: recorded.as_ref().ok().cloned(),
        edges: needs.edges.clone(),
    };
    let repo = generated(catalog, &new.repo, "the package")?;
    let directory = format!("{}/{}", repo.path, new.name.directory());
    let root = family.registry.root().to_owned();
    if root.join(&directory).symlink_metadata().is_ok() {
        return Err(Failure::refused(
            format!("`{directory}` is there already"),
            "move it away, or give the package another name with `--name`",
        ));
    }
    let draft = listed(&family, &new)?;
    let (family, ..) = super::manifest_edits::drafted(family, &draft)?;

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
    if let Err(why) = &recorded {
        session.terminal.warn(format!(
            "{NOTE}not recorded{NOTE:#}: {why}; `aux-gen drift` cannot say what changes there"
        ));
    }
    session.terminal.report(&Imported {
        directory: &directory,
        gathered: &gathered,
        missing: &needs.missing,
        unread: needs.unread.as_deref(),
    })?;
    let is_whole = gathered.lost.is_empty() && needs.missing.is_empty() && needs.unread.is_none();
    Ok(if is_whole { exit } else { Exit::Problems })
}

/// The set that calls a member of it: one that the family has, too. An attribute of its own it
/// becomes only by a name that somebody gives it.
fn set_of<'k>(
    args: &Import,
    catalog: &Catalog,
    attribute: &AttrName,
    known: &'k Collection,
) -> Result<&'k AttrName, Failure> {
    let mut sets: Vec<&AttrName> = known.member_of.keys().collect();
    // The plainest name first: `python3Packages` before `python313Packages`.
    sets.sort_by_key(|set| (set.as_str().len(), set.as_str()));
    if let Some(wanted) = &args.set {
        let wanted: AttrName = name("set", wanted)?;
        sets.retain(|set| **set == wanted);
        if sets.is_empty() {
            return Err(Failure::refused(
                format!("`{attribute}` has no value as a member of `{wanted}` where it is from"),
                "leave out `--set`, and the sets that have it are named",
            ));
        }
    }
    let shown: Vec<String> = sets
        .iter()
        .take(FEW)
        .map(|set| format!("`{set}`"))
        .collect();
    let more = match sets.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let shown = format!("{}{more}", shown.join(", "));
    let there = sets
        .iter()
        .find(|set| catalog.attribute(set.as_str()).is_some());
    let Some(set) = there else {
        return Err(Failure::refused(
            format!(
                "`{attribute}` is no attribute where it is from, but a member of {shown}, and no repo of the family has such a set"
            ),
            "bring in a set that it can be called in first, or read texts only with `--no-eval`",
        ));
    };
    if args.name.is_none() {
        return Err(Failure::refused(
            format!("`{attribute}` is no attribute where it is from, but a member of {shown}"),
            format!(
                "say which attribute it is to be with `--name`, such as `--name {attribute}`: `{set}` calls it then, or another one that `--set` names"
            ),
        ));
    }
    Ok(set)
}

/// Sets that a message shows.
const FEW: usize = 3;

/// What the tree says that the package is from; none if Nix cannot be asked.
fn collection(
    session: &Session,
    args: &Import,
    gathered: &Gathered,
) -> Result<Option<Collection>, Failure> {
    if args.no_eval || Nix::find().is_err() {
        return Ok(None);
    }
    let Ok(system) = machine().parse() else {
        return Ok(None);
    };
    let nix = session.nix(&args.reach)?;
    let found = Collection::of(&nix, &gathered.tree, &gathered.source, &system)?;
    if found.is_none() {
        session.terminal.warn(format!(
            "{NOTE}unasked{NOTE:#} the tree that it is from gives no package set here, so all is read from texts: what it is called there, whether it is a package or a set of them; a `default.nix` that takes `pkgs` needs `--nixpkgs DIR`"
        ));
    }
    Ok(found)
}

/// What the manifest says of it: one package, or every attribute of a set.
fn addition(gathered: &Gathered, collection: Option<&Collection>) -> Result<Addition, Failure> {
    let Some(text) = gathered.set() else {
        let is_builder = collection.is_some_and(|known| known.gives == FunctionResult::Builder);
        return Ok(if is_builder {
            Addition::Builder
        } else {
            Addition::Package
        });
    };
    let asked = collection.map(|collection| &collection.members);
    if let Some(asked) = asked.filter(|asked| !asked.is_empty()) {
        let of_kind = |is_package: bool| {
            let members = asked.iter().filter(|(_, kind)| **kind == is_package);
            members.map(|(name, _)| name.clone()).collect()
        };
        return Ok(Addition::Set {
            members: of_kind(true),
            builders: of_kind(false),
        });
    }
    let refused = |why: String| {
        Failure::refused(
            format!("which attributes its `packages.nix` defines is not known: {why}"),
            "let Nix say it: the tree that it is from has to have a `default.nix` with a value",
        )
    };
    let members = NixFile::read(text, set_members).map_err(|error| refused(error.to_string()))?;
    if let Some(computed) = members.computed.first() {
        return Err(refused(format!("`{computed}` is computed")));
    }
    let names = members.names.iter().map(|name| name.parse());
    Ok(Addition::Set {
        members: names
            .collect::<Result<Vec<AttrName>, _>>()
            .map_err(|error| refused(error.to_string()))?,
        builders: Vec::new(),
    })
}

/// The name asked for, else what the collection calls it if that is one name, else that of its
/// directory or file.
fn named(args: &Import, gathered: &Gathered, collection: Option<&Collection>) -> String {
    if let Some(name) = &args.name {
        return name.clone();
    }
    let mut own = collection.into_iter().flat_map(|known| &known.own);
    if let (Some(name), None, None) = (own.next(), own.next(), gathered.set()) {
        return name.to_string();
    }
    let source = &gathered.source;
    let is_entry = ["package.nix", "default.nix"]
        .iter()
        .any(|entry| source.ends_with(entry));
    // `hello/package.nix` is `hello`, as `hello` is.
    let named = match source.parent() {
        Some(folder) if is_entry => folder,
        _ => source,
    };
    let name = if named.is_dir() {
        named.file_name()
    } else {
        named.file_stem()
    };
    name.map_or_else(String::new, |name| name.to_string_lossy().into_owned())
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
