//! `.gitattributes`: what git and forges are told of generated files (`gitattributes`).

use std::collections::BTreeMap;

use aux_model::RelativePath;
use serde::Serialize;

use crate::marker::MARKER;
use crate::plan::file::{FileKind, PlannedFile};
use crate::render::Context;

/// The file.
pub(super) const PATH: &str = ".gitattributes";

/// Files in which each line is of one thing that somebody adds, such as a package. Where two
/// branches add one, git takes the lines of both, in any order; the next run puts them right.
/// A file that is wiring is none of them: of that, half from here and half from there may mean
/// something that nobody wants.
const LISTS: [&str; 5] = [
    ".gitattributes",
    ".gitea/CODEOWNERS",
    ".github/CODEOWNERS",
    "README.md",
    "contract.json",
];

/// The attributes of the generated files of one repo, or of the registry.
#[derive(Serialize)]
pub(super) struct GitAttributes {
    marker: &'static str,
    files: Vec<File>,
}

#[derive(Serialize)]
pub(crate) struct File {
    path: String,
    /// Whether it is run as it is checked out: with CRLF no shell takes it.
    is_script: bool,
    takes_both: bool,
}

impl GitAttributes {
    /// Of the files that are planned, and of itself.
    pub(super) fn of(files: &BTreeMap<RelativePath, PlannedFile>) -> Self {
        let generated = files
            .iter()
            .filter(|(_, file)| matches!(file.kind, FileKind::Generated { .. }));
        let mut paths: Vec<&str> = generated.map(|(path, _)| path.as_str()).collect();
        paths.push(PATH);
        paths.sort_unstable();
        paths.dedup();
        let files = paths.into_iter().map(|path| File {
            path: path.to_owned(),
            is_script: path.ends_with(".sh"),
            takes_both: LISTS.contains(&path),
        });
        Self {
            marker: MARKER,
            files: files.collect(),
        }
    }
}

impl Context for GitAttributes {
    fn template(&self) -> &'static str {
        "repo/gitattributes"
    }
}
