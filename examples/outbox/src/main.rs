//! A shop on Postgres: an order and the events that tell of it are one transaction.
//!
//! README.md beside this package says what there is to try.
//!
//! ```text
//! examples/outbox/postgres.sh     # a Postgres of your own, until Ctrl-C
//! cargo run -p outbox             # the shop; open the address that it prints
//! ```

mod app;
mod database;
mod events;
mod orders;
mod page;
mod refused;

use std::error::Error;
use std::io::{self, Write as _};

use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use typed_sse_axum::{Shutdown, SocketOptions};

use app::App;

/// `outbox [ADDRESS [DATABASE]]`: where to listen, and the URL of the database.
#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:3000".to_owned());
    let url = arguments.next().unwrap_or_else(|| "postgres://postgres@127.0.0.1:5440/postgres".to_owned());
    let (database, topics) = database::open(&url).await?;
    let listener = TcpListener::bind(&address)
        .await
        .map_err(|error| format!("cannot listen on `{address}`: {error}; try `127.0.0.1:3001`"))?;
    writeln!(io::stdout(), "http://{}", listener.local_addr()?)?;
    let app = App { database, topics };
    // A small event must not wait for the next one, nor the server for a client that stops reading.
    let listener = listener.tap_io(|stream| SocketOptions::new().tune(stream));
    let serve = |stop| axum::serve(listener, app.router()).with_graceful_shutdown(stop);
    Shutdown::on_signal().drain(&app.topics).serve(serve).await?;
    Ok(())
}
