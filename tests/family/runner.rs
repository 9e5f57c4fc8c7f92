//! A forge's runner: runs the jobs of a workflow here, step after step.
//!
//! What a runner has and this machine has not is replaced, and nothing else: `uses:` steps (a
//! clone and the Nix that is here stand for them), and the steps that install programs (the program
//! under test is first in `PATH`).

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::support::nix;

/// Steps whose work is done already.
const INSTALLS: [&str; 2] = ["install aux-gen", "install what the steps below need"];

/// A runner with a home of its own.
pub(crate) struct Runner {
    directory: tempfile::TempDir,
    pub(crate) variables: BTreeMap<String, String>,
}

/// What a job left behind.
pub(crate) struct Ran {
    pub(crate) workspace: PathBuf,
    /// Each step's name and output, up to the first that failed.
    pub(crate) steps: Vec<(String, Output)>,
}

impl Ran {
    pub(crate) fn failed(&self) -> bool {
        self.steps
            .iter()
            .any(|(_, output)| !output.status.success())
    }

    pub(crate) fn said(&self) -> String {
        self.steps
            .iter()
            .map(|(name, output)| {
                format!(
                    "{name}: {}\n{}{}",
                    output.status,
                    String::from_utf8_lossy(&output.stdout),
                    String::from_utf8_lossy(&output.stderr)
                )
            })
            .collect()
    }
}

/// The jobs of a workflow.
pub(crate) fn jobs(workflow: &Path) -> BTreeMap<String, Value> {
    let text = fs::read_to_string(workflow).unwrap();
    let read: Value = serde_saphyr::from_str(&text).unwrap();
    serde_json::from_value(read["jobs"].clone()).unwrap()
}

impl Runner {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap();
        let path = |name: &str| root.join(name).to_str().unwrap().to_owned();
        for folder in ["bin", "home", "runner"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        let program = Path::new(env!("CARGO_BIN_EXE_aux-gen"));
        let search = format!(
            "{}:{}:{}:{}",
            path("bin"),
            program.parent().unwrap().display(),
            nix().program().parent().unwrap().display(),
            std::env::var("PATH").unwrap()
        );
        let variables = [
            ("HOME", path("home")),
            ("PATH", search),
            // What the action that installs Nix writes.
            (
                "NIX_CONFIG",
                "experimental-features = nix-command flakes".to_owned(),
            ),
            ("GIT_CONFIG_NOSYSTEM", "1".to_owned()),
            ("GITHUB_SERVER_URL", "https://forge.example".to_owned()),
            ("GITHUB_REPOSITORY", "auxolotl/registry".to_owned()),
            ("GITHUB_REF_NAME", "main".to_owned()),
            // Below the workspace, where each job has its own.
            ("GITHUB_STEP_SUMMARY", "summary".to_owned()),
            ("RUNNER_TEMP", path("runner")),
        ];
        let runner = Self {
            variables: variables.map(|(key, value)| (key.to_owned(), value)).into(),
            directory,
        };
        runner.configure("");
        runner
    }

    /// A place below its folder.
    pub(crate) fn path(&self, name: &str) -> String {
        let root = self.directory.path().canonicalize().unwrap();
        root.join(name).to_str().unwrap().to_owned()
    }

    /// What git is told besides who commits.
    pub(crate) fn configure(&self, more: &str) {
        let user = "[user]\n  name = ada\n  email = ada@example.org\n";
        fs::write(self.path("home/.gitconfig"), format!("{user}{more}")).unwrap();
    }

    pub(crate) fn sh(&self, directory: &Path, script: &str) -> String {
        let output = self.bash(directory, script, &BTreeMap::new());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{script}\n{said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// As runners start scripts.
    fn bash(&self, directory: &Path, script: &str, more: &BTreeMap<String, String>) -> Output {
        Command::new("bash")
            .args(["-e", "-c", script])
            .current_dir(directory)
            .env_clear()
            .envs(&self.variables)
            .envs(more)
            .output()
            .unwrap()
    }

    /// A program that the runner finds instead of the real one.
    pub(crate) fn stand_in(&self, name: &str, script: &str) {
        let path = PathBuf::from(self.path("bin")).join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Runs a job in a fresh checkout, which `clone` says how to make; `secrets` are what
    /// `${{ ... }}` means.
    pub(crate) fn run(&self, clone: &[&str], job: &Value, secrets: &[(&str, &str)]) -> Ran {
        let workspace = tempfile::tempdir_in(self.path("runner")).unwrap().keep();
        self.sh(
            &workspace,
            &format!("git clone --quiet {} .", clone.join(" ")),
        );
        let steps = self.steps(&workspace, job, secrets);
        Ran { workspace, steps }
    }

    /// Runs the steps of a job in a folder.
    pub(crate) fn steps(
        &self,
        workspace: &Path,
        job: &Value,
        secrets: &[(&str, &str)],
    ) -> Vec<(String, Output)> {
        let mut steps = Vec::new();
        for step in job["steps"].as_array().unwrap() {
            let name = step["name"].as_str().unwrap_or_default();
            let Some(script) = step["run"].as_str() else {
                assert!(step["uses"].is_string(), "{step}");
                continue;
            };
            if INSTALLS.contains(&name) {
                continue;
            }
            let asked: BTreeMap<String, String> =
                serde_json::from_value(step.get("env").cloned().unwrap_or_default())
                    .unwrap_or_default();
            let mut variables = BTreeMap::new();
            for (key, value) in asked {
                let expression = value
                    .strip_prefix("${{ ")
                    .and_then(|v| v.strip_suffix(" }}"));
                let known = secrets.iter().find(|(name, _)| Some(*name) == expression);
                let (_, value) = known.unwrap_or_else(|| panic!("what is {value}?"));
                variables.insert(key, (*value).to_owned());
            }
            let stopped = steps
                .iter()
                .any(|(_, output): &(_, Output)| !output.status.success());
            if !stopped || step["if"] == "${{ !cancelled() }}" {
                steps.push((name.to_owned(), self.bash(workspace, script, &variables)));
            }
        }
        assert!(!steps.is_empty());
        steps
    }
}
