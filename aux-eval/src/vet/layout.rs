//! The layout: shards, names and files, as RFC 140 has them, with the directories
//! for sets and variants that auxolotl added.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aux_gen::disk::{DiskError, Ignored, entries, name_of};
use aux_model::{AttrName, BY_NAME, Code, Problem, Related, Severity, Source, shard_of};

/// Files of which a package's directory has one.
pub(super) const FILES: [&str; 3] = ["package.nix", "packages.nix", "default.nix"];

/// What is allowed beside the shards.
const README: &str = "README.md";

/// The package directories of a tree, and what is wrong with where they stand.
pub(super) struct ByName {
    pub(super) packages: Vec<Package>,
    pub(super) problems: Vec<Problem>,
    /// Directories where shards are to be that are none: packages of a tree without shards, or
    /// something else that a person put there.
    pub(super) unsharded: Vec<String>,
}

/// One package directory.
#[derive(Debug, Clone)]
pub(super) struct Package {
    pub(super) name: String,
    /// Its path in the repo.
    pub(super) path: String,
    /// The shard it should stand in, if that is another.
    pub(super) shard: Option<String>,
    /// Whether nothing in it may lead out, so that it can be moved (RFC 140).
    pub(super) is_alone: bool,
}

/// Reads the shards and directories of a repo's by-name tree.
pub(super) fn by_name(repo: &Path, prefix: &str) -> Result<ByName, DiskError> {
    let mut layout = ByName {
        packages: Vec::new(),
        problems: Vec::new(),
        unsharded: Vec::new(),
    };
    let ignored = Ignored::of(repo);
    for shard in entries(&repo.join(BY_NAME))? {
        let name = name_of(&shard);
        let path = format!("{BY_NAME}/{name}");
        if !is_directory(&shard) {
            if name != README {
                layout.stray(prefix, &path, "it is no shard: a shard is a directory");
            }
            continue;
        }
        if is_package(&shard) {
            layout.problems.push(problem(
                prefix,
                &path,
                Code::WrongShard,
                format!("`{path}` is a package that stands in no shard"),
                Some(format!("move it to `{BY_NAME}/{}/{name}`", shard_of(&name))),
            ));
            layout.unsharded.push(path);
            continue;
        }
        if !is_shard(&name) {
            let reason = "it is no shard: a shard is one or two of a-z, 0-9, `-` and `_`";
            layout.stray(prefix, &path, reason);
            if holds_files(&shard)? {
                // What is below it may be anything: nothing of it is taken for a package.
                layout.unsharded.push(path);
                continue;
            }
        }
        layout.shard(prefix, &shard, &name, ignored.as_ref())?;
    }
    Ok(layout)
}

/// The packages of a folder that holds a folder for each; none of them is in a wrong place. What
/// cannot be looked at is a problem. A link to a package is no other package.
pub(super) fn flat(
    repo: &Path,
    place: &str,
    prefix: &str,
) -> Result<(Vec<Package>, Vec<Problem>), DiskError> {
    let (mut packages, mut problems) = (Vec::new(), Vec::new());
    for folder in entries(&repo.join(place))? {
        let name = name_of(&folder);
        let path = format!("{place}/{name}");
        if folder.is_symlink() && !folder.exists() {
            let message = format!("`{path}` is a link that leads nowhere");
            problems.push(problem(prefix, &path, Code::DanglingPath, message, None));
            continue;
        }
        if !is_directory(&folder) || !is_package(&folder) {
            continue;
        }
        if folder.to_str().is_none() {
            let message =
                format!("`{path}` has a name that is no UTF-8 text, and was not looked at");
            problems.push(problem(prefix, &path, Code::InvalidName, message, None));
        } else {
            packages.push(Package {
                name,
                path,
                shard: None,
                is_alone: false,
            });
        }
    }
    Ok((packages, problems))
}

/// The packages of by-name directories that stand elsewhere than where RFC 140 has them.
pub(super) fn sharded(
    repo: &Path,
    place: &str,
    prefix: &str,
) -> Result<(Vec<Package>, Vec<Problem>), DiskError> {
    let (mut packages, mut problems) = (Vec::new(), Vec::new());
    for shard in entries(&repo.join(place))? {
        if is_directory(&shard) {
            let place = format!("{place}/{}", name_of(&shard));
            let (found, wrong) = flat(repo, &place, prefix)?;
            packages.extend(found);
            problems.extend(wrong);
        }
    }
    Ok((packages, problems))
}

/// A package at a place that somebody names: a folder, or a file.
pub(super) fn at(place: &str) -> Package {
    Package {
        name: place.to_owned(),
        path: place.to_owned(),
        shard: None,
        is_alone: false,
    }
}

