//! `adopt` on repos that were written by hand.

use serde_json::{Value, json};

use crate::support::{Family, SMALL, every_file, git, repo};

const CORE_FLAKE: &str = r#"{
  description = "The bottom of it all";
  outputs = { self }: {
    legacyPackages.x86_64-linux = import ./. { system = "x86_64-linux"; };
    nixosModules.gdm = { };
  };
}
"#;

/// A core in nixpkgs' style: packages by name, sets by `packages.nix`, overlays.
const CORE: &str = r#"{ system ? builtins.currentSystem, overlays ? [ ], config ? { } }:
let
  drv = name: derivation { inherit name system; builder = "/bin/sh"; };
  final = {
    hello = drv "hello" // { meta.maintainers = [ { name = "L"; github = "linus"; } ]; };
    ssl = drv "ssl-3";
    ssl_1 = abort "too old";
    sslHook = x: x;
    fetch = x: x;
  };
in
final
"#;

/// Three repos as people have them: core, python above it, web above both.
fn repos() -> Family {
    let family = Family::empty();
    let files = [
        ("repos/core/flake.nix", CORE_FLAKE),
        ("repos/core/default.nix", CORE),
        (
            "repos/core/.github/CODEOWNERS",
            "* @ada @org/core\n/lib @grace\n/pkgs/by-name/fe/ @grace @org/fetch\n",
        ),
        (
            "repos/core/pkgs/by-name/he/hello/package.nix",
            "{ fetch }: fetch \"hello\"\n",
        ),
        (
            "repos/core/pkgs/by-name/fe/fetch/package.nix",
            "{ }: x: x\n",
        ),
        (
            "repos/core/pkgs/by-name/ss/ssl/packages.nix",
            "{ ... }: res: pkgs: super: with pkgs; { ssl = 1; ssl_1 = 2; sslHook = 3; hello = 4; ${\"a\" + \"b\"} = 5; }\n",
        ),
        ("repos/core/pkgs/by-name/em/empty/readme", "nothing yet\n"),
        (
            "repos/python/flake.nix",
            "{ inputs.core.url = \"github:x/core\"; outputs = { core, ... }: { old = core.legacyPackage; packages.x86_64-linux.requests = core.legacyPackages.x86_64-linux.hello; }; }\n",
        ),
        (
            "repos/web/tools/site.nix",
            "{\n  fetch,\n  hello,\n  ssl,\n  gnupg,\n  port,\n}:\nfetch\n",
        ),
        (
            "repos/web/tools/default.nix",
            "{ callPackage }: callPackage ./site.nix { port = 80; }\n",
        ),
        (
            "repos/web/flake.nix",
            "{ inputs = { base.url = \"git+https://forge.example/x/core.git\"; python.url = \"github:x/python\"; other.url = \"github:y/other\"; }; outputs = i: { packages.x86_64-linux = { site = i.core; nested = { one = abort \"gone\"; two = abort \"gone\"; }; }; }; }\n",
        ),
    ];
    for (path, text) in files {
        family.write(path, text);
    }
    family
}

fn notes(report: &Value) -> Vec<String> {
    let notes = report["notes"].as_array().unwrap().iter();
    notes
        .map(|note| {
            format!(
                "{}: {}",
                note["repo"].as_str().unwrap(),
                note["message"].as_str().unwrap()
            )
        })
        .collect()
}

