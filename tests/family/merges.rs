//! Two branches that both generate, merged by git: in one repository for the whole family,
//! and in one for each repo.

use std::fs;
use std::path::Path;

use crate::support::{Family, git};

/// A package at the start of a list, one at its end, one beside another: where git finds
/// changes next to each other.
const PAIRS: [(&str, &str); 4] = [("aa", "ab"), ("zy", "zz"), ("aa", "zz"), ("draughts", "go")];

fn manifest(packages: &[&str]) -> String {
    let packages: Vec<String> = packages
        .iter()
        .map(|name| format!("{name} = {{}}"))
        .collect();
    format!(
        r#"format = "1.0"
organization = {{ name = "x", forge = "github:x" }}
tiers = [{{ name = "core" }}, {{ name = "sigs" }}, {{ name = "top-level" }}]
people.ada = {{}}
sigs.all.leads = ["ada"]
repos.core = {{ sig = "all", tier = "core", packages = {{ hello = {{}} }} }}
repos.games = {{ sig = "all", tier = "sigs", packages = {{ {} }} }}
repos.top-level = {{ sig = "all", tier = "top-level" }}
"#,
        packages.join(", ")
    )
}

/// A family that one git repository holds as a whole.
fn family() -> Family {
    let family = Family::of(&manifest(&["chess"]));
    git(&family.root, &["init", "--quiet", "--initial-branch=main"]);
    git(&family.root, &["config", "user.name", "ada"]);
    git(&family.root, &["config", "user.email", "ada@example.org"]);
    generate(&family, &["chess"]);
    family
}

/// Generates a family with some packages in `games`, and commits it.
fn generate(family: &Family, packages: &[&str]) {
    family.write("aux.toml", &manifest(packages));
    family.ok(&["generate"]);
    git(&family.root, &["add", "--all"]);
    git(&family.root, &["commit", "--quiet", "-m", "x"]);
}

/// Merges a branch whose manifest is in conflict by intent: what that becomes is a person's
/// to say. Every other file in conflict is returned.
fn merge(family: &Family, branch: &str, packages: &[&str]) -> Vec<String> {
    let merged = std::process::Command::new("git")
        .arg("-C")
        .arg(&family.root)
        .args(["merge", "--quiet", "--no-commit", "--no-ff", branch])
        .output();
    merged.unwrap();
    let conflicts = git(&family.root, &["diff", "--name-only", "--diff-filter=U"]);
    family.write("aux.toml", &manifest(packages));
    let conflicts = conflicts.lines().filter(|file| *file != "aux.toml");
    conflicts.map(str::to_owned).collect()
}

#[test]
fn two_branches_that_each_add_a_package_merge() {
    for (one, two) in PAIRS {
        let family = family();
        git(&family.root, &["checkout", "--quiet", "-b", "one"]);
        generate(&family, &["chess", one]);
        git(&family.root, &["checkout", "--quiet", "main"]);
        generate(&family, &["chess", two]);

        let conflicts = merge(&family, "one", &["chess", one, two]);
        assert_eq!(conflicts, Vec::<String>::new(), "{one} and {two}");
        let said = family.ok(&["generate"]).stderr;
        assert!(!said.contains("left alone"), "{said}");
        let fresh = Family::of(&manifest(&["chess", one, two]));
        fresh.ok(&["generate"]);
        for file in [
            "contract.json",
            "README.md",
            ".gitattributes",
            ".aux-gen/record",
        ] {
            let of = |root: &Path| fs::read_to_string(root.join("repos/games").join(file)).unwrap();
            assert_eq!(of(&family.root), of(&fresh.root), "{one} and {two}: {file}");
        }
        family.ok(&["generate", "--check"]);
    }
}

#[test]
fn a_merge_that_heeds_no_attributes_is_taken_all_the_same() {
    let family = family();
    git(&family.root, &["checkout", "--quiet", "-b", "one"]);
    generate(&family, &["chess", "zy"]);
    git(&family.root, &["checkout", "--quiet", "main"]);
    generate(&family, &["chess", "zz"]);
    // As a forge may merge: what is here comes before what is in the tree (`gitattributes`).
    let attributes = family.root.join(".git/info/attributes");
    fs::create_dir_all(attributes.parent().unwrap()).unwrap();
    fs::write(&attributes, "* merge=text\n").unwrap();
    let conflicts = merge(&family, "one", &["chess", "zy", "zz"]);
    assert!(conflicts.contains(&"repos/games/.aux-gen/record".to_owned()));
    assert!(conflicts.contains(&"repos/games/contract.json".to_owned()));

    let (code, report) = family.json(&["status"]);
    assert_eq!(code, 0, "{report}");
    let states = report["files"].as_array().unwrap();
    let contract = states
        .iter()
        .find(|status| status["file"] == "repos/games/contract.json");
    assert_eq!(contract.unwrap()["state"], "half-merged", "{report}");
    let said = family.ok(&["generate"]).stderr;
    assert!(!said.contains("left alone"), "{said}");
    assert!(
        said.contains("half merged repos/games/contract.json: two branches generated it"),
        "{said}"
    );
    family.ok(&["generate", "--check"]);
    let contract = fs::read_to_string(family.root.join("repos/games/contract.json")).unwrap();
    assert!(contract.contains("\"zy\",\n    \"zz\"\n"), "{contract}");
}

