//! No input makes this crate panic, and the same input gives the same answer.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests, where it is a failed test"
)]

use aux_search::Search;
use std::fs;
use std::path::{Path, PathBuf};

use aux_diagram::Diagram;
use aux_edit::{Editor, NewPackage, NewSig};
use aux_model::{Catalog, Manifest, Problems, Source};
use proptest::prelude::*;

/// One change of a text, cut into lines or tokens.
#[derive(Debug, Clone)]
enum Change {
    Delete(usize),
    Duplicate(usize),
    Swap(usize, usize),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        any::<usize>().prop_map(Change::Delete),
        any::<usize>().prop_map(Change::Duplicate),
        (any::<usize>(), any::<usize>()).prop_map(|(a, b)| Change::Swap(a, b)),
    ]
}

fn changed(mut parts: Vec<&str>, changes: &[Change]) -> String {
    for change in changes {
        let count = parts.len().max(1);
        match change {
            _ if parts.is_empty() => {}
            Change::Delete(at) => {
                parts.remove(at % count);
            }
            Change::Duplicate(at) => parts.insert(at % count, parts[at % count]),
            Change::Swap(a, b) => parts.swap(a % count, b % count),
        }
    }
    parts.concat()
}

/// Words, runs of blanks, and single signs.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        let end = if word(first) {
            rest.find(|c| !word(c)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (token, after) = rest.split_at(end);
        tokens.push(token);
        rest = after;
    }
    tokens
}

/// The shipped example: root first.
fn example() -> Vec<Source> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/auxolotl");
    let mut files: Vec<PathBuf> = fs::read_dir(folder.join("sigs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files.insert(0, folder.join("aux.toml"));
    files
        .iter()
        .map(|file| {
            let path = file.strip_prefix(&folder).unwrap().to_string_lossy();
            Source::new(&path, &fs::read_to_string(file).unwrap())
        })
        .collect()
}

fn check(texts: &[Source]) -> Result<Catalog, Problems> {
    let mut manifest = Manifest::open(texts[0].clone());
    let patterns: Vec<String> = manifest.includes().map(str::to_owned).collect();
    for pattern in patterns {
        manifest.include(&pattern, texts[1..].to_vec());
    }
    let _ = manifest.checkouts();
    manifest.check()
}

/// What must hold of any answer.
fn is_sound(answer: impl Fn() -> Result<Catalog, Problems>) -> Result<(), TestCaseError> {
    match (answer(), answer()) {
        (Ok(one), Ok(two)) => {
            let json = one.to_json();
            prop_assert_eq!(&json, &two.to_json());
            prop_assert_eq!(one.warnings(), two.warnings());
            let again = Catalog::from_json(&json);
            let again = again.unwrap_or_else(|problems| panic!("{problems}\n{json}"));
            prop_assert_eq!(again.to_json(), json);
            for repo in one.repos() {
                let _ = one.view(repo);
            }
            let _ = (
                one.search("node"),
                Diagram::of_repos(&one),
                Diagram::of_packages(&one, None),
            );
        }
        (Err(one), Err(two)) => {
            prop_assert!(one.any_error());
            prop_assert_eq!(&one, &two);
            for problem in &one {
                let lines = problem.message.lines().count();
                prop_assert_eq!(lines, 1, "{}", problem);
                prop_assert!(!problem.message.contains(char::is_control), "{}", problem);
            }
        }
        (one, two) => prop_assert!(false, "once {one:?}, once {two:?}"),
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let text = String::from_utf8_lossy(&bytes);
        is_sound(|| Catalog::from_toml(&text))?;
        is_sound(|| Catalog::from_json(&text))?;
    }

    #[test]
    fn any_signs_of_the_languages(text in "[\\[\\]{}\"'=.,:#\\\\\n a-c0-9n\\-]{0,80}") {
        is_sound(|| Catalog::from_toml(&text))?;
        is_sound(|| Catalog::from_json(&text))?;
    }

    #[test]
    fn a_manifest_with_changed_lines(
        file in any::<prop::sample::Index>(),
        changes in proptest::collection::vec(change(), 1..6),
    ) {
        let mut texts = example();
        let at = file.index(texts.len());
        let text = changed(texts[at].text().split_inclusive('\n').collect(), &changes);
        texts[at] = Source::new(texts[at].path(), &text);
        is_sound(|| check(&texts))?;
    }

    #[test]
    fn a_manifest_with_changed_tokens(
        file in any::<prop::sample::Index>(),
        changes in proptest::collection::vec(change(), 1..6),
    ) {
        let mut texts = example();
        let at = file.index(texts.len());
        let text = changed(tokens(texts[at].text()), &changes);
        if let Ok(mut editor) = Editor::open([Source::new("aux.toml", &text)]) {
            let _ = editor.add_sig("aux.toml", &new_sig());
            let _ = editor.add_package(&NewPackage::new("python/new".parse().unwrap()));
        }
        texts[at] = Source::new(texts[at].path(), &text);
        is_sound(|| check(&texts))?;
    }

    #[test]
    fn json_with_changed_tokens(changes in proptest::collection::vec(change(), 1..6)) {
        let json = check(&example()).unwrap().to_json();
        let text = changed(tokens(&json), &changes);
        is_sound(|| Catalog::from_json(&text))?;
    }
}

fn new_sig() -> NewSig {
    NewSig {
        members: Vec::new(),
        team: None,
        contact: None,
        peers: Vec::new(),
        sig: "new".parse().unwrap(),
        repo: "new".parse().unwrap(),
        tier: "languages".parse().unwrap(),
        leads: vec!["ada".parse().unwrap()],
        new_people: Vec::new(),
        description: None,
        uses: Vec::new(),
    }
}

/// Neither the parser nor the drop of a deep value may overflow the stack.
#[test]
fn deep_nesting() {
    const DEPTH: usize = 100_000;
    for (name, open, close) in [
        ("open lists", "[", ""),
        ("lists", "[", "]"),
        ("open tables", "{a=", ""),
        ("tables", "{a=", "}"),
        ("both", "[{a=", "}]"),
    ] {
        let text = format!("a = {}{}", open.repeat(DEPTH), close.repeat(DEPTH));
        assert!(Catalog::from_toml(&text).is_err(), "{name}");
        assert!(Editor::open([Source::new("x", &text)]).is_err(), "{name}");
        let json = text[4..].replace("a=", "\"a\":");
        assert!(Catalog::from_json(&json).is_err(), "{name}");
    }
    let dotted = vec!["a"; DEPTH].join(".");
    for text in [
        format!("{dotted} = 1"),
        format!("[{dotted}]"),
        format!("[[{dotted}]]"),
        format!("a = {{ {dotted} = 1 }}"),
        format!("[repos.web.packages.{dotted}]\na = 1"),
        "[".repeat(DEPTH),
    ] {
        assert!(Catalog::from_toml(&text).is_err());
        let opened = Editor::open([Source::new("x", &text)]);
        assert!(
            opened.is_err() || text.starts_with("[repos"),
            "{}",
            &text[..9]
        );
    }
}
