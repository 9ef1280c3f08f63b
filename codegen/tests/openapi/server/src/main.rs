//! A server whose documents are read by the validators, generators and clients of others.
//!
//! `typed-sse-openapi-server serve [careless]` serves on a free port and prints its address; with a name of
//! `Careless::named`, it sends something that its documents do not say.
//! `typed-sse-openapi-server document NAME` prints a document.

mod documents;
mod events;
mod shapes;

use std::error::Error;
use std::io::{self, Write as _};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use typed_sse::{Channel, PublishError, SseEvent, Start};
use typed_sse_axum::{LastEventId, Sse};

use events::{Careless, Chat, Market};
use shapes::{Mixed, Shapes};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<_> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve"] => serve(Market::day()).await,
        ["serve", careless] => {
            let event = Careless::named(careless)
                .ok_or_else(|| format!("nothing careless is called `{careless}`"))?;
            serve(vec![event, Careless::end()]).await
        }
        ["document", name] => {
            let document =
                documents::document(name).ok_or_else(|| format!("no document is called `{name}`"))??;
            Ok(write!(io::stdout(), "{}", document.as_str())?)
        }
        _ => Err("expected `serve`, `serve NAME` or `document NAME`".into()),
    }
}

async fn serve<E: SseEvent + Send + Sync + 'static>(day: Vec<E>) -> Result<(), Box<dyn Error>> {
    let app = Router::new()
        .route("/prices/{symbol}", get(resume::<E>))
        .with_state(published(&day).await?)
        .route("/shapes", get(resume::<Shapes>))
        .with_state(published(&Shapes::all()).await?)
        .route("/mixed", get(resume::<Mixed>))
        .with_state(published(&Mixed::all()).await?)
        .route("/chat", post(chat))
        .route("/documents/{name}", get(document));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    writeln!(io::stdout(), "http://{}", listener.local_addr()?)?;
    Ok(axum::serve(listener, app).await?)
}

/// The last event of each finishes its channel: who has it is answered with 204.
async fn published<E: SseEvent>(events: &[E]) -> Result<Channel<E>, PublishError> {
    let channel = Channel::new();
    for event in events {
        channel.publish(event).await?;
    }
    Ok(channel)
}

/// All events, or what a client has not seen of them.
async fn resume<E: SseEvent + Send + Sync + 'static>(
    State(channel): State<Channel<E>>,
    last: LastEventId,
) -> impl IntoResponse {
    Sse::new(channel.subscribe(last).start(Start::Earliest))
}

async fn chat() -> Result<impl IntoResponse, StatusCode> {
    let answer = published(&Chat::answer()).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(Sse::new(answer.subscribe(None).start(Start::Earliest)))
}

async fn document(axum::extract::Path(name): axum::extract::Path<String>) -> Response {
    match documents::document(&name) {
        Some(Ok(document)) => document.as_str().to_owned().into_response(),
        Some(Err(error)) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
