//! Repos used without flakes, and with arguments: the same derivations by every road.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Forge, with_flakes};

const MANIFEST: &str = r#"
repos.javascript = { sig = "all", tier = "sigs", packages = { node = { build = ["core/tool"] } } }
repos.python = { sig = "all", tier = "sigs", uses = { javascript = "*" }, packages = { notebook = { build = ["node"] }, secret = { unfree = true } } }
repos.games = { sig = "all", tier = "sigs", packages = { chess = {} } }
"#;

/// Everything is published, and locked.
fn family() -> Forge {
    let forge = Forge::new(&["javascript", "python", "games"], MANIFEST);
    let package = |name: &str, more: &str| {
        format!(
            "{{ stdenv{more} }}: stdenv.mkDerivation {{ name = \"{name}\"; inputs = [ {} ]; }}\n",
            more.replace(',', "")
        )
    };
    forge.package("javascript", "node", &package("node-18", ", tool"));
    forge.package("python", "notebook", &package("notebook-1", ", node"));
    forge.package("python", "secret", &package("secret-1", ""));
    forge.package("games", "chess", &package("chess-1", ""));
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 0, "{train:#}");
    forge.family.ok(&["promote", "--push"]);
    forge.family.ok(&["sync"]);
    forge
}

/// What an expression is, without flakes.
fn instantiate(arguments: &[&str]) -> (String, String) {
    let output = Command::new("nix-instantiate")
        .env("NIX_CONFIG", "experimental-features =")
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().trim().to_owned();
    (text(output.stdout), text(output.stderr))
}

/// The derivation of an attribute of a set that a function in a checkout makes.
fn derivation(repo: &Path, arguments: &str, attribute: &str) -> (String, String) {
    let set = format!(
        "(import {}/. {{ {arguments} }}).{attribute}.drvPath",
        repo.display()
    );
    instantiate(&["--eval", "--expr", &set])
}

