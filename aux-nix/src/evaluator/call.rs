//! Starting a program. Nothing else in this crate does.
//!
//! The environment is built from nothing, so that neither the user's configuration
//! nor a variable left in a shell changes an answer. What says *where Nix is* (its
//! store, daemon and certificates) is kept: without it a `nix` installed somewhere
//! unusual does not run at all.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use aux_git::{Setting, variables};
use serde::de::DeserializeOwned;

use crate::evaluator::diagnosis::{Catchable, diagnose, post_mortem};
use crate::evaluator::error::NixError;
use crate::evaluator::failure::{Failure, FailureKind};
use crate::evaluator::process::{Ended, Process, deadline};
use crate::evaluator::scratch::Scratch;

/// Variables that say where this machine keeps Nix.
const KEPT: [&str; 9] = [
    "NIX_CONF_DIR",
    "NIX_DATA_DIR",
    "NIX_DAEMON_SOCKET_PATH",
    "NIX_LOCALSTATE_DIR",
    "NIX_LOG_DIR",
    "NIX_REMOTE",
    "NIX_SSL_CERT_FILE",
    "NIX_STATE_DIR",
    "NIX_STORE_DIR",
];

/// Where programs are looked for when even `PATH` is not set; Nix calls `git`.
const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// Whether a variable has, or leads to, what programs that build have no business with.
fn is_secret(variable: &OsStr) -> bool {
    let name = variable.to_string_lossy();
    name == "AUX_GEN_TOKEN" || name == "GITHUB_TOKEN" || name.starts_with("GIT_CONFIG_")
}

/// A program with its arguments, ready to be started.
#[derive(Debug)]
pub(super) struct Call {
    program: PathBuf,
    arguments: Vec<OsString>,
    home: PathBuf,
    /// Where Nix puts what it unpacks: it goes with the rest.
    temporary: PathBuf,
    directory: PathBuf,
    features: &'static str,
    memory: Option<u64>,
    /// Where it remembers what it fetched, if not in the temporary home.
    cache: Option<PathBuf>,
    /// Settings for the git that Nix starts.
    git: Vec<Setting>,
    /// Where it writes what the evaluation took.
    statistics: Option<PathBuf>,
    /// Whether its heap starts small, and grows only as it must.
    has_small_heap: bool,
    /// Whether it has the environment and the configuration of the user.
    in_users_environment: bool,
}

/// What a process that has ended left behind.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) ended: Ended,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    pub(super) elapsed: Duration,
}

impl Output {
    /// Standard output, and only if the program says it is whole.
    pub(super) fn success(&self) -> Option<&[u8]> {
        match self.ended {
            Ended::Exited(status) if status.success() => Some(&self.stdout),
            Ended::Exited(_) | Ended::TimedOut => None,
        }
    }
}

