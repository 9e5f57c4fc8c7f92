//! Pictures of repos in rows, with a line for each flake input. Rows are what a layered drawing needs
//! first, and tiers are rows already, so the rest is small: within a row, repos are put near those
//! that they are joined with (the barycenter rule of Sugiyama, Tagawa and Toda, 1981).

use std::collections::{BTreeMap, BTreeSet};

use aux_model::{Catalog, Repo, RepoName};
use serde::Serialize;

use crate::address;

const BOX_WIDTH: usize = 140;
const BOX_HEIGHT: usize = 36;
const GAP: usize = 24;
const ROW_GAP: usize = 64;
/// Boxes of one line; a tier of more takes several.
const IN_A_LINE: usize = 6;
/// Room for the names of tiers.
const MARGIN: usize = 130;
/// Rounds of the barycenter rule; more change nothing that one sees.
const ROUNDS: usize = 4;
/// More lines than this are a grey field; the repos are still there to walk to.
const MOST_LINES: usize = 400;

/// A picture, in pixels, for a template that draws it as SVG.
#[derive(Debug, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Picture {
    width: usize,
    height: usize,
    boxes: Vec<PictureBox>,
    lines: Vec<PictureLine>,
    labels: Vec<PictureLabel>,
    /// Lines that are not drawn, as there are too many.
    undrawn: usize,
}

#[derive(Debug, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
struct PictureBox {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
    text_x: usize,
    text_y: usize,
    name: String,
    /// The name as far as it fits.
    shown: String,
    href: String,
    is_centre: bool,
}

#[derive(Debug, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
struct PictureLine {
    /// The points that it goes through, as SVG has them.
    points: String,
    is_level: bool,
}

#[derive(Debug, Serialize, PartialEq, Eq)]
struct PictureLabel {
    x: usize,
    y: usize,
    text: String,
}

/// A row of repos under a label.
struct Row<'c> {
    label: String,
    repos: Vec<&'c Repo>,
}

/// All tiers, the highest on top.
pub(crate) fn of_tiers(catalog: &Catalog, root: &str) -> Picture {
    let rows = catalog.tiers().iter().rev().map(|tier| Row {
        label: tier.name.to_string(),
        repos: catalog
            .repos()
            .filter(|repo| repo.tier == tier.name)
            .collect(),
    });
    let top = &catalog.top_level().name;
    // Everything is an input of top-level, and core of everything: such lines say nothing.
    let core = &catalog.core().name;
    draw(rows.collect(), root, None, |repo| {
        let uses = repo.uses.keys();
        uses.filter(|used| repo.name != *top && *used != core)
            .collect()
    })
}

/// A repo with its neighbours: what uses it above, what it uses below.
pub(crate) fn around(catalog: &Catalog, repo: &Repo, root: &str) -> Picture {
    let top = &catalog.top_level().name;
    let users = catalog
        .repos()
        .filter(|other| other.uses.contains_key(&repo.name) && other.name != *top);
    let core = catalog.core();
    let used: BTreeSet<&RepoName> = repo.uses.keys().chain([&core.name]).collect();
    let used = catalog
        .repos()
        .filter(|other| used.contains(&other.name) && other.name != repo.name);
    let peers = catalog
        .repos()
        .filter(|other| repo.peers.contains_key(&other.name));
    let rows = vec![
        Row {
            label: "used by".to_owned(),
            repos: users.collect(),
        },
        Row {
            label: "this repo and its peers".to_owned(),
            repos: std::iter::once(repo).chain(peers).collect(),
        },
        Row {
            label: "uses".to_owned(),
            repos: used.collect(),
        },
    ];
    let name = &repo.name;
    draw(rows, root, Some(name), |other| {
        let core = (other.name == *name).then_some(&core.name);
        let uses = other.uses.keys().chain(core);
        uses.filter(|used| other.name == *name || *used == name)
            .collect()
    })
}