#[test]
fn repos_become_a_family_and_nothing_is_dropped_in_silence() {
    let family = repos();
    let all = [
        "adopt",
        "repos/core",
        "repos/python",
        "repos/web",
        "--name",
        "x",
        "--lead",
        "grace",
    ];
    let before = every_file(&family.root.join("repos"));
    let (code, report) = family.json(&all);
    assert_eq!(code, 0, "{report:#}");
    assert!(
        every_file(&family.root.join("repos")) == before,
        "nothing in them is written"
    );
    let tiers: Vec<_> = report["repos"]
        .as_array()
        .unwrap()
        .iter()
        .map(|repo| repo["tier"].as_str().unwrap())
        .collect();
    assert_eq!(tiers, ["core", "sigs-1", "sigs-2"]);
    let notes = notes(&report);
    for expected in [
        "core: what it says of parts that are no packages stays there alone: `/lib @grace`",
        "core: the team `org/fetch` owns 1 of its packages: a SIG with this `team` can be their `owner`",
        "core: it has no `package.nix`, `packages.nix` or `default.nix`",
        "core: what `nixosModules` offers is named by nobody: list it",
        "core: `hello` is defined by `hello` too, and left to that",
        "core: `ab` of `ssl` is not in the package set",
        "python: it wants `legacyPackage` of `core`, which does not offer it: did you mean `legacyPackages`?",
        "web: it asks for `gnupg`, which no repo of the family has",
        "web: its input `other` (github:y/other) is no repo of the family",
        "web: it offers the set `nested` of one, two: the packages of a flake are flat, so move it into the by-name tree",
    ] {
        assert!(
            notes.iter().any(|note| note == expected),
            "{expected}\n{notes:#?}"
        );
    }
    assert!(
        !notes.iter().any(|note| note.contains("`port`")),
        "{notes:#?}"
    );
    assert!(
        notes
            .iter()
            .any(|note| note.contains("of `nested`, one, two cannot be evaluated")),
        "{notes:#?}"
    );
    let read = |path: &str| std::fs::read_to_string(family.root.join(path)).unwrap();
    let core = read("sigs/core.toml");
    for line in [
        "leads = [\"ada\"]",
        "team = \"org/core\"",
        "wiring = \"overlays\"",
        "discover = true",
        "description = \"The bottom of it all\"",
        "ssl = { members = [\"ssl\", \"ssl_1\"], builders = [\"sslHook\"] }",
        "fetch = { maintainers = [\"grace\"] }",
        "hello = { maintainers = [\"linus\"] }",
    ] {
        assert!(core.lines().any(|found| found == line), "{line}\n{core}");
    }
    assert!(read("sigs/web.toml").contains("uses = { core = \"*\", python = \"*\" }"));
    assert!(read("sigs/python.toml").contains("requests = {}"));

    // Again, nothing happens; top-level puts it together, and answers are there.
    let now = every_file(&family.root);
    let again = family.ok(&all);
    assert!(
        again.stderr.contains("nothing new to adopt"),
        "{}",
        again.stderr
    );
    assert!(every_file(&family.root) == now);
    family.ok(&["generate"]);
    let found = family.ok(&["where", "ssl_1"]);
    assert!(found.stdout.contains("core/ssl_1"), "{}", found.stdout);
    assert!(
        every_file(&family.root.join("repos/core")) == every_file(&family.root.join("repos/core"))
    );
    assert_eq!(read("repos/core/flake.nix"), CORE_FLAKE);
}

#[test]
fn a_registry_that_is_there_takes_one_more() {
    let family = repos();
    family.ok(&["adopt", "repos/core", "--name", "x", "--no-eval"]);
    let root = std::fs::read_to_string(family.root.join("aux.toml")).unwrap();
    family.ok(&["adopt", "repos/python", "--lead", "ada"]);
    assert_eq!(
        std::fs::read_to_string(family.root.join("aux.toml")).unwrap(),
        root
    );
    let python = std::fs::read_to_string(family.root.join("sigs/python.toml")).unwrap();
    assert!(python.contains("uses = { core = \"*\" }"), "{python}");
    assert!(
        !python.contains("[people.ada]"),
        "she is defined already\n{python}"
    );
    family.ok(&["generate"]);
    family.ok(&["generate", "--check"]);
    // What no include reads would be adopted in vain.
    family.write(
        "aux.toml",
        &root.replace(
            "[\"sigs/*.toml\"]",
            "[\"sigs/core.toml\", \"sigs/python.toml\"]",
        ),
    );
    let before = every_file(&family.root);
    let refused = family.run(&["adopt", "repos/web", "--lead", "ada", "--no-eval"]);
    assert_eq!(refused.code, 1, "{}", refused.stderr);
    assert!(
        refused.stderr.contains("reads `sigs/web.toml`"),
        "{}",
        refused.stderr
    );
    assert!(every_file(&family.root) == before);
}

