//! What a package starts from: in a language, with variants, as a set, a module or an overlay.

use std::fs;
use std::process::Command;

use crate::support::{Family, nix};

fn is_well(family: &Family) {
    let ran = family.run(&["check"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let (code, result) = family.json(&["eval"]);
    assert_eq!(code, 0, "{result:#}");
    assert_eq!(family.run(&["generate", "--check"]).code, 0);
    let (code, scanned) = family.json(&["scan"]);
    assert_eq!(code, 0, "{scanned:#}");
}

/// What a package of a repo that stands on core alone says when it is built and run.
fn says(family: &Family, repo: &str, name: &str) -> String {
    let checkout = |name: &str| format!("path:{}", family.repo(name).display());
    let out = family.root.join(format!("result-{name}"));
    let mut command = Command::new(nix().program());
    command
        .env(
            "NIX_CONFIG",
            "experimental-features = nix-command flakes\nsandbox = false",
        )
        .args(["build", "-o"])
        .arg(&out)
        .arg(format!("{}#{name}", checkout(repo)));
    if repo != "core" {
        command.args(["--override-input", "core", &checkout("core")]);
    }
    let built = command.output().unwrap();
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
    let ran = Command::new(out.join("bin").join(name)).output().unwrap();
    String::from_utf8(ran.stdout).unwrap()
}

#[test]
fn every_language_starts_from_something_that_evaluates_with_the_tools_the_family_has() {
    let family = Family::committed_example();
    for (package, language) in [
        ("core/in-c", "c"),
        ("python/in-python", "python"),
        ("javascript/In-Node", "node"),
        ("rust/in-rust", "rust"),
        ("core/_7in-go", "go"),
        ("core/in-shell", "shell"),
    ] {
        family.ok(&[
            "new-package",
            package,
            "--language",
            language,
            "--description",
            "It says ${hello} \"to\" you",
        ]);
    }
    is_well(&family);
    assert_eq!(says(&family, "core", "in-c"), "in-c is a scaffold\n");
    assert_eq!(
        says(&family, "core", "in-shell"),
        "in-shell is a scaffold\n"
    );
    let file = family
        .repo("rust")
        .join("pkgs/by-name/in/in-rust/src/Cargo.toml");
    assert!(
        fs::read_to_string(file)
            .unwrap()
            .contains("name = \"in_rust\"")
    );

    // What is there is nobody's to write over.
    let place = family.repo("core").join("pkgs/by-name/mi/mine");
    fs::create_dir_all(&place).unwrap();
    fs::write(place.join("notes"), "mine").unwrap();
    let ran = family.run(&["new-package", "core/mine", "--language", "c"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(!place.join("package.nix").exists());
    // What the repo does not use is said with the way to it, and nothing is written.
    let ran = family.run(&["new-package", "kde/x", "--language", "rust"]);
    assert_eq!(ran.code, 3);
    assert!(
        ran.stderr.contains("add `rust = \"*\"` to the `uses`"),
        "{}",
        ran.stderr
    );
    assert!(!family.repo("kde").join("pkgs/by-name/x").exists());
}

#[test]
fn a_family_with_builders_for_a_language_has_packages_made_with_those() {
    let family = Family::of(
        r#"
        format = "1.0"
        organization = { name = "x", forge = "github:x" }
        tiers = [{ name = "core" }, { name = "sigs" }, { name = "top-level" }]
        [people.ada]
        [sigs.base]
        leads = ["ada"]
        [repos.core]
        sig = "base"
        tier = "core"
        [repos.core.packages]
        setuptools = {}
        rustPlatform = {}
        [repos.core.builders]
        stdenv = {}
        buildPythonPackage = {}
        buildNpmPackage = {}
        buildGoModule = {}
        writeShellApplication = {}
        [repos.web]
        sig = "base"
        tier = "sigs"
        uses = { core = "*" }
        [repos.top]
        sig = "base"
        tier = "top-level"
        uses = { core = "*", web = "*" }
        "#,
    );
    let builder = "{ stdenv }: attributes: stdenv.mkDerivation ({ pname = attributes.name or attributes.pname; version = \"1\"; } // builtins.removeAttrs attributes [ \"name\" \"cargoLock\" ])";
    for name in [
        "buildPythonPackage",
        "buildNpmPackage",
        "buildGoModule",
        "writeShellApplication",
    ] {
        let shard: String = name.chars().take(2).collect::<String>().to_lowercase();
        let file = format!("repos/core/pkgs/by-name/{shard}/{name}/package.nix");
        family.write(&file, builder);
    }
    family.write(
        "repos/core/pkgs/by-name/ru/rustPlatform/package.nix",
        &format!("{{ stdenv }}: stdenv.mkDerivation {{ pname = \"r\"; version = \"1\"; passthru.buildRustPackage = ({builder}) {{ inherit stdenv; }}; }}"),
    );
    family.ok(&["generate"]);
    for (language, builder) in [
        ("python", "buildPythonPackage {"),
        ("node", "buildNpmPackage {"),
        ("rust", "rustPlatform.buildRustPackage {"),
        ("go", "buildGoModule {"),
        ("shell", "writeShellApplication {"),
    ] {
        let package = format!("web/a-{language}");
        family.ok(&[
            "new-package",
            &package,
            "--language",
            language,
            "--description",
            "d",
        ]);
        let file = format!("pkgs/by-name/a-/a-{language}/package.nix");
        let text = fs::read_to_string(family.repo("web").join(file)).unwrap();
        assert!(text.contains(builder), "{text}");
    }
    let (code, result) = family.json(&["eval"]);
    assert_eq!(code, 0, "{result:#}");
    let manifest = fs::read_to_string(family.root.join("aux.toml")).unwrap();
    assert!(manifest.contains("buildGoModule\"]"), "{manifest}");
}

#[test]
fn variants_aliases_sets_modules_and_overlays_are_a_flag_away() {
    let family = Family::committed_example();
    family.ok(&[
        "new-package",
        "core/lua",
        "--variant",
        "5.3",
        "--variant",
        "5.4",
        "--alias",
        "lua5",
    ]);
    family.ok(&[
        "new-package",
        "core/tk",
        "--defines",
        "tk1",
        "--defines",
        "tk2",
    ]);
    family.ok(&[
        "new-package",
        "gnome/session",
        "--module",
        "home",
        "--description",
        "a session",
    ]);
    family.ok(&["new-package", "gnome/small", "--overlay"]);
    is_well(&family);
    for name in ["lua_5_3", "lua5", "tk2", "gnome/session", "gnome/small"] {
        let ran = family.run(&["where", name]);
        assert_eq!(ran.code, 0, "{name}: {}{}", ran.stdout, ran.stderr);
    }
    assert!(
        family
            .repo("gnome")
            .join("modules/home/session.nix")
            .exists()
    );
    let ran = family.run(&["new-package", "gnome/small", "--overlay"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let ran = family.run(&["new-package", "core/y", "--alias", "openssl"]);
    assert!(
        ran.stderr
            .contains("is an attribute of `core/openssl` already"),
        "{}",
        ran.stderr
    );
    let ran = family.run(&["new-package", "gnome/z", "--overlay", "--build", "openssl"]);
    assert_eq!(ran.code, 2);
}

#[test]
fn a_family_with_nothing_to_build_a_language_with_is_told_what_it_takes() {
    let family = Family::of(
        r#"
        format = "1.0"
        organization = { name = "x", forge = "github:x" }
        tiers = [{ name = "core" }, { name = "top-level" }]
        [people.ada]
        [sigs.base]
        leads = ["ada"]
        [repos.core]
        sig = "base"
        tier = "core"
        [repos.core.packages]
        zlib = {}
        [repos.top]
        sig = "base"
        tier = "top-level"
        uses = { core = "*" }
        "#,
    );
    let ran = family.run(&["new-package", "core/x", "--language", "go"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.contains("the family has nothing to build Go with: that needs `buildGoModule`, or `go` and `stdenv`"),
        "{}",
        ran.stderr
    );
}
