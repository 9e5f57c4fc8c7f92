//! How fast a site is written, next to `tar -x` of the same files, which is what the disk takes; how
//! fast a run that has nothing to do is, next to `cat` of the same files; and how large what a browser
//! loads is.
//!
//! `cargo bench -p aux-cli --bench site [-- PACKAGES] [--keep DIR]`. With `--keep` the site stays in DIR,
//! for `scripts/browser-speed`.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a benchmark lays out its own files, runs programs and prints"
)]

mod timing;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use timing::{aux_gen, compare, done, rounds, timed};

/// Packages of one repo.
const OF_A_REPO: usize = 500;

/// Words that names and descriptions are made of.
const WORDS: [&str; 24] = [
    "library", "server", "client", "graphics", "audio", "parser", "compiler", "network", "crypto",
    "database", "editor", "shell", "kernel", "font", "image", "video", "archive", "protocol",
    "terminal", "python", "rust", "game", "math", "search",
];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let number = arguments.iter().find_map(|argument| argument.parse().ok());
    let packages: usize = number.unwrap_or(100_000);
    let keep = arguments.iter().position(|argument| argument == "--keep");
    let keep = keep.map(|at| PathBuf::from(&arguments[at + 1]));
    let place = tempfile::tempdir().unwrap();
    let family = place.path().join("family");
    manifest(&family, packages);
    let out = keep.unwrap_or_else(|| place.path().join("site"));
    let archive = place.path().join("site.tar");
    let mut site = aux_gen(&family);
    site.arg("site").arg("--out").arg(&out);
    let cold = rounds(|| {
        let _none_yet = fs::remove_dir_all(&out);
        timed(&mut site)
    });
    let mut pack = Command::new("tar");
    pack.arg("-cf").arg(&archive).arg("-C").arg(&out).arg(".");
    done(&mut pack);
    let copy = place.path().join("copy");
    let tar = rounds(|| {
        let _none_yet = fs::remove_dir_all(&copy);
        fs::create_dir(&copy).unwrap();
        let mut unpack = Command::new("tar");
        unpack.arg("-xf").arg(&archive).arg("-C").arg(&copy);
        timed(&mut unpack)
    });
    compare(
        &format!("the site of {packages} packages, from nothing"),
        &cold,
        "tar -x of the same files",
        &tar,
    );
    let warm = rounds(|| timed(&mut site));
    let read = rounds(|| {
        let mut cat = Command::new("sh");
        cat.args([
            "-c",
            "find \"$0\" -type f -print0 | xargs -0 cat >/dev/null",
        ]);
        timed(cat.arg(&out))
    });
    compare(
        "the same, nothing to do",
        &warm,
        "cat of the same files",
        &read,
    );
    let files: u64 = walk(&out).len() as u64;
    let bytes: u64 = walk(&out)
        .iter()
        .map(|path| path.metadata().unwrap().len())
        .sum();
    println!("{files} files, {} MB", bytes / 1_000_000);
    let first = [
        "index.html",
        "assets/style.css",
        "assets/page.js",
        "assets/icon.svg",
    ];
    let search = fs::read_dir(out.join("assets/search")).unwrap();
    let search = search.map(|entry| entry.unwrap().path());
    let first: u64 = first
        .iter()
        .map(|path| out.join(path))
        .chain(search)
        .map(|path| packed(&path))
        .sum();
    let parts = |prefix: &str| -> u64 {
        let files = fs::read_dir(out.join("search")).unwrap();
        let files = files.map(|entry| entry.unwrap().path());
        let is_one = |path: &PathBuf| {
            path.file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with(prefix)
        };
        files.filter(is_one).map(|path| packed(&path)).sum()
    };
    println!(
        "packed by gzip: first view {} kB; for a first answer {} kB more; descriptions {} kB",
        first / 1000,
        (parts("start") + parts("names") + parts("things")) / 1000,
        parts("texts") / 1000,
    );
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(walk(&path));
        } else {
            all.push(path);
        }
    }
    all
}

/// Bytes of a file as a host sends it.
fn packed(path: &Path) -> u64 {
    let output = Command::new("gzip").arg("-c").arg(path).output().unwrap();
    output.stdout.len() as u64
}

/// A family of that many packages: names of two words and a number, descriptions of eight words, and
/// a few dependencies each.
fn manifest(family: &Path, packages: usize) {
    let _none_yet = fs::remove_dir_all(family);
    fs::create_dir_all(family).unwrap();
    let mut text = String::from(
        "format = \"1.0\"\n\
         organization = { name = \"large\", forge = \"github:large\", systems = [\"aarch64-linux\", \"x86_64-linux\"] }\n\
         tiers = [{ name = \"core\" }, { name = \"sigs\" }, { name = \"top-level\" }]\n\
         people.ada = { name = \"Ada\" }\n\
         sigs.all = { leads = [\"ada\"] }\n\
         repos.top-level = { sig = \"all\", tier = \"top-level\" }\n",
    );
    let word = |number: usize| WORDS[number % WORDS.len()];
    let name = |number: usize| format!("{}-{}-{number}", word(number), word(number / 24 + 7));
    for repo in 0..packages.div_ceil(OF_A_REPO) {
        let (repo_name, tier) = match repo {
            0 => ("core".to_owned(), "core"),
            repo => (format!("r{repo}"), "sigs"),
        };
        let _ = writeln!(
            text,
            "[repos.{repo_name}]\nsig = \"all\"\ntier = \"{tier}\""
        );
        let _ = writeln!(text, "[repos.{repo_name}.packages]");
        for number in repo * OF_A_REPO..packages.min((repo + 1) * OF_A_REPO) {
            let words: Vec<&str> = (0..8)
                .map(|at| word(number * 7 + at * (number % 11 + 1)))
                .collect();
            let needs = match number % OF_A_REPO {
                0 => String::new(),
                _ => format!(
                    ", build = [\"{}\", \"{}\"]",
                    name(number - 1),
                    name(number % OF_A_REPO / 2)
                ),
            };
            let _ = writeln!(
                text,
                "{} = {{ description = \"{}\", license = \"MIT\"{needs} }}",
                name(number),
                words.join(" ")
            );
        }
    }
    fs::write(family.join("aux.toml"), text).unwrap();
}
