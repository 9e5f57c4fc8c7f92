//! Asking many questions at the price of one process.
//!
//! A process evaluates until it dies or hangs. The question it was at is then asked
//! again as the first of a fresh process, so that nobody is blamed for memory or
//! stack that others used; if it kills that one too, it is the culprit, and the
//! rest goes on behind it.

use std::ops::Range;
use std::time::{Duration, Instant};

use crate::evaluator::error::NixError;
use crate::evaluator::failure::{Failure, FailureKind};
use crate::evaluator::installation::Nix;
use crate::evaluator::limits::Limits;
use crate::evaluator::process::deadline;
use crate::evaluator::question::{Answer, Answered, Question};
use crate::evaluator::session::{Clock, Reply, Session};
use crate::evaluator::workspace::{SCOPE, Workspace};

/// Questions posed at once. More would only make more files at a time; fewer would
/// make Nix wait for us.
const WINDOW: usize = 64;

/// Questions after which a process is replaced. What Nix parses it never forgets:
/// this bounds its memory at the price of evaluating the scope again.
const LIFETIME: usize = 20_000;

impl Nix {
    /// Evaluates all `questions`, in one process if none kills it.
    ///
    /// `scope` is a Nix expression, evaluated once in each process and lazily; the
    /// questions refer to it as `scope`. Values are forced deeply and turned into
    /// JSON by `builtins.toJSON`. There is one answer for each question, in order.
    /// If `scope` itself has no value, that failure answers every question.
    ///
    /// Evaluation is restricted: it reads `limits.allowed_paths` and nothing else,
    /// fetches and builds nothing, has no flakes, and sees no environment variable.
    /// Store paths are computed as always, but written to a temporary store.
    ///
    /// # Errors
    /// When Nix cannot be started at all or the temporary directory fails; never
    /// because of an expression.
    pub fn ask(
        &self,
        scope: &str,
        questions: &[Question],
        limits: &Limits,
    ) -> Result<Vec<Answered>, NixError> {
        let mut answers = Vec::with_capacity(questions.len());
        self.ask_each(scope, questions, limits, |answered| answers.push(answered))?;
        Ok(answers)
    }

    /// As [`Nix::ask`], handing over each answer as soon as it is there.
    ///
    /// # Errors
    /// As [`Nix::ask`]; answers handed over before the error stand.
    pub fn ask_each(
        &self,
        scope: &str,
        questions: &[Question],
        limits: &Limits,
        answered: impl FnMut(Answered),
    ) -> Result<(), NixError> {
        if questions.is_empty() {
            return Ok(());
        }
        let clock = Clock {
            per_question: limits.per_question,
            end: deadline(Instant::now(), limits.total),
        };
        let workspace = Workspace::new(self, scope, limits)?;
        let mut evaluation = Evaluation {
            workspace: &workspace,
            questions,
            limits,
            clock,
            answered: 0,
            sink: answered,
        };
        while evaluation.answered < questions.len() {
            evaluation.one_process()?;
        }
        Ok(())
    }
}

struct Evaluation<'a, S> {
    workspace: &'a Workspace<'a>,
    questions: &'a [Question],
    limits: &'a Limits,
    clock: Clock,
    /// Questions answered so far, and so the number of the next one.
    answered: usize,
    sink: S,
}

/// Whether the process can be asked more.
enum Process {
    Usable,
    Gone,
}

impl<S: FnMut(Answered)> Evaluation<'_, S> {
    /// Gets at least one answer out of a fresh process.
    fn one_process(&mut self) -> Result<(), NixError> {
        let first = self.answered;
        let last = self.questions.len().min(first + LIFETIME);
        if Instant::now() >= self.clock.end {
            let late = self.clock.timed_out(self.limits.total);
            self.answer_rest(&Failure {
                kind: FailureKind::NotAsked,
                reason: format!("it was not asked: {}", late.reason),
                ..late
            });
            return Ok(());
        }
        let mut session = Session::start(self.workspace, &self.clock)?;
        let (reply, _) = session.ask_scope(&self.clock)?;
        let scope = match reply {
            Reply::Answer(answer) => answer,
            Reply::Swallowed => self.ask_alone(SCOPE)?.0,
            Reply::Died(failure) => Answer::Failed(failure),
            Reply::Late => Answer::Failed(self.clock.timed_out(self.limits.total)),
        };
        if let Answer::Failed(failure) = scope {
            self.answer_rest(&failure);
            return Ok(());
        }
        while self.answered < last {
            let window = self.answered..last.min(self.answered + WINDOW);
            for number in window.clone() {
                self.workspace
                    .put(&number.to_string(), &self.questions[number].expr)?;
            }
            let process = self.one_window(&mut session, window.clone(), first)?;
            for number in window {
                self.workspace.remove(&number.to_string())?;
            }
            if matches!(process, Process::Gone) {
                break;
            }
        }
        Ok(())
    }

    fn one_window(
        &mut self,
        session: &mut Session<'_>,
        window: Range<usize>,
        first: usize,
    ) -> Result<Process, NixError> {
        session.pose_all(window.clone())?;
        for number in window {
            let name = number.to_string();
            let (reply, elapsed) = session.hear(&name, &self.clock)?;
            match reply {
                Reply::Answer(answer) => self.answer(answer, elapsed),
                Reply::Swallowed => {
                    let (answer, alone) = self.ask_alone(&name)?;
                    self.answer(answer, elapsed + alone);
                }
                Reply::Died(_) if number > first => return Ok(Process::Gone),
                Reply::Died(failure) => {
                    self.answer(Answer::Failed(failure), elapsed);
                    return Ok(Process::Gone);
                }
                Reply::Late => {
                    let failure = self.clock.timed_out(self.limits.total);
                    self.answer(Answer::Failed(failure), elapsed);
                    return Ok(Process::Gone);
                }
            }
        }
        Ok(Process::Usable)
    }

    /// Asks in a process that ends with the question, and so loses no message.
    fn ask_alone(&self, name: &str) -> Result<(Answer, Duration), NixError> {
        let expression =
            |nonce: &str| format!("(import ./protocol.nix \"{nonce}\").ask \"{name}\"");
        let clock = (&self.clock, self.limits);
        let single = self
            .workspace
            .run_question(name, expression, clock, |call| call)?;
        Ok((single.answer, single.elapsed))
    }

    fn answer(&mut self, answer: Answer, elapsed: Duration) {
        let key = self.questions[self.answered].key.clone();
        self.answered += 1;
        (self.sink)(Answered {
            key,
            answer,
            elapsed,
        });
    }

    fn answer_rest(&mut self, failure: &Failure) {
        while self.answered < self.questions.len() {
            self.answer(Answer::Failed(failure.clone()), Duration::ZERO);
        }
    }
}
