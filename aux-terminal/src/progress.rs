//! Signs of life of long work: a bar on a terminal, or lines of JSON.

use std::fmt::Display;
use std::sync::Mutex;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::clean;
use crate::printer::{ProgressChoice, Terminal, warn};

/// How far a piece of work is.
pub struct Progress<'t> {
    terminal: &'t Terminal,
    step: &'static str,
    bar: ProgressBar,
    count: Mutex<Option<(usize, usize)>>,
}

impl Terminal {
    /// Starts to tell of a piece of work: `evaluated`, with what it is at behind.
    pub fn progress(&self, step: &'static str) -> Progress<'_> {
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
            count: Mutex::new(None),
        }
    }
}

impl Progress<'_> {
    /// What it is at.
    pub fn at(&self, message: impl Display) {
        let message = clean::clean_line(&message.to_string());
        self.tell(Some(&message));
        #[expect(
            clippy::disallowed_methods,
            reason = "the message is cleaned, and this is the only place that sets one"
        )]
        self.bar.set_message(message);
    }

    /// How many are done, of how many that are known.
    pub fn of(&self, done: usize, all: usize) {
        self.count(done, all);
        self.tell(None);
    }

    /// How many are done, and which was the last.
    pub fn of_at(&self, done: usize, all: usize, message: impl Display) {
        self.count(done, all);
        self.at(message);
    }

    fn count(&self, done: usize, all: usize) {
        if let Ok(mut count) = self.count.lock() {
            *count = Some((done, all));
        }
        if self.bar.length().is_none() {
            self.bar
                .set_style(style("{spinner} {prefix} {pos}/{len} {wide_msg}"));
        }
        self.bar.set_length(all as u64);
        self.bar.set_position(done as u64);
    }

    /// It is done.
    pub fn done(self) {
        self.bar.finish_and_clear();
    }

    fn tell(&self, at: Option<&str>) {
        if self.terminal.progress_choice() != ProgressChoice::Json {
            return;
        }
        let count = self.count.lock().ok().and_then(|count| *count);
        let line = aux_output::Progress {
            format: aux_output::FORMAT.to_owned(),
            command: self.terminal.command().to_owned(),
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
