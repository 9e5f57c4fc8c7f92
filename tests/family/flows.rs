//! What people do from the first command on.

use std::fs;

use aux_nix::{Limits, Question};

use crate::support::{Family, git, nix, repo};

#[test]
fn from_nothing_to_a_family_without_touching_nix() {
    let family = Family::empty();
    family.ok(&["init", "--name", "mine", "--lead", "ada"]);
    family.ok(&["new-sig", "python", "--lead", "grace"]);
    family.ok(&["new-sig", "web", "--lead", "grace", "--uses", "python"]);
    family.ok(&[
        "new-package",
        "python/buildWheel",
        "--builder",
        "--build",
        "hello",
    ]);
    family.ok(&[
        "new-package",
        "python/requests",
        "--build",
        "buildWheel",
        "--optional",
        "hello",
    ]);
    family.ok(&[
        "new-package",
        "web/site",
        "--build",
        "python/requests",
        "--description",
        "A ${site}",
    ]);
    let (code, report) = family.json(&["eval"]);
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(repo(&report, "web")["standalone"]["ok"], 1);
    let (code, report) = family.json(&["eval", "--flakes", "--repo", "web"]);
    assert_eq!(code, 0, "{report:#}");
    let built = nix().flake_build(
        &family.repo("web"),
        "site",
        &family.inputs_of("web"),
        &Limits::default(),
    );
    built
        .unwrap()
        .unwrap_or_else(|failure| panic!("{}", failure.detail));
    assert_eq!(
        family.ok(&["generate", "--check"]).stdout,
        "",
        "nothing is left to write"
    );
}

#[test]
fn texts_full_of_nix_come_out_of_nix_unchanged() {
    let nasty = "a \"b\" \\ ${c} $${d} ''e'' \t\\n # /* ü 漢";
    let quoted = serde_json::to_string(nasty).unwrap();
    let family = Family::of(&format!(
        r#"
format = "1.0"
organization = {{ name = "x", forge = "github:x", systems = ["x86_64-linux", "aarch64-linux"] }}
tiers = [{{ name = "core" }}, {{ name = "top-level" }}]
people.ada = {{}}
sigs.all = {{ leads = ["ada"], description = {quoted}, contact = {quoted} }}
repos.core = {{ sig = "all", tier = "core", description = {quoted}, builders = {{ stdenv = {{}} }}, packages = {{ p = {{ description = {quoted}, homepage = {quoted} }} }}, modules = {{ m = {{ description = {quoted} }} }} }}
repos.top-level = {{ sig = "all", tier = "top-level" }}
"#
    ));
    family.ok(&["generate"]);
    family.ok(&["eval"]);
    let core = family.repo("core");
    let scope = format!("import {}/flake.nix", core.display());
    let questions = [
        Question::new("flake", "scope.description"),
        Question::new(
            "package",
            "(let self = scope.outputs { inherit self; }; in self).auxPackages.x86_64-linux.p.meta.description",
        ),
    ];
    let limits = Limits::default().allowing(&core);
    for answered in nix().ask(&scope, &questions, &limits).unwrap() {
        let value = answered
            .answer
            .value()
            .unwrap_or_else(|| panic!("{answered:?}"));
        assert_eq!(value, nasty, "{}", answered.key);
    }
}

#[test]
fn a_move_keeps_every_derivation_of_the_flat_view() {
    let family = Family::copied_example();
    let flat = || {
        let system = "x86_64-linux";
        nix()
            .flake_json(
                &family.repo("top-level"),
                &format!("packages.{system}"),
                Some("builtins.mapAttrs (_: package: package.drvPath)"),
                &family.inputs_of("top-level"),
                &Limits::default(),
            )
            .unwrap()
            .unwrap_or_else(|failure| panic!("{}", failure.detail))
    };
    let before = flat();
    family.ok(&["move", "node-gyp", "python"]);
    assert!(
        !family
            .root
            .join("repos/javascript/pkgs/by-name/no/node-gyp")
            .exists()
    );
    assert_eq!(flat(), before, "the flat view is unchanged, path by path");
    assert_eq!(
        family.json(&["cycles"]).1["repos"],
        serde_json::json!([]),
        "the cycle is gone"
    );
    let owner = family.json(&["who", "node-gyp"]).1;
    assert_eq!(
        owner["answers"][0]["owner"], "javascript",
        "a move changes no owner"
    );
    let (code, report) = family.json(&["eval"]);
    assert_eq!(code, 0, "{report:#}");
}

