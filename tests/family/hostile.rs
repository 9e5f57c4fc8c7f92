//! Contributors who mean harm: whatever they commit, and whatever their git directory says,
//! nothing of theirs runs outside of Nix's evaluation, nothing outside is read or written, and
//! the others go on.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use aux_gen::disk::State;

use crate::support::{Family, Forge, SMALL, every_file, git, repo};
use crate::trains::held;

/// A family in a git repository, and a clone of it.
fn cloned(prepare: impl Fn(&Family)) -> (Family, Family) {
    let family = Family::of(SMALL);
    family.ok(&["generate"]);
    git(
        &family.root,
        &["init", "--quiet", "--initial-branch", "main"],
    );
    prepare(&family);
    git(&family.root, &["config", "user.name", "Eve"]);
    git(&family.root, &["config", "user.email", "eve@example.org"]);
    git(&family.root, &["add", "--all", "--force"]);
    git(&family.root, &["commit", "--quiet", "-m", "harmless"]);
    let clone = Family::empty();
    let from = family.root.display().to_string();
    git(&clone.root, &["clone", "--quiet", &from, "."]);
    (family, clone)
}

/// A journal that writes a file.
fn journal(path: &str, text: &str) -> String {
    use std::fmt::Write;
    let digest = Command::new("sh")
        .args([
            "-c",
            "printf %s \"$1\" | sha256sum | cut -d' ' -f1",
            "sh",
            text,
        ])
        .output()
        .unwrap();
    let hash = String::from_utf8(digest.stdout).unwrap().trim().to_owned();
    let mut journal = String::new();
    let _ = write!(
        journal,
        r#"[{{"path":"{path}","change":"write","before":null,"after":"{hash}","group":0}}]"#
    );
    journal
}

#[test]
fn a_journal_that_is_committed_is_not_replayed() {
    let hook = "#!/bin/sh\ntouch /tmp/owned\n";
    let folders = [".aux-gen", ".aux-gen/local/0123456789abcdef"];
    for path in [".git/hooks/pre-commit", "out/owned", "planted"] {
        let outside = tempfile::tempdir().unwrap();
        let (_family, clone) = cloned(|family| {
            for folder in folders {
                family.write(&format!("{folder}/journal.json"), &journal(path, hook));
                family.write(&format!("{folder}/staged/0/0"), hook);
            }
            symlink(outside.path(), family.root.join("out")).unwrap();
        });
        clone.ok(&["generate"]);
        clone.ok(&["recover"]);
        let ran = clone.run(&["check", "--tree", ".", "--fix"]);
        assert!((0..=4).contains(&ran.code), "{}", ran.stderr);
        assert!(!clone.root.join(path).exists(), "{path}");
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0, "{path}");
    }
}

#[test]
fn even_a_journal_of_our_own_writes_to_no_git_directory_and_through_no_link() {
    let outside = tempfile::tempdir().unwrap();
    for path in [".git/hooks/pre-commit", ".GIT/x", "git~1/x", "out/owned"] {
        let (_family, clone) = cloned(|family| {
            symlink(outside.path(), family.root.join("out")).unwrap();
        });
        let state = State::make(&clone.root).unwrap();
        fs::create_dir_all(state.path("staged/0")).unwrap();
        fs::write(state.path("staged/0/0"), "x").unwrap();
        fs::write(state.path("journal.json"), journal(path, "x")).unwrap();
        let ran = clone.run(&["generate"]);
        assert!(
            ran.code == 1 || ran.stderr.contains("left"),
            "{path}: {}",
            ran.stderr
        );
        assert!(!clone.root.join(path).exists(), "{path}");
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0, "{path}");
        // There is always a way out.
        clone.ok(&["recover", "--abandon"]);
        clone.ok(&["generate"]);
    }
}

