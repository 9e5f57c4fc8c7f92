//! Trains that build: what evaluates and is not built is held with the end of its log, on this
//! machine and on another one over ssh, and what is good is copied to a cache.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Forge, Ran, repo};
use crate::trains::held;

/// Nobody is asked for what is built already, since these machines are offline.
const ALONE: &str = "substitute = false";

/// The family, and a text that no other test has in its derivations, so that what it builds is
/// not there yet.
fn family() -> (Forge, String) {
    let manifest = r#"
ci = { build = "changed" }
repos.python = { sig = "all", tier = "sigs", packages = { snake = {}, eel = { build = ["snake"] } } }
repos.web = { sig = "all", tier = "apps", uses = { python = "*" }, packages = { site = { build = ["python/snake"] } } }
"#;
    let forge = Forge::new(&["python", "web"], manifest);
    let fresh = forge.family.root.file_name().unwrap();
    let fresh = fresh.to_str().unwrap().trim_start_matches('.').to_owned();
    (forge, fresh)
}

/// A package that runs some lines of a shell.
fn package(name: &str, needs: &str, lines: &str) -> String {
    format!(
        "{{ stdenv{needs} }}: derivation {{ name = \"{name}\"; system = \"x86_64-linux\"; builder = \"/bin/sh\"; args = [ \"-c\" ''{lines}'' ]; }}\n"
    )
}

fn run(forge: &Forge, arguments: &[&str], config: &str) -> (i32, Value) {
    let mut all = vec!["--format", "json"];
    all.extend(arguments);
    let Ran {
        code,
        stdout,
        stderr,
    } = forge
        .family
        .run_with(&all, &[("NIX_CONFIG", Path::new(config))]);
    let found: Value =
        serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}\n{stdout}\n{stderr}"));
    let result = found.get("result").unwrap_or(&found["error"]);
    (code, result.clone())
}

fn hold<'t>(train: &'t Value, name: &str) -> &'t Value {
    &repo(train, name)["outcome"]["hold"]
}

#[test]
fn what_is_not_built_is_held_with_the_end_of_its_log() {
    let (forge, fresh) = family();
    let good = package("snake", "", &format!("echo {fresh} > $out"));
    forge.package("python", "snake", &good);
    let eel = package("eel", ", snake", "echo ${snake} > $out");
    forge.package("python", "eel", &eel);
    forge.package(
        "web",
        "site",
        &package("site", ", snake", "echo ${snake} > $out"),
    );
    let (code, train) = run(&forge, &["update", "--build"], ALONE);
    assert_eq!(code, 0, "{train:#}");
    forge.family.ok(&["promote", "--push"]);
    let lines = "for i in 1 2 3 4 5 6 7 8 9 10 11; do echo line $i; done; echo boom; exit 1";
    let bad = package("snake", "", &format!(": {fresh}; {lines}"));
    forge.package("python", "snake", &bad);
    forge.change("core", "news", "x");
    // It evaluates.
    let (code, train) = run(&forge, &["update"], ALONE);
    assert_eq!(code, 0, "{train:#}");
    let (code, train) = run(&forge, &["update", "--build"], ALONE);
    assert_eq!(code, 3, "{train:#}");
    assert_eq!(held(&train)["python"], "build");
    assert_eq!(held(&train).len(), 1, "web goes on with what python was");
    let hold = hold(&train, "python");
    let broken = hold["broken"].as_array().unwrap();
    assert_eq!(broken.len(), 2, "{hold:#}");
    let (eel, snake) = (&broken[0], &broken[1]);
    assert_eq!(snake["attribute"], "snake");
    let log: Vec<&str> = snake["log"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap())
        .collect();
    assert_eq!(log.len(), 10);
    assert_eq!((log[0], log[8], log[9]), ("line 3", "line 11", "boom"));
    let reason = eel["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("it needs `python/snake`: builder for"),
        "{reason}"
    );
    assert!(reason.ends_with("failed with exit code 1"), "{reason}");
    let shown = forge.family.run(&["holds", "--verbose"]);
    assert!(shown.stdout.contains("boom"), "{}", shown.stdout);
    // Who builds nothing cannot know better.
    let (code, train) = run(&forge, &["update"], ALONE);
    assert_eq!(code, 3, "{train:#}");
    assert_eq!(held(&train)["python"], "build", "{train:#}");
    // Nor does one without time say anything of what was before.
    let hurry = ["update", "--build", "--build-timeout", "0"];
    let (code, train) = run(&forge, &hurry, ALONE);
    assert_eq!(code, 3, "{train:#}");
    assert_eq!(held(&train)["python"], "build", "{train:#}");
    // Only what it was good with before is asked of it.
    forge.package("python", "snake", &good);
    let (code, train) = run(&forge, &["update", "--build"], ALONE);
    assert_eq!(code, 0, "{train:#}");
}

