//! An index of about the size and the shape of Debian's, always the same.

use std::fmt::Write;

const PACKAGES: u64 = 63_000;
const TEAMS: u64 = 2_000;
const BASE: u64 = 33;
/// At most; half of it on average.
const NEEDS: u64 = 8;
/// Half of what a package needs was numbered at most so many before it.
const NEAR: u64 = 40;
/// Every so many packages there is a cycle of two.
const CIRCLES: u64 = 1_000;

/// A `Packages` file.
pub(super) fn packages() -> String {
    let mut dice = Dice(42);
    let mut text = String::new();
    for package in 0..PACKAGES {
        let team = package * TEAMS / PACKAGES;
        let mut needs: Vec<u64> = (0..dice.below(NEEDS + 1))
            .map(|number| match number % 2 {
                0 => dice.low(package + 1),
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

/// Numbers that look random (Knuth's linear congruence).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    /// Low numbers come up most, as a few libraries are what everybody needs.
    fn low(&mut self, limit: u64) -> u64 {
        (0..6).fold(limit, |limit, _| self.below(limit) + 1) - 1
    }
}
