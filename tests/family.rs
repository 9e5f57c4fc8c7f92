//! The main job with the real Nix: families that evaluate, build and refuse.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]
#![allow(
    clippy::disallowed_methods,
    reason = "tests lay out their own files and run the program as users do"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use aux_gen::nix::{Answer, Limits, Nix, Question};
use serde_json::Value;

/// The program under test, in a registry.
struct Family {
    root: PathBuf,
    /// Removed when the test is over; the shipped example is not.
    _temporary: Option<tempfile::TempDir>,
}

struct Ran {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Family {
    fn example() -> Self {
        Self {
            root: Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/auxolotl"),
            _temporary: None,
        }
    }

    fn empty() -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self {
            root: directory.path().canonicalize().unwrap(),
            _temporary: Some(directory),
        }
    }

    fn of(manifest: &str) -> Self {
        let family = Self::empty();
        family.write("aux.toml", manifest);
        family
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_aux-gen"))
            .current_dir(&self.root)
            .args(["--color", "never"])
            .args(arguments)
            .output()
            .unwrap();
        Ran {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn ok(&self, arguments: &[&str]) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}\n{}\n{}", ran.stdout, ran.stderr);
        ran
    }

    fn json(&self, arguments: &[&str]) -> (i32, Value) {
        let mut all = vec!["--format", "json"];
        all.extend(arguments);
        let ran = self.run(&all);
        let value = serde_json::from_str(&ran.stdout)
            .unwrap_or_else(|error| panic!("{error}\n{}\n{}", ran.stdout, ran.stderr));
        (ran.code, value)
    }

    fn repo(&self, name: &str) -> PathBuf {
        self.root.join("repos").join(name).canonicalize().unwrap()
    }

    /// Every checkout but `name`, as overrides of inputs.
    fn inputs_of(&self, name: &str) -> BTreeMap<String, PathBuf> {
        let flake = fs::read_to_string(self.repo(name).join("flake.nix")).unwrap();
        fs::read_dir(self.root.join("repos"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|input| flake.contains(&format!("    {input} = {{")))
            .map(|input| {
                let path = self.repo(&input);
                (input, path)
            })
            .collect()
    }
}

fn nix() -> Nix {
    Nix::find().unwrap_or_else(|error| panic!("{error}; {}", error.hint().unwrap_or_default()))
}

fn repo<'v>(report: &'v Value, name: &str) -> &'v Value {
    report["repos"]
        .as_array()
        .unwrap()
        .iter()
        .find(|repo| repo["repo"] == name)
        .unwrap_or_else(|| panic!("{name} is not in {report}"))
}

#[test]
fn the_example_is_as_the_generator_writes_it() {
    let ran = Family::example().run(&["generate", "--check"]);
    assert_eq!(
        ran.code, 0,
        "run `aux-gen generate` in examples/auxolotl\n{}",
        ran.stdout
    );
}

#[test]
fn the_example_keeps_its_contract_alone_and_through_top_level() {
    for flags in [&["eval"][..], &["eval", "--flakes"]] {
        let (code, report) = Family::example().json(flags);
        assert_eq!(code, 0, "{report:#}");
        let python = repo(&report, "python");
        assert_eq!(
            python["left_out"],
            serde_json::json!([["notebook", "javascript/nodejs"]]),
            "a peer is met in top-level only"
        );
        let (alone, together) = (&python["standalone"], &python["top_level"]);
        assert_eq!(together["ok"], together["attributes"]);
        assert_eq!(
            alone["ok"].as_u64().unwrap() + 1,
            together["ok"].as_u64().unwrap(),
            "the notebook, and nothing else, needs top-level"
        );
    }
}

#[test]
fn the_example_builds_and_runs() {
    let family = Family::example();
    let built = nix()
        .flake_build(
            &family.repo("top-level"),
            "dashboard",
            &family.inputs_of("top-level"),
            &Limits::default(),
        )
        .unwrap()
        .unwrap_or_else(|failure| panic!("{}\n{}", failure.reason, failure.detail));
    let program = built[0].outputs["out"].join("bin/dashboard");
    let output = Command::new(&program).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{program:?}: {said}");
    assert!(said.contains("v20."), "it runs on nodejs_lts: {said}");
}

#[test]
fn every_flake_of_the_example_passes_nix_flake_check() {
    let family = Family::example();
    for name in [
        "core",
        "python",
        "javascript",
        "gnome",
        "applications",
        "top-level",
    ] {
        let mut command = Command::new(nix().program());
        command
            .args(["--extra-experimental-features", "nix-command flakes"])
            .args([
                "flake",
                "check",
                "--offline",
                "--no-write-lock-file",
                "--no-build",
            ]);
        for (input, path) in family.inputs_of(name) {
            command.args([
                "--override-input",
                &input,
                &format!("path:{}", path.display()),
            ]);
        }
        command.arg(format!("path:{}", family.repo(name).display()));
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name}: {said}");
    }
}

