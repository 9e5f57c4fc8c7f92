//! Whoever wrote a text, it only says what it says, wherever it is printed.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use aux_model::is_invisible;
use serde_json::Value;

use crate::support::{Family, Forge, git};

/// What would rewrite a terminal, turn text round, and tell a forge's runner what to do.
const HOSTILE: &str = "x\u{1b}[35m\u{1b}]0;t\u{7}\u{1b}[8m\ry\u{202e}\u{200b}\u{9b}35m\u{e0061}\u{2028}\n::stop-commands::x\n  ##[group]x ##vso[x]";

/// As a string of TOML and JSON.
fn quoted() -> String {
    let text = serde_json::to_string(HOSTILE).unwrap();
    text.replace('\u{9b}', "\\u009b")
}

/// As a name of a file.
fn file_name() -> String {
    HOSTILE.replace('/', "-")
}

/// Every command, with words of others wherever it takes any.
fn commands() -> Vec<Vec<String>> {
    let commands = [
        "",
        "W",
        "--W",
        "check --W",
        "check W",
        "init --name W",
        "new-sig W --lead ada",
        "new-sig late --lead W",
        "new-package core/W",
        "new-package W",
        "import W --to core",
        "import . --to W",
        "check",
        "check --tree W",
        "check --tree .",
        "check --base W",
        "adopt W",
        "split W --to t",
        "ready W",
        "ready .",
        "generate --repo W",
        "generate --check",
        "generate --explain W",
        "generate -v",
        "status",
        "resolve W --ours",
        "resolve W --theirs",
        "eject W",
        "uneject W",
        "lock --repo W",
        "lock",
        "lock --check",
        "who-locks W",
        "who-locks core --older-than W",
        "update --branch W",
        "update W",
        "update",
        "promote",
        "train status",
        "train resume",
        "train abort",
        "holds",
        "holds --sig W",
        "release W",
        "release list",
        "release checkout W",
        "release diff W W",
        "changeset try W",
        "changeset land W",
        "changeset drop W",
        "eval",
        "eval -v",
        "eval --repo W",
        "eval --system W",
        "eval --tree W",
        "eval --compare W",
        "eval --flakes",
        "graph",
        "graph --as mermaid",
        "graph --around W",
        "graph --repo W",
        "graph --level package",
        "where W",
        "where x",
        "why W W",
        "cycles",
        "place W",
        "core",
        "coverage",
        "who W",
        "move W W",
        "scan",
        "scan --derivations",
        "explain W",
        "explain syntax",
        "overrides W",
        "overrides core",
        "schema",
        "completions W",
        "man --to W",
        "-C W check",
        "--format W check",
        "status --repo W",
    ];
    let words = |command: &str| {
        let words = command.split_whitespace();
        words.map(|word| word.replace('W', HOSTILE)).collect()
    };
    commands.into_iter().map(words).collect()
}

/// What is printed has nothing in it that is not read; `colours` are our own.
#[track_caller]
fn harmless(what: &[String], printed: &[u8], colours: bool) {
    let mut text = String::from_utf8(printed.to_vec()).unwrap();
    if colours {
        for parameters in [
            "0", "1", "2", "1;31", "1;32", "1;36", "1;91", "1;92", "1;93", "1;94", "1;96", "1;33",
            "31", "32", "33", "36", "91", "92", "93", "94", "96", "38;5;12", "38;5;9",
        ] {
            text = text.replace(&format!("\u{1b}[{parameters}m"), "");
        }
    }
    let hidden = text.replace("\r\n", "\n");
    let hidden = hidden.find(|c: char| is_invisible(c) && !matches!(c, '\n' | '\t'));
    assert_eq!(hidden, None, "{what:?}\n{text:?}");
    for line in text.lines() {
        let line = line.trim_start();
        let is_command = line.starts_with("::") && !line.starts_with("::: ");
        assert!(!is_command, "{what:?}\n{text}");
    }
    assert!(
        !text.contains("##[") && !text.contains("##vso["),
        "{what:?}\n{text}"
    );
}

/// Runs every command, and the words of others are said by some of them.
fn nothing_is_harmed(family: &Family) {
    let (mut said, mut said_in_json) = (0, 0);
    for arguments in commands() {
        for (format, colour) in [("human", "never"), ("human", "always"), ("json", "never")] {
            let output = Command::new(env!("CARGO_BIN_EXE_aux-gen"))
                .current_dir(&family.root)
                .args(["--color", colour, "--format", format])
                .args(&arguments)
                .output()
                .unwrap();
            harmless(&arguments, &output.stdout, colour == "always");
            harmless(&arguments, &output.stderr, colour == "always");
            let text = String::from_utf8_lossy(&output.stdout).into_owned()
                + &String::from_utf8_lossy(&output.stderr);
            said += usize::from(text.contains("\\u{202e}"));
            if format == "json" && output.stdout.starts_with(b"{") {
                let json = String::from_utf8(output.stdout).unwrap();
                let value: Value = serde_json::from_str(&json).unwrap();
                let holds = json.contains("\\u202e") && text_in(&value, "\u{202e}");
                said_in_json += usize::from(holds);
            }
        }
    }
    assert!(said > 10, "{said}");
    assert!(said_in_json > 0);
}

