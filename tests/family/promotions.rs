//! `promote` and staging branches: all or none, whoever comes in between, and nothing of
//! anybody's is lost.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::{Forge, copy, git, repo, take_over_state, tip};
use crate::trains::{BAD, three};

#[test]
fn promotion_moves_all_or_none() {
    let forge = three();
    forge.change("core", "news", "x");
    forge.family.ok(&["update"]);
    let names = ["core", "python", "other", "web", "top-level"];
    let tips = || names.map(|name| forge.tip(name, "main"));
    let remotes = || names.map(|name| tip(&forge.remote(name), "main"));
    let (before, there) = (tips(), remotes());

    // Somebody's change is in the way.
    let lock = forge.repo("web").join("flake.lock");
    let kept = fs::read_to_string(&lock).unwrap();
    fs::write(&lock, format!("{kept}\n")).unwrap();
    let ran = forge.family.run(&["promote"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.contains("`web`: what is not committed"),
        "{}",
        ran.stderr
    );
    assert_eq!(tips(), before);
    assert_eq!(fs::read_to_string(&lock).unwrap(), format!("{kept}\n"));
    fs::write(&lock, &kept).unwrap();

    // Somebody else is about to move a branch.
    let busy = forge.repo("web").join(".git/refs/heads/main.lock");
    fs::write(&busy, "").unwrap();
    let ran = forge.family.run(&["promote"]);
    assert_eq!(ran.code, 1);
    assert_eq!(tips(), before, "{}", ran.stderr);
    fs::remove_file(&busy).unwrap();

    // A remote refuses the candidates: nobody learns of them.
    let hook = forge.remote("web").join("hooks/pre-receive");
    fs::write(&hook, "#!/bin/sh\necho closed for today >&2\nexit 1\n").unwrap();
    let mut mode = fs::metadata(&hook).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o755);
    fs::set_permissions(&hook, mode).unwrap();
    let ran = forge.family.run(&["promote", "--push"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("closed for today"), "{}", ran.stderr);
    assert_eq!((tips(), remotes()), (before.clone(), there.clone()));
    fs::remove_file(&hook).unwrap();

    // Somebody was faster.
    forge.change("python", "news", "x");
    let ran = forge.family.run(&["promote"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.contains("`python`: `main` has moved"),
        "{}",
        ran.stderr
    );
    assert_eq!(forge.tip("core", "main"), before[0]);

    // A train from there goes through, and the remotes with it.
    forge.family.ok(&["update", "--push"]);
    assert_eq!(
        tip(&forge.remote("web"), "staging"),
        forge.tip("web", "staging")
    );
    forge.family.ok(&["promote", "--push"]);
    assert_eq!(tips(), remotes());
    assert_ne!(tips(), before);
    for name in names {
        assert_eq!(
            git(&forge.repo(name), &["status", "--porcelain"]),
            "",
            "{name}"
        );
    }
}

#[test]
fn what_nobody_else_has_is_never_written_over() {
    let forge = three();
    let web = forge.repo("web");
    // Ignored here, and part of what comes from elsewhere.
    fs::write(web.join(".git/info/exclude"), "local\n").unwrap();
    let other = forge.family.root.join("elsewhere");
    let remote = forge.remote("web").display().to_string();
    let place = other.display().to_string();
    git(&forge.family.root, &["clone", "--quiet", &remote, &place]);
    git(&other, &["config", "user.name", "Eve"]);
    git(&other, &["config", "user.email", "eve@example.org"]);
    fs::write(other.join("local"), "theirs").unwrap();
    git(&other, &["add", "--all"]);
    git(&other, &["commit", "--quiet", "-m", "x"]);
    git(&other, &["push", "--quiet", "origin", "main"]);
    fs::write(web.join("local"), "mine").unwrap();
    forge.family.ok(&["update"]);
    let ran = forge.family.run(&["promote"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("in the way: local"), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(web.join("local")).unwrap(), "mine");

    // A checkout that is gone is no reason to go on without it.
    let before = forge.tip("top-level", "main");
    let away = forge.family.root.join("away");
    fs::rename(&web, &away).unwrap();
    let ran = forge.family.run(&["promote"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("`web`: its checkout"), "{}", ran.stderr);
    assert_eq!(forge.tip("top-level", "main"), before);
    fs::rename(&away, &web).unwrap();
    fs::remove_file(web.join("local")).unwrap();

    // Another folder that has the branch checked out follows too.
    let second = forge.family.root.join("second").display().to_string();
    git(&web, &["checkout", "--quiet", "-b", "mine"]);
    git(&web, &["worktree", "add", "--quiet", &second, "main"]);
    git(&web, &["tag", "main"]);
    forge.family.ok(&["promote"]);
    assert_eq!(git(&web, &["status", "--porcelain"]), "");
    let second = Path::new(&second);
    assert_eq!(git(second, &["status", "--porcelain"]), "");
    assert_eq!(fs::read_to_string(second.join("local")).unwrap(), "theirs");
}

#[test]
fn what_was_promoted_here_is_made_public_later() {
    let forge = three();
    forge.change("core", "news", "x");
    forge.family.ok(&["update"]);
    forge.family.ok(&["promote"]);
    let names = ["core", "python", "other", "web", "top-level"];
    let tips = || names.map(|name| forge.tip(name, "main"));
    assert_ne!(forge.remote_tips(&names), tips());
    // A later train moves less, and its locks name all of it.
    forge.change("web", "news", "x");
    forge.family.ok(&["update"]);
    forge.family.ok(&["promote", "--push"]);
    assert_eq!(forge.remote_tips(&names), tips());

    forge.change("core", "news", "y");
    forge.family.ok(&["update"]);
    forge.family.ok(&["promote"]);
    forge.family.ok(&["promote", "--push"]);
    assert_eq!(forge.remote_tips(&names), tips());
    let ran = forge.family.run(&["train", "abort"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
}

/// Somebody else's clone of a remote, with a commit that is pushed.
fn theirs(forge: &Forge, name: &str, change: &dyn Fn(&Path)) {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().display().to_string();
    let remote = forge.remote(name).display().to_string();
    git(&forge.family.root, &["clone", "--quiet", &remote, &place]);
    git(folder.path(), &["config", "user.name", "Eve"]);
    git(folder.path(), &["config", "user.email", "eve@example.org"]);
    change(folder.path());
    git(folder.path(), &["add", "--all"]);
    git(folder.path(), &["commit", "--quiet", "-m", "x"]);
    git(folder.path(), &["push", "--quiet", "origin", "main"]);
}

#[test]
fn nothing_is_published_that_names_what_is_not() {
    let forge = three();
    let names = ["core", "python", "other", "web", "top-level"];
    let news = |folder: &Path| fs::write(folder.join("theirs"), "x").unwrap();
    // Promoted here only, and then somebody else is faster there.
    forge.change("python", "news", "x");
    forge.family.ok(&["update"]);
    forge.family.ok(&["promote"]);
    theirs(&forge, "python", &news);
    forge.change("core", "news", "x");
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 3);
    assert_eq!(
        repo(&train, "python")["outcome"]["hold"]["kind"],
        "diverged"
    );
    let before = forge.remote_tips(&names);
    let ran = forge.family.run(&["promote", "--push"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("`python`"), "{}", ran.stderr);
    assert_eq!(forge.remote_tips(&names), before);

    // What is held and public already is in nobody's way, whatever is added there.
    let forge = three();
    forge.package("python", "snake", BAD);
    forge.change("core", "news", "x");
    git(
        &forge.repo("python"),
        &["push", "--quiet", "origin", "main"],
    );
    let (code, _) = forge.update(&[]);
    assert_eq!(code, 3);
    theirs(&forge, "python", &news);
    forge.family.ok(&["promote", "--push"]);
}

#[test]
fn folders_follow_whatever_becomes_of_their_files() {
    let forge = three();
    forge.change("web", "a/b/c", "x");
    forge.family.ok(&["update"]);
    forge.family.ok(&["promote", "--push"]);
    theirs(&forge, "web", &|folder| {
        fs::remove_dir_all(folder.join("a")).unwrap();
        fs::write(folder.join("a"), "a file now").unwrap();
    });
    forge.family.ok(&["update"]);
    // But not over what is only there.
    let mine = forge.repo("web").join("a/mine");
    fs::write(&mine, "x").unwrap();
    let ran = forge.family.run(&["promote"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(mine.exists());
    fs::remove_file(&mine).unwrap();
    forge.family.ok(&["promote"]);
    let web = forge.repo("web");
    assert_eq!(fs::read_to_string(web.join("a")).unwrap(), "a file now");
    assert_eq!(git(&web, &["status", "--porcelain"]), "");
}

#[test]
fn a_train_takes_its_own_commits_for_its_own() {
    let forge = three();
    forge.change("python", "news", "x");
    forge.family.ok(&["update", "--push"]);
    git(
        &forge.repo("python"),
        &["commit", "--quiet", "--amend", "-m", "better"],
    );
    forge.family.ok(&["update", "--push"]);
    // Another name: the old branches go.
    forge.family.ok(&["update", "--push", "--staging", "next"]);
    for name in ["python", "web", "top-level"] {
        assert_eq!(forge.tip(name, "staging"), "", "{name}");
        assert_eq!(tip(&forge.remote(name), "staging"), "", "{name}");
        assert_ne!(tip(&forge.remote(name), "next"), "", "{name}");
    }
    forge.family.ok(&["promote", "--push"]);
}

#[test]
fn a_promotion_that_somebody_came_between_is_undone() {
    let forge = three();
    forge.change("core", "news", "x");
    forge.family.ok(&["update"]);
    let names = ["core", "python", "other", "web", "top-level"];
    let tips = || names.map(|name| forge.tip(name, "main"));
    let before = tips();
    // Ended when some branches have moved.
    let ended = (0..40).find(|at| {
        let ended = forge.family.run_with_end(&["promote"], *at);
        ended && tips() != before
    });
    assert!(ended.is_some());
    let mut unmoved = names
        .into_iter()
        .zip(&before)
        .filter(|(name, before)| *name != "core" && forge.tip(name, "main") == **before);
    let (late, _) = unmoved.next_back().unwrap();
    forge.change(late, "news", "x");
    let ran = forge.family.run(&["train", "resume"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    for (name, before) in names.iter().zip(&before) {
        if name != &late {
            assert_eq!(&forge.tip(name, "main"), before, "{name}");
        }
        assert_eq!(
            git(&forge.repo(name), &["status", "--porcelain"]),
            "",
            "{name}"
        );
    }
    forge.family.ok(&["update"]);
    forge.family.ok(&["promote"]);
    assert_eq!(forge.family.json(&["update"]).0, 0);
}

#[test]
fn a_new_machine_takes_no_train_for_somebodys_work() {
    let forge = three();
    forge.change("core", "news", "x");
    forge.family.ok(&["update", "--push"]);
    fs::remove_file(crate::support::state(&forge.family.root, "train.json")).unwrap();
    for name in ["core", "python", "other", "web", "top-level"] {
        git(
            &forge.repo(name),
            &["update-ref", "-d", "refs/heads/staging"],
        );
    }
    forge.change("core", "news", "y");
    forge.family.ok(&["update", "--push"]);
    assert_eq!(
        tip(&forge.remote("web"), "staging"),
        forge.tip("web", "staging")
    );
    // Somebody's is.
    let web = forge.repo("web");
    git(
        &web,
        &[
            "push",
            "--quiet",
            "origin",
            ":staging",
            "main:refs/heads/tmp",
        ],
    );
    git(&web, &["checkout", "--quiet", "-b", "tmp"]);
    forge.change("web", "mine", "x");
    git(&web, &["push", "--quiet", "origin", "tmp:staging"]);
    git(&web, &["checkout", "--quiet", "main"]);
    let theirs = tip(&forge.remote("web"), "staging");
    forge.change("core", "news", "z");
    let ran = forge.family.run(&["update", "--push"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("no train made"), "{}", ran.stderr);
    assert_eq!(tip(&forge.remote("web"), "staging"), theirs);
}

#[test]
fn nobodys_staging_branch_is_lost() {
    let forge = three();
    forge.change("core", "news", "x");
    git(
        &forge.repo("web"),
        &["checkout", "--quiet", "-b", "staging"],
    );
    forge.change("web", "mine", "x");
    git(&forge.repo("web"), &["checkout", "--quiet", "main"]);
    let mine = forge.tip("web", "staging");
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 3);
    let hold = &repo(&train, "web")["outcome"]["hold"];
    assert_eq!(hold["kind"], "unusable");
    let reason = hold["reason"].as_str().unwrap();
    assert!(reason.contains("commits that no train made"), "{reason}");
    assert_eq!(forge.tip("web", "staging"), mine);
    forge.family.ok(&["update", "--staging", "train", "--push"]);
    assert_eq!(forge.tip("web", "staging"), mine);
    assert!(!tip(&forge.remote("web"), "train").is_empty());
    // Nor is the ground taken away from under somebody.
    git(&forge.repo("web"), &["checkout", "--quiet", "train"]);
    let ran = forge.family.run(&["train", "abort"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("is checked out in"), "{}", ran.stderr);
    assert_eq!(git(&forge.repo("web"), &["status", "--porcelain"]), "");
    git(&forge.repo("web"), &["checkout", "--quiet", "main"]);
    forge.family.ok(&["train", "abort"]);
    for name in ["core", "web", "top-level"] {
        assert_eq!(forge.tip(name, "train"), "", "{name}");
        assert_eq!(tip(&forge.remote(name), "train"), "", "{name}");
    }
    let ran = forge.family.run(&["train", "status"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("there is no train"), "{}", ran.stderr);
}

/// All that a train leaves: branches here and on the remotes, holds, the book, and what
/// each folder has.
fn state(forge: &Forge, names: &[&str]) -> BTreeMap<String, String> {
    let mut state = BTreeMap::new();
    for name in names {
        for place in [forge.repo(name), forge.remote(name)] {
            let refs = git(&place, &["for-each-ref", "refs/heads"]);
            state.insert(place.display().to_string(), refs);
        }
        let status = git(&forge.repo(name), &["status", "--porcelain"]);
        state.insert(format!("{name} folder"), status);
        let locks = forge.repo(name).join(".git/refs/heads/main.lock");
        assert!(!locks.exists());
    }
    let root = &forge.family.root;
    for (file, path) in [
        ("train.json", crate::support::state(root, "train.json")),
        ("holds/other.json", root.join("holds/other.json")),
        ("told", root.join("told")),
    ] {
        let text = fs::read_to_string(path).unwrap_or_default();
        // Whoever was told when the run was ended may be told again.
        let mut lines: Vec<&str> = text.lines().collect();
        lines.dedup();
        state.insert(file.to_owned(), lines.join("\n"));
    }
    state
}

#[test]
fn a_train_ended_at_any_step_comes_to_the_same_end() {
    let forge = three();
    let names = ["core", "python", "other", "web", "top-level"];
    forge.change("core", "news", "x");
    forge.package("other", "thing", BAD);
    let root = forge.family.root.clone();
    let kept = tempfile::tempdir().unwrap();
    copy(&root, kept.path());
    let restore = |kept: &Path| {
        for entry in fs::read_dir(&root).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                fs::remove_dir_all(path).unwrap();
            } else {
                fs::remove_file(path).unwrap();
            }
        }
        copy(kept, &root);
        take_over_state(&root);
    };
    let day: &Path = Path::new("1800000000");
    let run = |arguments: &[&str]| {
        forge
            .family
            .run_with(arguments, &[("SOURCE_DATE_EPOCH", day)])
    };
    let end = |arguments: &[&str], at| {
        let variables: [(&str, &Path); 1] = [("SOURCE_DATE_EPOCH", day)];
        forge.family.run_with_end_and(arguments, at, &variables)
    };
    let update = ["update", "--push", "--notify", "cat >> told"];
    let resume = ["train", "resume", "--notify", "cat >> told"];

    assert_eq!(run(&update).code, 3);
    let ready = state(&forge, &names);
    let mut ended = 0;
    for at in 0.. {
        restore(kept.path());
        if !end(&update, at) {
            break;
        }
        ended += 1;
        let mut ran = run(&resume);
        if ran.stderr.contains("there is no train") {
            ran = run(&update);
        }
        assert_eq!(ran.code, 3, "{at}: {}", ran.stderr);
        assert_eq!(state(&forge, &names), ready, "ended at {at}");
    }
    assert!(ended > 30, "{ended}");

    // The last one was not ended.
    let kept = tempfile::tempdir().unwrap();
    copy(&root, kept.path());
    assert_eq!(run(&["promote", "--push"]).code, 0);
    let done = state(&forge, &names);
    let mut ended = 0;
    for at in 0.. {
        restore(kept.path());
        let mains = || names.map(|name| forge.tip(name, "main"));
        let before = mains();
        if !end(&["promote", "--push"], at) {
            break;
        }
        ended += 1;
        let phase = fs::read_to_string(crate::support::state(&root, "train.json")).unwrap();
        let ran = if phase.contains("\"ready\"") {
            assert_eq!(mains(), before, "ended at {at}");
            run(&["promote", "--push"])
        } else {
            run(&["train", "resume"])
        };
        assert_eq!(ran.code, 0, "{at}: {}", ran.stderr);
        assert_eq!(state(&forge, &names), done, "ended at {at}");
    }
    assert!(ended > 10, "{ended}");
}

/// Candidates may be looked at by others long before anybody moves a branch.
#[test]
fn that_candidates_were_pushed_moves_no_branch_of_a_remote() {
    let forge = crate::trains::three();
    forge.change("python", "news", "x");
    git(
        &forge.repo("python"),
        &["push", "--quiet", "origin", "main"],
    );
    forge.family.ok(&["update", "--push"]);
    let names = ["core", "python", "other", "web", "top-level"];
    let before = forge.remote_tips(&names);
    forge.family.ok(&["promote"]);
    assert_eq!(forge.remote_tips(&names), before);
    assert_ne!(forge.tip("top-level", "main"), before[4]);
}

#[test]
fn a_branch_that_is_published_takes_no_candidates() {
    let manifest = r#"
repos.python = { sig = "all", tier = "sigs", packages = { snake = {} } }
"#;
    let forge = Forge::new(&["python"], manifest);
    let path = forge.family.root.join("aux.toml");
    let text = fs::read_to_string(&path).unwrap();
    let own = "repos.python = { branch = \"staging\",";
    fs::write(&path, text.replace("repos.python = {", own)).unwrap();
    let python = forge.repo("python");
    git(&python, &["branch", "--move", "main", "staging"]);
    git(&python, &["push", "--quiet", "origin", "staging"]);
    forge.family.ok(&["generate"]);
    for name in ["core", "python", "top-level"] {
        forge.commit(name);
    }
    let ran = forge.family.run(&["update", "--push"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(
        ran.stderr
            .contains("is published from its branch `staging`"),
        "{}",
        ran.stderr
    );
    let ran = forge
        .family
        .run(&["update", "--push", "--staging", "candidates"]);
    assert!(ran.code == 0 || ran.code == 3, "{}", ran.stderr);
    assert_ne!(
        git(&forge.remote("python"), &["branch", "--list", "staging"]),
        ""
    );
}
