//! The page, built into the binary.

use axum::Router;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName};
use axum::response::Html;
use axum::routing::get;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};

const PAGE: &str = include_str!("../page/index.html");
const JS: &str = "text/javascript; charset=utf-8";

/// The page and its scripts, the second of which is the client that is generated from `Notice`.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/", get(page))
        .route("/app.js", get(([(CONTENT_TYPE, JS)], include_str!("../page/app.js"))))
        .route("/notice.js", get(([(CONTENT_TYPE, JS)], include_str!("../page/notice.js"))))
}

async fn page() -> ([(HeaderName, String); 1], Html<&'static str>) {
    // Scripts of this server alone run, none that stands in the page, and its own style, named by its hash: text that is injected
    // is not one of them. `frame-ancestors`: no other page shows this one under its own buttons.
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src {}; img-src data:; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
        hash_of_style(),
    );
    ([(CONTENT_SECURITY_POLICY, policy)], Html(PAGE))
}

fn hash_of_style() -> String {
    let inside = PAGE.split_once("<style>").map_or("", |(_, rest)| rest);
    let inside = inside.split_once("</style>").map_or("", |(inside, _)| inside);
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(inside)))
}
