//! `release` and `changeset`: the family under a name, and a change in several repos.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::support::{Forge, every_file, git, listed};

const THREE: &str = r#"
repos.python = { sig = "all", tier = "sigs", packages = { snake = {} } }
repos.other = { sig = "all", tier = "sigs", packages = { thing = {} } }
repos.web = { sig = "all", tier = "apps", uses = { python = "*" }, packages = { site = { build = ["python/snake"] } } }
"#;

const NAMES: [&str; 5] = ["core", "python", "other", "web", "top-level"];

fn named(name: &str) -> String {
    format!("{{ stdenv }}: stdenv.mkDerivation {{ name = \"{name}\"; }}\n")
}

#[test]
fn a_release_brings_everything_back_and_says_what_changed() {
    let forge = Forge::new(&["python", "other", "web"], THREE);
    let family = &forge.family;
    family.ok(&["release", "2026-11-23"]);
    let first = NAMES.map(|name| forge.tip(name, "main"));
    let ran = family.run(&["release", "2026-11-23"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("already"), "{}", ran.stderr);

    forge.package("python", "snake", &named("snake-2.0"));
    forge.package("other", "thing", "{ stdenv }: throw \"it is ill\"\n");
    family.ok(&["update", "python"]);
    family.ok(&["promote"]);
    family.ok(&["release", "1.0.0"]);
    let (code, releases) = family.json(&["release", "list"]);
    assert_eq!(code, 0);
    assert_eq!(releases["releases"].as_array().unwrap().len(), 2);

    let (code, diff) = family.json(&["release", "diff", "2026-11-23", "1.0.0"]);
    assert_eq!(code, 0);
    let packages = diff["packages"].as_array().unwrap();
    let kinds: BTreeMap<&str, &str> = packages
        .iter()
        .map(|change| {
            (
                change["attribute"].as_str().unwrap(),
                change["is"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        kinds,
        BTreeMap::from([("site", "changed"), ("snake", "changed")])
    );
    assert_eq!(
        listed(&diff, "packages", "attribute", "snake")["now"]["name"],
        "snake-2.0"
    );
    assert_eq!(diff["same"], 2);
    let (_, same) = family.json(&["release", "diff", "1.0.0", "now"]);
    assert_eq!(same["packages"], serde_json::json!([]));

    // Back, here: but not over what somebody has not committed.
    let tip = forge.tip("web", "main");
    fs::write(forge.repo("web").join("mine"), "x").unwrap();
    let ran = family.run(&["release", "checkout", "2026-11-23"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("`web`"), "{}", ran.stderr);
    assert_eq!(
        git(&forge.repo("core"), &["branch", "--show-current"]),
        "main\n"
    );
    fs::remove_file(forge.repo("web").join("mine")).unwrap();
    fs::remove_dir_all(forge.repo("other")).unwrap();
    family.ok(&["release", "checkout", "2026-11-23"]);
    for (name, commit) in NAMES.iter().zip(&first) {
        let head = git(&forge.repo(name), &["rev-parse", "HEAD"]);
        assert_eq!(head.trim(), commit, "{name}");
    }
    assert_eq!(forge.tip("web", "main"), tip);
    family.ok(&["eval", "--flakes"]);

    // And elsewhere, with its manifest.
    let there = family.root.join("there");
    let there = there.to_str().unwrap();
    family.ok(&["release", "checkout", "2026-11-23", "--to", there]);
    family.ok(&["-C", there, "eval"]);
    let ran = family.run(&["release", "checkout", "1.0.0", "--to", there]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("not empty"), "{}", ran.stderr);
}

#[test]
fn what_cannot_be_a_release_is_none() {
    let forge = Forge::new(&["python", "other", "web"], THREE);
    let before = every_file(&forge.family.root);
    for (arguments, said) in [
        (&["release", "main"][..], "`main` names no release"),
        (
            &["release", "checkout", "9.9.9"],
            "there is no release `9.9.9`",
        ),
        (
            &["release", "diff", "9.9.9", "now"],
            "there is no release `9.9.9`",
        ),
        (&["release", "1.0.0", "--branch", "gone"], "branch `gone`"),
    ] {
        let ran = forge.family.run(arguments);
        assert_eq!(ran.code, 1, "{arguments:?}");
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
    }
    assert_eq!(every_file(&forge.family.root), before);
    let bad = r#"{"format":1,"name":"1.0.0","day":"2026-11-23","registry":null,"repos":{"core":{"url":"github:a/b","path":"repos/core","commit":"--force"}}}"#;
    forge.family.write("releases/1.0.0.json", bad);
    let ran = forge.family.run(&["release", "checkout", "1.0.0"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("is damaged"), "{}", ran.stderr);
}

#[test]
fn a_change_in_several_repos_lands_whole_or_not_at_all() {
    let forge = Forge::new(&["python", "other", "web"], THREE);
    let family = &forge.family;
    let on = |name: &str, then: &dyn Fn()| {
        let branch = ["checkout", "--quiet", "-B", "new-snake"];
        git(&forge.repo(name), &branch);
        then();
        git(&forge.repo(name), &["checkout", "--quiet", "main"]);
    };
    let tips = || NAMES.map(|name| forge.tip(name, "main"));
    let before = tips();

    let ran = family.run(&["changeset", "try", "new-snake"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.contains("no repo has a branch"),
        "{}",
        ran.stderr
    );

    // Python takes something away that web needs.
    on("python", &|| {
        let text = "{ stdenv }: stdenv.mkDerivation { name = \"snake\"; venom = true; }\n";
        forge.package("python", "snake", text);
    });
    let needs = "{ stdenv, snake }: assert SAYS; stdenv.mkDerivation { name = \"site\"; }\n";
    forge.package("web", "site", &needs.replace("SAYS", "!(snake ? venom)"));
    let before = [&before[..3], &[forge.tip("web", "main")], &before[4..]].concat();
    let (code, report) = family.json(&["changeset", "try", "new-snake"]);
    assert_eq!(code, 3, "{report:#}");
    assert_eq!(report["good"], false);
    assert_eq!(report["breaks"][0]["repo"], "web");
    assert_eq!(report["breaks"][0]["because_of"], "python");
    let ran = family.run(&["changeset", "land", "new-snake"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("breaks `web`"), "{}", ran.stderr);
    assert_eq!(tips().to_vec(), before);
    // Nobody is held for what somebody only tried.
    assert_eq!(family.run(&["holds"]).code, 0);

    on("web", &|| {
        forge.package("web", "site", &needs.replace("SAYS", "snake.venom"));
    });
    let ran = family.run(&["changeset", "land", "new-snake"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("was not tried"), "{}", ran.stderr);
    let (code, report) = family.json(&["changeset", "try", "new-snake"]);
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(report["good"], true);
    assert_eq!(tips().to_vec(), before);
    family.ok(&["changeset", "land", "new-snake", "--push"]);
    let after = tips();
    assert_ne!(after[1], before[1]);
    assert_ne!(after[3], before[3]);
    assert_eq!(after[2], before[2], "nothing reaches `other`");
    assert_eq!(forge.remote_tips(&NAMES), after);
    let lock = fs::read_to_string(forge.repo("top-level").join("flake.lock")).unwrap();
    let lock: Value = serde_json::from_str(&lock).unwrap();
    assert_eq!(lock["nodes"]["python"]["locked"]["rev"], after[1]);
    assert_eq!(family.json(&["update"]).0, 0);

    // What has landed has; what came later was not tried.
    let ran = family.run(&["changeset", "land", "new-snake"]);
    assert!(ran.stderr.contains("landed already"), "{}", ran.stderr);
    for name in NAMES {
        assert_eq!(forge.tip(name, "changeset/new-snake"), "", "{name}");
    }
    on("python", &|| forge.change("python", "more", "x"));
    let ran = family.run(&["changeset", "land", "new-snake"]);
    assert!(ran.stderr.contains("was not tried"), "{}", ran.stderr);
}

#[test]
fn what_a_change_breaks_only_together_keeps_it_from_landing() {
    let forge = Forge::new(&["python", "other", "web"], THREE);
    let family = &forge.family;
    let python = forge.repo("python");
    git(&python, &["checkout", "--quiet", "-b", "taken"]);
    let text = "arguments: own: final: prev: { thing = throw \"taken\"; }\n";
    forge.change("python", "pkgs/by-name/ex/extra/packages.nix", text);
    git(&python, &["push", "--quiet", "origin", "taken"]);
    git(&python, &["checkout", "--quiet", "main"]);
    // Only the remote has it.
    git(&python, &["branch", "--quiet", "-D", "taken"]);
    let (code, report) = family.json(&["changeset", "try", "taken"]);
    assert_eq!(code, 3, "{report:#}");
    assert_eq!(report["good"], false);
    let ran = family.run(&["changeset", "land", "taken"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    // And now nobody has.
    git(&python, &["push", "--quiet", "origin", ":taken"]);
    let ran = family.run(&["changeset", "try", "taken"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.contains("no repo has a branch"),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_impact_of_a_change_is_what_it_does_to_every_package() {
    let forge = crate::trains::three();
    let family = &forge.family;
    let (code, nothing) = family.json(&["impact", "--base", "main"]);
    assert_eq!(code, 0, "{nothing:#}");
    assert_eq!(nothing["packages"], nothing["same"]);
    assert_eq!(nothing["looked_at"], 5, "{nothing:#}");
    assert_eq!(nothing["unbuilt"], serde_json::json!([]));
    // Python's package changes, and web's with it; that of other is not reached.
    let text = "{ stdenv }: stdenv.mkDerivation { name = \"newer\"; }\n";
    for (name, branch) in [("python", "new-snake"), ("other", "unrelated")] {
        git(&forge.repo(name), &["checkout", "--quiet", "-b", branch]);
    }
    forge.package("python", "snake", text);
    forge.package(
        "web",
        "site",
        "{ stdenv, snake }: stdenv.mkDerivation { name = \"site\"; inherit snake; }\n",
    );
    let (code, found) = family.json(&["impact", "--base", "main~0"]);
    assert_eq!(
        (code, &found["good"]),
        (0, &serde_json::json!(true)),
        "{found:#}"
    );
    let (code, found) = family.json(&["impact", "python", "--base", "main"]);
    assert_eq!(code, 0, "{found:#}");
    let repos = found["repos"].as_array().unwrap();
    let changed: Vec<_> = repos
        .iter()
        .map(|repo| (&repo["repo"], &repo["moves"], &repo["changed"]))
        .collect();
    let (yes, no) = (serde_json::json!(true), serde_json::json!(false));
    let (snake, site) = (serde_json::json!(["snake"]), serde_json::json!(["site"]));
    let (python, web) = (serde_json::json!("python"), serde_json::json!("web"));
    assert_eq!(
        changed,
        [(&python, &yes, &snake), (&web, &no, &site)],
        "{found:#}"
    );
    let unbuilt = found["unbuilt"].as_array().unwrap();
    assert!(
        unbuilt
            .iter()
            .any(|drv| drv.as_str().unwrap().ends_with("-newer.drv")),
        "{found:#}"
    );
    // A change set says the same of itself.
    let (code, tried) = family.json(&["changeset", "try", "new-snake", "--impact"]);
    assert_eq!(code, 0, "{tried:#}");
    assert_eq!(tried["impact"]["repos"][0]["changed"], snake, "{tried:#}");
    let ran = family.run(&["impact", "python", "--base", "main", "--markdown"]);
    assert!(
        ran.stdout.contains("| python | 1 | 0 | 0 | 0 | 0 |"),
        "{}",
        ran.stdout
    );
    // What fails is an error, and says why.
    forge.package("python", "snake", crate::trains::BAD);
    let ran = family.run(&["impact", "--base", "main"]);
    assert_eq!(ran.code, 3, "{}", ran.stdout);
    assert!(
        ran.stdout.contains("breaks   snake: it is ill"),
        "{}",
        ran.stdout
    );
    let (_, found) = family.json(&["impact", "--base", "new-snake", "--no-builds"]);
    let without = serde_json::json!(["core", "other", "top-level", "web"]);
    assert_eq!(found["without_base"], without, "{found:#}");
    std::fs::rename(forge.repo("web"), forge.repo("away")).unwrap();
    for arguments in [
        &["impact", "web", "--base", "main"][..],
        &["impact", "--base", "main"],
    ] {
        let ran = family.run(arguments);
        assert_eq!(ran.code, 1, "{arguments:?}: {}", ran.stdout);
        assert!(ran.stderr.contains("not checked out"), "{}", ran.stderr);
    }
    std::fs::rename(forge.repo("away"), forge.repo("web")).unwrap();
    let ran = family.run(&["impact", "python", "--base", "nowhere"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.contains("git knows no commit `nowhere`"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_release_is_tagged_in_every_repo_or_in_none() {
    let forge = crate::trains::three();
    let family = &forge.family;
    let tagged = |name: &str, of: &str| git(&forge.remote(name), &["tag", "--points-at", of]);
    git(&forge.repo("web"), &["tag", "1.2.0", "main"]);
    forge.change("web", "news", "x");
    family.ok(&["lock", "--commit"]);
    let ran = family.run(&["release", "1.2.0", "--tag"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(
        ran.stderr
            .contains("`web` has a tag `1.2.0` at another commit"),
        "{}",
        ran.stderr
    );
    assert_eq!(git(&forge.repo("core"), &["tag"]), "");
    assert!(!family.root.join("releases/1.2.0.json").exists());
    git(&forge.repo("web"), &["tag", "--delete", "1.2.0"]);
    for name in NAMES {
        git(&forge.repo(name), &["push", "--quiet", "origin", "main"]);
    }
    let (code, made) = family.json(&["release", "1.2.0", "--tag", "--push"]);
    assert_eq!(code, 0, "{made:#}");
    assert_eq!(made["tags"].as_array().unwrap().len(), 5);
    for name in NAMES {
        assert_eq!(tagged(name, "main").trim(), "1.2.0", "{name}");
    }
    // A remote that refuses stops no other, and the next run asks it again.
    forge.change("python", "news", "x");
    family.ok(&["lock", "--commit"]);
    let bare = forge.remote("web");
    std::fs::rename(&bare, bare.with_extension("away")).unwrap();
    let (code, made) = family.json(&["release", "1.3.0", "--tag", "--push"]);
    assert_eq!(code, 3, "{made:#}");
    let pushed = |made: &Value, name: &str| listed(made, "tags", "repo", name)["pushed"].clone();
    assert_eq!(pushed(&made, "web"), serde_json::json!(false));
    assert_eq!(pushed(&made, "python"), serde_json::json!(true));
    std::fs::rename(bare.with_extension("away"), &bare).unwrap();
    let (code, made) = family.json(&["release", "1.3.0", "--tag", "--push"]);
    assert_eq!(code, 0, "{made:#}");
    assert!(
        made["tags"]
            .as_array()
            .unwrap()
            .iter()
            .all(|tag| tag["is_new"] == false)
    );
}
