//! What is added to a manifest: SIGs, packages, edges.

use semver::VersionReq;
use toml_edit::{Array, InlineTable, Item, Table, TableLike, Value, value};

use crate::edge::{EdgeKind, PackageId};
use crate::manifest::draft::PackageRef;
use crate::manifest::edit::document::{
    EditError, array, close_up, insert, parse, written_as_tables,
};
use crate::name::{AttrName, Handle, RepoName, SigName, TierName};

/// A SIG to add, with the repo it runs.
#[derive(Debug, Clone)]
pub struct NewSig {
    /// The SIG's name.
    pub sig: SigName,
    /// The repo's name.
    pub repo: RepoName,
    /// The repo's tier.
    pub tier: TierName,
    /// Who leads it; at least one.
    pub leads: Vec<Handle>,
    /// Those of the leads that no manifest file defines yet.
    pub new_people: Vec<Handle>,
    /// What the SIG is for.
    pub description: Option<String>,
    /// Repos that become flake inputs.
    pub uses: Vec<(RepoName, VersionReq)>,
}

/// A package to add to a repo.
#[derive(Debug, Clone)]
pub struct NewPackage {
    /// The repo that gets it.
    pub repo: RepoName,
    /// Its attribute.
    pub name: AttrName,
    /// What is added.
    pub what: Addition,
    /// What it is, in one sentence.
    pub description: Option<String>,
    /// The SIG that owns it, if not the repo's.
    pub owner: Option<SigName>,
    /// What it needs.
    pub edges: Vec<(EdgeKind, PackageRef)>,
}

/// Which kind of entry is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addition {
    /// An entry of `packages`.
    Package,
    /// An entry of `builders`.
    Builder,
}

/// Adds a SIG, its repo and its new people to the end of a text, which may be
/// empty. Applied to the text of the root or of an included file alike.
///
/// # Errors
/// When the text is no TOML, or a name is taken in it.
pub fn add_sig(text: &str, new: &NewSig) -> Result<String, EditError> {
    let mut document = parse(text)?;
    for handle in &new.new_people {
        let mut person = Table::new();
        person.decor_mut().set_prefix("\n");
        insert(&mut document, "people", handle.as_str(), person)?;
    }

    let mut sig = Table::new();
    if let Some(description) = &new.description {
        sig.insert("description", value(description));
    }
    sig.insert("leads", value(array(new.leads.iter().map(Handle::as_str))));
    sig.decor_mut().set_prefix("\n");
    insert(&mut document, "sigs", new.sig.as_str(), sig)?;

    let mut repo = Table::new();
    repo.insert("sig", value(new.sig.as_str()));
    repo.insert("tier", value(new.tier.as_str()));
    repo.insert("contract", value("1.0.0"));
    let mut uses = InlineTable::new();
    for (name, requirement) in &new.uses {
        uses.insert(name.as_str(), Value::from(requirement.to_string()));
    }
    repo.insert("uses", value(uses));
    repo.decor_mut().set_prefix("\n");
    insert(&mut document, "repos", new.repo.as_str(), repo)?;
    let edited = document.to_string();
    // A file that starts here starts without the blank line between tables.
    Ok(match edited.strip_prefix('\n') {
        Some(rest) if text.is_empty() => rest.to_owned(),
        _ => edited,
    })
}

/// Adds a package or builder to the repo that the text defines.
///
/// # Errors
/// When the text is no TOML, does not define the repo, or has the package.
pub fn add_package(text: &str, new: &NewPackage) -> Result<String, EditError> {
    let mut document = parse(text)?;
    let repo = document
        .get_mut("repos")
        .and_then(Item::as_table_like_mut)
        .and_then(|repos| repos.get_mut(new.repo.as_str()))
        .ok_or_else(|| EditError::NoRepo(new.repo.clone()))?;
    let section = match new.what {
        Addition::Package => "packages",
        Addition::Builder => "builders",
    };
    let path = || format!("repos.{}.{section}", new.repo);
    let repo = repo
        .as_table_like_mut()
        .ok_or_else(|| EditError::NotATable(format!("repos.{}", new.repo)))?;
    if !repo.contains_key(section) {
        let mut table = Table::new();
        table.decor_mut().set_prefix("\n");
        repo.insert(section, Item::Table(table));
    }
    if let Some(packages) = repo.get_mut(section).and_then(Item::as_inline_table_mut) {
        close_up(packages);
    }
    let packages = repo
        .get_mut(section)
        .and_then(Item::as_table_like_mut)
        .ok_or_else(|| EditError::NotATable(path()))?;
    if packages.contains_key(new.name.as_str()) {
        return Err(EditError::Exists(format!("{}/{}", new.repo, new.name)));
    }
    let entry = if written_as_tables(packages) {
        let mut table = Table::new();
        describe(&mut table, new);
        table.decor_mut().set_prefix("\n");
        Item::Table(table)
    } else {
        let mut table = InlineTable::new();
        describe(&mut table, new);
        value(table)
    };
    packages.insert(new.name.as_str(), entry);
    Ok(document.to_string())
}