#[test]
fn what_was_not_built_before_holds_nobody() {
    let (forge, fresh) = family();
    let bad = |text: &str| package("snake", "", &format!("echo {fresh} {text}; exit 1"));
    forge.package("python", "snake", &bad("once"));
    assert_eq!(run(&forge, &["update"], ALONE).0, 0);
    forge.family.ok(&["promote", "--push"]);
    forge.package("python", "snake", &bad("twice"));
    let (code, train) = run(&forge, &["update", "--build=all"], ALONE);
    assert_eq!(code, 0, "{train:#}");
    // One that needs it is not built either.
    let failing = serde_json::json!(["eel", "snake"]);
    assert_eq!(
        repo(&train, "python")["outcome"]["failing"],
        failing,
        "{train:#}"
    );
}

#[test]
fn what_is_good_is_copied_to_a_cache() {
    let (forge, fresh) = family();
    forge.package(
        "python",
        "snake",
        &package("snake", "", &format!("echo {fresh} > $out")),
    );
    let cache = TempDir::new().unwrap();
    let to = format!("file://{}", cache.path().display());
    let (code, train) = run(&forge, &["update", "--build", "--copy-to", &to], ALONE);
    assert_eq!(code, 0, "{train:#}");
    let infos = fs::read_dir(cache.path()).unwrap().flatten();
    let infos: Vec<String> = infos
        .filter(|entry| entry.path().extension().is_some_and(|end| end == "narinfo"))
        .map(|entry| fs::read_to_string(entry.path()).unwrap())
        .collect();
    assert!(
        infos.iter().any(|info| info.contains("-snake\n")),
        "{infos:?}"
    );
    let (code, failure) = run(
        &forge,
        &["update", "--build", "--copy-to", "nonsense://x"],
        ALONE,
    );
    assert_eq!(code, 1, "{failure:#}");
}

/// Another machine: this one over ssh, with a store of its own below a folder.
struct Machine {
    sshd: Child,
    folder: TempDir,
    port: u16,
}