#[test]
fn what_cannot_be_adopted_is_refused_and_nothing_is_written() {
    let family = repos();
    let before = every_file(&family.root);
    let elsewhere = tempfile::tempdir().unwrap();
    let outside = elsewhere.path().to_str().unwrap();
    for (arguments, why) in [
        (
            vec!["adopt", "repos/core", "repos/python"],
            "nobody is known to answer for `python`",
        ),
        (vec!["adopt", "repos/gone"], "there is no `repos/gone`"),
        (
            vec!["adopt", outside, "--lead", "ada"],
            "is not in the registry",
        ),
        (
            vec!["adopt", "repos/core", "--forge", "no forge"],
            "is no forge",
        ),
    ] {
        let refused = family.run(&arguments);
        assert_eq!(refused.code, 1, "{arguments:?}");
        assert!(refused.stderr.contains(why), "{}", refused.stderr);
        assert!(refused.stderr.contains("help"), "{}", refused.stderr);
        assert!(every_file(&family.root) == before, "{arguments:?}");
    }
}

#[test]
fn repos_that_use_each_other_become_peers() {
    let family = repos();
    family.write(
        "repos/python/flake.nix",
        "{ inputs.core.url = \"github:x/core\"; inputs.web.url = \"github:x/web\"; outputs = i: { }; }\n",
    );
    let (code, report) = family.json(&[
        "adopt",
        "repos/core",
        "repos/python",
        "repos/web",
        "--name",
        "x",
        "--lead",
        "ada",
        "--no-eval",
    ]);
    assert_eq!(code, 0, "{report:#}");
    let notes = notes(&report);
    let cycle = "web: it and `python` use each other in a cycle: it is taken for a peer";
    assert!(notes.iter().any(|note| note == cycle), "{notes:#?}");
    let web = std::fs::read_to_string(family.root.join("sigs/web.toml")).unwrap();
    assert!(web.contains("peers = [\"python\"]"), "{web}");
}

#[test]
fn an_adoption_that_was_ended_is_finished_by_the_next() {
    let arguments = [
        "adopt",
        "repos/core",
        "repos/python",
        "--no-eval",
        "--lead",
        "ada",
        "--name",
        "mine",
    ];
    let whole = repos();
    let said = whole.ok(&arguments).stderr;
    assert!(
        said.contains("which attributes `${\"a\" + \"b\"} = 5;` gives is computed"),
        "{said}"
    );
    let wanted = every_file(&whole.root);
    let mut ended = 0;
    for step in 1.. {
        let family = repos();
        if !family.run_with_end(&arguments, step) {
            break;
        }
        ended += 1;
        family.ok(&arguments);
        assert_eq!(every_file(&family.root), wanted, "ended at step {step}");
    }
    assert!(ended > 4, "a run has more than {ended} steps");
}

/// A repo above a core, of whose flake nothing but the outputs' way of being written differs.
fn flake_repo(outputs: &str, more: &[(&str, &str)]) -> Family {
    let family = Family::empty();
    let hello = "hello = derivation { name = \"hello\"; system = \"x86_64-linux\"; builder = \"/bin/sh\"; };";
    family.write(
        "repos/core/flake.nix",
        "{ outputs = self: { mkPackages = arguments: { }; }; }\n",
    );
    let text = format!("{{ outputs = {outputs}; }}\n").replace("@HELLO@", hello);
    family.write("repos/thing/flake.nix", &text);
    for (file, text) in more {
        let text = text.replace("@HELLO@", hello);
        family.write(&format!("repos/thing/{file}"), &text);
    }
    family
}

