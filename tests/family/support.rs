//! What the tests start from: families on the disk and the program under test.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use aux_gen::disk::State;
use aux_nix::Nix;
use aux_test_support::folders;
pub(crate) use aux_test_support::folders::copy;
pub(crate) use aux_test_support::git::{commit_all, git, git_by, init, tip};
use serde_json::Value;

/// A manifest of three repos with two packages.
pub(crate) const SMALL: &str = r#"format = "1.0"
organization = { name = "x", forge = "github:x" }
tiers = [{ name = "core" }, { name = "sigs" }, { name = "top-level" }]
people.ada = {}
sigs.all.leads = ["ada"]
repos.core = { sig = "all", tier = "core", packages = { hello = {} } }
repos.games = { sig = "all", tier = "sigs", packages = { chess = {} } }
repos.top-level = { sig = "all", tier = "top-level" }
"#;

/// The program under test, in a registry.
pub(crate) struct Family {
    pub(crate) root: PathBuf,
    /// Removed when the test is over; the shipped example is not.
    _temporary: Option<tempfile::TempDir>,
}

pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Family {
    pub(crate) fn example() -> Self {
        Self {
            root: Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/auxolotl"),
            _temporary: None,
        }
    }

    /// A copy of the shipped example, to change or to break.
    pub(crate) fn copied_example() -> Self {
        let family = Self::empty();
        copy(&Self::example().root, &family.root);
        family
    }

    /// As [`copied_example`](Self::copied_example), in a git repository of its own.
    pub(crate) fn committed_example() -> Self {
        let family = Self::copied_example();
        init(&family.root);
        commit_all(&family.root, "all");
        family
    }

    pub(crate) fn empty() -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self {
            root: directory.path().canonicalize().unwrap(),
            _temporary: Some(directory),
        }
    }

    /// A family that is there.
    pub(crate) fn at(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            _temporary: None,
        }
    }

    pub(crate) fn of(manifest: &str) -> Self {
        let family = Self::empty();
        family.write("aux.toml", manifest);
        family
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, &[])
    }

    /// Runs the program with variables that it is not usually given.
    pub(crate) fn run_with(&self, arguments: &[&str], variables: &[(&str, &Path)]) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_aux-gen"))
            .current_dir(&self.root)
            .args(["--color", "never"])
            .args(arguments)
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        Ran {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs the program until it would make its `at`th step on the disk; whether it
    /// was ended there.
    pub(crate) fn run_with_end(&self, arguments: &[&str], at: usize) -> bool {
        self.run_with_end_and(arguments, at, &[])
    }

    /// As [`Self::run_with_end`], with variables that the program is not usually given.
    pub(crate) fn run_with_end_and(
        &self,
        arguments: &[&str],
        at: usize,
        variables: &[(&str, &Path)],
    ) -> bool {
        let output = Command::new(env!("CARGO_BIN_EXE_aux-gen"))
            .current_dir(&self.root)
            .env("AUX_GEN_END_AT", at.to_string())
            .envs(variables.iter().copied())
            .args(arguments)
            .output()
            .unwrap();
        output.status.code().is_none()
    }

    pub(crate) fn ok(&self, arguments: &[&str]) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}\n{}\n{}", ran.stdout, ran.stderr);
        ran
    }

    /// The exit code and the result, or `{ "error": ... }`, of a command for machines.
    pub(crate) fn json(&self, arguments: &[&str]) -> (i32, Value) {
        let mut all = vec!["--format", "json"];
        all.extend(arguments);
        let ran = self.run(&all);
        let value: Value = serde_json::from_str(&ran.stdout)
            .unwrap_or_else(|error| panic!("{error}\n{}\n{}", ran.stdout, ran.stderr));
        assert_eq!(value["format"], aux_output::FORMAT);
        let result = match value.get("result") {
            Some(result) => result.clone(),
            None => serde_json::json!({ "error": value["error"] }),
        };
        (ran.code, result)
    }

    pub(crate) fn repo(&self, name: &str) -> PathBuf {
        self.root.join("repos").join(name).canonicalize().unwrap()
    }

    /// Every checkout but `name`, as overrides of inputs.
    pub(crate) fn inputs_of(&self, name: &str) -> BTreeMap<String, PathBuf> {
        let flake = fs::read_to_string(self.repo(name).join("flake.nix")).unwrap();
        fs::read_dir(self.root.join("repos"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|input| flake.contains(&format!("    {input} = {{")))
            .map(|input| {
                let path = self.repo(&input);
                (input, path)
            })
            .collect()
    }
}

/// What is for this machine only, in a registry that is in no git repository.
pub(crate) const LOCAL: &str = ".aux-gen/local";

/// Where a file of the state of a registry lies; where it would, if there is none.
pub(crate) fn state(root: &Path, name: &str) -> PathBuf {
    match State::of(root) {
        Some(state) => state.path(name),
        None => root.join(LOCAL).join("none").join(name),
    }
}

/// Makes state that was copied with a registry be that of the copy: the program itself
/// takes it for somebody else's.
pub(crate) fn take_over_state(root: &Path) {
    let copied: Vec<PathBuf> = fs::read_dir(root.join(LOCAL))
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    for old in copied {
        let own = State::make(root).unwrap().path("");
        for entry in fs::read_dir(&old).unwrap() {
            let entry = entry.unwrap();
            fs::rename(entry.path(), own.join(entry.file_name())).unwrap();
        }
        fs::remove_dir(old).unwrap();
    }
}

