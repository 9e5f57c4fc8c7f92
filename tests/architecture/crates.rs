//! The crates against ARCHITECTURE.md: which of them exist, what each may use, and which of
//! them may start processes.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use crate::{root, sources};

/// What each crate of the workspace uses of the others, without their tests' needs.
pub(crate) fn uses() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    // What is never published is for tests.
    let packages: Vec<_> = packages
        .iter()
        .filter(|package| package["publish"].is_null())
        .collect();
    let name = |value: &serde_json::Value| value["name"].as_str().unwrap().to_owned();
    let ours: BTreeSet<String> = packages.iter().copied().map(name).collect();
    let used = |package: &serde_json::Value| {
        let all = package["dependencies"].as_array().unwrap().iter();
        let built = all.filter(|dependency| dependency["kind"].is_null());
        built.map(name).filter(|name| ours.contains(name)).collect()
    };
    packages
        .iter()
        .map(|package| (name(package), used(package)))
        .collect()
}

/// The crates in the order of the table in ARCHITECTURE.md.
fn documented() -> Vec<String> {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    text.lines()
        .filter_map(|line| Some(line.strip_prefix("| `")?.split_once('`')?.0.to_owned()))
        .filter(|name| name.starts_with("aux-"))
        .collect()
}

#[test]
fn a_crate_uses_only_what_stands_above_it() {
    let uses = uses();
    let order = documented();
    let documented: BTreeSet<&String> = order.iter().collect();
    assert_eq!(
        documented,
        uses.keys().collect(),
        "the table names other crates"
    );
    for (at, name) in order.iter().enumerate() {
        let above: BTreeSet<&String> = order[..at].iter().collect();
        for used in &uses[name] {
            assert!(
                above.contains(used),
                "{name} uses {used}, which stands below it"
            );
        }
    }
    let of = |name: &str| uses[name].iter().map(String::as_str).collect::<Vec<_>>();
    for name in ["aux-graph", "aux-names", "aux-process", "aux-output"] {
        assert!(of(name).is_empty(), "{name} uses others");
    }
    assert_eq!(of("aux-model"), ["aux-graph", "aux-names", "aux-problems"]);
    for name in ["aux-train", "aux-adopt"] {
        assert!(!of(name).contains(&"aux-train") && !of(name).contains(&"aux-adopt"));
    }
}

#[test]
fn only_three_crates_start_processes() {
    let starting = ["aux-process", "aux-git", "aux-nix"];
    for name in uses().keys() {
        let source = root().join(name).join("src");
        let has_own_rules = root().join(name).join("clippy.toml").exists();
        assert_eq!(has_own_rules, starting.contains(&name.as_str()), "{name}");
        if has_own_rules {
            continue;
        }
        let main = ["lib.rs", "main.rs"].map(|file| source.join(file));
        let main = main.into_iter().find(|file| file.exists()).unwrap();
        let text = std::fs::read_to_string(main).unwrap();
        let rule = "(clippy::disallowed_types)]";
        assert!(
            text.contains(&format!("#![forbid{rule}")) || text.contains(&format!("#![deny{rule}")),
            "{name} does not forbid processes"
        );
        for file in sources(&source) {
            let text = std::fs::read_to_string(&file).unwrap();
            let code = text.lines().filter(|line| !line.trim().starts_with("//"));
            let text: String = code.collect();
            for word in ["allow(clippy::disallowed_types", "process::Command"] {
                assert!(!text.contains(word), "{}: {word}", file.display());
            }
        }
    }
}

#[test]
fn no_crate_is_larger_than_one_reader_can_hold() {
    for name in uses().keys() {
        let files = sources(&root().join(name).join("src"));
        let lines = files.iter().map(|file| {
            let text = std::fs::read_to_string(file).unwrap();
            // Explanations make a crate no harder to hold.
            let is_comment = |line: &&str| line.trim_start().starts_with("//");
            text.lines().filter(|line| !is_comment(line)).count()
        });
        let lines: usize = lines.sum();
        assert!(lines <= 15_000, "{name} has {lines} lines of code");
    }
}
