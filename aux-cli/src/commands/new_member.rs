//! `new-package REPO/SET.NAME`: a member of a package set.

use std::collections::BTreeSet;

use aux_arguments::NewPackage as Args;
use aux_edit::NewMember;
use aux_model::{AttrName, Family, PackageSet, RepoName, printable};
use aux_output::AddedPackage;
use aux_session::{Exit, Failure, Session, repo, sig};

use crate::commands::generate::rewrite;
use crate::commands::manifest_edits::OnDisk;
use crate::commands::new_entry::{generated, must_be_new_member, package_ref};
use crate::commands::{added_package, manifest_edits};
use aux_session::name;

pub(crate) fn run(
    session: &Session,
    args: &Args,
    (of, set, member): (&str, &str, &str),
) -> Result<Exit, Failure> {
    let (lock, family) = session.locked_family()?;
    let catalog = &family.catalog;
    let of = repo(catalog, of)?;
    family.must_be_here(&of)?;
    let said = [
        ("--place", args.place),
        ("--builder", args.builder),
        ("--language", args.language.is_some()),
        ("--variant", !args.variant.is_empty()),
        ("--alias", !args.alias.is_empty()),
        ("--defines", !args.defines.is_empty()),
        ("--module", args.module.is_some()),
        ("--overlay", args.overlay),
    ];
    if let Some((flag, _)) = said.into_iter().find(|(_, is_said)| *is_said) {
        return Err(Failure::refused(
            format!(
                "`{flag}` is for packages, and `{}` is a member of a set",
                printable(&args.package)
            ),
            format!("leave out `{flag}`: a member is one package, called by its set"),
        ));
    }
    generated(catalog, &of, "the member")?;
    let set = part_of(catalog, &of, set)?;
    let member: AttrName = name("member", member)?;
    must_be_new_member(catalog, set, &member)?;
    let owner = args.owner.as_deref();
    let owner = owner.map(|owner| sig(catalog, owner)).transpose()?;
    let edges = args
        .needs()
        .map(|(kind, text)| Ok((kind, package_ref(text)?)));
    let edges = edges.collect::<Result<Vec<_>, Failure>>()?;
    let is_part = catalog
        .repo(of.as_str())
        .is_some_and(|repo| repo.sets.contains_key(&set.name));
    let new = NewMember {
        extends: (!is_part).then(|| set.root().clone()),
        set: set.name.clone(),
        name: member,
        description: args.description.clone(),
        repo: of,
        owner,
        edges,
    };
    let mut editor = manifest_edits::editor(&family.sources)?;
    editor.add_member_of_set(&new)?;
    let draft = manifest_edits::draft(&editor);
    let (exit, family) = rewrite(session, &lock, family, &draft, &OnDisk::default())?;
    drop(lock);
    let path = family.catalog.repo(new.repo.as_str());
    let path = path.map_or_else(String::new, |repo| repo.path.to_string());
    let added = AddedPackage {
        package: format!("{}/{}.{}", new.repo, new.set, new.name),
        file: format!("{path}/pkgs/{}/{}/package.nix", new.set, new.name),
    };
    session.terminal.report_with(&added, added_package::show)?;
    Ok(exit)
}

/// The set of that name, or with an instance of it: the part that the repo has, or else the one that
/// defines it.
pub(in crate::commands) fn part_of<'f>(
    family: &'f Family,
    of: &RepoName,
    text: &str,
) -> Result<&'f PackageSet, Failure> {
    let is_it = |set: &&PackageSet| set.name == *text || set.instances.contains_key(text);
    let own = family.sets().filter(is_it).find(|set| set.repo == *of);
    let defining = || {
        let mut sets = family.sets().filter(is_it);
        sets.find(|set| set.extends.is_none())
    };
    own.or_else(defining).ok_or_else(|| {
        let known: BTreeSet<&str> = family.sets().map(|set| set.name.as_str()).collect();
        Failure::not_found(
            format!("no repo has a package set `{}`", printable(text)),
            aux_model::did_you_mean(text, known).unwrap_or_else(|| {
                format!(
                    "define it: `[repos.{of}.sets.{}]`, with `instances`",
                    printable(text)
                )
            }),
        )
    })
}
