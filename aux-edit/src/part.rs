//! Modules and overlays: parts of a repo that are no packages.

use aux_model::{ModuleName, OverlayName};

/// What of a repo is a file of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RepoPart {
    /// A module.
    Module(ModuleName),
    /// An overlay.
    Overlay(OverlayName),
}

impl RepoPart {
    /// The table of a repo that lists it, and its name.
    pub(crate) fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::Module(name) => ("modules", name.as_str()),
            Self::Overlay(name) => ("overlays", name.as_str()),
        }
    }
}
