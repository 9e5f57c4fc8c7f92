//! `update`, `promote`, `train` and `holds`: real repositories, real remotes, real Nix.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{Forge, copy, git, tip};

/// Of each repo of a train, what became of it: `moves`, `unchanged`, or why it is held.
fn outcomes(train: &Value) -> BTreeMap<String, String> {
    let repos = train["repos"].as_object().unwrap();
    repos
        .iter()
        .map(|(name, member)| {
            let outcome = &member["outcome"];
            let is = outcome["hold"]["kind"].as_str().or(outcome["is"].as_str());
            (name.clone(), is.unwrap_or("open").to_lowercase())
        })
        .collect()
}

fn held(train: &Value) -> BTreeMap<String, String> {
    let mut held = outcomes(train);
    held.retain(|_, is| is != "moves" && is != "unchanged");
    held
}

const GOOD: &str = "{ stdenv }: stdenv.mkDerivation { name = \"good\"; }\n";
const BAD: &str = "{ stdenv }: stdenv.mkDerivation { name = throw \"it is ill\"; }\n";

/// Forty-eight repos above core, each with a package.
fn many() -> (Vec<String>, String) {
    let mut text = String::new();
    let names: Vec<String> = (0..48).map(|number| format!("r{number}")).collect();
    for (number, name) in names.iter().enumerate() {
        let uses = match number {
            40.. => format!("tier = \"apps\", uses = {{ r{} = \"*\" }}", number - 40),
            _ => "tier = \"sigs\"".to_owned(),
        };
        let _ = writeln!(
            text,
            "repos.{name} = {{ sig = \"all\", {uses}, packages = {{ p{number} = {{}} }} }}"
        );
    }
    (names, text)
}

