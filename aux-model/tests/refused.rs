//! What a manifest cannot say, as codes: one small addition each to a family
//! that is fine without it.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests, where it is a failed test"
)]

use aux_model::{Catalog, Manifest, Problems, Source};

/// A family of four repos; each test writes more keys below it.
const FAMILY: &str = r#"
format = "1.0"
organization = { name = "example", forge = "github:example" }
tiers = [{ name = "core" }, { name = "sigs" }, { name = "top-level" }]
people.ada = {}
sigs.base.leads = ["ada"]
repos.core.sig = "base"
repos.core.tier = "core"
repos.core.packages = { openssl = {}, zlib = {} }
repos.web.sig = "base"
repos.web.tier = "sigs"
repos.games.sig = "base"
repos.games.tier = "sigs"
repos.games.packages = { doom = {} }
repos.top-level.sig = "base"
repos.top-level.tier = "top-level"
"#;

fn codes(result: &Result<Catalog, Problems>) -> Vec<&'static str> {
    let problems = match result {
        Ok(catalog) => catalog.warnings(),
        Err(problems) => problems,
    };
    problems
        .iter()
        .map(|problem| problem.code.as_str())
        .collect()
}

#[track_caller]
fn check(addition: &str, expected: &[&str]) {
    let result = Catalog::from_toml(&format!("{FAMILY}{addition}\n"));
    assert_eq!(codes(&result), expected, "{addition}\n{result:?}");
}

#[test]
fn the_family_itself_is_fine() {
    check("", &[]);
}

#[test]
fn texts_stand_on_one_line_and_hold_no_nul() {
    let json = Catalog::from_toml(FAMILY).unwrap().to_json();
    for pointer in [
        "/organization/name",
        "/organization/description",
        "/people/ada/name",
        "/people/ada/email",
        "/sigs/base/description",
        "/sigs/base/contact",
        "/repos/web/description",
        "/repos/core/packages/zlib/description",
        "/repos/core/packages/zlib/homepage",
        "/repos/core/packages/zlib/license",
        "/repos/core/modules/m/description",
        "/repos/core/overlays/o/description",
    ] {
        for bad in ["\0", "\n", "\r", "\u{1b}", "\u{2028}", "\u{85}"] {
            let mut json: serde_json::Value = serde_json::from_str(&json).unwrap();
            let at = pointer[1..]
                .split('/')
                .fold(&mut json, |at, key| &mut at[key]);
            *at = format!("a{bad}b").into();
            let result = Catalog::from_json(&json.to_string());
            assert_eq!(codes(&result), ["invalid-value"], "{pointer} {bad:?}");
        }
    }
    check("sigs.base.description = 'tabs\tand äöü'", &[]);
    check(
        "sigs.base.responsibilities = [\"a\\u0000\"]",
        &["invalid-value"],
    );
    check("repos.web.path = \"a\\u0000\"", &["invalid-value"]);
    check("repos.web.url = \"github:a/b%00\"", &["invalid-value"]);
}

#[test]
fn core_takes_layers_and_top_level_takes_part_in_nothing() {
    for (repo, kind, wiring, expected) in [
        ("core", "external", "packages", Some("external-only")),
        ("core", "external", "overlays", None),
        ("core", "external", "layers", None),
        ("core", "generated", "overlays", Some("external-only")),
        ("top-level", "external", "packages", Some("external-only")),
        ("top-level", "generated", "overlays", Some("external-only")),
        ("top-level", "external", "layers", None),
        ("web", "external", "packages", None),
        ("web", "generated", "packages", Some("external-only")),
    ] {
        check(
            &format!("repos.{repo}.kind = \"{kind}\"\nrepos.{repo}.wiring = \"{wiring}\""),
            expected.as_slice(),
        );
    }
}

