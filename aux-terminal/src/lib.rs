//! What `aux-gen` prints for people: the one place that prints, and so the one place where what is
//! printed is made harmless.
//!
//! A [`Terminal`] has results on standard output and everything else on standard error. Whatever is
//! handed to it, a name, a reason of Nix's, the text of a commit, comes out without control
//! characters; colours are those of [`Style`]s alone. With a format for machines nothing is said to
//! people, and what would have been is kept for the answer ([`Terminal::take_warnings`]).

// This crate starts no process: see `clippy.toml`.
#![deny(clippy::disallowed_types)]

mod clean;
mod printer;
mod problem;
mod progress;
mod words;

pub use clean::{Style, clean_json, styled};
pub use printer::{
    BAD, Color, DIM, Format, GOOD, Look, NOTE, ProgressChoice, Terminal, clean_panics, warn,
};
pub use progress::Progress;
pub use words::{by_cause, cause, count, counted, indented, indented_lines, short, size, so_do};
