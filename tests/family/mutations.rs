//! Any file of a family with any damage: every command ends soon, with an exit code of
//! its own, and writes nothing outside of the family.
//!
//! Each round changes one file of a small family at random places, from a seed that is
//! printed when something is wrong. `AUX_GEN_MUTATIONS=N` runs N rounds.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use aux_test_support::dice::Dice;

use crate::support::{Forge, copy, every_file};

/// Rounds of a usual run: about a minute.
const ROUNDS: u64 = 30;

/// How long any command may take.
const LONGEST: Duration = Duration::from_secs(10);

const COMMANDS: [&[&str]; 7] = [
    &["check"],
    &["status"],
    &["generate", "--check"],
    &["holds"],
    &["release", "list"],
    &["lock"],
    &["generate"],
];

/// What parsers, paths, terminals and shells do not like.
fn nasty(chance: &mut Dice) -> Vec<u8> {
    let many = |text: &str, times: usize| text.repeat(times).into_bytes();
    match chance.below(34) {
        0 => many("{}//", 8_000),
        1 => many("[]++", 8_000),
        2 => many("a.", 17_000),
        3 => many("inputs.a.", 9_000),
        4 => many("[", 100_000),
        5 => many("{\"a\":", 50_000),
        6 => many("(", 30_000),
        7 => many("x: ", 30_000),
        8 => many("\"${", 20_000),
        9 => many(" ", 70_000),
        10 => many("../", 40),
        11 => many("a/", 3_000),
        12 => many("9", 400),
        13 => many("'", 1_001),
        14 => many("{{#if x}}", 2_000),
        15 => b"{{> repo/flake.nix}}".to_vec(),
        16 => b"\0".to_vec(),
        17 => "\u{202e}\u{feff}\u{200b}".into(),
        18 => b"\xff\xfe\x80".to_vec(),
        19 => b"\x1b[2J\r\n::stop-commands::x\n".to_vec(),
        20 => b".git".to_vec(),
        21 => b"../sentinel/kept".to_vec(),
        22 => b"/proc/self/environ".to_vec(),
        23 => b".aux-gen/record".to_vec(),
        24 => b"-1".to_vec(),
        25 => b"1e999999".to_vec(),
        26 => b"18446744073709551616".to_vec(),
        27 => b"null".to_vec(),
        28 => b"\"\"".to_vec(),
        29 => b"\"core\" = {}\n".to_vec(),
        30 => b"--upload-pack=touch x".to_vec(),
        31 => b"<<<<<<< ours\n=======\n>>>>>>> theirs\n".to_vec(),
        32 => b"\r\n".to_vec(),
        _ => b"}".to_vec(),
    }
}

/// One file's bytes with one to three changes.
fn mutated(bytes: &[u8], chance: &mut Dice) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=chance.below(3) {
        let at = chance.below(bytes.len() + 1);
        let end = (at + chance.below(40)).min(bytes.len());
        match chance.below(7) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 if at < bytes.len() => {
                bytes[at] = bytes[at].wrapping_add(1 + chance.below(254) as u8);
            }
            3 => {
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again.repeat(1 + chance.below(50)));
            }
            // A whole line goes, or is put elsewhere.
            4 => {
                let start = bytes[..at].iter().rposition(|byte| *byte == b'\n');
                let start = start.map_or(0, |newline| newline + 1);
                let line = bytes[start..].iter().position(|byte| *byte == b'\n');
                let line: Vec<u8> = bytes
                    .drain(start..line.map_or(bytes.len(), |length| start + length))
                    .collect();
                let to = chance.below(bytes.len() + 1);
                bytes.splice(to..to, line);
            }
            _ => drop(bytes.splice(at..at, nasty(chance))),
        }
    }
    bytes
}

/// What people and the program write in a family, without what git keeps.
fn files(root: &Path) -> Vec<PathBuf> {
    every_file(root)
        .into_keys()
        .filter(|name| !name.split('/').any(|part| part == ".git"))
        .filter(|name| !name.starts_with("remotes/"))
        .map(PathBuf::from)
        .collect()
}

fn run(root: &Path, arguments: &[&str], round: &str) {
    let said = root.with_extension("said");
    let output = fs::File::create(&said).unwrap();
    let started = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_aux-gen"))
        .current_dir(root)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(output.try_clone().unwrap())
        .stderr(output)
        .spawn()
        .unwrap();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if started.elapsed() > LONGEST {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("{round}: {arguments:?} takes more than {LONGEST:?}");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let text = String::from_utf8_lossy(&fs::read(&said).unwrap()).into_owned();
    let shown: String = text.chars().take(2_000).collect();
    assert_eq!(status.signal(), None, "{round}: {arguments:?}\n{shown}");
    let code = status.code().unwrap();
    assert!(
        (0..=4).contains(&code),
        "{round}: {arguments:?} {code}\n{shown}"
    );
    assert!(
        !text.contains("panicked"),
        "{round}: {arguments:?}\n{shown}"
    );
}

#[test]
fn no_damage_to_a_file_does_harm() {
    let rounds = std::env::var("AUX_GEN_MUTATIONS").ok();
    let rounds = rounds.map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    let forge = Forge::new(
        &["web"],
        r#"repos.web = { sig = "all", tier = "sigs", uses = { core = "*" }, packages = { site = { build = ["tool"] } } }
"#,
    );
    let pristine = &forge.family.root;
    forge.family.write(
        "templates/scaffold/plain-package.nix.hbs",
        "{ stdenv }: stdenv.mkDerivation { name = {{name}}; }\n",
    );
    let manifest = fs::read_to_string(pristine.join("aux.toml")).unwrap();
    let manifest = format!("{manifest}templates = \"templates\"\n");
    forge.family.write("aux.toml", &manifest);
    forge.family.ok(&["generate"]);
    forge.family.ok(&["release", "1.0.0"]);
    forge.family.write(
        "holds/web.json",
        r#"{ "reason": "it is ill", "since": "2026-11-01" }"#,
    );
    let outside = tempfile::tempdir().unwrap();
    let root = outside.path().join("family");
    fs::create_dir(outside.path().join("sentinel")).unwrap();
    fs::write(outside.path().join("sentinel/kept"), "as it was").unwrap();
    let names = files(pristine);
    assert!(names.len() > 20, "{names:?}");
    for seed in 0..rounds {
        let mut chance = Dice(seed);
        let name = &names[chance.below(names.len())];
        let round = format!("round {seed}, {}", name.display());
        copy(pristine, &root);
        let bytes = fs::read(pristine.join(name)).unwrap();
        fs::write(root.join(name), mutated(&bytes, &mut chance)).unwrap();
        for command in COMMANDS {
            run(&root, command, &round);
        }
        let kept = every_file(&outside.path().join("sentinel"));
        assert_eq!(kept.len(), 1, "{round}: {kept:?}");
        assert_eq!(kept["kept"], "as it was", "{round}");
        let mut beside: Vec<_> = fs::read_dir(outside.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        beside.sort();
        assert_eq!(beside, ["family", "family.said", "sentinel"], "{round}");
        fs::remove_dir_all(&root).unwrap();
    }
}
