//! What a repository's own configuration may not do while it is only looked at.
//!
//! git runs programs that a configuration names: filters, hooks, a file system monitor,
//! pagers, credential helpers, programs for transports. A person who configures their git
//! wants that. The configuration of a repository is another matter: a checkout may come from
//! an archive, or lie where somebody else can write. So what the repository's own
//! configuration names is overridden wherever this program works on its own account; what
//! the user and the system configure stays.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::directory::{common_of, git_directory_of, odd_file, read_own};
use crate::environment::only_in;

/// A setting that overrides all others: its key and its value.
pub type Setting = (OsString, OsString);

/// Settings that name no program of anybody, whatever a repository says.
const ALWAYS: [(&str, &str); 11] = [
    ("core.fsmonitor", "false"),
    ("core.hooksPath", "/dev/null"),
    ("core.alternateRefsCommand", ""),
    ("diff.external", ""),
    ("gc.auto", "0"),
    ("i18n.commitEncoding", "UTF-8"),
    ("i18n.logOutputEncoding", "UTF-8"),
    ("log.showSignature", "false"),
    ("maintenance.auto", "false"),
    ("protocol.ext.allow", "never"),
    ("submodule.recurse", "false"),
];

/// Parts of names of settings that run programs or read other files (`git-config`). A
/// configuration without any of these words needs no second look.
const WORDS: [&str; 22] = [
    "askpass",
    "attributesfile",
    "clean",
    "cmd",
    "command",
    "credential",
    "driver",
    "editor",
    "excludesfile",
    "filter",
    "gitproxy",
    "gpg",
    "include",
    "pager",
    "process",
    "program",
    "pack",
    "sshcommand",
    "textconv",
    "update",
    "vcs",
    "worktree",
];

/// Settings under which git runs no program that the repository in a folder names.
pub fn quiet(root: &Path) -> Vec<Setting> {
    let always = ALWAYS.map(|(key, value)| (key.into(), value.into()));
    let mut settings = Vec::from(always);
    // What cannot be read is suspect too.
    let Some(text) = configuration(root) else {
        settings.extend(overridden(&listed(root)));
        return settings;
    };
    // `git init` writes this one, and it has one of the words in it.
    let bare = text.replace("logallrefupdates", "");
    if WORDS.iter().any(|word| bare.contains(word)) {
        settings.extend(overrides(root, text));
    }
    settings
}

/// The overrides of a repository's configuration, which is `text`. The same text has the same
/// ones, unless it includes other files.
fn overrides(root: &Path, text: String) -> Vec<Setting> {
    static KNOWN: Mutex<BTreeMap<PathBuf, (String, Vec<Setting>)>> = Mutex::new(BTreeMap::new());
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((before, settings)) = known().get(root)
        && *before == text
    {
        return settings.clone();
    }
    let settings = overridden(&listed(root));
    if !text.contains("include") {
        known().insert(root.to_owned(), (text, settings.clone()));
    }
    settings
}

/// The configuration of a repository in small letters, as files have it; none if it cannot be
/// read or found.
fn configuration(root: &Path) -> Option<String> {
    let git = git_directory_of(root)?;
    let mut text = String::new();
    let mut folders = vec![common_of(&git)?];
    // That of a linked work tree may have more.
    if folders[0] != git {
        folders.push(git);
    }
    for folder in &folders {
        for file in ["config", "config.worktree"] {
            match folder.join(file) {
                file if file.symlink_metadata().is_err() => {}
                file => text.push_str(&read_own(&file)?.to_lowercase()),
            }
        }
    }
    // No repository is without one.
    (!text.is_empty()).then_some(text)
}

/// What git has configured: scope, key and value of each setting, in its order.
fn listed(root: &Path) -> Vec<Listed> {
    // git would wait for it; who runs git for this repository refuses.
    if odd_file(root).is_some() {
        return Vec::new();
    }
    let mut git = Command::new("git");
    only_in(&mut git, root);
    let output = git
        .arg("-C")
        .arg(root)
        .args(["config", "--list", "--show-scope", "-z"])
        .stdin(Stdio::null())
        .output();
    let Ok(output) = output else {
        return Vec::new();
    };
    let mut parts = output.stdout.split(|byte| *byte == 0);
    let mut all = Vec::new();
    while let (Some(scope), Some(entry)) = (parts.next(), parts.next()) {
        let end = entry.iter().position(|byte| *byte == b'\n');
        let (key, value) = match end {
            Some(end) => (&entry[..end], &entry[end + 1..]),
            None => (entry, &b""[..]),
        };
        all.push(Listed {
            is_own: matches!(scope, b"local" | b"worktree"),
            is_command: scope == b"command",
            key: OsStr::from_bytes(key).to_owned(),
            value: OsStr::from_bytes(value).to_owned(),
        });
    }
    all
}

/// A setting as git lists it. Parts of keys and values are any bytes.
struct Listed {
    /// Whether the repository itself has it.
    is_own: bool,
    /// Whether it comes from an environment or a command line.
    is_command: bool,
    key: OsString,
    value: OsString,
}

impl Listed {
    /// The key in small letters; what is no text in it is replaced.
    fn name(&self) -> String {
        self.key.to_string_lossy().to_lowercase()
    }
}

