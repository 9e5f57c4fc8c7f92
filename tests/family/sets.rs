//! Package sets that several repos have parts of.

use std::fs;

use crate::support::{Family, Forge, commit_all, init, listed, repo, with_flakes};
use crate::trains::held;

/// Core with three interpreters, a repo with a set for each, one that uses it and one that is its peer.
fn family() -> Family {
    let family = Family::empty();
    family.ok(&["init", "--name", "mine"]);
    for version in ["310", "311", "312"] {
        family.ok(&["new-package", &format!("core/python{version}")]);
    }
    family.ok(&["new-sig", "python", "--lead", "bob"]);
    family.ok(&["new-sig", "web", "--lead", "eve", "--uses", "python"]);
    family.ok(&["new-sig", "sci", "--lead", "zoe", "--peer", "python"]);
    let sigs = fs::read_to_string(family.root.join("sigs/python.toml")).unwrap();
    let set = r#"
[repos.python.sets.python3Packages]
argument = "python"
instances = { python310Packages = "python310", python311Packages = "python311", python312Packages = "python312" }

[repos.python.sets.python3Packages.members]
setuptools = {}
"#;
    family.write("sigs/python.toml", &(sigs + set));
    family.ok(&["generate"]);
    family.ok(&[
        "new-package",
        "web/python3Packages.werkzeug",
        "--build",
        "setuptools",
    ]);
    let build = [
        "--build",
        "setuptools",
        "--build",
        "werkzeug",
        "--owner",
        "python",
    ];
    family.ok(&[&["new-package", "web/python3Packages.flask"][..], &build].concat());
    family.ok(&[
        "new-package",
        "sci/python3Packages.numpy",
        "--build",
        "setuptools",
    ]);
    family
}

/// What an expression over the package set of core with some layers and overlays gives, and what Nix said.
fn of_set(family: &Family, layers: &[&str], overlays: &str, ask: &str) -> (String, String) {
    let layers: Vec<String> = layers
        .iter()
        .map(|name| format!("{}/layer.nix", family.repo(name).display()))
        .collect();
    let expression = format!(
        "let
          flake = import {core}/flake.nix;
          self = flake.outputs {{ inherit self; }};
          packages = self.mkPackages {{
            system = \"x86_64-linux\";
            layers = [ {layers} ];
            overlays = [ {overlays} ];
          }};
        in {ask}",
        core = family.repo("core").display(),
        layers = layers.join(" "),
    );
    let output = with_flakes()
        .args(["eval", "--json", "--impure", "--expr", &expression])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (String::from_utf8(output.stdout).unwrap(), said)
}

#[test]
fn members_of_three_repos_meet_in_every_instance() {
    let family = family();
    family.ok(&["check", "--deny-warnings"]);
    for more in [&[][..], &["--flakes"]] {
        let (code, report) = family.json(&[&["eval"][..], more].concat());
        assert_eq!(code, 0, "{report:#}");
        let ok = |name: &str, view: &str| repo(&report, name)[view]["ok"].as_u64().unwrap();
        // Two members in three instances; with `--flakes` builders are not asked for.
        assert_eq!(ok("web", "standalone"), 6, "{more:?}");
        assert_eq!(ok("sci", "top_level"), 3, "{more:?}");
        // A peer is met in top-level only.
        assert_eq!(ok("sci", "standalone"), 0, "{more:?}");
        let left_out = repo(&report, "sci")["left_out"].clone();
        let left_out = serde_json::json!({ "all": left_out });
        let numpy = listed(&left_out, "all", "attribute", "python311Packages.numpy");
        assert_eq!(numpy["needs"], "python/python3Packages");
    }
    let hits = family.ok(&["where", "python3Packages.flask"]).stdout;
    assert!(
        hits.contains("github:mine/web#python3Packages.flask"),
        "{hits}"
    );
    assert!(
        family
            .ok(&["where", "flask"])
            .stdout
            .contains("member of python3Packages")
    );
    let owners = fs::read_to_string(family.repo("web").join(".github/CODEOWNERS")).unwrap();
    assert!(
        owners.contains("/pkgs/python3Packages/flask/ @bob"),
        "{owners}"
    );
    let who = family.ok(&["who", "python311Packages.numpy"]).stdout;
    assert!(who.contains("owned by SIG sci"), "{who}");
}

