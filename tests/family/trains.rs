//! `update`, `promote`, `train` and `holds`: real repositories, real remotes, real Nix.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::support::{Forge, git, listed, repo, tip};

/// Of each repo of a train, what became of it: `moves`, `unchanged`, or why it is held.
fn outcomes(train: &Value) -> BTreeMap<String, String> {
    let repos = train["repos"].as_array().unwrap();
    repos
        .iter()
        .map(|repo| {
            let outcome = &repo["outcome"];
            let is = outcome["hold"]["kind"].as_str().or(outcome["is"].as_str());
            (
                repo["repo"].as_str().unwrap().to_owned(),
                is.unwrap_or("open").to_lowercase(),
            )
        })
        .collect()
}

pub(crate) fn held(train: &Value) -> BTreeMap<String, String> {
    let mut held = outcomes(train);
    held.retain(|_, is| is != "moves" && is != "unchanged");
    held
}

const GOOD: &str = "{ stdenv }: stdenv.mkDerivation { name = \"good\"; }\n";
pub(crate) const BAD: &str = "{ stdenv }: stdenv.mkDerivation { name = throw \"it is ill\"; }\n";

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
    exactly_the_broken_ones_are_held(&forge);
    nix_itself_stops_at_the_first(&forge);
    holds_say_why_and_whom_to_ask(&forge);
    nothing_but_staging_moves_before_all_do(&forge);
    users_get_what_is_held_at_its_last_good_commit(&forge);
    what_is_held_stays_held_and_nothing_moves_twice(&forge);
    what_is_mended_is_free(&forge);
}

fn exactly_the_broken_ones_are_held(forge: &Forge) {
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
    assert_eq!(train["broken"], serde_json::json!([]));
}

fn nix_itself_stops_at_the_first(forge: &Forge) {
    let update = Command::new("nix")
        .args(["--extra-experimental-features", "nix-command flakes"])
        .args(["flake", "update"])
        .arg(format!("git+file://{}", forge.repo("top-level").display()))
        .output()
        .unwrap();
    assert!(!update.status.success());
}

fn holds_say_why_and_whom_to_ask(forge: &Forge) {
    let (code, holds) = forge.family.json(&["holds"]);
    assert_eq!(code, 3);
    let holds = holds["holds"].as_array().unwrap();
    assert_eq!(holds.len(), 4);
    let ill = holds.iter().find(|hold| hold["repo"] == "r1").unwrap();
    assert_eq!(ill["reason"], "`p1`: it is ill");
    assert_eq!(ill["owners"], serde_json::json!(["ada"]));
    assert_eq!(ill["contact"], "all@example.org");
}

fn nothing_but_staging_moves_before_all_do(forge: &Forge) {
    let core = forge.tip("core", "main");
    assert!(forge.tip("r5", "main") != forge.tip("r5", "staging"));
    forge.family.ok(&["promote", "--push"]);
    assert_eq!(forge.tip("r5", "main"), forge.tip("r5", "staging"));
    assert_eq!(tip(&forge.remote("r5"), "main"), forge.tip("r5", "main"));
    assert_eq!(
        tip(&forge.remote("top-level"), "main"),
        forge.tip("top-level", "main")
    );
    assert_eq!(forge.tip("core", "main"), core);
    for name in ["r1", "r5", "top-level"] {
        assert_eq!(git(&forge.repo(name), &["status", "--porcelain"]), "");
    }
}

/// Repos that cannot be fetched are taken from where they were held.
fn users_get_what_is_held_at_its_last_good_commit(forge: &Forge) {
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
}

fn what_is_held_stays_held_and_nothing_moves_twice(forge: &Forge) {
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 3);
    assert_eq!(held(&train).len(), 4);
    assert!(
        !outcomes(&train).values().any(|is| is == "moves"),
        "{train:#}"
    );
}