impl Machine {
    fn start() -> Self {
        let sshd = "/usr/sbin/sshd";
        assert!(
            Path::new(sshd).exists(),
            "there is no {sshd}: run scripts/ensure-sshd"
        );
        let folder = TempDir::new().unwrap();
        let at = |name: &str| folder.path().join(name);
        for key in ["host", "user"] {
            let made = Command::new("ssh-keygen")
                .args(["-q", "-t", "ed25519", "-N", "", "-f"])
                .arg(at(key))
                .status();
            assert!(made.unwrap().success());
        }
        fs::create_dir_all(at("nix")).unwrap();
        // Its own store is where everybody's is, in a view of the disk that only it has.
        let program = format!(
            "#!/bin/sh\nas=\nunshare --user --map-root-user --mount true 2>/dev/null && as='--user --map-root-user'\nexec unshare $as --mount sh -c 'mount --bind {0} /nix && exec nix-store \"$@\"' sh --option sandbox false --option build-users-group '' --option substitute false \"$@\"\n",
            at("nix").display()
        );
        fs::write(at("nix-store"), program).unwrap();
        fs::set_permissions(at("nix-store"), fs::Permissions::from_mode(0o755)).unwrap();
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nStrictModes no\nUsePAM no\nPidFile none\nPermitRootLogin yes\n",
            at("host").display(),
            at("user.pub").display()
        );
        fs::write(at("config"), config).unwrap();
        // As its own separate user, it needs that folder.
        let _ = fs::create_dir_all("/run/sshd");
        let sshd = Command::new(sshd)
            .args(["-D", "-e", "-f"])
            .arg(at("config"))
            .stderr(Stdio::from(fs::File::create(at("log")).unwrap()))
            .spawn()
            .unwrap();
        let machine = Self { sshd, folder, port };
        let end = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(
                Instant::now() < end,
                "sshd does not answer: {}",
                machine.log()
            );
            thread::sleep(Duration::from_millis(20));
        }
        machine
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn log(&self) -> String {
        fs::read_to_string(self.at("log")).unwrap_or_default()
    }

    /// The configuration of a Nix that builds nothing itself.
    fn config(&self) -> String {
        format!(
            "substitute = false\nmax-jobs = 0\nbuilders = ssh://127.0.0.1?remote-program={} x86_64-linux\n",
            self.at("nix-store").display()
        )
    }

    /// How ssh gets there.
    fn options(&self) -> String {
        format!(
            "-p {} -i {} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o BatchMode=yes -o LogLevel=ERROR -F /dev/null",
            self.port,
            self.at("user").display()
        )
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.sshd.kill();
        let _ = self.sshd.wait();
    }
}

#[test]
fn another_machine_builds_over_ssh() {
    let machine = Machine::start();
    let (forge, fresh) = family();
    forge.package(
        "python",
        "snake",
        &package("snake", "", &format!("echo {fresh} > $out")),
    );
    let update = |forge: &Forge| {
        let options = machine.options();
        let config = machine.config();
        let variables = [
            ("NIX_CONFIG", Path::new(&config)),
            ("NIX_SSHOPTS", Path::new(&options)),
        ];
        forge
            .family
            .run_with(&["--format", "json", "update", "--build"], &variables)
    };
    let ran = update(&forge);
    assert_eq!(
        ran.code,
        0,
        "{}\n{}\n{}",
        ran.stdout,
        ran.stderr,
        machine.log()
    );
    let built = |name: &str| {
        let end = format!("-{name}");
        let store = fs::read_dir(machine.at("nix/store")).unwrap().flatten();
        let mut names = store.map(|entry| entry.file_name().into_string().unwrap());
        names.any(|name| name.ends_with(&end))
    };
    assert!(built("snake"), "the other machine has built it");
    let bad = package("snake", "", &format!("echo {fresh} is far away; exit 1"));
    forge.package("python", "snake", &bad);
    let ran = update(&forge);
    assert_eq!(ran.code, 3, "{}\n{}", ran.stdout, ran.stderr);
    let train: Value = serde_json::from_str(&ran.stdout).unwrap();
    let broken = &hold(&train["result"], "python")["broken"];
    let snake = broken.as_array().unwrap().last().unwrap();
    assert_eq!(
        snake["log"],
        serde_json::json!([format!("{fresh} is far away")])
    );
}

#[test]
fn the_night_builds_what_the_manifest_says() {
    let (forge, fresh) = family();
    let manifest = forge.family.root.join("aux.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let with_forge = text.replace(r#"ci = { build"#, r#"ci = { github = true, build"#);
    fs::write(&manifest, with_forge).unwrap();
    forge.family.ok(&["generate"]);
    let bad = package("snake", "", &format!("echo {fresh}; exit 1"));
    forge.package("python", "snake", &bad);
    let program = Path::new(env!("CARGO_BIN_EXE_aux-gen")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let cache = TempDir::new().unwrap();
    let ran = Command::new("sh")
        .args(["ci/train.sh", "update"])
        .current_dir(&forge.family.root)
        .env("PATH", path)
        .env("NIX_CONFIG", ALONE)
        .env(
            "AUX_GEN_COPY_TO",
            format!("file://{}", cache.path().display()),
        )
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}");
    assert!(said.contains("does not build"), "{said}");
    assert!(forge.family.root.join("holds/python.json").is_file());
}
