//! Names that change, and things that go: what users ask for under the old name, and what stands in the way.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use aux_test_support::dice::Dice;
use serde_json::Value;

use crate::support::{Family, commit_all, every_file, git, init, with_flakes};

/// Whether the manifest is fine, every contract is kept and all evaluates.
fn is_well(family: &Family, what: &str) {
    let ran = family.run(&["check", "--deny-warnings"]);
    assert_eq!(ran.code, 0, "{what}\n{}\n{}", ran.stdout, ran.stderr);
    let (code, result) = family.json(&["eval"]);
    assert_eq!(code, 0, "{what}\n{result:#}");
    assert_eq!(family.run(&["generate", "--check"]).code, 0, "{what}");
}

/// What an expression over the flake of a repo gives, with the checkouts as inputs; and what Nix said.
fn flake(family: &Family, of: &str, inputs: &[&str], ask: &str) -> (String, String) {
    let checkout = |name: &str| format!("path:{}", family.repo(name).display());
    let overrides = inputs.iter().flat_map(|input| {
        let flag = "--override-input".to_owned();
        [flag, (*input).to_owned(), checkout(input)]
    });
    let output = with_flakes()
        .args(["eval", "--json", &format!("{}#{ask}", checkout(of))])
        .args(overrides)
        .output()
        .unwrap();
    (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn a_renamed_package_answers_to_both_names_until_its_day() {
    let family = Family::committed_example();
    let (code, renamed) = family.json(&[
        "rename",
        "package",
        "javascript/nodejs",
        "node",
        "--until",
        "2027-06-01",
    ]);
    assert_eq!(code, 0, "{renamed:#}");
    assert_eq!(renamed["until"], "2027-06-01");
    let left = renamed["left"].as_array().unwrap();
    assert_eq!(left.len(), 5, "files that ask for the old name: {left:?}");
    is_well(&family, "after the rename");

    let moved = family.repo("javascript").join("pkgs/by-name/no/node");
    assert!(moved.join("18.nix").is_file() && moved.join("packages.nix").is_file());
    let staged = git(&family.root, &["diff", "--cached", "--name-status", "-M"]);
    assert!(staged.contains("nodejs/18.nix"), "{staged}");

    let (old, said) = flake(&family, "javascript", &["core"], "nodejs_18.name");
    assert_eq!(old.trim(), "\"nodejs-18.20.5\"", "{said}");
    assert!(
        said.contains("`nodejs_18` is called `node_18` now"),
        "{said}"
    );
    let (new, said) = flake(&family, "javascript", &["core"], "node_18.name");
    assert_eq!(old, new);
    assert!(!said.contains("is called"), "{said}");

    let found = family.ok(&["where", "nodejs"]);
    assert!(found.stdout.contains("github:auxolotl/javascript#node"));
    let late = family.run(&["check", "--today", "2027-06-02"]);
    assert_eq!(late.code, 3);
    assert!(late.stderr.contains("alias-overdue"), "{}", late.stderr);
}

#[test]
fn a_rename_back_and_one_on_top_of_another_lead_to_what_there_is() {
    let family = Family::committed_example();
    family.ok(&["rename", "package", "core/openssl", "tls"]);
    family.ok(&["rename", "package", "core/tls", "ssl"]);
    is_well(&family, "twice");
    let (_, found) = family.json(&["where", "openssl"]);
    assert_eq!(found["former"][0]["to"], "ssl", "{found:#}");
    family.ok(&["rename", "package", "core/ssl", "openssl"]);
    is_well(&family, "and back");
    let manifest = fs::read_to_string(family.root.join("sigs/core.toml")).unwrap();
    assert!(!manifest.contains("openssl = { to"), "{manifest}");
    assert!(manifest.contains("tls = { to = \"openssl\""), "{manifest}");
}

#[test]
fn what_moved_and_is_then_renamed_is_led_to_by_its_old_repo() {
    let family = Family::committed_example();
    family.ok(&["move", "javascript/bundle-b", "python"]);
    family.ok(&["rename", "package", "python/bundle-b", "bundle-c"]);
    is_well(&family, "moved, then renamed");
    let manifest = fs::read_to_string(family.root.join("sigs/javascript.toml")).unwrap();
    assert!(
        manifest.contains("bundle-b = { to = \"bundle-c\""),
        "{manifest}"
    );
}

#[test]
fn a_renamed_repo_leaves_a_flake_that_forwards() {
    let family = Family::committed_example();
    family.ok(&["rename", "repo", "javascript", "js", "--forward"]);
    is_well(&family, "after the rename");
    assert!(family.repo("js").join("flake.nix").is_file());
    let (name, said) = flake(&family, "javascript", &["core", "js"], "nodejs.name");
    assert_eq!(name.trim(), "\"nodejs-20.18.1\"", "{said}");
    assert!(
        said.contains("the repo `javascript` is called `js` now"),
        "{said}"
    );
    let gone = family.run(&["generate", "--repo", "javascript"]);
    assert!(gone.stderr.contains("`javascript` is called `js` now"));
    // The name is free again once nobody is led on from it.
    fs::remove_dir_all(family.repo("javascript")).unwrap();
    family.ok(&["rename", "repo", "js", "javascript", "--no-alias"]);
    let manifest = fs::read_to_string(family.root.join("aux.toml")).unwrap();
    assert!(!manifest.contains("[renamed.repos]"), "{manifest}");
}

#[test]
fn a_repo_of_its_own_keeps_its_history_and_a_submodule_its_place() {
    let family = Family::committed_example();
    let rust = family.repo("rust");
    init(&rust);
    commit_all(&rust, "rust");
    let tip = git(&rust, &["rev-parse", "HEAD"]);
    family.ok(&["rename", "repo", "rust", "ferris"]);
    assert_eq!(git(&family.repo("ferris"), &["rev-parse", "HEAD"]), tip);
    // As in a submodule, `.git` is a file that leads elsewhere.
    let kde = family.repo("kde");
    let elsewhere = family.root.join(".git-of-kde");
    git(
        &kde,
        &[
            "init",
            "-q",
            "--separate-git-dir",
            elsewhere.to_str().unwrap(),
        ],
    );
    let (code, renamed) = family.json(&["rename", "repo", "kde", "plasma"]);
    assert_eq!(code, 0, "{renamed:#}");
    assert!(kde.join("flake.nix").is_file(), "it stays where it is");
    let manifest = fs::read_to_string(family.root.join("sigs/kde.toml")).unwrap();
    assert!(manifest.contains("path = \"repos/kde\""), "{manifest}");
}

#[test]
fn sigs_people_tiers_and_modules_are_named_anew_everywhere() {
    let family = Family::committed_example();
    family.ok(&["rename", "sig", "kde", "plasma"]);
    assert!(family.root.join("sigs/plasma.toml").is_file());
    assert!(!family.root.join("sigs/kde.toml").exists());
    family.ok(&["rename", "person", "python-lead", "@guido"]);
    family.ok(&["rename", "tier", "languages", "langs"]);
    family.ok(&["rename", "module", "gnome/gdm", "display-manager"]);
    is_well(&family, "all four");
    let owners = fs::read_to_string(family.repo("python").join(".github/CODEOWNERS")).unwrap();
    assert!(owners.contains("@guido"), "{owners}");
    let output = with_flakes()
        .args(["eval", "--json"])
        .arg(format!(
            "path:{}#nixosModules",
            family.repo("gnome").display()
        ))
        .args([
            "--apply",
            "modules: map (m: builtins.length m.imports) (builtins.attrValues modules)",
        ])
        .args(["--override-input", "core"])
        .arg(format!("path:{}", family.repo("core").display()))
        .args(["--override-input", "python"])
        .arg(format!("path:{}", family.repo("python").display()))
        .args(["--override-input", "rust"])
        .arg(format!("path:{}", family.repo("rust").display()))
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.stdout, b"[1,1]", "{said}");
    assert!(said.contains("the module `gdm` is called `display-manager` now"));
    for (old, now) in [("kde", "`plasma`"), ("python-lead", "`guido`")] {
        let found = family.run(&["where", old]);
        assert!(found.stderr.contains(now), "{old}: {}", found.stderr);
    }
}

#[test]
fn who_depends_on_what_is_to_go_is_named_first() {
    let family = Family::committed_example();
    let before = every_file(&family.root);
    for (arguments, needs) in [
        (
            ["remove", "package", "javascript/bundle-b"],
            "`applications/dashboard` needs `javascript/bundle-b` (build)",
        ),
        (["remove", "repo", "python"], "repo `gnome` uses `python`"),
        (
            ["remove", "repo", "core"],
            "`core` is the core of the family",
        ),
        (
            ["remove", "sig", "python"],
            "SIG `python` owns package `core/python3`",
        ),
        (
            ["remove", "person", "kde-lead"],
            "nobody but `kde-lead` leads SIG `kde`",
        ),
    ] {
        let ran = family.run(&[&arguments[..], &["--reason", "old"]].concat());
        assert_eq!(ran.code, 1, "{arguments:?}");
        assert!(ran.stderr.contains(needs), "{arguments:?}: {}", ran.stderr);
    }
    assert!(every_file(&family.root) == before);
}

#[test]
fn what_is_gone_says_why_and_what_to_use() {
    let family = Family::committed_example();
    let reason = ["--reason", "nobody maintains it", "--use", "vikunja"];
    let gone = [&["remove", "package", "dashboard"][..], &reason].concat();
    family.ok(&gone);
    is_well(&family, "after the removal");
    let directory = family.repo("applications").join("pkgs/by-name/da");
    assert!(!directory.exists(), "nothing is left of it");
    let expression = format!(
        "(import {}/layer.nix {{ }} {{ }} {{ }}).dashboard",
        family.repo("applications").display()
    );
    let output = with_flakes()
        .args(["eval", "--impure", "--expr", &expression])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("`dashboard` was removed: nobody maintains it; use vikunja"),
        "{said}"
    );
    family.ok(&[
        "remove",
        "module",
        "gnome/gdm",
        "--reason",
        "it went to nixpkgs",
    ]);
    is_well(&family, "after the module");
    let found = family.ok(&["where", "dashboard"]);
    assert!(
        found.stderr.contains("nobody maintains it"),
        "{}",
        found.stderr
    );
}

