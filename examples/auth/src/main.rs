//! Who may read which topic: sessions, short-lived tokens, and rights that can be withdrawn.
//!
//! README.md beside this package says which threat each measure answers, and what is left out on purpose.
//!
//! ```text
//! cargo run -p auth    # then open the address that it prints
//! ```

mod access;
mod admin;
mod app;
mod guard;
mod login;
mod notice;
mod page;
mod session;
mod stream;
#[cfg(test)]
mod tests;
mod token;
mod user;

use std::error::Error;
use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderValue, Uri};
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use typed_sse_axum::{Shutdown, SocketOptions};

use app::{App, Config};
use user::User;

/// `auth [ADDRESS [ORIGIN]...]`: where to listen, where browsers reach it, and which other pages may use it.
#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().init();
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:3000".to_owned());
    let listener = TcpListener::bind(&address).await.map_err(|error| {
        format!("cannot listen on `{address}`: {error}; name another, as in `127.0.0.1:3000`")
    })?;
    let mut origins = arguments.map(|text| origin(&text)).collect::<Result<Vec<HeaderValue>, _>>()?;
    if origins.is_empty() {
        origins.push(origin(&format!("http://{}", listener.local_addr()?))?);
    }
    let mut key = [0; 64];
    // A new key ends all tokens at a restart, as the sessions in memory end.
    getrandom::fill(&mut key)?;
    let _ = writeln!(io::stdout(), "{}", origins[0].to_str()?);
    let app = App::new(Config {
        origins,
        key,
        token_lifetime: Duration::from_secs(60),
        session_lifetime: Duration::from_secs(8 * 60 * 60),
        users: User::demo(),
    });
    tokio::spawn(notice::publish_demo(app.topics.clone()));
    serve(listener, &app, Shutdown::on_signal()).await?;
    Ok(())
}

/// An origin as browsers send it: one that is written otherwise would never match, and `null` is anybody's.
fn origin(text: &str) -> Result<HeaderValue, String> {
    let uri: Option<Uri> = text.parse().ok();
    let parts = uri.as_ref().and_then(|uri| Some((uri.scheme_str()?, uri.authority()?.as_str())));
    let origin = parts.filter(|(scheme, _)| ["http", "https"].contains(scheme));
    let origin = origin.map(|(scheme, host)| format!("{scheme}://{}", host.to_ascii_lowercase()));
    if origin.as_deref() != Some(text) || text.contains('@') {
        return Err(format!(
            "`{text}` is no origin: write `https://host` or `http://host:port`, and no path"
        ));
    }
    text.parse().map_err(|_| format!("`{text}` is no origin"))
}

/// Serves until it is told to stop.
async fn serve(listener: TcpListener, app: &Arc<App>, shutdown: Shutdown) -> io::Result<()> {
    // A small event must not wait for the next one, nor the server for a client that stops reading.
    let listener = listener.tap_io(|stream| SocketOptions::new().tune(stream));
    let serve = |stop| axum::serve(listener, app.router()).with_graceful_shutdown(stop);
    shutdown.drain(&app.topics).serve(serve).await
}
