//! Edits in every style in which a manifest can be written.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

use aux_edit::{Addition, EditError, Editor, NewPackage, NewSig, PolicyList};
use aux_model::answers::Rearrangement;
use aux_model::{Catalog, EdgeKind, Layout, PackageId, PackageRef, RelativePath, RepoName, Source};

/// Everything but the two repos `a` and `b`.
const HEAD: &str = r#"format = "1.0"
organization = { name = "x", forge = "github:x" }
tiers = [{ name = "core" }, { name = "sigs" }, { name = "top-level" }]
people.ada = {}
sigs.all.leads = ["ada"]
repos.core = { sig = "all", tier = "core" }
repos.top-level = { sig = "all", tier = "top-level" }
"#;

/// Repo `a` with the package `x`, which has comments before, in and behind it.
const SOURCES: [&str; 5] = [
    "[repos.a]\nsig = \"all\"\ntier = \"sigs\"\n\n[repos.a.packages]\n# dear to us\nx = { build = [\"y\"] } # very\ny = {}\n",
    "[repos.a]\nsig = \"all\"\ntier = \"sigs\"\n\n# dear to us\n[repos.a.packages.x] # very\n# what it needs\nbuild = [\n  \"y\", # for its tables\n]\n\n[repos.a.packages.y]\n",
    "[repos.a]\nsig = \"all\"\ntier = \"sigs\"\n# dear to us\npackages.x.build = [\"y\"] # very\npackages.y = {}\n",
    "[repos.a]\nsig = \"all\"\ntier = \"sigs\"\npackages = { x = { build = [\"y\"] }, y = {} } # both\n",
    "[repos]\na = { sig = \"all\", tier = \"sigs\", packages = { x = { build = [\"y\"] }, y = {} } } # ours\n",
];

/// Repo `b` in as many styles, with and without packages.
const TARGETS: [&str; 9] = [
    "[repos.b]\nsig = \"all\" # too\ntier = \"sigs\"\n",
    "[repos.b]\nsig = \"all\" # too\ntier = \"sigs\"\npackages = {}\n",
    "[repos.b]\nsig = \"all\"\ntier = \"sigs\"\n# none yet\npackages = {} # empty\npeers = []\n",
    "[repos.b]\nsig = \"all\"\ntier = \"sigs\"\npackages = { z = {} } # one\n",
    "[repos.b]\nsig = \"all\"\ntier = \"sigs\"\npackages.z = {} # one\n",
    "[repos.b]\nsig = \"all\"\ntier = \"sigs\"\n\n[repos.b.packages]\nz = {} # one\n",
    "[repos.b]\nsig = \"all\"\ntier = \"sigs\"\n\n# one\n[repos.b.packages.z]\n",
    "[repos]\nb = { sig = \"all\", tier = \"sigs\" } # on a line\n",
    "[repos]\n# on a line\nb = { sig = \"all\", tier = \"sigs\", packages = {} }\n",
];

fn id(text: &str) -> PackageId {
    text.parse().unwrap()
}

fn target(text: &str) -> PackageRef {
    text.parse().unwrap()
}

fn repo(text: &str) -> RepoName {
    text.parse().unwrap()
}

/// Two files, `a.toml` and `b.toml`, and the root that includes them.
fn open(a: &str, b: &str) -> Editor {
    let root = HEAD.replacen('\n', "\ninclude = [\"*.toml\"]\n", 1);
    Editor::open([
        Source::new("aux.toml", &root),
        Source::new("a.toml", a),
        Source::new("b.toml", b),
    ])
    .unwrap()
}

fn check(editor: &Editor) -> Catalog {
    editor
        .check(&Default::default())
        .unwrap_or_else(|problems| {
            let texts: Vec<_> = editor.texts().collect();
            panic!("{problems:#?}\n{texts:#?}")
        })
}

fn comments(text: &str) -> Vec<&str> {
    let lines = text.lines();
    let mut comments: Vec<&str> = lines
        .filter_map(|line| Some(line[line.find('#')?..].trim_end()))
        .collect();
    comments.sort_unstable();
    comments
}

fn all(editor: &Editor) -> String {
    editor.texts().map(|(_, text)| text).collect()
}

