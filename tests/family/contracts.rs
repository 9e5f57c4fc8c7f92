//! Contract versions against what only Nix knows of a commit: functions of `lib`, options of modules,
//! and what a core hands to layers.

use crate::support::{Forge, repo};
use crate::trains::held;

const MANIFEST: &str = r#"
repos.gnome = { sig = "all", tier = "sigs", packages = { shell = {} }, modules = { gdm = { class = "nixos" } } }
"#;

const MODULE: &str = "modules/nixos/gdm.nix";
const LIB: &str = "lib/default.nix";

/// A module with some options.
fn module(options: &str) -> String {
    format!("{{ lib, ... }}: {{ options.services.gdm = {{ {options} }}; }}\n")
}

/// Commits a file of gnome, and why its newest commit is held; none if it is not.
fn said(forge: &Forge, file: &str, text: &str) -> Option<String> {
    forge.change("gnome", file, text);
    let (_, train) = forge.update(&[]);
    if held(&train).is_empty() {
        forge.family.ok(&["promote"]);
        return None;
    }
    let hold = &repo(&train, "gnome")["outcome"]["hold"];
    assert_eq!(hold["kind"], "contract", "{train:#}");
    hold["reason"].as_str().map(str::to_owned)
}

#[test]
fn what_a_library_and_a_module_offer_is_part_of_the_contract() {
    let forge = Forge::new(&["gnome"], MANIFEST);
    let both = "enable = lib.mkEnableOption \"it\"; user.name = lib.mkOption { default = \"x\"; };";
    assert_eq!(said(&forge, MODULE, &module(both)), None);
    let library = "{ ... }: { wrap = x: x; strings = { upper = x: x; lower = x: x; }; bad = throw \"not here\"; }\n";
    assert_eq!(said(&forge, LIB, library), None);
    // What is new breaks nobody, and neither does what is written in another way.
    let more = library.replace("wrap =", "more = 1; wrap =");
    assert_eq!(said(&forge, LIB, &more), None);
    let moved = "imports = [ ]; }; options.services = { gdm.enable = lib.mkEnableOption \"it\"; gdm.user = { name = lib.mkOption { }; }";
    let text =
        format!("{{ lib, ... }}: {{ config = {{ {moved}; }}; }}\n").replace("imports = [ ]; ", "");
    assert_eq!(said(&forge, MODULE, &text), None);

    let fewer = more
        .replace("lower = x: x; ", "")
        .replace("wrap = x: x; ", "");
    let expected = "2 removed (`lib.strings.lower`, `lib.wrap`) since contract 1.0.0: this is 2.0.0, and it says 1.0.0";
    assert_eq!(said(&forge, LIB, &fewer).as_deref(), Some(expected));
    assert_eq!(said(&forge, LIB, &more), None);
    let fewer = module("enable = lib.mkEnableOption \"it\";");
    let expected = "1 removed (`options.services.gdm.user.name`) since contract 1.0.0: this is 2.0.0, and it says 1.0.0";
    assert_eq!(said(&forge, MODULE, &fewer).as_deref(), Some(expected));
    // The whole library is gone.
    assert_eq!(said(&forge, MODULE, &text), None);
    std::fs::remove_file(forge.repo("gnome").join(LIB)).unwrap();
    let reason = said(&forge, "news", "x").unwrap();
    assert!(reason.starts_with("6 removed (`lib.bad`, "), "{reason}");
}

/// What nobody can know, and what only looks as if it were gone, is held against nobody.
#[test]
fn what_is_no_function_and_what_is_still_set_is_no_part_of_a_contract() {
    let forge = Forge::new(&["gnome"], MANIFEST);
    let library = "{ ... }: { of = { l = x: x; }; d = derivation { name = \"d\"; builder = \"/bin/sh\"; system = \"x86_64-linux\"; foo = \"1\"; }; inf = let inf = inf; in inf; }\n";
    assert_eq!(said(&forge, LIB, library), None);
    let other = library
        .replace(" foo = \"1\";", "")
        .replace("l = x: x;", "l = x: x; __functor = self: x: x;");
    assert_eq!(said(&forge, LIB, &other), None);
    // Its values have no answer, and its names have.
    let reason = said(&forge, LIB, &other.replace("inf = let", "endless = let")).unwrap();
    assert!(reason.starts_with("1 removed (`lib.inf`)"), "{reason}");
    assert_eq!(said(&forge, LIB, &other), None);
    let both = "enable = lib.mkEnableOption \"it\"; settings.a = lib.mkOption { }; settings.b = lib.mkOption { };";
    assert_eq!(said(&forge, MODULE, &module(both)), None);
    let one = "enable = lib.mkEnableOption \"it\"; settings = lib.mkOption { };";
    assert_eq!(said(&forge, MODULE, &module(one)), None);
}

#[test]
fn what_a_core_hands_to_layers_is_part_of_its_contract() {
    let forge = Forge::new(&["gnome"], MANIFEST);
    let file = "mk-packages.nix";
    let path = forge.repo("core").join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    let fewer = text.replacen("      overlays\n      system", "      system", 1);
    assert_ne!(text, fewer);
    forge.change("core", file, &fewer);
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 3, "{train:#}");
    let hold = &repo(&train, "core")["outcome"]["hold"];
    let reason = hold["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("1 removed (`arguments.overlays`)"),
        "{reason}"
    );
}
