//! People, SIGs and repos.

use aux_model::semver::VersionReq;
use aux_model::{Handle, RepoName, SigName, Team, TierName};
use toml_edit::{Array, InlineTable, Item, Table, Value, value};

use crate::documents::{Change, item_mut};
use crate::editor::{Editor, entries, section};
use crate::error::EditError;
use crate::lists::push;
use crate::style::{Entry, array, needs_lines, put, put_inline, take};

/// A SIG to add, with the repo it runs.
#[derive(Debug, Clone, PartialEq)]
pub struct NewSig {
    /// The SIG's name.
    pub sig: SigName,
    /// The repo's name.
    pub repo: RepoName,
    /// The repo's tier.
    pub tier: TierName,
    /// Who leads it; at least one.
    pub leads: Vec<Handle>,
    /// Who else takes part.
    pub members: Vec<Handle>,
    /// The team on the forge that is asked for reviews in place of the leads.
    pub team: Option<Team>,
    /// Where the SIG is reached.
    pub contact: Option<String>,
    /// Those of the leads and members that no manifest file defines yet.
    pub new_people: Vec<Handle>,
    /// What the SIG is for.
    pub description: Option<String>,
    /// Repos that become flake inputs.
    pub uses: Vec<(RepoName, VersionReq)>,
    /// Repos that are met in a common package set only, such as that of top-level.
    pub peers: Vec<RepoName>,
}

/// A repo to add.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRepo {
    /// Its name.
    pub repo: RepoName,
    /// The SIG that runs it.
    pub sig: SigName,
    /// Its tier.
    pub tier: TierName,
    /// What it is for.
    pub description: Option<String>,
    /// Repos that become flake inputs.
    pub uses: Vec<(RepoName, VersionReq)>,
    /// Repos that are met in a common package set only.
    pub peers: Vec<RepoName>,
}

impl NewRepo {
    /// A repo of a SIG on a tier that uses nothing.
    #[must_use]
    pub fn new(repo: RepoName, sig: SigName, tier: TierName) -> Self {
        Self {
            repo,
            sig,
            tier,
            description: None,
            uses: Vec::new(),
            peers: Vec::new(),
        }
    }
}

impl Editor {
    /// Adds a SIG, its repo and its new people to the end of a file, which is made if it was
    /// not opened. The root's `include` has to have it: [`check`](Self::check) says so.
    ///
    /// # Errors
    /// When nobody leads the SIG, or a name is taken in any file.
    pub fn add_sig(&mut self, file: &str, new: &NewSig) -> Result<(), EditError> {
        if new.leads.is_empty() {
            return Err(EditError::NoLead(new.sig.to_string()));
        }
        let before = self.documents.clone();
        let added = self.add_sig_in(file, new);
        if added.is_err() {
            self.documents = before;
        }
        added
    }

    fn add_sig_in(&mut self, file: &str, new: &NewSig) -> Result<(), EditError> {
        for handle in &new.new_people {
            self.add_person(file, handle)?;
        }
        let mut sig = Table::new();
        if let Some(description) = &new.description {
            sig.insert("description", value(description));
        }
        sig.insert("leads", value(array(new.leads.iter().map(Handle::as_str))));
        if let Some(team) = &new.team {
            sig.insert("team", value(team.to_string()));
        }
        if !new.members.is_empty() {
            let members = new.members.iter().map(Handle::as_str);
            sig.insert("members", value(array(members)));
        }
        if let Some(contact) = &new.contact {
            sig.insert("contact", value(contact));
        }
        self.add_table(file, "sigs", new.sig.as_str(), sig)?;
        self.add_repo(
            file,
            &NewRepo {
                repo: new.repo.clone(),
                sig: new.sig.clone(),
                tier: new.tier.clone(),
                description: None,
                uses: new.uses.clone(),
                peers: new.peers.clone(),
            },
        )
    }

