//! Starting git.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::directory::odd_file;
use crate::environment::only_in;
use crate::quiet::{Setting, inherited, quiet, users_ssh, variables};

/// How a remote is reached through ssh: nobody is there to answer.
const SSH: &str = "ssh -o BatchMode=yes -o ConnectTimeout=15";

/// Words of a call that are shown when it fails.
pub(crate) const SHOWN: usize = 6;

/// Runs git in a directory, with some variables.
pub(crate) fn git(
    directory: &Path,
    arguments: &[&str],
    input: &[u8],
    variables: &[(&str, &OsStr)],
) -> io::Result<Output> {
    let mut command = command(directory, arguments);
    command.envs(variables.iter().copied());
    let mut git = command.spawn()?;
    if let Some(mut stdin) = git.stdin.take() {
        // It reads all of it before it says anything; if it does not, its answer says why.
        let _refused = stdin.write_all(input);
    }
    git.wait_with_output()
}

/// A call of git in a directory, with pipes to all its ends.
pub(crate) fn command(directory: &Path, arguments: &[&str]) -> Command {
    // A commit is the user's own act: their hooks and filters are asked.
    let settings = match arguments.first() {
        Some(&"commit") => Vec::new(),
        _ => quiet(directory),
    };
    command_under(directory, arguments, &settings)
}

/// As [`command`], under some settings.
fn command_under(directory: &Path, arguments: &[&str], settings: &[Setting]) -> Command {
    let mut command = Command::new("git");
    only_in(&mut command, directory);
    if !settings.is_empty() {
        command.envs(variables(settings, inherited()));
    }
    // The environment counts more than any configuration, that of the repository too.
    if std::env::var_os("GIT_SSH_COMMAND").is_none() {
        command.env("GIT_SSH_COMMAND", users_ssh().unwrap_or(SSH));
    }
    if let Some(odd) = odd_file(directory) {
        // git says that this is no repository.
        let named = format!("--git-dir={} is no regular file", odd.display());
        command.arg(named);
    }
    command
        .arg("-C")
        .arg(directory)
        .args(arguments)
        .env("LC_ALL", "C")
        // As with ssh, but the first setting of that name counts and not the last.
        .env(
            "GIT_PROXY_COMMAND",
            std::env::var_os("GIT_PROXY_COMMAND").unwrap_or_default(),
        )
        // What a commit is does not depend on what somebody here replaces it by.
        .env("GIT_NO_REPLACE_OBJECTS", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A call of git in a bare repository of ours that heeds no configuration.
pub(crate) fn sealed(repository: &Path, arguments: &[&str]) -> Command {
    let place = format!("--git-dir={}", repository.display());
    let all = [&[place.as_str()], &SETTINGS[..], arguments].concat();
    // Its configuration is what we made it, and what overrides it goes below.
    let mut command = command_under(repository, &all, &[]);
    for variable in [
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_ATTR_SOURCE",
        "GIT_CONFIG",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_PARAMETERS",
        "GIT_CONFIG_SYSTEM",
        "GIT_GRAFT_FILE",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
    ] {
        command.env_remove(variable);
    }
    command
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_ATTR_NOSYSTEM", "1")
        .env("GIT_NO_REPLACE_OBJECTS", "1");
    command
}

/// What a process said of its errors, as far as it is shown.
pub(crate) fn said(errors: &mut File) -> String {
    let mut words = Vec::new();
    let from_start = errors.seek(SeekFrom::Start(0));
    let _unread = from_start.and_then(|_| errors.take(LONGEST_WORDS).read_to_end(&mut words));
    String::from_utf8_lossy(&words).trim_end().to_owned()
}

/// What git is told in a shadow besides: line ends as they are committed, and no attributes
/// but those in the tree. The user's file of attributes is read even where the user's
/// configuration is not (`gitattributes`, "core.attributesFile").
const SETTINGS: [&str; 8] = [
    "-c",
    "core.attributesFile=/dev/null",
    "-c",
    "core.autocrlf=false",
    "-c",
    "core.eol=lf",
    "-c",
    "core.commitGraph=false",
];

/// Bytes of what git says of an error that are shown.
const LONGEST_WORDS: u64 = 4 << 10;
