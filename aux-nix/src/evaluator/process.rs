//! A running program: its group, its limits, its streams and its end.

use std::io::Read;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus};
use std::sync::mpsc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};
use std::{io, thread};

use aux_process::Group;
use rustix::process::{Pid, Signal, kill_process_group};

use crate::evaluator::error::NixError;

/// How long a program asked to end may take to remove what it was writing.
const GRACE: Duration = Duration::from_secs(1);

/// How long to wait for streams that something outside the group still holds open.
const STRAGGLERS: Duration = Duration::from_secs(2);

/// The moment `time` after `from`; a year after it for limits that mean "none", which
/// could be more than the clock can hold.
pub(super) fn deadline(from: Instant, time: Duration) -> Instant {
    from + time.min(Duration::from_secs(365 * 24 * 60 * 60))
}

/// A program in a process group of its own; dropping it kills the group.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    command: String,
    /// Ended with this process, if that is told to end.
    _group: Group,
    /// Once set, the number may belong to somebody else: no signal is sent any more.
    ended: Option<ExitStatus>,
}

impl Process {
    pub(super) fn start(
        mut command: Command,
        shown: String,
        memory: Option<u64>,
        time: Duration,
    ) -> Result<Self, NixError> {
        match Group::spawn(&mut command) {
            Ok((child, group)) => {
                let process = Self {
                    _group: group,
                    child,
                    command: shown,
                    ended: None,
                };
                limit(&process.child, memory, time).map_err(|source| process.error(source))?;
                Ok(process)
            }
            Err(source) => Err(NixError::Run {
                command: shown,
                source,
            }),
        }
    }

    pub(super) fn stdin(&mut self) -> ChildStdin {
        self.child
            .stdin
            .take()
            .expect("only called once, on a process started with a pipe")
    }

    pub(super) fn stdout(&mut self) -> ChildStdout {
        self.child
            .stdout
            .take()
            .expect("only called once, and every process has this pipe")
    }

    pub(super) fn stderr(&mut self) -> ChildStderr {
        self.child
            .stderr
            .take()
            .expect("only called once, and every process has this pipe")
    }

    pub(super) fn error(&self, source: io::Error) -> NixError {
        NixError::Run {
            command: self.command.clone(),
            source,
        }
    }

    /// Reads both streams to their ends and waits, until `deadline` at most.
    pub(super) fn finish(
        &mut self,
        deadline: Instant,
    ) -> Result<(Vec<u8>, Vec<u8>, Ended), NixError> {
        let stdout = Drain::start(self.stdout());
        let mut stderr = Drain::start(self.stderr());
        let mut out = Vec::new();
        let mut err = Vec::new();
        // At the same time: a stream that nobody reads fills up, and Nix waits for us.
        let in_time = thread::scope(|scope| {
            let (stderr, err) = (&mut stderr, &mut err);
            let errors = scope.spawn(move || stderr.collect(err, deadline));
            let whole = stdout.collect(&mut out, deadline);
            errors.join().expect("collecting does not panic") && whole
        });
        let ended = match in_time.then(|| self.wait(deadline)).transpose()?.flatten() {
            Some(status) => Ended::Exited(status),
            None => {
                self.signal(Signal::TERM);
                let grace = Instant::now() + GRACE;
                thread::scope(|scope| {
                    let (stderr, err) = (&mut stderr, &mut err);
                    scope.spawn(move || stderr.collect(err, grace));
                    stdout.collect(&mut out, grace);
                });
                // Closed streams are no proof that the whole group is gone.
                self.kill()?;
                let stragglers = Instant::now() + STRAGGLERS;
                stdout.collect(&mut out, stragglers);
                stderr.collect(&mut err, stragglers);
                Ended::TimedOut
            }
        };
        Ok((out, err, ended))
    }

