//! What the files of a package directory refer to: a package can be moved, and be
//! read on its own, if nothing in it leads out.

use std::fs;
use std::path::Path;

use aux_gen::disk::{DiskError, entries, name_of, read_text};
use aux_model::{Code, Problem, Severity, Source};
use aux_nix::language;
use aux_nix::language::SyntaxError;
use aux_nix::language::paths::{PathStart, is_within, parent, path_literals, resolve};

use crate::vet::layout::{Package, problem};

/// What is wrong in the files of one package.
#[derive(Default)]
pub(super) struct References {
    pub(super) problems: Vec<Problem>,
    /// The files with problems.
    pub(super) sources: Vec<Source>,
}

pub(super) fn check(repo: &Path, prefix: &str, package: &Package) -> Result<References, DiskError> {
    let mut checker = Checker {
        repo,
        prefix,
        package,
        found: References::default(),
    };
    let folder = repo.join(&package.path);
    // A name that is no text is a problem of its own, and leads nowhere as one.
    if folder.is_dir() {
        checker.directory(&folder, &package.path)?;
    } else if folder.is_file() {
        checker.file(&folder, &package.path)?;
    }
    Ok(checker.found)
}

struct Checker<'a> {
    repo: &'a Path,
    prefix: &'a str,
    package: &'a Package,
    found: References,
}

impl Checker<'_> {
    fn directory(&mut self, folder: &Path, path: &str) -> Result<(), DiskError> {
        for entry in entries(folder)? {
            let below = format!("{path}/{}", name_of(&entry));
            let found =
                fs::symlink_metadata(&entry).map_err(|error| DiskError::read(&entry, error))?;
            if found.is_symlink() {
                self.link(&entry, &below);
            } else if found.is_dir() {
                self.directory(&entry, &below)?;
            } else if below.ends_with(".nix") {
                self.file(&entry, &below)?;
            }
        }
        Ok(())
    }

    fn link(&mut self, entry: &Path, path: &str) {
        let (code, message) = match fs::canonicalize(entry) {
            Err(_) => (
                Code::DanglingPath,
                format!("`{path}` is a link that leads nowhere"),
            ),
            Ok(target) => {
                let directory = fs::canonicalize(self.repo.join(&self.package.path));
                let is_inside = directory.is_ok_and(|directory| target.starts_with(directory));
                if is_inside || !self.package.is_alone {
                    return;
                }
                (
                    Code::LeavesPackage,
                    format!("`{path}` is a link that leads out of the package's directory"),
                )
            }
        };
        let problem = problem(self.prefix, path, code, message, None);
        self.found.problems.push(problem);
    }

    fn file(&mut self, entry: &Path, path: &str) -> Result<(), DiskError> {
        let found = fs::metadata(entry).map_err(|error| DiskError::read(entry, error))?;
        if language::is_too_long(found.len()) {
            let message = format!(
                "`{path}` was not looked at: it is longer than {} MiB",
                language::LONGEST >> 20
            );
            let mut unread = problem(self.prefix, path, Code::NixSyntax, message, None);
            unread.severity = Severity::Warning;
            self.found.problems.push(unread);
            return Ok(());
        }
        let text = match read_text(entry) {
            Ok(text) => text,
            // It is a fault of this file, and no end for the others.
            Err(error) => {
                let reason = match &error {
                    DiskError::NotText { .. } => "it is not UTF-8 text".to_owned(),
                    error => error.to_string(),
                };
                let message = format!("`{path}` cannot be read: {reason}");
                let unread = problem(self.prefix, path, Code::NixSyntax, message, None);
                self.found.problems.push(unread);
                return Ok(());
            }
        };
        let before = self.found.problems.len();
        let source =
            std::cell::LazyCell::new(|| Source::new(&format!("{}{path}", self.prefix), &text));
        let mut problems = Vec::new();
        if let Err(error) = language::check(&text) {
            let start = offset(&text, &error);
            // That a text is too much for the parser does not make it wrong.
            let (severity, is) = if error.is_limit {
                (Severity::Warning, "was not parsed")
            } else {
                (Severity::Error, "is no Nix")
            };
            problems.push(Problem {
                code: Code::NixSyntax,
                severity,
                location: Some(source.location(start..start)),
                message: format!("`{path}` {is}: {}", error.message),
                help: None,
                related: Vec::new(),
            });
        }
        for literal in path_literals(&text) {
            let target = match literal.kind {
                PathStart::Relative => resolve(parent(path), literal.text),
                PathStart::Absolute | PathStart::Home => None,
                // Other layouts have no rule about it.
                PathStart::Search if !self.package.is_alone => continue,
                PathStart::Search => {
                    problems.push(located(
                        &source,
                        &literal.span,
                        Code::SearchPath,
                        format!("`{path}` looks up `{}` in `NIX_PATH`", literal.text),
                        "ask for what it needs as an argument of the function",
                    ));
                    continue;
                }
            };
            let is_inside = target
                .as_ref()
                .is_some_and(|target| is_within(target, &self.package.path));
            let is_there = |target: &String| literal.is_open || self.repo.join(target).exists();
            if let Some(target) = target.as_ref().filter(|target| !is_there(target)) {
                let place = if is_inside {
                    String::new()
                } else {
                    format!(" as `{target}`")
                };
                problems.push(located(
                    &source,
                    &literal.span,
                    Code::DanglingPath,
                    format!(
                        "`{path}` refers to `{}`, which is not there{place}",
                        literal.text
                    ),
                    "add the file, or take out what refers to it",
                ));
            } else if !self.package.is_alone {
                // Other layouts have no rule about where paths lead.
            } else if !is_inside {
                problems.push(located(
                    &source,
                    &literal.span,
                    Code::LeavesPackage,
                    format!(
                        "`{path}` refers to `{}`, out of the package's directory",
                        literal.text
                    ),
                    "ask for it as an argument of the function, or copy it into the directory",
                ));
            } else if literal.is_open {
                let mut open = located(
                    &source,
                    &literal.span,
                    Code::ComputedPath,
                    format!("`{path}` computes a path below `{}`", literal.text),
                    "write the paths out, so that tools can see whether they are there",
                );
                open.severity = Severity::Warning;
                problems.push(open);
            }
        }
        self.found.problems.extend(problems);
        if self.found.problems.len() > before {
            let source = Source::clone(&source);
            self.found.sources.push(source);
        }
        Ok(())
    }
}

fn located(
    source: &Source,
    span: &std::ops::Range<usize>,
    code: Code,
    message: String,
    help: &str,
) -> Problem {
    Problem {
        code,
        severity: Severity::Error,
        location: Some(source.location(span.clone())),
        message,
        help: Some(help.to_owned()),
        related: Vec::new(),
    }
}

/// The byte of a place.
fn offset(text: &str, error: &SyntaxError) -> usize {
    let line = text
        .split_inclusive('\n')
        .take(error.line.saturating_sub(1));
    let start: usize = line.map(str::len).sum();
    text.floor_char_boundary((start + error.column.saturating_sub(1)).min(text.len()))
}
