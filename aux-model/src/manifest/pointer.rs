//! Where a place is in the tree of a manifest, as programs write it.

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::manifest::numbered;
use aux_problems::{Location, Source};
use aux_problems::{Problem, Problems};

/// Problems in order of place; each place in these sources gets its JSON pointer.
pub(crate) fn pointed(sources: &[Source], mut problems: Vec<Problem>) -> Problems {
    point(sources, &mut problems);
    Problems::new(problems)
}

/// Gives each location of a problem that is in one of the sources its JSON pointer.
///
/// One walk through each text that has problems: it looks for the smallest key or value that
/// holds the place.
fn point(sources: &[Source], problems: &mut [Problem]) {
    let is_source = |location: &Location| {
        let mut paths = sources.iter().map(Source::path);
        paths.any(|path| *path == *location.path)
    };
    let mut places: Vec<&mut Location> = problems
        .iter_mut()
        .flat_map(|problem| {
            let related = problem.related.iter_mut();
            let related = related.map(|related| &mut related.location);
            problem.location.iter_mut().chain(related)
        })
        .filter_map(|location| {
            let is_whole = location.line == 0 && location.span.1 == 0;
            if is_whole && is_source(location) {
                location.pointer = Some(Arc::from(""));
            }
            (!is_whole).then_some(location)
        })
        .collect();
    for source in sources {
        let mut here: Vec<(&mut Location, usize)> = places
            .iter_mut()
            .filter(|place| *place.path == *source.path())
            .map(|place| (&mut **place, usize::MAX))
            .collect();
        if here.is_empty() {
            continue;
        }
        here.sort_by_key(|(place, _)| place.span.0);
        let mut walk = Walk {
            pointer: String::new(),
            places: here,
        };
        if source.is_numbered() {
            if let Ok(root) = numbered::read(source.text()) {
                walk.value(&root);
            }
        } else {
            let (root, _) = DeTable::parse_recoverable(source.text());
            walk.table(root.get_ref());
        }
    }
}

struct Walk<'p> {
    /// Of what is visited.
    pointer: String,
    /// Places in this source by where they start, each with the length of what its pointer names.
    places: Vec<(&'p mut Location, usize)>,
}

impl Walk<'_> {
    fn table(&mut self, table: &DeTable<'_>) {
        for (key, value) in table {
            self.enter(&escaped(key.get_ref()), |walk| {
                walk.visit(key.span());
                walk.value(value);
            });
        }
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>) {
        self.visit(value.span());
        match value.get_ref() {
            DeValue::Table(table) => self.table(table),
            DeValue::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    // The first of tables with headers has the place of all of them.
                    let is_list = item.span() == value.span();
                    self.enter(&index.to_string(), |walk| match item.get_ref() {
                        DeValue::Table(table) if is_list => walk.table(table),
                        _ => walk.value(item),
                    });
                }
            }
            _ => {}
        }
    }

    fn enter(&mut self, token: &str, visit: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(token);
        visit(self);
        self.pointer.truncate(length);
    }

    /// Names this key or value for every place in it for which nothing as small is known.
    fn visit(&mut self, span: Range<usize>) {
        let first =
            |start: usize| move |place: &(&mut Location, usize)| (place.0.span.0 as usize) < start;
        let from = self.places.partition_point(first(span.start));
        let to = self.places.partition_point(first(span.end));
        for (place, smallest) in &mut self.places[from..to.max(from)] {
            if span.len() <= *smallest {
                *smallest = span.len();
                place.pointer = Some(Arc::from(self.pointer.as_str()));
            }
        }
    }
}

/// A key as a reference token (RFC 6901, section 3).
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
