//! The generated workflows, run as a forge's runner would, in checkouts of real git
//! repositories, with real Nix. git finds `https://forge.example` in a folder.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::runner::{Ran, Runner, jobs};
use crate::support::Family;

/// A forge with a git repository for each repo of the example and one for its
/// registry, and a runner with a home of its own.
struct Forge {
    runner: Runner,
}

impl Forge {
    fn new() -> Self {
        let runner = Runner::new();
        let forge = runner.path("forge");
        fs::create_dir_all(Path::new(&forge).join("auxolotl")).unwrap();
        runner.configure(&format!(
            "[url \"file://{forge}/\"]\n  insteadOf = https://forge.example/\n"
        ));
        let forge = Self { runner };
        forge.publish(&Family::copied_example());
        forge
    }

    /// Puts a family that lives on this forge into its repositories.
    fn publish(&self, family: &Family) {
        let manifest = fs::read_to_string(family.root.join("aux.toml")).unwrap();
        let here = manifest.replace(
            "forge = \"github:auxolotl\"",
            "forge = \"git+https://forge.example/auxolotl\"",
        );
        assert_ne!(here, manifest);
        let here = here.replace(
            "registry = \"github:auxolotl/registry\"",
            "registry = \"git+https://forge.example/auxolotl/registry\"",
        );
        family.write("aux.toml", &format!("ci.github = true\n{here}"));
        family.write(".gitignore", "/repos/\n");
        family.ok(&["generate"]);
        for repo in fs::read_dir(family.root.join("repos")).unwrap() {
            let repo = repo.unwrap();
            let place = self.repository(repo.file_name().to_str().unwrap());
            fs::rename(repo.path(), &place).unwrap();
            self.commit(&place);
        }
        let registry = self.repository("registry");
        self.sh(&family.root, &format!("cp -R . {}", registry.display()));
        self.commit(&registry);
    }

    fn repository(&self, name: &str) -> PathBuf {
        Path::new(&self.runner.path("forge/auxolotl")).join(name)
    }

    /// Nix 2.8 asks a forge for `master` where no branch is named.
    fn commit(&self, repository: &Path) {
        self.sh(
            repository,
            "git init --quiet --initial-branch=main && git add --all && git commit --quiet --message first && git branch master",
        );
    }

    fn sh(&self, directory: &Path, script: &str) -> String {
        self.runner.sh(directory, script)
    }

    /// The jobs of a workflow of a repository.
    fn jobs(&self, repository: &str, workflow: &str) -> BTreeMap<String, Value> {
        jobs(&self.repository(repository).join(workflow))
    }

    /// Runs a job in a fresh checkout; `secrets` are what `${{ ... }}` means.
    fn run(&self, repository: &str, job: &Value, secrets: &[(&str, &str)]) -> Ran {
        let url = format!("https://forge.example/auxolotl/{repository}");
        let steps = job["steps"].as_array().unwrap();
        let is_whole = steps.iter().any(|step| step["with"]["fetch-depth"] == 0);
        let depth: &[&str] = if is_whole { &[] } else { &["--depth", "1"] };
        self.runner.run(&[depth, &[&url]].concat(), job, secrets)
    }

    fn well(&self, repository: &str, job: &Value, secrets: &[(&str, &str)]) -> Ran {
        let ran = self.run(repository, job, secrets);
        assert!(!ran.failed(), "{repository}\n{}", ran.said());
        ran
    }
}

#[test]
fn every_repo_passes_its_own_workflow() {
    let forge = Forge::new();
    let mut repos = BTreeSet::new();
    for entry in fs::read_dir(forge.repository("")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name == "registry" {
            continue;
        }
        for folder in [".github", ".forgejo"] {
            let jobs = forge.jobs(&name, &format!("{folder}/workflows/check.yml"));
            assert_eq!(jobs.len(), 1);
            let ran = forge.well(&name, &jobs["flake"], &[("github.base_ref", "main")]);
            let names: Vec<&str> = ran.steps.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(
                names,
                [
                    "check every output",
                    "show every output, without building anything to know it",
                    "evaluate the repo alone and through top-level",
                    "say what it does to the packages of the family, and whether it breaks one",
                ]
            );
            let shown = String::from_utf8_lossy(&ran.steps[1].1.stdout);
            assert!(shown.contains("hydraJobs"), "{shown}");
        }
        repos.insert(name);
    }
    assert_eq!(repos.len(), 8, "{repos:?}");
}

