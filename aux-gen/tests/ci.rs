//! What checks the family is what the services that run it take: workflows fit
//! GitHub's own schema, whose syntax Forgejo follows, Hydra's file fits what its
//! manual documents, and all of it is as careful as it can be.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

#[path = "../../aux-model/tests/family/mod.rs"]
#[allow(dead_code, reason = "other tests use the rest of it")]
mod family;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use aux_gen::disk::Registry;
use aux_gen::plan::{Plan, plan};
use aux_gen::render::Templates;
use aux_model::{Catalog, Source};
use aux_test_support::dice::Choices;
use family::Family;
use jsonschema::Validator;
use proptest::prelude::*;
use regex::Regex;
use serde_json::{Value, json};

/// A workflow, as text and as what a forge reads in it.
struct Workflow<'p> {
    path: String,
    text: &'p str,
    read: Value,
}

/// Both schemas, compiled once for many families.
struct Schemas {
    workflow: Validator,
    hydra: Validator,
}

impl Schemas {
    fn new() -> Self {
        let workflow: Value =
            serde_json::from_str(include_str!("data/github-workflow.schema.json")).unwrap();
        Self {
            workflow: jsonschema::validator_for(&workflow).unwrap(),
            hydra: jsonschema::validator_for(&hydra_schema()).unwrap(),
        }
    }
}

/// The keys of a static declarative project (Hydra manual, "Declarative
/// Projects") and their types (Hydra's API). Any other key, Hydra dies of. A jobset
/// of a flake (type 1) has `flake`, and neither `nixexprinput` nor `nixexprpath`.
fn hydra_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "propertyNames": { "pattern": "^[A-Za-z_][A-Za-z0-9_.-]*$" },
        "additionalProperties": {
            "type": "object",
            "additionalProperties": false,
            "required": ["enabled", "type", "flake", "checkinterval", "schedulingshares", "keepnr"],
            "properties": {
                "enabled": { "enum": [0, 1, 2, 3] },
                "hidden": { "type": "boolean" },
                "type": { "const": 1 },
                "flake": { "type": "string", "pattern": "^[a-zA-Z]" },
                "description": { "type": "string", "minLength": 1 },
                "checkinterval": { "type": "integer", "minimum": 0 },
                "schedulingshares": { "type": "integer", "minimum": 1 },
                "enableemail": { "type": "boolean" },
                "enable_dynamic_run_command": { "type": "boolean" },
                "emailoverride": { "type": "string" },
                "keepnr": { "type": "integer", "minimum": 0 },
                "inputs": { "type": "object" }
            }
        }
    })
}

fn workflows(plan: &Plan) -> Vec<Workflow<'_>> {
    let homes = plan.homes.iter();
    let homes = homes.map(|(home, plan)| {
        (
            home.repo().map_or("", aux_model::RepoName::as_str),
            &plan.files,
        )
    });
    homes
        .flat_map(|(home, files)| files.iter().map(move |file| (home, file)))
        .filter(|(_, (path, _))| path.as_str().contains("/workflows/"))
        .map(|(home, (path, file))| Workflow {
            path: format!("{home}:{path}"),
            text: file.text.get().unwrap(),
            read: serde_saphyr::from_str(file.text.get().unwrap()).unwrap_or_else(|error| {
                panic!("{home}:{path}: {error}\n{}", file.text.get().unwrap())
            }),
        })
        .collect()
}

fn jobs(workflow: &Workflow<'_>) -> BTreeMap<String, Value> {
    let jobs = workflow.read["jobs"].as_object().unwrap().clone();
    assert!(!jobs.is_empty(), "{}", workflow.path);
    jobs.into_iter().collect()
}

#[track_caller]
fn fits(schema: &Validator, value: &Value, what: &str) {
    let errors: Vec<String> = schema
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(
        errors.is_empty(),
        "{what}\n{}\n{value:#}",
        errors.join("\n")
    );
}