#[test]
fn a_package_moves_from_every_style_to_every_style_with_its_comments() {
    for a in SOURCES {
        for b in TARGETS {
            let mut editor = open(a, b);
            let before = all(&editor);
            let catalog = check(&editor);
            let changes = Rearrangement::of_move(id("a/x"), repo("b"));
            let until = "2027-06-01".parse().unwrap();
            let moved = editor.rearrange(&catalog, &changes, Some(until));
            assert_eq!(moved, Ok(()), "{a}\n{b}");
            let after = all(&editor);
            assert_eq!(comments(&after), comments(&before), "{after}");
            // What needs it needs a repo that has it.
            editor
                .add_use(&repo("b"), &repo("a"), &"*".parse().unwrap())
                .unwrap();
            let catalog = check(&editor);
            let package = catalog.package(&id("b/x")).unwrap();
            assert_eq!(package.edges.len(), 1, "{after}");
            assert!(catalog.package(&id("a/x")).is_none());
        }
    }
}

#[test]
fn what_is_added_and_taken_away_leaves_the_text_as_it_was() {
    for b in TARGETS.into_iter().chain(SOURCES.map(|_| SOURCES[0])) {
        let b = b.replace("repos.a", "repos.b");
        let mut editor = open("", &b);
        let mut same = |what: &str, edit: &dyn Fn(&mut Editor) -> Result<(), EditError>| {
            edit(&mut editor).unwrap_or_else(|error| panic!("{what}: {error}\n{b}"));
            let now = editor.texts().nth(2).unwrap().1;
            assert_eq!(now, b, "{what}");
        };
        same("a package", &|editor| {
            editor.add_package(&NewPackage::new(id("b/new")))?;
            check(editor);
            editor.remove_package(&id("b/new"))
        });
        same("a builder", &|editor| {
            let what = Addition::Builder;
            let new = NewPackage::new(id("b/new"));
            editor.add_package(&NewPackage { what, ..new })?;
            editor.remove_package(&id("b/new"))
        });
        same("a peer", &|editor| {
            let had_list = editor.texts().nth(2).unwrap().1.contains("peers");
            editor.add_peer(&repo("b"), &repo("core"))?;
            editor.remove_peer(&repo("b"), &repo("core"))?;
            // A list that was not there before stays, empty.
            let _ = had_list;
            Ok(())
        });
    }
}

#[test]
fn edges_come_and_go_in_the_style_of_their_list() {
    let styles = [
        "build = [\"y\"]",
        "build = [ \"y\" ]",
        "build = [\"y\",]",
        "build = [\n  \"y\",\n]",
        "build = [\n  \"y\", # for its tables\n]",
        "build = [\n  # the one\n  \"y\" # for its tables\n]",
        "build = [\n  \"y\",\n  # none else\n]",
        "test = [\"y\"]",
        "# nothing yet",
    ];
    for style in styles {
        let b = format!(
            "[repos.b]\nsig = \"all\"\ntier = \"sigs\"\n\n[repos.b.packages.x]\n{style}\n\n[repos.b.packages.y]\n\n[repos.b.packages.z]\n"
        );
        let mut editor = open("", &b);
        editor
            .add_edge(&id("b/x"), EdgeKind::Build, &target("z"))
            .unwrap();
        editor
            .add_edge(&id("b/x"), EdgeKind::Build, &target("z"))
            .unwrap();
        let added = all(&editor);
        assert_eq!(added.matches("\"z\"").count(), 1, "{added}");
        assert_eq!(comments(&added), comments(&b), "{added}");
        let catalog = check(&editor);
        let edges = &catalog.package(&id("b/x")).unwrap().edges;
        assert!(edges.iter().any(|edge| edge.to == id("b/z")), "{added}");
        editor
            .remove_edge(&id("b/x"), EdgeKind::Build, &target("z"))
            .unwrap();
        let now = editor.texts().nth(2).unwrap().1;
        let squeezed = |text: &str| {
            text.split_whitespace()
                .collect::<String>()
                .replace(",]", "]")
                .replace(",#", "#")
        };
        assert_eq!(squeezed(now), squeezed(&b));
        assert_eq!(
            editor.remove_edge(&id("b/x"), EdgeKind::Build, &target("z")),
            Err(EditError::Missing("build `z` of b/x".to_owned()))
        );
    }
}

