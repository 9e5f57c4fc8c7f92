//! What people and machines see: the one place that prints, and so the one place where
//! what is printed is made harmless.

mod clean;
mod progress;

use std::backtrace::{Backtrace, BacktraceStatus};
use std::ffi::OsString;
use std::fmt::Display;
use std::io;
use std::io::{IsTerminal, Write};
use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};
use aux_model::{Problem, Related, Severity, Source, printable};
use aux_output::{Ended, Envelope, Output};
use clap::Parser;
use serde::Serialize;

use crate::cli::{Cli, Color, Format, Global, ProgressChoice};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::{Report, is_documented};

pub(crate) use clean::Style;
pub(crate) use progress::Progress;

/// Where output goes and how it looks.
pub(crate) struct Terminal {
    /// The command that runs, for machines.
    command: String,
    format: Format,
    progress: ProgressChoice,
    quiet: bool,
    verbose: bool,
}

/// Styles of the few things that stand out.
pub(crate) const GOOD: Style = Style::new("1;32");
pub(crate) const BAD: Style = Style::new("1;31");
pub(crate) const NOTE: Style = Style::new("1;36");
pub(crate) const DIM: Style = Style::new("2");

impl Terminal {
    pub(crate) fn new(command: &str, global: &Global) -> Self {
        match global.color {
            Color::Auto => {}
            Color::Always => anstream::ColorChoice::Always.write_global(),
            Color::Never => anstream::ColorChoice::Never.write_global(),
        }
        Self {
            command: command.to_owned(),
            format: global.format,
            progress: global.progress,
            quiet: global.quiet,
            verbose: global.verbose,
        }
    }

    /// Whether machines read what is printed: no command needs to know.
    fn is_json(&self) -> bool {
        self.format != Format::Human
    }

    pub(crate) fn is_verbose(&self) -> bool {
        self.verbose
    }

    /// Whether a progress bar has somebody to look at it.
    fn shows_progress(&self) -> bool {
        self.progress == ProgressChoice::Auto
            && !self.quiet
            && !self.is_json()
            && io::stderr().is_terminal()
    }

    /// What a command answers.
    pub(crate) fn report<R: Report>(&self, report: &R) -> io::Result<()> {
        if self.is_json() {
            self.machine(report)
        } else {
            report.show(self)
        }
    }

    /// What a command answers, for machines whatever the format.
    pub(crate) fn machine<R: Report>(&self, report: &R) -> io::Result<()> {
        let output = report.output();
        if cfg!(debug_assertions) {
            let value = serde_json::to_value(&output).map_err(io::Error::from)?;
            assert_eq!(is_documented::<R::Output>(&value), Ok(()));
        }
        match self.format {
            Format::BareJson => self.json(&output),
            _ => self.json(&Envelope::of(R::Output::COMMAND, Ended::Result(output))),
        }
    }

    /// Why a command stopped, for machines.
    fn machine_error(&self, error: aux_output::Error) -> io::Result<()> {
        match (self.format, error.problems.is_empty()) {
            (Format::BareJson, true) => self.json(&serde_json::json!({ "error": error })),
            (Format::BareJson, false) => {
                self.json(&serde_json::json!({ "problems": error.problems }))
            }
            _ => self.json(&Envelope::of(&self.command, Ended::<()>::Error(error))),
        }
    }

    /// A result: what was asked for.
    pub(crate) fn result(&self, text: impl Display) -> io::Result<()> {
        self.raw(&format!("{text}\n"))
    }

    /// A result that is a whole text with its own line ends.
    pub(crate) fn raw(&self, text: &str) -> io::Result<()> {
        let painted = clean::paint(&clean::clean(text));
        finish(anstream::stdout().lock().write_all(painted.as_bytes()))
    }

    /// A result in a format of files, such as DOT or a script of a shell, of nothing but
    /// our own words and names that were checked: not a byte of it is changed.
    pub(crate) fn document(&self, text: &str) -> io::Result<()> {
        finish(io::stdout().lock().write_all(text.as_bytes()))
    }

    /// A result for machines.
    fn json(&self, value: &impl Serialize) -> io::Result<()> {
        let json = serde_json::to_string_pretty(value).map_err(io::Error::from)?;
        self.document(&(clean::clean_json(&json) + "\n"))
    }

    /// What is going on; not printed with `--quiet` or for machines.
    pub(crate) fn say(&self, text: impl Display) {
        if !self.quiet && !self.is_json() {
            self.warn(text);
        }
    }

    /// What somebody should see in any case.
    pub(crate) fn warn(&self, text: impl Display) {
        warn(&text.to_string());
    }

