//! Help for tests of programs and registries that use this library.

use std::fmt;
use std::path::Path;

use crate::disk::{Change, DiskError, Registry, compare};
use crate::plan::plan;
use crate::render::Templates;

/// Why a registry is not fresh.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotFresh {
    /// It cannot be read or compared.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// Its manifest has problems.
    #[error("the manifest has problems:\n{0}")]
    Manifest(aux_model::Problems),
    /// Files are not as the manifest says, or somebody has to decide about them.
    #[error("{0}")]
    Stale(Stale),
}

/// The files that are not as the manifest says, relative to the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stale {
    /// What `aux-gen generate` would write.
    pub changed: Vec<String>,
    /// What it would leave alone, and why.
    pub kept: Vec<(String, String)>,
    /// Folders that cannot be compared, and why.
    pub left: Vec<(String, String)>,
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("run `aux-gen generate`:")?;
        for file in &self.changed {
            write!(f, "\n  {file} is not as the manifest says")?;
        }
        for (file, reason) in self.kept.iter().chain(&self.left) {
            write!(f, "\n  {file}: {reason}")?;
        }
        Ok(())
    }
}

/// Whether every generated file of a registry is as the generator writes it: for one `#[test]`
/// in the repository of a family. Nothing is written.
///
/// ```
/// # let registry = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/auxolotl");
/// aux_gen::testing::check_fresh(&registry)?;
/// # Ok::<(), aux_gen::testing::NotFresh>(())
/// ```
///
/// # Errors
/// When it is not, or cannot be read.
pub fn check_fresh(registry: &Path) -> Result<(), NotFresh> {
    let registry = Registry::open(registry)?;
    let catalog = registry.load()?.catalog.map_err(NotFresh::Manifest)?;
    let overrides = registry.overrides(&catalog)?;
    let templates = Templates::with_overrides(overrides).map_err(DiskError::from)?;
    let changes = compare(&registry, &plan(&catalog, &templates))?;
    let file = |(_, change): (_, &Change)| change.file.clone();
    let kept = changes.kept.iter();
    let left = changes.left.iter();
    let stale = Stale {
        changed: changes.iter().map(file).collect(),
        kept: kept
            .map(|kept| (kept.file.clone(), kept.reason.as_str().to_owned()))
            .collect(),
        left: left
            .map(|left| (left.folder.clone(), left.error.to_string()))
            .collect(),
    };
    if stale.changed.is_empty() && stale.kept.is_empty() && stale.left.is_empty() {
        Ok(())
    } else {
        Err(NotFresh::Stale(stale))
    }
}
