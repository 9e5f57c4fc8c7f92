//! What the files of members of package sets ask for, against the manifest.

use std::collections::BTreeMap;
use std::fmt;

use aux_gen::disk::{DiskError, Registry};
use aux_model::{AttrName, EdgeKind, Family, Member, Needed, PackageRef, PackageSet, RepoName};
use aux_nix::language::{Called, Formal, called};
use serde::{Serialize, Serializer};

use crate::scan::names::{EVERYWHERE, nearest};

/// What the files of members ask for, against what the manifest says of them.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ScannedMembers {
    /// How many files were read.
    pub read: usize,
    /// Everything that files ask for: of the set, or of the flat view.
    pub observed: Vec<MemberAsks>,
    /// What the manifest lacks.
    pub lacking: Vec<MemberAsks>,
    /// What the manifest has and no file asks for.
    pub surplus: Vec<MemberSurplus>,
    /// Names that neither the set nor a repo has.
    pub unresolved: Vec<MemberUnresolved>,
    /// Files that are no member's function.
    pub unread: Vec<MemberUnread>,
}

impl ScannedMembers {
    /// How many things somebody should look at, what the manifest lacks aside.
    pub(super) fn problems(&self) -> usize {
        self.surplus.len() + self.unresolved.len() + self.unread.len()
    }
}

/// A member of a package set, in the part that a repo has; as text REPO/SET.NAME.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MemberId {
    /// The repo.
    pub repo: RepoName,
    /// The set.
    pub set: AttrName,
    /// Its name in the set.
    pub name: AttrName,
}

impl fmt::Display for MemberId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}.{}", self.repo, self.set, self.name)
    }
}

impl Serialize for MemberId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Something that the file of a member asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MemberAsks {
    /// Who asks.
    pub member: MemberId,
    /// The name that it asks for.
    pub attribute: AttrName,
    /// Whose that is: REPO/NAME, or REPO/SET.NAME.
    pub to: String,
    /// `build`, or `optional` for an argument with a default.
    pub kind: EdgeKind,
    /// File and line.
    pub place: String,
    /// The same as a manifest says it.
    #[serde(skip)]
    pub target: PackageRef,
}

/// Something that the manifest says of a member and its file does not ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MemberSurplus {
    /// Who is said to need it.
    pub member: MemberId,
    /// Whose it is: REPO/NAME, or REPO/SET.NAME.
    pub to: String,
    /// What for, as declared.
    pub kind: EdgeKind,
    /// The file that does not ask for it.
    pub file: String,
}

/// A name that neither the set nor a repo has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MemberUnresolved {
    /// Who asks for it.
    pub member: MemberId,
    /// The name.
    pub name: String,
    /// File and line.
    pub place: String,
    /// The nearest attributes, keyed by the repo that owns them.
    pub nearest: Vec<String>,
}

/// A file that is no member's function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MemberUnread {
    /// Whose it is.
    pub member: MemberId,
    /// The file, relative to the registry.
    pub file: String,
    /// Why not.
    pub reason: String,
}

/// A set and its members of every repo.
struct Scope<'f> {
    family: &'f Family,
    set: &'f PackageSet,
    members: BTreeMap<&'f AttrName, &'f RepoName>,
    /// Whether the repo that defines it is written by hand: what else it has is for Nix to say.
    is_by_hand: bool,
}

/// Reads the file of every member that is checked out.
pub(super) fn read(registry: &Registry, family: &Family) -> Result<ScannedMembers, DiskError> {
    let mut scanned = ScannedMembers::default();
    for set in family.sets() {
        let Some(repo) = family.repo(set.repo.as_str()) else {
            continue;
        };
        let members = family.members_of(set);
        let root = family.repo(set.root().as_str());
        let scope = Scope {
            family,
            set,
            members: members.map(|(part, one)| (&one.name, &part.repo)).collect(),
            is_by_hand: root.is_some_and(|root| !root.is_generated()),
        };
        for member in set.members.values() {
            let file = format!(
                "{}/{}/package.nix",
                repo.path,
                set.directory_of(&member.name)
            );
            let mut read = |file: &str| registry.text_if_there(file);
            match called(&file, &mut read)? {
                Called::Function { file, formals } => {
                    scanned.read += 1;
                    scope.compare(member, (&file, &formals), &mut scanned);
                }
                // `check` says that it is not there.
                Called::Absent { .. } => {}
                Called::Other { why, .. } => scanned.unread.push(MemberUnread {
                    member: scope.id(member),
                    file,
                    reason: why.to_string(),
                }),
            }
        }
    }
    Ok(scanned)
}

