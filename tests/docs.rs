//! Documentation that is made from the program is what the program says.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "tests run the program as users do"
)]

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

/// Set to write the documentation anew instead of comparing it.
const BLESS: &str = "AUX_GEN_BLESS";

#[test]
fn every_problem_has_an_entry() {
    let text = printed(&["explain", "--format", "json"]);
    let meanings = aux_output::read::<aux_output::Codes>(&text).unwrap().codes;
    let mut text = String::from(
        "# Problems and errors\n\n`aux-gen explain CODE` prints an entry. The codes are stable. First what `aux-gen check` can find; at the end why a command stops.\n",
    );
    let first_error = aux_output::ErrorCode::ALL[0].as_str();
    for meaning in &meanings {
        let aux_output::CodeMeaning {
            code,
            summary,
            explanation,
        } = meaning;
        if code == first_error {
            text.push_str(
                "\nThe rest are codes of errors: why a command stops before it has a result.\n",
            );
        }
        write!(text, "\n## `{code}`\n\n{summary}\n\n{explanation}\n").unwrap();
    }
    compare("problems.md", &text);
}

#[test]
fn every_output_has_a_row() {
    const MARK: &str = "<!-- made by tests/docs.rs: run it with AUX_GEN_BLESS=1 -->\n";
    let text = std::fs::read_to_string(docs("json.md")).unwrap();
    let (written, _) = text.split_once(MARK).unwrap();
    let mut text = format!("{written}{MARK}\n| `command` | type | what |\n|---|---|---|\n");
    for (command, schema) in aux_output::schemas() {
        let schema = schema.as_value();
        // The result is one of the two ways in which the envelope ends.
        let ends = schema["oneOf"].as_array().unwrap().iter();
        let mut results = ends.filter_map(|end| end["properties"]["result"]["$ref"].as_str());
        let name = results.next_back().unwrap().rsplit('/').next().unwrap();
        let what = schema["$defs"][name]["description"].as_str().unwrap();
        let what = what.replace('\n', " ");
        writeln!(text, "| `{command}` | `{name}` | {what} |").unwrap();
    }
    compare("json.md", &text);
}

fn docs(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../docs")
        .join(name)
}

/// A page must be as the program says, or is written so.
fn compare(name: &str, text: &str) {
    let path = docs(name);
    if std::env::var_os(BLESS).is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == text,
        "docs/{name} is stale: run this test with {BLESS}=1"
    );
}

/// Every command with its help, so that the book has a page of each and no option is missing there.
#[test]
fn every_command_has_an_entry() {
    let mut text = String::from(
        "# Commands\n\nMade from `aux-gen --help` and the help of each command; `aux-gen man` has the same as manual pages.\n\n",
    );
    let help = printed(&["--help"]);
    let (_, codes) = help.split_once("Exit codes:").unwrap();
    text.push_str("## Exit codes\n\n| code | meaning |\n|---|---|\n");
    for line in codes.lines().filter(|line| !line.trim().is_empty()) {
        let (code, meaning) = line.trim().split_once("  ").unwrap();
        writeln!(text, "| {code} | {} |", meaning.trim()).unwrap();
    }
    let (_, global) = without_global(&printed(&["help", "check"]));
    writeln!(
        text,
        "\n## Global options\n\n```text\n{}\n```",
        global.trim_end()
    )
    .unwrap();
    for command in commands().iter().filter(|command| *command != "help") {
        let (help, _) = without_global(&printed(&["help", command]));
        writeln!(
            text,
            "\n## `{command}`\n\n```text\n{}\n```",
            help.trim_end()
        )
        .unwrap();
    }
    compare("commands.md", &text);
}

/// A help without the options that every command has, and those.
fn without_global(help: &str) -> (String, String) {
    let (mut own, mut global) = (String::new(), String::new());
    let mut is_global = false;
    for line in help.lines() {
        if line == "Global options:" {
            is_global = true;
            continue;
        }
        is_global = is_global && (line.is_empty() || line.starts_with(' '));
        let part = if is_global { &mut global } else { &mut own };
        part.push_str(line);
        part.push('\n');
    }
    (own, global)
}

#[test]
fn the_library_example_of_the_book_is_one_that_is_built() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let lines = |path: &str| -> Vec<String> {
        let text = std::fs::read_to_string(root.join(path)).unwrap();
        text.lines().map(|line| line.trim().to_owned()).collect()
    };
    let page = lines("docs/library.md");
    let start = page.iter().position(|line| line == "```rust").unwrap() + 1;
    let length = page[start..].iter().position(|line| line == "```");
    let shown = &page[start..start + length.unwrap()];
    assert!(shown.len() > 5, "{shown:?}");
    let built = lines("aux-gen/examples/family.rs");
    assert!(
        built.windows(shown.len()).any(|part| part == shown),
        "docs/library.md shows {shown:#?}"
    );
}

/// The names of all commands, from `--help`.
fn commands() -> Vec<String> {
    let help = printed(&["--help"]);
    let names = help.lines().filter_map(|line| {
        let (name, about) = line.strip_prefix("  ")?.split_once("  ")?;
        let is_name = name.starts_with(|first: char| first.is_ascii_lowercase());
        (is_name && !about.trim().is_empty()).then(|| name.to_owned())
    });
    names.collect()
}

