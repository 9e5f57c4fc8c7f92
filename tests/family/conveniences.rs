//! What a flake user expects besides packages: one that is meant if nobody names one, programs, a formatter, a shell
//! with tools, a template, and the packages as those of a NixOS system.

use std::fs;
use std::path::Path;

use crate::support::{Forge, with_flakes};

const MANIFEST: &str = r#"
repos.javascript = { sig = "all", tier = "sigs", packages = { node = { build = ["core/tool"] } } }
[repos.games]
sig = "all"
tier = "sigs"
uses = { javascript = "*" }
default = "chess"
programs = { chess = "play", secret = "secret" }
formatter = "tool"
tools = ["node", "chess"]
packages = { chess = {}, secret = { unfree = true } }
"#;

fn family() -> Forge {
    let forge = Forge::new(&["javascript", "games"], MANIFEST);
    let package = "{ stdenv }: stdenv.mkDerivation { name = \"NAME\"; }\n";
    for (repo, name) in [
        ("javascript", "node"),
        ("games", "chess"),
        ("games", "secret"),
    ] {
        forge.package(repo, name, &package.replace("NAME", name));
    }
    let (code, train) = forge.update(&[]);
    assert_eq!(code, 0, "{train:#}");
    forge.family.ok(&["promote", "--push"]);
    forge.family.ok(&["sync"]);
    forge
}

