//! Console blocks of a page, and where each is run.

use std::ops::Range;

/// A console block.
#[derive(Debug)]
pub(crate) struct Block {
    /// Its lines in the page, without the fences.
    pub(crate) lines: Range<usize>,
    pub(crate) place: Place,
    /// What is run before it.
    pub(crate) before: Vec<String>,
    pub(crate) commands: Vec<Command>,
}

/// Where a block is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Where the block before it ended.
    Here,
    Empty,
    Copy,
    /// Nowhere, and the page says why.
    Nowhere,
}

/// A command and what it prints.
#[derive(Debug)]
pub(crate) struct Command {
    /// The line of the page that has it.
    pub(crate) line: usize,
    /// What is typed, which may go on in more lines.
    pub(crate) typed: String,
    pub(crate) code: i32,
    pub(crate) expected: Vec<String>,
}

/// The console blocks of a page.
pub(crate) fn blocks(page: &[&str]) -> Result<Vec<Block>, String> {
    let mut blocks = Vec::new();
    let mut comment: Option<Vec<&str>> = None;
    let mut at = 0;
    while at < page.len() {
        let line = page[at];
        if line.starts_with("<!-- run") || line.starts_with("<!-- not run") {
            let end = (at..page.len()).find(|end| page[*end].ends_with("-->"));
            let end = end.ok_or_else(|| format!("line {}: the comment does not end", at + 1))?;
            comment = Some(page[at..=end].to_vec());
            at = end + 1;
            continue;
        }
        if line != "```console" {
            if !line.is_empty() {
                comment = None;
            }
            at += 1;
            continue;
        }
        let start = at + 1;
        let end = (start..page.len()).find(|end| page[*end] == "```");
        let end = end.ok_or_else(|| format!("line {start}: the block does not end"))?;
        let comment = comment.take().ok_or_else(|| {
            format!("line {start}: a console block without `<!-- run -->` or `<!-- not run: REASON -->` before it")
        })?;
        let (place, before) = place(&comment).map_err(|why| format!("line {start}: {why}"))?;
        blocks.push(Block {
            commands: commands(page, start..end)?,
            lines: start..end,
            place,
            before,
        });
        at = end + 1;
    }
    Ok(blocks)
}

fn place(comment: &[&str]) -> Result<(Place, Vec<String>), String> {
    let first = comment[0]
        .trim_start_matches("<!-- ")
        .trim_end_matches("-->")
        .trim();
    let place = match first {
        "run" => Place::Here,
        "run in an empty folder" => Place::Empty,
        "run in a copy of this repository" => Place::Copy,
        other => match other.strip_prefix("not run: ") {
            Some(reason) if reason.len() > 10 => Place::Nowhere,
            _ => return Err(format!("`{other}` is not where a block is run")),
        },
    };
    let before = comment.get(1..).unwrap_or_default();
    let before = before.iter().filter(|line| **line != "-->");
    Ok((place, before.map(|line| (*line).to_owned()).collect()))
}

fn commands(page: &[&str], lines: Range<usize>) -> Result<Vec<Command>, String> {
    let mut commands: Vec<Command> = Vec::new();
    let mut goes_on = false;
    for at in lines {
        let line = page[at];
        if goes_on {
            let last = commands.last_mut().expect("a command goes on");
            last.typed.push('\n');
            last.typed.push_str(line);
        } else if let Some(typed) = line.strip_prefix("$ ") {
            let (_, code) = typed.split_once("# exits with ").unwrap_or(("", "0"));
            commands.push(Command {
                line: at,
                typed: typed.to_owned(),
                code: code
                    .trim()
                    .parse()
                    .map_err(|_| format!("line {}: `{code}` is no code", at + 1))?,
                expected: Vec::new(),
            });
        } else {
            let last = commands.last_mut();
            let last = last.ok_or_else(|| format!("line {}: nothing prints this", at + 1))?;
            last.expected.push(line.to_owned());
        }
        goes_on = commands
            .last()
            .is_some_and(|last| last.expected.is_empty() && line.ends_with('\\'));
    }
    Ok(commands)
}