/// What adopting it answers to machines, and says to people.
fn adopted_flake(
    outputs: &str,
    more: &[(&str, &str)],
    options: &[&str],
) -> (Value, String, Family) {
    let mut arguments = vec!["adopt", "repos/core", "repos/thing"];
    arguments.extend(["--lead", "ada", "--name", "x"]);
    arguments.extend(options);
    let family = flake_repo(outputs, more);
    let (code, report) = family.json(&arguments);
    assert_eq!(code, 0, "{outputs}: {report:#}");
    let said = flake_repo(outputs, more).ok(&arguments).stderr;
    (report, said, family)
}

fn thing(report: &Value) -> &Value {
    let repos = report["repos"].as_array().unwrap();
    repos.iter().find(|repo| repo["repo"] == "thing").unwrap()
}

#[test]
fn outputs_are_seen_however_they_are_written() {
    let set = "packages.x86_64-linux = { @HELLO@ };";
    let file = ("o.nix", "{ packages.x86_64-linux = { @HELLO@ }; }\n");
    for (outputs, more) in [
        (format!("self: {{ {set} }}"), vec![]),
        (format!("self: let o = {{ {set} }}; in o"), vec![]),
        (format!("self: {{ lib = {{ }}; }} // {{ {set} }}"), vec![]),
        ("self: import ./o.nix".to_owned(), vec![file]),
        (
            "self: let each = f: { packages.x86_64-linux = f \"x86_64-linux\"; }; in each (s: { @HELLO@ })".to_owned(),
            vec![],
        ),
    ] {
        let (report, _, family) = adopted_flake(&outputs, &more, &[]);
        let thing = thing(&report);
        assert_eq!(thing["packages"], 1, "{outputs}: {report:#}");
        assert_eq!(thing["seen"], 1, "{outputs}: {report:#}");
        assert_eq!(thing["unlisted"], serde_json::json!([]), "{outputs}");
        let manifest = std::fs::read_to_string(family.root.join("sigs/thing.toml")).unwrap();
        assert!(manifest.contains("hello"), "{outputs}: {manifest}");
    }
}

#[test]
fn what_the_family_cannot_take_is_counted_and_named() {
    for (outputs, what) in [
        (
            "self: { legacyPackages.x86_64-linux = { @HELLO@ }; }",
            "`legacyPackages` has hello",
        ),
        (
            "self: { overlays.default = final: prev: { hello = 1; }; }",
            "`overlays.default` has hello",
        ),
    ] {
        let (report, said, _family) = adopted_flake(outputs, &[], &[]);
        let thing = thing(&report);
        assert_eq!(thing["packages"], 0);
        assert_eq!(thing["seen"], 1);
        assert_eq!(thing["unlisted"], serde_json::json!(["hello"]));
        let notes = notes(&report);
        assert!(notes.iter().any(|note| note.contains(what)), "{notes:#?}");
        let lines = "thing: Nix sees 1 attribute, and the manifest lacks 1 of them:\n  it is neither in `packages` of its flake nor in a by-name tree: hello";
        assert!(said.contains(lines), "{said}");
    }
}

#[test]
fn where_nix_sees_nothing_or_was_not_asked_it_is_said() {
    let library = "self: { lib = { }; }";
    let (report, said, _family) = adopted_flake(library, &[], &[]);
    assert_eq!(thing(&report)["seen"], 0, "{report:#}");
    let line = "nothing of thing is part of the family: Nix sees no package";
    assert!(said.contains(line), "{said}");
    let (report, said, _family) = adopted_flake(library, &[], &["--no-eval"]);
    assert_eq!(thing(&report)["seen"], Value::Null, "{report:#}");
    assert!(said.contains("Nix was not asked"), "{said}");
    // It offers packages, and nobody can say which.
    let unknown = "{ self, other }: { packages = other.packages; }";
    let (report, said, _family) = adopted_flake(unknown, &[], &[]);
    assert_eq!(thing(&report)["seen"], Value::Null, "{report:#}");
    assert!(said.contains("what it offers is not known"), "{said}");
    let (report, ..) = adopted_flake("self: throw \"not today\"", &[], &[]);
    let notes = notes(&report);
    let said = notes
        .iter()
        .any(|note| note.contains("cannot be evaluated: not today"));
    assert!(said, "{notes:#?}");
}

