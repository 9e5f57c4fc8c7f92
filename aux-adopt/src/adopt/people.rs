//! People and SIGs as a community writes them down: Nix data of users, SIGs and memberships, as
//! auxolotl/community has it, or the contacts of repos, as the `repos.json` of NUR has them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use aux_gen::disk::{DiskError, read_text};
use aux_gen::render::quote;
use aux_model::{Handle, SigName, Team};
use aux_nix::language::quote as nix_quote;
use aux_nix::{Answer, Limits, Nix, NixError, Question};
use serde::Deserialize;
use serde_json::Value;

use crate::adopt::adopted::Adopted;
use crate::adopt::toml::{key, list};

/// What a community says of its people.
#[derive(Debug, Default)]
pub struct People {
    /// Everybody, by account, with the name that the community calls them by.
    pub people: BTreeMap<Handle, String>,
    /// SIGs with those who lead them and those who take part.
    pub sigs: BTreeMap<SigName, SigPeople>,
    /// Who answers for a repo, by its name, and where it is.
    pub contacts: BTreeMap<String, Contact>,
    /// How many people, SIGs, memberships and repos were looked at.
    pub seen: usize,
    /// Those of them of which nothing comes in, each with the reason.
    pub exceptions: Vec<(String, String)>,
}

/// The people of a SIG.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct SigPeople {
    /// Who leads it.
    pub leads: BTreeSet<Handle>,
    /// Who takes part.
    pub members: BTreeSet<Handle>,
    /// Its team on the forge, without the organization.
    pub team: Option<String>,
}

/// Who answers for a repo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Their account.
    pub handle: Handle,
    /// Where the repo is, as git has it.
    pub url: Option<String>,
}

/// The data of people cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PeopleError {
    /// There is neither form of it.
    #[error(
        "`{}` is neither a folder with `users.nix` or `sigs.nix`, nor a file with `repos` in JSON",
        .0.display()
    )]
    Unknown(PathBuf),
    /// A file is no JSON of that form.
    #[error("`{}` cannot be read: {error}", .path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Why.
        error: serde_json::Error,
    },
    /// A file of Nix has no value.
    #[error("`{}` has no value: {reason}", .path.display())]
    NoValue {
        /// The file.
        path: PathBuf,
        /// What Nix says.
        reason: String,
    },
    /// The disk refuses.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// Nix does not run.
    #[error(transparent)]
    Nix(#[from] NixError),
}

/// `repos.json` of NUR.
#[derive(Deserialize)]
struct Repos {
    repos: BTreeMap<String, Listed>,
}

/// A repo in it.
#[derive(Deserialize)]
struct Listed {
    url: Option<String>,
    #[serde(rename = "github-contact")]
    contact: Option<String>,
}

/// One membership of the Nix data.
#[derive(Deserialize)]
struct Membership {
    /// The team of its SIG; none if it is about something else.
    sig: Option<String>,
    leaders: Vec<Option<String>>,
    members: Vec<Option<String>>,
}

impl People {
    /// Reads a folder of Nix data, or a file of contacts.
    ///
    /// # Errors
    /// When it is neither, or cannot be read.
    pub fn read(path: &Path, nix: &Nix) -> Result<Self, PeopleError> {
        let is_data = |file: &str| path.join(file).is_file();
        if is_data("users.nix") || is_data("sigs.nix") {
            let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
            return Self::of_data(&path, nix);
        }
        if !path.is_file() {
            return Err(PeopleError::Unknown(path.to_owned()));
        }
        let repos: Repos =
            serde_json::from_str(&read_text(path)?).map_err(|error| PeopleError::Json {
                path: path.to_owned(),
                error,
            })?;
        Ok(Self::of_repos(repos))
    }

    fn of_repos(repos: Repos) -> Self {
        let mut people = Self {
            seen: repos.repos.len(),
            ..Self::default()
        };
        for (name, listed) in repos.repos {
            let Some(contact) = listed.contact else {
                people.leave_out(name, "it names no `github-contact`".to_owned());
                continue;
            };
            match contact.parse() {
                Ok(handle) => {
                    let url = listed.url;
                    people.contacts.insert(name, Contact { handle, url });
                }
                Err(error) => people.leave_out(name, format!("`{contact}`: {error}")),
            }
        }
        people
    }

