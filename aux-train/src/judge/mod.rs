//! What becomes of candidates: whether they are good, and whose doing it is that they are not.

mod blame;
mod builds;
mod known;
mod nix;
mod reason;
mod verdict;
mod verdicts;

pub(crate) use builds::Built;
pub(crate) use verdict::Alone;
pub(crate) use verdicts::Verdicts;
