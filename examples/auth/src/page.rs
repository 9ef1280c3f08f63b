//! The page, built into the binary.

use axum::http::header::{CONTENT_SECURITY_POLICY, HeaderName};
use axum::response::Html;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};

const PAGE: &str = include_str!("../page.html");

pub(crate) async fn page() -> ([(HeaderName, String); 1], Html<&'static str>) {
    // Only the page's own script and style run, named by their hashes: text that is injected is not one of them.
    // `frame-ancestors`: no other page shows this one under its own buttons.
    let policy = format!(
        "default-src 'none'; script-src {}; style-src {}; img-src data:; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
        hash_of("script"),
        hash_of("style"),
    );
    ([(CONTENT_SECURITY_POLICY, policy)], Html(PAGE))
}

fn hash_of(element: &str) -> String {
    let inside = PAGE.split_once(&format!("<{element}>")).map_or("", |(_, rest)| rest);
    let inside = inside.split_once(&format!("</{element}>")).map_or("", |(inside, _)| inside);
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(inside)))
}