#[test]
fn of_fifty_repos_exactly_the_broken_ones_are_held_and_the_rest_moves() {
    let (names, manifest) = many();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let forge = Forge::new(&names, &manifest);
    let before = |name: &str| forge.tip(name, "main");

    forge.change("core", "news", "x");
    forge.package("r1", "p1", BAD);
    forge.change("r2", "flake.nix", "{ outputs = _: {");
    for name in ["core", "r1", "r2"] {
        git(&forge.repo(name), &["push", "--quiet", "origin", "main"]);
    }
    fs::remove_dir_all(forge.remote("r3")).unwrap();
    // Nobody listens there.
    let gone = "git://127.0.0.1:1/r4";
    git(&forge.repo("r4"), &["remote", "set-url", "origin", gone]);

    let (code, train) = forge.update(&[]);
    assert_eq!(code, 3, "{train:#}");
    let expected = [
        ("r1", "broken"),
        ("r2", "syntax"),
        ("r3", "gone"),
        ("r4", "unreachable"),
    ];
    let expected = expected.map(|(name, kind)| (name.to_owned(), kind.to_owned()));
    assert_eq!(held(&train), BTreeMap::from(expected), "{train:#}");
    let moves = outcomes(&train)
        .values()
        .filter(|is| *is == "moves")
        .count();
    assert_eq!(moves, 46);
    assert_eq!(train["broken"], serde_json::json!({}));

    // Real Nix stops at the first.
    let update = Command::new("nix")
        .args(["--extra-experimental-features", "nix-command flakes"])
        .args(["flake", "update"])
        .arg(format!("git+file://{}", forge.repo("top-level").display()))
        .output()
        .unwrap();
    assert!(!update.status.success());

    let (code, holds) = forge.family.json(&["holds"]);
    assert_eq!(code, 3);
    let holds = holds["holds"].as_array().unwrap();
    assert_eq!(holds.len(), 4);
    let ill = holds.iter().find(|hold| hold["repo"] == "r1").unwrap();
    assert_eq!(ill["reason"], "`p1`: it is ill");
    assert_eq!(ill["owners"], serde_json::json!(["ada"]));
    assert_eq!(ill["contact"], "all@example.org");

    // Nothing but staging branches has moved; then everything has.
    let core = before("core");
    assert!(forge.tip("r5", "main") != forge.tip("r5", "staging"));
    forge.family.ok(&["promote", "--push"]);
    assert_eq!(forge.tip("r5", "main"), forge.tip("r5", "staging"));
    assert_eq!(tip(&forge.remote("r5"), "main"), forge.tip("r5", "main"));
    assert_eq!(tip(&forge.remote("top-level"), "main"), before("top-level"));
    assert_eq!(forge.tip("core", "main"), core);
    for name in ["r1", "r5", "top-level"] {
        assert_eq!(git(&forge.repo(name), &["status", "--porcelain"]), "");
    }

    // What users get: top-level, with the repos that cannot be fetched taken from where
    // they were held.
    let lock = fs::read_to_string(forge.repo("top-level").join("flake.lock")).unwrap();
    let lock: Value = serde_json::from_str(&lock).unwrap();
    let mut eval = Command::new("nix");
    eval.args(["--extra-experimental-features", "nix-command flakes"])
        .args(["eval", "--offline", "--no-write-lock-file", "--json"])
        .arg(format!(
            "git+file://{}#packages.x86_64-linux",
            forge.repo("top-level").display()
        ))
        .args(["--apply", "p: builtins.mapAttrs (_: x: x.drvPath) p"]);
    for name in ["r3", "r4"] {
        let rev = lock["nodes"][name]["locked"]["rev"].as_str().unwrap();
        let place = forge.repo(name);
        eval.args(["--override-input", name])
            .arg(format!("git+file://{}?rev={rev}", place.display()));
    }
    let output = eval.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let packages: BTreeMap<String, String> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(packages.len(), 49);

    // Nothing new: nothing moves, and who was held still is.
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 3);
    assert_eq!(held(&train).len(), 4);
    assert!(
        !outcomes(&train).values().any(|is| is == "moves"),
        "{train:#}"
    );

    // The owners mend it, and are free.
    forge.package("r1", "p1", GOOD);
    git(
        &forge.repo("r2"),
        &["checkout", "--quiet", "HEAD~1", "flake.nix"],
    );
    forge.commit("r2");
    for name in ["r3", "r4"] {
        git(&forge.repo(name), &["remote", "remove", "origin"]);
    }
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 0, "{train:#}");
    let free: BTreeSet<&str> = train["released"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hold| hold["repo"].as_str().unwrap())
        .collect();
    assert_eq!(free, BTreeSet::from(["r1", "r2", "r3", "r4"]));
    assert_eq!(forge.family.run(&["holds"]).code, 0);
    assert!(
        fs::read_dir(forge.family.root.join("holds"))
            .unwrap()
            .next()
            .is_none()
    );
}

/// Python, web which uses it, and another.
const THREE: &str = r#"
repos.python = { sig = "all", tier = "sigs", packages = { snake = {} } }
repos.other = { sig = "all", tier = "sigs", packages = { thing = {} } }
repos.web = { sig = "all", tier = "apps", uses = { python = "*" }, packages = { site = { build = ["python/snake"] } } }
"#;

fn three() -> Forge {
    Forge::new(&["python", "other", "web"], THREE)
}

#[test]
fn who_broke_a_repo_is_found_out() {
    let forge = three();
    // Python needs what core takes away, and web needs python.
    let old = "{ stdenv, tool }: assert tool ? old; stdenv.mkDerivation { name = \"snake\"; }\n";
    forge.package(
        "core",
        "tool",
        "{ stdenv }: stdenv.mkDerivation { name = \"tool\"; old = true; }\n",
    );
    forge.package("python", "snake", old);
    forge.family.ok(&["update"]);
    forge.family.ok(&["promote", "--push"]);
    forge.package("core", "tool", GOOD);
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 3, "{train:#}");
    let held = held(&train);
    assert_eq!(held["python"], "broken-by", "{train:#}");
    assert_eq!(held["web"], "waits");
    assert_eq!(held.len(), 2);
    let python = &train["repos"]["python"]["outcome"]["hold"];
    assert_eq!(python["because-of"], "core");
    assert_eq!(
        train["repos"]["web"]["outcome"]["hold"]["because-of"],
        "python"
    );
    // Nothing is lost silently: through the new top-level both fail.
    let broken: Vec<&String> = train["broken"].as_object().unwrap().keys().collect();
    assert_eq!(broken, ["python", "web"]);
    // Held is held, however often it is asked.
    forge.family.ok(&["promote", "--push"]);
    let (code, again) = forge.update(&[]);
    assert_eq!(code, 3);
    assert_eq!(self::held(&again), held);
    forge.package("python", "snake", GOOD);
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 0, "{train:#}");
}

