//! A position as a number, as the ID of a stream's entry, and as the text that the scripts keep.

/// So many of the low bits are the number within a millisecond.
const SEQUENCE_BITS: u32 = 20;

/// The ID of an entry of a stream.
pub(crate) fn id(position: u64) -> String {
    format!("{}-{}", position >> SEQUENCE_BITS, position & ((1 << SEQUENCE_BITS) - 1))
}

/// The position of an entry, if its ID is one.
pub(crate) fn of_id(id: &str) -> Option<u64> {
    let (ms, sequence) = id.split_once('-')?;
    let (ms, sequence) = (ms.parse::<u64>().ok()?, sequence.parse::<u64>().ok()?);
    let fits = ms < 1 << (64 - SEQUENCE_BITS) && sequence < 1 << SEQUENCE_BITS;
    fits.then_some((ms << SEQUENCE_BITS) | sequence)
}

/// Milliseconds since 1970, by the server's clock.
pub(crate) const fn ms(position: u64) -> u64 {
    position >> SEQUENCE_BITS
}

/// What the scripts keep: as texts, these have the order of the numbers.
pub(crate) fn text(position: u64) -> String {
    format!("{position:016x}")
}

pub(crate) fn of_text(text: &str) -> Option<u64> {
    u64::from_str_radix(text, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_forms() {
        for position in [0, 1, (1 << 20) - 1, 1 << 20, (1_700_000_000_000 << 20) | 7, u64::MAX] {
            assert_eq!(of_id(&id(position)), Some(position));
            assert_eq!(of_text(&text(position)), Some(position));
        }
        assert_eq!(id((1_700_000_000_000 << 20) | 7), "1700000000000-7");
        for wrong in ["", "1", "1-", "-1", "1-2-3", "17592186044416-0", "1-1048576", "$", "+"] {
            assert_eq!(of_id(wrong), None, "{wrong}");
        }
        assert!(text(9) < text(10));
    }
}
