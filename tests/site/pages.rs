//! What the pages say, and that no text of anybody becomes markup.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{family, result, site};

fn pages(folder: &Path) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "html")
            {
                let name = path
                    .strip_prefix(folder)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned();
                all.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    all.sort();
    all
}

#[test]
fn texts_stay_texts() {
    let out = tempfile::tempdir().unwrap();
    site(&family(), out.path());
    let pages = pages(out.path());
    assert!(pages.len() >= 50, "{}", pages.len());
    for (name, text) in &pages {
        let scripts: Vec<&str> = text.split("<script").skip(1).collect();
        assert_eq!(scripts.len(), 1, "{name}");
        assert!(scripts[0].contains("assets/page.js"), "{name}");
        for hostile in [
            "<img",
            "<svg onload",
            "href=\"javascript:",
            "<b>find",
            " onerror=alert(1)>",
        ] {
            assert!(!text.contains(hostile), "{name}: {hostile}");
        }
        assert!(text.contains("Content-Security-Policy"), "{name}");
    }
}

#[test]
fn every_link_of_the_site_leads_somewhere() {
    let out = tempfile::tempdir().unwrap();
    site(&family(), out.path());
    let mut links = 0;
    for (name, text) in pages(out.path()) {
        let folder = out.path().join(&name);
        let folder = folder.parent().unwrap();
        for part in text
            .split("href=\"")
            .skip(1)
            .chain(text.split("src=\"").skip(1))
        {
            let target = part.split('"').next().unwrap();
            if target.starts_with("https:") || target.starts_with("mailto:") {
                continue;
            }
            let path = target.split(['?', '#']).next().unwrap();
            if path.is_empty() {
                continue;
            }
            assert!(folder.join(path).is_file(), "{name}: {target}");
            links += 1;
        }
    }
    assert!(links > 800, "{links}");
}

#[test]
fn the_index_is_what_its_schema_says() {
    let out = tempfile::tempdir().unwrap();
    site(&family(), out.path());
    let read = |name: &str| -> Value {
        serde_json::from_slice(&fs::read(out.path().join(name)).unwrap()).unwrap()
    };
    let (index, schema) = (read("index.json"), read("index.schema.json"));
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&index)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(index["format"], 1);
    let entries = index["entries"].as_array().unwrap();
    let numpy = entries
        .iter()
        .find(|entry| entry["name"] == "numpy")
        .unwrap();
    assert_eq!(
        numpy["broken"],
        serde_json::json!(["aarch64-linux", "x86_64-linux"])
    );
}

#[test]
fn nix_is_asked_for_what_a_manifest_does_not_say() {
    let out = tempfile::tempdir().unwrap();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/auxolotl");
    let folder = out.path().join("site");
    let arguments = [
        "site",
        "--eval",
        "--base-url",
        "https://aux.example.org/all",
        "--out",
        folder.to_str().unwrap(),
    ];
    let said = result(&example, &arguments);
    assert_eq!(
        said["systems"],
        serde_json::json!(["aarch64-linux", "x86_64-linux"])
    );
    assert!(said["asked"].as_u64().unwrap() > 20, "{said}");
    assert_eq!(said["broken"], 0, "{said}");
    assert_eq!(said["options"], 2, "{said}");
    assert_eq!(said["unknown"], serde_json::json!([]));
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let openssl = read("packages/core/openssl.html");
    for part in [
        "3.0.15",
        "Apache-2.0",
        "https://www.openssl.org",
        "evaluates",
    ] {
        assert!(openssl.contains(part), "{part}");
    }
    let gdm = read("modules/gnome/gdm.html");
    for part in [
        "services.gdm.enable",
        "boolean",
        "Whether to enable GDM",
        "gnome/modules/nixos/gdm.nix:15",
    ] {
        assert!(gdm.contains(part), "{part}");
    }
    let map = read("sitemap.xml");
    assert!(
        map.contains("<loc>https://aux.example.org/all/packages/core/openssl.html</loc>"),
        "{map}"
    );
    // The option is found, too.
    let hits = result(
        out.path(),
        &["where", "services.gdm", "--index", "site/index.json"],
    );
    assert_eq!(hits["hits"][0]["kind"], "option", "{hits}");
    assert_eq!(
        hits["hits"][0]["reference"],
        "github:auxolotl/gnome#nixosModules.gdm"
    );
}