    fn of_data(path: &Path, nix: &Nix) -> Result<Self, PeopleError> {
        let mut people = Self::default();
        let scope = format!(
            "let file = name: /. + {} + \"/${{name}}.nix\"; in
             builtins.mapAttrs (name: none: if builtins.pathExists (file name) then import (file name) else none)
               {{ users = {{ }}; sigs = {{ }}; memberships = [ ]; }}",
            nix_quote(&path.to_string_lossy())
        );
        let limits = Limits::default().allowing(path);
        let ask = |questions: &[Question]| nix.ask(&scope, questions, &limits);
        let value = |file: &str, answer: Answer| match answer {
            Answer::Value(value) => Ok(value),
            Answer::Failed(failure) => Err(PeopleError::NoValue {
                path: path.join(format!("{file}.nix")),
                reason: failure.reason,
            }),
        };
        let asked = [
            Question::new(
                "users",
                "builtins.mapAttrs (_: user: user.github or null) scope.users",
            ),
            Question::new(
                "sigs",
                "builtins.mapAttrs (_: sig: sig.github or null) scope.sigs",
            ),
            Question::new("memberships", "builtins.length scope.memberships"),
        ];
        let mut answers = ask(&asked)?.into_iter().map(|answered| answered.answer);
        let mut next = |file: &str| match answers.next() {
            Some(answer) => value(file, answer),
            None => Ok(Value::Null),
        };
        people.users(&next("users")?);
        let teams = people.teams(&next("sigs")?);
        let count = next("memberships")?.as_u64().unwrap_or(0);
        // Each by itself: one that leads nowhere must not hide the others.
        let questions = (0..count).map(|number| {
            let github = "builtins.map (user: user.github or null)";
            let one = format!(
                "let one = builtins.elemAt scope.memberships {number}; in {{
                   sig = if one ? sig then one.sig.github or null else null;
                   leaders = {github} (one.leaders or [ ]); members = {github} (one.members or [ ]); }}"
            );
            Question::new(format!("memberships[{number}]"), one)
        });
        let questions: Vec<Question> = questions.collect();
        for answered in ask(&questions)? {
            people.seen += 1;
            match answered.answer {
                Answer::Failed(failure) => people.leave_out(answered.key, failure.reason),
                Answer::Value(value) => people.membership(&answered.key, value, &teams),
            }
        }
        people.settle();
        Ok(people)
    }

    /// SIGs that a family has already keep the people that it says they have.
    pub fn leave_known(&mut self, sigs: &BTreeSet<String>) {
        let known: Vec<SigName> = self
            .sigs
            .keys()
            .filter(|sig| sigs.contains(sig.as_str()))
            .cloned()
            .collect();
        for sig in known {
            self.sigs.remove(&sig);
            let reason = "the family has a SIG of this name, and its people stay as they are";
            self.leave_out(format!("sigs.{sig}"), reason.to_owned());
        }
    }

    /// Who answers for a repo, by the name of its folder, or its own.
    #[must_use]
    pub fn contact(&self, repo: &Adopted) -> Option<&Contact> {
        let folder = repo.path.rsplit('/').next().unwrap_or_default();
        let contact = self.contacts.get(folder);
        contact.or_else(|| self.contacts.get(repo.name.as_str()))
    }

    fn leave_out(&mut self, what: String, reason: String) {
        self.exceptions.push((what, reason));
    }

    fn users(&mut self, users: &Value) {
        for (name, account) in users.as_object().into_iter().flatten() {
            self.seen += 1;
            let what = format!("users.{name}");
            match account.as_str().map(str::parse::<Handle>) {
                Some(Ok(handle)) => {
                    self.people.insert(handle, name.clone());
                }
                Some(Err(error)) => self.leave_out(what, error.to_string()),
                None => self.leave_out(what, "it has no `github` account".to_owned()),
            }
        }
    }

    /// The SIGs, by their team on the forge.
    fn teams(&mut self, sigs: &Value) -> BTreeMap<String, SigName> {
        let mut teams = BTreeMap::new();
        for (name, team) in sigs.as_object().into_iter().flatten() {
            self.seen += 1;
            match name.parse::<SigName>() {
                Ok(sig) => {
                    let team = team.as_str().map(str::to_owned);
                    if let Some(team) = &team {
                        teams.insert(team.clone(), sig.clone());
                    }
                    let people = SigPeople {
                        team,
                        ..SigPeople::default()
                    };
                    self.sigs.insert(sig, people);
                }
                Err(error) => self.leave_out(format!("sigs.{name}"), error.to_string()),
            }
        }
        teams
    }

    fn membership(&mut self, what: &str, value: Value, teams: &BTreeMap<String, SigName>) {
        let Ok(membership) = serde_json::from_value::<Membership>(value) else {
            return self.leave_out(what.to_owned(), "its accounts are no texts".to_owned());
        };
        let sig = membership.sig.and_then(|team| teams.get(&team).cloned());
        let Some(sig) = sig.and_then(|sig| self.sigs.get_mut(&sig)) else {
            return self.leave_out(what.to_owned(), "it is of no SIG".to_owned());
        };
        let handles = |accounts: Vec<Option<String>>| {
            let accounts = accounts.into_iter().flatten();
            accounts.filter_map(|account| account.parse::<Handle>().ok())
        };
        sig.leads.extend(handles(membership.leaders));
        sig.members.extend(handles(membership.members));
        let everybody = sig.leads.iter().chain(&sig.members).cloned();
        for handle in everybody.collect::<Vec<_>>() {
            let name = handle.to_string();
            self.people.entry(handle).or_insert(name);
        }
    }

    /// A SIG that nobody leads is led by its members; one without people cannot be one.
    fn settle(&mut self) {
        let mut empty = Vec::new();
        for (name, sig) in &mut self.sigs {
            if sig.leads.is_empty() {
                sig.leads = std::mem::take(&mut sig.members);
            }
            sig.members.retain(|member| !sig.leads.contains(member));
            if sig.leads.is_empty() {
                empty.push(name.clone());
            }
        }
        for name in empty {
            self.sigs.remove(&name);
            let reason = "nobody leads it, and nobody takes part".to_owned();
            self.leave_out(format!("sigs.{name}"), reason);
        }
    }

    /// The text of a manifest file for those that a family does not have yet; none if it has all.
    /// `organization` is where teams are.
    #[must_use]
    pub fn text(
        &self,
        people: &BTreeSet<String>,
        sigs: &BTreeSet<String>,
        organization: Option<&str>,
    ) -> Option<String> {
        let mut text = String::new();
        for (handle, name) in &self.people {
            if people.contains(handle.as_str()) {
                continue;
            }
            text.push_str(&format!("[people.{}]\n", key(handle.as_str())));
            if name != handle.as_str() {
                text.push_str(&format!("name = {}\n", quote::toml(name)));
            }
        }
        for (name, sig) in &self.sigs {
            if sigs.contains(name.as_str()) {
                continue;
            }
            text.push_str(&format!("\n[sigs.{}]\n", key(name.as_str())));
            let leads = list(sig.leads.iter().map(Handle::as_str));
            text.push_str(&format!("leads = [{leads}]\n"));
            if !sig.members.is_empty() {
                let members = list(sig.members.iter().map(Handle::as_str));
                text.push_str(&format!("members = [{members}]\n"));
            }
            let team = organization.zip(sig.team.as_ref());
            let team = team.map(|(organization, team)| format!("{organization}/{team}"));
            if let Some(team) = team.filter(|team| team.parse::<Team>().is_ok()) {
                text.push_str(&format!("team = {}\n", quote::toml(&team)));
            }
        }
        (!text.is_empty()).then(|| format!("# Adopted with `aux-gen adopt --people`.\n\n{text}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts_of_repos_are_people_or_said_to_be_none() {
        let text = r#"{ "repos": {
            "a": { "github-contact": "ada", "url": "https://example.org/a" },
            "b": { "url": "https://example.org/b" },
            "c": { "github-contact": "no body" } } }"#;
        let people = People::of_repos(serde_json::from_str(text).unwrap());
        assert_eq!(people.seen, 3);
        assert_eq!(people.contacts["a"].handle, *"ada");
        let left: Vec<&str> = people
            .exceptions
            .iter()
            .map(|(what, _)| what.as_str())
            .collect();
        assert_eq!(left, ["b", "c"]);
    }
}