    /// Problems as a compiler shows them.
    pub(crate) fn problems<'p>(
        &self,
        problems: impl IntoIterator<Item = &'p Problem>,
        sources: &[Source],
    ) {
        for problem in problems {
            self.warn(render(problem, sources));
            self.warn("");
        }
    }

    /// Says why a command stopped.
    pub(crate) fn failure(&self, failure: &Failure) -> io::Result<()> {
        if self.is_json() {
            return self.machine_error(failure.output());
        }
        match failure {
            Failure::Problems {
                problems, sources, ..
            } => {
                self.problems(problems, sources);
                self.warn(format!("{BAD}error{BAD:#}: {}", failure.message()));
                self.warn(format!(
                    "{DIM}`aux-gen explain CODE` says more about each kind{DIM:#}"
                ));
            }
            Failure::Other { causes, hint, .. } => {
                let message = failure.message();
                self.warn(format!("{BAD}error{BAD:#}: {}", indented(&message)));
                for cause in causes {
                    self.warn(format!("  caused by: {}", indented(cause)));
                }
                if let Some(hint) = hint {
                    self.warn(format!("  {NOTE}help{NOTE:#}: {}", indented(hint)));
                }
            }
        }
        Ok(())
    }
}

/// What somebody should see, whether or not there is a [`Terminal`] yet.
fn warn(text: &str) {
    let painted = clean::paint(&clean::clean(text));
    // Nobody is left to tell if standard error is gone.
    let _gone = writeln!(anstream::stderr().lock(), "{painted}");
}

/// The command line, or what clap says of it: an error, or a help that was asked for.
///
/// # Errors
/// When there is no command to run; all has been said then.
pub(crate) fn command_line() -> Result<Cli, Exit> {
    Cli::try_parse().map_err(|error| {
        if !error.use_stderr() {
            // If nobody reads the help, nobody misses it.
            let _unread = error.print();
            return Exit::Fine;
        }
        // The words that clap repeats are shown on one line, and cannot bring colours.
        let words =
            std::env::args_os().map(|word| OsString::from(printable(&word.to_string_lossy())));
        let said = Cli::try_parse_from(words).err().unwrap_or(error);
        warn(clean::styled(&said.render().ansi().to_string()).trim_end());
        Exit::Usage
    })
}

/// Has panics printed like all else: what a library repeats of a text is no escape
/// sequence either.
pub(crate) fn clean_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let backtrace = Backtrace::capture();
        warn(&format!("{BAD}bug{BAD:#}: {panic}"));
        if backtrace.status() == BacktraceStatus::Captured {
            warn(&backtrace.to_string());
        }
    }));
}

/// A text from outside behind words of ours: its further lines are indented, so that none
/// looks like a line of ours.
pub(crate) fn indented(text: &str) -> String {
    text.trim_end().replace('\n', "\n      ")
}

/// "2 problems, 1 warning".
pub(crate) fn count<'p>(problems: impl Iterator<Item = &'p Problem>) -> String {
    let (mut errors, mut warnings) = (0, 0);
    for problem in problems {
        match problem.severity {
            Severity::Error => errors += 1,
            Severity::Warning => warnings += 1,
        }
    }
    match (errors, warnings) {
        (errors, 0) => counted(errors, "problem"),
        (0, warnings) => counted(warnings, "warning"),
        (errors, warnings) => {
            format!(
                "{}, {}",
                counted(errors, "problem"),
                counted(warnings, "warning")
            )
        }
    }
}

/// "1 repo", "2 repos".
pub(crate) fn counted(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

/// A closed pipe, as in `aux-gen where x | head -1`, is nobody's mistake.
fn finish(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// One problem with its lines, in rustc's look.
fn render(problem: &Problem, sources: &[Source]) -> String {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    // The renderer lets escape sequences pass in all but the lines of sources.
    let shown = Shown::of(problem);
    let title = level
        .primary_title(&shown.message)
        .id(problem.code.as_str());
    let source = |path: &str| sources.iter().find(|source| source.path() == path);
    let mut group = Group::with_title(title);
    let own = problem.location.as_ref().map(|location| &location.path);
    let (here, elsewhere): (Vec<&ShownRelated<'_>>, Vec<_>) = shown
        .related
        .iter()
        .partition(|related| Some(&related.of.location.path) == own);
    let mut cut = None;
    if let Some(location) = &problem.location {
        match source(&location.path).filter(|_| location.line > 0) {
            Some(text) => {
                let mut marks = vec![(AnnotationKind::Primary, span(text, location.span), None)];
                marks.extend(here.into_iter().map(|related| mark(text, related)));
                let (snippet, place) = snippet(text, &shown.path, marks);
                group = group.element(snippet);
                cut = place;
            }
            None => group = group.element(annotate_snippets::Origin::path(&shown.path)),
        }
    }
    for related in elsewhere {
        if let Some(text) = source(&related.of.location.path) {
            let marks = vec![mark(text, related)];
            group = group.element(snippet(text, &related.path, marks).0);
        }
    }
    if let Some(help) = &shown.help {
        group = group.element(Level::HELP.message(help));
    }
    let renderer = Renderer::styled().decor_style(DecorStyle::Ascii);
    let rendered = renderer.render(&[group]);
    clean::styled(&match cut {
        Some((in_part, in_file)) => rendered.replacen(&in_part, &in_file, 1),
        None => rendered,
    })
}

/// The texts of a problem as they are shown.
struct Shown<'p> {
    message: String,
    help: Option<String>,
    /// Where it is; empty if it is nowhere.
    path: String,
    related: Vec<ShownRelated<'p>>,
}

/// The texts of a place that a problem points at too.
struct ShownRelated<'p> {
    of: &'p Related,
    label: String,
    path: String,
}

impl<'p> Shown<'p> {
    fn of(problem: &'p Problem) -> Self {
        let path = problem.location.as_ref().map(|location| &*location.path);
        let related = problem.related.iter().map(|related| ShownRelated {
            of: related,
            label: clean::clean_line(&related.label),
            path: clean::clean_line(&related.location.path),
        });
        Self {
            message: clean::clean_line(&problem.message),
            help: problem.help.as_deref().map(clean::clean_line),
            path: clean::clean_line(path.unwrap_or_default()),
            related: related.collect(),
        }
    }
}

/// A part of a text to point at, and what to write there.
type Mark<'p> = (AnnotationKind, Range<usize>, Option<&'p str>);