#[test]
fn what_somebody_wrote_into_a_merge_stays() {
    let family = family();
    git(&family.root, &["checkout", "--quiet", "-b", "one"]);
    generate(&family, &["chess", "go"]);
    git(&family.root, &["checkout", "--quiet", "main"]);
    generate(&family, &["chess", "zz"]);
    assert!(merge(&family, "one", &["chess", "go", "zz"]).is_empty());
    let readme = family.root.join("repos/games/README.md");
    let mine = fs::read_to_string(&readme).unwrap() + "my own words\n";
    fs::write(&readme, mine).unwrap();
    family.run(&["generate"]);
    let text = fs::read_to_string(&readme).unwrap();
    assert!(text.contains("my own words\n"), "{text}");
}

#[test]
fn a_text_that_nobody_changed_has_one_copy_and_one_that_somebody_did_has_two() {
    let family = family();
    let copies = family.root.join("repos/games/.aux-gen/base");
    assert!(!copies.exists());
    let readme = family.root.join("repos/games/README.md");
    let generated = fs::read_to_string(&readme).unwrap();
    fs::write(&readme, format!("{generated}my own words\n")).unwrap();
    // Of a clone by somebody else, who has but what git has.
    git(&family.root, &["commit", "--quiet", "-am", "My own words"]);
    let clone = Family::empty();
    let source = family.root.display().to_string();
    git(&clone.root, &["clone", "--quiet", &source, "."]);
    clone.write("aux.toml", &manifest(&["chess", "go"]));
    clone.ok(&["generate"]);
    let text = fs::read_to_string(clone.root.join("repos/games/README.md")).unwrap();
    assert!(
        text.contains("my own words\n") && text.contains("`go`"),
        "{text}"
    );
    let copy = fs::read_to_string(clone.root.join("repos/games/.aux-gen/base/README.md")).unwrap();
    assert!(
        !copy.contains("my own words") && copy.contains("`go`"),
        "{copy}"
    );

    clone.ok(&["resolve", "--theirs", "repos/games/README.md"]);
    assert!(
        !clone
            .root
            .join("repos/games/.aux-gen/base/README.md")
            .exists()
    );
}

#[test]
fn a_clone_that_has_no_history_overwrites_nothing() {
    let family = family();
    let readme = family.root.join("repos/games/README.md");
    let generated = fs::read_to_string(&readme).unwrap();
    fs::write(&readme, format!("{generated}my own words\n")).unwrap();
    git(&family.root, &["commit", "--quiet", "-am", "My own words"]);
    let clone = Family::empty();
    let source = format!("file://{}", family.root.display());
    git(
        &clone.root,
        &["clone", "--quiet", "--depth=1", &source, "."],
    );
    clone.write("aux.toml", &manifest(&["chess", "go"]));
    let ran = clone.run(&["generate"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("repos/games/README.md"),
        "{}",
        ran.stderr
    );
    let text = fs::read_to_string(clone.root.join("repos/games/README.md")).unwrap();
    assert!(text.ends_with("my own words\n"), "{text}");
}

#[test]
fn a_record_of_an_older_program_is_read_and_written_anew() {
    use sha2::{Digest, Sha256};
    let family = family();
    let place = family.root.join("repos/games");
    let record = fs::read_to_string(place.join(".aux-gen/record")).unwrap();
    let names = record
        .lines()
        .filter(|line| line.starts_with("generated "))
        .map(|line| line.splitn(6, ' ').nth(5).unwrap());
    let mut files = serde_json::Map::new();
    for name in names {
        let text = fs::read_to_string(place.join(name)).unwrap();
        let hash = hex::encode(Sha256::digest(text.as_bytes()));
        files.insert(
            name.to_owned(),
            serde_json::json!({ "hash": hash, "template": "", "template_version": "", "tool": "" }),
        );
        family.write(&format!("repos/games/.aux-gen/base/{name}"), &text);
    }
    let before = serde_json::json!({
        "generated": "x", "version": 2, "files": files,
        "scaffolds": ["pkgs/by-name/ch/chess/package.nix"], "removed": [], "ejected": []
    });
    fs::remove_file(place.join(".aux-gen/record")).unwrap();
    family.write("repos/games/.aux-gen/record.json", &before.to_string());
    let readme = place.join("README.md");
    let mine = fs::read_to_string(&readme).unwrap() + "my own words\n";
    fs::write(&readme, mine).unwrap();
    family.write("aux.toml", &manifest(&["chess", "go"]));

    family.ok(&["generate"]);
    let text = fs::read_to_string(&readme).unwrap();
    assert!(
        text.contains("my own words\n") && text.contains("`go`"),
        "{text}"
    );
    assert!(place.join(".aux-gen/record").exists());
    assert!(!place.join(".aux-gen/record.json").exists());
    let copies: Vec<_> = fs::read_dir(place.join(".aux-gen/base"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(
        copies,
        ["README.md"],
        "of what somebody changed, and nothing else"
    );
    family.ok(&["generate", "--check"]);
}