fn what_is_mended_is_free(forge: &Forge) {
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

pub(crate) fn three() -> Forge {
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
    forge.change("core", "news", "x");
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 3, "{train:#}");
    let held = held(&train);
    assert_eq!(held["python"], "broken-by", "{train:#}");
    assert_eq!(held["web"], "waits");
    assert_eq!(held.len(), 2);
    let python = &repo(&train, "python")["outcome"]["hold"];
    assert_eq!(python["because_of"], "core");
    let bisected = &python["bisected"];
    assert_eq!(bisected["repo"], "core", "{python:#}");
    assert_eq!(bisected["commits"], 2);
    let culprit = git(&forge.repo("core"), &["rev-parse", "main~1"]);
    assert_eq!(bisected["first_bad"], *culprit.trim());
    assert_eq!(
        repo(&train, "web")["outcome"]["hold"]["because_of"],
        "python"
    );
    // Nothing is lost silently: through the new top-level both fail.
    let broken: Vec<&str> = train["broken"]
        .as_array()
        .unwrap()
        .iter()
        .map(|broken| broken["repo"].as_str().unwrap())
        .collect();
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
    let outcome = &repo(&train, "r")["outcome"];
    assert_eq!(outcome["failing"], serde_json::json!(["a"]));
    forge.package("r", "b", BAD);
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 3, "{train:#}");
    let hold = &repo(&train, "r")["outcome"]["hold"];
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
fn whoever_breaks_what_does_not_use_it_is_held() {
    let forge = three();
    // It asks for a name of a repo that it does not use, and gets it in top-level only.
    forge.package(
        "other",
        "thing",
        "{ stdenv, snake ? { } }: assert !(snake ? taken); stdenv.mkDerivation { name = \"thing\"; }\n",
    );
    assert_eq!(forge.update(&[]).0, 0);
    forge.family.ok(&["promote"]);
    forge.package(
        "python",
        "snake",
        "{ stdenv }: stdenv.mkDerivation { name = \"snake\"; taken = true; }\n",
    );
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 3, "{train:#}");
    let hold = &repo(&train, "python")["outcome"]["hold"];
    assert_eq!(hold["kind"], "together", "{train:#}");
    assert_eq!(hold["because_of"], "other");
    assert_eq!(held(&train).len(), 1);
}

/// Python and web, of which web takes what python has in top-level only.
const PEERS: &str = r#"
repos.python = { sig = "all", tier = "sigs", peers = ["web"], packages = { snake = { build = ["web/site"] }, eel = { build = ["web/site"] } } }
repos.web = { sig = "all", tier = "sigs", packages = { site = {} } }
"#;

#[test]
fn a_peer_that_a_later_repo_breaks_is_told_by_whom_and_keeps_nobody_back() {
    let forge = Forge::new(&["python", "web"], PEERS);
    forge.package(
        "python",
        "snake",
        "{ stdenv, site ? { } }: assert !(site ? taken); stdenv.mkDerivation { name = \"snake\"; }\n",
    );
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 0, "{train:#}");
    forge.family.ok(&["promote", "--push"]);
    forge.change("web", "before", "x");
    forge.package(
        "web",
        "site",
        "{ stdenv }: stdenv.mkDerivation { name = \"site\"; taken = true; }\n",
    );
    let culprit = forge.tip("web", "main");
    forge.change("web", "after", "x");
    forge.change("python", "news", "x");
    for day in ["both move", "nothing is new", "python has news"] {
        let (code, train) = forge.update(&[]);
        assert_eq!(code, 3, "{day}: {train:#}");
        assert_ne!(outcomes(&train)["web"], "held", "{day}");
        let hold = &repo(&train, "python")["outcome"]["hold"];
        assert_eq!(hold["kind"], "broken-by", "{day}: {train:#}");
        assert_eq!(hold["because_of"], "web", "{day}");
        assert_eq!(hold["bisected"]["first_bad"], *culprit, "{day}");
        assert_eq!(hold["bisected"]["commits"], 3, "{day}");
        let moves = repo(&train, "python")["outcome"]["is"] == "moves";
        assert_eq!(moves, day != "nothing is new", "{day}: {train:#}");
        forge.family.ok(&["promote", "--push"]);
        if day == "nothing is new" {
            forge.change("python", "more", "x");
        }
    }
    // It breaks another of its packages: that is its doing, too.
    forge.package(
        "python",
        "eel",
        "{ stdenv, site ? { } }: assert !(site ? more); stdenv.mkDerivation { name = \"eel\"; }\n",
    );
    assert_eq!(forge.update(&[]).0, 3);
    forge.family.ok(&["promote", "--push"]);
    forge.package(
        "web",
        "site",
        "{ stdenv }: stdenv.mkDerivation { name = \"site\"; taken = true; more = true; }\n",
    );
    let (_, train) = forge.update(&[]);
    let hold = &repo(&train, "python")["outcome"]["hold"];
    assert_eq!(hold["broken"].as_array().unwrap().len(), 2, "{train:#}");
    assert_eq!(hold["kind"], "broken-by", "{train:#}");
    assert_eq!(hold["because_of"], "web", "{train:#}");
    forge.family.ok(&["promote", "--push"]);
    forge.package("python", "snake", GOOD);
    let (_, train) = forge.update(&[]);
    let hold = &repo(&train, "python")["outcome"]["hold"];
    assert_eq!(hold["kind"], "broken-by", "one is left: {train:#}");
    forge.family.ok(&["promote", "--push"]);
    forge.package("python", "eel", GOOD);
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 0, "{train:#}");
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
    // Of what nobody was told nobody is told that it is over.
    forge.package("other", "thing", BAD);
    forge.update(&[]);
    forge.package("other", "thing", GOOD);
    let (code, _) = forge.update(&["--notify", "cat >> told"]);
    assert_eq!(code, 0);
    assert_eq!(told().len(), 2);
}

