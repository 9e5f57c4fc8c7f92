//! What the libraries refuse, as a reason why a command stops: each with its way out.

use aux_adopt::OverError;
use aux_adopt::adopt::{EvaluationError, NoCore, PeopleError};
use aux_adopt::import::ImportError;
use aux_adopt::relayout::RelayoutError;
use aux_adopt::split::{CarveError, FamilyError, TargetError, TreeError};
use aux_edit::EditError;
use aux_eval::cost::FetchError;
use aux_eval::vet::Unfit;
use aux_git::GitError;
use aux_nix::language::LONGEST;
use aux_site::SiteError;
use aux_train::borrow::BorrowError;

use crate::failure::Failure;

impl From<RelayoutError> for Failure {
    fn from(error: RelayoutError) -> Self {
        match error {
            RelayoutError::Disk(error) => error.into(),
            RelayoutError::Nix(error) => error.into(),
            RelayoutError::NoValue { ref failure, .. } => {
                let help = failure.way_out();
                Self::refused(
                    error.to_string(),
                    help.unwrap_or_else(|| {
                        "its `default.nix` is called with `system`, `config` and `overlays`"
                            .to_owned()
                    }),
                )
            }
            error => Self::refused(
                error.to_string(),
                format!(
                    "what was looked for: a binding that reads a folder of packages, and `NAME = callPackage PATH {{ }};` in a set that a file comes down to, in files up to {} MiB",
                    LONGEST >> 20
                ),
            ),
        }
    }
}

impl From<EditError> for Failure {
    fn from(error: EditError) -> Self {
        Self::refused(error.to_string(), "edit the manifest by hand")
    }
}

impl From<PeopleError> for Failure {
    fn from(error: PeopleError) -> Self {
        match error {
            PeopleError::Disk(error) => error.into(),
            PeopleError::Nix(error) => error.into(),
            error => Self::refused(
                error.to_string(),
                "name a checkout such as auxolotl/community, or a file such as NUR's `repos.json`",
            ),
        }
    }
}

impl From<NoCore> for Failure {
    fn from(error: NoCore) -> Self {
        let help = match error {
            NoCore::Several(_) => "say which with `--core REPO`",
            _ => {
                "adopt its core along with it, or start a family with `aux-gen init` and adopt into that"
            }
        };
        Self::refused(error.to_string(), help)
    }
}

impl From<EvaluationError> for Failure {
    fn from(error: EvaluationError) -> Self {
        match error {
            EvaluationError::Nix(error) => error.into(),
            EvaluationError::Io(error) => error.into(),
        }
    }
}

impl From<BorrowError> for Failure {
    fn from(error: BorrowError) -> Self {
        let hint = error.hint().unwrap_or_default();
        Self::refused(error.to_string(), hint)
    }
}

impl From<Unfit> for Failure {
    fn from(error: Unfit) -> Self {
        match error {
            Unfit::Disk(error) => error.into(),
            error => Self::refused(
                error.to_string(),
                "name a commit, a branch or a tag of the repo that the tree is in",
            ),
        }
    }
}

impl From<FetchError> for Failure {
    fn from(error: FetchError) -> Self {
        Self::refused(error.to_string(), "")
    }
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Disk(error) => error.into(),
            error => Self::refused(
                error.to_string(),
                "name a directory with a `package.nix`, `packages.nix` or `default.nix`, or a Nix file",
            ),
        }
    }
}

impl From<OverError> for Failure {
    fn from(error: OverError) -> Self {
        match error {
            OverError::Disk(error) => error.into(),
            error => Self::refused(
                error.to_string(),
                "leave out `--over` if the tree gives a package set by itself",
            ),
        }
    }
}

impl From<TreeError> for Failure {
    fn from(error: TreeError) -> Self {
        match error {
            TreeError::Disk(error) => error.into(),
            error => Self::refused(
                error.to_string(),
                "name a checkout of nixpkgs or of a core in its style",
            ),
        }
    }
}

impl From<CarveError> for Failure {
    fn from(error: CarveError) -> Self {
        match error {
            CarveError::Disk(error) => error.into(),
            CarveError::Git(error) => refused_by_git(&error),
        }
    }
}

impl From<TargetError> for Failure {
    fn from(error: TargetError) -> Self {
        Self::refused(error.to_string(), error.hint().unwrap_or_default())
    }
}

impl From<FamilyError> for Failure {
    fn from(error: FamilyError) -> Self {
        match error {
            FamilyError::Disk(error) => error.into(),
            FamilyError::Io(error) => error.into(),
            FamilyError::Carve(error) => error.into(),
            FamilyError::Git(error) => refused_by_git(&error),
            FamilyError::Template(error) => error.into(),
            FamilyError::Manifest { problems, sources } => Self::Problems {
                problems,
                sources,
                drafted: true,
            },
        }
    }
}

fn refused_by_git(error: &GitError) -> Failure {
    let said = error.to_string();
    let help = if said.contains("user.email") {
        "set `user.name` and `user.email` of git"
    } else {
        ""
    };
    Failure::refused(said, help)
}

impl From<SiteError> for Failure {
    fn from(error: SiteError) -> Self {
        match error {
            SiteError::Disk(error) => error.into(),
            error => {
                let hint = error.hint();
                let hint = hint.unwrap_or("this is a fault of aux-gen: please report it");
                Self::refused(error.to_string(), hint)
            }
        }
    }
}
