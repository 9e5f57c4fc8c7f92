//! A package that is made fine and whose `meta` is not ends `nix search` for everybody.

use serde_json::Value;

use crate::support::{Family, Forge, repo};
use crate::trains::held;

/// The attributes of a package beside what a derivation needs, and the part that has no
/// value.
const METAS: [(&str, &str, &str); 12] = [
    (
        "thrown",
        "meta.description = throw \"no luck\";",
        "meta.description",
    ),
    ("number", "meta.description = 5;", "meta.description"),
    ("null", "meta.description = null;", "meta.description"),
    ("missing", "meta.homepage = { }.home;", "meta.homepage"),
    (
        "aborted",
        "meta.license = abort \"no luck\";",
        "meta.license",
    ),
    (
        "deep",
        "meta.license = [ { spdxId = throw \"no luck\"; } ];",
        "meta.license",
    ),
    (
        "platforms",
        "meta.platforms = [ (throw \"no luck\") ];",
        "meta.platforms",
    ),
    (
        "program",
        "meta.mainProgram = assert false; \"x\";",
        "meta.mainProgram",
    ),
    ("broken", "meta.broken = throw \"no luck\";", "meta.broken"),
    (
        "position",
        "meta.position = throw \"no luck\";",
        "meta.position",
    ),
    ("whole", "meta = throw \"no luck\";", "meta"),
    ("text", "meta = \"no luck\";", "meta"),
];

/// A package that is a derivation with `more`.
fn package(name: &str, more: &str) -> String {
    format!(
        "{{ tool ? null, stdenv ? null }}: derivation {{ name = \"{name}\"; system = \"x86_64-linux\"; builder = \"/bin/sh\"; }} // {{ {more} }}\n"
    )
}

fn family() -> Family {
    let family = Family::empty();
    family.ok(&["init", "--name", "mine"]);
    for (name, more, _) in METAS {
        let name = format!("m-{name}");
        family.ok(&["new-package", &format!("core/{name}")]);
        let file = format!("repos/core/pkgs/by-name/m-/{name}/package.nix");
        family.write(&file, &package(&name, more));
    }
    family.ok(&["new-package", "core/m-fine"]);
    // What nobody reads may throw, as parts of nixpkgs' own `meta` do.
    let fine = "meta = { description = \"x\"; license.free = true; platforms = [ \"x86_64-linux\" ]; tests = throw \"x\"; };";
    family.write(
        "repos/core/pkgs/by-name/m-/m-fine/package.nix",
        &package("m-fine", fine),
    );
    family
}

#[track_caller]
fn every_part_is_named(tally: &Value) {
    let failed = tally["failed"].as_array().unwrap();
    assert_eq!(failed.len(), METAS.len(), "{tally:#}");
    for (name, _, part) in METAS {
        let failed = failed
            .iter()
            .find(|failed| failed["attribute"] == format!("m-{name}"))
            .unwrap();
        let reason = failed["reason"].as_str().unwrap();
        assert!(reason.ends_with(&format!(", in `{part}`")), "{failed:#}");
        let detail = failed["detail"].as_str().unwrap();
        assert!(!detail.contains("@@aux-gen"), "{detail}");
    }
}

#[test]
fn a_meta_without_a_value_fails_its_attribute_and_is_named() {
    let family = family();
    let (code, report) = family.json(&["eval", "--repo", "core"]);
    assert_eq!(code, 3);
    every_part_is_named(&repo(&report, "core")["standalone"]);
    every_part_is_named(&repo(&report, "core")["top_level"]);
    let text = family.run(&["eval", "--repo", "core"]).stdout;
    let line = "failed core/m-thrown: no luck, in `meta.description`\n";
    assert!(text.contains(line), "{text}");
}

#[test]
fn a_meta_without_a_value_fails_its_attribute_when_nix_resolves_the_flakes() {
    let family = family();
    let (code, report) = family.json(&["eval", "--repo", "core", "--flakes"]);
    assert_eq!(code, 3);
    every_part_is_named(&repo(&report, "core")["standalone"]);
}

#[test]
fn an_update_holds_a_repo_whose_meta_has_no_value() {
    let forge = Forge::new(
        &["a", "b"],
        "repos.a = { sig = \"all\", tier = \"sigs\", packages = { x = {} } }\nrepos.b = { sig = \"all\", tier = \"sigs\", packages = { y = {} } }\n",
    );
    forge.package(
        "a",
        "x",
        &package("x", "meta.description = throw \"no luck\";"),
    );
    forge.package("b", "y", &package("y", ""));
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 3, "{train:#}");
    assert_eq!(held(&train).into_keys().collect::<Vec<_>>(), ["a"]);
    let hold = repo(&train, "a").to_string();
    assert!(hold.contains("no luck, in `meta.description`"), "{hold}");
}

#[test]
fn descriptions_that_drift_apart_are_named() {
    let family = Family::empty();
    family.ok(&["init", "--name", "mine"]);
    family.ok(&["new-package", "core/tool", "--description", "Cuts"]);
    let said = |family: &Family| family.run(&["eval"]).stdout;
    assert!(!said(&family).contains("drifted"), "{}", said(&family));
    let file = family.repo("core").join("pkgs/by-name/to/tool/package.nix");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("Cuts"), "{text}");
    std::fs::write(&file, text.replace("Cuts", "Cuts and glues")).unwrap();
    let line = "drifted core/tool: the manifest says “Cuts”, and its `meta` “Cuts and glues”";
    assert!(said(&family).contains(line), "{}", said(&family));
}