#[test]
fn from_nothing_to_a_family_without_touching_nix() {
    let family = Family::empty();
    family.ok(&["init", "--name", "mine", "--lead", "ada"]);
    family.ok(&["new-sig", "python", "--lead", "grace"]);
    family.ok(&["new-sig", "web", "--lead", "grace", "--uses", "python"]);
    family.ok(&[
        "new-package",
        "python/buildWheel",
        "--builder",
        "--build",
        "hello",
    ]);
    family.ok(&[
        "new-package",
        "python/requests",
        "--build",
        "buildWheel",
        "--optional",
        "hello",
    ]);
    family.ok(&[
        "new-package",
        "web/site",
        "--build",
        "python/requests",
        "--description",
        "A ${site}",
    ]);
    let (code, report) = family.json(&["eval"]);
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(repo(&report, "web")["standalone"]["ok"], 1);
    let (code, report) = family.json(&["eval", "--flakes", "--repo", "web"]);
    assert_eq!(code, 0, "{report:#}");
    let built = nix().flake_build(
        &family.repo("web"),
        "site",
        &family.inputs_of("web"),
        &Limits::default(),
    );
    built
        .unwrap()
        .unwrap_or_else(|failure| panic!("{}", failure.detail));
    assert_eq!(
        family.ok(&["generate", "--check"]).stdout,
        "",
        "nothing is left to write"
    );
}

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
fn a_broken_package_is_named_and_stops_nobody_else() {
    let family = Family::empty();
    family.ok(&["init", "--name", "mine"]);
    family.ok(&["new-package", "core/fine"]);
    for (name, body) in [
        ("thrown", "throw \"no ${\"luck\"}\""),
        ("aborted", "abort \"stop\""),
        ("missing", "import ./nowhere.nix"),
        ("endless", "let x = x; in x"),
        ("text", "\"not a derivation\""),
        ("broken", "{ a = "),
    ] {
        family.ok(&["new-package", &format!("core/{name}")]);
        let file = format!("repos/core/pkgs/by-name/{}/{name}/package.nix", &name[..2]);
        family.write(&file, &format!("{{ }}: {body}"));
    }
    let (code, report) = family.json(&["eval", "--repo", "core"]);
    assert_eq!(code, 3);
    let tally = &repo(&report, "core")["standalone"];
    assert_eq!(tally["failed"].as_array().unwrap().len(), 6, "{tally:#}");
    assert_eq!(tally["ok"], 3, "hello, stdenv and fine are fine: {tally:#}");
    let kinds: BTreeMap<&str, &Value> = tally["failed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|failed| (failed["attribute"].as_str().unwrap(), &failed["kind"]))
        .collect();
    assert_eq!(kinds["thrown"], "thrown");
    assert_eq!(kinds["aborted"], "aborted");
    assert_eq!(kinds["missing"], "missing-file");
    assert_eq!(kinds["endless"], "infinite-recursion");
    assert_eq!(kinds["broken"], "syntax");
    assert_eq!(*kinds["text"], Value::Null);
}

#[test]
fn a_package_set_without_the_owner_names_the_owner() {
    let family = Family::example();
    let python = family.repo("python");
    let core = family.repo("core");
    let scope = format!(
        "let core = (import {}/flake.nix).outputs {{ self = core; }};
         in {{ packages = core.mkPackages {{ system = \"x86_64-linux\"; layers = [ (import {}/layer.nix) ]; }}; }}",
        core.display(),
        python.display()
    );
    let answers = nix()
        .ask(
            &scope,
            &[Question::new("notebook", "scope.packages.notebook.drvPath")],
            &Limits::default().allowing(&core).allowing(&python),
        )
        .unwrap();
    let Answer::Failed(failure) = &answers[0].answer else {
        panic!("it has no nodejs: {:?}", answers[0].answer);
    };
    assert_eq!(
        failure.reason,
        "`nodejs` belongs to the repo `javascript`, which is not part of this package set"
    );
}

#[test]
fn texts_full_of_nix_come_out_of_nix_unchanged() {
    let nasty = "a \"b\" \\ ${c} $${d} ''e'' \t\\n # /* ü 漢";
    let quoted = serde_json::to_string(nasty).unwrap();
    let family = Family::of(&format!(
        r#"
format = "1.0"
organization = {{ name = "x", forge = "github:x", systems = ["x86_64-linux", "aarch64-linux"] }}
tiers = [{{ name = "core" }}, {{ name = "top-level" }}]
people.ada = {{}}
sigs.all = {{ leads = ["ada"], description = {quoted}, contact = {quoted} }}
repos.core = {{ sig = "all", tier = "core", description = {quoted}, builders = {{ stdenv = {{}} }}, packages = {{ p = {{ description = {quoted}, homepage = {quoted} }} }}, modules = {{ m = {{ description = {quoted} }} }} }}
repos.top-level = {{ sig = "all", tier = "top-level" }}
"#
    ));
    family.ok(&["generate"]);
    family.ok(&["eval"]);
    let core = family.repo("core");
    let scope = format!("import {}/flake.nix", core.display());
    let questions = [
        Question::new("flake", "scope.description"),
        Question::new(
            "package",
            "(let self = scope.outputs { inherit self; }; in self).auxPackages.x86_64-linux.p.meta.description",
        ),
    ];
    let limits = Limits::default().allowing(&core);
    for answered in nix().ask(&scope, &questions, &limits).unwrap() {
        let value = answered
            .answer
            .value()
            .unwrap_or_else(|| panic!("{answered:?}"));
        assert_eq!(value, nasty, "{}", answered.key);
    }
}

#[test]
fn overrides_survive_each_other_and_reach_builders() {
    let core = Family::example().repo("core");
    let python = Family::example().repo("python");
    let scope = format!(
        "let core = (import {}/flake.nix).outputs {{ self = core; }};
         in core.mkPackages {{ system = \"x86_64-linux\"; layers = [ (import {}/layer.nix) ]; }}",
        core.display(),
        python.display()
    );
    let asked = [
        (
            "(scope.zlib.overrideAttrs (_: { version = \"9\"; })).version",
            "9",
        ),
        (
            "((scope.zlib.overrideAttrs (_: { version = \"9\"; })).override { }).version",
            "9",
        ),
        (
            "builtins.typeOf (scope.buildPythonPackage.override { })",
            "set",
        ),
        (
            "builtins.typeOf (scope.buildPythonPackage { pname = \"p\"; version = \"1\"; src = ./.; }).drvPath",
            "string",
        ),
    ];
    let questions: Vec<Question> = asked
        .iter()
        .map(|(expression, _)| Question::new(*expression, *expression))
        .collect();
    let limits = Limits::default().allowing(&core).allowing(&python);
    let answers = nix().ask(&scope, &questions, &limits).unwrap();
    for (answered, (_, wanted)) in answers.iter().zip(&asked) {
        assert_eq!(
            answered.answer.value(),
            Some(&Value::from(*wanted)),
            "{answered:?}"
        );
    }
}

/// A copy of the shipped example, to break.
fn broken_example() -> Family {
    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let target = to.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                copy(&entry.path(), &target);
            } else {
                fs::copy(entry.path(), target).unwrap();
            }
        }
    }
    let family = Family::empty();
    copy(&Family::example().root, &family.root);
    family
}

#[test]
fn a_repo_that_does_not_keep_its_contract_is_told_clause_by_clause() {
    let family = broken_example();
    let change = |path: &str, from: &str, to: &str| {
        let text = fs::read_to_string(family.root.join(path)).unwrap();
        assert!(text.contains(from), "{path} has no {from}");
        family.write(path, &text.replace(from, to));
    };
    change("repos/python/contract.json", "\"1.1.0\"", "\"1.5.0\"");
    change(
        "repos/javascript/flake.nix",
        "checks = self.packages;",
        "checks = { };",
    );
    change(
        "repos/applications/flake.nix",
        "overlays = {",
        "overlays = { default = _: _: { }; }; ignored = {",
    );
    fs::remove_file(family.root.join("repos/gnome/overlays/gdm-without-tls.nix")).unwrap();
    family.write("repos/gnome/modules/nixos/gdm.nix", "{ a = ");
    let (code, report) = family.json(&["eval"]);
    assert_eq!(code, 3);
    let broken = |name: &str| -> Vec<String> {
        repo(&report, name)["contract"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|clause| !clause["broken"].is_null())
            .map(|clause| clause["output"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(broken("python"), ["aux"]);
    assert_eq!(broken("javascript"), ["checks"]);
    assert_eq!(broken("applications"), ["overlays.default"]);
    assert_eq!(
        broken("gnome"),
        ["nixosModules.gdm", "overlays.gdm-without-tls"]
    );
    assert_eq!(broken("core"), [""; 0]);
}

#[test]
fn a_move_keeps_every_derivation_of_the_flat_view() {
    let family = broken_example();
    let flat = || {
        let system = "x86_64-linux";
        nix()
            .flake_json(
                &family.repo("top-level"),
                &format!("packages.{system}"),
                Some("builtins.mapAttrs (_: package: package.drvPath)"),
                &family.inputs_of("top-level"),
                &Limits::default(),
            )
            .unwrap()
            .unwrap_or_else(|failure| panic!("{}", failure.detail))
    };
    let before = flat();
    family.ok(&["move", "node-gyp", "python"]);
    assert!(
        !family
            .root
            .join("repos/javascript/pkgs/by-name/no/node-gyp")
            .exists()
    );
    assert_eq!(flat(), before, "the flat view is unchanged, path by path");
    assert_eq!(
        family.json(&["cycles"]).1["repos"],
        serde_json::json!([]),
        "the circle is gone"
    );
    let owner = family.json(&["who", "node-gyp"]).1;
    assert_eq!(owner["owner"], "javascript", "a move changes no owner");
    let (code, report) = family.json(&["eval"]);
    assert_eq!(code, 0, "{report:#}");
}

#[test]
fn a_repo_cannot_hide_what_it_lost_or_took() {
    let lies = [
        (
            "top-level",
            "packages = forEachSystem (",
            "packages = forEachSystem (_: { }); lost = forEachSystem (",
            "packages",
        ),
        (
            "top-level",
            "repoPackages = forEachSystem (",
            "repoPackages = throw \"no\"; lost = forEachSystem (",
            "repoPackages",
        ),
        (
            "python",
            "legacyPackages = self.auxPackages;",
            "legacyPackages = forEachSystem (_: { });",
            "legacyPackages",
        ),
        (
            "python",
            "hydraJobs.packages = self.packages;",
            "hydraJobs = 3;",
            "hydraJobs.packages",
        ),
        (
            "python",
            "aux = contract;",
            "aux = contract // { packages = [ ]; };",
            "aux",
        ),
    ];
    for (name, from, to, output) in lies {
        let family = broken_example();
        let path = format!("repos/{name}/flake.nix");
        let text = fs::read_to_string(family.root.join(&path)).unwrap();
        assert!(text.contains(from), "{path} has no {from}");
        family.write(&path, &text.replace(from, to));
        let (code, report) = family.json(&["eval"]);
        assert_eq!(code, 3, "{to}");
        let clauses = repo(&report, name)["contract"].as_array().unwrap();
        let broken = clauses
            .iter()
            .any(|clause| clause["output"] == output && !clause["broken"].is_null());
        assert!(broken, "{to}: {clauses:#?}");
    }

    let family = broken_example();
    family.write(
        "repos/gnome/pkgs/by-name/zl/zlib/package.nix",
        "{ openssl }: openssl",
    );
    let (code, report) = family.json(&["eval"]);
    assert_eq!(code, 3, "gnome takes core's zlib: {report:#}");

    let family = broken_example();
    fs::remove_dir_all(family.root.join("repos/top-level")).unwrap();
    assert_eq!(
        family.run(&["eval", "--repo", "core"]).code,
        3,
        "nothing is said of the whole"
    );

    let family = broken_example();
    family.write(
        "repos/core/pkgs/by-name/zl/zlib/package.nix",
        "{ }: { type = \"derivation\"; name = \"x\"; drvPath = \"/nix/store/zzz\"; outPath = \"/x\"; }",
    );
    assert_eq!(
        family.run(&["eval", "--repo", "core"]).code,
        3,
        "that is no derivation"
    );
}

#[test]
fn a_flood_of_warnings_does_not_stop_an_evaluation() {
    let family = broken_example();
    family.write(
        "repos/core/pkgs/by-name/zl/zlib/package.nix",
        "{ stdenv }: builtins.foldl' (all: number: builtins.trace \"warning ${toString number}: please use something else instead of this\" all) (stdenv.mkDerivation { pname = \"zlib\"; version = \"1\"; }) (builtins.genList (number: number) 20000)",
    );
    let start = std::time::Instant::now();
    family.ok(&["eval", "--repo", "core", "--flakes"]);
    family.ok(&["eval", "--repo", "core"]);
    assert!(
        start.elapsed().as_secs() < 120,
        "it waited for somebody to read"
    );
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
        &format!("layer = _: final: prev: {{ a = {}; }};", package("a")),
    );
    write(
        "by-overlay",
        &format!(
            "overlays.default = final: prev: {{ b = {}; }};",
            package("b")
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
fn a_manifest_that_is_a_link_stays_one() {
    let family = Family::empty();
    family.ok(&["init", "--name", "mine"]);
    let (link, real) = (
        family.root.join("sigs/core.toml"),
        family.root.join("core.toml"),
    );
    fs::rename(&link, &real).unwrap();
    std::os::unix::fs::symlink("../core.toml", &link).unwrap();
    family.ok(&["new-package", "core/two"]);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&real).unwrap().contains("two"));
}
