//! Both forges ask whom the model says, about every file. How each of them reads
//! its file is written out here from what it documents, apart from the code that
//! writes the files.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use aux_gen::disk::Registry;
use aux_gen::plan::{HomePlan, plan};
use aux_gen::render::Templates;
use aux_model::{AttrName, Catalog, Handle, Module, ModuleClass, Overlay, Repo, SigName};
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use proptest::prelude::*;
use regex::Regex;

type Mentions = BTreeSet<String>;

/// GitHub, "About code owners": patterns as in a `.gitignore`; the last line that
/// matches takes precedence; `[ ]`, `!` and `\#` do not work.
struct Github(Vec<(Gitignore, Mentions)>);

impl Github {
    /// The first of these that is there counts.
    const FILES: [&str; 3] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

    fn read(text: &str) -> Self {
        let lines = text.lines().filter_map(|line| {
            let (line, _) = line.split_once('#').unwrap_or((line, ""));
            let mut words = line.split_whitespace();
            let pattern = words.next()?;
            assert!(!pattern.starts_with('!'), "GitHub skips {line}");
            assert!(!pattern.contains(['[', ']', '\\']), "GitHub skips {line}");
            let mut matcher = GitignoreBuilder::new("");
            matcher.add_line(None, pattern).unwrap();
            Some((matcher.build().unwrap(), mentions(words)))
        });
        Self(lines.collect())
    }

    fn asks(&self, path: &str) -> Mentions {
        self.0
            .iter()
            .rfind(|(pattern, _)| pattern.matched_path_or_any_parents(path, false).is_ignore())
            .map(|(_, owners)| owners.clone())
            .unwrap_or_default()
    }
}

/// Forgejo and Gitea, "Code owners": regular expressions for the whole path;
/// every rule that matches adds its owners; `!` turns a rule around.
struct Forgejo(Vec<(Regex, bool, Mentions)>);

impl Forgejo {
    /// The first of these that is there counts; older versions know three.
    const FILES: [&str; 4] = [
        "CODEOWNERS",
        "docs/CODEOWNERS",
        ".gitea/CODEOWNERS",
        ".forgejo/CODEOWNERS",
    ];

    fn read(text: &str) -> Self {
        let lines = text.lines().filter_map(|line| {
            let words = Self::words(line);
            let (first, owners) = words.split_first()?;
            let turned = first.starts_with('!');
            let rule = first.strip_prefix('!').unwrap_or(first);
            let rule = Regex::new(&format!("^{rule}$")).unwrap();
            Some((rule, turned, mentions(owners.iter().map(String::as_str))))
        });
        Self(lines.collect())
    }

    /// Splits a line at blanks and ends it at `#`; a backslash goes, and what
    /// follows it is an ordinary character.
    fn words(line: &str) -> Vec<String> {
        let mut words = vec![String::new()];
        let mut characters = line.trim().chars();
        while let Some(character) = characters.next() {
            let word = words.last_mut().unwrap();
            match character {
                '\\' => word.extend(characters.next()),
                '#' => break,
                ' ' | '\t' => words.push(String::new()),
                other => word.push(other),
            }
        }
        words.retain(|word| !word.is_empty());
        words
    }

    fn asks(&self, path: &str) -> Mentions {
        self.0
            .iter()
            .filter(|(rule, turned, _)| rule.is_match(path) != *turned)
            .flat_map(|(_, _, owners)| owners.clone())
            .collect()
    }
}

fn mentions<'w>(words: impl Iterator<Item = &'w str>) -> Mentions {
    let mentions: Mentions = words.map(str::to_owned).collect();
    assert!(!mentions.is_empty(), "a rule asks somebody");
    for mention in &mentions {
        assert!(mention.starts_with('@'), "{mention} is no mention");
    }
    mentions
}

/// What a forge finds in a generated repo.
fn text_for<'p>(files: &[&str], repo: &'p HomePlan) -> &'p str {
    files
        .iter()
        .find_map(|file| repo.files.get(*file))
        .map(|file| file.text.get().unwrap())
        .expect("every generated repo has a file for each forge")
}

/// Whom the manifest names for a file: by the layout, part by part.
fn owners(catalog: &Catalog, repo: &Repo, path: &str) -> Mentions {
    let parts: Vec<&str> = path.split('/').collect();
    match parts[..] {
        ["pkgs", "by-name", shard, name, _, ..] => {
            if let Some(package) = repo.packages.get(name)
                && shard == package.id.name.shard()
            {
                return of(catalog, &package.owner, &package.maintainers);
            }
        }
        ["modules", class, file] => {
            let module = file.strip_suffix(".nix").and_then(|m| repo.modules.get(m));
            if let Some(module) = module.filter(|module| module.class.as_str() == class) {
                return of(catalog, &module.owner, &[]);
            }
        }
        ["overlays", file] => {
            let overlay = file.strip_suffix(".nix").and_then(|o| repo.overlays.get(o));
            if let Some(overlay) = overlay {
                return of(catalog, &overlay.owner, &[]);
            }
        }
        _ => {}
    }
    of(catalog, &repo.sig, &[])
}

