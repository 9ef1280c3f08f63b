//! What is logged.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use tracing_subscriber::fmt::MakeWriter;

use super::browser::Browser;
use super::{TOKEN_LIFETIME, alice, app};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test(start_paused = true)]
async fn no_line_holds_a_token_a_cookie_or_a_password() {
    let lines = Lines::default();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(lines.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);

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

    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    for line in ["logged in", "path=\"/login\"", "path=\"/token\"", "malformed last event ID"] {
        assert!(text.contains(line), "nothing was captured of {line}: {text}");
    }
    assert_eq!(text.matches("path=\"/events\"").count(), 4, "{text}");
    let secret = alice.cookie.strip_prefix("session=").unwrap();
    for secret in [claims, mac, secret, "looking-glass"] {
        assert!(!text.contains(secret), "{text}");
    }
}