fn printed(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_aux-gen"))
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn completions_and_manual_know_every_command() {
    let commands = commands();
    assert!(commands.len() > 30, "{commands:?}");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = printed(&["completions", shell, "--static"]);
        for command in &commands {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
    let manual = printed(&["man"]);
    for command in &commands {
        let page = format!("aux\\-gen\\-{}(1)", command.replace('-', "\\-"));
        assert!(manual.contains(&page), "{page}");
    }
}

/// What bash offers where the cursor stands behind the last word.
fn offered(script: &[&str], folder: &Path, words: &[&str]) -> Vec<String> {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("aux-gen");
    std::fs::write(&file, printed(script)).unwrap();
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    // As bash calls what `complete` names for the command: the command, the word, the one before.
    let text = format!(
        "source {}; COMP_WORDS=({}); COMP_CWORD={}; COMP_TYPE=9; f=$(complete -p aux-gen | sed 's/.*-F \\([^ ]*\\).*/\\1/'); \"$f\" aux-gen '{}' '{}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        file.display(),
        quoted.join(" "),
        words.len() - 1,
        words[words.len() - 1],
        words[words.len() - 2],
    );
    let program = Path::new(env!("CARGO_BIN_EXE_aux-gen"));
    let path = format!(
        "{}:{}",
        program.parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let output = Command::new("bash")
        .args(["-c", &text])
        .current_dir(folder)
        .env("PATH", path)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let replies = String::from_utf8(output.stdout).unwrap();
    replies.lines().map(|line| line.trim().to_owned()).collect()
}

#[test]
fn bash_reads_its_completions() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/auxolotl");
    let nowhere = tempfile::tempdir().unwrap();
    let known = ["completions", "bash"];
    let commands = ["completions", "bash", "--static"];
    assert_eq!(
        offered(&commands, &example, &["aux-gen", "who-"]),
        ["who-locks"]
    );
    for (words, expected) in [
        (&["aux-gen", "who-"][..], &["who-locks"][..]),
        (&["aux-gen", "cost", "py"], &["python"]),
        (&["aux-gen", "why", "node-"], &["node-gyp"]),
        (&["aux-gen", "where", "--owner", "gn"], &["gnome"]),
        (&["aux-gen", "borrow", "kd"], &["kde/"]),
        (&["aux-gen", "borrow", "core/op"], &["core/openssl"]),
        (&["aux-gen", "new-package", "rus"], &["rust/"]),
    ] {
        assert_eq!(offered(&known, &example, words), expected, "{words:?}");
    }
    // Without a family there are commands, and no error that would stand in the prompt.
    assert_eq!(
        offered(&known, nowhere.path(), &["aux-gen", "cost", "py"]),
        [""]
    );
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        assert!(
            printed(&["completions", shell]).contains("COMPLETE"),
            "{shell}"
        );
    }
}

#[test]
fn every_help_is_as_it_was_reviewed() {
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_path("help");
    settings.bind(|| {
        insta::assert_snapshot!("aux-gen", printed(&["--help"]));
        for command in commands().iter().filter(|command| *command != "help") {
            insta::assert_snapshot!(command.clone(), printed(&[command, "--help"]));
        }
    });
}

/// The action that workflows install this program with: it pins what it uses, as the generator does,
/// and its script builds the commit that it is of.
#[test]
fn the_action_builds_its_own_commit_once() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let text = std::fs::read_to_string(root.join("action.yml")).unwrap();
    let action: serde_json::Value = serde_saphyr::from_str(&text).unwrap();
    let steps = action["runs"]["steps"].as_array().unwrap();
    let cache = steps[0]["uses"].as_str().unwrap();
    let (_, commit) = cache.split_once('@').unwrap();
    assert!(
        commit.len() == 40 && commit.bytes().all(|c| c.is_ascii_hexdigit()),
        "{cache}"
    );
    let script = steps[1]["run"].as_str().unwrap();
    let home = tempfile::tempdir().unwrap();
    let bin = home.path().join(".cargo/bin");
    let tools = home.path().join("tools");
    std::fs::create_dir_all(&bin).unwrap();
    std::fs::create_dir_all(&tools).unwrap();
    let program = |path: &Path, text: &str| {
        use std::os::unix::fs::PermissionsExt;
        std::fs::write(path, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    // In place of a build of some minutes: cargo says what it was asked, and what it makes runs.
    let log = home.path().join("log");
    program(
        &tools.join("cargo"),
        &format!(
            "echo \"$@\" >>{log}; printf '#!/bin/sh\\necho made\\n' >{bin}/aux-gen; chmod +x {bin}/aux-gen",
            log = log.display(),
            bin = bin.display()
        ),
    );
    let run = || {
        let path = format!("{}:/usr/bin:/bin", tools.display());
        let output = Command::new("sh")
            .args(["-e", "-c", script])
            .env_clear()
            .envs([("PATH", path.as_str()), ("GITHUB_ACTION_PATH", "/action")])
            .env("HOME", home.path())
            .env("GITHUB_PATH", home.path().join("path"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "made\n");
    };
    run();
    // What the cache has kept is not built again.
    run();
    let asked = std::fs::read_to_string(&log).unwrap();
    assert_eq!(asked, "install --locked --path /action/aux-cli\n");
    let path = std::fs::read_to_string(home.path().join("path")).unwrap();
    assert!(path.lines().all(|line| Path::new(line) == bin), "{path}");
}
