//! The files of a package, wherever its paths lead.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use aux_gen::disk::{DiskError, entries};
use aux_model::{AttrName, is_git_directory};
use aux_nix::language::paths::{PathLiteral, PathStart, parent, path_literals, resolve, rewritten};

/// What `callPackage` is given in a by-name directory.
pub(super) const ENTRY: &str = "package.nix";

/// What defines several attributes in such a directory.
pub(super) const SET: &str = "packages.nix";

/// More files than this in a directory that a path leads to are a tree of its own.
const FILES: usize = 200;

/// A package's files as they are to lie in its by-name directory.
#[derive(Debug, Default)]
pub struct Gathered {
    /// The folder or file that it was gathered from.
    pub source: PathBuf,
    /// The tree that it is a part of.
    pub tree: PathBuf,
    /// By path relative to the directory.
    pub files: BTreeMap<String, File>,
    /// How many paths in them had to be written anew.
    pub rewritten: usize,
    /// What does not lead where it should.
    pub lost: Vec<Lost>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// What it holds.
    pub content: Vec<u8>,
    /// Whether it may be run.
    pub is_executable: bool,
    /// What it is a copy of; none of what was made here.
    pub source: Option<PathBuf>,
}

/// A path that leads nowhere, or where no package may look.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Lost {
    /// The file it stands in, relative to the package's directory.
    pub file: String,
    /// The path as it is written.
    pub path: String,
    /// Why it was left as it is.
    pub reason: &'static str,
}

/// A package that cannot be imported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// There is nothing that defines one package.
    #[error("`{}` defines no package", .path.display())]
    NoPackage {
        /// What was named.
        path: PathBuf,
    },
    /// The disk refuses.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

/// Gathers the package that a directory (with a `package.nix` or `default.nix`) or a
/// Nix file defines: a directory whole, of a file what its paths lead to.
///
/// # Errors
/// When there is no such file, or the disk refuses.
pub fn gather(source: &Path) -> Result<Gathered, ImportError> {
    let source = fs::canonicalize(source).map_err(|error| DiskError::read(source, error))?;
    let no_package = || ImportError::NoPackage {
        path: source.clone(),
    };
    let mut gathering = Gathering {
        tree: tree_of(&source),
        ..Gathering::default()
    };
    // A file that means its own directory is a part of it.
    let is_entry = [ENTRY, "default.nix"]
        .iter()
        .any(|name| source.ends_with(name));
    let above = source.parent().filter(|_| is_entry && source.is_file());
    let above = above.filter(|above| gathering.means(&text_of(&source), &text_of(above)));
    let source = above.map_or(source.clone(), Path::to_owned);
    if source.is_dir() {
        let entry = [SET, ENTRY, "default.nix"].map(|file| source.join(file));
        let entry = entry.into_iter().find(|file| file.is_file());
        let entry = entry.ok_or_else(no_package)?;
        gathering.directory(&text_of(&source), "")?;
        // A path that leads to the directory means its `default.nix`, and so does a set that
        // calls files of its directory by their names.
        let keeps =
            entry.ends_with(ENTRY) || entry.ends_with(SET) || gathering.leads_to(&text_of(&source));
        if !keeps {
            gathering.files.insert(text_of(&entry), ENTRY.to_owned());
        }
    } else {
        let is_nix = source
            .extension()
            .is_some_and(|extension| extension == "nix");
        let entry = Some(&source).filter(|_| is_nix).ok_or_else(no_package)?;
        gathering.files.insert(text_of(entry), ENTRY.to_owned());
    }
    gathering.follow()?;
    let has_entry = |name: &str| gathering.files.values().any(|place| place == name);
    if ![SET, ENTRY, "default.nix"].into_iter().any(has_entry) {
        return Err(no_package());
    }
    Ok(Gathered {
        source,
        tree: gathering.tree.clone(),
        ..gathering.finish()?
    })
}

/// Where each file and directory goes.
#[derive(Default)]
struct Gathering {
    /// The tree that the package is a part of: nothing outside of it is taken.
    tree: PathBuf,
    /// New paths of files, by the path they have.
    files: BTreeMap<String, String>,
    /// New paths of directories that are taken whole, by the path they have.
    directories: BTreeMap<String, String>,
    lost: BTreeSet<Lost>,
}

/// A `package.nix` beside a `default.nix` that gives a function which is called once more.
pub(crate) const CALLED_TWICE: &str =
    "# What `default.nix` gives is a function of the package set again.
{ callPackage }: callPackage (callPackage ./default.nix { }) { }
";

impl Gathered {
    /// The same for a file that gives a function which is called once more: `callPackage` of a
    /// by-name directory calls once.
    pub fn call_twice(&mut self) {
        self.call_by(CALLED_TWICE);
    }

