//! What every command starts from and ends with: the registry, the terminal, why it stops, and the exit
//! code. What a command does is its own.

// This crate starts no process: see `clippy.toml`.
#![forbid(clippy::disallowed_types)]

mod alone;
mod causes;
mod clock;
mod exit;
mod failure;
mod session;
mod signals;
mod terminal;
mod typed;

pub use aux_terminal::{
    BAD, DIM, GOOD, NOTE, Progress, by_cause, cause, clean_panics, count, counted, indented,
    indented_lines, short, size, so_do,
};
pub use clock::{answered_until, now, today};
pub use exit::Exit;
pub use failure::{Failure, causes_of, problem};
pub use session::{
    CheckedRegistry, Session, SurveyedRegistry, jobs, limits, machine, repo, repos, sig, system,
};
pub use signals::watch;
pub use terminal::{Report, Terminal, command_line, complete};
pub use typed::{handle, name};
