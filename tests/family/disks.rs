//! Disks that refuse: full ones and those that nobody may write to. Each time the
//! run says so, and nothing has changed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::{Family, SMALL, every_file};

/// Runs a script as root of a world of its own, where it may mount what it likes
/// and nobody else sees it. `$1` is the registry and `$2` the program.
fn in_a_world(family: &Family, script: &str) -> Output {
    let world = |arguments: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(arguments);
        command
    };
    // Some machines keep the first from everybody, and the second from all but root.
    let worlds = [
        ["--user", "--map-root-user", "--mount"].as_slice(),
        &["--mount"],
    ];
    let works = |arguments: &&&[&str]| {
        let tried = world(arguments).arg("true").output();
        tried.is_ok_and(|tried| tried.status.success())
    };
    let arguments = worlds.iter().find(works);
    let arguments = arguments.expect("`unshare` makes a mount namespace, for a user or for root");
    world(arguments)
        .args(["sh", "-eu", "-c", script, "sh"])
        .arg(&family.root)
        .arg(env!("CARGO_BIN_EXE_aux-gen"))
        .output()
        .unwrap()
}

fn generated() -> (Family, BTreeMap<String, String>) {
    let family = Family::of(SMALL);
    family.ok(&["generate"]);
    family.write(
        "aux.toml",
        &SMALL.replace("chess = {}", "chess = {}, go = {}"),
    );
    let files = every_file(&family.root);
    (family, files)
}

/// The run failed with a message that has all of these.
#[track_caller]
fn refused(output: &Output, why: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    for word in why {
        assert!(said.contains(word), "{word} is not in\n{said}");
    }
}

#[test]
fn a_full_disk_is_named_and_nothing_changes() {
    // Only so much room for what is staged, then for what is there already and a bit.
    for room in ["4k", "8k", "16k"] {
        let (family, before) = generated();
        let script = format!(
            "mkdir -p $1/.aux-gen; mount -t tmpfs -o size={room} none $1/.aux-gen; $2 -C $1 generate"
        );
        let output = in_a_world(&family, &script);
        refused(&output, &["cannot write", "No space left on device"]);
        assert!(every_file(&family.root) == before, "{room}");
        family.ok(&["generate"]);
    }
}

#[test]
fn a_disk_that_is_full_where_a_repo_lies_is_named_and_the_next_run_goes_on() {
    let (family, before) = generated();
    // The repo's own disk takes no file more; what is staged lies elsewhere.
    let script = "\
        cp -R $1/repos/games /tmp/copy.$$
        mount -t tmpfs -o size=2m none $1/repos/games
        cp -R /tmp/copy.$$/. $1/repos/games
        rm -R /tmp/copy.$$
        dd if=/dev/zero of=$1/repos/games/ballast 2>/dev/null || true
        $2 -C $1 generate && exit 9
        rm $1/repos/games/ballast
        $2 -C $1 generate >&2
        $2 -C $1 generate --check >&2
        test -e $1/repos/games/pkgs/by-name/go/go/package.nix
        exit 1";
    let output = in_a_world(&family, script);
    refused(
        &output,
        &["No space left on device", "finished", "up to date"],
    );
    // The other world is gone, and with it what it wrote to its own disk.
    let after = every_file(&family.root);
    let own = |files: &BTreeMap<String, String>| {
        let mut files = files.clone();
        files.retain(|name, _| name.starts_with("repos/games/"));
        files
    };
    assert!(own(&after) == own(&before));
}

#[test]
fn a_directory_that_nobody_may_write_to_is_named_and_nothing_changes() {
    for place in [".", "repos/games"] {
        let (family, before) = generated();
        let script = format!(
            "mount --bind $1 $1; mount --bind $1/{place} $1/{place}; mount -o remount,bind,ro $1/{place}; $2 -C $1 generate"
        );
        let output = in_a_world(&family, &script);
        refused(&output, &["cannot write", "Read-only file system"]);
        let after = every_file(&family.root);
        assert!(after == before, "{place}");
    }
}

#[test]
fn a_read_only_registry_still_answers() {
    let (family, before) = generated();
    let script = "\
        mount --bind $1 $1
        mount -o remount,bind,ro $1
        $2 -C $1 check
        $2 -C $1 status
        $2 -C $1 generate --check > /dev/null && exit 9
        test $? = 4";
    let output = in_a_world(&family, script);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(every_file(&family.root) == before);
    assert!(Path::new(&family.root).join("aux.toml").exists());
    let _kept = fs::metadata(&family.root).unwrap();
}