#[test]
fn a_hold_that_is_none_is_named_by_whoever_reads_holds() {
    let forge = Forge::new(&["web"], "repos.web = { sig = \"all\", tier = \"sigs\" }\n");
    forge.family.write("holds/web.json", "{ \"repo\": 1 }\n");
    for command in [
        &["update", "--offline"][..],
        &["lock"],
        &["holds"],
        &["release", "1.0.0"],
    ] {
        let ran = forge.family.run(command);
        assert!(
            ran.stderr.contains("holds/web.json"),
            "{command:?}: {}",
            ran.stderr
        );
    }
}

/// A layer that a person wrote: it hands on what another function defines.
const TAKES: &str = "arguments: final: prev: { site = final.callPackage ./pkgs/by-name/si/site/package.nix { }; tool = final.site; }\n";

/// A family with a module, and one SIG that does what it must not.
fn hostile() -> Forge {
    let manifest = THREE.replace(
        "packages = { site",
        "modules.site = { description = \"Serves it\" }, packages = { site",
    );
    Forge::new(&["python", "other", "web"], &manifest)
}

#[test]
fn what_eval_refuses_no_train_promotes() {
    let set = "pkgs/by-name/mo/more/packages.nix";
    let module = "modules/nixos/site.nix";
    let cases = [
        (
            "a set that defines a package of core",
            (set, "arguments: own: final: prev: { tool = final.site; }\n"),
            "it defines `tool`, which `core/tool` owns",
        ),
        (
            "a set that defines a package of another SIG",
            (
                set,
                "arguments: own: final: prev: { thing = final.site; }\n",
            ),
            "it defines `thing`, which `other/thing` owns",
        ),
        (
            "a layer of its own",
            ("layer.nix", TAKES),
            "it defines `tool`, which `core/tool` owns",
        ),
        (
            "a module that does not parse",
            (module, "{ config = {\n"),
            "syntax error",
        ),
    ];
    for (what, (file, text), reason) in cases {
        let forge = hostile();
        forge.change("web", file, text);
        git(&forge.repo("web"), &["push", "--quiet", "origin", "main"]);
        let (code, report) = forge.family.json(&["eval", "--repo", "web"]);
        let verdict = report.to_string();
        assert_eq!(code, 3, "{what}: {report:#}");
        assert!(verdict.contains(reason), "{what}: {report:#}");
        let before = forge.tip("top-level", "main");
        let (code, train) = forge.update(&[]);
        assert_eq!(code, 3, "{what}: {train:#}");
        let hold = &repo(&train, "web")["outcome"]["hold"];
        let held = hold["reason"].as_str().unwrap_or_default();
        assert!(held.contains(reason), "{what}: {train:#}");
        forge.family.ok(&["promote"]);
        assert_eq!(forge.tip("top-level", "main"), before, "{what}");
    }
}

