//! A thing that matches, borrowed from the catalog.

use crate::fit::Rank;
use crate::thing::{Name, Thing};

/// What was found: a thing, the name of it that fits, and how well.
pub(crate) struct Found<'c> {
    pub(crate) thing: Thing<'c>,
    pub(crate) name: Name<'c>,
    pub(crate) rank: Rank,
}
