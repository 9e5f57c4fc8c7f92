//! The community's story: a package that another SIG owns is borrowed, changed, and given back.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::support::{Forge, git, listed, tip};

const MANIFEST: &str = r#"
repos.javascript = { sig = "all", tier = "sigs", packages = { node = { build = ["core/tool"] }, bundle = { build = ["node"] } } }
repos.python = { sig = "all", tier = "sigs", peers = ["javascript"], packages = { notebook = { build = ["javascript/node"] }, other = {} } }
repos.games = { sig = "all", tier = "apps", uses = { python = "*" }, packages = { chess = { build = ["javascript/node"] } }, peers = [] }
"#;

fn node(version: &str, more: &str) -> String {
    format!(
        "{{ stdenv, tool }}:\nstdenv.mkDerivation {{\n  pname = \"node\";\n  version = \"{version}\";\n\n  # What it is built with.\n  inherit tool;\n{more}}}\n"
    )
}

const USER: &str =
    "{ stdenv, node }: stdenv.mkDerivation { name = \"NAME-of-${node.version}\"; inherit node; }\n";

/// Javascript has node 18, and others use it.
fn family() -> Forge {
    let manifest = MANIFEST.replace(", peers = [] }", " }").replace(
        "uses = { python = \"*\" }",
        "uses = { python = \"*\", javascript = \"*\" }",
    );
    let forge = Forge::new(&["javascript", "python", "games"], &manifest);
    forge.package("javascript", "node", &node("18", ""));
    for (repo, name) in [
        ("javascript", "bundle"),
        ("python", "notebook"),
        ("games", "chess"),
    ] {
        forge.package(repo, name, &USER.replace("NAME", name));
    }
    moved(&forge);
    forge
}

/// Everything that is committed moves.
fn moved(forge: &Forge) -> Value {
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 0, "{train:#}");
    forge.family.ok(&["promote", "--push"]);
    train
}

/// The derivation of every package, in the view of top-level.
fn snapshot(forge: &Forge) -> BTreeMap<String, String> {
    forge.family.ok(&["eval", "--save", "snapshot.json"]);
    let text = fs::read_to_string(forge.family.root.join("snapshot.json")).unwrap();
    fs::remove_file(forge.family.root.join("snapshot.json")).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    let attributes = value["attributes"].as_object().unwrap();
    let paths = attributes
        .iter()
        .filter_map(|(name, value)| Some((name.clone(), value["derivation"].as_str()?.to_owned())));
    let paths: BTreeMap<String, String> = paths.collect();
    assert!(paths.len() > 5, "{paths:?}");
    paths
}

/// Whether a derivation is of that name.
fn is(snapshot: &BTreeMap<String, String>, attribute: &str, name: &str) -> bool {
    snapshot[attribute].ends_with(&format!("-{name}.drv"))
}

fn copy(forge: &Forge, repo: &str) -> Value {
    let (_, report) = forge.family.json(&["borrowed"]);
    listed(&report, "copies", "repo", repo).clone()
}

fn borrow(forge: &Forge, more: &[&str]) {
    let mut arguments = vec!["borrow", "javascript/node", "--reason", "notebook needs 22"];
    arguments.extend(more);
    forge.family.ok(&arguments);
}

/// Commits the copy of a repo with another text, as somebody.
fn change(forge: &Forge, repo: &str, text: &str, message: &str) {
    let place = forge.repo(repo);
    fs::write(place.join("overlays/javascript/node/package.nix"), text).unwrap();
    git(&place, &["add", "--all"]);
    let author = "Grace <grace@example.org>";
    git(
        &place,
        &[
            "commit",
            "--quiet",
            "--message",
            message,
            "--author",
            author,
        ],
    );
}

