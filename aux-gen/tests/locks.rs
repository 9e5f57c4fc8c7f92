//! Locks without Nix, compared byte for byte with those of real Nix on real git
//! repositories.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]
#![allow(
    clippy::disallowed_methods,
    reason = "the test lays out repositories and runs git and Nix as users do"
)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use aux_gen::lock::{Checkouts, Dialect, FlakeInputs, LockFile, lock};

/// Git repositories with flakes, each committed.
struct Repos {
    root: PathBuf,
    _folder: tempfile::TempDir,
}

impl Repos {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            root: folder.path().canonicalize().unwrap(),
            _folder: folder,
        }
    }

    /// Adds a repository; `@` in a text stands for the folder of all of them.
    fn add(&self, name: &str, files: &[(&str, &str)]) -> &Self {
        let repo = self.root.join(name);
        if !repo.exists() {
            fs::create_dir(&repo).unwrap();
            git(&repo, &["init", "--quiet", "--initial-branch", "main"]);
        }
        for (path, text) in files {
            let path = repo.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let text = text.replace('@', &format!("git+file://{}", self.root.display()));
            fs::write(path, text).unwrap();
        }
        commit(&repo);
        self
    }

    /// A flake with these inputs.
    fn flake(&self, name: &str, inputs: &str) -> &Self {
        let text = format!("{{\n  inputs = {{ {inputs} }};\n  outputs = _: {{ }};\n}}\n");
        self.add(name, &[("flake.nix", &text)])
    }

    /// Compares the lock of a flake with those of every Nix at hand, and commits the one of
    /// the Nix that is installed.
    #[track_caller]
    fn same(&self, name: &str) -> LockFile {
        let (repo, folder) = name.split_once('/').unwrap_or((name, "."));
        let repo = self.root.join(repo);
        let file = repo.join(folder).join("flake.lock");
        let flake = fs::read_to_string(repo.join(folder).join("flake.nix")).unwrap();
        let inputs = FlakeInputs::read(&flake).unwrap();
        let before = fs::read(&file).ok();
        let mut own = None;
        for (program, dialect) in nixes() {
            match &before {
                Some(before) => fs::write(&file, before).unwrap(),
                None => drop(fs::remove_file(&file)),
            }
            let ours = self.lock(&inputs, None, dialect);
            let output = Command::new(&program)
                .args(["--extra-experimental-features", "nix-command flakes"])
                .args(["flake", "lock", "--offline"])
                .arg(format!("git+file://{}?dir={folder}", repo.display()).replace("?dir=.", ""))
                .env("HOME", &self.root)
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{program}: {name}: {said}");
            let theirs = fs::read_to_string(&file);
            let theirs = theirs.unwrap_or_else(|_| LockFile::new().text());
            assert_eq!(ours.text(), theirs, "{program}: {name}");
            assert_eq!(LockFile::read(&theirs).unwrap().text(), theirs, "{name}");
            own.get_or_insert((ours, theirs));
        }
        let (ours, theirs) = own.unwrap();
        if file.exists() {
            fs::write(&file, theirs).unwrap();
        }
        commit(&repo);
        ours
    }

    fn lock(&self, inputs: &FlakeInputs, old: Option<&LockFile>, dialect: Dialect) -> LockFile {
        let repos = fs::read_dir(&self.root).unwrap();
        let repos = repos.map(|entry| entry.unwrap().path());
        let repos = repos.filter(|path| path.join(".git").is_dir());
        let by_url = repos.map(|path| (format!("git+file://{}", path.display()), path));
        let mut checkouts = Checkouts::new(dialect, by_url);
        lock(inputs, old, &mut checkouts).unwrap()
    }
}

/// The Nix that is installed, and those that `AUX_GEN_NIXES` names, separated by `:`; with
/// how each writes locks.
fn nixes() -> Vec<(String, Dialect)> {
    let more = std::env::var("AUX_GEN_NIXES").unwrap_or_default();
    let more = more.split(':').filter(|program| !program.is_empty());
    let all = ["nix"].into_iter().chain(more);
    all.map(|program| {
        let output = Command::new(program).arg("--version").output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let version = said.split_whitespace().last().unwrap();
        let mut numbers = version.split('.').map(|number| number.parse().unwrap_or(0));
        let version: (u32, u32) = (numbers.next().unwrap(), numbers.next().unwrap());
        let dialect = match version >= (2, 26) {
            true => Dialect::Full,
            false => Dialect::Short,
        };
        (program.to_owned(), dialect)
    })
    .collect()
}

