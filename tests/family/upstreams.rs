//! Packages that were imported, and what upstream changed since.

use std::fs;
use std::path::PathBuf;

use crate::support::{Family, commit_all, copy, git, init};

struct Upstream {
    family: Family,
    tree: PathBuf,
}

impl Upstream {
    fn new() -> Self {
        let family = Family::empty();
        copy(&Family::example().root, &family.root.join("family"));
        let tree = family.root.join("nixpkgs");
        fs::create_dir_all(&tree).unwrap();
        init(&tree);
        let upstream = Self { family, tree };
        upstream.write("pkgs/by-name/he/hello/package.nix", &hello("1.0"));
        upstream.write("pkgs/common/notes.patch", "a\n");
        upstream.write(
            "pkgs/by-name/ot/other/package.nix",
            "{ stdenv }: stdenv.mkDerivation { pname = \"other\"; version = \"1\"; }\n",
        );
        commit_all(&upstream.tree, "the first");
        git(
            &upstream.tree,
            &["remote", "add", "origin", "https://github.com/x/pkgs"],
        );
        upstream
    }

    fn write(&self, path: &str, text: &str) {
        let file = self.tree.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    fn at(&self) -> Family {
        Family::at(&self.family.root.join("family"))
    }

    fn import(&self, name: &str) -> String {
        let shard = &name[..2];
        let path = self.tree.join(format!("pkgs/by-name/{shard}/{name}"));
        let ran = self.at().run(&[
            "import",
            path.to_str().unwrap(),
            "--to",
            "gnome",
            "--no-eval",
        ]);
        assert!([0, 3].contains(&ran.code), "{}{}", ran.stdout, ran.stderr);
        ran.stderr
    }

    fn drift(&self) -> (i32, serde_json::Value) {
        self.at()
            .json(&["drift", "--tree", self.tree.to_str().unwrap()])
    }
}

fn hello(version: &str) -> String {
    format!(
        "{{ stdenv }}:\nstdenv.mkDerivation {{\n  pname = \"hello\";\n  version = \"{version}\";\n  notes = ../../../common/notes.patch;\n}}\n"
    )
}

#[test]
fn an_import_is_recorded_and_drift_names_what_changed_upstream() {
    let upstream = Upstream::new();
    upstream.import("hello");
    upstream.import("other");
    let first = git(&upstream.tree, &["rev-parse", "HEAD"])
        .trim()
        .to_owned();
    let manifest = fs::read_to_string(upstream.at().root.join("sigs/gnome.toml")).unwrap();
    let record = format!(
        "imported = {{ from = \"git+https://github.com/x/pkgs\", rev = \"{first}\", path = \"pkgs/by-name/he/hello\", with = [\"pkgs/common/notes.patch\"] }}"
    );
    let record = record.replace("git+https", "https");
    assert!(manifest.contains(&record), "{manifest}");
    let (code, drift) = upstream.drift();
    assert_eq!(code, 0, "{drift:#}");
    assert!(drift["unrecorded"].as_u64().unwrap() > 5);

    // Something else changes, and nothing has drifted.
    upstream.write("README", "x");
    commit_all(&upstream.tree, "a readme");
    assert_eq!(upstream.drift().0, 0);
    upstream.write("pkgs/by-name/he/hello/package.nix", &hello("1.1"));
    commit_all(&upstream.tree, "hello: 1.0 -> 1.1");
    upstream.write("pkgs/common/notes.patch", "b\n");
    commit_all(&upstream.tree, "other notes");
    git(
        &upstream.tree,
        &["rm", "--quiet", "-r", "pkgs/by-name/ot/other"],
    );
    commit_all(&upstream.tree, "other goes");
    let (code, drift) = upstream.drift();
    assert_eq!(code, 3);
    let of = |index: usize| drift["packages"][index].clone();
    assert_eq!(of(0)["state"], "changed");
    assert_eq!(
        (&of(0)["version"], &of(0)["newest_version"]),
        (&"1.0".into(), &"1.1".into())
    );
    let subjects: Vec<String> = of(0)["commits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|commit| commit["subject"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(subjects, ["hello: 1.0 -> 1.1", "other notes"]);
    assert_eq!(of(1)["state"], "gone");
}

#[test]
fn what_nobody_can_look_at_is_said_and_is_not_fine() {
    let upstream = Upstream::new();
    upstream.import("hello");
    // What is not committed has no commit to be compared with.
    upstream.write(
        "pkgs/by-name/ot/other/package.nix",
        "{ stdenv }: stdenv.mkDerivation { pname = \"other\"; version = \"2\"; }\n",
    );
    let said = upstream.import("other");
    assert!(
        said.contains(
            "not recorded: `pkgs/by-name/ot/other/package.nix` is not as it is committed"
        ),
        "{said}"
    );
    let elsewhere = upstream.family.root.join("elsewhere");
    fs::create_dir_all(&elsewhere).unwrap();
    init(&elsewhere);
    fs::write(elsewhere.join("x"), "x").unwrap();
    commit_all(&elsewhere, "x");
    let ran = upstream
        .at()
        .run(&["drift", "--tree", elsewhere.to_str().unwrap()]);
    assert_eq!(ran.code, 3, "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stderr.contains("not looked at: 1 packages"),
        "{}",
        ran.stderr
    );
    let none = upstream.family.root.join("none");
    fs::create_dir_all(&none).unwrap();
    let ran = upstream
        .at()
        .run(&["drift", "--tree", none.to_str().unwrap()]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
}