#[test]
fn a_borrowed_package_is_changed_offered_and_given_back() {
    let forge = family();
    let before = snapshot(&forge);
    borrow(&forge, &["--to", "python", "--review", "2027-03-01"]);
    forge.commit("python");
    // It is the same text, and so the same derivations.
    assert_eq!(snapshot(&forge), before);
    assert_eq!(copy(&forge, "python")["state"], "same");
    change(
        &forge,
        "python",
        &node("22", ""),
        "node: 22\n\nIt has what notebook needs.",
    );
    let after = snapshot(&forge);
    let changed: Vec<&String> = after
        .keys()
        .filter(|key| after[*key] != before[*key])
        .collect();
    assert_eq!(changed, ["notebook"], "nobody else sees it");
    assert!(is(&after, "notebook", "notebook-of-22"), "{after:?}");
    let stands = copy(&forge, "python");
    assert_eq!(stands["state"], "ahead");
    assert_eq!(
        (&stands["version"], &stands["newest_version"]),
        (&"22".into(), &"18".into())
    );
    moved(&forge);
    // Alone it is the same as through top-level, and nothing of javascript is there.
    let (code, report) = forge.family.json(&["eval", "--repo", "python"]);
    assert_eq!(code, 0, "{report:#}");

    forge.family.ok(&["borrowed", "offer", "python/node"]);
    forge
        .family
        .ok(&["borrowed", "claim", "python/node", "--by", "ada"]);
    let who = forge.family.ok(&["who", "node"]).stdout;
    assert!(who.contains("borrowed by: python"), "{who}");
    let stands = copy(&forge, "python");
    assert_eq!(
        (&stands["offered"], &stands["claimed"]),
        (&true.into(), &"ada".into())
    );
    // The owner goes on meanwhile, elsewhere in the file.
    let with_flag = |version: &str| node(version, "  flag = true;\n");
    forge.package("javascript", "node", &with_flag("18"));
    moved(&forge);
    assert_eq!(copy(&forge, "python")["state"], "diverged");

    let main = forge.tip("javascript", "main");
    forge.family.ok(&["return", "python/node"]);
    assert_eq!(forge.tip("javascript", "main"), main);
    let log = git(
        &forge.repo("javascript"),
        &["log", "--format=%an <%ae> %s|%b", "main..return-node"],
    );
    assert_eq!(
        log.trim(),
        "Grace <grace@example.org> node: 22|It has what notebook needs."
    );
    let (code, tried) = forge.family.json(&["changeset", "try", "return-node"]);
    assert_eq!(code, 0, "{tried:#}");
    forge
        .family
        .ok(&["changeset", "land", "return-node", "--push"]);
    assert!(!forge.repo("python").join("overlays/javascript").exists());
    assert_eq!(copy(&forge, "python")["state"], "returned");
    // The owner's README names the copy as long as there is one.
    let readme = || fs::read_to_string(forge.repo("javascript").join("README.md")).unwrap();
    let row = "| `node` | python | notebook needs 22 | @ada takes it |";
    assert!(readme().contains(row), "{}", readme());
    forge.family.ok(&["return", "python/node"]);
    assert!(!readme().contains(row), "{}", readme());
    forge.family.ok(&["generate", "--check"]);
    let node = forge
        .repo("javascript")
        .join("pkgs/by-name/no/node/package.nix");
    assert_eq!(fs::read_to_string(node).unwrap(), with_flag("22"));
    let (code, report) = forge.family.json(&["borrowed"]);
    assert_eq!((code, report["copies"].as_array().unwrap().len()), (0, 0));
    let after = snapshot(&forge);
    assert!(is(&after, "notebook", "notebook-of-22"), "{after:?}");
    assert!(is(&after, "chess", "chess-of-22"), "{after:?}");
    assert_eq!(after["other"], before["other"]);
}