#[test]
fn how_a_repo_without_a_flake_is_imported_is_said_where_it_has_none() {
    let external = "kind = \"external\"\nflake = false\n";
    for (repo, settings, expected) in [
        ("web", "flake = false", Some("external-only")),
        (
            "web",
            "kind = \"external\"\nentry = \"a.nix\"",
            Some("external-only"),
        ),
        (
            "web",
            "kind = \"external\"\narguments = [\"pkgs\"]",
            Some("external-only"),
        ),
        ("web", "kind = \"external\"\nflake = true", None),
        ("web", &format!("{external}wiring = \"none\""), None),
        (
            "web",
            &format!("{external}wiring = \"overlays\"\nentry = \"o.nix\""),
            None,
        ),
        (
            "web",
            &format!("{external}wiring = \"overlays\"\narguments = [\"pkgs\"]"),
            Some("external-only"),
        ),
        (
            "web",
            &format!("{external}wiring = \"packages\"\narguments = [\"pkgs\", \"lib\"]"),
            None,
        ),
        (
            "web",
            &format!("{external}wiring = \"packages\"\narguments = [\"a b\"]"),
            Some("invalid-name"),
        ),
        (
            "web",
            &format!("{external}wiring = \"none\"\npackages = {{ a = {{}} }}"),
            Some("external-only"),
        ),
        ("core", &format!("{external}wiring = \"overlays\""), None),
        ("core", external, Some("external-only")),
        (
            "core",
            "kind = \"external\"\nwiring = \"none\"",
            Some("external-only"),
        ),
        ("top-level", external, Some("external-only")),
    ] {
        let settings = settings
            .lines()
            .map(|line| format!("repos.{repo}.{line}\n"));
        check(&settings.collect::<String>(), expected.as_slice());
    }
}

#[test]
fn only_core_is_somebody_elses_and_it_takes_overlays() {
    let outside = |repo: &str, setting: &str| {
        format!("repos.{repo}.kind = \"outside\"\nrepos.{repo}.{setting}")
    };
    check(&outside("core", "wiring = \"overlays\""), &["no-index"]);
    for setting in ["wiring = \"layers\"", "description = \"x\""] {
        check(&outside("core", setting), &["no-index", "external-only"]);
    }
    check(
        &outside("web", "wiring = \"overlays\""),
        &["no-index", "external-only"],
    );
}

#[test]
fn a_package_names_each_attribute_once() {
    for twice in [
        "aliases = [\"curl\"]",
        "aliases = [\"a\", \"a\"]",
        "members = [\"a\", \"a\"]",
        "members = [\"curl\", \"a\"], aliases = [\"a\"]",
        "variants = { names = [\"1\", \"1\"] }",
        "variants = { names = [\"3.1\", \"3_1\"] }",
        "variants = { names = [\"1\"], aliases = { 1 = \"1\" } }",
        "variants = { names = [\"1\", \"2\"], aliases = { \"a.b\" = \"1\", a_b = \"2\" } }",
        "variants = { names = [\"1\"] }, aliases = [\"curl_1\"]",
    ] {
        let addition = format!("repos.web.packages = {{ curl = {{ {twice} }} }}");
        check(&addition, &["duplicate-attribute"]);
    }
    check(
        "repos.web.packages.curl.variants.names = [\"lts\", \"LTS\"]",
        &["case-collision"],
    );
}

#[test]
fn the_name_of_a_set_is_an_attribute_only_if_it_is_a_member() {
    let tools = |more: &str, expected: &[&str]| {
        let set = "repos.web.packages.tools.members = [\"hammer\"]\nrepos.web.packages.";
        check(&format!("{set}{more}"), expected);
    };
    tools("curl.build = [\"web/hammer\"]", &[]);
    tools("curl.build = [\"web/tools\"]", &["unknown-package"]);
    tools("tools.aliases = [\"kit\"]", &["unknown-package"]);
}

#[test]
fn a_repo_names_each_other_repo_once() {
    for twice in [
        "uses = [\"games\", \"games\"]",
        "peers = [\"games\", \"games\"]",
        "uses = { games = \"*\" }\nrepos.web.peers = [\"games\"]",
        "peers = [\"core\"]",
        "uses = [\"core\"]\nrepos.web.peers = [\"core\"]",
    ] {
        check(&format!("repos.web.{twice}"), &["duplicate-definition"]);
    }
}

#[test]
fn only_needed_edges_ask_for_a_declared_repo_and_the_order_of_tiers() {
    for (kind, declared, order) in [
        ("build", Some("undeclared-use"), Some("tier-order")),
        ("runtime", Some("undeclared-use"), Some("tier-order")),
        ("test", None, None),
        ("optional", None, None),
    ] {
        let sideways = format!("repos.web.packages.curl.{kind} = [\"doom\"]");
        check(&sideways, declared.as_slice());
        let upwards = format!("repos.core.builders.perl.{kind} = [\"doom\"]");
        check(&upwards, order.as_slice());
    }
}

