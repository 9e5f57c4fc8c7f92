//! One evaluating process and the conversation with it.
//!
//! `nix repl` prints an error and reads on, which is what makes many failing
//! questions cost one process. Each question takes three lines:
//!
//! 1. the question, which prints a `value` mark, or `caught` and an error, or an error;
//! 2. a line that is an expression by itself but a syntax error behind an unfinished
//!    one. Up to 2.18 an "unexpected end of file" in *any* file read makes the repl
//!    take the line for unfinished and wait for more; this line ends that, and the
//!    missing `intact` mark tells that it happened;
//! 3. the `done` mark.
//!
//! What it prints to standard output is read and thrown away.

use std::io;
use std::io::Write;
use std::ops::Range;
use std::process::{ChildStdin, Stdio};
use std::time::{Duration, Instant};

use crate::evaluator::diagnosis::{Catchable, diagnose, post_mortem};
use crate::evaluator::error::NixError;
use crate::evaluator::failure::{Failure, FailureKind};
use crate::evaluator::process::{Drain, Drained, Process, deadline};
use crate::evaluator::question::Answer;
use crate::evaluator::transcript::{Mark, Transcript};
use crate::evaluator::workspace::{SCOPE, Workspace};

/// How long Nix may take until it reads its first line.
const START: Duration = Duration::from_secs(60);

/// Until when one question, and everything together, may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    pub(super) per_question: Duration,
    pub(super) end: Instant,
}

impl Clock {
    fn deadline(&self, from: Instant) -> Instant {
        self.end.min(deadline(from, self.per_question))
    }

    /// Says which of the two limits passed.
    pub(super) fn timed_out(&self, limit_of_all: Duration) -> Failure {
        let reason = if Instant::now() >= self.end {
            format!("the time limit of {limit_of_all:?} for all questions passed")
        } else {
            format!(
                "the time limit of {:?} for one question passed",
                self.per_question
            )
        };
        Failure {
            kind: FailureKind::TimedOut,
            reason,
            detail: String::new(),
        }
    }
}

/// What came of one question.
#[derive(Debug)]
pub(super) enum Reply {
    Answer(Answer),
    /// The error was printed nowhere: a process of its own must be asked.
    Swallowed,
    /// The process is gone, for this reason.
    Died(Failure),
    /// A deadline passed; the process is gone.
    Late,
}

/// A running `nix repl` with the scope loaded.
#[derive(Debug)]
pub(super) struct Session<'a> {
    workspace: &'a Workspace<'a>,
    process: Process,
    stdin: ChildStdin,
    stderr: Drain,
    _stdout: std::thread::JoinHandle<()>,
    transcript: Transcript,
    command: String,
    /// When the question now evaluated was begun.
    since: Instant,
}

impl<'a> Session<'a> {
    /// Starts Nix and waits until it reads expressions.
    pub(super) fn start(workspace: &'a Workspace<'a>, clock: &Clock) -> Result<Self, NixError> {
        let nonce = nonce();
        let call = workspace.call("repl");
        let remaining = clock.end.saturating_duration_since(Instant::now());
        let _opening = workspace.opening();
        let mut process = call.start(Stdio::piped(), remaining)?;
        let stdin = process.stdin();
        let stderr = Drain::start(process.stderr());
        let mut stdout = process.stdout();
        let discard = std::thread::spawn(move || {
            // Nix ending is noticed on the other stream.
            let _ = io::copy(&mut stdout, &mut io::sink());
        });
        let mut session = Self {
            workspace,
            process,
            stdin,
            stderr,
            _stdout: discard,
            transcript: Transcript::new(&nonce),
            command: call.shown(),
            since: Instant::now(),
        };
        // Short names: the line editor of `nix repl` reads one byte at a time.
        session.say(&format!(
            "p = import ./protocol.nix \"{nonce}\"\na = p.ask\ni = p.intact\nd = p.done\np.ready\n"
        ))?;
        let deadline = Instant::now() + START;
        loop {
            match session.next_mark(deadline) {
                Ok(Mark::Ready) => break,
                Ok(_) => {}
                Err(stopped) => {
                    let failure = match session.bury(stopped)? {
                        Reply::Died(failure) => failure,
                        Reply::Answer(_) | Reply::Swallowed | Reply::Late => Failure {
                            kind: FailureKind::TimedOut,
                            reason: format!("nothing happened for {START:?}"),
                            detail: session.transcript.take_text(),
                        },
                    };
                    let command = session.command.clone();
                    return Err(NixError::Unusable {
                        command,
                        failure: Box::new(failure),
                    });
                }
            }
        }
        session.transcript.take_text();
        session.since = Instant::now();
        Ok(session)
    }

    /// Evaluates the scope itself, as far as seeing what it is.
    pub(super) fn ask_scope(&mut self, clock: &Clock) -> Result<(Reply, Duration), NixError> {
        self.pose(SCOPE)?;
        self.hear(SCOPE, clock)
    }

