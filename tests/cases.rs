//! Runs every case of `tests/cases`: a directory with the files before, the
//! commands, and what they must print and leave behind. `tests/README.md` says
//! how to add one.
//!
//! The directories are listed when the tests run, so a new one is never missed;
//! finding none at all is a failure.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stderr,
    reason = "the runner prepares directories and starts the program under test"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::LazyLock;

use libtest_mimic::{Arguments, Failed, Trial};
use regex::Regex;

/// Rewrites what is expected instead of comparing with it.
const BLESS: &str = "AUX_GEN_BLESS";
/// A line that stands for any number of lines of output.
const ANYTHING: &str = "...";
/// Between commands, and between their outputs.
const NEXT: &str = "---";

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases");
    let cases = match cases(&root) {
        Ok(cases) if !cases.is_empty() => cases,
        Ok(_) => {
            eprintln!("error: there is no case in {}", root.display());
            return ExitCode::FAILURE;
        }
        Err(error) => {
            eprintln!("error: cannot list {}: {error}", root.display());
            return ExitCode::FAILURE;
        }
    };
    let trials = cases
        .into_iter()
        .map(|(name, directory)| Trial::test(name, move || Case { directory }.run()))
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// `GROUP/CASE` directories, by name.
fn cases(root: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let mut cases = Vec::new();
    for group in directories(root)? {
        for case in directories(&group)? {
            cases.push((format!("{}/{}", name_of(&group), name_of(&case)), case));
        }
    }
    Ok(cases)
}