fn text_in(value: &Value, text: &str) -> bool {
    match value {
        Value::String(found) => found.contains(text),
        Value::Array(items) => items.iter().any(|item| text_in(item, text)),
        Value::Object(entries) => {
            let mut entries = entries.iter();
            entries.any(|(key, item)| key.contains(text) || text_in(item, text))
        }
        _ => false,
    }
}

const BASE: &str = r#"format = "1.0"
tiers = [{ name = "core" }, { name = "sigs" }, { name = "top-level" }]
people.ada = {}
"#;

#[test]
fn no_text_of_a_manifest_reaches_a_terminal_raw() {
    let family = Family::empty();
    let text = quoted();
    let name = file_name();
    family.write(
        "aux.toml",
        &format!(
            "include = [{text}, \"sigs/*.toml\"]\n{BASE}organization = {{ name = {text}, forge = {text}, systems = [{text}] }}\nsigs.all = {{ leads = [{text}], contact = {text}, {text} = 1 }}\n[repos.core]\nsig = {text}\ntier = \"core\"\ndescription = {text}\nurl = {text}\npath = {text}\nuses.{text} = {text}\npackages.{text} = {{}}\n"
        ),
    );
    family.write(
        &format!("sigs/{name}.toml"),
        &format!("# \u{202e} \u{1b}[35m\n[repos.web]\nsig = {text} # \u{202e}\nsig = 1\n"),
    );
    nothing_is_harmed(&family);
}

#[test]
fn no_name_of_a_file_and_no_hold_reaches_a_terminal_raw() {
    let family = Family::of(&format!(
        "{BASE}organization = {{ name = \"##[group]x ::a::b\", forge = \"github:x\", systems = [\"x86_64-linux\"] }}\nsigs.all = {{ leads = [\"ada\"], contact = \"::stop-commands::x\" }}\nrepos.core = {{ sig = \"all\", tier = \"core\", description = \"::error::x ##[group]\", discover = true, builders = {{ stdenv = {{}} }}, packages = {{ tool = {{ description = \"::x ##[group]\" }} }} }}\nrepos.top-level = {{ sig = \"all\", tier = \"top-level\" }}\n"
    ));
    family.ok(&["generate"]);
    let name = file_name();
    let package = format!("repos/core/pkgs/by-name/{name}/{name}/package.nix");
    family.write(&package, "{ }: { a = ");
    family.write(
        "repos/core/pkgs/by-name/to/tool/package.nix",
        &format!("{{ }}: # {HOSTILE}\n throw {} + ./a\u{202e}b", quoted()),
    );
    let bytes = OsStr::from_bytes(b"\xff\x1b[35m");
    fs::create_dir(family.root.join("repos/core/pkgs/by-name").join(bytes)).unwrap();
    family.write(&format!("repos/core/{name}"), "x");
    let text = quoted();
    for (file, repo) in [("core", "core"), (name.as_str(), "top-level")] {
        family.write(
            &format!("holds/{file}.json"),
            &format!(
                r#"{{ "repo": "{repo}", "sig": {text}, "owners": [{text}], "contact": {text}, "kind": "broken", "reason": {text}, "because-of": null, "broken": [{{ "attribute": {text}, "reason": {text}, "place": {text} }}], "since": "2026-01-01", "held-at": null, "refused": {text}, "told": false }}"#
            ),
        );
    }
    for repo in ["core", "top-level"] {
        let place = family.root.join("repos").join(repo);
        git(&place, &["init", "--quiet", "--initial-branch", "main"]);
        git(&place, &["add", "--all"]);
        git(
            &place,
            &[
                "-c",
                "user.name=A",
                "-c",
                "user.email=a@b",
                "commit",
                "--quiet",
                "-m",
                HOSTILE,
            ],
        );
    }
    nothing_is_harmed(&family);
}

#[test]
fn no_message_of_a_remote_reaches_a_terminal_raw() {
    let forge = Forge::new(
        &["web"],
        "repos.web = { sig = \"all\", tier = \"sigs\", packages = { p = {} } }\n",
    );
    forge.change("web", "news", "x");
    forge.family.ok(&["update"]);
    let hook = forge.remote("web").join("hooks/pre-receive");
    let said = HOSTILE.replace('\'', "");
    fs::write(
        &hook,
        format!("#!/bin/sh\nprintf '%s\\n' 'closed {said}' >&2\nexit 1\n"),
    )
    .unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    for format in ["human", "json"] {
        let arguments = ["--format", format, "promote", "--push"].map(str::to_owned);
        let output = Command::new(env!("CARGO_BIN_EXE_aux-gen"))
            .current_dir(&forge.family.root)
            .args(&arguments)
            .output()
            .unwrap();
        harmless(&arguments, &output.stdout, false);
        harmless(&arguments, &output.stderr, false);
        let text =
            String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        assert!(text.contains("closed"), "{text}");
    }
}
