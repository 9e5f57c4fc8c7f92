//! What a plan is made of, without making it.

use sha2::{Digest, Sha256};

use crate::disk::registry::{Hash, Identity};
use crate::render::Override;

/// What the whole plan of a registry is made of: the same catalog and the same templates give the
/// same plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanOrigin(Hash);

impl PlanOrigin {
    /// Of a catalog that a registry was read as, and the template overrides of its family.
    #[must_use]
    pub fn of(catalog: &Identity, overrides: &[Override]) -> Self {
        let mut hash = Sha256::new();
        hash.update(catalog.hash());
        for one in overrides {
            for part in [&one.name, &one.text] {
                hash.update(part.len().to_le_bytes());
                hash.update(part);
            }
        }
        Self(hash.finalize().into())
    }

    pub(super) fn hash(&self) -> Hash {
        self.0
    }
}
