//! What becomes of candidates: whether they are good, and whose doing it is that they are not.

mod blame;
mod known;
mod reason;
mod verdict;