fn git(repo: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .arg("-C")
        .arg(repo)
        .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org"])
        .args(arguments)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {said}");
}

fn commit(repo: &Path) {
    git(repo, &["add", "--all"]);
    git(repo, &["commit", "--quiet", "--allow-empty", "-m", "x"]);
}

#[test]
fn chains_and_diamonds() {
    let repos = Repos::new();
    repos.flake("core", "");
    repos.same("core");
    repos.flake("a", "core.url = \"@/core\";");
    repos.same("a");
    repos.flake("b", "core.url = \"@/core\"; a.url = \"@/a\";");
    repos.same("b");
    repos.flake(
        "top",
        "b.url = \"@/b\"; a.url = \"@/a\"; core.url = \"@/core\";",
    );
    let lock = repos.same("top");
    // Without `follows` everybody has a core of their own.
    let cores = lock.nodes.keys().filter(|name| name.starts_with("core"));
    assert_eq!(cores.count(), 4);
}

#[test]
fn follows_at_one_level_keep_one_copy() {
    let repos = Repos::new();
    repos.flake("core", "");
    repos.flake("a", "core.url = \"@/core\";");
    repos.same("a");
    repos.flake(
        "b",
        "core.url = \"@/core\"; a = { url = \"@/a\"; inputs.core.follows = \"core\"; };",
    );
    repos.same("b");
    repos.flake(
        "top",
        "core.url = \"@/core\"; a = { url = \"@/a\"; inputs.core.follows = \"core\"; }; b = { url = \"@/b\"; inputs.core.follows = \"core\"; inputs.a.follows = \"a\"; };",
    );
    let lock = repos.same("top");
    assert_eq!(
        lock.nodes.keys().collect::<Vec<_>>(),
        ["a", "b", "core", "root"]
    );
    // What an input of an input follows there is kept.
    repos.flake("above", "b.url = \"@/b\"; mine.follows = \"b/a\";");
    repos.same("above");
    repos.flake("highest", "above.url = \"@/above\"; core.url = \"@/core\";");
    repos.same("highest");
}

#[test]
fn two_flakes_that_use_each_other() {
    let repos = Repos::new();
    repos.flake("core", "");
    let both = |own: &str, other: &str| {
        repos.flake(
            own,
            &format!(
                "core.url = \"@/core\"; {other} = {{ url = \"@/{other}\"; inputs.core.follows = \"core\"; inputs.{own}.follows = \"\"; }};"
            ),
        );
    };
    both("a", "b");
    both("b", "a");
    repos.same("a");
    repos.same("b");
    repos.flake(
        "top",
        "core.url = \"@/core\"; a = { url = \"@/a\"; inputs.core.follows = \"core\"; inputs.b.follows = \"b\"; }; b = { url = \"@/b\"; inputs.core.follows = \"core\"; inputs.a.follows = \"a\"; };",
    );
    repos.same("top");
}

#[test]
fn branches_folders_renamed_inputs_and_plain_trees() {
    let repos = Repos::new();
    repos.flake("core", "");
    repos.add(
        "data",
        &[
            ("flake.nix", "not a flake at all"),
            ("b/x", "1"),
            ("b.c", "2"),
            ("é", "3"),
        ],
    );
    repos.flake(
        "a",
        "base.url = \"@/core?ref=main\"; data = { url = \"@/data\"; flake = false; };",
    );
    repos.same("a");
    let inner = "{\n  inputs.core.url = \"@/core\";\n  outputs = _: { };\n}\n";
    repos.add("many", &[("inner/flake.nix", inner)]);
    repos.same("many/inner");
    repos.flake(
        "top",
        "x.url = \"@/a\"; x.inputs.base.url = \"@/core\"; inner.url = \"@/many?dir=inner\"; core_2.url = \"@/core\"; core.url = \"@/core\";",
    );
    repos.same("top");
}

