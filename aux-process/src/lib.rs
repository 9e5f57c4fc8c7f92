//! What a process starts and makes only for the time that it runs: child processes in groups
//! of their own, and temporary folders. Ended by a signal, it ends the one and removes the other.

pub mod guard;
pub mod program;
mod running;

pub use running::{Group, ScratchFolder, end_all};