    /// Puts questions whose files are written; [`hear`](Self::hear) each, in order.
    ///
    /// All are written at once, which is quick and cannot block: the caller has heard
    /// all earlier ones, so the pipe is empty, and a few dozen lines fit into any.
    pub(super) fn pose_all(&mut self, numbers: Range<usize>) -> Result<(), NixError> {
        self.since = Instant::now();
        let lines: String = numbers.map(|number| lines(&number.to_string())).collect();
        self.say(&lines)
    }

    fn pose(&mut self, name: &str) -> Result<(), NixError> {
        self.since = Instant::now();
        self.say(&lines(name))
    }

    /// Waits for what comes of the next question.
    pub(super) fn hear(
        &mut self,
        name: &str,
        clock: &Clock,
    ) -> Result<(Reply, Duration), NixError> {
        let deadline = clock.deadline(self.since);
        let mut heard = SeenMarks::default();
        let reply = loop {
            match self.next_mark(deadline) {
                Ok(Mark::Done(done)) if done == name => {
                    let text = self.transcript.take_text();
                    break heard.reply(self.workspace, &text);
                }
                Ok(mark) => heard.note(mark, name),
                Err(stopped) => break self.bury(stopped)?,
            }
        };
        let now = Instant::now();
        let elapsed = now.duration_since(self.since);
        self.since = now;
        Ok((reply, elapsed))
    }

    fn next_mark(&mut self, deadline: Instant) -> Result<Mark, Stopped> {
        loop {
            if let Some(mark) = self.transcript.next_mark() {
                return Ok(mark);
            }
            match self.stderr.next(deadline) {
                Drained::Chunk(chunk) => self.transcript.feed(&chunk),
                Drained::End => return Err(Stopped::Ended),
                Drained::Late => return Err(Stopped::Late),
            }
        }
    }

    /// Ends the process and says how it went.
    fn bury(&mut self, stopped: Stopped) -> Result<Reply, NixError> {
        match stopped {
            Stopped::Late => {
                self.process.kill()?;
                Ok(Reply::Late)
            }
            Stopped::Ended => {
                self.transcript.end();
                let soon = Instant::now() + Duration::from_secs(2);
                let status = match self.process.wait(soon)? {
                    Some(status) => status,
                    None => self.process.kill()?,
                };
                let text = self.workspace.without_places(&self.transcript.take_text());
                Ok(Reply::Died(post_mortem(&text, status)))
            }
        }
    }

    fn say(&mut self, lines: &str) -> Result<(), NixError> {
        match self.stdin.write_all(lines.as_bytes()) {
            // Its end is noticed, with its last words, on the other stream.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other.map_err(|source| self.process.error(source)),
        }
    }
}

/// The three lines of a question.
fn lines(name: &str) -> String {
    format!("a \"{name}\"\nassert true; i \"{name}\"\nd \"{name}\"\n")
}

/// Why there is no further mark.
#[derive(Clone, Copy, Debug)]
enum Stopped {
    Ended,
    Late,
}

/// Marks seen since the last question was done.
#[derive(Debug, Default)]
pub(super) struct SeenMarks {
    value: Option<Vec<u8>>,
    caught: bool,
    intact: bool,
}

impl SeenMarks {
    pub(super) fn note(&mut self, mark: Mark, name: &str) {
        match mark {
            Mark::Value(of, json) if of == name => self.value = Some(json),
            Mark::Caught(of) if of == name => self.caught = true,
            Mark::Intact(of) if of == name => self.intact = true,
            Mark::Value(..)
            | Mark::Caught(_)
            | Mark::Intact(_)
            | Mark::Done(_)
            | Mark::Forced(_)
            | Mark::Ready => {}
        }
    }

    fn reply(self, workspace: &Workspace<'_>, text: &str) -> Reply {
        if self.value.is_none() && !self.intact {
            return Reply::Swallowed;
        }
        Reply::Answer(self.answer(workspace, text))
    }

    /// The answer, of which `text` is what was printed besides the marks.
    pub(super) fn answer(self, workspace: &Workspace<'_>, text: &str) -> Answer {
        let Some(json) = self.value else {
            let catchable = if self.caught {
                Catchable::Yes
            } else {
                Catchable::No
            };
            return Answer::Failed(diagnose(&workspace.without_places(text), catchable));
        };
        // A Nix string is bytes; JSON is not. What is no UTF-8 is replaced.
        match serde_json::from_str(&String::from_utf8_lossy(&json)) {
            Ok(value) => Answer::Value(value),
            Err(error) => Answer::Failed(Failure {
                kind: FailureKind::Other,
                reason: format!("the value cannot be read as JSON: {error}"),
                detail: text.to_owned(),
            }),
        }
    }
}

/// A word nothing evaluated can know.
pub(super) fn nonce() -> String {
    use std::hash::{BuildHasher, RandomState};

    // Seeded by the system at random; two of them make 128 bits.
    let word = || RandomState::new().hash_one(Instant::now());
    format!("{:016x}{:016x}", word(), word())
}
