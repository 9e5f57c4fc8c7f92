//! A folder is brought to what a site is: what is the same is not touched, and nobody's file goes.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::support::{aux_gen, family, site};

/// The identity of every file: a file that is replaced has another inode.
fn inodes(folder: &Path) -> Vec<(String, u64)> {
    let mut all = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(at).unwrap() {
            let entry = entry.unwrap();
            let found = entry.metadata().unwrap();
            if found.is_dir() {
                folders.push(entry.path());
            } else {
                let path = entry.path();
                let path = path.strip_prefix(folder).unwrap().to_str().unwrap();
                all.push((path.to_owned(), found.ino()));
            }
        }
    }
    all.sort();
    all
}

/// A copy of the family whose manifest is another one.
fn changed(folder: &Path, change: impl Fn(&str) -> String) {
    let text = fs::read_to_string(family().join("aux.toml")).unwrap();
    let changed = change(&text);
    fs::write(folder.join("aux.toml"), changed).unwrap();
}

#[test]
fn a_second_run_writes_what_changed_only() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    changed(root, str::to_owned);
    let out = root.join("site");
    let first = site(root, &out);
    assert_eq!(first["files"], first["written"]);
    let before = inodes(&out);
    let again = site(root, &out);
    assert_eq!(again["written"], 0, "{again}");
    assert_eq!(inodes(&out), before);
    changed(root, |text| {
        text.replace("HTTP for humans", "HTTP for everybody")
    });
    let other = site(root, &out);
    let after = inodes(&out);
    let written: Vec<String> = after
        .iter()
        .filter(|file| !before.contains(file))
        .filter(|(path, _)| !path.starts_with('.'))
        .map(|(path, _)| match path.split_once("texts-0.") {
            Some((folder, _)) => format!("{folder}texts-0.HASH.json"),
            None => path.clone(),
        })
        .collect();
    assert_eq!(
        written,
        [
            "index.json",
            "letters/r.html",
            "packages/python/requests.html",
            "repos/python.html",
            "search/start.json",
            "search/texts-0.HASH.json",
        ]
    );
    assert_eq!(other["written"], written.len());
    // The descriptions as they were have another name.
    assert_eq!(other["removed"], 1);
    // What is gone from the family is gone from the site.
    changed(root, |text| text.replace("lto = {", "fast = {"));
    let last = site(root, &out);
    // The pages of the overlay and of its letter, and three parts of the index.
    assert_eq!(last["removed"], 5, "{last}");
    assert!(!out.join("overlays/web/lto.html").exists());
    assert!(out.join("overlays/web/fast.html").exists());
}

#[test]
fn nobodys_file_is_overwritten_or_removed() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("public");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("index.html"), "mine").unwrap();
    let run = || aux_gen(&family(), &["site", "--out", out.to_str().unwrap()]);
    let refused = run();
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("not of a site"), "{said}");
    assert_eq!(fs::read_dir(&out).unwrap().count(), 1);
    // What hosts of pages and git keep there is nobody's page, unless the site has one of that name.
    fs::rename(out.join("index.html"), out.join(".nojekyll")).unwrap();
    assert_eq!(run().status.code(), Some(1));
    assert_eq!(fs::read_to_string(out.join(".nojekyll")).unwrap(), "mine");
    fs::rename(out.join(".nojekyll"), out.join("CNAME")).unwrap();
    fs::create_dir(out.join(".git")).unwrap();
    assert!(run().status.success());
    assert_eq!(fs::read_to_string(out.join("CNAME")).unwrap(), "mine");
    // A page that somebody changed stays, and so does all else.
    let before = inodes(&out);
    let page = out.join("packages/core/zlib.html");
    fs::write(&page, "mine").unwrap();
    let refused = run();
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("zlib.html"), "{said}");
    assert_eq!(fs::read_to_string(&page).unwrap(), "mine");
    assert_eq!(inodes(&out), before);
    // Files that somebody put beside the pages are not the site's.
    fs::remove_file(&page).unwrap();
    fs::write(out.join("packages/core/notes.txt"), "mine").unwrap();
    assert!(run().status.success());
    let notes = fs::read_to_string(out.join("packages/core/notes.txt")).unwrap();
    assert_eq!(notes, "mine");
    assert!(page.exists());
}

