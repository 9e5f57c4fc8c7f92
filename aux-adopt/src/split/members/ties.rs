//! Paths that join members of package sets with what is around them.

use std::collections::BTreeMap;

use aux_gen::disk::{DiskError, FUNCTIONS, read_text};
use aux_model::AttrName;
use aux_nix::language::paths::{PathStart, holder, is_within, parent, path_literals, resolve};
use aux_nix::language::tokens;

use rnix::SyntaxKind::{TOKEN_PATH_ABS, TOKEN_STRING_CONTENT};

use crate::relayout::Call;
use crate::split::monorepo::{Monorepo, Tie, TreeError};

/// The paths and links that lead into what a member is called from, or out of it, but for the entry that
/// calls it. `targets` has the call of each, by the folder or file that it leads to.
pub(super) fn ties(
    monorepo: &Monorepo,
    targets: &BTreeMap<&str, (&AttrName, &Call)>,
) -> Result<Vec<(AttrName, Tie)>, TreeError> {
    let holding = |path: &str| holder(targets, path).map(|((name, _), _)| *name);
    let mut folders: BTreeMap<&str, Vec<&AttrName>> = BTreeMap::new();
    for (target, (name, _)) in targets {
        folders.entry(parent(target)).or_default().push(name);
    }
    let mut ties = Vec::new();
    for file in &monorepo.files {
        let path = monorepo.root().join(file);
        let from = holding(file);
        let is_link = path.is_symlink();
        let written: Vec<Written> = if is_link {
            let target =
                std::fs::read_link(&path).map_err(|error| DiskError::read(&path, error))?;
            vec![Written {
                at: 0,
                line: 1,
                text: target.to_string_lossy().into_owned(),
                is_open: false,
            }]
        } else if file.ends_with(".nix") && path.is_file() && !monorepo.unread.contains_key(file) {
            let text = read_text(&path)?;
            let literals = path_literals(&text);
            let relative = literals
                .iter()
                .filter(|literal| literal.kind == PathStart::Relative);
            let written = relative.map(|literal| Written {
                at: literal.span.start,
                line: text[..literal.span.start].matches('\n').count() + 1,
                text: literal.text.to_owned(),
                is_open: literal.is_open,
            });
            let mut written: Vec<Written> = written.collect();
            // What is put behind a path: from the folder of the file on, or from the root.
            let mut line = 1;
            for (kind, token) in tokens(&text) {
                let behind = token
                    .strip_prefix('/')
                    .filter(|_| matches!(kind, TOKEN_STRING_CONTENT | TOKEN_PATH_ABS));
                if let Some(behind) = behind {
                    let from_root = resolve("", behind).filter(|target| holding(target).is_some());
                    let up = "../".repeat(file.matches('/').count());
                    let path = match from_root {
                        Some(_) => format!("./{up}{behind}"),
                        None => format!("./{behind}"),
                    };
                    let leads = resolve(parent(file), &path);
                    if leads.is_some_and(|target| holding(&target).is_some()) {
                        written.push(Written {
                            at: 0,
                            line,
                            text: path,
                            is_open: false,
                        });
                    }
                }
                line += token.matches('\n').count();
            }
            written
        } else {
            continue;
        };
        for written in written {
            let mut join = |name: &AttrName| ties.push((name.clone(), written.tie(file)));
            let Some(target) = resolve(parent(file), &written.text) else {
                // It leads out of the tree.
                from.into_iter().for_each(join);
                continue;
            };
            let to = holding(&target);
            // The path of its own entry goes with it.
            let is_entry = targets
                .get(target.as_str())
                .is_some_and(|(_, call)| call.file == *file && call.entry.contains(&written.at));
            if from != to && !is_entry {
                from.into_iter().chain(to).for_each(&mut join);
            }
            // Its function gets another name, which a copy of it or of its folder would have, too.
            let is_own = FUNCTIONS.iter().any(|function| {
                targets.contains_key(target.as_str())
                    || target
                        .strip_suffix(function)
                        .and_then(|folder| folder.strip_suffix('/'))
                        .is_some_and(|folder| targets.contains_key(folder))
            });
            if from == to && is_own {
                from.into_iter().for_each(&mut join);
            }
            // What reads the folder that it stands in may read it, and so may what is computed.
            let read = folders.get(target.as_str()).into_iter().flatten().copied();
            let below = targets.iter().filter(|(member, _)| {
                written.is_open && is_within(member, target.trim_end_matches('/'))
            });
            let read = read.chain(below.map(|(_, (name, _))| *name));
            read.filter(|name| from != Some(*name)).for_each(join);
        }
    }
    Ok(ties)
}

/// A path as a file has it.
struct Written {
    /// The byte that it starts at.
    at: usize,
    /// 1-based.
    line: usize,
    text: String,
    is_open: bool,
}

impl Written {
    fn tie(&self, file: &str) -> Tie {
        Tie {
            place: format!("{file}:{}", self.line),
            path: self.text.clone(),
            from: None,
            to: None,
        }
    }
}
