//! How runs end: by a signal, beside somebody who saves, at the edge of a file system; and
//! what is left of them.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use crate::support::Family;

const MANIFEST: &str = r#"format = "1.0"
organization = { name = "x", forge = "github:x", systems = ["x86_64-linux"] }
tiers = [{ name = "core" }, { name = "sigs" }, { name = "top-level" }]
people.ada = {}
sigs.all.leads = ["ada"]
repos.core = { sig = "all", tier = "core", builders = { stdenv = {} }, packages = { hello = {} } }
repos.games = { sig = "all", tier = "sigs", description = "old", packages = { chess = {} } }
repos.top-level = { sig = "all", tier = "top-level" }
"#;

fn family() -> Family {
    let family = Family::of(MANIFEST);
    family.ok(&["generate"]);
    family
}

/// Waits until something is so.
fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Whether a process is running that was started with a word.
fn is_running(word: &str) -> bool {
    let found = Command::new("pgrep").args(["-f", word]).output().unwrap();
    found.status.success()
}

#[test]
fn a_program_that_is_told_to_end_leaves_no_nix_and_no_folder_behind() {
    let family = family();
    // It takes minutes to evaluate.
    let spin = "{ }: builtins.foldl' (a: b: a + b) 0 (builtins.genList (x: builtins.foldl' (a: b: a + b) x (builtins.genList (y: y) 1000000)) 100000)\n";
    family.write("repos/core/pkgs/by-name/he/hello/package.nix", spin);
    for signal in ["TERM", "HUP", "KILL"] {
        let temporary = tempfile::tempdir().unwrap();
        let place = temporary.path().canonicalize().unwrap();
        let mut run = Command::new(env!("CARGO_BIN_EXE_aux-gen"))
            .current_dir(&family.root)
            .env("TMPDIR", &place)
            .arg("eval")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let word = place.display().to_string();
        wait_until("Nix is started", || is_running(&word));
        let ended = Command::new("kill")
            .args(["-s", signal, &run.id().to_string()])
            .status();
        assert!(ended.unwrap().success());
        assert!(!run.wait().unwrap().success(), "{signal}");
        if signal == "KILL" {
            // Nobody can act on that; the next run finds what is left once it is old enough.
            let left = || {
                fs::read_dir(&place)
                    .unwrap()
                    .map(|entry| entry.unwrap().path())
            };
            assert!(left().count() > 0);
            let _ended = Command::new("pkill").args(["-KILL", "-f", &word]).status();
            wait_until("Nix has ended", || !is_running(&word));
            for folder in left() {
                let old = SystemTime::now() - Duration::from_secs(3600);
                fs::File::open(folder).unwrap().set_modified(old).unwrap();
            }
            family.write(
                "repos/core/pkgs/by-name/he/hello/package.nix",
                "{ stdenv }: stdenv.mkDerivation { name = \"x\"; }\n",
            );
            let ran = family.run_with(&["eval"], &[("TMPDIR", &place)]);
            assert_eq!(ran.code, 0, "{}", ran.stderr);
        } else {
            wait_until("Nix has ended", || !is_running(&word));
        }
        assert_eq!(fs::read_dir(&place).unwrap().count(), 0, "{signal}");
    }
}

