//! What the tests start from: families on the disk and the program under test.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use aux_gen::nix::Nix;
use serde_json::Value;

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

    pub(crate) fn empty() -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self {
            root: directory.path().canonicalize().unwrap(),
            _temporary: Some(directory),
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

    pub(crate) fn json(&self, arguments: &[&str]) -> (i32, Value) {
        let mut all = vec!["--format", "json"];
        all.extend(arguments);
        let ran = self.run(&all);
        let value = serde_json::from_str(&ran.stdout)
            .unwrap_or_else(|error| panic!("{error}\n{}\n{}", ran.stdout, ran.stderr));
        (ran.code, value)
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

/// What a run remembers for the next one.
const CACHE: &str = ".aux-gen/cache";

/// The text of every file below a registry, but for what is no business of the family.
pub(crate) fn every_file(root: &Path) -> BTreeMap<String, String> {
    fn walk(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().display().to_string();
            if name == CACHE {
                continue;
            }
            if path.is_dir() {
                walk(root, &path, files);
            } else {
                let bytes = fs::read(&path).unwrap();
                files.insert(name, String::from_utf8_lossy(&bytes).into_owned());
            }
        }
    }
    let mut files = BTreeMap::new();
    walk(root, root, &mut files);
    files
}

/// What git prints in a folder.
#[track_caller]
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}\n{said}");
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) fn nix() -> Nix {
    Nix::find().unwrap_or_else(|error| panic!("{error}; {}", error.hint().unwrap_or_default()))
}

pub(crate) fn repo<'v>(report: &'v Value, name: &str) -> &'v Value {
    report["repos"]
        .as_array()
        .unwrap()
        .iter()
        .find(|repo| repo["repo"] == name)
        .unwrap_or_else(|| panic!("{name} is not in {report}"))
}

/// Copies a folder with all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A copy of the shipped example, to break.
pub(crate) fn broken_example() -> Family {
    let family = Family::empty();
    copy(&Family::example().root, &family.root);
    family
}
