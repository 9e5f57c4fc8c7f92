//! Signs of life of long work: a bar on a terminal, or lines of JSON.

use std::fmt::Display;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::ProgressChoice;
use crate::terminal::clean;
use crate::terminal::printer::{Terminal, warn};

/// How far a piece of work is.
pub(crate) struct Progress<'t> {
    terminal: &'t Terminal,
    step: &'static str,
    bar: ProgressBar,
}

impl Terminal {
    /// Starts to tell of a piece of work: `evaluated`, with what it is at behind.
    pub(crate) fn progress(&self, step: &'static str) -> Progress<'_> {
        let bar = if self.shows_progress() {
            let bar = ProgressBar::new_spinner();
            bar.set_style(style("{spinner} {prefix} {wide_msg}"));
            bar.set_prefix(step);
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        } else {
            ProgressBar::hidden()
        };
        Progress {
            terminal: self,
            step,
            bar,
        }
    }
}

impl Progress<'_> {
    /// What it is at.
    pub(crate) fn at(&self, message: impl Display) {
        let message = clean::clean_line(&message.to_string());
        self.tell(Some(&message), None);
        #[expect(
            clippy::disallowed_methods,
            reason = "the message is cleaned, and this is the only place that sets one"
        )]
        self.bar.set_message(message);
    }

    /// How many are done, of how many that are known.
    pub(crate) fn of(&self, done: usize, all: usize) {
        self.tell(None, Some((done, all)));
        if self.bar.length().is_none() {
            self.bar
                .set_style(style("{spinner} {prefix} {pos}/{len} {wide_msg}"));
        }
        self.bar.set_length(all as u64);
        self.bar.set_position(done as u64);
    }

    /// It is done.
    pub(crate) fn done(self) {
        self.bar.finish_and_clear();
    }

    fn tell(&self, at: Option<&str>, count: Option<(usize, usize)>) {
        if self.terminal.progress != ProgressChoice::Json {
            return;
        }
        let line = aux_output::Progress {
            format: aux_output::FORMAT.to_owned(),
            command: self.terminal.command.clone(),
            progress: aux_output::Step {
                step: self.step.to_owned(),
                at: at.map(str::to_owned),
                done: count.map(|(done, _)| done),
                of: count.map(|(_, all)| all),
            },
        };
        if let Ok(line) = serde_json::to_string(&line) {
            warn(&line);
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("a constant that is a template")
}
