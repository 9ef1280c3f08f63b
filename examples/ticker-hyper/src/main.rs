//! A ticker with hyper: events of an enum, resumed by their last event ID, drained before the server stops.
//! Try it: `cargo run -p ticker-hyper -- --port 3000`, then `curl -N http://127.0.0.1:3000/events`.

use std::time::{Duration, UNIX_EPOCH};
use std::{env, error::Error, future::pending, future::ready, io, io::Write as _, pin::pin, str::FromStr};

use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{rt::TokioIo, server::graceful::GracefulShutdown};
use tokio::{net::TcpListener, signal, time::sleep, time::timeout};
use typed_sse::{Channel, PublishError, SseEvent};
use typed_sse_http::{Body, LastEventIdSource, SocketOptions, Sse, last_event_id};

#[derive(SseEvent)]
enum Ticker {
    Tick { number: u64, at: u64 }, // `at` is in milliseconds since 1970.
    Tock { number: u64, at: u64 },
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let ticker = Channel::new();
    let listener = TcpListener::bind(("127.0.0.1", argument("--port", 3000)?)).await?;
    writeln!(io::stdout(), "http://{}", listener.local_addr()?)?;
    let (http, connections) = (http1::Builder::new(), GracefulShutdown::new());
    let mut running = pin!(keep_ticking(&ticker, argument("--every", 100)?));
    let mut drained = pin!(drained(ticker.clone()));
    loop {
        let stream = tokio::select! {
            Ok((stream, _)) = listener.accept() => stream,
            failed = &mut running => return Ok(failed?),
            () = &mut drained => break,
            () = sleep(Duration::from_secs(1)) => continue, // Of too many open files, some will be closed.
        };
        SocketOptions::new().tune(&stream);
        let ticker = ticker.clone();
        let service = service_fn(move |request| ready(io::Result::Ok(respond(&ticker, &request))));
        tokio::spawn(connections.watch(http.serve_connection(TokioIo::new(stream), service)));
    }
    drop(listener);
    let _ = timeout(Duration::from_secs(2), connections.shutdown()).await; // Some client may hardly read.
    Ok(())
}

fn respond(ticker: &Channel<Ticker>, request: &Request<Incoming>) -> Response<Body> {
    let source = LastEventIdSource::new().or_query("last_event_id");
    let last = last_event_id(&source, request.headers(), request.uri());
    let events = (request.uri().path() == "/events").then(|| Sse::new(ticker.subscribe(last)));
    events.unwrap_or(Sse::stop()).method(request.method()).into_response()
}

async fn keep_ticking(ticker: &Channel<Ticker>, every: u64) -> Result<(), PublishError> {
    for number in 1.. {
        sleep(Duration::from_millis(every)).await;
        let at = UNIX_EPOCH.elapsed().unwrap_or_default().as_millis() as u64;
        let event = if number % 2 == 1 { Ticker::Tick { number, at } } else { Ticker::Tock { number, at } };
        ticker.publish(&event).await?;
    }
    Ok(())
}

/// Waits for Ctrl-C, or for what a service manager sends, and ends all streams: the server would wait for them.
async fn drained(ticker: Channel<Ticker>) {
    #[cfg(unix)]
    let terminate = async { signal::unix::signal(signal::unix::SignalKind::terminate()).ok()?.recv().await };
    #[cfg(not(unix))]
    let terminate = pending::<Option<()>>();
    tokio::select! {
        Ok(()) = signal::ctrl_c() => {}
        Some(()) = terminate => {}
        else => pending().await,
    }
    ticker.drain(Duration::from_secs(2)).await;
}

/// What stands behind `name` on the command line.
fn argument<T: FromStr>(name: &str, default: T) -> Result<T, String> {
    let Some(value) = env::args().skip_while(|argument| argument != name).nth(1) else { return Ok(default) };
    value.parse().map_err(|_| format!("`{name} {value}` is no number that fits: try `{name} 3000`"))
}
