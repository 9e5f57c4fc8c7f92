//! What using a repo costs: bytes to fetch and to keep, and what Nix takes to evaluate it; alone, through
//! top-level, and in one tree.

mod evaluated;
mod explained;
mod fetched;

pub use evaluated::{Evaluation, Measurement, Views, evaluations};
pub use explained::{Costly, CostlyAttribute, LargeFolder, costliest, largest};
pub use fetched::{Bytes, FetchError, bytes, download};