#[test]
fn what_the_paths_of_a_package_lead_to_comes_along_and_goes_back() {
    let forge = family();
    let owner = forge.repo("javascript");
    let put = |path: &str, text: &str| {
        fs::create_dir_all(owner.join(path).parent().unwrap()).unwrap();
        fs::write(owner.join(path), text).unwrap();
    };
    put("patches/node.patch", "a patch\n");
    put("patches/more/one.patch", "one\n");
    put(
        "lib/flags.nix",
        "{ flags = import ./default-flags.nix; package = ../pkgs/by-name/no/node/note.txt; }\n",
    );
    put("lib/default-flags.nix", "\"-O2\"\n");
    put("pkgs/by-name/no/node/note.txt", "a note\n");
    let with = "  patch = ../../../../patches/node.patch;\n  patches = ../../../../patches/more;\n  inherit (import ../../../../lib/flags.nix) flags package;\n";
    forge.package("javascript", "node", &node("18", with));
    moved(&forge);
    let before = snapshot(&forge);
    borrow(&forge, &["--to", "python"]);
    forge.commit("python");
    assert_eq!(snapshot(&forge), before, "it is the same package");
    assert_eq!(copy(&forge, "python")["state"], "same");
    let place = forge.repo("python").join("overlays/javascript/node");
    for path in ["node.patch", "more/one.patch"] {
        assert!(place.join("beside/patches").join(path).is_file(), "{path}");
    }
    let text = fs::read_to_string(place.join("package.nix")).unwrap();
    assert!(
        text.contains("patch = ./beside/patches/node.patch;"),
        "{text}"
    );
    let flags = fs::read_to_string(place.join("beside/lib/flags.nix")).unwrap();
    assert!(flags.contains("package = ../../note.txt;"), "{flags}");

    // The owner changes what lies beside, and so does the borrower.
    put("patches/more/two.patch", "two\n");
    git(&owner, &["add", "--all"]);
    git(&owner, &["commit", "--quiet", "--message", "two"]);
    assert_eq!(copy(&forge, "python")["state"], "behind");
    fs::write(place.join("beside/lib/default-flags.nix"), "\"-O3\"\n").unwrap();
    let text = text.replace("\"18\"", "\"22\"");
    change(&forge, "python", &text, "node: 22, with -O3");
    assert_eq!(copy(&forge, "python")["state"], "diverged");
    moved(&forge);
    forge.family.ok(&["return", "python/node"]);
    let shown = git(
        &owner,
        &["show", "--format=%an", "--name-only", "return-node"],
    );
    assert_eq!(
        shown.split_whitespace().collect::<Vec<_>>(),
        [
            "Grace",
            "lib/default-flags.nix",
            "pkgs/by-name/no/node/package.nix"
        ]
    );
    forge.family.ok(&["changeset", "try", "return-node"]);
    forge
        .family
        .ok(&["changeset", "land", "return-node", "--push"]);
    assert!(!place.exists());
    let now = fs::read_to_string(owner.join("pkgs/by-name/no/node/package.nix")).unwrap();
    assert_eq!(now, node("22", with));
    assert!(owner.join("patches/more/two.patch").is_file());
    let flags = fs::read_to_string(owner.join("lib/default-flags.nix")).unwrap();
    assert_eq!(flags, "\"-O3\"\n");
}

/// Node takes a patch that is beside its folder, and the owner has more there.
fn with_beside(forge: &Forge, more: &str) {
    let owner = forge.repo("javascript");
    for (path, text) in [
        ("patches/node.patch", "a patch\n"),
        ("lib/flags.nix", "\"-O2\"\n"),
    ] {
        fs::create_dir_all(owner.join(path).parent().unwrap()).unwrap();
        fs::write(owner.join(path), text).unwrap();
    }
    let with = format!("  patch = ../../../../patches/node.patch;\n{more}");
    forge.package("javascript", "node", &node("18", &with));
    moved(forge);
}

#[test]
fn what_the_borrower_did_not_change_is_the_owners() {
    // A file that the package led to, and leads to no more.
    let forge = family();
    let flags = "  flags = import ../../../../lib/flags.nix;\n";
    with_beside(&forge, flags);
    let owner = forge.repo("javascript");
    borrow(&forge, &["--to", "python"]);
    forge.commit("python");
    let place = forge.repo("python").join("overlays/javascript/node");
    let text = fs::read_to_string(place.join("package.nix")).unwrap();
    change(
        &forge,
        "python",
        &text.replace("\"18\"", "\"22\""),
        "node: 22",
    );
    fs::write(owner.join("lib/flags.nix"), "\"new\"\n").unwrap();
    forge.package(
        "javascript",
        "node",
        &node("18", "  patch = ../../../../patches/node.patch;\n"),
    );
    moved(&forge);
    forge.family.ok(&["borrowed", "refresh", "python/node"]);
    forge.commit("python");
    moved(&forge);
    forge.family.ok(&["return", "python/node"]);
    let branch = |file: &str| git(&owner, &["show", &format!("return-node:{file}")]);
    assert_eq!(branch("lib/flags.nix"), "\"new\"\n");
    // And what the borrower committed before is no revert of what the owner did meanwhile.
    let log = git(&owner, &["log", "--format=%s", "main..return-node"]);
    assert_eq!(log.trim(), "node: 22");
}

