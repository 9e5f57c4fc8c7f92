//! What `eval` says of families that are broken or lie.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::support::{Family, repo};

#[test]
fn a_broken_package_is_named_and_stops_nobody_else() {
    let family = Family::empty();
    family.ok(&["init", "--name", "mine"]);
    family.ok(&["new-package", "core/fine"]);
    for (name, body) in [
        ("thrown", "throw \"no ${\"luck\"}\""),
        ("aborted", "abort \"stop\""),
        ("missing", "import ./nowhere.nix"),
        ("endless", "let x = x; in x"),
        ("text", "\"not a derivation\""),
        ("broken", "{ a = "),
    ] {
        family.ok(&["new-package", &format!("core/{name}")]);
        let file = format!("repos/core/pkgs/by-name/{}/{name}/package.nix", &name[..2]);
        family.write(&file, &format!("{{ }}: {body}"));
    }
    let (code, report) = family.json(&["eval", "--repo", "core"]);
    assert_eq!(code, 3);
    let tally = &repo(&report, "core")["standalone"];
    assert_eq!(tally["failed"].as_array().unwrap().len(), 6, "{tally:#}");
    assert_eq!(tally["ok"], 3, "hello, stdenv and fine are fine: {tally:#}");
    let kinds: BTreeMap<&str, &Value> = tally["failed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|failed| (failed["attribute"].as_str().unwrap(), &failed["kind"]))
        .collect();
    assert_eq!(kinds["thrown"], "thrown");
    assert_eq!(kinds["aborted"], "aborted");
    assert_eq!(kinds["missing"], "missing-file");
    assert_eq!(kinds["endless"], "infinite-recursion");
    assert_eq!(kinds["broken"], "syntax");
    assert_eq!(*kinds["text"], Value::Null);
}

#[test]
fn a_repo_that_does_not_keep_its_contract_is_told_clause_by_clause() {
    let family = Family::copied_example();
    let change = |path: &str, from: &str, to: &str| {
        let text = fs::read_to_string(family.root.join(path)).unwrap();
        assert!(text.contains(from), "{path} has no {from}");
        family.write(path, &text.replace(from, to));
    };
    change("repos/python/contract.json", "\"1.1.0\"", "\"1.5.0\"");
    change(
        "repos/javascript/flake.nix",
        "checks = self.packages;",
        "checks = { };",
    );
    change(
        "repos/applications/flake.nix",
        "overlays = {",
        "overlays = { default = _: _: { }; }; ignored = {",
    );
    fs::remove_file(family.root.join("repos/gnome/overlays/gdm-without-tls.nix")).unwrap();
    family.write("repos/gnome/modules/nixos/gdm.nix", "{ a = ");
    let (code, report) = family.json(&["eval"]);
    assert_eq!(code, 3);
    let broken = |name: &str| -> Vec<String> {
        repo(&report, name)["contract"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|clause| !clause["broken"].is_null())
            .map(|clause| clause["output"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(broken("python"), ["aux"]);
    assert_eq!(broken("javascript"), ["checks"]);
    assert_eq!(broken("applications"), ["overlays.default"]);
    assert_eq!(
        broken("gnome"),
        ["nixosModules.gdm", "overlays.gdm-without-tls"]
    );
    assert_eq!(broken("core"), [""; 0]);
}

#[test]
fn a_repo_cannot_hide_what_it_lost_or_took() {
    let lies = [
        (
            "top-level",
            "packages = forEachSystem (",
            "packages = forEachSystem (_: { }); lost = forEachSystem (",
            "packages",
        ),
        (
            "top-level",
            "repoPackages = forEachSystem (",
            "repoPackages = throw \"no\"; lost = forEachSystem (",
            "repoPackages",
        ),
        (
            "python",
            "legacyPackages = self.auxPackages;",
            "legacyPackages = forEachSystem (_: { });",
            "legacyPackages",
        ),
        (
            "python",
            "hydraJobs.packages = self.packages;",
            "hydraJobs = 3;",
            "hydraJobs.packages",
        ),
        (
            "python",
            "aux = contract;",
            "aux = contract // { packages = [ ]; };",
            "aux",
        ),
    ];
    for (name, from, to, output) in lies {
        let family = Family::copied_example();
        let path = format!("repos/{name}/flake.nix");
        let text = fs::read_to_string(family.root.join(&path)).unwrap();
        assert!(text.contains(from), "{path} has no {from}");
        family.write(&path, &text.replace(from, to));
        let (code, report) = family.json(&["eval"]);
        assert_eq!(code, 3, "{to}");
        let clauses = repo(&report, name)["contract"].as_array().unwrap();
        let broken = clauses
            .iter()
            .any(|clause| clause["output"] == output && !clause["broken"].is_null());
        assert!(broken, "{to}: {clauses:#?}");
    }

    let family = Family::copied_example();
    family.write(
        "repos/gnome/pkgs/by-name/zl/zlib/package.nix",
        "{ openssl }: openssl",
    );
    let (code, report) = family.json(&["eval"]);
    assert_eq!(code, 3, "gnome takes core's zlib: {report:#}");

    let family = Family::copied_example();
    fs::remove_dir_all(family.root.join("repos/top-level")).unwrap();
    assert_eq!(
        family.run(&["eval", "--repo", "core"]).code,
        3,
        "nothing is said of the whole"
    );

    let family = Family::copied_example();
    family.write(
        "repos/core/pkgs/by-name/zl/zlib/package.nix",
        "{ }: { type = \"derivation\"; name = \"x\"; drvPath = \"/nix/store/zzz\"; outPath = \"/x\"; }",
    );
    assert_eq!(
        family.run(&["eval", "--repo", "core"]).code,
        3,
        "that is no derivation"
    );
}

#[test]
fn a_flood_of_warnings_does_not_stop_an_evaluation() {
    let family = Family::copied_example();
    family.write(
        "repos/core/pkgs/by-name/zl/zlib/package.nix",
        "{ stdenv }: builtins.foldl' (all: number: builtins.trace \"warning ${toString number}: please use something else instead of this\" all) (stdenv.mkDerivation { pname = \"zlib\"; version = \"1\"; }) (builtins.genList (number: number) 20000)",
    );
    let start = std::time::Instant::now();
    family.ok(&["eval", "--repo", "core", "--flakes"]);
    family.ok(&["eval", "--repo", "core"]);
    assert!(
        start.elapsed().as_secs() < 120,
        "it waited for somebody to read"
    );
}