    /// The same for a file that gives a set of which each member is an attribute.
    pub fn list_members<'m>(&mut self, members: impl IntoIterator<Item = &'m AttrName>) {
        // A path that leads to the directory means its `default.nix`.
        let gives = if self.files.contains_key(ENTRY) {
            let free = ["set.nix", "set-of-packages.nix"];
            let is_free = |name: &&str| !self.files.contains_key(*name);
            free.into_iter().find(is_free).unwrap_or(ENTRY)
        } else {
            "default.nix"
        };
        if let Some(entry) = self.files.remove(ENTRY) {
            self.files.insert(gives.to_owned(), entry);
        }
        let members: String = members.into_iter().map(|name| format!(" {name}")).collect();
        let text = format!(
            "# What `{gives}` gives is a set, and these are attributes.
{{ ... }}:
res: pkgs: super: {{
  inherit (pkgs.callPackage ./{gives} {{ }}){members};
}}
"
        );
        let file = File {
            content: text.into_bytes(),
            is_executable: false,
            source: None,
        };
        self.files.insert(SET.to_owned(), file);
    }

    /// The same for a member of a set: that set calls it.
    pub fn call_in(&mut self, set: &AttrName) {
        self.call_by(&format!(
            "# It is a member of `{set}`, whose other members are its arguments.
{{ {set} }}: {set}.callPackage ./default.nix {{ }}
"
        ));
    }

    /// FunctionResult it a function that calls its own.
    fn call_by(&mut self, text: &str) {
        if let Some(entry) = self.files.remove(ENTRY) {
            self.files.insert("default.nix".to_owned(), entry);
        }
        let file = File {
            content: text.as_bytes().to_owned(),
            is_executable: false,
            source: None,
        };
        self.files.insert(ENTRY.to_owned(), file);
    }

    /// The text of the `packages.nix` of a set; none if it is one package.
    #[must_use]
    pub fn set(&self) -> Option<&str> {
        let file = self.files.get(SET)?;
        std::str::from_utf8(&file.content).ok()
    }
}

impl Gathering {
    fn directory(&mut self, from: &str, to: &str) -> Result<(), DiskError> {
        self.directories.insert(from.to_owned(), to.to_owned());
        for entry in entries(Path::new(&format!("/{from}")))? {
            let name = entry.file_name().unwrap_or_default().to_string_lossy();
            let (from, to) = (format!("{from}/{name}"), joined(to, &name));
            let found = fs::symlink_metadata(&entry);
            let found = found.map_err(|error| DiskError::read(&entry, error))?;
            if is_git_directory(&name) {
                continue;
            }
            if found.is_dir() {
                self.directory(&from, &to)?;
            } else if found.is_file() {
                // A file of it that a path led to before stands in its directory from now on.
                let known = self.files.get(&from).is_some_and(|place| place == ENTRY);
                if !known {
                    self.files.insert(from, to);
                }
            } else {
                self.lost.insert(Lost {
                    file: to,
                    path: name.into_owned(),
                    reason: "it is a link or no file, and was left out",
                });
            }
        }
        Ok(())
    }

    /// Whether a path in one of the files leads to this directory itself.
    fn leads_to(&self, directory: &str) -> bool {
        self.nix_files()
            .iter()
            .any(|file| self.means(file, directory))
    }

