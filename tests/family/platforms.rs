//! Packages that are not for every system, and those that users are kept from.

use std::fs;
use std::process::Output;

use crate::support::{Family, Forge, listed, repo, with_flakes};
use crate::trains::held;

/// Core, and a SIG with a package of every sort.
fn family() -> Family {
    let family = Family::empty();
    family.ok(&["init", "--name", "mine"]);
    let manifest = fs::read_to_string(family.root.join("aux.toml")).unwrap();
    let systems = "systems = [\"aarch64-darwin\", \"aarch64-linux\", \"x86_64-linux\"]";
    let line = manifest
        .lines()
        .find(|line| line.starts_with("systems"))
        .unwrap();
    family.write("aux.toml", &manifest.replace(line, systems));
    family.ok(&["new-sig", "web", "--lead", "bob"]);
    for name in ["plain", "arm", "secret", "old", "leaky"] {
        family.ok(&["new-package", &format!("web/{name}")]);
    }
    family.ok(&["new-package", "web/app", "--build", "secret"]);
    family.ok(&["new-package", "web/suite", "--build", "arm"]);
    let sigs = fs::read_to_string(family.root.join("sigs/web.toml")).unwrap();
    let sigs = sigs
        .replace("arm = {}", "arm = { systems = [\"aarch64-linux\"] }")
        .replace("secret = {}", "secret = { unfree = true }")
        .replace("old = {}", "old = { broken = true }")
        .replace("leaky = {}", "leaky = { insecure = [\"CVE-2026-1\"] }");
    family.write("sigs/web.toml", &sigs);
    family.ok(&["generate"]);
    family
}

/// A command of the real Nix on the flake of the SIG, as users give it.
fn asked(family: &Family, of: &str, words: &[&str], variables: &[(&str, &str)]) -> Output {
    let overrides = family.ok(&["overrides", of]).stdout;
    let flake = format!("path:{}", family.repo(of).display());
    let words = words.iter().map(|word| word.replace("FLAKE", &flake));
    with_flakes()
        .envs(variables.iter().copied())
        .args(words)
        .args(overrides.split_whitespace())
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn flakes_list_what_can_be_had_and_every_system_is_evaluated() {
    let family = family();
    let (code, report) = family.json(&["eval", "--all-systems"]);
    assert_eq!(code, 0, "{report:#}");
    let others = report["others"].as_array().unwrap();
    assert_eq!(others.len(), 2);
    let unavailable = |report: &serde_json::Value| repo(report, "web")["unavailable"].clone();
    let all = unavailable(&report);
    assert_eq!(all.as_array().unwrap().len(), 6, "{all:#}");
    let of = |name: &str| {
        let all = serde_json::json!({ "all": all });
        listed(&all, "all", "attribute", name)["reason"].clone()
    };
    assert_eq!(of("app"), "it needs `web/secret`, which is not offered");
    assert_eq!(of("suite"), "it is not for x86_64-linux");
    let arm = listed(&report, "others", "system", "aarch64-linux");
    assert_eq!(unavailable(arm).as_array().unwrap().len(), 4, "{arm:#}");
    for (of, names) in [
        ("web", "[\"plain\"]"),
        ("top-level", "[\"hello\",\"plain\",\"stdenv\"]"),
    ] {
        let attribute = "FLAKE#packages.x86_64-linux";
        let words = ["eval", "--json", attribute, "--apply", "builtins.attrNames"];
        let output = asked(&family, of, &words, &[]);
        let listed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            listed.contains("\"plain\"") && !listed.contains("secret"),
            "{names}: {listed}"
        );
        let output = asked(&family, of, &["flake", "check", "--no-build", "FLAKE"], &[]);
        assert!(output.status.success(), "{of}: {}", said(&output));
    }
    let found = asked(&family, "web", &["search", "FLAKE", "plain"], &[]);
    assert!(found.status.success(), "{}", said(&found));
}

