//! The name of one life of a log.

use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};

/// Names one life of a log: eight lower-case letters or digits.
///
/// An ID from another life is recognised by it, and not mistaken for a place in this one.
///
/// ```
/// use typed_sse_core::store::Epoch;
///
/// let epoch = Epoch::random();
/// assert_eq!(Epoch::parse(&epoch.to_string()), Some(epoch));
/// assert_eq!(Epoch::parse("Mon 1st"), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Epoch([u8; 8]);

impl Epoch {
    #[cfg(feature = "tokio")]
    pub(crate) const LEN: usize = 8;

    /// One of 2.8 * 10^12, from the operating system's random numbers, whatever the clock says after a restart.
    #[must_use]
    pub fn random() -> Self {
        const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
        // The keys of a `RandomState` are random.
        let mut number = RandomState::new().build_hasher().finish();
        Self(std::array::from_fn(|_| {
            let digit = DIGITS[(number % 36) as usize];
            number /= 36;
            digit
        }))
    }

    /// Reads what `Display` writes, and nothing else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let epoch = text.as_bytes();
        let is_legal = epoch.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        epoch.try_into().ok().filter(|_| is_legal).map(Self)
    }

    /// What is remembered of an ID in this life where there are very many.
    #[cfg(feature = "tokio")]
    pub(crate) fn hash(self, id: &str) -> u64 {
        let mut hasher = std::hash::DefaultHasher::new();
        hasher.write(&self.0);
        hasher.write(id.as_bytes());
        hasher.finish()
    }

    #[cfg(feature = "tokio")]
    pub(crate) const fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    #[cfg(feature = "tokio")]
    pub(crate) const fn bytes(self) -> [u8; 8] {
        self.0
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.0).unwrap_or_default())
    }
}

impl fmt::Debug for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
