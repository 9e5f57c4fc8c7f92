//! Which traits the public types of the libraries implement.

use std::collections::{BTreeMap, BTreeSet};

use syn::{Attribute, Item, Visibility};

use crate::{root, sources};

/// What a user of a library expects of every type (Rust API guidelines, C-COMMON-TRAITS).
const COMMON: [&str; 3] = ["Debug", "Clone", "PartialEq"];

/// The libraries that are for others.
const CRATES: [&str; 3] = ["aux-model", "aux-edit", "aux-output"];

/// Types that lack one: they hold a whole family, whose parts are compared (`Catalog::diff`), or
/// the parts of a library that does not compare.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("aux-edit", "Editor", "PartialEq"),
    ("aux-model", "Alone", "PartialEq"),
    ("aux-model", "Catalog", "PartialEq"),
    ("aux-model", "Family", "PartialEq"),
    ("aux-model", "Manifest", "Clone"),
    ("aux-model", "Manifest", "PartialEq"),
    ("aux-model", "PackageGraph", "Clone"),
    ("aux-model", "PackageGraph", "PartialEq"),
    ("aux-model", "Survey", "PartialEq"),
    ("aux-output", "ReadError", "Clone"),
    ("aux-output", "ReadError", "PartialEq"),
];

/// The public types of files, and the traits that each has.
#[derive(Default)]
struct Types {
    public: BTreeSet<String>,
    has: BTreeMap<String, BTreeSet<String>>,
}

impl Types {
    fn read(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Struct(item) => self.add(&item.ident.to_string(), &item.vis, &item.attrs),
                Item::Enum(item) => self.add(&item.ident.to_string(), &item.vis, &item.attrs),
                Item::Impl(item) => {
                    if let (Some((_, of, _)), syn::Type::Path(on)) = (&item.trait_, &*item.self_ty)
                    {
                        let of = of.segments.last().unwrap().ident.to_string();
                        let on = on.path.segments.last().unwrap().ident.to_string();
                        self.has.entry(on).or_default().insert(of);
                    }
                }
                // `equal_but_for!(TYPE { ... } by { ... })` of aux-model.
                Item::Macro(item) if item.mac.path.is_ident("equal_but_for") => {
                    let text = item.mac.tokens.to_string();
                    let on = text.split_whitespace().next().unwrap_or_default();
                    let has = self.has.entry(on.to_owned()).or_default();
                    has.insert("PartialEq".to_owned());
                }
                _ => {}
            }
        }
    }

    fn add(&mut self, name: &str, visibility: &Visibility, attributes: &[Attribute]) {
        if matches!(visibility, Visibility::Public(_)) {
            self.public.insert(name.to_owned());
        }
        let derives = attributes
            .iter()
            .filter(|one| one.path().is_ident("derive"));
        let has = self.has.entry(name.to_owned()).or_default();
        for derive in derives {
            let text = derive.meta.require_list().unwrap().tokens.to_string();
            let names = text.split(|c: char| !c.is_alphanumeric());
            has.extend(names.map(str::to_owned));
        }
    }
}

#[test]
fn public_types_have_the_common_traits() {
    let mut lacks = BTreeSet::new();
    let mut looked_at = 0;
    for library in CRATES {
        let mut types = Types::default();
        for file in sources(&root().join(library).join("src")) {
            let text = std::fs::read_to_string(&file).unwrap();
            types.read(&syn::parse_file(&text).unwrap().items);
        }
        looked_at += types.public.len();
        for name in &types.public {
            for of in COMMON {
                if !types.has[name].contains(of) {
                    lacks.insert((library, name.clone(), of));
                }
            }
        }
    }
    assert!(looked_at > 150, "{looked_at} types are not all");
    let lacks: Vec<(&str, &str, &str)> = lacks
        .iter()
        .map(|(library, name, of)| (*library, name.as_str(), *of))
        .collect();
    assert_eq!(lacks, EXCEPTIONS, "what is so, and what is listed in order");
}
