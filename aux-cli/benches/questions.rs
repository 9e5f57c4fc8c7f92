//! What a user waits for in a large family: questions and small changes, at three sizes, each twice the one
//! before. Each line has the time and the peak memory at each size, and the exponent between the smallest and the
//! largest: 1 is linear. The first run of a question reads everything; the others find it as it was.
//!
//! `cargo bench -p aux-cli --bench questions [-- REPOS PACKAGES]`: the largest size, 1,000 and 100,000 if
//! nobody says. `rg` and GNU `time` are looked for on the path.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a benchmark lays out its own files, runs programs and prints"
)]

mod timing;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use timing::{ROUNDS, aux_gen, compare, done, family_of, timed};

/// Commands that change nothing: each is run some times.
const QUESTIONS: &[&[&str]] = &[
    &["where", "p-1-1"],
    &["who", "p-1-1"],
    &["why", "p-1-1", "stdenv"],
    &["holds"],
    &["core"],
    &["place", "--all"],
    &["check"],
    &["generate", "--check"],
];

/// Commands that change something: each is run once.
const CHANGES: &[&[&str]] = &[
    &["new-package", "repo-1/brand-new"],
    &["new-sig", "zoo", "--lead", "lead"],
];

fn main() {
    let numbers: Vec<usize> = std::env::args()
        .filter_map(|argument| argument.parse().ok())
        .collect();
    let (repos, packages) = match numbers[..] {
        [repos, packages] => (repos, packages),
        _ => (1_000, 100_000),
    };
    let mut all: BTreeMap<String, Vec<Measured>> = BTreeMap::new();
    let mut order: Vec<String> = Vec::new();
    for part in [4, 2, 1] {
        let place = tempfile::tempdir().unwrap();
        let root = place.path();
        family_of(root, (repos / part).max(2), (packages / part).max(4));
        done(aux_gen(root).arg("generate"));
        done(aux_gen(root).arg("generate"));
        let mut add = |what: String, measured| {
            if !order.contains(&what) {
                order.push(what.clone());
            }
            all.entry(what).or_default().push(measured);
        };
        for arguments in QUESTIONS {
            // Once for all that is remembered from then on.
            done(aux_gen(root).args(*arguments));
            let times: Vec<Duration> = (0..ROUNDS)
                .map(|_| timed(aux_gen(root).args(*arguments)))
                .collect();
            let measured = Measured::of(packages / part, median(&times), root, arguments);
            add(arguments.join(" "), measured);
            if part == 1 && arguments[0] == "where" {
                beside_rg(root, &times);
            }
        }
        for arguments in CHANGES {
            let time = timed(aux_gen(root).args(*arguments));
            let measured = Measured {
                packages: packages / part,
                time,
                memory: None,
            };
            add(arguments.join(" "), measured);
        }
    }
    for what in order {
        print(&what, &all[&what]);
    }
}

/// One command at one size.
struct Measured {
    packages: usize,
    time: Duration,
    /// Kibibytes at most; none without GNU `time`.
    memory: Option<u64>,
}

impl Measured {
    fn of(packages: usize, time: Duration, root: &Path, arguments: &[&str]) -> Self {
        Self {
            packages,
            time,
            memory: peak(root, arguments),
        }
    }
}

fn print(what: &str, measured: &[Measured]) {
    let shown: Vec<String> = measured
        .iter()
        .map(|one| {
            let memory = one.memory.map(|memory| format!(", {} MB", memory / 1024));
            format!(
                "{}: {:.3} s{}",
                one.packages,
                one.time.as_secs_f64(),
                memory.unwrap_or_default()
            )
        })
        .collect();
    let (first, last) = (&measured[0], &measured[measured.len() - 1]);
    let growth = last.time.as_secs_f64() / first.time.as_secs_f64().max(0.001);
    println!(
        "`aux-gen {what}`: {}; exponent {:.2}",
        shown.join("; "),
        growth.log2() / 2.0
    );
}

fn median(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort();
    times[times.len() / 2]
}

/// The peak memory of a run.
fn peak(root: &Path, arguments: &[&str]) -> Option<u64> {
    let output = Command::new("time")
        .args(["-f", "%M", env!("CARGO_BIN_EXE_aux-gen"), "-C"])
        .arg(root)
        .arg("--quiet")
        .args(arguments)
        .output()
        .ok()?;
    String::from_utf8(output.stderr)
        .ok()?
        .lines()
        .last()?
        .trim()
        .parse()
        .ok()
}

/// What finds a text in the same files, without knowing what it is.
fn beside_rg(root: &Path, ours: &[Duration]) {
    let rg = || {
        let mut command = Command::new("rg");
        command.args(["--count", "p-1-1", "aux.toml", "sigs"]);
        command.current_dir(root);
        command
    };
    if rg().output().is_err() {
        println!("rg: not compared: it is not on the path");
        return;
    }
    let theirs: Vec<Duration> = (0..ROUNDS).map(|_| timed(&mut rg())).collect();
    compare(
        "`where`, the whole process",
        ours,
        "rg over the manifest",
        &theirs,
    );
}
