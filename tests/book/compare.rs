//! Whether what was printed is what a page says.

use std::sync::LazyLock;

use regex::Regex;

/// What differs from run to run: times, sizes of archives (a commit has its time), commits, hashes, days of commits, the Nix that is here.
static VARYING: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let rules = [
        (r"\b\d+(\.\d+)? ?(ms|s)\b", "N s"),
        (r"\b\d+ min \d+ s\b", "N s"),
        (r"\b[0-9a-f]{10,64}\b", "HASH"),
        (r"\b\d+(\.\d+)? (bytes|B|KiB|MiB)\b", "N bytes"),
        (r"/nix/store/[0-9a-z]{32}-", "/nix/store/HASH-"),
        (r"\bNix \d+\.\d+(\.\d+)?", "Nix X"),
        (r"\b20\d\d-\d\d-\d\d\b", "DAY"),
        (r"aux-gen \d+\.\d+\.\d+( \([^)]*\))?", "aux-gen X"),
        (r"[ \t]+", " "),
        (r"-{3,}", "---"),
    ];
    let rules = rules.into_iter();
    rules
        .map(|(rule, with)| (Regex::new(rule).unwrap(), with))
        .collect()
});

fn plain(line: &str) -> String {
    let mut text = line.trim_end().to_owned();
    for (rule, with) in VARYING.iter() {
        text = rule.replace_all(&text, *with).into_owned();
    }
    text.trim().to_owned()
}

/// Whether lines are as expected, where `...` stands for anything.
pub(crate) fn fits(expected: &[String], printed: &[String]) -> bool {
    let expected: Vec<String> = expected.iter().map(|line| plain(line)).collect();
    let printed: Vec<String> = printed.iter().map(|line| plain(line)).collect();
    lines_fit(&expected, &printed)
}

fn lines_fit(expected: &[String], printed: &[String]) -> bool {
    match expected.split_first() {
        None => printed.is_empty(),
        Some((first, rest)) if first == "..." => {
            (0..=printed.len()).any(|skipped| lines_fit(rest, &printed[skipped..]))
        }
        Some((first, rest)) => match printed.split_first() {
            Some((line, more)) => line_fits(first, line) && lines_fit(rest, more),
            None => false,
        },
    }
}

fn line_fits(expected: &str, printed: &str) -> bool {
    if !expected.contains("...") {
        return expected == printed;
    }
    let parts: Vec<&str> = expected.split("...").collect();
    let (first, last) = (parts[0], parts[parts.len() - 1]);
    if !printed.starts_with(first) {
        return false;
    }
    let mut at = first.len();
    for part in &parts[1..parts.len() - 1] {
        match printed[at..].find(part) {
            Some(found) => at += found + part.len(),
            None => return false,
        }
    }
    printed.len() >= at + last.len() && printed.ends_with(last)
}
