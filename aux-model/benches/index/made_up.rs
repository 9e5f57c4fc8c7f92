//! An index of about the size and the shape of Debian's, always the same.

use std::fmt::Write;

use aux_test_support::dice::Dice;

const PACKAGES: usize = 63_000;
const TEAMS: usize = 2_000;
const BASE: usize = 33;
/// At most; half of it on average.
const NEEDS: usize = 8;
/// Half of what a package needs was numbered at most so many before it.
const NEAR: usize = 40;
/// Every so many packages there is a cycle of two.
const CIRCLES: usize = 1_000;

/// A `Packages` file.
pub(super) fn packages() -> String {
    let mut dice = Dice(42);
    let mut text = String::new();
    for package in 0..PACKAGES {
        let team = package * TEAMS / PACKAGES;
        let mut needs: Vec<usize> = (0..dice.below(NEEDS + 1))
            .map(|number| match number % 2 {
                0 => low(&mut dice, package + 1),
                _ => package.saturating_sub(dice.below(NEAR)),
            })
            .collect();
        match package % CIRCLES {
            0 => needs.push(package + 1),
            1 => needs.push(package - 1),
            _ => {}
        }
        let needs: Vec<String> = needs
            .into_iter()
            .filter(|needed| *needed != package)
            .map(|needed| format!("p{needed}"))
            .collect();
        let _ = writeln!(
            text,
            "Package: p{package}\nMaintainer: Team {team} <team{team}@example.org>\nPriority: {}\n\
             Depends: {}\nDescription: package {package} of team {team}\n",
            if package < BASE {
                "required"
            } else {
                "optional"
            },
            needs.join(", "),
        );
    }
    text
}

/// Low numbers come up most, as a few libraries are what everybody needs.
fn low(dice: &mut Dice, limit: usize) -> usize {
    (0..6).fold(limit, |limit, _| dice.below(limit) + 1) - 1
}
