//! Locks without Nix, compared byte for byte with those of real Nix on real git
//! repositories.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the test lays out repositories and runs git and Nix as users do"
)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use aux_gen::lock::{Checkouts, InputReason, InputRef, LockFile, Node, PinError, Unportable, lock};
use aux_git::{ShadowRepository, WorkTree};
use aux_nix::flake::{FlakeInputs, LockFormat};
use aux_test_support::git::{commit_all, git};

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

    /// Adds a repository; `@/` in a text stands for the folder of all of them.
    fn add(&self, name: &str, files: &[(&str, &str)]) -> &Self {
        let repo = self.root.join(name);
        if !repo.exists() {
            fs::create_dir(&repo).unwrap();
            git(&repo, &["init", "--quiet", "--initial-branch", "main"]);
        }
        for (path, text) in files {
            let path = repo.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let text = text.replace("@/", &format!("git+file://{}/", self.root.display()));
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
        for (program, format) in nixes() {
            match &before {
                Some(before) => fs::write(&file, before).unwrap(),
                None => drop(fs::remove_file(&file)),
            }
            let ours = self.lock(&inputs, None, format);
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

    /// Checkouts of all of them.
    fn checkouts(&self, format: LockFormat) -> (Vec<String>, Checkouts) {
        let repos = fs::read_dir(&self.root).unwrap();
        let repos = repos.map(|entry| entry.unwrap().path());
        let repos = repos.filter(|path| path.join(".git").exists());
        let by_url = repos.map(|path| (format!("git+file://{}", path.display()), path));
        let by_url: Vec<(String, PathBuf)> = by_url.collect();
        let urls = by_url.iter().map(|(url, _)| url.clone()).collect();
        (urls, Checkouts::new(format, by_url))
    }

    /// What the lock of a flake would be if nothing of it is updated.
    fn relock(&self, name: &str, format: LockFormat) -> Result<LockFile, PinError> {
        let (urls, mut checkouts) = self.checkouts(format);
        for url in urls {
            checkouts.keep(&url);
        }
        let read = |file: &str| fs::read_to_string(self.root.join(name).join(file)).ok();
        let inputs = FlakeInputs::read(&read("flake.nix").unwrap()).unwrap();
        let old = read("flake.lock").map(|text| LockFile::read(&text).unwrap());
        lock(&inputs, old.as_ref(), &mut checkouts)
    }

    /// What the lock of a flake would be if it had none.
    fn relock_anew(&self, name: &str) -> Result<LockFile, PinError> {
        let flake = fs::read_to_string(self.root.join(name).join("flake.nix")).unwrap();
        let (_, mut checkouts) = self.checkouts(LockFormat::Short);
        lock(&FlakeInputs::read(&flake).unwrap(), None, &mut checkouts)
    }

    /// What the lock of one input, at any reference, is.
    fn pin(&self, name: &str, url: &str, format: LockFormat) -> Result<String, PinError> {
        let repo = (url.to_owned(), self.root.join(name));
        let mut checkouts = Checkouts::new(format, [repo]);
        let text =
            format!("{{ inputs.x = {{ url = \"{url}\"; flake = false; }}; outputs = _: {{ }}; }}");
        let inputs = FlakeInputs::read(&text).unwrap();
        let file = lock(&inputs, None, &mut checkouts)?;
        let locked = file.nodes["x"].locked.clone().unwrap();
        Ok(locked["narHash"].as_str().unwrap().to_owned())
    }

    fn url(&self, name: &str) -> String {
        format!("git+file://{}", self.root.join(name).display())
    }

    /// Runs `nix flake lock` on a flake; returns what it says if it refuses.
    fn nix(&self, program: &str, name: &str) -> Result<(), String> {
        let output = Command::new(program)
            .args(["--extra-experimental-features", "nix-command flakes"])
            .args(["flake", "lock", "--offline"])
            .args(["--option", "flake-registry"])
            .arg(self.root.join("registry.json"))
            .arg(self.url(name))
            .env("HOME", &self.root)
            .output()
            .unwrap();
        if output.status.success() {
            Ok(())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    /// A registry of flakes in which `far` is the repository of that name.
    fn registry(&self) {
        let text = format!(
            r#"{{"version":2,"flakes":[{{"from":{{"type":"indirect","id":"far"}},"to":{{"type":"git","url":"file://{}/far"}}}}]}}"#,
            self.root.display()
        );
        fs::write(self.root.join("registry.json"), text).unwrap();
    }

    /// Compares the lock of a flake that has one with what every Nix at hand makes of it if
    /// nothing is updated.
    #[track_caller]
    fn same_again(&self, name: &str) -> LockFile {
        let file = self.root.join(name).join("flake.lock");
        let before = fs::read(&file).unwrap();
        let mut own = None;
        for (program, format) in nixes() {
            fs::write(&file, &before).unwrap();
            let ours = self.relock(name, format).unwrap();
            self.nix(&program, name).unwrap();
            let theirs = fs::read_to_string(&file).unwrap();
            assert_eq!(ours.text(), theirs, "{program}: {name}");
            own.get_or_insert((ours, theirs));
        }
        let (ours, theirs) = own.unwrap();
        fs::write(&file, theirs).unwrap();
        commit(&self.root.join(name));
        ours
    }

    fn lock(&self, inputs: &FlakeInputs, old: Option<&LockFile>, format: LockFormat) -> LockFile {
        let (_, mut checkouts) = self.checkouts(format);
        lock(inputs, old, &mut checkouts).unwrap()
    }
}

/// The Nix that is installed, and those that `AUX_GEN_NIXES` names, separated by `:`; with
/// how each writes locks.
fn nixes() -> Vec<(String, LockFormat)> {
    let more = std::env::var("AUX_GEN_NIXES").unwrap_or_default();
    let more = more.split(':').filter(|program| !program.is_empty());
    let all = ["nix"].into_iter().chain(more);
    all.map(|program| {
        let output = Command::new(program).arg("--version").output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let version = said.split_whitespace().last().unwrap();
        let mut numbers = version.split('.').map(|number| number.parse().unwrap_or(0));
        let version: (u32, u32) = (numbers.next().unwrap(), numbers.next().unwrap());
        let format = if version >= (2, 26) {
            LockFormat::Full
        } else {
            LockFormat::Short
        };
        (program.to_owned(), format)
    })
    .collect()
}

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

    fn one_of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[usize::try_from(self.below(texts.len() as u64)).unwrap()]
    }
}

/// What git says.
fn said(repo: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    let output = command
        .arg("-C")
        .arg(repo)
        .args(arguments)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// What git makes of an object that is written by hand; returns its name.
fn object(repo: &Path, kind: &str, content: &str) -> String {
    let file = repo.join(".git/written");
    fs::write(&file, content).unwrap();
    let file = file.to_str().unwrap();
    let words = ["hash-object", "-t", kind, "--literally", "-w", file];
    said(repo, &words)
}

fn commit(repo: &Path) {
    commit_all(repo, "x");
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
    fs::write(core.join("of many pieces"), vec![7; 200_003]).unwrap();
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
    let now = repos.lock(&inputs, Some(&old), LockFormat::Short);
    assert_eq!(now.nodes["far"], far);
    assert_ne!(now.nodes["core"], old.nodes["core"]);
}

#[test]
fn an_input_that_only_outputs_names_is_kept() {
    let repos = Repos::new();
    repos.flake("core", "");
    repos.flake("far", "core.url = \"@/core\";");
    repos.same("far");
    repos.registry();
    let text = "{ inputs.core.url = \"@/core\"; outputs = ({ self, core, far, ... }@all: { }); }";
    repos.add("a", &[("flake.nix", text)]);
    let refused = repos.relock("a", LockFormat::Short).unwrap_err();
    let PinError::Input(refused) = refused else {
        panic!("{refused}")
    };
    assert_eq!(refused.input, "far");
    assert!(matches!(refused.reason, InputReason::Registry(_)));
    let said = refused.to_string();
    assert!(said.contains("flake registry"), "{said}");
    assert!(said.contains("`nix flake lock`"), "{said}");
    repos.nix("nix", "a").unwrap();
    let lock = repos.same_again("a");
    assert_eq!(lock.nodes["far"].original.as_ref().unwrap()["id"], "far");
    assert!(lock.nodes.contains_key("core_2"));
    // Core moves on, and only that is new.
    let far = lock.nodes["far"].clone();
    repos.add("core", &[("news", "x")]);
    repos.add("far", &[("news", "x")]);
    let text = fs::read_to_string(repos.root.join("a/flake.nix")).unwrap();
    let now = repos.lock(
        &FlakeInputs::read(&text).unwrap(),
        Some(&lock),
        LockFormat::Short,
    );
    assert_eq!(now.nodes["far"], far);
    assert_ne!(now.nodes["core"], lock.nodes["core"]);
    assert_eq!(now.nodes["core_2"], lock.nodes["core_2"]);
}

#[test]
fn a_follows_that_was_removed_brings_its_node_back() {
    let repos = Repos::new();
    repos.flake("core", "");
    repos.flake("tools", "core.url = \"@/core\";");
    repos.same("tools");
    repos.flake("a", "core.url = \"@/core\"; tools.url = \"@/tools\";");
    repos.same("a");
    let follows = "core.url = \"@/core\"; a = { url = \"@/a\"; inputs.core.follows = \"core\"; inputs.tools.inputs.core.follows = \"core\"; };";
    let follows = follows.replace(" inputs.tools.inputs.core.follows = \"core\";", "");
    repos.flake("top", &follows);
    let before = repos.same("top");
    assert_eq!(before.nodes.len(), 5);
    // Everybody moves on; what is not asked for stays where it was.
    repos.add("a", &[("news", "x")]);
    repos.add("core", &[("news", "x")]);
    repos.flake("top", "core.url = \"@/core\"; a.url = \"@/a\";");
    let after = repos.same_again("top");
    assert_eq!(after.nodes["a"].locked, before.nodes["a"].locked);
    assert_eq!(after.nodes["core"].locked.as_ref().unwrap()["rev"], {
        let core = repos.root.join("core");
        said(&core, &["rev-parse", "HEAD"])
    });

    // The flake that would have to be read again is not here.
    repos.flake("top", &follows);
    repos.same_again("top");
    repos.flake("top", "core.url = \"@/core\"; a.url = \"@/a\";");
    let gone = repos.root.join("a");
    fs::rename(gone.join(".git"), gone.join("git")).unwrap();
    let refused = repos
        .relock("top", LockFormat::Short)
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("`a`") && refused.contains("`core`"),
        "{refused}"
    );
    assert!(refused.contains("which is not here"), "{refused}");
}

#[test]
fn what_follows_nothing_is_refused_as_nix_refuses_it() {
    let repos = Repos::new();
    repos.registry();
    repos.flake("core", "");
    repos.flake("a", "core.url = \"@/core\";");
    repos.same("a");
    for inputs in [
        "a.url = \"@/a\"; a.inputs.core.follows = \"gone\";",
        "a.url = \"@/a\"; x.follows = \"a/gone\";",
    ] {
        repos.flake("top", inputs);
        let theirs = repos.nix("nix", "top").unwrap_err();
        assert!(theirs.contains("non-existent input"), "{theirs}");
        let ours = repos.relock("top", LockFormat::Short).unwrap_err();
        assert!(ours.to_string().contains("follows `"), "{ours}");
    }
    // Two that follow each other are nobody's.
    repos.flake("top", "x.follows = \"y\"; y.follows = \"x\";");
    for format in [LockFormat::Short, LockFormat::Full] {
        repos.relock("top", format).unwrap_err();
    }
    // Flakes without locks that use each other would never end.
    repos.flake("b", "c.url = \"@/c\";");
    repos.flake("c", "b.url = \"@/b\";");
    let refused = repos
        .relock("b", LockFormat::Short)
        .unwrap_err()
        .to_string();
    assert!(refused.contains("is an input of itself"), "{refused}");
}

/// What is locked stays as it is only if its reference is read as Nix reads it: else Nix
/// would fetch it, which it cannot.
#[test]
fn every_form_of_reference_is_found_in_a_lock() {
    const REV: &str = "0123456789abcdef0123456789abcdef01234567";
    let texts = [
        "nixpkgs",
        "nixpkgs/nixos-22.05",
        "nixpkgs/REV",
        "flake:nixpkgs/main/REV",
        "github:a/b",
        "github:a/b/feature/x",
        "github:a/b?ref=x&dir=sub/dir",
        "github:a/b/REV?host=forge.example",
        "gitlab:a/b?rev=REV",
        "sourcehut:~a/b/main",
        "git://forge.example/a",
        "git+https://forge.example/a?ref=refs/heads/x&rev=REV",
        "git+https://forge.example/a?shallow=1&submodules=1&dir=x",
        "git+https://forge.example/a%20b/c+d?z=1&a=%2f%c3%a9&a=2",
        "git+ssh://git@forge.example:22/a/b.git?allRefs=1",
        "git+file:///nowhere/at/all?ref=x",
        "git+http://forge.example",
        "hg+https://forge.example/a?ref=x&q=1",
        "hg+file:///nowhere/at/all",
        "path:/nowhere/at/all",
        "path:/nowhere/at/all?lastModified=3&narHash=sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        "/nowhere/at/all",
        "https://forge.example/a.tar.gz",
        "https://forge.example/a.tar.xz?b=c&dir=x",
        "file:///nowhere/at/all.zip",
        "http://user@forge.example:80/~a/b.tgz",
    ];
    let attributes = [
        r#"{ type = "git"; url = "https://forge.example/a"; ref = "x"; submodules = true; }"#,
        r#"{ type = "github"; owner = "a"; repo = "b"; dir = "x"; }"#,
        r#"{ type = "indirect"; id = "nixpkgs"; }"#,
        r#"{ type = "path"; path = "/nowhere"; lastModified = 3; }"#,
        "{ }",
    ];
    let texts = texts.iter().map(|text| {
        format!(
            "{{ url = \"{}\"; flake = false; }}",
            text.replace("REV", REV)
        )
    });
    let flakes = attributes.iter().map(|text| (*text).to_owned());
    let repos = Repos::new();
    repos.registry();
    for (number, input) in texts.chain(flakes).enumerate() {
        let name = format!("r{number}");
        let text = format!("{{ inputs.x = {input}; outputs = _: {{ }}; }}");
        repos.add(&name, &[("flake.nix", &text)]);
        let spec = FlakeInputs::read(&text).unwrap().0["x"].clone();
        for (program, format) in nixes() {
            let reference = spec.reference(format).unwrap();
            let reference = reference.unwrap_or_else(|| aux_nix::flake::Reference::indirect("x"));
            let locked = serde_json::json!({
                "lastModified": 1,
                "narHash": "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
                "ref": "main",
                "rev": REV,
                "revCount": 1,
                "type": "git",
                "url": "file:///nowhere/at/all",
            });
            let mut file = LockFile::new();
            let node = Node {
                flake: (!spec.is_flake).then_some(false),
                locked: locked.as_object().cloned(),
                original: Some(reference.attributes),
                ..Node::default()
            };
            file.nodes.insert("x".to_owned(), node);
            let root = file.nodes.get_mut("root").unwrap();
            root.inputs
                .insert("x".to_owned(), InputRef::Node("x".to_owned()));
            repos.add(&name, &[("flake.lock", &file.text())]);
            let said = repos.nix(&program, &name);
            assert_eq!(said, Ok(()), "{program}: {input}: {}", file.text());
            let theirs = fs::read_to_string(repos.root.join(&name).join("flake.lock")).unwrap();
            assert_eq!(theirs, file.text(), "{program}: {input}");
            let ours = repos.relock(&name, format).unwrap();
            assert_eq!(ours, file, "{program}: {input}");
        }
    }
}

#[test]
fn a_flake_that_is_a_link_is_read_where_that_leads() {
    let repos = Repos::new();
    repos.flake("core", "");
    repos.flake("a", "core.url = \"@/core\";");
    let a = repos.root.join("a");
    fs::create_dir_all(a.join("nix/deep")).unwrap();
    fs::rename(a.join("flake.nix"), a.join("nix/flake.nix")).unwrap();
    std::os::unix::fs::symlink("deep/../../nix/flake.nix", a.join("nix/other")).unwrap();
    std::os::unix::fs::symlink("./nix/other", a.join("flake.nix")).unwrap();
    fs::write(a.join("nix/deep/x"), "").unwrap();
    commit(&a);
    repos.flake("top", "a.url = \"@/a\";");
    let lock = repos.same("top");
    assert!(lock.nodes.contains_key("core"));
    // One that leads out of the tree, or to itself, is no flake.
    for target in ["../core/flake.nix", "/etc/passwd", "flake.nix", "nix"] {
        fs::remove_file(a.join("flake.nix")).unwrap();
        std::os::unix::fs::symlink(target, a.join("flake.nix")).unwrap();
        commit(&a);
        let refused = repos.relock_anew("top").unwrap_err();
        assert!(
            matches!(refused, PinError::NoFlake(_)),
            "{target}: {refused}"
        );
    }
}

#[test]
fn a_flake_that_asks_for_its_submodules_is_named() {
    let repos = Repos::new();
    let text = "{ inputs.self.submodules = true; outputs = { self }: { }; }";
    repos.add("a", &[("flake.nix", text)]);
    repos.flake("top", "a.url = \"@/a\";");
    let refused = repos.relock("top", LockFormat::Full).unwrap_err();
    assert!(matches!(refused, PinError::AsksForMore(_)), "{refused}");
    // Older Nix knows no such attribute.
    let refused = repos.relock("top", LockFormat::Short).unwrap_err();
    assert!(refused.to_string().contains("`submodules`"), "{refused}");
    let own = repos.relock("a", LockFormat::Full).unwrap();
    assert_eq!(own, LockFile::new());
}

#[test]
fn a_shadow_has_the_objects_and_nothing_else() {
    let repos = Repos::new();
    repos.flake("core", "");
    let core = repos.root.join("core");
    git(
        &core,
        &["config", "core.fsmonitor", "false; touch fsmonitor-was-run"],
    );
    let tree = WorkTree::at(&core).unwrap();
    let shadow = ShadowRepository::of(&tree).unwrap();
    let head = said(&core, &["rev-parse", "HEAD"]);
    shadow.branch("a/b", &head).unwrap();
    assert_eq!(said(shadow.path(), &["rev-parse", "HEAD"]), head);
    assert_eq!(
        said(shadow.path(), &["symbolic-ref", "HEAD"]),
        "refs/heads/a/b"
    );
    let names: Vec<_> = fs::read_dir(shadow.path()).unwrap().collect();
    assert!(!shadow.path().join("config").exists(), "{names:?}");
    // Nix takes it for the repository.
    let output = Command::new("nix")
        .args(["--extra-experimental-features", "nix-command flakes"])
        .args(["flake", "metadata", "--json"])
        .arg(format!("git+file://{}?ref=a/b", shadow.path().display()))
        .env("HOME", &repos.root)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains(&head), "{errors}");
    for (name, commit) in [("..", head.as_str()), ("x", "nothing"), ("-x y", &head)] {
        shadow.branch(name, commit).unwrap_err();
    }
    let path = shadow.path().to_owned();
    drop(shadow);
    assert!(!path.exists());
}

/// Edits of a `flake.nix` and of those that it uses, between two locks, as people make them.
#[test]
fn edits_between_locks_by_chance() {
    for (program, format) in nixes() {
        let output = Command::new(&program).arg("--version").output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        // These keep more of an old lock than those before and after them.
        let is_between = (26..31).any(|minor| said.contains(&format!(" 2.{minor}.")));
        if !is_between {
            edits_by_chance(&program, format);
        }
    }
}

fn edits_by_chance(program: &str, format: LockFormat) {
    const RUNS: u64 = 6;
    const STEPS: usize = 12;
    let (mut locked, mut refused, mut fetched) = (0, 0, 0);
    for run in 0..RUNS {
        let mut chance = Chance(100 + run);
        let repos = Repos::new();
        repos.registry();
        repos.flake("far", "");
        repos.flake("r0", "");
        repos.flake("r1", "r0.url = \"@/r0\";");
        repos.flake(
            "r2",
            "r0.url = \"@/r0\"; r1.url = \"@/r1\"; r1.inputs.r0.follows = \"r0\";",
        );
        for name in ["r1", "r2"] {
            if chance.below(4) > 0 {
                repos.nix(program, name).unwrap();
            }
            commit(&repos.root.join(name));
        }
        repos.flake("top", "");
        let file = repos.root.join("top/flake.lock");
        for step in 0..STEPS {
            // Somebody moves on, with another lock or another flake.
            let moved = chance.one_of(&["r0", "r1", "r2", "r1", "r2"]);
            match chance.below(4) {
                0 => drop(repos.add(moved, &[("news", &step.to_string())])),
                1 if moved != "r0" => {
                    repos.nix(program, moved).unwrap();
                    commit(&repos.root.join(moved));
                }
                2 if moved == "r2" => {
                    let inputs = chance.one_of(&[
                        "r0.url = \"@/r0\"; r1.url = \"@/r1\";",
                        "r1.url = \"@/r1\"; r0.follows = \"r1/r0\";",
                        "r0.url = \"@/r0\"; r1.url = \"@/r1\"; r1.inputs.r0.follows = \"r0\";",
                    ]);
                    repos.flake("r2", inputs);
                    if chance.below(2) == 0 {
                        repos.nix(program, "r2").unwrap();
                        commit(&repos.root.join("r2"));
                    }
                }
                _ => {}
            }
            let mut inputs = String::new();
            for name in ["r0", "r1", "r2"] {
                if chance.below(4) == 0 {
                    continue;
                }
                let query = chance.one_of(&["", "", "", "?ref=main"]);
                inputs.push_str(&format!("{name}.url = \"@/{name}{query}\"; "));
                if chance.below(8) == 0 {
                    inputs.push_str(&format!("{name}.flake = false; "));
                }
                let inner: &[&str] = match name {
                    "r1" => &["r0"],
                    "r2" => &["r0", "r1"],
                    _ => &[],
                };
                for inner in inner {
                    match chance.below(6) {
                        0 | 1 => inputs
                            .push_str(&format!("{name}.inputs.{inner}.follows = \"{inner}\"; ")),
                        2 => inputs.push_str(&format!("{name}.inputs.{inner}.url = \"@/far\"; ")),
                        3 => {
                            inputs
                                .push_str(&format!("{name}.inputs.{inner}.follows = \"r1/r0\"; "));
                        }
                        _ => {}
                    }
                }
            }
            // Older Nix knows of no override that is deeper.
            if format == LockFormat::Full && inputs.contains("r2.url") && chance.below(3) == 0 {
                inputs.push_str("r2.inputs.r1.inputs.r0.follows = \"r0\"; ");
            }
            let more = chance.one_of(&[
                "",
                "",
                "far = { };",
                "far.url = \"far\";",
                "x.follows = \"r1/r0\";",
            ]);
            let formals = chance.one_of(&["_", "_", "{ self, far, ... }", "all@{ self, ... }"]);
            let text = format!("{{ inputs = {{ {inputs}{more} }}; outputs = {formals}: {{ }}; }}");
            repos.add("top", &[("flake.nix", &text)]);
            let before = fs::read_to_string(&file).ok();
            let ours = repos.relock("top", format);
            let theirs = repos.nix(program, "top").map(|()| {
                let text = fs::read_to_string(&file);
                text.unwrap_or_else(|_| LockFile::new().text())
            });
            let place = format!("{program}, run {run}, step {step}: {text}\nbefore: {before:?}");
            match (ours, theirs) {
                (Ok(ours), Ok(theirs)) => {
                    locked += 1;
                    assert_eq!(ours.text(), theirs, "{place}");
                }
                (Err(_), Err(_)) => refused += 1,
                (Err(PinError::Input(error)), Ok(_))
                    if matches!(error.reason, InputReason::Registry(_)) =>
                {
                    fetched += 1;
                }
                // Nix up to 2.25 writes what follows itself, and then evaluates for ever.
                (Err(PinError::Input(error)), Ok(theirs))
                    if matches!(error.reason, InputReason::Follows(_)) =>
                {
                    let path: Vec<String> = error.input.split('/').map(str::to_owned).collect();
                    let theirs = LockFile::read(&theirs).unwrap();
                    assert_eq!(theirs.node(&path), None, "{place}");
                    refused += 1;
                }
                (ours, theirs) => panic!("{place}\nours: {ours:?}\ntheirs: {theirs:?}"),
            }
            commit(&repos.root.join("top"));
        }
    }
    assert!(
        locked > 30 && fetched > 1,
        "{program}: {locked} {refused} {fetched}"
    );
}

/// A repository with a file that a filter changes, where that filter is configured for the
/// user and for the repository; and a text that git may put into an archive.
fn filtered(repos: &Repos, attributes: &str, text: &str) -> PathBuf {
    let odd = repos.root.join("odd");
    repos.add(
        "odd",
        &[
            (".gitattributes", attributes),
            ("big.bin", "pointer\n"),
            ("version", text),
        ],
    );
    for (key, value) in [
        ("filter.big.smudge", "tr a-z A-Z"),
        ("filter.big.clean", "cat"),
        ("core.autocrlf", "true"),
    ] {
        git(&odd, &["config", key, value]);
    }
    fs::write(odd.join(".git/info/attributes"), "* export-ignore\n").unwrap();
    odd
}

#[test]
fn a_hash_that_is_not_everybodys_is_refused() {
    let repos = Repos::new();
    filtered(&repos, "*.bin filter=big -text\n", "1\n");
    // A forge has no filters, and from 2.26 on Nix runs none: the pointer is what counts.
    let files = repos.root.join("files");
    fs::create_dir(&files).unwrap();
    for (name, text) in [
        (".gitattributes", "*.bin filter=big -text\n"),
        ("big.bin", "pointer\n"),
        ("version", "1\n"),
    ] {
        fs::write(files.join(name), text).unwrap();
    }
    let output = Command::new("nix")
        .args(["--extra-experimental-features", "nix-command"])
        .args(["hash", "path", "--sri"])
        .arg(&files)
        .output()
        .unwrap();
    let committed = String::from_utf8(output.stdout).unwrap().trim().to_owned();
    assert!(committed.starts_with("sha256-"), "{committed}");
    let url = repos.url("odd");
    let both = [LockFormat::Short, LockFormat::Full];
    for format in both {
        assert_eq!(repos.pin("odd", "github:a/odd", format).unwrap(), committed);
    }
    assert_eq!(repos.pin("odd", &url, LockFormat::Full).unwrap(), committed);
    // Older Nix asks the git of whoever locks.
    let refused = repos.pin("odd", &url, LockFormat::Short).unwrap_err();
    let said = refused.to_string();
    assert!(
        said.contains("`big.bin`") && said.contains("`filter=big`"),
        "{said}"
    );
    assert!(said.contains("Nix 2.26"), "{said}");
    assert!(matches!(
        refused,
        PinError::Unportable {
            why: Unportable::Filter { .. },
            ..
        }
    ));

    // What names refs is no forge's either.
    filtered(&repos, "version export-subst\n", "$Format:%H %d$\n");
    for (url, format) in [
        ("github:a/odd", LockFormat::Short),
        ("github:a/odd", LockFormat::Full),
        (&url, LockFormat::Short),
    ] {
        let refused = repos.pin("odd", url, format).unwrap_err();
        let said = refused.to_string();
        assert!(
            said.contains("`version`") && said.contains("`%d`"),
            "{said}"
        );
    }
    repos.pin("odd", &url, LockFormat::Full).unwrap();
    filtered(&repos, "version export-subst\n", "$Format:%H %ci$\n");
    let everybodys = both.map(|format| repos.pin("odd", "github:a/odd", format).unwrap());
    assert_eq!(everybodys[0], everybodys[1]);
    assert_eq!(
        repos.pin("odd", &url, LockFormat::Short).unwrap(),
        everybodys[0]
    );
}

#[test]
fn replace_refs_and_grafts_are_one_machines_own() {
    let repos = Repos::new();
    repos.flake("core", "");
    for number in 0..3 {
        repos.add("core", &[("news", &number.to_string())]);
    }
    repos.flake("a", "core.url = \"@/core\";");
    let read = |repos: &Repos| {
        let text = fs::read_to_string(repos.root.join("a/flake.nix")).unwrap();
        let inputs = FlakeInputs::read(&text).unwrap();
        repos.lock(&inputs, None, LockFormat::Short).text()
    };
    let before = read(&repos);
    let core = repos.root.join("core");
    let head = said(&core, &["rev-parse", "HEAD"]);
    let tree = said(&core, &["rev-parse", "HEAD~2^{tree}"]);
    let other = object(
        &core,
        "commit",
        &format!("tree {tree}\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\n\nx\n"),
    );
    git(&core, &["replace", &head, &other]);
    fs::create_dir_all(core.join(".git/info")).unwrap();
    fs::write(core.join(".git/info/grafts"), format!("{head}\n")).unwrap();
    assert_eq!(read(&repos), before);
    // Nor is it another from a second work tree of the repository, or from a clone that
    // borrows its objects.
    let more = ["worktree", "add", "--quiet", "-b", "side", "../side", &head];
    git(&core, &more);
    let borrowed = ["clone", "--quiet", "--shared", "../core", "../borrowed"];
    git(&core, &borrowed);
    let alternates = repos.root.join("borrowed/.git/objects/info/alternates");
    fs::write(alternates, "../../../core/.git/objects\n").unwrap();
    let hash = |name: &str| {
        repos
            .pin(name, &repos.url(name), LockFormat::Short)
            .unwrap()
    };
    assert_eq!(hash("side"), hash("core"));
    assert_eq!(hash("borrowed"), hash("core"));
}

#[test]
fn what_cannot_be_read_is_told_in_gits_words() {
    let repos = Repos::new();
    let refuse = |name: &str, part: &str| {
        for format in [LockFormat::Short, LockFormat::Full] {
            let refused = repos.pin(name, &repos.url(name), format);
            let refused = refused.unwrap_err();
            assert!(!matches!(refused, PinError::Git(_)), "{refused}");
            let said = refused.to_string();
            assert!(said.contains(part), "{name}: {said}");
            assert!(said.contains(&format!("/{name}`")), "{name}: {said}");
        }
    };
    let with_head = |name: &str, commit: &str| {
        let repo = repos.root.join(name);
        fs::write(repo.join(".git/refs/heads/main"), format!("{commit}\n")).unwrap();
    };
    for name in ["date", "tree", "gone", "bomb", "deep", "large", "shallow"] {
        repos.flake(name, "");
        repos.add(name, &[("news", "x")]);
    }
    let place = |name: &str| repos.root.join(name);
    let tree = said(&place("date"), &["rev-parse", "HEAD^{tree}"]);
    for (date, is_read) in [("x", false), ("99999999999999999999", false), ("7", true)] {
        let text =
            format!("tree {tree}\nauthor A <a> 1 +0000\ncommitter A <a> {date} +0000\n\nx\n");
        with_head("date", &object(&place("date"), "commit", &text));
        if is_read {
            drop(
                repos
                    .pin("date", &repos.url("date"), LockFormat::Full)
                    .unwrap(),
            );
        } else {
            refuse("date", "no date");
        }
    }
    // A tree that is none, and a commit of it.
    let of_tree = |name: &str, tree: &str| {
        let text = format!("tree {tree}\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\n\nx\n");
        with_head(name, &object(&place(name), "commit", &text));
    };
    of_tree("tree", &object(&place("tree"), "tree", "100644 x\0short"));
    refuse("tree", "cannot be read");
    let blob = said(&place("gone"), &["rev-parse", "HEAD:news"]);
    let loose = place("gone")
        .join(".git/objects")
        .join(&blob[..2])
        .join(&blob[2..]);
    fs::remove_file(&loose).unwrap();
    refuse("gone", "missing");
    fs::write(&loose, "damaged").unwrap();
    refuse("gone", "cannot be read");
    // A tree with itself ten times over, twelve times in each other, and one of two thousand
    // directories.
    for (name, width, depth, part) in [("bomb", 10, 12, "files"), ("deep", 1, 2000, "directories")]
    {
        let repo = place(name);
        let mut tree = said(&repo, &["rev-parse", "HEAD^{tree}"]);
        for _ in 0..depth {
            let entries: String = (0..width)
                .map(|number| format!("040000 tree {tree}\td{number}\n"))
                .collect();
            fs::write(repo.join(".git/list"), entries).unwrap();
            let output = Command::new("git")
                .arg("-C")
                .arg(&repo)
                .arg("mktree")
                .stdin(fs::File::open(repo.join(".git/list")).unwrap())
                .output()
                .unwrap();
            tree = String::from_utf8(output.stdout).unwrap().trim().to_owned();
        }
        of_tree(name, &tree);
        refuse(name, part);
    }
    let cut = ["clone", "--quiet", "--depth", "1"];
    let from = format!("file://{}", place("large").display());
    let to = place("cut");
    git(
        &repos.root,
        &[&cut[..], &[&from, to.to_str().unwrap()]].concat(),
    );
    refuse("cut", "shallow clone");
    // Names of another sort.
    let other = place("sha256");
    fs::create_dir(&other).unwrap();
    git(&other, &["init", "--quiet", "--object-format", "sha256"]);
    commit(&other);
    refuse("sha256", "SHA-256");
    // A file of any size is hashed, and one that is read is not.
    let large = place("large");
    let file = fs::File::create(large.join("large")).unwrap();
    file.set_len(50 << 20).unwrap();
    commit(&large);
    repos
        .pin("large", &repos.url("large"), LockFormat::Full)
        .unwrap();
    let file = fs::File::create(large.join("flake.nix")).unwrap();
    file.set_len(20 << 20).unwrap();
    commit(&large);
    repos.flake("user", "large.url = \"@/large\";");
    let refused = repos
        .relock("user", LockFormat::Full)
        .unwrap_err()
        .to_string();
    assert!(refused.contains("has 20971520 bytes"), "{refused}");
}
