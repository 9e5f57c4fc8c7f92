//! One corpus of questions: what `where` finds in the registry, and in the index that a site
//! publishes, is the same. `browser.mjs` asks the search of the page for it too.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::support::{aux_gen, family, here, site};

/// Set to write down what is found instead of comparing it.
const BLESS: &str = "AUX_GEN_BLESS";

#[derive(Debug, Serialize, Deserialize)]
struct Question {
    ask: String,
    /// As they stand in the address of the page.
    filters: std::collections::BTreeMap<String, String>,
    /// The hits as `MATCH KIND NAME REFERENCE`.
    #[serde(default)]
    hits: Vec<String>,
}

/// What `where` finds, in the form of the corpus.
fn found(folder: &Path, index: Option<&Path>, question: &Question) -> Vec<String> {
    let mut arguments = vec!["--format", "json", "where", "--all"];
    for (key, value) in &question.filters {
        match key.as_str() {
            "broken" => arguments.push("--broken"),
            "unfree" => arguments.push("--unfree"),
            "kind" => arguments.extend(["--kind", value]),
            "sig" => arguments.extend(["--owner", value]),
            "repo" => arguments.extend(["--repo", value]),
            "tier" => arguments.extend(["--tier", value]),
            "system" => arguments.extend(["--system", value]),
            "license" => arguments.extend(["--license", value]),
            other => panic!("{other}"),
        }
    }
    let index = index.map(|index| index.to_str().unwrap());
    arguments.extend(index.into_iter().flat_map(|index| ["--index", index]));
    arguments.extend(["--", &question.ask]);
    let output = aux_gen(folder, &arguments);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    if answer["error"]["code"] == "not-found" {
        return Vec::new();
    }
    assert!(output.status.success(), "{question:?}: {output:?}");
    let hits = answer["result"]["hits"].as_array().unwrap().iter();
    hits.map(|hit| {
        let text = |key: &str| hit[key].as_str().unwrap_or_default().to_owned();
        let (kind, name) = (text("kind"), text("name"));
        let shown = match hit["repo"].as_str().filter(|_| kind != "repo") {
            Some(repo) => format!("{repo}/{name}"),
            None => name,
        };
        format!("{} {kind} {shown} {}", text("matched"), text("reference"))
            .trim()
            .to_owned()
    })
    .collect()
}

#[test]
fn a_published_index_answers_as_the_registry_does() {
    let path = here().join("corpus.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut corpus: Vec<Question> = serde_json::from_str(&text).unwrap();
    assert!(corpus.len() > 70);
    let out = tempfile::tempdir().unwrap();
    let index = out.path().join("site");
    site(&family(), &index);
    let index = index.join("index.json");
    for question in &mut corpus {
        let hits = found(&family(), None, question);
        // A registry is not needed where an index is.
        assert_eq!(
            found(out.path(), Some(&index), question),
            hits,
            "{question:?}"
        );
        if std::env::var_os(BLESS).is_some() {
            question.hits = hits;
        } else {
            assert_eq!(question.hits, hits, "{}", question.ask);
        }
    }
    if std::env::var_os(BLESS).is_some() {
        let text = serde_json::to_string_pretty(&corpus).unwrap();
        std::fs::write(&path, text + "\n").unwrap();
    }
}

#[test]
fn an_index_says_what_became_of_a_name() {
    let out = tempfile::tempdir().unwrap();
    site(&family(), &out.path().join("site"));
    let ask = |name: &str| {
        let arguments = ["where", name, "--index", "site/index.json"];
        let output = aux_gen(out.path(), &arguments);
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(
        ask("nose").contains("nobody maintains it; use pytest"),
        "{}",
        ask("nose")
    );
    assert!(
        ask("node-old").contains("is called `server` now"),
        "{}",
        ask("node-old")
    );
    assert!(ask("javascript").contains("is called `js` now"));
}

#[test]
fn what_is_no_index_is_refused() {
    let out = tempfile::tempdir().unwrap();
    for (text, why) in [
        ("", "no index"),
        ("[]", "no index"),
        ("{\"format\": 1}", "missing field"),
        ("{\"format\": 7, \"new\": []}", "format 7"),
    ] {
        std::fs::write(out.path().join("index.json"), text).unwrap();
        let output = aux_gen(out.path(), &["where", "x", "--index", "index.json"]);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(why), "{said}");
        assert!(said.contains("help:"), "{said}");
    }
}
