//! What `cost` prints for people.

use std::fmt::Write;
use std::io;

use aux_output::{Costs, EvaluatedCost, EvaluationCost, ExplainedCost};
use aux_session::{BAD, DIM, NOTE, Terminal, counted, size};

/// More names than this are counted.
const FEW: usize = 8;

pub(super) fn show(output: &Costs, terminal: &Terminal) -> io::Result<()> {
    for unknown in &output.unknown {
        terminal.warn(format!("{NOTE}unknown{NOTE:#} {unknown}"));
    }
    let mut text = bytes(output);
    if output.repos.iter().any(|repo| repo.one.is_some()) {
        evaluations(&mut text, output);
    }
    if let Some(explained) = &output.explained {
        explain(&mut text, explained);
    }
    for over in &output.over {
        let _ = writeln!(text, "{BAD}over{BAD:#} {over}");
    }
    terminal.raw(&text)
}

fn bytes(output: &Costs) -> String {
    let width = output.repos.iter().map(|repo| repo.repo.len());
    let width = width.max().unwrap_or(0).max("repo".len());
    let mut text = format!(
        "{:width$}  {:>10}  {:>11}  {:>10}  {:>11}\n",
        "repo", "download", "with inputs", "in store", "with inputs"
    );
    let shown = |bytes: Option<u64>| bytes.map_or("not known".to_owned(), size);
    for repo in &output.repos {
        let _ = writeln!(
            text,
            "{:width$}  {:>10}  {:>11}  {:>10}  {:>11}",
            repo.repo,
            shown(repo.download),
            shown(repo.download_alone),
            shown(repo.store),
            shown(repo.store_alone)
        );
    }
    text
}

fn evaluations(text: &mut String, output: &Costs) {
    let mut rows: Vec<(String, &str, String)> = Vec::new();
    for repo in &output.repos {
        let sides = [("one", &repo.one), ("all", &repo.all)];
        for (which, evaluation) in sides {
            let Some(evaluation) = evaluation else {
                continue;
            };
            let what = match (which, evaluation.attributes.as_slice()) {
                ("one", [one]) => format!("{}: {one}", repo.repo),
                (_, all) => format!("{}: all {}", repo.repo, all.len()),
            };
            rows.extend(of(&what, evaluation));
        }
    }
    let width = rows.iter().map(|(what, ..)| what.len());
    let width = width.max().unwrap_or(0).max("evaluating".len());
    let system = output.system.as_deref().unwrap_or_default();
    let _ = writeln!(
        text,
        "\n{:width$}  {:17}  {:>12}  {:>10}  {:>10}  {:>7}  {:>7}",
        "evaluating", "", "thunks", "allocated", "heap", "cold", "warm"
    );
    for (what, side, figures) in rows {
        let _ = writeln!(text, "{what:width$}  {side:17}  {figures}");
    }
    let _ = writeln!(
        text,
        "{DIM}{system}; thunks are the same everywhere, times are this machine's{DIM:#}"
    );
}

/// A row for each side of an evaluation.
fn of<'e>(what: &str, evaluation: &'e EvaluationCost) -> Vec<(String, &'e str, String)> {
    let mut rows = Vec::new();
    if let Some(alone) = &evaluation.alone {
        rows.push((what.to_owned(), "alone", figures(alone)));
    }
    rows.push((
        what.to_owned(),
        "through top-level",
        figures(&evaluation.top_level),
    ));
    if let (Some(tree), Some(has)) = (&evaluation.tree, evaluation.tree_attributes) {
        let figures = match (has, evaluation.attributes.len()) {
            (0, _) => "it has none of them".to_owned(),
            (has, all) if has < all => format!("{}, for {has} of {all}", figures(tree)),
            _ => figures(tree),
        };
        rows.push((what.to_owned(), "in one tree", figures));
    }
    rows
}

fn figures(taken: &EvaluatedCost) -> String {
    let (Some(thunks), Some(allocated), Some(heap), Some(cold), Some(warm)) = (
        taken.thunks,
        taken.allocated,
        taken.heap,
        taken.cold,
        taken.warm,
    ) else {
        let reason = taken.failed.as_deref().unwrap_or_default();
        return format!("{BAD}failed{BAD:#} {reason}");
    };
    format!(
        "{thunks:>12}  {:>10}  {:>10}  {cold:>6.2}s  {warm:>6.2}s",
        size(allocated),
        size(heap)
    )
}

fn explain(text: &mut String, explained: &ExplainedCost) {
    let _ = writeln!(text, "\nlargest folders of {}", explained.repo);
    for folder in &explained.folders {
        let files = counted(folder.files, "file");
        let _ = writeln!(
            text,
            "  {:>10}  {}  {DIM}{files}{DIM:#}",
            size(folder.bytes),
            folder.path
        );
    }
    let Some(empty) = explained.empty else {
        return;
    };
    let _ = writeln!(
        text,
        "\ncostliest attributes of {}, in thunks; the set alone takes {empty}",
        explained.repo
    );
    for attribute in &explained.attributes {
        let own = attribute.thunks.saturating_sub(empty);
        let _ = writeln!(text, "  {own:>10}  {}", attribute.attribute);
    }
    let without = match explained.without_value.as_slice() {
        [] => String::new(),
        names => {
            let shown: Vec<&str> = names.iter().take(FEW).map(String::as_str).collect();
            let more = match names.len() - shown.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!("; without a value: {}{more}", shown.join(", "))
        }
    };
    let _ = writeln!(
        text,
        "{DIM}{} of {} evaluated{without}{DIM:#}",
        explained.evaluated,
        counted(explained.offered, "attribute")
    );
}