#[test]
fn a_manifest_that_is_a_link_stays_one() {
    let family = Family::empty();
    family.ok(&["init", "--name", "mine"]);
    let (link, real) = (
        family.root.join("sigs/core.toml"),
        family.root.join("core.toml"),
    );
    fs::rename(&link, &real).unwrap();
    std::os::unix::fs::symlink("../core.toml", &link).unwrap();
    family.ok(&["new-package", "core/two"]);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&real).unwrap().contains("two"));
}

#[test]
fn git_is_told_of_new_files_and_of_moves_and_nothing_is_committed_for_anybody() {
    // The registry is one repository; core is one of its own, which it ignores.
    let family = Family::copied_example();
    for folder in ["repos/core", "."] {
        git(&family.root.join(folder), &["init", "-q"]);
        if folder == "." {
            family.write(".gitignore", "/repos/core/\n");
        }
        git(&family.root.join(folder), &["add", "."]);
        git(&family.root.join(folder), &["commit", "-q", "-m", "first"]);
    }
    family.write("notes.txt", "mine, and nobody's business\n");
    let ran = family.ok(&["new-package", "python/six", "--build", "python3"]);
    assert!(
        ran.stderr.contains("git knows of 1 new file"),
        "{}",
        ran.stderr
    );
    let status = |folder: &str| git(&family.root.join(folder), &["status", "--porcelain"]);
    let seen = status(".");
    assert!(
        seen.contains(" A repos/python/pkgs/by-name/si/six/package.nix"),
        "{seen}"
    );
    assert!(seen.contains("?? notes.txt"), "{seen}");
    family.ok(&["new-package", "core/lua"]);
    assert!(status("repos/core").contains(" A pkgs/by-name/lu/lua/package.nix"));

    // Inside one repository a move is a rename; between two nothing is staged.
    family.ok(&["move", "node-gyp", "python"]);
    let seen = status(".");
    assert!(
        seen.contains("R  repos/javascript/pkgs/by-name/no/node-gyp/package.nix -> repos/python/"),
        "{seen}"
    );
    family.ok(&["move", "qtbase", "core", "--no-alias"]);
    family.ok(&["move", "qtbase", "kde", "--no-alias"]);
    let seen = status(".");
    assert!(
        !seen.contains("qtbase"),
        "there and back is nothing: {seen}"
    );
    assert!(!status("repos/core").contains("qtbase"));
    for folder in [".", "repos/core"] {
        let commits = git(&family.root.join(folder), &["rev-list", "--count", "HEAD"]);
        assert_eq!(commits.trim(), "1");
    }
}

/// Nix takes files of a repository from git, so that a package that nobody has added is not there.
#[test]
fn a_forgotten_git_add_is_named() {
    let forge = crate::support::Forge::new(
        &["python"],
        r#"repos.python = { sig = "all", tier = "sigs", packages = { snake = {} } }"#,
    );
    forge.family.ok(&["new-package", "python/eel"]);
    // `new-package` adds it; an editor does not.
    crate::support::git(&forge.repo("python"), &["reset", "--quiet"]);
    let file = "pkgs/by-name/ee/eel/package.nix";
    let ran = forge.family.run(&["eval"]);
    assert!(
        ran.stdout
            .contains(&format!("unseen python: git does not track `{file}`")),
        "{}",
        ran.stdout
    );
    let ran = forge.family.run(&["update"]);
    let line = format!("unseen python: git does not track `{file}`, so the train does not see it");
    assert!(ran.stderr.contains(&line), "{}", ran.stderr);
    forge.commit("python");
    for command in ["eval", "update"] {
        let ran = forge.family.ok(&[command]);
        let said = ran.stdout + &ran.stderr;
        assert!(!said.contains("unseen"), "{said}");
    }
}
