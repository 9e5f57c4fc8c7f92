//! Modules are evaluated as far as that can be done without the system that they are for: what
//! they throw is told, and what only that system has is nobody's fault.

use std::fs;

use crate::support::Forge;
use crate::trains::held;

const MANIFEST: &str = r#"
repos.other = { sig = "all", tier = "sigs", packages = { peer = {} } }
repos.gnome = { sig = "all", tier = "sigs", peers = ["other"], packages = { shell = {}, needy = { build = ["other/peer"] } }, modules = { gdm = { class = "nixos" } } }
"#;

const FILE: &str = "modules/nixos/gdm.nix";

/// What the option and the definition of the module are, and what is said of it.
const MODULES: [(&str, &str, Option<&str>); 17] = [
    ("lib.mkEnableOption \"GDM\"", "{ }", None),
    ("throw \"no option\"", "{ }", Some("no option")),
    (
        "lib.mkOption { default = throw \"no default\"; }",
        "{ }",
        Some("no default"),
    ),
    (
        "lib.mkOption { description = throw \"no text\"; }",
        "{ }",
        Some("no text"),
    ),
    (
        "lib.mkEnableOption \"GDM\"",
        "abort \"no config\"",
        Some("no config"),
    ),
    (
        "lib.mkEnableOption \"GDM\"",
        "{ services.x = throw \"deep\"; }",
        Some("deep"),
    ),
    (
        "lib.mkEnableOption \"GDM\"",
        "lib.mkIf (!config.services.gdm.it) { a = throw \"if so\"; }",
        Some("if so"),
    ),
    (
        "lib.mkEnableOption \"GDM\"",
        "lib.mkIf config.services.gdm.it { a = throw \"if it is enabled\"; }",
        None,
    ),
    (
        "lib.mkEnableOption \"GDM\"",
        "lib.mkMerge [ { } { b = [ (throw \"in a list\") ]; } ]",
        Some("in a list"),
    ),
    (
        "lib.mkOption { type = lib.types.attrsOf (lib.types.submodule { }); default = pkgs.nowhere; }",
        "{ }",
        None,
    ),
    (
        "lib.mkOption { type = lib.types.nobodyKnows; }",
        "{ x = config.system.build; }",
        None,
    ),
    (
        "lib.mkOption { default = pkgs.shell; }",
        "{ environment.packages = [ config.services.gdm.it ]; }",
        None,
    ),
    ("lib.mkOption { }", "assert false; { }", Some("assertion")),
    // What users must set, and what the module itself does.
    (
        "lib.mkOption { default = throw \"set it\"; defaultText = \"required\"; }",
        "{ }",
        None,
    ),
    (
        "lib.mkOption { default = [ ]; }",
        "{ services.gdm.it = [ 1 ]; x = if config.services.gdm.it == [ ] then throw \"empty\" else 1; }",
        None,
    ),
    (
        "lib.mkEnableOption \"GDM\"",
        "{ x = \"${pkgs.peer}/bin/peer\"; }",
        None,
    ),
    (
        "lib.mkEnableOption \"GDM\"",
        "{ x = import ./nowhere.nix; }",
        Some("nowhere.nix"),
    ),
];

fn module(option: &str, config: &str) -> String {
    format!(
        "{{ config, lib, pkgs, utils, ... }}: {{\n  options.services.gdm.enable = {{ _type = \"option\"; }};\n  options.services.gdm.it = {option};\n  config = {config};\n}}\n"
    )
}

#[test]
fn what_a_module_throws_is_told_by_eval_and_by_trains() {
    let forge = Forge::new(&["other", "gnome"], MANIFEST);
    let file = forge.repo("gnome").join(FILE);
    for (option, config, wrong) in MODULES {
        fs::write(&file, module(option, config)).unwrap();
        let ran = forge.family.run(&["eval"]);
        match wrong {
            None => assert_eq!(ran.code, 0, "{option} {config}: {}", ran.stdout),
            Some(words) => {
                assert_eq!(ran.code, 3, "{option} {config}: {}", ran.stdout);
                let line = ran
                    .stdout
                    .lines()
                    .find(|line| line.contains("nixosModules.gdm"));
                assert!(
                    line.is_some_and(|line| line.contains(words)),
                    "{}",
                    ran.stdout
                );
            }
        }
    }
    fs::write(&file, module(MODULES[0].0, MODULES[0].1)).unwrap();
    forge.commit("gnome");
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 0, "{train:#}");
    forge.family.ok(&["promote"]);
    forge.change("gnome", FILE, &module(MODULES[1].0, MODULES[1].1));
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 3, "{train:#}");
    assert_eq!(held(&train)["gnome"], "broken", "{train:#}");
}

/// An evaluator that gives every option the value 7, so that it shows whose is asked.
const LIB: &str = r#"{ ... }: { evalModules = { modules, specialArgs, ... }:
  let loaded = (import (builtins.head modules)) (specialArgs // { inherit config; lib = { mkIf = _: content: content; }; utils = { }; });
      config.services.gdm.it = 7;
  in { inherit config; options = loaded.options; }; }
"#;

#[test]
fn the_evaluator_of_the_repos_lib_is_asked_if_there_is_one() {
    let forge = Forge::new(&["other", "gnome"], MANIFEST);
    let file = forge.repo("gnome").join(FILE);
    let text = module(
        "{ _type = \"option\"; }",
        "lib.mkIf true (if config.services.gdm.it == 7 then throw \"it is seven\" else { })",
    );
    fs::write(&file, &text).unwrap();
    assert_eq!(forge.family.run(&["eval"]).code, 0);
    fs::create_dir_all(forge.repo("gnome").join("lib")).unwrap();
    fs::write(forge.repo("gnome").join("lib/default.nix"), LIB).unwrap();
    forge.family.ok(&["generate"]);
    let ran = forge.family.run(&["eval"]);
    assert_eq!(ran.code, 3, "{}", ran.stdout);
    assert!(ran.stdout.contains("it is seven"), "{}", ran.stdout);
}
