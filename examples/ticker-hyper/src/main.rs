//! A ticker with hyper: events of an enum, resumed by their last event ID, drained before the server stops.
//! Try it: `cargo run -p ticker-hyper -- --port 3000`, then `curl -N http://127.0.0.1:3000/events`.

use std::time::{Duration, UNIX_EPOCH};
use std::{env, error::Error, future::ready, io, io::Write as _, str::FromStr};

use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{rt::TokioIo, server::graceful::GracefulShutdown};
use tokio::{net::TcpListener, time::sleep};
use typed_sse::{Channel, PublishError, SseEvent};
use typed_sse_http::{Body, LastEventIdSource, Shutdown, SocketOptions, Sse, Stop, last_event_id};

#[derive(SseEvent)]
enum Ticker {
    Tick { number: u64, at: u64 }, // `at` is in milliseconds since 1970.
    Tock { number: u64, at: u64 },
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let ticker = Channel::new();
    let port = argument("--port", 3000)?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await;
    let listener =
        listener.map_err(|error| format!("cannot listen on port {port}: {error}; try `--port 3001`"))?;
    writeln!(io::stdout(), "http://{}", listener.local_addr()?)?;
    let serve = Shutdown::on_signal().drain(&ticker).serve(|stop| serve(listener, ticker.clone(), stop));
    tokio::select! {
        served = serve => served?,
        failed = keep_ticking(&ticker, argument("--every", 100)?) => failed?,
    }
    Ok(())
}

/// Accepts connections until it has to stop, and then waits for those that are open.
async fn serve(listener: TcpListener, ticker: Channel<Ticker>, mut stop: Stop) {
    let (http, connections) = (http1::Builder::new(), GracefulShutdown::new());
    loop {
        let stream = tokio::select! {
            Ok((stream, _)) = listener.accept() => stream,
            () = &mut stop => break,
            () = sleep(Duration::from_secs(1)) => continue, // Of too many open files, some will be closed.
        };
        SocketOptions::new().tune(&stream);
        let ticker = ticker.clone();
        let service = service_fn(move |request| ready(io::Result::Ok(respond(&ticker, &request))));
        tokio::spawn(connections.watch(http.serve_connection(TokioIo::new(stream), service)));
    }
    drop(listener);
    connections.shutdown().await;
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

/// What stands behind `name` on the command line.
fn argument<T: FromStr>(name: &str, default: T) -> Result<T, String> {
    let Some(value) = env::args().skip_while(|argument| argument != name).nth(1) else { return Ok(default) };
    value.parse().map_err(|_| format!("`{name} {value}` is no number that fits: try `{name} 3000`"))
}
