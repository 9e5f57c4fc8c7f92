//! Problems in rustc's look.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};
use aux_model::{Problem, Related, Severity, Source};

use crate::clean;

/// One problem with its lines, in rustc's look.
pub(crate) fn render(problem: &Problem, sources: &[Source]) -> String {
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
