//! Sessions.

use argon2::password_hash::phc::PasswordHash;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, SET_COOKIE, WWW_AUTHENTICATE,
};
use futures_util::{FutureExt as _, stream};
use serde_json::json;
use tokio::time::{Duration, advance, timeout};
use typed_sse::SseEvent as _;

use super::browser::Browser;
use super::{SESSION_LIFETIME, alice, app, app_at, carol, ended, publish};
use crate::access::Refused;
use crate::notice::Notice;
use crate::session::MAX_PER_USER;
use crate::user::{User, Users};

#[tokio::test(start_paused = true)]
async fn without_a_session_there_is_nothing() {
    let app = app();
    let mut nobody = Browser::anonymous(&app);
    for cookie in ["", "session=", "session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "other=x"] {
        cookie.clone_into(&mut nobody.cookie);
        assert_eq!(nobody.open("topics=news").await.unwrap_err(), 401);
        assert_eq!(nobody.token(&["news"]).await.unwrap_err(), 401);
        assert_eq!(nobody.get("/session").await.status(), 401);
        assert_eq!(nobody.post("/logout", json!({})).await.status(), 401);
        assert_eq!(nobody.set_right("alice", "news", false).await, 401);
    }
    assert!(nobody.get("/events").await.headers().contains_key(WWW_AUTHENTICATE));
    assert!(app.topics.is_empty(), "who is refused makes no topic");
}

#[tokio::test(start_paused = true)]
async fn wrong_names_and_passwords_look_the_same() {
    let nobody = Browser::anonymous(&app());
    let mut answers = Vec::new();
    for (user, password) in [("alice", "x"), ("alice", ""), ("nobody", "looking-glass"), ("", "")] {
        let answer = nobody.post("/login", json!({ "user": user, "password": password })).await;
        assert!(!answer.headers().contains_key(SET_COOKIE));
        answers.push((answer.status().as_u16(), to_bytes(answer.into_body(), 1024).await.unwrap()));
    }
    assert_eq!(answers[0].0, 401);
    answers.dedup();
    assert_eq!(answers.len(), 1);
}

#[test]
fn the_hash_of_nobody_costs_what_that_of_a_user_costs() {
    let nobody = PasswordHash::new(crate::user::NOBODY).unwrap();
    for user in User::demo() {
        let hash = PasswordHash::new(&user.password_hash).unwrap();
        assert_eq!(hash.params, nobody.params);
        assert_eq!(hash.hash.unwrap().len(), nobody.hash.unwrap().len());
    }
}

#[tokio::test]
async fn the_passwords_are_those_of_the_readme() {
    let users = Users::new(User::demo());
    for (name, password) in [("alice", "looking-glass"), ("bob", "sugar-loaf"), ("carol", "green-ledger")] {
        assert!(include_str!("../../README.md").contains(&format!("| `{name}` | `{password}` |")));
        assert_eq!(users.log_in(name, password.to_owned()).await.unwrap().admin, name == "carol");
    }
}

/// A client can leave as soon as it has sent a password.
#[tokio::test]
async fn a_login_keeps_its_turn_until_its_hash_is_done() {
    let users = Users::new(User::demo());
    let started = users.log_in("alice", "wrong".to_owned()).now_or_never();
    assert!(started.is_none(), "it has been left while it is hashed");
    assert_eq!(users.turns.available_permits(), 1);
    let _all = timeout(Duration::from_secs(60), users.turns.acquire_many(2)).await.unwrap().unwrap();
}