/// Repos in `repos`, by what their flakes offer and use.
fn flakes(repos: &[(&str, &str, &str)]) -> Family {
    let family = Family::empty();
    for (name, inputs, outputs) in repos {
        let inputs: String = inputs
            .split_whitespace()
            .map(|input| format!("inputs.{input}.url = \"github:x/{input}\"; "))
            .collect();
        family.write(
            &format!("repos/{name}/flake.nix"),
            &format!("{{ {inputs}outputs = arguments: {{ {outputs} = {{ }}; }}; }}\n"),
        );
    }
    family
}

fn adopt_all(family: &Family, repos: &[(&str, &str, &str)], options: &[&str]) -> (i32, Value) {
    let places: Vec<String> = repos
        .iter()
        .map(|(name, ..)| format!("repos/{name}"))
        .collect();
    let mut arguments = vec!["adopt", "--no-eval", "--lead", "ada", "--name", "x"];
    arguments.extend(places.iter().map(String::as_str));
    arguments.extend(options);
    family.json(&arguments)
}

#[test]
fn the_core_is_what_others_stand_on_and_never_the_first_by_the_alphabet() {
    // (repos, options, the core or the error)
    let by_use = [
        ("alpha", "base", "layer"),
        ("apex", "", "packages"),
        ("base", "", "mkPackages"),
    ];
    let tie = [("one", "", "overlays"), ("two", "", "mkPackages")];
    let none = [("one", "", "packages"), ("two", "one", "packages")];
    let called = [
        ("core", "", "overlays"),
        ("base", "", "mkPackages"),
        ("web", "base", "layer"),
    ];
    for (repos, options, wanted) in [
        (&by_use[..], &[][..], Ok("base")),
        (&called[..], &[][..], Ok("core")),
        (&called[..], &["--core", "base"][..], Ok("base")),
        (&tie[..], &["--core", "two"][..], Ok("two")),
        (
            &tie[..],
            &[][..],
            Err("each of `one`, `two` may be the core"),
        ),
        (&none[..], &[][..], Err("none of the repos is a core: ")),
        (
            &none[..],
            &["--core", "one"][..],
            Err("`one` cannot be the core: "),
        ),
        (
            &tie[..],
            &["--core", "zero"][..],
            Err("`zero` is to be the core, and is not adopted here"),
        ),
    ] {
        let family = flakes(repos);
        let before = every_file(&family.root);
        let (code, report) = adopt_all(&family, repos, options);
        match wanted {
            Ok(core) => {
                assert_eq!(code, 0, "{repos:?}: {report:#}");
                let all = report["repos"].as_array().unwrap();
                let bottom = all.iter().filter(|repo| repo["tier"] == "core");
                let names: Vec<&str> = bottom.map(|repo| repo["repo"].as_str().unwrap()).collect();
                assert_eq!(names, [core], "{repos:?}");
                let (code, report) = adopt_all(&family, repos, &["--core", "other"]);
                assert_eq!(code, 1, "there is one already: {report:#}");
            }
            Err(said) => {
                assert_eq!(code, 1, "{repos:?}: {report:#}");
                let message = report["error"]["message"].as_str().unwrap();
                assert!(message.starts_with(said), "{message}");
                assert_eq!(every_file(&family.root), before);
            }
        }
    }
}