#[test]
fn a_file_is_included_once_and_the_root_never() {
    let open = |include: &str| {
        let root = format!("include = [{include}]\n{FAMILY}");
        Manifest::open(Source::new("aux.toml", &root))
    };
    let more = || Source::new("more.toml", "people.bob = {}\n");
    let root = || Source::new("aux.toml", "");

    let mut twice = open("\"more.toml\", \"more.toml\"");
    twice.include("more.toml", vec![more()]);
    twice.include("more.toml", vec![more()]);
    assert_eq!(codes(&twice.check()), ["duplicate-definition"]);

    let mut overlapping = open("\"more.toml\", \"*.toml\"");
    overlapping.include("more.toml", vec![more()]);
    overlapping.include("*.toml", vec![root(), more()]);
    overlapping.check().unwrap();

    let mut itself = open("\"aux.toml\"");
    itself.include("aux.toml", vec![root()]);
    assert_eq!(codes(&itself.check()), ["invalid-value"]);

    let mut nothing_else = open("\"*.toml\"");
    nothing_else.include("*.toml", vec![root()]);
    assert_eq!(codes(&nothing_else.check()), ["unreachable-include"]);
}

#[test]
fn json_problems_name_the_thing() {
    let json = Catalog::from_toml(&format!(
        "{FAMILY}repos.web.packages.curl.build = [\"zlib\"]\nrepos.web.modules.m = {{}}\n"
    ))
    .unwrap()
    .to_json();
    for (from, to, code, name) in [
        ("\"core/zlib\"", "\"core/zlip\"", "unknown-package", "curl"),
        ("\"core/zlib\"", "\"cora/zlib\"", "unknown-repo", "curl"),
        ("\"core/zlib\"", "\"co re/zlib\"", "invalid-name", "curl"),
        ("\"core/zlib\"", "7", "wrong-type", "curl"),
        ("\"build\": [", "\"biuld\": [", "unknown-key", "curl"),
        (
            "\"tier\": \"sigs\"",
            "\"tier\": \"s\"",
            "unknown-tier",
            "games",
        ),
        (
            "\"tier\": \"sigs\"",
            "\"tier\": \"s g\"",
            "invalid-name",
            "games",
        ),
        (
            "\"sig\": \"base\"",
            "\"sig\": \"bass\"",
            "unknown-sig",
            "core",
        ),
        (
            "\"owner\": \"base\"",
            "\"owner\": \"b\"",
            "unknown-owner",
            "core/",
        ),
        ("\"ada\"\n", "\"eda\"\n", "unknown-person", "base"),
        ("\"openssl\": {", "\"7zip\": {", "invalid-name", "core"),
        (
            "\"contract\": \"1.0.0\"",
            "\"contract\": \"1\"",
            "invalid-value",
            "core",
        ),
        (
            "\"name\": \"sigs\"",
            "\"nama\": \"sigs\"",
            "missing-key",
            "tier 2",
        ),
    ] {
        assert!(json.contains(from), "{from} is not in\n{json}");
        let problems = Catalog::from_json(&json.replacen(from, to, 1)).unwrap_err();
        let problem = problems
            .iter()
            .find(|problem| problem.code.as_str() == code)
            .unwrap_or_else(|| panic!("{to}: {problems}"));
        assert!(problem.message.contains(name), "{to}: {problem}");
    }
}

#[test]
fn json_that_would_lose_something_in_silence_is_refused_with_its_place() {
    for bad in [
        "{\n  \"format\": \"1.0\",\n  \"include\": [null]\n}",
        "{\n  \"repos\": {},\n  \"repos\": {}\n}",
        "null x",
    ] {
        let problems = Catalog::from_json(bad).unwrap_err();
        let problem = problems.iter().next().unwrap();
        assert_eq!(problem.code.as_str(), "syntax", "{problem}");
        assert!(problem.location.as_ref().unwrap().line > 0, "{problem}");
    }
    assert_eq!(codes(&Catalog::from_json("null")), ["wrong-type"]);

    let json = Catalog::from_toml(FAMILY).unwrap().to_json();
    let json = json.replacen('{', "{ \"include\": [\"a.toml\"],", 1);
    assert_eq!(codes(&Catalog::from_json(&json)), ["unreachable-include"]);
}

#[test]
fn warnings_alone_give_a_catalog() {
    check(
        "repos.web.peers = [\"games\"]\nrepos.web.packages = { a = { build = [\"doom\"] }, b = { optional = [\"doom\"] } }",
        &["default-shadowed"],
    );
}