    /// Waits until `deadline` at most; `None` if it still runs then.
    pub(super) fn wait(&mut self, deadline: Instant) -> Result<Option<ExitStatus>, NixError> {
        let mut pause = Duration::from_micros(200);
        while self.ended.is_none() {
            self.ended = self.child.try_wait().map_err(|source| self.error(source))?;
            if self.ended.is_none() {
                if Instant::now() >= deadline {
                    return Ok(None);
                }
                thread::sleep(pause);
                pause = (pause * 2).min(Duration::from_millis(20));
            }
        }
        Ok(self.ended)
    }

    /// Kills the whole group and waits for its leader.
    pub(super) fn kill(&mut self) -> Result<ExitStatus, NixError> {
        self.signal(Signal::KILL);
        if let Some(status) = self.ended {
            return Ok(status);
        }
        let status = self.child.wait().map_err(|source| self.error(source))?;
        self.ended = Some(status);
        Ok(status)
    }

    fn signal(&self, signal: Signal) {
        if self.ended.is_none() {
            // It fails when the group has just ended, which is what was wanted.
            let _ = kill_process_group(Pid::from_child(&self.child), signal);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A destructor has nobody to report to; the kill itself cannot be refused.
        let _ = self.kill();
    }
}

/// A thread that empties a stream, as fast as its owner takes the chunks.
#[derive(Debug)]
pub(super) struct Drain {
    chunks: Receiver<Vec<u8>>,
}

/// What a [`Drain`] has.
pub(super) enum Drained {
    Chunk(Vec<u8>),
    /// The stream has ended.
    End,
    /// Nothing until the deadline.
    Late,
}

impl Drain {
    pub(super) fn start(mut stream: impl Read + Send + 'static) -> Self {
        // Bounded: a flood waits in the pipe, not in our memory.
        let (sender, chunks) = mpsc::sync_channel(64);
        thread::spawn(move || {
            let mut buffer = vec![0; 64 * 1024];
            loop {
                match stream.read(&mut buffer) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Ok(0) | Err(_) => return,
                    Ok(length) => {
                        if sender.send(buffer[..length].to_vec()).is_err() {
                            return;
                        }
                    }
                }
            }
        });
        Self { chunks }
    }

    pub(super) fn next(&self, deadline: Instant) -> Drained {
        let patience = deadline.saturating_duration_since(Instant::now());
        match self.chunks.recv_timeout(patience) {
            Ok(chunk) => Drained::Chunk(chunk),
            Err(RecvTimeoutError::Disconnected) => Drained::End,
            Err(RecvTimeoutError::Timeout) => Drained::Late,
        }
    }

    /// Appends everything up to the end of the stream; false if the deadline came first.
    fn collect(&self, into: &mut Vec<u8>, deadline: Instant) -> bool {
        loop {
            match self.next(deadline) {
                Drained::Chunk(chunk) => into.extend_from_slice(&chunk),
                Drained::End => return true,
                Drained::Late => return false,
            }
        }
    }
}

/// Sets limits from outside: doing it in the child would need `unsafe`. The moment
/// between the start and this call is spent loading libraries.
#[cfg(target_os = "linux")]
fn limit(child: &Child, memory: Option<u64>, time: Duration) -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, prlimit};

    // Parallel evaluators and builders spend several seconds of processor time in one.
    let threads = thread::available_parallelism().map_or(1, |count| count.get() as u64);
    let seconds = time.as_secs().saturating_add(30).saturating_mul(threads);
    let limits = [(Resource::As, memory), (Resource::Cpu, Some(seconds))];
    for (resource, most) in limits {
        if let Some(most) = most {
            let both = Rlimit {
                current: Some(most),
                maximum: Some(most),
            };
            match prlimit(Some(Pid::from_child(child)), resource, both) {
                // Over already, or under a stricter limit than ours.
                Ok(_) | Err(rustix::io::Errno::SRCH | rustix::io::Errno::PERM) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn limit(_child: &Child, _memory: Option<u64>, _time: Duration) -> io::Result<()> {
    Ok(())
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Exited(ExitStatus),
    /// The time limit passed and the whole process group was killed.
    TimedOut,
}
