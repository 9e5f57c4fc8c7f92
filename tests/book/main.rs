//! The book as readers use it: every console block of README.md and docs/ is run, and prints what the
//! page says.
//!
//! Before each block stands a comment that no reader sees:
//!
//! - `<!-- run -->`: in the folder where the block before it ended;
//! - `<!-- run in an empty folder -->`, `<!-- run in a copy of this repository -->`: in a new one;
//! - lines behind the first one of such a comment are run before the block, and print nothing;
//! - `<!-- not run: REASON -->`: what this machine does not have.
//!
//! A line that starts with `$ ` is a command, and what follows is what it prints. `...` stands for
//! anything, in a line or for lines. Times, commits and versions of Nix are not compared. A command that
//! ends with another code than 0 has `# exits with N` behind it.
//!
//! `AUX_GEN_BLESS=1 cargo test -p aux-cli --test book` writes down what is printed.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "tests run the program as users do"
)]

mod block;
mod compare;
mod page;
mod session;

use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Failed, Trial};

fn main() {
    let arguments = Arguments::from_args();
    let root = root();
    let mut pages = vec![root.join("README.md")];
    let docs = std::fs::read_dir(root.join("docs")).unwrap();
    pages.extend(docs.map(|entry| entry.unwrap().path()));
    pages.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    pages.sort();
    let trials = pages.into_iter().map(|path| {
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        Trial::test(name, move || page::check(&path).map_err(Failed::from))
    });
    let mut trials: Vec<Trial> = trials.collect();
    let root_of_book = root.clone();
    trials.push(Trial::test("the summary names every page", move || {
        page::summary(&root_of_book).map_err(Failed::from)
    }));
    libtest_mimic::run(&arguments, trials).exit();
}

fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    root.canonicalize().unwrap()
}
