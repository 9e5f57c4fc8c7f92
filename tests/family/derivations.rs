//! What evaluated derivations say of who needs whom.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Family, nix};

/// Each pair as `FROM TO`, if an origin says so.
fn pairs(report: &Value, origin: &str) -> Vec<String> {
    let pairs = report["pairs"].as_array().unwrap().iter();
    pairs
        .filter(|pair| pair["origins"].as_array().unwrap().contains(&json!(origin)))
        .map(|pair| format!("{} {}", words(pair, "from"), words(pair, "to")))
        .collect()
}

fn words<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key]
        .as_str()
        .unwrap_or_else(|| panic!("{key}: {value}"))
}

/// A member of every entry of a list of the report.
fn each<'v>(report: &'v Value, list: &str, key: &str) -> Vec<&'v str> {
    let entries = report[list].as_array().unwrap().iter();
    entries.map(|entry| words(entry, key)).collect()
}

/// A family of core, a SIG's repo `tools` and top-level, with these packages.
fn family(core: &str, tools: &str) -> Family {
    Family::of(&format!(
        r#"
format = "1.0"
organization = {{ name = "x", forge = "github:x", systems = ["x86_64-linux", "aarch64-linux"] }}
tiers = [{{ name = "core" }}, {{ name = "sigs" }}, {{ name = "top-level" }}]
people.ada = {{}}
sigs.all.leads = ["ada"]
repos.top-level = {{ sig = "all", tier = "top-level" }}

[repos.core]
sig = "all"
tier = "core"
builders.stdenv = {{}}

[repos.core.packages]
{core}

[repos.tools]
sig = "all"
tier = "sigs"

[repos.tools.packages]
{tools}
"#
    ))
}

/// A package that takes these expressions as inputs.
fn package(arguments: &str, name: &str, inputs: &str) -> String {
    format!(
        "{{ stdenv, {arguments} }}: stdenv.mkDerivation {{ pname = \"{name}\"; version = \"1\"; buildInputs = [ {inputs} ]; }}\n"
    )
}

#[test]
fn the_example_is_built_from_what_its_files_ask_for() {
    let (code, report) = Family::example().json(&["scan", "--derivations"]);
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(
        pairs(&report, "derivation"),
        [
            "applications/dashboard javascript/bundle-b",
            "applications/dashboard javascript/nodejs",
            "applications/dashboard python/packaging-a",
            "applications/vikunja applications/vikunja-frontend",
            "applications/vikunja core/go",
            "applications/vikunja-frontend javascript/nodejs",
            "core/cmake core/zlib",
            "core/ninja core/python3",
            "core/openssl core/perl",
            "core/python3 core/openssl",
            "core/python3 core/zlib",
            "gnome/gdm core/zlib",
            "gnome/gnome-tweaks gnome/gdm",
            "gnome/gnome-tweaks python/packaging-a",
            "javascript/bundle-b javascript/nodejs",
            "javascript/node-gyp javascript/nodejs",
            "javascript/node-gyp python/setuptools",
            "javascript/nodejs core/openssl",
            "javascript/nodejs core/python3",
            "javascript/nodejs core/zlib",
            "kde/cmake-gui core/zlib",
            "kde/cmake-gui kde/qtbase",
            "kde/qtbase core/cmake",
            "python/cryptography core/python3",
            "python/cryptography python/setuptools",
            "python/cryptography rust/rustc",
            "python/notebook core/python3",
            "python/notebook javascript/nodejs",
            "python/packaging-a core/python3",
            "python/packaging-a python/setuptools",
            "python/setuptools core/python3",
            "rust/rustc core/python3",
        ]
    );
    let brought: Vec<(&str, &Value)> = report["pairs"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|pair| !pair["explained"].is_null())
        .map(|pair| (words(pair, "from"), &pair["explained"]))
        .collect();
    let builder = json!({ "kind": "through", "attributes": ["buildPythonPackage"] });
    let overridden = json!({ "kind": "through", "attributes": ["cmake"] });
    assert_eq!(
        brought,
        [
            ("kde/cmake-gui", &overridden),
            ("python/cryptography", &builder),
            ("python/notebook", &builder),
            ("python/packaging-a", &builder),
            ("python/setuptools", &builder),
        ],
        "what comes with a builder, or with what is overridden, is not asked for"
    );
    for list in ["lacking", "surplus", "unused", "failed", "unseen", "same"] {
        assert_eq!(report[list], json!([]), "{list}");
    }
    let evaluated = &report["evaluated"];
    assert_eq!(evaluated["view"], "top-level");
    assert_eq!(evaluated["attributes"], 28, "nodejs has six of them");
    assert_eq!(
        evaluated["derivations"], 24,
        "of which three are derivations"
    );
}

