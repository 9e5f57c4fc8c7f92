//! The JSON Schema says what the reader says: it takes what the reader takes,
//! in TOML and in JSON, and refuses keys that the format does not have.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests, where it is a failed test"
)]

mod family;

use std::fs;
use std::path::Path;

use aux_model::{Catalog, schema};
use aux_test_support::dice::Choices;
use family::Family;
use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value, json};

/// The schema of the root, and of the files it includes.
fn schemas() -> (Validator, Validator) {
    let root: Value = serde_json::from_str(&schema()).unwrap();
    let included = json!({
        "$schema": root["$schema"],
        "$ref": "#/$defs/Included",
        "$defs": root["$defs"],
    });
    let validator = |schema| jsonschema::validator_for(schema).unwrap();
    (validator(&root), validator(&included))
}

fn of_toml(text: &str) -> Value {
    toml::from_str(text).unwrap()
}

#[track_caller]
fn takes(schema: &Validator, value: &Value) {
    let errors: Vec<String> = schema
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{}\n{value:#}", errors.join("\n"));
}

#[test]
fn the_shipped_example_fits() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/auxolotl");
    let read = |path: &Path| of_toml(&fs::read_to_string(path).unwrap());
    let (root, included) = schemas();
    takes(&root, &read(&folder.join("aux.toml")));
    let files: Vec<_> = fs::read_dir(folder.join("sigs")).unwrap().collect();
    assert!(!files.is_empty());
    for file in files {
        takes(&included, &read(&file.unwrap().path()));
    }
}

#[test]
fn unknown_keys_are_refused_everywhere() {
    let (root, included) = schemas();
    let whole = of_toml(
        r#"
format = "1.0"
organization = { name = "example", forge = "github:example" }
tiers = [{ name = "core" }, { name = "top-level" }]
ci = { github = true, forgejo = false }
people.ada = {}
sigs.base.leads = ["ada"]

[repos.core]
sig = "base"
tier = "core"
packages.node.variants = { names = ["1"], aliases = { lts = "1" } }
builders.buildNode = {}
modules.m.class = "nixos"
overlays.o = {}
"#,
    );
    takes(&root, &whole);
    for table in [
        "",
        "/organization",
        "/ci",
        "/tiers/0",
        "/people/ada",
        "/sigs/base",
        "/repos/core",
        "/repos/core/packages/node",
        "/repos/core/packages/node/variants",
        "/repos/core/builders/buildNode",
        "/repos/core/modules/m",
        "/repos/core/overlays/o",
    ] {
        let mut bad = whole.clone();
        bad.pointer_mut(table).unwrap()["colour"] = "red".into();
        assert!(!root.is_valid(&bad), "{table}/colour");
    }
    assert!(
        !included.is_valid(&whole),
        "an included file has no `format`"
    );
    takes(&included, &json!({ "people": { "ada": {} } }));
    assert!(!included.is_valid(&json!({ "peple": {} })));
}

#[test]
fn a_team_is_an_organization_and_a_name() {
    let (root, included) = schemas();
    let manifest = |team: &str| {
        format!(
            r#"
format = "1.0"
organization = {{ name = "example", forge = "github:example" }}
tiers = [{{ name = "core" }}, {{ name = "top-level" }}]
people.ada = {{}}
sigs.base = {{ leads = ["ada"], team = "{team}" }}
repos.core = {{ sig = "base", tier = "core" }}
repos.top-level = {{ sig = "base", tier = "top-level" }}
"#
        )
    };
    for good in ["auxolotl/python", "Aux-2/nix_os", "a/b.c"] {
        takes(&root, &of_toml(&manifest(good)));
        let catalog = Catalog::from_toml(&manifest(good)).unwrap();
        let json: Value = serde_json::from_str(&catalog.to_json()).unwrap();
        assert_eq!(json["sigs"]["base"]["team"], good);
        takes(&root, &json);
        takes(&included, &json!({ "sigs": json["sigs"] }));
    }
    for bad in ["python", "@auxolotl/python", "a/b/c", "a/", "a b/c", "a/.b"] {
        assert!(!root.is_valid(&of_toml(&manifest(bad))), "{bad}");
        assert!(Catalog::from_toml(&manifest(bad)).is_err(), "{bad}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_family_fits_in_toml_and_in_json(
        bytes in proptest::collection::vec(any::<u8>(), 0..400)
    ) {
        let (root, included) = schemas();
        let mut dice = Choices::new(&bytes);
        let texts = Family::roll(&mut dice).texts(&mut dice);
        takes(&root, &of_toml(texts[0].text()));
        for text in &texts[1..] {
            takes(&included, &of_toml(text.text()));
        }
        let json = family::check(&texts).unwrap().to_json();
        takes(&root, &serde_json::from_str(&json).unwrap());
    }
}