fn draw<'c>(
    mut rows: Vec<Row<'c>>,
    root: &str,
    centre: Option<&RepoName>,
    uses: impl Fn(&'c Repo) -> Vec<&'c RepoName>,
) -> Picture {
    rows.retain(|row| !row.repos.is_empty());
    let mut pairs: BTreeSet<(&RepoName, &RepoName)> = BTreeSet::new();
    for repo in rows.iter().flat_map(|row| &row.repos) {
        for used in uses(repo) {
            if *used != repo.name {
                pairs.insert((&repo.name, used));
            }
        }
    }
    for _ in 0..ROUNDS {
        arrange(&mut rows, &pairs);
    }
    let mut boxes = Vec::new();
    let mut labels = Vec::new();
    let mut at: BTreeMap<&RepoName, (usize, usize)> = BTreeMap::new();
    let mut lines: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut y = GAP;
    let widest = rows.iter().map(|row| row.repos.len()).max().unwrap_or(0);
    let columns = widest.clamp(1, IN_A_LINE);
    let width = MARGIN + columns * (BOX_WIDTH + GAP);
    for row in &rows {
        labels.push(PictureLabel {
            x: 4,
            y: y + BOX_HEIGHT / 2 + 4,
            text: shortened(&row.label, 18),
        });
        for line in row.repos.chunks(IN_A_LINE) {
            let used = line.len() * (BOX_WIDTH + GAP);
            let start = MARGIN + (width - MARGIN - used) / 2;
            for (place, repo) in line.iter().enumerate() {
                let x = start + place * (BOX_WIDTH + GAP);
                at.insert(&repo.name, (x, y));
                lines.entry(y).or_default().push(x);
                boxes.push(PictureBox {
                    x,
                    y,
                    width: BOX_WIDTH,
                    height: BOX_HEIGHT,
                    text_x: x + BOX_WIDTH / 2,
                    text_y: y + BOX_HEIGHT / 2 + 5,
                    shown: shortened(repo.name.as_str(), 17),
                    name: repo.name.to_string(),
                    href: format!("{root}{}", address::of_repo(repo.name.as_str())),
                    is_centre: centre == Some(&repo.name),
                });
            }
            y += BOX_HEIGHT + GAP / 2;
        }
        y += ROW_GAP - GAP / 2;
    }
    let all: Vec<PictureLine> = pairs
        .iter()
        .filter_map(|(user, used)| Some(join(*at.get(user)?, *at.get(used)?, &lines)))
        .collect();
    let undrawn = if all.len() > MOST_LINES { all.len() } else { 0 };
    Picture {
        width,
        height: y + GAP - ROW_GAP + BOX_HEIGHT / 2,
        boxes,
        lines: if undrawn > 0 { Vec::new() } else { all },
        labels,
        undrawn,
    }
}

/// From the bottom of the upper box to the top of the lower one, or from side to side in one line of
/// boxes. Boxes between the two are passed by, so that no line seems to end at one.
fn join(
    (x1, y1): (usize, usize),
    (x2, y2): (usize, usize),
    lines: &BTreeMap<usize, Vec<usize>>,
) -> PictureLine {
    let middle = BOX_WIDTH / 2;
    let half = BOX_HEIGHT / 2;
    if y1 == y2 {
        let (left, right) = (x1.min(x2), x1.max(x2));
        let y = y1 + half;
        return PictureLine {
            points: format!("{},{y} {right},{y}", left + BOX_WIDTH),
            is_level: true,
        };
    }
    let (upper, lower) = if y1 < y2 {
        ((x1, y1), (x2, y2))
    } else {
        ((x2, y2), (x1, y1))
    };
    let mut points = vec![(upper.0 + middle, upper.1 + BOX_HEIGHT)];
    for (y, boxes) in lines.range(upper.1 + 1..lower.1) {
        let last = points[points.len() - 1].0;
        let (down, all) = (y - upper.1, lower.1 - upper.1);
        let straight = (last * (all - down) + (lower.0 + middle) * down) / all;
        let x = boxes
            .iter()
            .find(|x| (**x..**x + BOX_WIDTH).contains(&straight))
            .map_or(straight, |x| {
                let (left, right) = (x.saturating_sub(GAP / 2), x + BOX_WIDTH + GAP / 2);
                if straight - left < right - straight {
                    left
                } else {
                    right
                }
            });
        points.extend([(x, *y), (x, y + BOX_HEIGHT)]);
    }
    points.push((lower.0 + middle, lower.1));
    let points: Vec<String> = points.iter().map(|(x, y)| format!("{x},{y}")).collect();
    PictureLine {
        points: points.join(" "),
        is_level: false,
    }
}

/// One round: each row in the order of the mean places of what its repos are joined with.
fn arrange(rows: &mut [Row<'_>], pairs: &BTreeSet<(&RepoName, &RepoName)>) {
    let mut place: BTreeMap<RepoName, usize> = BTreeMap::new();
    for row in rows.iter() {
        for (number, repo) in row.repos.iter().enumerate() {
            place.insert(repo.name.clone(), number * 1000 / row.repos.len());
        }
    }
    let mut joined: BTreeMap<&RepoName, Vec<usize>> = BTreeMap::new();
    for (user, used) in pairs {
        if let (Some(one), Some(other)) = (place.get(*user), place.get(*used)) {
            joined.entry(user).or_default().push(*other);
            joined.entry(used).or_default().push(*one);
        }
    }
    for row in rows {
        row.repos.sort_by_key(|repo| {
            let near = joined.get(&repo.name);
            let mean = near.map(|near| near.iter().sum::<usize>() / near.len());
            (mean.unwrap_or(place[&repo.name]), repo.name.clone())
        });
    }
}

fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let start: String = text.chars().take(most - 1).collect();
    format!("{start}…")
}