#[test]
fn each_repo_alone_tells_what_it_can_without_top_level() {
    let family = Family::copied_example();
    let (_, whole) = family.json(&["scan", "--derivations"]);
    fs::remove_dir_all(family.root.join("repos/top-level")).unwrap();
    let (code, report) = family.json(&["scan", "--derivations"]);
    assert_eq!(code, 3);
    assert_eq!(report["evaluated"]["view"], "alone");
    assert_eq!(
        each(&report, "failed", "package"),
        ["javascript/node-gyp", "python/notebook"],
        "they meet their peers in top-level only"
    );
    let known = |pair: &&String| {
        !pair.starts_with("javascript/node-gyp ") && !pair.starts_with("python/notebook ")
    };
    let expected: Vec<String> = pairs(&whole, "derivation")
        .iter()
        .filter(known)
        .cloned()
        .collect();
    assert_eq!(pairs(&report, "derivation"), expected);

    // With top-level but without a repo that it puts in, it is the same.
    let family = Family::copied_example();
    fs::remove_dir_all(family.root.join("repos/python")).unwrap();
    let (_, report) = family.json(&["scan", "--derivations"]);
    assert_eq!(report["evaluated"]["view"], "alone");
    assert!(pairs(&report, "derivation").contains(&"core/openssl core/perl".to_owned()));
    assert_eq!(
        report["unseen"],
        json!([{ "repo": "python", "reason": "there is no flake at `repos/python`: `aux-gen sync` clones it, and `aux-gen generate` writes one that is new" }])
    );
    let ran = family.run(&["why", "--derivations", "nodejs", "openssl"]);
    assert!(
        ran.stderr
            .contains("gaps: nothing is known of what 6 attributes and 1 repo would show"),
        "{}",
        ran.stderr
    );
}