fn directories(parent: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(parent)? {
        let path = entry?.path();
        if path.is_dir() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

struct Case {
    directory: PathBuf,
}

/// One section of `cmd`.
enum Step {
    /// Arguments of aux-gen.
    Run(Vec<String>),
    /// What a person does to the tree, one action a line.
    Edit(Vec<String>),
}

impl Case {
    fn run(&self) -> Result<(), Failed> {
        let place = tempfile::tempdir().map_err(failed("make a temporary directory"))?;
        let place = fs::canonicalize(place.path())
            .map(|path| (path, place))
            .map_err(failed("find the temporary directory"))?;
        let tree = place.0.join("family");
        fs::create_dir(&tree).map_err(failed("make the tree"))?;
        let before = self.directory.join("in");
        if before.is_dir() {
            copy(&before, &tree).map_err(failed("copy `in`"))?;
        }
        let mut start = snapshot(&tree).map_err(failed("read the tree"))?;
        let (mut stdout, mut stderr, mut exits) = (Vec::new(), Vec::new(), Vec::new());
        for step in self.steps()? {
            match step {
                Step::Edit(actions) => {
                    for action in actions {
                        self.edit(&tree, &action)?;
                    }
                    if exits.is_empty() {
                        start = snapshot(&tree).map_err(failed("read the tree"))?;
                    }
                }
                Step::Run(arguments) => {
                    let output = aux_gen(&tree, &arguments)?;
                    let shown = |bytes: &[u8]| self.shown(&tree, bytes);
                    stdout.push(shown(&output.stdout));
                    stderr.push(shown(&output.stderr));
                    exits.push(match output.status.code() {
                        Some(code) => code.to_string(),
                        None => output.status.to_string(),
                    });
                }
            }
        }
        let exit = if exits.iter().all(|exit| exit == "0") {
            String::new()
        } else {
            exits.join("\n") + "\n"
        };
        let mut report = String::new();
        self.expect("exit", &exit, &mut report)?;
        self.expect("stdout.txt", &joined(&stdout), &mut report)?;
        self.expect("stderr.txt", &joined(&stderr), &mut report)?;
        let end = snapshot(&tree).map_err(failed("read the tree"))?;
        self.expect_tree(&start, &end, &mut report)?;
        if report.is_empty() {
            Ok(())
        } else {
            writeln!(
                report,
                "case {}\nif this is what should happen: {BLESS}=1 cargo test --test cases",
                self.directory.display()
            )?;
            Err(report.into())
        }
    }

    fn steps(&self) -> Result<Vec<Step>, Failed> {
        let text = self
            .read("cmd")?
            .unwrap_or_else(|| "check\n".to_owned())
            .trim_end_matches('\n')
            .to_owned();
        let mut steps = vec![Vec::new()];
        for line in text.lines() {
            if line == NEXT {
                steps.push(Vec::new());
            } else if let Some(step) = steps.last_mut() {
                step.push(line.to_owned());
            }
        }
        Ok(steps
            .into_iter()
            .map(|lines| match lines.first() {
                Some(first) if first.starts_with('!') => Step::Edit(lines),
                _ => Step::Run(lines),
            })
            .collect())
    }

    /// One line that starts with `!`.
    fn edit(&self, tree: &Path, action: &str) -> Result<(), Failed> {
        let (verb, rest) = action.split_once(' ').unwrap_or((action, ""));
        let (path, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let file = tree.join(path);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).map_err(failed(action))?;
        }
        let done = match verb {
            "!write" => fs::write(&file, format!("{rest}\n")),
            "!append" => fs::read(&file).and_then(|mut text| {
                text.extend_from_slice(format!("{rest}\n").as_bytes());
                fs::write(&file, text)
            }),
            "!repeat" => match rest.split_once(' ') {
                Some((count, text)) => count
                    .parse()
                    .map_err(io::Error::other)
                    .and_then(|count| fs::write(&file, text.repeat(count))),
                None => Err(io::Error::other("it takes a number and a text")),
            },
            "!copy" => fs::copy(self.directory.join(rest), &file).map(|_| ()),
            "!remove" if file.is_dir() && !file.is_symlink() => fs::remove_dir_all(&file),
            "!remove" => fs::remove_file(&file),
            "!directory" => fs::create_dir_all(&file),
            "!link" => symlink(rest, &file),
            _ => return Err(format!("`cmd`: there is no action `{verb}`").into()),
        };
        done.map_err(failed(action))
    }

    /// Output without what differs from run to run.
    fn shown(&self, tree: &Path, bytes: &[u8]) -> String {
        let version = env!("CARGO_PKG_VERSION");
        // The commit, the machine and the compiler of a build stand behind its version.
        static BUILD: LazyLock<Regex> = LazyLock::new(|| {
            let lines = "(\ncommit: .*\ntarget: .*\nprofile: .*\nrustc: .*)?";
            let rule = format!(r"\(([0-9a-f]{{10}}|unknown)( \d{{4}}-\d\d-\d\d)?\){lines}");
            Regex::new(&rule).expect("it is a rule")
        });
        let text = String::from_utf8_lossy(bytes);
        BUILD
            .replace_all(&text, "([BUILD])")
            .replace(&*tree.to_string_lossy(), "[DIR]")
            .replace(&format!("aux-gen {version}"), "aux-gen [VERSION]")
            .replace(&format!("@v{version}"), "@v[VERSION]")
            .replace(&format!("build: v{version}"), "build: v[VERSION]")
            .replace(&format!("--tag v{version}"), "--tag v[VERSION]")
    }

    fn read(&self, name: &str) -> Result<Option<String>, Failed> {
        match fs::read_to_string(self.directory.join(name)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(name)(error)),
        }
    }

    /// Compares a text with a file of the case; no file is an empty text.
    fn expect(&self, name: &str, actual: &str, report: &mut String) -> Result<(), Failed> {
        let expected = self.read(name)?.unwrap_or_default();
        if fits(&expected, actual) {
            return Ok(());
        }
        if blessing() {
            let file = self.directory.join(name);
            return if actual.is_empty() {
                fs::remove_file(file)
            } else {
                fs::write(file, actual)
            }
            .map_err(failed(name));
        }
        differ(name, &expected, actual, report)
    }

    fn expect_tree(&self, start: &Tree, end: &Tree, report: &mut String) -> Result<(), Failed> {
        let out = self.directory.join("out");
        let changes = changes(start, end);
        let listed = self.directory.join("tree.txt").exists();
        if listed {
            self.expect_listed("tree.txt", &changes, report)?;
        } else if !out.exists() {
            if changes.is_empty() {
                return Ok(());
            }
            if blessing() {
                fs::create_dir(&out).map_err(failed("make `out`"))?;
            } else {
                return differ("the tree", "", &changes, report);
            }
        }
        if !out.exists() {
            return Ok(());
        }
        let mut expected = Tree::new();
        walk(&out, &out, &mut expected).map_err(failed("read `out`"))?;
        let expected: Tree = expected
            .into_iter()
            .map(|(path, entry)| (path.replace("dot.gitignore", ".gitignore"), entry))
            .collect();
        let paths = expected
            .keys()
            .chain(end.keys().filter(|_| !listed))
            .collect::<std::collections::BTreeSet<_>>();
        for path in paths {
            let (before, after) = (expected.get(path), end.get(path));
            // git keeps no empty directories, so `out` cannot say where they are.
            if before == after
                || matches!(
                    (before, after),
                    (None | Some(Entry::Directory), None | Some(Entry::Directory))
                )
            {
                continue;
            }
            if blessing() {
                self.bless_entry(&out.join(disguised(path)), after)?;
            } else {
                let text = |entry: Option<&Entry>| entry.map_or_else(String::new, Entry::text);
                differ(&format!("out/{path}"), &text(before), &text(after), report)?;
            }
        }
        Ok(())
    }

    /// As [`Self::expect`], for a file that says by being there, even empty,
    /// that it is to be compared.
    fn expect_listed(&self, name: &str, actual: &str, report: &mut String) -> Result<(), Failed> {
        let expected = self.read(name)?.unwrap_or_default();
        if expected == actual {
            Ok(())
        } else if blessing() {
            fs::write(self.directory.join(name), actual).map_err(failed(name))
        } else {
            differ(name, &expected, actual, report)
        }
    }

    fn bless_entry(&self, path: &Path, entry: Option<&Entry>) -> Result<(), Failed> {
        if path.symlink_metadata().is_ok() {
            fs::remove_file(path).map_err(failed("bless"))?;
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed("bless"))?;
        }
        match entry {
            None | Some(Entry::Directory) => Ok(()),
            Some(Entry::File(bytes)) => fs::write(path, bytes),
            Some(Entry::Link(target)) => symlink(target, path),
        }
        .map_err(failed("bless"))
    }
}