/// A pair of the policy; `change` replaces one of its keys.
fn pair(change: (&str, &str)) -> String {
    let mut keys = vec![
        ("repos", "[\"web\", \"games\"]"),
        ("reason", "\"they grew together\""),
        ("owner", "\"base\""),
        ("review", "2027-01-31"),
    ];
    keys.retain(|(key, _)| *key != change.0);
    keys.push(change);
    let keys: Vec<String> = keys
        .iter()
        .map(|(key, to)| format!("{key} = {to}"))
        .collect();
    format!("[[policy.allow]]\n{}\n", keys.join("\n"))
}

#[test]
fn a_pair_of_the_policy_is_two_repos_of_sigs_with_an_owner_and_a_day() {
    let mutual = "repos.web.uses = [\"games\"]\nrepos.games.uses = [\"web\"]\n";
    check(mutual, &["repo-cycle"]);
    let allowed = |change| format!("{mutual}{}", pair(change));
    check(&allowed(("review", "2027-01-31")), &[]);
    check(&allowed(("review", "\"2027-01-31\"")), &[]);
    for (change, expected) in [
        (("review", "\"soon\""), vec!["invalid-value", "repo-cycle"]),
        (("owner", "\"bass\""), vec!["unknown-owner"]),
        (
            ("repos", "[\"web\", \"gams\"]"),
            vec!["unknown-repo", "repo-cycle"],
        ),
        (
            ("repos", "[\"web\", \"core\"]"),
            vec!["invalid-value", "repo-cycle"],
        ),
        (
            ("repos", "[\"web\", \"web\"]"),
            vec!["invalid-value", "repo-cycle"],
        ),
        (("repos", "[\"web\"]"), vec!["invalid-value", "repo-cycle"]),
    ] {
        let result = Catalog::from_toml(&format!("{FAMILY}{}\n", allowed(change)));
        let mut found = codes(&result);
        found.sort_unstable();
        let mut expected = expected;
        expected.sort_unstable();
        assert_eq!(found, expected, "{change:?}");
    }
    check(&pair(("review", "2027-01-31")), &["idle-allow"]);
    let twice = format!(
        "{}{}",
        allowed(("owner", "\"base\"")),
        pair(("owner", "\"base\""))
    );
    check(&twice, &["duplicate-definition"]);
}

#[test]
fn an_allowed_pair_may_use_a_higher_tier_too() {
    let higher = FAMILY
        .replace(
            "{ name = \"sigs\" },",
            "{ name = \"sigs\" }, { name = \"high\" },",
        )
        .replace("repos.games.tier = \"sigs\"", "repos.games.tier = \"high\"");
    let up =
        "repos.web.uses = [\"games\"]\nrepos.web.packages = { curl = { build = [\"doom\"] } }\n";
    let refused = Catalog::from_toml(&format!("{higher}{up}"));
    assert_eq!(codes(&refused), ["tier-order"]);
    let allowed = format!("{higher}{up}{}", pair(("owner", "\"base\"")));
    assert_eq!(codes(&Catalog::from_toml(&allowed)), [""; 0]);
}

#[test]
fn numbers_and_names_of_the_policy_are_looked_at() {
    check(
        "[policy]\nfan-in = 3\nbootstrap = [\"openssl\"]\npinned = [\"core/zlib\", \"games\"]",
        &[],
    );
    check(
        "[policy]\nbootstrap = [\"doom\"]",
        &["bootstrap-outside-core"],
    );
    check("[policy]\nfan-in = 0", &["invalid-value"]);
    check("[policy]\nfan-in = 1000", &["invalid-value"]);
    check("[policy]\nfan-in = \"3\"", &["wrong-type"]);
    check("[policy]\nweight = \"tons\"", &["invalid-value"]);
    check("[policy]\ndiffering = \"fine\"", &["invalid-value"]);
    check("[ci]\nbuild = \"some\"", &["invalid-value"]);
    check("[policy]\nbootstrap = [\"opensl\"]", &["unknown-package"]);
    check("[policy]\npinned = [\"web/openssl\"]", &["unknown-package"]);
    let json = Catalog::from_toml(FAMILY).unwrap().to_json();
    for (number, expected) in [
        ("3", vec![]),
        ("0", vec!["invalid-value"]),
        ("-3", vec!["invalid-value"]),
        ("1e3", vec!["wrong-type"]),
    ] {
        let json = json.replace("\"fan-in\": 2", &format!("\"fan-in\": {number}"));
        assert_eq!(codes(&Catalog::from_json(&json)), expected, "{number}");
    }
}

