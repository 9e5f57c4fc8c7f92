//! Reads what `eval` prints for machines, and lists what fails:
//! `aux-gen eval --format json | cargo run -p aux-output --example failures`

#![allow(clippy::print_stdout, reason = "an example program talks to people")]

use std::error::Error;
use std::io::Read;

use aux_output::{Evaluation, read};

fn main() -> Result<(), Box<dyn Error>> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    for line in failures(&text)? {
        println!("{line}");
    }
    Ok(())
}

/// A line for each attribute that fails alone; the error of the program if it printed one.
fn failures(text: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let evaluation: Evaluation = read(text)?;
    let repos = evaluation.repos.iter();
    let lines = repos.flat_map(|repo| {
        let failed = repo.standalone.failed.iter();
        failed.map(|one| {
            let attribute = one.attribute.as_deref().unwrap_or("the whole");
            format!("{}: {attribute}: {}", repo.repo, one.reason)
        })
    });
    Ok(lines.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_is_listed() {
        let text = include_str!("../golden/1.0/eval.json");
        let failures = failures(text).expect("it is what `eval` prints");
        assert!(
            failures.contains(&"core: gnupg: attribute 'gnupg' missing".to_owned()),
            "{failures:?}"
        );
        let other = include_str!("../golden/1.0/where.json");
        assert!(super::failures(other).is_err(), "it is of another command");
    }
}