/// The day of all cases, in seconds since 1970.
const NEW_YEAR_2027: &str = "1798761600";

fn blessing() -> bool {
    std::env::var_os(BLESS).is_some_and(|value| value == "1")
}

fn aux_gen(tree: &Path, arguments: &[String]) -> Result<std::process::Output, Failed> {
    Command::new(env!("CARGO_BIN_EXE_aux-gen"))
        .args(arguments)
        .current_dir(tree)
        .env_remove("COLUMNS")
        .env_remove("CLICOLOR_FORCE")
        .env("NO_COLOR", "1")
        .env("SOURCE_DATE_EPOCH", NEW_YEAR_2027)
        .output()
        .map_err(failed("start aux-gen"))
}

/// What each command printed; nothing at all is an empty text.
fn joined(outputs: &[String]) -> String {
    if outputs.iter().all(String::is_empty) {
        return String::new();
    }
    outputs.join(&format!("{NEXT}\n"))
}

/// Whether a text is the expected one, in which a line `...` stands for any lines.
fn fits(expected: &str, actual: &str) -> bool {
    if expected == actual {
        return true;
    }
    let expected: Vec<&str> = expected.split('\n').collect();
    let actual: Vec<&str> = actual.split('\n').collect();
    if !expected.contains(&ANYTHING) {
        return false;
    }
    let mut parts = expected.split(|line| *line == ANYTHING);
    let (Some(head), Some(tail)) = (parts.next(), parts.next_back()) else {
        return false;
    };
    if actual.len() < head.len() + tail.len()
        || !actual.starts_with(head)
        || !actual.ends_with(tail)
    {
        return false;
    }
    let mut rest = &actual[head.len()..actual.len() - tail.len()];
    for part in parts.filter(|part| !part.is_empty()) {
        match rest.windows(part.len()).position(|lines| lines == part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

fn differ(name: &str, expected: &str, actual: &str, report: &mut String) -> Result<(), Failed> {
    let patch = diffy::DiffOptions::new()
        .set_original_filename(format!("expected {name}"))
        .set_modified_filename(format!("actual {name}"))
        .create_patch(expected, actual)
        .to_string();
    writeln!(report, "{patch}")?;
    Ok(())
}

/// What a run remembers for the next one; git ignores it.
const CACHE: &str = ".aux-gen/local";

/// Everything in a directory, by path relative to it.
type Tree = BTreeMap<String, Entry>;

#[derive(PartialEq, Eq)]
enum Entry {
    File(Vec<u8>),
    Link(PathBuf),
    Directory,
}

impl Entry {
    fn text(&self) -> String {
        match self {
            Self::File(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Self::Link(target) => format!("link to {}\n", target.display()),
            Self::Directory => "directory\n".to_owned(),
        }
    }
}

fn snapshot(tree: &Path) -> io::Result<Tree> {
    let mut found = Tree::new();
    walk(tree, tree, &mut found)?;
    Ok(found)
}

fn walk(root: &Path, directory: &Path, found: &mut Tree) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path
            .strip_prefix(root)
            .map_err(io::Error::other)?
            .to_string_lossy()
            .into_owned();
        if name.ends_with(CACHE) {
            continue;
        }
        let kind = fs::symlink_metadata(&path)?.file_type();
        if kind.is_symlink() {
            found.insert(name, Entry::Link(fs::read_link(&path)?));
        } else if kind.is_dir() {
            found.insert(name, Entry::Directory);
            walk(root, &path, found)?;
        } else {
            found.insert(name, Entry::File(fs::read(&path)?));
        }
    }
    Ok(())
}

/// One line for each file that came, changed or went.
fn changes(start: &Tree, end: &Tree) -> String {
    let mut lines = String::new();
    let paths: std::collections::BTreeSet<&String> = start.keys().chain(end.keys()).collect();
    for path in paths {
        let sign = match (start.get(path), end.get(path)) {
            (None, Some(Entry::Directory)) | (Some(Entry::Directory), None) => continue,
            (None, _) => '+',
            (_, None) => '-',
            (before, after) if before != after => '~',
            _ => continue,
        };
        lines.push(sign);
        lines.push(' ');
        lines.push_str(path);
        lines.push('\n');
    }
    lines
}

/// The name that a file has in a case: git would obey a `.gitignore`.
fn disguised(path: &str) -> String {
    path.replace(".gitignore", "dot.gitignore")
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let source = entry?.path();
        let target = to.join(name_of(&source).replace("dot.gitignore", ".gitignore"));
        let kind = fs::symlink_metadata(&source)?.file_type();
        if kind.is_symlink() {
            symlink(fs::read_link(&source)?, &target)?;
        } else if kind.is_dir() {
            fs::create_dir(&target)?;
            copy(&source, &target)?;
        } else {
            fs::copy(&source, &target)?;
        }
    }
    Ok(())
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn failed(what: &str) -> impl FnOnce(io::Error) -> Failed {
    let what = what.to_owned();
    move |error| format!("cannot {what}: {error}").into()
}
