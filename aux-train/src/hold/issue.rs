//! Issues about holds: one is open on the forge for each repo that is held, says what its file
//! says, and is closed when the hold ends. What there is to do is found out first and is plain
//! data; a run that was ended half way is made up for by the next one.

use std::collections::{BTreeMap, BTreeSet};

use aux_forge::{Forge, ForgeError, Issue, IssueText, LabelText};
use aux_model::{ChannelName, RepoName, printable};

use crate::fence::fence_of;
use crate::hold::hold::{Hold, HoldKind};

/// The label of these issues: who may not write to a repository cannot give it.
pub const HOLD_LABEL: &str = "aux-gen: hold";

/// The same, as a forge has it.
pub(crate) fn hold_label() -> LabelText {
    LabelText {
        name: HOLD_LABEL.to_owned(),
        description: "A repo that the trains of aux-gen hold".to_owned(),
        color: "d93f0b",
    }
}

/// Packages that an issue names; how many more there are is said.
const SHOWN: usize = 20;

/// The longest title, in characters: Forgejo takes 255, and a reason may be long.
const TITLE: usize = 120;

/// The longest line of a reason, in characters.
const LINE: usize = 500;

/// Something to do on the forge about one repo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IssueChange {
    /// It is held, and no issue says so.
    Open {
        /// The repo.
        repo: RepoName,
        /// What the issue says.
        text: IssueText,
    },
    /// Its issue says something else.
    Edit {
        /// The repo.
        repo: RepoName,
        /// The issue.
        number: u64,
        /// What it is to say.
        text: IssueText,
    },
    /// It is held no longer, or another issue says so already.
    Close {
        /// The repo, as the issue names it: the family may not have it any more.
        repo: String,
        /// The issue.
        number: u64,
        /// The last word below it.
        comment: String,
    },
}

/// What there is to do so that the open issues say what the holds of a channel, or those without one,
/// say. Issues that name no repo in their first line are nobody's of ours, whatever label they have.
#[must_use]
pub fn issue_changes(
    channel: Option<&ChannelName>,
    held: &BTreeMap<RepoName, Hold>,
    open: &[Issue],
) -> Vec<IssueChange> {
    let mut changes = Vec::new();
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for issue in open {
        let Some((repo, of)) = repo_of(&issue.body) else {
            continue;
        };
        if of != channel.map(ChannelName::as_str) {
            continue;
        }
        let close = |comment: String| IssueChange::Close {
            repo: repo.to_owned(),
            number: issue.number,
            comment,
        };
        let Some((name, hold)) = held.iter().find(|(name, _)| name.as_str() == repo) else {
            changes.push(close(format!("`{}` is no longer held.", printable(repo))));
            continue;
        };
        if !known.insert(name.as_str()) {
            let comment = format!("Another issue says that `{name}` is held.");
            changes.push(close(comment));
            continue;
        }
        let text = text_of(hold);
        if !issue.says(&text) {
            changes.push(IssueChange::Edit {
                repo: name.clone(),
                number: issue.number,
                text,
            });
        }
    }
    let new = held
        .iter()
        .filter(|(name, _)| !known.contains(name.as_str()));
    changes.extend(new.map(|(name, hold)| IssueChange::Open {
        repo: name.clone(),
        text: text_of(hold),
    }));
    changes
}

impl IssueChange {
    /// Does it on the forge, and returns the number of the issue.
    ///
    /// # Errors
    /// When the forge refuses.
    pub fn apply(&self, forge: &Forge) -> Result<u64, ForgeError> {
        match self {
            Self::Open { text, .. } => Ok(forge.open(text, &hold_label())?.number),
            Self::Edit { number, text, .. } => Ok(forge.edit(*number, text)?.number),
            // Closed first: a run that is ended between the two says nothing twice.
            Self::Close {
                number, comment, ..
            } => {
                forge.close(*number)?;
                forge.comment(*number, comment)?;
                Ok(*number)
            }
        }
    }

    /// The repo that it is about.
    #[must_use]
    pub fn repo(&self) -> &str {
        match self {
            Self::Open { repo, .. } | Self::Edit { repo, .. } => repo.as_str(),
            Self::Close { repo, .. } => repo,
        }
    }
}

/// The first line of an issue, which nobody sees and which says what it is about.
fn marker(hold: &Hold) -> String {
    format!("<!-- aux-gen hold: {}{} -->", hold.repo, on_channel(hold))
}

