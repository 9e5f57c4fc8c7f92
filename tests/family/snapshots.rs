//! `eval --tree`, `--save` and `--compare` on sets where attributes fail in every way
//! that Nix knows, most of which `tryEval` cannot catch.

use serde_json::Value;

use crate::support::Family;

/// A set of good attributes and of one for each way to fail.
const TRAPS: &str = r#"{ system, ... }:
let
  drv = name: derivation { inherit name system; builder = "/bin/sh"; };
  callPackage = f: f (builtins.intersectAttrs (builtins.functionArgs f) { });
  deep = n: 1 + deep (n + 1);
  loop = { a = loop.a; };
in
{
  good = drv "good";
  better = drv "better";
  lambda = x: x;
  set = { inner = drv "inner"; };
  nested = {
    recurseForDerivations = true;
    one = drv "one";
    two = abort "two";
    deeper = { recurseForDerivations = true; three = drv "three"; };
  };
  thrown = throw "not for this system";
  asserted = assert 1 == 2; drv "asserted";
  aborted = abort "no";
  missing-file = import ./gone.nix;
  missing-attribute = { }.x;
  missing-argument = ({ needed }: needed) { };
  recursive = loop.a;
  overflows = deep 0;
  mistyped = 1 + "a";
  "odd name" = drv "odd";
}
"#;

fn kinds(report: &Value) -> Vec<(&str, &str)> {
    let attributes = report["attributes"].as_object().unwrap().iter();
    attributes
        .filter_map(|(name, found)| Some((name.as_str(), found["failed"]["kind"].as_str()?)))
        .collect()
}

#[test]
fn every_attribute_is_named_however_it_fails() {
    let family = Family::empty();
    family.write("default.nix", TRAPS);
    for jobs in ["1", "3"] {
        let (code, report) = family.json(&["eval", "--tree", ".", "--jobs", jobs]);
        assert_eq!(code, 3);
        let expected = [
            ("aborted", "aborted"),
            ("asserted", "assertion-failed"),
            ("missing-argument", "missing-argument"),
            ("missing-attribute", "missing-attribute"),
            ("missing-file", "missing-file"),
            ("mistyped", "type-mismatch"),
            ("overflows", "stack-overflow"),
            ("recursive", "infinite-recursion"),
            ("thrown", "thrown"),
        ];
        assert_eq!(kinds(&report), expected, "{report:#}");
        let attributes = &report["attributes"];
        assert_eq!(attributes["lambda"]["is"], "lambda");
        assert_eq!(attributes["nested"]["is"], "set");
        for name in ["good", "better", "\"odd name\""] {
            let path = attributes[name]["derivation"].as_str().unwrap();
            assert!(
                path.starts_with("/nix/store/") && path.ends_with(".drv"),
                "{path}"
            );
        }
    }
}

#[test]
fn sets_that_ask_for_it_are_looked_into_and_named_ones_can_be_picked() {
    let family = Family::empty();
    family.write("default.nix", TRAPS);
    let (_, report) = family.json(&["eval", "--tree", ".", "--nested"]);
    let attributes = report["attributes"].as_object().unwrap();
    for name in ["nested.one", "nested.deeper.three"] {
        assert!(attributes[name]["derivation"].is_string(), "{name}");
    }
    assert_eq!(attributes["nested.two"]["failed"]["kind"], "aborted");
    assert!(!attributes.contains_key("set.inner"));
    let (code, report) = family.json(&["eval", "--tree", ".", "--attr", "set"]);
    assert_eq!(code, 0);
    assert_eq!(report["attributes"].as_object().unwrap().len(), 1);
    let none = family.run(&["eval", "--tree", ".", "--attr", "aborted.x"]);
    assert_eq!(none.code, 1);
    assert!(
        none.stderr.contains("the set itself has no value"),
        "{}",
        none.stderr
    );
}

#[test]
fn a_comparison_tells_what_became_of_what() {
    let family = Family::empty();
    family.write("default.nix", TRAPS);
    family.ok(&["eval", "--tree", ".", "--save", "before.json"]);
    let saved = std::fs::read(family.root.join("before.json")).unwrap();
    let same = family.ok(&[
        "eval",
        "--tree",
        ".",
        "--compare",
        "before.json",
        "--save",
        "again.json",
    ]);
    assert!(same.stdout.contains("same"), "{}", same.stdout);
    assert_eq!(
        std::fs::read(family.root.join("again.json")).unwrap(),
        saved,
        "the same bytes"
    );

    let changed = TRAPS
        .replace("drv \"good\"", "drv \"good-2\"")
        .replace("better = drv \"better\"", "better = abort \"now\"")
        .replace("aborted = abort \"no\"", "aborted = drv \"now\"")
        .replace("  lambda = x: x;\n", "  new = drv \"new\";\n")
        .replace("throw \"not", "abort \"not");
    family.write("default.nix", &changed);
    let (code, report) = family.json(&["eval", "--tree", ".", "--compare", "before.json"]);
    assert_eq!(code, 3);
    let expected = serde_json::json!({
        "added": ["new"],
        "removed": ["lambda"],
        "changed": ["good", "thrown"],
        "now_failing": ["better"],
        "now_working": ["aborted"],
    });
    assert_eq!(report["differences"], expected);

    let unlike = family.run(&[
        "eval",
        "--tree",
        ".",
        "--nested",
        "--compare",
        "before.json",
    ]);
    assert_eq!(unlike.code, 1);
    assert!(
        unlike.stderr.contains("cannot be compared"),
        "{}",
        unlike.stderr
    );

    family.write("other.json", "{}");
    let other = family.run(&["eval", "--tree", ".", "--compare", "other.json"]);
    assert_eq!(other.code, 1);
    assert!(
        other.stderr.contains("is not what `eval --save` writes"),
        "{}",
        other.stderr
    );
}

#[test]
fn a_family_is_compared_as_top_level_has_it() {
    let family = Family::copied_example();
    family.ok(&["eval", "--save", "before.json"]);
    family.ok(&["eval", "--compare", "before.json"]);
    let file = "repos/core/pkgs/by-name/op/openssl/package.nix";
    let text = std::fs::read_to_string(family.root.join(file)).unwrap();
    assert!(text.contains("version = \""), "{text}");
    family.write(file, &text.replace("version = \"", "version = \"9."));
    let (code, report) = family.json(&["eval", "--compare", "before.json"]);
    assert_eq!(code, 3);
    let changed = report["differences"]["changed"].as_array().unwrap();
    assert!(changed.contains(&Value::from("openssl")), "{changed:?}");
    assert!(changed.len() > 1, "what is built from it changed too");
}
