//! What people and machines see of a command: its answer, or why it stopped. What is printed goes
//! through `aux-terminal`.

mod command_line;
mod failure;
mod report;

pub(crate) use aux_terminal::{
    BAD, DIM, GOOD, NOTE, Progress, by_cause, cause, clean_panics, count, counted, indented,
    indented_lines, short, so_do,
};
pub(crate) use command_line::command_line;
pub(crate) use report::{Report, Terminal};