#[test]
fn what_is_added_beside_a_copy_takes_nobodys_place() {
    let forge = family();
    with_beside(&forge, "");
    let owner = forge.repo("javascript");
    fs::write(owner.join("patches/more.patch"), "the owner's\n").unwrap();
    forge.commit("javascript");
    moved(&forge);
    borrow(&forge, &["--to", "python"]);
    forge.commit("python");
    let place = forge.repo("python").join("overlays/javascript/node");
    let refused = |path: &str, text: &str| {
        let file = place.join("beside").join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
        forge.commit("python");
        moved(&forge);
        let ran = forge.family.run(&["return", "python/node"]);
        assert_eq!(ran.code, 1, "{path}: {}", ran.stdout);
        assert!(
            ran.stderr.contains("does not go together"),
            "{path}: {}",
            ran.stderr
        );
        assert!(!git(&owner, &["branch"]).contains("return-node"), "{path}");
        fs::remove_file(&file).unwrap();
        forge.commit("python");
        moved(&forge);
    };
    refused("patches/more.patch", "the borrower's\n");
    refused("flake.nix", "{ }\n");
    refused("README.md/x", "x\n");
    refused("pkgs/by-name/no/node/package.nix", "{ }: throw \"x\"\n");
    // What was added and taken back never was.
    forge.family.ok(&["return", "python/node"]);
    assert!(!git(&owner, &["branch"]).contains("return-node"));
}

#[test]
fn what_a_copy_would_not_have_is_refused() {
    let forge = family();
    with_beside(&forge, "");
    let owner = forge.repo("javascript");
    let folder = owner.join("pkgs/by-name/no/node");
    let refused = |says: &str| {
        forge.commit("javascript");
        let ran = forge.family.run(&[
            "borrow",
            "javascript/node",
            "--to",
            "python",
            "--reason",
            "x",
        ]);
        assert_eq!(ran.code, 1, "{says}: {}", ran.stdout);
        assert!(ran.stderr.contains(says), "{says}: {}", ran.stderr);
    };
    std::os::unix::fs::symlink("patches", owner.join("linked")).unwrap();
    let text = |path: &str| node("18", &format!("  patch = {path};\n"));
    forge.package("javascript", "node", &text("../../../../linked/node.patch"));
    refused("leads to what cannot be copied: `../../../../linked/node.patch`");
    let up = "./. + \"/../../../../patches/node.patch\"";
    forge.package("javascript", "node", &text(up));
    refused("leads to what cannot be copied: `./.`");
    forge.package("javascript", "node", &text("./borrowed.json"));
    fs::write(folder.join("borrowed.json"), "{}\n").unwrap();
    refused("borrowed.json` stands where");
    fs::remove_file(folder.join("borrowed.json")).unwrap();
    let name = std::ffi::OsStr::from_bytes(b"\xff");
    fs::write(folder.join(name), "x\n").unwrap();
    refused("has a name that is not UTF-8");
}

#[test]
fn a_copy_that_the_owner_caught_up_with_is_dropped() {
    let forge = family();
    borrow(&forge, &["--to", "python"]);
    forge.commit("python");
    change(&forge, "python", &node("22", ""), "node: 22");
    forge.package("javascript", "node", &node("22", ""));
    assert_eq!(copy(&forge, "python")["state"], "caught-up");
    forge
        .family
        .ok(&["return", "python/node", "--branch", "back"]);
    let branches = git(&forge.repo("javascript"), &["branch", "--list", "back"]);
    assert_eq!(branches, "", "there is nothing to give");
    forge.family.ok(&["changeset", "try", "back"]);
    forge.family.ok(&["changeset", "land", "back"]);
    assert!(!forge.repo("python").join("overlays/javascript").exists());
    forge.family.ok(&["return", "python/node"]);
    moved(&forge);
}

