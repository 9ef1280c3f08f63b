//! What compresses responses.

use super::{data_lines, publish};
use crate::app::Server;
use crate::client::Client;

/// A stream is not compressed, or each event is flushed: it comes without another to push it.
pub async fn compression_holds_no_event_back(server: Server) {
    for coding in ["gzip", "br", "zstd"] {
        let header: (&str, &[u8]) = ("accept-encoding", coding.as_bytes());
        let mut response = Client::get(server.address, "/compressed", &[header]).await;
        response.read_past("retry: 3000\n").await;
        publish(&server, 1).await;
        response.read_until("data: 1\n\n").await;
        publish(&server, 2).await;
        assert_eq!(data_lines(&response.read_until("data: 2\n\n").await), ["1", "2"]);
    }
}
