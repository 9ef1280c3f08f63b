//! The store says nowhere what an event holds, or with which password it connects: not in a log at any level, not in an error, not in
//! `Debug`; and its client logs nothing. One test alone: it hears all that the process says.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod support;

use support::{DURABLE, LIMIT, Server};
use typed_sse_core::Channel;
use typed_sse_redis::Redis;
use typed_sse_store_overheard::{NAMED, Scene, Secret, Shown, UNSAID, assert_unsaid, has_heard, listen};

#[tokio::test]
async fn no_line_no_error_and_no_debug_has_a_secret_or_data() {
    let user = ["--user", "us3r_name", "on", ">s3cret-word", "~*", "&*", "+@all"];
    let server = Server::start(&[&DURABLE[..], &user].concat());
    let host = format!("127.0.0.1:{}", server.port);
    let mut shown = Shown::default();
    listen();

    let builder = Redis::builder().time_limit(LIMIT);
    shown.debug(&builder);
    for url in [format!("redis://us3r_name:wr0ng-word@{host}"), format!("redis://:wr0ng-word@{host}")] {
        shown.error(&builder.clone().connect(url).await.unwrap_err());
    }
    let store = builder.connect(format!("redis://us3r_name:s3cret-word@{host}")).await.unwrap();
    let mut scene = Scene::open(store.clone()).await;
    scene.publish_and_read().await;
    scene.publish_again(&mut shown).await;
    // What the server says of a script that fails, where another program has left something else.
    let torn = Channel::<Secret>::builder().store(store.clone(), "torn").open().await.unwrap();
    torn.publish(&Secret(1)).await.unwrap();
    server.cli(&["SET", "{torn}:keys:", "r0w-of-0"]);
    shown.error(&torn.publish(&Secret(2)).await.unwrap_err());
    // What it says that has no room, and of a user who may not.
    server.cli(&["CONFIG", "SET", "maxmemory", "1"]);
    shown.error(&scene.events.publish(&Secret(200)).await.unwrap_err());
    server.cli(&["CONFIG", "SET", "maxmemory", "0"]);
    server.cli(&["ACL", "SETUSER", "us3r_name", "-@stream"]);
    shown.error(&scene.events.publish(&Secret(201)).await.unwrap_err());
    server.cli(&["ACL", "SETUSER", "us3r_name", "+@all"]);
    server.kill();
    scene.fail(&mut shown).await;
    server.start_again();
    scene.go_on().await;
    scene.show(&mut shown);

    shown.assert_silent();
    // What a channel says of its store and of what is published is heard.
    assert!(
        has_heard(|line| line.target == "typed_sse" && line.text.contains("the store cannot be reached"))
    );
    assert!(has_heard(|line| line.target == "typed_sse" && line.text.contains(NAMED[0])));
    assert_unsaid(&UNSAID, |_| false);
    assert_unsaid(&NAMED, |line| line.target == "typed_sse");
}