fn of(catalog: &Catalog, sig: &SigName, maintainers: &[Handle]) -> Mentions {
    let sig = catalog.sig(sig.as_str()).unwrap();
    let mut mentions: Mentions = match &sig.team {
        Some(team) => [format!("@{team}")].into(),
        None => sig.leads.iter().map(|lead| format!("@{lead}")).collect(),
    };
    mentions.extend(maintainers.iter().map(|handle| format!("@{handle}")));
    mentions
}

/// Asks both forges about the files of every generated repo, those that `others`
/// names among them. Says how many files have owners other than their repo's.
fn check(catalog: &Catalog, others: impl Fn(&Repo) -> Vec<String>) -> usize {
    let plan = plan(catalog, &Templates::built_in());
    let mut own = 0;
    for (name, files) in plan.repos() {
        let repo = catalog.repo(name.as_str()).unwrap();
        let github_text = text_for(&Github::FILES, files);
        let forgejo_text = text_for(&Forgejo::FILES, files);
        let (github, forgejo) = (Github::read(github_text), Forgejo::read(forgejo_text));
        let mut paths: BTreeSet<String> = files.files.keys().map(ToString::to_string).collect();
        paths.extend(near_misses(repo));
        paths.extend(others(repo));
        for path in &paths {
            let expected = owners(catalog, repo, path);
            assert_eq!(github.asks(path), expected, "{path}\n{github_text}");
            assert_eq!(forgejo.asks(path), expected, "{path}\n{forgejo_text}");
            let answer = catalog.owners(&catalog.owned_by_path(repo, path));
            let answer: Mentions = answer.iter().map(ToString::to_string).collect();
            assert_eq!(answer, expected, "{path}");
            own += usize::from(expected != of(catalog, &repo.sig, &[]));
        }
    }
    own
}

/// Files that a careless pattern gives to the wrong people, and one that it must
/// not miss for each thing that has an owner.
fn near_misses(repo: &Repo) -> Vec<String> {
    let mut paths = vec![
        "docs/a file with blanks.md".to_owned(),
        "pkgs/README.md".to_owned(),
        "pkgs/by-name/README.md".to_owned(),
    ];
    for package in repo.packages.values() {
        let directory = package.directory();
        paths.extend([
            format!("{directory}/deeper/than that/#1/file.patch"),
            format!("{directory}/.hidden"),
            format!("{directory}-more/package.nix"),
            format!("{directory}.nix"),
            format!("more/{directory}/package.nix"),
            format!("{}/package.nix", directory.to_uppercase()),
            directory.replace("/by-name/", "/by-name/more/"),
        ]);
    }
    let modules = repo.modules.values().map(Module::file);
    let overlays = repo.overlays.values().map(Overlay::file);
    for file in modules.chain(overlays) {
        paths.extend([
            file.replace(".nix", "xnix"),
            format!("{file}.orig"),
            format!("more/{file}"),
            file.replace(".nix", "/default.nix"),
            file.replacen('/', "/more/", 1),
            file,
        ]);
    }
    paths
}

#[test]
fn the_example_has_one_answer_on_all_forges() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/auxolotl");
    let registry = Registry::find(&root).unwrap();
    let catalog = registry.load().unwrap().catalog.unwrap();
    let committed = |repo: &Repo| {
        let start = root.join(repo.path.as_str());
        let mut files = Vec::new();
        let mut open = vec![start.clone()];
        while let Some(directory) = open.pop() {
            for entry in fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    let path = path.strip_prefix(&start).unwrap();
                    files.push(path.to_str().unwrap().to_owned());
                }
            }
        }
        assert!(!files.is_empty(), "{}", start.display());
        files
    };
    let own = check(&catalog, committed);
    assert!(
        own >= 10,
        "python3, vikunja and notebook have owners: {own}"
    );
}

#[test]
fn the_forges_read_lines_as_they_say() {
    let github = Github::read("* @a\n/docs/ @b # why\n*.nix @c\n/docs/x.nix @a @d\n");
    let forgejo = Forgejo::read(
        "# no rule\n.* @a\ndocs/.* @b # why\n.*\\\\.nix @c\n!(docs/.*|c\\+\\+) @o/t\nb\\ c @d\n",
    );
    for (path, last, all) in [
        ("a.c", "@a", "@a @o/t"),
        ("docs/a.c", "@b", "@a @b"),
        ("docs/a.nix", "@c", "@a @b @c"),
        ("docs/x.nix", "@a @d", "@a @b @c"),
        ("docs/xxnix", "@b", "@a @b"),
        ("more/docs/a.c", "@a", "@a @o/t"),
        ("b c", "@a", "@a @d @o/t"),
    ] {
        let set = |text: &str| -> Mentions { text.split(' ').map(str::to_owned).collect() };
        assert_eq!(github.asks(path), set(last), "{path}");
        assert_eq!(forgejo.asks(path), set(all), "{path}");
    }
}

