//! How the time of the program grows with its input: each command at three sizes, each twice
//! the one before, and the exponent between the smallest and the largest. What is linear has
//! 1, what is quadratic has 2. Processor time counts, not the clock.
//!
//! `cargo bench -p aux-cli --bench growth [-- PERCENT]`: a part of the usual sizes.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a benchmark lays out its own files, runs programs and prints"
)]

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

/// What is measured: its name, its largest size, and what runs at a size.
struct Shape {
    what: &'static str,
    size: usize,
    command: &'static [&'static str],
    make: fn(&Path, usize),
}

const SHAPES: &[Shape] = &[
    Shape {
        what: "names that nobody has",
        size: 40_000,
        command: &["check"],
        make: |root, size| {
            let uses: String = (0..size)
                .map(|name| format!("\"nobody-{name}\", "))
                .collect();
            let repo =
                format!("repos.a = {{ sig = \"all\", tier = \"sigs\", peers = [{uses}] }}\n");
            manifest(root, &repo);
        },
    },
    Shape {
        what: "packages of one repo",
        size: 40_000,
        command: &["where", "p7"],
        make: |root, size| {
            let mut text =
                String::from("[repos.a]\nsig = \"all\"\ntier = \"sigs\"\n[repos.a.packages]\n");
            for name in 0..size {
                let _ = writeln!(text, "p{name} = {{ build = [\"p{}\"] }}", name / 2 + size);
            }
            for name in size..2 * size {
                let _ = writeln!(text, "p{name} = {{}}");
            }
            manifest(root, &text);
        },
    },
    Shape {
        what: "repos with a problem each",
        size: 2_000,
        command: &["check"],
        make: |root, size| {
            let mut text = String::new();
            for name in 0..size {
                let _ = writeln!(
                    text,
                    "repos.r{name} = {{ sig = \"nobody\", tier = \"sigs\" }}"
                );
            }
            manifest(root, &text);
        },
    },
    Shape {
        what: "packages in a tree",
        size: 20_000,
        command: &["check", "--tree", "."],
        make: |root, size| {
            for name in 0..size {
                let place = format!(
                    "pkgs/by-name/p{}/p{name}",
                    name.to_string().as_bytes()[0] as char
                );
                let place = root.join(place);
                fs::create_dir_all(&place).unwrap();
                fs::write(place.join("package.nix"), "{ a }: { x = ../nothing; }\n").unwrap();
            }
        },
    },
    Shape {
        what: "one row of operators",
        size: 1_000_000,
        command: &["check", "--tree", "."],
        make: |root, size| {
            let place = root.join("pkgs/by-name/ro/row");
            fs::create_dir_all(&place).unwrap();
            let row = "{ } // ".repeat(size / 8);
            fs::write(place.join("package.nix"), format!("{{ }}: {row} {{ }}\n")).unwrap();
        },
    },
    Shape {
        what: "bindings of one file",
        size: 80_000,
        command: &["check", "--tree", "."],
        make: |root, size| {
            let place = root.join("pkgs/by-name/bi/bindings");
            fs::create_dir_all(&place).unwrap();
            let bindings: String = (0..size)
                .map(|name| format!("  a{name} = ./x;\n"))
                .collect();
            fs::write(
                place.join("package.nix"),
                format!("{{ }}: {{\n{bindings}}}\n"),
            )
            .unwrap();
        },
    },
];

fn main() {
    let percent: usize = std::env::args()
        .filter_map(|argument| argument.parse().ok())
        .next()
        .unwrap_or(100);
    for shape in SHAPES {
        let largest = (shape.size * percent / 100).max(4);
        let sizes = [largest / 4, largest / 2, largest];
        let times = sizes.map(|size| {
            let place = tempfile::tempdir().unwrap();
            (shape.make)(place.path(), size);
            processor_time(place.path(), shape.command)
        });
        let exponent = (times[2] / times[0].max(0.01)).log2() / 2.0;
        let shown: Vec<String> = sizes
            .iter()
            .zip(times)
            .map(|(size, time)| format!("{size}: {time:.2} s"))
            .collect();
        println!(
            "{}, `aux-gen {}`: {}; exponent {exponent:.2}",
            shape.what,
            shape.command.join(" "),
            shown.join(", ")
        );
    }
}

/// A manifest with something more.
fn manifest(root: &Path, more: &str) {
    let text = r#"format = "1.0"
organization = { name = "x", forge = "github:x" }
tiers = [{ name = "core" }, { name = "sigs" }, { name = "top-level" }]
people.ada = {}
sigs.all.leads = ["ada"]
repos.core = { sig = "all", tier = "core" }
repos.top-level = { sig = "all", tier = "top-level" }
"#;
    fs::write(root.join("aux.toml"), format!("{text}{more}")).unwrap();
}

/// Seconds of processor time that a run of the program takes, its children included, as the
/// shell counts them (`times` of POSIX): user and system.
fn processor_time(root: &Path, arguments: &[&str]) -> f64 {
    let output = Command::new("bash")
        .current_dir(root)
        .args(["-c", "\"$@\" > /dev/null 2> /dev/null; times", "bash"])
        .arg(env!("CARGO_BIN_EXE_aux-gen"))
        .args(arguments)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let of_children = text.lines().nth(1).unwrap();
    let seconds = |word: &str| {
        let (minutes, seconds) = word.trim_end_matches('s').split_once('m').unwrap();
        minutes.parse::<f64>().unwrap() * 60.0 + seconds.parse::<f64>().unwrap()
    };
    of_children.split(' ').map(seconds).sum()
}
