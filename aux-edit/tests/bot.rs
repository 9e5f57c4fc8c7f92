//! A bot that edits by chance, in manifests of many styles: what it gives is TOML, no comment is
//! lost, and an edit that is refused changes nothing.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::collections::BTreeMap;

use aux_edit::{Addition, EditError, Editor, NewPackage, NewRepo, PolicyList};
use aux_model::answers::Rearrangement;
use aux_model::{EdgeKind, Layout, PackageId, PackageRef, RepoName, Source};
use aux_test_support::dice::Dice;

const REPOS: [&str; 4] = ["core", "a", "b", "c"];
const PACKAGES: [&str; 5] = ["p", "q", "r", "s", "t"];
const STEPS: usize = 60;
const MANIFESTS: usize = 250;

/// A comment that is like no other.
fn comment(dice: &mut Dice, number: &mut usize) -> String {
    *number += 1;
    match dice.below(3) {
        0 => format!(" # c{number} \"[x]\" = {{"),
        _ => String::new(),
    }
}

/// Lines of comments before something.
fn lines(dice: &mut Dice, number: &mut usize) -> String {
    *number += 1;
    match dice.below(5) {
        2 => format!("\n# free {number}\n\n"),
        0 => format!("# l{number}\n"),
        1 => format!("\n# l{number}\n# and more of {number}\n"),
        _ => String::new(),
    }
}

/// A list of packages in one of many styles.
fn list(dice: &mut Dice, number: &mut usize, items: &[&str]) -> String {
    let quoted = items.iter().map(|item| format!("\"{item}\""));
    match dice.below(4) {
        0 => format!("[ {} ]", quoted.collect::<Vec<_>>().join(", ")),
        1 => format!("[{}]", quoted.collect::<Vec<_>>().join(",")),
        2 => {
            let lines: String = quoted
                .map(|item| format!("  {item},{}\n", comment(dice, number)))
                .collect();
            format!("[\n{lines}  # end {number}\n]")
        }
        _ => {
            let items: Vec<String> = quoted.collect();
            format!("[\n  {}{}\n]", items.join(",\n  "), comment(dice, number))
        }
    }
}

/// The packages of a repo as they are written, and what has to stand before its header.
fn packages(dice: &mut Dice, number: &mut usize, repo: &str) -> (String, String) {
    let names: Vec<&str> = PACKAGES.into_iter().filter(|_| dice.below(3) > 0).collect();
    let style = dice.below(6);
    if style == 5 {
        let entries: String = names
            .iter()
            .map(|name| {
                let comment = comment(dice, number);
                format!("  {name}-{repo} = {{ build = [\"zlib\"] }},{comment}\n")
            })
            .collect();
        return (format!("packages = {{\n{entries}}}\n"), String::new());
    }
    let (mut inside, mut behind) = (String::new(), String::new());
    if style == 0 {
        let entries: Vec<String> = names
            .iter()
            .map(|name| format!("{name}-{repo} = {{ build = [\"zlib\"] }}"))
            .collect();
        let comment = comment(dice, number);
        let entries = match entries.len() {
            0 => String::new(),
            _ => format!(" {} ", entries.join(", ")),
        };
        return (
            format!(
                "packages = {{{entries}}}{comment}
"
            ),
            behind,
        );
    }
    for (at, name) in names.iter().enumerate() {
        let name = format!("{name}-{repo}");
        let (before, after) = (lines(dice, number), comment(dice, number));
        let build = list(dice, number, &["zlib"]);
        match style {
            1 => inside.push_str(&format!("{before}packages.{name}.build = {build}{after}\n")),
            2 => {
                if at == 0 {
                    behind.push_str(&format!("\n[repos.{repo}.packages]{after}\n"));
                }
                let on_a_line = format!("{{ build = [\"zlib\"], description = \"{name}\" }}");
                behind.push_str(&format!("{before}\"{name}\" = {on_a_line}{after}\n"));
            }
            3 => {
                if at == 0 {
                    behind.push_str(&format!("\n[repos.{repo}.packages]\n"));
                }
                behind.push_str(&format!("{before}{name}.build = {build}{after}\n"));
            }
            _ => behind.push_str(&format!(
                "\n{before}[repos.{repo}.packages.{name}]{after}\nbuild = {build}\n"
            )),
        }
    }
    (inside, behind)
}

