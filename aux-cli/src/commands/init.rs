//! `init`: a registry out of nothing.

use aux_gen::disk::{MANIFEST, Registry, create};
use aux_gen::init::{NewRegistry, files};
use aux_model::{Handle, Manifest, Source};

use super::generate::regenerate;
use crate::cli::Init;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::{Family, Session};
use crate::terminal::{DIM, GOOD};

pub(crate) fn run(session: &Session, args: &Init) -> Result<Exit, Failure> {
    let target = session.directory().join(&args.target);
    let name = match &args.name {
        Some(name) => name.clone(),
        None => directory_name(&target),
    };
    args.lead.parse::<Handle>().map_err(|error| {
        Failure::refused(
            format!("`{}` is no handle: {error}", args.lead.escape_debug()),
            error.help(),
        )
    })?;
    let new = NewRegistry {
        forge: args
            .forge
            .clone()
            .unwrap_or_else(|| format!("github:{name}")),
        name,
        lead: args.lead.clone(),
    };
    let files = files(&new)?;
    check(&files)?;
    // Nothing is written if anything is in the way.
    let in_the_way = files
        .iter()
        .map(|(path, _)| *path)
        .chain(["repos"])
        .find(|path| *path != ".gitignore" && target.join(path).symlink_metadata().is_ok());
    if let Some(path) = in_the_way {
        let help = if path == MANIFEST {
            "this is a registry already; add to it with `aux-gen new-sig`"
        } else {
            "move it away, or start the registry in another directory"
        };
        return Err(Failure::refused(
            format!("`{}` exists already", target.join(path).display()),
            help,
        ));
    }
    for (path, text) in &files {
        let file = target.join(path);
        if file.symlink_metadata().is_err() {
            create(&file, text)?;
            session.terminal.say(format!("{DIM}create{DIM:#} {path}"));
        }
    }
    let family = Family::load(Registry::open(&target)?)?;
    regenerate(session, &family)?;
    session.terminal.say(format!(
        "{GOOD}started{GOOD:#} {}. Next:
  aux-gen eval                            asks Nix whether all is well
  aux-gen new-sig python --lead HANDLE    adds a SIG and its repo
  aux-gen new-package core/NAME           adds a package",
        target.join(MANIFEST).display()
    ));
    Ok(Exit::Fine)
}

/// The new manifest must be one before a byte of it is written.
fn check(files: &[(&str, String)]) -> Result<(), Failure> {
    let source = |path: &str| {
        files
            .iter()
            .find(|(known, _)| *known == path)
            .map(|(path, text)| Source::new(path, text))
    };
    let Some(root) = source(MANIFEST) else {
        return Ok(());
    };
    let mut manifest = Manifest::open(root);
    let patterns: Vec<String> = manifest.includes().map(str::to_owned).collect();
    for pattern in patterns {
        manifest.include(&pattern, source("sigs/core.toml").into_iter().collect());
    }
    let sources = manifest.sources().to_vec();
    manifest
        .check()
        .map(|_| ())
        .map_err(|problems| Failure::Problems { problems, sources })
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