    /// Adds a SIG that runs no repo, and its new people, to the end of a file.
    ///
    /// # Errors
    /// When nobody leads the SIG, or a name is taken in any file.
    pub fn add_sig_alone(
        &mut self,
        file: &str,
        name: &SigName,
        leads: &[Handle],
        new_people: &[Handle],
    ) -> Result<(), EditError> {
        if leads.is_empty() {
            return Err(EditError::NoLead(name.to_string()));
        }
        self.as_a_whole(|editor| {
            for handle in new_people {
                editor.add_person(file, handle)?;
            }
            let mut sig = Table::new();
            sig.insert("leads", value(array(leads.iter().map(Handle::as_str))));
            editor.add_table(file, "sigs", name.as_str(), sig)
        })
    }

    /// Adds somebody to the members of a SIG. One who is there stays.
    ///
    /// # Errors
    /// When no file defines the SIG.
    pub fn add_member(&mut self, sig: &SigName, member: &Handle) -> Result<(), EditError> {
        let missing = || EditError::Missing(format!("sigs.{sig}"));
        let path = ["sigs", sig.as_str()];
        let file = self.documents.with(&path).ok_or_else(missing)?;
        let change = Change {
            paths: vec![vec!["sigs", sig.as_str(), "members"]],
            removes: false,
        };
        self.documents.edit(&file, &change, |root| {
            let table = item_mut(root, &path).ok_or_else(missing)?;
            let is_new = entries(table, "sigs")?
                .get("members")
                .is_none_or(Item::is_none);
            if let Some(inline) = table.as_inline_table_mut().filter(|_| is_new) {
                put_inline(inline, "members", Array::new().into());
            }
            let members = entries(table, "sigs")?
                .entry("members")
                .or_insert(value(Array::new()))
                .as_array_mut()
                .ok_or_else(|| EditError::NotATable(format!("sigs.{sig}.members")))?;
            if !members
                .iter()
                .any(|known| known.as_str() == Some(member.as_str()))
            {
                push(members, member.as_str());
            }
            Ok(())
        })
    }

    /// Adds somebody to the end of a file, which is made if it was not opened.
    ///
    /// # Errors
    /// When any file defines them already.
    pub fn add_person(&mut self, file: &str, handle: &Handle) -> Result<(), EditError> {
        self.add_table(file, "people", handle.as_str(), Table::new())
    }

    /// Adds a repo to the end of a file, which is made if it was not opened.
    ///
    /// # Errors
    /// When any file defines it already.
    pub fn add_repo(&mut self, file: &str, new: &NewRepo) -> Result<(), EditError> {
        let mut repo = Table::new();
        repo.insert("sig", value(new.sig.as_str()));
        repo.insert("tier", value(new.tier.as_str()));
        if let Some(description) = &new.description {
            repo.insert("description", value(description));
        }
        repo.insert("contract", value("1.0.0"));
        let mut uses = InlineTable::new();
        for (name, requirement) in &new.uses {
            uses.insert(name.as_str(), Value::from(requirement.to_string()));
        }
        repo.insert("uses", value(uses));
        if !new.peers.is_empty() {
            repo.insert(
                "peers",
                value(array(new.peers.iter().map(RepoName::as_str))),
            );
        }
        self.add_table(file, "repos", new.repo.as_str(), repo)
    }

    /// Takes a repo away, with all that is written in its table and beside it. What others say
    /// of it stays: [`check`](Self::check) names that.
    ///
    /// # Errors
    /// When no file defines it.
    pub fn remove_repo(&mut self, repo: &RepoName) -> Result<(), EditError> {
        self.remove_table("repos", repo.as_str())
            .map_err(|error| match error {
                EditError::Missing(_) => EditError::NoRepo(repo.clone()),
                error => error,
            })
    }

    /// Takes a SIG away; its repos stay.
    ///
    /// # Errors
    /// When no file defines it.
    pub fn remove_sig(&mut self, sig: &SigName) -> Result<(), EditError> {
        self.remove_table("sigs", sig.as_str())
    }

    /// Takes somebody away; what they lead and maintain still names them.
    ///
    /// # Errors
    /// When no file defines them.
    pub fn remove_person(&mut self, handle: &Handle) -> Result<(), EditError> {
        self.remove_table("people", handle.as_str())
    }