impl Call {
    pub(super) fn new(scratch: &Scratch, program: impl AsRef<Path>) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            arguments: Vec::new(),
            home: scratch.home(),
            temporary: scratch.temporary(),
            directory: scratch.home(),
            features: "nix-command flakes",
            memory: None,
            cache: None,
            git: Vec::new(),
            statistics: None,
            has_small_heap: false,
            in_users_environment: false,
        }
    }

    /// Leaves it the environment and the configuration of the user: which machines build, and
    /// who is asked for what is built already.
    pub(super) fn in_users_environment(mut self) -> Self {
        self.in_users_environment = true;
        self
    }

    pub(super) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    pub(super) fn args<A: AsRef<OsStr>>(self, arguments: impl IntoIterator<Item = A>) -> Self {
        arguments.into_iter().fold(self, Call::arg)
    }

    /// Sets a Nix setting, whatever `nix.conf` says.
    pub(super) fn option(self, name: &str, value: &str) -> Self {
        self.args(["--option", name, value])
    }

    /// The current directory; the temporary home unless set.
    pub(super) fn inside(mut self, directory: impl Into<PathBuf>) -> Self {
        self.directory = directory.into();
        self
    }

    /// Leaves out flakes, and with them `builtins.getFlake` and `builtins.fetchTree`.
    pub(super) fn without_flakes(mut self) -> Self {
        self.features = "nix-command";
        self
    }

    /// Remembers what was fetched in a folder.
    pub(super) fn cache(mut self, folder: Option<PathBuf>) -> Self {
        self.cache = folder;
        self
    }

    /// Gives settings to the git that Nix starts.
    pub(super) fn with_git(mut self, settings: Vec<Setting>) -> Self {
        self.git = settings;
        self
    }

    /// Writes what the evaluation took into a file.
    pub(super) fn statistics(mut self, file: PathBuf) -> Self {
        self.statistics = Some(file);
        self
    }

    /// Has the heap start small: Nix asks for up to 384 MiB at once, which hides what it needs.
    pub(super) fn small_heap(mut self, is_small: bool) -> Self {
        self.has_small_heap = is_small;
        self
    }

    /// Limits the address space, in bytes.
    pub(super) fn memory(mut self, bytes: Option<u64>) -> Self {
        self.memory = bytes;
        self
    }

    /// The command as a person would type it, shortened: for messages only.
    pub(super) fn shown(&self) -> String {
        const LONGEST: usize = 400;
        let mut text = self.program.display().to_string();
        for argument in &self.arguments {
            text.push(' ');
            text.push_str(&argument.to_string_lossy());
        }
        if text.len() > LONGEST {
            text.truncate(text.floor_char_boundary(LONGEST));
            text.push('…');
        }
        text
    }

    /// Starts it in a process group of its own, with the three streams connected.
    ///
    /// `time` is only a backstop here, in processor time: should this program be
    /// killed, what it started must not compute for ever.
    pub(super) fn start(&self, stdin: Stdio, time: Duration) -> Result<Process, NixError> {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .current_dir(&self.directory)
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .env("LC_ALL", "C")
            .env("NO_COLOR", "1");
        if self.in_users_environment {
            for (variable, _) in std::env::vars_os() {
                if is_secret(&variable) {
                    command.env_remove(variable);
                }
            }
            return Process::start(command, self.shown(), self.memory, time);
        }
        command
            .env_clear()
            .env(
                "PATH",
                std::env::var_os("PATH").unwrap_or_else(|| DEFAULT_PATH.into()),
            )
            .env("HOME", &self.home)
            .env("TMPDIR", &self.temporary)
            .env("LC_ALL", "C")
            .env("NO_COLOR", "1")
            .env("TERM", "dumb")
            .env(
                "NIX_CONFIG",
                format!("experimental-features = {}", self.features),
            )
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("GIT_PROXY_COMMAND", "")
            .env("GIT_TERMINAL_PROMPT", "0")
            .envs(variables(&self.git, 0));
        for (variable, below) in [
            ("XDG_CACHE_HOME", ".cache"),
            ("XDG_CONFIG_HOME", ".config"),
            ("XDG_DATA_HOME", ".local/share"),
            ("XDG_STATE_HOME", ".local/state"),
        ] {
            command.env(variable, self.home.join(below));
        }
        if let Some(cache) = &self.cache {
            command.env("XDG_CACHE_HOME", cache);
        }
        if let Some(file) = &self.statistics {
            command
                .env("NIX_SHOW_STATS", "1")
                .env("NIX_SHOW_STATS_PATH", file);
        }
        if self.has_small_heap {
            command.env("GC_INITIAL_HEAP_SIZE", "1m");
        }
        for variable in KEPT {
            if let Some(value) = std::env::var_os(variable) {
                command.env(variable, value);
            }
        }
        Process::start(command, self.shown(), self.memory, time)
    }

    /// Runs it to its end, or for `time` at most.
    pub(super) fn run(&self, time: Duration) -> Result<Output, NixError> {
        let started = Instant::now();
        let mut process = self.start(Stdio::null(), time)?;
        let (stdout, stderr, ended) = process.finish(deadline(started, time))?;
        Ok(Output {
            ended,
            stdout,
            stderr,
            elapsed: started.elapsed(),
        })
    }

    /// Runs it for `time` at most and reads the JSON it prints, or why it failed.
    pub(super) fn json<T: DeserializeOwned>(
        &self,
        time: Duration,
    ) -> Result<Result<T, Failure>, NixError> {
        let output = self.run(time)?;
        if let Some(json) = output.success() {
            return serde_json::from_slice(json)
                .map(Ok)
                .map_err(|source| NixError::Garbled {
                    command: self.shown(),
                    source,
                });
        }
        let text = String::from_utf8_lossy(&output.stderr);
        Ok(Err(match output.ended {
            Ended::Exited(status) if status.code() == Some(1) => {
                diagnose(&text, Catchable::Unknown)
            }
            Ended::Exited(status) => post_mortem(&text, status),
            Ended::TimedOut => Failure {
                kind: FailureKind::TimedOut,
                reason: format!("the time limit of {time:?} passed"),
                detail: text.into_owned(),
            },
        }))
    }
}
