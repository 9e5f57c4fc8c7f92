//! Nights of a family: the commands of the generated workflow, run in order against bare remotes
//! and a forge over HTTP. What breaks is held and told of once, and the rest moves.

use std::fs;
use std::path::{Path, PathBuf};

use crate::forge_api::ForgeApi;
use crate::forge_server::{Speaks, TOKEN};
use crate::runner::{Ran, Runner, jobs};
use crate::support::{Forge, commit_all, git, init, tip};
use crate::trains::BAD;

const MANIFEST: &str = r#"ci = { github = true, forgejo = true }
repos.lib = { sig = "all", tier = "sigs", packages = { part = {} } }
repos.web = { sig = "all", tier = "sigs", packages = { page = {} } }
repos.app = { sig = "all", tier = "apps", uses = { lib = "*" }, packages = { game = {} } }
"#;

const GOOD: &str = "{ stdenv }: stdenv.mkDerivation { name = \"good\"; }\n";

/// A family on bare remotes, the registry too, and who works on it at night.
struct Nights {
    forge: Forge,
    api: ForgeApi,
    runner: Runner,
    workflow: &'static str,
}

impl Nights {
    fn new(speaks: Speaks) -> Self {
        Self::of(speaks, MANIFEST)
    }

    fn of(speaks: Speaks, manifest: &str) -> Self {
        let forge = Forge::new(&["lib", "web", "app"], manifest);
        let root = &forge.family.root;
        forge.family.write(".gitignore", "/repos/\n/remotes/\n");
        let registry = root.join("remotes/registry");
        fs::create_dir_all(&registry).unwrap();
        git(
            &registry,
            &["init", "--quiet", "--bare", "--initial-branch", "main"],
        );
        init(root);
        commit_all(root, "x");
        git(
            root,
            &["remote", "add", "origin", registry.to_str().unwrap()],
        );
        git(root, &["push", "--quiet", "origin", "main"]);
        let api = ForgeApi::new(speaks);
        let mut runner = Runner::new();
        runner
            .variables
            .insert("GITHUB_API_URL".to_owned(), api.address());
        let (workflow, actions) = match speaks {
            Speaks::Github => (".github/workflows/train.yml", "GITHUB_ACTIONS"),
            Speaks::Forgejo => (".forgejo/workflows/train.yml", "FORGEJO_ACTIONS"),
        };
        runner
            .variables
            .insert(actions.to_owned(), "true".to_owned());
        Self {
            forge,
            api,
            runner,
            workflow,
        }
    }

    fn registry(&self) -> PathBuf {
        self.forge.remote("registry")
    }

    /// A night, on a machine that has seen none before.
    fn night(&self) -> Ran {
        let jobs = jobs(&self.forge.family.root.join(self.workflow));
        let url = format!("file://{}", self.registry().display());
        self.runner.run(
            &[&url],
            &jobs["train"],
            &[("secrets.AUX_GEN_TOKEN", TOKEN), ("github.token", TOKEN)],
        )
    }

    fn good_night(&self) -> Ran {
        let ran = self.night();
        assert!(!ran.failed(), "{}", ran.said());
        // Every night makes the site of what it has promoted.
        let site = self.runner.path("runner/site/index.html");
        assert!(Path::new(&site).is_file(), "{}", ran.said());
        ran
    }

    /// Commits a package of a repo and publishes it.
    fn publish(&self, repo: &str, package: &str, text: &str) {
        let place = self.forge.repo(repo);
        git(&place, &["pull", "--quiet", "origin", "main"]);
        self.forge.package(repo, package, text);
        git(&place, &["push", "--quiet", "origin", "main"]);
    }

    fn holds(&self) -> String {
        git(
            &self.registry(),
            &["ls-tree", "-r", "--name-only", "main", "holds/"],
        )
    }
}

#[test]
fn a_night_moves_the_family_and_tells_of_what_it_holds_once() {
    for speaks in [Speaks::Github, Speaks::Forgejo] {
        let nights = Nights::new(speaks);
        nights.good_night();
        assert_eq!(nights.api.issues(), []);
        assert_eq!(nights.holds(), "");

        nights.publish("web", "page", BAD);
        nights.publish("lib", "part", &GOOD.replace("good", "new"));
        let lib = tip(&nights.forge.remote("lib"), "main");
        let ran = nights.good_night();
        let [(line, body)] = &nights.api.issues()[..] else {
            panic!("one issue: {:?}", nights.api.issues());
        };
        assert_eq!(line, "1 open web is held: `page`: it is ill", "{body}");
        assert!(body.starts_with("<!-- aux-gen hold: web -->\n"), "{body}");
        assert!(body.contains("page: it is ill"), "{body}");
        assert!(body.contains("@ada"), "{body}");
        assert_eq!(nights.holds(), "holds/web.json\n");
        // The rest has moved: who uses `lib` has its newest commit locked, for everybody.
        for user in ["app", "top-level"] {
            let lock = git(&nights.forge.remote(user), &["show", "main:flake.lock"]);
            assert!(lock.contains(&lib), "{user}\n{}", ran.said());
        }
        nights.api.changes();

        // Nothing new: nobody is told again, and nothing is committed.
        let registry = tip(&nights.registry(), "main");
        nights.good_night();
        assert_eq!(nights.api.changes(), [""; 0]);
        assert_eq!(tip(&nights.registry(), "main"), registry);

        nights.publish("web", "page", GOOD);
        nights.good_night();
        assert_eq!(
            nights.api.issues()[0].0,
            "1 closed web is held: `page`: it is ill"
        );
        assert_eq!(
            nights.api.comments(1),
            serde_json::json!(["`web` is no longer held."])
        );
        assert_eq!(nights.holds(), "");
    }
}