#[test]
fn the_family_passes_the_registrys_workflow() {
    let forge = Forge::new();
    for folder in [".github", ".forgejo"] {
        let jobs = forge.jobs("registry", &format!("{folder}/workflows/family.yml"));
        let mut done: BTreeSet<String> = BTreeSet::new();
        let mut repos = Vec::new();
        while done.len() < jobs.len() {
            let (name, job) = jobs
                .iter()
                .filter(|(name, _)| !done.contains(*name))
                .find(|(_, job)| {
                    let needs = job["needs"].as_array().into_iter().flatten();
                    needs
                        .into_iter()
                        .all(|need| done.contains(need.as_str().unwrap()))
                })
                .expect("no job waits for itself");
            done.insert(name.clone());
            let Some(matrix) = job["strategy"]["matrix"]["repo"].as_array() else {
                let ran = forge.well("registry", job, &[("github.base_ref", "main")]);
                if name == "impact" {
                    let said = fs::read_to_string(ran.workspace.join("summary")).unwrap();
                    assert!(
                        said.starts_with("### Impact\n\nNothing fails that did not."),
                        "{said}"
                    );
                }
                continue;
            };
            for repo in matrix {
                let repo = repo.as_str().unwrap();
                let ran = forge.well("registry", job, &[("matrix.repo", repo)]);
                let (_, evaluated) = ran.steps.last().unwrap();
                let said = String::from_utf8_lossy(&evaluated.stdout);
                assert!(said.contains(&format!("\n{repo} ")), "{said}");
                repos.push(repo.to_owned());
            }
        }
        assert_eq!(repos.first().unwrap(), "core");
        assert_eq!(repos.last().unwrap(), "top-level");
        assert_eq!(repos.len(), 8);
    }
}

/// A broken repo fails its own job, says why, and the jobs of others go on.
#[test]
fn a_broken_repo_fails_in_its_own_workflow_and_the_registrys() {
    let forge = Forge::new();
    let python = forge.repository("python");
    fs::write(
        python.join("pkgs/by-name/cr/cryptography/package.nix"),
        "{ }: throw \"cryptography is broken\"\n",
    )
    .unwrap();
    forge.sh(
        &python,
        "git commit --quiet --all --message broken && git branch --force master",
    );
    let own = forge.jobs("python", ".github/workflows/check.yml");
    let ran = forge.run("python", &own["flake"], &[("github.base_ref", "main")]);
    assert!(
        ran.failed() && ran.said().contains("cryptography is broken"),
        "{}",
        ran.said()
    );
    let jobs = forge.jobs("registry", ".github/workflows/family.yml");
    forge.well("registry", &jobs["check"], &[]);
    let languages = &jobs["tier-1"];
    let ran = forge.run("registry", languages, &[("matrix.repo", "python")]);
    assert!(
        ran.failed() && ran.said().contains("cryptography is broken"),
        "{}",
        ran.said()
    );
    forge.well("registry", languages, &[("matrix.repo", "rust")]);
}

