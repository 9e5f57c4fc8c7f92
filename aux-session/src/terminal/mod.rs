//! What people and machines see of a command: its answer, or why it stopped. What is printed goes
//! through `aux-terminal`.

mod command_line;
mod complete;
mod failure;
mod report;

pub use command_line::command_line;
pub use complete::complete;
pub use report::{Report, Terminal};