fn mark<'p>(source: &Source, related: &'p ShownRelated<'_>) -> Mark<'p> {
    let span = span(source, related.of.location.span);
    (AnnotationKind::Context, span, Some(related.label.as_str()))
}

/// The lines from the first mark to the last. Only they are handed in, because all that
/// is handed in takes time, and a manifest may have megabytes. Of lines that are too long
/// for that the part around the mark that is told first is shown; then the place as it is
/// in that part comes along, and as it is in the file.
fn snippet<'p>(
    source: &'p Source,
    path: &'p str,
    mut marks: Vec<Mark<'p>>,
) -> (Snippet<'p, Annotation<'p>>, Option<(String, String)>) {
    /// Bytes of the lines that are handed in.
    const LONGEST: usize = 4 << 10;
    /// Bytes on both sides of the mark of what is longer.
    const AROUND: usize = 200;
    let text = source.text();
    let first = marks.iter().map(|(_, span, _)| span.start).min();
    let first = first.unwrap_or(0);
    let last = marks.iter().map(|(_, span, _)| span.end).max();
    let last = last.unwrap_or(first);
    // A line end that is further away is not looked for: each problem would look again.
    let before = text.floor_char_boundary(first.saturating_sub(LONGEST));
    let behind = text.ceil_char_boundary((last + LONGEST).min(text.len()));
    let newline = text[before..first].rfind('\n');
    let mut start = newline.map_or(before, |newline| before + newline + 1);
    let newline = text[last..behind].find('\n');
    let mut end = newline.map_or(behind, |newline| last + newline + 1);
    let mut place = None;
    if end - start > LONGEST {
        let told = marks.first().map_or(first, |(_, span, _)| span.start);
        let near = text.floor_char_boundary(told.saturating_sub(AROUND));
        let newline = text[near..told].rfind('\n');
        start = newline.map_or(near, |newline| near + newline + 1);
        let far = text.ceil_char_boundary((told + AROUND).min(text.len()));
        end = text[told..far].find('\n').map_or(far, |at| told + at);
        marks.retain(|(_, span, _)| (start..=end).contains(&span.start));
        for (_, span, _) in &mut marks {
            span.end = span.end.min(end);
        }
        let at = source.location(told..told);
        let column = text[start..told].chars().count() + 1;
        let (line, whole) = (at.line, at.column);
        place = Some((
            format!("{path}:{line}:{column}"),
            format!("{path}:{line}:{whole}"),
        ));
    }
    let line = source.location(start..start).line;
    let snippet = Snippet::source(&text[start..end])
        .line_start(line as usize)
        .path(path);
    let marks = marks
        .into_iter()
        .map(|(kind, span, label)| kind.span(span.start - start..span.end - start).label(label));
    (snippet.annotations(marks), place)
}

/// A span on character boundaries and of at most its first line: a whole table
/// would bury the message.
fn span(source: &Source, (start, end): (u32, u32)) -> Range<usize> {
    let text = source.text();
    let start = text.floor_char_boundary(start as usize);
    let end = text.ceil_char_boundary(end as usize).max(start);
    let line = text[start..end].find('\n').map_or(end, |at| start + at);
    start..line
}

/// The name of a commit as people read it.
pub(crate) fn short(commit: &str) -> &str {
    /// As many digits.
    const SHORT: usize = 10;
    commit.get(..SHORT).unwrap_or(commit)
}
