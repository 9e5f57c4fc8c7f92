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
    assert!(pages.len() > 45, "{}", pages.len());
    for (name, text) in &pages {
        let scripts: Vec<&str> = text.split("<script").skip(1).collect();
        // That of every page, and on the first one what helps where a page is opened as a file.
        let known = ["assets/page.js", "assets/opened.js"];
        let expected = if name == "index.html" { 2 } else { 1 };
        assert_eq!(scripts.len(), expected, "{name}");
        for (script, known) in scripts.iter().zip(known) {
            assert!(script.contains(known), "{name}");
        }
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

/// A copy of the example that Nix is asked about, with files of it changed.
fn changed_example(changes: &[(&str, &str, &str)]) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/auxolotl/.");
    let copied = std::process::Command::new("cp")
        .arg("-R")
        .arg(example)
        .arg(copy.path())
        .status();
    assert!(copied.unwrap().success());
    for (file, before, after) in changes {
        let path = copy.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(before), "{file}: {before}");
        fs::write(&path, text.replacen(before, after, 1)).unwrap();
    }
    copy
}

#[test]
fn what_is_refused_is_not_broken_and_a_broken_variant_is_told() {
    let family = changed_example(&[
        (
            "repos/core/pkgs/by-name/zl/zlib/package.nix",
            "meta = {",
            "meta = { homepage = throw \"none\"; license = { spdxId = \"Closed\"; free = false; };",
        ),
        (
            "repos/javascript/pkgs/by-name/no/nodejs/22.nix",
            "import ./common.nix { version = \"22.12.0\"; }",
            "{ stdenv }: throw \"22 is dead\"",
        ),
        (
            "repos/rust/pkgs/by-name/ru/rustc/package.nix",
            "meta = {",
            "meta = { license = { free = true; spdxId = abort \"no\"; };",
        ),
    ]);
    let said = result(family.path(), &["site", "--eval"]);
    // nodejs alone, by one of its variants; whatever needs zlib is refused.
    assert_eq!(said["broken"], 1, "{said:#}");
    assert!(said["refused"].as_u64().unwrap() > 10, "{said:#}");
    let unknown = said["unknown"].as_array().unwrap();
    assert!(
        unknown.len() == 1 && unknown[0].as_str().unwrap().starts_with("rust/rustc: "),
        "{unknown:?}"
    );
    let read = |name: &str| fs::read_to_string(family.path().join("site").join(name)).unwrap();
    let zlib = read("packages/core/zlib.html");
    for part in [
        "1.3.1",
        "Closed (not free)",
        "refused unless it is allowed",
        "NIXPKGS_ALLOW_UNFREE",
    ] {
        assert!(zlib.contains(part), "{part}: {zlib}");
    }
    let nodejs = read("packages/javascript/nodejs.html");
    for part in [
        "`nodejs_22`: 22 is dead",
        "nodejs_20 (what <code>nodejs</code> means)",
    ] {
        assert!(
            nodejs.replace("&#x60;", "`").contains(part),
            "{part}: {nodejs}"
        );
    }
    assert!(read("packages/rust/rustc.html").contains("cannot be read"));
    // Nothing tells of the machine that asked.
    let place = family.path().to_str().unwrap().to_owned();
    for (name, text) in pages(&family.path().join("site")) {
        assert!(!text.contains(&place), "{name}");
    }
}

#[test]
fn an_option_without_a_value_hides_no_other() {
    let family = changed_example(&[(
        "repos/gnome/modules/nixos/gdm.nix",
        "enable = ",
        "host = lib.mkOption { type = lib.types.str; default = config.networking.hostName; description = \"a host\"; };
         loop = lib.mkOption { default = let x = x; in x; description = throw \"no\"; };
         \"a b\" = lib.mkOption { type = lib.types.attrsOf lib.types.int; default = { \"x y\" = [ (-1) ]; s = \"\\${q}\"; }; };
         enable = ",
    )]);
    let said = result(family.path(), &["site", "--eval"]);
    assert_eq!(said["options"], 5, "{said:#}");
    assert_eq!(said["unknown"], serde_json::json!([]));
    let page = fs::read_to_string(family.path().join("site/modules/gnome/gdm.html")).unwrap();
    let plain = page.replace("&quot;", "\"").replace("&#x3D;", "=");
    for part in [
        "a host",
        "A part of it has no value",
        "id=\"option-services.gdm.loop\"",
        "href=\"#option-services.gdm.%22a%20b%22\"",
        "{ s = \"\\${q}\"; \"x y\" = [ (-1) ]; }",
        "attribute set of signed integer",
    ] {
        assert!(plain.contains(part), "{part}: {plain}");
    }
}
