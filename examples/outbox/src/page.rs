//! The page, built into the binary.

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::response::Html;
use axum::routing::get;

/// The page and its scripts, the last of which is the client that is generated from `Shop`.
pub(crate) fn routes() -> Router {
    let script = |text: &'static str| get(([(CONTENT_TYPE, "text/javascript; charset=utf-8")], text));
    Router::new()
        .route("/", get(Html(include_str!("../page/index.html"))))
        .route("/app.js", script(include_str!("../page/app.js")))
        .route("/told.js", script(include_str!("../page/told.js")))
        .route("/shop.js", script(include_str!("../page/shop.js")))
}
