//! What becomes of one file: how it stands, whether it is written, kept or merged.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]
#![allow(
    clippy::disallowed_methods,
    reason = "the test edits files as people do"
)]

use std::fs;

use aux_gen::disk::{
    ChangeKind, Changes, Decision, FileState, KeptReason, Registry, compare, decide, remember,
    write,
};
use aux_gen::plan::{Plan, plan};
use aux_gen::render::Templates;

const README: &str = "repos/games/README.md";

/// A registry of one repo besides core and top-level.
struct Family {
    folder: tempfile::TempDir,
}

impl Family {
    /// One that was generated and not touched since.
    fn generated() -> Self {
        let family = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        family.describe("games");
        family.generate();
        family
    }

    fn generate(&self) {
        let (registry, plan) = (self.registry(), self.plan());
        let changes = compare(&registry, &plan).unwrap();
        write(&registry.lock().unwrap(), &registry, &changes).unwrap();
        remember(&registry, &plan, &changes, None);
    }

    /// Gives the repo another description, and so its README another text.
    fn describe(&self, description: &str) {
        let manifest = format!(
            "format = \"1.0\"\n\
             organization = {{ name = \"x\", forge = \"github:x\" }}\n\
             tiers = [{{ name = \"core\" }}, {{ name = \"sigs\" }}, {{ name = \"top-level\" }}]\n\
             people.ada = {{}}\n\
             sigs.all.leads = [\"ada\"]\n\
             repos.core = {{ sig = \"all\", tier = \"core\" }}\n\
             repos.games = {{ sig = \"all\", tier = \"sigs\", description = \"{description}\" }}\n\
             repos.top-level = {{ sig = \"all\", tier = \"top-level\" }}\n"
        );
        fs::write(self.folder.path().join("aux.toml"), manifest).unwrap();
    }

    fn registry(&self) -> Registry {
        Registry::open(self.folder.path()).unwrap()
    }

    fn plan(&self) -> Plan {
        let catalog = self.registry().load().unwrap().catalog.unwrap();
        plan(&catalog, &Templates::built_in())
    }

    fn changes(&self) -> Changes {
        compare(&self.registry(), &self.plan()).unwrap()
    }

    fn state(&self, file: &str) -> Option<FileState> {
        let states = self.changes().states;
        let found = states.iter().find(|status| status.file == file);
        found.map(|status| status.state)
    }

    fn change(&self, file: &str) -> Option<ChangeKind> {
        let changes = self.changes();
        let mut all = changes.iter();
        all.find(|(_, change)| change.file == file)
            .map(|(_, change)| change.kind)
    }

    fn kept(&self, file: &str) -> Option<KeptReason> {
        let kept = self.changes().kept;
        let found = kept.iter().find(|kept| kept.file == file);
        found.map(|kept| kept.reason)
    }

    fn edit(&self, file: &str, edit: impl Fn(&str) -> String) {
        let path = self.folder.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, edit(&text)).unwrap();
    }
}

#[test]
fn what_was_generated_has_nothing_to_say() {
    let family = Family::generated();
    let changes = family.changes();
    assert!(changes.is_empty());
    assert_eq!(changes.states, []);
    assert_eq!(changes.kept, []);
}

#[test]
fn a_file_whose_model_changed_is_updated() {
    let family = Family::generated();
    family.describe("chess and go");
    assert_eq!(family.change(README), Some(ChangeKind::Update));
    assert_eq!(family.state(README), Some(FileState::Stale));
}

#[test]
fn a_change_by_hand_stays_and_what_is_new_is_merged_into_it() {
    let family = Family::generated();
    family.edit(README, |text| format!("{text}\nOurs.\n"));
    assert_eq!(family.change(README), None);
    assert_eq!(family.state(README), Some(FileState::Modified));
    family.describe("chess and go");
    assert_eq!(family.change(README), Some(ChangeKind::Merge));
    assert_eq!(family.state(README), Some(FileState::Merging));
    family.generate();
    let merged = fs::read_to_string(family.folder.path().join(README)).unwrap();
    assert!(merged.contains("chess and go") && merged.contains("Ours."));
}

#[test]
fn changes_that_do_not_go_together_are_left_alone_until_somebody_decides() {
    let family = Family::generated();
    family.edit(README, |text| text.replace("games\n", "our games\n"));
    let before = fs::read_to_string(family.folder.path().join(README)).unwrap();
    assert!(before.contains("our games"));
    family.describe("chess and go");
    assert_eq!(family.change(README), None);
    assert_eq!(family.kept(README), Some(KeptReason::Conflict));
    let marked = decide(&family.registry(), &family.plan(), README, Decision::Merge);
    assert!(marked.unwrap(), "it has conflict markers");
    assert_eq!(family.kept(README), Some(KeptReason::Unmerged));
    family.edit(README, |_| before.clone());
    decide(&family.registry(), &family.plan(), README, Decision::Theirs).unwrap();
    assert_eq!(family.state(README), None);
}

#[test]
fn a_file_that_the_generator_never_wrote_is_never_written_over() {
    let family = Family::generated();
    let file = family.folder.path().join(README);
    let record = family.folder.path().join("repos/games/.aux-gen/record");
    let lines = fs::read_to_string(&record).unwrap();
    let others = lines.lines().filter(|line| !line.contains("README.md"));
    let others: String = others.map(|line| format!("{line}\n")).collect();
    fs::write(&record, others).unwrap();
    fs::write(&file, "By hand.\n").unwrap();
    assert_eq!(family.change(README), None);
    assert_eq!(family.kept(README), Some(KeptReason::Written));
    assert_eq!(family.state(README), Some(FileState::Foreign));
}

#[test]
fn a_removed_file_stays_removed_and_a_folder_in_its_place_stays() {
    let family = Family::generated();
    let file = family.folder.path().join(README);
    fs::remove_file(&file).unwrap();
    assert_eq!(family.change(README), None);
    assert_eq!(family.state(README), Some(FileState::Removed));
    fs::create_dir(&file).unwrap();
    assert_eq!(family.change(README), None);
    assert_eq!(family.kept(README), Some(KeptReason::Blocked));
}

#[test]
fn an_ejected_file_is_its_owners_until_it_is_given_back() {
    let family = Family::generated();
    let to = |decision| decide(&family.registry(), &family.plan(), README, decision).unwrap();
    to(Decision::Eject);
    family.edit(README, |_| "Ours.\n".to_owned());
    family.describe("chess and go");
    assert_eq!(family.change(README), None);
    assert_eq!(family.state(README), Some(FileState::Ejected));
    to(Decision::Uneject);
    assert_ne!(family.state(README), Some(FileState::Ejected));
}