#[test]
fn nothing_is_deleted_that_git_does_not_have() {
    let family = Family::committed_example();
    let package = family
        .repo("applications")
        .join("pkgs/by-name/da/dashboard");
    let remove = ["remove", "package", "dashboard", "--reason", "old"];
    for (file, text) in [("notes.txt", "mine"), ("package.nix", "{ }: null\n")] {
        let before = fs::read(package.join(file)).ok();
        fs::write(package.join(file), text).unwrap();
        let all = every_file(&family.root);
        let ran = family.run(&remove);
        assert_eq!(ran.code, 1, "{file}");
        assert!(ran.stderr.contains(file), "{}", ran.stderr);
        assert!(
            every_file(&family.root) == all,
            "{file}: nothing has changed"
        );
        match before {
            Some(before) => fs::write(package.join(file), before).unwrap(),
            None => fs::remove_file(package.join(file)).unwrap(),
        }
    }
    // In a plain folder there is nobody who has it.
    let plain = Family::copied_example();
    let ran = plain.run(&remove);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.contains("git does not follow it"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_retired_repo_is_answered_for_by_top_level() {
    let family = Family::committed_example();
    family.ok(&["rename", "package", "gnome/gdm", "gdm3"]);
    commit_all(&family.root, "renamed");
    family.ok(&["remove", "repo", "gnome", "--reason", "it has no lead"]);
    is_well(&family, "without gnome");
    assert!(family.repo("gnome").join("flake.nix").is_file(), "it stays");
    let contract = fs::read_to_string(family.repo("top-level").join("contract.json")).unwrap();
    let contract: Value = serde_json::from_str(&contract).unwrap();
    for name in ["gdm", "gdm3"] {
        let why = contract["removed"][name].as_str();
        assert_eq!(why, Some("was removed: it has no lead"), "{name}");
    }
    family.ok(&["remove", "sig", "gnome", "--reason", "it has no repo"]);
    is_well(&family, "without its SIG");
}

#[test]
fn sigs_are_merged_and_split_and_people_replaced() {
    let family = Family::committed_example();
    let (code, merged) = family.json(&["merge-sigs", "kde", "gnome"]);
    assert_eq!(code, 0, "{merged:#}");
    assert_eq!(merged["repos"], serde_json::json!(["kde"]));
    is_well(&family, "merged");
    let (code, split) = family.json(&[
        "split-sig",
        "python",
        "--into",
        "crypto",
        "--lead",
        "ada",
        "crypto*",
    ]);
    assert_eq!(code, 0, "{split:#}");
    assert_eq!(
        split["packages"],
        serde_json::json!(["crypto/cryptography"])
    );
    is_well(&family, "split");
    family.ok(&[
        "split-sig",
        "core",
        "--into",
        "tls",
        "--lead",
        "ada",
        "--no-repo",
        "openssl",
    ]);
    is_well(&family, "split without a repo");
    family.ok(&["replace-person", "python-lead", "hopper"]);
    family.ok(&[
        "new-repo", "web", "--sig", "tls", "--uses", "python", "--tier", "desktops",
    ]);
    is_well(&family, "with one repo more");
    let (code, moved) = family.json(&["move", "vikunja*", "web"]);
    assert_eq!(code, 3, "web does not see javascript: {moved:#}");
    let (_, moved) = family.json(&["move", "bundle-b", "node-gyp", "python"]);
    assert_eq!(moved["others"].as_array().unwrap().len(), 1, "{moved:#}");
    family.ok(&["move", "--module", "gnome/gdm", "kde"]);
    is_well(&family, "moved");
}

#[test]
fn a_checkout_that_no_repo_claims_is_named() {
    let family = Family::committed_example();
    let manifest = fs::read_to_string(family.root.join("sigs/rust.toml")).unwrap();
    let renamed = manifest.replace("repos.rust", "repos.ferris");
    family.write("sigs/rust.toml", &renamed);
    let python = fs::read_to_string(family.root.join("sigs/python.toml")).unwrap();
    family.write("sigs/python.toml", &python.replace("rust =", "ferris ="));
    let named =
        "was generated for `rust`, which the manifest does not have: was it renamed to `ferris`?";
    let checked = family.ok(&["check"]);
    assert!(checked.stderr.contains(named), "{}", checked.stderr);
    let before = every_file(&family.root);
    assert_eq!(
        family.run(&["generate"]).code,
        1,
        "no placeholders beside it"
    );
    assert!(every_file(&family.root) == before);
    let stranger = family.root.join("repos/stranger");
    fs::create_dir(&stranger).unwrap();
    init(&stranger);
    let checked = family.ok(&["check"]);
    assert!(checked.stderr.contains("`repos/stranger` is a repository"));
}

/// A family of a few repos whose packages need each other, from a seed.
fn random(dice: &mut Dice) -> String {
    let mut text = String::from(
        "format = \"1.0\"\norganization = { name = \"x\", forge = \"github:x\", systems = [\"x86_64-linux\"] }\n\
         tiers = [{ name = \"core\" }, { name = \"low\" }, { name = \"high\" }, { name = \"top-level\" }]\n\
         people = { ada = {}, bob = {} }\nsigs = { a = { leads = [\"ada\"] }, b = { leads = [\"bob\"] } }\n\
         repos.top-level = { sig = \"a\", tier = \"top-level\" }\n",
    );
    let mut below: Vec<String> = Vec::new();
    let mut repos: Vec<&str> = Vec::new();
    for (repo, tier, count) in [
        ("core", "core", 3),
        ("l", "low", 3),
        ("m", "low", 2),
        ("h", "high", 3),
    ] {
        let used: Vec<&str> = match tier {
            "high" => vec!["core", "l", "m"],
            "low" => vec!["core"],
            _ => Vec::new(),
        };
        let uses = used.iter().map(|repo| format!("{repo} = \"*\""));
        let uses = uses.collect::<Vec<_>>().join(", ");
        let sig = if dice.below(2) == 0 { "a" } else { "b" };
        text += &format!(
            "\n[repos.{repo}]\nsig = \"{sig}\"\ntier = \"{tier}\"\nuses = {{ {uses} }}\n\n[repos.{repo}.packages]\n"
        );
        let mut own: Vec<String> = Vec::new();
        for number in 0..count {
            let name = format!("{repo}{number}");
            let seen = below
                .iter()
                .filter(|id| used.iter().any(|repo| id.starts_with(&format!("{repo}/"))));
            let mut known: Vec<String> = seen.cloned().collect();
            known.extend(own.iter().map(|name| format!("{repo}/{name}")));
            let mut needs: Vec<String> = Vec::new();
            for _ in 0..dice.below(3).min(known.len()) {
                let one = &known[dice.below(known.len())];
                let bare = one.split('/').nth(1).unwrap();
                needs.push(format!(
                    "\"{}\"",
                    if dice.below(2) == 0 { one } else { bare }
                ));
            }
            let variants = if dice.below(4) == 0 {
                ", variants = { names = [\"1\", \"2\"], aliases = { lts = \"1\" } }"
            } else {
                ""
            };
            text += &format!("{name} = {{ build = [{}]{variants} }}\n", needs.join(", "));
            own.push(name);
        }
        below.extend(own.iter().map(|name| format!("{repo}/{name}")));
        repos.push(repo);
    }
    text += "\n[repos.l.modules]\nlm = {}\n";
    text
}

/// One change of names, at random.
fn random_change(dice: &mut Dice, catalog: &aux_model::Catalog, round: usize) -> Vec<String> {
    let pick = |dice: &mut Dice, names: Vec<String>| names[dice.below(names.len())].clone();
    let packages = || {
        catalog
            .packages()
            .map(|package| package.id.to_string())
            .collect::<Vec<_>>()
    };
    let repos = || {
        catalog
            .repos()
            .map(|repo| repo.name.to_string())
            .collect::<Vec<_>>()
    };
    let sigs = || {
        catalog
            .sigs()
            .map(|sig| sig.name.to_string())
            .collect::<Vec<_>>()
    };
    let people = || {
        catalog
            .people()
            .map(|one| one.handle.to_string())
            .collect::<Vec<_>>()
    };
    let new = format!("n{round}");
    let because = ["--reason", "of chance"].map(str::to_owned);
    let words = |words: &[&str]| {
        words
            .iter()
            .map(|word| (*word).to_owned())
            .collect::<Vec<_>>()
    };
    match dice.below(12) {
        0..=2 => words(&["rename", "package", &pick(dice, packages()), &new]),
        3 => words(&["rename", "repo", &pick(dice, repos()), &new]),
        4 => words(&["rename", "repo", &pick(dice, repos()), &new, "--forward"]),
        5 => words(&["rename", "sig", &pick(dice, sigs()), &new]),
        6 => words(&["rename", "person", &pick(dice, people()), &new]),
        7 => words(&["move", &pick(dice, packages()), &pick(dice, repos())]),
        8 => [
            words(&["remove", "repo", &pick(dice, repos())]),
            because.to_vec(),
        ]
        .concat(),
        9 => words(&["merge-sigs", &pick(dice, sigs()), &pick(dice, sigs())]),
        _ => [
            words(&["remove", "package", &pick(dice, packages())]),
            because.to_vec(),
        ]
        .concat(),
    }
}

fn catalog_of(family: &Family) -> aux_model::Catalog {
    let registry = aux_gen::disk::Registry::open(&family.root).unwrap();
    registry.load().unwrap().catalog.unwrap()
}

#[test]
fn in_random_families_a_change_of_names_leaves_all_well_or_changes_nothing() {
    let (mut done, mut refused) = (0, 0);
    for seed in 1..=4 {
        let mut dice = Dice(seed);
        let family = Family::of(&random(&mut dice));
        family.ok(&["generate"]);
        init(&family.root);
        commit_all(&family.root, "all");
        let mut old_names: BTreeMap<String, String> = BTreeMap::new();
        for round in 0..8 {
            let change = random_change(&mut dice, &catalog_of(&family), round);
            let words: Vec<&str> = change.iter().map(String::as_str).collect();
            let what = format!("seed {seed}, round {round}: {words:?}");
            let before = every_file(&family.root);
            let ran = family.run(&words);
            if ran.code != 0 {
                assert!([1, 3].contains(&ran.code), "{what}: {}", ran.stderr);
                let same = every_file(&family.root) == before;
                assert!(same, "{what}: nothing has changed\n{}", ran.stderr);
                refused += 1;
                continue;
            }
            done += 1;
            is_well(&family, &what);
            if words[..2] == ["rename", "package"] {
                let old = words[2].split('/').nth(1).unwrap();
                old_names.insert(old.to_owned(), what.clone());
            }
            commit_all(&family.root, &what);
            // What had a name is there under it, or says why it is not.
            let layers = family.run(&["where", "top-level"]);
            assert_eq!(layers.code, 0);
            for (old, since) in &old_names {
                let found = family.ok(&["where", old]);
                assert!(
                    found.stderr.contains("formerly"),
                    "{since}; {what}: {}",
                    found.stderr
                );
            }
        }
    }
    assert!(done > 12 && refused > 2, "{done} done, {refused} refused");
}

#[test]
fn a_rename_that_is_killed_at_any_step_is_finished_by_the_next_command() {
    let arguments = [
        "rename",
        "package",
        "core/zlib",
        "zlib-ng",
        "--until",
        "2027-06-01",
    ];
    let whole = Family::committed_example();
    whole.ok(&arguments);
    let files = |root: &Path| -> BTreeMap<String, String> {
        let mut files = every_file(root);
        files.retain(|name, _| !name.starts_with(".git/") && !name.contains("/local/"));
        files
    };
    let new = files(&whole.root);
    let mut at = 0;
    let mut finished = 0;
    loop {
        let family = Family::committed_example();
        let ended = family.run_with_end(&arguments, at);
        if !ended {
            break;
        }
        family.ok(&["generate"]);
        let now = files(&family.root);
        let manifest = now["sigs/core.toml"].clone();
        if manifest.contains("zlib-ng") {
            finished += 1;
            let differs: Vec<&String> = new
                .keys()
                .filter(|name| now.get(*name) != new.get(*name))
                .collect();
            assert!(differs.is_empty(), "end {at}: {differs:?}");
        } else {
            assert_eq!(family.run(&["generate", "--check"]).code, 0, "end {at}");
            let directory = family.repo("core").join("pkgs/by-name/zl/zlib");
            assert!(directory.is_dir(), "end {at}: all is as it was");
        }
        at += 3;
    }
    assert!(finished > 2 && at > 10, "{finished} finished, {at} steps");
}

#[test]
fn holds_follow_a_renamed_repo() {
    let family = Family::committed_example();
    let hold = r#"{"repo":"python","sig":"python","owners":["@python-lead"],"contact":null,"kind":"broken","reason":"x","because-of":"javascript","broken":[],"since":"2026-11-01","held-at":null,"refused":null,"told":false}"#;
    family.write("holds/python.json", hold);
    assert!(family.json(&["holds"]).1.to_string().contains("\"python\""));
    family.ok(&["rename", "repo", "javascript", "js"]);
    family.ok(&["rename", "repo", "python", "snakes"]);
    assert!(!family.root.join("holds/python.json").exists());
    let (_, held) = family.json(&["holds"]);
    let text = held.to_string();
    assert!(
        text.contains("snakes") && text.contains("\"js\""),
        "{held:#}"
    );
}

#[test]
fn a_codeowners_file_that_a_forge_does_not_read_is_named() {
    let family = Family::copied_example();
    family.ok(&["check", "--deny-warnings"]);
    for file in ["CODEOWNERS", "repos/python/docs/CODEOWNERS"] {
        family.write(file, "* @somebody\n");
        let ran = family.run(&["check", "--deny-warnings"]);
        assert_eq!(ran.code, 3, "{}", ran.stdout);
        let said = format!("`{file}` stands beside the generated");
        assert!(
            ran.stderr.contains("two-owner-files") && ran.stderr.contains(&said),
            "{}",
            ran.stderr
        );
        fs::remove_file(family.root.join(file)).unwrap();
    }
}
