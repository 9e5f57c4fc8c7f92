//! Moves a package's entry from one repo to another, comments and all.

use std::collections::BTreeMap;

use toml_edit::{Item, Key, Table, TableLike, Value, value};

use super::{EditError, parse};
use crate::edge::{EdgeKind, PackageId};
use crate::name::{RepoName, SigName};

/// A package to move, and the files of the manifest that are concerned.
#[derive(Debug, Clone)]
pub struct MovePackage {
    /// The package, where it is now.
    pub package: PackageId,
    /// The repo it goes to.
    pub to: RepoName,
    /// The file that defines the repo it leaves.
    pub from_file: String,
    /// The file that defines the repo it goes to.
    pub to_file: String,
    /// Who owns it: written down, so that a move changes no owner.
    pub owner: SigName,
    /// The attributes that it defines: whoever names one of them by the old repo
    /// names it by the new one.
    pub attributes: Vec<String>,
}

/// Moves the entry, and renames it in every dependency that is keyed by the old
/// repo. `texts` holds every file of the manifest.
///
/// # Errors
/// When a file is no TOML, a repo is not where it should be, or the package is
/// there already.
pub fn move_package(
    texts: &mut BTreeMap<String, String>,
    moving: &MovePackage,
) -> Result<(), EditError> {
    let id = &moving.package;
    let text =
        |texts: &BTreeMap<String, String>, file: &str| texts.get(file).cloned().unwrap_or_default();
    let mut document = parse(&text(texts, &moving.from_file))?;
    let mut entry = None;
    let mut section = "packages";
    for candidate in ["packages", "builders"] {
        let packages = repo_of(document.as_table_mut(), &id.repo)?.get_mut(candidate);
        if let Some(found) = packages.and_then(|packages| take(packages, id.name.as_str())) {
            entry = Some(found);
            section = candidate;
        }
    }
    // A package that only the tree knows gets an entry with its owner.
    let (key, mut entry) = entry.unwrap_or_else(|| {
        (
            Key::new(id.name.as_str()),
            value(toml_edit::InlineTable::new()),
        )
    });
    if let Some(inline) = entry.as_inline_table_mut() {
        super::close_up(inline);
    }
    if let Some(entry) = entry.as_table_like_mut()
        && !entry.contains_key("owner")
    {
        entry.insert("owner", value(moving.owner.as_str()));
    }
    texts.insert(moving.from_file.clone(), document.to_string());

    let mut document = parse(&text(texts, &moving.to_file))?;
    let repo = repo_of(document.as_table_mut(), &moving.to)?;
    let section = repo.entry(section).or_insert(Item::Table(Table::new()));
    let packages = section
        .as_table_like()
        .ok_or_else(|| EditError::NotATable(format!("repos.{}.packages", moving.to)))?;
    if packages.contains_key(id.name.as_str()) {
        return Err(EditError::Exists(format!("{}/{}", moving.to, id.name)));
    }
    put(section, &key, entry);
    texts.insert(moving.to_file.clone(), document.to_string());

    for text in texts.values_mut() {
        let mut document = parse(text)?;
        if rename(document.as_table_mut(), moving) {
            *text = document.to_string();
        }
    }
    Ok(())
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
        other => {
            if let Some(table) = other.as_table_like_mut() {
                table.insert(key.get(), entry);
            }
        }
    }
}

fn repo_of<'d>(
    document: &'d mut Table,
    repo: &RepoName,
) -> Result<&'d mut dyn TableLike, EditError> {
    document
        .get_mut("repos")
        .and_then(Item::as_table_like_mut)
        .and_then(|repos| repos.get_mut(repo.as_str()))
        .and_then(Item::as_table_like_mut)
        .ok_or_else(|| EditError::NoRepo(repo.clone()))
}

/// Renames the moved attributes in every dependency; whether there were any.
fn rename(document: &mut Table, moving: &MovePackage) -> bool {
    let mut renamed = false;
    let Some(repos) = document.get_mut("repos").and_then(Item::as_table_like_mut) else {
        return false;
    };
    for (_, repo) in repos.iter_mut() {
        for section in ["packages", "builders"] {
            let packages = repo
                .as_table_like_mut()
                .and_then(|repo| repo.get_mut(section))
                .and_then(Item::as_table_like_mut);
            let Some(packages) = packages else {
                continue;
            };
            for (_, package) in packages.iter_mut() {
                for kind in EdgeKind::ALL {
                    let list = package
                        .as_table_like_mut()
                        .and_then(|package| package.get_mut(kind.as_str()))
                        .and_then(Item::as_array_mut);
                    for target in list.into_iter().flat_map(toml_edit::Array::iter_mut) {
                        renamed |= rename_one(target, moving);
                    }
                }
            }
        }
    }
    renamed
}

fn rename_one(target: &mut Value, moving: &MovePackage) -> bool {
    let Some((repo, attribute)) = target.as_str().and_then(|text| text.split_once('/')) else {
        return false;
    };
    if repo != moving.package.repo.as_str()
        || !moving.attributes.iter().any(|moved| moved == attribute)
    {
        return false;
    }
    let decor = target.decor().clone();
    *target = Value::from(format!("{}/{attribute}", moving.to));
    *target.decor_mut() = decor;
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entry_goes_with_its_words_and_its_owner_stays() {
        let mut texts: BTreeMap<String, String> = [
            ("a.toml", "[repos.a]\nsig = \"a\"\n\n[repos.a.packages]\n# x is dear to us\nx = { build = [\"y\"] } # very\ny = {}\n"),
            ("b.toml", "[repos.b]\nsig = \"b\"\n\n[repos.b.packages]\nz = { build = [ \"a/x\", \"a/y\" ] } # both\n"),
        ]
        .into_iter()
        .map(|(file, text)| (file.to_owned(), text.to_owned()))
        .collect();
        let moving = MovePackage {
            package: PackageId {
                repo: "a".parse().unwrap(),
                name: "x".parse().unwrap(),
            },
            to: "b".parse().unwrap(),
            from_file: "a.toml".to_owned(),
            to_file: "b.toml".to_owned(),
            owner: "a".parse().unwrap(),
            attributes: vec!["x".to_owned()],
        };
        move_package(&mut texts, &moving).unwrap();
        insta::assert_snapshot!(texts["a.toml"], @r#"
        [repos.a]
        sig = "a"

        [repos.a.packages]
        y = {}
        "#);
        insta::assert_snapshot!(texts["b.toml"], @r#"
        [repos.b]
        sig = "b"

        [repos.b.packages]
        z = { build = [ "b/x", "a/y" ] } # both
        # x is dear to us
        x = { build = ["y"], owner = "a" } # very
        "#);
        assert!(
            move_package(&mut texts, &moving).is_err(),
            "it is there already"
        );
    }
}