    /// Sets what a repo or SIG is for, or takes it away: `repos` or `sigs`, and the name.
    fn describe(
        &mut self,
        (kind, name): (&str, &str),
        description: Option<&str>,
    ) -> Result<(), EditError> {
        let missing = || EditError::Missing(format!("{kind}.{name}"));
        let file = self.documents.with(&[kind, name]).ok_or_else(missing)?;
        let change = Change {
            paths: vec![vec![kind, name, "description"]],
            removes: description.is_none(),
        };
        self.documents.edit(&file, &change, |root| {
            let item = item_mut(root, &[kind, name]).ok_or_else(missing)?;
            crate::style::set_text(item, "description", description)
        })
    }

    /// Sets what a repo is for, or takes that away.
    ///
    /// # Errors
    /// When no file defines it.
    pub fn describe_repo(
        &mut self,
        repo: &RepoName,
        description: Option<&str>,
    ) -> Result<(), EditError> {
        self.describe(("repos", repo.as_str()), description)
    }

    /// Sets what a SIG is for, or takes that away.
    ///
    /// # Errors
    /// When no file defines it.
    pub fn describe_sig(
        &mut self,
        sig: &SigName,
        description: Option<&str>,
    ) -> Result<(), EditError> {
        self.describe(("sigs", sig.as_str()), description)
    }

    /// Adds a table `[KIND.NAME]` to the end of a file, in the style of its neighbours.
    fn add_table(
        &mut self,
        file: &str,
        kind: &str,
        name: &str,
        mut table: Table,
    ) -> Result<(), EditError> {
        if self.documents.with(&[kind, name]).is_some() {
            return Err(EditError::Exists(format!("{kind}.{name}")));
        }
        self.documents.make(file);
        let change = Change {
            paths: vec![vec![kind, name]],
            removes: false,
        };
        table.decor_mut().set_prefix("\n");
        self.documents.edit(file, &change, |root| {
            if !root.contains_key(kind) {
                let mut parent = Table::new();
                parent.set_implicit(true);
                root.insert(kind, Item::Table(parent));
            }
            let not_a_table = || EditError::NotATable(kind.to_owned());
            let parent = root.get_mut(kind).ok_or_else(not_a_table)?;
            if !parent.is_table_like() {
                return Err(not_a_table());
            }
            let entry = Entry {
                key: toml_edit::Key::new(name),
                item: Item::Table(table),
            };
            put(parent, entry);
            Ok(())
        })
    }

    pub(crate) fn remove_table(&mut self, kind: &str, name: &str) -> Result<(), EditError> {
        let missing = || EditError::Missing(format!("{kind}.{name}"));
        let file = self.documents.with(&[kind, name]).ok_or_else(missing)?;
        let change = Change {
            paths: vec![vec![kind, name]],
            removes: true,
        };
        self.documents.edit(&file, &change, |root| {
            let parent = root.get_mut(kind).ok_or_else(missing)?;
            take(parent, name).ok_or_else(missing)?;
            let is_bare = |table: &Table| table.is_empty() && table.is_implicit();
            if parent.as_table().is_some_and(is_bare) {
                root.remove(kind);
            }
            Ok(())
        })
    }
}

/// Puts an entry into a section of a repo. Where the section is written on one line and the entry
/// has comments, the section gets lines.
pub(crate) fn put_in_section(
    root: &mut Table,
    path: [&str; 3],
    entry: Entry,
) -> Result<(), EditError> {
    let [repos, repo, name] = path;
    let missing = || EditError::Missing(path.join("."));
    let table = item_mut(root, &[repos, repo]).ok_or_else(missing)?;
    let is_inline = section(table, name, &format!("{repos}.{repo}"))?.is_inline_table();
    if is_inline && needs_lines(&entry) {
        crate::style::expand(root, &path)?;
    }
    let found = item_mut(root, &path).ok_or_else(missing)?;
    if !found.is_table_like() {
        return Err(EditError::NotATable(path.join(".")));
    }
    put(found, entry);
    Ok(())
}
