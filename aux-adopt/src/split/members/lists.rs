//! Lists of calls, such as `python-packages.nix`, and how they and what they call are used otherwise.

use std::collections::{BTreeMap, BTreeSet};

use aux_gen::disk::read_text;
use aux_nix::language::paths::{PathStart, is_within, parent, path_literals, resolve};
use aux_nix::language::tokens;
use rnix::SyntaxKind::{
    self, TOKEN_COMMENT, TOKEN_DOT, TOKEN_IDENT, TOKEN_INHERIT, TOKEN_L_PAREN, TOKEN_R_PAREN,
    TOKEN_WHITESPACE,
};

use crate::relayout::{Call, calls};
use crate::split::monorepo::{Monorepo, TreeError};

/// The lists of a tree, and how they and what they call are used otherwise.
pub(super) struct Lists<'m> {
    monorepo: &'m Monorepo,
    /// All entries, by the name that they define.
    entries: BTreeMap<String, Vec<Call>>,
    /// How often each target is called.
    called: BTreeMap<String, usize>,
    /// How many paths lead to each file.
    read: BTreeMap<String, usize>,
    /// Names that some overlay takes from what is below it.
    below: BTreeSet<String>,
}

impl<'m> Lists<'m> {
    pub(super) fn of(monorepo: &'m Monorepo) -> Result<Self, TreeError> {
        let mut lists = Self {
            monorepo,
            entries: BTreeMap::new(),
            called: BTreeMap::new(),
            read: BTreeMap::new(),
            below: BTreeSet::new(),
        };
        for file in monorepo.files.iter().filter(|file| file.ends_with(".nix")) {
            let path = monorepo.root().join(file);
            if monorepo.unread.contains_key(file) || !path.is_file() || path.is_symlink() {
                continue;
            }
            let text = read_text(&path)?;
            for call in calls(file, &text) {
                *lists.called.entry(call.target.clone()).or_default() += 1;
                let of_name = lists.entries.entry(call.name.clone()).or_default();
                of_name.push(call);
            }
            let literals = path_literals(&text);
            let relative = literals
                .iter()
                .filter(|literal| literal.kind == PathStart::Relative);
            for target in relative.filter_map(|literal| resolve(parent(file), literal.text)) {
                *lists.read.entry(target).or_default() += 1;
            }
            lists.below.extend(taken_from_below(&text));
        }
        Ok(lists)
    }

    /// The entries that define a name.
    pub(super) fn entries(&self, name: &str) -> &[Call] {
        self.entries.get(name).map_or(&[], Vec::as_slice)
    }

    /// Why what a call leads to cannot go elsewhere.
    pub(super) fn stays(&self, call: &Call) -> Option<String> {
        let Call {
            file, target, name, ..
        } = call;
        let files = &self.monorepo.files;
        let function = |file: &str| files.contains(&format!("{target}/{file}"));
        let mut units = self.monorepo.units.iter();
        let unit = units.find(|(_, unit)| {
            let directory = &unit.directory;
            is_within(directory, target)
                || is_within(target, directory) && !is_within(file, directory)
        });
        let start = format!("{target}/");
        let mut nested = self.called.range(start.clone()..);
        let nested = nested.next().filter(|(other, _)| other.starts_with(&start));
        let mut ends = target.match_indices('/').map(|(end, _)| &target[..end]);
        // A folder that has the list itself is what the set is made by.
        let around = ends.find(|above| self.called.contains_key(*above) && !is_within(file, above));
        if self.called.get(target) != Some(&1) {
            Some(format!("`{target}` is called in more than one place"))
        } else if let Some((unit, _)) = unit {
            Some(format!("`{target}` is of the package `{unit}`"))
        } else if let Some(other) = nested.map(|(other, _)| other.as_str()).or(around) {
            Some(format!(
                "`{other}`, which is called, too, is a part of it, or it of that"
            ))
        } else if self.read.get(file).copied().unwrap_or_default() > 1 {
            Some(format!("`{file}` is used in more than one place"))
        } else if self.below.contains(name) {
            Some("an overlay takes it from what is below it (`super` or `prev`)".to_owned())
        } else if function("default.nix") && function("package.nix") {
            Some(format!(
                "`{target}` has both `default.nix` and `package.nix`"
            ))
        } else if !function("default.nix") && !files.contains(target) {
            Some(format!("`{target}` is no function that git follows"))
        } else {
            None
        }
    }
}

/// The attributes that a text selects from `super` or `prev`, as overlays call what is below them.
fn taken_from_below(text: &str) -> BTreeSet<String> {
    let words: Vec<(SyntaxKind, &str)> = tokens(text)
        .filter(|(kind, _)| !matches!(kind, TOKEN_WHITESPACE | TOKEN_COMMENT))
        .collect();
    let is_below = |word: &str| matches!(word, "super" | "prev");
    let mut taken = BTreeSet::new();
    for (at, window) in words.windows(3).enumerate() {
        match window {
            [(TOKEN_IDENT, set), (TOKEN_DOT, _), (TOKEN_IDENT, name)] if is_below(set) => {
                taken.insert((*name).to_owned());
            }
            [(TOKEN_L_PAREN, _), (TOKEN_IDENT, set), (TOKEN_R_PAREN, _)]
                if is_below(set) && at > 0 && words[at - 1].0 == TOKEN_INHERIT =>
            {
                let names = words[at + 3..].iter();
                let names = names.take_while(|(kind, _)| *kind == TOKEN_IDENT);
                taken.extend(names.map(|(_, name)| (*name).to_owned()));
            }
            _ => {}
        }
    }
    taken
}
