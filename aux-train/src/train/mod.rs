//! The update train: every repo of a family moves to the newest state of those below it,
//! wave by wave, and one that breaks is held where it was good while the rest goes on.
//!
//! A candidate is a commit that nothing but a staging branch names. Real Nix judges it,
//! alone and as a part of top-level; no folder that somebody works in is touched, and no
//! branch that somebody uses moves, until [`promote`]. What is known is written down after
//! every wave, so that a train that was ended goes on where it was.
//!
//! "The last good commit" of a repo is the one that the committed lock of top-level names:
//! what the family agreed on last needs no book of its own.

mod blame;
mod candidate;
mod change;
mod error;
mod hold;
mod notice;
mod promote;
mod run;
mod start;
mod state;
mod stop;
mod verdict;
mod wave;

pub use change::{landable, unforeseen};
pub use error::TrainError;
pub use hold::{Broken, DamagedHold, HELD, Hold, HoldKind, Holds};
pub use notice::{Notice, Noticed, tell};
pub use promote::{Promoted, Refusal, promote};
pub use run::{Progress, Running, run};
pub use start::{Asked, start};
pub use state::{Member, Outcome, Phase, Pushes, Train};
pub use stop::{abort, clear, push_candidates, unstage};