#[test]
fn what_somebody_saves_while_a_run_is_at_work_is_never_lost() {
    /// As many times somebody saves.
    const SAVES: usize = 400;
    let family = family();
    let readme = family.root.join("repos/games/README.md");
    let is_over = AtomicBool::new(false);
    let saved: BTreeSet<String> = std::thread::scope(|scope| {
        let somebody = scope.spawn(|| {
            let mut saved = BTreeSet::new();
            for number in 0..SAVES {
                // As editors do it: a new file under the old name.
                let text = fs::read_to_string(&readme).unwrap();
                let line = format!("my line {number}");
                let new = readme.with_file_name("README.md.new");
                fs::write(&new, format!("{text}{line}\n")).unwrap();
                fs::rename(&new, &readme).unwrap();
                saved.insert(line);
            }
            is_over.store(true, Ordering::Relaxed);
            saved
        });
        let mut runs = 0;
        while !is_over.load(Ordering::Relaxed) || runs < 10 {
            let text = MANIFEST.replace("\"old\"", &format!("\"new {runs}\""));
            fs::write(family.root.join("aux.toml"), text).unwrap();
            let ran = family.run(&["generate"]);
            assert!((0..=3).contains(&ran.code), "{}", ran.stderr);
            runs += 1;
        }
        somebody.join().unwrap()
    });
    let text = fs::read_to_string(&readme).unwrap();
    let lines: BTreeSet<&str> = text.lines().collect();
    let lost: Vec<&String> = saved
        .iter()
        .filter(|line| !lines.contains(line.as_str()))
        .collect();
    assert_eq!(saved.len(), SAVES);
    assert!(lost.is_empty(), "{lost:?}");
    let left: Vec<_> = fs::read_dir(readme.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name.to_string_lossy().ends_with(".tmp"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn an_output_goes_where_it_is_said_to_go() {
    let family = family();
    let place = |name: &str| family.root.join(name);
    let save = |to: &str| family.run(&["eval", "--save", to]);
    // A link that leads nowhere yet, and one that leads to a file.
    symlink("real", place("link")).unwrap();
    assert_eq!(save("link").code, 0);
    assert!(place("link").is_symlink() && place("real").is_file());
    let inode = |name: &str| fs::metadata(place(name)).unwrap().ino();
    symlink("link", place("link-to-link")).unwrap();
    assert_eq!(save("link-to-link").code, 0);
    assert!(place("link-to-link").is_symlink() && place("link").is_symlink());
    // A pipe is written to.
    let made = Command::new("mkfifo").arg(place("pipe")).status();
    assert!(made.unwrap().success());
    let pipe = place("pipe");
    let reading = std::thread::spawn(move || fs::read_to_string(pipe).unwrap());
    assert_eq!(save("pipe").code, 0);
    assert!(reading.join().unwrap().contains("hello"));
    let before = inode("pipe");
    assert_eq!(before, inode("pipe"));
    // What the shell has opened stays open.
    let must_run = |script: &str| {
        let ran = Command::new("sh")
            .current_dir(&family.root)
            .args(["-c", script, "sh", env!("CARGO_BIN_EXE_aux-gen")])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{said}");
    };
    must_run("\"$1\" eval --save /dev/stdout > out && test -s out");
    // What is in a log stays in it.
    must_run(
        "i=0; while [ $i -lt 50 ]; do echo old; i=$((i+1)); done > log; \"$1\" eval --save /dev/stdout >> log; \"$1\" eval --save /dev/fd/3 3>> log; test $(grep -c '^old$' log) = 50 && grep -q hello log",
    );
    // Permissions stay.
    let set = Command::new("chmod").arg("600").arg(place("real")).status();
    assert!(set.unwrap().success());
    assert_eq!(save("real").code, 0);
    assert_eq!(fs::metadata(place("real")).unwrap().mode() & 0o777, 0o600);
    // A folder is none.
    assert_eq!(save("repos").code, 1);
    assert!(place("repos").is_dir());
}

/// Runs a script as root of a mount namespace of its own; its last line of output.
fn in_a_world(family: &Family, script: &str) -> (bool, String) {
    let output = Command::new("unshare")
        .args(["--mount", "--map-root-user", "sh", "-ec", script, "sh"])
        .arg(&family.root)
        .arg(env!("CARGO_BIN_EXE_aux-gen"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.success(), said)
}

#[test]
fn file_systems_that_nothing_is_renamed_between_wedge_nothing() {
    // The same file system, mounted twice: only the attempt tells.
    for mount in [
        "mount --bind $1/repos/games $1/repos/games",
        "cp -a $1/repos/games /tmp/games.$$; mount -t tmpfs none $1/repos/games; cp -a /tmp/games.$$/. $1/repos/games; rm -r /tmp/games.$$",
    ] {
        let family = family();
        let script = format!(
            "{mount}
            sed -i 's/\"old\"/\"new\"/' $1/aux.toml
            $2 -C $1 generate
            $2 -C $1 generate --check
            grep -q new $1/repos/games/README.md
            $2 -C $1 move chess core --no-alias && exit 9
            $2 -C $1 check
            $2 -C $1 recover
            $2 -C $1 generate --check
            test -z \"$(ls -A $1/repos/games | grep tmp)\"
            grep -q 'chess = {{}}' $1/aux.toml
            test -e $1/repos/games/pkgs/by-name/ch/chess/package.nix"
        );
        let (is_fine, said) = in_a_world(&family, &script);
        assert!(is_fine, "{mount}\n{said}");
        assert!(said.contains("two file systems"), "{said}");
    }
}

#[test]
fn a_journal_whose_source_is_gone_is_no_end() {
    let family = family();
    let mut at = 0;
    // Until the journal is there and the folder has not moved.
    loop {
        let package = family.root.join("repos/games/pkgs/by-name/ch/chess");
        assert!(
            family.run_with_end(&["move", "chess", "core", "--no-alias"], at),
            "{at}"
        );
        if crate::support::state(&family.root, "journal.json").exists() && package.exists() {
            fs::remove_dir_all(&package).unwrap();
            break;
        }
        family.ok(&["recover", "--abandon"]);
        at += 1;
    }
    let ran = family.run(&["recover"]);
    assert!(ran.code == 0 || ran.code == 3, "{}", ran.stderr);
    assert!(!crate::support::state(&family.root, "journal.json").exists());
    let ran = family.run(&["generate"]);
    assert!(ran.code == 0 || ran.code == 3, "{}", ran.stderr);
}

#[test]
fn temporary_files_of_runs_that_were_ended_go() {
    let family = family();
    let left = family.root.join(".aux-gen-abc123.tmp");
    fs::write(&left, "half").unwrap();
    family.ok(&["eval", "--save", "snapshot.json"]);
    assert!(!left.exists());
    assert!(Path::new(&family.root.join("snapshot.json")).is_file());
}
