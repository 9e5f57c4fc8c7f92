//! Chance that is the same on every machine.

/// A number that chance gives to a name: FNV-1a, and the finalizer of `SplitMix64`
/// so that close names are far apart.
pub(in crate::split) fn chance(seed: u64, name: &str) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325 ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut hash = name.bytes().fold(start, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::chance;

    #[test]
    fn chance_is_the_same_everywhere_and_spreads() {
        assert_eq!(chance(7, "openssl"), chance(7, "openssl"));
        let mut counts = [0; 10];
        for number in 0..1000 {
            let slot = chance(1, &format!("p{number}")) % 10;
            counts[usize::try_from(slot).unwrap()] += 1;
        }
        assert!(
            counts.iter().all(|count| (60..140).contains(count)),
            "{counts:?}"
        );
    }
}
