//! Several streams over one connection.

use std::time::Duration;

use bytes::Bytes;
use h2::RecvStream;
use h2::client::{Connection, SendRequest};
use http::Request;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::stalled::{flood_with, heap, most};
use super::{data_lines, flood, open, publish, until};
use crate::app::Server;
use crate::client::DEADLINE;

/// Ten streams of one client, over HTTP/2 without negotiation; it cancels one, and the others go on.
pub async fn http2_streams_share_a_connection(server: Server) {
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (client, connection) = h2::client::handshake(stream).await.unwrap();
    let connection = tokio::spawn(connection);
    let mut streams = Vec::new();
    for _ in 0..10 {
        streams.push(Stream::open(&server, &client).await);
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

/// `HEAD` answers the header fields, and nothing behind them.
pub async fn http2_head_request_opens_no_stream(server: Server) {
    let mut client = connect(&server).await;
    let request = Request::head(format!("http://{}/events", server.address)).body(()).unwrap();
    let (response, _) = client.send_request(request, true).unwrap();
    let response = timeout(DEADLINE, response).await.unwrap().unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut body = response.into_body();
    while let Some(data) = timeout(DEADLINE, body.data()).await.unwrap() {
        assert_eq!(data.unwrap(), "");
    }
    until(|| server.app.channel.subscribers() == 0).await;
}

/// A stream that fails has sent what came before. Each of them is a race between the task that writes and the one that
/// fails, so there are some.
pub async fn http2_error_ends_behind_whole_events(server: Server) {
    let client = connect(&server).await;
    for _ in 0..20 {
        let mut stream = Stream::request(&server, &client, "/broken").await;
        stream.read_until("data: two\n\n").await;
        assert_eq!(stream.text, "retry: 3000\ndata: one\n\ndata: two\n\n");
    }
}

/// A client that reads its connection but not its stream keeps the write deadline away, for as long as it likes. It
/// cannot keep the server from stopping.
pub async fn http2_stream_that_is_not_read_holds_no_stop(server: Server) {
    let client = connect(&server).await;
    let unread = Stream::open(&server, &client).await;
    let mut other = open(&server, &[]).await;
    flood(&server, &mut other, 0..64).await;
    let report = server.app.channel.drain(Duration::from_secs(3)).await;
    assert_eq!((report.ended, report.cut), (1, 1));
    server.stop().await;
    drop(unread);
}

/// A client that reads neither its stream nor its connection costs little beyond an idle one, too.
pub async fn http2_stalled_clients_cost_little_memory(server: Server) {
    const STALLED: usize = 100;
    let mut other = open(&server, &[]).await;
    let mut stalled = Vec::new();
    for len in [100, 1000, 60_000] {
        flood_with(&server, &mut other, len).await;
        for _ in 0..STALLED {
            stalled.push(stall(&server).await);
        }
        let before = heap();
        flood_with(&server, &mut other, len).await;
        let grown = heap().saturating_sub(before) / STALLED;
        assert!(
            grown < most(&server, len),
            "{grown} bytes for each client that does not read events of {len} bytes"
        );
    }
    assert_eq!(server.app.channel.subscribers(), 1 + stalled.len());
}

/// A stream that has begun, of a connection that is not read any more.
async fn stall(server: &Server) -> (Connection<TcpStream>, RecvStream) {
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (mut client, mut connection) = h2::client::handshake(stream).await.unwrap();
    let request = Request::get(format!("http://{}/events", server.address)).body(()).unwrap();
    let (response, _) = client.send_request(request, true).unwrap();
    let response = tokio::select! {
        _ = &mut connection => panic!("the connection ends"),
        response = response => response.unwrap(),
    };
    (connection, response.into_body())
}

/// The body of one response.
struct Stream {
    body: RecvStream,
    text: String,
}

/// A connection without negotiation, which is read for as long as the client is there.
async fn connect(server: &Server) -> SendRequest<Bytes> {
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (client, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    client.ready().await.unwrap()
}

impl Stream {
    async fn open(server: &Server, client: &SendRequest<Bytes>) -> Self {
        let mut stream = Self::request(server, client, "/events").await;
        stream.read_past("retry: 3000\n").await;
        stream
    }

    async fn request(server: &Server, client: &SendRequest<Bytes>, path: &str) -> Self {
        let request = Request::get(format!("http://{}{path}", server.address)).body(()).unwrap();
        let (response, _) = client.clone().ready().await.unwrap().send_request(request, true).unwrap();
        let response = timeout(DEADLINE, response).await.unwrap().unwrap();
        assert_eq!(response.status(), 200);
        for (name, value) in typed_sse_core::header::RESPONSE {
            assert_eq!(response.headers()[name], value);
        }
        Self { body: response.into_body(), text: String::new() }
    }

    async fn read_past(&mut self, part: &str) {
        while !self.text.contains(part) {
            self.read_data().await;
        }
    }

    async fn read_until(&mut self, end: &str) -> String {
        while !self.text.ends_with(end) {
            self.read_data().await;
        }
        self.text.clone()
    }

    async fn read_data(&mut self) {
        let data = timeout(DEADLINE, self.body.data()).await.unwrap().unwrap().unwrap();
        self.body.flow_control().release_capacity(data.len()).unwrap();
        self.text += std::str::from_utf8(&data).unwrap();
    }
}
