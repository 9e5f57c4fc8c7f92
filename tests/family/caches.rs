//! What a run remembers for the next one never hides a change.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::Family;

const MANIFEST: &str = r#"format = "1.0"
organization = { name = "x", forge = "github:x" }
templates = "templates"
tiers = [{ name = "core" }, { name = "sigs" }, { name = "top-level" }]
people.ada = {}
sigs.all.leads = ["ada"]
repos.core = { sig = "all", tier = "core", packages = { hello = {} } }
repos.games = { sig = "all", tier = "sigs", packages = { chess = {} } }
repos.top-level = { sig = "all", tier = "top-level" }
"#;

#[test]
fn a_template_that_another_one_includes_counts() {
    let family = Family::of(MANIFEST);
    family.write(
        "templates/repo/gitignore.hbs",
        "# {{{marker}}}\n{{> registry/gitignore}}\n",
    );
    family.write("templates/registry/gitignore.hbs", "first\n");
    family.ok(&["generate"]);
    family.ok(&["generate", "--check"]);
    family.write("templates/registry/gitignore.hbs", "second\n");
    let stale = family.run(&["generate", "--check"]);
    assert_eq!(stale.code, 4);
    assert!(stale.stdout.contains("+second"), "{}", stale.stdout);
}

#[test]
fn a_change_made_while_a_run_is_at_work_is_seen_by_the_next() {
    let family = Family::of(&MANIFEST.replace("templates = \"templates\"\n", ""));
    family.ok(&["generate"]);
    let readme = family.root.join("repos/top-level/README.md");
    let mut seen = 0;
    for round in 0..20 {
        let text = MANIFEST.replace("templates = \"templates\"\n", "").replace(
            "top-level\" }",
            &format!("top-level\", description = \"{round}\" }}"),
        );
        family.write("aux.toml", &text);
        family.ok(&["resolve", "--theirs", "repos/top-level/README.md"]);
        let before = fs::metadata(&readme).unwrap().ino();
        let is_over = AtomicBool::new(false);
        let edited = std::thread::scope(|scope| {
            let edit = scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    let text = fs::read_to_string(&readme).unwrap_or_default();
                    if fs::metadata(&readme).is_ok_and(|found| found.ino() != before) {
                        fs::write(&readme, text + "mine\n").unwrap();
                        return true;
                    }
                }
                false
            });
            family.write(
                "aux.toml",
                &text.replace("description = \"", "description = \"new "),
            );
            let _either_way = family.run(&["generate"]);
            is_over.store(true, Ordering::Relaxed);
            edit.join().unwrap()
        });
        if edited {
            seen += 1;
            let status = family.run(&["status"]);
            let said = format!("{}{}", status.stdout, status.stderr);
            assert!(
                said.contains("repos/top-level/README.md"),
                "{round}: {said}"
            );
        }
    }
    assert!(
        seen > 5,
        "{seen} edits while a run was at work: too few to tell"
    );
}

#[test]
fn a_pipe_where_a_file_belongs_is_named_and_not_waited_for() {
    let family = Family::of(&MANIFEST.replace("templates = \"templates\"\n", ""));
    family.ok(&["generate"]);
    let readme = family.root.join("repos/core/README.md");
    fs::remove_file(&readme).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&readme).status();
    assert!(made.unwrap().success());
    let refused = family.run(&["generate"]);
    assert_eq!(refused.code, 3);
    let named = refused.stderr.contains("kept repos/core/README.md");
    assert!(named, "{}", refused.stderr);
}

#[test]
fn a_repo_whose_path_changed_is_not_begun_anew_beside_its_checkout() {
    let text = MANIFEST.replace("templates = \"templates\"\n", "");
    let family = Family::of(&text);
    family.ok(&["generate"]);
    let moved = text.replace("tier = \"sigs\"", "tier = \"sigs\", path = \"repos/play\"");
    family.write("aux.toml", &moved);
    for arguments in [["generate"].as_slice(), &["generate", "--check"]] {
        let refused = family.run(arguments);
        assert_eq!(refused.code, 1);
        assert!(refused.stderr.contains("but lies in"), "{}", refused.stderr);
    }
    assert!(!family.root.join("repos/play").exists());
    fs::rename(
        family.root.join("repos/games"),
        family.root.join("repos/play"),
    )
    .unwrap();
    family.ok(&["generate"]);
    let explained = family.ok(&[
        "generate",
        "--explain",
        "repos/play/pkgs/by-name/ch/chess/package.nix",
    ]);
    assert!(
        explained.stdout.contains("written once"),
        "{}",
        explained.stdout
    );
}
