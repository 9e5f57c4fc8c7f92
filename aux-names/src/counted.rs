//! Numbers of things in words.

/// "1 repo", "2 repos".
///
/// ```
/// assert_eq!(aux_names::counted(1, "repo"), "1 repo");
/// assert_eq!(aux_names::counted(0, "repo"), "0 repos");
/// ```
#[must_use]
pub fn counted(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}
