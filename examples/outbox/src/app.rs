//! The requests, and what answers them.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use sqlx::PgPool;
use typed_sse::{Start, Topics};
use typed_sse_axum::{LastEventId, LastEventIdSource, Sse};

use crate::events::Shop;
use crate::orders::{self, NewOrder, OFFICE, Placed, Rows};
use crate::page;
use crate::refused::Refused;

/// What all requests share.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) database: PgPool,
    pub(crate) topics: Topics<Shop>,
}

/// So many events are told to who comes for the first time.
const TOLD: usize = 1000;

impl App {
    pub(crate) fn router(&self) -> Router {
        Router::new()
            .route("/orders", post(place))
            .route("/orders/{order}/send", post(send))
            .route("/rows", get(rows))
            .route("/customers/{customer}/events", get(of_customer))
            .route("/office/events", get(of_office))
            // A new `EventSource` has no header `Last-Event-ID`, even if its page knows where to go on.
            .layer(Extension(LastEventIdSource::new().or_query("last_event_id")))
            .with_state(self.clone())
            .merge(page::routes())
    }

    fn stream(&self, topic: &str, last: LastEventId) -> Result<impl IntoResponse + use<>, Refused> {
        let subscription = self.topics.subscribe([topic], last).map_err(|error| {
            tracing::warn!(%error, "no stream");
            Refused::Unavailable
        })?;
        Ok(Sse::new(subscription.start(Start::Last(TOLD))).retry(Duration::from_millis(500)))
    }
}

async fn place(
    State(app): State<App>,
    Json(order): Json<NewOrder>,
) -> Result<(StatusCode, Json<Placed>), Refused> {
    Ok((StatusCode::CREATED, Json(orders::place(&app, order).await?)))
}

async fn send(State(app): State<App>, Path(order): Path<i64>) -> Result<StatusCode, Refused> {
    orders::send(&app, order).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn rows(State(app): State<App>) -> Result<Json<Rows>, Refused> {
    Ok(Json(orders::rows(&app).await?))
}

/// The example `auth` says who may read which.
async fn of_customer(
    State(app): State<App>,
    Path(customer): Path<String>,
    last: LastEventId,
) -> Result<impl IntoResponse, Refused> {
    app.stream(&orders::stream_of(&customer)?, last)
}

async fn of_office(State(app): State<App>, last: LastEventId) -> Result<impl IntoResponse, Refused> {
    app.stream(OFFICE, last)
}
