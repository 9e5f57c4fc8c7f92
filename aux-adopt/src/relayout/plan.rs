//! What moves where, and which texts change with it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use aux_gen::disk::FUNCTIONS;
use aux_model::{AttrName, BY_NAME};
use aux_nix::language::paths::{is_below, is_within, rewritten};
use serde::Serialize;

use crate::relayout::text::{Call, GIVEN, Reader};
use crate::relayout::tree::{PathUse, Tree};

/// A package that goes into its by-name directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Move {
    /// Its attribute.
    pub name: AttrName,
    /// The folder, or the file, that it leaves.
    pub from: String,
    /// The directory that it goes to.
    pub to: String,
}

/// What a conversion would do.
#[derive(Debug, Default, Serialize)]
pub struct Relayout {
    /// The packages that move, by name.
    pub moves: Vec<Move>,
    /// Places that stay, each with the reason.
    pub left: BTreeMap<String, String>,
    /// Texts that change: before and after, by the path they have before the moves. A new file has
    /// none before.
    #[serde(skip)]
    pub edits: BTreeMap<String, (Option<String>, String)>,
    /// Folders that move and have a `package.nix` already.
    #[serde(skip)]
    pub(super) has_entry: BTreeSet<String>,
}

/// How the moved packages are read from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// The tree reads by-name directories already.
    There,
    /// Where a folder was read, an overlay.
    Overlay,
    /// Where a folder was read, a set, called with `callPackage` as this text names it.
    Set(&'static str),
}

/// In the order in which they are tried. What calls are made by in lists stands there.
const FORMS: [Form; 6] = [
    Form::There,
    Form::Overlay,
    Form::Set("callPackage"),
    Form::Set("final.callPackage"),
    Form::Set("self.callPackage"),
    Form::Set("pkgs.callPackage"),
];

/// One way to convert: which binding of each folder reads it for the package set, by number, and
/// what that becomes.
#[derive(Debug, Clone)]
pub(super) struct Way {
    form: Form,
    readers: Vec<usize>,
}

/// More ways than this are not tried: each is an evaluation of the whole.
const MOST_WAYS: usize = 24;

/// The file that has every package of by-name directories.
pub(super) const LIST: &str = "pkgs/by-name.nix";

/// Its text.
const LIST_TEXT: &str =
    "# Every package of `by-name` (RFC 140), by attribute: the file that `callPackage` calls.
