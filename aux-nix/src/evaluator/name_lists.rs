//! Names handed to Nix on its command line, in parts that fit there.
//!
//! Linux takes no argument of more than 128 KiB (`MAX_ARG_STRLEN`), whatever all of
//! them may have together, and pure evaluation reads no file that a flake does not have.

use crate::language::quote;

/// Bytes of one list. The rest of the argument is a small function.
const LONGEST: usize = 96 << 10;

/// Names as Nix lists, each with the names in it; one empty list if there are none.
pub fn name_lists<'n>(names: impl IntoIterator<Item = &'n str>) -> Vec<NameList<'n>> {
    let mut lists = vec![NameList::default()];
    for name in names {
        let quoted = quote(name);
        let is_full = |list: &NameList<'_>| {
            !list.names.is_empty() && list.nix.len() + quoted.len() + " ".len() > LONGEST
        };
        if lists.last().is_none_or(is_full) {
            lists.push(NameList::default());
        }
        if let Some(list) = lists.last_mut() {
            list.nix.push_str(&quoted);
            list.nix.push(' ');
            list.names.push(name);
        }
    }
    lists
}

/// Some names.
#[derive(Debug, Default)]
pub struct NameList<'n> {
    pub names: Vec<&'n str>,
    /// Quoted, with a space behind each: what goes between the brackets of a list.
    pub nix: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_of_long_names_fit_into_arguments() {
        for (count, length) in [
            (0, 1),
            (1, 200_000),
            (6_000, 20),
            (6_000, 200),
            (60_000, 60),
        ] {
            let names: Vec<String> = (0..count)
                .map(|number| format!("{number}{}", "x".repeat(length - 1)))
                .collect();
            let lists = name_lists(names.iter().map(String::as_str));
            let again: Vec<&str> = lists.iter().flat_map(|list| list.names.clone()).collect();
            assert_eq!(again, names);
            for list in &lists {
                // A single name longer than an argument is no attribute of anybody.
                assert!(list.nix.len() <= LONGEST || list.names.len() == 1);
            }
            let needed = count * (length + 7) / LONGEST + 1;
            assert!(lists.len() <= needed * 2, "{} for {needed}", lists.len());
        }
    }
}
