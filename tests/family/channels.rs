//! Channels: branches of the whole family, which take what they follow, or live by themselves.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::support::{Forge, git, repo, tip};
use crate::trains::{BAD, held};

const MANIFEST: &str = r#"
repos.lib = { sig = "all", tier = "sigs", packages = { part = {} } }
repos.app = { sig = "all", tier = "apps", uses = { lib = "*" }, packages = { game = {} } }
[[channels]]
name = "unstable"
follows = "main"
[[channels]]
name = "26.11"
branch = "release-26.11"
branches = { lib = "stable" }
follows = "unstable"
"#;

const ALL: [&str; 4] = ["core", "lib", "app", "top-level"];

fn package(name: &str) -> String {
    format!("{{ stdenv }}: stdenv.mkDerivation {{ name = \"{name}\"; }}\n")
}

fn family() -> Forge {
    Forge::new(&["lib", "app"], MANIFEST)
}

/// A package of the branch of top-level that is published, as a user of the channel has it.
fn name_of(forge: &Forge, branch: &str, attribute: &str) -> String {
    let flake = format!(
        "git+file://{}?ref={branch}#packages.x86_64-linux.{attribute}.name",
        forge.remote("top-level").display()
    );
    let mut eval = Command::new("nix");
    eval.args(["--extra-experimental-features", "nix-command flakes"])
        .args(["eval", "--raw", "--refresh", "--no-write-lock-file", &flake]);
    let output = eval.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout).unwrap()
}

/// The lock of top-level on a branch of its remote.
fn lock(forge: &Forge, branch: &str) -> Value {
    let shown = format!("{branch}:flake.lock");
    serde_json::from_str(&git(&forge.remote("top-level"), &["show", &shown])).unwrap()
}

fn night(forge: &Forge, channel: &str) -> Value {
    let (code, train) = forge.update(&["--channel", channel, "--push"]);
    assert!(code == 0 || code == 3, "{train:#}");
    forge
        .family
        .ok(&["promote", "--channel", channel, "--push"]);
    train
}

#[test]
fn a_channel_takes_what_it_follows_and_holds_what_breaks() {
    let forge = family();
    let main = forge.tip("top-level", "main");
    let train = night(&forge, "unstable");
    assert_eq!(held(&train).len(), 0, "{train:#}");
    assert_eq!(train["channel"], "unstable");
    assert_eq!(train["staging"], "staging-unstable");
    // Users of it have nothing of `main`, and nobody else's branch has moved.
    for name in ALL {
        assert_ne!(tip(&forge.remote(name), "unstable"), "", "{name}");
    }
    assert_eq!(forge.tip("top-level", "main"), main);
    let nodes = lock(&forge, "unstable")["nodes"].clone();
    for (name, node) in nodes.as_object().unwrap() {
        if name != "root" {
            assert_eq!(node["original"]["ref"], "unstable", "{name}: {node:#}");
            let rev = node["locked"]["rev"].as_str().unwrap();
            assert_eq!(rev, tip(&forge.remote(name), "unstable"));
        }
    }
    assert_eq!(name_of(&forge, "unstable", "part"), "part-0.1.0");

    // What is new comes with the next train, and what breaks stays where it was.
    forge.package("lib", "part", &package("new-part"));
    forge.package("app", "game", BAD);
    for name in ["lib", "app"] {
        git(&forge.repo(name), &["push", "--quiet", "origin", "main"]);
    }
    let app = tip(&forge.remote("app"), "unstable");
    let train = night(&forge, "unstable");
    let expected = [("app".to_owned(), "broken".to_owned())];
    assert_eq!(held(&train), expected.into_iter().collect(), "{train:#}");
    let hold = &repo(&train, "app")["outcome"]["hold"];
    assert_eq!(hold["reason"], "`game`: it is ill");
    assert_eq!(hold["channel"], "unstable");
    assert_eq!(tip(&forge.remote("app"), "unstable"), app);
    assert_eq!(name_of(&forge, "unstable", "part"), "new-part");
    assert_eq!(name_of(&forge, "unstable", "game"), "game-0.1.0");
    // Fast-forwards, whose last parent is what was followed.
    let parents = git(
        &forge.remote("lib"),
        &["log", "-1", "--format=%P", "unstable"],
    );
    let parents: Vec<&str> = parents.split_whitespace().collect();
    assert_eq!(parents.last(), Some(&&*forge.tip("lib", "main")));

    // Its holds are its own.
    assert!(forge.family.root.join("holds/unstable/app.json").is_file());
    assert_eq!(forge.family.run(&["holds"]).code, 0);
    let held = forge.family.run(&["holds", "--channel", "unstable"]);
    assert_eq!(held.code, 3, "{}", held.stderr);

    forge.package("app", "game", &package("well"));
    git(&forge.repo("app"), &["push", "--quiet", "origin", "main"]);
    let train = night(&forge, "unstable");
    assert_eq!(train["released"].as_array().unwrap().len(), 1, "{train:#}");
    assert!(!forge.family.root.join("holds/unstable/app.json").exists());
    assert_eq!(name_of(&forge, "unstable", "game"), "well");
    // Nothing is new.
    let before = ALL.map(|name| tip(&forge.remote(name), "unstable"));
    night(&forge, "unstable");
    assert_eq!(ALL.map(|name| tip(&forge.remote(name), "unstable")), before);
}

