//! The command line as it is typed.

use std::ffi::OsString;
use std::io;
use std::io::Write;

use aux_model::printable;
use aux_output::{Ended, Envelope, ErrorCode};
use aux_terminal::{clean_json, styled, warn};
use clap::{Command, FromArgMatches};

use crate::exit::Exit;
use aux_arguments::Cli;

/// The command line, or what clap says of it: an error, or a help that was asked for. `command` is
/// [`Cli`], with the version of the program.
///
/// # Errors
/// When there is no command to run; all has been said then.
pub fn command_line(command: &Command) -> Result<Cli, Exit> {
    parse(command, std::env::args_os()).map_err(|error| {
        if !error.use_stderr() {
            // If nobody reads the help, nobody misses it.
            let _unread = error.print();
            return Exit::Fine;
        }
        // The words that clap repeats are shown on one line, and cannot bring colours.
        let words =
            std::env::args_os().map(|word| OsString::from(printable(&word.to_string_lossy())));
        let said = parse(command, words).err().unwrap_or(error);
        if wants_json() {
            let text = said.render().to_string();
            let error = aux_output::Error {
                code: ErrorCode::Usage.as_str().to_owned(),
                message: text
                    .lines()
                    .next()
                    .unwrap_or_default()
                    .trim_start_matches("error: ")
                    .to_owned(),
                causes: Vec::new(),
                help: Some("`aux-gen help` lists what there is".to_owned()),
                problems: Vec::new(),
            };
            let envelope = Envelope::<()>::of("aux-gen", Ended::Error(error));
            if let Ok(json) = serde_json::to_string_pretty(&envelope) {
                // Nobody is left to tell if standard output is gone.
                let _gone = writeln!(io::stdout().lock(), "{}", clean_json(&json));
            }
            return Exit::Usage;
        }
        warn(styled(&said.render().ansi().to_string()).trim_end());
        Exit::Usage
    })
}

fn parse(command: &Command, words: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let matches = command.clone().try_get_matches_from(words)?;
    Cli::from_arg_matches(&matches)
}

/// Whether a command line that is wrong asks for JSON all the same.
fn wants_json() -> bool {
    let words: Vec<OsString> = std::env::args_os().collect();
    words
        .windows(2)
        .any(|pair| pair[0] == "--format" && pair[1] == "json")
        || words.iter().any(|word| word == "--format=json")
}