/// Adds a dependency, `ATTRIBUTE` or `REPO/ATTRIBUTE`, to a package or builder
/// of the repo that the text defines. One that is there already stays one.
///
/// # Errors
/// When the text is no TOML, or does not list the package.
pub fn add_edge(
    text: &str,
    package: &PackageId,
    kind: EdgeKind,
    target: &str,
) -> Result<String, EditError> {
    let mut document = parse(text)?;
    let repo = document
        .get_mut("repos")
        .and_then(Item::as_table_like_mut)
        .and_then(|repos| repos.get_mut(package.repo.as_str()))
        .and_then(Item::as_table_like_mut)
        .ok_or_else(|| EditError::NoRepo(package.repo.clone()))?;
    let section = ["packages", "builders"].into_iter().find(|section| {
        repo.get(section)
            .and_then(Item::as_table_like)
            .is_some_and(|packages| packages.contains_key(package.name.as_str()))
    });
    // A package that the repo's tree has need not be listed: now it is.
    let packages = repo
        .entry(section.unwrap_or("packages"))
        .or_insert(Item::Table(Table::new()))
        .as_table_like_mut()
        .ok_or_else(|| EditError::NotATable(format!("repos.{}.packages", package.repo)))?;
    let entry = packages
        .entry(package.name.as_str())
        .or_insert(value(InlineTable::new()));
    if let Some(entry) = entry.as_inline_table_mut()
        && !entry.contains_key(kind.as_str())
    {
        close_up(entry);
    }
    let entry = entry
        .as_table_like_mut()
        .ok_or_else(|| EditError::NotATable(package.to_string()))?;
    let list = entry
        .entry(kind.as_str())
        .or_insert(value(Array::new()))
        .as_array_mut()
        .ok_or_else(|| EditError::NotATable(format!("{kind} of {package}")))?;
    if !list.iter().any(|known| known.as_str() == Some(target)) {
        list.push(target);
    }
    Ok(document.to_string())
}

pub(crate) fn describe(table: &mut dyn TableLike, new: &NewPackage) {
    if let Some(description) = &new.description {
        table.insert("description", value(description));
    }
    if let Some(owner) = &new.owner {
        table.insert("owner", value(owner.as_str()));
    }
    for kind in EdgeKind::ALL {
        let targets: Vec<String> = new
            .edges
            .iter()
            .filter(|(of_kind, _)| of_kind == kind)
            .map(|(_, target)| target.to_string())
            .collect();
        if !targets.is_empty() {
            table.insert(
                kind.as_str(),
                value(array(targets.iter().map(String::as_str))),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use toml_edit::DocumentMut;

    use super::*;

    fn python() -> NewSig {
        NewSig {
            sig: "python".parse().unwrap(),
            repo: "python".parse().unwrap(),
            tier: "languages".parse().unwrap(),
            leads: vec!["ada".parse().unwrap()],
            new_people: vec!["ada".parse().unwrap()],
            description: Some("Python \"and\" friends".to_owned()),
            uses: vec![("core".parse().unwrap(), "^1.0".parse().unwrap())],
        }
    }

    #[test]
    fn a_new_file_holds_the_person_the_sig_and_the_repo() {
        insta::assert_snapshot!(add_sig("", &python()).unwrap(), @r#"
        [people.ada]

        [sigs.python]
        description = 'Python "and" friends'
        leads = ["ada"]

        [repos.python]
        sig = "python"
        tier = "languages"
        contract = "1.0.0"
        uses = { core = "^1.0" }
        "#);
    }

    #[test]
    fn blank_lines_at_the_start_stay() {
        let after = add_sig("\n\n[people.bob]\n", &python()).unwrap();
        assert!(after.starts_with("\n\n[people.bob]\n"), "{after}");
    }

    #[test]
    fn what_a_person_wrote_stays_byte_for_byte() {
        let before = "# the root\n\n[ people . bob ] # odd but mine\n  name=\"Bob\"\n\n[repos.core]\nsig = \"core\" # yes\n\n# the end\n";
        let after = add_sig(before, &python()).unwrap();
        for line in before.lines() {
            assert!(after.contains(line), "{line:?} is gone from\n{after}");
        }
        assert!(add_sig(&after, &python()).is_err(), "twice is refused");
    }

    #[test]
    fn an_edge_is_added_in_the_style_of_its_package() {
        let before = "[repos.python.packages]\na = { description = \"A\" } # kept\nb = { build = [\"x\"] }\nc = {}\n";
        let mut text = before.to_owned();
        for name in ["a", "b", "c", "d"] {
            let package = PackageId {
                repo: "python".parse().unwrap(),
                name: name.parse().unwrap(),
            };
            text = add_edge(&text, &package, EdgeKind::Build, "core/y").unwrap();
            let twice = add_edge(&text, &package, EdgeKind::Build, "core/y").unwrap();
            assert_eq!(twice, text, "it is there already");
        }
        insta::assert_snapshot!(text, @r#"
        [repos.python.packages]
        a = { description = "A", build = ["core/y"] } # kept
        b = { build = ["x", "core/y"] }
        c = { build = ["core/y"] }
        d = { build = ["core/y"] }
        "#);
    }

    #[test]
    fn a_package_is_added_in_the_style_of_its_neighbours() {
        let new = |name: &str| NewPackage {
            repo: "python".parse().unwrap(),
            name: name.parse().unwrap(),
            what: Addition::Package,
            description: None,
            owner: None,
            edges: vec![(EdgeKind::Build, "core/openssl".parse().unwrap())],
        };
        let bare = "[repos.python]\nsig = \"python\"\n";
        insta::assert_snapshot!(add_package(bare, &new("a")).unwrap(), @r#"
        [repos.python]
        sig = "python"

        [repos.python.packages]
        a = { build = ["core/openssl"] }
        "#);
        let tables = "[repos.python]\nsig = \"python\"\n\n[repos.python.packages.b] # kept\n";
        insta::assert_snapshot!(add_package(tables, &new("a")).unwrap(), @r#"
        [repos.python]
        sig = "python"

        [repos.python.packages.b] # kept

        [repos.python.packages.a]
        build = ["core/openssl"]
        "#);
        let inline = "[repos]\npython = { sig = \"python\", packages = { b = {} } }\n";
        let after = add_package(inline, &new("a")).unwrap();
        assert!(after.parse::<DocumentMut>().is_ok(), "{after}");
        assert!(add_package("", &new("a")).is_err());
    }
}
