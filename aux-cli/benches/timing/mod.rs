//! What the benchmarks of the program share: runs of programs, timed and compared by their
//! medians.

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
