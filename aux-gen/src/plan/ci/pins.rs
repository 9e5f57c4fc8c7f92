//! What workflows run that others wrote, and which version of it. A tag can be
//! moved to other code, a commit cannot; so each is pinned by its commit.

use aux_model::Rev;
use serde::Serialize;

use crate::plan::ci::forge::Forge;

/// Fetches the repository.
pub(super) const CHECKOUT: Action = Action {
    name: "actions/checkout",
    commit: "3d3c42e5aac5ba805825da76410c181273ba90b1",
    tag: "v7.0.1",
};

/// Installs Nix.
pub(super) const INSTALL_NIX: Action = Action {
    name: "cachix/install-nix-action",
    commit: "630ae543ea3a38a9a4166f03376c02c50f408342",
    tag: "v31.11.0",
};

/// Keeps a folder of pages as what GitHub publishes.
pub(super) const UPLOAD_PAGES: Action = Action {
    name: "actions/upload-pages-artifact",
    commit: "fc324d3547104276b827a68afc52ff2a11cc49c9",
    tag: "v5.0.0",
};

/// Publishes it.
pub(super) const DEPLOY_PAGES: Action = Action {
    name: "actions/deploy-pages",
    commit: "cd2ce8fcbc39b97be8ca5fce6e763baed58fa128",
    tag: "v5.0.0",
};

/// Keeps a folder with a run, on GitHub.
pub(super) const UPLOAD_ARTIFACT: Action = Action {
    name: "actions/upload-artifact",
    commit: "bbbca2ddaa5d8feaa63e36b76fdaad77386f024f",
    tag: "v7.0.0",
};

/// The same elsewhere: from version 4 on it speaks to GitHub alone.
pub(super) const UPLOAD_ARTIFACT_ELSEWHERE: Action = Action {
    name: "actions/upload-artifact",
    commit: "ff15f0306b3f739f7b6fd43fb5d26cd321bd4de5",
    tag: "v3.2.1",
};

/// How workflows get this program: by the action of its own repository, which builds the commit that
/// it is of.
#[derive(Clone, Serialize)]
pub(super) struct Install {
    uses: String,
    /// What names its build in a cache.
    build: String,
}

impl Install {
    /// The commit that the manifest names, or else the version that writes the workflow.
    pub(super) fn of(revision: Option<&Rev>, forge: Forge) -> Self {
        let tag = concat!("v", env!("CARGO_PKG_VERSION"));
        let build = revision.map_or_else(|| tag.to_owned(), ToString::to_string);
        let repository = env!("CARGO_PKG_REPOSITORY");
        let repository = match forge {
            Forge::Github => repository.trim_start_matches(GITHUB),
            Forge::Forgejo => repository,
        };
        Self {
            uses: format!("{repository}@{build}"),
            build,
        }
    }
}

/// Where actions are from. Other forges than GitHub find an action by its whole address.
const GITHUB: &str = "https://github.com/";

/// An action on GitHub.
#[derive(Clone, Copy)]
pub(super) struct Action {
    name: &'static str,
    commit: &'static str,
    tag: &'static str,
}

/// What stands behind `uses:`.
#[derive(Serialize)]
pub(super) struct Uses {
    uses: String,
    tag: &'static str,
}

impl Action {
    /// The action as a runner finds it.
    pub(super) fn at(self, forge: Forge) -> Uses {
        let prefix = match forge {
            Forge::Github => "",
            Forge::Forgejo => GITHUB,
        };
        Uses {
            uses: format!("{prefix}{}@{}", self.name, self.commit),
            tag: self.tag,
        }
    }
}
