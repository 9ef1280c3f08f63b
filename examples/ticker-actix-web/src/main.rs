//! A ticker with actix-web: events of an enum, resumed by their last event ID, drained before the server stops.
//! Try it: `cargo run -p ticker-actix-web -- --port 3000`, then `curl -N http://127.0.0.1:3000/events`.

use std::net::TcpListener;
use std::time::{Duration, UNIX_EPOCH};
use std::{env, error::Error, io, io::Write as _, str::FromStr};

use actix_web::{App, HttpServer, Responder, rt::net::TcpStream, web};
use typed_sse::{Channel, PublishError, SseEvent};
use typed_sse_actix_web::{LastEventId, LastEventIdSource, Shutdown, SocketOptions, Sse};

#[derive(SseEvent)]
enum Ticker {
    Tick { number: u64, at: u64 }, // `at` is in milliseconds since 1970.
    Tock { number: u64, at: u64 },
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let ticker = Channel::new();
    let data = web::Data::new(ticker.clone());
    let app = move || {
        App::new()
            .app_data(data.clone())
            .app_data(LastEventIdSource::new().or_query("last_event_id"))
            .service(web::resource("/events").route(web::get().to(events)).route(web::head().to(events)))
    };
    let port = argument("--port", 3000)?;
    let listener = TcpListener::bind(("127.0.0.1", port));
    let listener =
        listener.map_err(|error| format!("cannot listen on port {port}: {error}; try `--port 3001`"))?;
    writeln!(io::stdout(), "http://{}", listener.local_addr()?)?;
    // A small event must not wait for the next one, nor the server for a client that stops reading.
    let server = HttpServer::new(app).listen(listener)?.on_connect(|io, _| {
        io.downcast_ref::<TcpStream>().into_iter().for_each(|stream| SocketOptions::new().tune(stream));
    });
    let serve = Shutdown::on_signal().drain(&ticker).serve(|stop| server.shutdown_signal(stop).run());
    tokio::select! {
        served = serve => served?,
        failed = keep_ticking(&ticker, argument("--every", 100)?) => failed?,
    }
    Ok(())
}

async fn events(ticker: web::Data<Channel<Ticker>>, last: LastEventId) -> impl Responder {
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