#[test]
fn a_run_that_was_ended_is_finished_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    changed(root, str::to_owned);
    let out = root.join("site");
    site(root, &out);
    let whole = inodes(&out);
    // As it is after the run of another manifest that was ended half way: a page is written, the
    // journal says so, and the record does not.
    let other = root.join("other");
    changed(root, |text| text.replace("Compression", "Squeezes"));
    site(root, &other);
    let page = "packages/core/zlib.html";
    fs::copy(other.join(page), out.join(page)).unwrap();
    let record = fs::read_to_string(other.join(".aux-gen-site")).unwrap();
    let line = record.lines().find(|line| line.ends_with(page)).unwrap();
    fs::write(
        out.join(".aux-gen-site.journal"),
        format!("{line}\nhalf a li"),
    )
    .unwrap();
    changed(root, str::to_owned);
    let finished = site(root, &out);
    assert_eq!(finished["written"], 1, "{finished}");
    assert!(!out.join(".aux-gen-site.journal").exists());
    assert_eq!(inodes(&out).len(), whole.len());
    let text = fs::read_to_string(out.join(page)).unwrap();
    assert!(text.contains("Compression"), "{text}");
}

#[test]
fn a_link_out_of_the_folder_is_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("site");
    let elsewhere = folder.path().join("elsewhere");
    fs::create_dir_all(&elsewhere).unwrap();
    site(&family(), &out);
    fs::remove_dir_all(out.join("packages")).unwrap();
    std::os::unix::fs::symlink(&elsewhere, out.join("packages")).unwrap();
    let refused = aux_gen(&family(), &["site", "--out", out.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
}

#[test]
fn a_checkout_is_no_place_for_a_site() {
    let folder = tempfile::tempdir().unwrap();
    changed(folder.path(), str::to_owned);
    let before = inodes(folder.path());
    fs::create_dir_all(folder.path().join("repos/core/docs")).unwrap();
    fs::write(folder.path().join("file"), "mine").unwrap();
    for out in [
        ".",
        "repos/core",
        "repos/core/docs",
        "repos/python",
        "repos/python/new/site",
        ".git",
        "holds",
        "releases/site",
        "sigs",
        "./site/../holds",
        "file",
    ] {
        let refused = aux_gen(folder.path(), &["site", "--out", out]);
        assert_eq!(refused.status.code(), Some(1), "{out}: {refused:?}");
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(said.contains("--out DIR"), "{said}");
    }
    // Where somebody stands in a repo, the folder that is usual would be in it.
    let inside = folder.path().join("repos/core/docs");
    let refused = aux_gen(&inside, &["site"]);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    fs::remove_file(folder.path().join("file")).unwrap();
    assert_eq!(inodes(folder.path()), before);
    for (option, value) in [
        ("--base-url", "javascript:alert(1)"),
        ("--base-url", "example.org"),
        ("--base-url", "https://example.org/?a"),
        ("--base-url", "https://example.org/index.html"),
        ("--book", "javascript:alert(1)"),
    ] {
        let refused = aux_gen(folder.path(), &["site", option, value]);
        assert_eq!(refused.status.code(), Some(1), "{value}: {refused:?}");
    }
}

#[test]
fn a_file_in_the_place_of_a_page_to_come_stays() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    changed(root, str::to_owned);
    let out = root.join("site");
    site(root, &out);
    let mine = out.join("packages/core/new.html");
    fs::write(&mine, "mine").unwrap();
    changed(root, |text| {
        text.replace("python311 = {}", "python311 = {}\nnew = {}")
    });
    let refused = aux_gen(root, &["site", "--out", out.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        said.contains("move it away") && said.contains("new.html"),
        "{said}"
    );
    assert_eq!(fs::read_to_string(&mine).unwrap(), "mine");
}
