//! A chat room whose events are rows of a database. A client begins with the newest rows, then gets every new one.
//!
//! README.md beside this package says what happens when a client, or the server, comes back.
//!
//! ```text
//! cargo run -p history    # then open the address that it prints
//! ```

mod database;
mod events;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::io::{self, Write as _};
use std::path::Path;

use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use typed_sse_axum::{Shutdown, SocketOptions};

use database::Database;
use events::Room;

/// `history [ADDRESS [FILE]]`: where to listen, and the file of the database.
#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().init();
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:3000".to_owned());
    let file = arguments.next().unwrap_or_else(|| "history.db".to_owned());
    let database = Database::open(Path::new(&file))
        .map_err(|error| format!("cannot open the database `{file}`: {error}"))?;
    let listener = TcpListener::bind(&address)
        .await
        .map_err(|error| format!("cannot listen on `{address}`: {error}; try `127.0.0.1:3001`"))?;
    writeln!(io::stdout(), "http://{}", listener.local_addr()?)?;
    let room = Room::new(database.clone());
    // A small event must not wait for the next one, nor the server for a client that stops reading.
    let listener = listener.tap_io(|stream| SocketOptions::new().tune(stream));
    Shutdown::on_signal()
        .drain(&room.channel)
        .serve(|stop| axum::serve(listener, room.router()).with_graceful_shutdown(stop))
        .await?;
    tracing::info!(reads = database.reads(), "stopped");
    Ok(())
}