impl ByName {
    fn shard(
        &mut self,
        prefix: &str,
        shard: &Path,
        name: &str,
        ignored: Option<&Ignored>,
    ) -> Result<(), DiskError> {
        let mut by_case: BTreeMap<String, String> = BTreeMap::new();
        for directory in entries(shard)? {
            let package = name_of(&directory);
            let path = format!("{BY_NAME}/{name}/{package}");
            if !is_directory(&directory) {
                self.stray(prefix, &path, "a shard holds directories of packages only");
                continue;
            }
            if let Some(ignored) = ignored
                && ignored.is_absent(name, &package)?
            {
                continue;
            }
            if let Some(other) = by_case.insert(package.to_lowercase(), path.clone()) {
                let problem = differ_in_case(prefix, &path, &other);
                self.problems.push(problem);
            }
            self.package(prefix, &directory, name, package, path);
        }
        Ok(())
    }

    fn package(&mut self, prefix: &str, directory: &Path, shard: &str, name: String, path: String) {
        let right = shard_of(&name);
        let is_misplaced = right != shard;
        // What has no name for a package, or no file of one, is not known to be one.
        let is_movable = is_misplaced
            && is_name(&name)
            && FILES.iter().any(|file| directory.join(file).is_file());
        if is_misplaced {
            self.problems.push(problem(
                prefix,
                &path,
                Code::WrongShard,
                format!("`{path}` stands in the wrong shard"),
                Some(format!(
                    "move it to `{BY_NAME}/{right}/{name}`: `aux-gen check --fix` does"
                )),
            ));
        }
        if let Err(error) = name.parse::<AttrName>() {
            let mut invalid = problem(
                prefix,
                &path,
                Code::InvalidName,
                format!("`{path}` has a name that no package can have: {error}"),
                None,
            );
            // What RFC 140 lets pass is left to Nix.
            if is_name(&name) {
                invalid.severity = Severity::Warning;
            }
            self.problems.push(invalid);
        }
        let files = FILES.map(|file| directory.join(file));
        let there: Vec<&PathBuf> = files.iter().filter(|file| exists(file)).collect();
        if there.is_empty() {
            self.problems.push(problem(
                prefix,
                &path,
                Code::NoPackageFile,
                format!("`{path}` has no `package.nix`, `packages.nix` or `default.nix`"),
                Some("finish the package, or remove the directory".to_owned()),
            ));
        }
        for file in there.iter().filter(|file| !file.is_file()) {
            let file = name_of(file);
            self.problems.push(problem(
                prefix,
                &path,
                Code::NoPackageFile,
                format!("`{path}/{file}` is no file"),
                None,
            ));
        }
        self.packages.push(Package {
            name,
            path,
            shard: is_movable.then_some(right),
            is_alone: true,
        });
    }

    fn stray(&mut self, prefix: &str, path: &str, reason: &str) {
        self.problems.push(problem(
            prefix,
            path,
            Code::StrayEntry,
            format!("`{path}` does not belong into a by-name tree: {reason}"),
            Some("move it elsewhere, or remove it".to_owned()),
        ));
    }
}

/// Two paths that are one where file systems do not tell case apart.
pub(super) fn differ_in_case(prefix: &str, path: &str, other: &str) -> Problem {
    let mut problem = problem(
        prefix,
        path,
        Code::CaseCollision,
        format!("`{path}` and `{other}` differ only in upper and lower case"),
        Some("rename one of them".to_owned()),
    );
    problem.related.push(Related {
        location: whole(prefix, other),
        label: "the other one".to_owned(),
    });
    problem
}

/// A problem with a file or directory as a whole.
pub(super) fn problem(
    prefix: &str,
    path: &str,
    code: Code,
    message: String,
    help: Option<String>,
) -> Problem {
    Problem {
        code,
        severity: Severity::Error,
        location: Some(whole(prefix, path)),
        message,
        help,
        related: Vec::new(),
    }
}

fn whole(prefix: &str, path: &str) -> aux_model::Location {
    Source::new(&format!("{prefix}{path}"), "").whole()
}

fn is_shard(name: &str) -> bool {
    let is_fine = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
    (1..=2).contains(&name.len()) && name.bytes().all(is_fine)
}

/// Whether a directory is a package itself, and no shard.
fn is_package(directory: &Path) -> bool {
    FILES.iter().any(|file| directory.join(file).is_file())
}

/// Whether a directory holds anything but directories.
fn holds_files(directory: &Path) -> Result<bool, DiskError> {
    let entries = entries(directory)?;
    Ok(entries.iter().any(|entry| !is_directory(entry)))
}

/// What RFC 140 allows as a name.
fn is_name(name: &str) -> bool {
    let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    !name.is_empty() && name.bytes().all(is_fine)
}

/// A link to a directory is no directory: it would be a second name for it.
fn is_directory(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|found| found.is_dir())
}

fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}