/// Everything that holds for the files of any family. Says how many workflows
/// there were.
fn check(catalog: &Catalog, schemas: &Schemas) -> usize {
    let plan = plan(catalog, &Templates::built_in());
    let workflows = workflows(&plan);
    for workflow in &workflows {
        fits(&schemas.workflow, &workflow.read, &workflow.path);
        careful(workflow);
        if workflow.path.ends_with("family.yml") {
            in_order(workflow, catalog);
        }
    }
    let registry = plan.registry().unwrap();
    let spec = registry.files.get("hydra/spec.json");
    assert_eq!(spec.is_some(), catalog.ci().hydra);
    if let Some(spec) = spec {
        let spec: Value = serde_json::from_str(spec.text.get().unwrap()).unwrap();
        fits(&schemas.hydra, &spec, "hydra/spec.json");
        lower_is_first(&spec, catalog);
    }
    workflows.len()
}

/// Nothing runs that could change by itself, goes on for ever, or has more rights
/// than it needs.
fn careful(workflow: &Workflow<'_>) {
    let Workflow { path, text, read } = workflow;
    assert!(text.starts_with("# Generated by aux-gen."), "{path}");
    // What each job that writes may write with the token of its run; all others read.
    let writes = if path.ends_with("regenerate.yml") {
        Some(json!({ "contents": "write", "pull-requests": "write" }))
    } else if path.ends_with("train.yml") {
        Some(json!({ "contents": "write", "issues": "write" }))
    } else {
        None
    };
    let least = match &writes {
        Some(_) => json!({}),
        None => json!({ "contents": "read" }),
    };
    assert_eq!(read["permissions"], least, "{path}");
    assert!(read["concurrency"]["group"].is_string(), "{path}");
    let uses = if path.contains(".forgejo/") {
        "^https://github\\.com/[a-z]+/[a-z-]+@[0-9a-f]{40}$"
    } else {
        "^[a-z]+/[a-z-]+@[0-9a-f]{40}$"
    };
    let uses = Regex::new(uses).unwrap();
    // The program's own action builds the commit of the manifest, or else the version that writes.
    let own =
        Regex::new("^(https://github\\.com/)?auxolotl/aux-gen@(v[0-9.]+|[0-9a-f]{40})$").unwrap();
    let publishes = json!({ "pages": "write", "id-token": "write" });
    for (name, job) in jobs(workflow) {
        assert!(job["timeout-minutes"].is_u64(), "{path} {name}");
        let expected = match name.as_str() {
            "site" => Some(&publishes),
            _ => writes.as_ref(),
        };
        assert_eq!(job.get("permissions"), expected, "{path} {name}");
        for step in job["steps"].as_array().unwrap() {
            let action = step["uses"].as_str();
            if let Some(action) = action.filter(|action| !own.is_match(action)) {
                assert!(uses.is_match(action), "{path} {name}: {action}");
                let line = text.lines().find(|line| line.contains(action)).unwrap();
                assert!(line.contains(" # v"), "the tag of {line}");
            }
            if step["uses"]
                .as_str()
                .is_some_and(|action| action.contains("checkout"))
            {
                assert_eq!(step["with"]["persist-credentials"], false, "{path} {name}");
            }
            // Whoever names a branch would else write into a script.
            let script = step["run"].as_str().unwrap_or_default();
            assert!(!script.contains("${{"), "{path} {name}: {script}");
        }
    }
    if writes.is_none() {
        assert!(!text.contains("secrets."), "{path}");
        assert!(!text.contains("github.token"), "{path}");
        assert!(!text.contains(": write"), "{path}");
        assert_eq!(
            read["concurrency"]["cancel-in-progress"],
            "${{ github.event_name == 'pull_request' }}"
        );
    }
}

