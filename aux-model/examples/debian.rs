//! Debian as a family of repos: reads a `Packages` file, or standard input, and
//! prints a manifest. What was counted goes to standard error.
//!
//! ```text
//! mkdir debian
//! /usr/lib/apt/apt-helper cat-file /var/lib/apt/lists/*_main_binary-amd64_Packages* |
//!   cargo run --release -p aux-model --example debian > debian/aux.toml
//! aux-gen -C debian graph --level tier
//! ```

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example program talks to people"
)]

#[path = "../benches/debian/mod.rs"]
mod debian;

use std::error::Error;
use std::io::Read;

use debian::Family;

fn main() -> Result<(), Box<dyn Error>> {
    let mut index = String::new();
    match std::env::args_os().nth(1) {
        Some(path) => std::fs::File::open(path)?.read_to_string(&mut index)?,
        None => std::io::stdin().read_to_string(&mut index)?,
    };
    let family = Family::read(&index)?;
    print!("{}", family.manifest());
    eprintln!("{}", family.counts);
    Ok(())
}