/// A system that is dropped takes all packages away from those who have it.
#[test]
fn a_contract_version_says_which_system_was_dropped() {
    let forge = three();
    let path = forge.family.root.join("aux.toml");
    let text = fs::read_to_string(&path).unwrap();
    let two = r#"systems = ["x86_64-linux", "aarch64-linux"]"#;
    fs::write(&path, text.replace(r#"systems = ["x86_64-linux"]"#, two)).unwrap();
    forge.family.ok(&["generate"]);
    for name in ["core", "python", "other", "web", "top-level"] {
        forge.commit(name);
    }
    fs::write(&path, &text).unwrap();
    let ran = forge.family.run(&["check"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let said =
        "repo `other`: 1 removed (`systems.aarch64-linux`) since contract 1.0.0: this is 2.0.0";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
}

#[test]
fn a_contract_version_says_what_was_removed() {
    let manifest = r#"
repos.other = { sig = "all", tier = "sigs", packages = { thing = {}, more = {} } }
repos.web = { sig = "all", tier = "sigs", packages = { site = {} } }
"#;
    let forge = Forge::new(&["other", "web"], manifest);
    let path = forge.family.root.join("aux.toml");
    let write = |from: &str, to: &str| {
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace(from, to)).unwrap();
    };
    // A package more breaks nobody.
    write("more = {} }", "more = {}, most = {} }");
    forge.family.ok(&["generate", "--repo", "other"]);
    forge.commit("other");
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 0, "{train:#}");
    forge.family.ok(&["promote", "--push"]);
    write(
        "packages = { thing = {}, more = {}, most = {} }",
        "packages = { most = {} }",
    );
    let (code, report) = forge.family.json(&["check"]);
    assert_eq!(code, 3, "{report:#}");
    let problem = listed(&report, "problems", "code", "contract-too-small");
    let said = "repo `other`: 2 removed (`more`, `thing`) since contract 1.0.0: this is 2.0.0, and it says 1.0.0";
    assert_eq!(problem["message"], said, "{report:#}");
    // Somebody commits it all the same.
    let directory = forge.repo("other").join("pkgs/by-name");
    for place in ["th", "mo/more"] {
        fs::remove_dir_all(directory.join(place)).unwrap();
    }
    forge.family.ok(&["generate", "--repo", "other"]);
    forge.commit("other");
    forge.change("web", "news", "x");
    let before = forge.tip("other", "main");
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 3, "{train:#}");
    let hold = &repo(&train, "other")["outcome"]["hold"];
    assert_eq!(hold["kind"], "contract", "{train:#}");
    let reason = hold["reason"].as_str().unwrap();
    assert!(said.contains(reason), "one reason everywhere: {reason}");
    assert_eq!(held(&train).len(), 1, "the rest moves: {train:#}");
    forge.family.ok(&["promote", "--push"]);
    assert_eq!(forge.tip("other", "main"), before);
    // The last commit says so by now; what top-level has locked decides.
    write("repos.other = {", "repos.other = { contract = \"2.0.0\",");
    forge.family.ok(&["generate", "--repo", "other"]);
    forge.commit("other");
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 0, "{train:#}");
}

#[test]
fn check_writes_the_smallest_version_that_may_follow() {
    let manifest = r#"
repos.other = { sig = "all", tier = "sigs", contract = "1.4.0", packages = { thing = {}, more = {} } }
"#;
    let forge = Forge::new(&["other"], manifest);
    let path = forge.family.root.join("aux.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("thing = {}, more = {}", "more = {}")).unwrap();
    let (code, report) = forge.family.json(&["check", "--fix"]);
    assert_eq!(code, 0, "{report:#}");
    let fixed = serde_json::json!([{ "repo": "other", "from": "1.4.0", "to": "2.0.0" }]);
    assert_eq!(report["contracts"], fixed, "{report:#}");
    let changes = fs::read_to_string(forge.repo("other").join("contract-changes.md")).unwrap();
    assert!(
        changes.contains("\n## 2.0.0\n\nRemoved: `thing`.\n"),
        "{changes}"
    );
    assert!(
        fs::read_to_string(&path)
            .unwrap()
            .contains("contract = \"2.0.0\"")
    );
    let (_, report) = forge.family.json(&["check"]);
    assert!(
        !report.to_string().contains("contract-too-small"),
        "{report:#}"
    );
}