let
  folders =
    path:
    let
      entries = if builtins.pathExists path then builtins.readDir path else { };
    in
    builtins.filter (name: entries.${name} == \"directory\") (builtins.attrNames entries);
in
builtins.listToAttrs (
  builtins.concatMap (
    shard:
    map (name: {
      inherit name;
      value = ./by-name + \"/${shard}/${name}/package.nix\";
    }) (folders (./by-name + \"/${shard}\"))
  ) (folders ./by-name)
)
";

impl Tree {
    /// What stays where nothing is tried.
    pub(super) fn nothing(&self) -> Relayout {
        let mut plan = Relayout::default();
        self.name_unused(&mut plan);
        plan
    }

    fn name_unused(&self, plan: &mut Relayout) {
        for (folder, reason) in &self.unused {
            let reason = format!(
                "`callPackage` of its folders does not give what the set has under their names: {reason}"
            );
            plan.left.insert(folder.clone(), reason);
        }
    }

    /// Whether the file that is to list the packages is there, with another text.
    pub(super) fn has_another_list(&self) -> bool {
        let is_ours = |text: &String| text == LIST_TEXT;
        self.files.contains(LIST) && !self.texts.get(LIST).is_some_and(is_ours)
    }

    /// The ways to try; none if there is nothing to convert.
    pub(super) fn ways(&self) -> Vec<Way> {
        let roots: BTreeSet<&str> = self
            .readers
            .iter()
            .map(|reader| reader.root.as_str())
            .collect();
        let mut chosen: Vec<Vec<usize>> = vec![Vec::new()];
        for root in roots {
            let readers = self.readers.iter().enumerate();
            let readers: Vec<usize> = readers
                .filter(|(_, reader)| reader.root == root)
                .map(|(number, _)| number)
                .collect();
            chosen = chosen
                .into_iter()
                .flat_map(|one| {
                    readers
                        .iter()
                        .map(move |number| [&one[..], &[*number]].concat())
                })
                .collect();
        }
        let reads_no_folder = self.readers.is_empty();
        if reads_no_folder && self.calls.is_empty() {
            return Vec::new();
        }
        let has_by_name = self.files.iter().any(|file| is_below(file, BY_NAME));
        let forms = FORMS
            .into_iter()
            .filter(|form| *form != Form::There || has_by_name);
        // Where only lists change, how a folder would be read makes no difference.
        let forms = forms.take(if reads_no_folder { 2 } else { FORMS.len() });
        let ways = forms.flat_map(|form| {
            chosen.iter().map(move |readers| Way {
                form,
                readers: readers.clone(),
            })
        });
        ways.take(MOST_WAYS).collect()
    }

    /// What a conversion would do, but for some packages.
    pub(super) fn plan(&self, way: &Way, without: &BTreeSet<AttrName>) -> Relayout {
        let mut plan = Relayout::default();
        let mut sources: BTreeMap<AttrName, Source<'_>> = BTreeMap::new();
        let chosen = || way.readers.iter().map(|number| &self.readers[*number]);
        for reader in chosen() {
            self.folder(reader, &mut sources, &mut plan, without);
        }
        let mut twice: BTreeMap<&str, usize> = BTreeMap::new();
        for call in self.calls.iter().filter(|call| call.stays != Some(GIVEN)) {
            *twice.entry(&call.target).or_default() += 1;
        }
        for call in &self.calls {
            let is_own = twice
                .get(call.target.as_str())
                .is_none_or(|times| *times == 1);
            self.call(call, is_own, &mut sources, &mut plan, without);
        }
        for (name, source) in &sources {
            if self.files.contains(&format!("{}/package.nix", source.from)) {
                plan.has_entry.insert(source.from.clone());
            }
            plan.moves.push(Move {
                name: name.clone(),
                from: source.from.clone(),
                to: name.directory(),
            });
        }
        for mention in &self.mentions {
            let is_chosen =
                |reader: &Reader| reader.file == mention.file && reader.value.contains(&mention.at);
            if chosen().any(|reader| reader.root == mention.root) && !chosen().any(is_chosen) {
                let place = format!("{}:{}", mention.file, mention.line);
                let reason = format!(
                    "it reads `{}`, too, and not for the package set: look at it",
                    mention.root
                );
                plan.left.insert(place, reason);
            }
        }
        self.name_unused(&mut plan);
        self.computed(&chosen().collect::<Vec<_>>(), &mut plan);
        let unread = "it cannot be read: paths in it stay as they are".to_owned();
        plan.left.extend(
            self.unread
                .iter()
                .map(|file| (file.clone(), unread.clone())),
        );
        if !plan.moves.is_empty() {
            let readers: Vec<&Reader> = chosen().collect();
            self.edit(way.form, &readers, &sources, &mut plan);
        }
        plan
    }

    /// Names the texts that have a path to a folder from which packages move, and go on from there
    /// in a way that nobody can follow.
    fn computed(&self, readers: &[&Reader], plan: &mut Relayout) {
        let mut above: BTreeSet<&str> = BTreeSet::new();
        for one in &plan.moves {
            let ends = one.from.match_indices('/').map(|(at, _)| at);
            above.extend(ends.map(|end| &one.from[..end]));
            above.insert("");
        }
        let mut named = Vec::new();
        for (target, uses) in &self.paths {
            if !above.contains(target.as_str()) {
                continue;
            }
            let others = uses.iter().filter(|path| !path.is_imported);
            for path in others {
                let is_read = readers
                    .iter()
                    .any(|reader| reader.file == path.file && reader.value.contains(&path.at));
                if !is_read {
                    let folder = if target.is_empty() { "." } else { target };
                    let place = format!("{}:{}", path.file, path.line);
                    named.push((place, format!("it leads to `{folder}`, from where packages move, and what it makes of that is not known: look at it")));
                }
            }
        }
        for (place, reason) in named {
            plan.left.entry(place).or_insert(reason);
        }
    }

    /// The packages of a folder.
    fn folder<'t>(
        &'t self,
        reader: &'t Reader,
        sources: &mut BTreeMap<AttrName, Source<'t>>,
        plan: &mut Relayout,
        without: &BTreeSet<AttrName>,
    ) {
        for (folder, entry) in self.packages_of(&reader.root) {
            let name = folder.rsplit('/').next().unwrap_or_default();
            match self.movable(name, folder, sources, without) {
                Ok(name) => {
                    sources.insert(
                        name,
                        Source {
                            from: folder.to_owned(),
                            entry: Some(entry),
                            call: None,
                        },
                    );
                }
                Err(reason) => {
                    plan.left.insert(folder.to_owned(), reason);
                }
            }
        }
    }

    /// The folders of packages in a root, each with its file.
    fn packages_of<'t>(&'t self, root: &'t str) -> impl Iterator<Item = (&'t str, &'t str)> {
        self.files.iter().filter_map(move |file| {
            let (folder, name) = file.rsplit_once('/')?;
            let (above, _) = folder.rsplit_once('/')?;
            let is_first =
                name == "package.nix" || !self.files.contains(&format!("{folder}/package.nix"));
            (above == root && FUNCTIONS.contains(&name) && is_first)
                .then_some((folder, file.as_str()))
        })
    }

    /// A package of a list of calls.
    fn call<'t>(
        &'t self,
        call: &'t Call,
        is_own: bool,
        sources: &mut BTreeMap<AttrName, Source<'t>>,
        plan: &mut Relayout,
        without: &BTreeSet<AttrName>,
    ) {
        let entry = FUNCTIONS
            .iter()
            .map(|file| format!("{}/{file}", call.target))
            .find_map(|file| self.files.get(&file));
        let is_file = call.target.ends_with(".nix") && self.files.contains(&call.target);
        let place = format!("{}:{}", call.file, call.line);
        let reason = if let Some(reason) = call.stays {
            Some(reason.to_owned())
        } else if self.imports_of(&call.file) > 1 {
            Some(format!("`{}` is used in more than one place", call.file))
        } else if entry.is_none() && !is_file {
            Some("there is no function where it leads".to_owned())
        } else if !is_own {
            Some(format!("`{}` is called by another name, too", call.target))
        } else if is_below(&call.target, BY_NAME) {
            return;
        } else {
            None
        };
        let moved = match reason {
            Some(reason) => Err(reason),
            None => self.movable(&call.name, &call.target, sources, without),
        };
        match moved {
            Ok(name) => {
                let source = Source {
                    from: call.target.clone(),
                    entry: entry.map(String::as_str),
                    call: Some(call),
                };
                sources.insert(name, source);
            }
            Err(reason) => {
                plan.left.insert(place, reason);
            }
        }
    }

    /// How many paths lead to a file.
    fn imports_of(&self, wanted: &str) -> usize {
        self.paths.get(wanted).map_or(0, Vec::len)
    }

    /// The attribute of a package that can move.
    fn movable(
        &self,
        name: &str,
        from: &str,
        sources: &BTreeMap<AttrName, Source<'_>>,
        without: &BTreeSet<AttrName>,
    ) -> Result<AttrName, String> {
        let name: AttrName = name.parse().map_err(|error| format!("{error}"))?;
        let is_taken =
            |other: &&Source<'_>| is_within(from, &other.from) || is_below(&other.from, from);
        if without.contains(&name) {
            Err("its derivation would be another".to_owned())
        } else if sources.contains_key(&name) {
            Err(format!("`{name}` comes from another place, too"))
        } else if let Some(other) = sources.values().find(is_taken) {
            Err(format!(
                "`{}` moves as a whole, and it is a part of that",
                other.from
            ))
        } else if self
            .files
            .iter()
            .any(|file| is_below(file, &name.directory()))
        {
            Err(format!("`{}` is there already", name.directory()))
        } else if let Some(reason) = self.tied(from) {
            Err(reason)
        } else {
            Ok(name)
        }
    }

    /// Why a place cannot go elsewhere: a link, a submodule, or a path to its folder that is not
    /// handed to what imports it, so that it means the folder and not its function.
    fn tied(&self, place: &str) -> Option<String> {
        let is_in = |path: &str| is_within(path, place);
        if let Some(submodule) = self.submodules.iter().find(|path| is_in(path)) {
            return Some(format!("`{submodule}` is a repository of its own"));
        }
        let is_tie = |(link, target): &(&String, &Option<String>)| {
            let to = target.as_deref().is_some_and(is_in);
            is_in(link) != to
        };
        if let Some((link, _)) = self.links.iter().find(is_tie) {
            return Some(format!("the link `{link}` leads into it, or out of it"));
        }
        if let Some((file, line)) = self.leaving.iter().find(|(file, _)| is_in(file)) {
            return Some(format!("`{file}:{line}` leads out of the tree"));
        }
        if place.ends_with(".nix") {
            return None;
        }
        let mut paths = self.paths.get(place).into_iter().flatten();
        let other = paths.find(|path| is_below(&path.file, place) || !path.is_imported)?;
        let PathUse { file, line, .. } = other;
        Some(format!("`{file}:{line}` leads to the folder itself"))
    }

    /// The texts that change with the moves.
    fn edit(
        &self,
        form: Form,
        readers: &[&Reader],
        sources: &BTreeMap<AttrName, Source<'_>>,
        plan: &mut Relayout,
    ) {
        let mut changes: BTreeMap<&str, Vec<(Range<usize>, String)>> = BTreeMap::new();
        let mut removed: BTreeMap<&str, Vec<&Call>> = BTreeMap::new();
        for call in sources.values().filter_map(|source| source.call) {
            removed.entry(&call.file).or_default().push(call);
        }
        for (file, calls) in removed {
            let own = changes.entry(file).or_default();
            own.extend(calls.iter().map(|call| (call.entry.clone(), String::new())));
            // Where a folder was read, what reads the directories now has these, too.
            if form != Form::There && readers.is_empty() {
                let (set, callee, list) = (&calls[0].set, &calls[0].callee, relative(file));
                let first = format!(
                    "(builtins.mapAttrs (_: path: {callee} path {{ }}) (import {list}) // "
                );
                own.push((set.start..set.start, first));
                own.push((set.end..set.end, ")".to_owned()));
            }
        }
        let moved: BTreeSet<&str> = sources
            .values()
            .map(|source| source.from.as_str())
            .collect();
        for reader in readers {
            let has_moved = moved.iter().any(|from| is_below(from, &reader.root));
            if !has_moved || form == Form::There {
                continue;
            }
            let is_empty = self.on_disk[&reader.root]
                .iter()
                .all(|folder| moved.contains(folder.as_str()) || folder == BY_NAME);
            let list = relative(&reader.file);
            let old = self.texts.get(&reader.file);
            let old = old.map_or("", |text| &text[reader.value.clone()]);
            let new = match (form, is_empty) {
                (Form::Set(callee), true) => {
                    format!("builtins.mapAttrs (_: path: {callee} path {{ }}) (import {list})")
                }
                (Form::Set(callee), false) => format!(
                    "removeAttrs ({old}) [ \"by-name\" \"by-name.nix\" ] // builtins.mapAttrs (_: path: {callee} path {{ }}) (import {list})"
                ),
                (_, true) => format!(
                    "final: prev: builtins.mapAttrs (_: path: final.callPackage path {{ }}) (import {list})"
                ),
                (_, false) => format!(
                    "final: prev: removeAttrs (({old}) final prev) [ \"by-name\" \"by-name.nix\" ] // builtins.mapAttrs (_: path: final.callPackage path {{ }}) (import {list})"
                ),
            };
            let own = changes.entry(&reader.file).or_default();
            own.push((reader.value.clone(), new));
        }
        let texts: BTreeMap<&str, String> = changes
            .into_iter()
            .filter_map(|(file, changes)| Some((file, changed(self.texts.get(file)?, changes))))
            .collect();
        let place = |path: &str| place(sources, path);
        for (file, before) in &self.texts {
            let text = texts.get(file.as_str()).unwrap_or(before);
            let (after, _) = rewritten(text, (file, &place(file)), |target| Some(place(target)));
            if after != *before {
                plan.edits
                    .insert(file.clone(), (Some(before.clone()), after));
            }
        }
        if form != Form::There && !self.files.contains(LIST) {
            plan.edits
                .insert(LIST.to_owned(), (None, LIST_TEXT.to_owned()));
        }
    }
}

