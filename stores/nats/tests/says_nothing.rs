//! The store says nowhere what an event holds, or with which password it connects: not in a log at any level, not in an error, not in
//! `Debug`. Of its client, one target says what comes and goes, at the level `trace`. One test alone: it hears all that the process says.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod support;

use support::{LIMIT, Server};
use typed_sse_nats::Nats;
use typed_sse_store_overheard::{Line, NAMED, Scene, Shown, UNSAID, assert_unsaid, has_heard, listen};

/// Where `async-nats` logs all of each message, and the user, but no password.
fn is_traffic(line: &Line) -> bool {
    line.target == "async_nats::connection" && line.level == "TRACE"
}

#[tokio::test]
async fn no_line_no_error_and_no_debug_has_a_secret_or_data() {
    let server = Server::with("authorization { user: us3r_name, password: s3cret-word }");
    let host = format!("127.0.0.1:{}", server.port);
    let mut shown = Shown::default();
    listen();

    for url in [format!("nats://us3r_name:wr0ng-word@{host}"), format!("nats://wr0ng-word@{host}")] {
        let builder = Nats::builder().time_limit(LIMIT);
        shown.debug(&builder);
        shown.error(&builder.connect(url).await.unwrap_err());
    }
    let store = Nats::builder()
        .time_limit(LIMIT)
        .connect(format!("nats://us3r_name:s3cret-word@{host}"))
        .await
        .unwrap();
    let mut scene = Scene::open(store).await;
    scene.publish_and_read().await;
    scene.publish_again(&mut shown).await;
    server.kill();
    scene.fail(&mut shown).await;
    server.start_again();
    scene.go_on().await;
    scene.show(&mut shown);

    shown.assert_silent();
    // They are heard: the client, and what a channel says of its store and of what is published.
    assert!(has_heard(|line| line.target == "async_nats" && line.text.contains("event: disconnected")));
    assert!(
        has_heard(|line| line.target == "typed_sse" && line.text.contains("the store cannot be reached"))
    );
    assert!(has_heard(|line| line.target == "typed_sse" && line.text.contains(NAMED[0])));
    let [password, wrong, ..] = UNSAID;
    assert_unsaid(&[password, wrong], |_| false);
    assert_unsaid(&UNSAID, is_traffic);
    // A subject has the name of its topic.
    let [topic, id] = NAMED;
    assert_unsaid(&[topic], |line| line.target == "typed_sse" || line.target.starts_with("async_nats"));
    assert_unsaid(&[id], |line| line.target == "typed_sse" || is_traffic(line));
    // Where this fails, the client says less than it did: say so in the crate's documentation.
    assert!(has_heard(|line| is_traffic(line) && line.text.contains("d4ta-of-")));
}