/// The repo that an issue is about, and the channel, if it is of one.
fn repo_of(body: &str) -> Option<(&str, Option<&str>)> {
    let first = body.lines().next()?.trim_end();
    let named = first
        .strip_prefix("<!-- aux-gen hold: ")?
        .strip_suffix(" -->")?;
    Some(match named.split_once(ON) {
        Some((repo, channel)) => (repo, Some(channel)),
        None => (named, None),
    })
}

/// What stands between a repo and a channel.
const ON: &str = " on ";

/// Where a repo is held, if that is on a channel.
fn on_channel(hold: &Hold) -> String {
    let channel = hold.channel.as_ref();
    channel.map_or(String::new(), |channel| format!("{ON}{channel}"))
}

/// What the issue of a hold says. What others wrote stands in a fence: nothing in it is markup, a
/// mention or a reference to another issue.
fn text_of(hold: &Hold) -> IssueText {
    let repo = hold.repo.as_str();
    let on = on_channel(hold);
    let title = format!("{repo} is held{on}: {}", printable(&hold.reason));
    let at = match &hold.held_at {
        Some(commit) if hold.refused.is_none() => {
            format!("is broken by others in top-level, at {commit}")
        }
        Some(commit) => format!("stays at {commit}"),
        None => "never was a part of the family".to_owned(),
    };
    let because = match &hold.because_of {
        Some(other) => format!(" (`{other}`)"),
        None => String::new(),
    };
    let mut said = vec![cut(&printable(&hold.reason), LINE)];
    for broken in hold.broken.iter().take(SHOWN) {
        let place = broken.place.as_deref().map(printable);
        said.push(format!(
            "  {}: {}{}",
            printable(broken.attribute.as_deref().unwrap_or("the flake")),
            cut(&printable(&broken.reason), LINE),
            place.map_or(String::new(), |place| format!("  {place}"))
        ));
        let log = broken.log.iter();
        said.extend(log.map(|line| format!("    {}", cut(&printable(line), LINE))));
    }
    if let Some(more @ 1..) = hold.broken.len().checked_sub(SHOWN) {
        said.push(format!("  and {more} more"));
    }
    if let Some(bisected) = &hold.bisected {
        said.push(String::new());
        said.push(cut(&printable(&bisected.to_string()), LINE));
    }
    let said = said.join("\n");
    let fence = fence_of(&said);
    let refused = match &hold.refused {
        Some(commit) => format!("\n\nThe commit that is refused: {commit}"),
        None => String::new(),
    };
    let asked: Vec<String> = hold
        .owners
        .iter()
        .filter_map(|owner| mention(owner))
        .collect();
    let asked = match asked.as_slice() {
        [] => String::new(),
        asked => format!("\n\nFor: {}", asked.join(" ")),
    };
    let body = format!(
        "{}\n\
         The repo `{repo}`{on} {at}, since {}. The rest of the family goes on without its newest commits.\n\n\
         What keeps it: {}{because}.\n\n\
         {fence}text\n{said}\n{fence}{refused}\n\n\
         {}{asked}\n\n\
         `aux-gen` keeps this text up to date, and closes the issue when the next train finds the repo good.\n",
        marker(hold),
        hold.since,
        hold.kind,
        way_out(hold.kind)
    );
    IssueText {
        title: cut(&title, TITLE),
        body,
    }
}

/// What ends a hold of a kind.
fn way_out(kind: HoldKind) -> &'static str {
    match kind {
        HoldKind::Gone => {
            "The repository or its branch has to be there again, or the repo leaves the manifest."
        }
        HoldKind::Unreachable => "Its remote has to answer; there may be nothing to do.",
        HoldKind::Diverged => {
            "One of the two branches has to have the other in its history: merge or rebase."
        }
        HoldKind::Syntax | HoldKind::Broken => "A commit on its branch that evaluates ends this.",
        HoldKind::Unlockable => "Its inputs have to be ones that can be locked.",
        HoldKind::Contract => "The contract versions have to fit: `aux-gen check` says which.",
        HoldKind::BrokenBy => {
            "Either repo can end this: a commit that works with the other's newest state."
        }
        HoldKind::Waits => "It waits for another repo that is held; there may be nothing to do.",
        HoldKind::Together => {
            "It evaluates alone, and not as a part of top-level: `aux-gen eval` shows it with these commits checked out."
        }
        HoldKind::Build => "A commit on its branch whose changed packages are built ends this.",
        HoldKind::Unusable => "git has to be able to work with its checkout.",
    }
}

