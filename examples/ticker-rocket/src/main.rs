//! A ticker with Rocket: events of an enum, resumed by their last event ID, drained before the server stops.
//! Try it: `cargo run -p ticker-rocket -- --port 3000`, then `curl -N http://127.0.0.1:3000/events`.

use std::time::{Duration, UNIX_EPOCH};
use std::{env, error::Error, io, io::Write as _, str::FromStr};

use rocket::config::{Config, LogLevel};
use rocket::{State, fairing::AdHoc, get, routes};
use typed_sse::{Channel, PublishError, SseEvent};
use typed_sse_rocket::{LastEventId, LastEventIdSource, SocketOptions, Sse, drain, tune};

#[derive(SseEvent)]
enum Ticker {
    Tick { number: u64, at: u64 }, // `at` is in milliseconds since 1970.
    Tock { number: u64, at: u64 },
}

#[rocket::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let ticker = Channel::new();
    let port = argument("--port", 3000)?;
    let rocket = rocket::custom(Config { port, log_level: LogLevel::Critical, ..Config::default() })
        .manage(ticker.clone())
        .manage(LastEventIdSource::new().or_query("last_event_id"))
        .mount("/", routes![events])
        // A client that stops reading, or vanishes without a word, is given up.
        .attach(tune(SocketOptions::new()))
        .attach(AdHoc::on_liftoff("say where", |rocket| {
            let _ = writeln!(io::stdout(), "http://127.0.0.1:{}", rocket.config().port);
            Box::pin(async {})
        }))
        // At Ctrl-C, or at what a service manager sends.
        .attach(drain(&ticker));
    tokio::select! {
        served = rocket.launch() => drop(served?),
        failed = keep_ticking(&ticker, argument("--every", 100)?) => failed?,
    }
    Ok(())
}

#[get("/events")]
fn events(ticker: &State<Channel<Ticker>>, last: LastEventId) -> Sse {
    Sse::new(ticker.subscribe(last))
}

async fn keep_ticking(ticker: &Channel<Ticker>, every: u64) -> Result<(), PublishError> {
    for number in 1.. {
        tokio::time::sleep(Duration::from_millis(every)).await;
        let at = UNIX_EPOCH.elapsed().unwrap_or_default().as_millis() as u64;
        let event = if number % 2 == 1 { Ticker::Tick { number, at } } else { Ticker::Tock { number, at } };
        ticker.publish(&event).await?;
    }
    Ok(())
}

/// What stands behind `name` on the command line.
fn argument<T: FromStr>(name: &str, default: T) -> Result<T, String> {
    let Some(value) = env::args().skip_while(|argument| argument != name).nth(1) else { return Ok(default) };
    value.parse().map_err(|_| format!("`{name} {value}` is no number that fits: try `{name} 3000`"))
}
