//! What somebody promised to look at by now.

use crate::catalog::checked::Catalog;
use crate::date::Date;
use crate::problem::{Code, Problem, Problems, Severity};
use crate::source::At;

impl Catalog {
    /// What is overdue on a day: reviews of allowed cycles, and aliases that
    /// should be gone. The catalog is as good without: nothing but a question
    /// about the day depends on the day.
    #[must_use]
    pub fn overdue(&self, today: Date) -> Problems {
        let reviews = self
            .policy
            .allowed
            .iter()
            .filter(|allowed| allowed.review < today);
        let reviews = reviews.map(|allowed| {
            let (first, second) = &allowed.repos;
            self.late(
                Code::ReviewOverdue,
                allowed.at,
                format!(
                    "repos `{first}` and `{second}` may use each other, and the review of that was due on {}",
                    allowed.review
                ),
                format!(
                    "SIG `{}`: is it still so that {}? set a new `review`, or drop the pair",
                    allowed.owner, allowed.reason
                ),
            )
        });
        let aliases = self.repos.values().flat_map(|repo| {
            let late = repo.moved.iter().filter(|(_, moved)| moved.until < today);
            late.map(|(name, moved)| {
                self.late(
                    Code::AliasOverdue,
                    moved.at,
                    format!(
                        "package `{name}` went from repo `{}` to `{}`, and its alias was to be removed on {}",
                        repo.name, moved.to, moved.until
                    ),
                    "drop the entry of `moved`".to_owned(),
                )
            })
        });
        Problems::new(reviews.chain(aliases).collect())
    }

    fn late(&self, code: Code, at: At, message: String, help: String) -> Problem {
        Problem {
            code,
            severity: Severity::Error,
            location: self.locate(at),
            message,
            help: Some(help),
            related: Vec::new(),
        }
    }
}