fn manifest(dice: &mut Dice) -> Editor {
    let mut number = 0;
    let root = "format = \"1.0\"\ninclude = [\"*.toml\"] # all\norganization = { name = \"x\", forge = \"github:x\" }\ntiers = [{ name = \"core\" }, { name = \"sigs\" }, { name = \"top-level\" }]\npeople.ada = {}\nsigs = { all = { leads = [\"ada\"] }, other = { leads = [\"ada\"] } }\n\n# the last\n[repos.top-level]\nsig = \"all\"\ntier = \"top-level\"\n";
    let mut sources = vec![Source::new("aux.toml", root)];
    for repo in REPOS {
        let tier = if repo == "core" { "core" } else { "sigs" };
        let before = lines(dice, &mut number);
        let zlib = if repo == "core" {
            "[repos.core.packages.zlib]\n"
        } else {
            ""
        };
        let text = if dice.below(5) == 0 && repo != "core" {
            let comment = comment(dice, &mut number);
            format!("{before}[repos]\n{repo} = {{ sig = \"all\", tier = \"{tier}\" }}{comment}\n")
        } else {
            let uses = match dice.below(3) {
                0 => "uses = []\n".to_owned(),
                1 => format!("uses = {{ core = \"*\" }}{}\n", comment(dice, &mut number)),
                _ => String::new(),
            };
            // What is listed in core has one style, because `zlib` has to be there.
            let (inside, behind) = match repo {
                "core" => (String::new(), format!("\n{zlib}")),
                _ => packages(dice, &mut number, repo),
            };
            format!(
                "{before}[repos.{repo}]\nsig = \"all\"\ntier = \"{tier}\"\n{uses}{inside}{behind}"
            )
        };
        // As an editor of Windows writes it.
        let text = match dice.below(6) {
            0 => text.replace('\n', "\r\n"),
            _ => text,
        };
        sources.push(Source::new(&format!("{repo}.toml"), &text));
    }
    Editor::open(sources).unwrap()
}

fn comments(editor: &Editor) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for (_, text) in editor.texts() {
        for line in text.lines() {
            if let Some(at) = line.find('#') {
                *found.entry(line[at..].trim_end().to_owned()).or_default() += 1;
            }
        }
    }
    found
}

fn package(dice: &mut Dice) -> PackageId {
    let repo = REPOS[dice.below(REPOS.len())];
    let of = REPOS[dice.below(REPOS.len())];
    let name = PACKAGES[dice.below(PACKAGES.len())];
    let text = match dice.below(3) {
        0 => format!("{repo}/{name}-{of}"),
        _ => format!("{repo}/{name}-{repo}"),
    };
    text.parse().unwrap()
}

fn repo(dice: &mut Dice) -> RepoName {
    REPOS[dice.below(REPOS.len())].parse().unwrap()
}

/// One edit: its name, whether it takes things away, and what came of it.
fn edit(dice: &mut Dice, editor: &mut Editor) -> (&'static str, bool, Result<(), EditError>) {
    let id = package(dice);
    let target: PackageRef = match dice.below(3) {
        0 => "zlib".parse().unwrap(),
        _ => package(dice).to_string().parse().unwrap(),
    };
    let kind = EdgeKind::ALL[dice.below(EdgeKind::ALL.len())];
    let other = repo(dice);
    let all = "all".parse().unwrap();
    match dice.below(19) {
        0 => {
            let what = [Addition::Package, Addition::Builder][dice.below(2)].clone();
            let edges = vec![(kind, target)];
            let new = NewPackage::new(id);
            let new = NewPackage { what, edges, ..new };
            ("add package", false, editor.add_package(&new))
        }
        1 => ("remove package", true, editor.remove_package(&id)),
        2 => {
            let to = package(dice).name;
            ("rename package", false, editor.rename_package(&id, &to))
        }
        3 => (
            "set owner",
            false,
            editor.set_owner(&id, Some(&"other".parse().unwrap())),
        ),
        4 => ("take owner", true, editor.set_owner(&id, None)),
        5 => (
            "describe",
            false,
            editor.describe_package(&id, Some("It is \"so\"")),
        ),
        6 | 7 => ("add edge", false, editor.add_edge(&id, kind, &target)),
        8 => ("remove edge", true, editor.remove_edge(&id, kind, &target)),
        9 => (
            "add use",
            false,
            editor.add_use(&id.repo, &other, &"^1".parse().unwrap()),
        ),
        10 => ("remove use", true, editor.remove_use(&id.repo, &other)),
        11 => ("add peer", false, editor.add_peer(&id.repo, &other)),
        12 => ("remove peer", true, editor.remove_peer(&id.repo, &other)),
        13 => {
            let new: RepoName = format!("n{}", dice.below(4)).parse().unwrap();
            if dice.below(2) == 0 {
                return ("remove repo", true, editor.remove_repo(&new));
            }
            let new = NewRepo::new(new, all, "sigs".parse().unwrap());
            ("add repo", false, editor.add_repo("new.toml", &new))
        }
        14 => (
            "pin",
            false,
            editor.add_to_policy(PolicyList::Pinned, &target),
        ),
        15 => (
            "unpin",
            true,
            editor.remove_from_policy(PolicyList::Pinned, &target),
        ),
        16 => {
            let layout = [Some(Layout::Flat), None][dice.below(2)];
            let place = ["pkgs", "pkgs/tools"][dice.below(2)].parse().unwrap();
            let done = editor.set_layout(&id.repo, &place, layout);
            ("lay out", layout.is_none(), done)
        }
        17 => {
            let file = [Some("pkgs/x".parse().unwrap()), None][dice.below(2)].clone();
            let done = editor.set_file(&id, file.as_ref());
            ("set file", file.is_none(), done)
        }
        _ => {
            let Ok(catalog) = editor.check(&BTreeMap::new()) else {
                return ("move", false, Ok(()));
            };
            if catalog.package(&id).is_none() {
                return ("move", false, Ok(()));
            }
            let changes = Rearrangement::of_move(id, other);
            let until = [None, Some("2027-06-01".parse().unwrap())][dice.below(2)];
            ("move", false, editor.rearrange(&catalog, &changes, until))
        }
    }
}

