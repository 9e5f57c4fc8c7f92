//! Every state that a checkout may be in, against every command that writes: what people had
//! is there afterwards, byte for byte, or the command refused before it wrote.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Family, Forge, Ran, git};

/// A line that somebody added to a generated file.
const MINE: &str = "a line of mine\n";

/// Two repos above core, with packages that one of them moves and the other is asked for.
const MANIFEST: &str = r#"
repos.games = { sig = "all", tier = "sigs", packages = { chess = {}, go = {} } }
repos.web = { sig = "all", tier = "sigs", packages = { site = {} } }
"#;

/// What is done with the checkout of `games` before a command runs.
type State = (&'static str, fn(&Forge));

const STATES: &[State] = &[
    ("plain", |_| {}),
    ("submodule", submodule),
    ("separate git directory", separate),
    ("linked work tree", linked),
    ("sparse with the record", |forge| {
        sparse(forge, &["pkgs", ".aux-gen"]);
    }),
    ("sparse without the record", |forge| {
        sparse(forge, &["pkgs"]);
    }),
    ("autocrlf", crlf),
    ("links in place of files", links),
    ("detached", |forge| {
        git(&games(forge), &["checkout", "--quiet", "--detach"]);
    }),
    ("in the middle of a merge", merging),
    ("in the middle of a rebase", rebasing),
    ("hooks that refuse", hooks),
    ("a foreign owner", foreign),
    ("an index that somebody locked", |forge| {
        fs::write(forge.repo("games").join(".git/index.lock"), "").unwrap();
    }),
    ("a branch beside staging", |forge| {
        git(&games(forge), &["branch", "staging/tox"]);
    }),
    ("another branch", |forge| {
        git(&games(forge), &["branch", "--move", "trunk"]);
    }),
    ("no write permission", |forge| {
        fs::set_permissions(games(forge), fs::Permissions::from_mode(0o555)).unwrap();
    }),
];

/// Every command that writes, and that somebody might run with the family as it is, in an
/// order in which it may be run; each row starts anew.
const COMMANDS: &[&[&[&str]]] = &[
    &[
        &["generate", "--commit"],
        &["eject", "repos/games/README.md"],
    ],
    &[
        &["new-package", "games/poker"],
        &["resolve", "--theirs", "repos/games/flake.nix"],
        &["move", "go", "web"],
        &["check", "--fix"],
    ],
    &[&["lock"], &["lock", "--commit"]],
    &[&["update", "--offline"], &["promote"]],
];

fn games(forge: &Forge) -> PathBuf {
    forge.repo("games")
}

fn submodule(forge: &Forge) {
    let root = &forge.family.root;
    let place = games(forge);
    fs::remove_dir_all(&place).unwrap();
    git(root, &["init", "--quiet", "--initial-branch", "main"]);
    let from = forge.remote("games").display().to_string();
    let add = ["-c", "protocol.file.allow=always", "submodule", "--quiet"];
    let to = ["add", "-b", "main", &from, "repos/games"];
    git(root, &[&add[..], &to].concat());
    sign(&place);
}

fn separate(forge: &Forge) {
    let to = forge.family.root.join("games.git").display().to_string();
    git(
        &games(forge),
        &["init", "--quiet", "--separate-git-dir", &to],
    );
}

fn linked(forge: &Forge) {
    let (place, main) = (games(forge), forge.family.root.join("elsewhere"));
    fs::rename(&place, &main).unwrap();
    git(&main, &["checkout", "--quiet", "--detach"]);
    let to = place.display().to_string();
    git(&main, &["worktree", "add", "--quiet", &to, "main"]);
}

fn sparse(forge: &Forge, folders: &[&str]) {
    let set = ["sparse-checkout", "set"];
    git(&games(forge), &[&set[..], folders].concat());
}

fn crlf(forge: &Forge) {
    let place = games(forge);
    git(&place, &["config", "core.autocrlf", "true"]);
    git(&place, &["rm", "--quiet", "-r", "--cached", "."]);
    git(&place, &["reset", "--quiet", "--hard"]);
    let text = fs::read_to_string(place.join("flake.nix")).unwrap();
    assert!(text.contains("\r\n"), "the state is what it says");
}

fn links(forge: &Forge) {
    let place = games(forge);
    fs::create_dir(place.join("docs")).unwrap();
    fs::rename(place.join("layer.nix"), place.join("docs/layer.nix")).unwrap();
    symlink("docs/layer.nix", place.join("layer.nix")).unwrap();
    fs::rename(place.join(".github"), place.join("docs/github")).unwrap();
    symlink("docs/github", place.join(".github")).unwrap();
}

fn merging(forge: &Forge) {
    let place = games(forge);
    git(&place, &["checkout", "--quiet", "-b", "other", "HEAD~1"]);
    fs::write(place.join("notes"), "theirs\n").unwrap();
    git(&place, &["commit", "--quiet", "--all", "-m", "theirs"]);
    git(&place, &["checkout", "--quiet", "main"]);
    let merge = Command::new("git")
        .arg("-C")
        .arg(&place)
        .args(["merge", "--quiet", "other"])
        .output();
    assert!(!merge.unwrap().status.success());
}

fn rebasing(forge: &Forge) {
    let place = games(forge);
    git(&place, &["branch", "other", "HEAD~1"]);
    git(&place, &["checkout", "--quiet", "other"]);
    fs::write(place.join("notes"), "theirs\n").unwrap();
    git(&place, &["commit", "--quiet", "--all", "-m", "theirs"]);
    git(&place, &["checkout", "--quiet", "main"]);
    let rebase = Command::new("git")
        .arg("-C")
        .arg(&place)
        .args(["rebase", "--quiet", "other"])
        .output();
    assert!(!rebase.unwrap().status.success());
}

fn hooks(forge: &Forge) {
    for hook in ["pre-commit", "reference-transaction", "post-checkout"] {
        let path = games(forge).join(".git/hooks").join(hook);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "#!/bin/sh\necho \"$0 refuses\" >&2\nexit 1\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

fn foreign(forge: &Forge) {
    // Nobody but root can give a file away; the state is then a plain one.
    let _not_root = chown(games(forge), Some(12345), None);
    let _not_root = chown(games(forge).join(".git"), Some(12345), None);
}

fn sign(place: &Path) {
    git(place, &["config", "user.name", "Ada"]);
    git(place, &["config", "user.email", "ada@example.org"]);
}

/// A family of which `games` has everything that a person may have in a checkout.
fn forge() -> Forge {
    let forge = Forge::new(&["games", "web"], MANIFEST);
    forge.change("games", "notes", "mine, committed\n");
    let text = "{ stdenv }: stdenv.mkDerivation { name = \"chess-by-hand\"; }\n";
    forge.package("games", "chess", text);
    let readme = fs::read_to_string(games(&forge).join("README.md")).unwrap();
    forge.change("games", "README.md", &format!("{readme}{MINE}"));
    forge.change("games", "notes", "mine, changed and committed\n");
    git(&games(&forge), &["push", "--quiet", "origin", "main"]);
    // What is new for everybody, so that there is something to write.
    let manifest = forge.family.root.join("aux.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let text = text.replace(
        "packages = { chess",
        "contract = \"1.1.0\", packages = { chess",
    );
    fs::write(manifest, text).unwrap();
    forge.change("core", "news", "x");
    forge
}

/// What only lies in the folder, and is put there once it is in its state.
fn put_uncommitted(place: &Path) {
    for (file, text) in [
        ("untracked", "mine, not committed\n"),
        ("staged", "mine, staged\n"),
        (
            "pkgs/by-name/ch/chess/fix.patch",
            "mine, beside a package\n",
        ),
    ] {
        // A folder that nobody may write to has no such files.
        if fs::write(place.join(file), text).is_ok() && file == "staged" {
            let _locked = Command::new("git")
                .arg("-C")
                .arg(place)
                .args(["add", "staged"])
                .output();
        }
    }
}

/// Every file below a checkout that is a person's, by path; links by what they lead to.
fn hand_made(place: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().display().to_string();
            if name == ".git" || name.starts_with(".aux-gen") {
                continue;
            }
            if path.is_symlink() {
                let to = fs::read_link(&path).unwrap();
                files.insert(name, to.display().to_string().into_bytes());
            } else if path.is_dir() {
                walk(root, &path, files);
            } else {
                let is_mine = |name: &str| {
                    let own = ["notes", "untracked", "staged"];
                    own.contains(&name) || name.starts_with("docs/") || name.contains("/chess/")
                };
                if is_mine(&name) {
                    files.insert(name, fs::read(&path).unwrap());
                }
            }
        }
    }
    let mut files = BTreeMap::new();
    walk(place, place, &mut files);
    files
}

/// Commits that a person made and that some reference still leads to.
fn commits(place: &Path) -> Vec<String> {
    let log = Command::new("git")
        .arg("-C")
        .arg(place)
        .args([
            "-c",
            "safe.directory=*",
            "log",
            "--all",
            "--reflog",
            "--format=%s %H",
        ])
        .output()
        .unwrap();
    let log = String::from_utf8(log.stdout).unwrap();
    let mut lines: Vec<String> = log
        .lines()
        .filter(|line| line.starts_with("x ") || line.starts_with("theirs "))
        .map(str::to_owned)
        .collect();
    lines.sort();
    lines
}

/// What is staged of the files that are a person's.
fn staged(place: &Path) -> String {
    let staged = Command::new("git")
        .arg("-C")
        .arg(place)
        .args([
            "-c",
            "safe.directory=*",
            "ls-files",
            "--stage",
            "--",
            "staged",
            "notes",
        ])
        .output()
        .unwrap();
    String::from_utf8(staged.stdout).unwrap()
}

#[test]
fn whatever_state_a_checkout_is_in_nothing_of_anybodys_is_lost() {
    let base = forge();
    let mut looked_at = 0;
    for (state, make) in STATES {
        for commands in COMMANDS {
            let forge = base.copied();
            make(&forge);
            let place = games(&forge);
            put_uncommitted(&place);
            let (files, log, index) = (hand_made(&place), commits(&place), staged(&place));
            assert!(
                files.len() >= 3 && log.len() >= 3,
                "{state}: {files:?} {log:?}"
            );
            let readme = fs::read_to_string(place.join("README.md")).ok();
            let has_mine = readme.is_some_and(|text| text.contains(MINE.trim_end()));
            for command in *commands {
                let Ran { code, stderr, .. } = forge.family.run(command);
                let what = format!("{state}, {command:?}, code {code}\n{stderr}");
                assert!((0..=4).contains(&code), "{what}");
                assert!(!stderr.contains("panicked"), "{what}");
                let after = hand_made(&place);
                for (file, text) in &files {
                    assert!(after.get(file) == Some(text), "{file} is another: {what}");
                }
                let kept = commits(&place);
                let lost: Vec<_> = log.iter().filter(|one| !kept.contains(one)).collect();
                assert!(lost.is_empty(), "{lost:?}: {what}");
                assert_eq!(staged(&place), index, "{what}");
                if has_mine {
                    let text = fs::read_to_string(place.join("README.md")).unwrap();
                    assert!(text.contains(MINE.trim_end()), "my line is gone: {what}");
                }
                looked_at += 1;
            }
        }
    }
    let all: usize = COMMANDS.iter().map(|commands| commands.len()).sum();
    assert_eq!(looked_at, STATES.len() * all);
}

#[test]
fn folders_of_submodules_and_the_like_follow_their_branch() {
    for (state, make) in [STATES[1], STATES[2], STATES[3]] {
        let forge = Forge::new(&["games", "web"], MANIFEST);
        make(&forge);
        let place = games(&forge);
        forge.change("core", "news", "x");
        forge.family.ok(&["update", "--offline"]);
        forge.family.ok(&["promote"]);
        let status = git(&place, &["status", "--porcelain"]);
        assert_eq!(status, "", "{state}: nobody changed anything");
        let head = git(&place, &["rev-parse", "HEAD"]);
        assert_eq!(head, git(&place, &["rev-parse", "main"]), "{state}");
    }
}

#[test]
fn a_checkout_with_crlf_is_as_generated_and_stays_crlf() {
    let forge = Forge::new(&["games", "web"], MANIFEST);
    crlf(&forge);
    let place = games(&forge);
    assert_eq!(git(&place, &["status", "--porcelain"]), "");
    assert_eq!(forge.family.run(&["generate", "--check"]).code, 0);
    let manifest = forge.family.root.join("aux.toml");
    let text = fs::read_to_string(&manifest).unwrap().replace('\n', "\r\n");
    fs::write(&manifest, text).unwrap();
    forge.family.ok(&["new-package", "games/poker"]);
    for path in [
        manifest,
        place.join("contract.json"),
        place.join("README.md"),
    ] {
        let text = fs::read_to_string(&path).unwrap();
        let (all, crlf) = (text.matches('\n').count(), text.matches("\r\n").count());
        assert!(all == crlf && text.contains("poker"), "{}", path.display());
    }
    assert_eq!(forge.family.run(&["generate", "--check"]).code, 0);
}

#[test]
fn a_registry_that_ignores_its_repos_has_their_packages_all_the_same() {
    let family = Family::empty();
    family.ok(&["init", ".", "--lead", "ada"]);
    let before = family.ok(&["check"]);
    git(&family.root, &["init", "--quiet"]);
    let after = family.ok(&["check", "--deny-warnings"]);
    assert_eq!(before.stderr, after.stderr);
}

#[test]
fn a_sparse_registry_takes_nobody_for_gone() {
    let family = Family::empty();
    family.ok(&["init", ".", "--lead", "ada"]);
    family.ok(&["new-sig", "games", "--lead", "ada"]);
    fs::remove_file(family.root.join(".gitignore")).unwrap();
    git(
        &family.root,
        &["init", "--quiet", "--initial-branch", "main"],
    );
    sign(&family.root);
    git(&family.root, &["add", "--all"]);
    git(&family.root, &["commit", "--quiet", "-m", "x"]);
    let set = [
        "sparse-checkout",
        "set",
        "--no-cone",
        "/*",
        "!/sigs/games.toml",
    ];
    git(&family.root, &set);
    for command in [&["generate", "--commit"][..], &["check"]] {
        let ran = family.run(command);
        assert_eq!(ran.code, 1, "{command:?}");
        assert!(ran.stderr.contains("sigs/games.toml"), "{}", ran.stderr);
    }
    assert_eq!(git(&family.root, &["status", "--porcelain"]), "");
}

#[test]
fn a_commit_on_no_branch_is_not_made() {
    let forge = Forge::new(&["games", "web"], MANIFEST);
    let place = games(&forge);
    git(&place, &["checkout", "--quiet", "--detach"]);
    let manifest = forge.family.root.join("aux.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let text = text.replace(
        "packages = { chess",
        "contract = \"1.1.0\", packages = { chess",
    );
    fs::write(
        &manifest,
        text.replace(
            "packages = { site",
            "contract = \"1.1.0\", packages = { site",
        ),
    )
    .unwrap();
    let before = git(&place, &["rev-parse", "HEAD"]);
    let web = forge.tip("web", "main");
    let ran = forge.family.run(&["generate", "--commit"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("no branch is checked out"),
        "{}",
        ran.stderr
    );
    assert_eq!(git(&place, &["rev-parse", "HEAD"]), before);
    assert_ne!(forge.tip("web", "main"), web, "the others are committed");
}

#[test]
fn an_ignored_file_of_any_name_is_in_the_way() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let forge = Forge::new(&["games", "web"], MANIFEST);
    let place = games(&forge);
    forge.change("games", ".git-ignored", "x");
    fs::write(place.join(".git/info/exclude"), "caf*\n").unwrap();
    let name = OsStr::from_bytes(b"caf\xe9");
    let before = git(&place, &["rev-parse", "HEAD"]);
    fs::write(place.join(name), "theirs\n").unwrap();
    git(&place, &["add", "--all", "--force"]);
    git(&place, &["commit", "--quiet", "-m", "theirs"]);
    git(&place, &["push", "--quiet", "origin", "main"]);
    git(&place, &["reset", "--quiet", "--hard", before.trim()]);
    fs::write(place.join(name), "mine\n").unwrap();
    forge.family.ok(&["update"]);
    let ran = forge.family.run(&["promote"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert_eq!(fs::read_to_string(place.join(name)).unwrap(), "mine\n");
}

#[test]
fn what_a_sparse_checkout_leaves_out_is_there() {
    let forge = Forge::new(&["games", "web"], MANIFEST);
    let place = games(&forge);
    let check = place.join("README.md");
    let text = fs::read_to_string(&check).unwrap();
    forge.change("games", "README.md", &format!("{text}{MINE}"));
    sparse(&forge, &[".aux-gen"]);
    assert!(!place.join("pkgs").exists());
    // Packages and files that are not in the folder are neither missing nor removed.
    forge.family.ok(&["check", "--deny-warnings"]);
    let where_is = forge.family.ok(&["where", "chess"]);
    assert!(
        where_is.stdout.contains("games/chess"),
        "{}",
        where_is.stdout
    );
    assert_eq!(forge.family.run(&["generate", "--check"]).code, 0);
    let ran = forge.family.run(&["generate", "--commit"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let head = git(&place, &["show", "HEAD:README.md"]);
    assert!(head.ends_with(MINE));
}

#[test]
fn a_half_ended_merge_of_what_is_generated_is_no_end() {
    let forge = Forge::new(&["games", "web"], MANIFEST);
    let manifest = forge.family.root.join("aux.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let place = games(&forge);
    // Two people each add a package and generate.
    for (branch, package) in [("a", "asn"), ("b", "wheel")] {
        git(&place, &["checkout", "--quiet", "-b", branch, "main"]);
        let with = format!("chess = {{}}, {package} = {{}}");
        fs::write(&manifest, text.replace("chess = {}", &with)).unwrap();
        forge.family.ok(&["generate"]);
        git(&place, &["add", "--all"]);
        git(&place, &["commit", "--quiet", "-m", branch]);
    }
    // As a forge may merge, which heeds no attributes.
    fs::write(place.join(".git/info/attributes"), "* merge=text\n").unwrap();
    let merge = Command::new("git")
        .arg("-C")
        .arg(&place)
        .args(["merge", "--quiet", "a"])
        .output();
    assert!(
        !merge.unwrap().status.success(),
        "they conflict in what is generated"
    );
    let both = "chess = {}, asn = {}, wheel = {}";
    fs::write(&manifest, text.replace("chess = {}", both)).unwrap();
    forge.family.ok(&["generate"]);
    git(&place, &["add", "--all"]);
    git(&place, &["commit", "--quiet", "-m", "merged"]);
    for file in ["README.md", "contract.json", ".aux-gen/record"] {
        let text = fs::read_to_string(place.join(file)).unwrap();
        assert!(!text.contains("<<<<<<<"), "{file}\n{text}");
    }
    let readme = fs::read_to_string(place.join("README.md")).unwrap();
    assert!(readme.contains("asn") && readme.contains("wheel"));
    assert_eq!(forge.family.run(&["generate", "--check"]).code, 0);
}

#[test]
fn a_scaffold_that_somebody_removed_can_be_brought_back() {
    let forge = Forge::new(&["games", "web"], MANIFEST);
    let file = "repos/games/pkgs/by-name/go/go/package.nix";
    fs::remove_file(forge.family.root.join(file)).unwrap();
    let kept = forge.family.run(&["generate"]);
    assert!(!forge.family.root.join(file).exists(), "{}", kept.stderr);
    forge.family.ok(&["resolve", "--theirs", file]);
    assert!(forge.family.root.join(file).exists());
    assert_eq!(forge.family.run(&["generate", "--check"]).code, 0);
}
