//! What failed before.

use std::collections::BTreeSet;

/// What failed before.
pub(crate) enum Known {
    /// Nothing worked.
    Everything,
    /// These.
    Attributes(BTreeSet<Option<String>>),
}
