//! A manifest that is about to be edited, and all that follows on the disk, made as a whole.

use std::collections::BTreeSet;

use aux_edit::Editor;
use aux_gen::disk::{Draft, FolderLock, MANIFEST, Registry, compare, relocated_record};
use aux_model::answers::Obstacle;
use aux_model::{
    Family, ModuleName, PackageId, Repo, RepoName, SigName, Source, did_you_mean, printable,
};
use aux_session::{CheckedRegistry, Exit, Failure, Session, SurveyedRegistry};

use aux_train::{Phase, Train};

use crate::commands::generate::regenerate;
use crate::commands::manifest_edits::{self, OnDisk};

/// An edit of a family that is under way. Nothing is on the disk before [`write`](Self::write).
pub(in crate::commands) struct Edit<'s> {
    session: &'s Session,
    lock: FolderLock,
    pub(in crate::commands) registry: Registry,
    pub(in crate::commands) family: Family,
    sources: Vec<Source>,
    pub(in crate::commands) editor: Editor,
    pub(in crate::commands) draft: Draft,
    pub(in crate::commands) on_disk: OnDisk,
}

impl<'s> Edit<'s> {
    /// Reads the family, and holds its registry.
    pub(in crate::commands) fn of(session: &'s Session) -> Result<Self, Failure> {
        let (lock, survey) = session.locked_survey()?;
        let SurveyedRegistry {
            registry,
            family,
            sources,
        } = survey;
        Ok(Self {
            editor: manifest_edits::editor(&sources)?,
            session,
            lock,
            registry,
            family,
            sources,
            draft: Draft::default(),
            on_disk: OnDisk::default(),
        })
    }

    /// Checks the manifest as it will be, writes it, moves and deletes, and writes what follows from it.
    pub(in crate::commands) fn write(self) -> Result<Exit, Failure> {
        self.written().map(|(exit, _)| exit)
    }

    /// As [`write`](Self::write), and the family as it is then.
    pub(in crate::commands) fn written(self) -> Result<(Exit, CheckedRegistry), Failure> {
        let draft = Draft {
            moved: self.draft.moved,
            renamed: self.draft.renamed,
            removed: self.draft.removed,
            relocated: self.draft.relocated,
            ..manifest_edits::draft(&self.editor)
        };
        let after = CheckedRegistry::load_with(self.registry, &draft)?;
        let plan = after.plan(&[])?;
        plan.make()?;
        // What is to be elsewhere is not there yet, and would look as if it were new.
        if draft.relocated.is_empty() {
            compare(&after.registry, &plan)?;
        }
        let root = after.registry.root();
        for (_, to) in &self.on_disk.moves {
            if root.join(to).symlink_metadata().is_ok() {
                return Err(Failure::refused(
                    format!("`{to}` is in the way"),
                    "move it away and run the command again",
                ));
            }
        }
        manifest_edits::write_with(self.session, &after.registry, &draft, &self.on_disk)?;
        let exit = regenerate(self.session, &self.lock, &after)?;
        Ok((exit, after))
    }

    /// Moves a file or a folder inside of a repo, and what its record says of it. One that is not there
    /// stays so.
    pub(in crate::commands) fn move_inside(
        &mut self,
        repo: &Repo,
        (from, to): (String, String),
    ) -> Result<(), Failure> {
        let root = self.registry.root();
        let place = |path: &str| format!("{}/{path}", repo.path);
        if root.join(place(&from)).symlink_metadata().is_err() {
            return Ok(());
        }
        self.on_disk.moves.push((place(&from), place(&to)));
        let checkout = root.join(repo.path.as_str());
        if let Some((path, text)) = relocated_record(&checkout, &[(from, to)])? {
            let path = path.strip_prefix(root).unwrap_or(&path).to_owned();
            let path = path.to_string_lossy().into_owned();
            self.on_disk.texts.insert(path, text);
        }
        Ok(())
    }

    /// Deletes the files below a folder of a repo, or one file, if git has them as they are.
    pub(in crate::commands) fn delete(&mut self, path: &str) -> Result<(), Failure> {
        let place = self.registry.root().join(path);
        if place.symlink_metadata().is_err() {
            return Ok(());
        }
        let files = aux_gen::disk::committed_files(&place).map_err(|reason| {
            Failure::refused(
                format!("`{path}` is not deleted: {reason}"),
                "commit it first, so that nothing of it is lost, or delete it by hand; then run the command again",
            )
        })?;
        let root = self.registry.root();
        let files = files.iter().filter_map(|file| file.strip_prefix(root).ok());
        let files = files.map(|file| file.to_string_lossy().into_owned());
        self.on_disk.deletes.extend(files);
        Ok(())
    }