#[test]
fn a_chain_of_copies_goes_back_in_any_order() {
    for order in [["games", "python"], ["python", "games"]] {
        let forge = family();
        borrow(&forge, &["--to", "python"]);
        forge.commit("python");
        change(&forge, "python", &node("22", ""), "node: 22");
        borrow(&forge, &["--to", "games", "--via", "python"]);
        forge.commit("games");
        change(
            &forge,
            "games",
            &node("22", "  fast = true;\n"),
            "node: fast",
        );
        let chain = copy(&forge, "games")["chain"].clone();
        assert_eq!(chain, serde_json::json!(["javascript", "python"]));
        moved(&forge);
        let after = snapshot(&forge);
        assert!(is(&after, "chess", "chess-of-22"), "{after:?}");
        assert!(is(&after, "bundle", "bundle-of-18"), "{after:?}");
        for repo in order {
            forge.family.ok(&["return", &format!("{repo}/node")]);
            let (code, tried) = forge.family.json(&["changeset", "try", "return-node"]);
            assert_eq!(code, 0, "{tried:#}");
            forge.family.ok(&["changeset", "land", "return-node"]);
            forge.family.ok(&["return", &format!("{repo}/node")]);
            for name in ["javascript", repo] {
                let _gone = git(&forge.repo(name), &["branch", "--list", "return-node"]);
                let there = tip(&forge.repo(name), "return-node");
                if !there.is_empty() {
                    git(
                        &forge.repo(name),
                        &["branch", "--quiet", "-D", "return-node"],
                    );
                }
            }
        }
        let path = forge
            .repo("javascript")
            .join("pkgs/by-name/no/node/package.nix");
        assert_eq!(
            fs::read_to_string(path).unwrap(),
            node("22", "  fast = true;\n")
        );
        for repo in ["python", "games"] {
            assert!(
                !forge.repo(repo).join("overlays/javascript").exists(),
                "{repo}"
            );
        }
        let log = git(&forge.repo("javascript"), &["log", "--format=%an %s", "-2"]);
        assert_eq!(log, "Grace node: fast\nGrace node: 22\n");
        moved(&forge);
    }
}

#[test]
fn what_cannot_be_borrowed_or_given_back_is_refused_and_nothing_changes() {
    let forge = family();
    let refused = |arguments: &[&str], says: &str| {
        let before = git(&forge.repo("python"), &["status", "--porcelain"]);
        let manifest = fs::read_to_string(forge.family.root.join("aux.toml")).unwrap();
        let ran = forge.family.run(arguments);
        assert_eq!(ran.code, 1, "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{arguments:?}: {}", ran.stderr);
        assert_eq!(
            git(&forge.repo("python"), &["status", "--porcelain"]),
            before
        );
        let after = fs::read_to_string(forge.family.root.join("aux.toml")).unwrap();
        assert_eq!(after, manifest);
    };
    let to_python = ["--to", "python", "--reason", "x"];
    let borrow = |package: &'static str| [&["borrow", package][..], &to_python].concat();
    refused(&borrow("python/other"), "is of `python` itself");
    refused(&borrow("javascript/nodd"), "there is no package");
    refused(
        &[&borrow("javascript/node")[..], &["--from", "nowhere"]].concat(),
        "no commit `nowhere`",
    );
    refused(
        &[&borrow("javascript/node")[..], &["--via", "games"]].concat(),
        "does not borrow",
    );
    refused(&["return", "python/node"], "nothing is borrowed as");
    // Nobody knows what a computed path leads to, and a folder that holds all packages is none of one.
    for path in ["../../../patches/${tool.name}", "../.."] {
        forge.package(
            "javascript",
            "node",
            &node("18", &format!("  patch = {path};\n")),
        );
        let path = path.split("${").next().unwrap();
        let says =
            format!("`pkgs/by-name/no/node/package.nix` leads to what cannot be copied: `{path}`");
        refused(&borrow("javascript/node"), &says);
    }
    forge.package("javascript", "node", &node("18", ""));
    forge.family.ok(&borrow("javascript/node"));
    forge.family.ok(&borrow("javascript/node"));
    refused(
        &["return", "python/node"],
        "not on the branch that is published",
    );
    forge.commit("python");
    change(&forge, "python", &node("22", ""), "node: 22");
    refused(&borrow("javascript/node"), "is there already");
    // Both changed the same line.
    forge.package("javascript", "node", &node("20", ""));
    refused(
        &["return", "python/node"],
        "does not go together with what `javascript` has",
    );
    let refresh = ["borrowed", "refresh", "python/node"];
    assert_eq!(forge.family.run(&refresh).code, 3);
    let copied = || {
        let file = "overlays/javascript/node/package.nix";
        fs::read_to_string(forge.repo("python").join(file)).unwrap()
    };
    assert!(copied().contains("<<<<<<<"), "{}", copied());
    change(&forge, "python", &node("22", ""), "node: 22 on 20");
    assert_eq!(copy(&forge, "python")["state"], "ahead");
    // Somebody says that it is a copy of something else.
    let record = forge
        .repo("python")
        .join("overlays/javascript/node/borrowed.json");
    let text = fs::read_to_string(&record).unwrap();
    for (from, to) in [
        ("by-name/no/node", "by-name/bu/bundle"),
        ("\"origin\": \"javascript\"", "\"origin\": \"core\""),
        ("\"borrower\": \"python\"", "\"borrower\": \"games\""),
    ] {
        fs::write(&record, text.replace(from, to)).unwrap();
        forge.commit("python");
        refused(
            &["return", "python/node"],
            "is of another package than the manifest says",
        );
    }
    fs::write(&record, &text).unwrap();
    forge.commit("python");
    let path = forge
        .repo("python")
        .join("overlays/javascript/node/package.nix");
    fs::write(&path, node("23", "")).unwrap();
    refused(&["return", "python/node"], "is not committed");
    let (code, report) = forge.family.json(&["borrowed", "--today", "2030-01-01"]);
    assert_eq!(code, 0, "no review was asked for: {report:#}");
    let (_, report) = forge.family.json(&["borrowed", "--owner", "all"]);
    assert_eq!(report["copies"].as_array().unwrap().len(), 1);
}