#[test]
fn every_sort_of_file_is_hashed() {
    let repos = Repos::new();
    repos.add(
        "core",
        &[
            ("flake.nix", "{ outputs = _: { }; }"),
            ("empty", ""),
            ("eight", "12345678"),
            ("a/b/c/deep", "x"),
            ("a.b", "before a/ for git, after it for Nix"),
            ("run.sh", "#!/bin/sh\n"),
        ],
    );
    let core = repos.root.join("core");
    fs::set_permissions(core.join("run.sh"), PermissionsExt::from_mode(0o755)).unwrap();
    std::os::unix::fs::symlink("../nowhere", core.join("link")).unwrap();
    fs::write(core.join("bytes"), b"\x00\xff\r\n").unwrap();
    commit(&core);
    repos.flake("a", "core.url = \"@/core\";");
    repos.same("a");
}

#[test]
fn what_git_makes_of_files_in_an_archive_is_what_counts() {
    let repos = Repos::new();
    repos.add(
        "odd",
        &[
            ("flake.nix", "{ outputs = _: { }; }"),
            (
                ".gitattributes",
                "tests export-ignore\nversion export-subst\n*.bat text eol=crlf\n",
            ),
            ("tests/all", "x"),
            ("version", "$Format:%H %cd$\n"),
            ("run.bat", "a\nb\n"),
            ("sub/.gitattributes", "secret export-ignore\n"),
            ("sub/secret", "x"),
            ("sub/kept", "x"),
            (&format!("{}/long", "deep/".repeat(40)), "x"),
        ],
    );
    repos.flake("user", "odd.url = \"@/odd\";");
    repos.same("user");
}

#[test]
fn a_long_history_is_counted() {
    let repos = Repos::new();
    repos.flake("core", "");
    for number in 0..70 {
        repos.add("core", &[("news", &number.to_string())]);
    }
    let core = repos.root.join("core");
    git(&core, &["checkout", "--quiet", "-b", "side", "HEAD~5"]);
    repos.add("core", &[("other", "x")]);
    git(&core, &["checkout", "--quiet", "main"]);
    repos.flake("before", "core.url = \"@/core\";");
    repos.same("before");
    git(
        &core,
        &[
            "-c",
            "user.name=A",
            "-c",
            "user.email=a@b",
            "merge",
            "--quiet",
            "-m",
            "x",
            "side",
        ],
    );
    git(&core, &["pack-refs", "--all"]);
    git(&core, &["gc", "--quiet"]);
    repos.flake("after", "core.url = \"@/core\";");
    repos.same("after");
}

#[test]
fn a_family_of_many_by_chance() {
    /// Numbers that are the same in every run.
    struct Chance(u64);
    impl Chance {
        fn below(&mut self, limit: u64) -> u64 {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (self.0 >> 33) % limit
        }
    }
    let repos = Repos::new();
    let mut chance = Chance(7);
    let mut inputs_of: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for number in 0..10 {
        let mut text = String::new();
        let mut own = Vec::new();
        for other in 0..number {
            if chance.below(3) > 0 {
                continue;
            }
            own.push(other);
            text.push_str(&format!("r{other}.url = \"@/r{other}\"; "));
            for inner in &inputs_of[&other] {
                if own.contains(inner) && chance.below(2) == 0 {
                    text.push_str(&format!(
                        "r{other}.inputs.r{inner}.follows = \"r{inner}\"; "
                    ));
                }
            }
        }
        inputs_of.insert(number, own);
        repos.flake(&format!("r{number}"), &text);
        repos.same(&format!("r{number}"));
    }
}

#[test]
fn what_nobody_knows_stays_as_it_is_locked() {
    let repos = Repos::new();
    repos.flake("core", "");
    repos.flake("far", "");
    repos.flake("a", "core.url = \"@/core\"; far.url = \"@/far\";");
    let old = repos.same("a");
    let far = old.nodes["far"].clone();
    // It moves on, and is out of reach.
    repos.flake("far", "core.url = \"@/core\";");
    repos.flake("core", "");
    let gone = repos.root.join("far");
    fs::rename(gone.join(".git"), gone.join("git")).unwrap();
    let text = fs::read_to_string(repos.root.join("a/flake.nix")).unwrap();
    let inputs = FlakeInputs::read(&text).unwrap();
    let now = repos.lock(&inputs, Some(&old), Dialect::Short);
    assert_eq!(now.nodes["far"], far);
    assert_ne!(now.nodes["core"], old.nodes["core"]);
}
