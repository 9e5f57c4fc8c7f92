//! What the benchmarks of the program share: runs of programs, timed and compared by their
//! medians.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Runs of each, of which the median counts.
pub(crate) const ROUNDS: usize = 3;

/// The program, in a registry.
pub(crate) fn aux_gen(registry: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aux-gen"));
    command.arg("-C").arg(registry).arg("--quiet");
    command
}

pub(crate) fn done(command: &mut Command) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{said}");
}

pub(crate) fn timed(command: &mut Command) -> Duration {
    let start = Instant::now();
    done(command);
    start.elapsed()
}

fn median(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort();
    times[times.len() / 2]
}

/// A line with two medians, and the ratio of the first to the second.
pub(crate) fn compare(what: &str, ours: &[Duration], peer: &str, theirs: &[Duration]) {
    let (ours, theirs) = (median(ours), median(theirs));
    println!(
        "{what}: {:.2} s; {peer}: {:.2} s; ratio {:.3}",
        ours.as_secs_f64(),
        theirs.as_secs_f64(),
        ours.as_secs_f64() / theirs.as_secs_f64()
    );
}

/// Real Nix, with flakes.
#[allow(dead_code, reason = "not every benchmark runs Nix")]
pub(crate) fn nix(arguments: &[&str]) -> Command {
    let mut command = Command::new("nix");
    command
        .args(["--extra-experimental-features", "nix-command flakes"])
        .args(arguments);
    command
}

/// How long some runs take.
#[allow(dead_code, reason = "not every benchmark repeats like this")]
pub(crate) fn rounds(run: impl FnMut() -> Duration) -> Vec<Duration> {
    std::iter::repeat_with(run).take(ROUNDS).collect()
}

/// A family that checks without a problem, a file for each SIG.
#[allow(dead_code, reason = "not every benchmark makes one")]
pub(crate) fn family_of(root: &Path, repos: usize, packages: usize) {
    fs::create_dir_all(root.join("sigs")).unwrap();
    let text = r#"format = "1.0"
include = ["sigs/*.toml"]
organization = { name = "scale", forge = "github:scale" }
tiers = [{ name = "core" }, { name = "sigs" }, { name = "top-level" }]
people.lead = {}
sigs.base.leads = ["lead"]
repos.top-level = { sig = "base", tier = "top-level" }
repos.core = { sig = "base", tier = "core", packages = { stdenv = {} } }
"#;
    fs::write(root.join("aux.toml"), text).unwrap();
    for repo in 0..repos {
        let mut text = format!(
            "[people.lead-{repo}]\n[sigs.sig-{repo}]\nleads = [\"lead-{repo}\"]\n\n[repos.repo-{repo}]\nsig = \"sig-{repo}\"\ntier = \"sigs\"\n\n[repos.repo-{repo}.packages]\n"
        );
        for package in 0..packages / repos {
            let before = package.saturating_sub(1);
            let _ = writeln!(
                text,
                "p-{repo}-{package} = {{ description = \"Package {package} of repo {repo}\", license = \"MIT\", build = [\"stdenv\"{}] }}",
                if package == 0 {
                    String::new()
                } else {
                    format!(", \"p-{repo}-{before}\"")
                }
            );
        }
        fs::write(root.join(format!("sigs/{repo}.toml")), text).unwrap();
    }
}