/// Every repo has one job, which waits for those of all lower tiers.
fn in_order(workflow: &Workflow<'_>, catalog: &Catalog) {
    let jobs = jobs(workflow);
    let mut job_of: BTreeMap<String, &str> = BTreeMap::new();
    for (name, job) in jobs
        .iter()
        .filter(|(name, _)| !["check", "impact"].contains(&name.as_str()))
    {
        assert_eq!(job["strategy"]["fail-fast"], false, "{name}");
        let repos = job["strategy"]["matrix"]["repo"].as_array().unwrap();
        assert!((1..=256).contains(&repos.len()), "{name}");
        for repo in repos {
            let again = job_of.insert(repo.as_str().unwrap().to_owned(), name);
            assert_eq!(again, None, "{repo} has two jobs");
        }
    }
    let named: BTreeSet<&str> = job_of.keys().map(String::as_str).collect();
    let repos: BTreeSet<&str> = catalog.repos().map(|repo| repo.name.as_str()).collect();
    assert_eq!(named, repos);
    for repo in catalog.repos() {
        let waits = waits_for(&jobs, job_of[repo.name.as_str()]);
        assert!(waits.contains("check"), "{}", repo.name);
        for other in catalog.repos() {
            let below = catalog.level(&other.name) < catalog.level(&repo.name);
            let job = job_of[other.name.as_str()];
            assert_eq!(
                waits.contains(job),
                below,
                "{} after {}",
                repo.name,
                other.name
            );
        }
    }
}

/// The jobs that a job waits for, and those that these wait for.
fn waits_for(jobs: &BTreeMap<String, Value>, job: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![job.to_owned()];
    while let Some(job) = open.pop() {
        for needed in jobs[&job]["needs"].as_array().into_iter().flatten() {
            let needed = needed.as_str().unwrap().to_owned();
            if found.insert(needed.clone()) {
                open.push(needed);
            }
        }
    }
    found
}

/// Hydra has a jobset for each generated repo and no other, and prefers what
/// others need.
fn lower_is_first(spec: &Value, catalog: &Catalog) {
    let generated: BTreeMap<&str, &aux_model::Repo> = catalog
        .repos()
        .filter(|repo| repo.is_generated())
        .map(|repo| (repo.name.as_str(), repo))
        .collect();
    let spec = spec.as_object().unwrap();
    assert_eq!(
        spec.keys()
            .map(String::as_str)
            .filter(|name| !name.ends_with(".staging"))
            .collect::<BTreeSet<_>>(),
        generated.keys().copied().collect()
    );
    for (name, repo) in &generated {
        // The candidates of trains, unless git can find no branch of it.
        let staging = repo.url.on_branch("staging");
        let jobset = spec.get(&format!("{name}.staging"));
        assert_eq!(jobset.is_some(), staging.is_some(), "{name}");
        if let (Some(jobset), Some(staging)) = (jobset, staging) {
            assert_eq!(jobset["flake"], staging.as_str());
        }
    }
    let shares = |repo: &str| spec[repo]["schedulingshares"].as_u64().unwrap();
    for (name, repo) in &generated {
        assert_eq!(spec[*name]["flake"], repo.url.as_str());
        for (other_name, other) in &generated {
            let levels = catalog.level(&repo.name).cmp(&catalog.level(&other.name));
            assert_eq!(shares(other_name).cmp(&shares(name)), levels);
        }
    }
}

fn manifest(ci: &str, forge: &str, repos: &str) -> Catalog {
    let text = format!(
        r#"
format = "1.0"
organization = {{ name = "x", forge = "{forge}" }}
tiers = [{{ name = "core" }}, {{ name = "on" }}, {{ name = "top-level" }}]
{ci}
sigs.base.leads = ["ada"]
people.ada = {{}}
repos.core = {{ sig = "base", tier = "core" }}
repos.top-level = {{ sig = "base", tier = "top-level" }}
{repos}
"#
    );
    Catalog::from_toml(&text).unwrap()
}

/// Every file that is there for the sake of checks.
fn files(catalog: &Catalog) -> BTreeSet<String> {
    let plan = plan(catalog, &Templates::built_in());
    let registry = plan.registry().unwrap().files.keys();
    let (_, core) = plan.repos().find(|(name, _)| *name == "core").unwrap();
    let core = core
        .files
        .keys()
        .filter(|path| path.as_str().contains("workflows"));
    registry
        .map(ToString::to_string)
        .chain(core.map(|path| format!("core:{path}")))
        .collect()
}

#[test]
fn the_example_is_checked_by_both_forges() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/auxolotl");
    let registry = Registry::open(&folder).unwrap();
    let texts = registry.load().unwrap().sources;
    let schemas = Schemas::new();
    let both: Vec<Source> = texts
        .iter()
        .map(|source| match source.path() {
            "aux.toml" => {
                let text = format!(
                    "ci = {{ github = true, forgejo = true }}\n{}",
                    source.text()
                );
                Source::new(source.path(), &text)
            }
            path => Source::new(path, source.text()),
        })
        .collect();
    let catalog = family::check(&both).unwrap();
    assert_eq!(check(&catalog, &schemas), 2 * (3 + 8));
}

