//! A contributor with one repo: its registry is found, and what they do works as in the registry.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Family, Forge, commit_all, git, init};

const MANIFEST: &str = r#"
repos.python = { sig = "all", tier = "sigs", packages = { snake = {} } }
repos.web = { sig = "all", tier = "apps", uses = { python = "*" }, packages = { site = { build = ["python/snake"] } } }
"#;

/// A published family whose registry says where it is.
fn published() -> Forge {
    let forge = Forge::new(&["python", "web"], MANIFEST);
    let root = &forge.family.root;
    let registry = root.join("remotes/registry");
    fs::create_dir_all(&registry).unwrap();
    git(
        &registry,
        &["init", "--quiet", "--bare", "--initial-branch", "main"],
    );
    let manifest = fs::read_to_string(root.join("aux.toml")).unwrap();
    let address = format!("git+file://{}", registry.display());
    let with_registry = manifest.replace(
        "organization = { name = \"x\",",
        &format!("organization = {{ name = \"x\", registry = \"{address}\","),
    );
    assert_ne!(with_registry, manifest);
    forge.family.write("aux.toml", &with_registry);
    forge.family.ok(&["generate"]);
    for name in ["core", "python", "web", "top-level"] {
        forge.commit(name);
        git(&forge.repo(name), &["push", "--quiet", "origin", "main"]);
    }
    forge.family.write(".gitignore", "/repos/\n/remotes/\n");
    init(root);
    commit_all(root, "x");
    git(
        root,
        &["remote", "add", "origin", registry.to_str().unwrap()],
    );
    git(root, &["push", "--quiet", "origin", "main"]);
    forge
}

/// Python alone, in a folder of a contributor.
fn contributor(forge: &Forge) -> (Family, Family) {
    let home = Family::empty();
    let remote = forge.remote("python");
    git(
        &home.root,
        &["clone", "--quiet", remote.to_str().unwrap(), "mine"],
    );
    let mine = Family::at(&home.root.join("mine"));
    for (key, value) in [("user.name", "ada"), ("user.email", "ada@example.org")] {
        git(&mine.root, &["config", key, value]);
    }
    (home, mine)
}

/// The clone of a registry with that name below the git directory: it is there.
fn registry_below_git(mine: &Family, name: &str) -> PathBuf {
    let found = Command::new("find")
        .args([".git", "-path", &format!("*/{name}/aux.toml")])
        .current_dir(&mine.root)
        .output()
        .unwrap();
    let found = String::from_utf8(found.stdout).unwrap();
    assert_ne!(found.trim(), "", "{name}");
    Path::new(found.trim()).parent().unwrap().to_owned()
}

#[test]
fn a_package_is_added_checked_and_evaluated_in_one_repo_alone() {
    let forge = published();
    let (_home, mine) = contributor(&forge);
    let ran = mine.ok(&["check"]);
    assert!(ran.stderr.contains("cloning"), "{}", ran.stderr);
    // Once is enough, and git has nothing to say of it.
    let ran = mine.ok(&["eval"]);
    assert!(!ran.stderr.contains("cloning"), "{}", ran.stderr);
    assert!(ran.stdout.contains("web "), "{}", ran.stdout);
    assert_eq!(git(&mine.root, &["status", "--porcelain"]), "");

    let below = Family::at(&mine.root.join("pkgs"));
    let ran = below.ok(&["new-package", "python/eel"]);
    assert!(
        ran.stderr.contains("propose it to the registry"),
        "{}",
        ran.stderr
    );
    let file = "pkgs/by-name/ee/eel/package.nix";
    assert!(mine.root.join(file).is_file());
    let changed = git(&mine.root, &["status", "--porcelain"]);
    assert!(changed.contains("contract.json"), "{changed}");
    mine.ok(&["generate", "--check"]);
    // Nobody else's repo is written to.
    let registry = mine.root.join(registry_below_git(&mine, "registry"));
    for other in ["core", "web", "top-level"] {
        let other = registry.join("repos").join(other);
        assert_eq!(git(&other, &["status", "--porcelain"]), "", "{other:?}");
    }

    let ran = mine.run(&["new-package", "web/foo"]);
    assert_eq!(ran.code, 1, "{}", ran.stdout);
    assert!(
        ran.stderr.contains("this is the repo `python` alone"),
        "{}",
        ran.stderr
    );
    let head = git(&mine.root, &["rev-parse", "HEAD"]);
    mine.ok(&["generate", "--commit"]);
    assert_ne!(git(&mine.root, &["rev-parse", "HEAD"]), head);

    // What is committed in the clone of a work tree's registry stays when that one goes.
    git(
        &mine.root,
        &["worktree", "add", "--quiet", "../tree", "-b", "feature"],
    );
    let tree = Family::at(&mine.root.with_file_name("tree"));
    // Its registry is another clone, which does not have that package.
    assert_eq!(tree.run(&["check"]).code, 3);
    git(&mine.root, &["worktree", "remove", "--force", "../tree"]);
    registry_below_git(&mine, "registry-tree");

    // What breaks somebody above is seen, and where.
    let snake = "pkgs/by-name/sn/snake/package.nix";
    mine.write(
        snake,
        "{ stdenv }: stdenv.mkDerivation { name = throw \"it is ill\"; }\n",
    );
    let ran = mine.run(&["eval"]);
    assert_eq!(ran.code, 3, "{}", ran.stdout);
    assert!(ran.stdout.contains("python/snake"), "{}", ran.stdout);
    commit_all(&mine.root, "ill");
    let ran = mine.run(&["impact", "python", "--base", "origin/main", "--no-builds"]);
    assert_eq!(ran.code, 3, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("it is ill"), "{}", ran.stdout);
}

