//! The messages, as events: what is committed is published, and a client begins with the newest rows.

use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use typed_sse::{Channel, SharedSnapshot, SseEvent};
use typed_sse_axum::{LastEventId, Sse};

use crate::database::Database;

/// A row, and the event that stands for it. The ID of the row is the event's own ID.
#[derive(SseEvent)]
pub(crate) struct Message {
    #[sse(id)]
    pub(crate) id: i64,
    pub(crate) text: String,
    /// In milliseconds since 1970.
    pub(crate) at: i64,
}

/// How many rows a client begins with.
pub(crate) const SHOWN: u32 = 100;

/// How long a message may be, in characters.
pub(crate) const MAX_CHARS: usize = 500;

/// The longest message fits, even if all of it is written in escapes.
const MAX_BODY: usize = 8 << 10;

/// What all requests share.
#[derive(Clone)]
pub(crate) struct Room {
    pub(crate) channel: Channel<Message>,
    pub(crate) database: Database,
    newest: SharedSnapshot,
}

impl Room {
    pub(crate) fn new(database: Database) -> Self {
        let channel = Channel::new();
        let newest = SharedSnapshot::new({
            let (channel, database) = (channel.clone(), database.clone());
            move || {
                // First the cursor, then the rows. What is published in between comes behind the rows, unless its ID is
                // the ID of one of them.
                let cursor = channel.cursor();
                let database = database.clone();
                async move {
                    let rows = database.newest(SHOWN).await;
                    let rows =
                        rows.inspect_err(|error| tracing::error!(%error, "could not read messages"))?;
                    Ok::<_, typed_sse::BoxError>((rows, cursor))
                }
            }
        });
        Self { channel, database, newest }
    }

    pub(crate) fn router(self) -> Router {
        Router::new()
            .route("/", get(Html(include_str!("../page.html"))))
            .route("/events", get(events))
            .route("/messages", post(post_message).layer(DefaultBodyLimit::max(MAX_BODY)))
            .with_state(self)
    }
}

async fn events(State(room): State<Room>, last: LastEventId) -> impl IntoResponse {
    Sse::new(room.channel.subscribe(last).shared_snapshot(&room.newest))
}

/// What is asked for. As JSON only: a page of another site cannot send that without being allowed to.
#[derive(Deserialize)]
struct Draft {
    text: String,
}

async fn post_message(
    State(Room { channel, database, .. }): State<Room>,
    Json(Draft { text }): Json<Draft>,
) -> (StatusCode, String) {
    let length = text.chars().count();
    if text.trim().is_empty() || length > MAX_CHARS {
        let refused = format!("a message has 1 to {MAX_CHARS} characters, this one has {length}\n");
        return (StatusCode::UNPROCESSABLE_ENTITY, refused);
    }
    let publish = move |message: &Message| {
        if let Err(error) = channel.publish_now(message) {
            tracing::error!(%error, message.id, "committed, but not published");
        }
    };
    match database.insert(text, publish).await {
        Ok(id) => (StatusCode::CREATED, format!("{id}\n")),
        Err(error) => {
            tracing::error!(%error, "could not write a message");
            (StatusCode::INTERNAL_SERVER_ERROR, "the database failed: the message is not stored\n".to_owned())
        }
    }
}