#[test]
fn a_record_can_have_nothing_removed_that_was_not_generated() {
    let mine = "mine, and of a known hash\n";
    for file in [
        ".git/HEAD",
        "notes",
        "pkgs/by-name/ch/chess/package.nix",
        "flake.lock",
    ] {
        let (_family, clone) = cloned(|family| {
            let place = family.root.join("repos/games");
            if !file.starts_with(".git") {
                family.write(&format!("repos/games/{file}"), mine);
            }
            let text =
                fs::read(place.join(file)).unwrap_or_else(|_| b"ref: refs/heads/main\n".to_vec());
            let text = String::from_utf8(text).unwrap();
            let blob = aux_git::blob_name(text.as_bytes());
            let path = place.join(".aux-gen/record");
            let record = fs::read_to_string(&path).unwrap();
            fs::write(
                &path,
                format!("{record}generated {blob} x 1 0.1.0 {file}\n"),
            )
            .unwrap();
        });
        // The repo is a repository of its own in the clone, as its owner has it.
        let games = clone.root.join("repos/games");
        git(&games, &["init", "--quiet", "--initial-branch", "main"]);
        let ran = clone.run(&["generate", "--allow-removals"]);
        assert!((0..=4).contains(&ran.code), "{}", ran.stderr);
        assert!(games.join(file).exists(), "{file}: {}", ran.stderr);
        assert!(games.join(".git/HEAD").exists());
    }
}

#[test]
fn links_in_place_of_our_own_folders_lead_nowhere() {
    for link in [
        ".aux-gen",
        ".aux-gen/local",
        "repos/games/.aux-gen",
        "repos/games/.aux-gen/record",
        "repos/games/.aux-gen/base",
        "repos/games",
        "holds",
        "releases",
        "sigs",
        "ci",
    ] {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("victim"), "theirs\n").unwrap();
        let before = every_file(outside.path());
        let (_family, clone) = cloned(|family| {
            let at = family.root.join(link);
            let _none = fs::remove_dir_all(&at);
            let _none = fs::remove_file(&at);
            fs::create_dir_all(at.parent().unwrap()).unwrap();
            let to = if link.ends_with("record") {
                outside.path().join("victim")
            } else {
                outside.path().to_owned()
            };
            symlink(to, at).unwrap();
        });
        // A link instead of one repo stops no other.
        if link.starts_with("repos/games") {
            clone.write("aux.toml", &SMALL.replace("hello", "hello2"));
            let ran = clone.run(&["generate"]);
            // Of files that nobody has changed there is no copy to look for.
            let code = if link.ends_with("/base") { 0 } else { 3 };
            assert_eq!(ran.code, code, "{link}\n{}", ran.stderr);
            let contract = fs::read_to_string(clone.root.join("repos/core/contract.json"));
            assert!(
                contract.unwrap().contains("hello2"),
                "{link}\n{}",
                ran.stderr
            );
        }
        for command in [
            &["generate"][..],
            &["new-sig", "music", "--lead", "eve"],
            &["generate", "--commit"],
            &["update", "--offline"],
            &["release", "1.0.0"],
            &["lock"],
        ] {
            let ran = clone.run(command);
            assert!(
                (0..=4).contains(&ran.code),
                "{link} {command:?}\n{}",
                ran.stderr
            );
            let after = every_file(outside.path());
            assert!(after == before, "{link} {command:?}\n{}", ran.stderr);
        }
    }
}

