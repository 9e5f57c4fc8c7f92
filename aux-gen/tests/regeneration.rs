//! Random edits of the model against random edits by hand, for thousands of steps:
//! no hand-made line is ever lost, what nobody touched is as a fresh run makes it,
//! and a second run has nothing to do.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the test edits files as people do"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use aux_gen::disk::{Changes, Registry, compare, remember, write};
use aux_gen::plan::plan;
use aux_gen::render::Templates;
use aux_test_support::dice::Dice;

/// A model that changes one bit at a time.
#[derive(Clone, Default)]
struct Model {
    words: [usize; 2],
    packages: BTreeSet<usize>,
    variants: BTreeSet<usize>,
}

impl Model {
    fn change(&mut self, dice: &mut Dice) {
        fn toggle(set: &mut BTreeSet<usize>, item: usize) {
            if !set.remove(&item) {
                set.insert(item);
            }
        }
        match dice.below(3) {
            0 => {
                let which = dice.below(2);
                self.words[which] = dice.below(5);
            }
            1 => toggle(&mut self.packages, dice.below(4)),
            _ => toggle(&mut self.variants, dice.below(2)),
        }
    }

    fn text(&self) -> String {
        let mut packages: Vec<String> = Vec::new();
        packages.extend(self.packages.iter().map(|name| format!("p{name} = {{}}")));
        packages.extend(
            self.variants
                .iter()
                .map(|name| format!("v{name} = {{ variants = {{ names = [\"1\", \"2\"] }} }}")),
        );
        format!(
            r#"format = "1.0"
organization = {{ name = "x", forge = "github:x" }}
ci = {{ github = false, forgejo = false, hydra = false }}
tiers = [{{ name = "core" }}, {{ name = "sigs" }}, {{ name = "top-level" }}]
people.ada = {{}}
sigs.all.leads = ["ada"]
repos.core = {{ sig = "all", tier = "core", description = "words {}" }}
repos.web = {{ sig = "all", tier = "sigs", description = "words {}", packages = {{ {} }} }}
repos.top-level = {{ sig = "all", tier = "top-level" }}
"#,
            self.words[0],
            self.words[1],
            packages.join(", ")
        )
    }
}

/// The files of the repos, without the records.
fn files(root: &Path) -> BTreeMap<String, String> {
    fn walk(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().display().to_string();
            if path.is_dir() && !name.ends_with(".aux-gen") {
                walk(root, &path, files);
            } else if path.is_file() {
                files.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut files = BTreeMap::new();
    walk(root, &root.join("repos"), &mut files);
    files
}

fn generate(root: &Path, model: &Model, templates: &Templates) -> Changes {
    fs::write(root.join("aux.toml"), model.text()).unwrap();
    let registry = Registry::open(root).unwrap();
    let catalog = registry.load().unwrap().catalog.unwrap();
    let plan = plan(&catalog, templates);
    let changes = compare(&registry, &plan).unwrap();
    write(&registry.lock().unwrap(), &registry, &changes).unwrap();
    remember(&registry, &plan, &changes, None);
    let again = compare(&registry, &plan).unwrap();
    assert!(
        again.is_empty() && again.homes.is_empty(),
        "a second run has work: {again:?}"
    );
    changes
}

#[test]
fn no_hand_made_line_is_lost_and_the_rest_is_as_a_fresh_run_makes_it() {
    const STEPS: usize = 2_000;
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let place = tempfile::tempdir().unwrap();
    let root = place.path();
    let templates = Templates::built_in();
    let mut model = Model::default();
    generate(root, &model, &templates);
    // Lines made by hand, by file, and files that somebody removed or wrote.
    let mut mine: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut touched: BTreeSet<String> = BTreeSet::new();
    let (mut merged, mut left_alone, mut fresh_files) = (0, 0, 0);
    for step in 0..STEPS {
        let known: Vec<String> = files(root).into_keys().collect();
        let file = known[dice.below(known.len())].clone();
        let path = root.join(&file);
        match dice.below(8) {
            // Somebody writes a line of their own somewhere.
            0..=2 => {
                let line = format!("# by hand {step}");
                let text = fs::read_to_string(&path).unwrap();
                let mut lines: Vec<&str> = text.lines().collect();
                lines.insert(dice.below(lines.len() + 1), &line);
                fs::write(&path, lines.join("\n") + "\n").unwrap();
                mine.entry(file.clone()).or_default().insert(line);
                touched.insert(file);
            }
            // Somebody takes all their lines out again.
            3 => {
                let lines = mine.remove(&file).unwrap_or_default();
                let text = fs::read_to_string(&path).unwrap();
                let kept = text.lines().filter(|line| !lines.contains(*line));
                fs::write(&path, kept.collect::<Vec<_>>().join("\n") + "\n").unwrap();
            }
            // Somebody removes a file.
            4 if dice.below(4) == 0 => {
                fs::remove_file(&path).unwrap();
                mine.remove(&file);
                touched.insert(file);
            }
            _ => model.change(&mut dice),
        }
        let changes = generate(root, &model, &templates);
        merged += changes
            .iter()
            .filter(|(_, change)| change.kind == aux_gen::disk::ChangeKind::Merge)
            .count();
        left_alone += changes.kept.len();
        let now = files(root);
        for (file, lines) in &mine {
            let text = now
                .get(file)
                .unwrap_or_else(|| panic!("step {step}: {file} is gone"));
            for line in lines {
                assert!(
                    text.lines().any(|found| found == line),
                    "step {step}: {line} in {file}"
                );
            }
        }
        // Once in a while somebody starts over with everything that is theirs.
        if step % 100 == 99 {
            let other = tempfile::tempdir().unwrap();
            generate(other.path(), &model, &templates);
            for (file, text) in files(other.path()) {
                let scaffold = file.ends_with("package.nix") || file.ends_with("lib/default.nix");
                if !touched.contains(&file) && !scaffold {
                    assert_eq!(now.get(&file), Some(&text), "step {step}: {file}");
                    fresh_files += 1;
                }
            }
            fs::remove_dir_all(root.join("repos")).unwrap();
            (mine, touched) = (BTreeMap::new(), BTreeSet::new());
            generate(root, &model, &templates);
        }
    }
    assert!(
        merged > 100 && left_alone > 100 && fresh_files > 100,
        "{merged} merged, {left_alone} left alone, {fresh_files} fresh: too few to tell"
    );
}