#[test]
fn issues_of_others_are_theirs_and_what_the_forge_refuses_is_done_later() {
    let nights = Nights::new(Speaks::Github);
    let forged = "<!-- aux-gen hold: lib -->\nnot by a train";
    nights.api.opened_by_hand("mine", forged);
    nights.publish("web", "page", BAD);
    nights.publish("lib", "part", BAD);
    nights.api.refuse_after(Some(2));
    let ran = nights.night();
    assert!(ran.failed(), "{}", ran.said());
    let said = ran.said();
    assert!(
        said.contains("the forge answers 403: Resource not accessible"),
        "{said}"
    );
    // The repos have moved and the holds are committed all the same.
    assert_eq!(nights.holds(), "holds/lib.json\nholds/web.json\n");
    nights.api.refuse_after(None);
    nights.good_night();
    let lines: Vec<String> = nights
        .api
        .issues()
        .into_iter()
        .map(|(line, _)| line)
        .collect();
    assert_eq!(lines[0], "1 open mine");
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert_eq!(nights.api.issues()[0].1, forged);
}

#[test]
fn without_a_token_for_the_repos_a_night_says_so_and_still_tells_of_holds() {
    let nights = Nights::new(Speaks::Github);
    nights.publish("web", "page", BAD);
    nights.publish("lib", "part", &GOOD.replace("good", "new"));
    let top = tip(&nights.forge.remote("top-level"), "main");
    let jobs = jobs(&nights.forge.family.root.join(nights.workflow));
    let url = format!("file://{}", nights.registry().display());
    let secrets = [("secrets.AUX_GEN_TOKEN", ""), ("github.token", TOKEN)];
    let ran = nights.runner.run(&[&url], &jobs["train"], &secrets);
    assert!(ran.failed());
    assert!(
        ran.said().contains("::error::nothing is promoted"),
        "{}",
        ran.said()
    );
    assert_eq!(tip(&nights.forge.remote("top-level"), "main"), top);
    assert_eq!(nights.api.issues().len(), 1, "{}", ran.said());
}

/// Each command of a night ends at one of its steps, as if the machine were taken away; a night on
/// another machine then comes to the same end.
#[test]
fn a_night_that_was_ended_anywhere_is_made_up_for_by_the_next_one() {
    let mut nights = Nights::new(Speaks::Forgejo);
    nights.good_night();
    let mut was_ended = 0;
    for (round, step) in [1, 2, 3, 5, 8, 13, 21, 34].into_iter().enumerate() {
        let is_bad = round % 2 == 0;
        let page = if is_bad { BAD } else { GOOD };
        nights.publish("web", "page", page);
        nights.publish(
            "lib",
            "part",
            &GOOD.replace("good", &format!("new-{round}")),
        );
        let lib = tip(&nights.forge.remote("lib"), "main");
        let end = "AUX_GEN_END_AT".to_owned();
        nights
            .runner
            .variables
            .insert(end.clone(), step.to_string());
        was_ended += usize::from(nights.night().failed());
        nights.runner.variables.remove(&end);
        let ran = nights.good_night();
        for user in ["app", "top-level"] {
            let lock = git(&nights.forge.remote(user), &["show", "main:flake.lock"]);
            assert!(lock.contains(&lib), "{step}, {user}\n{}", ran.said());
        }
        let held = if is_bad { "holds/web.json\n" } else { "" };
        assert_eq!(nights.holds(), held, "{step}");
        let issues = nights.api.issues();
        let open = issues.iter().filter(|(line, _)| line.contains(" open "));
        assert_eq!(open.count(), usize::from(is_bad), "{step}: {issues:?}");
    }
    assert!(was_ended >= 6, "{was_ended}");
}

#[test]
fn a_night_moves_channels_once_main_has_moved() {
    let manifest = format!(
        "{MANIFEST}\n[[channels]]\nname = \"unstable\"\nfollows = \"main\"\n[[channels]]\nname = \"26.11\"\nfollows = \"unstable\"\n"
    );
    let nights = Nights::of(Speaks::Forgejo, &manifest);
    nights.publish("lib", "part", &GOOD.replace("good", "new"));
    nights.good_night();
    // All the way in one night.
    let part = |branch: &str| {
        let file = format!("{branch}:pkgs/by-name/pa/part/package.nix");
        git(&nights.forge.remote("lib"), &["show", &file])
    };
    for branch in ["main", "unstable", "26.11"] {
        assert!(part(branch).contains("\"new\""), "{branch}");
    }
    nights.publish("web", "page", BAD);
    nights.good_night();
    let titles = |nights: &Nights| -> Vec<String> {
        let issues = nights.api.issues().into_iter();
        issues.map(|(line, _)| line).collect()
    };
    assert_eq!(
        titles(&nights),
        [
            "1 open web is held: `page`: it is ill",
            "2 open web is held on unstable: `page`: it is ill"
        ]
    );
    assert_eq!(nights.holds(), "holds/unstable/web.json\nholds/web.json\n");
    nights.publish("web", "page", GOOD);
    nights.good_night();
    assert!(
        titles(&nights).iter().all(|line| line.contains(" closed ")),
        "{:?}",
        titles(&nights)
    );
    assert_eq!(nights.holds(), "");
}