#[test]
fn an_override_in_a_layer_reaches_the_members_of_every_repo() {
    let family = family();
    // What a user adds with the hook is in the same fixpoint, and so another derivation follows.
    let ask = |layers: &[&str]| {
        let overlays = "(final: prev: {
          python3PackagesExtensions = prev.python3PackagesExtensions or [ ] ++ [
            (scope: below: { setuptools = below.setuptools.override { } // { mark = true; }; })
          ];
        })";
        let (values, said) = of_set(
            &family,
            layers,
            overlays,
            "[
              packages.python311Packages.setuptools.mark
              packages.python311Packages.flask.drvPath
              packages.python312Packages.flask.drvPath
              packages.python3Packages.flask.drvPath
              (packages.python310Packages ? numpy)
            ]",
        );
        let values = serde_json::from_str::<Vec<serde_json::Value>>(&values);
        values.unwrap_or_else(|_| panic!("{said}"))
    };
    // In whatever order the layers come.
    let one = ask(&["python", "web", "sci"]);
    let other = ask(&["sci", "web", "python"]);
    assert_eq!(one, other);
    assert_eq!(one[0], true);
    assert_ne!(one[1], one[2], "each interpreter has its own");
    assert_eq!(one[2], one[3], "the set means its last instance");
    assert_eq!(one[4], true);
}