/// Overrides of the settings of a repository that name programs or other files.
fn overridden(listed: &[Listed]) -> Vec<Setting> {
    let mut settings = Vec::new();
    for own in listed.iter().filter(|listed| listed.is_own) {
        let lower = own.name();
        let section = lower.split('.').next().unwrap_or_default();
        let name = lower.rsplit('.').next().unwrap_or_default();
        let value = match (section, name) {
            ("filter", "required") => "false",
            ("submodule", "update") => "none",
            ("core", "attributesfile" | "excludesfile") => "/dev/null",
            (
                "filter" | "diff" | "merge" | "mergetool" | "difftool" | "trailer" | "tar" | "hook"
                | "credential" | "gpg" | "pager" | "man" | "browser" | "guitool",
                _,
            )
            | ("core", "askpass" | "sshcommand" | "editor" | "pager" | "alternaterefscommand")
            | ("sequence", "editor")
            | ("interactive", "difffilter")
            | ("uploadpack", "packobjectshook") => "",
            _ => continue,
        };
        settings.push((own.key.clone(), value.into()));
        // What the user and the system say of the same counts again.
        let others = listed
            .iter()
            .filter(|other| !other.is_own && !other.is_command && other.name() == lower);
        settings.extend(others.map(|other| (own.key.clone(), other.value.clone())));
    }
    settings
}

/// `core.sshCommand` of the user's or the system's configuration.
pub(super) fn users_ssh() -> Option<&'static str> {
    static SSH: OnceLock<Option<String>> = OnceLock::new();
    let asked = || {
        let root = Path::new("/");
        let all = listed(root).into_iter().rev();
        let mut own = all.filter(|listed| listed.name() == "core.sshcommand");
        own.next()
            .and_then(|listed| listed.value.into_string().ok())
    };
    SSH.get_or_init(asked).as_deref()
}

/// What of a repository's configuration cannot be overridden, and makes it unusable; none if
/// nothing does.
pub(super) fn unusable(root: &Path) -> Option<String> {
    let git = git_directory_of(root)?;
    // A `.git` that is a file may name any git directory; one that is called so is the main
    // one of the work tree that it lies in.
    let is_anothers = git.file_name().is_some_and(|name| name == ".git")
        && git.parent() != root.canonicalize().ok().as_deref();
    if is_anothers {
        return Some(format!(
            "its `.git` names that of another: `{}`",
            git.display()
        ));
    }
    if let Some(text) = configuration(root)
        && !["include", "pack", "vcs", "worktree"]
            .iter()
            .any(|word| text.contains(word))
    {
        return None;
    }
    for listed in listed(root).iter().filter(|listed| listed.is_own) {
        let lower = listed.name();
        // Of these git takes the first, and not the one that overrides it.
        let programs = [".vcs", ".uploadpack", ".receivepack"];
        if lower.starts_with("remote.") && programs.iter().any(|name| lower.ends_with(name)) {
            return Some(format!(
                "its git configuration names a program for its remote: `{lower}`"
            ));
        }
        // A submodule has one, that leads back to its folder.
        if lower == "core.worktree" {
            let leads = git.join(&listed.value).canonicalize().ok();
            if leads != root.canonicalize().ok() {
                let value = listed.value.to_string_lossy();
                return Some(format!(
                    "its git configuration says that its files are in `{value}`"
                ));
            }
        }
    }
    None
}

/// Variables that give git settings which override all files (`git-config`,
/// "ENVIRONMENT"), behind those that are there already.
pub fn variables(settings: &[Setting], already: usize) -> Vec<(String, OsString)> {
    let count = (already + settings.len()).to_string();
    let mut variables = vec![("GIT_CONFIG_COUNT".to_owned(), count.into())];
    for (number, (key, value)) in settings.iter().enumerate() {
        let number = number + already;
        variables.push((format!("GIT_CONFIG_KEY_{number}"), key.clone()));
        variables.push((format!("GIT_CONFIG_VALUE_{number}"), value.clone()));
    }
    variables
}

/// How many settings the environment of this process gives to git already.
pub fn inherited() -> usize {
    let count = std::env::var("GIT_CONFIG_COUNT").ok();
    count.and_then(|count| count.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_repository_names_is_overridden_and_what_its_user_names_stays() {
        let setting = |scope: &str, key: &str, value: &str| Listed {
            is_own: scope != "global",
            is_command: false,
            key: key.into(),
            value: value.into(),
        };
        let listed = [
            setting("global", "credential.helper", "store"),
            setting("global", "filter.lfs.smudge", "git-lfs smudge -- %f"),
            setting("local", "filter.evil.smudge", "touch /tmp/x"),
            setting("local", "filter.evil.required", "true"),
            setting("local", "credential.helper", "!touch /tmp/x"),
            setting("local", "remote.origin.url", "https://forge.example/x"),
            setting("worktree", "Core.SshCommand", "touch /tmp/x"),
        ];
        let expected = [
            ("filter.evil.smudge", ""),
            ("filter.evil.required", "false"),
            ("credential.helper", ""),
            ("credential.helper", "store"),
            ("Core.SshCommand", ""),
        ];
        let expected: Vec<Setting> = expected
            .map(|(key, value)| (key.into(), value.into()))
            .into();
        assert_eq!(overridden(&listed), expected);
    }
}
