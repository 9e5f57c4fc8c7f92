//! What workflows run that others wrote, and which version of it. A tag can be
//! moved to other code, a commit cannot; so each is pinned by its commit.

use aux_model::Rev;
use serde::Serialize;

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

/// Keeps what a run has built for the next one.
pub(super) const CACHE: Action = Action {
    name: "actions/cache",
    commit: "27d5ce7f107fe9357f9df03efb73ab90386fccae",
    tag: "v5.0.5",
};

/// How workflows get this program.
#[derive(Clone, Serialize)]
pub(super) struct Install {
    /// What names its build in a cache.
    build: String,
    command: String,
}

impl Install {
    /// The commit that the manifest names, or else the version that writes the workflow.
    pub(super) fn of(revision: Option<&Rev>) -> Self {
        let (build, which) = match revision {
            Some(revision) => (revision.to_string(), format!("--rev {revision}")),
            None => {
                let tag = concat!("v", env!("CARGO_PKG_VERSION"));
                (tag.to_owned(), format!("--tag {tag}"))
            }
        };
        let repository = env!("CARGO_PKG_REPOSITORY");
        let command = format!("cargo install --locked --git {repository} {which} aux-cli");
        Self { build, command }
    }
}

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
    /// The action as a runner of GitHub finds it.
    pub(super) fn by_name(self) -> Uses {
        self.below("")
    }

    /// The action as any other runner finds it: names alone mean another forge.
    pub(super) fn by_url(self) -> Uses {
        self.below("https://github.com/")
    }

    fn below(self, prefix: &str) -> Uses {
        Uses {
            uses: format!("{prefix}{}@{}", self.name, self.commit),
            tag: self.tag,
        }
    }
}
