//! What is logged.

use std::cell::RefCell;
use std::io::{self, Write};

use super::browser::Browser;
use super::{TOKEN_LIFETIME, alice, app};

thread_local! {
    /// What was logged on the thread of a test. A subscriber of one thread alone is not told of callsites that another
    /// thread came to first.
    static LINES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.with_borrow_mut(|lines| lines.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn no_line_holds_a_token_a_cookie_or_a_password() {
    tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(|| Lines).init();

    let app = app();
    let alice = alice(&app).await;
    let token = alice.token(&["orders"]).await.unwrap();
    let (claims, mac) = token.split_once('.').unwrap();
    let client = Browser::anonymous(&app);
    // One that is good, one with a last event ID that is not, one that is forged, one that has run out.
    let mut stream = client.open(&format!("token={token}")).await.unwrap();
    assert!(client.open(&format!("token={token}&last_event_id=%00")).await.is_ok());
    assert!(client.open(&format!("token={claims}.{claims}")).await.is_err());
    stream.read_to_end().await;
    tokio::time::advance(TOKEN_LIFETIME).await;
    assert!(client.open(&format!("token={token}")).await.is_err());

    let text = String::from_utf8(LINES.take()).unwrap();
    for line in ["logged in", "path=\"/login\"", "path=\"/token\"", "malformed last event ID"] {
        assert!(text.contains(line), "nothing was captured of {line}: {text}");
    }
    assert_eq!(text.matches("path=\"/events\"").count(), 4, "{text}");
    let secret = alice.cookie.strip_prefix("session=").unwrap();
    for secret in [claims, mac, secret, "looking-glass"] {
        assert!(!text.contains(secret), "{text}");
    }
}
