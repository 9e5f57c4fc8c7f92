//! How time grows with the size of a family: 25,000 to 100,000 packages in
//! 1,000 repos, a file each, about four edges per package. The bare TOML parse
//! of the same texts is what the rest is to be compared with.
//!
//! `cargo bench -p aux-model --bench scale`

use aux_search::Search;
use std::fmt::Write;
use std::hint::black_box;

use aux_model::{Catalog, Manifest, Source};
use divan::{Bencher, counter::ItemsCount};

const REPOS: usize = 1_000;
const PACKAGES: [usize; 3] = [25_000, 50_000, 100_000];

fn main() {
    divan::main();
}

/// The texts of a family that checks without a problem.
fn family(packages: usize) -> Vec<Source> {
    let mut root = String::from(
        r#"format = "1.0"
include = ["sigs/*.toml"]
organization = { name = "scale", forge = "github:scale" }
tiers = [{ name = "core" }, { name = "low" }, { name = "high" }, { name = "top-level" }]
people.lead = {}
sigs.base.leads = ["lead"]
repos.top-level = { sig = "base", tier = "top-level" }
"#,
    );
    root.push_str("repos.core = { sig = \"base\", tier = \"core\", packages = { stdenv = {} } }\n");
    let mut sources = vec![Source::new("aux.toml", &root)];
    let each = packages / REPOS;
    for repo in 0..REPOS {
        let tier = if repo < REPOS / 2 { "low" } else { "high" };
        let mut text = format!(
            "[people.lead-{repo}]\n[sigs.sig-{repo}]\nleads = [\"lead-{repo}\"]\n\n[repos.repo-{repo}]\nsig = \"sig-{repo}\"\ntier = \"{tier}\"\n"
        );
        // Repos use some of those before them, in the low tier only.
        let used: Vec<usize> = (1..=4).map(|step| (repo / 2) / (step * 3)).collect();
        let used: std::collections::BTreeSet<usize> =
            used.into_iter().filter(|used| *used != repo).collect();
        let names: Vec<String> = used
            .iter()
            .map(|used| format!("repo-{used} = \"^1\""))
            .collect();
        let _ = writeln!(
            text,
            "uses = {{ {} }}\n\n[repos.repo-{repo}.packages]",
            names.join(", ")
        );
        for package in 0..each {
            let mut edges = vec!["\"stdenv\"".to_owned()];
            for back in [1, 7] {
                if package >= back {
                    edges.push(format!("\"p-{repo}-{}\"", package - back));
                }
            }
            if let Some(used) = used.iter().nth(package % 4) {
                edges.push(format!("\"repo-{used}/p-{used}-{package}\""));
            }
            let _ = writeln!(
                text,
                "p-{repo}-{package} = {{ description = \"Package {package} of repo {repo}\", license = \"MIT\", build = [{}] }}",
                edges.join(", ")
            );
        }
        sources.push(Source::new(&format!("sigs/{repo}.toml"), &text));
    }
    sources
}

fn check(sources: &[Source]) -> Catalog {
    let mut manifest = Manifest::open(sources[0].clone());
    manifest.include("sigs/*.toml", sources[1..].to_vec());
    manifest
        .check()
        .expect("the generated family has no problems")
}

fn items(packages: usize) -> ItemsCount {
    ItemsCount::new(packages)
}

#[divan::bench(args = PACKAGES, sample_count = 5, sample_size = 1)]
fn bare_toml_parse(bencher: Bencher<'_, '_>, packages: usize) {
    let sources = family(packages);
    bencher.counter(items(packages)).bench(|| {
        for source in &sources {
            black_box(toml::de::DeTable::parse(source.text()).expect("it is TOML"));
        }
    });
}

#[divan::bench(args = PACKAGES, sample_count = 5, sample_size = 1)]
fn open_include_check(bencher: Bencher<'_, '_>, packages: usize) {
    let sources = family(packages);
    bencher.counter(items(packages)).bench(|| check(&sources));
}

#[divan::bench(args = PACKAGES, sample_count = 5, sample_size = 1)]
fn to_json(bencher: Bencher<'_, '_>, packages: usize) {
    let catalog = check(&family(packages));
    bencher.counter(items(packages)).bench(|| catalog.to_json());
}

#[divan::bench(args = PACKAGES, sample_count = 5, sample_size = 1)]
fn from_json(bencher: Bencher<'_, '_>, packages: usize) {
    let json = check(&family(packages)).to_json();
    bencher
        .counter(items(packages))
        .bench(|| Catalog::from_json(&json).expect("it was written by this crate"));
}

#[divan::bench(args = PACKAGES, sample_count = 5, sample_size = 1)]
fn search_exact(bencher: Bencher<'_, '_>, packages: usize) {
    let catalog = check(&family(packages));
    bencher
        .counter(items(packages))
        .bench(|| catalog.search("p-77-7"));
}

#[divan::bench(args = PACKAGES, sample_count = 5, sample_size = 1)]
fn search_words(bencher: Bencher<'_, '_>, packages: usize) {
    let catalog = check(&family(packages));
    bencher
        .counter(items(packages))
        .bench(|| catalog.search("repo-77 package 7"));
}

/// Neither a name nor a misspelling of one.
#[divan::bench(args = PACKAGES, sample_count = 5, sample_size = 1)]
fn search_nothing(bencher: Bencher<'_, '_>, packages: usize) {
    let catalog = check(&family(packages));
    bencher
        .counter(items(packages))
        .bench(|| assert!(catalog.search("firefox").is_empty()));
}

#[divan::bench(args = PACKAGES, sample_count = 5, sample_size = 1)]
fn search_misspelt(bencher: Bencher<'_, '_>, packages: usize) {
    let catalog = check(&family(packages));
    bencher
        .counter(items(packages))
        .bench(|| catalog.search("q-77_7x"));
}

/// Every edge names a package that does not exist.
#[divan::bench(args = PACKAGES, sample_count = 3, sample_size = 1)]
fn unknown_names(bencher: Bencher<'_, '_>, packages: usize) {
    let text = alone(packages, |text, package| {
        let _ = writeln!(text, "p-{package} = {{ build = [\"missing-{package}\"] }}");
    });
    bencher
        .counter(items(packages))
        .bench(|| Catalog::from_toml(&text).expect_err("nothing of it is there"));
}

/// As many problems as entries, all on one line.
#[divan::bench(args = PACKAGES, sample_count = 3, sample_size = 1)]
fn one_long_line(bencher: Bencher<'_, '_>, packages: usize) {
    let text = alone(packages, |text, package| {
        let start = if package == 0 {
            "p = { build = ["
        } else {
            ", "
        };
        let end = if package + 1 == packages { "] }\n" } else { "" };
        let _ = write!(text, "{start}\"missing-{package}\"{end}");
    });
    bencher
        .counter(items(packages))
        .bench(|| Catalog::from_toml(&text).expect_err("nothing of it is there"));
}

/// A manifest in one text whose core has what `write` writes.
fn alone(packages: usize, write: impl Fn(&mut String, usize)) -> String {
    let mut text = String::from(
        r#"format = "1.0"
organization = { name = "scale", forge = "github:scale" }
tiers = [{ name = "core" }, { name = "top-level" }]
people.lead = {}
sigs.base.leads = ["lead"]
repos.top-level = { sig = "base", tier = "top-level" }
repos.core.sig = "base"
repos.core.tier = "core"
[repos.core.packages]
"#,
    );
    for package in 0..packages {
        write(&mut text, package);
    }
    text
}