#[test]
fn ten_thousand_edits_lose_no_comment_and_break_no_file() {
    let (mut done, mut moves) = (0, 0);
    for seed in 0..MANIFESTS {
        let mut dice = Dice(seed as u64);
        let mut editor = manifest(&mut dice);
        for _ in 0..STEPS {
            let before: Vec<(String, String)> = editor
                .texts()
                .map(|(path, text)| (path.to_owned(), text.to_owned()))
                .collect();
            let had = comments(&editor);
            let (name, removes, result) = edit(&mut dice, &mut editor);
            let shown = || format!("seed {seed}, {name}: {before:#?}");
            match result {
                Ok(()) => {
                    done += 1;
                    moves += usize::from(name == "move");
                    let sources = editor.texts().map(|(path, text)| Source::new(path, text));
                    Editor::open(sources).unwrap_or_else(|error| panic!("{error} {}", shown()));
                    let has = comments(&editor);
                    let lost = had.iter().find(|(comment, count)| {
                        has.get(*comment).copied().unwrap_or_default() < **count
                    });
                    assert!(removes || lost.is_none(), "{lost:?} {}", shown());
                    // With a repo goes what is in it.
                    let free = had.keys().find(|comment| {
                        comment.starts_with("# free") && !has.contains_key(*comment)
                    });
                    let free = free.filter(|_| name != "remove repo");
                    assert_eq!(free, None, "{}", shown());
                    for ((_, was), (_, is)) in before.iter().zip(editor.texts()) {
                        let ends = |text: &str| (text.contains("\r\n"), text.ends_with('\n'));
                        let one_is_empty = was.is_empty() || is.is_empty();
                        assert!(one_is_empty || ends(was) == ends(is), "{}", shown());
                    }
                }
                Err(EditError::Style { path, reason }) => {
                    panic!("{path}: {reason}, {}", shown())
                }
                Err(_) => {
                    let now = editor.texts();
                    let mut was = before.iter();
                    assert!(
                        now.filter(|(_, text)| !text.is_empty())
                            .all(|(path, text)| was
                                .any(|(old, before)| old == path && before == text)),
                        "{}",
                        shown()
                    );
                }
            }
        }
    }
    assert!(done > 5_000 && moves > 100, "{done} edits, {moves} moves");
}

#[test]
fn an_edit_and_its_inverse_give_the_first_text() {
    let mut done = 0;
    for seed in 0..400 {
        let mut dice = Dice(seed);
        let mut editor = manifest(&mut dice);
        let id = package(&mut dice);
        let target: PackageRef = "core/zlib".parse().unwrap();
        let (user, peer) = (repo(&mut dice), repo(&mut dice));
        let before = editor.clone();
        let texts = |editor: &Editor| -> Vec<String> {
            editor.texts().map(|(_, text)| text.to_owned()).collect()
        };
        let mut pairs = Vec::new();
        let listed = before.texts().any(|(_, text)| {
            text.contains(id.name.as_str()) && text.contains(&format!("repos.{}", id.repo))
        });
        if listed && editor.add_edge(&id, EdgeKind::Runtime, &target).is_ok() {
            pairs.push((
                "edge",
                Ok(()),
                editor.remove_edge(&id, EdgeKind::Runtime, &target),
            ));
        } else if editor.add_package(&NewPackage::new(id.clone())).is_ok() {
            pairs.push(("package", Ok(()), editor.remove_package(&id)));
        }
        if editor.texts().all(|(_, text)| !text.contains("peers")) {
            pairs.push((
                "peer",
                editor.add_peer(&user, &peer),
                editor.remove_peer(&user, &peer),
            ));
        }
        for (name, one, other) in pairs {
            assert_eq!((one, other), (Ok(()), Ok(())), "{name} {seed}");
            done += 1;
        }
        assert_eq!(texts(&editor), texts(&before), "seed {seed}");
    }
    assert!(done > 500, "{done}");
}