#[test]
fn each_service_is_written_for_if_it_is_wanted() {
    let scripts = ["ci/fetch.sh", "ci/propose.sh", "ci/train.sh"];
    let github = [
        ".github/workflows/family.yml",
        ".github/workflows/regenerate.yml",
        ".github/workflows/train.yml",
        "core:.github/workflows/check.yml",
    ];
    let forgejo = github.map(|path| path.replace(".github", ".forgejo"));
    let all = |parts: &[&[&str]]| -> BTreeSet<String> {
        parts.concat().into_iter().map(str::to_owned).collect()
    };
    let forgejo: Vec<&str> = forgejo.iter().map(String::as_str).collect();
    let hydra = ["hydra/spec.json"];
    let attributes = [".gitattributes", ".gitea/CODEOWNERS", ".github/CODEOWNERS"];
    let codeberg = "git+https://codeberg.org/x";
    for (ci, forge, wanted) in [
        (
            "",
            "github:x",
            all(&[&attributes, &github, &scripts, &hydra]),
        ),
        (
            "",
            codeberg,
            all(&[&attributes, &forgejo, &scripts, &hydra]),
        ),
        ("", "gitlab:x", all(&[&attributes, &hydra])),
        (
            "ci.github = true",
            codeberg,
            all(&[&attributes, &github, &forgejo, &scripts, &hydra]),
        ),
        (
            "ci.hydra = false",
            "github:x",
            all(&[&attributes, &github, &scripts]),
        ),
        (
            "ci = { github = false, hydra = false }",
            "github:x",
            all(&[&attributes]),
        ),
    ] {
        assert_eq!(files(&manifest(ci, forge, "")), wanted, "{ci} {forge}");
    }
}

#[test]
fn names_that_yaml_reads_as_something_else_stay_names() {
    let repos: String = ["on", "no", "y", "Null", "_1", "e1"]
        .iter()
        .map(|name| format!("repos.{name} = {{ sig = \"base\", tier = \"on\" }}\n"))
        .collect();
    let both = "ci = { github = true, forgejo = true }";
    let catalog = manifest(both, "github:x", &repos);
    assert_eq!(check(&catalog, &Schemas::new()), 2 * (3 + 8));
}

/// GitHub refuses a matrix of more than 256, so such a tier has several jobs.
#[test]
fn a_large_tier_has_several_jobs() {
    let repos: String = (0..600)
        .map(|index| format!("repos.r{index} = {{ sig = \"base\", tier = \"on\" }}\n"))
        .collect();
    let catalog = manifest("", "github:x", &repos);
    let plan = plan(&catalog, &Templates::built_in());
    let workflows = workflows(&plan);
    let family = workflows
        .iter()
        .find(|found| found.path == ":.github/workflows/family.yml");
    let family = family.unwrap();
    in_order(family, &catalog);
    let names: Vec<String> = jobs(family).into_keys().collect();
    assert_eq!(
        names,
        [
            "check", "impact", "tier-0", "tier-1", "tier-1-2", "tier-1-3", "tier-2"
        ]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_family_is_checked_by_whoever_it_says(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        github: bool,
        forgejo: bool,
        hydra: bool,
    ) {
        let schemas = Schemas::new();
        let mut dice = Choices::new(&bytes);
        let mut texts = Family::roll(&mut dice).texts(&mut dice);
        let ci = format!("ci = {{ github = {github}, forgejo = {forgejo}, hydra = {hydra} }}\n");
        texts[0] = Source::new(texts[0].path(), &format!("{ci}{}", texts[0].text()));
        let catalog = family::check(&texts).unwrap();
        let forges = usize::from(github) + usize::from(forgejo);
        let generated = catalog.repos().filter(|repo| repo.is_generated()).count();
        prop_assert_eq!(check(&catalog, &schemas), forges * (3 + generated));
    }
}
