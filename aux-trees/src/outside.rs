//! A core that is somebody else's: named by a user, asked what it has, cloned.

use std::path::{Path, PathBuf};
use std::time::Duration;

use aux_adopt::adopt::origin;
use aux_arguments::ReachArgs;
use aux_gen::disk::IndexFile;
use aux_gen::init::OutsideCore;
use aux_git::Blobs;
use aux_model::{CheckoutPath, FlakeRef, printable};
use aux_output::Indexed;
use aux_session::{Failure, Session, jobs, machine};

use crate::index::{Asked, Checkout, of};

/// A core that is somebody else's.
pub struct Outside {
    /// What the manifest says of it.
    pub core: OutsideCore,
    /// Where it is checked out, if the user named that.
    pub from: Option<PathBuf>,
}

impl Outside {
    /// What `--core` names: a checkout, or a flake reference.
    pub fn of(session: &Session, named: &str) -> Result<Self, Failure> {
        let from = session.directory().join(named).canonicalize().ok();
        let from = from.filter(|from| from.is_dir());
        let url = match &from {
            Some(from) => match origin(from) {
                Some(url) => Ok(url),
                None => format!("git+file://{}", from.display()).parse(),
            },
            None => named.parse(),
        };
        let url: FlakeRef = url.map_err(|error| {
            Failure::refused(
                format!("`{}` is no flake reference, and no folder: {error}", printable(named)),
                "write one such as `--core github:NixOS/nixpkgs/nixos-unstable`, or name a checkout",
            )
        })?;
        let name = aux_adopt::adopt::named(url.as_str()).and_then(|name| name.parse().ok());
        let name = name.ok_or_else(|| {
            Failure::refused(
                format!("`{}` names no repo", printable(named)),
                "write one such as `--core github:NixOS/nixpkgs`",
            )
        })?;
        let is_flake = from
            .as_ref()
            .is_none_or(|from| from.join("flake.nix").is_file());
        Ok(Self {
            core: OutsideCore {
                name,
                url,
                is_flake,
            },
            from,
        })
    }

    /// One that has to be checked out.
    pub fn checked_out(session: &Session, named: &Path) -> Result<Self, Failure> {
        let outside = Self::of(session, &named.to_string_lossy())?;
        if outside.from.is_none() {
            return Err(Failure::not_found(
                format!("`{}` is no directory", named.display()),
                "name a checkout of the core",
            ));
        }
        Ok(outside)
    }

    /// Asks it what it has. Nothing is written if that cannot be said.
    pub fn index(
        &self,
        session: &Session,
        reach: &ReachArgs,
    ) -> Result<(IndexFile, Indexed), Failure> {
        let from = self.from.clone().unwrap_or_default();
        let there = Checkout::at(from.clone());
        if !from.join("default.nix").is_file() {
            return Err(Failure::refused(
                format!(
                    "`{}` has no `default.nix` that gives a package set",
                    from.display()
                ),
                "a core takes overlays as nixpkgs does",
            ));
        }
        if !there.is_committed() {
            return Err(Failure::refused(
                format!(
                    "`{}` is no git repository, or has changes that are in no commit",
                    from.display()
                ),
                "commit them: the family gets a clone",
            ));
        }
        let system = machine().parse().map_err(|error| {
            Failure::refused(
                format!("this machine is no system of Nix: {error}"),
                "start with a flake reference",
            )
        })?;
        let asked = Asked {
            reach,
            system,
            jobs: jobs(None),
        };
        of(session, &self.core.name, &there, &asked)
    }

    /// Clones it to where a family has it.
    pub fn clone_to(&self, family: &Path) -> Result<(), Failure> {
        let from = self.from.clone().unwrap_or_default();
        let place = family.join(CheckoutPath::of_repo(&self.core.name).as_str());
        // One that is on this machine answers at once, or never.
        let patience = Duration::from_secs(600);
        let cloned =
            aux_train::sync::clone(&from.to_string_lossy(), &place, None, Blobs::All, patience);
        cloned.map(drop).map_err(|error| {
            Failure::refused(
                format!("`{}` cannot be cloned: {error}", from.display()),
                "name a git repository with a commit",
            )
        })
    }
}