    /// Whether a path in a file leads to this directory itself.
    fn means(&self, file: &str, directory: &str) -> bool {
        let text = read(file).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let leads = |literal: &PathLiteral<'_>| {
            literal.kind == PathStart::Relative
                && !literal.is_open
                && resolve(parent(file), literal.text).as_deref() == Some(directory)
        };
        path_literals(&text).iter().any(leads)
    }

    fn nix_files(&self) -> Vec<String> {
        let files = self.files.keys();
        files
            .filter(|file| file.ends_with(".nix"))
            .cloned()
            .collect()
    }

    /// Takes in all that the paths lead to, and what the paths there lead to.
    fn follow(&mut self) -> Result<(), DiskError> {
        let mut seen = BTreeSet::new();
        loop {
            let open = self.nix_files();
            let Some(file) = open.into_iter().find(|file| !seen.contains(file)) else {
                return Ok(());
            };
            let text = read(&file)?;
            let text = String::from_utf8_lossy(&text);
            for literal in path_literals(&text) {
                self.literal(&file, &literal)?;
            }
            seen.insert(file);
        }
    }

    fn literal(&mut self, file: &str, literal: &PathLiteral<'_>) -> Result<(), DiskError> {
        let target = match literal.kind {
            PathStart::Relative => resolve(parent(file), literal.text),
            PathStart::Absolute | PathStart::Home | PathStart::Search => None,
        };
        let Some(target) = target else {
            self.lose(file, literal, "it leads out of any repo");
            return Ok(());
        };
        if self.place(&target).is_some() {
            return Ok(());
        }
        let path = PathBuf::from(format!("/{target}"));
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        if !real.starts_with(&self.tree) {
            self.lose(
                file,
                literal,
                "it leads out of the tree that the package is from",
            );
        } else if target.split('/').any(is_git_directory) {
            // It may hold a password in the address of a remote.
            self.lose(file, literal, "it leads into git's own directory");
        } else if literal.is_open {
            self.lose(file, literal, "what it leads to is computed");
        } else if path.is_file() {
            let name = self.free(&target);
            self.files.insert(target, name);
        } else if !path.is_dir() {
            self.lose(file, literal, "there is nothing where it leads");
        } else if count(&path, FILES + 1) > FILES {
            self.lose(file, literal, "it leads to a tree of its own");
        } else {
            let name = self.free(&target);
            self.directory(&target, &name)?;
        }
        Ok(())
    }

    fn lose(&mut self, file: &str, literal: &PathLiteral<'_>, reason: &'static str) {
        self.lost.insert(Lost {
            file: self.files.get(file).cloned().unwrap_or_default(),
            path: literal.text.to_owned(),
            reason,
        });
    }

    /// Where a path goes, if it does.
    fn place(&self, path: &str) -> Option<String> {
        if let Some(place) = self.files.get(path) {
            return Some(place.clone());
        }
        let mut above = path;
        loop {
            if let Some(to) = self.directories.get(above) {
                return Some(joined(to, path[above.len()..].trim_start_matches('/')));
            }
            above = above.rsplit_once('/')?.0;
        }
    }

    /// A name in the package's directory that nothing has: the last part of the path,
    /// with as many of those before it as it takes.
    fn free(&self, path: &str) -> String {
        let taken: BTreeSet<&str> = self
            .files
            .values()
            .chain(self.directories.values())
            .map(|place| place.split('/').next().unwrap_or_default())
            .collect();
        let parts: Vec<&str> = path.split('/').collect();
        let names = (1..=parts.len()).map(|number| parts[parts.len() - number..].join("-"));
        let is_free = |name: &String| !taken.contains(name.as_str()) && name != ENTRY;
        names
            .into_iter()
            .find(is_free)
            .unwrap_or_else(|| parts.join("-"))
    }

    fn finish(self) -> Result<Gathered, ImportError> {
        let mut gathered = Gathered {
            lost: self.lost.iter().cloned().collect(),
            ..Gathered::default()
        };
        for (from, to) in &self.files {
            let mut content = read(from)?;
            if from.ends_with(".nix")
                && let Ok(text) = std::str::from_utf8(&content)
            {
                let (text, paths) = rewritten(text, (from, to), |target| self.place(target));
                gathered.rewritten += paths;
                content = text.into_bytes();
            }
            let found = fs::metadata(format!("/{from}"));
            let mode = found.map_or(0, |found| found.permissions().mode());
            let file = File {
                content,
                is_executable: mode & 0o100 != 0,
                source: Some(PathBuf::from(format!("/{from}"))),
            };
            gathered.files.insert(to.clone(), file);
        }
        Ok(gathered)
    }
}

/// The tree that a package is a part of: what git follows, else what holds the `pkgs`
/// that it is in, else its own directory.
fn tree_of(source: &Path) -> PathBuf {
    let own = if source.is_dir() {
        Some(source)
    } else {
        source.parent()
    };
    let own = own.unwrap_or(source);
    let is_root = |folder: &&Path| folder.join(".git").exists();
    let by_git = source.ancestors().find(is_root);
    let above_pkgs = || {
        source
            .ancestors()
            .find(|folder| folder.ends_with("pkgs"))?
            .parent()
    };
    by_git.or_else(above_pkgs).unwrap_or(own).to_owned()
}

/// How many files there are below a directory, counted no further than `most`.
fn count(directory: &Path, most: usize) -> usize {
    let mut found = 0;
    for entry in entries(directory).unwrap_or_default() {
        found += if entry.is_dir() && !entry.is_symlink() {
            count(&entry, most)
        } else {
            1
        };
        if found >= most {
            break;
        }
    }
    found
}

/// An absolute path as [`resolve`] writes it: without the first `/`.
fn text_of(path: &Path) -> String {
    path.to_string_lossy().trim_start_matches('/').to_owned()
}

fn joined(directory: &str, name: &str) -> String {
    match (directory, name) {
        ("", name) => name.to_owned(),
        (directory, "") => directory.to_owned(),
        (directory, name) => format!("{directory}/{name}"),
    }
}

fn read(file: &str) -> Result<Vec<u8>, DiskError> {
    let path = PathBuf::from(format!("/{file}"));
    fs::read(&path).map_err(|error| DiskError::read(&path, error))
}
