//! Random families of repos that keep every rule, written as manifest texts.

use std::collections::BTreeSet;

use aux_model::{Catalog, Manifest, Problems, Source};
use aux_test_support::dice::Choices;

/// One repo of a family and the blocks of text that make it.
struct Repo {
    name: String,
    level: usize,
    uses: BTreeSet<usize>,
    peers: BTreeSet<usize>,
    /// Attributes that edges may ask for.
    attributes: Vec<String>,
    /// Its packages by name, for what moved here.
    packages: Vec<String>,
    blocks: Vec<String>,
}

/// A family: what comes first in the root, and for each repo its blocks.
pub(crate) struct Family {
    head: String,
    repos: Vec<Vec<String>>,
}

impl Family {
    pub(crate) fn roll(dice: &mut Choices<'_>) -> Self {
        let levels = 2 + dice.below(3);
        let tiers: Vec<String> = (0..levels)
            .map(|level| format!("{{ name = \"tier-{level}\" }}"))
            .collect();
        let head = format!(
            "format = \"1.0\"\ninclude = [\"sigs/*.toml\"]\norganization = {{ name = \"random\", forge = \"github:random\" }}\ntiers = [{}]\n",
            tiers.join(", ")
        );
        let mut repos: Vec<Repo> = Vec::new();
        let between = if levels > 2 { dice.below(7) } else { 0 };
        for index in 0..between + 2 {
            let level = match index {
                0 => 0,
                _ if index == between + 1 => levels - 1,
                _ => 1 + dice.below(levels - 2),
            };
            let repo = roll_repo(dice, &repos, level, level == levels - 1);
            repos.push(repo);
        }
        Self {
            head: head + &roll_policy(dice, &mut repos),
            repos: repos.into_iter().map(|repo| repo.blocks).collect(),
        }
    }

    /// Root and included files. Blocks are shuffled within their file, and
    /// repos over the files, by the dice.
    pub(crate) fn texts(&self, dice: &mut Choices<'_>) -> Vec<Source> {
        let mut texts = [self.head.clone(), String::new(), String::new()];
        for blocks in shuffled(dice, &self.repos) {
            let file = dice.below(texts.len());
            for block in shuffled(dice, blocks) {
                texts[file].push_str(block);
            }
        }
        let path = |file: usize| match file {
            0 => "aux.toml".to_owned(),
            _ => format!("sigs/{file}.toml"),
        };
        texts
            .iter()
            .enumerate()
            .map(|(file, text)| Source::new(&path(file), text))
            .collect()
    }
}

/// Root first, then what it includes.
pub(crate) fn check(texts: &[Source]) -> Result<Catalog, Problems> {
    let mut manifest = Manifest::open(texts[0].clone());
    manifest.include("sigs/*.toml", texts[1..].to_vec());
    manifest.check()
}

fn shuffled<'a, T>(dice: &mut Choices<'_>, items: &'a [T]) -> Vec<&'a T> {
    let mut left: Vec<&T> = items.iter().collect();
    let mut order = Vec::with_capacity(left.len());
    while !left.is_empty() {
        order.push(left.remove(dice.below(left.len())));
    }
    order
}

/// A policy, with a pair of repos that use each other if two of one tier may.
fn roll_policy(dice: &mut Choices<'_>, repos: &mut [Repo]) -> String {
    let mut policy = String::from("\n[policy]\nfan-in = 3\nweight = \"dependents\"\n");
    if let Some(package) = repos[0].attributes.first() {
        policy.push_str(&format!(
            "bootstrap = [\"{package}\"]\npinned = [\"repo-0\"]\n"
        ));
    }
    let pair = (1..repos.len()).find_map(|high| {
        let low = *repos[high].uses.first()?;
        let is_free = !repos[low].peers.contains(&high) && repos[low].uses.is_empty();
        (repos[low].level == repos[high].level && is_free).then_some((low, high))
    });
    if let Some((low, high)) = pair
        && dice.yes()
    {
        let repo = &mut repos[low];
        let tier = format!("tier = \"tier-{}\"\n", repo.level);
        repo.blocks[0] =
            repo.blocks[0].replace(&tier, &format!("{tier}uses = [\"repo-{high}\"]\n"));
        policy.push_str(&format!(
            "[[policy.allow]]\nrepos = [\"repo-{high}\", \"repo-{low}\"]\nreason = \"both ways\"\nowner = \"sig-{low}\"\nreview = \"2027-01-31\"\n\n"
        ));
    }
    policy
}