    /// Gives the file of a SIG its new name, if the file is called after it and the root includes both.
    pub(in crate::commands) fn move_file_of(
        &mut self,
        old: &str,
        new: &str,
    ) -> Result<(), Failure> {
        let (from, to) = (format!("sigs/{old}.toml"), format!("sigs/{new}.toml"));
        let is_there = self.sources.iter().any(|source| source.path() == from);
        if !is_there || !self.includes_sigs() {
            return Ok(());
        }
        if self.registry.root().join(&to).symlink_metadata().is_ok() {
            return Err(Failure::refused(
                format!("`{to}` is in the way"),
                "move it away and run the command again",
            ));
        }
        Ok(self.editor.move_file(&from, &to)?)
    }

    /// The file for a SIG that was a part of another one: one of its own, if that one has one.
    pub(in crate::commands) fn file_beside(&self, sig: &SigName, new: &SigName) -> String {
        let file = self.editor.file_of("sigs", sig.as_str());
        let file = file.unwrap_or_else(|| MANIFEST.to_owned());
        if file == format!("sigs/{sig}.toml") && self.includes_sigs() {
            format!("sigs/{new}.toml")
        } else {
            file
        }
    }

    /// Whether the root includes every file that is called after a SIG.
    fn includes_sigs(&self) -> bool {
        let root = self.sources.first().map(Source::text).unwrap_or_default();
        root.contains("\"sigs/*.toml\"")
    }

    /// Refuses to go on while a train is under way: it knows the repos by the names that they had.
    pub(in crate::commands) fn must_have_no_train(&self) -> Result<(), Failure> {
        let root = self.registry.root();
        for channel in self.family.channels_and_none() {
            let train = Train::read(root, channel, None)?;
            if train.is_some_and(|train| train.phase != Phase::Done) {
                let flag = channel.map_or_else(String::new, |name| format!(" --channel {name}"));
                return Err(Failure::refused(
                    "a train is under way, and it knows the repos by their names",
                    format!(
                        "`aux-gen promote{flag}` ends it, `aux-gen train abort{flag}` drops it"
                    ),
                ));
            }
        }
        Ok(())
    }

    /// A repo whose files are ours to move and write.
    pub(in crate::commands) fn own_repo(&self, name: &RepoName) -> Result<&Repo, Failure> {
        let repo = self.family.repo(name.as_str());
        let repo =
            repo.ok_or_else(|| Failure::not_found(format!("there is no repo `{name}`"), ""))?;
        if repo.is_generated() {
            return Ok(repo);
        }
        Err(Failure::refused(
            format!(
                "repo `{name}` is {}: its files are not ours to change",
                repo.kind
            ),
            "change them by hand, then the entry in the manifest",
        ))
    }

    /// A module as REPO/NAME.
    pub(in crate::commands) fn module(
        &self,
        text: &str,
    ) -> Result<(RepoName, ModuleName), Failure> {
        let modules = || self.family.modules();
        let found = modules().find(|module| format!("{}/{}", module.repo, module.name) == text);
        let found = found.ok_or_else(|| {
            let known: BTreeSet<String> = modules()
                .map(|module| format!("{}/{}", module.repo, module.name))
                .collect();
            Failure::not_found(
                format!("there is no module `{}`", printable(text)),
                did_you_mean(text, known.iter().map(String::as_str))
                    .unwrap_or_else(|| "name it as REPO/NAME".to_owned()),
            )
        })?;
        Ok((found.repo.clone(), found.name.clone()))
    }

    /// The directory of a package, relative to the registry.
    pub(in crate::commands) fn directory(&self, id: &PackageId) -> Result<String, Failure> {
        let repo = self.own_repo(&id.repo)?;
        let package = self.family.package(id);
        let directory = package.map_or_else(|| id.name.directory(), aux_model::Package::directory);
        Ok(format!("{}/{directory}", repo.path))
    }
}

/// Refuses to go on while something depends on what is to go, and names all of it.
pub(in crate::commands) fn must_be_free(
    what: &str,
    obstacles: &[Obstacle],
    help: &str,
) -> Result<(), Failure> {
    if obstacles.is_empty() {
        return Ok(());
    }
    let lines = obstacles.iter().map(|obstacle| match &obstacle.place {
        Some(place) => format!("\n  {place}: {}", obstacle.sentence),
        None => format!("\n  {}", obstacle.sentence),
    });
    let lines: String = lines.collect();
    Err(Failure::refused(
        format!("{what} is needed:{lines}"),
        help.to_owned(),
    ))
}
