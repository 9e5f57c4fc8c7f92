//! `clone` and `sync`: from nothing to a family that evaluates and moves, and back up to date, with
//! nothing of anybody's lost.

use std::fs;
use std::path::Path;

use aux_test_support::git::{commit_all, git, init, tip};
use serde_json::{Value, json};

use crate::support::{Family, Forge, listed};

const WEB: &str = "repos.web = { sig = \"all\", tier = \"sigs\", packages = { site = { build = [\"tool\"] } } }\n";

/// A family with remotes, and its registry as one too.
fn published() -> (Forge, String) {
    let forge = Forge::new(&["web"], WEB);
    let root = &forge.family.root;
    let registry = root.join("remotes/registry");
    fs::create_dir_all(&registry).unwrap();
    init(root);
    fs::write(root.join(".git/info/exclude"), "/remotes\n/repos\n").unwrap();
    commit_all(root, "the registry");
    git(
        &registry,
        &["init", "--quiet", "--bare", "--initial-branch", "main"],
    );
    let registry = registry.display().to_string();
    git(root, &["push", "--quiet", &registry, "main"]);
    (forge, registry)
}

/// The registry and its repos, cloned into a folder that is a family then.
fn cloned(registry: &str) -> (Family, Value) {
    let here = Family::empty();
    let (code, report) = here.json(&["clone", registry, "mine"]);
    assert_eq!(code, 0, "{report:#}");
    (here, report)
}

fn state<'v>(report: &'v Value, repo: &str) -> &'v Value {
    &listed(report, "repos", "repo", repo)["state"]
}

#[test]
fn a_family_is_cloned_evaluated_and_moved_with_no_other_step() {
    let (_forge, registry) = published();
    let (here, report) = cloned(&registry);
    for repo in ["core", "web", "top-level"] {
        assert_eq!(state(&report, repo), "cloned", "{report:#}");
    }
    let mine = Family::at(&here.root.join("mine"));
    mine.ok(&["eval"]);
    mine.ok(&["generate", "--check"]);
    let (code, report) = mine.json(&["update"]);
    assert_eq!(code, 0, "{report:#}");
    // There is a folder now.
    let (code, report) = here.json(&["clone", &registry, "mine"]);
    assert_eq!((code, &report["error"]["code"]), (1, &json!("refused")));
}

#[test]
fn what_is_there_goes_forward_and_what_somebody_has_stays() {
    let (forge, registry) = published();
    let (here, _) = cloned(&registry);
    let mine = Family::at(&here.root.join("mine"));
    let repo = |name: &str| mine.root.join("repos").join(name);
    let (code, report) = mine.json(&["sync"]);
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(state(&report, "web"), "fresh");
    // Somebody else pushes.
    for name in ["core", "web"] {
        forge.change(name, "news.md", "one\n");
        git(&forge.repo(name), &["push", "--quiet", "origin", "main"]);
    }
    // What comes is in the way of what is here.
    fs::write(repo("web").join("news.md"), "mine\n").unwrap();
    fs::write(repo("core").join("other.md"), "mine too\n").unwrap();
    let (code, report) = mine.json(&["sync"]);
    assert_eq!(code, 3, "{report:#}");
    assert_eq!(state(&report, "core"), "forwarded");
    assert_eq!(state(&report, "web"), "left");
    assert_eq!(tip(&repo("core"), "main"), forge.tip("core", "main"));
    let read = |name: &str, file: &str| fs::read_to_string(repo(name).join(file)).unwrap();
    assert_eq!(read("web", "news.md"), "mine\n");
    assert_eq!(read("core", "other.md"), "mine too\n");
    assert_eq!(read("core", "news.md"), "one\n");
    fs::remove_file(repo("web").join("news.md")).unwrap();
    mine.ok(&["sync", "web"]);
    // A commit that is only here; then one there that does not follow.
    commit_all(&repo("core"), "mine");
    let (code, report) = mine.json(&["sync", "core"]);
    assert_eq!(
        (code, state(&report, "core")),
        (0, &json!("ahead")),
        "{report:#}"
    );
    forge.change("core", "news.md", "two\n");
    git(&forge.repo("core"), &["push", "--quiet", "origin", "main"]);
    let before = tip(&repo("core"), "main");
    let (code, report) = mine.json(&["sync", "core"]);
    assert_eq!(
        (code, state(&report, "core")),
        (3, &json!("left")),
        "{report:#}"
    );
    assert_eq!(tip(&repo("core"), "main"), before);
}

#[test]
fn what_cannot_be_brought_up_to_date_is_named_and_the_rest_is() {
    let (forge, registry) = published();
    let (here, _) = cloned(&registry);
    let mine = Family::at(&here.root.join("mine"));
    let repo = |name: &str| mine.root.join("repos").join(name);
    // A folder that is no repository, a commit on no branch, a remote that is gone.
    fs::remove_dir_all(repo("web")).unwrap();
    fs::create_dir_all(repo("web")).unwrap();
    fs::write(repo("web").join("draft.txt"), "mine\n").unwrap();
    git(&repo("core"), &["checkout", "--quiet", "--detach"]);
    fs::remove_dir_all(forge.remote("top-level")).unwrap();
    let (code, report) = mine.json(&["sync"]);
    assert_eq!(code, 3, "{report:#}");
    assert_eq!(state(&report, "web"), "left");
    assert_eq!(state(&report, "core"), "left");
    assert_eq!(state(&report, "top-level"), "failed");
    assert!(Path::new(&repo("web").join("draft.txt")).is_file());
    fs::remove_dir_all(repo("web")).unwrap();
    let (_, report) = mine.json(&["sync"]);
    assert_eq!(state(&report, "web"), "cloned", "{report:#}");
}

