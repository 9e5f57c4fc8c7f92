//! Moves packages between repos, comments and all, and says anew which repos
//! use which.

use std::collections::{BTreeMap, BTreeSet};

use toml_edit::{Array, DocumentMut, InlineTable, Item, Key, Table, TableLike, Value, value};

use crate::answers::Rearrangement;
use crate::catalog::Catalog;
use crate::date::Date;
use crate::edge::{EdgeKind, PackageId};
use crate::manifest::edit::document::{EditError, close_up, open_up, parse};
use crate::name::RepoName;

/// Changes the texts of a manifest, by path, as a rearrangement says. The owners
/// stay: where a package took its owner from its repo, and the new repo has another
/// SIG, the owner is written down.
/// Dependencies that are keyed by the old repo are keyed by the new one. With a
/// day, each old repo answers for what left it until then.
///
/// `catalog` is of these texts.
///
/// # Errors
/// When a text is no TOML, a repo is not where the catalog says, or a package is
/// there already.
pub fn rearrange(
    texts: &mut BTreeMap<String, String>,
    catalog: &Catalog,
    changes: &Rearrangement,
    aliases_until: Option<Date>,
) -> Result<(), EditError> {
    let mut documents = BTreeMap::new();
    for (path, text) in texts.iter() {
        documents.insert(path.clone(), parse(text)?);
    }
    let mut edit = Rearranging {
        catalog,
        documents: &mut documents,
        changed: BTreeSet::new(),
    };
    for (package, to) in &changes.moves {
        edit.move_entry(package, to)?;
        edit.redirect(package, to, aliases_until)?;
    }
    edit.rename(changes);
    for (repo, dropped) in &changes.dropped {
        edit.drop_relations(repo, dropped)?;
    }
    for (repo, uses) in &changes.uses {
        edit.add_uses(repo, uses)?;
    }
    for (repo, peers) in &changes.peers {
        edit.add_peers(repo, peers)?;
    }
    let changed = edit.changed;
    for path in changed {
        if let Some(document) = documents.get(&path) {
            texts.insert(path, document.to_string());
        }
    }
    Ok(())
}

/// The documents while they are edited; one that is not changed keeps its bytes.
struct Rearranging<'e> {
    catalog: &'e Catalog,
    documents: &'e mut BTreeMap<String, DocumentMut>,
    changed: BTreeSet<String>,
}

