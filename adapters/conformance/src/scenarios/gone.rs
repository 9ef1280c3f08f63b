//! Clients that go.

use super::{open, publish, until};
use crate::app::Server;
use crate::client::Response;

/// A client that closes its connection is gone from the channel, without an event to find out.
pub async fn a_client_that_leaves_is_unsubscribed(server: Server) {
    let response = open(&server, &[]).await;
    let witness = open(&server, &[]).await;
    assert_eq!(server.app.channel.subscribers(), 2);
    drop(response);
    is_noticed(&server, witness).await;
}

/// The same for one whose connection is reset.
pub async fn a_client_that_resets_is_unsubscribed(server: Server) {
    let response = open(&server, &[]).await;
    let witness = open(&server, &[]).await;
    response.reset();
    is_noticed(&server, witness).await;
}

/// One that closes its own side first may be served on, or not; in any case it is gone once it closes the other side.
pub async fn a_client_that_half_closes_and_leaves_is_unsubscribed(server: Server) {
    let mut response = open(&server, &[]).await;
    response.close_writing().await;
    publish(&server, 1).await;
    response.read_until_or_end("data: 1\n\n").await;
    let witness = open(&server, &[]).await;
    drop(response);
    is_noticed(&server, witness).await;
}

/// One that vanishes without a word goes by the write deadline, which begins with the keep-alive that nobody answers.
pub async fn a_client_that_vanishes_is_unsubscribed(server: Server) {
    let vanished = open(&server, &[]).await;
    let witness = open(&server, &[]).await;
    vanished.vanish();
    is_noticed(&server, witness).await;
    drop(vanished);
}

/// A client that is gone by now is noticed within two keep-alive periods. The clock is a witness that was opened just
/// before, so that its third keep-alive is about three periods away: one is for the server to do what it has to.
async fn is_noticed(server: &Server, mut witness: Response) {
    witness.read_until(&format!("{}:\n:\n:\n", witness.text())).await;
    assert_eq!(server.app.channel.subscribers(), 1);
    drop(witness);
    until(|| server.app.channel.subscribers() == 0).await;
}
