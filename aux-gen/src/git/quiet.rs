//! What a repository's own configuration may not do while it is only looked at.
//!
//! git runs programs that a configuration names: filters, hooks, a file system monitor,
//! pagers, credential helpers, programs for transports. A person who configures their git
//! wants that. The configuration of a repository is another matter: a checkout may come from
//! an archive, or lie where somebody else can write. So what the repository's own
//! configuration names is overridden wherever this program works on its own account; what
//! the user and the system configure stays.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use super::directory::git_directory_of;

/// A setting that overrides all others: its key and its value.
pub(crate) type Setting = (String, String);

/// Settings that name no program of anybody, whatever a repository says.
const ALWAYS: [(&str, &str); 9] = [
    ("core.fsmonitor", "false"),
    ("core.hooksPath", "/dev/null"),
    ("core.alternateRefsCommand", ""),
    ("diff.external", ""),
    ("gc.auto", "0"),
    ("log.showSignature", "false"),
    ("maintenance.auto", "false"),
    ("protocol.ext.allow", "never"),
    ("submodule.recurse", "false"),
];

/// Parts of names of settings that run programs or read other files (`git-config`). A
/// configuration without any of these words needs no second look.
const WORDS: [&str; 20] = [
    "askpass",
    "clean",
    "cmd",
    "command",
    "credential",
    "driver",
    "editor",
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
pub(crate) fn quiet(root: &Path) -> Vec<Setting> {
    let always = ALWAYS.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let mut settings = Vec::from(always);
    let Some(git) = git_directory_of(root) else {
        // What git makes of it, git says.
        settings.extend(overridden(&listed(root)));
        return settings;
    };
    let mut files = vec![git.join("config"), git.join("config.worktree")];
    // That of a linked work tree is the common one.
    if let Ok(common) = std::fs::read_to_string(git.join("commondir")) {
        files.push(git.join(common.trim_end()).join("config"));
    }
    let is_suspect = |file: &std::path::PathBuf| match std::fs::read(file) {
        Ok(text) => {
            let text = String::from_utf8_lossy(&text).to_lowercase();
            WORDS.iter().any(|word| text.contains(word))
        }
        Err(_) => false,
    };
    if files.iter().any(is_suspect) {
        settings.extend(overridden(&listed(root)));
    }
    settings
}

/// What git has configured: scope, key and value of each setting, in its order.
fn listed(root: &Path) -> Vec<(String, String, String)> {
    #[expect(clippy::disallowed_methods, reason = "git reads its own configuration")]
    let mut git = Command::new("git");
    super::only_in(&mut git, root);
    let output = git
        .arg("-C")
        .arg(root)
        .args(["config", "--list", "--show-scope", "-z"])
        .stdin(Stdio::null())
        .output();
    let Ok(output) = output else {
        return Vec::new();
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut parts = text.split('\0');
    let mut all = Vec::new();
    while let (Some(scope), Some(entry)) = (parts.next(), parts.next()) {
        let (key, value) = entry.split_once('\n').unwrap_or((entry, ""));
        all.push((scope.to_owned(), key.to_owned(), value.to_owned()));
    }
    all
}

/// Overrides of the settings of a repository that name programs.
fn overridden(listed: &[(String, String, String)]) -> Vec<Setting> {
    let mut settings = Vec::new();
    let is_own = |scope: &str| scope == "local" || scope == "worktree";
    for (_, key, _) in listed.iter().filter(|(scope, ..)| is_own(scope)) {
        let lower = key.to_lowercase();
        let section = lower.split('.').next().unwrap_or_default();
        let name = lower.rsplit('.').next().unwrap_or_default();
        let value = match (section, name) {
            ("filter", "required") => "false",
            ("remote", "uploadpack") => "git-upload-pack",
            ("remote", "receivepack") => "git-receive-pack",
            ("core", "gitproxy") => "none",
            ("submodule", "update") => "none",
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
        // What the user and the system say of the same counts again.
        let others = listed.iter().filter(|(scope, other, _)| {
            !is_own(scope) && scope != "command" && other.to_lowercase() == lower
        });
        settings.push((key.clone(), value.to_owned()));
        settings.extend(others.map(|(_, _, value)| (key.clone(), value.clone())));
    }
    settings
}

/// `core.sshCommand` of the user's or the system's configuration.
pub(super) fn users_ssh() -> Option<&'static str> {
    static SSH: OnceLock<Option<String>> = OnceLock::new();
    let asked = || {
        let root = Path::new("/");
        let all = listed(root).into_iter().rev();
        let mut own = all.filter(|(_, key, _)| key == "core.sshcommand");
        own.next().map(|(_, _, value)| value)
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
    let text = std::fs::read(git.join("config")).ok()?;
    let text = String::from_utf8_lossy(&text).to_lowercase();
    if !text.contains("worktree") && !text.contains("vcs") && !text.contains("include") {
        return None;
    }
    for (scope, key, value) in listed(root) {
        if scope != "local" && scope != "worktree" {
            continue;
        }
        let lower = key.to_lowercase();
        if lower.starts_with("remote.") && lower.ends_with(".vcs") {
            return Some(format!("its git configuration has `{key}`"));
        }
        // A submodule has one, that leads back to its folder.
        if lower == "core.worktree" {
            let leads = git.join(&value).canonicalize().ok();
            if leads != root.canonicalize().ok() {
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
pub(crate) fn variables(settings: &[Setting], already: usize) -> Vec<(String, String)> {
    let mut variables = vec![(
        "GIT_CONFIG_COUNT".to_owned(),
        (already + settings.len()).to_string(),
    )];
    for (number, (key, value)) in settings.iter().enumerate() {
        let number = number + already;
        variables.push((format!("GIT_CONFIG_KEY_{number}"), key.clone()));
        variables.push((format!("GIT_CONFIG_VALUE_{number}"), value.clone()));
    }
    variables
}

/// How many settings the environment of this process gives to git already.
pub(crate) fn inherited() -> usize {
    let count = std::env::var("GIT_CONFIG_COUNT").ok();
    count.and_then(|count| count.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_repository_names_is_overridden_and_what_its_user_names_stays() {
        let setting = |scope: &str, key: &str, value: &str| {
            (scope.to_owned(), key.to_owned(), value.to_owned())
        };
        let listed = [
            setting("global", "credential.helper", "store"),
            setting("global", "filter.lfs.smudge", "git-lfs smudge -- %f"),
            setting("local", "filter.evil.smudge", "touch /tmp/x"),
            setting("local", "filter.evil.required", "true"),
            setting("local", "credential.helper", "!touch /tmp/x"),
            setting("local", "remote.origin.url", "https://forge.example/x"),
            setting("local", "remote.origin.uploadpack", "touch /tmp/x;"),
            setting("worktree", "Core.SshCommand", "touch /tmp/x"),
        ];
        let expected = [
            ("filter.evil.smudge", ""),
            ("filter.evil.required", "false"),
            ("credential.helper", ""),
            ("credential.helper", "store"),
            ("remote.origin.uploadpack", "git-upload-pack"),
            ("Core.SshCommand", ""),
        ];
        let expected: Vec<Setting> = expected
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into();
        assert_eq!(overridden(&listed), expected);
    }
}