#[test]
fn a_repo_is_where_its_remote_says_and_an_input_is_what_it_points_to() {
    let repos = [
        ("core", "", "mkPackages"),
        ("ours", "core", "layer"),
        ("theirs", "", "layer"),
    ];
    let family = flakes(&repos);
    for (name, remote) in [
        ("core", "git@github.com:x/core.git"),
        ("ours", "https://forge.example/x/ours.git"),
    ] {
        let folder = family.root.join("repos").join(name);
        git(&folder, &["init", "--quiet"]);
        git(&folder, &["remote", "add", "origin", remote]);
    }
    family.write(
        "repos/theirs/flake.nix",
        "{ inputs.core.url = \"github:somebody-else/core\"; outputs = arguments: { layer = { }; }; }\n",
    );
    let (code, report) = adopt_all(&family, &repos, &[]);
    assert_eq!(code, 0, "{report:#}");
    let manifest = |name: &str| {
        let text = std::fs::read_to_string(family.root.join(format!("sigs/{name}.toml")));
        text.unwrap()
    };
    assert!(
        manifest("core").contains("url = \"github:x/core\"\n"),
        "{}",
        manifest("core")
    );
    let ours = manifest("ours");
    assert!(
        ours.contains("url = \"git+https://forge.example/x/ours\"\n"),
        "{ours}"
    );
    assert!(ours.contains("uses = { core = \"*\" }"), "{ours}");
    let theirs = manifest("theirs");
    assert!(!theirs.contains("uses"), "{theirs}");
    assert!(!theirs.contains("url"), "no remote, no claim: {theirs}");
    let said = notes(&report).iter().any(|note| {
        note.contains("its input `core` (github:somebody-else/core) is not the family's `core`, which is github:x/core")
    });
    assert!(said, "{report:#}");
}

/// A core without by-name directories: folders of packages, a list of calls, and what is no package.
const FLAT: &str = r#"
{ system ? "x86_64-linux", overlays ? [ ], ... }:
let
  make = name: derivation { inherit name system; builder = "/bin/sh"; };
  folders = builtins.mapAttrs (name: _: import (./pkgs + "/${name}") { inherit make; }) (builtins.readDir ./pkgs);
  own = final: folders // {
    inherit make;
    callPackage = file: file;
    tools = { a = make "a"; };
    answer = "42";
    gone = throw "it was removed";
    "7zip" = make "7zip";
    R = make "R";
  } // import ./more.nix final;
  base = final: builtins.foldl' (prev: overlay: prev // overlay final prev) (own final) overlays;
  set = base set;
in
set
"#;

