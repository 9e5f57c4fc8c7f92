//! What goes, and what is said in its place.

use aux_model::{AttrName, Family, Module, Package, PackageId, PackageSet, Repo};

use crate::editor::Editor;
use crate::error::EditError;
use crate::former::{FormerName, Removal};
use crate::part::RepoPart;

impl Editor {
    /// Another part of a set answers for what the part of a repo had that goes.
    fn retire_members(
        &mut self,
        family: &Family,
        set: &PackageSet,
        removal: &Removal,
    ) -> Result<(), EditError> {
        let others = || family.parts_of(set).filter(|part| part.repo != set.repo);
        let heir = others().find(|part| part.extends.is_none());
        let Some(heir) = heir.or_else(|| others().next()) else {
            return Ok(());
        };
        for name in set.members.keys() {
            self.say_removed(&FormerName::of_member(heir, name), None, removal)?;
        }
        for (name, removed) in &set.former.removed {
            self.say_removed(
                &FormerName::of_member(heir, name),
                None,
                &Removal::of(removed),
            )?;
        }
        for (name, now) in &set.former.renamed {
            let name = FormerName::of_member(heir, name);
            if set.members.contains_key(&now.to) {
                self.say_removed(&name, None, removal)?;
            } else {
                self.say_renamed(&name, now.to.as_str(), now.until, false)?;
            }
        }
        for part in others() {
            let led = part.former.renamed.iter();
            for (name, _) in led.filter(|(_, now)| set.members.contains_key(&now.to)) {
                self.say_removed(&FormerName::of_member(part, name), None, removal)?;
            }
        }
        Ok(())
    }

    /// Takes a package away. Each of its attributes says why it is gone, and so does every former name and every
    /// other repo that led to it.
    ///
    /// `family` is of these files.
    ///
    /// # Errors
    /// When a file cannot be edited. Nothing has changed then.
    pub fn remove_package_in(
        &mut self,
        family: &Family,
        package: &PackageId,
        removal: &Removal,
    ) -> Result<(), EditError> {
        let attributes = family.package(package).map(Package::attributes);
        let attributes = attributes.unwrap_or_default();
        self.as_a_whole(|editor| {
            match editor.remove_package(package) {
                Ok(()) | Err(EditError::NoPackage(_)) => {}
                Err(error) => return Err(error),
            }
            for attribute in attributes.keys() {
                let gone = FormerName::Package(package.repo.clone(), attribute.clone());
                editor.say_removed(&gone, None, removal)?;
            }
            for repo in family.repos() {
                let renamed = repo.former.renamed.iter();
                let renamed = renamed.filter(|(_, now)| attributes.contains_key(&now.to));
                for (old, _) in renamed {
                    let gone = FormerName::Package(repo.name.clone(), old.clone());
                    editor.say_removed(&gone, None, removal)?;
                }
                editor.drop_redirect(repo, package)?;
            }
            Ok(())
        })
    }

    /// Takes a module away, says why it is gone, and so does every former name that led to it.
    ///
    /// # Errors
    /// When the repo has no such module. Nothing has changed then.
    pub fn remove_module_in(
        &mut self,
        repo: &Repo,
        module: &Module,
        removal: &Removal,
    ) -> Result<(), EditError> {
        let old = repo.former.renamed_modules.iter();
        let old = old.filter(|(_, renamed)| renamed.to == module.name);
        let old = old.map(|(old, _)| old);
        self.as_a_whole(|editor| {
            editor.remove_part(&repo.name, &RepoPart::Module(module.name.clone()))?;
            for name in [&module.name].into_iter().chain(old) {
                let gone = FormerName::Module(repo.name.clone(), name.clone());
                editor.say_removed(&gone, Some(module.class), removal)?;
            }
            Ok(())
        })
    }

    /// Takes a repo away. Its attributes, and all that it answered for, are answered for by top-level from
    /// then on.
    ///
    /// `family` is of these files.
    ///
    /// # Errors
    /// When no file defines it. Nothing has changed then.
    pub fn retire_repo(
        &mut self,
        family: &Family,
        repo: &Repo,
        removal: &Removal,
    ) -> Result<(), EditError> {
        let top = &family.top_level().name;
        let at_top = |name: &AttrName| FormerName::Package(top.clone(), name.clone());
        let attributes = family.attributes_of(repo);
        self.as_a_whole(|editor| {
            editor.remove_repo(&repo.name)?;
            for attribute in attributes.keys() {
                editor.say_removed(&at_top(attribute), None, removal)?;
            }
            for (old, removed) in &repo.former.removed {
                let removal = Removal::of(removed);
                editor.say_removed(&at_top(old), None, &removal)?;
            }
            for (old, renamed) in &repo.former.renamed {
                if attributes.contains_key(&renamed.to) {
                    editor.say_removed(&at_top(old), None, removal)?;
                } else {
                    let to = renamed.to.as_str();
                    editor.say_renamed(&at_top(old), to, renamed.until, false)?;
                }
            }
            let modules = repo.modules.values();
            let modules = modules.map(|module| (&module.name, module.class));
            let former = &repo.former;
            let renamed = former.renamed_modules.iter().filter_map(|(old, now)| {
                let module = repo.modules.get(&now.to)?;
                Some((old, module.class))
            });
            for (name, class) in modules.chain(renamed) {
                let gone = FormerName::Module(top.clone(), name.clone());
                editor.say_removed(&gone, Some(class), removal)?;
            }
            for (name, module) in &former.removed_modules {
                let gone = FormerName::Module(top.clone(), name.clone());
                editor.say_removed(&gone, Some(module.class), &Removal::of(&module.removed))?;
            }
            for (old, moved) in repo.moved.iter().filter(|(_, moved)| moved.to != *top) {
                editor.redirect_to(top, old, (&moved.to, moved.until))?;
            }
            for other in family.repos().filter(|other| other.name != repo.name) {
                for package in repo.packages.values() {
                    editor.drop_redirect(other, &package.id)?;
                }
                for (old, renamed) in &other.former.renamed {
                    if attributes.contains_key(&renamed.to) {
                        let gone = FormerName::Package(other.name.clone(), old.clone());
                        editor.say_removed(&gone, None, removal)?;
                    }
                }
            }
            for (old, renamed) in &family.former().repos {
                if renamed.to == repo.name {
                    editor.say_removed(&FormerName::Repo(old.clone()), None, removal)?;
                }
            }
            for set in repo.sets.values() {
                editor.retire_members(family, set, removal)?;
            }
            editor.say_removed(&FormerName::Repo(repo.name.clone()), None, removal)
        })
    }
}
