//! Why a request is not answered as it was meant.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use typed_sse::{PublishError, TopicsError};

/// What a client is told. What went wrong with the database is for the log.
#[derive(Debug)]
pub(crate) enum Refused {
    NoSuchCustomer,
    NoSuchItem,
    NothingToSend,
    OutOfStock,
    Card,
    Unavailable,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, why) = match self {
            Self::NoSuchCustomer => (StatusCode::NOT_FOUND, "there is no such customer"),
            Self::NoSuchItem => (StatusCode::NOT_FOUND, "there is no such item"),
            Self::NothingToSend => (StatusCode::CONFLICT, "it is not there, or it was sent"),
            Self::OutOfStock => (StatusCode::CONFLICT, "out of stock"),
            Self::Card => (StatusCode::PAYMENT_REQUIRED, "the card was refused"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "the shop is closed for a moment"),
        };
        (status, Json(json!({ "refused": why }))).into_response()
    }
}

impl From<sqlx::Error> for Refused {
    fn from(error: sqlx::Error) -> Self {
        if error.as_database_error().and_then(|error| error.constraint()) == Some("in_stock") {
            return Self::OutOfStock;
        }
        tracing::error!(%error, "the database");
        Self::Unavailable
    }
}

impl From<PublishError> for Refused {
    fn from(error: PublishError) -> Self {
        tracing::error!(%error, "not published");
        Self::Unavailable
    }
}

impl From<TopicsError> for Refused {
    fn from(error: TopicsError) -> Self {
        tracing::error!(%error, "no such stream");
        Self::Unavailable
    }
}