#[test]
fn what_failed_before_holds_nobody_and_what_fails_newly_does() {
    let manifest = r#"repos.r = { sig = "all", tier = "sigs", packages = { a = {}, b = {} } }"#;
    let forge = Forge::new(&["r"], manifest);
    forge.package("r", "a", BAD);
    git(&forge.repo("r"), &["push", "--quiet", "origin", "main"]);
    forge.family.ok(&["lock", "--commit"]);
    git(
        &forge.repo("top-level"),
        &["push", "--quiet", "origin", "main"],
    );
    forge.change("core", "news", "x");
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 0, "{train:#}");
    let outcome = &train["repos"]["r"]["outcome"];
    assert_eq!(outcome["failing"], serde_json::json!(["a"]));
    forge.package("r", "b", BAD);
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 3, "{train:#}");
    let hold = &train["repos"]["r"]["outcome"]["hold"];
    assert_eq!(hold["reason"], "`b`: it is ill");
}

#[test]
fn a_contract_is_honoured() {
    let manifest = r#"
repos.python = { sig = "all", tier = "sigs", uses = { core = "^1.0" }, packages = { snake = {} } }
repos.other = { sig = "all", tier = "sigs", packages = { thing = {} } }
repos.web = { sig = "all", tier = "apps", uses = { python = "*" }, packages = { site = {} } }
"#;
    let forge = Forge::new(&["python", "other", "web"], manifest);
    let path = forge.family.root.join("aux.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        text.replace("contract = \"1.0.0\"", "contract = \"2.0.0\""),
    )
    .unwrap();
    forge.family.ok(&["generate", "--repo", "core"]);
    forge.commit("core");
    let locked = |name: &str, branch: &str| -> String {
        let text = git(
            &forge.repo(name),
            &["show", &format!("{branch}:flake.lock")],
        );
        let lock: Value = serde_json::from_str(&text).unwrap();
        lock["nodes"]["core"]["locked"]["rev"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let first = locked("python", "main");
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 3, "{train:#}");
    let held = held(&train);
    assert_eq!(held["python"], "contract");
    assert_eq!(held["web"], "waits");
    assert_eq!(held.len(), 2);
    forge.family.ok(&["promote"]);
    assert_eq!(locked("python", "main"), first);
    assert_eq!(locked("other", "main"), forge.tip("core", "main"));
    // Python learns the new contract.
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("core = \"^1.0\"", "core = \"^2.0\"")).unwrap();
    forge.family.ok(&["generate", "--repo", "python"]);
    forge.commit("python");
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 0, "{train:#}");
    forge.family.ok(&["promote"]);
    assert_eq!(locked("python", "main"), forge.tip("core", "main"));
}

#[test]
fn repos_that_use_each_other_move_together_and_come_to_rest() {
    let manifest = r#"
repos.a = { sig = "all", tier = "sigs", uses = { b = "*" }, packages = { pa = { build = ["b/pb"] }, qa = {} } }
repos.b = { sig = "all", tier = "sigs", uses = { a = "*" }, packages = { pb = {}, qb = { build = ["a/qa"] } } }
policy.allow = [{ repos = ["a", "b"], reason = "both", owner = "all", review = "2030-01-01" }]
"#;
    let forge = Forge::new(&["a", "b"], manifest);
    for _ in 0..2 {
        forge.family.ok(&["update"]);
        forge.family.ok(&["promote"]);
    }
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 0);
    assert!(
        outcomes(&train).values().all(|is| is == "unchanged"),
        "{train:#}"
    );
    assert_eq!(train["waves"][1], serde_json::json!([["a", "b"]]));
    forge.package("b", "pb", BAD);
    forge.change("core", "news", "x");
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 3);
    let held = held(&train);
    assert_eq!(held["b"], "broken", "{train:#}");
    // Its package needs one of `b`.
    assert_eq!(held["a"], "broken-by");
}

