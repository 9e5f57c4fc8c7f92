//! A shell in a folder of its own, in which the blocks of a page are typed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::block::{Block, Place};

/// The files of this repository that readers work with.
const COPIED: [&str; 3] = ["examples", "tests/monorepo", "tests/monorepo.rules.toml"];

/// A folder, and the shell's own folder and variables after the block that ran last.
pub(crate) struct Session {
    folder: tempfile::TempDir,
    state: Option<String>,
}

/// What a command printed, and its exit code.
pub(crate) struct Printed {
    pub(crate) lines: Vec<String>,
    pub(crate) code: i32,
}

impl Session {
    pub(crate) fn new(place: Place) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let work = folder.path().join("work");
        fs::create_dir(&work).unwrap();
        fs::create_dir(folder.path().join("home")).unwrap();
        if place == Place::Copy {
            for name in COPIED {
                let to = work.join(name);
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                let copied = Command::new("cp")
                    .arg("-R")
                    .arg(crate::root().join(name))
                    .arg(&to)
                    .status();
                assert!(copied.unwrap().success());
            }
        }
        fs::write(
            folder.path().join("home/.gitconfig"),
            "[user]\n  name = Ada\n  email = ada@example.org\n[init]\n  defaultBranch = main\n[advice]\n  detachedHead = false\n[protocol \"file\"]\n  allow = always\n",
        )
        .unwrap();
        Self {
            folder,
            state: None,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Types what stands before a block, and then its commands.
    pub(crate) fn run(&mut self, block: &Block) -> Result<Vec<Printed>, String> {
        const MARK: &str = "\u{1}";
        let work = self.path("work");
        let mut script = match &self.state {
            Some(state) => state.clone(),
            None => format!("cd '{}'\n", work.display()),
        };
        script.push_str("set -e\n{\n");
        for line in &block.before {
            script.push_str(line);
            script.push('\n');
        }
        script.push_str(":\n} >/dev/null\nset +e\n");
        for command in &block.commands {
            script.push_str(&format!(
                "printf '{MARK}'\n{}\nprintf '\\n{MARK}%s\\n' \"$?\"\n",
                command.typed
            ));
        }
        // The next block goes on in this folder, with what was exported.
        let after = self.path("after");
        script.push_str(&format!(
            "{{ printf 'cd %q\\n' \"$PWD\"; export -p; }} >'{}'\n",
            after.display()
        ));
        let file = self.path("script");
        fs::write(&file, script).unwrap();
        let program = Path::new(env!("CARGO_BIN_EXE_aux-gen"));
        let path = format!(
            "{}:{}",
            program.parent().unwrap().display(),
            std::env::var("PATH").unwrap()
        );
        let merged = Command::new("bash")
            .args(["-c", "exec bash \"$0\" 2>&1"])
            .arg(&file)
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.path("home"))
            .env("LANG", "C.UTF-8")
            .env("BOOK", crate::root().join("tests/book"))
            .env("TERM", "dumb")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env(
                "NIX_CONFIG",
                "experimental-features = nix-command flakes\nwarn-dirty = false",
            )
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&merged.stdout).into_owned();
        let folder = work.canonicalize().unwrap().display().to_string();
        let text = text.replace(&folder, "~");
        let mut parts = text.split(MARK);
        let said = parts.next().unwrap_or_default();
        if !said.trim().is_empty() || (!block.commands.is_empty() && !text.contains(MARK)) {
            return Err(format!("what is run before the block says:\n{said}"));
        }
        let mut printed = Vec::new();
        while let (Some(output), Some(code)) = (parts.next(), parts.next()) {
            let code = code
                .trim()
                .parse()
                .map_err(|_| format!("`{code}` is no exit code"))?;
            let lines = output.trim_end().lines().map(str::to_owned);
            printed.push(Printed {
                lines: lines.collect(),
                code,
            });
        }
        self.state = fs::read_to_string(&after).ok();
        if printed.len() == block.commands.len() {
            Ok(printed)
        } else {
            Err(format!(
                "{} of {} commands ran",
                printed.len(),
                block.commands.len()
            ))
        }
    }
}
