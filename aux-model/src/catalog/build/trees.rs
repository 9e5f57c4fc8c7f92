//! By-name trees against the manifest.

use std::collections::BTreeSet;

use aux_names::{AttrName, CheckoutPath, RelativePath, RepoName, counted};

use crate::catalog::build::builder::Builder;
use crate::catalog::tree::{Tree, TreeEntry};
use crate::manifest::draft::{PackageDraft, ShapeDraft};
use crate::manifest::reader::Finding;
use aux_problems::Code;
use aux_problems::{At, Located};

impl Builder<'_> {
    /// What the tree holds, against what the manifest says. With `discover` the
    /// tree says what exists and the manifest adds to it.
    pub(super) fn tree(
        &mut self,
        repo: &Located<RepoName>,
        discover: bool,
        tree: &Tree,
        packages: &mut Vec<(Located<AttrName>, PackageDraft)>,
    ) {
        for (path, reason) in &tree.rejected {
            let finding = Finding::new(
                Code::InvalidName,
                Some(repo.at),
                format!("repo `{}`: `{path}` is no package: {reason}", repo.value),
                Some("finish the package, or remove the directory".to_owned()),
            );
            self.findings.push(finding.warning());
        }
        for (path, shard) in &tree.misplaced {
            let finding = Finding::new(
                Code::WrongShard,
                Some(repo.at),
                format!("repo `{}`: `{path}` stands in the wrong shard", repo.value),
                Some(format!("move it to the shard `{shard}`")),
            );
            self.findings.push(finding.warning());
        }
        for path in &tree.unsharded {
            let finding = Finding::new(
                Code::WrongShard,
                Some(repo.at),
                format!("repo `{}`: `{path}` stands in no shard", repo.value),
                Some("move it to `pkgs/by-name/<first two letters>/<name>`".to_owned()),
            );
            self.findings.push(finding.warning());
        }
        if discover {
            self.discovered(repo, tree, packages);
        }
        for (name, package) in packages.iter_mut() {
            let directory = tree.directory(&name.value);
            package.misplaced = Some(directory).filter(|place| *place != name.value.directory());
        }
        if discover {
            return;
        }
        let listed: BTreeSet<&AttrName> = packages.iter().map(|(name, _)| &name.value).collect();
        for name in tree.packages.keys().filter(|name| !listed.contains(name)) {
            let finding = Finding::new(
                Code::NotInManifest,
                Some(repo.at),
                format!(
                    "repo `{}` has a by-name directory for `{name}`, which the manifest does not list",
                    repo.value
                ),
                Some(format!(
                    "add `{name} = {{}}` to its packages, set `discover = true`, or remove the directory"
                )),
            );
            self.findings.push(finding.warning());
        }
        let missing: Vec<&Located<AttrName>> = packages
            .iter()
            .filter(|(name, package)| {
                package.file.is_none() && !tree.packages.contains_key(&name.value)
            })
            .map(|(name, _)| name)
            .collect();
        // Where the folder itself is missing, to name all that was in it says nothing more.
        if tree.packages.is_empty() && missing.len() > 1 {
            let what = format!(
                "the tree of repo `{}` holds none of its {}",
                repo.value,
                counted(missing.len(), "package")
            );
            self.not_in_tree(repo.at, what);
            return;
        }
        for name in missing {
            let what = format!(
                "the tree of repo `{}` holds no package `{}`",
                repo.value, name.value
            );
            self.not_in_tree(name.at, what);
        }
    }

    fn not_in_tree(&mut self, at: At, message: String) {
        let finding = Finding::new(
            Code::NotInTree,
            Some(at),
            message,
            Some(
                "`aux-gen generate` writes what is new; if the directory was removed, remove the entry too"
                    .to_owned(),
            ),
        );
        self.findings.push(finding.warning());
    }

    /// What the tree of a repo that others write holds and the manifest does not list: those who
    /// need it would hear that nobody has it.
    pub(super) fn left_in_tree(
        &mut self,
        repo: &Located<RepoName>,
        tree: &Tree,
        packages: &[(Located<AttrName>, PackageDraft)],
    ) {
        let listed: BTreeSet<&AttrName> = packages.iter().map(|(name, _)| &name.value).collect();
        let files: BTreeSet<&RelativePath> = packages
            .iter()
            .filter_map(|(_, package)| Some(&package.file.as_ref()?.value))
            .collect();
        let elsewhere = tree.elsewhere.iter();
        let elsewhere = elsewhere.filter(|(_, folder)| !files.contains(folder));
        let found = tree.packages.keys().chain(elsewhere.map(|(name, _)| name));
        let found = found.filter(|name| !listed.contains(name));
        let left: Vec<&str> = found.map(AttrName::as_str).collect();
        // Of what gives several attributes nobody knows their names; one that is listed stands there.
        let is_used = |folder: &&RelativePath| {
            let folder = folder.as_str();
            let mut files = files.iter().map(|file| file.as_str());
            files.any(|file| {
                file.strip_prefix(folder)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
        };
        let variants = tree.variants.iter().filter(|folder| !is_used(folder));
        let left: Vec<&str> = left
            .into_iter()
            .chain(variants.map(RelativePath::as_str))
            .collect();
        if left.is_empty() {
            return;
        }
        let finding = Finding::new(
            Code::NotInManifest,
            Some(repo.at),
            format!(
                "the tree of repo `{}` has directories of packages that the manifest does not list: {}",
                repo.value,
                few(&left)
            ),
            Some(
                "set `discover = true`, or let `aux-gen adopt --again` list what they define"
                    .to_owned(),
            ),
        );
        self.findings.push(finding.warning());
    }

    /// What the folders that a repo's layout names hold, against what the manifest says: a package
    /// that is listed gets its folder, and one whose folder is gone is named.
    pub(super) fn of_layout(
        &mut self,
        name: &Located<RepoName>,
        tree: &Tree,
        packages: &mut [(Located<AttrName>, PackageDraft)],
    ) {
        for place in &tree.missing {
            let finding = Finding::new(
                Code::NoTree,
                Some(name.at),
                format!(
                    "`layout` of repo `{}` names `{place}`, which is not there",
                    name.value
                ),
                Some("take it out, or name what took its place".to_owned()),
            );
            self.findings.push(finding.warning());
        }
        for (attribute, package) in packages.iter_mut() {
            let is_by_name = tree.packages.contains_key(&attribute.value);
            if let (None, false) = (&package.file, is_by_name)
                && let Some(folder) = tree.elsewhere.get(&attribute.value)
            {
                package.file = Some(Located::new(folder.clone(), attribute.at));
                continue;
            }
            let Some(Located { value: file, at }) = &package.file else {
                continue;
            };
            if tree.gone.contains(file) {
                let finding = Finding::new(
                    Code::NotInTree,
                    Some(*at),
                    format!(
                        "the tree of repo `{}` holds no package `{}`: there is no `{file}`",
                        name.value, attribute.value
                    ),
                    Some("take the package out, or say where it is now".to_owned()),
                );
                self.findings.push(finding.warning());
            }
        }
    }

    /// A repo whose tree would say what there is has none.
    pub(super) fn no_tree(&mut self, repo: &Located<RepoName>, path: &CheckoutPath) {
        let finding = Finding::new(
            Code::NoTree,
            Some(repo.at),
            format!(
                "repo `{}` discovers its packages, and there is no tree at `{path}`: none but those listed is known",
                repo.value
            ),
            Some("clone it there".to_owned()),
        );
        self.findings.push(finding.warning());
    }

    fn discovered(
        &mut self,
        repo: &Located<RepoName>,
        tree: &Tree,
        packages: &mut Vec<(Located<AttrName>, PackageDraft)>,
    ) {
        let described: BTreeSet<AttrName> = packages
            .iter()
            .map(|(name, _)| name.value.clone())
            .collect();
        for (name, package) in packages
            .iter()
            .filter(|(_, package)| package.file.is_none())
        {
            let found = tree.packages.get(&name.value);
            if found.is_none() {
                let help = self.suggest(
                    name.value.as_str(),
                    tree.packages.keys().map(AttrName::as_str),
                );
                self.report(
                    Code::NotInTree,
                    name.at,
                    format!(
                        "the tree of repo `{}` holds no package `{}`",
                        repo.value, name.value
                    ),
                    help,
                );
            } else if found == Some(&TreeEntry::Set) && matches!(package.shape, ShapeDraft::Single)
            {
                self.missing_members(repo, &name.value, name.at);
            }
        }
        let is_new = |name: &&AttrName| !described.contains(*name);
        let sets = tree
            .packages
            .iter()
            .filter(|(_, entry)| **entry == TreeEntry::Set);
        let sets: Vec<&AttrName> = sets.map(|(name, _)| name).filter(is_new).collect();
        match sets.as_slice() {
            [] => {}
            [set] => self.missing_members(repo, set, repo.at),
            sets => self.missing_sets(repo, sets),
        }
        for name in tree.packages.keys().filter(is_new) {
            let package = PackageDraft::discovered();
            packages.push((Located::new(name.clone(), repo.at), package));
        }
        let of_layout = tree.elsewhere.iter();
        let of_layout =
            of_layout.filter(|(name, _)| is_new(name) && !tree.packages.contains_key(*name));
        for (name, folder) in of_layout {
            let package = PackageDraft {
                file: Some(Located::new(folder.clone(), repo.at)),
                ..PackageDraft::discovered()
            };
            packages.push((Located::new(name.clone(), repo.at), package));
        }
    }

    /// As [`Self::missing_members`], of several directories at once.
    fn missing_sets(&mut self, repo: &Located<RepoName>, sets: &[&AttrName]) {
        let finding = Finding::new(
            Code::MissingKey,
            Some(repo.at),
            format!(
                "{} directories of repo `{}` have a `packages.nix`, and the manifest does not say which attributes they define: {}",
                sets.len(),
                repo.value,
                few(sets)
            ),
            Some(format!(
                "add `{} = {{ members = [\"...\"] }}` and the like to its packages; `aux-gen adopt --again` asks Nix for them",
                sets[0]
            )),
        );
        self.findings.push(finding.warning());
    }

    /// Which attributes a `packages.nix` defines cannot be told from its name.
    fn missing_members(&mut self, repo: &Located<RepoName>, name: &AttrName, at: At) {
        self.findings.push(
            Finding::new(
                Code::MissingKey,
                Some(at),
                format!(
                    "package `{}/{name}` has a `packages.nix`, and the manifest does not say which attributes it defines",
                    repo.value
                ),
                Some(format!(
                    "add `{name} = {{ members = [\"...\"] }}` to the packages of repo `{}`",
                    repo.value
                )),
            )
            .warning(),
        );
    }
}

/// The first names, and how many more there are.
fn few<T: std::fmt::Display>(names: &[T]) -> String {
    /// Names that are shown.
    const FEW: usize = 3;
    let shown = names.iter().take(FEW).map(|name| format!("`{name}`"));
    let shown: Vec<String> = shown.collect();
    match names.len().checked_sub(FEW) {
        Some(more) if more > 0 => format!("{} and {more} more", shown.join(", ")),
        _ => shown.join(", "),
    }
}
