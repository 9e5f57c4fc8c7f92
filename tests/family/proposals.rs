//! `ci/propose.sh`, run by `sh` as a forge's runner would, against real bare repositories:
//! whatever branches and folders are called, and whoever worked on the pull request.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::support::{Family, commit_all, git, git_by, tip};

/// What git takes for a branch, and JSON, a shell and a workflow take for more.
const ODD: &str = "a\",\"$(touch${IFS}pwned)`'${{b}};!+";
/// The same in a URL.
const ODD_IN_URL: &str = "a%22,%22%24(touch%24%7BIFS%7Dpwned)%60'%24%7B%7Bb%7D%7D;!+";

const REGENERATE: &str = "aux-gen/regenerate";

/// A registry with the repo `web` on a forge.
struct Proposals {
    family: Family,
    /// The forge, a home and programs.
    around: tempfile::TempDir,
}

impl Proposals {
    fn new() -> Self {
        let family = Family::empty();
        family.write(
            "aux.toml",
            &format!(
                r#"format = "1.0"
ci.forgejo = true
organization = {{ name = "x", forge = "git+https://forge.example/x", systems = ["x86_64-linux"] }}
tiers = [{{ name = "core" }}, {{ name = "sigs" }}, {{ name = "top-level" }}]
people.ada = {{}}
sigs.all = {{ leads = ["ada"], contact = "all@example.org" }}
repos.core = {{ sig = "all", tier = "core", builders = {{ stdenv = {{}} }} }}
repos.top-level = {{ sig = "all", tier = "top-level" }}
[repos.web]
sig = "all"
tier = "sigs"
path = "the web's"
url = "git+https://forge.example/x/web?ref={ODD_IN_URL}"
description = "first"
"#
            ),
        );
        let around = tempfile::tempdir().unwrap();
        for folder in ["bin", "home", "forge/x/web"] {
            fs::create_dir_all(around.path().join(folder)).unwrap();
        }
        let proposals = Self { family, around };
        let forge = proposals.around.path().join("forge").display().to_string();
        fs::write(
            proposals.around.path().join("home/.gitconfig"),
            format!("[url \"file://{forge}/\"]\n  insteadOf = https://forge.example/\n"),
        )
        .unwrap();
        let log = proposals.around.path().join("log").display().to_string();
        let log_it = format!("printf '%s\\n' \"$@\" >> {log}");
        proposals.stand_in("gh", &format!("{log_it}; echo 0"));
        proposals.stand_in("curl", &format!("{log_it}; printf 201"));
        proposals.family.ok(&["generate"]);
        git(&proposals.family.root, &["init", "--quiet"]);
        git(
            &proposals.remote(),
            &["init", "--quiet", "--bare", "--initial-branch=main"],
        );
        let place = proposals.place();
        git(&place, &["init", "--quiet", "--initial-branch", ODD]);
        commit_all(&place, "first");
        let remote = proposals.remote().display().to_string();
        git(&place, &["push", "--quiet", &remote, "HEAD"]);
        proposals
    }

    fn place(&self) -> PathBuf {
        self.family.root.join("the web's")
    }

    fn remote(&self) -> PathBuf {
        self.around.path().join("forge/x/web")
    }

