//! What Nix says of repos without a flake, put over the set of core.

use std::collections::BTreeMap;
use std::path::Path;

use aux_eval::snapshot::{
    Attributes, Core, Import, OverCoreAttributes, PackageSet, ReposOverCore, files, maintainers,
    names, nested, snapshot,
};
use aux_model::RepoName;
use aux_nix::{Failure, NixError};

use crate::adopt::adopted::{Adopted, Form};
use crate::adopt::below::{PlainRepo, PlainRepoOrder, asked};
use crate::adopt::entry::{Entry, EntryShape};
use crate::adopt::evaluated::WITHOUT_VALUE;
use crate::adopt::evaluation::{Evaluation, EvaluationError, LOOK, Unevaluated};
use crate::adopt::laid_out::LayoutProbe;

impl Evaluation<'_> {
    /// Asks once more about repos without a flake that ask for packages of others such.
    pub(super) fn over_each_other(
        &self,
        adopted: &mut [Adopted],
        core: &(RepoName, Core),
        plain: &[(RepoName, Entry)],
        failed: &mut Vec<Unevaluated>,
    ) -> Result<(), EvaluationError> {
        let mut others: Vec<PlainRepo> = Vec::new();
        if let Some((registry, catalog)) = self.family {
            others.extend(PlainRepo::of_family(catalog, registry.root()));
        }
        let mut wanted = BTreeMap::new();
        for (name, entry) in plain {
            let Some(repo) = adopted.iter().find(|repo| repo.name == *name) else {
                continue;
            };
            let root = self.here.join(&repo.path).canonicalize()?;
            // What cannot be read is said where it counts.
            wanted.insert(name, asked(&root).unwrap_or_default());
            others.push(PlainRepo::of(repo, entry, root));
        }
        let mut standing = PlainRepoOrder::default();
        // What has a value only over others shows then what it has, which others may ask for.
        for _ in 0..=plain.len() {
            let mut is_settled = true;
            for (name, wanted) in &wanted {
                standing.find(name, wanted, &others);
            }
            for (name, entry) in plain {
                let Some(below) = standing.new_below(name) else {
                    continue;
                };
                is_settled = false;
                let below = below.iter().filter_map(|below| {
                    let other = others.iter().find(|other| other.name == *below)?;
                    Some(other.import())
                });
                let below: Vec<Import<'_>> = below.collect();
                let Some(repo) = adopted.iter_mut().find(|repo| repo.name == *name) else {
                    continue;
                };
                failed.retain(|failed| failed.repo != *name);
                repo.forget(entry);
                failed.extend(self.over_core(repo, core, &below)?);
                repo.stands_on = standing.direct(name);
                if let Some(own) = others.iter_mut().find(|other| other.name == *name) {
                    own.defines(repo);
                }
            }
            if is_settled {
                break;
            }
        }
        Ok(())
    }

    /// What repos without a flake add to the set of core, all asked at once.
    pub(super) fn all_over_core(
        &self,
        adopted: &mut [Adopted],
        (name, core): &(RepoName, Core),
        plain: &[(RepoName, Entry)],
    ) -> Result<Vec<Unevaluated>, EvaluationError> {
        if plain.is_empty() {
            return Ok(Vec::new());
        }
        let mut imported = Vec::new();
        for (repo, entry) in plain {
            let Some(repo) = adopted.iter().find(|other| other.name == *repo) else {
                continue;
            };
            let root = self.here.join(&repo.path).canonicalize()?;
            imported.push((repo.name.clone(), root, entry.arguments(), entry));
        }
        let imports: Vec<(&str, Import<'_>)> = imported
            .iter()
            .map(|(name, root, arguments, entry)| (name.as_str(), entry.import(root, arguments)))
            .collect();
        let imports: Vec<(&str, &Import<'_>)> = imports
            .iter()
            .map(|(name, import)| (*name, import))
            .collect();
        let over = ReposOverCore::of(core, &imports, self.system, self.nix)?;
        let mut failed = Vec::new();
        for (repo, found) in over.look(self.nix, self.system, LOOK)? {
            let Some(adopted) = adopted.iter_mut().find(|other| other.name.as_str() == repo) else {
                continue;
            };
            let Some((_, root, _, entry)) = imported.iter().find(|one| one.0.as_str() == repo)
            else {
                continue;
            };
            let arguments = entry.arguments();
            let whole = || {
                let import = entry.import(root, &arguments);
                let attributes = Attributes::Whole;
                PackageSet::over_core(core, &[], &import, attributes, self.system, self.nix)
            };
            failed.extend(self.imported(adopted, (root, entry), name, found, &whole)?);
        }
        Ok(failed)
    }

    /// What a repo without a flake adds to the set of core and of others; what is wrong with it.
    fn over_core(
        &self,
        repo: &mut Adopted,
        (name, core): &(RepoName, Core),
        below: &[Import<'_>],
    ) -> Result<Option<Unevaluated>, EvaluationError> {
        let Form::Imported(entry) = repo.form.clone() else {
            return Ok(None);
        };
        let root = self.here.join(&repo.path).canonicalize()?;
        let arguments = entry.arguments();
        let import = entry.import(&root, &arguments);
        let set = |attributes| {
            PackageSet::over_core(core, below, &import, attributes, self.system, self.nix)
        };
        let new = set(Attributes::New)?;
        let found = match snapshot(self.nix, &new, self.system, LOOK, &|_, _| {})? {
            Ok(snapshot) => {
                let all: Vec<&str> = snapshot.attributes.keys().map(String::as_str).collect();
                Ok(OverCoreAttributes {
                    of_core: names(self.nix, &set(Attributes::OfCore)?)?,
                    files: files(self.nix, &new)?,
                    maintainers: maintainers(self.nix, &new, &all)?,
                    nested: nested(self.nix, &new, &snapshot)?,
                    snapshot,
                })
            }
            Err(failure) => Err(failure),
        };
        self.imported(repo, (&root, &entry), name, found, &|| {
            set(Attributes::Whole)
        })
    }

    /// Takes in what a repo without a flake adds to the set of core.
    fn imported(
        &self,
        repo: &mut Adopted,
        (root, entry): (&Path, &Entry),
        core: &RepoName,
        found: Result<OverCoreAttributes, Failure>,
        whole: &dyn Fn() -> Result<PackageSet, NixError>,
    ) -> Result<Option<Unevaluated>, EvaluationError> {
        let found = match found {
            Ok(found) => found,
            Err(failure) => {
                // What has no value would leave nobody's set with one.
                repo.form = Form::Tree;
                repo.note(Some(entry.file), WITHOUT_VALUE);
                let repo = repo.name.clone();
                return Ok(Some(Unevaluated { repo, failure }));
            }
        };
        let snapshot = &found.snapshot;
        repo.sees(snapshot.attributes.keys().cloned());
        repo.adds(snapshot.attributes.keys().cloned());
        repo.defines_elsewhere(root, snapshot, &found.files);
        repo.shadows(core, found.of_core);
        repo.maintained(&found.maintainers);
        repo.nested = found.nested;
        repo.find_layout(
            root,
            Some(&LayoutProbe {
                nix: self.nix,
                set: whole,
                snapshot,
                has_variants: false,
            }),
        )?;
        let of_the_set = entry.shape == EntryShape::Overlay || entry.arguments().contains("pkgs");
        if repo.has_no_package() && repo.nested.is_empty() && !of_the_set {
            repo.is_library();
        }
        Ok(None)
    }
}