#[test]
fn a_comment_goes_with_the_edge_it_is_beside() {
    let b = "[repos.b]\nsig = \"all\"\ntier = \"sigs\"\n\n[repos.b.packages.x]\nbuild = [\n  \"a\", # about a\n  # before b\n  \"b\", # about b\n  \"c\", # about c\n]\n";
    let mut editor = open("", b);
    editor
        .remove_edge(&id("b/x"), EdgeKind::Build, &target("b"))
        .unwrap();
    let now = editor.texts().nth(2).unwrap().1;
    assert!(
        now.ends_with("build = [\n  \"a\", # about a\n  \"c\", # about c\n]\n"),
        "{now}"
    );
    editor
        .remove_edge(&id("b/x"), EdgeKind::Build, &target("c"))
        .unwrap();
    let now = editor.texts().nth(2).unwrap().1;
    assert!(now.ends_with("build = [\n  \"a\", # about a\n]\n"), "{now}");
}

#[test]
fn a_rename_keeps_the_place_and_follows_dependents() {
    for a in SOURCES {
        let b = "[repos.b]\nsig = \"all\"\ntier = \"sigs\"\nuses = { a = \"*\" }\n\n[repos.b.packages]\nuser = { build = [\"a/x\"], test = [ \"x\" ] } # of x\n";
        let mut editor = open(a, b);
        let before = all(&editor);
        editor
            .rename_package(&id("a/x"), &"w".parse().unwrap())
            .unwrap();
        let catalog = check(&editor);
        let user = catalog.package(&id("b/user")).unwrap();
        assert!(user.edges.iter().all(|edge| edge.to == id("a/w")));
        assert_eq!(comments(&all(&editor)), comments(&before));
        editor
            .rename_package(&id("a/w"), &"x".parse().unwrap())
            .unwrap();
        assert_eq!(all(&editor), before);
        let taken = editor.rename_package(&id("a/x"), &"y".parse().unwrap());
        assert_eq!(taken, Err(EditError::Exists("a/y".to_owned())));
    }
}

#[test]
fn owner_and_description_are_set_and_taken_away() {
    for a in SOURCES {
        let mut editor = open(a, "");
        let before = all(&editor);
        let sig = "all".parse().unwrap();
        editor.set_owner(&id("a/x"), Some(&sig)).unwrap();
        editor
            .describe_package(&id("a/x"), Some("A \"thing\""))
            .unwrap();
        let catalog = check(&editor);
        let package = catalog.package(&id("a/x")).unwrap();
        assert_eq!(package.description.as_deref(), Some("A \"thing\""));
        editor.describe_package(&id("a/x"), None).unwrap();
        editor.set_owner(&id("a/x"), None).unwrap();
        assert_eq!(all(&editor), before);
    }
}

#[test]
fn where_packages_lie_is_set_and_taken_away() {
    for a in SOURCES {
        let mut editor = open(a, "");
        let before = all(&editor);
        let (repo, pkgs): (_, RelativePath) = (repo("a"), "pkgs/tools".parse().unwrap());
        editor.set_layout(&repo, &pkgs, Some(Layout::Flat)).unwrap();
        editor
            .set_layout(&repo, &"odd".parse().unwrap(), Some(Layout::ByHand))
            .unwrap();
        editor
            .set_file(&id("a/x"), Some(&"pkgs/tools/x".parse().unwrap()))
            .unwrap();
        let texts = all(&editor);
        assert!(
            texts.contains("\"pkgs/tools\" = \"flat\"") && texts.contains("odd = \"by-hand\""),
            "{texts}"
        );
        editor.set_file(&id("a/x"), None).unwrap();
        editor.set_layout(&repo, &pkgs, None).unwrap();
        editor
            .set_layout(&repo, &"odd".parse().unwrap(), None)
            .unwrap();
        assert_eq!(all(&editor), before);
    }
}

