//! `init`: a registry out of nothing.

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, PathBuf};

use aux_arguments::Init;
use aux_gen::disk::{MANIFEST, Registry, create};
use aux_gen::init::{NewRegistry, files};
use aux_model::{FlakeRef, Handle, invisible_characters, printable};
use aux_output::Started;
use aux_session::{CheckedRegistry, DIM, Exit, Failure, GOOD, Report, Session, Terminal, handle};
use aux_trees::Outside;
use aux_trees::index::show;
use serde::Serialize;

use crate::commands::generate::regenerate;

pub(crate) fn run(session: &Session, args: &Init) -> Result<Exit, Failure> {
    let target = session.directory().join(&args.target);
    // As people write it: without the `.` that stands for "here".
    let shown = |path: &str| -> String {
        let path = target.join(path);
        let parts = path.components().filter(|part| *part != Component::CurDir);
        parts.collect::<PathBuf>().display().to_string()
    };
    let name = match &args.name {
        Some(name) => name.clone(),
        None => directory_name(&target),
    };
    if name.is_empty() || invisible_characters(&name).next().is_some() {
        return Err(Failure::refused(
            format!("`{}` is no name for an organization", printable(&name)),
            "write one on one line, such as `--name my-family`",
        ));
    }
    let lead: Handle = handle(&args.lead)?;
    let outside = args.core.as_deref().map(|core| Outside::of(session, core));
    let outside = outside.transpose()?;
    let new = NewRegistry {
        forge: forge(args, &name)?,
        name,
        lead: lead.to_string(),
        core: outside.as_ref().map(|outside| outside.core.clone()),
    };
    let files = files(&new)?.into_iter();
    let mut files: Vec<(String, String)> =
        files.map(|(path, text)| (path.to_owned(), text)).collect();
    let texts: BTreeMap<String, String> = files.iter().cloned().collect();
    super::manifest_edits::must_be_a_manifest(&target, &texts)?;
    let found = match &outside {
        Some(outside) if outside.from.is_some() => {
            Some((outside, outside.index(session, &args.reach)?))
        }
        _ => None,
    };
    // Nothing is written if anything is in the way.
    let in_the_way = files
        .iter()
        .map(|(path, _)| path.as_str())
        .chain(["repos"])
        .find(|path| *path != ".gitignore" && target.join(path).symlink_metadata().is_ok());
    if let Some(path) = in_the_way {
        let help = if path == MANIFEST {
            "this is a registry already; add to it with `aux-gen new-sig`"
        } else {
            "move it away, or start the registry in another directory"
        };
        return Err(Failure::refused(
            format!("`{}` exists already", shown(path)),
            help,
        ));
    }
    if let Some((outside, (file, indexed))) = &found {
        outside.clone_to(&target)?;
        show(indexed, &session.terminal)?;
        files.push((indexed.path.clone(), file.text()));
    }
    let mut written = Vec::new();
    for (path, text) in &files {
        let file = target.join(path);
        if file.symlink_metadata().is_err() {
            create(&file, text)?;
            session.terminal.say(format!("{DIM}create{DIM:#} {path}"));
            written.push(path.clone());
        }
    }
    let family = CheckedRegistry::load(Registry::open(&target)?)?;
    let lock = family.registry.lock()?;
    let exit = regenerate(session, &lock, &family)?;
    session.terminal.report(&New {
        args,
        started: Started {
            manifest: shown(MANIFEST),
            name: new.name,
            files: written,
        },
    })?;
    Ok(exit)
}

struct New<'a> {
    args: &'a Init,
    started: Started,
}

impl Report for New<'_> {
    type Output = Started;

    fn output(&self) -> impl Serialize {
        &self.started
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        let args = self.args;
        let enter = if args.target == std::path::Path::new(".") {
            String::new()
        } else {
            format!("\n  cd {}", args.target.display())
        };
        let of_core = match &args.core {
            None => "",
            Some(_)
                if self
                    .started
                    .files
                    .iter()
                    .any(|file| file.starts_with("index/")) =>
            {
                "
  aux-gen new-sig python --lead HANDLE    adds a SIG and its repo
  aux-gen eval                            asks Nix whether all is well"
            }
            Some(_) => {
                "
  aux-gen sync                            clones what all stand on
  aux-gen index                           asks Nix once what it has"
            }
        };
        if !of_core.is_empty() {
            terminal.say(format!(
                "{GOOD}started{GOOD:#} {}. Next:{enter}{of_core}",
                self.started.manifest
            ));
            return Ok(());
        }
        terminal.say(format!(
            "{GOOD}started{GOOD:#} {}. Next:{enter}
  aux-gen eval                            asks Nix whether all is well
  aux-gen new-sig python --lead HANDLE    adds a SIG and its repo
  aux-gen new-package core/NAME           adds a package",
            self.started.manifest
        ));
        Ok(())
    }
}

/// The prefix asked for, or the account of the organization's name.
fn forge(args: &Init, name: &str) -> Result<String, Failure> {
    let forge = match &args.forge {
        Some(forge) => forge.clone(),
        None => format!("github:{name}"),
    };
    match forge.parse::<FlakeRef>() {
        Ok(forge) => Ok(forge.to_string()),
        Err(error) => Err(Failure::refused(
            format!("`{}` is no forge: {error}", printable(&forge)),
            "give one with `--forge`, such as `--forge github:my-family`",
        )),
    }
}

fn directory_name(target: &std::path::Path) -> String {
    std::path::absolute(target)
        .ok()
        .and_then(|path| {
            path.components()
                .next_back()
                .map(|name| name.as_os_str().to_string_lossy().into_owned())
        })
        .filter(|name| !name.is_empty() && name != "/")
        .unwrap_or_else(|| "family".to_owned())
}
