//! Where a manifest names what it defines: the paths of keys that hold a repo's, a SIG's, a person's or
//! a tier's name.

use toml_edit::{Item, TableLike, Value};

use crate::style::rename_key;

/// What has a name in a manifest, besides packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    /// A repo.
    Repo,
    /// A SIG.
    Sig,
    /// A person.
    Person,
    /// A tier.
    Tier,
}

/// A path of keys; `*` stands for every entry of a table and of a list of tables.
type Path = &'static [&'static str];

/// The places that hold a kind of name.
pub(crate) struct Places {
    /// Keys of these tables.
    pub(crate) keys: &'static [Path],
    /// These texts, and the texts of these lists.
    pub(crate) texts: &'static [Path],
    /// The same, where a `/` and the name of a package may follow.
    pub(crate) starts: &'static [Path],
}

impl Named {
    /// The table that defines it, unless it is an entry of a list.
    pub(crate) fn section(self) -> &'static str {
        match self {
            Self::Repo => "repos",
            Self::Sig => "sigs",
            Self::Person => "people",
            Self::Tier => "tiers",
        }
    }

    pub(crate) fn places(self) -> &'static Places {
        match self {
            Self::Repo => &REPO,
            Self::Sig => &SIG,
            Self::Person => &PERSON,
            Self::Tier => &TIER,
        }
    }
}

const REPO: Places = Places {
    keys: &[
        &["repos"],
        &["repos", "*", "uses"],
        &["channels", "*", "branches"],
    ],
    texts: &[
        &["repos", "*", "uses"],
        &["repos", "*", "peers"],
        &["repos", "*", "moved", "*", "to"],
        &["repos", "*", "borrowed", "*", "from"],
        &["repos", "*", "lent", "*"],
        &["policy", "allow", "*", "repos"],
        &["renamed", "repos", "*", "to"],
    ],
    starts: &[
        &["repos", "*", "packages", "*", "build"],
        &["repos", "*", "packages", "*", "runtime"],
        &["repos", "*", "packages", "*", "test"],
        &["repos", "*", "packages", "*", "optional"],
        &["repos", "*", "packages", "*", "asks"],
        &["repos", "*", "builders", "*", "build"],
        &["repos", "*", "builders", "*", "runtime"],
        &["repos", "*", "builders", "*", "test"],
        &["repos", "*", "builders", "*", "optional"],
        &["repos", "*", "builders", "*", "asks"],
        &["repos", "*", "sets", "*", "extends"],
        &["repos", "*", "sets", "*", "members", "*", "build"],
        &["repos", "*", "sets", "*", "members", "*", "runtime"],
        &["repos", "*", "sets", "*", "members", "*", "test"],
        &["repos", "*", "sets", "*", "members", "*", "optional"],
        &["repos", "*", "sets", "*", "members", "*", "asks"],
        &["policy", "bootstrap"],
        &["policy", "pinned"],
    ],
};

const SIG: Places = Places {
    keys: &[&["sigs"]],
    texts: &[
        &["repos", "*", "sig"],
        &["repos", "*", "packages", "*", "owner"],
        &["repos", "*", "builders", "*", "owner"],
        &["repos", "*", "modules", "*", "owner"],
        &["repos", "*", "overlays", "*", "owner"],
        &["repos", "*", "sets", "*", "owner"],
        &["repos", "*", "sets", "*", "members", "*", "owner"],
        &["repos", "*", "packages", "*", "watchers"],
        &["repos", "*", "builders", "*", "watchers"],
        &["policy", "allow", "*", "owner"],
        &["renamed", "sigs", "*", "to"],
    ],
    starts: &[],
};

const PERSON: Places = Places {
    keys: &[&["people"]],
    texts: &[
        &["sigs", "*", "leads"],
        &["sigs", "*", "members"],
        &["repos", "*", "packages", "*", "maintainers"],
        &["repos", "*", "builders", "*", "maintainers"],
        &["repos", "*", "sets", "*", "members", "*", "maintainers"],
        &["repos", "*", "borrowed", "*", "claimed"],
        &["access", "trains"],
        &["renamed", "people", "*", "to"],
    ],
    starts: &[],
};

