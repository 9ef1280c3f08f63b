//! What stands before every handler: who may ask from where, what caches and referrers keep, what is logged.

use axum::Router;
use axum::extract::Request;
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderName, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use tower_http::cors::CorsLayer;

pub(crate) fn around(routes: Router, origins: Vec<HeaderValue>) -> Router {
    // Exact origins, never a wildcard or a mirror: with credentials, whoever is let in acts as the user. The layer
    // names one origin in each answer, and `Vary: Origin`, so that no cache gives it to another.
    let cors = CorsLayer::new()
        .allow_origin(origins.clone())
        .allow_credentials(true)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE, HeaderName::from_static("last-event-id")]);
    routes
        .layer(from_fn(move |request, next| same_origin(origins.clone(), request, next)))
        .layer(cors)
        .layer(from_fn(log_and_seal))
}

/// Against forged requests. `SameSite=Lax` leaves those from other hosts of the same site, and CORS stops only the reading of
/// the answer. A browser sends `Origin` with every POST; what sends none is no browser, and has no cookie to abuse.
async fn same_origin(origins: Vec<HeaderValue>, request: Request, next: Next) -> Response {
    let foreign = request.headers().get(ORIGIN).is_some_and(|origin| !origins.contains(origin));
    if foreign && !request.method().is_safe() {
        return (StatusCode::FORBIDDEN, "this origin may not").into_response();
    }
    next.run(request).await
}

async fn log_and_seal(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    // Never the whole URI: its query holds tokens.
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    tracing::info!(%method, path, status = response.status().as_u16(), "answered");
    let headers = response.headers_mut();
    // A URL with a token in it does not leave in a `Referer`, and answers that hold one are kept by nobody.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