    fn stand_in(&self, name: &str, script: &str) {
        let path = self.around.path().join("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// What pull requests are opened with.
    fn asked(&self) -> String {
        let log = self.around.path().join("log");
        let asked = fs::read_to_string(&log).unwrap_or_default();
        let _none = fs::remove_file(log);
        asked
    }

    /// A fresh clone, as runners make it, with what the manifest says now.
    fn regenerate(&self, description: &str) {
        let file = self.family.root.join("aux.toml");
        let text = fs::read_to_string(&file).unwrap();
        let (before, _) = text.split_once("description = ").unwrap();
        fs::write(&file, format!("{before}description = \"{description}\"\n")).unwrap();
        fs::remove_dir_all(self.place()).unwrap();
        let fetched = self.sh("sh ci/fetch.sh", &[]);
        assert!(fetched.status.success(), "{}", said(&fetched));
        let commits = git(&self.place(), &["rev-list", "--count", "HEAD"]);
        assert_eq!(commits.trim(), "1", "it is shallow");
    }

    fn sh(&self, script: &str, more: &[(&str, &str)]) -> Output {
        let program = Path::new(env!("CARGO_BIN_EXE_aux-gen"));
        let programs = format!(
            "{}:{}:{}",
            self.around.path().join("bin").display(),
            program.parent().unwrap().display(),
            std::env::var("PATH").unwrap()
        );
        Command::new("sh")
            .args(["-e", "-c", script])
            .current_dir(&self.family.root)
            .env_clear()
            .env("HOME", self.around.path().join("home"))
            .env("PATH", programs)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GITHUB_SERVER_URL", "https://forge.example")
            .env("TOKEN", "secret")
            .envs(more.iter().copied())
            .output()
            .unwrap()
    }

    fn propose(&self) -> Output {
        self.sh("sh ci/propose.sh repos", &[("FORGEJO_ACTIONS", "true")])
    }

    #[track_caller]
    fn proposes(&self) -> String {
        let ran = self.propose();
        assert!(ran.status.success(), "{}", said(&ran));
        tip(&self.remote(), REGENERATE)
    }

    /// Stops, names the branch and the repo, and leaves the branch alone.
    #[track_caller]
    fn stops(&self) {
        let before = tip(&self.remote(), REGENERATE);
        let ran = self.propose();
        let said = said(&ran);
        assert!(!ran.status.success(), "{said}");
        let error = "::error::the branch aux-gen/regenerate of x/web has commits";
        assert!(said.contains(error), "{said}");
        assert_eq!(tip(&self.remote(), REGENERATE), before, "{said}");
        assert_eq!(self.asked(), "");
    }

    /// A clone of somebody who works on the pull request.
    fn review(&self) -> tempfile::TempDir {
        let clone = tempfile::tempdir().unwrap();
        let remote = self.remote().display().to_string();
        let arguments = ["clone", "--quiet", "--branch", REGENERATE, &remote, "."];
        git(clone.path(), &arguments);
        clone
    }
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

#[test]
fn a_branch_of_any_name_is_a_text_to_the_forge() {
    let proposals = Proposals::new();
    proposals.regenerate("second");
    proposals.proposes();
    let asked = proposals.asked();
    let data = asked.lines().find(|line| line.starts_with('{')).unwrap();
    let data: Value = serde_json::from_str(data).unwrap();
    assert_eq!(data["base"], ODD);
    assert_eq!(data.as_object().unwrap().len(), 4, "{data}");

    proposals.regenerate("third");
    let ran = proposals.sh("sh ci/propose.sh repos", &[]);
    assert!(ran.status.success(), "{}", said(&ran));
    let asked = proposals.asked();
    assert!(asked.contains(&format!("--base={ODD}\n")), "{asked}");
    let pwned = |folder: &Path| folder.join("pwned").exists();
    assert!(!pwned(&proposals.family.root) && !pwned(&proposals.place()));

    let workflow = proposals.place().join(".forgejo/workflows/check.yml");
    let workflow = fs::read_to_string(workflow).unwrap();
    let workflow: Value = serde_saphyr::from_str(&workflow).unwrap();
    let branches = &workflow["on"]["push"]["branches"];
    assert_eq!(branches[0], ODD.replace('+', "\\+").replace("${{", "$*"));
}

#[test]
fn what_reviewers_did_on_the_branch_is_kept() {
    let proposals = Proposals::new();
    proposals.regenerate("second");
    let first = proposals.proposes();
    proposals.asked();

    // The same change makes the same commit, and a new one replaces it, also when people
    // went on with the branch below.
    proposals.regenerate("second");
    assert_eq!(proposals.proposes(), first);
    let clone = proposals.review();
    let below = format!("origin/{ODD}");
    git(clone.path(), &["checkout", "--quiet", "-b", "work", &below]);
    commit_all(clone.path(), "theirs");
    let to = format!("HEAD:refs/heads/{ODD}");
    git(clone.path(), &["push", "--quiet", "origin", &to]);
    proposals.regenerate("third");
    let third = proposals.proposes();
    assert_ne!(third, first);
    proposals.asked();

    // A commit on top, ours in other words, and one below ours.
    let force = |clone: &Path| {
        let to = format!("HEAD:refs/heads/{REGENERATE}");
        git(clone, &["push", "--quiet", "--force", "origin", &to]);
    };
    let clone = proposals.review();
    commit_all(clone.path(), "reviewed");
    force(clone.path());
    proposals.regenerate("fourth");
    proposals.stops();
    git(clone.path(), &["reset", "--quiet", "--hard", &third]);
    let amend = ["commit", "--quiet", "--amend", "-m", "reworded"];
    git_by(("Ada", "ada@example.org"), clone.path(), &amend);
    force(clone.path());
    proposals.regenerate("fourth");
    proposals.stops();
    git(clone.path(), &["reset", "--quiet", "--hard", &third]);
    commit_all(clone.path(), "below");
    let more = ["commit", "--quiet", "--allow-empty", "-m", "Regenerate"];
    git_by(("aux-gen", "aux-gen@localhost"), clone.path(), &more);
    force(clone.path());
    proposals.regenerate("fourth");
    proposals.stops();

    // Somebody is faster than the push.
    let reference = format!("refs/heads/{REGENERATE}");
    git(&proposals.remote(), &["update-ref", &reference, &third]);
    proposals.regenerate("fourth");
    proposals.stand_in(
        "git",
        &format!(
            "git=$(PATH=${{PATH#*:}}; command -v git)\ncase \" $* \" in *' push '*) \"$git\" -C '{}' update-ref {reference} {first} ;; esac\nexec \"$git\" \"$@\"",
            proposals.remote().display()
        ),
    );
    let ran = proposals.propose();
    assert!(!ran.status.success(), "{}", said(&ran));
    assert_eq!(tip(&proposals.remote(), REGENERATE), first);
    assert_eq!(proposals.asked(), "");
}
