//! The first bytes of a stream.

/// How much of a byte order mark has been seen.
#[derive(Clone, Copy)]
pub(super) enum Start {
    /// So many of its bytes match.
    Mark(usize),
    Passed,
}

const MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

impl Start {
    pub(super) const fn new() -> Self {
        Self::Mark(0)
    }

    /// "The UTF-8 decode algorithm strips one leading UTF-8 Byte Order Mark (BOM), if any." Returns what looked like one
    /// and is the beginning of a line after all.
    pub(super) fn skip_byte_order_mark(&mut self, input: &mut &[u8]) -> &'static [u8] {
        while let Self::Mark(seen) = *self {
            match input.split_first() {
                Some((byte, rest)) if *byte == MARK[seen] => {
                    *input = rest;
                    *self = if seen == 2 { Self::Passed } else { Self::Mark(seen + 1) };
                }
                Some(_) => {
                    *self = Self::Passed;
                    return &MARK[..seen];
                }
                None => break,
            }
        }
        &[]
    }
}
