//! How fast files are made, next to programs that do as much: each line is a ratio
//! of two medians of one run on one machine.
//!
//! - a family of 1,000 repos and 100,000 packages, from nothing: `tar -x` of the same
//!   tree, which is what the disk takes;
//! - the same, when nothing has changed: `git status` on the same tree;
//! - 100 repos of about ten files: cookiecutter and copier, each in one process that
//!   is given the same files as a template.
//!
//! `cargo bench -p aux-cli --bench generation [-- REPOS PACKAGES]`. The peers are
//! looked for on the path, or in the Python that `PEERS_PYTHON` names:
//! `python3 -m venv V && V/bin/pip install cookiecutter copier`.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a benchmark lays out its own files, runs programs and prints"
)]

mod timing;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use timing::{ROUNDS, aux_gen, compare, done, family_of, timed};

fn main() {
    let numbers: Vec<usize> = std::env::args()
        .filter_map(|argument| argument.parse().ok())
        .collect();
    let (repos, packages) = match numbers[..] {
        [repos, packages] => (repos, packages),
        _ => (1_000, 100_000),
    };
    let place = tempfile::tempdir().unwrap();
    large(place.path(), repos, packages);
    small(place.path());
}

/// A large family: from nothing, and when nothing has changed.
fn large(place: &Path, repos: usize, packages: usize) {
    let family = place.join("family");
    let (mut cold, mut tar) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let _none_yet = fs::remove_dir_all(&family);
        family_of(&family, repos, packages);
        settle();
        cold.push(timed(aux_gen(&family).arg("generate")));
        let archive = place.join("family.tar");
        if round == 0 {
            done(
                Command::new("tar")
                    .arg("-cf")
                    .arg(&archive)
                    .arg("-C")
                    .arg(&family)
                    .arg("."),
            );
        }
        let copy = place.join("copy");
        fs::create_dir(&copy).unwrap();
        settle();
        tar.push(timed(
            Command::new("tar")
                .arg("-xf")
                .arg(&archive)
                .arg("-C")
                .arg(&copy),
        ));
        fs::remove_dir_all(copy).unwrap();
    }
    let what = format!("{repos} repos, {packages} packages");
    compare(
        &format!("{what}, from nothing"),
        &cold,
        "tar -x of the same files",
        &tar,
    );

    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.arg("-C")
            .arg(&family)
            .args(["-c", "user.name=a", "-c", "user.email=a@example.org"]);
        git.args(arguments);
        git
    };
    done(&mut git(&["init", "--quiet"]));
    done(&mut git(&["add", "--all"]));
    done(&mut git(&["commit", "--quiet", "--message", "all"]));
    done(aux_gen(&family).arg("generate"));
    let (mut check, mut parse, mut status) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..=ROUNDS {
        check.push(timed(aux_gen(&family).args(["generate", "--check"])));
        parse.push(timed(aux_gen(&family).arg("check")));
        status.push(timed(&mut git(&["status", "--short"])));
    }
    // The first round finds a cold cache of the machine's.
    let warm = |times: &[Duration]| times[1..].to_vec();
    compare(
        &format!("{what}, nothing to do"),
        &warm(&check),
        "git status",
        &warm(&status),
    );
    compare(
        "checking the manifest and all trees",
        &warm(&parse),
        "git status",
        &warm(&status),
    );
    let file = family.join("sigs/0.toml");
    let mut changed = Vec::new();
    for round in 0..ROUNDS {
        let text = fs::read_to_string(&file).unwrap();
        let comment = format!("{text}# {round}\n");
        fs::write(&file, comment).unwrap();
        changed.push(timed(aux_gen(&family).args(["generate", "--check"])));
    }
    compare(
        "nothing to do after one line of the manifest changed",
        &changed,
        "git status",
        &warm(&status),
    );
}

/// A hundred repos of about ten files.
fn small(place: &Path) {
    const REPOS: usize = 100;
    let family = place.join("small");
    let mut ours = Vec::new();
    for _ in 0..ROUNDS {
        let _none_yet = fs::remove_dir_all(&family);
        family_of(&family, REPOS, REPOS);
        ours.push(timed(aux_gen(&family).arg("generate")));
    }
    // A template of the files of one repo, with its name to fill in.
    let template = place.join("template");
    let body = template.join("{{cookiecutter.name}}");
    let one = family.join("repos/repo-7");
    fs::create_dir_all(&template).unwrap();
    done(Command::new("cp").arg("-R").arg(&one).arg(&body));
    fs::remove_dir_all(body.join(".aux-gen")).unwrap();
    let files = named(&body, "{{cookiecutter.name}}");
    fs::write(template.join("cookiecutter.json"), r#"{"name": "x"}"#).unwrap();
    let for_copier = place.join("for-copier");
    fs::create_dir_all(&for_copier).unwrap();
    done(
        Command::new("cp")
            .arg("-R")
            .arg(&one)
            .arg(for_copier.join("{{name}}")),
    );
    fs::remove_dir_all(for_copier.join("{{name}}/.aux-gen")).unwrap();
    named(&for_copier.join("{{name}}"), "{{name}}");
    fs::write(
        for_copier.join("copier.yml"),
        "name: {type: str}\n_templates_suffix: ''\n",
    )
    .unwrap();
    let python = std::env::var("PEERS_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let cookiecutter = format!(
        "from cookiecutter.main import cookiecutter\nfor n in range({REPOS}):\n  cookiecutter({template:?}, no_input=True, extra_context={{'name': f'repo-{{n}}'}}, output_dir={:?})",
        place.join("by-cookiecutter")
    );
    let copier = format!(
        "from copier import run_copy\nfor n in range({REPOS}):\n  run_copy({for_copier:?}, {:?}, data={{'name': f'repo-{{n}}'}}, quiet=True)",
        place.join("by-copier")
    );
    for (name, script) in [("cookiecutter", cookiecutter), ("copier", copier)] {
        let import = format!("import {name}");
        let there = Command::new(&python)
            .args(["-c", &import])
            .stderr(Stdio::null())
            .status();
        if !there.is_ok_and(|status| status.success()) {
            println!("{name}: not compared: `{python}` has no such module");
            continue;
        }
        let mut theirs = Vec::new();
        for _ in 0..ROUNDS {
            let _none_yet = fs::remove_dir_all(place.join(format!("by-{name}")));
            theirs.push(timed(Command::new(&python).args(["-c", &script])));
        }
        let what = format!("{REPOS} repos of {files} files and their record");
        compare(&what, &ours, &format!("{name}, without a record"), &theirs);
    }
}

/// Puts a name to fill in wherever the repo's own stands; says how many files there are.
fn named(folder: &Path, name: &str) -> usize {
    let mut files = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files += named(&path, name);
        } else {
            let text = fs::read_to_string(&path).unwrap();
            // What the forges fill in is not theirs to fill in.
            let text = text.replace("${{", "$").replace("repo-7", name);
            fs::write(&path, text).unwrap();
            files += 1;
        }
    }
    files
}

/// Lets the disk take what it still has to take: it is not part of what comes next.
fn settle() {
    done(&mut Command::new("sync"));
}
