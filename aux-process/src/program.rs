//! Programs that are neither Nix nor git: graphviz, and the shell for a command that the user
//! named.

use std::ffi::OsStr;
use std::io;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::Group;

/// Draws a graph in the DOT language as SVG, with graphviz' `dot`.
///
/// # Errors
/// When it is not installed ([`io::ErrorKind::NotFound`]), or cannot be fed.
pub fn dot(graph: &str) -> io::Result<Output> {
    let mut command = Command::new("dot");
    command.arg("-Tsvg").stdout(Stdio::piped());
    run(command, graph)
}

/// Runs a command line of the user's in a directory. Its standard output is discarded, so that
/// it cannot become a part of ours.
///
/// # Errors
/// When there is no shell. A command that does not read its input is no error.
pub fn shell(command_line: impl AsRef<OsStr>, directory: &Path, input: &str) -> io::Result<Output> {
    let mut command = Command::new("sh");
    command
        .arg("-c")
        .arg(command_line)
        .current_dir(directory)
        .stdout(Stdio::null());
    run(command, input)
}

fn run(mut command: Command, input: &str) -> io::Result<Output> {
    command.stdin(Stdio::piped()).stderr(Stdio::piped());
    let (mut child, _group) = Group::spawn(&mut command)?;
    let mut stdin = child.stdin.take().expect("standard input is a pipe");
    std::thread::scope(|scope| {
        // In a thread of its own: a program may fill its output before it has read all.
        scope.spawn(move || {
            // A program that closes its input early says in its status whether that is an error.
            let _closed_early = stdin.write_all(input.as_bytes());
        });
        child.wait_with_output()
    })
}
