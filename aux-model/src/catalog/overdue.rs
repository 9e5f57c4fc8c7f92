//! What somebody promised to look at by now.

use aux_names::Date;

use crate::catalog::checked::{Family, locate};
use crate::manifest::pointer::pointed;
use aux_problems::At;
use aux_problems::{Code, Problem, Problems, Severity};

impl Family {
    /// What is overdue on a day: reviews of allowed cycles, and aliases that
    /// should be gone. The catalog is as good without: nothing but a question
    /// about the day depends on the day.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// assert!(catalog.overdue("2027-06-01".parse()?).is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
        let borrowed = self.repos.values().flat_map(|repo| {
            let late = repo.borrowed.iter();
            let late = late.filter_map(|(name, borrowed)| {
                let review = borrowed.review.filter(|review| *review < today)?;
                Some((name, borrowed, review))
            });
            late.map(|(name, borrowed, review)| {
                self.late(
                    Code::BorrowedOverdue,
                    borrowed.at,
                    format!(
                        "repo `{}` borrows `{}/{name}`, and the review of that was due on {review}",
                        repo.name, borrowed.from
                    ),
                    format!(
                        "SIG `{}`: is it still so that {}? `aux-gen borrowed` says how the copy stands, `aux-gen return` takes it back; or set a new `review`",
                        repo.sig, borrowed.reason
                    ),
                )
            })
        });
        let former = self.former_overdue(today);
        pointed(
            &self.sources,
            reviews
                .chain(aliases)
                .chain(borrowed)
                .chain(former)
                .collect(),
        )
    }

    /// Former names that should be gone.
    fn former_overdue(&self, today: Date) -> Vec<Problem> {
        let mut late = Vec::new();
        let mut add = |what: String, until: Option<Date>, at: At, entry: &str| {
            if let Some(until) = until.filter(|until| *until < today) {
                late.push(self.late(
                    Code::AliasOverdue,
                    at,
                    format!("{what}, and that was to be answered for until {until}"),
                    format!("drop the entry of `{entry}`"),
                ));
            }
        };
        for repo in self.repos.values() {
            let (name, former) = (&repo.name, &repo.former);
            for (old, renamed) in &former.renamed {
                let what = format!("package `{name}/{old}` is called `{}` now", renamed.to);
                add(what, Some(renamed.until), renamed.at, "renamed");
            }
            for (old, removed) in &former.removed {
                let what = format!("package `{name}/{old}` is gone");
                add(what, removed.until, removed.at, "removed");
            }
            for (old, renamed) in &former.renamed_modules {
                let what = format!("module `{name}/{old}` is called `{}` now", renamed.to);
                add(what, Some(renamed.until), renamed.at, "renamed-modules");
            }
            for (old, module) in &former.removed_modules {
                let what = format!("module `{name}/{old}` is gone");
                let removed = &module.removed;
                add(what, removed.until, removed.at, "removed-modules");
            }
            for set in repo.sets.values() {
                for (old, renamed) in &set.former.renamed {
                    let what = format!(
                        "member `{name}/{}.{old}` is called `{}` now",
                        set.name, renamed.to
                    );
                    add(what, Some(renamed.until), renamed.at, "renamed");
                }
                for (old, removed) in &set.former.removed {
                    let what = format!("member `{name}/{}.{old}` is gone", set.name);
                    add(what, removed.until, removed.at, "removed");
                }
            }
        }
        for now in self.former.renamed() {
            let what = format!(
                "{} `{}` is called `{}` now",
                now.kind.title, now.old, now.to
            );
            let entry = format!("renamed.{}", now.kind.section);
            add(what, Some(now.until), now.at, &entry);
        }
        for (kind, old, removed) in self.former.removed() {
            let what = format!("{} `{old}` is gone", kind.title);
            add(
                what,
                removed.until,
                removed.at,
                &format!("removed.{}", kind.section),
            );
        }
        late
    }

    fn late(&self, code: Code, at: At, message: String, help: String) -> Problem {
        Problem {
            code,
            severity: Severity::Error,
            location: locate(&self.sources, at),
            message,
            help: Some(help),
            related: Vec::new(),
        }
    }
}
