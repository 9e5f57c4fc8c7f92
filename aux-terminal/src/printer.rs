//! Standard output and standard error.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::ffi::OsString;
use std::fmt::Display;
use std::io;
use std::io::{IsTerminal, Write};
use std::sync::Mutex;

use aux_model::printable;
use aux_output::{Ended, Envelope, ErrorCode};
use clap::Parser;
use serde::Serialize;

use crate::cli::{Cli, Color, Format, Global, ProgressChoice};
use crate::exit::Exit;
use crate::terminal::clean;
use crate::terminal::clean::Style;

/// Where output goes and how it looks.
pub(crate) struct Terminal {
    /// The command that runs, for machines.
    pub(super) command: String,
    pub(super) format: Format,
    pub(super) progress: ProgressChoice,
    /// What was said to people so far.
    pub(super) warnings: Mutex<Vec<String>>,
    /// The answer for machines, which is printed when all is done and said.
    pub(super) answer: Mutex<Option<Answer>>,
    quiet: bool,
    verbose: bool,
}

/// What machines get: the command, and how it ended, as JSON.
pub(super) struct Answer {
    pub(super) command: String,
    pub(super) ended: Ended<String>,
}

/// Styles of the few things that stand out.
pub(crate) const GOOD: Style = Style::new("1;32");
pub(crate) const BAD: Style = Style::new("1;31");
pub(crate) const NOTE: Style = Style::new("1;36");
pub(crate) const DIM: Style = Style::new("2");

impl Terminal {
    pub(crate) fn new(command: &str, global: &Global) -> Self {
        match global.color {
            Color::Auto => {}
            Color::Always => anstream::ColorChoice::Always.write_global(),
            Color::Never => anstream::ColorChoice::Never.write_global(),
        }
        Self {
            command: command.to_owned(),
            format: global.format,
            progress: global.progress,
            warnings: Mutex::default(),
            answer: Mutex::default(),
            quiet: global.quiet,
            verbose: global.verbose,
        }
    }

    /// Whether machines read what is printed: no command needs to know.
    pub(super) fn is_json(&self) -> bool {
        self.format != Format::Human
    }

    pub(crate) fn is_verbose(&self) -> bool {
        self.verbose
    }

    /// Whether a progress bar has somebody to look at it.
    pub(super) fn shows_progress(&self) -> bool {
        self.progress == ProgressChoice::Auto
            && !self.quiet
            && !self.is_json()
            && io::stderr().is_terminal()
    }

    /// A result: what was asked for.
    pub(crate) fn result(&self, text: impl Display) -> io::Result<()> {
        self.raw(&format!("{text}\n"))
    }

    /// A result that is a whole text with its own line ends.
    pub(crate) fn raw(&self, text: &str) -> io::Result<()> {
        let painted = clean::paint(&clean::clean(text));
        finish(anstream::stdout().lock().write_all(painted.as_bytes()))
    }

    /// A result in a format of files, such as DOT or a script of a shell, of nothing but
    /// our own words and names that were checked: not a byte of it is changed.
    pub(crate) fn document(&self, text: &str) -> io::Result<()> {
        finish(io::stdout().lock().write_all(text.as_bytes()))
    }

    /// A result for machines.
    pub(super) fn json(&self, value: &impl Serialize) -> io::Result<()> {
        let json = serde_json::to_string_pretty(value).map_err(io::Error::from)?;
        self.json_text(&json)
    }

    /// As [`Self::json`], of a value that is a text already.
    pub(super) fn json_text(&self, json: &str) -> io::Result<()> {
        self.document(&(clean::clean_json(json) + "\n"))
    }

    /// What is going on; not printed with `--quiet` or for machines.
    pub(crate) fn say(&self, text: impl Display) {
        if !self.quiet && !self.is_json() {
            self.warn(text);
        }
    }

    /// What somebody should see in any case.
    pub(crate) fn warn(&self, text: impl Display) {
        let text = text.to_string();
        let plain = clean::plain(&text);
        if let Ok(mut warnings) = self.warnings.lock()
            && self.is_json()
        {
            warnings.push(plain);
        }
        warn(&text);
    }
}

/// What somebody should see, whether or not there is a [`Terminal`] yet.
pub(super) fn warn(text: &str) {
    let painted = clean::paint(&clean::clean(text));
    // Nobody is left to tell if standard error is gone.
    let _gone = writeln!(anstream::stderr().lock(), "{painted}");
}

/// The command line, or what clap says of it: an error, or a help that was asked for.
///
/// # Errors
/// When there is no command to run; all has been said then.
pub(crate) fn command_line() -> Result<Cli, Exit> {
    Cli::try_parse().map_err(|error| {
        if !error.use_stderr() {
            // If nobody reads the help, nobody misses it.
            let _unread = error.print();
            return Exit::Fine;
        }
        // The words that clap repeats are shown on one line, and cannot bring colours.
        let words =
            std::env::args_os().map(|word| OsString::from(printable(&word.to_string_lossy())));
        let said = Cli::try_parse_from(words).err().unwrap_or(error);
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
                let _gone = writeln!(io::stdout().lock(), "{}", clean::clean_json(&json));
            }
            return Exit::Usage;
        }
        warn(clean::styled(&said.render().ansi().to_string()).trim_end());
        Exit::Usage
    })
}

/// Whether a command line that is wrong asks for JSON all the same.
fn wants_json() -> bool {
    let words: Vec<OsString> = std::env::args_os().collect();
    words
        .windows(2)
        .any(|pair| pair[0] == "--format" && pair[1] == "json")
        || words.iter().any(|word| word == "--format=json")
}

/// Has panics printed like all else: what a library repeats of a text is no escape
/// sequence either.
pub(crate) fn clean_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let backtrace = Backtrace::capture();
        warn(&format!("{BAD}bug{BAD:#}: {panic}"));
        if backtrace.status() == BacktraceStatus::Captured {
            warn(&backtrace.to_string());
        }
    }));
}

/// A closed pipe, as in `aux-gen where x | head -1`, is nobody's mistake.
fn finish(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
