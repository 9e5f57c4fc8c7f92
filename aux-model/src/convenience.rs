//! What a flake offers besides packages: one that is meant if nobody names one, programs, a formatter, and
//! tools for those who work on the repo.

use std::collections::BTreeMap;

use aux_names::{AttrName, ProgramName};
use aux_problems::At;

use aux_problems::equal_but_for;

/// What the flake of a repo offers besides its packages. Each is an attribute of the flat view.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Convenience {
    /// The package of its own that is meant if nobody names one: `packages.default`.
    pub default: Option<AttrName>,
    /// Programs of its own packages: `apps`, each with the name of its file in `bin`.
    pub programs: BTreeMap<AttrName, ProgramName>,
    /// What `nix fmt` runs.
    pub formatter: Option<AttrName>,
    /// What those have at hand who work on the repo: `devShells.default`.
    pub tools: Vec<AttrName>,
    /// Each name, where it is written.
    pub(crate) at: Vec<Named>,
}

/// A name of what is offered.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct Named {
    pub(crate) name: AttrName,
    pub(crate) at: At,
    /// Whether only a package of the repo itself can be meant.
    pub(crate) is_own: bool,
}

equal_but_for!(Convenience { at } by { default, programs, formatter, tools });

impl Convenience {
    /// Whether it offers nothing besides.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