#[test]
fn members_move_and_what_is_wrong_with_sets_is_named() {
    let family = family();
    family.ok(&["move", "python3Packages.flask", "sci"]);
    let moved = family
        .repo("sci")
        .join("pkgs/python3Packages/flask/package.nix");
    assert!(moved.is_file());
    let sigs = fs::read_to_string(family.root.join("sigs/sci.toml")).unwrap();
    assert!(sigs.contains("flask = { owner = \"python\""), "{sigs}");
    let (code, report) = family.json(&["eval"]);
    assert_eq!(code, 0, "{report:#}");
    let twice = family.run(&["new-package", "web/python3Packages.numpy"]);
    assert!(
        twice
            .stderr
            .contains("`sci/python3Packages` has a member `numpy` already")
    );
    let web = fs::read_to_string(family.root.join("sigs/web.toml")).unwrap();
    for (from, to, code, said) in [
        ("werkzeug =", "numpy =", "duplicate-attribute", "`numpy`"),
        (
            "\"setuptools\"",
            "\"setuptoolz\"",
            "unknown-package",
            "setuptoolz",
        ),
        (
            "python/python3Packages",
            "core/python3Packages",
            "unknown-package",
            "defines no set",
        ),
        (
            "python/python3Packages",
            "python/other",
            "invalid-value",
            "is not a set of that name",
        ),
    ] {
        family.write("sigs/web.toml", &web.replacen(from, to, 1));
        let ran = family.run(&["check"]);
        assert_eq!(ran.code, 3, "{from} -> {to}");
        assert!(
            ran.stderr.contains(code) && ran.stderr.contains(said),
            "{}",
            ran.stderr
        );
    }
    family.write("sigs/web.toml", &web);
    family.write(
        "repos/web/pkgs/python3Packages/stray/package.nix",
        "{ }: null\n",
    );
    fs::remove_dir_all(family.repo("web").join("pkgs/python3Packages/werkzeug")).unwrap();
    let ran = family.run(&["check"]);
    assert!(
        ran.stderr.contains("not-in-manifest") && ran.stderr.contains("not-in-tree"),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_set_of_a_core_that_is_written_by_hand_is_extended_by_its_own_hook() {
    let family = Family::of(
        r#"format = "1.0"
organization = { name = "x", forge = "github:x", systems = ["x86_64-linux"] }
tiers = [{ name = "core" }, { name = "sigs" }, { name = "top-level" }]
people.ada = {}
sigs.all.leads = ["ada"]
repos.core = { sig = "all", tier = "core", kind = "external", wiring = "overlays", flake = false }
repos.top-level = { sig = "all", tier = "top-level" }

[repos.web]
sig = "all"
tier = "sigs"

[repos.web.sets.python3Packages]
extends = "core/python3Packages"
hook = "pythonPackagesExtensions"
instances = ["python3Packages"]

[repos.web.sets.python3Packages.members]
flask = { build = ["setuptools"] }
"#,
    );
    family.write(
        "repos/core/default.nix",
        r#"{ system ? "x86_64-linux", overlays ? [ ], ... }:
let
  make = name: derivation { inherit name system; builder = "/bin/sh"; };
  call = scope: f: f (builtins.intersectAttrs (builtins.functionArgs f) scope);
  base = final: {
    lib = { };
    inherit system;
    stdenv = { mkDerivation = a: make a.pname // { meta = { }; }; };
    callPackage = path: more: call (final // more) (import path);
    newScope = extra: path: more: call (final // extra // more) (import path);
    pythonPackagesExtensions = [ ];
    python3Packages =
      let
        start = self: { callPackage = final.newScope self; setuptools = make "setuptools"; };
        whole = builtins.foldl' (f: o: self: let super = f self; in super // o self super) start final.pythonPackagesExtensions;
        result = whole result;
      in
      result;
  };
  all = builtins.foldl' (f: o: final: let prev = f final; in prev // o final prev) base overlays;
  packages = all packages;
in
packages
"#,
    );
    family.ok(&["generate"]);
    let (code, report) = family.json(&["eval"]);
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(repo(&report, "web")["standalone"]["ok"], 1, "{report:#}");
    let contract = fs::read_to_string(family.repo("web").join("contract.json")).unwrap();
    assert!(contract.contains("pythonPackagesExtensions"), "{contract}");
}

#[test]
fn a_train_holds_a_repo_whose_member_breaks() {
    let forge = Forge::new(
        &["a", "b"],
        "repos.a = { sig = \"all\", tier = \"sigs\", sets = { xs = { members = { one = {} } } } }\n\
         repos.b = { sig = \"all\", tier = \"sigs\", uses = [\"a\"], sets = { xs = { extends = \"a/xs\", members = { two = {} } } } }\n",
    );
    let package = |name: &str| {
        format!(
            "{{ }}: derivation {{ name = \"{name}\"; system = \"x86_64-linux\"; builder = \"/bin/sh\"; }}\n"
        )
    };
    forge.change("a", "pkgs/xs/one/package.nix", &package("one"));
    forge.change("b", "pkgs/xs/two/package.nix", &package("two"));
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 0, "{train:#}");
    forge.change(
        "b",
        "pkgs/xs/two/package.nix",
        "{ }: throw \"two is ill\"\n",
    );
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 3, "{train:#}");
    assert_eq!(held(&train).into_keys().collect::<Vec<_>>(), ["b"]);
    let hold = repo(&train, "b").to_string();
    assert!(hold.contains("two is ill"), "{hold}");
}

#[test]
fn members_are_renamed_and_removed_and_answer_under_what_they_were_called() {
    let family = family();
    init(&family.repo("web"));
    let eval = |attribute: &str| {
        let ask = format!("packages.{attribute}.drvPath");
        of_set(&family, &["python", "web", "sci"], "", &ask)
    };
    let taken = family.run(&["rename", "package", "web/python3Packages.flask", "numpy"]);
    assert!(
        taken.stderr.contains("has a member `numpy` already"),
        "{}",
        taken.stderr
    );
    let set = family.run(&["rename", "package", "python/python3Packages", "pythons"]);
    assert!(set.stderr.contains("is a package set"), "{}", set.stderr);
    let renamed = family.ok(&["rename", "package", "web/python3Packages.werkzeug", "serve"]);
    assert!(
        renamed.stderr.contains("renamed member"),
        "{}",
        renamed.stderr
    );
    let sigs = fs::read_to_string(family.root.join("sigs/web.toml")).unwrap();
    assert!(
        sigs.contains("build = [\"setuptools\", \"serve\"]"),
        "{sigs}"
    );
    assert!(
        family
            .repo("web")
            .join("pkgs/python3Packages/serve/package.nix")
            .is_file()
    );
    family.ok(&["check", "--deny-warnings"]);
    let (new, said) = eval("python311Packages.serve");
    assert!(!said.contains("warning: `python3Packages"), "{said}");
    let (old, said) = eval("python311Packages.werkzeug");
    assert_eq!(new, old);
    assert!(
        said.contains("`python3Packages.werkzeug` is called `serve` now"),
        "{said}"
    );
    let asked = family.run(&["where", "python3Packages.werkzeug"]);
    let answer = asked.stdout + &asked.stderr;
    assert!(answer.contains("is called `serve` now"), "{answer}");

    let needed = family.run(&[
        "remove",
        "package",
        "web/python3Packages.serve",
        "--reason",
        "x",
    ]);
    assert!(
        needed
            .stderr
            .contains("`web/python3Packages.flask` needs `web/python3Packages.serve` (build)"),
        "{}",
        needed.stderr
    );
    let needed = family.run(&["remove", "package", "core/python311", "--reason", "x"]);
    assert!(
        needed
            .stderr
            .contains("has the interpreter `core/python311`"),
        "{}",
        needed.stderr
    );
    commit_all(&family.repo("web"), "renamed");
    let gone = ["--reason", "nobody maintains it", "--use", "serve"];
    family.ok(&[
        &["remove", "package", "web/python3Packages.flask"][..],
        &gone,
    ]
    .concat());
    assert!(
        !family
            .repo("web")
            .join("pkgs/python3Packages/flask")
            .exists()
    );
    let (_, said) = eval("python312Packages.flask");
    assert!(
        said.contains("`python3Packages.flask`") && said.contains("nobody maintains it"),
        "{said}"
    );
    let check = family.run(&["check"]);
    let said = "1 removed (`python3Packages.flask`) since contract 1.0.0";
    assert!(check.stderr.contains(said), "{}", check.stderr);
    family.ok(&["check", "--fix"]);
    family.ok(&["generate"]);
    family.ok(&["check", "--deny-warnings"]);
    let (code, report) = family.json(&["eval"]);
    assert_eq!(code, 0, "{report:#}");
}

#[test]
fn what_a_set_names_follows_a_new_name() {
    let family = family();
    family.ok(&["rename", "package", "core/python311", "py311"]);
    family.ok(&["rename", "sig", "python", "snakes"]);
    family.ok(&["rename", "repo", "python", "snakes"]);
    family.ok(&["rename", "person", "bob", "rob"]);
    let sigs = fs::read_to_string(family.root.join("sigs/web.toml")).unwrap();
    assert!(
        sigs.contains("extends = \"snakes/python3Packages\"")
            && sigs.contains("owner = \"snakes\""),
        "{sigs}"
    );
    let python = fs::read_to_string(family.root.join("sigs/snakes.toml")).unwrap();
    assert!(python.contains("python311Packages = \"py311\""), "{python}");
    family.ok(&["check", "--deny-warnings"]);
    let (code, report) = family.json(&["eval"]);
    assert_eq!(code, 0, "{report:#}");
}

#[test]
fn scan_and_coverage_look_at_members() {
    let family = family();
    let file =
        |repo: &str, name: &str| format!("repos/{repo}/pkgs/python3Packages/{name}/package.nix");
    let (code, scanned) = family.json(&["scan"]);
    assert_eq!(code, 0, "{scanned:#}");
    assert_eq!(scanned["members"]["read"], 4);
    // One more than the manifest says, a typing error, and nothing of what it says of another.
    family.write(
        &file("web", "werkzeug"),
        "{ stdenv, python, setuptools, numpy, python312 ? null, nupmy }: stdenv\n",
    );
    family.write(&file("sci", "numpy"), "{ stdenv }: stdenv\n");
    let (code, scanned) = family.json(&["scan"]);
    assert_eq!(code, 3, "{scanned:#}");
    let members = &scanned["members"];
    let texts = |list: &str, key: &str| -> Vec<String> {
        let entries = members[list].as_array().unwrap().iter();
        entries
            .map(|entry| {
                format!(
                    "{} {}",
                    entry["member"].as_str().unwrap(),
                    entry[key].as_str().unwrap()
                )
            })
            .collect()
    };
    assert_eq!(
        texts("lacking", "to"),
        [
            "web/python3Packages.werkzeug sci/python3Packages.numpy",
            "web/python3Packages.werkzeug core/python312"
        ]
    );
    assert_eq!(
        texts("unresolved", "name"),
        ["web/python3Packages.werkzeug nupmy"]
    );
    assert!(
        members["unresolved"][0]["nearest"][0] == "python3Packages.numpy",
        "{members:#}"
    );
    assert_eq!(
        texts("surplus", "to"),
        ["sci/python3Packages.numpy python/python3Packages.setuptools"]
    );
    let shown = family.run(&["scan"]).stdout;
    assert!(
        shown.contains("web/python3Packages.werkzeug asks for core/python312 (optional)"),
        "{shown}"
    );
    family.run(&["scan", "--write"]);
    let sigs = fs::read_to_string(family.root.join("sigs/web.toml")).unwrap();
    let werkzeug =
        "werkzeug = { build = [\"setuptools\", \"numpy\"], optional = [\"core/python312\"] }";
    assert!(sigs.contains(werkzeug), "{sigs}");
    let (_, scanned) = family.json(&["scan"]);
    assert_eq!(scanned["members"]["lacking"], serde_json::json!([]));

    let shown = family.ok(&["coverage"]).stdout;
    assert!(
        shown.contains("web offers 0 of 2 members of package sets alone")
            && shown.contains("sci/python3Packages.numpy is missing for python3Packages.flask"),
        "{shown}"
    );
    assert!(
        shown.contains("sci offers 0 of 1 member of package sets alone"),
        "{shown}"
    );
    assert!(
        shown.contains("python/python3Packages is missing for python3Packages.numpy"),
        "{shown}"
    );
}

#[test]
fn what_a_set_may_not_have_is_refused() {
    let family = family();
    let web = fs::read_to_string(family.root.join("sigs/web.toml")).unwrap();
    for (package, code, said) in [
        (
            "web/python3Packages.python",
            "duplicate-attribute",
            "the name under which members get the interpreter",
        ),
        (
            "web/python3PackagesExtensions",
            "duplicate-attribute",
            "the hook `python3PackagesExtensions`",
        ),
        (
            "core/python3Packages.c0",
            "tier-order",
            "extends one of `python`",
        ),
        (
            "web/nothing.x",
            "no repo has a package set `nothing`",
            "there is only `python3Packages`",
        ),
    ] {
        let ran = family.run(&["new-package", package]);
        assert_ne!(ran.code, 0, "{package}");
        assert!(
            ran.stderr.contains(code) && ran.stderr.contains(said),
            "{package}: {}",
            ran.stderr
        );
    }
    // A repo that neither uses the one with the set nor meets it.
    family.ok(&["new-sig", "alone", "--lead", "ann"]);
    let ran = family.run(&["new-package", "alone/python3Packages.x"]);
    assert!(
        ran.stderr.contains("undeclared-use") && ran.stderr.contains("extends one of `python`"),
        "{}",
        ran.stderr
    );
    // Members of a higher tier.
    let root = fs::read_to_string(family.root.join("aux.toml")).unwrap();
    let tier = "[[tiers]]\nname = \"applications\"\n\n[[tiers]]\nname = \"top-level\"";
    let root = root.replacen("[[tiers]]\nname = \"top-level\"", tier, 1);
    family.write("aux.toml", &root);
    let high = [
        "--lead",
        "hal",
        "--tier",
        "applications",
        "--uses",
        "python",
    ];
    family.ok(&[&["new-sig", "high"][..], &high].concat());
    family.ok(&["new-package", "high/python3Packages.top"]);
    let ran = family.run(&["new-package", "web/python3Packages.x", "--build", "top"]);
    assert!(
        ran.stderr.contains("tier-order")
            && ran.stderr.contains("depends on `high/python3Packages.top`"),
        "{}",
        ran.stderr
    );
    for arguments in [
        &["move", "python/python3Packages", "web"][..],
        &["borrowed", "agree", "python/python3Packages", "--to", "web"],
        &["rename", "package", "python/python3Packages", "x"],
    ] {
        let ran = family.run(arguments);
        assert!(
            ran.stderr
                .contains("`python/python3Packages` is a package set"),
            "{}",
            ran.stderr
        );
    }
    let ran = family.run(&["why", "web/python3Packages.flask", "core"]);
    assert!(
        ran.stderr.contains("is a member of a package set"),
        "{}",
        ran.stderr
    );
    assert_eq!(
        fs::read_to_string(family.root.join("sigs/web.toml")).unwrap(),
        web
    );
    family.ok(&["check", "--deny-warnings"]);
    // A pattern is about packages, and one with a dot about members.
    family.ok(&["new-package", "python/tool"]);
    family.ok(&["move", "python/*", "web"]);
    assert!(
        family
            .ok(&["where", "tool"])
            .stdout
            .contains("mine/web#tool")
    );
    let ran = family.run(&["move", "web/python3Packages.*", "sci", "--no-alias"]);
    assert!(ran.stderr.contains("has no alias"), "{}", ran.stderr);
    family.ok(&["move", "web/python3Packages.*", "sci"]);
    let sci = fs::read_to_string(family.root.join("sigs/sci.toml")).unwrap();
    assert!(sci.contains("werkzeug") && sci.contains("flask"), "{sci}");
    let (code, report) = family.json(&["eval"]);
    assert_eq!(code, 0, "{report:#}");
}

#[test]
fn an_interpreter_that_a_repo_meets_only_leaves_members_out_alone() {
    let family = family();
    let python = fs::read_to_string(family.root.join("sigs/python.toml")).unwrap();
    let python = python.replacen("[repos.python]\n", "[repos.python]\npeers = [\"sci\"]\n", 1);
    family.write("sigs/python.toml", &python);
    family.ok(&["generate"]);
    family.ok(&["move", "core/python311", "sci"]);
    let (code, report) = family.json(&["eval"]);
    assert_eq!(code, 0, "{report:#}");
    let left_out = serde_json::json!({ "all": repo(&report, "python")["left_out"] });
    for instance in [
        "python310Packages",
        "python311Packages",
        "python312Packages",
    ] {
        let name = format!("{instance}.setuptools");
        assert_eq!(
            listed(&left_out, "all", "attribute", &name)["needs"],
            "sci/python311"
        );
    }
    let shown = family.ok(&["coverage"]).stdout;
    assert!(
        shown.contains("sci/python311 is missing for python3Packages.setuptools"),
        "{shown}"
    );
}

#[test]
fn what_a_repo_had_of_a_set_is_answered_for_when_it_goes() {
    let family = family();
    family.ok(&["rename", "package", "sci/python3Packages.numpy", "numpy2"]);
    family.ok(&["remove", "repo", "sci", "--reason", "no lead"]);
    let python = fs::read_to_string(family.root.join("sigs/python.toml")).unwrap();
    assert!(
        python.contains("numpy = { reason = \"no lead\" }")
            && python.contains("numpy2 = { reason = \"no lead\" }"),
        "{python}"
    );
    let asked = family.run(&["where", "python3Packages.numpy"]);
    let answer = asked.stdout + &asked.stderr;
    assert!(answer.contains("no lead"), "{answer}");
    let needed = family.run(&["remove", "repo", "python", "--reason", "x"]);
    assert!(
        needed
            .stderr
            .contains("`web/python3Packages` extends that of `python`"),
        "{}",
        needed.stderr
    );
    let (code, report) = family.json(&["eval"]);
    assert_eq!(code, 0, "{report:#}");
}