#[test]
fn what_moved_is_where_it_is_said_to_be_and_nowhere_else() {
    let moved = |name: &str, to: &str| {
        format!("repos.web.moved.{name} = {{ to = \"{to}\", until = \"2027-01-31\" }}")
    };
    check(&moved("doom", "games"), &[]);
    check(&moved("doom", "core"), &["unknown-package"]);
    check(&moved("doom", "gams"), &["unknown-repo"]);
    check(&moved("quake", "games"), &["unknown-package"]);
    let here = format!("{}\nrepos.web.packages.curl = {{}}", moved("curl", "games"));
    check(&here, &["duplicate-definition"]);
}

#[test]
fn a_day_too_late_is_overdue_and_the_day_itself_is_not() {
    let text = format!(
        "{FAMILY}repos.web.uses = [\"games\"]\nrepos.games.uses = [\"web\"]\n\
         repos.web.moved.doom = {{ to = \"games\", until = \"2027-01-31\" }}\n{}",
        pair(("review", "\"2027-01-31\""))
    );
    let catalog = Catalog::from_toml(&text).unwrap();
    let codes = |day: &str| -> Vec<&str> {
        let overdue = catalog.overdue(day.parse().unwrap());
        overdue
            .into_iter()
            .map(|problem| problem.code.as_str())
            .collect()
    };
    assert_eq!(codes("2027-01-31"), [""; 0]);
    assert_eq!(codes("2027-02-01"), ["alias-overdue", "review-overdue"]);
}

/// The places of all problems, as `FILE#POINTER` in JSON.
fn pointers(problems: &Problems) -> Vec<(String, Option<String>)> {
    let mut all: Vec<(String, Option<String>)> = problems
        .iter()
        .map(|problem| {
            let location = problem.location.as_ref().unwrap();
            let pointer = location.pointer.as_deref().unwrap_or("").to_owned();
            let subject = problem.subject();
            (pointer, subject.map(|subject| subject.to_string()))
        })
        .collect();
    all.sort();
    all
}

#[test]
fn a_problem_names_its_subject_and_points_to_it_in_toml_and_in_json() {
    let toml = r#"
        format = "1.0"
        organization = { name = "x", forge = "github:x" }
        tiers = [{ name = "core" }, { name = "sigs" }, { name = "top-level" }]
        people.ada = {}
        people."a/b~" = {}
        sigs.base.leads = ["ada", "bob"]
        repos.core = { sig = "base", tier = "core", packages = { zlib = {} } }
        repos.top-level = { sig = "base", tier = "top-level" }

        [repos.web]
        sig = "base"
        tier = "sig"
        packages.curl.build = ["zlib", "opensl"]
        builders.fetch = { run = [1] }
        modules.web = { file = "/x" }
    "#;
    let value: serde_json::Value = toml::from_str(toml).unwrap();
    let in_toml = Catalog::from_toml(toml).unwrap_err();
    let in_json = Catalog::from_json(&value.to_string()).unwrap_err();
    assert_eq!(pointers(&in_toml), pointers(&in_json));
    let subject = |text: &str| Some(text.to_owned());
    assert_eq!(
        pointers(&in_json),
        [
            ("/people/a~1b~0".to_owned(), subject("person `a/b~`")),
            (
                "/repos/web/builders/fetch/run".to_owned(),
                subject("builder `web/fetch`")
            ),
            (
                "/repos/web/modules/web/file".to_owned(),
                subject("module `web/web`")
            ),
            (
                "/repos/web/packages/curl/build/1".to_owned(),
                subject("package `web/curl`")
            ),
            ("/repos/web/tier".to_owned(), subject("repo `web`")),
            ("/sigs/base/leads/1".to_owned(), subject("sig `base`")),
        ]
    );
    // Each pointer leads to what is meant.
    for (pointer, _) in pointers(&in_json) {
        assert!(value.pointer(&pointer).is_some(), "{pointer}");
    }
    let first = in_json.iter().next().unwrap().to_string();
    assert!(
        first.starts_with("catalog.json#/people/a~1b~0: error["),
        "{first}"
    );
}

#[test]
fn a_list_where_a_table_is_wanted_is_one_thing_in_toml_and_in_json() {
    let toml = "format = \"1.0\"\n[[people]]\n[[ci]]\nx = 1\n";
    let value: serde_json::Value = toml::from_str(toml).unwrap();
    let in_toml = Catalog::from_toml(toml).unwrap_err();
    let in_json = Catalog::from_json(&value.to_string()).unwrap_err();
    assert_eq!(pointers(&in_toml), pointers(&in_json));
    assert!(pointers(&in_toml).contains(&("/people".to_owned(), None)));
}

