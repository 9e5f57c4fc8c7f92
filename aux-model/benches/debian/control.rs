//! Debian's control format, as far as a `Packages` file has it.

/// What the index says of one binary package.
#[derive(Debug, Default)]
pub(super) struct Stanza<'t> {
    pub(super) name: &'t str,
    pub(super) maintainer: &'t str,
    pub(super) description: &'t str,
    /// Whether every installation has it.
    pub(super) is_base: bool,
    /// Names it has besides its own.
    pub(super) provides: Vec<&'t str>,
    /// What it needs: for each thing the alternatives, best first.
    pub(super) needs: Vec<Vec<&'t str>>,
    /// What is installed with it unless somebody objects.
    pub(super) recommends: Vec<Vec<&'t str>>,
}

/// The packages of an index, in its order.
pub(super) fn stanzas(index: &str) -> impl Iterator<Item = Stanza<'_>> {
    index
        .split("\n\n")
        .map(stanza)
        .filter(|stanza| !stanza.name.is_empty())
}

fn stanza(text: &str) -> Stanza<'_> {
    let mut stanza = Stanza::default();
    for (field, value) in fields(text) {
        match field {
            "Package" => stanza.name = value,
            "Maintainer" => stanza.maintainer = value,
            "Description" => stanza.description = value.lines().next().unwrap_or_default(),
            "Essential" => stanza.is_base |= value == "yes",
            "Priority" => stanza.is_base |= value == "required",
            "Provides" => stanza.provides = value.split(',').map(name).collect(),
            "Depends" | "Pre-Depends" => stanza.needs.extend(relations(value)),
            "Recommends" => stanza.recommends.extend(relations(value)),
            _ => {}
        }
    }
    stanza
}

/// The fields of a stanza; a line that starts with a blank goes on with the
/// field above.
fn fields(stanza: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = stanza.trim_start_matches('\n');
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let goes_on = |at: usize| rest[at + 1..].starts_with([' ', '\t']);
        let end = rest
            .match_indices('\n')
            .map(|(at, _)| at)
            .find(|at| !goes_on(*at))
            .unwrap_or(rest.len());
        let field = &rest[..end];
        rest = rest[end..].trim_start_matches('\n');
        let (name, value) = field.split_once(':').unwrap_or((field, ""));
        Some((name, value.trim()))
    })
}

/// `a (>= 1) | b:any, c` as the names `[[a, b], [c]]`.
fn relations(value: &str) -> impl Iterator<Item = Vec<&str>> {
    value
        .split(',')
        .filter(|relation| !relation.trim().is_empty())
        .map(|relation| relation.split('|').map(name).collect())
}

/// A name without its version and architecture.
fn name(relation: &str) -> &str {
    let relation = relation.trim();
    let end = relation
        .find([' ', '(', '[', ':'])
        .unwrap_or(relation.len());
    &relation[..end]
}