fn of_flake(repo: &Path, attribute: &str) -> String {
    let view = format!(
        "git+file://{}#legacyPackages.x86_64-linux.{attribute}.drvPath",
        repo.display()
    );
    let output = with_flakes()
        .args(["eval", "--no-write-lock-file", &view])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn the_same_derivations_with_and_without_flakes() {
    let forge = family();
    for (repo, attributes) in [
        ("core", &["tool"][..]),
        ("python", &["notebook", "node", "tool"]),
        ("top-level", &["notebook", "chess", "node"]),
    ] {
        let place = forge.repo(repo);
        for attribute in attributes {
            let flake = of_flake(&place, attribute);
            assert!(flake.ends_with(".drv\""), "{flake}");
            let (plain, said) = derivation(&place, "system = \"x86_64-linux\";", attribute);
            assert_eq!(plain, flake, "{repo} {attribute}: {said}");
        }
    }
    // As `nix-build -A` and `nix-env -iA` find it, by its folder and on a path.
    let top = forge.repo("top-level");
    let (plain, said) = instantiate(&[top.to_str().unwrap(), "-A", "chess"]);
    let flake = of_flake(&top, "chess");
    assert_eq!(format!("\"{plain}\""), flake, "{said}");
    let path = format!("nixpkgs={}", top.display());
    let expression = "(import <nixpkgs> { }).chess.drvPath";
    let (plain, said) = instantiate(&["-I", &path, "--eval", "--expr", expression]);
    assert_eq!(plain, flake, "{said}");
}

#[test]
fn a_set_is_made_with_arguments() {
    let forge = family();
    let top = forge.repo("top-level");
    let own = |arguments: &str, attribute: &str| {
        let arguments = format!("system = \"x86_64-linux\"; {arguments}");
        derivation(&top, &arguments, attribute)
    };
    let (kept, said) = own("", "secret");
    assert!(
        kept.is_empty() && said.contains("has an unfree license"),
        "{said}"
    );
    let (allowed, said) = own("config.allowUnfree = true;", "secret");
    assert!(allowed.ends_with("-secret-1.drv\""), "{said}");
    // An overlay reaches packages of every repo.
    let before = own("", "notebook").0;
    let overlay = "overlays = [ (final: prev: { tool = prev.tool.overrideAttrs (_: { name = \"tool-2\"; }); }) ];";
    let (after, said) = own(overlay, "notebook");
    assert!(after.ends_with("-notebook-1.drv\""), "{said}");
    assert_ne!(before, after);
    // A layer is a function, or a file with one.
    let layer = forge.family.root.join("layer.nix");
    fs::write(&layer, "_: final: prev: { mine = final.chess; }\n").unwrap();
    let chess = own("", "chess").0;
    for layers in [
        format!("layers = [ {} ];", layer.display()),
        format!("layers = [ (import {}) ];", layer.display()),
    ] {
        let (mine, said) = own(&layers, "mine");
        assert_eq!(mine, chess, "{said}");
    }
    // Without a repo the others are as they were, and what needs it says whose it was.
    assert_eq!(own("without = [ \"games\" ];", "notebook").0, before);
    let (none, said) = own("without = [ \"games\" ];", "chess");
    assert!(
        none.is_empty() && said.contains("attribute 'chess' missing"),
        "{said}"
    );
    let (none, said) = own("without = [ \"javascript\" ];", "notebook");
    assert!(
        none.is_empty() && said.contains("`node` belongs to the repo `javascript`"),
        "{said}"
    );
    let (none, said) = own("without = [ \"nobody\" ];", "chess");
    assert!(
        none.is_empty() && said.contains("`without` names `nobody`") && said.contains("`games`"),
        "{said}"
    );
    let (none, said) = own("crossSystem = { system = \"aarch64-linux\"; };", "chess");
    assert!(
        none.is_empty() && said.contains("takes no `crossSystem`"),
        "{said}"
    );
    // A checkout in place of what is locked.
    let tool = forge.repo("core").join("pkgs/by-name/to/tool/package.nix");
    let text = fs::read_to_string(&tool).unwrap();
    let changed = text.replacen("tool", "tool-from-here", 1);
    let text_of = BTreeMap::from([(true, &text), (false, &changed)]);
    for (is_same, text) in text_of {
        fs::write(&tool, text).unwrap();
        let core = format!(
            "inputs.core = import {}/flake-here.nix;",
            forge.family.root.display()
        );
        fs::write(
            forge.family.root.join("flake-here.nix"),
            format!(
                "let self = (import {core}/flake.nix).outputs {{ inherit self; }} // {{ outPath = {core}; }}; in self\n",
                core = forge.repo("core").display()
            ),
        )
        .unwrap();
        let (with, said) = own(&core, "tool");
        let own_tool = own("", "tool").0;
        assert_eq!(with == own_tool, is_same, "{said}");
    }
}

#[test]
fn flakes_make_a_set_with_arguments_as_well() {
    let forge = family();
    let top = forge.repo("top-level");
    let expression = format!(
        "let set = (builtins.getFlake \"git+file://{}\").mkPackages {{
          system = \"x86_64-linux\";
          config.allowUnfree = true;
          without = [ \"games\" ];
        }}; in [ set.secret.name set.notebook.drvPath (set ? chess) ]",
        top.display()
    );
    let output = with_flakes()
        .args(["eval", "--impure", "--json", "--expr", &expression])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let values: Vec<serde_json::Value> =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}"));
    assert_eq!(values[0], "secret-1");
    assert_eq!(format!("{}", values[1]), of_flake(&top, "notebook"));
    assert_eq!(values[2], false);
}

#[test]
fn somebody_who_uses_two_repos_locks_one_core() {
    let forge = family();
    let place = tempfile::tempdir().unwrap();
    // This Nix asks a repository for `master` where nobody says a branch.
    for name in ["core", "javascript", "python", "games"] {
        let bare = forge.family.root.join("remotes").join(name);
        crate::support::git(&bare, &["branch", "master", "main"]);
    }
    let flake = forge.family.ok(&["use", "python", "games"]).stdout;
    fs::write(place.path().join("flake.nix"), &flake).unwrap();
    crate::support::init(place.path());
    crate::support::git(place.path(), &["add", "."]);
    let nix = |arguments: &[&str]| {
        let output = with_flakes()
            .current_dir(place.path())
            .args(arguments)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}\n{flake}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    nix(&["flake", "lock"]);
    let lock = fs::read_to_string(place.path().join("flake.lock")).unwrap();
    let lock: serde_json::Value = serde_json::from_str(&lock).unwrap();
    let nodes: Vec<&String> = lock["nodes"].as_object().unwrap().keys().collect();
    assert_eq!(nodes, ["core", "games", "javascript", "python", "root"]);
    let top = forge.repo("top-level");
    for attribute in ["notebook", "chess", "node"] {
        let view = format!(".#legacyPackages.x86_64-linux.{attribute}.drvPath");
        assert_eq!(nix(&["eval", &view]), of_flake(&top, attribute));
    }
    let refused = forge.family.run(&["use", "pyton"]);
    assert!(refused.stderr.contains("python"), "{}", refused.stderr);
    // What a repo cannot offer alone is to be had of top-level.
    let where_is = forge.family.ok(&["where", "notebook"]).stdout;
    assert!(where_is.contains("remotes/python"), "{where_is}");
}

