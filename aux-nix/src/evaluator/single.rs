//! One question in a process that ends with it, and so loses no message.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::evaluator::call::Call;
use crate::evaluator::error::NixError;
use crate::evaluator::limits::Limits;
use crate::evaluator::process::{Ended, deadline};
use crate::evaluator::question::Answer;
use crate::evaluator::session::{Clock, SeenMarks, nonce};
use crate::evaluator::transcript::{Mark, Transcript};
use crate::evaluator::workspace::Workspace;

/// What became of it.
pub(super) struct Single {
    pub(super) answer: Answer,
    /// What the program marked as forced, until it timed out.
    pub(super) names: BTreeSet<String>,
    /// On the clock, with the time for starting.
    pub(super) elapsed: Duration,
    /// The command, for messages.
    pub(super) command: String,
}

impl Workspace<'_> {
    /// Evaluates a program of the workspace, which is a function of a nonce, as its only question, `0`.
    pub(super) fn run_program(
        &self,
        program: &str,
        limits: &Limits,
        prepared: impl FnOnce(Call) -> Call,
    ) -> Result<Single, NixError> {
        let clock = Clock {
            per_question: limits.total,
            end: deadline(Instant::now(), limits.total),
        };
        let expression = |nonce: &str| format!("import ./{program}.nix \"{nonce}\"");
        self.run_question("0", expression, (&clock, limits), prepared)
    }

    /// Evaluates an expression, made from a nonce, for the answer to one question.
    pub(super) fn run_question(
        &self,
        question: &str,
        expression: impl FnOnce(&str) -> String,
        (clock, limits): (&Clock, &Limits),
        prepared: impl FnOnce(Call) -> Call,
    ) -> Result<Single, NixError> {
        let nonce = nonce();
        let remaining = clock.end.saturating_duration_since(Instant::now());
        let call = self
            .call("eval")
            .args(["--impure", "--expr"])
            .arg(expression(&nonce));
        let call = prepared(call);
        let output = call.run(remaining.min(clock.per_question))?;
        let mut names = BTreeSet::new();
        let answer = if output.ended == Ended::TimedOut {
            Answer::Failed(clock.timed_out(limits.total))
        } else {
            let mut transcript = Transcript::new(&nonce);
            transcript.feed(&output.stderr);
            let mut heard = SeenMarks::default();
            while let Some(mark) = transcript.next_mark() {
                match mark {
                    Mark::Forced(name) => {
                        names.insert(name);
                    }
                    mark => heard.note(mark, question),
                }
            }
            transcript.end();
            heard.answer(self, &transcript.take_text())
        };
        Ok(Single {
            answer,
            names,
            elapsed: output.elapsed,
            command: call.shown(),
        })
    }
}