impl Scope<'_> {
    fn id(&self, member: &Member) -> MemberId {
        MemberId {
            repo: self.set.repo.clone(),
            set: self.set.name.clone(),
            name: member.name.clone(),
        }
    }

    fn compare(
        &self,
        member: &Member,
        (file, formals): (&str, &[Formal]),
        scanned: &mut ScannedMembers,
    ) {
        for formal in formals {
            let name = formal.name.as_str();
            let is_known = EVERYWHERE.contains(&name) || self.set.argument == *name;
            if is_known || member.name == *name {
                continue;
            }
            let place = format!("{file}:{}", formal.line);
            let found = formal.name.parse().ok().and_then(|name| self.found(name));
            if let Some((attribute, needed)) = found {
                let asks = MemberAsks {
                    member: self.id(member),
                    to: self.shown(&needed),
                    kind: if formal.optional {
                        EdgeKind::Optional
                    } else {
                        EdgeKind::Build
                    },
                    place,
                    target: PackageRef {
                        repo: match &needed {
                            Needed::Member(..) => None,
                            Needed::Package(id, _) => Some(id.repo.clone()),
                        },
                        attribute: attribute.clone(),
                    },
                    attribute,
                };
                if !member.edges.iter().any(|edge| edge.to == needed) {
                    scanned.lacking.push(asks.clone());
                }
                scanned.observed.push(asks);
            } else if !formal.optional && !self.is_by_hand {
                scanned.unresolved.push(MemberUnresolved {
                    member: self.id(member),
                    name: name.to_owned(),
                    place,
                    nearest: self.nearest(name),
                });
            }
        }
        let is_asked = |needed: &Needed| {
            let name = match needed {
                Needed::Member(_, name) | Needed::Package(_, name) => name,
            };
            formals.iter().any(|formal| *name == *formal.name)
        };
        // What a set that is written by hand has may come under another name.
        let is_by_hand = |needed: &Needed| {
            let is_roots = matches!(needed, Needed::Member(repo, _) if repo == self.set.root());
            self.is_by_hand && is_roots
        };
        let needed = member.edges.iter().filter(|edge| edge.kind.is_needed());
        for edge in needed.filter(|edge| !is_asked(&edge.to) && !is_by_hand(&edge.to)) {
            scanned.surplus.push(MemberSurplus {
                member: self.id(member),
                to: self.shown(&edge.to),
                kind: edge.kind,
                file: file.to_owned(),
            });
        }
    }

    /// What a name is: a member first, whichever repo has it, and else an attribute of the flat view.
    fn found(&self, name: AttrName) -> Option<(AttrName, Needed)> {
        let needed = match self.members.get(&name) {
            Some(repo) => Needed::Member((*repo).clone(), name.clone()),
            None => {
                let found = self.family.attribute(name.as_str())?;
                Needed::Package(found.package.clone(), name.clone())
            }
        };
        Some((name, needed))
    }

    fn shown(&self, needed: &Needed) -> String {
        match needed {
            Needed::Package(id, attribute) if id.name != *attribute => {
                format!("{id} as {attribute}")
            }
            needed => needed.full_name(&self.set.name),
        }
    }

    /// Members with a name like one, and attributes.
    fn nearest(&self, name: &str) -> Vec<String> {
        let known = self.members.keys().map(|name| name.as_str());
        let member = aux_model::nearest(name, known);
        let member = member.map(|name| format!("{}.{name}", self.set.name));
        member
            .into_iter()
            .chain(nearest(self.family, name))
            .collect()
    }
}