#[test]
fn a_branch_is_named_once_and_where_there_can_be_one() {
    let url = |addition: &str| {
        let catalog = Catalog::from_toml(&format!("{FAMILY}{addition}\n")).unwrap();
        catalog.repo("games").unwrap().url.to_string()
    };
    let trunk = "github:example/games/trunk";
    assert_eq!(url("repos.games.branch = \"trunk\""), trunk);
    let twice = format!("repos.games.url = \"{trunk}\"\nrepos.games.branch = \"trunk\"");
    assert_eq!(url(&twice), trunk);
    assert_eq!(
        url("repos.games.url = \"git+https://x.example/games\"\nrepos.games.branch = \"trunk\""),
        "git+https://x.example/games?ref=trunk"
    );
    for addition in [
        "repos.games.url = \"github:example/games/next\"\nrepos.games.branch = \"trunk\"",
        "repos.games.url = \"path:/games\"\nrepos.games.branch = \"trunk\"",
        "repos.games.branch = \"a..b\"",
    ] {
        check(addition, &["invalid-value"]);
    }
}

#[test]
fn a_channel_has_a_branch_of_its_own_in_every_repo() {
    let fine = "[[channels]]\nname = \"unstable\"\nfollows = \"main\"\n\
        [[channels]]\nname = \"26.11\"\nbranch = \"release\"\nfollows = \"unstable\"\nbranches.games = \"stable\"\n";
    let catalog = Catalog::from_toml(&format!("{FAMILY}{fine}")).unwrap();
    let stable = catalog.on_channel("26.11").unwrap();
    let url = |catalog: &Catalog, name: &str| catalog.repo(name).unwrap().url.to_string();
    assert_eq!(url(&stable, "games"), "github:example/games/stable");
    assert_eq!(url(&stable, "core"), "github:example/core/release");
    assert_eq!(stable.channel().unwrap().name, "26.11");
    let followed = stable.followed().unwrap();
    assert_eq!(url(&followed, "games"), "github:example/games/unstable");
    let main = followed.followed().unwrap();
    assert_eq!(url(&main, "games"), url(&catalog, "games"));
    assert!(main.channel().is_none() && main.followed().is_none());
    // What is written of it is read again; on a channel, with the branches that it has there.
    let again = Catalog::from_json(&catalog.to_json()).unwrap();
    assert_eq!(again.channels(), catalog.channels());
    let again = Catalog::from_json(&stable.to_json()).unwrap();
    assert_eq!(url(&again, "games"), "github:example/games/stable");

    for (addition, codes) in [
        ("name = \"main\"", &["invalid-name"][..]),
        ("name = \"staging\"", &["invalid-value"]),
        ("name = \"x\"\nbranch = \"staging-y\"", &["invalid-value"]),
        ("name = \"x.json\"", &["invalid-name"]),
        ("name = \"a..b\"", &["invalid-name"]),
        ("name = \"a/b\"", &["invalid-name"]),
        ("branch = \"x\"", &["missing-key"]),
        ("name = \"x\"\nbranch = \"main\"", &["invalid-value"]),
        (
            "name = \"x\"\nbranches.games = \"main\"",
            &["invalid-value"],
        ),
        ("name = \"x\"\nbranches.gmaes = \"y\"", &["unknown-repo"]),
        ("name = \"x\"\nbranches.games = 1", &["wrong-type"]),
        ("name = \"x\"\nfollows = \"y\"", &["unknown-channel"]),
        ("name = \"x\"\nfollows = \"x\"", &["invalid-value"]),
        ("name = \"x\"\nbrnach = \"y\"", &["unknown-key"]),
        (
            "name = \"x\"\n[[channels]]\nname = \"x\"",
            &["duplicate-definition"],
        ),
        (
            "name = \"x\"\n[[channels]]\nname = \"X\"",
            &["case-collision"],
        ),
        (
            "name = \"x\"\nbranches.games = \"z\"\n[[channels]]\nname = \"y\"\nbranches.games = \"z\"",
            &["invalid-value"],
        ),
        (
            "name = \"x\"\nfollows = \"y\"\n[[channels]]\nname = \"y\"\nfollows = \"x\"",
            &["invalid-value"],
        ),
    ] {
        check(&format!("[[channels]]\n{addition}"), codes);
    }
    let local = "repos.games.url = \"path:/games\"\n[[channels]]\nname = \"x\"";
    check(local, &["invalid-value"]);
}