fn nix(folder: &Path, arguments: &[&str]) -> String {
    let output = with_flakes()
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn a_default_programs_a_formatter_and_tools() {
    let forge = family();
    let games = forge.repo("games");
    let of = |attribute: &str| nix(&games, &["eval", "--raw", &format!(".#{attribute}")]);
    let system = "x86_64-linux";
    let chess = of("chess.drvPath");
    assert_eq!(of("default.drvPath"), chess);
    let program = of(&format!("apps.{system}.chess.program"));
    assert!(
        program.starts_with("/nix/store/") && program.ends_with("-chess/bin/play"),
        "{program}"
    );
    // What users are kept from is no program that everybody sees.
    let apps = nix(
        &games,
        &[
            "eval",
            "--json",
            &format!(".#apps.{system}"),
            "--apply",
            "builtins.attrNames",
        ],
    );
    assert_eq!(apps, r#"["chess","default"]"#);
    assert_eq!(
        of(&format!("formatter.{system}.drvPath")),
        of("legacyPackages.x86_64-linux.tool.drvPath")
    );
    let shell = of(&format!("devShells.{system}.default.drvPath"));
    let shown = nix(&games, &["show-derivation", &shell]);
    assert!(
        shown.contains("tools-of-games") && shown.contains("-node"),
        "{shown}"
    );
    nix(&games, &["flake", "show"]);
    let (code, report) = forge.family.json(&["eval"]);
    assert_eq!(code, 0, "{report:#}");
    // A repo that says nothing of it has nothing of it.
    let javascript = forge.repo("javascript");
    let text = fs::read_to_string(javascript.join("flake.nix")).unwrap();
    assert!(!text.contains("devShells"), "{text}");
}

#[test]
fn a_flake_of_ones_own_starts_from_a_template() {
    let forge = family();
    let top = format!("git+file://{}", forge.repo("top-level").display());
    let own = forge.family.root.join("own");
    fs::create_dir(&own).unwrap();
    nix(
        &own,
        &["flake", "init", "--template", &format!("{top}#my-package")],
    );
    for file in ["flake.nix", "layer.nix", "package.nix"] {
        assert!(own.join(file).is_file(), "{file}");
    }
    let input = [
        "--override-input",
        "top-level",
        &top,
        "--no-write-lock-file",
    ];
    let path = format!("path:{}", own.display());
    let of = |attribute: &str| {
        let view = format!("{path}#{attribute}");
        nix(&own, &[&["eval", "--raw", &view][..], &input].concat())
    };
    assert!(of("default.drvPath").ends_with("-my-package-0.1.0.drv"));
    let view = format!("{top}#chess.drvPath");
    assert_eq!(
        of("legacyPackages.x86_64-linux.chess.drvPath"),
        nix(&own, &["eval", "--raw", &view])
    );
}

#[test]
fn the_packages_of_a_nixos_system_are_those_of_the_family() {
    let forge = family();
    let top = format!("git+file://{}", forge.repo("top-level").display());
    // As NixOS has it: a module is called with `config` and `lib`, and says what `nixpkgs.pkgs` is.
    let expression = format!(
        "let flake = builtins.getFlake \"{top}\";
           module = flake.nixosModules.family {{
             config.nixpkgs.hostPlatform.system = \"x86_64-linux\";
             lib.mkDefault = value: value;
           }};
         in module.nixpkgs.pkgs.chess.drvPath"
    );
    let arguments = ["eval", "--impure", "--raw", "--expr", &expression];
    let chess = nix(&forge.family.root, &arguments);
    let view = format!("{top}#chess.drvPath");
    assert_eq!(chess, nix(&forge.family.root, &["eval", "--raw", &view]));
}

#[test]
fn what_a_flake_cannot_offer_is_named() {
    for (repo, says) in [
        (
            "javascript.default = \"chess\"",
            "offers `chess`, which is of `games`",
        ),
        (
            "javascript.tools = [\"chess\"]",
            "names `chess` of `games`, which is no input of its flake",
        ),
        (
            "javascript.formatter = \"nodde\"",
            "names `nodde`, which no repo has",
        ),
        ("javascript.programs = { node = \"a/b\" }", "a/b"),
        (
            "javascript.tools = [\"stdenv\"]",
            "which is a builder and no derivation",
        ),
        (
            "javascript.default = \"blocked\"",
            "which it cannot offer alone: `games/chess` is missing",
        ),
    ] {
        let family = crate::support::Family::of(&format!(
            r#"format = "1.0"
organization = {{ name = "x", forge = "github:x", systems = ["x86_64-linux"] }}
tiers = [{{ name = "core" }}, {{ name = "sigs" }}, {{ name = "top-level" }}]
people.ada = {{}}
sigs.all.leads = ["ada"]
repos.top-level = {{ sig = "all", tier = "top-level" }}
repos.core = {{ sig = "all", tier = "core", builders = {{ stdenv = {{}} }}, packages = {{ tool = {{}} }} }}
repos.games = {{ sig = "all", tier = "sigs", packages = {{ chess = {{}} }} }}
repos.javascript.sig = "all"
repos.javascript.tier = "sigs"
repos.javascript.peers = ["games"]
repos.javascript.packages = {{ node = {{}}, blocked = {{ build = ["games/chess"] }} }}
repos.{repo}
"#
        ));
        let ran = family.run(&["check"]);
        assert_eq!(ran.code, 3, "{repo}: {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{repo}: {}", ran.stderr);
    }
}

#[test]
fn a_new_name_is_followed_and_what_is_offered_is_needed() {
    let forge = family();
    let family = &forge.family;
    let manifest = || fs::read_to_string(family.root.join("aux.toml")).unwrap();
    let ran = family.run(&["remove", "package", "games/chess", "--reason", "gone"]);
    assert_eq!(ran.code, 1, "{}", ran.stdout);
    assert!(
        ran.stderr
            .contains("repo `games` offers or has at hand `chess`"),
        "{}",
        ran.stderr
    );
    family.ok(&["rename", "package", "games/chess", "draughts"]);
    family.ok(&["rename", "package", "core/tool", "hammer"]);
    let text = manifest();
    for said in [
        "default = \"draughts\"",
        "draughts = \"play\"",
        "formatter = \"hammer\"",
        "\"draughts\"]",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    // top-level offers what any repo has.
    let text = manifest();
    let top = "repos.top-level = {";
    assert!(text.contains(top), "{text}");
    let offers = format!("{top} default = \"draughts\",");
    family.write("aux.toml", &text.replacen(top, &offers, 1));
    family.ok(&["check"]);
}
