//! What people and machines see: the one place that prints, and so the one place where
//! what is printed is made harmless.

mod clean;
mod failure;
mod printer;
mod problem;
mod progress;
mod report;
mod words;

pub(crate) use printer::{BAD, DIM, GOOD, NOTE, Terminal, clean_panics, command_line};
pub(crate) use progress::Progress;
pub(crate) use report::Report;
pub(crate) use words::{by_cause, cause, count, counted, indented, indented_lines, short, so_do};
