//! The flake that a renamed repo leaves under its old name.

use std::collections::BTreeMap;

use aux_model::{Catalog, RelativePath, RenamedRepo, Repo, RepoName};
use serde::Serialize;

use crate::marker::MARKER;
use crate::plan::attributes;
use crate::plan::file::{PlannedFile, checked, marked};
use crate::plan::flake::{Input, inputs_behind};
use crate::render::{Context, Templates};

/// The files under the old name of a repo.
pub(super) fn files(
    catalog: &Catalog,
    (old, renamed): (&RepoName, &RenamedRepo),
    repo: &Repo,
    templates: &Templates,
) -> BTreeMap<RelativePath, PlannedFile> {
    let flake = Flake {
        marker: MARKER,
        old: old.to_string(),
        own: repo.name.to_string(),
        description: format!("{old}, which is called {} now", repo.name),
        inputs: inputs_behind(catalog, repo),
        told: format!(
            "warning: the repo `{old}` is called `{}` now, and is answered for until {}: use {}",
            repo.name, renamed.until, repo.url
        ),
    };
    let readme = Readme {
        marker: MARKER,
        old: old.to_string(),
        own: repo.name.to_string(),
        url: repo.url.to_string(),
        until: renamed.until.to_string(),
    };
    let mut files = BTreeMap::from([
        (checked("flake.nix"), marked(templates, flake)),
        (checked("README.md"), marked(templates, readme)),
    ]);
    let attributes = attributes::GitAttributes::of(&files);
    files.insert(checked(attributes::PATH), marked(templates, attributes));
    files
}

#[derive(Serialize)]
struct Flake {
    marker: &'static str,
    old: String,
    own: String,
    description: String,
    /// The repo under its new name, which follows all others here: who has this flake as an input
    /// may go on saying what those follow.
    inputs: Vec<Input>,
    /// What every use of it says.
    told: String,
}

impl Context for Flake {
    fn template(&self) -> &'static str {
        "forward/flake.nix"
    }
}

#[derive(Serialize)]
struct Readme {
    marker: &'static str,
    old: String,
    own: String,
    url: String,
    until: String,
}

impl Context for Readme {
    fn template(&self) -> &'static str {
        "forward/README.md"
    }
}
