//! `new-package`: an entry in the manifest and a directory to start from.

use aux_search::Search;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aux_arguments::{NewPackage as Args, ProgramLanguage};
use aux_edit::{Addition, NewPackage};
use aux_gen::disk::{Draft, link_on};
use aux_gen::languages::{self, Language, Start, StartError};
use aux_model::answers::Wish;
use aux_model::{
    AttrName, Catalog, EdgeKind, Family, PackageRef, Repo, RepoName, SigName, VariantName,
    printable,
};
use aux_output::AddedPackage;
use aux_session::{CheckedRegistry, Exit, Failure, Session, sig};

use crate::commands::generate::rewrite;
use crate::commands::manifest_edits::OnDisk;
use crate::commands::new_entry::{generated, must_be_free, package_ref};
use crate::commands::new_files::tell_git_of;
use crate::commands::{added_package, new_member, new_part};
use aux_session::name;

/// The way out where a name is taken.
const ANOTHER: &str = "the flat view has one package for each name: choose another";

pub(crate) fn run(session: &Session, args: &Args) -> Result<Exit, Failure> {
    if let Some((of, path)) = args.package.split_once('/')
        && let Some((set, member)) = path.rsplit_once('.')
    {
        return new_member::run(session, args, (of, set, member));
    }
    if args.module.is_some() || args.overlay {
        return new_part::run(session, args);
    }
    let (lock, family) = session.locked_family()?;
    let mut new = new_package(args, &family)?;
    family.must_be_here(&new.repo)?;
    let repo = generated(&family.catalog, &new.repo, "the package")?;
    let texts = match args.language {
        Some(language) => started(&family, repo, &mut new, language)?,
        None => BTreeMap::new(),
    };
    // A repo that discovers its packages keeps no list of them.
    let draft = if !repo.discover || new.says_more() {
        listed(&family, &new)?
    } else {
        unlisted(&new)
    };

    let written: Vec<PathBuf> = texts
        .keys()
        .map(|path| family.registry.root().join(path))
        .collect();
    let on_disk = OnDisk {
        texts,
        ..OnDisk::default()
    };
    let (exit, family) = rewrite(session, &lock, family, &draft, &on_disk)?;
    tell_git_of(&written, session);
    drop(lock);

    let id = format!("{}/{}", new.repo, new.name);
    let file = family
        .catalog
        .repo(new.repo.as_str())
        .and_then(|repo| {
            let package = repo.packages.get(&new.name)?;
            let directory = format!("{}/{}", repo.path, package.directory());
            // The directory may have been there already, in another layout.
            ["package.nix", "default.nix", "packages.nix"]
                .iter()
                .map(|file| format!("{directory}/{file}"))
                .find(|file| family.registry.root().join(file).is_file())
        })
        .unwrap_or_default();
    session
        .terminal
        .report_with(&AddedPackage { package: id, file }, added_package::show)?;
    Ok(exit)
}

/// What a package in a language starts from: files, relative to the registry. What it is built with
/// becomes an edge.
fn started(
    family: &CheckedRegistry,
    repo: &Repo,
    new: &mut NewPackage,
    language: ProgramLanguage,
) -> Result<BTreeMap<String, String>, Failure> {
    let directory = format!("{}/{}", repo.path, new.name.directory());
    let root = family.registry.root();
    if root.join(&directory).symlink_metadata().is_ok() {
        return Err(Failure::refused(
            format!("`{directory}` is there already"),
            "leave out `--language`: the package is what its files say",
        ));
    }
    let checkout = root.join(repo.path.as_str());
    if let Some(link) = link_on(&checkout, Path::new(&new.name.directory())) {
        return Err(Failure::refused(
            format!(
                "`{}/{}` is a symbolic link, and leads who knows where",
                repo.path,
                link.display()
            ),
            "put a folder in its place",
        ));
    }
    let needs = new.edges.iter();
    let needs: Vec<(EdgeKind, String)> = needs
        .map(|(kind, to)| (*kind, to.attribute.to_string()))
        .collect();
    let start = Start {
        language: match language {
            ProgramLanguage::C => Language::C,
            ProgramLanguage::Python => Language::Python,
            ProgramLanguage::Node => Language::Node,
            ProgramLanguage::Rust => Language::Rust,
            ProgramLanguage::Go => Language::Go,
            ProgramLanguage::Shell => Language::Shell,
        },
        name: &new.name,
        description: new.description.as_deref(),
        needs: &needs,
    };
    let started = languages::start(&family.catalog, repo, &start, &family.templates()?).map_err(
        |error| match error {
            StartError::Template(error) => error.into(),
            other => Failure::refused(
                other.to_string(),
                "add one of those first, or leave out `--language` and write package.nix by hand",
            ),
        },
    )?;
    for builder in &started.builders {
        if !needs.iter().any(|(_, known)| known == builder) {
            let edge = dependency(&family.catalog, builder)?;
            new.edges.push((EdgeKind::Build, edge));
        }
    }
    let files = started.files.into_iter();
    Ok(files
        .map(|(path, text)| (format!("{directory}/{path}"), text))
        .collect())
}