#[test]
fn only_what_is_asked_for_moves() {
    let forge = three();
    forge.change("core", "news", "x");
    forge.change("other", "news", "x");
    let (code, train) = forge.update(&["other"]);
    assert_eq!(code, 0, "{train:#}");
    let outcomes = outcomes(&train);
    assert_eq!(outcomes["other"], "moves");
    assert_eq!(outcomes["top-level"], "moves");
    assert_eq!(outcomes["core"], "unchanged");
    assert_eq!(outcomes["web"], "unchanged");
    let ran = forge.family.run(&["update", "nobody"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
}

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

#[test]
fn whoever_breaks_what_does_not_use_it_is_held() {
    let forge = three();
    // A set that defines what another repo owns.
    let text = "arguments: own: final: prev: { thing = throw \"taken\"; }\n";
    forge.change("python", "pkgs/by-name/ex/extra/packages.nix", text);
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 3, "{train:#}");
    let hold = &train["repos"]["python"]["outcome"]["hold"];
    assert_eq!(hold["kind"], "together", "{train:#}");
    assert_eq!(hold["because-of"], "other");
    assert_eq!(held(&train).len(), 1);
}

#[test]
fn what_was_held_stays_so_until_it_is_found_good() {
    let forge = three();
    forge.package("other", "thing", BAD);
    assert_eq!(forge.update(&[]).0, 3);
    // Nobody asked for it: it is not judged, and not released.
    let (code, train) = forge.update(&["python"]);
    assert_eq!(code, 3, "{train:#}");
    assert_eq!(held(&train).len(), 1);
    assert_eq!(train["released"], serde_json::json!([]));
    // Without the lock of top-level nobody knows what was good.
    forge.change("top-level", "flake.lock", "<<<<<<<\n");
    let ran = forge.family.run(&["update"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.contains("`flake.lock` of top-level"),
        "{}",
        ran.stderr
    );
    assert_eq!(forge.family.run(&["holds"]).code, 3);
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
    fs::remove_file(forge.family.root.join(".aux-gen/train.json")).unwrap();
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
    let ran = forge.family.run(&["update"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.contains("commits that no train made"),
        "{}",
        ran.stderr
    );
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

#[test]
fn whoever_answers_for_a_repo_is_told_once() {
    let forge = three();
    forge.package("other", "thing", BAD);
    let told = || -> Vec<Value> {
        let text = fs::read_to_string(forge.family.root.join("told")).unwrap_or_default();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let (code, _) = forge.update(&["--notify", "exit 7"]);
    assert_eq!(code, 1);
    for _ in 0..2 {
        let (code, _) = forge.update(&["--notify", "cat >> told"]);
        assert_eq!(code, 3);
        assert_eq!(told().len(), 1);
    }
    assert_eq!(told()[0]["event"], "held");
    assert_eq!(told()[0]["reason"], "`thing`: it is ill");
    forge.package("other", "thing", GOOD);
    for _ in 0..2 {
        let (code, _) = forge.update(&["--notify", "cat >> told"]);
        assert_eq!(code, 0);
        assert_eq!(told().len(), 2);
    }
    assert_eq!(told()[1]["event"], "released");
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
    for file in [".aux-gen/train.json", "holds/other.json", "told"] {
        let text = fs::read_to_string(forge.family.root.join(file)).unwrap_or_default();
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
            match path.is_dir() {
                true => fs::remove_dir_all(path).unwrap(),
                false => fs::remove_file(path).unwrap(),
            }
        }
        copy(kept, &root);
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
        let phase = fs::read_to_string(root.join(".aux-gen/train.json")).unwrap();
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
