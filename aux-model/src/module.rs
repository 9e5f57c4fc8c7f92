//! Modules and overlays: what a repo offers besides packages.

use aux_names::{ModuleName, OverlayName, RepoName, SigName};

use aux_problems::At;
use aux_problems::equal_but_for;
use aux_problems::word_type;

word_type! {
    /// What a module is a module of.
    ModuleClass {
        /// NixOS; in the flake output `nixosModules`.
        Nixos = "nixos",
        /// Home Manager; in the flake output `homeModules`.
        Home = "home",
        /// nix-darwin; in the flake output `darwinModules`.
        Darwin = "darwin",
    }
}

/// A module, placed in one repo and owned by one SIG.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Module {
    /// Its attribute.
    pub name: ModuleName,
    /// Where it is placed.
    pub repo: RepoName,
    /// What it is a module of.
    pub class: ModuleClass,
    /// The SIG that answers for it.
    pub owner: SigName,
    /// One sentence on what it does.
    pub description: Option<String>,
    pub(crate) at: At,
}

equal_but_for!(Module { at } by { name, repo, class, owner, description });

/// An overlay that users may choose, such as one that turns on link-time
/// optimization; not the layer, which every repo has.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Overlay {
    /// Its attribute.
    pub name: OverlayName,
    /// Where it is placed.
    pub repo: RepoName,
    /// The SIG that answers for it.
    pub owner: SigName,
    /// One sentence on what it changes.
    pub description: Option<String>,
    pub(crate) at: At,
}

equal_but_for!(Overlay { at } by { name, repo, owner, description });

impl ModuleClass {
    /// The flake output that holds modules of this class.
    #[must_use]
    pub fn flake_output(self) -> &'static str {
        match self {
            Self::Nixos => "nixosModules",
            Self::Home => "homeModules",
            Self::Darwin => "darwinModules",
        }
    }
}

impl Module {
    /// Where the file stands below the repo, such as `modules/nixos/gdm.nix`.
    #[must_use]
    pub fn file(&self) -> String {
        format!("modules/{}/{}.nix", self.class, self.name)
    }
}

impl Overlay {
    /// Where the file stands below the repo, such as `overlays/lto.nix`.
    #[must_use]
    pub fn file(&self) -> String {
        format!("overlays/{}.nix", self.name)
    }
}