impl Rearranging<'_> {
    /// The table of a repo, in whichever file it stands; the file counts as changed.
    fn repo(&mut self, name: &RepoName) -> Result<&mut dyn TableLike, EditError> {
        let missing = || EditError::NoRepo(name.clone());
        let repo = self.catalog.repo(name.as_str()).ok_or_else(missing)?;
        let place = self.catalog.location_of_repo(repo).ok_or_else(missing)?;
        let document = self.documents.get_mut(&*place.path).ok_or_else(missing)?;
        self.changed.insert(place.path.to_string());
        document
            .get_mut("repos")
            .and_then(Item::as_table_like_mut)
            .and_then(|repos| repos.get_mut(name.as_str()))
            .and_then(Item::as_table_like_mut)
            .ok_or_else(missing)
    }

    fn move_entry(&mut self, id: &PackageId, to: &RepoName) -> Result<(), EditError> {
        let target = self.catalog.repo(to.as_str()).map(|repo| &repo.sig);
        let owner = self.catalog.package(id).map(|package| &package.owner);
        let owner = owner.filter(|owner| Some(*owner) != target).cloned();
        let repo = self.repo(&id.repo)?;
        let mut found = None;
        for section in ["packages", "builders"] {
            let packages = repo.get_mut(section);
            if let Some(entry) = packages.and_then(|packages| take(packages, id.name.as_str())) {
                found = Some((section, entry));
            }
        }
        // A package that only the tree knows gets an entry with its owner.
        let (section, (key, mut entry)) = found.unwrap_or_else(|| {
            let key = Key::new(id.name.as_str());
            ("packages", (key, value(InlineTable::new())))
        });
        let has_owner = entry
            .as_table_like()
            .is_none_or(|entry| entry.contains_key("owner"));
        if let Some(owner) = owner.filter(|_| !has_owner) {
            if let Some(inline) = entry.as_inline_table_mut() {
                close_up(inline);
            }
            if let Some(entry) = entry.as_table_like_mut() {
                entry.insert("owner", value(owner.as_str()));
            }
        }
        let section = self.section(to, section)?;
        let packages = table_of(section, to)?;
        if packages.contains_key(id.name.as_str()) {
            return Err(EditError::Exists(format!("{to}/{}", id.name)));
        }
        put(section, &key, entry);
        Ok(())
    }

    /// Dependents of a package that left a repo are sent to where it is now: the old
    /// repo from now on, and those it left before.
    fn redirect(
        &mut self,
        id: &PackageId,
        to: &RepoName,
        until: Option<Date>,
    ) -> Result<(), EditError> {
        let name = id.name.as_str();
        let earlier: Vec<RepoName> = self
            .catalog
            .repos()
            .filter(|repo| repo.moved.contains_key(&id.name))
            .map(|repo| repo.name.clone())
            .collect();
        for repo in earlier {
            let moved = self.section(&repo, "moved")?;
            if repo == *to {
                let _back_again = take(moved, name);
            } else if let Some(entry) = moved.get_mut(name).and_then(Item::as_table_like_mut) {
                entry.insert("to", value(to.as_str()));
            }
        }
        if let Some(until) = until {
            let mut entry = InlineTable::new();
            entry.insert("to", to.as_str().into());
            entry.insert("until", until.to_string().into());
            let moved = self.section(&id.repo, "moved")?;
            put(moved, &Key::new(name), value(entry));
        }
        Ok(())
    }

    /// A table of a repo, made if it is not there.
    fn section(&mut self, repo: &RepoName, section: &str) -> Result<&mut Item, EditError> {
        let table = self.repo(repo)?;
        if !table.contains_key(section) {
            let mut new = Table::new();
            new.decor_mut().set_prefix("\n");
            table.insert(section, Item::Table(new));
        }
        table
            .get_mut(section)
            .ok_or_else(|| EditError::NotATable(format!("repos.{repo}.{section}")))
    }

    /// Renames the moved attributes in every dependency.
    fn rename(&mut self, changes: &Rearrangement) {
        let mut renamed: BTreeMap<String, String> = BTreeMap::new();
        for (id, to) in &changes.moves {
            let package = self.catalog.package(id);
            let attributes = package.map(crate::package::Package::attributes);
            for attribute in attributes.unwrap_or_default().into_keys() {
                let keyed = |repo: &RepoName| format!("{repo}/{attribute}");
                renamed.insert(keyed(&id.repo), keyed(to));
            }
        }
        for (path, document) in self.documents.iter_mut() {
            let mut any = false;
            for target in dependencies(document.as_table_mut()) {
                if let Some(new) = target.as_str().and_then(|text| renamed.get(text)) {
                    let decor = target.decor().clone();
                    *target = Value::from(new);
                    *target.decor_mut() = decor;
                    any = true;
                }
            }
            if any {
                self.changed.insert(path.clone());
            }
        }
    }

    fn drop_relations(
        &mut self,
        name: &RepoName,
        dropped: &BTreeSet<RepoName>,
    ) -> Result<(), EditError> {
        let repo = self.repo(name)?;
        for key in ["uses", "peers"] {
            match repo.get_mut(key) {
                Some(Item::Value(Value::Array(list))) => {
                    list.retain(|item| {
                        !item
                            .as_str()
                            .is_some_and(|text| dropped.iter().any(|repo| repo == text))
                    });
                }
                Some(item) => {
                    if let Some(table) = item.as_table_like_mut() {
                        for repo in dropped {
                            table.remove(repo.as_str());
                        }
                    }
                    if let Some(inline) = item.as_inline_table_mut() {
                        open_up(inline);
                    }
                }
                None => {}
            }
        }
        Ok(())
    }

    /// With a requirement that the contract offered now meets.
    fn add_uses(&mut self, name: &RepoName, uses: &BTreeSet<RepoName>) -> Result<(), EditError> {
        let requirements: Vec<(&RepoName, String)> = uses
            .iter()
            .map(|used| {
                let contract = self.catalog.repo(used.as_str()).map(|repo| &repo.contract);
                let requirement = contract.filter(|contract| contract.pre.is_empty());
                let requirement = requirement.map_or_else(
                    || "*".to_owned(),
                    |contract| format!("^{}.{}", contract.major, contract.minor),
                );
                (used, requirement)
            })
            .collect();
        let repo = self.repo(name)?;
        let item = repo.entry("uses").or_insert(value(InlineTable::new()));
        if let Some(list) = item.as_array_mut() {
            list.extend(uses.iter().map(RepoName::as_str));
            return Ok(());
        }
        if let Some(inline) = item.as_inline_table_mut() {
            close_up(inline);
        }
        let table = table_of(item, name)?;
        for (used, requirement) in requirements {
            table.insert(used.as_str(), value(requirement));
        }
        Ok(())
    }

    fn add_peers(&mut self, name: &RepoName, peers: &BTreeSet<RepoName>) -> Result<(), EditError> {
        let repo = self.repo(name)?;
        let list = repo.entry("peers").or_insert(value(Array::new()));
        let list = list
            .as_array_mut()
            .ok_or_else(|| EditError::NotATable(format!("repos.{name}.peers")))?;
        list.extend(peers.iter().map(RepoName::as_str));
        Ok(())
    }
}

