//! People, SIGs and who answers for what.

use std::collections::BTreeMap;
use std::fmt::Display;

use aux_names::{Handle, SigName};

use crate::access::Access;
use crate::catalog::build::builder::Builder;
use crate::manifest::draft::{PersonDraft, SigDraft};
use crate::sig::{Person, Sig};
use aux_problems::Code;
use aux_problems::{At, Located};

impl Builder<'_> {
    pub(super) fn people(
        &mut self,
        drafts: Vec<(Located<Handle>, PersonDraft)>,
    ) -> BTreeMap<Handle, Person> {
        let mut seen: BTreeMap<Handle, At> = BTreeMap::new();
        let mut people = BTreeMap::new();
        for (handle, person) in drafts {
            if let Some(first) = seen.get(&handle.value) {
                self.defined_twice("person", &handle.value, handle.at, *first);
                continue;
            }
            seen.insert(handle.value.clone(), handle.at);
            let person = Person {
                handle: handle.value.clone(),
                name: person.name,
                email: person.email,
            };
            people.insert(handle.value, person);
        }
        people
    }

    pub(super) fn sigs(
        &mut self,
        drafts: Vec<(Located<SigName>, SigDraft)>,
        people: &BTreeMap<Handle, Person>,
    ) -> BTreeMap<SigName, Sig> {
        let mut sigs = BTreeMap::new();
        for (name, sig) in self.unique("SIG", drafts, |_| true) {
            for handle in sig.leads.iter().chain(&sig.members) {
                self.known_person(format_args!("SIG `{}`", name.value), handle, people);
            }
            if sig.leads.is_empty() {
                self.report(
                    Code::SigWithoutLead,
                    name.at,
                    format!("SIG `{}` has no lead", name.value),
                    Some("name at least one person in `leads`".to_owned()),
                );
            }
            let sig = Sig {
                name: name.value.clone(),
                description: sig.description,
                leads: sig.leads.into_iter().map(|handle| handle.value).collect(),
                team: sig.team,
                members: sig.members.into_iter().map(|handle| handle.value).collect(),
                contact: sig.contact,
                responsibilities: sig.responsibilities,
                access: sig.access.unwrap_or(Access::Write),
            };
            sigs.insert(name.value, sig);
        }
        sigs
    }

    pub(super) fn known_person(
        &mut self,
        asker: impl Display,
        handle: &Located<Handle>,
        people: &BTreeMap<Handle, Person>,
    ) {
        if people.contains_key(&handle.value) {
            return;
        }
        let help = self
            .suggest(handle.value.as_str(), people.keys().map(Handle::as_str))
            .unwrap_or_else(|| format!("define the person under `[people.{}]`", handle.value));
        self.report(
            Code::UnknownPerson,
            handle.at,
            format!("{asker}: there is no person `{}`", handle.value),
            Some(help),
        );
    }

    /// The owner named, or the SIG of the repo.
    pub(super) fn owner(
        &mut self,
        owned: impl Display,
        owner: Option<Located<SigName>>,
        sig: &SigName,
        sigs: &BTreeMap<SigName, Sig>,
    ) -> SigName {
        let Some(owner) = owner else {
            return sig.clone();
        };
        if !sigs.contains_key(&owner.value) {
            self.unknown(Code::UnknownOwner, owned, "SIG", &owner, sigs.keys());
        }
        owner.value
    }
}
