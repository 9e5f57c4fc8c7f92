//! What commands answer: one value, for people and for machines.

use std::fmt::Display;
use std::io;
use std::ops::Deref;
use std::sync::Mutex;

use aux_arguments::OF_CHANNELS;
use aux_output::{Ended, Envelope, Output, filled};
use aux_terminal::{Format, Look};
use serde::Serialize;

/// The terminal of a command: what it says, and what it answers in the end.
pub struct Terminal {
    shown: aux_terminal::Terminal,
    /// The channel that is worked on.
    channel: Option<String>,
    /// The answer for machines, which is printed when all is done and said.
    answer: Mutex<Option<Answer>>,
}

/// What machines get: the command, and how it ended, as JSON.
struct Answer {
    command: String,
    ended: Ended<String>,
}

impl Deref for Terminal {
    type Target = aux_terminal::Terminal;

    fn deref(&self) -> &Self::Target {
        &self.shown
    }
}

/// The answer of a command.
pub trait Report {
    /// The documented type of what machines get.
    type Output: Output;

    /// What machines get: a value that reads back as [`Self::Output`].
    fn output(&self) -> impl Serialize;

    /// Shows it to people.
    fn show(&self, terminal: &Terminal) -> io::Result<()>;
}

/// An answer, and how it is shown.
struct Answered<'o, O, S> {
    output: &'o O,
    show: S,
}

impl<O: Output + Serialize, S: Fn(&O, &Terminal) -> io::Result<()>> Report for Answered<'_, O, S> {
    type Output = O;

    fn output(&self) -> impl Serialize {
        self.output
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        (self.show)(self.output, terminal)
    }
}

impl Terminal {
    /// The terminal of a command.
    pub fn new(command: &str, look: Look, channel: Option<String>) -> Self {
        Self {
            channel,
            shown: aux_terminal::Terminal::new(command, look),
            answer: Mutex::default(),
        }
    }

    /// As [`aux_terminal::Terminal::say`]; commands that are named as a way out are of the channel.
    pub fn say(&self, text: impl Display) {
        self.shown.say(self.of_channel(&text.to_string()));
    }

    /// As [`aux_terminal::Terminal::warn`], in the same way.
    pub fn warn(&self, text: impl Display) {
        self.shown.warn(self.of_channel(&text.to_string()));
    }

    /// A text in which every command that knows channels names this one.
    fn of_channel(&self, text: &str) -> String {
        let Some(channel) = &self.channel else {
            return text.to_owned();
        };
        let mut parts = text.split('`');
        let mut named = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            named.push('`');
            named.push_str(part);
            let word = part
                .strip_prefix("aux-gen ")
                .and_then(|rest| rest.split(' ').next());
            let is_one = word.is_some_and(|word| OF_CHANNELS.contains(&word));
            if is_one && !part.contains("--channel") {
                named.push_str(&format!(" --channel {channel}"));
            }
        }
        named
    }

    /// What a command answers that is what machines get, shown to people by a function.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn report_with<O: Output + Serialize>(
        &self,
        output: &O,
        show: impl Fn(&O, &Self) -> io::Result<()>,
    ) -> io::Result<()> {
        self.report(&Answered { output, show })
    }

    /// What a command answers.
    pub fn report<R: Report>(&self, report: &R) -> io::Result<()> {
        if self.is_json() {
            self.machine(report)
        } else {
            report.show(self)
        }
    }

    /// What a command answers, for machines whatever the format.
    pub fn machine<R: Report>(&self, report: &R) -> io::Result<()> {
        let output = report.output();
        if cfg!(debug_assertions) {
            let value = serde_json::to_value(&output).map_err(io::Error::from)?;
            assert_eq!(is_documented::<R::Output>(&value), Ok(()));
        }
        let json = serde_json::to_string_pretty(&output).map_err(io::Error::from)?;
        self.answer(R::Output::COMMAND, Ended::Result(json))
    }

    /// Keeps why the command stopped, for machines.
    pub fn answer_error(&self, error: aux_output::Error) -> io::Result<()> {
        self.answer(self.command(), Ended::Error(error))
    }

    /// Keeps an answer for machines: the last one counts.
    fn answer(&self, command: &str, ended: Ended<String>) -> io::Result<()> {
        let command = command.to_owned();
        if let Ok(mut answer) = self.answer.lock() {
            *answer = Some(Answer { command, ended });
        }
        Ok(())
    }

    /// Prints the answer for machines, if there is one, with what people were told.
    pub fn finish(&self) -> io::Result<()> {
        let answer = self.answer.lock().ok().and_then(|mut answer| answer.take());
        let Some(Answer { command, ended }) = answer else {
            return Ok(());
        };
        let warnings = self.take_warnings();
        match (self.format(), ended) {
            (Format::BareJson, Ended::Result(json)) => self.json_text(&json),
            (Format::BareJson, Ended::Error(error)) if error.problems.is_empty() => {
                self.json(&serde_json::json!({ "error": error }))
            }
            (Format::BareJson, Ended::Error(error)) => {
                self.json(&serde_json::json!({ "problems": error.problems }))
            }
            (_, Ended::Error(error)) => {
                let mut envelope = Envelope::<()>::of(&command, Ended::Error(error));
                envelope.warnings = warnings;
                self.json(&envelope)
            }
            (_, Ended::Result(json)) => {
                // The keys of the result keep their order, which a value would not.
                let mut envelope = Envelope::of(&command, Ended::Result(RESULT));
                envelope.warnings = warnings;
                let text = serde_json::to_string_pretty(&envelope).map_err(io::Error::from)?;
                let result = json.replace('\n', "\n  ");
                self.json_text(&text.replacen(&format!("\"{RESULT}\""), &result, 1))
            }
        }
    }
}

/// What stands for the result until it is put in.
const RESULT: &str = "the result";

/// Whether a value says what its documented type says: nothing that the type does not have,
/// but for what is empty.
fn is_documented<T: Output>(value: &serde_json::Value) -> Result<(), String> {
    let read: T = serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
    let read = serde_json::to_value(read).map_err(|error| error.to_string())?;
    let (printed, documented) = (filled(value), filled(&read));
    if printed == documented {
        return Ok(());
    }
    Err(format!(
        "printed: {printed:#?}\ndocumented: {documented:#?}"
    ))
}