#[test]
fn a_release_is_a_channel() {
    let forge = family();
    let family = &forge.family;
    // A folder that is not there, and a file that is something else, stop it.
    let ran = family.run(&["release", "1.0.0", "--tarball", "nowhere"]);
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    family.write("out/nixexprs.tar.xz", "mine\n");
    let ran = family.run(&["release", "1.0.0", "--tarball", "out"]);
    assert!(
        ran.code == 1 && ran.stderr.contains("nixexprs.tar.xz"),
        "{}",
        ran.stderr
    );
    fs::remove_file(family.root.join("out/nixexprs.tar.xz")).unwrap();
    assert!(!family.root.join("releases").exists(), "nothing was frozen");

    let (code, made) = family.json(&["release", "1.0.2", "--tarball", "out"]);
    assert_eq!(code, 0, "{made:#}");
    let tarball = &made["tarball"];
    assert_eq!(tarball["fetched"].to_string(), "[]", "{tarball:#}");
    let archive = family.root.join("out/nixexprs.tar.xz");
    let bytes = fs::read(&archive).unwrap();
    assert_eq!(tarball["bytes"], bytes.len());
    // The same release is the same bytes, later, too.
    family.ok(&["release", "1.0.2", "--tarball", "out"]);
    assert_eq!(fs::read(&archive).unwrap(), bytes);

    // Whoever has it unpacked, as `nix-channel` does, has every derivation of the flake, by each of the ways to ask.
    let unpacked = family.root.join("unpacked");
    fs::create_dir(&unpacked).unwrap();
    let status = Command::new("tar")
        .args([
            "-xJf",
            archive.to_str().unwrap(),
            "-C",
            unpacked.to_str().unwrap(),
        ])
        .status()
        .unwrap();
    assert!(status.success());
    let roots: Vec<_> = fs::read_dir(&unpacked).unwrap().flatten().collect();
    assert_eq!(roots.len(), 1, "one folder, as channels have it");
    let channel = roots[0].path();
    let top = forge.repo("top-level");
    for attribute in ["notebook", "chess", "node"] {
        let flake = of_flake(&top, attribute);
        let expression = format!("(import {} {{ }}).{attribute}.drvPath", channel.display());
        let (found, said) = instantiate(&["--eval", "--expr", &expression]);
        assert_eq!(
            found.trim_matches('"'),
            flake.trim_matches('"'),
            "{attribute}: {said}"
        );
    }
    let asked = Command::new("nix-env")
        .env("NIX_CONFIG", "experimental-features =")
        .env("NIX_PATH", format!("nixpkgs={}", channel.display()))
        .env("HOME", &family.root)
        .args(["-f", "<nixpkgs>", "-qaP", "--drv-path", "chess"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&asked.stdout).into_owned();
    let errors = String::from_utf8_lossy(&asked.stderr).into_owned();
    assert!(said.contains("chess"), "{said}{errors}");
    let expression = "with import <nixpkgs> { config.allowUnfree = true; }; secret.drvPath";
    let evaluated = Command::new("nix-instantiate")
        .env("NIX_CONFIG", "experimental-features =")
        .env("NIX_PATH", format!("nixpkgs={}", channel.display()))
        .args(["--eval", "--expr", expression])
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&evaluated.stderr).into_owned();
    assert!(evaluated.status.success(), "{errors}");
}
