//! What a server says when it does not send an event stream.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use http::HeaderMap;
use http::header::CONTENT_ENCODING;

use super::transport::Body;
use crate::error::{Error, ErrorKind};
use crate::machine::Verdict;

/// An answer that is an error, and the beginning of its body.
pub(super) struct Refusal {
    verdict: Verdict,
    body: Pin<Box<dyn Body>>,
    said: Vec<u8>,
    /// A server that says nothing more has had its time.
    pub(super) until: Instant,
}

/// The longest text that is read.
const MOST: usize = 4096;

/// For so long is it waited for.
const PATIENCE: Duration = Duration::from_secs(1);

/// So many pieces before other tasks have their turn.
const TURNS: usize = 128;

impl Refusal {
    /// Whether there may be a text that says more than the head.
    pub(super) fn is_one(verdict: &Verdict, headers: &HeaderMap) -> bool {
        let (Verdict::Later(error) | Verdict::Fail(error)) = verdict else { return false };
        // What a transport has not unpacked is no text.
        matches!(error.kind(), ErrorKind::Status(_) | ErrorKind::ContentType)
            && !headers.contains_key(CONTENT_ENCODING)
    }

    pub(super) fn new(verdict: Verdict, body: Pin<Box<dyn Body>>, now: Instant) -> Self {
        Self { verdict, body, said: Vec::new(), until: now.checked_add(PATIENCE).unwrap_or(now) }
    }

    /// Reads to the end, or to where it is enough. That the body breaks off is no news beside what the head said.
    pub(super) fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<()> {
        for _ in 0..TURNS {
            let bytes = ready!(self.body.as_mut().poll_bytes(context));
            let Some(Ok(bytes)) = bytes else { return Poll::Ready(()) };
            let left = MOST - self.said.len();
            self.said.extend_from_slice(&bytes[..bytes.len().min(left)]);
            if self.said.len() == MOST {
                return Poll::Ready(());
            }
        }
        // Pieces without a byte must not keep other tasks from running.
        context.waker().wake_by_ref();
        Poll::Pending
    }

    pub(super) fn into_verdict(self) -> Verdict {
        let said = |error: Error| error.saying(text(self.said));
        match self.verdict {
            Verdict::Later(error) => Verdict::Later(said(error)),
            Verdict::Fail(error) => Verdict::Fail(said(error)),
            other @ (Verdict::Open | Verdict::Follow(_) | Verdict::NoContent) => other,
        }
    }
}

/// Less the half of a character at the end.
fn text(mut said: Vec<u8>) -> String {
    if let Some(error) = std::str::from_utf8(&said).err().filter(|error| error.error_len().is_none()) {
        said.truncate(error.valid_up_to());
    }
    String::from_utf8_lossy(&said).into_owned()
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn a_character_that_is_cut_is_left_out() {
        assert_eq!(text("né".into()), "né");
        assert_eq!(text("né".as_bytes()[..2].into()), "n");
        assert_eq!(text(b"n\xff\xc3".to_vec()), "n\u{fffd}\u{fffd}");
    }
}