/// The text of every file below a registry, but for what is no business of the family.
pub(crate) fn every_file(root: &Path) -> BTreeMap<String, String> {
    folders::every_file(root, LOCAL)
}

/// A command of the real Nix that knows flakes.
pub(crate) fn with_flakes() -> Command {
    let mut command = Command::new(nix().program());
    command.env("NIX_CONFIG", "experimental-features = nix-command flakes");
    command
}

pub(crate) fn nix() -> Nix {
    Nix::find().unwrap_or_else(|error| panic!("{error}; {}", error.hint().unwrap_or_default()))
}

/// What a report says of a repo.
pub(crate) fn repo<'v>(report: &'v Value, name: &str) -> &'v Value {
    listed(report, "repos", "repo", name)
}

/// The entry of a list of a report that has a key with this value.
#[track_caller]
pub(crate) fn listed<'v>(report: &'v Value, list: &str, key: &str, value: &str) -> &'v Value {
    let all = report[list].as_array().unwrap();
    all.iter()
        .find(|entry| entry[key] == value)
        .unwrap_or_else(|| panic!("{value} is not in {report:#}"))
}

/// A family whose repos are cloned from bare repositories, which their URLs name.
pub(crate) struct Forge {
    pub(crate) family: Family,
}

impl Forge {
    /// Core, the repos of `manifest` and top-level, generated, pushed and locked.
    pub(crate) fn new(repos: &[&str], manifest: &str) -> Self {
        let family = Family::empty();
        let remotes = family.root.join("remotes");
        let mut text = format!(
            r#"format = "1.0"
organization = {{ name = "x", forge = "git+file://{}", systems = ["x86_64-linux"] }}
tiers = [{{ name = "core" }}, {{ name = "sigs" }}, {{ name = "apps" }}, {{ name = "top-level" }}]
people.ada = {{}}
sigs.all = {{ leads = ["ada"], contact = "all@example.org" }}
repos.core = {{ sig = "all", tier = "core", contract = "1.0.0", builders = {{ stdenv = {{}} }}, packages = {{ tool = {{}} }} }}
repos.top-level = {{ sig = "all", tier = "top-level" }}
"#,
            remotes.display()
        );
        text.push_str(manifest);
        family.write("aux.toml", &text);
        family.ok(&["generate"]);
        let forge = Self { family };
        for name in forge.names(repos) {
            let place = forge.repo(&name);
            init(&place);
            forge.commit(&name);
            let bare = remotes.join(&name);
            fs::create_dir_all(&bare).unwrap();
            git(
                &bare,
                &["init", "--quiet", "--bare", "--initial-branch", "main"],
            );
            let bare = bare.display().to_string();
            git(&place, &["remote", "add", "origin", &bare]);
            git(&place, &["push", "--quiet", "origin", "main"]);
        }
        forge.family.ok(&["lock", "--commit"]);
        for name in forge.names(repos) {
            git(&forge.repo(&name), &["push", "--quiet", "origin", "main"]);
        }
        forge
    }

    /// The same family in a folder of its own: its remotes stay where they are.
    pub(crate) fn copied(&self) -> Self {
        let family = Family::empty();
        let everything = format!("{}/.", self.family.root.display());
        let copied = Command::new("cp")
            .args(["-a", &everything])
            .arg(&family.root)
            .status();
        assert!(copied.unwrap().success());
        Self { family }
    }

    fn names(&self, repos: &[&str]) -> Vec<String> {
        let all = ["core"].into_iter().chain(repos.iter().copied());
        all.chain(["top-level"]).map(str::to_owned).collect()
    }

    pub(crate) fn repo(&self, name: &str) -> PathBuf {
        self.family.root.join("repos").join(name)
    }

    pub(crate) fn remote(&self, name: &str) -> PathBuf {
        self.family.root.join("remotes").join(name)
    }

    pub(crate) fn commit(&self, name: &str) {
        commit_all(&self.repo(name), "x");
    }

    /// Writes a file of a repo and commits it; nobody else sees it before it is pushed.
    pub(crate) fn change(&self, name: &str, file: &str, text: &str) {
        let path = self.repo(name).join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self.commit(name);
    }

    pub(crate) fn package(&self, repo: &str, name: &str, text: &str) {
        let shard: String = name.chars().take(2).collect();
        let file = format!("pkgs/by-name/{shard}/{name}/package.nix");
        self.change(repo, &file, text);
    }

    pub(crate) fn tip(&self, name: &str, branch: &str) -> String {
        tip(&self.repo(name), branch)
    }

    /// Where a branch is on every remote.
    pub(crate) fn remote_tips<const N: usize>(&self, names: &[&str; N]) -> [String; N] {
        names.map(|name| tip(&self.remote(name), "main"))
    }

    /// What `update` says of the train.
    pub(crate) fn update(&self, more: &[&str]) -> (i32, Value) {
        let mut arguments = vec!["update"];
        arguments.extend(more);
        self.family.json(&arguments)
    }
}