#[test]
fn what_no_file_asks_for_by_name_is_found_recorded_and_explained() {
    let family = family(
        "hidden = {}\nshown = {}\nowner = { build = [\"shown\"] }",
        "captured = { members = [\"first\", \"second\"] }\nmember = { build = [\"owner\"] }",
    );
    family.ok(&["generate"]);
    family.write(
        "repos/core/pkgs/by-name/ow/owner/package.nix",
        "{ stdenv, shown }: stdenv.mkDerivation { pname = \"owner\"; version = \"1\"; inherit shown; passthru.parts = { inherit shown; }; }",
    );
    family.write(
        "repos/tools/pkgs/by-name/ca/captured/packages.nix",
        "arguments: own: final: prev: {
          first = final.stdenv.mkDerivation { pname = \"first\"; version = \"1\"; inherit (final) hidden; };
          second = final.stdenv.mkDerivation { pname = \"second\"; version = \"1\"; inherit (final) first; };
        }",
    );
    family.write(
        "repos/tools/pkgs/by-name/me/member/package.nix",
        &package("owner", "member", "owner owner.parts.shown"),
    );
    assert_eq!(
        family.json(&["scan"]).1["lacking"],
        json!([]),
        "no file says so"
    );

    let ran = family.run(&["scan", "--derivations"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert_eq!(
        ran.stdout,
        "lacking tools/captured is built from core/hidden (build) drv hidden-0.1.0.drv\n\
         lacking tools/member is built from core/shown (build) drv shown-0.1.0.drv\n"
    );
    let (_, report) = family.json(&["scan", "--derivations"]);
    let hidden = &report["lacking"][0];
    assert_eq!(hidden["origins"], json!(["derivation"]));
    let place = words(hidden, "place");
    assert!(
        place.len() > 32 && place.ends_with("-hidden-0.1.0.drv"),
        "{place}"
    );

    // Nobody has said it in the manifest yet, so only derivations know why.
    assert_eq!(family.run(&["why", "first", "hidden"]).code, 1);
    assert_eq!(
        family
            .ok(&["why", "--derivations", "first", "hidden"])
            .stdout,
        "tools/captured needs core/hidden (build) derivation drv hidden-0.1.0.drv\n"
    );
    let core = family
        .json(&["core", "--bootstrap", "first", "--derivations"])
        .1;
    let must: Vec<&str> = each(&core, "must", "package");
    assert!(must.contains(&"core/hidden"), "{must:?}");

    family.ok(&["scan", "--derivations", "--write"]);
    let manifest = fs::read_to_string(family.root.join("aux.toml")).unwrap();
    assert!(
        manifest.contains(
            "captured = { members = [\"first\", \"second\"], build = [\"core/hidden\"] }"
        ) && manifest.contains("member = { build = [\"owner\", \"core/shown\"] }"),
        "{manifest}"
    );
    assert_eq!(family.ok(&["scan", "--derivations"]).stdout, "");
    assert_eq!(
        family.ok(&["why", "first", "hidden"]).stdout,
        "tools/captured needs core/hidden (build) declared aux.toml:24:54\n"
    );
    let files_alone = family.run(&["scan"]);
    let said = "(build), and no file of it asks for that aux.toml";
    assert_eq!(
        (files_alone.code, files_alone.stdout),
        (
            3,
            format!(
                "surplus tools/captured is said to need hidden {said}:24:54\n\
                 surplus tools/member is said to need shown {said}:25:30\n"
            )
        )
    );
    let hint = "`aux-gen scan --derivations` may show";
    assert!(files_alone.stderr.contains(hint), "{}", files_alone.stderr);
}

#[test]
fn what_fails_is_named_with_its_reason_and_the_rest_is_found() {
    let family = family(
        "base = {}\nfine = { build = [\"base\"] }",
        ["thrown", "aborted", "missing", "text", "endless"]
            .map(|name| format!("{name} = {{}}\n"))
            .concat()
            .as_str(),
    );
    family.ok(&["generate"]);
    for (name, body) in [
        ("thrown", "throw \"no luck\""),
        ("aborted", "abort \"stop\""),
        ("missing", "import ./nowhere.nix"),
        ("text", "\"not a derivation\""),
        ("endless", "let x = x; in x"),
    ] {
        let file = format!("repos/tools/pkgs/by-name/{}/{name}/package.nix", &name[..2]);
        family.write(&file, &format!("{{ base }}: {body}"));
    }
    let (code, report) = family.json(&["scan", "--derivations"]);
    assert_eq!(code, 3);
    let failed = |name: &str| {
        let mut all = report["failed"].as_array().unwrap().iter();
        let found = all.find(|failed| failed["attribute"] == name).unwrap();
        assert_eq!(found["package"], format!("tools/{name}"));
        found
    };
    assert_eq!(report["failed"].as_array().unwrap().len(), 5, "{report:#}");
    assert_eq!(failed("thrown")["reason"], "no luck");
    assert_eq!(failed("thrown")["kind"], "thrown");
    assert_eq!(failed("aborted")["kind"], "aborted");
    assert_eq!(failed("missing")["kind"], "missing-file");
    assert_eq!(failed("endless")["kind"], "infinite-recursion");
    assert_eq!(
        failed("text")["reason"],
        "it is a string, not what the manifest says"
    );
    assert_eq!(pairs(&report, "derivation"), ["core/fine core/base"]);
    assert_eq!(
        report["unused"],
        json!([]),
        "nothing is known of what fails"
    );
    let ran = family.run(&["scan", "--derivations"]);
    let place = "repos/tools/pkgs/by-name/en/endless/package.nix:1:";
    let line = format!("failed tools/endless: infinite recursion encountered {place}");
    assert!(ran.stdout.contains(&line), "{}", ran.stdout);
}

#[test]
fn the_three_origins_are_kept_apart() {
    let family = family(
        "a = {}\nb = {}\nc = {}\nd = {}\ne = {}",
        "p = { build = [\"a\", \"c\"], runtime = [\"b\"], test = [\"e\"], optional = [\"d\"] }\nq = { build = [\"a\"], runtime = [\"b\"] }",
    );
    family.ok(&["generate"]);
    // `a` is asked for and built in, `b` only asked for; `c` is in neither.
    family.write(
        "repos/tools/pkgs/by-name/p/p/package.nix",
        &package("a, b", "p", "a"),
    );
    // Without a file that is a function, only derivations can tell.
    family.write(
        "repos/tools/pkgs/by-name/q/q/package.nix",
        "let ask = { stdenv, c }: stdenv.mkDerivation { pname = \"q\"; version = \"1\"; inherit c; }; in { __functor = _: ask; __functionArgs = builtins.functionArgs ask; }",
    );
    let ran = family.run(&["scan", "--derivations"]);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (
            3,
            "lacking tools/q is built from core/c (build) drv c-0.1.0.drv\n\
             surplus tools/p is said to need c (build), and it neither asks for that nor is built from that aux.toml:26:21\n\
             surplus tools/q is said to need a (build), and it is not built from that aux.toml:27:16\n\
             unread tools/q: it is no function of a set repos/tools/pkgs/by-name/q/q/package.nix\n\
             unused tools/p asks for core/b and is not built from it repos/tools/pkgs/by-name/p/p/package.nix:1\n"
        )
    );
    let (_, report) = family.json(&["scan", "--derivations"]);
    let origins: Vec<String> = report["pairs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| {
            format!(
                "{} {} {}",
                words(pair, "from"),
                words(pair, "to"),
                pair["origins"]
            )
        })
        .collect();
    assert_eq!(
        origins,
        [
            r#"tools/p core/a ["declared","formals","derivation"]"#,
            r#"tools/p core/b ["declared","formals"]"#,
            r#"tools/p core/c ["declared"]"#,
            r#"tools/p core/d ["declared"]"#,
            r#"tools/p core/e ["declared"]"#,
            r#"tools/q core/a ["declared"]"#,
            r#"tools/q core/b ["declared"]"#,
            r#"tools/q core/c ["derivation"]"#,
        ]
    );

    // A file and a derivation may say the same, and the manifest neither.
    family.write(
        "repos/tools/pkgs/by-name/q/q/package.nix",
        &package("a, b, c, d", "q", "a b c"),
    );
    let ran = family.run(&["scan", "--derivations"]);
    let place = "repos/tools/pkgs/by-name/q/q/package.nix:1";
    assert!(
        ran.stdout.starts_with(&format!(
            "lacking tools/q asks for and is built from core/c (build) {place}\n\
             lacking tools/q asks for core/d (build) {place}\n"
        )),
        "{}",
        ran.stdout
    );
    // Each kind of evidence is only looked at if it is wanted.
    assert_eq!(family.run(&["why", "q", "d"]).code, 1);
    assert_eq!(family.run(&["why", "--derivations", "q", "d"]).code, 1);
    assert_eq!(
        family.ok(&["why", "--scan", "q", "d"]).stdout,
        format!("tools/q needs core/d (build) formals {place}\n")
    );
    assert_eq!(
        family
            .ok(&["why", "--scan", "--derivations", "q", "d"])
            .stdout,
        format!("tools/q needs core/d (build) formals {place}\n")
    );

    // What is asked for and not used is worth knowing, and no problem.
    family.write(
        "repos/tools/pkgs/by-name/p/p/package.nix",
        &package("a, b, c", "p", "a"),
    );
    family.write(
        "repos/tools/pkgs/by-name/q/q/package.nix",
        &package("a, b", "q", "a b"),
    );
    let (code, report) = family.json(&["scan", "--derivations"]);
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(each(&report, "unused", "to"), ["core/b", "core/c"]);
}

#[test]
fn another_variant_than_the_declared_one_is_the_same_package() {
    let family = family(
        "node.variants.names = [\"1\", \"2\"]\nuser = { build = [\"node\"] }\nother = {}",
        "",
    );
    family.ok(&["generate"]);
    family.write(
        "repos/core/pkgs/by-name/us/user/package.nix",
        &package("pkgs", "user", "pkgs.node_1"),
    );
    family.write(
        "repos/core/pkgs/by-name/ot/other/package.nix",
        &package("pkgs", "other", "pkgs.node_1 pkgs.node_2 pkgs.node"),
    );
    let ran = family.run(&["scan", "--derivations"]);
    assert_eq!(
        ran.stdout,
        "lacking core/other is built from core/node as node_1 (build) drv node-1.drv\n\
         lacking core/other is built from core/node as node_2 (build) drv node-2.drv\n"
    );
}

#[test]
fn packages_of_one_derivation_are_named_after_the_first() {
    let family = family(
        "base = {}\nreal = { build = [\"base\"] }\nuser = { build = [\"wrapped\"] }\nwrapped = { build = [\"real\"] }",
        "",
    );
    family.ok(&["generate"]);
    family.write(
        "repos/core/pkgs/by-name/wr/wrapped/package.nix",
        "{ real }: real",
    );
    family.write(
        "repos/core/pkgs/by-name/re/real/package.nix",
        &package("base", "real", "base"),
    );
    let ran = family.ok(&["scan", "--derivations"]);
    assert_eq!(
        ran.stdout,
        "same core/wrapped is the same as core/real drv real-1.drv\n"
    );
    let (_, report) = family.json(&["scan", "--derivations"]);
    assert_eq!(
        pairs(&report, "derivation"),
        [
            "core/real core/base",
            "core/user core/wrapped",
            "core/wrapped core/base"
        ],
        "`user` asks for `wrapped`, so that is what it is built from"
    );
}

/// A core in the style of nixpkgs: `stdenv` is a derivation that is built from
/// packages, sources are fetched, and nobody lists either.
const BOOTSTRAPPED: &str = r#"
{ system, overlays ? [ ] }:
let
  make = name: attributes: derivation ({ inherit system name; builder = "/bin/sh"; } // attributes);
  base = final: {
    lib = { };
    callPackage = file: _: let f = import file; in f (builtins.intersectAttrs (builtins.functionArgs f) final);
    shell = make "shell" { };
    curl = make "curl" { };
    stdenv = make "stdenv" { inherit (final) shell; } // {
      mkDerivation = attributes: make attributes.pname (removeAttrs attributes [ "meta" "passthru" ] // { inherit (final) stdenv; });
    };
    fetch = name: make name {
      inherit (final) curl stdenv;
      outputHashMode = "flat";
      outputHashAlgo = "sha256";
      outputHash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    };
    sourced = final.stdenv.mkDerivation { pname = "sourced"; src = final.fetch "src"; patch = make "patch" { inherit (final) zlib; }; };
    zlib = final.stdenv.mkDerivation { pname = "zlib"; src = final.fetch "src"; };
  };
  extend = f: overlay: final: let prev = f final; in prev // overlay final prev;
  fix = f: let x = f x; in x;
in
fix (builtins.foldl' extend base overlays)
"#;

#[test]
fn what_stdenv_brings_and_what_fetches_need_not_be_said() {
    // A core may list its `stdenv` as a builder, though it is a derivation too.
    for builders in ["", "builders = { stdenv = {} }, "] {
        let family = Family::of(&format!(
            r#"
format = "1.0"
organization = {{ name = "x", forge = "github:x", systems = ["x86_64-linux", "aarch64-linux"] }}
tiers = [{{ name = "core" }}, {{ name = "top-level" }}]
people.ada = {{}}
sigs.all.leads = ["ada"]
repos.top-level = {{ sig = "all", tier = "top-level" }}
repos.core = {{ sig = "all", tier = "core", kind = "external", wiring = "overlays", {builders}packages = {{ curl = {{}}, shell = {{}}, sourced = {{}}, zlib = {{}} }} }}
"#
        ));
        family.write("repos/core/default.nix", BOOTSTRAPPED);
        family.write(
            "repos/core/flake.nix",
            "{ outputs = { self }: { lib = { }; }; }",
        );
        family.ok(&["generate"]);
        let (code, report) = family.json(&["scan", "--derivations"]);
        assert_eq!(code, 3, "{report:#}");
        let explained: Vec<String> = report["pairs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|pair| {
                let (from, to) = (words(pair, "from"), words(pair, "to"));
                format!("{from} {to} {}", pair["explained"])
            })
            .collect();
        assert_eq!(
            explained,
            [
                r#"core/sourced core/curl {"kind":"fetching"}"#,
                r#"core/sourced core/shell {"attributes":["stdenv"],"kind":"through"}"#,
                "core/sourced core/zlib null",
                r#"core/zlib core/curl {"kind":"fetching"}"#,
                r#"core/zlib core/shell {"attributes":["stdenv"],"kind":"through"}"#,
            ]
        );
        assert_eq!(each(&report, "lacking", "to"), ["core/zlib"]);
    }
}

#[test]
fn nix_is_started_once_for_all_attributes_and_once_for_their_graph() {
    let family = Family::example();
    let place = tempfile::tempdir().unwrap();
    let (program, log) = (place.path().join("nix"), place.path().join("log"));
    let script = format!(
        "#!/bin/sh\necho \"$1\" >> {}\nexec {} \"$@\"\n",
        log.display(),
        nix().program().display()
    );
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let ran = family.run_with(&["scan", "--derivations"], &[("AUX_GEN_NIX", &program)]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let commands = fs::read_to_string(&log).unwrap();
    let commands: Vec<&str> = commands.lines().collect();
    assert_eq!(commands.len(), 3, "{commands:?}");
    assert_eq!(commands[..2], ["--version", "repl"]);
    assert!(
        ["show-derivation", "derivation"].contains(&commands[2]),
        "{commands:?}"
    );
}

#[test]
fn without_nix_the_way_out_is_one_line() {
    let family = Family::example();
    let nowhere = Path::new("/nowhere/nix");
    for command in [
        &["scan", "--derivations"][..],
        &["why", "--derivations", "gnome", "core"],
        &["cycles", "--derivations"],
        &["coverage", "--derivations"],
        &["place", "--all", "--derivations"],
        &["core", "--derivations"],
    ] {
        let ran = family.run_with(command, &[("AUX_GEN_NIX", nowhere)]);
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{command:?}");
        let mut lines = ran.stderr.lines();
        assert_eq!(
            lines.next(),
            Some("error: `nix` is not installed: looked for `/nowhere/nix`")
        );
        let help = lines.next().unwrap();
        assert!(
            help.starts_with("  help: install Nix 2.8 or newer"),
            "{help}"
        );
        assert_eq!(lines.next(), None);
        // Without the flag none of them needs it.
        let without: Vec<&str> = command
            .iter()
            .copied()
            .filter(|word| *word != "--derivations")
            .collect();
        let ran = family.run_with(&without, &[("AUX_GEN_NIX", nowhere)]);
        assert_eq!(ran.code, 0, "{without:?}: {}", ran.stderr);
    }
}
