//! Several streams over one connection.

use std::time::Duration;

use bytes::Bytes;
use h2::RecvStream;
use h2::client::SendRequest;
use http::Request;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{data_lines, flood, open, publish, until};
use crate::app::Server;
use crate::client::DEADLINE;

/// Ten streams of one client, over HTTP/2 without negotiation; it cancels one, and the others go on.
pub async fn http2_streams_share_a_connection(server: Server) {
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (mut client, connection) = h2::client::handshake(stream).await.unwrap();
    let connection = tokio::spawn(connection);
    let mut streams = Vec::new();
    for _ in 0..10 {
        streams.push(Stream::open(&server, &mut client).await);
    }
    publish(&server, 1).await;
    for stream in &mut streams {
        assert_eq!(data_lines(&stream.read_until("data: 1\n\n").await), ["1"]);
    }
    drop(streams.pop());
    until(|| server.app.channel.subscribers() == 9).await;
    publish(&server, 2).await;
    for stream in &mut streams {
        assert_eq!(data_lines(&stream.read_until("data: 2\n\n").await), ["1", "2"]);
    }
    connection.abort();
    until(|| server.app.channel.subscribers() == 0).await;
}

/// A client that reads its connection but not its stream keeps the write deadline away, for as long as it likes. It
/// cannot keep the server from stopping.
pub async fn http2_stream_that_is_not_read_holds_no_stop(server: Server) {
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (mut client, connection) = h2::client::handshake(stream).await.unwrap();
    let connection = tokio::spawn(connection);
    let unread = Stream::open(&server, &mut client).await;
    let mut other = open(&server, &[]).await;
    flood(&server, &mut other, 0..64).await;
    let report = server.app.channel.drain(Duration::from_secs(3)).await;
    assert_eq!((report.ended, report.cut), (1, 1));
    server.stop().await;
    drop((unread, connection));
}

/// The body of one response.
struct Stream {
    body: RecvStream,
    text: String,
}

impl Stream {
    async fn open(server: &Server, client: &mut SendRequest<Bytes>) -> Self {
        let request = Request::get(format!("http://{}/events", server.address)).body(()).unwrap();
        let (response, _) = client.clone().ready().await.unwrap().send_request(request, true).unwrap();
        let response = timeout(DEADLINE, response).await.unwrap().unwrap();
        assert_eq!(response.status(), 200);
        for (name, value) in typed_sse_core::header::RESPONSE {
            assert_eq!(response.headers()[name], value);
        }
        let mut stream = Self { body: response.into_body(), text: String::new() };
        stream.read_until("retry: 3000\n").await;
        stream
    }

    async fn read_until(&mut self, end: &str) -> String {
        while !self.text.ends_with(end) {
            let data = timeout(DEADLINE, self.body.data()).await.unwrap().unwrap().unwrap();
            self.body.flow_control().release_capacity(data.len()).unwrap();
            self.text += std::str::from_utf8(&data).unwrap();
        }
        self.text.clone()
    }
}