fn roll_repo(dice: &mut Choices<'_>, others: &[Repo], level: usize, is_top: bool) -> Repo {
    let index = others.len();
    let name = format!("repo-{index}");
    let mut uses = BTreeSet::new();
    let mut peers = BTreeSet::new();
    for (other, repo) in others.iter().enumerate().skip(1) {
        if repo.level <= level && !is_top {
            match dice.below(3) {
                0 => {}
                1 => {
                    uses.insert(other);
                }
                _ => {
                    peers.insert(other);
                }
            }
        }
    }
    let external = index > 0 && !is_top && dice.below(4) == 3;
    let team = if dice.yes() {
        format!("team = \"org-{index}/team.{index}\"\n")
    } else {
        String::new()
    };
    let mut repo = format!(
        "[sigs.sig-{index}]\nleads = [\"person-{index}\"]\n{team}\n[people.person-{index}] # a comment\n\n[repos.{name}]\nsig = \"sig-{index}\"\ntier = \"tier-{level}\"\n"
    );
    if !uses.is_empty() {
        let uses: Vec<String> = uses
            .iter()
            .map(|other| format!("\"repo-{other}\""))
            .collect();
        repo.push_str(&format!("uses = [{}]\n", uses.join(", ")));
    }
    if !peers.is_empty() {
        let peers: Vec<String> = peers
            .iter()
            .map(|other| format!("\"repo-{other}\""))
            .collect();
        repo.push_str(&format!("peers = [{}]\n", peers.join(", ")));
    }
    if external {
        let wiring = ["layers", "overlays", "packages"][dice.below(3)];
        repo.push_str(&format!("kind = \"external\"\nwiring = \"{wiring}\"\n"));
    }
    if dice.yes() {
        repo.push_str("discover = true\ncontract = \"1.2.3\"\ndescription = \"ä 'quoted' text\"\n");
    }
    let mut built = Repo {
        name,
        level,
        uses,
        peers,
        attributes: Vec::new(),
        packages: Vec::new(),
        blocks: vec![format!("{repo}\n")],
    };
    for package in 0..dice.below(5) {
        roll_package(dice, others, &mut built, package);
    }
    if dice.yes() {
        let name = &built.name;
        let class = ["nixos", "home", "darwin"][dice.below(3)];
        built.blocks.push(format!(
            "[repos.{name}.modules.module-{index}]\nclass = \"{class}\"\nowner = \"sig-0\"\n\n[repos.{name}.overlays.overlay-{index}]\ndescription = \"an overlay\"\n\n"
        ));
    }
    if let Some(other) = others.get(dice.below(index + 1))
        && let Some(package) = other.packages.first()
    {
        let (name, to) = (&built.name, &other.name);
        built.blocks.push(format!(
            "[repos.{name}.moved.{package}]\nto = \"{to}\"\nuntil = \"2027-01-31\"\n\n"
        ));
    }
    built
}

fn roll_package(dice: &mut Choices<'_>, others: &[Repo], repo: &mut Repo, number: usize) {
    let index = others.len();
    let name = format!("p-{index}-{number}");
    let mut attributes = vec![name.clone()];
    let mut section = "packages";
    let mut text = String::new();
    match dice.below(5) {
        0 => {}
        1 => section = "builders",
        2 => {
            text.push_str("variants = { names = [\"1.0\", \"2\", \"3\"], aliases = { lts = \"2\" }, default = \"lts\" }\ndescription = \"Three versions of a package\"\n");
            attributes.extend(["1_0", "2", "3", "lts"].map(|variant| format!("{name}_{variant}")));
        }
        3 => {
            text.push_str(&format!("members = [\"{name}-a\", \"{name}-b\"]\n"));
            attributes = vec![format!("{name}-a"), format!("{name}-b")];
        }
        _ => {
            text.push_str(&format!("aliases = [\"{name}-alias\"]\nlicense = \"MIT\"\nmaintainers = [\"person-0\"]\nowner = \"sig-0\"\n"));
            attributes.push(format!("{name}-alias"));
        }
    }
    let mut edges: [Vec<String>; 4] = Default::default();
    for _ in 0..dice.below(4) {
        // Only packages that are there already, so nothing is a cycle.
        let other = dice.below(index + 1);
        let (owner, from) = match others.get(other) {
            Some(other) => (&other.name, &other.attributes),
            None => (&repo.name, &repo.attributes),
        };
        if from.is_empty() {
            continue;
        }
        let attribute = &from[dice.below(from.len())];
        let declared = other == index
            || other == 0
            || repo.uses.contains(&other)
            || repo.peers.contains(&other);
        // `optional` next to a needed edge is a warning, so it stays rare.
        let kind = if declared {
            dice.below(3)
        } else {
            2 + dice.below(2)
        };
        edges[kind].push(match dice.below(2) {
            0 => format!("\"{attribute}\""),
            _ => format!("\"{owner}/{attribute}\""),
        });
    }
    for (kind, edges) in ["build", "runtime", "test", "optional"].iter().zip(edges) {
        if !edges.is_empty() {
            text.push_str(&format!("{kind} = [{}]\n", edges.join(", ")));
        }
    }
    repo.attributes.extend(attributes);
    repo.packages.push(name.clone());
    repo.blocks
        .push(format!("[repos.{}.{section}.{name}]\n{text}\n", repo.name));
}