const TIER: Places = Places {
    keys: &[],
    texts: &[&["tiers", "*", "name"], &["repos", "*", "tier"]],
    starts: &[],
};

/// A value of a document, wherever it stands.
enum Place<'t> {
    Item(&'t mut Item),
    Value(&'t mut Value),
}

impl Place<'_> {
    /// Every entry of what is a table, or of what is a list of tables.
    fn each(&mut self, visit: &mut dyn FnMut(Place<'_>)) {
        let of_table = |table: &mut dyn TableLike, visit: &mut dyn FnMut(Place<'_>)| {
            for (_, item) in table.iter_mut() {
                visit(Place::Item(item));
            }
        };
        let of_list = |list: &mut toml_edit::Array, visit: &mut dyn FnMut(Place<'_>)| {
            for value in list.iter_mut() {
                visit(Place::Value(value));
            }
        };
        match self {
            Self::Item(Item::ArrayOfTables(tables)) => {
                for table in tables.iter_mut() {
                    let mut item = Item::Table(std::mem::take(table));
                    visit(Place::Item(&mut item));
                    if let Item::Table(changed) = item {
                        *table = changed;
                    }
                }
            }
            Self::Item(Item::Value(Value::Array(list))) | Self::Value(Value::Array(list)) => {
                of_list(list, visit);
            }
            Self::Item(item) => {
                if let Some(table) = item.as_table_like_mut() {
                    of_table(table, visit);
                }
            }
            Self::Value(Value::InlineTable(table)) => of_table(table, visit),
            Self::Value(_) => {}
        }
    }

    fn entry(&mut self, key: &str) -> Option<Place<'_>> {
        let found = match self {
            Self::Item(item) => item.as_table_like_mut()?.get_mut(key),
            Self::Value(Value::InlineTable(table)) => {
                let table: &mut dyn TableLike = table;
                table.get_mut(key)
            }
            Self::Value(_) => None,
        };
        let found = found.filter(|item| !item.is_none());
        found.map(Place::Item)
    }
}

/// Visits all that is at a path.
fn at(place: &mut Place<'_>, path: &[&str], visit: &mut dyn FnMut(&mut Place<'_>)) {
    match path.split_first() {
        None => visit(place),
        Some((&"*", rest)) => place.each(&mut |mut entry| at(&mut entry, rest, visit)),
        Some((key, rest)) => {
            if let Some(mut entry) = place.entry(key) {
                at(&mut entry, rest, visit);
            }
        }
    }
}

/// Writes every text at a path anew for which `renamed` gives another one, in its place and with what
/// stands around it.
pub(crate) fn rename_texts(
    root: &mut Item,
    path: &[&str],
    renamed: &dyn Fn(&str) -> Option<String>,
) {
    let set = |value: &mut Value| {
        if let Some(new) = value.as_str().and_then(renamed) {
            let decor = value.decor().clone();
            *value = Value::from(new);
            *value.decor_mut() = decor;
        }
    };
    at(&mut Place::Item(root), path, &mut |place| {
        let value = match place {
            Place::Item(Item::Value(value)) => value,
            Place::Value(value) => value,
            Place::Item(_) => return,
        };
        match value {
            Value::Array(list) => list.iter_mut().for_each(set),
            value => set(value),
        }
    });
}

/// Gives a key of every table at a path another name.
pub(crate) fn rename_keys(root: &mut Item, path: &[&str], old: &str, new: &str) {
    at(&mut Place::Item(root), path, &mut |place| {
        if let Place::Item(item) = place
            && item
                .as_table_like()
                .is_some_and(|table| table.contains_key(old))
        {
            rename_key(item, old, new);
        }
    });
}

/// Visits every list of texts at a path.
pub(crate) fn each_list(
    root: &mut Item,
    path: &[&str],
    visit: &mut dyn FnMut(&mut toml_edit::Array),
) {
    at(&mut Place::Item(root), path, &mut |place| {
        let list = match place {
            Place::Item(item) => item.as_array_mut(),
            Place::Value(value) => value.as_array_mut(),
        };
        list.into_iter().for_each(&mut *visit);
    });
}