#[test]
fn users_are_kept_from_a_package_as_nixpkgs_does_it() {
    let family = family();
    let ask = |attribute: &str, variables: &[(&str, &str)]| {
        let attribute = format!("FLAKE#legacyPackages.x86_64-linux.{attribute}.drvPath");
        asked(&family, "web", &["eval", "--impure", &attribute], variables)
    };
    for (name, what, variable, config) in [
        (
            "secret",
            "has an unfree license",
            "NIXPKGS_ALLOW_UNFREE",
            "allowUnfree = true",
        ),
        (
            "app",
            "has an unfree license",
            "NIXPKGS_ALLOW_UNFREE",
            "allowUnfreePredicate = _: true",
        ),
        (
            "old",
            "is marked as broken",
            "NIXPKGS_ALLOW_BROKEN",
            "allowBroken = true",
        ),
        (
            "leaky",
            "is marked as insecure (CVE-2026-1)",
            "NIXPKGS_ALLOW_INSECURE",
            "permittedInsecurePackages = [ \"leaky-0.1.0\" ]",
        ),
        (
            "arm",
            "is not available on the requested system ‘x86_64-linux’",
            "NIXPKGS_ALLOW_UNSUPPORTED_SYSTEM",
            "allowUnsupportedSystem = true",
        ),
    ] {
        let refused = ask(name, &[]);
        assert!(!refused.status.success(), "{name}");
        let why = said(&refused);
        assert!(
            why.contains(what) && why.contains("refusing to evaluate"),
            "{name}: {why}"
        );
        assert!(why.contains("SIG web owns it"), "{name}: {why}");
        let allowed = ask(name, &[(variable, "1")]);
        assert!(allowed.status.success(), "{name}: {}", said(&allowed));
        let made = |config: &str, name: &str| {
            let expression = format!(
                "let core = builtins.getFlake \"path:{}\"; in (core.mkPackages {{
                  system = \"x86_64-linux\"; config = {{ {config} }};
                  layers = [ (import {}/layer.nix) ];
                }}).{name}",
                family.repo("core").display(),
                family.repo("web").display()
            );
            let words = ["eval", "--impure", "--expr", &expression];
            asked(&family, "web", &words, &[])
        };
        // Neither `override` nor `overrideAttrs` is a way around.
        for again in ["override { }", "overrideAttrs (_: { })"] {
            let around = made("", &format!("{name}.{again}"));
            let why = said(&around);
            assert!(
                why.contains("refusing to evaluate"),
                "{name}.{again}: {why}"
            );
        }
        let output = made(&format!("{config};"), &format!("{name}.drvPath"));
        assert!(output.status.success(), "{name}: {}", said(&output));
        assert_eq!(output.stdout, allowed.stdout, "{name}: the same derivation");
    }
    let meta = asked(
        &family,
        "web",
        &["eval", "FLAKE#legacyPackages.x86_64-linux.secret.meta"],
        &[],
    );
    assert!(
        meta.status.success(),
        "what it is can be read: {}",
        said(&meta)
    );
}

#[test]
fn the_words_of_meta_count_and_are_brought_into_the_manifest() {
    let family = family();
    assert_eq!(family.run(&["check", "--meta"]).code, 0);
    let file = family.repo("web").join("pkgs/by-name/pl/plain/package.nix");
    let text = fs::read_to_string(&file).unwrap();
    let meta = "meta = {\n    platforms = [ \"aarch64-linux\" \"i686-linux\" ];\n    license = { free = false; fullName = \"Ours\"; };";
    fs::write(&file, text.replace("meta = {", meta)).unwrap();
    let (code, report) = family.json(&["eval", "--repo", "web"]);
    assert_eq!(code, 3);
    let failed = repo(&report, "web")["standalone"]["failed"][0]["reason"].to_string();
    assert!(failed.contains("unfree license (‘Ours’)"), "{failed}");
    let (code, checked) = family.json(&["check", "--meta"]);
    assert_eq!(code, 3);
    assert_eq!(
        checked["differing"][0]["meta"], "for aarch64-linux, unfree",
        "{checked:#}"
    );
    family.ok(&["check", "--meta", "--fix"]);
    let sigs = fs::read_to_string(family.root.join("sigs/web.toml")).unwrap();
    let entry = "plain = { systems = [\"aarch64-linux\"], unfree = true }";
    assert!(sigs.contains(entry), "{sigs}");
    family.ok(&["check", "--meta"]);
    family.ok(&["eval", "--all-systems"]);
}

#[test]
fn a_repo_says_it_for_all_of_its_packages_and_unknown_systems_are_named() {
    let family = family();
    let sigs = fs::read_to_string(family.root.join("sigs/web.toml")).unwrap();
    let of_repo = sigs.replace(
        "[repos.web]\n",
        "[repos.web]\nsystems = [\"aarch64-linux\"]\n",
    );
    family.write("sigs/web.toml", &of_repo);
    family.ok(&["generate"]);
    let (code, report) = family.json(&["eval", "--all-systems"]);
    assert_eq!(code, 0, "{report:#}");
    let unavailable = repo(&report, "web")["unavailable"]
        .as_array()
        .unwrap()
        .len();
    assert_eq!(unavailable, 7, "all of it");
    family.write(
        "sigs/web.toml",
        &sigs.replace("\"aarch64-linux\"", "\"aarch64-linus\""),
    );
    let ran = family.run(&["check"]);
    assert_eq!(ran.code, 3);
    assert!(ran.stderr.contains("unknown-system"), "{}", ran.stderr);
}

#[test]
fn a_train_asks_for_what_is_offered_only() {
    let forge = Forge::new(
        &["a"],
        "repos.a = { sig = \"all\", tier = \"sigs\", packages = { x = {}, y = { broken = true } } }\n",
    );
    let package = |name: &str, meta: &str| {
        format!(
            "{{ }}: derivation {{ name = \"{name}\"; system = \"x86_64-linux\"; builder = \"/bin/sh\"; }} // {{ meta = {{ {meta} }}; }}\n"
        )
    };
    forge.package("a", "x", &package("x", ""));
    forge.package("a", "y", &package("y", "broken = true;"));
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 0, "{train:#}");
    assert!(held(&train).is_empty());
}
