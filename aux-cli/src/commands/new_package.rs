//! `new-package`: an entry in the manifest and a directory to start from.

use aux_arguments::NewPackage as Args;
use aux_edit::{Addition, NewPackage};
use aux_gen::disk::Draft;
use aux_model::answers::Wish;
use aux_model::{
    AttrName, Attribute, Catalog, EdgeKind, Family, PackageRef, PackageRefError, Repo, RepoName,
    SigName, printable,
};
use aux_output::AddedPackage;
use aux_session::{CheckedRegistry, Exit, Failure, Session, sig};

use crate::commands::generate::regenerate;
use crate::commands::new_sig::name;
use crate::commands::{added_package, new_member};

pub(crate) fn run(session: &Session, args: &Args) -> Result<Exit, Failure> {
    if let Some((of, path)) = args.package.split_once('/')
        && let Some((set, member)) = path.rsplit_once('.')
    {
        return new_member::run(session, args, (of, set, member));
    }
    let (lock, family) = session.locked_family()?;
    let new = new_package(args, &family)?;
    family.must_be_here(&new.repo)?;
    let repo = repo_of(&family.catalog, &new)?;
    // A repo that discovers its packages keeps no list of them.
    let draft = if !repo.discover || new.says_more() {
        listed(&family, &new)?
    } else {
        unlisted(&new)
    };

    // Everything is worked out and checked before the first byte is written.
    let family = super::manifest_edits::drafted(family, &draft)?;
    super::manifest_edits::write_manifest(session, &family.registry, &draft, &[])?;
    let exit = regenerate(session, &lock, &family)?;
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
    if let Some(known) = of_ours(catalog, &attribute) {
        return Err(Failure::refused(
            format!(
                "`{attribute}` is an attribute of `{}` already",
                known.package
            ),
            "the flat view has one package for each name: choose another",
        ));
    }
    let owner = args.owner.as_deref();
    let owner = owner.map(|owner| sig(catalog, owner)).transpose()?;
    let mut edges = Vec::new();
    for (kind, names) in [
        (EdgeKind::Build, &args.build),
        (EdgeKind::Runtime, &args.runtime),
        (EdgeKind::Test, &args.test),
        (EdgeKind::Optional, &args.optional),
    ] {
        for name in names {
            edges.push((kind, dependency(catalog, name)?));
        }
    }
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
        } else {
            Addition::Package
        },
        description: args.description.clone(),
        owner,
        watchers,
        edges,
    })
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
    let wanted: PackageRef = text.parse().map_err(|error: PackageRefError| {
        Failure::refused(
            format!("`{}` is no name for a package: {error}", printable(text)),
            error.help(),
        )
    })?;
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

pub(super) fn repo_of<'c>(catalog: &'c Family, new: &NewPackage) -> Result<&'c Repo, Failure> {
    let repo = catalog
        .repo(new.repo.as_str())
        .filter(|repo| repo.is_generated());
    repo.ok_or_else(|| {
        Failure::refused(
            format!(
                "repo `{}` is external: its files are not ours to write",
                new.repo
            ),
            "add the package there by hand, then name it in the manifest",
        )
    })
}

/// What a repo of ours has under a name. What somebody else's core has may be replaced, and `check`
/// names that.
pub(super) fn of_ours<'c>(catalog: &'c Catalog, name: &AttrName) -> Option<&'c Attribute> {
    let known = catalog.attribute(name.as_str())?;
    let repo = catalog.repo(known.package.repo.as_str());
    (!repo.is_some_and(Repo::is_outside)).then_some(known)
}
