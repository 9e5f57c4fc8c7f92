//! Standard output and standard error.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::fmt::Display;
use std::io;
use std::io::{IsTerminal, Write};
use std::sync::Mutex;

use aux_model::{Problem, Source};
use clap::ValueEnum;
use serde::Serialize;

use crate::clean;
use crate::clean::Style;
use crate::problem::render;

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Human,
    /// One object: the version of the format, the command, and `result` or `error`
    Json,
    /// The result alone, as aux-gen printed it before there was a format; goes away
    #[value(hide = true)]
    BareJson,
}

/// How long work is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProgressChoice {
    /// A bar, on a terminal.
    Auto,
    /// Lines of JSON on standard error.
    Json,
    /// Not at all.
    None,
}

/// When colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How a user wants to be told.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// For people, or for machines.
    pub format: Format,
    /// How long work is told of.
    pub progress: ProgressChoice,
    /// When colours are used.
    pub color: Color,
    /// Whether nothing but results and errors is printed.
    pub quiet: bool,
    /// Whether more is printed.
    pub verbose: bool,
}

/// Where output goes and how it looks.
#[derive(Debug)]
pub struct Terminal {
    command: String,
    look: Look,
    /// What was said to people so far.
    warnings: Mutex<Vec<String>>,
}

/// Of what went well.
pub const GOOD: Style = Style::new("1;32");
/// Of what did not.
pub const BAD: Style = Style::new("1;31");
/// Of what to look at.
pub const NOTE: Style = Style::new("1;36");
/// Of what matters less.
pub const DIM: Style = Style::new("2");

impl Terminal {
    /// Standard output and standard error of a command, as a user wants them. Machines are told the
    /// name of the command.
    #[must_use]
    pub fn new(command: &str, look: Look) -> Self {
        match look.color {
            Color::Auto => {}
            Color::Always => anstream::ColorChoice::Always.write_global(),
            Color::Never => anstream::ColorChoice::Never.write_global(),
        }
        Self {
            command: command.to_owned(),
            look,
            warnings: Mutex::default(),
        }
    }

    /// The command that runs.
    #[must_use]
    pub fn command(&self) -> &str {
        &self.command
    }

    /// For people, or for machines.
    #[must_use]
    pub fn format(&self) -> Format {
        self.look.format
    }

    pub(crate) fn progress_choice(&self) -> ProgressChoice {
        self.look.progress
    }

    /// What was said to people since this was asked last, without colours.
    #[must_use]
    pub fn take_warnings(&self) -> Vec<String> {
        let warnings = self.warnings.lock();
        warnings.map_or_else(|_| Vec::new(), |mut all| std::mem::take(&mut *all))
    }

    /// Whether machines read what is printed: no command needs to know.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.look.format != Format::Human
    }

    /// Whether the user wants to be told more.
    #[must_use]
    pub fn is_verbose(&self) -> bool {
        self.look.verbose
    }

    /// Whether a progress bar has somebody to look at it.
    pub(crate) fn shows_progress(&self) -> bool {
        self.look.progress == ProgressChoice::Auto
            && !self.look.quiet
            && !self.is_json()
            && io::stderr().is_terminal()
    }

    /// A result: what was asked for.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn result(&self, text: impl Display) -> io::Result<()> {
        self.raw(&format!("{text}\n"))
    }

    /// A result that is a whole text with its own line ends.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn raw(&self, text: &str) -> io::Result<()> {
        let painted = clean::paint(&clean::clean(text));
        finish(anstream::stdout().lock().write_all(painted.as_bytes()))
    }

    /// A result in a format of files, such as DOT or a script of a shell, of nothing but
    /// our own words and names that were checked: not a byte of it is changed.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn document(&self, text: &str) -> io::Result<()> {
        finish(io::stdout().lock().write_all(text.as_bytes()))
    }

    /// A result for machines.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn json(&self, value: &impl Serialize) -> io::Result<()> {
        let json = serde_json::to_string_pretty(value).map_err(io::Error::from)?;
        self.json_text(&json)
    }

    /// As [`Self::json`], of a value that is a text already.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn json_text(&self, json: &str) -> io::Result<()> {
        self.document(&(clean::clean_json(json) + "\n"))
    }

    /// What is going on; not printed with `--quiet` or for machines.
    pub fn say(&self, text: impl Display) {
        if !self.look.quiet && !self.is_json() {
            self.warn(text);
        }
    }

    /// What somebody should see in any case.
    pub fn warn(&self, text: impl Display) {
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

impl Terminal {
    /// Problems as a compiler shows them.
    pub fn problems<'p>(
        &self,
        problems: impl IntoIterator<Item = &'p Problem>,
        sources: &[Source],
    ) {
        for problem in problems {
            self.warn(render(problem, sources));
            self.warn("");
        }
    }
}

/// What somebody should see, whether or not there is a [`Terminal`] yet.
pub fn warn(text: &str) {
    let painted = clean::paint(&clean::clean(text));
    // Nobody is left to tell if standard error is gone.
    let _gone = writeln!(anstream::stderr().lock(), "{painted}");
}

/// Has panics printed like all else: what a library repeats of a text is no escape
/// sequence either.
pub fn clean_panics() {
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
