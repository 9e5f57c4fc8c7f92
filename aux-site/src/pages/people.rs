//! The pages of people.

use aux_search::{Entry, HitKind};
use serde::Serialize;

use crate::address;
use crate::lookup::Lookup;
use crate::pages::frame::{Frame, Link};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct People {
    #[serde(flatten)]
    frame: Frame,
    people: Vec<Row>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    person: Link,
    name: Option<String>,
    sigs: Vec<Link>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PersonPage {
    #[serde(flatten)]
    frame: Frame,
    handle: String,
    name: Option<String>,
    contact: Option<Link>,
    leads: Vec<Link>,
    member_of: Vec<Link>,
    maintains: Vec<Link>,
}

impl People {
    pub(crate) fn of(lookup: &Lookup<'_>, path: &str) -> Self {
        let root = address::root_of(path);
        let people = lookup.index.entries.iter();
        let people = people.filter(|entry| entry.kind == HitKind::Person);
        Self {
            frame: Frame::of(lookup, path, "People", "Who takes part"),
            people: people
                .map(|person| Row {
                    person: Link::person(&person.name, &root),
                    name: person.full_name.clone(),
                    sigs: person
                        .sigs
                        .iter()
                        .map(|sig| Link::sig(sig.as_str(), &root))
                        .collect(),
                })
                .collect(),
        }
    }
}

impl PersonPage {
    pub(crate) fn of(lookup: &Lookup<'_>, person: &Entry, path: &str) -> Self {
        let root = address::root_of(path);
        let sigs = lookup.source.catalog.sigs();
        let (leads, others): (Vec<_>, Vec<_>) = sigs
            .filter(|sig| person.sigs.contains(&sig.name))
            .partition(|sig| sig.leads.iter().any(|lead| *lead == *person.name.as_str()));
        let link = |sig: &aux_model::Sig| Link::sig(sig.name.as_str(), &root);
        let maintained = lookup.maintained.get(person.name.as_str());
        let maintained = maintained.into_iter().flatten();
        let maintained = maintained.map(|number| &lookup.index.entries[*number]);
        Self {
            frame: Frame::of(
                lookup,
                path,
                &format!("@{}", person.name),
                "Somebody who takes part",
            ),
            handle: person.name.clone(),
            name: person.full_name.clone(),
            contact: person.contact.as_deref().map(Link::outside),
            leads: leads.into_iter().map(link).collect(),
            member_of: others.into_iter().map(link).collect(),
            maintains: maintained
                .map(|entry| {
                    let repo = entry.repo.as_ref().map_or("", |repo| repo.as_str());
                    Link::page(
                        format!("{repo}/{}", entry.name),
                        &root,
                        &address::of_entry(entry),
                    )
                })
                .collect(),
        }
    }
}
