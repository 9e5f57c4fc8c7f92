//! One attribute is one derivation, alone and through top-level, or it is said which argument makes
//! the difference.

use std::fs;

use crate::support::{Forge, repo};
use crate::trains::held;

/// Core, of which `tool` takes what python has where it is met.
fn family() -> Forge {
    let manifest = r#"
repos.python = { sig = "all", tier = "sigs", packages = { snake = {} } }
repos.web = { sig = "all", tier = "apps", uses = { python = "*" }, packages = { site = { build = ["python/snake"] } } }
"#;
    let forge = Forge::new(&["python", "web"], manifest);
    assert_eq!(forge.update(&[]).0, 0);
    forge.family.ok(&["promote", "--push"]);
    forge
}

const OPTIONAL: &str = "{ stdenv, snake ? null }: stdenv.mkDerivation { name = \"tool\"; with_snake = toString snake; }\n";

fn make_it_an_error(forge: &Forge) {
    let path = forge.family.root.join("aux.toml");
    let text = fs::read_to_string(&path).unwrap();
    let policy = "\n[policy]\ndiffering = \"error\"\n";
    fs::write(&path, text + policy).unwrap();
}

#[test]
fn an_optional_argument_from_above_is_named_by_eval() {
    let forge = family();
    forge.family.ok(&["eval"]);
    forge.package("core", "tool", OPTIONAL);
    for how in [&["eval"][..], &["eval", "--flakes"]] {
        let ran = forge.family.run(how);
        assert_eq!(ran.code, 0, "{how:?}: {}", ran.stdout);
        let line = "differs core/tool: another derivation alone than through top-level";
        assert!(ran.stdout.contains(line), "{how:?}: {}", ran.stdout);
    }
    let (_, found) = forge.family.json(&["eval"]);
    let core = &found["repos"][0];
    assert_eq!(core["repo"], "core");
    let differing = serde_json::json!([
        { "attribute": "tool", "arguments": ["snake"], "is_error": false }
    ]);
    assert_eq!(core["differing"], differing);
    make_it_an_error(&forge);
    let ran = forge.family.run(&["eval"]);
    assert_eq!(ran.code, 3, "{}", ran.stdout);
    let line = "0 contracts broken, 0 attributes failed, 1 attribute with two derivations";
    assert!(ran.stdout.contains(line), "{}", ran.stdout);
}

#[test]
fn a_train_says_it_and_holds_what_is_new_where_the_policy_says_so() {
    let forge = family();
    forge.package("core", "tool", OPTIONAL);
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 0, "{train:#}");
    let differing = serde_json::json!([{ "repo": "core", "packages": ["tool"] }]);
    assert_eq!(train["differing"], differing, "{train:#}");
    make_it_an_error(&forge);
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 3, "{train:#}");
    assert_eq!(held(&train)["core"], "together");
    let hold = &repo(&train, "core")["outcome"]["hold"];
    assert_eq!(
        hold["reason"],
        "`tool`: it is another derivation alone than through top-level"
    );
    assert_eq!(held(&train).len(), 1);
}
