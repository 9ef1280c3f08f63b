//! Pages of other origins.

use axum::body::Body;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, CONTENT_TYPE,
    ORIGIN, VARY,
};
use axum::http::{Method, Request, Response};

use super::browser::Browser;
use super::{alice, app};

const STRANGERS: [&str; 6] = [
    "https://evil.test",
    "null",
    "http://app.test",
    "https://app.test.evil.test",
    "https://app.test:444",
    "https://sub.app.test",
];

fn request(method: Method, path: &str, origin: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path).header(ORIGIN, origin)
}

fn allowed<B>(answer: &Response<B>) -> Option<&str> {
    answer.headers().get(ACCESS_CONTROL_ALLOW_ORIGIN).map(|origin| origin.to_str().unwrap())
}

/// Every answer differs by origin, so every answer must say so to caches.
fn varies<B>(answer: &Response<B>) -> bool {
    answer.headers().get_all(VARY).iter().any(|vary| vary.to_str().unwrap().to_lowercase().contains("origin"))
}

#[tokio::test(start_paused = true)]
async fn preflights_name_one_origin_or_none() {
    let app = app();
    let nobody = Browser::anonymous(&app);
    let preflight = |path, origin| {
        let request = request(Method::OPTIONS, path, origin).header(ACCESS_CONTROL_REQUEST_METHOD, "POST");
        request
            .header(ACCESS_CONTROL_REQUEST_HEADERS, "authorization,content-type")
            .body(Body::empty())
            .unwrap()
    };
    for path in ["/login", "/token", "/logout", "/admin/rights"] {
        let answer = nobody.send(preflight(path, "https://app.test")).await;
        assert!(answer.status().is_success());
        assert_eq!(allowed(&answer), Some("https://app.test"));
        assert_eq!(answer.headers()[ACCESS_CONTROL_ALLOW_CREDENTIALS], "true");
        assert!(answer.headers()[ACCESS_CONTROL_ALLOW_METHODS].to_str().unwrap().contains("POST"));
        for header in ["authorization", "content-type"] {
            assert!(answer.headers()[ACCESS_CONTROL_ALLOW_HEADERS].to_str().unwrap().contains(header));
        }
        assert!(varies(&answer));
        for origin in STRANGERS {
            let answer = nobody.send(preflight(path, origin)).await;
            assert_eq!(allowed(&answer), None, "{origin}");
            assert!(varies(&answer));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn streams_can_be_read_by_pages_of_named_origins_alone() {
    let app = app();
    let alice = alice(&app).await;
    let get = |path, origin| request(Method::GET, path, origin).body(Body::empty()).unwrap();
    // A refusal too: the page shall see its status.
    for (path, status) in
        [("/events?topics=orders", 200), ("/events?topics=payroll", 403), ("/events?token=x", 401)]
    {
        let answer = alice.send(get(path, "https://app.test")).await;
        assert_eq!(answer.status(), status);
        assert_eq!(allowed(&answer), Some("https://app.test"));
        assert_eq!(answer.headers()[ACCESS_CONTROL_ALLOW_CREDENTIALS], "true");
        assert!(varies(&answer));
        for origin in STRANGERS {
            assert_eq!(allowed(&alice.send(get(path, origin)).await), None, "{origin}");
        }
    }
    let same_origin = alice.get("/events?topics=orders").await;
    assert_eq!((same_origin.status().as_u16(), allowed(&same_origin)), (200, None));
    assert!(varies(&same_origin));
}

#[tokio::test(start_paused = true)]
async fn forged_posts_do_nothing_even_with_the_cookie() {
    let app = app();
    let alice = alice(&app).await;
    let post = |path, origin| {
        let request = request(Method::POST, path, origin).header(CONTENT_TYPE, "application/json");
        request.body(Body::from("{\"topics\":[\"orders\"]}")).unwrap()
    };
    for origin in STRANGERS {
        for path in ["/login", "/logout", "/token", "/admin/rights"] {
            assert_eq!(alice.send(post(path, origin)).await.status(), 403, "{path} from {origin}");
        }
    }
    assert_eq!(alice.get("/session").await.status(), 200, "the forged logouts did nothing");
    for origin in ["http://sse.test", "https://app.test"] {
        assert_eq!(alice.send(post("/token", origin)).await.status(), 200, "{origin}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_form_can_send_is_not_taken() {
    let app = app();
    let alice = alice(&app).await;
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        let request = Request::post("/token").header(CONTENT_TYPE, kind);
        let request = request.body(Body::from("{\"topics\":[\"orders\"]}")).unwrap();
        assert_eq!(alice.send(request).await.status(), 415, "{kind}");
    }
}