/// A package that comes, without an entry in the manifest.
fn unlisted(new: &NewPackage) -> Draft {
    Draft {
        package: Some((new.repo.clone(), new.name.clone())),
        ..Draft::default()
    }
}

/// A package that comes, with its entry in the file that its repo stands in.
pub(super) fn listed(family: &CheckedRegistry, new: &NewPackage) -> Result<Draft, Failure> {
    let mut editor = super::manifest_edits::editor(&family.sources)?;
    editor.add_package(new)?;
    Ok(Draft {
        package: unlisted(new).package,
        ..super::manifest_edits::draft(&editor)
    })
}

fn new_package(args: &Args, family: &CheckedRegistry) -> Result<NewPackage, Failure> {
    let catalog = &family.catalog;
    let (repo, attribute) = match (args.package.split_once('/'), args.place) {
        (Some((repo, attribute)), false) => (Some(repo), attribute),
        (None, true) => (None, args.package.as_str()),
        (None, false) => {
            return Err(Failure::refused(
                format!("`{}` names no repo", printable(&args.package)),
                "write REPO/NAME, such as `python/requests`, or let `--place` choose the repo",
            ));
        }
        (Some((_, attribute)), true) => {
            return Err(Failure::refused(
                format!(
                    "`{}` names a repo, and `--place` chooses it",
                    printable(&args.package)
                ),
                format!("write `{}` alone, or drop `--place`", printable(attribute)),
            ));
        }
    };
    let attribute: AttrName = name("package", attribute)?;
    must_be_free(catalog, &attribute, ANOTHER)?;
    let owner = args.owner.as_deref();
    let owner = owner.map(|owner| sig(catalog, owner)).transpose()?;
    let edges = args
        .needs()
        .map(|(kind, name)| Ok((kind, dependency(catalog, name)?)));
    let edges = edges.collect::<Result<Vec<_>, Failure>>()?;
    let (repo, watchers) = match repo {
        Some(repo) => (family.repos(&[repo.to_owned()])?.remove(0), Vec::new()),
        None => placed(catalog, &edges, owner.as_ref()),
    };
    // The SIG that runs the repo owns what is in it, said or not.
    let runs = catalog.repo(repo.as_str()).map(|repo| &repo.sig);
    let owner = owner.filter(|owner| !args.place || Some(owner) != runs);
    Ok(NewPackage {
        repo,
        name: attribute,
        what: if args.builder {
            Addition::Builder
        } else if args.defines.is_empty() {
            Addition::Package
        } else {
            Addition::Set {
                members: names(catalog, &args.defines)?,
                builders: Vec::new(),
            }
        },
        variants: variants(&args.variant)?,
        aliases: names(catalog, &args.alias)?,
        imported: None,
        description: args.description.clone(),
        owner,
        watchers,
        edges,
    })
}

/// Attributes that a package brings besides its own.
fn names(catalog: &Catalog, texts: &[String]) -> Result<Vec<AttrName>, Failure> {
    let names = texts.iter().map(|text| {
        let attribute: AttrName = name("package", text)?;
        must_be_free(catalog, &attribute, ANOTHER)?;
        Ok(attribute)
    });
    names.collect()
}

fn variants(texts: &[String]) -> Result<Vec<VariantName>, Failure> {
    let names = texts.iter().map(|text| name("variant", text));
    names.collect()
}

/// The repo that the rules of placement choose, and the SIGs that are asked about the package there.
fn placed(
    catalog: &Family,
    edges: &[(EdgeKind, PackageRef)],
    owner: Option<&SigName>,
) -> (RepoName, Vec<SigName>) {
    let needed = edges.iter().filter(|(kind, _)| kind.is_needed());
    let needs = needed.filter_map(|(_, to)| catalog.attribute(to.attribute.as_str()));
    let wish = Wish {
        needs: needs.map(|found| found.package.clone()).collect(),
        owner: owner.cloned(),
        ..Wish::default()
    };
    let placement = catalog.graph().place(&wish);
    (placement.repo, placement.watchers)
}

/// A package that exists, as the user names it.
fn dependency(catalog: &Family, text: &str) -> Result<PackageRef, Failure> {
    let wanted = package_ref(text)?;
    let found = catalog.attribute(wanted.attribute.as_str());
    if found.is_some_and(|found| {
        wanted
            .repo
            .as_ref()
            .is_none_or(|repo| *repo == found.package.repo)
    }) {
        return Ok(wanted);
    }
    let near = match found {
        Some(found) => Some(found.package.to_string()),
        None => catalog
            .attributes_like(wanted.attribute.as_str())
            .first()
            .map(ToString::to_string),
    };
    Err(Failure::refused(
        format!("there is no package `{wanted}`"),
        near.map_or_else(
            || {
                format!(
                    "add it first with `aux-gen new-package REPO/{}`",
                    wanted.attribute
                )
            },
            |near| format!("did you mean `{near}`?"),
        ),
    ))
}