#[test]
fn uses_policy_and_pairs_are_edited_as_they_are_written() {
    for b in TARGETS {
        for uses in [
            "",
            "uses = []\n",
            "uses = [\"core\"]\n",
            "uses = { core = \"^1\" }\n",
        ] {
            // On a line there is no place for another key.
            let tier = "tier = \"sigs\"\n";
            let b = b.replacen(tier, &format!("{tier}{uses}"), 1);
            let mut editor = open(SOURCES[0], &b);
            editor
                .add_use(&repo("b"), &repo("a"), &"^1.0".parse().unwrap())
                .unwrap();
            let catalog = check(&editor);
            assert!(catalog.repo("b").unwrap().uses.contains_key("a"));
            editor.remove_use(&repo("b"), &repo("a")).unwrap();
            assert!(!check(&editor).repo("b").unwrap().uses.contains_key("a"));
        }
    }
    let mut editor = open(SOURCES[0], TARGETS[0]);
    let root = editor.texts().next().unwrap().1.to_owned();
    editor
        .add_to_policy(PolicyList::Pinned, &target("a/x"))
        .unwrap();
    assert_eq!(check(&editor).policy().pinned.len(), 1);
    editor
        .remove_from_policy(PolicyList::Pinned, &target("a/x"))
        .unwrap();
    let (sig, review) = ("all".parse().unwrap(), "2099-01-01".parse().unwrap());
    editor
        .allow((&repo("a"), &repo("b")), "they grew together", &sig, review)
        .unwrap();
    editor
        .allow((&repo("a"), &repo("core")), "boot", &sig, review)
        .unwrap();
    assert_eq!(
        editor
            .texts()
            .next()
            .unwrap()
            .1
            .matches("[[policy.allow]]")
            .count(),
        2
    );
    assert!(editor.texts().next().unwrap().1.starts_with(&root));
}

fn python() -> NewSig {
    NewSig {
        members: Vec::new(),
        team: None,
        contact: None,
        peers: Vec::new(),
        sig: "python".parse().unwrap(),
        repo: "python".parse().unwrap(),
        tier: "sigs".parse().unwrap(),
        leads: vec!["ada".parse().unwrap()],
        new_people: vec!["bob".parse().unwrap()],
        description: Some("Python \"and\" friends".to_owned()),
        uses: vec![("core".parse().unwrap(), "^1.0".parse().unwrap())],
    }
}