#[test]
fn a_channel_that_follows_nothing_moves_by_its_own_commits() {
    let forge = family();
    night(&forge, "unstable");
    night(&forge, "26.11");
    assert_eq!(name_of(&forge, "release-26.11", "part"), "part-0.1.0");
    let nodes = lock(&forge, "release-26.11")["nodes"].clone();
    assert_eq!(nodes["lib"]["original"]["ref"], "stable");
    // From that day on it is on its own.
    let manifest = fs::read_to_string(forge.family.root.join("aux.toml")).unwrap();
    let frozen = manifest.replace("follows = \"unstable\"\n", "");
    assert_ne!(manifest, frozen);
    forge.family.write("aux.toml", &frozen);
    forge.package("lib", "part", &package("next"));
    git(&forge.repo("lib"), &["push", "--quiet", "origin", "main"]);
    night(&forge, "unstable");
    night(&forge, "26.11");
    assert_eq!(name_of(&forge, "unstable", "part"), "next");
    assert_eq!(name_of(&forge, "release-26.11", "part"), "part-0.1.0");
    // A fix for it alone.
    let lib = forge.repo("lib");
    git(&lib, &["switch", "--quiet", "stable"]);
    forge.package("lib", "part", &package("fixed"));
    git(&lib, &["push", "--quiet", "origin", "stable"]);
    night(&forge, "26.11");
    assert_eq!(name_of(&forge, "release-26.11", "part"), "fixed");
    assert_eq!(name_of(&forge, "unstable", "part"), "next");
    // Following again, it keeps that and takes what is new elsewhere.
    forge.family.write("aux.toml", &manifest);
    forge.package("app", "game", &package("newer"));
    git(&forge.repo("app"), &["push", "--quiet", "origin", "main"]);
    git(&lib, &["switch", "--quiet", "main"]);
    forge.package("lib", "part", &package("next"));
    night(&forge, "unstable");
    let train = night(&forge, "26.11");
    assert_eq!(held(&train).len(), 1, "{train:#}");
    assert_eq!(held(&train)["lib"], "diverged", "both changed one line");
    let hold = &repo(&train, "lib")["outcome"]["hold"];
    let reason = hold["reason"].as_str().unwrap();
    assert!(
        reason.contains("both changed `pkgs/by-name/pa/part/package.nix`"),
        "{reason}"
    );
    assert_eq!(name_of(&forge, "release-26.11", "game"), "newer");
    // Merged by hand once, it goes on by itself.
    git(&lib, &["switch", "--quiet", "stable"]);
    let merge = [
        "merge",
        "--quiet",
        "--strategy-option=ours",
        "--message",
        "m",
        "unstable",
    ];
    git(&lib, &merge);
    git(&lib, &["push", "--quiet", "origin", "stable"]);
    git(&lib, &["switch", "--quiet", "main"]);
    forge.change("lib", "news", "x");
    git(&lib, &["push", "--quiet", "origin", "main"]);
    night(&forge, "unstable");
    let train = night(&forge, "26.11");
    assert_eq!(held(&train).len(), 0, "{train:#}");
    assert_eq!(name_of(&forge, "release-26.11", "part"), "fixed");
    let news = git(&forge.remote("lib"), &["show", "stable:news"]);
    assert_eq!(news, "x");
}