#[tokio::test]
async fn more_logins_than_there_are_places_for_are_refused() {
    let users = Users::new(User::demo());
    let places = users.places.available_permits();
    let mut logins: Vec<_> = (0..=places).map(|_| Box::pin(users.log_in("alice", String::new()))).collect();
    let refused = logins.iter_mut().filter_map(|login| login.now_or_never());
    assert_eq!(refused.filter(|login| matches!(login, Err(Refused::Unavailable))).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_user_has_so_many_sessions_and_the_oldest_goes() {
    let app = app();
    let carol = carol(&app).await;
    let mut sessions = Vec::new();
    for _ in 0..=MAX_PER_USER {
        sessions.push(alice(&app).await);
        advance(Duration::from_secs(1)).await;
    }
    let mut answers = Vec::new();
    for session in &sessions {
        answers.push(session.get("/session").await.status().as_u16());
    }
    assert_eq!(answers.remove(0), 401);
    assert_eq!(answers, [200; MAX_PER_USER]);
    assert_eq!(carol.get("/session").await.status(), 200, "hers is older, and not of that user");
}

#[tokio::test(start_paused = true)]
async fn the_cookie_is_for_this_host_and_no_script() {
    for (origin, name, end) in [
        ("http://sse.test", "session=", "; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax"),
        ("https://sse.test", "__Host-session=", "; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax; Secure"),
    ] {
        let app = app_at(origin);
        let login = json!({ "user": "alice", "password": "looking-glass" });
        let answer = Browser::anonymous(&app).post("/login", login).await;
        let cookie = answer.headers()[SET_COOKIE].to_str().unwrap();
        let secret = cookie.strip_prefix(name).unwrap().strip_suffix(end).unwrap();
        assert_eq!(secret.len(), 43, "256 bits");
        assert_eq!(alice(&app).await.get("/session").await.status(), 200);
    }
}

#[tokio::test(start_paused = true)]
async fn each_login_has_a_new_secret_and_ends_the_session_before() {
    let app = app();
    let mut before = alice(&app).await;
    let secret = before.cookie.clone();
    let mut stream = before.open("topics=orders").await.unwrap();
    let login = json!({ "user": "alice", "password": "looking-glass" });
    let answer = before.post("/login", login).await;
    let after = answer.headers()[SET_COOKIE].to_str().unwrap().split_once(';').unwrap().0.to_owned();
    assert_ne!(secret, after);
    assert!(stream.read_to_end().await.ends_with(&ended("logged_out")));
    assert_eq!(before.get("/session").await.status(), 401);
    before.cookie = after;
    assert_eq!(before.get("/session").await.status(), 200);
}

#[tokio::test(start_paused = true)]
async fn a_session_runs_out_with_its_streams() {
    let app = app();
    let alice = alice(&app).await;
    let mut stream = alice.open("topics=orders").await.unwrap();
    publish(&app, "orders", 1).await;
    stream.read_number(1).await;
    let start = tokio::time::Instant::now();
    assert!(stream.read_to_end().await.ends_with(&ended("expired")));
    assert_eq!(start.elapsed(), SESSION_LIFETIME);
    assert_eq!(alice.get("/session").await.status(), 401);
}

#[tokio::test(start_paused = true)]
async fn a_token_does_not_outlive_its_session() {
    let app = app();
    let alice = alice(&app).await;
    advance(SESSION_LIFETIME - Duration::from_secs(10)).await;
    let token = alice.token(&["orders"]).await.unwrap();
    let mut stream = alice.open(&format!("token={token}")).await.unwrap();
    let start = tokio::time::Instant::now();
    assert!(stream.read_to_end().await.ends_with(&ended("expired")));
    assert_eq!(start.elapsed(), Duration::from_secs(10));
}

#[tokio::test(start_paused = true)]
async fn rights_are_changed_by_admins_alone() {
    let app = app();
    let alice = alice(&app).await;
    assert_eq!(alice.set_right("alice", "payroll", true).await, 403);
    assert_eq!(alice.open("topics=payroll").await.unwrap_err(), 403);
    let carol = carol(&app).await;
    assert_eq!(carol.set_right("nobody", "news", true).await, 404);
    assert_eq!(carol.set_right("alice", "no-such-topic", true).await, 404);
    assert_eq!(carol.set_right("alice", "payroll", true).await, 204);
    assert!(alice.open("topics=payroll").await.is_ok());
}

/// The head comes while the admin is logged in, the body when that is over.
#[tokio::test(start_paused = true)]
async fn a_right_is_not_changed_by_a_body_that_comes_after_the_logout() {
    let app = app();
    let (alice, carol) = (alice(&app).await, carol(&app).await);
    let (body, ended) = tokio::sync::oneshot::channel::<&str>();
    let change = stream::once(async { ended.await.map(Bytes::from) });
    let request = Request::post("/admin/rights").header(CONTENT_TYPE, "application/json");
    let request = carol.send(request.body(Body::from_stream(change)).unwrap());
    let logout = async {
        carol.post("/logout", json!({})).await;
        body.send(r#"{"user":"alice","topic":"payroll","allowed":true}"#).unwrap();
    };
    let (answer, ()) = tokio::join!(request, logout);
    assert_eq!(answer.status(), 401);
    assert_eq!(alice.open("topics=payroll").await.unwrap_err(), 403);
}

#[test]
fn an_origin_is_written_as_browsers_send_it() {
    for text in ["http://127.0.0.1:3000", "https://sse.example", "http://[::1]:80"] {
        assert_eq!(crate::origin(text).unwrap(), text);
    }
    for text in [
        "https://sse.example/",
        "https://SSE.example",
        "sse.example",
        "null",
        "*",
        "",
        "ftp://x",
        "https://a@b",
    ] {
        let error = crate::origin(text).unwrap_err();
        assert!(error.starts_with(&format!("`{text}` is no origin: write")), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_login_of_megabytes_is_refused() {
    let login = json!({ "user": "alice", "password": "x".repeat(1 << 20) });
    assert_eq!(Browser::anonymous(&app()).post("/login", login).await.status(), 413);
}

#[tokio::test(start_paused = true)]
async fn the_page_runs_its_own_scripts_alone() {
    let app = app();
    let answer = Browser::anonymous(&app).send(Request::get("/").body(Body::empty()).unwrap()).await;
    let policy = answer.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
    assert_eq!(answer.headers()[REFERRER_POLICY], "no-referrer");
    assert_eq!(answer.headers()[CACHE_CONTROL], "no-store");
    assert!(!policy.contains("unsafe"));
    let page = String::from_utf8(to_bytes(answer.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap();
    // No script stands in the page itself, and none from there would run.
    assert_eq!((page.matches("<script").count(), page.matches("<style").count()), (1, 1));
    assert!(
        page.contains("<script type=\"module\" src=\"app.js\"></script>")
            && policy.contains("script-src 'self';")
    );
    assert_eq!(policy.matches("'sha256-").count(), 1);
    assert!(!policy.contains("47DEQpj8HBSa"), "the hash of nothing");
    let script = Browser::anonymous(&app).get("/app.js").await;
    assert_eq!(script.headers()[CONTENT_TYPE], "text/javascript; charset=utf-8");
    let script = String::from_utf8(to_bytes(script.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap();
    for spec in Notice::EVENTS {
        assert!(script.contains(&format!("\"{}\"", spec.event_type())), "the page does not know {spec:?}");
    }
}