#[test]
fn a_sig_is_added_whole_or_not_at_all() {
    let mut editor = open(SOURCES[0], TARGETS[0]);
    let before = all(&editor);
    editor.add_sig("python.toml", &python()).unwrap();
    insta::assert_snapshot!(editor.changed()["python.toml"], @r#"
    [people.bob]

    [sigs.python]
    description = 'Python "and" friends'
    leads = ["ada"]

    [repos.python]
    sig = "python"
    tier = "sigs"
    contract = "1.0.0"
    uses = { core = "^1.0" }
    "#);
    check(&editor);
    let twice = editor.add_sig("other.toml", &python());
    assert_eq!(twice, Err(EditError::Exists("people.bob".to_owned())));
    editor.remove_repo(&repo("python")).unwrap();
    editor.remove_sig(&"python".parse().unwrap()).unwrap();
    editor.remove_person(&"bob".parse().unwrap()).unwrap();
    assert_eq!(all(&editor), before);
    let nobody = NewSig {
        leads: Vec::new(),
        ..python()
    };
    assert_eq!(
        editor.add_sig("x.toml", &nobody),
        Err(EditError::NoLead("python".to_owned()))
    );
}

#[test]
fn what_is_not_there_is_not_made() {
    let mut editor = open(SOURCES[0], TARGETS[0]);
    let before = all(&editor);
    let gone = id("a/gone");
    assert_eq!(
        editor.add_edge(&gone, EdgeKind::Build, &target("x")),
        Err(EditError::NoPackage(gone.clone()))
    );
    assert_eq!(
        editor.remove_package(&gone),
        Err(EditError::NoPackage(gone.clone()))
    );
    let elsewhere = id("nowhere/x");
    assert_eq!(
        editor.add_package(&NewPackage::new(elsewhere)),
        Err(EditError::NoRepo(repo("nowhere")))
    );
    assert_eq!(
        editor.add_package(&NewPackage::new(id("a/x"))),
        Err(EditError::Exists("a/x".to_owned()))
    );
    assert_eq!(
        editor.set_owner(&gone, None),
        Err(EditError::NoPackage(gone))
    );
    assert_eq!(all(&editor), before);
    assert!(matches!(
        Editor::open([Source::new("aux.toml", "a = [")]),
        Err(EditError::Syntax { path, .. }) if path == "aux.toml"
    ));
}

/// The text of one file after an edit of it alone.
fn edited(text: &str, edit: impl FnOnce(&mut Editor) -> Result<(), EditError>) -> String {
    let mut editor = Editor::open([Source::new("aux.toml", text)]).unwrap();
    edit(&mut editor).unwrap_or_else(|error| panic!("{error}\n{text}"));
    editor.texts().next().unwrap().1.to_owned()
}

#[test]
fn a_comment_behind_a_neighbour_stays_whatever_goes() {
    let text = "repos.core.packages = {\n  zlib = {}, # small and old\n  curl = {}, # for the web\n  last = {}, # at last\n}\n";
    assert_eq!(
        edited(text, |editor| editor.remove_package(&id("core/curl"))),
        "repos.core.packages = {\n  zlib = {}, # small and old\n  last = {}, # at last\n}\n"
    );
    assert_eq!(
        edited(text, |editor| editor.remove_package(&id("core/last"))),
        "repos.core.packages = {\n  zlib = {}, # small and old\n  curl = {}, # for the web\n}\n"
    );
    let text = "[repos.core.packages]\nzlib = {\n  description = \"x\", # said by bob\n  owner = \"base\",\n}\n";
    assert_eq!(
        edited(text, |editor| editor.set_owner(&id("core/zlib"), None)),
        "[repos.core.packages]\nzlib = {\n  description = \"x\", # said by bob\n}\n"
    );
    // What comes in comes on a line of its own.
    let text = "repos.core.packages = {\n  zlib = {} # small\n}\n";
    assert_eq!(
        edited(text, |editor| editor
            .add_package(&NewPackage::new(id("core/curl")))),
        "repos.core.packages = {\n  zlib = {}, # small\n  curl = {}\n}\n"
    );
}

#[test]
fn what_a_blank_line_parts_from_what_goes_stays() {
    let text = "# SPDX-License-Identifier: MIT\n\n# about web\n[repos.web]\nsig = \"base\"\n\n[repos.core.packages]\nzlib = {}\n\n# ---- tools ----\n\n# fetches\ncurl = {}\n";
    let after = edited(text, |editor| editor.remove_repo(&repo("web")));
    assert_eq!(
        after,
        "# SPDX-License-Identifier: MIT\n\n[repos.core.packages]\nzlib = {}\n\n# ---- tools ----\n\n# fetches\ncurl = {}\n"
    );
    let after = edited(&after, |editor| editor.remove_package(&id("core/curl")));
    assert_eq!(
        after,
        "# SPDX-License-Identifier: MIT\n\n[repos.core.packages]\nzlib = {}\n\n# ---- tools ----\n"
    );
}

#[test]
fn lines_keep_their_ends_and_their_order() {
    let text = "people.ada = {}\r\nsigs.base.leads = [\"ada\"]\r\npeople.bob = {}\r\n[repos.core]\r\npackages.a = {}\r\ncontract = \"1.0.0\" # never touch\r\npackages.zlib = {}";
    for text in [
        text.to_owned(),
        text.replace('\r', ""),
        format!("\u{feff}{text}\r\n"),
    ] {
        let after = edited(&text, |editor| {
            editor.set_owner(&id("core/zlib"), Some(&"base".parse().unwrap()))
        });
        let meant = text.replace("zlib = {}", "zlib = { owner = \"base\" }");
        assert_eq!(after, meant);
    }
}

#[test]
fn braces_keep_their_style_and_headers_of_people_stay() {
    for text in [
        "[repos.core]\npackages = {zlib = {}}\n",
        "[repos.core]\npackages = { zlib = {} }\n",
        "[repos.core]\npackages = {}\n",
        "[repos.core]\n[repos.core.packages]\n",
        "[repos.core.packages]\n\n[repos.web]\nsig = \"x\"\n",
    ] {
        let after = edited(text, |editor| {
            editor.add_package(&NewPackage::new(id("core/new")))?;
            editor.remove_package(&id("core/new"))
        });
        let squeezed = |text: &str| text.replace("{ }", "{}");
        assert_eq!(squeezed(&after), text);
    }
}

#[test]
fn a_rename_follows_what_means_the_package_and_nothing_else() {
    let text = r#"[policy]
bootstrap = ["zlib"] # boots
pinned = ["core/zlib", "web/zlib"]

[repos.core.packages]
zlib = { variants = { names = ["1", "2.0"], default = "1" } }
gcc = { build = ["zlib", "core/zlib_2_0", "zlib_1", "zlib_3"] }

[repos.web.packages]
curl = { build = ["zlib", "core/zlib"] }

[repos.lua.packages]
lua = { build = ["zlib_1"] }
"#;
    let renamed = text
        .replace("\nzlib =", "\nzee =")
        .replace("\"zlib\"", "\"zee\"")
        .replace("core/zlib", "core/zee")
        .replace("\"zlib_1\"", "\"zee_1\"");
    assert_eq!(
        edited(text, |editor| {
            editor.rename_package(&id("core/zlib"), &"zee".parse().unwrap())
        }),
        renamed
    );
    // Where another repo has one, a bare name of a third means nobody knows which.
    let both = format!("{text}zlib = {{}}\n").replace(
        "[repos.lua.packages]",
        "[repos.lua.packages]\nx = { build = [\"zlib\"] }",
    );
    let both = both
        .replace("curl = {", "zlib = {}\ncurl = {")
        .replace("lua = { build = [\"zlib_1\"] }\nzlib = {}\n", "");
    let after = edited(&both, |editor| {
        editor.rename_package(&id("core/zlib"), &"zee".parse().unwrap())
    });
    assert!(after.contains("gcc = { build = [\"zee\""), "{after}");
    assert!(
        after.contains("curl = { build = [\"zlib\", \"core/zee\"] }"),
        "{after}"
    );
    assert!(after.contains("x = { build = [\"zlib\"] }"), "{after}");
}

#[test]
fn a_move_into_one_line_keeps_comments_that_stand_behind_commas() {
    let text = "repos.core = { sig = \"all\", tier = \"core\", packages = { zlib = {} } }\n\n[repos.web]\nsig = \"all\"\ntier = \"sigs\"\n\n[repos.web.packages]\ncurl = {\n  description = \"x\", # said by bob\n}\n";
    let root = "format = \"1.0\"\norganization = { name = \"x\", forge = \"github:x\" }\ntiers = [{ name = \"core\" }, { name = \"sigs\" }, { name = \"top-level\" }]\npeople.ada = {}\nsigs.all.leads = [\"ada\"]\nrepos.top-level = { sig = \"all\", tier = \"top-level\" }\n";
    let text = format!("{root}{text}");
    let catalog = Catalog::from_toml(&text).unwrap();
    let changes = Rearrangement::of_move(id("web/curl"), repo("core"));
    let after = edited(&text, |editor| editor.rearrange(&catalog, &changes, None));
    assert!(after.contains("# said by bob"), "{after}");
    assert!(
        Catalog::from_toml(&after)
            .unwrap()
            .package(&id("core/curl"))
            .is_some()
    );
}

#[test]
fn comments_of_brackets_and_between_entries_stay() {
    for (text, without) in [
        (
            "[repos.a]\npackages = { # all\n  x = {},\n  y = {},\n}\n",
            "[repos.a]\npackages = { # all\n  y = {},\n}\n",
        ),
        (
            "[repos.a]\npackages = {\n  # ---- tools ----\n\n  x = {},\n  # the end\n}\n",
            "[repos.a]\npackages = {\n  # ---- tools ----\n\n  # the end\n}\n",
        ),
        (
            "# c\n\n[repos.a.packages]\n# c\n\nx = {} # c\n",
            "# c\n\n[repos.a.packages]\n# c\n",
        ),
        (
            "[repos.a]\nsig = \"s\"\npackages = { x = {}, x2.build = [\"y\"] }\n",
            "[repos.a]\nsig = \"s\"\npackages = { x2.build = [\"y\"] }\n",
        ),
    ] {
        assert_eq!(
            edited(text, |editor| editor.remove_package(&id("a/x"))),
            without
        );
    }
    let text = "[repos.a.packages.x]\nbuild = [ # all\n  \"p\",\n  \"q\",\n  \"p\",\n]\n";
    let p = || target("p");
    assert_eq!(
        edited(text, |editor| editor.remove_edge(
            &id("a/x"),
            EdgeKind::Build,
            &p()
        )),
        "[repos.a.packages.x]\nbuild = [ # all\n  \"q\",\n]\n"
    );
    let text = "[repos.a]\npackages = { x.build = [\"p\"] }\n";
    assert_eq!(
        edited(text, |editor| editor.remove_edge(
            &id("a/x"),
            EdgeKind::Build,
            &p()
        )),
        "[repos.a]\npackages = { x = {} }\n"
    );
    let text = "[repos.a]\nsig = \"s\"\r\n[repos.b]";
    let after = edited(text, |editor| editor.remove_repo(&repo("b")));
    assert!(
        Editor::open([Source::new("aux.toml", &after)]).is_ok(),
        "{after:?}"
    );
    let text = "[people.ada]\n# free end\n\n[sigs.x]\nleads = [\"ada\"]\n";
    assert_eq!(
        edited(text, |editor| editor
            .add_person("aux.toml", &"zoe".parse().unwrap())),
        "[people.ada]\n# free end\n\n[people.zoe]\n\n[sigs.x]\nleads = [\"ada\"]\n"
    );
}

#[test]
fn a_free_comment_is_moved_with_nothing() {
    let root = "format = \"1.0\"\norganization = { name = \"x\", forge = \"github:x\" }\ntiers = [{ name = \"core\" }, { name = \"sigs\" }, { name = \"top-level\" }]\npeople.ada = {}\nsigs.all.leads = [\"ada\"]\nrepos.top-level = { sig = \"all\", tier = \"top-level\" }\n";
    let text = format!(
        "{root}\n[repos.core]\nsig = \"all\"\ntier = \"core\"\n\n[repos.core.packages]\nzlib = {{}}\n\n[repos.web]\nsig = \"all\"\ntier = \"sigs\"\n\n[repos.web.packages]\n# ---- tools ----\n\n# about curl\ncurl = {{}}\nwget = {{}}\n"
    );
    let catalog = Catalog::from_toml(&text).unwrap();
    let changes = Rearrangement::of_move(id("web/curl"), repo("core"));
    let after = edited(&text, |editor| editor.rearrange(&catalog, &changes, None));
    assert_eq!(after.matches("# ---- tools ----").count(), 1, "{after}");
    assert_eq!(after.matches("# about curl").count(), 1, "{after}");
    assert!(
        after.ends_with("[repos.web.packages]\n# ---- tools ----\n\nwget = {}\n"),
        "{after}"
    );
}

#[test]
fn a_policy_in_braces_keeps_its_style_and_a_failed_edit_is_not_remembered() {
    let core = || target("core/p");
    for text in [
        "policy = { fan_in = 2 }\n",
        "policy = {fan_in = 2}\n",
        "policy = {\n  fan_in = 2, # two\n}\n",
        "[[policy.allow]]\nrepos = [\"p\", \"q\"]\n",
    ] {
        let after = edited(text, |editor| {
            editor.add_to_policy(PolicyList::Pinned, &core())
        });
        assert!(
            after.contains("fan_in = 2") == text.contains("fan_in"),
            "{after}"
        );
        assert!(!after.contains(" ,"), "{after}");
        let back = edited(text, |editor| {
            editor.add_to_policy(PolicyList::Pinned, &core())?;
            editor.remove_from_policy(PolicyList::Pinned, &core())
        });
        assert_eq!(
            back.replace(", # two", " # two"),
            text.replace(", # two", " # two")
        );
    }
    let mut editor = Editor::open([Source::new("aux.toml", "[repos.z]\nsig = \"s\"\n")]).unwrap();
    assert!(editor.add_peer(&repo("none"), &repo("z")).is_err());
    editor.add_peer(&repo("z"), &repo("y")).unwrap();
    editor.remove_peer(&repo("z"), &repo("y")).unwrap();
    assert_eq!(editor.texts().next().unwrap().1, "[repos.z]\nsig = \"s\"\n");
}

#[test]
fn a_pair_that_is_allowed_gets_a_line_of_its_own() {
    let pair = |one: &str, two: &str| {
        format!(
            "{{ repos = [\"{one}\", \"{two}\"], reason = \"r\", owner = \"all\", review = \"2027-06-01\" }}"
        )
    };
    let (old, new) = (pair("p", "q"), pair("a", "b"));
    let text = format!("policy = {{ allow = [\n  {old}, # one\n  # end\n] }}\n");
    let after = edited(&text, |editor| {
        let repos = (&repo("a"), &repo("b"));
        editor.allow(
            repos,
            "r",
            &"all".parse().unwrap(),
            "2027-06-01".parse().unwrap(),
        )
    });
    assert_eq!(
        after,
        format!("policy = {{ allow = [\n  {old}, # one\n  {new},\n  # end\n] }}\n")
    );
}

#[test]
fn comments_of_an_empty_list_stay_when_something_comes_and_goes() {
    let text = "[repos.a]\npeers = [\n  # none yet\n]\n";
    let with = edited(text, |editor| editor.add_peer(&repo("a"), &repo("b")));
    assert_eq!(with, "[repos.a]\npeers = [\n  # none yet\n  \"b\"\n]\n");
    let without = edited(&with, |editor| editor.remove_peer(&repo("a"), &repo("b")));
    assert_eq!(without, text);
}