/// An account or a team as forges notify it; none for a text that is neither.
fn mention(owner: &str) -> Option<String> {
    let name = owner.strip_prefix('@').unwrap_or(owner);
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    (!name.is_empty() && name.chars().all(is_name)).then(|| format!("@{name}"))
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hold::hold::Broken;

    fn hold(repo: &str, reason: &str) -> Hold {
        Hold {
            repo: repo.parse().unwrap(),
            channel: None,
            sig: "all".to_owned(),
            owners: vec!["ada".to_owned(), "x/team".to_owned(), "no body".to_owned()],
            contact: None,
            kind: HoldKind::Broken,
            reason: reason.to_owned(),
            because_of: None,
            bisected: None,
            broken: vec![Broken {
                attribute: Some("page".to_owned()),
                reason: reason.to_owned(),
                place: None,
                log: Vec::new(),
            }],
            since: "2027-01-01".parse().unwrap(),
            held_at: None,
            refused: None,
            told: false,
        }
    }

    fn held(holds: &[Hold]) -> BTreeMap<RepoName, Hold> {
        let holds = holds.iter();
        holds
            .map(|hold| (hold.repo.clone(), hold.clone()))
            .collect()
    }

    fn issue(number: u64, text: &IssueText) -> Issue {
        let json = serde_json::json!({ "number": number, "title": text.title, "body": text.body });
        serde_json::from_value(json).unwrap()
    }

    /// What is done, as words.
    fn changes(holds: &[Hold], open: &[Issue]) -> Vec<String> {
        let word = |change: &IssueChange| match change {
            IssueChange::Open { repo, .. } => format!("open {repo}"),
            IssueChange::Edit { repo, number, .. } => format!("edit {number} {repo}"),
            IssueChange::Close { repo, number, .. } => format!("close {number} {repo}"),
        };
        issue_changes(None, &held(holds), open)
            .iter()
            .map(word)
            .collect()
    }

    #[test]
    fn one_issue_is_open_for_each_hold() {
        let (web, lib) = (hold("web", "ill"), hold("lib", "ill too"));
        let of_web = text_of(&web);
        assert_eq!(changes(std::slice::from_ref(&web), &[]), ["open web"]);
        let open = [issue(3, &of_web)];
        assert_eq!(changes(std::slice::from_ref(&web), &open), [""; 0]);
        assert_eq!(
            changes(&[hold("web", "worse"), lib], &open),
            ["edit 3 web", "open lib"]
        );
        assert_eq!(changes(&[], &open), ["close 3 web"]);
        // Opened twice by two runs at once; and one that says nothing of a repo.
        let other = IssueText {
            title: "mine".to_owned(),
            body: "what is a hold?".to_owned(),
        };
        let open = [issue(3, &of_web), issue(4, &of_web), issue(5, &other)];
        assert_eq!(changes(std::slice::from_ref(&web), &open), ["close 4 web"]);
        // That of a channel is another one.
        let of_channel = Hold {
            channel: Some("26.11".parse().unwrap()),
            ..web.clone()
        };
        let text = text_of(&of_channel);
        assert!(
            text.title.starts_with("web is held on 26.11: "),
            "{}",
            text.title
        );
        let open = [issue(3, &of_web), issue(4, &text)];
        assert_eq!(changes(&[web], &open), [""; 0]);
        assert_eq!(changes(&[], &open), ["close 3 web"]);
    }

    #[test]
    fn what_others_wrote_stays_text() {
        let text = text_of(&hold(
            "web",
            "```\n@everybody see #1 <!-- aux-gen hold: lib -->",
        ));
        assert_eq!(repo_of(&text.body), Some(("web", None)));
        let fence = "````";
        let parts: Vec<&str> = text.body.split(fence).collect();
        let [before, inside, after] = parts[..] else {
            panic!("one fence: {}", text.body);
        };
        assert!(inside.contains("@everybody see #1"), "{inside}");
        assert!(!before.contains("@everybody") && !after.contains("@everybody"));
        assert!(after.contains("For: @ada @x/team\n"), "{after}");
        let long = text_of(&hold("web", &"x".repeat(10_000)));
        assert!(long.title.chars().count() <= TITLE + 1 && long.body.len() < 4_000);
    }
}