#[test]
fn a_core_of_any_layout_comes_in_whole_or_is_told_why_not() {
    let family = Family::empty();
    family.write("repos/core/default.nix", FLAT);
    family.write("repos/core/flake.nix", "{ outputs = self: { }; }\n");
    family.write("repos/core/more.nix", "final: { r = final.make \"r\"; }\n");
    for name in ["zlib", "openssl"] {
        let text = format!("{{ make }}: make \"{name}\"\n");
        family.write(&format!("repos/core/pkgs/{name}/default.nix"), &text);
    }
    let (code, report) = family.json(&["adopt", "repos/core", "--lead", "ada", "--name", "x"]);
    assert_eq!(code, 0, "{report:#}");
    let core = &report["repos"][0];
    let exceptions: Vec<&str> = core["exceptions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|exception| exception["attribute"].as_str().unwrap())
        .collect();
    assert_eq!(exceptions, ["7zip", "answer", "callPackage", "gone"]);
    assert_eq!(core["seen"], 10);
    assert_eq!(core["attributes"], 6);
    let manifest = std::fs::read_to_string(family.root.join("sigs/core.toml")).unwrap();
    for line in [
        "zlib = { file = \"pkgs/zlib\" }",
        "r = { file = \"more.nix\" }",
        "R = { file = \"default.nix\" }",
        "[repos.core.builders]\nmake = { file = \"default.nix\" }\ntools = ",
    ] {
        assert!(manifest.contains(line), "{line}\n{manifest}");
    }
    // All of it is known to whoever asks, and evaluates alone and through top-level.
    family.ok(&["check"]);
    family.ok(&["generate"]);
    let (code, report) = family.json(&["eval", "--system", "x86_64-linux"]);
    assert_eq!(code, 0, "{report:#}");
    let core = repo(&report, "core");
    assert_eq!(core["standalone"]["ok"], 6, "{report:#}");
    assert_eq!(core["top_level"]["ok"], 6, "{report:#}");
    let found = family.ok(&["where", "make"]).stdout;
    assert!(found.contains("core/make builder"), "{found}");
}

#[test]
fn folders_with_names_that_nix_does_not_take_get_one_that_it_does() {
    let family = Family::empty();
    let outputs = "{ outputs = self: { packages.x86_64-linux = { }; mkPackages = a: { }; }; }\n";
    for name in ["core", "0x4A6F", "a.b"] {
        family.write(&format!("repos/{name}/flake.nix"), outputs);
    }
    let arguments = ["--core", "core", "--lead", "ada", "--name", "x"];
    let adopt = |names: &[&str]| {
        let folders: Vec<String> = names.iter().map(|name| format!("repos/{name}")).collect();
        let mut all = vec!["adopt"];
        all.extend(folders.iter().map(String::as_str));
        all.extend(arguments);
        family.json(&all)
    };
    family.write("repos/a-b/flake.nix", outputs);
    let (code, report) = adopt(&["core", "a.b", "a-b"]);
    assert_eq!(
        (code, &report["error"]["code"]),
        (1, &json!("refused")),
        "{report:#}"
    );
    let (code, report) = adopt(&["core", "0x4A6F", "a.b"]);
    assert_eq!(code, 0, "{report:#}");
    let manifest = |name: &str| {
        std::fs::read_to_string(family.root.join(format!("sigs/{name}.toml"))).unwrap()
    };
    assert!(
        manifest("_0x4A6F").contains("path = \"repos/0x4A6F\""),
        "{}",
        manifest("_0x4A6F")
    );
    assert!(
        manifest("a-b").contains("path = \"repos/a.b\""),
        "{}",
        manifest("a-b")
    );
    family.ok(&["check"]);
}

/// A community's own data of people, with what real data has: somebody without an account, a file
/// that is called otherwise, a SIG that nobody leads.
fn community(family: &Family) {
    family.write("community/users.nix", "{ one = { github = \"ada\"; }; two = { github = \"bob\"; forum = \"b\"; }; three = { forum = \"c\"; }; }\n");
    family.write(
        "community/sigs.nix",
        "{ docs = { github = \"sig-docs\"; }; rust = { github = \"sig-rust\"; }; gone = { github = \"sig-gone\"; }; }\n",
    );
    family.write(
        "community/memberships.nix",
        "let sigs = import ./sigs.nix; users = import ./users.nix; committees = import ./not-there.nix; in [
  { committee = committees.security; leaders = [ users.one ]; }
  { sig = sigs.docs; leaders = [ users.one ]; members = [ users.two users.three ]; }
  { sig = sigs.rust; leaders = with users; [ ]; members = [ users.two ]; }
  { sig = sigs.docs; leaders = [ users.nobody ]; }
]\n",
    );
}

