//! The site of a family that lives: releases and what each brought, repos that are held, borrowed
//! copies, packages that do not evaluate, and an index that is asked for over HTTP.

use std::fs;

use crate::support::Forge;

const THREE: &str = r#"
repos.python = { sig = "all", tier = "sigs", packages = { snake = {} } }
repos.web = { sig = "all", tier = "apps", uses = { python = "*" }, packages = { site = { build = ["python/snake"] } } }
"#;

#[test]
fn pages_say_since_when_what_is_held_and_what_is_borrowed() {
    let forge = Forge::new(&["python", "web"], THREE);
    let family = &forge.family;
    family.ok(&["release", "2026-11-23"]);
    family.ok(&["new-package", "python/newt"]);
    forge.commit("python");
    forge.commit("top-level");
    family.ok(&["update"]);
    family.ok(&["promote"]);
    family.ok(&["release", "1.0.0"]);
    family.ok(&[
        "borrow",
        "python/snake",
        "--to",
        "web",
        "--reason",
        "an older <snake>",
    ]);
    for repo in ["python", "web", "top-level"] {
        forge.commit(repo);
    }
    family.ok(&["update"]);
    family.ok(&["promote"]);
    forge.package(
        "web",
        "site",
        "{ stdenv, snake }: throw \"it <b>is</b> ill\"\n",
    );
    assert_eq!(family.run(&["update"]).code, 3);
    // What is not here is counted, and is no reason to say nothing of the rest.
    fs::write(family.root.join("releases/2.0.0.json"), "{}").unwrap();

    let (code, written) = family.json(&["site", "--eval", "--out", "site"]);
    assert_eq!(code, 0, "{written:#}");
    assert_eq!(
        written["unknown"].as_array().unwrap().len(),
        1,
        "{written:#}"
    );
    let read = |name: &str| fs::read_to_string(family.root.join("site").join(name)).unwrap();
    let release = read("releases/1.0.0.html");
    assert!(
        release.contains("new: <a href=\"../packages/python/newt.html\">newt</a>"),
        "{release}"
    );
    assert!(
        release.contains("aux-gen release diff 2026-11-23 1.0.0"),
        "{release}"
    );
    assert!(read("releases.html").contains("2.0.0"));
    let since = |page: &str| {
        let text = read(page);
        let (_, rest) = text.split_once("<dt>Since</dt>").unwrap();
        rest.split_once("</a>")
            .unwrap()
            .0
            .rsplit_once('>')
            .unwrap()
            .1
            .to_owned()
    };
    assert_eq!(since("packages/python/newt.html"), "1.0.0");
    assert_eq!(since("packages/python/snake.html"), "2026-11-23");
    let snake = read("packages/python/snake.html");
    assert!(snake.contains("an older &lt;snake&gt;"), "{snake}");
    assert!(snake.contains("../../repos/web.html"), "{snake}");
    let site = read("packages/web/site.html");
    assert!(site.contains("It keeps its repo held since"), "{site}");
    assert!(site.contains("it &lt;b&gt;is&lt;/b&gt; ill"), "{site}");
    assert!(site.contains("<strong>broken</strong>"), "{site}");
    let web = read("repos/web.html");
    assert!(web.contains("Held since"), "{web}");
    assert!(read("repos.html").contains("<strong>held</strong>"));
    // It is broken for those who ask the index, too.
    let index = family.root.join("site/index.json");
    let arguments = ["where", "--broken", "--index", index.to_str().unwrap()];
    let (code, found) = family.json(&arguments);
    assert_eq!(code, 0);
    assert_eq!(found["hits"][0]["name"], "site", "{found:#}");
}

#[test]
fn an_index_is_asked_for_over_http() {
    let forge = Forge::new(&["python", "web"], THREE);
    let family = &forge.family;
    family.ok(&["site", "--out", "site"]);
    let index = fs::read(family.root.join("site/index.json")).unwrap();
    let server = tiny_http::Server::http("127.0.0.1:0").unwrap();
    let address = format!("http://{}", server.server_addr());
    let moved = format!("{address}/index.json");
    let serving = std::thread::spawn(move || {
        for request in server.incoming_requests() {
            // Nobody's token goes to the host of a site.
            let has_token = request
                .headers()
                .iter()
                .any(|header| header.field.equiv("Authorization"));
            assert!(!has_token);
            let answered = match request.url() {
                "/index.json" => request.respond(tiny_http::Response::from_data(index.clone())),
                "/moved" => {
                    let to = tiny_http::Header::from_bytes("Location", moved.as_bytes()).unwrap();
                    request.respond(tiny_http::Response::empty(302).with_header(to))
                }
                "/end" => return request.respond(tiny_http::Response::empty(204)).unwrap(),
                _ => request.respond(tiny_http::Response::empty(404)),
            };
            answered.unwrap();
        }
    });
    let ask = |path: &str| family.run(&["where", "snake", "--index", &format!("{address}{path}")]);
    for path in ["/index.json", "/moved"] {
        let found = ask(path);
        assert_eq!(found.code, 0, "{}", found.stderr);
        assert!(
            found.stdout.starts_with("python/snake package"),
            "{}",
            found.stdout
        );
    }
    let refused = ask("/nothing.json");
    assert_eq!(refused.code, 1);
    assert!(
        refused.stderr.contains("the server answers 404"),
        "{}",
        refused.stderr
    );
    let _over = ask("/end");
    serving.join().unwrap();
}

#[test]
fn what_nix_said_of_the_same_commits_is_remembered() {
    let forge = Forge::new(&["python", "web"], THREE);
    let family = &forge.family;
    for repo in ["core", "python", "web", "top-level"] {
        forge.commit(repo);
    }
    let site = |more: &[&str]| {
        let mut arguments = vec!["site", "--eval", "--out", "site"];
        arguments.extend(more);
        let ran = family.run(&arguments);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stderr.contains("remembered")
    };
    assert!(!site(&[]));
    let page = || fs::read_to_string(family.root.join("site/packages/web/site.html")).unwrap();
    let before = page();
    assert!(site(&[]));
    assert_eq!(page(), before);
    // With more to reach, with a change that is not committed, and of a new commit Nix is asked.
    assert!(!site(&["--allow-network"]));
    let file = "pkgs/by-name/si/site/package.nix";
    let text = "{ stdenv, snake }: throw \"it is ill\"\n";
    fs::write(forge.repo("web").join(file), text).unwrap();
    assert!(!site(&[]));
    assert!(page().contains("it is ill"));
    assert!(!site(&[]));
    forge.commit("web");
    assert!(!site(&[]));
    assert!(site(&[]));
    assert!(page().contains("it is ill"));
}