#[test]
fn what_people_commit_on_a_channel_that_follows_stays() {
    let forge = family();
    night(&forge, "unstable");
    let lib = forge.repo("lib");
    for name in ALL {
        git(&forge.repo(name), &["switch", "--quiet", "unstable"]);
    }
    forge.change("lib", "hand", "x");
    // Also in a file that trains write, under their own title.
    let readme = lib.join("README.md");
    let text = fs::read_to_string(&readme).unwrap();
    fs::write(
        &readme,
        text.replacen("## Use it", "Mind the gap.\n\n## Use it", 1),
    )
    .unwrap();
    let title = [
        "commit",
        "--quiet",
        "--all",
        "--message",
        "Update the repos that this one uses",
    ];
    git(&lib, &title);
    // And what the tools commit there.
    forge
        .family
        .ok(&["lock", "--channel", "unstable", "--commit", "--repo", "lib"]);
    git(&lib, &["push", "--quiet", "origin", "unstable"]);
    for name in ALL {
        git(&forge.repo(name), &["switch", "--quiet", "main"]);
    }
    for number in 0..2 {
        forge.change("lib", "news", &number.to_string());
        git(&lib, &["push", "--quiet", "origin", "main"]);
        let train = night(&forge, "unstable");
        assert_eq!(held(&train).len(), 0, "{train:#}");
        let show = |file: &str| git(&forge.remote("lib"), &["show", &format!("unstable:{file}")]);
        assert_eq!(
            (show("hand"), show("news")),
            ("x".to_owned(), number.to_string())
        );
        assert!(show("README.md").contains("Mind the gap."));
        assert!(show("flake.nix").contains("?ref=unstable"));
    }
    // The same of a candidate: what somebody amended there is theirs.
    forge.change("lib", "news", "y");
    git(&lib, &["push", "--quiet", "origin", "main"]);
    forge.update(&["--channel", "unstable"]);
    git(&lib, &["switch", "--quiet", "staging-unstable"]);
    fs::write(&readme, "mine\n").unwrap();
    git(
        &lib,
        &["commit", "--quiet", "--all", "--amend", "--no-edit"],
    );
    let amended = forge.tip("lib", "staging-unstable");
    git(&lib, &["switch", "--quiet", "main"]);
    forge
        .family
        .run(&["train", "abort", "--channel", "unstable"]);
    let (code, train) = forge.update(&["--channel", "unstable"]);
    assert_eq!(code, 3, "{train:#}");
    assert_eq!(held(&train)["lib"], "unusable", "{train:#}");
    assert_eq!(forge.tip("lib", "staging-unstable"), amended);
}

#[test]
fn nothing_of_one_channel_gets_into_another() {
    let forge = family();
    // Somebody is held on the day when the channel begins.
    forge.package("app", "game", BAD);
    forge.change("core", "news", "x");
    for name in ["core", "app"] {
        git(&forge.repo(name), &["push", "--quiet", "origin", "main"]);
    }
    forge.update(&["--push"]);
    forge.family.ok(&["promote", "--push"]);
    let train = night(&forge, "unstable");
    assert_eq!(
        held(&train).len(),
        0,
        "it begins where it was good: {train:#}"
    );
    for name in ["lib", "app", "top-level"] {
        let lock = git(&forge.remote(name), &["show", "unstable:flake.lock"]);
        assert!(
            !lock.contains("\"ref\": \"main\"") && !lock.contains("refs/heads/main"),
            "{name}"
        );
    }
    assert_eq!(name_of(&forge, "unstable", "game"), "game-0.1.0");
    // A branch off the channel lands on main.
    forge.package("app", "game", &package("well"));
    git(&forge.repo("app"), &["push", "--quiet", "origin", "main"]);
    let lib = forge.repo("lib");
    git(&lib, &["merge", "--quiet", "--no-edit", "unstable"]);
    git(&lib, &["push", "--quiet", "origin", "main"]);
    let (code, train) = forge.update(&["--push"]);
    assert_eq!(code, 0, "{train:#}");
    forge.family.ok(&["promote", "--push"]);
    let flake = git(&forge.remote("lib"), &["show", "main:flake.nix"]);
    assert!(!flake.contains("ref=unstable"), "{flake}");
    // A branch that is published is no place for candidates.
    let staging = ["update", "--channel", "26.11", "--staging", "unstable"];
    let refused = forge.family.run(&staging);
    assert_eq!(refused.code, 1);
    assert!(
        refused
            .stderr
            .contains("is published from its branch `unstable`")
    );
    // Only what was asked for.
    for name in ["core", "lib"] {
        forge.change(name, "news", "y");
        git(&forge.repo(name), &["push", "--quiet", "origin", "main"]);
    }
    let (_, train) = forge.update(&["lib", "--channel", "unstable"]);
    assert_eq!(
        repo(&train, "core")["outcome"]["is"],
        "unchanged",
        "{train:#}"
    );
    assert_eq!(repo(&train, "lib")["outcome"]["is"], "moves", "{train:#}");
    forge
        .family
        .ok(&["release", "1.0.0", "--channel", "unstable"]);
    let refused = forge.family.run(&["release", "1.0.0", "--tag"]);
    assert!(
        refused.stderr.contains("is of the channel `unstable`"),
        "{}",
        refused.stderr
    );
}