#[test]
fn the_people_of_a_community_come_in_or_are_said_not_to() {
    let family = Family::of(&format!("include = [\"sigs/*.toml\"]\n{SMALL}"));
    community(&family);
    let (code, report) = family.json(&["adopt", "--people", "community"]);
    assert_eq!(code, 3, "an `include` that matches nothing: {report:#}");
    family.write("sigs/more.toml", "people.eve = {}\n");
    let (code, report) = family.json(&["adopt", "--people", "community"]);
    assert_eq!(code, 0, "{report:#}");
    let people = &report["people"];
    assert_eq!(
        (&people["seen"], &people["people"], &people["sigs"]),
        (&json!(10), &json!(2), &json!(2)),
        "{report:#}"
    );
    let left: Vec<&str> = people["exceptions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["attribute"].as_str().unwrap())
        .collect();
    assert_eq!(
        left,
        [
            "users.three",
            "memberships[0]",
            "memberships[3]",
            "sigs.gone"
        ]
    );
    let text = std::fs::read_to_string(family.root.join("sigs/people.toml")).unwrap();
    assert!(
        text.contains(
            "[sigs.docs]\nleads = [\"ada\"]\nmembers = [\"bob\"]\nteam = \"x/sig-docs\"\n"
        ),
        "{text}"
    );
    assert!(text.contains("[sigs.rust]\nleads = [\"bob\"]\n"), "{text}");
    assert!(
        !text.contains("[people.ada]"),
        "she is there already: {text}"
    );
    family.ok(&["check"]);
    let (_, report) = family.json(&["adopt", "--people", "community"]);
    assert_eq!(report["written"], json!([]), "{report:#}");
}

#[test]
fn a_list_of_repos_says_who_answers_for_each_and_where_it_is() {
    let family = flakes(&[("core", "", "mkPackages"), ("tools", "core", "packages")]);
    family.write("repos.json", r#"{ "repos": { "core": { "github-contact": "ada", "url": "https://github.com/ada/core" }, "tools": { "github-contact": "bob", "url": "https://example.org/bob/tools.git" }, "other": { "url": "x" } } }"#);
    let (code, report) = family.json(&[
        "adopt",
        "repos/core",
        "repos/tools",
        "--people",
        "repos.json",
        "--name",
        "x",
        "--no-eval",
    ]);
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(report["people"]["contacts"], 2, "{report:#}");
    let text = std::fs::read_to_string(family.root.join("sigs/tools.toml")).unwrap();
    assert!(text.contains("leads = [\"bob\"]"), "{text}");
    assert!(
        text.contains("url = \"git+https://example.org/bob/tools\""),
        "{text}"
    );
    let refused = family.run(&["adopt", "--people", "repos"]);
    assert!(
        refused.stderr.contains("neither a folder with `users.nix`"),
        "{}",
        refused.stderr
    );
}

#[test]
fn what_is_for_other_systems_or_has_no_name_is_named() {
    let outputs = "self: { packages.x86_64-linux = { @HELLO@ default = self.packages.x86_64-linux.hello; }; packages.aarch64-linux = { @HELLO@ arm-only = self.packages.x86_64-linux.hello; }; overlays = { default = final: prev: { }; extra = final: prev: { b = 1; }; }; homeManagerModules.h = { }; }";
    let (report, _, family) = adopted_flake(outputs, &[], &[]);
    let thing = thing(&report);
    assert_eq!((&thing["packages"], &thing["seen"]), (&json!(1), &json!(3)));
    assert_eq!(
        thing["unlisted"],
        json!(["arm-only", "default"]),
        "{report:#}"
    );
    let reasons = thing["exceptions"].to_string();
    for reason in ["for other systems only", "no name of a package"] {
        assert!(reasons.contains(reason), "{reasons}");
    }
    let notes = notes(&report).join("\n");
    for note in [
        "its overlays besides `default` are named by nobody: extra",
        "what `homeManagerModules` offers is named by nobody",
    ] {
        assert!(notes.contains(note), "{notes}");
    }
    let manifest = std::fs::read_to_string(family.root.join("sigs/thing.toml")).unwrap();
    assert!(!manifest.contains("default"), "{manifest}");
}

#[test]
fn a_checkout_in_which_nothing_is_takes_nothing_out_of_the_manifest() {
    let (_, _, family) = adopted_flake("self: { packages.x86_64-linux = { @HELLO@ }; }", &[], &[]);
    let thing = family.root.join("repos/thing");
    let manifest = || std::fs::read_to_string(family.root.join("sigs/thing.toml")).unwrap();
    let before = manifest();
    let flake = std::fs::read_to_string(thing.join("flake.nix")).unwrap();
    std::fs::remove_file(thing.join("flake.nix")).unwrap();
    let (code, report) = family.json(&["adopt", "--again", "repos/thing"]);
    assert_eq!(code, 1, "{report:#}");
    assert!(
        report.to_string().contains("1 package would go"),
        "{report:#}"
    );
    assert_eq!(manifest(), before);
    family.write("repos/thing/flake.nix", &flake);
    let (code, report) = family.json(&["adopt", "--again", "repos/thing"]);
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(manifest(), before);
}