#[test]
fn what_was_ended_at_any_step_is_finished_by_the_next_run() {
    let base = family();
    let program = base.repo("javascript").join("pkgs/by-name/no/node/run.sh");
    fs::write(&program, "#!/bin/sh\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    base.commit("javascript");
    let mut at = 0;
    loop {
        let forge = base.copied();
        let borrow = [
            "borrow",
            "javascript/node",
            "--reason",
            "x",
            "--to",
            "python",
        ];
        let was_ended = forge.family.run_with_end(&borrow, at);
        if was_ended {
            forge.family.ok(&borrow);
        }
        assert_eq!(forge.family.run(&["generate", "--check"]).code, 0, "{at}");
        forge.commit("python");
        let program = "overlays/javascript/node/run.sh";
        let mode = git(&forge.repo("python"), &["ls-tree", "HEAD", program]);
        assert!(mode.starts_with("100755 "), "{at}: {mode}");
        change(&forge, "python", &node("22", ""), "node: 22");
        let give_back = ["return", "python/node"];
        let return_ended = forge.family.run_with_end(&give_back, at);
        if return_ended {
            forge.family.ok(&give_back);
        }
        let (code, tried) = forge
            .family
            .json(&["changeset", "try", "return-node", "--offline"]);
        assert_eq!(code, 0, "{at}: {tried:#}");
        forge.family.ok(&["changeset", "land", "return-node"]);
        let log = git(&forge.repo("javascript"), &["log", "--format=%an %s", "-1"]);
        assert_eq!(log, "Grace node: 22\n", "{at}");
        assert!(!forge.repo("python").join("overlays/javascript").exists());
        if !was_ended && !return_ended {
            break;
        }
        at += 1;
    }
    assert!(at > 5, "{at}");
}

#[test]
fn what_is_given_back_is_of_the_branches_that_are_published_and_whole() {
    let forge = family();
    let place = forge.repo("javascript").join("pkgs/by-name/no/node");
    fs::write(place.join("x.patch"), "p").unwrap();
    forge.commit("javascript");
    forge.change("python", ".gitignore", "*.patch\n");
    let lost = [
        "borrow",
        "javascript/node",
        "--to",
        "python",
        "--reason",
        "x",
    ];
    let refused = forge.family.run(&lost);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("git ignores"), "{}", refused.stderr);
    forge.change("python", ".gitignore", "*.patch\n!/overlays/**\n");
    // Edited before it is committed: whose commit it is, is known.
    borrow(&forge, &["--to", "python"]);
    change(&forge, "python", &node("22", ""), "node: 22");
    for name in ["javascript", "python"] {
        git(&forge.repo(name), &["switch", "--quiet", "--create", "wip"]);
        forge.change(name, "wip", "unfinished");
    }
    forge.family.ok(&["return", "python/node"]);
    for name in ["javascript", "python"] {
        let files = git(
            &forge.repo(name),
            &["ls-tree", "--name-only", "return-node", "wip"],
        );
        assert_eq!(files, "", "{name}");
    }
    let log = git(
        &forge.repo("javascript"),
        &["log", "--format=%an %s", "--stat", "main..return-node"],
    );
    assert!(log.starts_with("Grace node: 22\n"), "{log}");
    assert!(!log.contains("x.patch"), "{log}");
    // What another branch of the owner had is given back, too.
    git(
        &forge.repo("javascript"),
        &["switch", "--quiet", "--create", "node24", "main"],
    );
    forge.package("javascript", "node", &node("24", ""));
    for name in ["javascript", "python"] {
        git(&forge.repo(name), &["switch", "--quiet", "main"]);
    }
    borrow(&forge, &["--to", "games", "--from", "node24"]);
    forge.commit("games");
    let stands = copy(&forge, "games");
    assert_eq!(stands["state"], "ahead", "{stands:#}");
    forge
        .family
        .ok(&["return", "games/node", "--branch", "back"]);
    let text = git(
        &forge.repo("javascript"),
        &["show", "back:pkgs/by-name/no/node/package.nix"],
    );
    assert_eq!(text, node("24", ""));
}