/// One thing in a random family: what it is, where it stands, and its owners.
#[derive(Debug, Clone)]
struct Thing {
    name: String,
    kind: Kind,
    repo: usize,
    owner: Option<usize>,
    maintainers: BTreeSet<usize>,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Package,
    Builder,
    Overlay,
    Module(ModuleClass),
}

impl Kind {
    /// Where names must differ.
    fn output(self) -> &'static str {
        match self {
            Self::Package | Self::Builder => "packages",
            Self::Overlay => "overlays",
            Self::Module(_) => "modules",
        }
    }
}

const REPOS: [&str; 3] = ["core", "web", "top-level"];
const PEOPLE: [&str; 4] = ["ada", "7-grace", "a.b_c", "Lin"];

fn things() -> impl Strategy<Value = Vec<Thing>> {
    let odd = vec![
        "_7zz", "a-b", "a_b", "A", "a", "aa-", "nix", "x_-_", "by-name", "modules",
    ];
    let name = prop_oneof![
        proptest::sample::select(odd).prop_map(str::to_owned),
        "[a-zA-Z_][a-zA-Z0-9_-]{0,6}"
    ]
    .prop_filter("a name that is taken everywhere", |name| {
        name.parse::<AttrName>().is_ok() && name != "default" && !REPOS.contains(&name.as_str())
    });
    let kinds: Vec<Kind> = [Kind::Package, Kind::Builder, Kind::Overlay]
        .into_iter()
        .chain(ModuleClass::ALL.iter().copied().map(Kind::Module))
        .collect();
    let thing = (
        name,
        proptest::sample::select(kinds),
        0..REPOS.len(),
        proptest::option::of(0..PEOPLE.len()),
        proptest::collection::btree_set(0..PEOPLE.len(), 0..3),
    )
        .prop_map(|(name, kind, repo, owner, maintainers)| Thing {
            name,
            kind,
            repo,
            owner,
            maintainers,
        });
    proptest::collection::vec(thing, 0..12)
}

/// A family of three repos. SIG 0 runs all of them, with the leads and teams given.
fn family(leads: &[BTreeSet<usize>], teams: &[bool], things: &[Thing]) -> Catalog {
    let mut text = String::from(
        "format = \"1.0\"\norganization = { name = \"x\", forge = \"github:x\" }\n\
         tiers = [{ name = \"core\" }, { name = \"sigs\" }, { name = \"top-level\" }]\n",
    );
    for person in PEOPLE {
        text.push_str(&format!("people.{person:?} = {{}}\n"));
    }
    let handles = |people: &BTreeSet<usize>| {
        let handles: Vec<String> = people.iter().map(|p| format!("{:?}", PEOPLE[*p])).collect();
        handles.join(", ")
    };
    for (sig, (leads, team)) in leads.iter().zip(teams).enumerate() {
        text.push_str(&format!("[sigs.s{sig}]\nleads = [{}]\n", handles(leads)));
        if *team {
            text.push_str(&format!("team = \"Aux-{sig}/nix_os.{sig}\"\n"));
        }
    }
    for (repo, tier) in REPOS.iter().zip(["core", "sigs", "top-level"]) {
        text.push_str(&format!(
            "[repos.{repo}]\nsig = \"s0\"\ntier = \"{tier}\"\n"
        ));
    }
    // A name is given once in the family, whatever its case; the first one stays.
    let mut first: BTreeMap<(&str, String), &Thing> = BTreeMap::new();
    for thing in things {
        let named = (thing.kind.output(), thing.name.to_lowercase());
        first.entry(named).or_insert(thing);
    }
    for thing in first.values() {
        let (repo, name) = (REPOS[thing.repo], &thing.name);
        let section = match thing.kind {
            Kind::Package => "packages",
            Kind::Builder => "builders",
            Kind::Overlay => "overlays",
            Kind::Module(_) => "modules",
        };
        text.push_str(&format!("[repos.{repo}.{section}.{name}]\n"));
        if let Kind::Module(class) = thing.kind {
            text.push_str(&format!("class = \"{class}\"\n"));
        }
        if let Some(owner) = thing.owner {
            text.push_str(&format!("owner = \"s{owner}\"\n"));
        }
        if thing.kind.output() == "packages" {
            let maintainers = handles(&thing.maintainers);
            text.push_str(&format!("maintainers = [{maintainers}]\n"));
        }
    }
    Catalog::from_toml(&text).unwrap_or_else(|problems| panic!("{problems}\n{text}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_family_has_one_answer_on_all_forges(
        leads in proptest::collection::vec(
            proptest::collection::btree_set(0..PEOPLE.len(), 1..3),
            PEOPLE.len(),
        ),
        teams in proptest::collection::vec(any::<bool>(), PEOPLE.len()),
        things in things(),
        paths in proptest::collection::vec("[a-z#!@ _.*+()-]{1,6}(/[a-z#!@ _.*+()-]{1,6}){0,4}", 8),
    ) {
        let catalog = family(&leads, &teams, &things);
        let plain = |path: &&String| path.split('/').all(|part| !part.trim_matches('.').is_empty());
        check(&catalog, |_| paths.iter().filter(plain).cloned().collect());
    }
}