#[test]
fn the_registry_is_brought_up_to_date_and_a_family_is_led_from_there() {
    let forge = published();
    let (_home, mine) = contributor(&forge);
    mine.ok(&["check"]);
    // A lead adds a package to the manifest, and a folder moves.
    forge.change("web", "news", "x");
    git(&forge.repo("web"), &["push", "--quiet", "origin", "main"]);
    let manifest = fs::read_to_string(forge.family.root.join("aux.toml")).unwrap();
    forge.family.write(
        "aux.toml",
        &(manifest + "\n[people.grace]\nname = \"Grace\"\n"),
    );
    commit_all(&forge.family.root, "grace");
    git(&forge.family.root, &["push", "--quiet", "origin", "main"]);
    mine.ok(&["sync"]);
    let found = mine.ok(&["where", "grace"]);
    assert!(found.stdout.contains("grace"), "{}", found.stdout);
    let moved = mine.root.with_file_name("moved");
    fs::rename(&mine.root, &moved).unwrap();
    Family::at(&moved).ok(&["check"]);
    for command in [
        &["update"][..],
        &["promote"],
        &["new-sig", "x", "--lead", "ada"],
    ] {
        let ran = Family::at(&moved).run(command);
        assert_eq!(ran.code, 1, "{command:?}: {}", ran.stderr);
        assert!(
            ran.stderr.contains("aux-gen clone git+file://"),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn what_names_no_registry_or_one_that_is_gone_is_told_so() {
    let forge = published();
    let (_home, mine) = contributor(&forge);
    fs::rename(forge.remote("registry"), forge.remote("gone")).unwrap();
    let ran = mine.run(&["check"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("cannot be cloned"), "{}", ran.stderr);
    fs::rename(forge.remote("gone"), forge.remote("registry")).unwrap();
    mine.ok(&["check"]);
    let contract = mine.root.join("contract.json");
    let text = fs::read_to_string(&contract).unwrap();
    let without: String = text
        .lines()
        .filter(|line| !line.contains("\"registry\""))
        .map(|line| format!("{line}\n"))
        .collect();
    fs::write(&contract, without).unwrap();
    let ran = mine.run(&["check"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("aux.toml"), "{}", ran.stderr);
    assert!(Path::new(&contract).is_file());
    for (text, words) in [
        ("no JSON", "is no JSON"),
        (
            "{ \"repo\": \"python\", \"registry\": \"ext::sh -c x\" }",
            "names the registry",
        ),
        (
            "{ \"repo\": \"python\", \"registry\": \"gitlab:a/b\" }",
            "names the registry",
        ),
        (
            "{ \"repo\": \"python\", \"registry\": \"-x\" }",
            "names the registry",
        ),
    ] {
        fs::write(&contract, text).unwrap();
        let ran = mine.run(&["check"]);
        assert_eq!(ran.code, 1);
        assert!(ran.stderr.contains(words), "{text}: {}", ran.stderr);
    }
}
