//! The program itself for users of Nix: its own flake and `default.nix`, over a stand-in for nixpkgs.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{nix, with_flakes};

fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    root.canonicalize().unwrap()
}

/// The files of the flake, without what is built here: a flake takes its whole folder into the store.
fn flake() -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for file in [
        "flake.nix",
        "package.nix",
        "default.nix",
        "Cargo.toml",
        "Cargo.lock",
    ] {
        std::fs::copy(root().join(file), copy.path().join(file)).unwrap();
    }
    copy
}

fn evaluated(arguments: &[&str]) -> Value {
    let output = with_flakes().args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn every_output_of_its_flake_evaluates() {
    let flake = flake();
    let place = format!("path:{}", flake.path().display());
    let stand_in = root().join("tests/family/stand-in");
    let stand_in = format!("path:{}", stand_in.display());
    let eval = |attribute: &str| {
        evaluated(&[
            "eval",
            "--json",
            "--no-write-lock-file",
            "--override-input",
            "nixpkgs",
            &stand_in,
            &format!("{place}#{attribute}"),
        ])
    };
    for system in ["x86_64-linux", "aarch64-linux"] {
        let package = eval(&format!("packages.{system}.default.drvPath"));
        let name = format!("-aux-gen-{}.drv", env!("CARGO_PKG_VERSION"));
        assert!(package.as_str().unwrap().ends_with(&name), "{package}");
        assert_eq!(eval(&format!("packages.{system}.aux-gen.drvPath")), package);
        let program = eval(&format!("apps.{system}.default.program"));
        assert!(
            program.as_str().unwrap().ends_with("/bin/aux-gen"),
            "{program}"
        );
        for output in ["devShells", "checks"] {
            let derivation = eval(&format!("{output}.{system}.default.drvPath"));
            assert!(
                derivation.as_str().unwrap().ends_with(".drv"),
                "{derivation}"
            );
        }
        assert!(eval(&format!("formatter.{system}.drvPath")).is_string());
    }
    let meta = eval("packages.x86_64-linux.default.meta");
    assert_eq!(meta["mainProgram"], "aux-gen");
}

#[test]
fn without_flakes_it_is_the_same_package() {
    let flake = flake();
    let path = flake.path().join("default.nix");
    let stand_in = root().join("tests/family/stand-in");
    let expression = format!(
        "(import {} {{ pkgs = import {} {{ system = \"x86_64-linux\"; }}; }}).drvPath",
        path.display(),
        stand_in.display()
    );
    let output = Command::new(nix().program())
        .args(["--extra-experimental-features", "nix-command"])
        .args(["eval", "--impure", "--json", "--expr"])
        .arg(expression)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(
        String::from_utf8_lossy(&output.stdout).contains("-aux-gen-"),
        "{output:?}"
    );
}
