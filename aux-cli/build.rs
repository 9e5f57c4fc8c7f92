//! What `--version` says of this build: the commit, its day, and what it was built for.

#![allow(
    clippy::disallowed_types,
    reason = "a build asks git what it is of; the program itself does not"
)]

use std::path::Path;
use std::process::Command;

fn main() {
    let of_git = || {
        let commit = git(&["rev-parse", "HEAD"])?;
        Some((commit, git(&["show", "--no-patch", "--format=%cs", "HEAD"])))
    };
    // Where there is no git, as in Nix's sandbox, whoever builds may say it.
    println!("cargo::rerun-if-env-changed=AUX_GEN_REV");
    let of_builder = std::env::var("AUX_GEN_REV").ok();
    let of_builder = of_builder.filter(|commit| !commit.is_empty());
    let known = of_builder.or_else(of_package).map(|commit| (commit, None));
    let known = known.or_else(of_git);
    let version = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let short = match &known {
        None => version,
        Some((commit, day)) => {
            let day = day.iter().map(|day| format!(" {day}"));
            let commit: String = commit.chars().take(10).collect();
            format!("{version} ({commit}{})", day.collect::<String>())
        }
    };
    let commit = known.map_or_else(|| "unknown".to_owned(), |(commit, _)| commit);
    println!("cargo::rustc-env=AUX_GEN_VERSION={short}");
    println!("cargo::rustc-env=AUX_GEN_COMMIT={commit}");
    for name in ["TARGET", "PROFILE"] {
        let value = std::env::var(name).unwrap_or_default();
        println!("cargo::rustc-env=AUX_GEN_{name}={value}");
    }
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let rustc = printed(Command::new(rustc).arg("--version")).unwrap_or_default();
    let rustc = rustc.trim_start_matches("rustc ");
    println!("cargo::rustc-env=AUX_GEN_RUSTC={rustc}");
    println!("cargo::rerun-if-changed=build.rs");
    // A commit moves a branch, and its reflog is written whichever branch it is.
    let log = git(&["rev-parse", "--git-path", "logs/HEAD"]);
    if let Some(log) = log.filter(|log| Path::new(log).exists()) {
        println!("cargo::rerun-if-changed={log}");
    }
}

/// The commit that `cargo package` has written down.
fn of_package() -> Option<String> {
    let text = std::fs::read_to_string(".cargo_vcs_info.json").ok()?;
    let (_, rest) = text.split_once("\"sha1\": \"")?;
    let (commit, _) = rest.split_once('"')?;
    Some(commit.to_owned())
}

fn git(arguments: &[&str]) -> Option<String> {
    printed(Command::new("git").args(arguments))
}

fn printed(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
