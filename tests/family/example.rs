//! The shipped example: fresh, evaluated, built and run.

use std::process::Command;

use aux_nix::{Answer, Limits, Question};
use serde_json::Value;

use crate::support::{Family, nix, repo};

#[test]
fn the_example_is_as_the_generator_writes_it() {
    let ran = Family::example().run(&["generate", "--check"]);
    assert_eq!(
        ran.code, 0,
        "run `aux-gen generate` in examples/auxolotl\n{}",
        ran.stdout
    );
}

#[test]
fn the_example_keeps_its_contract_alone_and_through_top_level() {
    for flags in [&["eval"][..], &["eval", "--flakes"]] {
        let (code, report) = Family::example().json(flags);
        assert_eq!(code, 0, "{report:#}");
        let python = repo(&report, "python");
        assert_eq!(
            python["left_out"],
            serde_json::json!([{ "attribute": "notebook", "needs": "javascript/nodejs" }]),
            "a peer is met in top-level only"
        );
        let (alone, together) = (&python["standalone"], &python["top_level"]);
        assert_eq!(together["ok"], together["attributes"]);
        assert_eq!(
            alone["ok"].as_u64().unwrap() + 1,
            together["ok"].as_u64().unwrap(),
            "the notebook, and nothing else, needs top-level"
        );
    }
}

#[test]
fn the_example_builds_and_runs() {
    let family = Family::example();
    let built = nix()
        .flake_build(
            &family.repo("top-level"),
            "dashboard",
            &family.inputs_of("top-level"),
            &Limits::default(),
        )
        .unwrap()
        .unwrap_or_else(|failure| panic!("{}\n{}", failure.reason, failure.detail));
    let program = built[0].outputs["out"].join("bin/dashboard");
    let output = Command::new(&program).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{program:?}: {said}");
    assert!(said.contains("v20."), "it runs on nodejs_lts: {said}");
}

#[test]
fn every_flake_of_the_example_passes_nix_flake_check() {
    let family = Family::example();
    for name in [
        "core",
        "python",
        "javascript",
        "gnome",
        "applications",
        "top-level",
    ] {
        let mut command = Command::new(nix().program());
        command
            .args(["--extra-experimental-features", "nix-command flakes"])
            .args(["flake", "check", "--offline", "--no-build"])
            .args(family.ok(&["overrides", name]).stdout.split_whitespace());
        command.arg(format!("path:{}", family.repo(name).display()));
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name}: {said}");
    }
}

#[test]
fn a_package_set_without_the_owner_names_the_owner() {
    let family = Family::example();
    let python = family.repo("python");
    let core = family.repo("core");
    let scope = format!(
        "let core = (import {}/flake.nix).outputs {{ self = core; }};
         in {{ packages = core.mkPackages {{ system = \"x86_64-linux\"; layers = [ (import {}/layer.nix) ]; }}; }}",
        core.display(),
        python.display()
    );
    let answers = nix()
        .ask(
            &scope,
            &[Question::new("notebook", "scope.packages.notebook.drvPath")],
            &Limits::default().allowing(&core).allowing(&python),
        )
        .unwrap();
    let Answer::Failed(failure) = &answers[0].answer else {
        panic!("it has no nodejs: {:?}", answers[0].answer);
    };
    assert_eq!(
        failure.reason,
        "`nodejs` belongs to the repo `javascript`, which is not part of this package set"
    );
}

#[test]
fn overrides_survive_each_other_and_reach_builders() {
    let core = Family::example().repo("core");
    let python = Family::example().repo("python");
    let scope = format!(
        "let core = (import {}/flake.nix).outputs {{ self = core; }};
         in core.mkPackages {{ system = \"x86_64-linux\"; layers = [ (import {}/layer.nix) ]; }}",
        core.display(),
        python.display()
    );
    let asked = [
        (
            "(scope.zlib.overrideAttrs (_: { version = \"9\"; })).version",
            "9",
        ),
        (
            "((scope.zlib.overrideAttrs (_: { version = \"9\"; })).override { }).version",
            "9",
        ),
        (
            "builtins.typeOf (scope.buildPythonPackage.override { })",
            "set",
        ),
        (
            "builtins.typeOf (scope.buildPythonPackage { pname = \"p\"; version = \"1\"; src = ./.; }).drvPath",
            "string",
        ),
    ];
    let questions: Vec<Question> = asked
        .iter()
        .map(|(expression, _)| Question::new(*expression, *expression))
        .collect();
    let limits = Limits::default().allowing(&core).allowing(&python);
    let answers = nix().ask(&scope, &questions, &limits).unwrap();
    for (answered, (_, wanted)) in answers.iter().zip(&asked) {
        assert_eq!(
            answered.answer.value(),
            Some(&Value::from(*wanted)),
            "{answered:?}"
        );
    }
}

/// The community's questions, and the answers a packager would give.
#[test]
fn the_questions_of_the_community_have_answers() {
    let family = Family::example();
    let place = |arguments: &[&str]| {
        let (code, answer) = family.json(&[&["place"], arguments].concat());
        assert_eq!(code, 0, "{answer:#}");
        let text = |key: &str| answer[key].as_str().unwrap().to_owned();
        (text("repo"), text("rule"), answer)
    };
    for (package, repo, rule) in [
        ("openssl", "core", "bootstrap"),
        ("python3", "core", "bootstrap"),
        ("rustc", "rust", "owners-repo"),
        ("vikunja", "applications", "owners-repo"),
        ("cmake", "core", "owners-repo"),
    ] {
        let (to, because, answer) = place(&[package]);
        assert_eq!((to.as_str(), because.as_str()), (repo, rule), "{answer:#}");
        assert_eq!(answer["against"], serde_json::json!([]), "{package}");
        assert_eq!(answer["stands"], repo, "the example keeps its own rules");
    }
    let (repo, rule, answer) = place(&["app", "--depends-on", "packaging-a,bundle-b"]);
    assert_eq!(
        (repo.as_str(), rule.as_str()),
        ("applications", "next-tier")
    );
    assert_eq!(
        answer["watchers"],
        serde_json::json!(["javascript", "python"])
    );
    let (_, _, cmake) = place(&["cmake"]);
    assert_eq!(
        cmake["variants"],
        serde_json::json!([{ "with": "kde/qtbase", "repo": "kde" }]),
        "the one with a window stands where its window is"
    );
    assert_eq!(
        place(&["python3"]).2["owner"],
        "python",
        "core has it, python owns it"
    );
    let (_, all) = family.json(&["place", "--all"]);
    let belongs: Vec<&Value> = all["packages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|package| package["verdict"] == "belongs")
        .collect();
    assert_eq!(belongs, [&Value::Null; 0], "{all:#}");
}
