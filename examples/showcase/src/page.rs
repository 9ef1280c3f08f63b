//! The page, built into the binary.

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::routing::get;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

macro_rules! files {
    ($($path:literal: $kind:ident = $file:literal,)+) => {
        &[$(($path, $kind, include_str!(concat!("../page/", $file)))),+]
    };
}

/// Path, media type, content.
const FILES: &[(&str, &str, &str)] = files! {
    "/": HTML = "index.html",
    "/style.css": CSS = "style.css",
    "/app.js": JS = "app.js",
    "/channel.js": JS = "channel.js",
    "/charts.js": JS = "charts.js",
    "/dashboard.js": JS = "dashboard.js",
    "/format.js": JS = "format.js",
    "/ledger.js": JS = "ledger.js",
    "/stream.js": JS = "stream.js",
    "/tape.js": JS = "tape.js",
    "/theme.js": JS = "theme.js",
    "/view.js": JS = "view.js",
    "/favicon.svg": SVG = "favicon.svg",
    "/vendor/uPlot.iife.min.js": JS = "vendor/uPlot.iife.min.js",
    "/vendor/uPlot.min.css": CSS = "vendor/uPlot.min.css",
};

pub(crate) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    FILES.iter().fold(Router::new(), |router, &(path, kind, content)| {
        router.route(path, get(async move || ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")], content)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_that_is_named_is_served() {
        for (_, _, content) in FILES {
            for name in
                content.split(['"', '\'']).filter(|name| name.ends_with(".js") || name.ends_with(".css"))
            {
                let path = name.trim_start_matches('.');
                assert!(FILES.iter().any(|(served, ..)| *served == path || served[1..] == *path), "{name}");
            }
        }
    }
}