/// Takes an entry out of a table, with the comments before its name.
fn take(packages: &mut Item, name: &str) -> Option<(Key, Item)> {
    match packages {
        Item::Table(table) => table.remove_entry(name),
        Item::Value(Value::InlineTable(table)) => {
            let (key, found) = table.remove_entry(name)?;
            Some((key, Item::Value(found)))
        }
        Item::None | Item::Value(_) | Item::ArrayOfTables(_) => None,
    }
}

/// Puts an entry into a table that has none of that name.
fn put(packages: &mut Item, key: &Key, entry: Item) {
    match packages {
        Item::Table(table) => {
            table.insert_formatted(key, entry);
        }
        Item::Value(Value::InlineTable(table)) => {
            close_up(table);
            if let Ok(entry) = entry.into_value() {
                table.insert(key.get(), entry);
            }
        }
        Item::None | Item::Value(_) | Item::ArrayOfTables(_) => {}
    }
}

fn table_of<'i>(item: &'i mut Item, repo: &RepoName) -> Result<&'i mut dyn TableLike, EditError> {
    item.as_table_like_mut()
        .ok_or_else(|| EditError::NotATable(format!("repos.{repo}")))
}

/// Every dependency of every package of a document.
fn dependencies(document: &mut Table) -> impl Iterator<Item = &mut Value> {
    let repos = document.get_mut("repos").and_then(Item::as_table_like_mut);
    let repos = repos.into_iter().flat_map(|repos| repos.iter_mut());
    let sections = repos.flat_map(|(_, repo)| {
        let sections = repo.as_table_like_mut().into_iter();
        sections.flat_map(|repo| repo.iter_mut())
    });
    let packages = sections
        .filter(|(section, _)| ["packages", "builders"].contains(&section.get()))
        .filter_map(|(_, section)| section.as_table_like_mut())
        .flat_map(|packages| packages.iter_mut());
    let keys = packages
        .filter_map(|(_, package)| package.as_table_like_mut())
        .flat_map(|package| package.iter_mut());
    keys.filter(|(key, _)| EdgeKind::ALL.iter().any(|kind| kind.as_str() == key.get()))
        .filter_map(|(_, list)| list.as_array_mut())
        .flat_map(Array::iter_mut)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Manifest;
    use crate::source::Source;

    const ROOT: &str = r#"format = "1.0"
include = ["a.toml", "b.toml"]
organization = { name = "x", forge = "github:x" }
tiers = [{ name = "core" }, { name = "sigs" }, { name = "top-level" }]
people.ada = {}
sigs = { a = { leads = ["ada"] }, b = { leads = ["ada"] } }
repos.core = { sig = "a", tier = "core" }
repos.top-level = { sig = "a", tier = "top-level" }
"#;
    const A: &str = r#"[repos.a]
sig = "a"
tier = "sigs"
peers = ["b"] # they grew together

[repos.a.packages]
# x is dear to us
x = { build = ["y"] } # very
y = {}
"#;
    const B: &str = r#"[repos.b]
sig = "b"
tier = "sigs"
contract = "1.4.2"
peers = ["a"]

[repos.b.packages]
z = { build = [ "a/x", "a/y" ] } # both
"#;

    fn texts() -> BTreeMap<String, String> {
        [("aux.toml", ROOT), ("a.toml", A), ("b.toml", B)]
            .into_iter()
            .map(|(path, text)| (path.to_owned(), text.to_owned()))
            .collect()
    }

    fn catalog(texts: &BTreeMap<String, String>) -> Catalog {
        let source = |path: &str| Source::new(path, &texts[path]);
        let mut manifest = Manifest::open(source("aux.toml"));
        manifest.include("a.toml", vec![source("a.toml")]);
        manifest.include("b.toml", vec![source("b.toml")]);
        manifest.check().unwrap()
    }

    fn x_to_b() -> Rearrangement {
        Rearrangement::of_move(id("a", "x"), "b".parse().unwrap())
    }

    fn id(repo: &str, name: &str) -> PackageId {
        PackageId {
            repo: repo.parse().unwrap(),
            name: name.parse().unwrap(),
        }
    }

    #[test]
    fn the_entry_goes_with_its_words_and_its_owner_stays() {
        let mut texts = texts();
        let before = catalog(&texts);
        rearrange(&mut texts, &before, &x_to_b(), None).unwrap();
        assert_eq!(texts["aux.toml"], ROOT, "not concerned, not touched");
        insta::assert_snapshot!(texts["a.toml"], @r#"
        [repos.a]
        sig = "a"
        tier = "sigs"
        peers = ["b"] # they grew together

        [repos.a.packages]
        y = {}
        "#);
        insta::assert_snapshot!(texts["b.toml"], @r#"
        [repos.b]
        sig = "b"
        tier = "sigs"
        contract = "1.4.2"
        peers = ["a"]

        [repos.b.packages]
        z = { build = [ "b/x", "a/y" ] } # both
        # x is dear to us
        x = { build = ["y"], owner = "a" } # very
        "#);
        assert!(
            rearrange(&mut texts, &before, &x_to_b(), None).is_err(),
            "it is there already"
        );
    }

    #[test]
    fn relations_change_in_the_style_they_are_written_in() {
        let mut texts = texts();
        let before = catalog(&texts);
        let set = |name: &str| BTreeSet::from([name.parse::<RepoName>().unwrap()]);
        let of = |from: &str, to: &str| BTreeMap::from([(from.parse().unwrap(), set(to))]);
        let changes = Rearrangement {
            uses: of("a", "b"),
            dropped: of("a", "b"),
            ..Rearrangement::default()
        };
        rearrange(&mut texts, &before, &changes, None).unwrap();
        insta::assert_snapshot!(texts["a.toml"], @r#"
        [repos.a]
        sig = "a"
        tier = "sigs"
        peers = [] # they grew together
        uses = { b = "^1.4" }

        [repos.a.packages]
        # x is dear to us
        x = { build = ["y"] } # very
        y = {}
        "#);
    }

    #[test]
    fn an_inline_table_stays_neat() {
        let mut texts = texts();
        let uses = "uses = { core = \"^1\", b = \"*\" }";
        let a = A.replace("peers = [\"b\"]", uses);
        texts.insert("a.toml".to_owned(), a);
        let b = B.replace("\"a/x\", \"a/y\"", "").replace("[\"a\"]", "[]");
        texts.insert("b.toml".to_owned(), b);
        let before = catalog(&texts);
        let changes = Rearrangement {
            dropped: BTreeMap::from([(
                "a".parse().unwrap(),
                BTreeSet::from(["b".parse().unwrap()]),
            )]),
            ..Rearrangement::default()
        };
        rearrange(&mut texts, &before, &changes, None).unwrap();
        assert!(
            texts["a.toml"].contains("uses = { core = \"^1\" } #"),
            "{}",
            texts["a.toml"]
        );
    }

    #[test]
    fn an_alias_follows_its_package_and_goes_when_it_comes_home() {
        let mut texts = texts();
        let until = "2027-01-31".parse().unwrap();
        let before = catalog(&texts);
        rearrange(&mut texts, &before, &x_to_b(), Some(until)).unwrap();
        let moved = catalog(&texts);
        let a = moved.repo("a").unwrap();
        assert_eq!(a.moved.values().next().unwrap().to, "b");
        let back = Rearrangement::of_move(id("b", "x"), "a".parse().unwrap());
        rearrange(&mut texts, &moved, &back, None).unwrap();
        let back = catalog(&texts);
        assert!(back.repos().all(|repo| repo.moved.is_empty()));
        assert_eq!(back.package(&id("a", "x")).unwrap().owner, "a");
    }
}
