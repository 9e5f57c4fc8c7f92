//! What the forge has against what the manifest says, with both forges.

use std::path::Path;

use serde_json::{Value, json};

use crate::forge_server::{Speaks, TOKEN};
use crate::organizations::{Organization, Repository, organization};
use crate::support::{Family, Ran};

const BOTH: [Speaks; 2] = [Speaks::Github, Speaks::Forgejo];

/// The shipped example, and an organization for it.
struct Forged {
    family: Family,
    forge: Organization,
}

impl Forged {
    fn new(speaks: Speaks, access: &str) -> Self {
        let family = Family::copied_example();
        let manifest = std::fs::read_to_string(family.root.join("aux.toml")).unwrap();
        family.write("aux.toml", &format!("{manifest}\n{access}\n"));
        family.ok(&["generate"]);
        Self {
            family,
            forge: organization(speaks),
        }
    }

    fn ran(&self, arguments: &[&str]) -> Ran {
        let address = self.forge.address();
        let arguments = [arguments, &["--api", &address]].concat();
        // What a runner of another forge says is nothing to a family that names its own.
        let other = Path::new("http://127.0.0.1:1");
        self.family.run_with(
            &arguments,
            &[
                ("AUX_GEN_TOKEN", Path::new(TOKEN)),
                ("GITHUB_API_URL", other),
            ],
        )
    }

    fn asked(&self, arguments: &[&str]) -> (i32, Value) {
        let ran = self.ran(&[arguments, &["--format", "json"]].concat());
        let told: Value = serde_json::from_str(&ran.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr));
        (ran.code, told["result"].clone())
    }

    /// The lines of a plan.
    fn plan(&self) -> Vec<String> {
        let ran = self.ran(&["forge", "plan"]);
        assert!([0, 3].contains(&ran.code), "{}{}", ran.stdout, ran.stderr);
        ran.stdout.lines().map(str::to_owned).collect()
    }

    /// Somebody pushes the branches.
    fn push(&self, branches: &[&str]) {
        self.forge.with(|forge| {
            for repository in forge.repositories.values_mut() {
                for branch in branches {
                    let known = repository.branches.entry((*branch).to_owned());
                    known.or_insert(None);
                }
            }
        });
    }
}

#[test]
fn an_empty_organization_becomes_what_the_manifest_says_and_stays_it() {
    for speaks in BOTH {
        let forged = Forged::new(
            speaks,
            "[access]\ntrains = [\"night-bot\"]\nreviews = 2\n[sigs.ops]\nleads = [\"core-lead\"]\naccess = \"admin\"\n",
        );
        let (code, planned) = forged.asked(&["forge", "plan"]);
        assert_eq!(code, 3, "{planned:#}");
        assert_eq!(forged.forge.with(|forge| forge.changes.len()), 0);
        let count = planned["changes"].as_array().unwrap().len();
        let (code, done) = forged.asked(&["forge", "apply"]);
        assert_eq!(code, 0, "{done:#}");
        let made = done["changes"].as_array().unwrap();
        assert_eq!(made.len(), count);
        assert!(made.iter().all(|change| change["state"] == "done"));
        forged.push(&["main", "staging"]);
        let (code, protected) = forged.asked(&["forge", "apply"]);
        assert_eq!(code, 0, "{protected:#}");
        let (code, again) = forged.asked(&["forge", "plan"]);
        assert_eq!((code, &again["changes"]), (0, &json!([])), "{again:#}");
        assert_eq!(again["repositories"], 9);

        forged.forge.with(|forge| {
            let names: Vec<&str> = forge.repositories.keys().map(String::as_str).collect();
            let all = "applications core gnome javascript kde python registry rust top-level";
            assert_eq!(names, all.split(' ').collect::<Vec<_>>());
            let repository = &forge.repositories["registry"];
            assert_eq!(repository.labels, ["aux-gen: hold"]);
            assert!(!repository.private);
            let python = &forge.teams["python"];
            assert_eq!(python.members, ["python-lead", "python-member"]);
            // It owns python3 there, and is asked about it only if it may write.
            assert!(python.repositories.contains_key("core"));
            assert!(!python.repositories.contains_key("gnome"));
            let published = forge.repositories["python"].branches["main"].as_ref();
            let published = published.unwrap();
            match speaks {
                Speaks::Github => {
                    assert_eq!(python.repositories["python"], "write");
                    let reviews = &published["required_pull_request_reviews"];
                    assert_eq!(reviews["required_approving_review_count"], 2);
                    assert_eq!(reviews["require_code_owner_reviews"], true);
                    let staging = &forge.repositories["python"].branches["staging"];
                    let users = &staging.as_ref().unwrap()["restrictions"]["users"];
                    assert_eq!(*users, json!([{ "login": "night-bot" }]));
                }
                Speaks::Forgejo => {
                    assert_eq!(python.permission, "write");
                    assert_eq!(published["required_approvals"], 2);
                    // Trains delete it, and a protected branch can be deleted by nobody there.
                    assert!(forge.repositories["python"].branches["staging"].is_none());
                }
            }
        });
        let left = again["left"].to_string();
        assert_eq!(
            left.contains("staging branches are not protected"),
            speaks == Speaks::Forgejo
        );
    }
}