#[test]
fn no_file_from_outside_is_shown() {
    let secret = "do-not-show-this";
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret"), format!("{secret} = [[[\n")).unwrap();
    let there = outside.path().join("secret").display().to_string();
    for (file, to) in [
        ("sigs/x.toml", there.as_str()),
        ("sigs/x.toml", "/proc/self/environ"),
        ("sigs/x.toml", "../.git/config"),
        ("aux.toml", there.as_str()),
        ("holds/games.json", there.as_str()),
        ("releases/1.0.0.json", there.as_str()),
        ("templates/repo/README.md.hbs", there.as_str()),
    ] {
        let (_family, clone) = cloned(|family| {
            let text = SMALL.replace("organization", "include = [\"sigs/*.toml\"]\norganization");
            let text = if file.starts_with("templates") {
                text.replace(
                    "organization =",
                    "templates = \"templates\"\norganization =",
                )
            } else {
                text
            };
            family.write("aux.toml", &text);
            git(&family.root, &["config", "x.y", secret]);
            let at = family.root.join(file);
            let _none = fs::remove_file(&at);
            fs::create_dir_all(at.parent().unwrap()).unwrap();
            symlink(to, at).unwrap();
        });
        git(&clone.root, &["config", "x.y", secret]);
        let secret_path = Path::new(secret);
        for command in [
            &["check"][..],
            &["generate"],
            &["holds"],
            &["release", "list"],
        ] {
            let ran = clone.run_with(command, &[("AUX_SECRET", secret_path)]);
            let all = format!("{}{}", ran.stdout, ran.stderr);
            assert!(!all.contains(secret), "{file} -> {to}, {command:?}\n{all}");
        }
        let files = every_file(&clone.root.join("repos"));
        assert!(!files.values().any(|text| text.contains(secret)), "{file}");
    }
}

#[test]
fn a_release_is_checked_out_to_no_git_directory() {
    let forge = Forge::new(
        &["games"],
        "repos.games = { sig = \"all\", tier = \"sigs\" }\n",
    );
    forge.family.ok(&["release", "1.0.0"]);
    let file = forge.family.root.join("releases/1.0.0.json");
    let good = fs::read_to_string(&file).unwrap();
    let to = tempfile::tempdir().unwrap();
    let to = to.path().join("out").display().to_string();
    for (was, is) in [
        ("\"repos/games\"", "\".git\""),
        ("\"repos/games\"", "\"repos/core\""),
        ("\"repos/games\"", "\"repos/core/x\""),
        ("\"repos/games\"", "\"../games\""),
        ("\"1.0.0\"", "\"2.0.0\""),
        ("\"commit\": \"", "\"commit\": \"--upload-pack=touch "),
    ] {
        fs::write(&file, good.replacen(was, is, 1)).unwrap();
        assert_ne!(fs::read_to_string(&file).unwrap(), good);
        let ran = forge
            .family
            .run(&["release", "checkout", "1.0.0", "--to", &to]);
        assert_eq!(ran.code, 1, "{is}: {}", ran.stderr);
        assert!(!Path::new(&to).exists(), "{is}");
        // The list goes on without it.
        assert_eq!(forge.family.run(&["release", "list"]).code, 0);
    }
}

#[test]
fn a_release_is_checked_out_through_no_committed_link() {
    let forge = Forge::new(
        &["games"],
        "repos.games = { sig = \"all\", tier = \"sigs\" }\n",
    );
    forge.family.ok(&["release", "1.0.0"]);
    let root = &forge.family.root;
    let outside = tempfile::tempdir().unwrap();
    let victim = outside.path().join("games");
    let games = forge.repo("games").display().to_string();
    git(
        outside.path(),
        &["clone", "--quiet", &games, &victim.display().to_string()],
    );
    fs::create_dir(root.join("linked")).unwrap();
    std::os::unix::fs::symlink(&victim, root.join("linked/games")).unwrap();
    git(root, &["init", "--quiet"]);
    git(root, &["config", "user.name", "Eve"]);
    git(root, &["config", "user.email", "eve@example.org"]);
    git(root, &["add", "linked"]);
    git(root, &["commit", "--quiet", "-m", "x"]);
    let file = root.join("releases/1.0.0.json");
    let good = fs::read_to_string(&file).unwrap();
    fs::write(
        &file,
        good.replacen("\"repos/games\"", "\"linked/games\"", 1),
    )
    .unwrap();
    let ran = forge.family.run(&["release", "checkout", "1.0.0"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("linked/games"), "{}", ran.stderr);
    let head = || fs::read_to_string(victim.join(".git/HEAD")).unwrap();
    assert_eq!(head(), "ref: refs/heads/main\n");
    // One that the user made is followed.
    git(root, &["rm", "--quiet", "--cached", "linked/games"]);
    git(root, &["commit", "--quiet", "-m", "x"]);
    forge.family.ok(&["release", "checkout", "1.0.0"]);
    assert!(!head().starts_with("ref: "), "{}", head());
}

/// A program that leaves a bait.
fn bait_program(bait: &Path) -> String {
    let program = bait.with_file_name("program");
    fs::write(&program, format!("#!/bin/sh\ntouch {}\n", bait.display())).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    program.display().to_string()
}

/// Everything by which a git directory can have programs run.
fn poison(place: &Path, bait: &Path) {
    let touch = format!("touch {}", bait.display());
    for (key, value) in [
        ("core.fsmonitor", touch.clone()),
        ("core.sshCommand", touch.clone()),
        ("core.pager", touch.clone()),
        ("core.editor", touch.clone()),
        ("core.askPass", touch.clone()),
        ("core.alternateRefsCommand", touch.clone()),
        ("core.gitProxy", bait_program(bait)),
        ("credential.helper", format!("!{touch}")),
        ("diff.external", touch.clone()),
        ("diff.x.textconv", touch.clone()),
        ("filter.x.clean", touch.clone()),
        ("filter.x.smudge", touch.clone()),
        ("filter.x.process", touch.clone()),
        ("filter.x.required", "true".to_owned()),
        ("gpg.program", touch.clone()),
        ("merge.x.driver", touch.clone()),
        ("tar.tar.command", touch.clone()),
        ("tar.tar.gz.command", touch.clone()),
        ("uploadpack.packObjectsHook", touch.clone()),
        ("log.showSignature", "true".to_owned()),
        ("commit.gpgSign", "true".to_owned()),
    ] {
        git(place, &["config", key, &value]);
    }
    let hooks = place.join(".git/hooks");
    fs::create_dir_all(&hooks).unwrap();
    for hook in [
        "applypatch-msg",
        "commit-msg",
        "fsmonitor-watchman",
        "post-checkout",
        "post-commit",
        "post-index-change",
        "post-merge",
        "post-rewrite",
        "pre-auto-gc",
        "pre-commit",
        "pre-merge-commit",
        "pre-push",
        "pre-rebase",
        "prepare-commit-msg",
        "reference-transaction",
        "update",
        "post-update",
        "pre-receive",
    ] {
        let path = hooks.join(hook);
        fs::write(&path, format!("#!/bin/sh\n{touch}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    fs::create_dir_all(place.join(".git/info")).unwrap();
    fs::write(
        place.join(".git/info/attributes"),
        "* filter=x diff=x merge=x\n",
    )
    .unwrap();
}

#[test]
fn of_a_family_of_five_one_is_hostile_and_the_others_go_on() {
    let manifest: String = ["evil", "games", "web"]
        .map(|name| format!("repos.{name} = {{ sig = \"all\", tier = \"sigs\", packages = {{ p-{name} = {{}} }} }}\n"))
        .concat();
    let names = ["evil", "games", "web"];
    type Attack = (&'static str, fn(&Forge));
    let attacks: [Attack; 9] = [
        ("a git directory full of programs", |_| {}),
        ("operators in a row", |forge| {
            let text = format!("{{ outputs = _: {} {{ }}; }}\n", "{}//".repeat(8000));
            forge.change("evil", "flake.nix", &text);
        }),
        ("selections in a row", |forge| {
            let text = format!("{{ outputs = _: {}a; }}\n", "a.".repeat(17_000));
            forge.change("evil", "flake.nix", &text);
        }),
        ("inputs of inputs", |forge| {
            let text = format!(
                "{{ {}url = \"x\"; outputs = _: {{ }}; }}\n",
                "inputs.a.".repeat(8000)
            );
            forge.change("evil", "flake.nix", &text);
        }),
        ("a lock that turns in a cycle", |forge| {
            let lock = r#"{"nodes":{"root":{"inputs":{"core":"a"}},"a":{"inputs":{"a":"a"}}},"root":"root","version":7}"#;
            forge.change("evil", "flake.lock", lock);
        }),
        ("a contract that is none", |forge| {
            forge.change("evil", "contract.json", &"[".repeat(100_000));
        }),
        ("a commit with a bad date", |forge| {
            let script = "git cat-file commit HEAD | sed 's/^\\(committer .*> \\).*/\\1xyz/' > c && git update-ref refs/heads/main $(git hash-object --literally -t commit -w c)";
            let place = forge.repo("evil");
            let ran = Command::new("sh")
                .current_dir(&place)
                .args(["-c", script])
                .status();
            assert!(ran.unwrap().success());
        }),
        ("a branch beside staging", |forge| {
            git(&forge.repo("evil"), &["branch", "staging/x"]);
        }),
        ("an evaluation without an end", |forge| {
            forge.package("evil", "p-evil", "{ }: let f = x: f (x + 1); in f 0\n");
        }),
    ];
    let base = Forge::new(&names, &manifest);
    for (attack, make) in attacks {
        let forge = base.copied();
        let bait = forge.family.root.join("bait");
        make(&forge);
        for name in ["core", "games", "web"] {
            forge.change(name, "news", attack);
        }
        poison(&forge.repo("evil"), &bait);
        let (_, train) = forge.update(&["--offline"]);
        let held: BTreeMap<String, String> = held(&train);
        assert!(held.keys().all(|name| name == "evil"), "{attack}: {held:?}");
        for name in ["core", "games", "web", "top-level"] {
            let is = repo(&train, name)["outcome"]["is"].as_str();
            let moved = matches!(is, Some("moves" | "unchanged"));
            assert!(
                moved,
                "{attack}: {name} does not move: {}",
                repo(&train, name)
            );
        }
        // Whatever its commits are, its git directory is the same each time.
        let others: &[&[&str]] = &[
            &["check", "--base", "HEAD"],
            &["who-locks", "core"],
            &["lock", "--check"],
            &["eval", "--flakes", "--repo", "games"],
            &["status"],
            &["promote"],
        ];
        let is_first = attack == attacks[0].0;
        for command in others.iter().filter(|_| is_first) {
            let ran = forge.family.run(command);
            assert!(
                (0..=4).contains(&ran.code),
                "{attack}, {command:?}\n{}",
                ran.stderr
            );
        }
        assert!(!bait.exists(), "{attack}: a program of theirs ran");
    }
}

/// Two repos above core, one of which is hostile.
fn two() -> Forge {
    let manifest = ["evil", "games"]
        .map(|name| {
            format!("repos.{name} = {{ sig = \"all\", tier = \"sigs\", packages = {{ p-{name} = {{}} }} }}\n")
        })
        .concat();
    Forge::new(&["evil", "games"], &manifest)
}

#[test]
fn inside_of_a_hook_nothing_of_a_repo_runs_either() {
    let forge = two();
    let bait = forge.family.root.join("bait");
    git(&forge.family.root, &["init", "--quiet"]);
    forge.change("evil", ".gitattributes", "* filter=x\n");
    poison(&forge.repo("evil"), &bait);
    let registry = forge.family.root.join(".git");
    for command in [
        &["check", "--base", "HEAD", "--tree", "repos/evil"][..],
        &["eval", "--flakes"],
        &["update", "--offline"],
        &["who-locks", "core"],
    ] {
        let ran = forge.family.run_with(command, &[("GIT_DIR", &registry)]);
        assert!((0..=4).contains(&ran.code), "{command:?}\n{}", ran.stderr);
        assert!(!bait.exists(), "{command:?}");
    }
}

#[test]
fn however_a_git_directory_hides_its_settings_nothing_of_it_runs() {
    type Hidden = (&'static str, fn(&Path, &Path));
    let hidden: [Hidden; 4] = [
        ("a proxy for a protocol without any", |evil, bait| {
            git(evil, &["config", "core.gitProxy", &bait_program(bait)]);
            git(
                evil,
                &["remote", "set-url", "origin", "git://forge.invalid/x"],
            );
        }),
        ("a name that is no text", |evil, bait| {
            let config = evil.join(".git/config");
            let mut text = fs::read(&config).unwrap();
            text.extend_from_slice(b"[filter \"\xff\"]\n\tsmudge = touch ");
            text.extend_from_slice(bait.display().to_string().as_bytes());
            text.push(b'\n');
            fs::write(config, text).unwrap();
            fs::write(evil.join(".git/info/attributes"), b"* filter=\xff\n").unwrap();
        }),
        (
            "a common directory whose name ends in a space",
            |evil, bait| {
                let own = evil.join(".git");
                fs::create_dir(own.join("c ")).unwrap();
                for name in ["objects", "refs", "config", "packed-refs", "info"] {
                    let _none = fs::rename(own.join(name), own.join("c ").join(name));
                }
                fs::write(own.join("commondir"), "c \n").unwrap();
                let uploads = format!("touch {}; git-upload-pack", bait.display());
                git(evil, &["config", "remote.origin.uploadpack", &uploads]);
            },
        ),
        ("a file that it includes", |evil, bait| {
            let touch = format!("touch {}", bait.display());
            fs::write(
                evil.join(".git/more"),
                format!("[core]\n\tfsmonitor = {touch}\n[filter \"x\"]\n\tsmudge = {touch}\n"),
            )
            .unwrap();
            git(evil, &["config", "include.path", "more"]);
            fs::write(evil.join(".git/info/attributes"), "* filter=x\n").unwrap();
        }),
    ];
    let base = two();
    for (what, hide) in hidden {
        let forge = base.copied();
        let bait = forge.family.root.join("bait");
        forge.change("core", "news", "x");
        forge.change("evil", "news", "x");
        hide(&forge.repo("evil"), &bait);
        for command in [
            &["update"][..],
            &["check", "--base", "HEAD"],
            &["promote"],
            &["status"],
        ] {
            let ran = forge.family.run(command);
            assert!(
                (0..=4).contains(&ran.code),
                "{what} {command:?}\n{}",
                ran.stderr
            );
            assert!(!bait.exists(), "{what}: {command:?}");
        }
    }
}

#[test]
fn settings_of_one_repo_hold_no_other() {
    type Setting = (&'static str, fn(&Path));
    let settings: [Setting; 8] = [
        ("attributes of the git directory", |evil| {
            fs::write(evil.join(".git/info/attributes"), "* export-ignore\n").unwrap();
        }),
        ("another work tree", |evil| {
            git(evil, &["config", "core.worktree", "../../games"]);
        }),
        ("another program for its remote", |evil| {
            git(evil, &["config", "remote.origin.vcs", "foo"]);
        }),
        ("another encoding", |evil| {
            git(evil, &["config", "i18n.logOutputEncoding", "UTF-16"]);
        }),
        ("a value that is none", |evil| {
            git(evil, &["config", "core.trustctime", "zz"]);
        }),
        ("a branch that is itself", |evil| {
            fs::write(evil.join(".git/refs/heads/main"), "ref: refs/heads/main\n").unwrap();
        }),
        ("a pipe in place of its git directory", |evil| {
            fs::remove_dir_all(evil.join(".git")).unwrap();
            let made = Command::new("mkfifo").arg(evil.join(".git")).status();
            assert!(made.unwrap().success());
        }),
        ("a pipe", |evil| {
            fs::remove_file(evil.join(".git/config")).unwrap();
            let made = Command::new("mkfifo")
                .arg(evil.join(".git/config"))
                .status();
            assert!(made.unwrap().success());
        }),
    ];
    let base = two();
    for (what, set) in settings {
        let forge = base.copied();
        for name in ["core", "evil", "games"] {
            forge.change(name, "news", "x");
        }
        set(&forge.repo("evil"));
        let (_, train) = forge.update(&["--offline"]);
        let held = held(&train);
        assert!(held.keys().all(|name| name == "evil"), "{what}: {held:?}");
        let ran = forge.family.run(&["check"]);
        assert!(ran.code == 0 || ran.code == 3, "{what}: {}", ran.stderr);
        let ran = forge.family.run(&["promote"]);
        assert!(ran.code == 0, "{what}: {}", ran.stderr);
    }
}

#[test]
fn a_few_objects_that_are_many_files_are_not_looked_at_one_by_one() {
    let forge = two();
    let script = "b=$(echo x | git hash-object -w --stdin); t=$(for i in 0 1 2 3 4 5 6 7 8 9; do printf '100644 blob %s\\tf%s\\n' $b $i; done | git mktree); for l in 1 2 3 4 5 6 7 8; do t=$(for i in 0 1 2 3 4 5 6 7 8 9; do printf '040000 tree %s\\td%s\\n' $t $i; done | git mktree); done; c=$(git commit-tree -m bomb -p HEAD $t); git update-ref refs/heads/main $c";
    let ran = Command::new("sh")
        .current_dir(forge.repo("evil"))
        .args(["-c", script])
        .status();
    assert!(ran.unwrap().success());
    forge.change("games", "news", "x");
    let (_, train) = forge.update(&["--offline"]);
    let held = held(&train);
    assert_eq!(held.keys().collect::<Vec<_>>(), ["evil"]);
    assert_eq!(repo(&train, "games")["outcome"]["is"], "moves");
}

#[test]
fn a_family_lies_at_any_path() {
    for name in ["my projects", "50%", "f#g", "w?x", "\u{e4}"] {
        let forge = two();
        let elsewhere = tempfile::tempdir().unwrap();
        let place = elsewhere.path().join(name);
        fs::create_dir(&place).unwrap();
        let copied = Command::new("cp")
            .args(["-a", &format!("{}/.", forge.family.root.display())])
            .arg(&place)
            .status();
        assert!(copied.unwrap().success());
        let moved = Family::at(&place.canonicalize().unwrap());
        let core = moved.root.join("repos/core");
        fs::write(core.join("news"), "x").unwrap();
        git(&core, &["add", "--all"]);
        git(&core, &["commit", "--quiet", "-m", "x"]);
        let ran = moved.ok(&["update", "--offline"]);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(said.contains("0 held"), "{name}: {said}");
        moved.ok(&["promote"]);
    }
}

#[test]
fn a_submodule_of_a_repo_runs_nothing_either() {
    let forge = two();
    let bait = forge.family.root.join("bait");
    let evil = forge.repo("evil");
    let inner = evil.join("inner");
    fs::create_dir(&inner).unwrap();
    git(&inner, &["init", "--quiet", "--initial-branch", "main"]);
    git(&inner, &["config", "user.name", "Eve"]);
    git(&inner, &["config", "user.email", "eve@example.org"]);
    fs::write(inner.join(".gitattributes"), "* filter=x\n").unwrap();
    fs::write(inner.join("f"), "x\n").unwrap();
    git(&inner, &["add", "--all"]);
    git(&inner, &["commit", "--quiet", "-m", "x"]);
    forge.commit("evil");
    poison(&inner, &bait);
    forge.change("games", "news", "x");
    for command in [
        &["generate", "--commit"][..],
        &["update", "--offline"],
        &["promote"],
        &["status"],
    ] {
        let old = SystemTime::now() - Duration::from_secs(7);
        fs::File::open(inner.join("f"))
            .unwrap()
            .set_modified(old)
            .unwrap();
        let ran = forge.family.run(command);
        assert!((0..=4).contains(&ran.code), "{command:?}\n{}", ran.stderr);
        assert!(!bait.exists(), "{command:?}");
    }
}

#[test]
fn a_git_directory_that_is_none_or_anothers_moves_nobody_else() {
    type Broken = (&'static str, fn(&Path));
    let broken: [Broken; 4] = [
        ("empty", |git| fs::create_dir(git).unwrap()),
        ("only a HEAD", |git| {
            fs::create_dir(git).unwrap();
            fs::write(git.join("HEAD"), "ref: refs/heads/main\n").unwrap();
        }),
        ("that of another repo", |git| {
            fs::write(git, "gitdir: ../games/.git\n").unwrap();
        }),
        ("nowhere", |git| {
            fs::write(git, "gitdir: ../none\n").unwrap();
        }),
    ];
    for (what, make) in broken {
        let forge = two();
        let root = &forge.family.root;
        fs::write(root.join(".gitignore"), "/repos/*\n/remotes/\n").unwrap();
        let flake = fs::read_to_string(root.join("repos/evil/flake.nix")).unwrap();
        fs::write(root.join("flake.nix"), flake).unwrap();
        git(root, &["init", "--quiet", "--initial-branch", "main"]);
        git(root, &["config", "user.name", "Ada"]);
        git(root, &["config", "user.email", "ada@example.org"]);
        git(root, &["add", "--all"]);
        git(root, &["commit", "--quiet", "-m", "x"]);
        let own = git(root, &["for-each-ref"]);
        let place = root.join("repos/evil/.git");
        fs::remove_dir_all(&place).unwrap();
        make(&place);
        forge.change("core", "news", "x");
        let games = forge.tip("games", "main");
        let text = fs::read_to_string(root.join("aux.toml")).unwrap();
        fs::write(
            root.join("aux.toml"),
            text.replace("p-evil = {}", "p-evil = {}, more = {}"),
        )
        .unwrap();
        for command in [
            &["generate", "--commit"][..],
            &["update", "--offline"],
            &["check"],
        ] {
            let ran = forge.family.run(command);
            assert!(
                (0..=4).contains(&ran.code),
                "{what} {command:?}\n{}",
                ran.stderr
            );
        }
        let (_, train) = forge.update(&["--offline"]);
        assert!(held(&train).contains_key("evil"), "{what}: {train}");
        assert_eq!(repo(&train, "games")["outcome"]["is"], "moves", "{what}");
        forge.family.ok(&["promote"]);
        assert_eq!(
            git(root, &["for-each-ref"]),
            own,
            "{what}: the registry's branches"
        );
        let log = git(
            &forge.repo("games"),
            &["log", "--format=%s", &format!("{games}..main")],
        );
        assert_eq!(log.lines().count(), 1, "{what}: {log}");
    }
}

#[test]
fn attributes_of_a_repo_change_no_verdict_of_another() {
    let forge = two();
    let attributes = forge.repo("evil").join(".gitattributes");
    fs::write(attributes, "*.nix working-tree-encoding=UTF-16\n").unwrap();
    git(&forge.repo("evil"), &["add", ".gitattributes"]);
    git(&forge.repo("evil"), &["commit", "--quiet", "-m", "x"]);
    forge.change("games", "news", "x");
    let (_, train) = forge.update(&["--offline"]);
    let held = held(&train);
    assert!(held.keys().all(|name| name == "evil"), "{held:?}");
    assert_eq!(repo(&train, "top-level")["outcome"]["is"], "moves");
    // What nobody has committed says nothing of a commit.
    fs::write(
        forge.repo("games").join(".gitattributes"),
        "*.nix working-tree-encoding=UTF-16\n",
    )
    .unwrap();
    let ran = forge.family.run(&["check", "--base", "HEAD"]);
    assert!(ran.code == 0 || ran.code == 3, "{}", ran.stderr);
}

#[test]
fn what_one_repo_has_is_no_end_for_the_others() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let forge = two();
    let shard = forge.repo("evil").join("pkgs/by-name/zz");
    let odd = shard.join(OsStr::from_bytes(b"z\xe9"));
    fs::create_dir_all(&odd).unwrap();
    fs::write(odd.join("package.nix"), b"\xff\xfe").unwrap();
    fs::write(
        forge.repo("evil").join("pkgs/by-name/p-/p-evil/x.nix"),
        b"\xff",
    )
    .unwrap();
    forge.commit("evil");
    for command in [
        &["check"][..],
        &["check", "--base", "HEAD"],
        &["status"],
        &["where", "p-games"],
    ] {
        let ran = forge.family.run(command);
        assert!(
            ran.code == 0 || ran.code == 3,
            "{command:?}\n{}",
            ran.stderr
        );
    }
    let check = forge.family.run(&["check"]);
    assert!(check.stderr.contains("p-evil/x.nix"), "{}", check.stderr);
    assert!(check.stderr.contains("by-name/zz"), "{}", check.stderr);
}

#[test]
fn a_repository_of_somebody_else_is_held_in_gits_own_words() {
    let manifest = "repos.games = { sig = \"all\", tier = \"sigs\", packages = { chess = {} } }\n";
    let forge = Forge::new(&["games"], manifest);
    let given = Command::new("chown")
        .args(["-R", "12345"])
        .arg(forge.repo("games"))
        .status();
    if !given.unwrap().success() {
        // Only root can give files away; CI is.
        assert_ne!(
            std::env::var("CI").as_deref(),
            Ok("true"),
            "CI runs as root"
        );
        return;
    }
    forge.change("core", "news", "x");
    let (_, train) = forge.update(&["--offline"]);
    assert_eq!(
        held(&train).get("games").map(String::as_str),
        Some("unusable")
    );
    let reason = &repo(&train, "games")["outcome"]["hold"]["reason"]
        .as_str()
        .unwrap();
    assert!(reason.contains("dubious ownership"), "{reason}");
    assert_eq!(repo(&train, "core")["outcome"]["is"], "moves");
    let eval = forge.family.run(&["eval", "--flakes", "--repo", "games"]);
    assert!(eval.stderr.contains("dubious ownership"), "{}", eval.stderr);
}