#[test]
fn a_new_sig_is_a_repository_and_the_next_update_moves_all() {
    let (_forge, registry) = published();
    let (here, _) = cloned(&registry);
    let mine = Family::at(&here.root.join("mine"));
    let (code, report) = mine.json(&["new-sig", "python", "--lead", "ada"]);
    assert_eq!(code, 0, "{report:#}");
    let folder = mine.root.join("repos/python");
    assert_eq!(report["commit"], tip(&folder, "main").trim(), "{report:#}");
    assert_eq!(git(&folder, &["status", "--porcelain"]), "");
    let listed = git(&folder, &["ls-tree", "--name-only", "HEAD"]);
    assert!(listed.lines().any(|name| name == "flake.lock"), "{listed}");
    let publish = report["publish"].as_str().unwrap();
    assert!(
        publish.contains("remotes/python") && publish.contains("push -u origin main"),
        "{publish}"
    );
    mine.ok(&["generate", "--commit"]);
    let (code, report) = mine.json(&["update"]);
    assert_eq!(code, 0, "{report:#}");
    assert!(!report.to_string().contains("\"held\""), "{report:#}");
    // Where there is no git there is none after.
    let plain = Family::empty();
    plain.ok(&[
        "init", "x", "--name", "x", "--forge", "github:x", "--lead", "ada",
    ]);
    let plain = Family::at(&plain.root.join("x"));
    let (_, report) = plain.json(&["new-sig", "python", "--lead", "ada"]);
    assert_eq!(report["commit"], Value::Null);
}

#[test]
fn what_is_not_cloned_is_not_written_in_its_place() {
    let (_forge, registry) = published();
    let here = Family::empty();
    git(&here.root, &["clone", "--quiet", &registry, "mine"]);
    let mine = Family::at(&here.root.join("mine"));
    for arguments in [&["generate"][..], &["generate", "--check"]] {
        let said = mine.run(arguments).stderr;
        assert!(said.contains("not cloned core, top-level, web"), "{said}");
        assert!(!mine.root.join("repos").exists());
    }
    let (code, _) = mine.json(&["eval"]);
    assert_eq!(code, 3);
    // A SIG that is new has a repo that nobody can clone.
    mine.ok(&["new-sig", "python", "--lead", "ada"]);
    let there: Vec<String> = fs::read_dir(mine.root.join("repos"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(there, ["python"]);
    // By its name it is written in any case.
    mine.ok(&["generate", "--repo", "web"]);
    assert!(mine.root.join("repos/web/flake.nix").is_file());
    fs::remove_dir_all(mine.root.join("repos/web")).unwrap();
    mine.ok(&["sync", "core", "web", "top-level"]);
    mine.ok(&["generate"]);
    mine.ok(&["eval"]);
}

/// A clone without old files, and one without old commits, are as good as whole ones.
#[test]
fn clones_that_lack_something_get_it_when_it_is_needed() {
    let (forge, registry) = published();
    let old = "{ stdenv }: stdenv.mkDerivation { name = \"old\"; }\n";
    for text in [old, &old.replace("old", "new")] {
        forge.package("web", "site", text);
    }
    for name in ["core", "web", "top-level", "registry"] {
        let allow = ["config", "uploadpack.allowFilter", "true"];
        git(&forge.remote(name), &allow);
        let any = ["config", "uploadpack.allowAnySHA1InWant", "true"];
        git(&forge.remote(name), &any);
    }
    git(&forge.repo("web"), &["push", "--quiet", "origin", "main"]);
    let here = Family::empty();
    let registry = format!("file://{registry}");
    let (code, report) = here.json(&["clone", &registry, "mine", "--filter", "blob:none"]);
    assert_eq!(code, 0, "{report:#}");
    let mine = Family::at(&here.root.join("mine"));
    let missing = |repo: &str| {
        let list = ["rev-list", "--objects", "--missing=print", "--all"];
        git(&mine.repo(repo), &list).matches('?').count()
    };
    assert!(missing("web") > 0);
    mine.ok(&["eval"]);
    // What top-level has locked is older than what is checked out.
    let (code, report) = mine.json(&["update"]);
    assert_eq!(code, 0, "{report:#}");
    mine.ok(&["promote", "--push"]);
    // Whose fault it is is found among commits of which not all is here.
    for number in 0..6 {
        let name = if number < 4 { "\"x\"" } else { "throw \"ill\"" };
        let text =
            format!("{{ stdenv }}: stdenv.mkDerivation {{ name = {name}; n = {number}; }}\n");
        forge.package("web", "site", &text);
    }
    let web = forge.repo("web");
    git(
        &web,
        &[
            "pull",
            "--quiet",
            "--rebase",
            "--strategy-option=theirs",
            "origin",
            "main",
        ],
    );
    git(&web, &["push", "--quiet", "origin", "main"]);
    let (code, report) = mine.json(&["update"]);
    assert_eq!(code, 3, "{report:#}");
    let held = &listed(&report, "repos", "repo", "web")["outcome"]["hold"];
    assert_eq!(held["reason"], "`site`: ill", "{report:#}");
    assert!(held["bisected"]["commits"].as_u64() > Some(4), "{held:#}");

    let shallow = mine.repo("core");
    fs::remove_dir_all(&shallow).unwrap();
    let core = format!("file://{}", forge.remote("core").display());
    let clone = ["clone", "--quiet", "--depth", "1", &core, "core"];
    git(shallow.parent().unwrap(), &clone);
    assert_eq!(mine.json(&["update"]).0, 3);
    mine.ok(&["sync", "core"]);
    let is_shallow = git(&shallow, &["rev-parse", "--is-shallow-repository"]);
    assert_eq!(is_shallow.trim(), "false");
}