#[test]
fn nobody_loses_anything_unless_that_is_asked_for() {
    for speaks in BOTH {
        let forged = Forged::new(speaks, "");
        assert_eq!(forged.ran(&["forge", "apply"]).code, 0);
        forged.forge.with(|forge| {
            let team = forge.teams.get_mut("python").unwrap();
            team.members = vec!["Python-Lead".to_owned(), "stranger".to_owned()];
            team.repositories
                .insert("gnome".to_owned(), "admin".to_owned());
            let other = Repository::default();
            forge.repositories.insert("website".to_owned(), other);
            forge.changes.clear();
        });
        let lines = forged.plan();
        let all = lines.join("\n");
        assert!(all.contains("- team python: @stranger"), "{all}");
        assert!(all.contains("- team python: gnome"), "{all}");
        // Whoever comes into a team that has too much would have it as well.
        assert!(all.contains("+ team python: @python-member"), "{all}");
        // Accounts are the same in whatever letters.
        assert!(!all.contains("python-lead"), "{all}");
        assert!(!all.contains("website"), "{all}");

        let ran = forged.ran(&["forge", "apply"]);
        assert_eq!(ran.code, 3, "{}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains("--allow-removals"), "{}", ran.stderr);
        assert!(
            ran.stderr
                .contains("1 repositories that the manifest does not have, left alone: `website`"),
            "{}",
            ran.stderr
        );
        forged.forge.with(|forge| {
            assert!(
                forge
                    .changes
                    .iter()
                    .all(|change| !change.starts_with("DELETE"))
            );
            assert!(
                forge.teams["python"]
                    .members
                    .iter()
                    .any(|person| person == "stranger")
            );
        });
        let ran = forged.ran(&["forge", "apply", "--allow-removals"]);
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
        forged.forge.with(|forge| {
            assert_eq!(
                forge.teams["python"].members,
                ["Python-Lead", "python-member"]
            );
            assert!(!forge.teams["python"].repositories.contains_key("gnome"));
            assert!(forge.repositories.contains_key("website"));
        });
    }
}

#[test]
fn rules_that_somebody_made_for_a_branch_are_replaced_only_where_that_is_asked_for() {
    for speaks in BOTH {
        let forged = Forged::new(speaks, "[access]\ntrains = [\"night-bot\"]\n");
        assert_eq!(forged.ran(&["forge", "apply"]).code, 0);
        let by_hand = match speaks {
            Speaks::Github => json!({
                "required_status_checks": { "strict": true, "contexts": ["lint"] },
                "enforce_admins": { "enabled": true },
            }),
            Speaks::Forgejo => {
                json!({ "rule_name": "main", "enable_push": false, "status_check_contexts": ["lint"] })
            }
        };
        forged.forge.with(|forge| {
            let python = forge.repositories.get_mut("python").unwrap();
            python
                .branches
                .insert("main".to_owned(), Some(by_hand.clone()));
        });
        let (code, kept) = forged.asked(&["forge", "apply"]);
        assert_eq!(code, 3, "{kept:#}");
        let main = || {
            forged.forge.with(|forge| {
                forge.repositories["python"].branches["main"]
                    .clone()
                    .unwrap()
            })
        };
        assert_eq!(main(), by_hand);
        assert_eq!(forged.ran(&["forge", "apply", "--allow-removals"]).code, 0);
        let now = main();
        // What it asks for besides stays.
        assert!(now.to_string().contains("lint"), "{now:#}");
        assert_ne!(now, by_hand);
    }
}

#[test]
fn what_the_forge_refuses_is_said_and_the_rest_is_done() {
    for speaks in BOTH {
        let forged = Forged::new(speaks, "");
        forged
            .forge
            .with(|forge| forge.refused = Some("labels".to_owned()));
        let (code, done) = forged.asked(&["forge", "apply"]);
        assert_eq!(code, 1, "{done:#}");
        let changes = done["changes"].as_array().unwrap();
        let refused: Vec<&Value> = changes
            .iter()
            .filter(|change| change["state"] == "refused")
            .collect();
        assert_eq!(refused.len(), 1);
        assert_eq!(refused[0]["change"], "create-label");
        assert!(refused[0]["message"].as_str().unwrap().contains("403"));
        forged.forge.with(|forge| forge.refused = None);
        let (code, done) = forged.asked(&["forge", "apply"]);
        assert_eq!((code, done["changes"].as_array().unwrap().len()), (0, 1));
    }
}

#[test]
fn a_new_sig_has_its_repository_and_its_team_and_nobody_elses() {
    for speaks in BOTH {
        let forged = Forged::new(speaks, "");
        let new = ["new-sig", "fonts", "--lead", "fonts-lead", "--forge"];
        let ran = forged.family.run(&new);
        assert_eq!(ran.code, 1);
        assert!(ran.stderr.contains("AUX_GEN_TOKEN"), "{}", ran.stderr);
        assert!(!forged.family.root.join("sigs/fonts.toml").exists());
        let (code, added) = forged.asked(&new);
        assert_eq!(code, 0, "{added:#}");
        forged.forge.with(|forge| {
            let names: Vec<&String> = forge.repositories.keys().collect();
            assert_eq!(names, ["fonts"]);
            assert_eq!(forge.teams.keys().collect::<Vec<_>>(), ["fonts"]);
            assert_eq!(forge.teams["fonts"].members, ["fonts-lead"]);
            assert!(forge.teams["fonts"].repositories.contains_key("fonts"));
        });
    }
}

#[test]
fn a_family_on_no_forge_and_a_run_without_a_token_are_told_what_they_lack() {
    let forged = Forged::new(Speaks::Github, "");
    let ran = forged.family.run(&["forge", "plan"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr
            .contains("set AUX_GEN_TOKEN to one that may administer"),
        "{}",
        ran.stderr
    );
    let manifest = std::fs::read_to_string(forged.family.root.join("aux.toml")).unwrap();
    let manifest = manifest.replace("forge = \"github:auxolotl\"", "forge = \"path:./repos\"");
    forged.family.write("aux.toml", &manifest);
    let ran = forged.ran(&["forge", "plan"]);
    assert_eq!(ran.code, 1, "{}", ran.stdout);
    assert!(
        ran.stderr.contains("the family is on no forge"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_team_that_has_too_much_gets_nothing_more_until_it_has_less() {
    let forged = Forged::new(
        Speaks::Forgejo,
        "[sigs.ops]\nleads = [\"core-lead\"]\nteam = \"auxolotl/Owners\"\n",
    );
    assert_eq!(forged.ran(&["forge", "apply"]).code, 0);
    forged.forge.with(|forge| {
        let python = forge.teams.get_mut("python").unwrap();
        python.permission = "admin".to_owned();
        python.members.clear();
        let secrets = Repository::default();
        forge.repositories.insert("secrets".to_owned(), secrets);
        let gnome = forge.teams.get_mut("gnome").unwrap();
        gnome.permission = "read".to_owned();
        gnome
            .repositories
            .insert("secrets".to_owned(), String::new());
        forge.changes.clear();
    });
    let ran = forged.ran(&["forge", "apply"]);
    assert_eq!(ran.code, 3, "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stderr.contains("`Owners` owns the organization"),
        "{}",
        ran.stderr
    );
    forged.forge.with(|forge| {
        assert_eq!(forge.changes, Vec::<String>::new());
        assert!(!forge.teams.contains_key("Owners"));
    });
    assert_eq!(forged.ran(&["forge", "apply", "--allow-removals"]).code, 0);
    forged.forge.with(|forge| {
        let (python, gnome) = (&forge.teams["python"], &forge.teams["gnome"]);
        assert_eq!(python.permission, "write");
        assert_eq!(python.members.len(), 2);
        assert_eq!(gnome.permission, "write");
        assert!(!gnome.repositories.contains_key("secrets"));
    });
    assert_eq!(forged.ran(&["forge", "plan"]).code, 0);
}

#[test]
fn roles_of_an_organizations_own_are_not_taken_for_less_than_they_are() {
    let forged = Forged::new(Speaks::Github, "");
    assert_eq!(forged.ran(&["forge", "apply"]).code, 0);
    forged.forge.with(|forge| {
        let python = forge.teams.get_mut("python").unwrap();
        python
            .repositories
            .insert("python".to_owned(), "own-manager".to_owned());
        let gnome = forge.teams.get_mut("gnome").unwrap();
        gnome
            .repositories
            .insert("gnome".to_owned(), "triage".to_owned());
        forge.changes.clear();
    });
    assert_eq!(forged.ran(&["forge", "apply"]).code, 3);
    forged
        .forge
        .with(|forge| assert_eq!(forge.changes, Vec::<String>::new()));
    assert!(
        forged
            .plan()
            .iter()
            .any(|line| line.contains("maintain -> write on python"))
    );
}

#[test]
fn branches_that_the_forge_says_nothing_of_are_named_and_the_rest_is_looked_at() {
    let forged = Forged::new(Speaks::Github, "[access]\ntrains = [\"night-bot\"]\n");
    assert_eq!(forged.ran(&["forge", "apply"]).code, 0);
    forged.push(&["main"]);
    // Private repositories have no protection on some plans.
    forged
        .forge
        .with(|forge| forge.untold = Some(("/python/branches/main/protection", 403)));
    let ran = forged.ran(&["forge", "plan"]);
    assert_eq!(ran.code, 3, "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stdout.contains("branch main of gnome is protected"),
        "{}",
        ran.stdout
    );
    assert!(
        !ran.stdout.contains("branch main of python"),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stderr
            .contains("1 branches of `python` are not looked at"),
        "{}",
        ran.stderr
    );
    // A branch that is called otherwise now is none of that name.
    forged
        .forge
        .with(|forge| forge.untold = Some(("/python/branches/main", 301)));
    let ran = forged.ran(&["forge", "plan"]);
    assert_eq!(ran.code, 3, "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stderr.contains("`python` has no branch `main`"),
        "{}",
        ran.stderr
    );
}

#[test]
fn what_is_called_otherwise_on_the_forge_is_not_made_a_second_time() {
    for speaks in BOTH {
        let forged = Forged::new(speaks, "");
        assert_eq!(forged.ran(&["forge", "apply"]).code, 0);
        forged.forge.with(|forge| {
            forge.repositories.remove("kde");
            forge.moved.push("kde".to_owned());
            forge.changes.clear();
        });
        let ran = forged.ran(&["forge", "apply"]);
        assert!(!ran.stdout.contains("repository kde"), "{}", ran.stdout);
        assert!(
            ran.stderr.contains("`kde` is not looked at"),
            "{}",
            ran.stderr
        );
        forged.forge.with(|forge| {
            forge.moved.clear();
            forge
                .repositories
                .insert("kde".to_owned(), Repository::default());
        });
        forged
            .family
            .ok(&["rename", "repo", "rust", "oxide", "--until", "2099-01-01"]);
        let ran = forged.ran(&["forge", "apply"]);
        assert!(
            ran.stdout.contains("repository rust -> oxide"),
            "{}{}",
            ran.stdout,
            ran.stderr
        );
        forged.forge.with(|forge| {
            assert!(forge.repositories.contains_key("oxide"));
            assert!(!forge.repositories.contains_key("rust"));
        });
    }
}

#[test]
fn two_repos_at_one_place_are_refused_because_one_sig_would_have_the_others() {
    let forged = Forged::new(Speaks::Github, "");
    let file = forged.family.root.join("sigs/python.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let text = format!(
        "{text}\n[repos.mine]\nsig = \"python\"\ntier = \"languages\"\nkind = \"external\"\nurl = \"git+https://github.com/Auxolotl/GNOME.git\"\n"
    );
    std::fs::write(&file, text).unwrap();
    let ran = forged.ran(&["forge", "plan"]);
    assert_eq!(ran.code, 1, "{}", ran.stdout);
    assert!(
        ran.stderr.contains("where another one is"),
        "{}",
        ran.stderr
    );
}