/// However a package asks for what is borrowed, it gets the copy; and the copy itself the owner's.
#[test]
fn every_way_to_ask_gets_the_copy() {
    let manifest = MANIFEST.replace(", peers = [] }", " }").replace(
        "other = {} } }",
        "other = {}, both = { build = [\"javascript/node\"], members = [\"one\", \"two\"] } } }",
    );
    let manifest = manifest.replace(
        "uses = { python = \"*\" }",
        "uses = { python = \"*\", javascript = \"*\" }",
    );
    let forge = Forge::new(&["javascript", "python", "games"], &manifest);
    forge.package("javascript", "node", &node("18", ""));
    forge.package("python", "notebook", &USER.replace("NAME", "notebook"));
    let set = "arguments: own: final: prev: {
      one = final.stdenv.mkDerivation { name = \"one-of-${final.node.version}\"; };
      two = final.callPackage { __functor = _: { stdenv, node }: stdenv.mkDerivation { name = \"two-of-${node.version}\"; }; __functionArgs = { stdenv = false; node = false; }; } { };
    }\n";
    forge.change("python", "pkgs/by-name/bo/both/packages.nix", set);
    moved(&forge);
    borrow(&forge, &["--to", "python"]);
    let own = "{ stdenv, node }: stdenv.mkDerivation { name = \"node-${node.version}-and-more\"; version = \"22\"; }\n";
    change(&forge, "python", own, "node: more");
    let after = snapshot(&forge);
    assert!(is(&after, "notebook", "notebook-of-22"), "{after:?}");
    assert!(is(&after, "one", "one-of-22"), "{after:?}");
}

#[test]
fn an_override_for_the_whole_family_needs_the_owners_word() {
    let forge = family();
    let before = snapshot(&forge);
    let everybody = ["--to", "python", "--scope", "family"];
    let arguments = ["borrow", "javascript/node", "--reason", "a mend"];
    let manifest = fs::read_to_string(forge.family.root.join("aux.toml")).unwrap();
    let refused = forge.family.run(&[&arguments[..], &everybody].concat());
    assert_eq!(refused.code, 3, "{}", refused.stderr);
    assert!(
        refused.stderr.contains("not-agreed")
            && refused.stderr.contains("lent = { node = \"python\" }"),
        "{}",
        refused.stderr
    );
    assert_eq!(
        fs::read_to_string(forge.family.root.join("aux.toml")).unwrap(),
        manifest
    );
    assert!(!forge.repo("python").join("overlays").exists());

    forge
        .family
        .ok(&["borrowed", "agree", "javascript/node", "--to", "python"]);
    let other = forge
        .family
        .run(&["borrowed", "agree", "javascript/node", "--to", "games"]);
    assert!(
        other
            .stderr
            .contains("`python` overrides `javascript/node` already"),
        "{}",
        other.stderr
    );
    // An agreement alone changes nothing.
    forge.family.ok(&["check", "--deny-warnings"]);
    assert_eq!(snapshot(&forge), before);
    borrow(&forge, &everybody);
    for name in ["python", "javascript"] {
        forge.commit(name);
    }
    assert_eq!(snapshot(&forge), before, "it is the same text");
    change(&forge, "python", &node("22", ""), "node: 22");
    let after = snapshot(&forge);
    for (attribute, name) in [
        ("node", "node-22"),
        ("bundle", "bundle-of-22"),
        ("notebook", "notebook-of-22"),
        ("chess", "chess-of-22"),
    ] {
        assert!(is(&after, attribute, name), "{after:?}");
    }
    let changed = after
        .keys()
        .filter(|key| after[*key] != before[*key])
        .count();
    assert_eq!(changed, 4, "nothing else changes");
    let stands = copy(&forge, "python");
    assert_eq!(
        (&stands["scope"], &stands["state"]),
        (&"family".into(), &"ahead".into())
    );
    let said = forge.family.ok(&["borrowed"]).stdout;
    assert!(said.contains("python overrides javascript/node"), "{said}");
    let said = forge.family.ok(&["who", "javascript/node"]).stdout;
    assert!(said.contains("python for the whole family"), "{said}");
    let train = moved(&forge);
    assert!(crate::trains::held(&train).is_empty(), "{train:#}");

    // A commit that overrides what nobody agreed to is refused by `eval`, whatever its manifest says.
    let contract = forge.repo("games").join("contract.json");
    let text = fs::read_to_string(&contract).unwrap();
    let lying = text.replacen(
        "\"owners\"",
        "\"overrides\": { \"tool\": \"core\" },\n  \"owners\"",
        1,
    );
    assert_ne!(lying, text);
    fs::write(&contract, lying).unwrap();
    let tool = forge.repo("games").join("overlays/core/tool");
    fs::create_dir_all(&tool).unwrap();
    fs::write(
        tool.join("package.nix"),
        "{ stdenv }: stdenv.mkDerivation { name = \"tool-2\"; }\n",
    )
    .unwrap();
    let (code, report) = forge.family.json(&["eval", "--repo", "games"]);
    assert_eq!(code, 3, "{report:#}");
    assert!(report.to_string().contains("tool"), "{report:#}");
    fs::write(&contract, text).unwrap();
    fs::remove_dir_all(forge.repo("games").join("overlays")).unwrap();

    // Back at the owner, everybody has what they had, and the word is gone with the copy.
    forge.family.ok(&["return", "python/node"]);
    forge.family.ok(&["changeset", "try", "return-node"]);
    forge
        .family
        .ok(&["changeset", "land", "return-node", "--push"]);
    forge.family.ok(&["return", "python/node"]);
    let manifest = fs::read_to_string(forge.family.root.join("aux.toml")).unwrap();
    assert!(
        !manifest.contains("lent") && !manifest.contains("borrowed"),
        "{manifest}"
    );
    forge.family.ok(&["sync"]);
    let last = snapshot(&forge);
    assert_eq!(last["chess"], after["chess"]);
    assert_eq!(last, after);
}

#[test]
fn an_owner_above_the_borrower_cannot_be_overridden() {
    let forge = family();
    let agree = ["borrowed", "agree", "games/chess", "--to", "python"];
    let refused = forge.family.run(&agree);
    assert!(
        refused
            .stderr
            .contains("the layer of `games` after that of `python`"),
        "{}",
        refused.stderr
    );
}

#[test]
fn overrides_that_wait_for_each_other_are_refused() {
    let forge = family();
    forge
        .family
        .ok(&["borrowed", "agree", "javascript/node", "--to", "python"]);
    borrow(&forge, &["--to", "python", "--scope", "family"]);
    let refused = forge
        .family
        .run(&["borrowed", "agree", "python/other", "--to", "javascript"]);
    assert!(
        refused
            .stderr
            .contains("the layer of `python` after that of `javascript`"),
        "{}",
        refused.stderr
    );
}

#[test]
fn a_copy_is_kept_from_users_as_the_owners_package_is() {
    for scope in ["own", "family"] {
        let forge = family();
        let manifest = fs::read_to_string(forge.family.root.join("aux.toml")).unwrap();
        let insecure = manifest.replacen(
            "node = { build = [\"core/tool\"] }",
            "node = { build = [\"core/tool\"], insecure = [\"CVE-2027-1\"] }",
            1,
        );
        assert_ne!(insecure, manifest);
        forge.family.write("aux.toml", &insecure);
        forge.family.ok(&["generate"]);
        if scope == "family" {
            forge
                .family
                .ok(&["borrowed", "agree", "javascript/node", "--to", "python"]);
        }
        borrow(&forge, &["--to", "python", "--scope", scope]);
        for name in ["javascript", "python", "games"] {
            forge.commit(name);
        }
        let (code, report) = forge.family.json(&["eval"]);
        assert_eq!(code, 0, "{report:#}");
        let python = crate::support::repo(&report, "python");
        let withheld = python["unavailable"].to_string();
        assert!(withheld.contains("notebook"), "{scope}: {python:#}");
        let view = format!(
            "{}#legacyPackages.x86_64-linux.notebook.drvPath",
            forge.repo("python").display()
        );
        let said = crate::support::with_flakes()
            .args(["eval", "--impure", &view])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&said.stderr).into_owned();
        assert!(
            said.contains("is marked as insecure (CVE-2027-1)") && said.contains("SIG all owns it"),
            "{scope}: {said}"
        );
    }
}
