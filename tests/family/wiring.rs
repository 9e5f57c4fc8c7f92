//! Hand-written repos that take part.

use aux_nix::Limits;

use crate::support::{Family, nix, repo};

/// A core that is written by hand in the style of nixpkgs: a `default.nix` that
/// takes overlays, no layers, no `aux`.
const EXTERNAL_CORE: &str = r#"
{ system, overlays ? [ ] }:
let
  lib = import ./lib.nix;
  base = final: {
    inherit lib;
    callPackage = lib.callPackageWith final;
    stdenv.mkDerivation = attributes: derivation {
      inherit system;
      name = "${attributes.pname}-${attributes.version}";
      builder = "/bin/sh";
      args = [ "-c" "echo > $out" ];
      buildInputs = attributes.buildInputs or [ ];
    };
    openssl = final.stdenv.mkDerivation { pname = "openssl"; version = "3"; };
  };
  extend = f: overlay: final: let prev = f final; in prev // overlay final prev;
  fix = f: let x = f x; in x;
in
fix (builtins.foldl' extend base overlays)
"#;

const EXTERNAL_LIB: &str = r"
{
  callPackageWith = scope: file: overrides:
    let f = import file; in f (builtins.intersectAttrs (builtins.functionArgs f) scope // overrides);
}
";

const EXTERNAL_MANIFEST: &str = r#"
format = "1.0"
organization = { name = "x", forge = "github:x", systems = ["x86_64-linux", "aarch64-linux"] }
tiers = [{ name = "core" }, { name = "sigs" }, { name = "top-level" }]
people.ada = {}
sigs.all.leads = ["ada"]
repos.core = { sig = "all", tier = "core", kind = "external", wiring = "overlays", packages = { openssl = {}, gnupg = {} } }
repos.javascript = { sig = "all", tier = "sigs", packages = { nodejs = { build = ["openssl"] }, signer = { build = ["gnupg"] } } }
repos.top-level = { sig = "all", tier = "top-level" }
"#;

#[test]
fn an_external_core_takes_part_and_what_it_lacks_is_said_in_one_line() {
    let family = Family::of(EXTERNAL_MANIFEST);
    family.write("repos/core/default.nix", EXTERNAL_CORE);
    family.write("repos/core/lib.nix", EXTERNAL_LIB);
    family.write(
        "repos/core/flake.nix",
        "{ outputs = { self }: { lib = import ./lib.nix; legacyPackages = builtins.listToAttrs (map (system: { name = system; value = import ./. { inherit system; }; }) [ \"x86_64-linux\" \"aarch64-linux\" ]); }; }",
    );
    family.ok(&["generate"]);
    assert!(
        !family.root.join("repos/core/contract.json").exists(),
        "its files are not ours"
    );
    for flags in [&["eval"][..], &["eval", "--flakes"]] {
        let (code, report) = family.json(flags);
        assert_eq!(code, 3, "{report:#}");
        let javascript = &repo(&report, "javascript")["standalone"];
        assert_eq!(javascript["ok"], 1, "{report:#}");
        let failed = &javascript["failed"][0];
        assert_eq!(failed["attribute"], "signer");
        assert!(
            failed["reason"].as_str().unwrap().contains("gnupg"),
            "{failed}"
        );
    }
}

#[test]
fn hand_written_repos_take_part_by_each_wiring_with_what_the_manifest_lists() {
    let family = Family::of(
        r#"
format = "1.0"
organization = { name = "x", forge = "github:x", systems = ["x86_64-linux", "aarch64-linux"] }
tiers = [{ name = "core" }, { name = "sigs" }, { name = "top-level" }]
people.ada = {}
sigs.all.leads = ["ada"]
repos.core = { sig = "all", tier = "core", builders = { stdenv = {} }, packages = { hello = {} } }
repos.by-layer = { sig = "all", tier = "sigs", kind = "external", packages = { a = {} } }
repos.by-overlay = { sig = "all", tier = "sigs", kind = "external", wiring = "overlays", packages = { b = {} } }
repos.by-packages = { sig = "all", tier = "sigs", kind = "external", wiring = "packages", packages = { c = {} } }
repos.user = { sig = "all", tier = "sigs", uses = ["by-layer", "by-overlay", "by-packages"], packages = { d = { build = ["a", "b", "c"] } } }
repos.top-level = { sig = "all", tier = "top-level" }
"#,
    );
    let package = |name: &str| {
        format!("final.stdenv.mkDerivation {{ pname = \"{name}\"; version = \"1\"; }}")
    };
    let write = |repo: &str, outputs: &str| {
        let text = format!(
            "{{ inputs.core.url = \"github:x/core\"; outputs = {{ self, core }}: {{ {outputs} }}; }}"
        );
        family.write(&format!("repos/{repo}/flake.nix"), &text);
    };
    write(
        "by-layer",
        &format!(
            "layer = _: final: prev: {{ a = {a}; hello = {a}; }};",
            a = package("a")
        ),
    );
    write(
        "by-overlay",
        &format!(
            "overlays.default = final: prev: {{ b = {b}; hello = {b}; a = {b}; }};",
            b = package("b")
        ),
    );
    write(
        "by-packages",
        &format!(
            "packages = builtins.mapAttrs (_: final: rec {{ c = {}; hello = c; }}) core.auxPackages;",
            package("c")
        ),
    );
    family.ok(&["generate"]);
    for flags in [&["eval"][..], &["eval", "--flakes"]] {
        let (code, report) = family.json(flags);
        assert_eq!(code, 0, "{report:#}");
        assert_eq!(repo(&report, "user")["top_level"]["ok"], 1);
    }
    let hello = nix()
        .flake_json(
            &family.repo("top-level"),
            "legacyPackages.x86_64-linux.hello.name",
            None,
            &family.inputs_of("top-level"),
            &Limits::default(),
        )
        .unwrap()
        .unwrap_or_else(|failure| panic!("{}", failure.detail));
    assert_eq!(
        hello, "hello-0.1.0",
        "what the manifest does not list takes no name"
    );
}

#[test]
fn a_hand_written_core_is_put_together_once_for_all_its_attributes() {
    let family = Family::of(&EXTERNAL_MANIFEST.replace(
        "openssl = {}, gnupg = {}",
        "openssl = {}, gnupg = {}, first = {}, second = {}",
    ));
    let core = EXTERNAL_CORE.replace(
        "openssl = final",
        "first = throw \"first\"; second = throw \"second\"; openssl = final",
    );
    let core = core.replace("in\nfix (", "in\nbuiltins.trace \"put together\" fix (");
    family.write("repos/core/default.nix", &core);
    family.write("repos/core/lib.nix", EXTERNAL_LIB);
    family.write(
        "repos/core/flake.nix",
        "{ outputs = { self }: { lib = import ./lib.nix; }; }",
    );
    family.ok(&["generate"]);
    let (_, report) = family.json(&["eval", "--repo", "core"]);
    let failed = repo(&report, "core")["standalone"]["failed"]
        .as_array()
        .unwrap();
    let details: Vec<&str> = failed
        .iter()
        .map(|failed| failed["detail"].as_str().unwrap())
        .collect();
    assert_eq!(details.len(), 3, "{report:#}");
    let times = details
        .iter()
        .map(|detail| detail.matches("put together").count());
    assert_eq!(times.sum::<usize>(), 1, "{details:?}");
}