/// GitHub lets the token of a run change everything but workflows.
#[test]
fn workflows_of_the_registry_are_proposed_with_a_token_that_may() {
    let mut forge = Forge::new();
    let actions = ("GITHUB_ACTIONS".to_owned(), "true".to_owned());
    forge.runner.variables.extend([actions]);
    forge
        .runner
        .stand_in("gh", "[ \"$GH_TOKEN\" = secret-of-ada ]\necho 0");
    let registry = forge.repository("registry");
    let manifest = registry.join("aux.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let revision = "0123456789012345678901234567890123456789";
    let changed = text.replace(
        "ci.github = true",
        &format!("ci = {{ github = true, revision = \"{revision}\" }}"),
    );
    assert_ne!(changed, text);
    fs::write(&manifest, changed).unwrap();
    forge.sh(&registry, "git commit --quiet --all --message changed");
    let job = &forge.jobs("registry", ".github/workflows/regenerate.yml")["regenerate"];
    let without = [
        ("github.token", "secret-of-the-run"),
        ("secrets.AUX_GEN_TOKEN", ""),
    ];
    let ran = forge.run("registry", job, &without);
    assert!(ran.failed(), "{}", ran.said());
    let error = "::error::the registry's own workflows are not as the manifest says";
    assert!(ran.said().contains(error), "{}", ran.said());
    let branches = || forge.sh(&registry, "git branch --list aux-gen/regenerate");
    assert_eq!(branches(), "");
    let with = [
        ("github.token", "secret-of-the-run"),
        ("secrets.AUX_GEN_TOKEN", "secret-of-ada"),
    ];
    forge.well("registry", job, &with);
    assert!(branches().contains("aux-gen/regenerate"));
    let shown = forge.sh(
        &registry,
        "git show aux-gen/regenerate:.github/workflows/train.yml",
    );
    let install = format!("uses: auxolotl/aux-gen@{revision}");
    assert!(shown.contains(&install), "{shown}");
}

/// A change of the manifest becomes a pull request in the registry and in the one
/// repo that it changes; the same change again makes nothing new.
#[test]
fn what_is_stale_is_proposed_where_it_belongs() {
    for (folder, actions, token) in [
        (".github", "GITHUB_ACTIONS", "secret-of-github"),
        (".forgejo", "FORGEJO_ACTIONS", "secret-of-forgejo"),
    ] {
        let mut forge = Forge::new();
        forge
            .runner
            .variables
            .insert(actions.to_owned(), "true".to_owned());
        let log = Path::new(&forge.runner.path("log")).to_owned();
        let log_it = format!("echo \"$(basename \"$0\")\" \"$@\" >> {}", log.display());
        forge
            .runner
            .stand_in("gh", &format!("{log_it}\n[ \"$GH_TOKEN\" ]\necho 0"));
        forge
            .runner
            .stand_in("curl", &format!("{log_it}\nprintf 201"));
        let job =
            &forge.jobs("registry", &format!("{folder}/workflows/regenerate.yml"))["regenerate"];
        let with = [("github.token", token), ("secrets.AUX_GEN_TOKEN", token)];

        forge.well("registry", job, &with);
        assert!(!log.exists(), "nothing is stale, nothing is proposed");

        let registry = forge.repository("registry");
        let sig = registry.join("sigs/python.toml");
        let text = fs::read_to_string(&sig).unwrap();
        let changed = text.replace(
            "[repos.python]\n",
            "[repos.python]\nurl = \"git+https://forge.example/auxolotl/python?ref=main\"\n",
        );
        assert_ne!(changed, text);
        fs::write(&sig, changed).unwrap();
        forge.sh(&registry, "git commit --quiet --all --message changed");

        let stale = forge.run(
            "registry",
            job,
            &[("github.token", token), ("secrets.AUX_GEN_TOKEN", "")],
        );
        assert!(stale.failed(), "{}", stale.said());
        let error = "::error::auxolotl/python is not as the manifest says";
        assert!(stale.said().contains(error), "{}", stale.said());

        fs::remove_file(&log).unwrap();
        let first = forge.well("registry", job, &with);
        let said = fs::read_to_string(&log).unwrap();
        assert!(first.workspace.join("repos/python/.git").is_dir());
        let opened: Vec<&str> = said
            .lines()
            .filter(|line| line.starts_with("gh pr create") || line.starts_with("curl"))
            .collect();
        let proposed: BTreeSet<String> = fs::read_dir(forge.repository(""))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| {
                let branch = forge.sh(
                    &forge.repository(name),
                    "git branch --list aux-gen/regenerate",
                );
                !branch.is_empty()
            })
            .collect();
        assert!(
            proposed.contains("registry") && proposed.contains("python"),
            "{proposed:?}"
        );
        assert!(!proposed.contains("core"), "core uses nobody: {proposed:?}");
        assert_eq!(opened.len(), proposed.len(), "{said}");
        for name in &proposed {
            let asked = |line: &&&str| line.contains(&format!("auxolotl/{name}"));
            assert_eq!(opened.iter().filter(asked).count(), 1, "{name}\n{said}");
        }
        let commit =
            |name: &str| forge.sh(&forge.repository(name), "git rev-parse aux-gen/regenerate");
        let files = |name: &str| {
            forge.sh(
                &forge.repository(name),
                "git diff --name-only main aux-gen/regenerate",
            )
        };
        assert_eq!(
            files("registry"),
            ".aux-gen/record\nci/fetch.sh\nhydra/spec.json\n"
        );
        assert_eq!(files("python"), ".aux-gen/record\nREADME.md\n");

        let before = (commit("registry"), commit("python"));
        forge.well("registry", job, &with);
        assert_eq!((commit("registry"), commit("python")), before);
    }
}