/// A text with some parts of it replaced. From the end on, so that what stands before keeps its
/// place.
fn changed(before: &str, mut changes: Vec<(Range<usize>, String)>) -> String {
    changes.sort_by_key(|(range, _)| std::cmp::Reverse((range.start, range.end)));
    let mut text = before.to_owned();
    for (range, new) in changes {
        text.replace_range(range, &new);
    }
    text
}

/// A package, and where it comes from.
struct Source<'t> {
    from: String,
    /// Its function in a folder; none if it is a file itself.
    entry: Option<&'t str>,
    /// The call that goes.
    call: Option<&'t Call>,
}

/// Where a path is after the moves. What leads to a package leads to its function.
fn place(sources: &BTreeMap<AttrName, Source<'_>>, path: &str) -> String {
    for (name, source) in sources {
        let entry = format!("{}/package.nix", name.directory());
        if path == source.from || source.entry == Some(path) {
            return entry;
        }
        if is_below(path, &source.from) {
            return format!("{}{}", name.directory(), &path[source.from.len()..]);
        }
    }
    path.to_owned()
}

/// The list of by-name directories, as a file leads to it.
fn relative(file: &str) -> String {
    format!(
        "{}{LIST}",
        match file.matches('/').count() {
            0 => "./".to_owned(),
            depth => "../".repeat(depth),
        }
    )
}