#[test]
fn what_is_checked_out_is_of_the_channel_that_is_asked_about() {
    let forge = family();
    night(&forge, "unstable");
    let refused = forge.family.run(&["generate", "--channel", "unstable"]);
    assert_eq!(refused.code, 1);
    let said = &refused.stderr;
    assert!(said.contains("on this channel it has `unstable`"), "{said}");
    for name in ALL {
        git(&forge.repo(name), &["switch", "--quiet", "unstable"]);
    }
    // What the train wrote is what is generated, and locked, there.
    let on = |arguments: &[&str]| {
        let arguments = [arguments, &["--channel", "unstable"]].concat();
        let ran = forge.family.run(&arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.stderr);
    };
    on(&["generate", "--check"]);
    on(&["lock", "--check"]);
    on(&["eval"]);
    on(&["eval", "--flakes"]);
    on(&["status"]);
    on(&["sync"]);
    for command in ["generate", "eval", "status", "lock"] {
        let refused = forge.family.run(&[command]);
        assert_eq!(refused.code, 1, "{command}");
        let said = &refused.stderr;
        assert!(said.contains("add `--channel unstable`"), "{said}");
    }
    // A branch of a change is of the channel that is asked about, and so is that of candidates.
    for branch in ["fix", "staging-unstable"] {
        git(
            &forge.repo("lib"),
            &["switch", "--quiet", "--force-create", branch],
        );
        on(&["generate", "--check"]);
        on(&["eval"]);
    }
    let refused = forge.family.run(&["eval"]);
    assert_eq!(refused.code, 1);
    git(&forge.repo("lib"), &["switch", "--quiet", "unstable"]);
    let refused = forge.family.run(&["check", "--channel", "unstable"]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("leave out `--channel`"));
    // What is named as a way out is of the channel, too.
    let none = forge.family.run(&["train", "status", "--channel", "26.11"]);
    assert_eq!(none.code, 1);
    let help = "`aux-gen update --channel 26.11` starts one";
    assert!(none.stderr.contains(help), "{}", none.stderr);
    let refused = forge.family.run(&["check", "--channel", "unstable"]);
    assert!(refused.stderr.contains("leave out `--channel`"));
    let refused = forge.family.run(&["update", "--channel", "unstabel"]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("unstable"), "{}", refused.stderr);
    // A release of it.
    on(&["release", "26.11.0", "--tag"]);
    let (_, releases) = forge.family.json(&["release", "list"]);
    assert_eq!(releases["releases"][0]["channel"], "unstable");
    let tagged = git(&forge.repo("lib"), &["rev-parse", "26.11.0^{commit}"]);
    assert_eq!(tagged.trim(), forge.tip("lib", "unstable"));
}

#[test]
fn a_train_of_a_channel_that_was_ended_ends_as_it_would_have() {
    let forge = family();
    night(&forge, "unstable");
    forge.package("lib", "part", &package("new-part"));
    git(&forge.repo("lib"), &["push", "--quiet", "origin", "main"]);
    let other = forge.copied();
    night(&other, "unstable");
    let expected = ALL.map(|name| other.tip(name, "unstable"));
    let mut at = 0;
    loop {
        let ended = forge.copied();
        let update = ["update", "--channel", "unstable", "--offline"];
        let promote = ["promote", "--channel", "unstable"];
        let was_ended = ended.family.run_with_end(&update, at);
        ended
            .family
            .ok(&["update", "--channel", "unstable", "--offline"]);
        let promotion_ended = ended.family.run_with_end(&promote, at);
        ended.family.ok(&promote);
        let found = ALL.map(|name| ended.tip(name, "unstable"));
        assert_eq!(found, expected, "at {at}");
        if !was_ended && !promotion_ended {
            break;
        }
        at += 1;
    }
    assert!(at > 5, "{at}");
}
